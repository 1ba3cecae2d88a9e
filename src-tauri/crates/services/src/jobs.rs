//! Background work: what the queue runs, how it is cancelled and tried again.
//!
//! The queue delivers each job at least once. Every handler therefore first looks at what is there.

use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::audit::AuditAction;
use serde::de::DeserializeOwned;
use store::{
    queue::JobFailure,
    rows::{JobRow, QueuedJob},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    advance::as_u32,
    api::{ApiError, CasePart, CaseRef, Done, ErrorCode, Event, JobList, JobStarted, JobView},
    app::App,
    detect,
    get_case::load_case,
    open_case::human,
    record::{self, Draft},
    redact, retrieve, seal, search,
};

/// Shortest time between two progress events of a job: at most ten a second.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// What a handler gets beside its job.
pub(crate) struct JobContext {
    pub(crate) cancel: CancellationToken,
    app: App,
    job: QueuedJob,
}

impl JobContext {
    /// Stops a handler whose case was cancelled.
    pub(crate) fn check_cancelled(&self) -> Result<(), JobError> {
        if self.cancel.is_cancelled() {
            Err(JobError::Cancelled)
        } else {
            Ok(())
        }
    }

    /// Tells the shells how many bytes a download has; too frequent calls are dropped.
    pub(crate) fn byte_progress(&self) -> impl Fn(u64) + Send + 'static {
        let (app, job) = (self.app.clone(), self.job.clone());
        let last = Mutex::new(None::<Instant>);
        move |bytes| {
            let now = Instant::now();
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_some_and(|at| now - at < PROGRESS_INTERVAL) {
                return;
            }
            *last = Some(now);
            app.note_progress(&job.id, Some(bytes));
            app.emit(Event::JobProgress {
                case_id: job.case_id.clone(),
                call: job.call,
                job_kind: job.kind.clone(),
                done: 0,
                total: 0,
                bytes,
            });
        }
    }
}

/// Why a handler stopped.
#[derive(Debug)]
pub(crate) enum JobError {
    /// The case's jobs were cancelled, or the app closes.
    Cancelled,
    /// It failed; `retryable` in the error says whether another attempt makes sense.
    Failed(ApiError),
}

impl From<ApiError> for JobError {
    fn from(error: ApiError) -> Self {
        if error.code == ErrorCode::Cancelled {
            Self::Cancelled
        } else {
            Self::Failed(error)
        }
    }
}

