//! One recording into the folder: downloaded, hashed on the way, looked into, named, noted. // S2-21…S2-28

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use connectors::source::{FetchError, FetchedMedia, MediaRequest};
use domain::recording::{EndState, MediaFormat};
use evidence::{
    bag,
    format::{ExportMetadataFile, ExportPause, ListedRecording, PackageFile, format_time},
    hashing::sha256,
};
use futures_util::{FutureExt, StreamExt, stream};
use store::{ExportFolder, PartialFile};
use tokio_util::sync::CancellationToken;

use super::{
    Approval, ExportStep, MAX_AT_ONCE, Run,
    inspect::{self, Looked, Refused},
    journal::{Ended, Journal, Kept},
    layout::Layout,
    list::stopped,
    sources::Asking,
};
use crate::{
    api::{ApiError, ErrorCode},
    open_case::to_json,
    search_record::RecordingIds,
    sink::{Place, Sink, Stored},
};

/// The format asked of the source: what every court can play.
const FORMAT: MediaFormat = MediaFormat::Wav;

/// A new file of the export.
#[derive(Clone)]
struct NewFile(std::sync::Arc<ExportFolder>);

impl Place for NewFile {
    type Writer = PartialFile;
    type Kept = PartialFile;

    fn open(&self) -> io::Result<PartialFile> {
        self.0.start().map_err(io::Error::other)
    }

    fn keep(writer: PartialFile) -> io::Result<PartialFile> {
        Ok(writer)
    }
}

/// How a recording arrived.
struct Arrived {
    media: FetchedMedia,
    stored: Stored<PartialFile>,
    at_utc: String,
}

/// What the downloads of one run share.
pub(super) struct Downloads<'a, S> {
    pub(super) run: &'a Run<'a>,
    pub(super) sources: &'a [Asking],
    /// What earlier runs know.
    pub(super) known: &'a Journal,
    pub(super) step: &'a S,
    pub(super) cancel: CancellationToken,
    pub(super) done: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) total: u64,
}

impl<S: Fn(ExportStep) + Sync> Downloads<'_, S> {
    /// Downloads everything that is open, some at the same time, and gives each end as it comes. The first
    /// trouble that would meet every other download too ends the run, once those that run have stopped.
    ///
    /// # Errors
    /// That trouble, or that the work was stopped.
    pub(super) async fn all(&self, open: &[&ListedRecording]) -> Result<Vec<Ended>, ApiError> {
        let at_once = self.run.request.at_once.clamp(1, MAX_AT_ONCE);
        // Boxed: the compiler cannot prove a stream of unnamed futures `Send` for every lifetime.
        let each = open.iter().map(|listed| self.one(listed).boxed());
        let mut each = stream::iter(each.collect::<Vec<_>>()).buffer_unordered(at_once);
        let (mut ended, mut trouble) = (Vec::new(), None);
        while let Some(outcome) = each.next().await {
            match outcome {
                Ok(one) => ended.push(one),
                Err(error) => {
                    self.cancel.cancel();
                    // What was stopped because of it says nothing new.
                    trouble.get_or_insert(error);
                }
            }
        }
        trouble.map_or(Ok(ended), Err)
    }

    async fn one(&self, listed: &ListedRecording) -> Result<Ended, ApiError> {
        if self.cancel.is_cancelled() {
            return Err(stopped());
        }
        let ended = match self.fetch(listed).await? {
            Ok(arrived) => self.keep(listed, arrived).await?,
            Err(state) => self.ended(listed, &state),
        };
        let ended = match self.known.get(&listed.number) {
            // Nothing new: what is known keeps its time, so that the files stay as they are.
            Some(known) if known.is_same_end(&ended) => known.clone(),
            _ => {
                self.note(&ended).await?;
                ended
            }
        };
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = self.bytes.load(Ordering::Relaxed);
        let total = self.total;
        (self.step)(ExportStep::Downloading { done, total, bytes });
        Ok(ended)
    }

    /// Downloads. The inner error is the end state of a recording that cannot be had.
    async fn fetch(&self, listed: &ListedRecording) -> Result<Result<Arrived, EndState>, ApiError> {
        let Some(asking) = self
            .sources
            .iter()
            .find(|it| it.written.source == listed.source)
        else {
            let reason = format!("the source `{}` is not connected", listed.source);
            return Ok(Err(EndState::Unavailable { reason }));
        };
        let request = request(listed)?;
        let mut sink = Sink::at(NewFile(self.run.folder.clone()), |_| ());
        let fetched = asking.source.fetch_media(&request, &mut sink, &self.cancel);
        let media = match fetched.await {
            Ok(media) => media,
            Err(error) => return end_state(error).map(Err),
        };
        let stored = sink.finish().await;
        let stored = stored.map_err(|error| unwritten(&error))?;
        let at_utc = format_time(self.run.app.now());
        self.bytes.fetch_add(stored.size_bytes, Ordering::Relaxed);
        Ok(Ok(Arrived {
            media,
            stored,
            at_utc,
        }))
    }

    fn ended(&self, listed: &ListedRecording, state: &EndState) -> Ended {
        let at_utc = format_time(self.run.app.now());
        Ended::without_file(listed.number, state, at_utc)
    }

    async fn keep(&self, listed: &ListedRecording, arrived: Arrived) -> Result<Ended, ApiError> {
        let filing = Filing {
            folder: self.run.folder.clone(),
            layout: self.run.layout,
            approval: self.run.request.approval.clone(),
            listed: listed.clone(),
        };
        self.run.on_disk(move |_| filing.keep(arrived)).await
    }

    async fn note(&self, ended: &Ended) -> Result<(), ApiError> {
        let line = to_json(ended)?;
        self.run
            .on_disk(move |folder| Ok(folder.note(&line)?))
            .await
    }
}

