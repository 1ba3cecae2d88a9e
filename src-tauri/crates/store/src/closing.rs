//! How cases ended that nothing was handed over for.

use domain::sensitive::PersonalData;
use jiff::Timestamp;
use sqlx::Row;

use crate::{Store, StoreError, Tx, call_record::at};

/// The end of a case without a package.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosingRow {
    /// The case.
    pub case_id: String,
    /// Stable name of the outcome.
    pub outcome: String,
    /// The reasons, or what was done, in a person's words.
    pub statement: PersonalData<String>,
    /// Who closed it.
    pub by: String,
    /// When.
    pub at_utc: Timestamp,
}

impl Store {
    /// How a case ended that nothing was handed over for; absent for every other case.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn closing(&self, case_id: &str) -> Result<Option<ClosingRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM closings WHERE case_id = ?").bind(case_id);
        let Some(row) = query.fetch_optional(self.pool()).await? else {
            return Ok(None);
        };
        Ok(Some(ClosingRow {
            case_id: row.try_get("case_id")?,
            outcome: row.try_get("outcome")?,
            statement: PersonalData::new(row.try_get("statement")?),
            by: row.try_get("by")?,
            at_utc: at(row.try_get("at")?)?,
        }))
    }
}

impl Tx {
    /// Writes how a case ended.
    ///
    /// # Errors
    /// When it ended before or the database refuses.
    pub async fn insert_closing(&mut self, row: &ClosingRow) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO closings VALUES (?,?,?,?,?)")
            .bind(&row.case_id)
            .bind(&row.outcome)
            .bind(row.statement.reveal())
            .bind(&row.by)
            .bind(row.at_utc.as_millisecond())
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }
}
