//! Background work as people see it: what waits, runs and failed; how it is stopped and tried again.
//!
//! What a job does when the queue delivers it is in `run_jobs`.

use domain::{audit::AuditAction, case::CaseStep};
use serde::de::DeserializeOwned;
use store::rows::{JobRow, QueuedJob};

pub(crate) use crate::run_jobs::{JobContext, JobError};
use crate::{
    advance::{advance, as_u32},
    api::{ApiError, CasePart, CaseRef, Done, ErrorCode, Event, JobList, JobStarted, JobView},
    app::App,
    close_case,
    errors::require_step,
    get_case::load_case,
    locked,
    open_case::human,
    progress::seconds_left,
    record::{self, Draft},
    retrieve,
};

/// Makes a job. The id is new; what makes a repeat harmless is the handler.
pub(crate) fn job(kind: &str, case_id: &str, call: Option<u32>, payload: String) -> QueuedJob {
    QueuedJob {
        id: uuid::Uuid::new_v4().to_string(),
        kind: kind.to_owned(),
        case_id: case_id.to_owned(),
        call,
        payload,
    }
}

/// Queues jobs in a transaction of their own.
pub(crate) async fn enqueue(app: &App, jobs: Vec<QueuedJob>) -> Result<JobStarted, ApiError> {
    let mut tx = app.store().begin().await?;
    for job in &jobs {
        tx.enqueue(job, app.now().as_millisecond()).await?;
    }
    tx.commit().await?;
    if let Some(job) = jobs.first() {
        app.emit_case(&job.case_id, CasePart::Jobs, None);
        app.emit(Event::StatusChanged);
    }
    Ok(JobStarted {
        jobs: as_u32(jobs.len()),
    })
}

/// Reads what a job carries.
pub(crate) fn payload<T: DeserializeOwned>(job: &QueuedJob) -> Result<T, ApiError> {
    serde_json::from_str(&job.payload).map_err(|error| ApiError::internal("Reading a job", &error))
}

/// The latest job of a kind of a case.
pub(crate) async fn latest_of_kind(
    app: &App,
    case_id: &str,
    kind: &str,
) -> Result<Option<JobRow>, ApiError> {
    let jobs = app.store().jobs(case_id).await?;
    let latest = jobs
        .into_iter()
        .filter(|job| job.kind == kind)
        .max_by_key(|job| job.created_at_utc);
    Ok(latest.map(|job| app.live_jobs().as_it_stands(job)))
}

/// Jobs of a case, unfinished and failed ones first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_jobs(app: &App, request: CaseRef) -> Result<JobList, ApiError> {
    let jobs = app.store().jobs(&request.case_id).await?.into_iter();
    let mut jobs: Vec<_> = jobs.map(|job| app.live_jobs().as_it_stands(job)).collect();
    jobs.sort_by_key(|job| {
        let settled = matches!(job.state.as_str(), "done" | "cancelled" | "superseded");
        (settled, std::cmp::Reverse(job.updated_at_utc))
    });
    let calls = app.store().calls(&request.case_id).await?;
    Ok(JobList {
        seconds_left: seconds_left(&jobs, &calls, app.opened_at_utc(), app.now()),
        jobs: jobs.into_iter().map(|job| view(app, job)).collect(),
    })
}

fn view(app: &App, job: JobRow) -> JobView {
    let progress = app.live_jobs().progress_of(&job.id).unwrap_or_default();
    JobView {
        stage: stage(&job).to_owned(),
        bytes: progress.bytes,
        bytes_total: progress.bytes_total,
        id: job.id,
        kind: job.kind,
        call: job.call,
        state: job.state,
        message: job.message,
        code: job.code.as_deref().and_then(ErrorCode::from_name),
        attempts: job.attempts,
    }
}

/// What a job does now, in the words of a call's stages.
pub(crate) fn stage(job: &JobRow) -> &'static str {
    match (job.state.as_str(), job.kind.as_str()) {
        ("running", "retrieve") => "downloading",
        ("running", "detect") => "detecting",
        ("running", "redact") => "redacting",
        ("running", "search") => "searching",
        ("running", "seal") => "sealing",
        _ => "waiting",
    }
}

/// Stops the jobs of a case at their next safe point. What is done stays done.
///
/// # Errors
/// When there is no such case or nobody is signed in.
pub async fn cancel_jobs(app: &App, request: CaseRef) -> Result<Done, ApiError> {
    let worker = app.deciding_person()?;
    let case = load_case(app, &request.case_id).await?;
    let mut tx = app.store().begin().await?;
    let waiting = tx.cancel_waiting_jobs(&case.id).await?;
    let entry = Draft::new(AuditAction::JobCancelled, human(&worker))
        .case(&case)
        .detail("waitingJobs", waiting);
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    // After the commit: a job that starts meanwhile either finds itself cancelled or has this token.
    app.cancel_token(&case.id).cancel();
    app.emit_case(&case.id, CasePart::Jobs, None);
    Ok(Done {})
}

/// Queues again whatever the calls of a case still miss.
///
/// # Errors
/// When there is no such case, it is not in work or has a package, or nobody is signed in.
pub async fn retry_jobs(app: &App, request: CaseRef) -> Result<JobStarted, ApiError> {
    let worker = app.deciding_person()?;
    load_case(app, &request.case_id).await?;
    let waiting = retrieve::queued_calls(app, &request.case_id).await?;
    let mut tx = app.store().begin().await?;
    let mut case = locked::case(&mut tx, &request.case_id).await?;
    require_step(&case, &IN_WORK)?;
    close_case::require_copy(&case)?;
    locked::refuse_sealed(&mut tx, &case.id).await?;
    retrieve::forget_missing(&mut tx, &case).await?;
    let calls = tx.calls(&case.id).await?;
    let idle = calls.iter().filter(|call| !waiting.contains(&call.number));
    let jobs: Vec<_> = idle
        .filter_map(|call| missing_job(&case.id, call))
        .collect();
    for job in &jobs {
        tx.enqueue(job, app.now().as_millisecond()).await?;
    }
    advance(&mut tx, &mut case).await?;
    let entry = Draft::new(AuditAction::JobsRetried, human(&worker))
        .case(&case)
        .detail("jobs", jobs.len());
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Jobs, None);
    app.emit_case(&case.id, CasePart::Case, None);
    Ok(JobStarted {
        jobs: as_u32(jobs.len()),
    })
}

/// Steps in which the calls of a case are still worked on.
pub(crate) const IN_WORK: [CaseStep; 4] = [
    CaseStep::Retrieve,
    CaseStep::Review,
    CaseStep::SecondReview,
    CaseStep::Deliver,
];

/// The job that brings a call on, if it needs one. // S0-62
pub(crate) fn missing_job(case_id: &str, call: &store::rows::CallRow) -> Option<QueuedJob> {
    let state = call.end_state.as_ref().map(|(name, _)| name.as_str());
    let kind = match state {
        None => "retrieve",
        Some("retrieved") if call.plan_blob.is_none() => "detect",
        Some("retrieved") if call.review_state == "approved" && call.redacted.is_none() => "redact",
        Some(_) => return None,
    };
    Some(job(kind, case_id, Some(call.number), "{}".to_owned()))
}
