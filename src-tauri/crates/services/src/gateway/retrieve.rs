//! One recording by one reference: at once when its source is quick, through a job when it is not. // S1-28, S1-45, S1-46

use std::time::Duration;

use connectors::source::{FetchError, FetchedMedia, MediaRequest, Source};
use domain::{
    audit::AuditAction,
    ids::{ConversationId, RecordingId},
    recording::MediaFormat,
};
use serde::{Deserialize, Serialize};
use store::MappingRow;
use tokio_util::sync::CancellationToken;

use super::{
    Gateway, JobView, MediaBody, MediaHead,
    clients::Scope,
    error::{Code, GatewayError},
    internal,
    journal::{self, End},
    mapped::{MappedCall, Origin, Retention},
    metadata::RecordingView,
    part::Wish,
    reference::Reference,
    stream::{ChannelSink, Opening},
    tokens::Caller,
};
use crate::{egress::Egress, record::Draft};

/// S1-45 asks for a first answer within five seconds; the last second is for writing down that it takes longer.
const FIRST_ANSWER: Duration = Duration::from_secs(4);

/// Longest id that a caller gives its own request.
const MAX_NOTE: usize = 128;

/// The format that a caller prefers. Old systems give what they have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Linear PCM.
    #[default]
    Wav,
    /// MPEG layer III.
    Mp3,
    /// Opus in Ogg.
    Ogg,
    /// Opus in WebM.
    Webm,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Wav, Self::Mp3, Self::Ogg, Self::Webm];

    /// The name in requests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Ogg => "ogg",
            Self::Webm => "webm",
        }
    }

    /// The format of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    pub(super) const fn media(self) -> MediaFormat {
        match self {
            Self::Wav => MediaFormat::Wav,
            Self::Mp3 => MediaFormat::Mp3,
            Self::Ogg => MediaFormat::OggOpus,
            Self::Webm => MediaFormat::WebmOpus,
        }
    }
}

/// The request of compliance tools. // S1-29
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetrieveReq {
    /// The caller's name for this request; goes to the log.
    pub request_id: String,
    /// Who asks behind the client; an account, not a name. Goes to the log.
    pub caller_id: String,
    /// Any reference of the call.
    pub target_recording_ref: String,
    /// The format preferred.
    #[serde(default)]
    pub format_preference: Format,
    /// Whether to send along what is known about the recording.
    #[serde(default)]
    pub include_metadata: bool,
    /// Where the caller logs this request; goes to the log.
    pub audit_log_id: Option<String>,
}

/// What is asked for.
pub(super) struct Ask {
    pub(super) reference: Reference,
    pub(super) format: Format,
    /// What of it.
    pub(super) wish: Wish,
    /// Ids of the caller, for the log.
    pub(super) notes: Vec<(&'static str, String)>,
    pub(super) correlation: String,
}

/// The answer.
pub enum Retrieved {
    /// The sound, on its way.
    Media {
        /// What is said before it.
        head: MediaHead,
        /// What is known about the recording.
        about: Box<RecordingView>,
        /// The bytes.
        body: MediaBody,
    },
    /// It takes longer: a job. // S1-46
    Accepted(Box<JobView>),
}

impl Gateway {
    /// Answers the request of a compliance tool. // S1-28, S1-29
    ///
    /// # Errors
    /// Every refusal that `/openapi.json` lists for the route.
    pub async fn retrieve(
        &self,
        caller: &Caller,
        request: &RetrieveReq,
        correlation: &str,
    ) -> Result<Retrieved, GatewayError> {
        let mut notes = vec![
            ("requestId", request.request_id.clone()),
            ("callerId", request.caller_id.clone()),
        ];
        notes.extend(request.audit_log_id.clone().map(|it| ("auditLogId", it)));
        if let Some((name, _)) = notes.iter().find(|(_, text)| !is_note(text)) {
            let why = format!(
                "`{name}` must be 1 to {MAX_NOTE} of letters, digits and `.`, `_`, `:`, `@`, `-`"
            );
            return Err(GatewayError::because(Code::InvalidRequest, why));
        }
        let reference = Reference::new(&request.target_recording_ref)?;
        let ask = Ask {
            reference,
            format: request.format_preference,
            wish: Wish::Whole,
            notes,
            correlation: correlation.to_owned(),
        };
        self.bring(caller, ask).await
    }

