//! Everything that reads.

use domain::sensitive::{PersonalData, Secret};
use sqlx::{Executor, QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use crate::{
    Store, StoreError,
    call_record::{CallColumns, CallRecord, at},
    rows::{
        CallRow, CaseFilter, CaseRow, DeliveryRow, FrozenRow, IdentityCheckRow, JobRow, LogHeadRow,
        PackageRow, ReviewEventRow, SearchRow,
    },
    tx::signed,
    vault::BlobId,
};

fn case(row: &SqliteRow) -> Result<CaseRow, StoreError> {
    Ok(CaseRow {
        id: row.try_get("id")?,
        correlation_id: row.try_get("correlation_id")?,
        law: row.try_get("law")?,
        received_on: row.try_get("received_on")?,
        received_by: row.try_get("received_by")?,
        step: row.try_get("step")?,
        owner: row.try_get("owner")?,
        requestor_json: PersonalData::new(row.try_get("requestor_json")?),
        initials: row.try_get("initials")?,
        risk_tier: row.try_get("risk_tier")?,
        created_at_utc: at(row.try_get("created_at")?)?,
        due_on: row.try_get("due_on")?,
        internal_due_on: row.try_get("internal_due_on")?,
        due_rule: row.try_get("due_rule")?,
        calls_total: row.try_get("calls_total")?,
        note: row.try_get("note")?,
        legal_hold: row.try_get("legal_hold")?,
        request_type: row.try_get("request_type")?,
    })
}

fn call(row: &SqliteRow) -> Result<CallRow, StoreError> {
    let json: String = row.try_get("record_json")?;
    let record: CallRecord = serde_json::from_str(&json).map_err(std::io::Error::from)?;
    record.row(CallColumns {
        case_id: row.try_get("case_id")?,
        number: row.try_get("number")?,
        source: row.try_get("source")?,
        conversation: row.try_get("conversation")?,
        recording: row.try_get("recording")?,
        review_state: row.try_get("review_state")?,
    })
}

fn job(row: &SqliteRow) -> Result<JobRow, StoreError> {
    Ok(JobRow {
        id: row.try_get("id")?,
        kind: row.try_get("kind")?,
        case_id: row.try_get("case_id")?,
        call: row.try_get("call")?,
        state: row.try_get("state")?,
        message: row.try_get("message")?,
        code: row.try_get("code")?,
        attempts: row.try_get("attempts")?,
        created_at_utc: at(row.try_get("created_at")?)?,
        updated_at_utc: at(row.try_get("updated_at")?)?,
    })
}

pub(crate) async fn identity_checks(
    executor: impl Executor<'_, Database = Sqlite>,
    case_id: &str,
) -> Result<Vec<IdentityCheckRow>, StoreError> {
    let sql = "SELECT * FROM identity_checks WHERE case_id = ? ORDER BY seq";
    let rows = sqlx::query(sql).bind(case_id).fetch_all(executor).await?;
    rows.iter()
        .map(|row| {
            Ok(IdentityCheckRow {
                case_id: row.try_get("case_id")?,
                method: row.try_get("method")?,
                passed: row.try_get("passed")?,
                checked_by: row.try_get("checked_by")?,
                checked_at_utc: at(row.try_get("checked_at")?)?,
            })
        })
        .collect()
}

pub(crate) async fn case_of(
    executor: impl Executor<'_, Database = Sqlite>,
    id: &str,
) -> Result<Option<CaseRow>, StoreError> {
    let query = sqlx::query("SELECT * FROM cases WHERE id = ?").bind(id);
    let row = query.fetch_optional(executor).await?;
    row.as_ref().map(case).transpose()
}

pub(crate) async fn call_of(
    executor: impl Executor<'_, Database = Sqlite>,
    case_id: &str,
    number: u32,
) -> Result<Option<CallRow>, StoreError> {
    let query = sqlx::query("SELECT * FROM calls WHERE case_id = ? AND number = ?");
    let row = query
        .bind(case_id)
        .bind(number)
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(call).transpose()
}

pub(crate) async fn review_events(
    executor: impl Executor<'_, Database = Sqlite>,
    case_id: &str,
    call: u32,
) -> Result<Vec<ReviewEventRow>, StoreError> {
    let sql = "SELECT * FROM review_events WHERE case_id = ? AND call = ? ORDER BY seq";
    let query = sqlx::query(sql).bind(case_id).bind(call);
    let rows = query.fetch_all(executor).await?;
    rows.iter().map(review_event).collect()
}

fn review_event(row: &SqliteRow) -> Result<ReviewEventRow, StoreError> {
    Ok(ReviewEventRow {
        case_id: row.try_get("case_id")?,
        call: row.try_get("call")?,
        seq: row.try_get("seq")?,
        event_json: row.try_get("event_json")?,
        by: row.try_get("by")?,
        at_utc: at(row.try_get("at")?)?,
    })
}

pub(crate) async fn calls(
    executor: impl Executor<'_, Database = Sqlite>,
    case_id: &str,
) -> Result<Vec<CallRow>, StoreError> {
    let sql = "SELECT * FROM calls WHERE case_id = ? ORDER BY number";
    let rows = sqlx::query(sql).bind(case_id).fetch_all(executor).await?;
    rows.iter().map(call).collect()
}

pub(crate) async fn log_head(
    executor: impl Executor<'_, Database = Sqlite>,
) -> Result<Option<LogHeadRow>, StoreError> {
    let row = sqlx::query("SELECT * FROM log_head")
        .fetch_optional(executor)
        .await?;
    row.map(|row| {
        Ok(LogHeadRow {
            size: unsigned(row.try_get("size")?),
            head: row.try_get("head")?,
            checkpoint: row.try_get("checkpoint")?,
        })
    })
    .transpose()
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// Adds the conditions of a filter.
fn narrow(query: &mut QueryBuilder<Sqlite>, filter: &CaseFilter) {
    query.push(" FROM cases WHERE 1 = 1");
    let conditions = [
        (" AND step = ", &filter.step),
        (" AND step <> ", &filter.except_step),
        (" AND owner = ", &filter.owner),
        (" AND internal_due_on <= ", &filter.due_until),
    ];
    for (sql, value) in conditions {
        if let Some(value) = value {
            query.push(sql).push_bind(value.clone());
        }
    }
    if !filter.text.is_empty() {
        // instr and not LIKE: what a person types has no wildcards.
        query.push(" AND instr(lower(id || ' ' || initials || ' ' || owner), lower(");
        query.push_bind(filter.text.clone()).push(")) > 0");
    }
}

impl Store {
    /// A case, if there is one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn case(&self, id: &str) -> Result<Option<CaseRow>, StoreError> {
        case_of(self.pool(), id).await
    }

    /// A page of cases by internal due date, and how many match in all.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn cases(&self, filter: &CaseFilter) -> Result<(Vec<CaseRow>, u32), StoreError> {
        let mut count = QueryBuilder::new("SELECT COUNT(*)");
        narrow(&mut count, filter);
        let total = count.build_query_scalar().fetch_one(self.pool()).await?;
        let mut page = QueryBuilder::new("SELECT *");
        narrow(&mut page, filter);
        page.push(" ORDER BY internal_due_on, id LIMIT ")
            .push_bind(filter.limit);
        page.push(" OFFSET ").push_bind(filter.offset);
        let rows = page.build().fetch_all(self.pool()).await?;
        Ok((rows.iter().map(case).collect::<Result<_, _>>()?, total))
    }

    /// How many cases are not closed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_cases(&self) -> Result<u32, StoreError> {
        let sql = "SELECT COUNT(*) FROM cases WHERE step <> 'closed'";
        Ok(sqlx::query_scalar(sql).fetch_one(self.pool()).await?)
    }

    /// The identity checks of a case in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn identity_checks(
        &self,
        case_id: &str,
    ) -> Result<Vec<IdentityCheckRow>, StoreError> {
        identity_checks(self.pool(), case_id).await
    }

    /// The latest search of a case.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn latest_search(&self, case_id: &str) -> Result<Option<SearchRow>, StoreError> {
        let sql = "SELECT * FROM searches WHERE case_id = ? ORDER BY seq DESC LIMIT 1";
        let row = sqlx::query(sql)
            .bind(case_id)
            .fetch_optional(self.pool())
            .await?;
        row.map(|row| {
            Ok(SearchRow {
                case_id: row.try_get("case_id")?,
                seq: row.try_get("seq")?,
                criteria_json: PersonalData::new(row.try_get("criteria_json")?),
                result_json: PersonalData::new(row.try_get("result_json")?),
                ran_at_utc: at(row.try_get("ran_at")?)?,
                by: row.try_get("by")?,
            })
        })
        .transpose()
    }

    /// The frozen list of a case.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn frozen(&self, case_id: &str) -> Result<Option<FrozenRow>, StoreError> {
        let sql = "SELECT * FROM frozen_lists WHERE case_id = ? ORDER BY supplement LIMIT 1";
        let row = sqlx::query(sql)
            .bind(case_id)
            .fetch_optional(self.pool())
            .await?;
        row.map(|row| {
            Ok(FrozenRow {
                case_id: row.try_get("case_id")?,
                supplement: row.try_get("supplement")?,
                digest: row.try_get("digest")?,
                manifest_json: PersonalData::new(row.try_get("manifest_json")?),
                frozen_at_utc: at(row.try_get("frozen_at")?)?,
                by: row.try_get("by")?,
                calls: row.try_get("calls")?,
                excluded: row.try_get("excluded")?,
            })
        })
        .transpose()
    }

    /// A call of a case, if there is one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn call(&self, case_id: &str, number: u32) -> Result<Option<CallRow>, StoreError> {
        call_of(self.pool(), case_id, number).await
    }

    /// The calls of a case by number.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn calls(&self, case_id: &str) -> Result<Vec<CallRow>, StoreError> {
        calls(self.pool(), case_id).await
    }

    /// Calls of all cases that their source was asked to bring out of its archive, and that are not there yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn restoring_calls(&self) -> Result<Vec<CallRow>, StoreError> {
        let sql = "SELECT * FROM calls WHERE end_state = 'unavailable'
                   AND json_extract(record_json, '$.restoration_asked') IS NOT NULL
                   ORDER BY case_id, number";
        let rows = sqlx::query(sql).fetch_all(self.pool()).await?;
        rows.iter().map(call).collect()
    }

    /// The review decisions of a call in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn review_events(
        &self,
        case_id: &str,
        call: u32,
    ) -> Result<Vec<ReviewEventRow>, StoreError> {
        review_events(self.pool(), case_id, call).await
    }

    /// The sealed package of a case.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn package(&self, case_id: &str) -> Result<Option<PackageRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM packages WHERE case_id = ?").bind(case_id);
        let row = query.fetch_optional(self.pool()).await?;
        row.map(|row| {
            Ok(PackageRow {
                case_id: row.try_get("case_id")?,
                blob: BlobId::from_row(row.try_get("blob")?),
                file_name: row.try_get("file_name")?,
                sha256: row.try_get("sha256")?,
                size_bytes: unsigned(row.try_get("size_bytes")?),
                manifest_sha256: row.try_get("manifest_sha256")?,
                passphrase: row
                    .try_get::<Option<String>, _>("passphrase")?
                    .map(Secret::new),
                sealed_at_utc: at(row.try_get("sealed_at")?)?,
                sealed_by: row.try_get("sealed_by")?,
            })
        })
        .transpose()
    }

    /// Cases with a package, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn cases_with_package(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT case_id FROM packages ORDER BY sealed_at DESC, case_id DESC LIMIT 500";
        Ok(sqlx::query_scalar(sql).fetch_all(self.pool()).await?)
    }

    /// The delivery of a case.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delivery(&self, case_id: &str) -> Result<Option<DeliveryRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM deliveries WHERE case_id = ?").bind(case_id);
        let row = query.fetch_optional(self.pool()).await?;
        row.map(|row| {
            Ok(DeliveryRow {
                case_id: row.try_get("case_id")?,
                channel: row.try_get("channel")?,
                target: row.try_get("target")?,
                passphrase_by: row.try_get("passphrase_by")?,
                package_sha256: row.try_get("package_sha256")?,
                delivered_at_utc: at(row.try_get("delivered_at")?)?,
                expires_at_utc: at(row.try_get("expires_at")?)?,
            })
        })
        .transpose()
    }

    /// The head of the audit log, if it was started.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn log_head(&self) -> Result<Option<LogHeadRow>, StoreError> {
        log_head(self.pool()).await
    }

    /// Entries of the log from position `first`, at most `limit`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn log_leaves(&self, first: u64, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT leaf FROM log_entries WHERE seq >= ? ORDER BY seq LIMIT ?";
        let query = sqlx::query_scalar(sql).bind(signed(first)).bind(limit);
        Ok(query.fetch_all(self.pool()).await?)
    }

    /// A setting, if it was kept.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT json FROM settings WHERE key = ?").bind(key);
        Ok(query.fetch_optional(self.pool()).await?)
    }

    /// The jobs of a case in the order they were queued.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn jobs(&self, case_id: &str) -> Result<Vec<JobRow>, StoreError> {
        let sql = "SELECT * FROM job_states WHERE case_id = ? ORDER BY created_at, rowid";
        let rows = sqlx::query(sql)
            .bind(case_id)
            .fetch_all(self.pool())
            .await?;
        rows.iter().map(job).collect()
    }

    /// A job, if there is one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn job(&self, id: &str) -> Result<Option<JobRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM job_states WHERE id = ?").bind(id);
        query
            .fetch_optional(self.pool())
            .await?
            .as_ref()
            .map(job)
            .transpose()
    }

    /// How many jobs wait or run, over all cases.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_jobs(&self) -> Result<u32, StoreError> {
        let sql = "SELECT COUNT(*) FROM job_states WHERE state IN ('waiting', 'running')";
        Ok(sqlx::query_scalar(sql).fetch_one(self.pool()).await?)
    }
}
