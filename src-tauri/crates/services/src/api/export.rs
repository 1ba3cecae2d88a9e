//! The eDiscovery export of a desk: one at a time.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ApiError;

/// Starts an export, or goes on with the one of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StartExportReq {
    /// Name of its folder in the delivery folder: letters, digits, `-` and `_`.
    pub name: String,
    /// The query to the letter.
    pub query: String,
    /// First local date and time inside, `2026-03-01T00:00`.
    pub start: String,
    /// First local date and time after.
    pub end: String,
    /// IANA zone.
    pub zone: String,
    /// Whether to write a load file for review platforms.
    pub load_file: bool,
    /// Whether to lay the folder out as a BagIt bag.
    pub bag: bool,
    /// Why to go on although a source does not show everything.
    pub partial_reason: Option<String>,
}

/// The export of this desk.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct ExportView {
    /// `none`, `running`, `finished`, `stopped` or `failed`.
    pub state: String,
    /// What was ordered; the same order goes on with it.
    pub request: Option<StartExportReq>,
    /// Where the folder is.
    pub folder: Option<String>,
    /// How far it is, while it runs.
    pub progress: Option<ExportProgress>,
    /// What it ended with.
    pub result: Option<ExportResult>,
    /// Why it failed.
    pub error: Option<ApiError>,
}

/// How far an export is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportProgress {
    /// `searching`, `recounting` or `downloading`.
    pub phase: String,
    /// Days or recordings that are done.
    pub done: u32,
    /// How many there are; 0 when unknown.
    pub total: u32,
    /// Bytes downloaded by this run.
    pub bytes: u64,
}

/// What an export ended with.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct ExportResult {
    /// Recordings on the list.
    pub found: u32,
    /// In the set.
    pub retrieved: u32,
    /// The source no longer has them.
    pub purged: u32,
    /// What came is not the recording.
    pub corrupted: u32,
    /// Not in a form that can be checked.
    pub unsupported: u32,
    /// Could not be had; the same order tries again.
    pub unavailable: u32,
    /// Returned by a source, but not what the query asks.
    pub excluded: u32,
    /// Bytes of the audio.
    pub bytes: u64,
    /// `agree`, `differ` or `notPerformed`: what a second way through the sources shows.
    pub completeness: String,
    /// The same in one sentence.
    pub statement: String,
    /// The first recordings that are not in the set.
    pub exceptions: Vec<ExportException>,
    /// All of them.
    pub exceptions_total: u32,
}

/// A recording that is not in the set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportException {
    /// The recording in its source.
    pub recording_id: String,
    /// The source.
    pub source: String,
    /// `Purged`, `Corrupted`, `Unsupported` or `Unavailable`.
    pub status: String,
    /// What was found.
    pub reason: String,
}
