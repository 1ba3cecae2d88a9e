//! What became of a job. These rows are the truth; the queue's own tables only deliver.

use std::time::Duration;

use sqlx::{Row, Sqlite, Transaction};

use crate::{Store, StoreError, Tx, rows::QueuedJob};

/// How often a job that fails passingly is tried.
pub(crate) const ATTEMPTS: u32 = 3;

/// How a run of a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEnd {
    /// It did what it had to.
    Done,
    /// A person stopped it.
    Cancelled,
    /// The app closes; this was no attempt, the next start goes on.
    GivenBack,
    /// It failed.
    Failed {
        /// Why, in words; no personal data.
        message: String,
        /// Why, for programs.
        code: String,
        /// Whether another attempt makes sense.
        retry: bool,
    },
}

/// What the queue does with a job that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing more.
    Over,
    /// Delivers it again when its pause is over.
    Again,
}

impl Tx {
    pub(crate) async fn insert_waiting_job(
        &mut self,
        job: &QueuedJob,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO job_states (id, kind, case_id, call, payload, state, attempts,
                   created_at, updated_at) VALUES (?,?,?,?,?,'waiting',0,?,?)";
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

impl Store {
    /// Marks a waiting job as running; false when it is not to be run, such as a cancelled one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn start_job(&self, id: &str, now_ms: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE job_states SET state = 'running', attempts = attempts + 1, updated_at = ?
                   WHERE id = ? AND state = 'waiting'";
        let query = sqlx::query(sql).bind(now_ms).bind(id);
        Ok(query.execute(self.pool()).await?.rows_affected() == 1)
    }

    /// Writes how a run ended, and when the next attempt is.
    ///
    /// # Errors
    /// When the database refuses; the job then counts as running until the store is opened again.
    pub async fn settle_job(
        &self,
        id: &str,
        end: &JobEnd,
        now_ms: i64,
    ) -> Result<Next, StoreError> {
        let mut tx = self.begin().await?.inner;
        let next = match end {
            JobEnd::Done => {
                set_state(&mut tx, id, "done", now_ms).await?;
                supersede_failed(&mut tx, id).await?;
                Next::Over
            }
            JobEnd::Cancelled => {
                set_state(&mut tx, id, "cancelled", now_ms).await?;
                Next::Over
            }
            JobEnd::GivenBack => {
                give_back(&mut tx, id).await?;
                Next::Again
            }
            JobEnd::Failed {
                message,
                code,
                retry,
            } => {
                let attempt = attempts(&mut tx, id).await?;
                let again = *retry && attempt < ATTEMPTS;
                let state = if again { "waiting" } else { "failed" };
                set_state(&mut tx, id, state, now_ms).await?;
                set_failure(&mut tx, id, message, code).await?;
                if again {
                    pause(&mut tx, id, self.retry_pause * attempt).await?;
                    Next::Again
                } else {
                    Next::Over
                }
            }
        };
        tx.commit().await?;
        Ok(next)
    }
}

type SqliteTx = Transaction<'static, Sqlite>;

async fn set_state(
    tx: &mut SqliteTx,
    id: &str,
    state: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE job_states SET state = ?, message = NULL, code = NULL, updated_at = ?
               WHERE id = ?";
    let query = sqlx::query(sql).bind(state).bind(now_ms).bind(id);
    query.execute(&mut **tx).await?;
    Ok(())
}

async fn set_failure(
    tx: &mut SqliteTx,
    id: &str,
    message: &str,
    code: &str,
) -> Result<(), StoreError> {
    let query = sqlx::query("UPDATE job_states SET message = ?, code = ? WHERE id = ?");
    let query = query.bind(message).bind(code).bind(id);
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Earlier jobs for the same thing that failed are history once one of them did it.
async fn supersede_failed(tx: &mut SqliteTx, id: &str) -> Result<(), StoreError> {
    let sql = "UPDATE job_states SET state = 'superseded'
               FROM (SELECT kind, case_id, call FROM job_states WHERE id = ?) AS done
               WHERE job_states.state = 'failed' AND job_states.kind = done.kind
               AND job_states.case_id = done.case_id AND job_states.call IS done.call";
    sqlx::query(sql).bind(id).execute(&mut **tx).await?;
    Ok(())
}

async fn give_back(tx: &mut SqliteTx, id: &str) -> Result<(), StoreError> {
    let sql = "UPDATE job_states SET state = 'waiting', attempts = MAX(attempts - 1, 0)
               WHERE id = ?";
    sqlx::query(sql).bind(id).execute(&mut **tx).await?;
    Ok(())
}

async fn attempts(tx: &mut SqliteTx, id: &str) -> Result<u32, StoreError> {
    let query = sqlx::query("SELECT attempts FROM job_states WHERE id = ?").bind(id);
    let row = query.fetch_optional(&mut **tx).await?;
    Ok(row.map_or(Ok(ATTEMPTS), |row| row.try_get(0))?)
}

/// The queue counts in whole seconds; it looks at nothing whose time has not come.
async fn pause(tx: &mut SqliteTx, id: &str, pause: Duration) -> Result<(), StoreError> {
    let seconds = pause.as_secs_f64().ceil() as i64;
    let sql = "UPDATE Jobs SET run_at = strftime('%s', 'now') + ?
               WHERE status IN ('Queued', 'Running') AND CAST(job AS TEXT) ->> 'id' = ?";
    let query = sqlx::query(sql).bind(seconds).bind(id);
    query.execute(&mut **tx).await?;
    Ok(())
}
