//! The JSON files of an eDiscovery export: the list, what is known about each recording, the report.

use serde::{Deserialize, Serialize};

use crate::hashing::sha256;

/// `manifest.json`: what was asked and what was found, written before anything is downloaded. // S2-18
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportManifestFile {
    /// Format version, 1.
    pub v: u32,
    /// When the search ended, ISO 8601 UTC.
    pub listed_at_utc: String,
    /// Who ordered the export.
    pub ordered_by: String,
    /// What was asked.
    pub query: ExportQuery,
    /// Where it was asked.
    pub sources: Vec<ExportSource>,
    /// The searches, one for each source and day. // S3-43
    pub batches: Vec<ExportBatch>,
    /// Why the export went on although a source did not show everything.
    pub partial_accepted: Option<String>,
    /// Recordings that a search returned and that do not fit the whole query.
    pub excluded: Vec<ExcludedRecording>,
    /// What is exported, by start, source, conversation and recording.
    pub recordings: Vec<ListedRecording>,
    /// `sha256:` digest of the list, see [`list_digest`].
    pub list_hash: String,
}

/// What was asked. // S2-09
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportQuery {
    /// The query to the letter.
    pub text: String,
    /// The query that finds the same without further options: the text with the time range of the options.
    pub used: String,
    /// First local time of the options.
    pub from: Option<String>,
    /// Local time at which the range of the options ends, exclusive.
    pub until: Option<String>,
    /// IANA name of the zone of both.
    pub zone: Option<String>,
    /// The bounds that were searched, ISO 8601 UTC.
    pub from_utc: String,
    /// The end, exclusive. // X-13
    pub until_utc: String,
    /// Clock changes that touch a bound, in words.
    pub notices: Vec<String>,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportSource {
    /// The configured source.
    pub source: String,
    /// Id of the organization.
    pub organization_id: String,
    /// The account under which it was asked. // S2-37
    pub exporter: String,
}

/// The search of one source and one day.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportBatch {
    /// The source.
    pub source: String,
    /// Start, ISO 8601 UTC.
    pub from_utc: String,
    /// End, exclusive.
    pub until_utc: String,
    /// `complete`, `partial` or `failed`.
    pub coverage: String,
    /// What is missing and why.
    pub reason: Option<String>,
    /// Later calls may be missing from the index of the source.
    pub complete_until_utc: Option<String>,
    /// Recordings in the answer; one that touches two days is in both.
    pub found: u64,
    /// The requests exactly as sent.
    pub requests: Vec<String>,
}

/// A recording that a search returned and that is not exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExcludedRecording {
    /// The source.
    pub source: String,
    /// The conversation.
    pub conversation_id: String,
    /// The recording.
    pub recording_id: String,
    /// Why.
    pub reason: String,
}

/// A recording of the list, with everything that the search said about it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListedRecording {
    /// Number in the list, from 1.
    pub number: u64,
    /// Name of its files without ending.
    pub stem: String,
    /// The source.
    pub source: String,
    /// The conversation.
    pub conversation_id: String,
    /// The recording; unique within its conversation only.
    pub recording_id: String,
    /// The leg that it records.
    pub communication_id: Option<String>,
    /// Start, ISO 8601 UTC.
    pub start_timestamp: String,
    /// End.
    pub end_timestamp: Option<String>,
    /// Everybody on the call.
    pub participants: Vec<ExportParticipant>,
    /// Names of the agents.
    pub agents: Vec<String>,
    /// Ids of the queues that it passed.
    pub queues: Vec<String>,
    /// Where the media lies.
    pub region: Option<String>,
    /// Which fields of the query it fits.
    pub matched_by: Vec<String>,
}

/// Somebody on a call.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportParticipant {
    /// `customer`, `agent` or another purpose that the source names.
    pub role: String,
    /// User id or external contact.
    pub id: Option<String>,
    /// Id within the conversation.
    pub participant_id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Numbers and addresses.
    pub addresses: Vec<String>,
}

