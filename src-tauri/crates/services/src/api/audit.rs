//! The audit log and its checks.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for a page of the log.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListAuditReq {
    /// Entries before this one; from the newest when empty.
    pub before_seq: Option<u64>,
    /// At most this many, 1 to 500.
    pub limit: u32,
    /// Only this case.
    pub case_id: Option<String>,
    /// Only what belongs together under this correlation id. // S0-67
    #[serde(default)]
    #[ts(optional)]
    pub correlation_id: Option<String>,
}

/// A page of the log, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntryView>,
    /// Where to go on with older entries; absent when the log was searched to its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next_before_seq: Option<u64>,
    /// Number of entries of the whole log.
    pub log_size: u64,
    /// The signed checkpoint, as text.
    pub checkpoint: String,
}

/// One entry.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AuditEntryView {
    /// Position, from 0.
    pub seq: u64,
    /// When, RFC 3339 in UTC with milliseconds.
    pub at_utc: String,
    /// `human` or `service`.
    pub actor_kind: String,
    /// Who.
    pub actor: String,
    /// Stable name of the action.
    pub action: String,
    /// The case, if it is about one.
    pub case_id: Option<String>,
    /// The call's source id, if it is about one.
    pub recording_id: Option<String>,
    /// Digest of the file it is about.
    pub file_hash: Option<String>,
    /// Hash of this entry in the tree.
    pub leaf_hash: String,
    /// The exact entry as signed; holds no personal data.
    pub json: String,
}

/// The outcome of a verification.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportView {
    /// Whether every check passed.
    pub verified: bool,
    /// The checks in order.
    pub checks: Vec<CheckView>,
}

/// One check.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CheckView {
    /// Stable name.
    pub name: String,
    /// `passed`, `failed` or `not_performed`.
    pub outcome: String,
    /// What was seen, or why it failed.
    pub detail: String,
}

/// A folder that was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ExportedFolder {
    /// Where, for display.
    pub location: String,
    /// Number of files.
    pub files: u32,
}
