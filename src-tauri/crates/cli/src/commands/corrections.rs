//! `sar corrections`: what reviewers corrected, and taking it out again. // B17

use clap::{Args, Subcommand};
use services::{
    api::{CorrectionRef, CorrectionView, ListCorrectionsReq, RoleName},
    app::App,
};

use crate::{
    desk::DeskArgs,
    failure::Failure,
    output::{Output, second},
};

#[derive(Subcommand)]
pub(crate) enum CorrectionsCommand {
    /// List what the next detection takes from earlier reviews
    List(ListArgs),
    /// Forget a correction
    Remove(RemoveArgs),
}

#[derive(Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    desk: DeskArgs,
    /// Show the words too; that is on record
    #[arg(long)]
    reveal: bool,
    /// Print one JSON object a correction
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct RemoveArgs {
    #[command(flatten)]
    desk: DeskArgs,
    /// Id of the correction, as the list has it
    #[arg(value_name = "ID")]
    id: String,
}

pub(crate) fn run(command: CorrectionsCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        CorrectionsCommand::List(args) => {
            let role = if args.reveal {
                RoleName::CaseWorker
            } else {
                RoleName::Auditor
            };
            args.desk
                .run(role, async |app| list(app, &args, output).await)
        }
        CorrectionsCommand::Remove(args) => args.desk.run(RoleName::CaseWorker, async |app| {
            let id = args.id.clone();
            services::remove_correction(app, CorrectionRef { id }).await?;
            output.line("Forgotten. Plans that were made with it stay as they are.")
        }),
    }
}

async fn list(app: &App, args: &ListArgs, output: &mut Output) -> Result<(), Failure> {
    let request = ListCorrectionsReq {
        reveal: args.reveal,
    };
    let list = services::list_corrections(app, request).await?;
    if args.json {
        return list.corrections.iter().try_for_each(|it| output.json(it));
    }
    if list.corrections.is_empty() {
        output.note("No review has corrected anything yet.");
        return Ok(());
    }
    let header = ["id", "ruling", "kind", "case", "call", "by", "at", "words"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(list.corrections.iter().map(row));
    output.table(&rows)?;
    output.line(format_args!("Plans name them `{}`.", list.version))
}

fn row(it: &CorrectionView) -> Vec<String> {
    vec![
        it.id.clone(),
        it.ruling.clone(),
        it.entity.clone(),
        it.case_id.clone(),
        it.call.to_string(),
        it.by.clone(),
        second(&it.at_utc),
        it.words.clone().unwrap_or_default(),
    ]
}