impl From<store::StoreError> for JobError {
    fn from(error: store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

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

/// Runs one job of the queue and keeps its state for the screens.
pub(crate) fn handle(app: App, job: QueuedJob) -> Handled {
    Box::pin(work(app, job))
}

/// A running job. Boxed: the queue needs one type for all kinds.
pub(crate) type Handled = Pin<Box<dyn Future<Output = Result<(), JobFailure>> + Send>>;

async fn work(app: App, job: QueuedJob) -> Result<(), JobFailure> {
    let context = JobContext {
        cancel: app.cancel_token(&job.case_id),
        app: app.clone(),
        job: job.clone(),
    };
    if was_cancelled(&app, &job).await {
        return Ok(());
    }
    set_state(&app, &job, "running", None).await;
    let outcome = dispatch(&app, &context, &job).await;
    app.note_progress(&job.id, None);
    let result = settle(&app, &job, outcome).await;
    app.emit_case(&job.case_id, CasePart::Jobs, job.call);
    app.emit(Event::StatusChanged);
    result
}

async fn dispatch(app: &App, context: &JobContext, job: &QueuedJob) -> Result<(), JobError> {
    match job.kind.as_str() {
        "search" => search::run(app, context, job).await,
        "retrieve" => retrieve::run(app, context, job).await,
        "detect" => detect::run(app, context, job).await,
        "redact" => redact::run(app, context, job).await,
        "seal" => seal::run(app, context, job).await,
        other => Err(ApiError::new(
            ErrorCode::Internal,
            format!("A job of the unknown kind `{other}` is in the queue"),
            "It was queued by a newer version; install that version.",
        )
        .into()),
    }
}

/// A job cancelled while it waited is not started.
async fn was_cancelled(app: &App, job: &QueuedJob) -> bool {
    let row = app.store().job(&job.id).await.ok().flatten();
    row.is_some_and(|row| row.state == "cancelled")
}

async fn settle(
    app: &App,
    job: &QueuedJob,
    outcome: Result<(), JobError>,
) -> Result<(), JobFailure> {
    match outcome {
        Ok(()) => {
            set_state(app, job, "done", None).await;
            Ok(())
        }
        Err(JobError::Cancelled) if app.shutdown_token().is_cancelled() => {
            // Not the person's wish: the next start goes on with it.
            set_state(app, job, "waiting", None).await;
            Err(JobFailure {
                retry: true,
                message: "The app was closed".to_owned(),
            })
        }
        Err(JobError::Cancelled) => {
            set_state(app, job, "cancelled", None).await;
            Ok(())
        }
        Err(JobError::Failed(error)) => {
            tracing::warn!(
                kind = job.kind,
                call = job.call,
                message = error.message,
                "job failed"
            );
            set_state(app, job, "failed", Some(error.to_string())).await;
            Err(JobFailure {
                retry: error.retryable,
                message: error.message,
            })
        }
    }
}

async fn set_state(app: &App, job: &QueuedJob, state: &str, message: Option<String>) {
    let now_ms = app.now().as_millisecond();
    if let Err(error) = app
        .store()
        .set_job_state(&job.id, state, message, now_ms)
        .await
    {
        tracing::error!(%error, "the state of a job could not be written");
    }
}

/// The latest job of a kind of a case.
pub(crate) async fn latest_of_kind(
    app: &App,
    case_id: &str,
    kind: &str,
) -> Result<Option<JobRow>, ApiError> {
    let jobs = app.store().jobs(case_id).await?;
    Ok(jobs
        .into_iter()
        .filter(|job| job.kind == kind)
        .max_by_key(|job| job.created_at_utc))
}

/// Jobs of a case, unfinished and failed ones first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_jobs(app: &App, request: CaseRef) -> Result<JobList, ApiError> {
    let mut jobs = app.store().jobs(&request.case_id).await?;
    jobs.sort_by_key(|job| {
        let settled = matches!(job.state.as_str(), "done" | "cancelled");
        (settled, std::cmp::Reverse(job.updated_at_utc))
    });
    Ok(JobList {
        jobs: jobs.into_iter().map(|job| view(app, job)).collect(),
    })
}

fn view(app: &App, job: JobRow) -> JobView {
    JobView {
        stage: stage(&job).to_owned(),
        bytes: app.progress_of(&job.id).unwrap_or(0),
        done: 0,
        total: 0,
        id: job.id,
        kind: job.kind,
        call: job.call,
        state: job.state,
        message: job.message,
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
    app.cancel_token(&case.id).cancel();
    let mut tx = app.store().begin().await?;
    let waiting = tx.cancel_waiting_jobs(&case.id).await?;
    let entry = Draft::new(AuditAction::JobCancelled, human(&worker))
        .case(&case)
        .detail("waitingJobs", waiting);
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Jobs, None);
    Ok(Done {})
}

/// Queues again whatever the calls of a case still miss.
///
/// # Errors
/// When there is no such case or nobody is signed in.
pub async fn retry_jobs(app: &App, request: CaseRef) -> Result<JobStarted, ApiError> {
    app.deciding_person()?;
    let case = load_case(app, &request.case_id).await?;
    retrieve::forget_unavailable(app, &case).await?;
    let mut jobs = Vec::new();
    for call in app.store().calls(&case.id).await? {
        jobs.extend(missing_job(&case.id, &call));
    }
    enqueue(app, jobs).await
}

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
