//! Retrievals of the gateway that did not answer at once, and the media they brought. // S1-46, S0-89

use jiff::Timestamp;
use sqlx::{Row, sqlite::SqliteRow};

use crate::{BlobId, Store, StoreError, Tx, call_record::at};

/// One retrieval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayJobRow {
    /// Random; who knows it and belongs to the tenant may ask for it.
    pub id: String,
    /// Whose recording it is.
    pub tenant: String,
    /// Who asked.
    pub client: String,
    /// What was asked for.
    pub reference: String,
    /// In which format.
    pub format: String,
    /// `running`, `done` or `failed`.
    pub state: String,
    /// Our id of the call, once known.
    pub call: Option<String>,
    /// Why it failed; opaque here.
    pub failure_json: Option<String>,
    /// What was brought; opaque here.
    pub result_json: Option<String>,
    /// The media, encrypted.
    pub blob: Option<BlobId>,
    /// When it was asked for.
    pub created_at_utc: Timestamp,
    /// When it ended.
    pub finished_at_utc: Option<Timestamp>,
    /// When media and row go.
    pub expires_at_utc: Option<Timestamp>,
}

impl Store {
    /// One retrieval by its id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn gateway_job(&self, id: &str) -> Result<Option<GatewayJobRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM gateway_jobs WHERE id = ?").bind(id);
        let row = query.fetch_optional(self.pool()).await?;
        row.as_ref().map(job).transpose()
    }

    /// The latest retrieval of a call, or of a reference that led to none, in one format and still valid.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest_gateway_job(
        &self,
        tenant: &str,
        call_or_reference: &str,
        format: &str,
        now: Timestamp,
    ) -> Result<Option<GatewayJobRow>, StoreError> {
        let sql = "SELECT * FROM gateway_jobs WHERE tenant = ?1 AND (call = ?2 OR reference = ?2)
            AND format = ?3 AND (expires_at IS NULL OR expires_at > ?4)
            ORDER BY created_at DESC, id LIMIT 1";
        let query = sqlx::query(sql)
            .bind(tenant)
            .bind(call_or_reference)
            .bind(format)
            .bind(now.as_millisecond());
        let row = query.fetch_optional(self.pool()).await?;
        row.as_ref().map(job).transpose()
    }

    /// Retrievals in a state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn gateway_jobs_in(&self, state: &str) -> Result<Vec<GatewayJobRow>, StoreError> {
        let sql = "SELECT * FROM gateway_jobs WHERE state = ? ORDER BY created_at, id";
        let rows = sqlx::query(sql).bind(state).fetch_all(self.pool()).await?;
        rows.iter().map(job).collect()
    }

    /// Retrievals whose time is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn gateway_jobs_over(
        &self,
        now: Timestamp,
    ) -> Result<Vec<GatewayJobRow>, StoreError> {
        let sql = "SELECT * FROM gateway_jobs WHERE expires_at <= ?";
        let query = sqlx::query(sql).bind(now.as_millisecond());
        let rows = query.fetch_all(self.pool()).await?;
        rows.iter().map(job).collect()
    }
}

impl Tx {
    /// Writes a retrieval, or its new state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_gateway_job(&mut self, row: &GatewayJobRow) -> Result<(), StoreError> {
        let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
        sqlx::query("INSERT OR REPLACE INTO gateway_jobs VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)")
            .bind(&row.id)
            .bind(&row.tenant)
            .bind(&row.client)
            .bind(&row.reference)
            .bind(&row.format)
            .bind(&row.state)
            .bind(&row.call)
            .bind(&row.failure_json)
            .bind(&row.result_json)
            .bind(row.blob.as_ref().map(BlobId::as_str))
            .bind(row.created_at_utc.as_millisecond())
            .bind(ms(row.finished_at_utc))
            .bind(ms(row.expires_at_utc))
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Removes a retrieval; its media must be gone already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_gateway_job(&mut self, id: &str) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM gateway_jobs WHERE id = ?").bind(id);
        query.execute(&mut *self.inner).await?;
        Ok(())
    }
}

fn job(row: &SqliteRow) -> Result<GatewayJobRow, StoreError> {
    let time = |column: &str| row.try_get::<Option<i64>, _>(column);
    Ok(GatewayJobRow {
        id: row.try_get("id")?,
        tenant: row.try_get("tenant")?,
        client: row.try_get("client")?,
        reference: row.try_get("reference")?,
        format: row.try_get("format")?,
        state: row.try_get("state")?,
        call: row.try_get("call")?,
        failure_json: row.try_get("failure_json")?,
        result_json: row.try_get("result_json")?,
        blob: row
            .try_get::<Option<String>, _>("blob")?
            .map(BlobId::from_row),
        created_at_utc: at(row.try_get("created_at")?)?,
        finished_at_utc: time("finished_at")?.map(at).transpose()?,
        expires_at_utc: time("expires_at")?.map(at).transpose()?,
    })
}
