//! What the core tells the shells without being asked.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something changed. Shells read the changed part again; an event carries no content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A part of a case changed.
    CaseChanged {
        /// Case number.
        case_id: String,
        /// Which part.
        what: CasePart,
        /// The call, if it is about one.
        call: Option<u32>,
    },
    /// Progress of a job; at most ten a second.
    JobProgress {
        /// Case number.
        case_id: String,
        /// The call, if it is about one.
        call: Option<u32>,
        /// `search`, `retrieve`, `detect`, `redact`, `seal` or `deliver`.
        job_kind: String,
        /// Bytes so far.
        bytes: u64,
        /// Bytes in all; 0 when unknown.
        bytes_total: u64,
    },
    /// Where the sound is. Only while something plays, at most 15 times a second.
    Playback {
        /// Case number.
        case_id: String,
        /// Number of the call.
        call: u32,
        /// Position in the call.
        position_ms: u64,
        /// False once at the end.
        playing: bool,
    },
    /// The export of this desk went on or ended.
    ExportChanged,
    /// The connection, the person at the desk or the log changed.
    StatusChanged,
}

/// A part of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CasePart {
    /// Step, checks, counts.
    Case,
    /// The search result.
    Search,
    /// One call or the list of calls.
    Calls,
    /// Jobs.
    Jobs,
    /// Spans and decisions of a call.
    Review,
    /// The package.
    Package,
}
