//! Recordings that a case keeps from deletion at their source.

use sqlx::{Executor, Row, Sqlite, sqlite::SqliteRow};

use crate::{Store, StoreError, Tx};

/// One recording of a case under legal hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the domain"
)]
pub struct LegalHoldRow {
    pub case_id: String,
    pub source: String,
    pub conversation: String,
    pub recording: String,
    pub state: String,
    pub reason: Option<String>,
}

fn hold(row: &SqliteRow) -> Result<LegalHoldRow, StoreError> {
    Ok(LegalHoldRow {
        case_id: row.try_get("case_id")?,
        source: row.try_get("source")?,
        conversation: row.try_get("conversation")?,
        recording: row.try_get("recording")?,
        state: row.try_get("state")?,
        reason: row.try_get("reason")?,
    })
}

async fn holds<'a>(
    database: impl Executor<'a, Database = Sqlite>,
    case_id: &str,
) -> Result<Vec<LegalHoldRow>, StoreError> {
    let sql =
        "SELECT * FROM legal_holds WHERE case_id = ? ORDER BY source, conversation, recording";
    let rows = sqlx::query(sql).bind(case_id).fetch_all(database).await?;
    rows.iter().map(hold).collect()
}

impl Store {
    /// The holds of a case by source and conversation.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn legal_holds(&self, case_id: &str) -> Result<Vec<LegalHoldRow>, StoreError> {
        holds(self.pool(), case_id).await
    }
}

impl Tx {
    /// The holds of a case as they are now; nobody changes them before this transaction ends.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn legal_holds(&mut self, case_id: &str) -> Result<Vec<LegalHoldRow>, StoreError> {
        holds(&mut *self.inner, case_id).await
    }

    /// Writes a hold, new or as it has become.
    ///
    /// # Errors
    /// When there is no such case or the database refuses.
    pub async fn put_legal_hold(&mut self, row: &LegalHoldRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO legal_holds VALUES (?,?,?,?,?,?)
                   ON CONFLICT DO UPDATE SET state = excluded.state, reason = excluded.reason";
        sqlx::query(sql)
            .bind(&row.case_id)
            .bind(&row.source)
            .bind(&row.conversation)
            .bind(&row.recording)
            .bind(&row.state)
            .bind(&row.reason)
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Whether another case has one of these states for any recording of a conversation.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn is_held_for_another(
        &mut self,
        row: &LegalHoldRow,
        states: [&str; 2],
    ) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM legal_holds WHERE source = ? AND conversation = ?
                   AND case_id <> ? AND state IN (?, ?))";
        let query = sqlx::query_scalar(sql)
            .bind(&row.source)
            .bind(&row.conversation)
            .bind(&row.case_id)
            .bind(states[0])
            .bind(states[1]);
        Ok(query.fetch_one(&mut *self.inner).await?)
    }
}
