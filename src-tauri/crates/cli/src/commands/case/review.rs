//! `sar case review` and `sar case approve`: the decisions of two people.

use clap::Args;
use services::{
    api::{CallView, DecideSpanReq, DecisionReq, ReturnCallReq, ReviewView, RiskView, SpanView},
    app::App,
};

use super::{call_ref, case_ref, words};
use crate::{
    failure::Failure,
    output::{Output, clock, count},
    wait,
};

#[derive(Args)]
pub(crate) struct ReviewArgs {
    /// Case number
    #[arg(value_name = "CASE")]
    case: String,
    /// Number of the call
    #[arg(long, value_name = "N")]
    call: u32,
    /// Redact this span, by its id; may be repeated
    #[arg(long, value_name = "SPAN")]
    redact: Vec<String>,
    /// Redact every span that is still open
    #[arg(long)]
    redact_open: bool,
    /// Keep this span, by its id; may be repeated
    #[arg(long, value_name = "SPAN", requires = "reason")]
    keep: Vec<String>,
    /// Why; needed to keep a span
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
    /// Finish the review of this call
    #[arg(long)]
    finish: bool,
    /// Print the review as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct ApproveArgs {
    /// Case number
    #[arg(value_name = "CASE")]
    case: String,
    /// Only this call [default: every reviewed call]
    #[arg(long, value_name = "N")]
    call: Option<u32>,
    /// Return the call to its reviewer, with what to look at again
    #[arg(long = "return", value_name = "NOTE", requires = "call")]
    note: Option<String>,
    /// Print one JSON object a call
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(app: &App, args: &ReviewArgs, output: &mut Output) -> Result<(), Failure> {
    let mut redact = args.redact.clone();
    if args.redact_open {
        redact.extend(open_spans(app, &args.case, args.call).await?);
    }
    for span in redact {
        decide(
            app,
            &args.case,
            args.call,
            span,
            DecisionReq::Redact {
                reason: args.reason.clone(),
            },
        )
        .await?;
    }
    for span in args.keep.iter().cloned() {
        let reason = args.reason.clone().unwrap_or_default();
        decide(
            app,
            &args.case,
            args.call,
            span,
            DecisionReq::Keep { reason },
        )
        .await?;
    }
    if args.finish {
        services::finish_review(app, call_ref(&args.case, args.call)).await?;
    }
    let view = services::get_review(app, call_ref(&args.case, args.call)).await?;
    if args.json {
        return output.json(&view);
    }
    print(&view, output)
}

/// Ids of the spans that wait for a decision.
pub(crate) async fn open_spans(
    app: &App,
    case_id: &str,
    call: u32,
) -> Result<Vec<String>, Failure> {
    let view = services::get_review(app, call_ref(case_id, call)).await?;
    Ok(view
        .spans
        .into_iter()
        .filter(|span| span.decision == "review")
        .map(|span| span.id)
        .collect())
}

/// Rules on one span.
pub(crate) async fn decide(
    app: &App,
    case_id: &str,
    call: u32,
    span_id: String,
    decision: DecisionReq,
) -> Result<(), Failure> {
    let request = DecideSpanReq {
        case_id: case_id.to_owned(),
        call,
        span_id,
        decision,
    };
    services::decide_span(app, request).await?;
    Ok(())
}

fn print(view: &ReviewView, output: &mut Output) -> Result<(), Failure> {
    view.warnings
        .iter()
        .try_for_each(|warning| output.line(warning))?;
    let mut rows = vec![
        [
            "span", "time", "decision", "entity", "owner", "score", "by", "why",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    rows.extend(view.spans.iter().map(row));
    output.table(&rows)?;
    let open = view
        .spans
        .iter()
        .filter(|span| span.decision == "review")
        .count();
    output.line(format_args!(
        "Call {}: review {}, {} to decide",
        view.call,
        view.review_state,
        count(open as u64, "span")
    ))?;
    match &view.risk {
        Some(risk) => print_risk(risk, output),
        None => Ok(()),
    }
}

/// What detection has probably missed, and where to listen. // B4
fn print_risk(risk: &RiskView, output: &mut Output) -> Result<(), Failure> {
    let missed = probable(risk.low, risk.high, risk.expected);
    output.line(format_args!(
        "Detection has probably missed {missed} in this call"
    ))?;
    if risk.unrecognized_ms >= 1_000 {
        let length = clock(risk.unrecognized_ms);
        output.line(format_args!("No word was recognized in {length} of sound"))?;
    }
    if risk.listen.is_empty() {
        return Ok(());
    }
    let places: Vec<String> = risk
        .listen
        .iter()
        .map(|it| format!("{} to {}", clock(it.start_ms), clock(it.end_ms)))
        .collect();
    output.line(format_args!(
        "About half of that is in: {}",
        places.join(", ")
    ))
}

/// `0 to 2 items (0.4 on average)`.
pub(super) fn probable(low: u32, high: u32, expected: f64) -> String {
    let range = match (low, high) {
        (_, 0) => return "nothing".to_owned(),
        (low, high) if low == high => high.to_string(),
        (low, high) => format!("{low} to {high}"),
    };
    let items = if high == 1 { "item" } else { "items" };
    format!("{range} {items} ({expected:.1} on average)")
}

fn row(span: &SpanView) -> Vec<String> {
    vec![
        span.id.clone(),
        format!("{} to {}", clock(span.start_ms), clock(span.end_ms)),
        span.decision.clone(),
        span.entity.clone(),
        words(&span.owner),
        format!("{:.0}%", span.score * 100.0),
        span.decided_by.clone(),
        span.explanation.join(", "),
    ]
}

pub(super) async fn approve(
    app: &App,
    args: &ApproveArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    match (&args.note, args.call) {
        (Some(note), Some(call)) => {
            let request = ReturnCallReq {
                case_id: args.case.clone(),
                call,
                note: note.clone(),
            };
            services::return_call(app, request).await?;
        }
        (_, Some(call)) => {
            services::approve_call(app, call_ref(&args.case, call)).await?;
        }
        (_, None) => {
            if approve_reviewed(app, &args.case).await? == 0 {
                output.note("No reviewed call waits for approval.");
            }
        }
    }
    wait::until_idle(app, &args.case, async || Ok(())).await?;
    let calls = services::list_calls(app, case_ref(&args.case)).await?.calls;
    if args.json {
        calls.iter().try_for_each(|call| output.json(call))?;
    } else {
        output.table(&calls.iter().map(approval_row).collect::<Vec<_>>())?;
    }
    require_redacted(app, &args.case, &calls).await
}

/// Approves every call whose review is finished; returns how many.
async fn approve_reviewed(app: &App, case_id: &str) -> Result<u32, Failure> {
    let mut approved = 0;
    for call in services::list_calls(app, case_ref(case_id)).await?.calls {
        if call.stage == "to_approve" {
            services::approve_call(app, call_ref(case_id, call.call)).await?;
            approved += 1;
        }
    }
    Ok(approved)
}

/// An approved call is redacted at once; one that is not failed its checks.
pub(crate) async fn require_redacted(
    app: &App,
    case_id: &str,
    calls: &[CallView],
) -> Result<(), Failure> {
    let Some(call) = calls.iter().find(|call| call.stage == "approved") else {
        return Ok(());
    };
    let why = wait::failure_of(app, case_id, "redact").await?;
    let why = why.unwrap_or_else(|| "the job was stopped".to_owned());
    Err(Failure::failed_check(
        format!("Call {} is not redacted: {why}", call.call),
        "Nothing was released. `sar case detect` repeats what failed.",
    ))
}

fn approval_row(call: &CallView) -> Vec<String> {
    let person = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".to_owned());
    vec![
        format!("call {}", call.call),
        words(&call.stage),
        format!("reviewed by {}", person(&call.reviewed_by)),
        format!("approved by {}", person(&call.approved_by)),
    ]
}
