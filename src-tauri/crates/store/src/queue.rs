//! The durable job queue: apalis over the same encrypted database.
//!
//! Jobs are delivered at least once; handlers look at what is there before they act. The queue's own
//! `setup()` is not called (it turns durability off), and jobs of a dead process are given back when
//! the folder is opened, because the folder's lock proves that no other process works on them.

use std::{future::Future, time::Duration};

use apalis::prelude::{
    AbortError, BackendExt, BoxDynError, TaskBuilder, WorkerBuilder, WorkerBuilderExt,
};
use apalis_sqlite::{Config, SqliteStorage, queries};
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;
use tokio_util::sync::CancellationToken;

use crate::{Store, StoreError, Tx, rows::QueuedJob};

/// Name of the one queue.
const QUEUE: &str = "sar";

/// How often a job that fails passingly is tried.
const ATTEMPTS: u32 = 3;

/// How often the queue looks for work; a job of a person must not wait noticeably.
const POLL: Duration = Duration::from_millis(50);

/// A live worker says so this often.
const HEARTBEAT: Duration = Duration::from_secs(3);

/// Why a handler failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFailure {
    /// Whether another attempt makes sense.
    pub retry: bool,
    /// What failed; no personal data.
    pub message: String,
}

/// What the queue carries.
#[derive(Clone, Serialize, Deserialize)]
struct Carried {
    id: String,
    kind: String,
    case_id: String,
    call: Option<u32>,
    payload: String,
}

impl From<&QueuedJob> for Carried {
    fn from(job: &QueuedJob) -> Self {
        Self {
            id: job.id.clone(),
            kind: job.kind.clone(),
            case_id: job.case_id.clone(),
            call: job.call,
            payload: job.payload.clone(),
        }
    }
}

impl From<Carried> for QueuedJob {
    fn from(job: Carried) -> Self {
        Self {
            id: job.id,
            kind: job.kind,
            case_id: job.case_id,
            call: job.call,
            payload: job.payload,
        }
    }
}

impl Tx {
    /// Queues a job; it runs once this transaction is committed. // S0-10
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn enqueue(&mut self, job: &QueuedJob, now_ms: i64) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(&Carried::from(job)).map_err(std::io::Error::from)?;
        let task = TaskBuilder::new(bytes)
            .max_attempts(ATTEMPTS as usize)
            .build();
        queries::push_tasks(&mut *self.inner, QUEUE, &[task])
            .await
            .map_err(queue_error)?;
        let sql = "INSERT INTO job_states VALUES (?,?,?,?,?,'waiting',NULL,0,?,?)";
        sqlx::query(sql)
            .bind(&job.id)
            .bind(&job.kind)
            .bind(&job.case_id)
            .bind(job.call)
            .bind(&job.payload)
            .bind(now_ms)
            .bind(now_ms)
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Marks the waiting jobs of a case as cancelled; returns how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn cancel_waiting_jobs(&mut self, case_id: &str) -> Result<u64, StoreError> {
        let sql =
            "UPDATE job_states SET state = 'cancelled' WHERE case_id = ? AND state = 'waiting'";
        let done = sqlx::query(sql)
            .bind(case_id)
            .execute(&mut *self.inner)
            .await?;
        Ok(done.rows_affected())
    }
}

fn queue_error(error: apalis_sqlite::Error) -> StoreError {
    StoreError::Io(std::io::Error::other(error))
}

/// Gives jobs of a process that is gone back to the queue.
pub(crate) async fn give_back_orphans(pool: &SqlitePool) -> Result<(), StoreError> {
    let sql = "UPDATE Jobs SET status = 'Pending', lock_by = NULL, lock_at = NULL
               WHERE status IN ('Queued', 'Running')";
    sqlx::query(sql).execute(pool).await?;
    let sql = "UPDATE job_states SET state = 'waiting' WHERE state = 'running'";
    sqlx::query(sql).execute(pool).await?;
    Ok(())
}

impl Store {
    /// Works on jobs until `shutdown`, then waits for the running ones.
    ///
    /// `worker` must be new at every start: the queue refuses the name of a worker it still believes
    /// to be alive.
    ///
    /// # Errors
    /// When the queue cannot be read.
    pub async fn run_queue<F, Fut>(
        &self,
        worker: &str,
        concurrency: usize,
        handler: F,
        shutdown: CancellationToken,
    ) -> Result<(), StoreError>
    where
        F: Fn(QueuedJob) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobFailure>> + Send + 'static,
    {
        let config = Config {
            queue: QUEUE.into(),
            batch_size: concurrency,
            heartbeat_interval: HEARTBEAT,
            ..Config::default()
        };
        let storage = SqliteStorage::<Carried>::new(self.pool()).with_config(config);
        let backend = storage.poll_with_interval(POLL);
        let run = move |job: Carried| {
            let outcome = tokio::spawn(handler(job.into()));
            // A panic in a job is a failure of that job, not of the queue.
            async move { outcome.await.unwrap_or_else(panicked).map_err(Refusal) }
        };
        let worker = WorkerBuilder::new(worker)
            .backend(backend)
            .concurrency(concurrency)
            .build(run);
        let stopped = async move {
            shutdown.cancelled().await;
            Ok::<(), std::io::Error>(())
        };
        worker
            .run_until(stopped)
            .await
            .map_err(|error| StoreError::Io(std::io::Error::other(error)))
    }

    /// Writes the state of a job for the screens.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn set_job_state(
        &self,
        id: &str,
        state: &str,
        message: Option<String>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE job_states SET state = ?, message = ?, updated_at = ?,
                   attempts = attempts + (? = 'running') WHERE id = ?";
        sqlx::query(sql)
            .bind(state)
            .bind(message)
            .bind(now_ms)
            .bind(state)
            .bind(id)
            .execute(self.pool())
            .await?;
        Ok(())
    }
}

fn panicked(_: tokio::task::JoinError) -> Result<(), JobFailure> {
    Err(JobFailure {
        retry: false,
        message: "the job stopped unexpectedly".to_owned(),
    })
}

/// What the queue is told about a failed job.
struct Refusal(JobFailure);

impl From<Refusal> for BoxDynError {
    /// A failure that makes no sense to repeat ends the job at once.
    fn from(Refusal(failure): Refusal) -> Self {
        let error = std::io::Error::other(failure.message);
        if failure.retry {
            Box::new(error)
        } else {
            Box::new(AbortError::new(error))
        }
    }
}