fn request(listed: &ListedRecording) -> Result<MediaRequest, ApiError> {
    let communication = listed.communication_id.as_deref();
    let ids = RecordingIds::new(&listed.conversation_id, &listed.recording_id, communication)
        .map_err(|error| ApiError::internal("Reading the ids of a recording", &error))?;
    Ok(MediaRequest {
        conversation: ids.conversation,
        recording: ids.recording,
        communication: ids.communication,
        format: FORMAT,
    })
}

/// Which failures are an end of the recording, and which stop the export.
fn end_state(error: FetchError) -> Result<EndState, ApiError> {
    let reason = error.to_string();
    match error {
        // S2-45
        FetchError::Purged => Ok(EndState::Purged),
        FetchError::Corrupted { reason } => Ok(EndState::Corrupted { reason }),
        FetchError::Unsupported { what } => Ok(EndState::Unsupported { codec: what }),
        FetchError::Pending
        | FetchError::Archived
        | FetchError::Faulty { .. }
        | FetchError::Unavailable { .. } => Ok(EndState::Unavailable { reason }),
        FetchError::NotPermitted { .. } | FetchError::SignIn(_) => Err(ApiError::new(
            ErrorCode::SourceUnavailable,
            reason,
            "Check the credentials and roles of the source, then run the export again.",
        )),
        FetchError::Cancelled => Err(stopped()),
        FetchError::Sink(error) => Err(unwritten(&error)),
    }
}

fn unwritten(error: &io::Error) -> ApiError {
    ApiError::from_io("Writing a recording of the export", error)
}

/// Puts one recording into the folder.
struct Filing {
    folder: std::sync::Arc<ExportFolder>,
    layout: Layout,
    approval: Option<Approval>,
    listed: ListedRecording,
}

impl Filing {
    fn keep(self, mut arrived: Arrived) -> Result<Ended, ApiError> {
        let reported_ms = arrived.media.reported_duration_ms;
        let file = arrived.stored.file.finish();
        let mut file = file.map_err(|error| unwritten(&error))?;
        let at_utc = arrived.at_utc.clone();
        let without = |state| Ended::without_file(self.listed.number, &state, at_utc);
        let looked = match inspect::look(&mut file, reported_ms) {
            Ok(looked) => looked,
            Err(Refused::Ended(state)) => return Ok(without(state)),
            Err(Refused::Unread(error)) => return Err(unwritten(&error)),
        };
        // S2-51
        let state = match (&looked.corrupted, &self.approval) {
            (None, _) => EndState::Retrieved,
            (Some(reason), None) => {
                let reason = reason.clone();
                return Ok(without(EndState::Corrupted { reason }));
            }
            (Some(reason), Some(_)) => EndState::Corrupted {
                reason: reason.clone(),
            },
        };
        let approval = self
            .approval
            .clone()
            .filter(|_| state != EndState::Retrieved);
        let at_utc = arrived.at_utc.clone();
        Ok(Ended {
            number: self.listed.number,
            state: state.name().to_owned(),
            detail: state.detail().map(str::to_owned),
            at_utc,
            file: Some(self.file(arrived, &looked)?),
            approval,
        })
    }

    /// Audio first: neither a sidecar nor a line may speak of a file that is not there. // S2-24
    fn file(self, arrived: Arrived, looked: &Looked) -> Result<Kept, ApiError> {
        let Self { folder, layout, .. } = &self;
        let stem = &self.listed.stem;
        let name = format!("{stem}.{}", looked.extension);
        let (digest, bytes) = (arrived.stored.sha256, arrived.stored.size_bytes);
        let metadata = self.metadata(&name, &arrived, looked).to_bytes();
        arrived.stored.file.keep(folder, &layout.path(&name))?;
        let sidecar = bag::sidecar(&name, digest);
        folder.write(&layout.path(&format!("{stem}.sha256")), sidecar.as_bytes())?;
        folder.write(&layout.path(&format!("{stem}.json")), &metadata)?;
        Ok(Kept {
            name,
            sha256: digest.to_string(),
            bytes,
            metadata_sha256: sha256(&metadata).to_string(),
        })
    }

    fn metadata(&self, name: &str, arrived: &Arrived, looked: &Looked) -> ExportMetadataFile {
        let media = &arrived.media;
        let pauses = media.timeline.pauses.iter().map(|it| ExportPause {
            start_ms: it.start_ms,
            duration_ms: it.duration_ms,
        });
        ExportMetadataFile {
            v: 1,
            file: name.to_owned(),
            file_hash: arrived.stored.sha256.to_string(),
            size_bytes: arrived.stored.size_bytes,
            content_type: looked.content_type.to_owned(),
            content_type_received: media.content_type.clone(),
            downloaded_at_utc: arrived.at_utc.clone(),
            host: media.host.clone(),
            duration_ms: looked.duration_ms,
            reported_duration_ms: media.reported_duration_ms,
            duration_check: looked.duration_check.clone(),
            already_redacted: media.already_redacted,
            pauses: pauses.collect(),
            recording: self.listed.clone(),
        }
    }
}
