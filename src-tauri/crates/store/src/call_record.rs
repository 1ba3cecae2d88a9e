//! The sealed record of a call: everything that is not asked for by a query.

use domain::sensitive::PersonalData;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    StoreError,
    rows::{CallRow, OriginalRow, PlaceRow, RedactedRow},
    vault::BlobId,
};

#[derive(Serialize, Deserialize)]
pub(crate) struct CallRecord {
    communication: Option<String>,
    #[serde(default)]
    also_at: Vec<PlaceRecord>,
    start_ms: i64,
    end_ms: Option<i64>,
    agents_json: String,
    queues_json: String,
    region: Option<String>,
    matched_by: String,
    end_state: Option<(String, Option<String>)>,
    end_state_at_ms: Option<i64>,
    exporter: Option<String>,
    original: Option<OriginalRecord>,
    timeline_json: Option<String>,
    transcript_blob: Option<String>,
    transcript_origin: Option<String>,
    #[serde(default)]
    transcript_missing: Option<String>,
    plan_blob: Option<String>,
    open_spans: u32,
    total_spans: u32,
    fit_json: Option<String>,
    #[serde(default)]
    risk_blob: Option<String>,
    #[serde(default)]
    risk_json: Option<String>,
    #[serde(default)]
    listened_json: Option<String>,
    redacted: Option<RedactedRecord>,
    reviewed_by: Option<String>,
    approved_by: Option<String>,
    returned_note: Option<String>,
    #[serde(default)]
    missing_accepted: Option<(String, String)>,
    #[serde(default)]
    in_archive: bool,
    #[serde(default)]
    restoration_asked: Option<(String, i64)>,
}

#[derive(Serialize, Deserialize)]
struct PlaceRecord {
    source: String,
    conversation: String,
    recording: String,
    communication: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct OriginalRecord {
    sha256: String,
    size_bytes: u64,
    duration_ms: u64,
    sample_rate_hz: u32,
    channels: u16,
    content_type: String,
    blob: String,
}

#[derive(Serialize, Deserialize)]
struct RedactedRecord {
    blob: String,
    sha256: String,
    size_bytes: u64,
    checks: u32,
    plan_json: String,
}

/// The columns of a call that are asked for.
pub(crate) struct CallColumns {
    pub(crate) case_id: String,
    pub(crate) number: u32,
    pub(crate) source: String,
    pub(crate) conversation: String,
    pub(crate) recording: String,
    pub(crate) review_state: String,
}

fn blob_text(blob: Option<&BlobId>) -> Option<String> {
    blob.map(ToString::to_string)
}

impl CallRecord {
    pub(crate) fn of(call: &CallRow) -> Self {
        Self {
            communication: call.communication.clone(),
            also_at: call.also_at.iter().map(PlaceRecord::of).collect(),
            start_ms: call.start_utc.as_millisecond(),
            end_ms: call.end_utc.map(Timestamp::as_millisecond),
            agents_json: call.agents_json.reveal().clone(),
            queues_json: call.queues_json.clone(),
            region: call.region.clone(),
            matched_by: call.matched_by.clone(),
            end_state: call.end_state.clone(),
            end_state_at_ms: call.end_state_at_utc.map(Timestamp::as_millisecond),
            exporter: call.exporter.clone(),
            original: call.original.as_ref().map(OriginalRecord::of),
            timeline_json: call.timeline_json.clone(),
            transcript_blob: blob_text(call.transcript_blob.as_ref()),
            transcript_origin: call.transcript_origin.clone(),
            transcript_missing: call.transcript_missing.clone(),
            plan_blob: blob_text(call.plan_blob.as_ref()),
            open_spans: call.open_spans,
            total_spans: call.total_spans,
            fit_json: call.fit_json.clone(),
            risk_blob: blob_text(call.risk_blob.as_ref()),
            risk_json: call.risk_json.clone(),
            listened_json: call.listened_json.clone(),
            redacted: call.redacted.as_ref().map(RedactedRecord::of),
            reviewed_by: call.reviewed_by.clone(),
            approved_by: call.approved_by.clone(),
            returned_note: call.returned_note.clone(),
            missing_accepted: call.missing_accepted.clone(),
            in_archive: call.in_archive,
            restoration_asked: call
                .restoration_asked
                .as_ref()
                .map(|(by, at_utc)| (by.clone(), at_utc.as_millisecond())),
        }
    }

