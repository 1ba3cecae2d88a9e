//! The calls of a frozen list.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// All calls of a case.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CallList {
    /// By number.
    pub calls: Vec<CallView>,
}

/// One call.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CallView {
    /// Number within the case.
    pub call: u32,
    /// The source.
    pub source: String,
    /// Start, RFC 3339 in UTC.
    pub start_utc: String,
    /// Start in the zone of the search.
    pub start_local: String,
    /// Length of the audio in custody, or as the source says.
    pub duration_ms: Option<u64>,
    /// End state, or `pending`.
    pub end_state: String,
    /// What goes with the end state.
    pub end_detail: Option<String>,
    /// Where it is on its way: `waiting`, `downloading`, `stored`, `detecting`, `to_review`, `to_approve`, `approved`, `redacted`.
    pub stage: String,
    /// Whether it cannot be had, so that a person may go on without it.
    pub missing: bool,
    /// Why the case goes on without it.
    pub missing_accepted: Option<String>,
    /// Digest of the original.
    pub sha256: Option<String>,
    /// Bytes of the original.
    pub size_bytes: Option<u64>,
    /// Such as `audio/wav`.
    pub content_type: Option<String>,
    /// Spans of the plan.
    pub spans: u32,
    /// Spans that wait for a decision.
    pub open_spans: u32,
    /// Who reviewed it.
    pub reviewed_by: Option<String>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// Why it was returned to the reviewer.
    pub returned_note: Option<String>,
    /// Whether there is a transcript.
    pub has_transcript: bool,
    /// What does not fit between transcript and audio, in words.
    pub warnings: Vec<String>,
    /// Bytes loaded so far, while downloading.
    pub loaded_bytes: Option<u64>,
    /// Whether it lies in the archive of its source, which can bring it out.
    pub in_archive: bool,
    /// When the source was asked to bring it out.
    pub restoration_asked_at_utc: Option<String>,
}
