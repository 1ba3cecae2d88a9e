//! Many recordings at once, in the codec they were made in: the form that a court prefers.

use std::collections::BTreeMap;

use domain::ids::{ConversationId, RecordingId};
use reqwest::Method;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    Genesys,
    api::{Arguments, Operation},
    media::{MAX_RENEWALS, METADATA, timeline},
    model::{BatchCreated, BatchStatus, Recording},
};
use crate::{
    download::{Download, Outcome},
    http::Purpose,
    link::MediaLink,
    source::{FetchError, FetchedMedia, MediaSink, SourceError},
};

// Genesys: 1 to 100 items, no format; a second batch does no harm (API reference sections 5.3 and 3.2, checked 2026-08).
const SUBMIT: Operation = Operation {
    method: Method::POST,
    path: "/api/v2/recording/batchrequests",
    name: "POST /api/v2/recording/batchrequests",
    permission: "recording:recording:view",
    purpose: Purpose::Metadata,
};

// Genesys: only for the client that submitted it (API reference section 5.3, checked 2026-08).
const STATUS: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/recording/batchrequests/{}",
    name: "GET /api/v2/recording/batchrequests/{jobId}",
    permission: "of the client that made the request",
    purpose: Purpose::Metadata,
};

/// Recordings of one batch.
// Genesys: `batch.download.too.many.items` above 100 (API reference section 3.1, checked 2026-08).
pub const MAX_BATCH: usize = 100;

/// A batch at the source. The text can be kept: after a restart the same batch is asked again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchId(String);

impl BatchId {
    /// Takes over an id that was kept.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How far a batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Whether no more results come. Counts do not tell: they grow while recordings are discovered.
    pub is_finished: bool,
    /// Results so far, each recording once.
    pub results: BTreeMap<RecordingId, BatchResult>,
}

/// What the source made of one recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchResult {
    /// It can be fetched.
    Ready,
    /// It cannot, in the words of the source; archived ones end here.
    Refused {
        /// Why.
        reason: String,
    },
}

impl Genesys {
    /// Asks for recordings in batches of at most [`MAX_BATCH`], and gives the id of each batch.
    ///
    /// # Errors
    /// When the source cannot be asked or refuses.
    pub async fn submit_batches(
        &self,
        recordings: &[(ConversationId, RecordingId)],
        cancel: &CancellationToken,
    ) -> Result<Vec<BatchId>, SourceError> {
        let mut ids = Vec::new();
        for chunk in recordings.chunks(MAX_BATCH) {
            let item = |(conversation, recording): &(ConversationId, RecordingId)| json!({"conversationId": conversation.as_str(), "recordingId": recording.as_str()});
            let items: Vec<_> = chunk.iter().map(item).collect();
            let body = json!({ "batchDownloadRequestList": items });
            let arguments = Arguments {
                body: Some(&body),
                ..Arguments::default()
            };
            let created: BatchCreated = self.read(&SUBMIT, arguments, cancel).await?;
            ids.push(BatchId(created.id));
        }
        Ok(ids)
    }

    /// How far a batch is. Ask every five seconds, and fetch each recording as it becomes ready.
    ///
    /// # Errors
    /// When the source cannot be asked, or the batch is not this client's.
    pub async fn batch(
        &self,
        id: &BatchId,
        cancel: &CancellationToken,
    ) -> Result<Batch, SourceError> {
        let status = self.batch_status(id, cancel).await?;
        let is_finished = status.status.as_deref() == Some("Completed");
        let mut results = BTreeMap::new();
        for entry in status.results {
            let recording = entry.recording_id.and_then(|id| RecordingId::new(id).ok());
            let Some(recording) = recording else { continue };
            let result = match (entry.result_url, entry.error_msg) {
                (Some(_), _) => BatchResult::Ready,
                (None, reason) => BatchResult::Refused {
                    reason: reason.unwrap_or_else(|| "no reason was given".to_owned()),
                },
            };
            // The same recording may come twice; an address outweighs a reason.
            let known = results.entry(recording).or_insert_with(|| result.clone());
            if result == BatchResult::Ready {
                *known = result;
            }
        }
        Ok(Batch {
            is_finished,
            results,
        })
    }

    /// Streams a recording of a batch into `sink`, as [`fetch_media`](crate::source::Source::fetch_media) does.
    ///
    /// # Errors
    /// The end state of the recording, or why the source could not be asked.
    pub async fn fetch_from_batch(
        &self,
        batch: &BatchId,
        (conversation, recording): (&ConversationId, &RecordingId),
        sink: &mut impl MediaSink,
        cancel: &CancellationToken,
    ) -> Result<FetchedMedia, FetchError> {
        let ids = [conversation.as_str(), recording.as_str()];
        let arguments = Arguments {
            ids: &ids,
            ..Arguments::default()
        };
        let metadata: Recording = self.read(&METADATA, arguments, cancel).await?;
        // Genesys: `NONE` keeps the codec; only this call has the pauses (API reference sections 5.2 and 5.6, checked
        // 2026-08).
        let described = self.transcoded(ids, "NONE", cancel).await?.recording;
        let mut download = Download::new(&self.http, None, cancel);
        for _ in 0..=MAX_RENEWALS {
            let url = self.batched_url(batch, recording, cancel).await?;
            if let Outcome::Complete(arrived) = download.run(&url, None, sink).await? {
                return Ok(FetchedMedia {
                    content_type: arrived.content_type,
                    size_bytes: arrived.size_bytes,
                    reported_duration_ms: described.output_duration_ms,
                    attempts: arrived.attempts,
                    timeline: timeline(&described, &metadata)?,
                    already_redacted: None,
                    host: arrived.host,
                    link: Some(MediaLink::of(&url)),
                });
            }
        }
        Err(FetchError::addresses_ended())
    }

    async fn batched_url(
        &self,
        batch: &BatchId,
        recording: &RecordingId,
        cancel: &CancellationToken,
    ) -> Result<Url, FetchError> {
        let status = self.batch_status(batch, cancel).await?;
        let is_wanted = |id: &Option<String>| id.as_deref() == Some(recording.as_str());
        let mut results = status
            .results
            .iter()
            .filter(|it| is_wanted(&it.recording_id));
        match results.find_map(|it| it.result_url.as_deref()) {
            Some(url) => self.checked_url(url),
            None if status.status.as_deref() == Some("Completed") => Err(FetchError::Unavailable {
                reason: "the batch ended without it".to_owned(),
                retry: false,
            }),
            None => Err(FetchError::Pending),
        }
    }

    async fn batch_status(
        &self,
        id: &BatchId,
        cancel: &CancellationToken,
    ) -> Result<BatchStatus, SourceError> {
        let arguments = Arguments {
            ids: &[id.as_str()],
            ..Arguments::default()
        };
        self.read(&STATUS, arguments, cancel).await
    }
}
