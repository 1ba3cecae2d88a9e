//! The durable job queue: apalis over the same encrypted database.
//!
//! Jobs are delivered at least once; handlers look at what is there before they act. The queue's own
//! `setup()` is not called (it turns durability off). What is to be done is in `job_states`; the queue
//! is brought in line with it when the folder is opened, because the folder's lock proves that no other
//! process works on its jobs.

use std::{future::Future, time::Duration};

use apalis::prelude::{BackendExt, TaskBuilder, WorkerBuilder, WorkerBuilderExt};
use apalis_sqlite::{Config, SqliteStorage, queries};
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Store, StoreError, Tx, job_state::Next, rows::QueuedJob};

/// Name of the one queue.
const QUEUE: &str = "sar";

/// The queue itself never gives up on a job: whether there is another attempt is ours to decide.
const DELIVERIES: i32 = i32::MAX;

/// Pause before a queue that stopped is started again.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// How often the queue looks for work; a job of a person must not wait noticeably.
const POLL: Duration = Duration::from_millis(50);

/// A live worker says so this often.
const HEARTBEAT: Duration = Duration::from_secs(3);

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
            .max_attempts(DELIVERIES as usize)
            .build();
        queries::push_tasks(&mut *self.inner, QUEUE, &[task])
            .await
            .map_err(queue_error)?;
        self.insert_waiting_job(job, now_ms).await
    }
}

fn queue_error(error: apalis_sqlite::Error) -> StoreError {
    match error {
        apalis_sqlite::Error::Database(error) => error.into(),
        other => StoreError::Io(std::io::Error::other(other)),
    }
}

/// Makes the queue deliver exactly the jobs that are not settled, whatever it believes about them.
pub(crate) async fn give_back_orphans(pool: &SqlitePool) -> Result<(), StoreError> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let sql = "UPDATE job_states SET state = 'waiting', attempts = MAX(attempts - 1, 0)
               WHERE state = 'running'";
    sqlx::query(sql).execute(&mut *tx).await?;
    let sql = "UPDATE Jobs SET status = 'Killed', lock_by = NULL, lock_at = NULL
               WHERE status IN ('Pending', 'Queued', 'Running', 'Failed')";
    sqlx::query(sql).execute(&mut *tx).await?;
    let sql = "UPDATE Jobs SET status = 'Pending', attempts = 0, max_attempts = ?
               WHERE CAST(job AS TEXT) ->> 'id' IN
               (SELECT id FROM job_states WHERE state = 'waiting')";
    let query = sqlx::query(sql).bind(DELIVERIES);
    query.execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

impl Store {
    /// Works on jobs until `shutdown`, then waits for the running ones.
    ///
    /// A queue that stops by itself, such as on a full disk, is reported to `trouble` and started
    /// again. `worker` must be new at every start: the queue refuses the name of a worker it still
    /// believes to be alive.
    pub async fn run_queue<F, Fut>(
        &self,
        worker: &str,
        concurrency: usize,
        handler: F,
        trouble: impl Fn(StoreError),
        shutdown: CancellationToken,
    ) where
        F: Fn(QueuedJob) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Next> + Send + 'static,
    {
        for round in 0_u64.. {
            let running = TaskTracker::new();
            let name = format!("{worker}-{round}");
            let ended = self
                .run_worker(&name, concurrency, &handler, &running, &shutdown)
                .await;
            if !shutdown.is_cancelled() {
                trouble(ended.err().unwrap_or(StoreError::Interrupted));
            }
            running.close();
            running.wait().await;
            if shutdown
                .run_until_cancelled(tokio::time::sleep(RESTART_PAUSE))
                .await
                .is_none()
            {
                return;
            }
            if let Err(error) = give_back_orphans(self.pool()).await {
                trouble(error);
            }
        }
    }

    /// One worker, until `shutdown` or until the queue cannot be read or written.
    async fn run_worker<F, Fut>(
        &self,
        name: &str,
        concurrency: usize,
        handler: &F,
        running: &TaskTracker,
        shutdown: &CancellationToken,
    ) -> Result<(), StoreError>
    where
        F: Fn(QueuedJob) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Next> + Send + 'static,
    {
        let config = Config {
            queue: QUEUE.into(),
            batch_size: concurrency,
            heartbeat_interval: HEARTBEAT,
            ..Config::default()
        };
        let storage = SqliteStorage::<Carried>::new(self.pool()).with_config(config);
        let (handler, begun, closing) = (handler.clone(), running.clone(), shutdown.clone());
        let run = move |job: Carried| {
            let outcome = (!closing.is_cancelled()).then(|| begun.spawn(handler(job.into())));
            async move {
                match outcome {
                    // A panic in a job is the end of that job, not of the queue.
                    Some(outcome) => tell(outcome.await.unwrap_or(Next::Over)),
                    // Too late for this start; the next one delivers it again.
                    None => std::future::pending().await,
                }
            }
        };
        let worker = WorkerBuilder::new(name)
            .backend(storage.poll_with_interval(POLL))
            .concurrency(concurrency)
            .build(run);
        // The queue's own way to stop waits for running jobs without polling its storage, which may hold
        // the write lock that they wait for. So it works on until they are over, and is dropped then.
        let over = async {
            shutdown.cancelled().await;
            running.close();
            running.wait().await;
        };
        tokio::select! {
            ended = worker.run() => {
                ended.map_err(|error| StoreError::Io(std::io::Error::other(error)))
            }
            () = over => Ok(()),
        }
    }
}

/// Tells the queue to deliver a job again.
#[derive(Debug, thiserror::Error)]
#[error("to be delivered again")]
struct Again;

fn tell(next: Next) -> Result<(), Again> {
    match next {
        Next::Over => Ok(()),
        Next::Again => Err(Again),
    }
}
