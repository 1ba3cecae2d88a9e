//! `sar case retrieve` and `sar case detect`: background work on the calls of a case.

use clap::Args;
use services::{
    api::{AcceptMissingReq, CallView, CaseCounts},
    app::App,
};

use super::{call_ref, case_ref, show, words};
use crate::{
    failure::Failure,
    output::{Output, clock},
    wait,
};

#[derive(Args)]
pub(crate) struct CallsArgs {
    /// Case number
    #[arg(value_name = "CASE")]
    case: String,
    /// Print one JSON object a call
    #[arg(long)]
    json: bool,
}

pub(super) async fn retrieve(
    app: &App,
    args: &CallsArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    services::start_retrieval(app, case_ref(&args.case)).await?;
    finish(app, args, output).await
}

pub(super) async fn detect(
    app: &App,
    args: &CallsArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    services::retry_jobs(app, case_ref(&args.case)).await?;
    finish(app, args, output).await
}

#[derive(Args)]
pub(crate) struct LeaveOutArgs {
    /// Case number
    #[arg(value_name = "CASE")]
    case: String,
    /// Number of the call
    #[arg(long, value_name = "N")]
    call: u32,
    /// Why the case goes on without it; stays in the case
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Goes on without a call that cannot be had.
pub(super) async fn leave_out(
    app: &App,
    args: &LeaveOutArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    let request = AcceptMissingReq {
        case_id: args.case.clone(),
        call: args.call,
        reason: args.reason.clone(),
    };
    services::accept_missing_call(app, request).await?;
    let calls = services::list_calls(app, case_ref(&args.case)).await?.calls;
    print(&calls, false, output)
}

#[derive(Args)]
pub(crate) struct RestoreArgs {
    /// Case number
    #[arg(value_name = "CASE")]
    case: String,
    /// Number of the call
    #[arg(long, value_name = "N")]
    call: u32,
}

/// Asks for a call that lies in an archive; it takes hours.
pub(super) async fn restore(
    app: &App,
    args: &RestoreArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    services::restore_call(app, call_ref(&args.case, args.call)).await?;
    output.line(format_args!(
        "Asked for call {}. It takes hours; `sar case detect {}` retrieves it when it is there, and the open app by itself.",
        args.call, args.case
    ))
}

/// Waits for the jobs, prints the calls, and says what is still missing.
async fn finish(app: &App, args: &CallsArgs, output: &mut Output) -> Result<(), Failure> {
    let mut progress = Progress::default();
    wait::until_idle(app, &args.case, async || {
        if let Some(line) = progress.next(app, &args.case).await? {
            output.note(line);
        }
        Ok(())
    })
    .await?;
    let calls = services::list_calls(app, case_ref(&args.case)).await?.calls;
    print(&calls, args.json, output)?;
    require_complete(app, &args.case, &progress.counts).await
}

fn print(calls: &[CallView], json: bool, output: &mut Output) -> Result<(), Failure> {
    if json {
        return calls.iter().try_for_each(|call| output.json(call));
    }
    let mut rows = vec![
        ["call", "start", "length", "state", "spans", "open"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(calls.iter().map(row));
    output.table(&rows)
}

fn row(call: &CallView) -> Vec<String> {
    let state = if call.end_state == "retrieved" {
        &call.stage
    } else {
        &call.end_state
    };
    vec![
        call.call.to_string(),
        call.start_local.clone(),
        call.duration_ms.map(clock).unwrap_or_default(),
        words(state),
        call.spans.to_string(),
        call.open_spans.to_string(),
    ]
}

/// Calls without an end state or without a plan are an error, with the reason of the failed job.
pub(crate) async fn require_complete(
    app: &App,
    case_id: &str,
    counts: &CaseCounts,
) -> Result<(), Failure> {
    let planned = counts.to_review + counts.to_approve + counts.approved;
    let missing = counts.pending + counts.retrieved.saturating_sub(planned);
    if missing == 0 {
        return Ok(());
    }
    let mut why = wait::failure_of(app, case_id, "retrieve").await?;
    if why.is_none() {
        why = wait::failure_of(app, case_id, "detect").await?;
    }
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    Err(Failure::unavailable(
        format!("{missing} of {} calls are not done{why}", counts.found),
        "What arrived is kept. Run the same command again, or go on without a call: sar case leave-out.",
    ))
}

/// Says how far the calls are, whenever the numbers changed.
#[derive(Default)]
pub(crate) struct Progress {
    pub(crate) counts: CaseCounts,
}

impl Progress {
    /// The next line, if there is news.
    pub(crate) async fn next(
        &mut self,
        app: &App,
        case_id: &str,
    ) -> Result<Option<String>, Failure> {
        let counts = services::get_case(app, case_ref(case_id)).await?.counts;
        if counts == self.counts {
            return Ok(None);
        }
        let ended = |counts: &CaseCounts| counts.found - counts.pending;
        let news = ended(&counts) != ended(&self.counts);
        self.counts = counts;
        Ok(news.then(|| show::calls(&self.counts)))
    }
}
