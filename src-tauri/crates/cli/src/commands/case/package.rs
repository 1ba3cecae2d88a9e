//! `sar case package`: checks what is missing and seals the package.

use std::path::{Path, PathBuf};

use clap::Args;
use services::{
    api::{PackageView, Preflight, SealReq},
    app::App,
};

use super::case_ref;
use crate::{
    failure::Failure,
    files,
    output::{Output, size},
    wait,
};

#[derive(Args)]
pub(crate) struct PackageArgs {
    /// Case number
    #[arg(value_name = "CASE")]
    case: String,
    /// Write the passphrase into this file, readable by this account only
    #[arg(long, value_name = "FILE")]
    passphrase_out: Option<PathBuf>,
    /// Print the package as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(app: &App, args: &PackageArgs, output: &mut Output) -> Result<(), Failure> {
    let preflight = services::preflight_package(app, case_ref(&args.case)).await?;
    if !args.json {
        print_preflight(&preflight, output)?;
    }
    let package = seal(app, &args.case).await?;
    if let Some(path) = &args.passphrase_out {
        write_passphrase(app, &args.case, path).await?;
    }
    if args.json {
        return output.json(&package);
    }
    output.line(format_args!(
        "Sealed. {}, {}, {}",
        package.file_name.as_deref().unwrap_or_default(),
        size(package.size_bytes.unwrap_or_default()),
        package.sha256.as_deref().unwrap_or_default()
    ))
}

fn print_preflight(preflight: &Preflight, output: &mut Output) -> Result<(), Failure> {
    let rows: Vec<_> = preflight
        .checks
        .iter()
        .map(|check| vec![check.outcome.replace('_', " "), check.detail.clone()])
        .collect();
    output.table(&rows)
}

/// Seals the package, unless it is sealed already, and waits for it.
pub(crate) async fn seal(app: &App, case_id: &str) -> Result<PackageView, Failure> {
    let sealed = |package: &PackageView| matches!(package.state.as_str(), "sealed" | "delivered");
    let package = services::get_package(app, case_ref(case_id)).await?;
    if sealed(&package) {
        return Ok(package);
    }
    services::seal_package(
        app,
        SealReq {
            case_id: case_id.to_owned(),
        },
    )
    .await?;
    wait::until_idle(app, case_id, async || Ok(())).await?;
    let package = services::get_package(app, case_ref(case_id)).await?;
    if sealed(&package) {
        return Ok(package);
    }
    let why = wait::failure_of(app, case_id, "seal").await?;
    let why = why.unwrap_or_else(|| "the job was stopped".to_owned());
    Err(Failure::failed_check(
        format!("The package was not sealed: {why}"),
        "Nothing was released. Run the same command again.",
    ))
}

/// Writes the passphrase of a sealed package into a file of its own. Asking for it is on record.
pub(crate) async fn write_passphrase(app: &App, case_id: &str, path: &Path) -> Result<(), Failure> {
    let words = services::reveal_passphrase(app, case_ref(case_id))
        .await?
        .passphrase;
    files::write_text(path, &format!("{words}\n"))?;
    files::make_private(path)
}
