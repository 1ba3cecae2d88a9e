//! From a reference alone, a call's id or a recording's, to the places where it lies. // S1-42, S1-43

use domain::{
    ids::{ConversationId, RecordingId, SourceId},
    recording::MediaState,
    search::{Coverage, FoundRecording, Identifier, SearchCriteria, SourceResult},
    time_range::TimeRange,
};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::source::{Source, SourceError};

/// The year 2100: later than any call, and a time that every recorder can read.
const FAR_AHEAD: Timestamp = Timestamp::constant(4_102_444_800, 0);

/// One recording in one source, as far as it is known without a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The source.
    pub source: SourceId,
    /// The call.
    pub conversation: ConversationId,
    /// The recording.
    pub recording: RecordingId,
    /// Start of the audio, where the source says it.
    pub start_utc: Option<Timestamp>,
    /// End of the audio.
    pub end_utc: Option<Timestamp>,
    /// Whether the source still has the media.
    pub media_state: MediaState,
    /// When the source deletes it, where it says so. // S1-32
    pub retention_ends_utc: Option<Timestamp>,
}

impl From<&FoundRecording> for Place {
    fn from(found: &FoundRecording) -> Self {
        Self {
            source: found.source.clone(),
            conversation: found.conversation.clone(),
            recording: found.recording.clone(),
            start_utc: Some(found.start_utc),
            end_utc: found.end_utc,
            media_state: found.media_state,
            retention_ends_utc: found.retention_ends_utc,
        }
    }
}

impl Source {
    /// The recordings that a reference names in this source; none when it names nothing here.
    ///
    /// # Errors
    /// When the source cannot be asked, so that "not here" would be a guess. // S1-44
    pub async fn locate(
        &self,
        reference: &str,
        cancel: &CancellationToken,
    ) -> Result<Vec<Place>, SourceError> {
        let by_recording = match self {
            // The platform finds recordings by their call only.
            Self::Genesys(genesys) => return genesys.locate(reference, cancel).await,
            // A gateway knows every name already.
            Self::Gateway(gateway) => return gateway.locate(reference, cancel).await,
            Self::Rest(recorder) => recorder.locate(reference, cancel).await?,
            Self::Folder(folder) => folder.locate(reference).await?,
            Self::S3(archive) => archive.locate(reference, cancel).await?,
        };
        if by_recording.is_some() {
            return Ok(by_recording.into_iter().collect());
        }
        self.locate_call(reference, cancel).await
    }

    /// The call's id is not in the name of an old recording: every call is looked at.
    async fn locate_call(
        &self,
        reference: &str,
        cancel: &CancellationToken,
    ) -> Result<Vec<Place>, SourceError> {
        let Ok(call) = ConversationId::new(reference) else {
            return Ok(Vec::new());
        };
        let criteria = SearchCriteria {
            identifiers: vec![Identifier::Conversation(call)],
            range: TimeRange {
                start_utc: Timestamp::UNIX_EPOCH,
                end_utc: FAR_AHEAD,
            },
            agent_id: None,
            queue_id: None,
        };
        let result = self.search(&criteria, cancel).await;
        if cancel.is_cancelled() {
            return Err(SourceError::Cancelled);
        }
        places(result)
    }
}

/// What was not seen could be the call, so only a whole search says that it is not there.
fn places(result: SourceResult) -> Result<Vec<Place>, SourceError> {
    match result.coverage {
        Coverage::Partial { reason } | Coverage::Failed { reason } if result.found.is_empty() => {
            Err(SourceError::Unreadable {
                operation: "search for a call",
                reason,
            })
        }
        _ => Ok(result.found.iter().map(Place::from).collect()),
    }
}

/// No answer to "do you have this" is an answer.
pub(crate) fn none_if_absent<T>(answer: Result<T, SourceError>) -> Result<Option<T>, SourceError> {
    match answer {
        Ok(there) => Ok(Some(there)),
        Err(SourceError::NotFound { .. }) => Ok(None),
        // Ids of other systems are not even accepted as ids.
        Err(SourceError::Refused { status: 400, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
