//! The source systems, and what every one of them can do.

use std::io;

use domain::{
    ids::{CommunicationId, ConversationId, RecordingId, SourceId},
    recording::MediaFormat,
    search::{SearchCriteria, SourceResult},
    sensitive::PersonalData,
    transcript::Transcript,
};
use tokio_util::sync::CancellationToken;

use crate::{
    gateway::Gateway,
    genesys::Genesys,
    http::{Cancelled, EgressLedger, HttpError},
    legacy::{Folder, LegacyRest, S3Archive},
    link::MediaLink,
};
pub use crate::{
    sign_in::SignInError,
    sink::MediaSink,
    timeline::{AudioTimeline, Pause},
};

/// A source of recordings. Closed on purpose: a `match` that forgets one does not compile.
#[expect(
    clippy::large_enum_variant,
    reason = "there are a handful of sources, and each is shared, not moved"
)]
pub enum Source {
    /// Genesys Cloud.
    Genesys(Genesys),
    /// A recorder with a web interface.
    Rest(LegacyRest),
    /// A folder of files.
    Folder(Folder),
    /// A bucket of objects.
    S3(S3Archive),
    /// A gateway of this product.
    Gateway(Gateway),
}

impl Source {
    /// The configured id.
    pub fn id(&self) -> &SourceId {
        match self {
            Self::Genesys(genesys) => genesys.id(),
            Self::Rest(recorder) => recorder.id(),
            Self::Folder(folder) => folder.id(),
            Self::S3(archive) => archive.id(),
            Self::Gateway(gateway) => gateway.id(),
        }
    }

    /// The connector to Genesys Cloud, for what only that platform can do.
    pub fn genesys(&self) -> Option<&Genesys> {
        match self {
            Self::Genesys(genesys) => Some(genesys),
            Self::Rest(_) | Self::Folder(_) | Self::S3(_) | Self::Gateway(_) => None,
        }
    }

    /// The same source with a ledger of its own, which counts what one job lets out. // B8
    #[must_use]
    pub fn counted(&self) -> (Self, EgressLedger) {
        match self {
            Self::Genesys(genesys) => {
                let (genesys, ledger) = genesys.counted();
                (Self::Genesys(genesys), ledger)
            }
            Self::Rest(recorder) => {
                let (recorder, ledger) = recorder.counted();
                (Self::Rest(recorder), ledger)
            }
            // It asks no host.
            Self::Folder(folder) => (Self::Folder(folder.clone()), EgressLedger::default()),
            Self::S3(archive) => {
                let (archive, ledger) = archive.counted();
                (Self::S3(archive), ledger)
            }
            Self::Gateway(gateway) => {
                let (gateway, ledger) = gateway.counted();
                (Self::Gateway(gateway), ledger)
            }
        }
    }

    /// Signs in and says whose recordings these are and what the credentials may do. // S0-22, S0-23
    ///
    /// # Errors
    /// When the source cannot be reached or refuses the credentials.
    pub async fn health(&self, cancel: &CancellationToken) -> Result<SourceHealth, SourceError> {
        match self {
            Self::Genesys(genesys) => genesys.health(cancel).await,
            Self::Rest(recorder) => recorder.health(cancel).await,
            Self::Folder(folder) => folder.health().await,
            Self::S3(archive) => archive.health(cancel).await,
            Self::Gateway(gateway) => gateway.health(cancel).await,
        }
    }

    /// Finds every recording that fits. What could not be seen is part of the answer. // S0-40
    pub async fn search(
        &self,
        criteria: &SearchCriteria,
        cancel: &CancellationToken,
    ) -> SourceResult {
        match self {
            Self::Genesys(genesys) => genesys.search(criteria, cancel).await,
            Self::Rest(recorder) => recorder.search(criteria, cancel).await,
            Self::Folder(folder) => folder.search(criteria, cancel).await,
            Self::S3(archive) => archive.search(criteria, cancel).await,
            Self::Gateway(gateway) => gateway.search(criteria, cancel).await,
        }
    }

    /// Streams one recording into `sink`, complete or not at all: after an error the sink holds nothing usable.
    ///
    /// # Errors
    /// The end state of the recording, or why the source could not be asked.
    pub async fn fetch_media(
        &self,
        request: &MediaRequest,
        sink: &mut impl MediaSink,
        cancel: &CancellationToken,
    ) -> Result<FetchedMedia, FetchError> {
        match self {
            Self::Genesys(genesys) => genesys.fetch_media(request, sink, cancel).await,
            Self::Rest(recorder) => recorder.fetch_media(request, sink, cancel).await,
            Self::Folder(folder) => folder.fetch_media(request, sink, cancel).await,
            Self::S3(archive) => archive.fetch_media(request, sink, cancel).await,
            Self::Gateway(gateway) => gateway.fetch_media(request, sink, cancel).await,
        }
    }

