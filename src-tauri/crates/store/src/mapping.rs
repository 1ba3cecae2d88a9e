//! The mapping database: from any reference of a call to every place where it lies. // S1-12

use jiff::Timestamp;
use sqlx::{Executor, Row, Sqlite, sqlite::SqliteRow};

use crate::{Store, StoreError, Tx, call_record::at};

/// One place of one call. Ids are opaque: no form is assumed of any of them. // S1-17, S1-20
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingRow {
    /// Whose recording it is.
    pub tenant: String,
    /// The configured source.
    pub source: String,
    /// The call's id in that source.
    pub call_id: String,
    /// The recording's id in that source.
    pub recording_id: String,
    /// Our id of this place; never changes.
    pub place_id: String,
    /// Our id of the call: the `place_id` of one of its places, the same in each.
    pub call: String,
    /// Which kind of system it is; decides how it is asked. // S1-21
    pub source_system: String,
    /// The recording's id in the archive it was migrated from.
    pub legacy_archive_id: Option<String>,
    /// The id under which the organization's customers know the call.
    pub customer_provided_id: Option<String>,
    /// Where the source keeps it.
    pub storage_location: String,
    /// Until when it must be kept.
    pub retention_expiry_utc: Option<Timestamp>,
    /// How it is encrypted there.
    pub encryption_status: String,
    /// Whether the media can be had.
    pub media_state: String,
    /// Start of the audio.
    pub start_utc: Option<Timestamp>,
    /// End of the audio.
    pub end_utc: Option<Timestamp>,
    /// When the source was last seen to have it.
    pub seen_at_utc: Timestamp,
    /// Since when the source says that it has it no longer.
    pub missing_since_utc: Option<Timestamp>,
}

const BY_REFERENCE: &str = "SELECT * FROM mapping WHERE call IN (
        SELECT call FROM mapping WHERE tenant = ?1 AND (place_id = ?2 OR call_id = ?2
            OR recording_id = ?2 OR legacy_archive_id = ?2 OR customer_provided_id = ?2))
    AND tenant = ?1 ORDER BY call, source, call_id, recording_id";

impl Store {
    /// Every place of every call that a tenant knows by this reference, in a fixed order. // S1-22
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mapped(
        &self,
        tenant: &str,
        reference: &str,
    ) -> Result<Vec<MappingRow>, StoreError> {
        by_reference(self.pool(), tenant, reference).await
    }

    /// Whether a tenant other than this one knows the reference. // S1-26
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_mapped_elsewhere(
        &self,
        tenant: &str,
        reference: &str,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM mapping WHERE tenant <> ?1 AND (place_id = ?2
                   OR call_id = ?2 OR recording_id = ?2 OR legacy_archive_id = ?2
                   OR customer_provided_id = ?2))";
        let query = sqlx::query_scalar(sql).bind(tenant).bind(reference);
        Ok(query.fetch_one(self.pool()).await?)
    }

    /// How many places are known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mapped_places(&self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM mapping")
            .fetch_one(self.pool())
            .await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

impl Tx {
    /// The same as [`Store::mapped`], inside the transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mapped(
        &mut self,
        tenant: &str,
        reference: &str,
    ) -> Result<Vec<MappingRow>, StoreError> {
        by_reference(&mut *self.inner, tenant, reference).await
    }

    /// Writes a place, or what is new about it: what is not known now stays as it was known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_mapping(&mut self, row: &MappingRow) -> Result<(), StoreError> {
        let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
        let sql = "INSERT INTO mapping VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            ON CONFLICT (tenant, source, call_id, recording_id) DO UPDATE SET
                call = excluded.call, source_system = excluded.source_system,
                legacy_archive_id = COALESCE(excluded.legacy_archive_id, legacy_archive_id),
                customer_provided_id = COALESCE(excluded.customer_provided_id, customer_provided_id),
                storage_location = excluded.storage_location,
                retention_expiry = COALESCE(excluded.retention_expiry, retention_expiry),
                encryption_status = CASE excluded.encryption_status WHEN 'UNKNOWN'
                    THEN encryption_status ELSE excluded.encryption_status END,
                media_state = excluded.media_state,
                start_at = COALESCE(excluded.start_at, start_at),
                end_at = COALESCE(excluded.end_at, end_at),
                seen_at = excluded.seen_at, missing_since = excluded.missing_since";
        sqlx::query(sql)
            .bind(&row.tenant)
            .bind(&row.source)
            .bind(&row.call_id)
            .bind(&row.recording_id)
            .bind(&row.place_id)
            .bind(&row.call)
            .bind(&row.source_system)
            .bind(&row.legacy_archive_id)
            .bind(&row.customer_provided_id)
            .bind(&row.storage_location)
            .bind(ms(row.retention_expiry_utc))
            .bind(&row.encryption_status)
            .bind(&row.media_state)
            .bind(ms(row.start_utc))
            .bind(ms(row.end_utc))
            .bind(row.seen_at_utc.as_millisecond())
            .bind(ms(row.missing_since_utc))
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Makes two calls one: every place of `other` becomes one of `call`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn join_calls(
        &mut self,
        tenant: &str,
        call: &str,
        other: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE mapping SET call = ? WHERE tenant = ? AND call = ?";
        let query = sqlx::query(sql).bind(call).bind(tenant).bind(other);
        query.execute(&mut *self.inner).await?;
        Ok(())
    }
}

async fn by_reference(
    executor: impl Executor<'_, Database = Sqlite>,
    tenant: &str,
    reference: &str,
) -> Result<Vec<MappingRow>, StoreError> {
    let query = sqlx::query(BY_REFERENCE).bind(tenant).bind(reference);
    let rows = query.fetch_all(executor).await?;
    rows.iter().map(mapping).collect()
}

fn mapping(row: &SqliteRow) -> Result<MappingRow, StoreError> {
    let time = |column: &str| row.try_get::<Option<i64>, _>(column);
    Ok(MappingRow {
        tenant: row.try_get("tenant")?,
        source: row.try_get("source")?,
        call_id: row.try_get("call_id")?,
        recording_id: row.try_get("recording_id")?,
        place_id: row.try_get("place_id")?,
        call: row.try_get("call")?,
        source_system: row.try_get("source_system")?,
        legacy_archive_id: row.try_get("legacy_archive_id")?,
        customer_provided_id: row.try_get("customer_provided_id")?,
        storage_location: row.try_get("storage_location")?,
        retention_expiry_utc: time("retention_expiry")?.map(at).transpose()?,
        encryption_status: row.try_get("encryption_status")?,
        media_state: row.try_get("media_state")?,
        start_utc: time("start_at")?.map(at).transpose()?,
        end_utc: time("end_at")?.map(at).transpose()?,
        seen_at_utc: at(row.try_get("seen_at")?)?,
        missing_since_utc: time("missing_since")?.map(at).transpose()?,
    })
}
