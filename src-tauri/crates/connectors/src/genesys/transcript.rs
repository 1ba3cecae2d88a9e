//! The source's own transcript, put on the time line of the audio.

use domain::transcript::Transcript;
use reqwest::{Method, StatusCode};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    Genesys,
    api::{Arguments, Operation},
    model::TranscriptUrl,
    orphans::is_orphan,
};
use crate::{
    http::Purpose,
    source::{AudioTimeline, MediaRequest, SourceError},
    transcript_file,
};

// Genesys: answers with a presigned address that lives ten minutes; 404 means no transcript (API reference section 6, checked 2026-08).
const TRANSCRIPT_URL: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/speechandtextanalytics/conversations/{}/communications/{}/transcripturl",
    name: "GET …/conversations/{conversationId}/communications/{communicationId}/transcripturl",
    permission: "recording:recording:view and speechAndTextAnalytics:data:view",
    purpose: Purpose::Transcript,
};

/// Addresses asked for in all when one has ended.
const MAX_ADDRESSES: u32 = 3;

impl Genesys {
    pub(crate) async fn transcript(
        &self,
        request: &MediaRequest,
        timeline: &AudioTimeline,
        cancel: &CancellationToken,
    ) -> Result<Option<Transcript>, SourceError> {
        let Some(communication) = self.communication(request, cancel).await? else {
            return Ok(None);
        };
        let ids = [request.conversation.as_str(), communication.as_str()];
        for _ in 0..MAX_ADDRESSES {
            let arguments = Arguments {
                ids: &ids,
                ..Arguments::default()
            };
            let answer = match self
                .read::<TranscriptUrl>(&TRANSCRIPT_URL, arguments, cancel)
                .await
            {
                Err(SourceError::NotFound { .. }) => return Ok(None),
                answer => answer?,
            };
            let Some(uri) = answer.url else {
                return Ok(None);
            };
            let url = self.checked_url(&uri).map_err(|error| unreadable(&error))?;
            if let Some(file) = self.download_transcript(&url, cancel).await? {
                return read(&file, timeline).map(Some);
            }
        }
        Err(unreadable(&"its address ended before it could be used"))
    }

    /// The key of the transcript: the leg, from the recording when the caller does not know it.
    async fn communication(
        &self,
        request: &MediaRequest,
        cancel: &CancellationToken,
    ) -> Result<Option<String>, SourceError> {
        // Its transcript is addressed by a conversation, which an orphan does not have.
        if is_orphan(&request.conversation) {
            return Ok(None);
        }
        match &request.communication {
            Some(id) => Ok(Some(id.as_str().to_owned())),
            None => Ok(self.metadata(request, cancel).await?.session_id),
        }
    }

    /// The file, or nothing when its address has ended.
    async fn download_transcript(
        &self,
        url: &Url,
        cancel: &CancellationToken,
    ) -> Result<Option<bytes::Bytes>, SourceError> {
        let answer = self
            .http
            .get_presigned(url, Purpose::Transcript, cancel)
            .await?;
        match answer.status {
            StatusCode::OK => Ok(Some(answer.body)),
            StatusCode::FORBIDDEN => Ok(None),
            status => Err(unreadable(&format!(
                "the storage answered with status {}",
                status.as_u16()
            ))),
        }
    }
}

fn read(file: &[u8], timeline: &AudioTimeline) -> Result<Transcript, SourceError> {
    transcript_file::parse_genesys(file, Some(timeline)).map_err(|error| unreadable(&error))
}

fn unreadable(reason: &impl ToString) -> SourceError {
    SourceError::Unreadable {
        operation: TRANSCRIPT_URL.name,
        reason: reason.to_string(),
    }
}