    pub(crate) fn row(self, columns: CallColumns) -> Result<CallRow, StoreError> {
        Ok(CallRow {
            case_id: columns.case_id,
            number: columns.number,
            source: columns.source,
            conversation: columns.conversation,
            recording: columns.recording,
            communication: self.communication,
            also_at: self.also_at.into_iter().map(PlaceRecord::row).collect(),
            start_utc: at(self.start_ms)?,
            end_utc: self.end_ms.map(at).transpose()?,
            agents_json: PersonalData::new(self.agents_json),
            queues_json: self.queues_json,
            region: self.region,
            matched_by: self.matched_by,
            end_state: self.end_state,
            end_state_at_utc: self.end_state_at_ms.map(at).transpose()?,
            exporter: self.exporter,
            original: self.original.map(OriginalRecord::row),
            timeline_json: self.timeline_json,
            transcript_blob: self.transcript_blob.map(BlobId::from_row),
            transcript_origin: self.transcript_origin,
            transcript_missing: self.transcript_missing,
            plan_blob: self.plan_blob.map(BlobId::from_row),
            open_spans: self.open_spans,
            total_spans: self.total_spans,
            fit_json: self.fit_json,
            risk_blob: self.risk_blob.map(BlobId::from_row),
            risk_json: self.risk_json,
            listened_json: self.listened_json,
            redacted: self.redacted.map(RedactedRecord::row),
            review_state: columns.review_state,
            reviewed_by: self.reviewed_by,
            approved_by: self.approved_by,
            returned_note: self.returned_note,
            missing_accepted: self.missing_accepted,
            in_archive: self.in_archive,
            restoration_asked: self
                .restoration_asked
                .map(|(by, ms)| Ok::<_, StoreError>((by, at(ms)?)))
                .transpose()?,
        })
    }
}

impl PlaceRecord {
    fn of(row: &PlaceRow) -> Self {
        Self {
            source: row.source.clone(),
            conversation: row.conversation.clone(),
            recording: row.recording.clone(),
            communication: row.communication.clone(),
        }
    }

    fn row(self) -> PlaceRow {
        PlaceRow {
            source: self.source,
            conversation: self.conversation,
            recording: self.recording,
            communication: self.communication,
        }
    }
}

impl OriginalRecord {
    fn of(row: &OriginalRow) -> Self {
        Self {
            sha256: row.sha256.clone(),
            size_bytes: row.size_bytes,
            duration_ms: row.duration_ms,
            sample_rate_hz: row.sample_rate_hz,
            channels: row.channels,
            content_type: row.content_type.clone(),
            blob: row.blob.to_string(),
        }
    }

    fn row(self) -> OriginalRow {
        OriginalRow {
            sha256: self.sha256,
            size_bytes: self.size_bytes,
            duration_ms: self.duration_ms,
            sample_rate_hz: self.sample_rate_hz,
            channels: self.channels,
            content_type: self.content_type,
            blob: BlobId::from_row(self.blob),
        }
    }
}

impl RedactedRecord {
    fn of(row: &RedactedRow) -> Self {
        Self {
            blob: row.blob.to_string(),
            sha256: row.sha256.clone(),
            size_bytes: row.size_bytes,
            checks: row.checks,
            plan_json: row.plan_json.clone(),
        }
    }

    fn row(self) -> RedactedRow {
        RedactedRow {
            blob: BlobId::from_row(self.blob),
            sha256: self.sha256,
            size_bytes: self.size_bytes,
            checks: self.checks,
            plan_json: self.plan_json,
        }
    }
}

/// An instant of a column.
pub(crate) fn at(ms: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(ms).map_err(|_| StoreError::Corrupt {
        what: "sar.db".to_owned(),
    })
}
