//! Database rows as plain structs. Each outer world has its own; these never leave the building.
//!
//! JSON columns are opaque here. What names a person or holds their words is [`PersonalData`].

use domain::sensitive::{PersonalData, Secret};
use jiff::Timestamp;

use crate::vault::BlobId;

/// A case.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the domain"
)]
pub struct CaseRow {
    pub id: String,
    pub correlation_id: String,
    pub law: String,
    pub received_on: String,
    pub received_by: String,
    pub step: String,
    pub owner: String,
    pub requestor_json: PersonalData<String>,
    pub initials: String,
    pub risk_tier: String,
    pub created_at_utc: Timestamp,
    pub due_on: String,
    pub internal_due_on: String,
    pub due_rule: String,
    pub calls_total: u32,
    pub note: String,
    pub legal_hold: bool,
    pub request_type: String,
}

/// Which cases to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Part of the number, the initials or the owner; empty for all.
    pub text: String,
    /// Only this step.
    pub step: Option<String>,
    /// All but this step.
    pub except_step: Option<String>,
    /// Only this owner.
    pub owner: Option<String>,
    /// Only with an internal due date until this day, inclusive.
    pub due_until: Option<String>,
    /// At most this many.
    pub limit: u32,
    /// How many to skip.
    pub offset: u32,
}

/// One identity check of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the domain"
)]
pub struct IdentityCheckRow {
    pub case_id: String,
    pub method: String,
    pub passed: bool,
    pub checked_by: String,
    pub checked_at_utc: Timestamp,
}

/// One search of a case; `seq` is given by the database.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the domain"
)]
pub struct SearchRow {
    pub case_id: String,
    pub seq: u32,
    pub criteria_json: PersonalData<String>,
    pub result_json: PersonalData<String>,
    pub ran_at_utc: Timestamp,
    pub by: String,
}

/// A frozen list; supplement 1 is the first.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the domain"
)]
pub struct FrozenRow {
    pub case_id: String,
    pub supplement: u32,
    pub digest: String,
    pub manifest_json: PersonalData<String>,
    pub frozen_at_utc: Timestamp,
    pub by: String,
    pub calls: u32,
    pub excluded: u32,
}

/// An original in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the domain"
)]
pub struct OriginalRow {
    pub sha256: String,
    pub size_bytes: u64,
    pub duration_ms: u64,
    pub sample_rate_hz: u32,
    pub channels: u16,
    pub content_type: String,
    pub blob: BlobId,
}

/// A redacted recording in the vault that passed its checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactedRow {
    /// The file.
    pub blob: BlobId,
    /// Its digest.
    pub sha256: String,
    /// Its size.
    pub size_bytes: u64,
    /// How many checks it passed.
    pub checks: u32,
    /// The plan as rendered, with seeds; no words.
    pub plan_json: String,
}

/// Where a source has a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the domain"
)]
pub struct PlaceRow {
    pub source: String,
    pub conversation: String,
    pub recording: String,
    pub communication: Option<String>,
}

/// A call of a frozen list.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the domain"
)]
pub struct CallRow {
    pub case_id: String,
    pub number: u32,
    pub source: String,
    pub conversation: String,
    pub recording: String,
    pub communication: Option<String>,
    /// The same call in other sources, in the order in which they are asked. // S1-22
    pub also_at: Vec<PlaceRow>,
    pub start_utc: Timestamp,
    pub end_utc: Option<Timestamp>,
    pub agents_json: PersonalData<String>,
    pub queues_json: String,
    pub region: Option<String>,
    pub matched_by: String,
    /// Name and detail of the end state.
    pub end_state: Option<(String, Option<String>)>,
    pub end_state_at_utc: Option<Timestamp>,
    pub exporter: Option<String>,
    pub original: Option<OriginalRow>,
    pub timeline_json: Option<String>,
    pub transcript_blob: Option<BlobId>,
    pub transcript_origin: Option<String>,
    /// Why there is no transcript.
    pub transcript_missing: Option<String>,
    pub plan_blob: Option<BlobId>,
    pub open_spans: u32,
    pub total_spans: u32,
    pub fit_json: Option<String>,
    /// Where missed items are expected; follows the plan.
    pub risk_blob: Option<BlobId>,
    /// How many missed items are expected as things stand.
    pub risk_json: Option<String>,
    /// What somebody has listened to.
    pub listened_json: Option<String>,
    pub redacted: Option<RedactedRow>,
    /// `none`, `open`, `finished` or `approved`.
    pub review_state: String,
    pub reviewed_by: Option<String>,
    pub approved_by: Option<String>,
    pub returned_note: Option<String>,
    /// Who decided to go on without this call, and why.
    pub missing_accepted: Option<(String, String)>,
    /// Whether it could not be had because it lies in the archive of its source.
    pub in_archive: bool,
    /// Who asked the source to bring it out of its archive, and when.
    pub restoration_asked: Option<(String, Timestamp)>,
}