    /// The sound of a recording. // S1-36
    ///
    /// # Errors
    /// Every refusal that `/openapi.json` lists for the route.
    pub async fn media(
        &self,
        caller: &Caller,
        reference: &str,
        (format, wish): (Format, Wish),
        correlation: &str,
    ) -> Result<Retrieved, GatewayError> {
        let ask = Ask {
            reference: Reference::new(reference)?,
            format,
            wish,
            notes: Vec::new(),
            correlation: correlation.to_owned(),
        };
        self.bring(caller, ask).await
    }

    async fn bring(&self, caller: &Caller, ask: Ask) -> Result<Retrieved, GatewayError> {
        caller.may(Scope::Media)?;
        let cancel = self.inner.stop.child_token();
        // Whatever was begun for an answer that is not given ends here.
        let guard = cancel.clone().drop_guard();
        let at_once = self.at_once(caller, &ask, &cancel);
        match tokio::time::timeout(FIRST_ANSWER, at_once).await {
            Ok(Ok(Some(answer))) => {
                guard.disarm();
                Ok(answer)
            }
            Ok(Err(error)) => Err(error),
            Ok(Ok(None)) | Err(_) => {
                drop(guard);
                let job = self.start_job(caller, &ask).await?;
                Ok(Retrieved::Accepted(Box::new(job)))
            }
        }
    }

    /// An answer without a job; `None` when it needs one.
    async fn at_once(
        &self,
        caller: &Caller,
        ask: &Ask,
        cancel: &CancellationToken,
    ) -> Result<Option<Retrieved>, GatewayError> {
        let call = self
            .resolve(caller, &ask.reference, &ask.correlation, cancel)
            .await?;
        if let Some(answer) = self.answer_of_jobs(caller, &call, ask).await? {
            return Ok(Some(answer));
        }
        let usable = call
            .places
            .iter()
            .filter(|it| it.missing_since_utc.is_none());
        for (number, row) in usable.enumerate() {
            // S1-46
            if Origin::of(row) == Origin::LegacyArchive {
                return Ok(None);
            }
            match self.stream(caller, &call, row, ask, cancel).await? {
                Ok(media) => return Ok(Some(media)),
                // S1-13
                Err(FetchError::Purged) => self.mark_missing(row).await.map_err(internal)?,
                // A job asks the other places.
                Err(_) if number + 1 < call.places.len() => return Ok(None),
                Err(error) => return Err(GatewayError::from(&error)),
            }
        }
        // Every place is gone: the sources are asked, and what they have needs a closer look.
        self.resolve(caller, &ask.reference, &ask.correlation, cancel)
            .await?;
        Ok(None)
    }

