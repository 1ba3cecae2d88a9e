//! `data/recordings/<stem>.json`: what is known about a delivered recording. // S2-31, S2-33

use serde::{Deserialize, Serialize};

/// Metadata of one delivered recording, beside its audio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordingFile {
    /// Format version, 1.
    pub v: u32,
    /// Number of the call within the case, from 1.
    pub number: u32,
    /// Name of the audio file beside this one.
    pub file: String,
    /// `sha256:` digest of that file, as delivered. // S0-70
    pub file_hash: String,
    /// `sha256:` digest of the bytes as received from the source, before redaction.
    pub original_hash: String,
    /// The source system.
    pub source: String,
    /// The conversation in the source.
    pub conversation_id: String,
    /// The recording in the source.
    pub recording_id: String,
    /// When the call began, ISO 8601 UTC.
    pub start_time: Option<String>,
    /// When it ended.
    pub end_time: Option<String>,
    /// Length of the audio, in milliseconds.
    pub duration_ms: u64,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Number of channels.
    pub channels: u16,
    /// Who took part; names of other people only where the policy lets them.
    pub participants: Vec<Participant>,
    /// Queues the call went through.
    pub queues: Vec<String>,
    /// Tags of the source system.
    pub tags: Vec<String>,
}

/// Somebody on a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Participant {
    /// `customer`, `agent` or another purpose that the source names.
    pub role: String,
    /// Name, unless it is redacted.
    pub name: Option<String>,
    /// Phone number, unless it is redacted.
    pub phone: Option<String>,
}

package_file!(RecordingFile, 1);
