//! `sar case close`: ends a case that nothing is handed over for.

use std::path::PathBuf;

use clap::Args;
use services::{api::CloseCaseReq, app::App};

use super::show;
use crate::{failure::Failure, input, output::Output};

#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CloseArgs {
    /// Case number
    #[arg(value_name = "CASE")]
    case: String,
    /// How it ends: carried-out, refused, withdrawn or not-identified
    #[arg(long, value_name = "OUTCOME", value_parser = ["carried-out", "refused", "withdrawn", "not-identified"])]
    outcome: String,
    /// Text file with the reasons, or with what was done where
    #[arg(long, value_name = "FILE")]
    statement_file: PathBuf,
    /// Print the case as JSON
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
carried-out ends a request for rectification or erasure, after its list of calls is frozen and somebody has done it
in the recording system; refused and withdrawn end any request; not-identified ends one before its identity checks
passed. A legal hold of the case is released. The statement is kept with the case, the log has its digest.";

pub(super) async fn run(app: &App, args: &CloseArgs, output: &mut Output) -> Result<(), Failure> {
    let request = CloseCaseReq {
        case_id: args.case.clone(),
        outcome: args.outcome.replace('-', "_"),
        statement: input::read_text(&args.statement_file)?,
    };
    let case = services::close_case(app, request).await?;
    show::print(&case, args.json, output)
}
