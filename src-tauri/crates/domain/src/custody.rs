//! The chain of custody of a case.

use jiff::Timestamp;

use crate::{
    digest::Sha256Digest,
    ids::{ConversationId, RecordingId, SourceId},
    recording::EndState,
    requestor::Actor,
    sensitive::PersonalData,
};

/// One link: who brought which bytes in, when, found by which query. // S2-35
#[derive(Debug, Clone, PartialEq)]
pub struct CustodyEntry {
    /// The source it came from.
    pub source: SourceId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// The recording.
    pub recording: RecordingId,
    /// Neutral file name in the package, if it is in custody.
    pub file_name: Option<String>,
    /// Digest of the bytes as received, if it is in custody.
    pub sha256: Option<Sha256Digest>,
    /// Number of bytes, if it is in custody.
    pub size_bytes: Option<u64>,
    /// When the last byte arrived, or when the outcome was known. // S2-36
    pub at_utc: Timestamp,
    /// The query that found it. // S2-09
    pub query: PersonalData<String>,
    /// Under whose account. // S2-37
    pub actor: Actor,
    /// What became of it.
    pub end_state: EndState,
}
