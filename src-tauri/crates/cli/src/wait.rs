//! Waits for the jobs of a case.

use std::time::Duration;

use services::{
    api::{CaseRef, ErrorCode, JobView},
    app::App,
};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, timeout},
};

use crate::failure::Failure;

/// Longest pause between two looks; an event ends it earlier.
const LOOK: Duration = Duration::from_millis(200);

/// Without any event for this long, the jobs hang.
const PATIENCE: Duration = Duration::from_secs(300);

/// Waits until no job of the case waits or runs. `look` is called whenever something may have changed.
pub(crate) async fn until_idle(
    app: &App,
    case_id: &str,
    mut look: impl AsyncFnMut() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut events = app.events();
    let mut last_event = Instant::now();
    loop {
        let open = jobs(app, case_id).await?.iter().any(is_open);
        look().await?;
        if !open {
            return Ok(());
        }
        match timeout(LOOK, events.recv()).await {
            Ok(Ok(_) | Err(RecvError::Lagged(_))) => last_event = Instant::now(),
            Ok(Err(RecvError::Closed)) => return Err(Failure::interrupted()),
            Err(_) if last_event.elapsed() > PATIENCE => return Err(hanging()),
            Err(_) => {}
        }
    }
}

/// The jobs of a case, unfinished and failed ones first.
pub(crate) async fn jobs(app: &App, case_id: &str) -> Result<Vec<JobView>, Failure> {
    let request = CaseRef {
        case_id: case_id.to_owned(),
    };
    Ok(services::list_jobs(app, request).await?.jobs)
}

fn is_open(job: &JobView) -> bool {
    matches!(job.state.as_str(), "waiting" | "running")
}

/// Why the latest job of a kind failed, if it did. A full disk ends the command: a person must act.
pub(crate) async fn failure_of(
    app: &App,
    case_id: &str,
    kind: &str,
) -> Result<Option<String>, Failure> {
    let jobs = jobs(app, case_id).await?;
    let Some(failed) = jobs
        .into_iter()
        .find(|job| job.kind == kind && job.state == "failed")
    else {
        return Ok(None);
    };
    let why = failed.message.unwrap_or_default();
    let why = why.lines().next().unwrap_or_default();
    if failed.code == Some(ErrorCode::DiskFull) {
        return Err(Failure::disk_full(why));
    }
    Ok(Some(why.to_owned()))
}

fn hanging() -> Failure {
    Failure::unavailable(
        format!("Nothing happened for {} seconds", PATIENCE.as_secs()),
        "What was done is kept. Run the same command again.",
    )
}
