//! Runs the jobs that the queue delivers, and writes how each ended.
//!
//! The queue delivers each job at least once. Every handler therefore first looks at what is there.

use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use store::{JobEnd, Next, StoreError, rows::QueuedJob};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{ApiError, CasePart, ErrorCode, Event},
    app::App,
    detect, legal_hold,
    progress::Progress,
    redact, retrieve, seal, search,
};

/// After the start, so long may a shell take to connect the source; then its jobs fail.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// How often a waiting job looks whether the source is connected.
const CONNECT_LOOK: Duration = Duration::from_millis(50);

/// Pause before what the database refused is written again.
const WRITE_PAUSE: Duration = Duration::from_secs(1);

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

    /// Tells the shells how far the job is; too frequent calls are dropped.
    pub(crate) fn progress(&self) -> impl Fn(Progress) + Send + 'static {
        let (app, job) = (self.app.clone(), self.job.clone());
        let last = Mutex::new(None::<Instant>);
        move |progress| {
            let now = Instant::now();
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_some_and(|at| now - at < PROGRESS_INTERVAL) {
                return;
            }
            *last = Some(now);
            app.live_jobs().note_progress(&job.id, Some(progress));
            app.emit(Event::JobProgress {
                case_id: job.case_id.clone(),
                call: job.call,
                job_kind: job.kind.clone(),
                bytes: progress.bytes,
                bytes_total: progress.bytes_total,
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

/// Runs one job of the queue.
pub(crate) fn handle(app: App, job: QueuedJob) -> Handled {
    Box::pin(work(app, job))
}

/// A running job. Boxed: the queue needs one type for all kinds.
pub(crate) type Handled = Pin<Box<dyn Future<Output = Next> + Send>>;

async fn work(app: App, job: QueuedJob) -> Next {
    // The token first: a cancellation from here on either stops the start or cancels this token.
    let context = JobContext {
        cancel: app.cancel_token(&job.case_id),
        app: app.clone(),
        job: job.clone(),
    };
    if matches!(job.kind.as_str(), "search" | "retrieve" | legal_hold::JOB) {
        wait_for_source(&app).await;
    }
    if app.shutdown_token().is_cancelled() {
        return Next::Again;
    }
    match app.store().start_job(&job.id, now_ms(&app)).await {
        Ok(true) => app.live_jobs().note_delivery(),
        Ok(false) => return Next::Over,
        Err(error) => return not_started(&app, error).await,
    }
    let outcome = caught(dispatch(&app, &context, &job)).await;
    app.live_jobs().note_progress(&job.id, None);
    let next = settle(&app, &job, end_of(&app, &job, outcome)).await;
    app.emit_case(&job.case_id, CasePart::Jobs, job.call);
    app.emit(Event::StatusChanged);
    next
}

/// Jobs of the last run are delivered before a shell that has just started could connect its source.
async fn wait_for_source(app: &App) {
    while app.sources().is_empty()
        && app.opened_at().elapsed() < CONNECT_PATIENCE
        && !app.shutdown_token().is_cancelled()
    {
        sleep(CONNECT_LOOK).await;
    }
}

/// A panic is a bug, and the end of one job only.
async fn caught(work: impl Future<Output = Result<(), JobError>>) -> Result<(), JobError> {
    let ended = AssertUnwindSafe(work).catch_unwind().await;
    ended.unwrap_or_else(|_| {
        Err(JobError::Failed(ApiError::new(
            ErrorCode::Internal,
            "The job stopped unexpectedly",
            "Try again. If it stays, send the diagnostics to support.",
        )))
    })
}

async fn dispatch(app: &App, context: &JobContext, job: &QueuedJob) -> Result<(), JobError> {
    match job.kind.as_str() {
        "search" => search::run(app, context, job).await,
        "retrieve" => retrieve::run(app, context, job).await,
        "detect" => detect::run(app, context, job).await,
        "redact" => redact::run(app, context, job).await,
        "seal" => seal::run(app, context, job).await,
        legal_hold::JOB => legal_hold::run(app, context, job).await,
        other => Err(ApiError::new(
            ErrorCode::Internal,
            format!("A job of the unknown kind `{other}` is in the queue"),
            "It was queued by a newer version; install that version.",
        )
        .into()),
    }
}

fn end_of(app: &App, job: &QueuedJob, outcome: Result<(), JobError>) -> JobEnd {
    match outcome {
        Ok(()) => JobEnd::Done,
        // Not the person's wish: the next start goes on with it.
        Err(JobError::Cancelled) if app.shutdown_token().is_cancelled() => JobEnd::GivenBack,
        Err(JobError::Cancelled) => JobEnd::Cancelled,
        Err(JobError::Failed(error)) => {
            tracing::warn!(
                kind = job.kind,
                call = job.call,
                message = error.message,
                "job failed"
            );
            JobEnd::Failed {
                // Waiting does not empty a disk; a person does.
                retry: error.retryable && error.code != ErrorCode::DiskFull,
                code: error.code.name(),
                message: error.to_string(),
            }
        }
    }
}

/// Writes how a job ended, again and again while the database cannot be written. Until then it is
/// shown as failed; a process that ends before leaves it to the next start.
async fn settle(app: &App, job: &QueuedJob, end: JobEnd) -> Next {
    let mut said = false;
    loop {
        match app.store().settle_job(&job.id, &end, now_ms(app)).await {
            Ok(next) => {
                app.live_jobs().note_unwritten(&job.id, None);
                return next;
            }
            Err(_) if said => {}
            Err(error) => {
                said = true;
                tracing::error!(%error, "the end of a job could not be written");
                let error = ApiError::from(error);
                app.live_jobs().note_unwritten(&job.id, Some(error.clone()));
                app.live_jobs().note_trouble(error);
                app.emit_case(&job.case_id, CasePart::Jobs, job.call);
            }
        }
        if !paused(app).await {
            return Next::Again;
        }
    }
}

/// The queue cannot be written: it comes back when it can.
async fn not_started(app: &App, error: StoreError) -> Next {
    queue_trouble(app, error);
    paused(app).await;
    Next::Again
}

/// Shows why nothing goes on.
pub(crate) fn queue_trouble(app: &App, error: StoreError) {
    tracing::error!(%error, "the job queue stopped; it is started again");
    app.live_jobs().note_trouble(ApiError::from(error));
    app.emit(Event::StatusChanged);
}

/// Waits a moment; false when the app closes.
async fn paused(app: &App) -> bool {
    let pause = app.shutdown_token().run_until_cancelled(sleep(WRITE_PAUSE));
    pause.await.is_some()
}

fn now_ms(app: &App) -> i64 {
    app.now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn buggy() -> Result<(), JobError> {
        panic!("a bug")
    }

    #[tokio::test]
    async fn a_panic_ends_the_job_as_failed_and_says_what_to_do() {
        let Err(JobError::Failed(error)) = caught(buggy()).await else {
            unreachable!("it panicked")
        };
        assert_eq!(error.code, ErrorCode::Internal);
        assert!(!error.retryable, "a bug comes again");
        assert!(!error.to_string().contains("a bug"), "{error}");
    }
}
