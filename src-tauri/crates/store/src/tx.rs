//! Everything that writes: one transaction holds a business change, its log entry and its jobs.

use sqlx::{Sqlite, Transaction};

use crate::{
    BlobId, LooseBlob, Store, StoreError,
    call_record::CallRecord,
    kept_files, read,
    rows::{
        CallRow, CaseRow, DeliveryRow, FrozenRow, IdentityCheckRow, LogHeadRow, PackageRow,
        ReviewEventRow, SearchRow,
    },
};

/// A transaction that has the write lock from its beginning. Dropped, it leaves nothing.
pub struct Tx {
    pub(crate) inner: Transaction<'static, Sqlite>,
    /// Files that stay when this commits.
    kept: Vec<LooseBlob>,
}

impl Store {
    /// Begins a transaction; waits for another writer.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(Tx {
            inner: self.pool().begin_with("BEGIN IMMEDIATE").await?,
            kept: Vec::new(),
        })
    }
}

impl Tx {
    /// Makes everything durable.
    ///
    /// # Errors
    /// When the database or the disk refuses; nothing is written then, and no file of this stays.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        for blob in &self.kept {
            blob.settle()?;
            kept_files::insert(&mut self.inner, blob.id()).await?;
        }
        let committed = self.inner.commit().await.map_err(StoreError::from);
        match &committed {
            Ok(()) => self.kept.into_iter().for_each(LooseBlob::stay),
            // Nothing was written, and the files go.
            Err(StoreError::DiskFull) => {}
            // The rows may be there all the same; the next start sees whether they are.
            Err(_) => self.kept.into_iter().for_each(LooseBlob::leave),
        }
        committed
    }

    /// Lets a file of the vault stay when this commits; a row written here is to refer to it.
    pub fn keep(&mut self, blob: LooseBlob) -> BlobId {
        let id = blob.id().clone();
        self.kept.push(blob);
        id
    }

    /// The next case number of a year, from 1.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn next_case_number(&mut self, year: i16) -> Result<u32, StoreError> {
        let sql = "INSERT INTO case_numbers (year, last) VALUES (?, 1)
                   ON CONFLICT (year) DO UPDATE SET last = last + 1 RETURNING last";
        Ok(sqlx::query_scalar(sql)
            .bind(year)
            .fetch_one(&mut *self.inner)
            .await?)
    }

    /// Writes a new case.
    ///
    /// # Errors
    /// When the number is taken or the database refuses.
    pub async fn insert_case(&mut self, row: &CaseRow) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO cases VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
            .bind(&row.id)
            .bind(&row.correlation_id)
            .bind(&row.law)
            .bind(&row.received_on)
            .bind(&row.received_by)
            .bind(&row.step)
            .bind(&row.owner)
            .bind(row.requestor_json.reveal())
            .bind(&row.initials)
            .bind(&row.risk_tier)
            .bind(row.created_at_utc.as_millisecond())
            .bind(&row.due_on)
            .bind(&row.internal_due_on)
            .bind(&row.due_rule)
            .bind(row.calls_total)
            .bind(&row.note)
            .bind(row.legal_hold)
            .bind(&row.request_type)
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// A case as it is now; nobody changes it before this transaction ends.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn case(&mut self, id: &str) -> Result<Option<CaseRow>, StoreError> {
        read::case_of(&mut *self.inner, id).await
    }

    /// A call as it is now; nobody changes it before this transaction ends.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn call(
        &mut self,
        case_id: &str,
        number: u32,
    ) -> Result<Option<CallRow>, StoreError> {
        read::call_of(&mut *self.inner, case_id, number).await
    }

    /// The review decisions of a call in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn review_events(
        &mut self,
        case_id: &str,
        call: u32,
    ) -> Result<Vec<ReviewEventRow>, StoreError> {
        read::review_events(&mut *self.inner, case_id, call).await
    }

    /// Moves a case to a step.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn update_case_step(&mut self, id: &str, step: &str) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE cases SET step = ? WHERE id = ?")
            .bind(step)
            .bind(id);
        query.execute(&mut *self.inner).await?;
        Ok(())
    }

    /// Notes how many calls are on the frozen list.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn set_calls_total(&mut self, id: &str, total: u32) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE cases SET calls_total = ? WHERE id = ?");
        query.bind(total).bind(id).execute(&mut *self.inner).await?;
        Ok(())
    }

    /// Adds an identity check.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn insert_identity_check(
        &mut self,
        row: &IdentityCheckRow,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO identity_checks (case_id, method, passed, checked_by, checked_at)
                   VALUES (?,?,?,?,?)";
        sqlx::query(sql)
            .bind(&row.case_id)
            .bind(&row.method)
            .bind(row.passed)
            .bind(&row.checked_by)
            .bind(row.checked_at_utc.as_millisecond())
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// The identity checks of a case in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn identity_checks(
        &mut self,
        case_id: &str,
    ) -> Result<Vec<IdentityCheckRow>, StoreError> {
        read::identity_checks(&mut *self.inner, case_id).await
    }

    /// Adds a search; its `seq` is given by the database.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn insert_search(&mut self, row: &SearchRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO searches (case_id, criteria_json, result_json, ran_at, by)
                   VALUES (?,?,?,?,?)";
        sqlx::query(sql)
            .bind(&row.case_id)
            .bind(row.criteria_json.reveal())
            .bind(row.result_json.reveal())
            .bind(row.ran_at_utc.as_millisecond())
            .bind(&row.by)
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Writes a frozen list.
    ///
    /// # Errors
    /// When the supplement is frozen already or the database refuses.
    pub async fn insert_frozen(&mut self, row: &FrozenRow) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO frozen_lists VALUES (?,?,?,?,?,?,?,?)")
            .bind(&row.case_id)
            .bind(row.supplement)
            .bind(&row.digest)
            .bind(row.manifest_json.reveal())
            .bind(row.frozen_at_utc.as_millisecond())
            .bind(&row.by)
            .bind(row.calls)
            .bind(row.excluded)
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Adds a call.
    ///
    /// # Errors
    /// When the call is on the list already or the database refuses.
    pub async fn insert_call(&mut self, call: &CallRow) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO calls VALUES (?,?,?,?,?,?,?,?)")
            .bind(&call.case_id)
            .bind(call.number)
            .bind(&call.source)
            .bind(&call.conversation)
            .bind(&call.recording)
            .bind(call.end_state.as_ref().map(|(name, _)| name))
            .bind(&call.review_state)
            .bind(record_json(call)?)
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Writes a call again, whole.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn update_call(&mut self, call: &CallRow) -> Result<(), StoreError> {
        let sql = "UPDATE calls SET source = ?, conversation = ?, recording = ?, end_state = ?,
                   review_state = ?, record_json = ? WHERE case_id = ? AND number = ?";
        sqlx::query(sql)
            .bind(&call.source)
            .bind(&call.conversation)
            .bind(&call.recording)
            .bind(call.end_state.as_ref().map(|(name, _)| name))
            .bind(&call.review_state)
            .bind(record_json(call)?)
            .bind(&call.case_id)
            .bind(call.number)
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// The calls of a case by number.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn calls(&mut self, case_id: &str) -> Result<Vec<CallRow>, StoreError> {
        read::calls(&mut *self.inner, case_id).await
    }

    /// Adds a decision of a reviewer; its `seq` is given by the database.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn insert_review_event(&mut self, row: &ReviewEventRow) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO review_events (case_id, call, event_json, by, at) VALUES (?,?,?,?,?)";
        sqlx::query(sql)
            .bind(&row.case_id)
            .bind(row.call)
            .bind(&row.event_json)
            .bind(&row.by)
            .bind(row.at_utc.as_millisecond())
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Writes a sealed package.
    ///
    /// # Errors
    /// When the case has one already or the database refuses.
    pub async fn insert_package(&mut self, row: &PackageRow) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO packages VALUES (?,?,?,?,?,?,?,?,?)")
            .bind(&row.case_id)
            .bind(row.blob.as_str())
            .bind(&row.file_name)
            .bind(&row.sha256)
            .bind(signed(row.size_bytes))
            .bind(&row.manifest_sha256)
            .bind(
                row.passphrase
                    .as_ref()
                    .map(|secret| secret.reveal().as_str()),
            )
            .bind(row.sealed_at_utc.as_millisecond())
            .bind(&row.sealed_by)
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Whether the package of a case is sealed, or about to be.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn is_sealed_or_sealing(&mut self, case_id: &str) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM packages WHERE case_id = ?1)
                   OR EXISTS (SELECT 1 FROM job_states WHERE case_id = ?1 AND kind = 'seal'
                              AND state IN ('waiting', 'running'))";
        let query = sqlx::query_scalar(sql).bind(case_id);
        Ok(query.fetch_one(&mut *self.inner).await?)
    }

    /// Forgets the passphrase of a package that was handed over.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn forget_passphrase(&mut self, case_id: &str) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE packages SET passphrase = NULL WHERE case_id = ?");
        query.bind(case_id).execute(&mut *self.inner).await?;
        Ok(())
    }

    /// Writes a delivery.
    ///
    /// # Errors
    /// When the case has one already or the database refuses.
    pub async fn insert_delivery(&mut self, row: &DeliveryRow) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO deliveries VALUES (?,?,?,?,?,?,?)")
            .bind(&row.case_id)
            .bind(&row.channel)
            .bind(&row.target)
            .bind(&row.passphrase_by)
            .bind(&row.package_sha256)
            .bind(row.delivered_at_utc.as_millisecond())
            .bind(row.expires_at_utc.as_millisecond())
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// The head of the audit log, if it was started.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn log_head(&mut self) -> Result<Option<LogHeadRow>, StoreError> {
        read::log_head(&mut *self.inner).await
    }

    /// Appends an entry. The database refuses gaps and changes.
    ///
    /// # Errors
    /// When `seq` is not the next one or the database refuses.
    pub async fn append_log(
        &mut self,
        seq: u64,
        leaf: &[u8],
        leaf_hash: [u8; 32],
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO log_entries VALUES (?,?,?)")
            .bind(signed(seq))
            .bind(leaf)
            .bind(leaf_hash.as_slice())
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Writes the head of the audit log.
    ///
    /// # Errors
    /// When it would shrink or the database refuses.
    pub async fn set_log_head(&mut self, row: &LogHeadRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO log_head VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE
                   SET size = excluded.size, head = excluded.head, checkpoint = excluded.checkpoint";
        sqlx::query(sql)
            .bind(signed(row.size))
            .bind(&row.head)
            .bind(&row.checkpoint)
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// A setting, if it was kept; nobody changes it before this transaction ends.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn setting(&mut self, key: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT json FROM settings WHERE key = ?").bind(key);
        Ok(query.fetch_optional(&mut *self.inner).await?)
    }

    /// Keeps a setting.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_setting(&mut self, key: &str, json: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET json = excluded.json";
        sqlx::query(sql)
            .bind(key)
            .bind(json)
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }
}

fn record_json(call: &CallRow) -> Result<String, StoreError> {
    serde_json::to_string(&CallRecord::of(call)).map_err(|error| std::io::Error::from(error).into())
}

/// SQLite's integers are signed; sizes and positions stay far below 2^63.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
