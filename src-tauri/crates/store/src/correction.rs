//! What reviewers corrected: the list of it; the words are sealed in the vault. // B17

use jiff::Timestamp;
use sqlx::{Row, sqlite::SqliteRow};

use crate::{BlobId, Store, StoreError, Tx, call_record::at};

/// One correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionRow {
    /// Random.
    pub id: String,
    /// Where it was said.
    pub case_id: String,
    /// Number of the call.
    pub call: u32,
    /// The span that was corrected.
    pub span: String,
    /// Stable name of what was said about it.
    pub ruling: String,
    /// Stable name of the kind.
    pub entity: String,
    /// The words, sealed with the case.
    pub blob: BlobId,
    /// Who reviewed it.
    pub by: String,
    /// When.
    pub at_utc: Timestamp,
}

fn row(row: &SqliteRow) -> Result<CorrectionRow, StoreError> {
    Ok(CorrectionRow {
        id: row.try_get("id")?,
        case_id: row.try_get("case_id")?,
        call: row.try_get("call")?,
        span: row.try_get("span")?,
        ruling: row.try_get("ruling")?,
        entity: row.try_get("entity")?,
        blob: BlobId::from_row(row.try_get("blob")?),
        by: row.try_get("by")?,
        at_utc: at(row.try_get("at")?)?,
    })
}

impl Store {
    /// Every correction, oldest first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn corrections(&self, limit: u32) -> Result<Vec<CorrectionRow>, StoreError> {
        let sql = "SELECT * FROM corrections ORDER BY at, id LIMIT ?";
        let rows = sqlx::query(sql).bind(limit).fetch_all(self.pool()).await?;
        rows.iter().map(row).collect()
    }
}

impl Tx {
    /// Adds a correction.
    ///
    /// # Errors
    /// When the span has one already or the database fails.
    pub async fn insert_correction(&mut self, it: &CorrectionRow) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO corrections VALUES (?,?,?,?,?,?,?,?,?)")
            .bind(&it.id)
            .bind(&it.case_id)
            .bind(it.call)
            .bind(&it.span)
            .bind(&it.ruling)
            .bind(&it.entity)
            .bind(it.blob.to_string())
            .bind(&it.by)
            .bind(it.at_utc.as_millisecond())
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Takes the corrections of a call out; returns them, because their files are to be removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_corrections(
        &mut self,
        case_id: &str,
        call: u32,
    ) -> Result<Vec<CorrectionRow>, StoreError> {
        let sql = "DELETE FROM corrections WHERE case_id = ? AND call = ? RETURNING *";
        let rows = sqlx::query(sql)
            .bind(case_id)
            .bind(call)
            .fetch_all(&mut *self.inner)
            .await?;
        rows.iter().map(row).collect()
    }

    /// Takes one correction out; returns it, because its file is to be removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_correction(&mut self, id: &str) -> Result<Option<CorrectionRow>, StoreError> {
        let sql = "DELETE FROM corrections WHERE id = ? RETURNING *";
        let found = sqlx::query(sql)
            .bind(id)
            .fetch_optional(&mut *self.inner)
            .await?;
        found.as_ref().map(row).transpose()
    }
}