    /// Streams from one place. The outer error is the gateway's, the inner one the source's.
    async fn stream(
        &self,
        caller: &Caller,
        call: &MappedCall,
        row: &MappingRow,
        ask: &Ask,
        cancel: &CancellationToken,
    ) -> Result<Result<Retrieved, FetchError>, GatewayError> {
        let slot = self.inner.stream_slots.try_take(&caller.tenant);
        let slot = slot.ok_or_else(|| GatewayError::new(Code::TooManyRequests))?;
        journal::write(self, started(caller, call, row, ask))
            .await
            .map_err(internal)?;
        let (pieces, body) = MediaBody::new(slot);
        let names = [&row.source, &row.recording_id, ask.format.name()].map(str::to_owned);
        let (sink, opened) = ChannelSink::new(pieces, ask.wish.clone(), names.to_vec());
        let run = Run {
            gateway: self.clone(),
            tenant: caller.tenant.clone(),
            row: row.clone(),
            format: ask.format,
            cancel: cancel.clone(),
            ended: ended(caller, call, row, ask),
        };
        self.inner.tasks.spawn(run.into_sink(sink));
        Ok(match opened.await {
            Ok(Ok(opening)) => {
                let head = self.head(call, row, opening)?;
                let about = Box::new(self.view(call));
                Ok(Retrieved::Media { head, about, body })
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(FetchError::Cancelled),
        })
    }

    pub(super) fn head(
        &self,
        call: &MappedCall,
        row: &MappingRow,
        opening: Opening,
    ) -> Result<MediaHead, GatewayError> {
        match opening {
            Opening::Sound {
                content_type,
                duration_ms,
                file,
                part,
            } => Ok(MediaHead {
                id: call.id.clone(),
                content_type,
                origin: Origin::of(row),
                retention: Retention::of(row, self.now()),
                duration_ms,
                file,
                part,
            }),
            Opening::Nothing { bytes } => Err(GatewayError::no_byte_of(bytes)),
        }
    }
}

/// One fetch into the body of an answer.
struct Run {
    gateway: Gateway,
    tenant: String,
    row: MappingRow,
    format: Format,
    cancel: CancellationToken,
    /// What the log says at its end; nothing when no sound is sent.
    ended: Option<Draft>,
}

impl Run {
    async fn into_sink(self, mut sink: ChannelSink) {
        let Some(source) = self.gateway.source(&self.tenant, &self.row.source) else {
            return;
        };
        let (source, ledger) = source.source.counted();
        let fetched = fetch(&source, &self.row, self.format, &mut sink, &self.cancel).await;
        let finished = sink.finish(fetched.map(drop)).await;
        if let Ok(sent) = &finished {
            self.gateway.inner.metrics.streamed(sent.bytes);
        }
        let egress = Egress::of_gateway(ledger);
        let recorded = match self.ended {
            Some(ended) => journal::ended(&self.gateway, ended, End::of(&finished), &egress).await,
            None => egress.close(self.gateway.app(), Ok(())).await,
        };
        if let Err(error) = recorded {
            tracing::error!(%error, "the end of a stream could not be recorded");
        }
    }
}

/// Asks one place for its sound.
pub(super) async fn fetch(
    source: &Source,
    row: &MappingRow,
    format: Format,
    sink: &mut impl connectors::source::MediaSink,
    cancel: &CancellationToken,
) -> Result<FetchedMedia, FetchError> {
    let request = request(row, format)?;
    source.fetch_media(&request, sink, cancel).await
}

/// What a source is asked for, by the names of its place.
pub(super) fn request(row: &MappingRow, format: Format) -> Result<MediaRequest, FetchError> {
    let faulty = |_| FetchError::Faulty {
        reason: "its id in the mapping is none".to_owned(),
    };
    Ok(MediaRequest {
        conversation: ConversationId::new(row.call_id.clone()).map_err(faulty)?,
        recording: RecordingId::new(row.recording_id.clone()).map_err(faulty)?,
        communication: None,
        format: format.media(),
    })
}

/// The entry before the first byte: no log, no sound. Who asks for no sound reads what is known.
pub(super) fn started(caller: &Caller, call: &MappedCall, row: &MappingRow, ask: &Ask) -> Draft {
    let action = match ask.wish {
        Wish::Head => AuditAction::GatewayMetadataRead,
        Wish::Whole | Wish::Part(_) => AuditAction::GatewayRetrievalStarted,
    };
    entry(action, caller, call, row, ask)
}

/// The beginning of the entry at the end; none where no sound is sent.
pub(super) fn ended(
    caller: &Caller,
    call: &MappedCall,
    row: &MappingRow,
    ask: &Ask,
) -> Option<Draft> {
    let action = AuditAction::GatewayRetrievalEnded;
    (ask.wish != Wish::Head).then(|| entry(action, caller, call, row, ask))
}

fn entry(
    action: AuditAction,
    caller: &Caller,
    call: &MappedCall,
    row: &MappingRow,
    ask: &Ask,
) -> Draft {
    let entry = journal::entry(action, caller, &ask.correlation)
        .recording(&call.id)
        .detail("source", &row.source)
        .detail("sourceSystem", &row.source_system);
    let notes = ask.notes.iter();
    notes.fold(entry, |entry, (name, text)| entry.detail(name, text))
}

fn is_note(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._:@-".contains(c);
    (1..=MAX_NOTE).contains(&text.len()) && text.chars().all(allowed)
}