impl Default for CallRow {
    fn default() -> Self {
        Self {
            case_id: String::new(),
            number: 0,
            source: String::new(),
            conversation: String::new(),
            recording: String::new(),
            communication: None,
            also_at: Vec::new(),
            start_utc: Timestamp::UNIX_EPOCH,
            end_utc: None,
            agents_json: PersonalData::new("[]".to_owned()),
            queues_json: "[]".to_owned(),
            region: None,
            matched_by: String::new(),
            end_state: None,
            end_state_at_utc: None,
            exporter: None,
            original: None,
            timeline_json: None,
            transcript_blob: None,
            transcript_origin: None,
            transcript_missing: None,
            plan_blob: None,
            open_spans: 0,
            total_spans: 0,
            fit_json: None,
            risk_blob: None,
            risk_json: None,
            listened_json: None,
            redacted: None,
            review_state: "none".to_owned(),
            reviewed_by: None,
            approved_by: None,
            returned_note: None,
            missing_accepted: None,
            in_archive: false,
            restoration_asked: None,
        }
    }
}

/// One decision of a reviewer; append-only, `seq` is given by the database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the domain"
)]
pub struct ReviewEventRow {
    pub case_id: String,
    pub call: u32,
    pub seq: u32,
    pub event_json: String,
    pub by: String,
    pub at_utc: Timestamp,
}

/// A sealed package.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the domain"
)]
pub struct PackageRow {
    pub case_id: String,
    pub blob: BlobId,
    pub file_name: String,
    pub sha256: String,
    pub size_bytes: u64,
    pub manifest_sha256: String,
    pub passphrase: Option<Secret<String>>,
    pub sealed_at_utc: Timestamp,
    pub sealed_by: String,
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the domain"
)]
pub struct DeliveryRow {
    pub case_id: String,
    pub channel: String,
    pub target: String,
    pub passphrase_by: String,
    pub package_sha256: String,
    pub delivered_at_utc: Timestamp,
    pub expires_at_utc: Timestamp,
}

/// The head of the audit log: size, right edge, signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the log"
)]
pub struct LogHeadRow {
    pub size: u64,
    pub head: Vec<u8>,
    pub checkpoint: String,
}

/// The state of a job, for the screens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the columns are named after the fields of the job"
)]
pub struct JobRow {
    pub id: String,
    pub kind: String,
    pub case_id: String,
    pub call: Option<u32>,
    /// `waiting`, `running`, `done`, `failed`, `cancelled`, or `superseded`: failed, and done by a later
    /// job.
    pub state: String,
    /// Why it failed, or why the last attempt did.
    pub message: Option<String>,
    /// The same for programs.
    pub code: Option<String>,
    pub attempts: u32,
    pub created_at_utc: Timestamp,
    pub updated_at_utc: Timestamp,
}

/// A job for the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the fields are named after the columns of the job"
)]
pub struct QueuedJob {
    pub id: String,
    pub kind: String,
    pub case_id: String,
    pub call: Option<u32>,
    pub payload: String,
}