/// `<stem>.json`: what is known about an exported recording. // S2-31, S2-33
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportMetadataFile {
    /// Format version, 1.
    pub v: u32,
    /// Name of the audio file.
    pub file: String,
    /// `sha256:` digest of the bytes as received.
    pub file_hash: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// What the content is, by its first bytes.
    pub content_type: String,
    /// What the source called it.
    pub content_type_received: String,
    /// When the last byte arrived, ISO 8601 UTC.
    pub downloaded_at_utc: String,
    /// The host that it came from.
    pub host: String,
    /// Length of the decoded audio in milliseconds; absent where this version cannot measure it.
    pub duration_ms: Option<u64>,
    /// Length as the source says it.
    pub reported_duration_ms: Option<u64>,
    /// `passed`, `failed: …` or `not performed: …`. // S2-50
    pub duration_check: String,
    /// Whether the source removed sensitive parts before; absent when it does not say.
    pub already_redacted: Option<bool>,
    /// Pauses that the source cut out of the audio.
    pub pauses: Vec<ExportPause>,
    /// The recording as the list has it.
    pub recording: ListedRecording,
}

/// A pause of the recording, on the time line of the audio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportPause {
    /// Where, in milliseconds.
    pub start_ms: u64,
    /// How long it lasted.
    pub duration_ms: u64,
}

/// `report.json`: every recording found is in exactly one of the counts. // B14, S2-46
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportReportFile {
    /// Format version, 1.
    pub v: u32,
    /// `sha256:` digest of `manifest.json`.
    pub manifest_hash: String,
    /// The query to the letter.
    pub query: String,
    /// How the recordings ended.
    pub counts: ExportCounts,
    /// Files of audio in the set: those retrieved, and those corrupted that were approved.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Corrupted recordings that are in the set because somebody approved it. // S2-51
    pub corrupted_approved: u64,
    /// Recordings that a search returned and that do not fit the whole query.
    pub excluded: u64,
    /// Whether every source showed everything that was asked for.
    pub search_complete: bool,
    /// When the last recording came to its end, ISO 8601 UTC.
    pub last_end_utc: Option<String>,
}

/// How the recordings of an export ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportCounts {
    /// All of them.
    pub found: u64,
    /// In the set.
    pub retrieved: u64,
    /// The source no longer has them.
    pub purged: u64,
    /// What came is not the recording.
    pub corrupted: u64,
    /// Not in a form that can be checked.
    pub unsupported: u64,
    /// Could not be had within the limits; the same command tries again.
    pub unavailable: u64,
}

impl ExportCounts {
    /// Whether every recording is in exactly one count. // B14
    pub const fn add_up(&self) -> bool {
        let Self {
            found,
            retrieved,
            purged,
            corrupted,
            unsupported,
            unavailable,
        } = *self;
        found == retrieved + purged + corrupted + unsupported + unavailable
    }
}

/// Digest of a list: SHA-256 over one line for each recording in order, `source`, `conversation` and
/// `recording` separated by a tab, each line ended by a line feed. Ids hold neither.
pub fn list_digest(recordings: &[ListedRecording]) -> domain::digest::Sha256Digest {
    let line = |it: &ListedRecording| {
        let (source, conversation) = (&it.source, &it.conversation_id);
        format!("{source}\t{conversation}\t{}\n", it.recording_id)
    };
    sha256(recordings.iter().map(line).collect::<String>())
}

macro_rules! names_people {
    ($type:ty, $name:literal) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct($name).finish_non_exhaustive()
            }
        }
    };
}

names_people!(ExportManifestFile, "ExportManifestFile");
names_people!(ExportQuery, "ExportQuery");
names_people!(ExportBatch, "ExportBatch");
names_people!(ListedRecording, "ListedRecording");
names_people!(ExportParticipant, "ExportParticipant");
names_people!(ExportMetadataFile, "ExportMetadataFile");

package_file!(ExportManifestFile, 1);
package_file!(ExportMetadataFile, 1);
package_file!(ExportReportFile, 1);
