//! The words of a recording, as its source recognized them, on the time line of its sound.
//!
//! They are handed over like sound: with the same right, and only after the log says so.

use std::time::Duration;

use connectors::source::FetchError;
use domain::{
    audit::AuditAction,
    transcript::{Speaker, Transcript, Word},
};
use serde::Serialize;
use store::MappingRow;
use tokio_util::sync::CancellationToken;

use super::{
    Gateway,
    clients::Scope,
    error::{Code, GatewayError},
    internal,
    journal::{self, OnRecord},
    mapped::{MappedCall, Origin},
    reference::Reference,
    retrieve::{self, Format},
    tokens::Caller,
};

/// The platform may have to transcode before it says where pauses lie; a caller asks again.
const BUDGET: Duration = Duration::from_secs(60);

/// A transcript.
#[derive(Debug, Clone, Serialize)]
pub struct TranscriptView {
    /// Our id of the recording.
    pub id: String,
    /// Where it comes from.
    pub origin: Origin,
    /// BCP 47 tag, where the source says it.
    pub language: Option<String>,
    /// Length of the sound by the word of the source. // S2-50
    pub duration_ms: Option<u64>,
    /// The words in the order of the sound.
    pub words: Vec<WordView>,
}

/// A word.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the domain")]
pub struct WordView {
    pub text: String,
    pub start_ms: u64,
    pub end_ms: u64,
    pub confidence: f32,
    pub channel: Option<u8>,
    /// `external`, `internal` or `unknown`.
    pub speaker: &'static str,
    pub phrase: u32,
}

impl From<Word> for WordView {
    fn from(word: Word) -> Self {
        Self {
            text: word.text.reveal().clone(),
            start_ms: word.start_ms,
            end_ms: word.end_ms,
            confidence: word.confidence,
            channel: word.channel,
            speaker: match word.speaker {
                Speaker::External => "external",
                Speaker::Internal => "internal",
                Speaker::Unknown => "unknown",
            },
            phrase: word.phrase,
        }
    }
}

/// The words of one place, and the length of its sound.
type Words = Option<(Transcript, Option<u64>)>;

impl Gateway {
    /// The transcript of a recording, from the first of its places that has one.
    ///
    /// # Errors
    /// Every refusal that `/openapi.json` lists for the route.
    pub async fn transcript(
        &self,
        caller: &Caller,
        reference: &str,
        format: Format,
        correlation: &str,
    ) -> Result<TranscriptView, GatewayError> {
        caller.may(Scope::Media)?;
        let reference = Reference::new(reference)?;
        let slot = self.inner.stream_slots.try_take(&caller.tenant);
        let _slot = slot.ok_or_else(|| GatewayError::new(Code::TooManyRequests))?;
        let cancel = self.inner.stop.child_token();
        let _ends_with_the_request = cancel.clone().drop_guard();
        let reading = async {
            let call = self
                .resolve(caller, &reference, correlation, &cancel)
                .await?;
            self.words_of(caller, call, format, correlation, &cancel)
                .await
        };
        let read = tokio::time::timeout(BUDGET, reading).await;
        read.map_err(|_| GatewayError::new(Code::SourceUnavailable))?
    }

    async fn words_of(
        &self,
        caller: &Caller,
        call: MappedCall,
        format: Format,
        correlation: &str,
        cancel: &CancellationToken,
    ) -> Result<TranscriptView, GatewayError> {
        let mut failed = None;
        let usable = |row: &&MappingRow| row.missing_since_utc.is_none();
        for row in call.places.iter().filter(usable) {
            match self.words_at(row, format, cancel).await? {
                Ok(Some((transcript, duration_ms))) => {
                    let action = AuditAction::GatewayTranscriptRead;
                    let entry = journal::entry(action, caller, correlation)
                        .recording(&call.id)
                        .detail("source", &row.source)
                        .detail("sourceSystem", &row.source_system)
                        .detail("words", transcript.words.len());
                    journal::write(self, entry).await.map_err(internal)?;
                    return Ok(TranscriptView {
                        id: call.id.clone(),
                        origin: Origin::of(row),
                        language: transcript.language,
                        duration_ms,
                        words: transcript.words.into_iter().map(WordView::from).collect(),
                    });
                }
                Ok(None) => {}
                // S1-13
                Err(FetchError::Purged) => self.mark_missing(row).await.map_err(internal)?,
                Err(error) => failed = failed.or(Some(GatewayError::from(&error))),
            }
        }
        Err(failed.unwrap_or_else(|| GatewayError::new(Code::TranscriptNotFound)))
    }

    /// Asks one place. The outer error is the gateway's, the inner one the source's.
    async fn words_at(
        &self,
        row: &MappingRow,
        format: Format,
        cancel: &CancellationToken,
    ) -> Result<Result<Words, FetchError>, GatewayError> {
        let Some(source) = self.source(&row.tenant, &row.source) else {
            return Ok(Ok(None));
        };
        let (source, ledger) = source.source.counted();
        let on_record = OnRecord::new(self, [&ledger]);
        let asked = match retrieve::request(row, format) {
            Ok(request) => source.transcript_alone(&request, cancel).await,
            Err(error) => Err(error),
        };
        for egress in on_record.take() {
            journal::egress(self, &egress).await?;
        }
        Ok(asked)
    }
}
