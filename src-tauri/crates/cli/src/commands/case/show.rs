//! `sar case show`: where a case stands.

use clap::Args;
use services::{
    api::{CaseCounts, CaseDetail},
    app::App,
};

use super::{case_ref, hold, review::probable, words};
use crate::{
    failure::Failure,
    output::{Output, count},
};

#[derive(Args)]
pub(crate) struct ShowArgs {
    /// Case number, such as SAR-2026-000001
    #[arg(value_name = "CASE")]
    case: String,
    /// Print the case as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(app: &App, args: &ShowArgs, output: &mut Output) -> Result<(), Failure> {
    let case = services::get_case(app, case_ref(&args.case)).await?;
    print(&case, args.json, output)
}

/// Prints a case, masked as in the window.
pub(super) fn print(case: &CaseDetail, json: bool, output: &mut Output) -> Result<(), Failure> {
    if json {
        return output.json(case);
    }
    let passed = case.checks.iter().filter(|check| check.passed).count();
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![
        row("Case", format!("{} for {}", case.case_id, case.initials)),
        row(
            "Asks for",
            format!("{}, {}", case.request_type, case.provision),
        ),
        row("Step", words(&case.step)),
        row(
            "Due",
            format!(
                "{} by law, {} in house ({})",
                case.deadline.legal,
                case.deadline.internal,
                days(case.deadline.days_left)
            ),
        ),
        row("Rule", case.deadline.rule.clone()),
        row(
            "Identity",
            format!("{passed} of {} checks passed", case.checks_needed),
        ),
    ];
    if case.counts.found > 0 {
        rows.push(row("Calls", calls(&case.counts)));
        rows.push(row("Review", review(&case.counts)));
    }
    if let Some(hold) = &case.legal_hold {
        rows.push(row("Legal hold", hold::summary(hold)));
    }
    if let Some(risk) = &case.risk {
        let missed = probable(risk.low, risk.high, risk.expected);
        let calls = count(risk.calls, "call");
        rows.push(row("Missed", format!("probably {missed} in {calls}")));
    }
    if let Some(closing) = &case.closing {
        rows.push(row("Ended", words(&closing.outcome)));
    }
    rows.push(row("Next", case.next_action.clone()));
    output.table(&rows)
}

pub(super) fn days(left: i32) -> String {
    match left {
        0 => "today".to_owned(),
        left if left > 0 => format!("{} left", count(left.unsigned_abs(), "day")),
        late => format!("{} late", count(late.unsigned_abs(), "day")),
    }
}

/// Every end state that occurs; they add up to what was found. // B14
pub(crate) fn calls(counts: &CaseCounts) -> String {
    let states = [
        ("retrieved", counts.retrieved),
        ("purged", counts.purged),
        ("corrupted", counts.corrupted),
        ("unsupported", counts.unsupported),
        ("withheld", counts.withheld),
        ("duplicate", counts.duplicate),
        ("unavailable", counts.unavailable),
        ("pending", counts.pending),
    ];
    let occurring = states.iter().filter(|(_, number)| *number > 0);
    let parts: Vec<_> = occurring
        .map(|(name, number)| format!("{number} {name}"))
        .collect();
    format!("{} found: {}", counts.found, parts.join(", "))
}

fn review(counts: &CaseCounts) -> String {
    format!(
        "{} to review ({} open), {} to approve, {} approved",
        counts.to_review,
        count(counts.open_spans, "span"),
        counts.to_approve,
        counts.approved
    )
}
