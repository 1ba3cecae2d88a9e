//! `sar case hold`: the legal hold of a case, and what it could not be changed for.

use clap::Args;
use services::{api::LegalHoldView, app::App};

use super::case_ref;
use crate::{failure::Failure, output::Output, wait};

#[derive(Args)]
pub(crate) struct HoldArgs {
    /// Case number
    #[arg(value_name = "CASE")]
    case: String,
    /// Ask again for what could not be placed or released
    #[arg(long)]
    retry: bool,
    /// Print the hold as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(app: &App, args: &HoldArgs, output: &mut Output) -> Result<(), Failure> {
    if args.retry {
        services::retry_hold(app, case_ref(&args.case)).await?;
        wait::until_idle(app, &args.case, async || Ok(())).await?;
    }
    let case = services::get_case(app, case_ref(&args.case)).await?;
    if args.json {
        return output.json(&case.legal_hold);
    }
    let Some(hold) = &case.legal_hold else {
        return output.line("This case asked for no legal hold.");
    };
    output.line(summary(hold))?;
    let rows = hold.failed.iter().map(|it| {
        let what = format!("could not {}", it.what);
        vec![
            what,
            it.source.clone(),
            it.recording.clone(),
            it.reason.clone(),
        ]
    });
    output.table(&rows.collect::<Vec<_>>())
}

/// `8 placed, 1 not changed`.
pub(super) fn summary(hold: &LegalHoldView) -> String {
    let failed = u32::try_from(hold.failed.len()).unwrap_or(u32::MAX);
    let counts = [
        (hold.waiting, "asked for"),
        (hold.placed, "placed"),
        (hold.released, "released"),
        (hold.kept, "kept for another case"),
        (failed, "could not be changed"),
    ];
    let occurring = counts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<_> = occurring
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    match parts.is_empty() {
        true => "on; nothing was found yet".to_owned(),
        false => format!("recordings: {}", parts.join(", ")),
    }
}
