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
use serde::Serialize;
use services::{api::RoleName, app::App};

use super::case;
use crate::{
    desk::DeskArgs, failure::Failure, input, interrupt, output::Output, report::Report, secret,
};

#[derive(Subcommand)]
pub(crate) enum PackageCommand {
    /// Seal the package of a case whose calls are all approved
    Build(BuildArgs),
    /// Check a package: container, digests, signature, signer, chain of custody, proof
    Verify(VerifyArgs),
    /// Check a package, then copy its files into a folder
    Open(OpenArgs),
    /// Show the key that signs the packages of this installation, to tell recipients
    Key(KeyArgs),
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
}

#[derive(Args)]
pub(crate) struct KeyArgs {
    #[command(flatten)]
    desk: DeskArgs,
    /// Print key and fingerprint as JSON
    #[arg(long)]
    json: bool,
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
    /// Trust only this signer: a file with the sender's public key, `ssh-ed25519 AAAA…`, got another way
    #[arg(long, value_name = "FILE", conflicts_with = "signer")]
    key: Option<PathBuf>,
    /// Trust only this signer: the fingerprint as the sender told it, `SHA256:…`
    #[arg(long, value_name = "FINGERPRINT")]
    signer: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl FileArgs {
    fn passphrase(&self) -> Result<Secret<String>, Failure> {
        secret::required(self.passphrase_file.as_deref())
    }

    /// The signer that the person who checks expects.
    fn signer(&self) -> Result<Option<String>, Failure> {
        match (&self.key, &self.signer) {
            (Some(path), _) => input::read_text(path).map(Some),
            (None, signer) => Ok(signer.clone()),
        }
    }

    fn check(&self, passphrase: &Secret<String>) -> Result<Report, Failure> {
        check(&self.package, passphrase, self.signer()?.as_deref())
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
        PackageCommand::Key(args) => args.desk.run(RoleName::Auditor, async |app| {
            key(app, args.json, output).await
        }),
    }
}

fn verify(args: &VerifyArgs, output: &mut Output) -> Result<(), Failure> {
    let report = args.file.check(&args.file.passphrase()?)?;
    report.print(output, args.file.json, &args.file.subject())
}

/// The key as scripts read it.
#[derive(Serialize)]
struct KeyLine {
    fingerprint: String,
    public_key: String,
}

async fn key(app: &App, json: bool, output: &mut Output) -> Result<(), Failure> {
    let keys = services::public_keys(app).await?;
    let line = KeyLine {
        fingerprint: keys.package_fingerprint,
        public_key: keys.package_key,
    };
    if json {
        return output.json(&line);
    }
    output.line(&line.fingerprint)?;
    output.line(&line.public_key)
}

/// Checks a package as its recipient would. `signer` is who must have signed it.
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
    let report = args.file.check(&passphrase)?;
    if args.file.json {
        output.json(&report)?;
    }
    report.require(&args.file.subject())?;
    let (package, out) = (args.file.package.clone(), args.out.clone());
    let files =
        interrupt::run_stoppable(move |stop| open::extract(&package, &passphrase, &out, stop))?;
    if !args.file.json {
        output.line(format_args!(
            "{} {files} files in {}",
            report.conclusion(),
            args.out.display()
        ))?;
    }
    Ok(())
}
