//! Archived recordings: asking the platform to restore one, and how far it is. It takes hours.

use domain::ids::{ConversationId, RecordingId};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    Genesys,
    api::{Arguments, Operation},
    media::{METADATA, RECORDING},
    model::Recording,
};
use crate::{http::Purpose, source::SourceError};

// Genesys: a new `archiveDate` restores until that date (API reference section 5.5, checked 2026-08).
const RESTORE: Operation = Operation {
    method: Method::PUT,
    path: "/api/v2/conversations/{}/recordings/{}",
    name: "PUT /api/v2/conversations/{conversationId}/recordings/{recordingId}",
    permission: "recording:recording:restore",
    purpose: Purpose::Metadata,
};

/// Fields of a recording that cannot be written, or that are no business of a restoration.
// Genesys: `readOnly` in the definition (API reference appendix A, checked 2026-08).
const NOT_SENT_BACK: [&str; 9] = [
    "id",
    "selfUri",
    "annotations",
    "mediaUris",
    "transcript",
    "emailTranscript",
    "messagingTranscript",
    "users",
    "restoreExpirationTime",
];

/// How far a recording is on its way out of the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restoration {
    /// It can be fetched, and was not archived or is no longer.
    Available,
    /// It lies in the archive and nobody asked for it.
    Archived,
    /// The platform is restoring it; ask again in minutes or hours.
    Restoring,
    /// It can be fetched until then.
    Restored {
        /// When it goes back into the archive, where the platform says so.
        expires_utc: Option<Timestamp>,
    },
    /// The source no longer has it. // S2-45
    Purged,
    /// It is being written, or the source reports a fault with it.
    Unusable,
}

impl Genesys {
    /// How far a recording is. The platform remembers, so a restart loses nothing.
    ///
    /// # Errors
    /// When the source cannot be asked.
    pub async fn restoration(
        &self,
        conversation: &ConversationId,
        recording: &RecordingId,
        cancel: &CancellationToken,
    ) -> Result<Restoration, SourceError> {
        let arguments = Arguments {
            ids: &[conversation.as_str(), recording.as_str()],
            ..Arguments::default()
        };
        match self.read::<Recording>(&METADATA, arguments, cancel).await {
            Ok(metadata) => Ok(restoration(&metadata)),
            Err(SourceError::NotFound { .. }) => Ok(Restoration::Purged),
            Err(error) => Err(error),
        }
    }

    /// Asks for a recording to be restored until `until_utc`, unless that is under way or not needed. It changes
    /// the organization: ask the case worker first, and write it into the log.
    ///
    /// # Errors
    /// When the source cannot be asked, refuses, or `recording:recording:restore` is missing.
    pub async fn restore(
        &self,
        conversation: &ConversationId,
        recording: &RecordingId,
        until_utc: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Restoration, SourceError> {
        let state = self.restoration(conversation, recording, cancel).await?;
        if state != Restoration::Archived {
            return Ok(state);
        }
        let ids = [conversation.as_str(), recording.as_str()];
        // Genesys: the body is the recording with the date changed (API reference section 5.5, checked 2026-08).
        let arguments = Arguments {
            ids: &ids,
            query: &[("formatId", "NONE")],
            body: None,
        };
        let mut body: Value = self.read(&RECORDING, arguments, cancel).await?;
        if let Value::Object(fields) = &mut body {
            fields.retain(|name, _| !NOT_SENT_BACK.contains(&name.as_str()));
        }
        body["archiveDate"] = json!(format!("{until_utc:.3}"));
        let arguments = Arguments {
            ids: &ids,
            query: &[],
            body: Some(&body),
        };
        self.call(&RESTORE, arguments, cancel).await?;
        self.restoration(conversation, recording, cancel).await
    }
}

// Genesys: `fileState` (API reference section 5.1, checked 2026-08).
fn restoration(metadata: &Recording) -> Restoration {
    match metadata.file_state.as_deref() {
        Some("ARCHIVED") => Restoration::Archived,
        Some("RESTORING") => Restoration::Restoring,
        Some("RESTORED") => Restoration::Restored {
            expires_utc: metadata.restore_expiration_time,
        },
        Some("DELETED") => Restoration::Purged,
        Some("UPLOADING" | "ERROR") => Restoration::Unusable,
        // AVAILABLE, and whatever is invented next: fetching it tells.
        _ => Restoration::Available,
    }
}