    /// The source's own transcript, on the time line of the audio; `None` when it has none.
    ///
    /// # Errors
    /// When the source cannot be asked, or its transcript cannot be read.
    pub async fn transcript(
        &self,
        request: &MediaRequest,
        timeline: &AudioTimeline,
        cancel: &CancellationToken,
    ) -> Result<Option<Transcript>, SourceError> {
        match self {
            Self::Genesys(genesys) => genesys.transcript(request, timeline, cancel).await,
            // On the time line of the audio already.
            Self::Gateway(gateway) => {
                let words = gateway.transcript(request, cancel).await?;
                Ok(words.map(|(transcript, _)| transcript))
            }
            // Old sources hold sound alone.
            Self::Rest(_) | Self::Folder(_) | Self::S3(_) => Ok(None),
        }
    }

    /// The source's own transcript without its sound, and how long the sound is by the word of the source.
    ///
    /// # Errors
    /// When the source cannot be asked, or does not have the recording.
    pub async fn transcript_alone(
        &self,
        request: &MediaRequest,
        cancel: &CancellationToken,
    ) -> Result<Option<(Transcript, Option<u64>)>, FetchError> {
        match self {
            Self::Genesys(genesys) => {
                let timeline = genesys.timeline(request, cancel).await?;
                let words = genesys.transcript(request, &timeline, cancel).await?;
                Ok(words.map(|it| (it, timeline.duration_ms)))
            }
            Self::Gateway(gateway) => Ok(gateway.transcript(request, cancel).await?),
            Self::Rest(_) | Self::Folder(_) | Self::S3(_) => Ok(None),
        }
    }
}

/// Which recording, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRequest {
    /// The conversation.
    pub conversation: ConversationId,
    /// The recording; ids are unique only within a conversation.
    pub recording: RecordingId,
    /// The leg, when known; the key of the transcript.
    pub communication: Option<CommunicationId>,
    /// The audio format wanted.
    pub format: MediaFormat,
}

/// What arrived, and what the source says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchedMedia {
    /// Content type from our list, without parameters.
    pub content_type: String,
    /// Bytes given to the sink.
    pub size_bytes: u64,
    /// Length of the audio as the source reports it, in milliseconds; compare it with the decoded one. // S2-50
    pub reported_duration_ms: Option<u64>,
    /// Download attempts, the successful one included.
    pub attempts: u32,
    /// Where the audio starts and what was cut out of it.
    pub timeline: AudioTimeline,
    /// Whether the source removed sensitive parts before; `None` when it does not say.
    pub already_redacted: Option<bool>,
    /// The host the bytes came from.
    pub host: String,
    /// The presigned address they came from; `None` where the place of a file may name a person.
    pub link: Option<MediaLink>,
}

/// Whose recordings a source holds, and what its credentials may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceHealth {
    /// Name of the organization.
    pub organization: String,
    /// Id of the organization.
    pub organization_id: String,
    /// Where it lives, such as `eu-central-1`.
    pub region: String,
    /// Divisions the credentials can see, by name.
    pub divisions: Vec<String>,
    /// Permissions the credentials have, as `domain:entity:action`.
    pub granted: Vec<String>,
    /// Permissions that are needed and missing.
    pub missing: Vec<String>,
    /// Permissions that go beyond what is needed and can change things. // S0-22
    pub excess: Vec<String>,
    /// Who signed in with a browser; `None` for a service.
    pub person: Option<SignedInPerson>,
    /// Lifetime of an access token, in seconds, as the source grants it. // S0-17
    pub token_lifetime_s: u64,
    /// How the source says it encrypts what lies in it, in its own words; `None` when it says nothing. // S1-10
    pub encryption_at_rest: Option<String>,
}

/// A person as the source knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInPerson {
    /// Their id at the source.
    pub id: String,
    /// Their name at the source.
    pub name: PersonalData<String>,
}

