//! `sar source`: archives beside the organization's platform, and the sign-in of a person at the platform.

mod sign_in;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use services::{
    api::{AddSourceReq, ConnectedSource, Empty, RoleName, SourceRef},
    app::App,
};

use super::case::On;
use crate::{failure::Failure, input, output::Output, secret};

#[derive(Subcommand)]
pub(crate) enum SourceCommand {
    /// Connect the organization as yourself: sign in with a browser
    SignIn(On<sign_in::SignInArgs>),
    /// Sign out: the tokens of the browser sign-in are revoked and forgotten
    SignOut(On<sign_in::SignOutArgs>),
    /// Connect an archive from its description; every search then asks it too
    Add(On<AddArgs>),
    /// List the connected sources in the order in which they are preferred
    List(On<ListArgs>),
    /// Disconnect an archive; what was fetched from it stays in custody
    Remove(On<RemoveArgs>),
}

#[derive(Args)]
pub(crate) struct AddArgs {
    /// Description of the archive in TOML, see docs/formats/sources.md
    #[arg(value_name = "FILE")]
    settings: PathBuf,
    /// File with its password, token, certificate with key, or the two lines of an access key
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct ListArgs {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct RemoveArgs {
    /// Id of the archive
    #[arg(value_name = "ID")]
    source: String,
}

pub(crate) fn run(command: SourceCommand, output: &mut Output) -> Result<(), Failure> {
    let (worker, looks) = (RoleName::CaseWorker, RoleName::Auditor);
    match command {
        SourceCommand::SignIn(on) => on.run(worker, async |app, it| {
            sign_in::sign_in(app, it, output).await
        }),
        SourceCommand::SignOut(on) => {
            on.run(worker, async |app, _| sign_in::sign_out(app, output).await)
        }
        SourceCommand::Add(on) => on.run(worker, async |app, it| add(app, it, output).await),
        SourceCommand::List(on) => on.run(looks, async |app, it| list(app, it, output).await),
        SourceCommand::Remove(on) => on.run(worker, async |app, it| remove(app, it, output).await),
    }
}

async fn add(app: &App, args: &AddArgs, output: &mut Output) -> Result<(), Failure> {
    let secret = args.secret_file.as_deref().map(secret::whole).transpose()?;
    let request = AddSourceReq {
        settings: input::read_text(&args.settings)?,
        secret: secret.map(|it| it.into_inner()),
    };
    let report = services::add_any_source(app, request).await?;
    if args.json {
        return output.json(&report);
    }
    output.line(format_args!("Connected {}", report.organization))
}

async fn list(app: &App, args: &ListArgs, output: &mut Output) -> Result<(), Failure> {
    let sources = services::get_status(app, Empty {}).await?.sources;
    if args.json {
        return sources.iter().try_for_each(|source| output.json(source));
    }
    if sources.is_empty() {
        output.note("No source is connected. `sar case connect` connects the organization, `sar source sign-in` as yourself.");
        return Ok(());
    }
    let header = ["source", "kind", "name", "region"].map(str::to_owned);
    let mut rows = vec![header.to_vec()];
    rows.extend(sources.iter().map(row));
    output.table(&rows)
}

fn row(source: &ConnectedSource) -> Vec<String> {
    vec![
        source.id.clone(),
        super::case::words(&source.kind),
        source.organization.clone(),
        source.region.clone(),
    ]
}

async fn remove(app: &App, args: &RemoveArgs, output: &mut Output) -> Result<(), Failure> {
    let request = SourceRef {
        source: args.source.clone(),
    };
    services::remove_source(app, request).await?;
    output.line(format_args!("Disconnected {}", args.source))
}
