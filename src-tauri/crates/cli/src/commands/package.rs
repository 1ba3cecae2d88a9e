//! `sar package`: builds, checks or opens a disclosure package.

mod open;

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use domain::sensitive::Secret;
use evidence::verify_package;
use services::api::RoleName;

use super::case;
use crate::{
    desk::DeskArgs, failure::Failure, input, interrupt, output::Output, report::Report, secret,
};

#[derive(Subcommand)]
pub(crate) enum PackageCommand {
    /// Seal the package of a case whose calls are all approved
    Build(BuildArgs),
    /// Check a package: container, digests, signature, chain of custody, proof
    Verify(VerifyArgs),
    /// Check a package, then copy its files into a folder
    Open(OpenArgs),
}

#[derive(Args)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    package: case::package::PackageArgs,
    #[command(flatten)]
    desk: DeskArgs,
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    file: FileArgs,
    /// Trust only this signer: a file with a public key, `ssh-ed25519 AAAA…`
    #[arg(long, value_name = "FILE")]
    signer: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct OpenArgs {
    #[command(flatten)]
    file: FileArgs,
    /// New or empty folder for the files
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// A package and how to open it.
#[derive(Args)]
struct FileArgs {
    /// Package, a .zip file
    #[arg(value_name = "FILE")]
    package: PathBuf,
    /// File with the passphrase [env: SAR_PASSPHRASE_FILE, or SAR_PASSPHRASE_FD for a descriptor]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl FileArgs {
    fn passphrase(&self) -> Result<Secret<String>, Failure> {
        secret::required(self.passphrase_file.as_deref())
    }

    fn subject(&self) -> String {
        format!("The package `{}`", self.package.display())
    }
}

pub(crate) fn run(command: PackageCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        PackageCommand::Build(args) => {
            let role = RoleName::CaseWorker;
            args.desk.run(role, async |app| {
                case::package::run(app, &args.package, output).await
            })
        }
        PackageCommand::Verify(args) => verify(&args, output),
        PackageCommand::Open(args) => open(&args, output),
    }
}

fn verify(args: &VerifyArgs, output: &mut Output) -> Result<(), Failure> {
    let signer = args.signer.as_deref().map(input::read_text).transpose()?;
    let passphrase = args.file.passphrase()?;
    let report = check(
        &args.file.package,
        &passphrase,
        signer.as_deref().map(str::trim),
    )?;
    report.print(output, args.file.json, &args.file.subject())
}

/// Checks a package as its recipient would.
pub(super) fn check(
    package: &Path,
    passphrase: &Secret<String>,
    signer: Option<&str>,
) -> Result<Report, Failure> {
    let file: BufReader<File> = input::open(package)?;
    Ok(Report::from(&verify_package::verify(
        file, passphrase, signer,
    )))
}

fn open(args: &OpenArgs, output: &mut Output) -> Result<(), Failure> {
    open::require_empty(&args.out)?;
    let passphrase = args.file.passphrase()?;
    let report = check(&args.file.package, &passphrase, None)?;
    if args.file.json {
        output.json(&report)?;
    }
    report.require(&args.file.subject())?;
    let (package, out) = (args.file.package.clone(), args.out.clone());
    let files =
        interrupt::run_stoppable(move |stop| open::extract(&package, &passphrase, &out, stop))?;
    if !args.file.json {
        output.line(format_args!(
            "Verified. {files} files in {}",
            args.out.display()
        ))?;
    }
    Ok(())
}