/// Why a source gave no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Signing in failed.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// The host gave no answer.
    #[error(transparent)]
    Http(HttpError),
    /// A permission or division is missing.
    #[error(
        "`{operation}` was refused ({code}): the client needs the permission {permissions} in the \
         division of the recording; ask the administrator of the source to grant it{correlation}"
    )]
    NotPermitted {
        /// What was asked.
        operation: &'static str,
        /// The source's error code.
        code: String,
        /// What is needed.
        permissions: String,
        /// The source's correlation id, ready to be appended; empty when there is none.
        correlation: String,
    },
    /// What lies there is not encrypted. // S1-10
    #[error("the bucket `{bucket}` does not encrypt what lies in it")]
    Unencrypted {
        /// Its name.
        bucket: String,
    },
    /// The source does not have it.
    #[error("`{operation}` found nothing: it was deleted, or the client cannot see its division")]
    NotFound {
        /// What was asked.
        operation: &'static str,
    },
    /// The source did not accept the request.
    #[error(
        "`{operation}` was not accepted (status {status}, {code}); this is a fault of this program or a change of the source, report it{correlation}"
    )]
    Refused {
        /// What was asked.
        operation: &'static str,
        /// The status.
        status: u16,
        /// The source's error code.
        code: String,
        /// The source's correlation id, ready to be appended; empty when there is none.
        correlation: String,
    },
    /// The answer is not what the source documents.
    #[error("the answer to `{operation}` cannot be read: {reason}")]
    Unreadable {
        /// What was asked.
        operation: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The source gave a page twice. // S0-35
    #[error(
        "`{operation}` repeats the page it gave before, so its answer never ends; run the search again"
    )]
    RepeatedPage {
        /// What was asked.
        operation: &'static str,
    },
    /// The answer is larger than any expected one.
    #[error("`{operation}` exceeds the limit of {limit} {what}; narrow the request")]
    Limit {
        /// What was asked.
        operation: &'static str,
        /// What is limited.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The source gave up on a search.
    #[error("the search job of the source ended as {state}; run the search again")]
    SearchJob {
        /// The state.
        state: String,
    },
    /// The caller stopped the work.
    #[error("stopped on request")]
    Cancelled,
}

impl From<HttpError> for SourceError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Cancelled => Self::Cancelled,
            other => Self::Http(other),
        }
    }
}

impl From<Cancelled> for SourceError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Why a recording was not fetched. Most variants are an end state of the recording.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The source no longer has it. // S2-45
    #[error("the source no longer has the recording; it is recorded as purged")]
    Purged,
    /// It is in an archive.
    #[error(
        "the recording is archived; restore it in the source, which takes hours, then retrieve again"
    )]
    Archived,
    /// It is still being written.
    #[error("the recording is not finished yet; retrieve again later")]
    Pending,
    /// The source reports a fault with it.
    #[error("the source reports a fault with the recording: {reason}")]
    Faulty {
        /// Which one.
        reason: String,
    },
    /// What arrived is not the recording. // S0-71, S2-23
    #[error("what arrived is not the recording: {reason}")]
    Corrupted {
        /// What is wrong.
        reason: String,
    },
    /// The source has it in a form we cannot take.
    #[error("the recording comes in a form that cannot be processed: {what}")]
    Unsupported {
        /// Which one.
        what: String,
    },
    /// The source could not deliver it within the limits.
    #[error("the source could not deliver the recording: {reason}")]
    Unavailable {
        /// Why.
        reason: String,
        /// Whether a later attempt makes sense.
        retry: bool,
    },
    /// A permission is missing.
    #[error("{reason}")]
    NotPermitted {
        /// Which one, and what to do.
        reason: String,
    },
    /// Signing in failed.
    #[error(transparent)]
    SignIn(SignInError),
    /// The caller stopped the work.
    #[error("stopped on request")]
    Cancelled,
    /// The sink could not take the bytes.
    #[error("the recording could not be stored: {0}")]
    Sink(#[source] io::Error),
}

impl FetchError {
    pub(crate) fn addresses_ended() -> Self {
        Self::Unavailable {
            reason: "every fresh media address ended before it could be used".to_owned(),
            retry: true,
        }
    }
}

impl From<HttpError> for FetchError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Cancelled => Self::Cancelled,
            HttpError::Unreachable { .. }
            | HttpError::TimedOut { .. }
            | HttpError::RateLimited { .. }
            | HttpError::Server { .. }
            | HttpError::Resting { .. } => Self::Unavailable {
                reason: error.to_string(),
                retry: true,
            },
            HttpError::Setup { .. }
            | HttpError::Address { .. }
            | HttpError::UnknownHost { .. }
            | HttpError::Tls { .. }
            | HttpError::TooLarge { .. } => Self::Unavailable {
                reason: error.to_string(),
                retry: false,
            },
        }
    }
}

impl From<Cancelled> for FetchError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl From<SourceError> for FetchError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Cancelled => Self::Cancelled,
            SourceError::SignIn(error) => Self::SignIn(error),
            SourceError::Http(error) => Self::from(error),
            SourceError::NotFound { .. } => Self::Purged,
            SourceError::NotPermitted { .. } | SourceError::Unencrypted { .. } => {
                Self::NotPermitted {
                    reason: error.to_string(),
                }
            }
            SourceError::Refused { .. }
            | SourceError::Unreadable { .. }
            | SourceError::RepeatedPage { .. }
            | SourceError::Limit { .. }
            | SourceError::SearchJob { .. } => Self::Unavailable {
                reason: error.to_string(),
                retry: false,
            },
        }
    }
}
