//! What a job brought: streamed from the encrypted cache until its time is over. // S0-89, X-06

use std::io::{Read, Seek, SeekFrom};

use bytes::Bytes;
use domain::{audit::AuditAction, digest::Sha256Digest};
use serde::{Deserialize, Serialize};
use store::{BlobId, GatewayJobRow, MappingRow};
use tokio::runtime::Handle;

use super::{
    Gateway,
    error::{Code, GatewayError},
    internal,
    journal::{self, End},
    mapped::MappedCall,
    part::{FileVersion, Given, Wish},
    retrieve::{self, Ask, Retrieved},
    stream::{MediaBody, Opening, Pieces, Sent, content_type},
    tokens::Caller,
};
use crate::{
    api::ApiError,
    egress::Egress,
    record::{self, Draft},
};

/// The vault's folder of the cache, with a key of its own.
pub(super) const CACHE: &str = "gateway-cache";

/// Bytes read at a time.
const CHUNK: usize = 64 << 10;
/// Bytes that tell what a file is.
const LOOKED_AT: usize = 4_096;

/// What a job brought.
#[derive(Serialize, Deserialize)]
pub(super) struct Brought {
    /// The source it came from.
    pub(super) source: String,
    pub(super) recording_id: String,
    pub(super) size_bytes: u64,
    pub(super) sha256: String,
    /// Length of the sound by the word of the source.
    #[serde(default)]
    pub(super) duration_ms: Option<u64>,
}

impl Gateway {
    /// An answer from earlier jobs: their media, that one still runs, or a failure that lasts.
    pub(super) async fn answer_of_jobs(
        &self,
        caller: &Caller,
        call: &MappedCall,
        ask: &Ask,
    ) -> Result<Option<Retrieved>, GatewayError> {
        let (store, now) = (self.app().store(), self.now());
        let job = store.latest_gateway_job(&caller.tenant, &call.id, ask.format.name(), now);
        let Some(job) = job.await.map_err(internal)? else {
            return Ok(None);
        };
        match job.state.as_str() {
            "done" => self.stream_cached(caller, call, &job, ask).await,
            "failed" => match failure(&job).filter(GatewayError::is_lasting) {
                Some(lasting) => Err(lasting),
                None => Ok(None),
            },
            _ => Ok(Some(Retrieved::Accepted(Box::new(self.job_view(&job))))),
        }
    }

    async fn stream_cached(
        &self,
        caller: &Caller,
        call: &MappedCall,
        job: &GatewayJobRow,
        ask: &Ask,
    ) -> Result<Option<Retrieved>, GatewayError> {
        let brought = job
            .result_json
            .as_deref()
            .map(serde_json::from_str::<Brought>);
        let (Some(Ok(brought)), Some(blob)) = (brought, job.blob.clone()) else {
            return Ok(None);
        };
        let is_from = |row: &&MappingRow| {
            row.source == brought.source && row.recording_id == brought.recording_id
        };
        let row = call.places.iter().find(is_from).unwrap_or(call.best());
        let slot = self.inner.stream_slots.try_take(&caller.tenant);
        let slot = slot.ok_or_else(|| GatewayError::new(Code::TooManyRequests))?;
        let start = retrieve::started(caller, call, row, ask).detail("from", "cache");
        journal::write(self, start).await.map_err(internal)?;
        let (pieces, body) = MediaBody::new(slot);
        let (opened, opening) = tokio::sync::oneshot::channel();
        let reading = Reading {
            gateway: self.clone(),
            blob,
            file: FileVersion::of(&[&brought.sha256], brought.size_bytes),
            duration_ms: brought.duration_ms,
            wish: ask.wish.clone(),
            pieces,
            opened: Some(opened),
        };
        let ended = retrieve::ended(caller, call, row, ask).map(|it| it.detail("from", "cache"));
        let gateway = self.clone();
        self.inner.tasks.spawn(async move {
            let runtime = Handle::current();
            let read = tokio::task::spawn_blocking(move || reading.run(&runtime)).await;
            gateway.cache_read(ended, read, &brought).await;
        });
        let opening = opening.await;
        let opening = opening.map_err(|_| GatewayError::new(Code::Internal))?;
        Ok(Some(Retrieved::Media {
            head: self.head(call, row, opening)?,
            about: Box::new(self.view(call)),
            body,
        }))
    }

    async fn cache_read(
        &self,
        ended: Option<Draft>,
        read: Result<Result<Given, String>, tokio::task::JoinError>,
        brought: &Brought,
    ) {
        let read = read.unwrap_or_else(|error| Err(error.to_string()));
        let digest = Sha256Digest::parse(&brought.sha256);
        let sent = match (read, digest) {
            (Ok(given), Ok(sha256)) => Ok(Sent::of(given, sha256, brought.size_bytes)),
            (Ok(_), Err(_)) => Err("the digest on record is none".to_owned()),
            (Err(why), _) => Err(why),
        };
        let Some(ended) = ended else { return };
        if let Ok(sent) = &sent {
            self.inner.metrics.streamed(sent.bytes);
        }
        let recorded = journal::ended(self, ended, End::of(&sent), &Egress::default()).await;
        if let Err(error) = recorded {
            tracing::error!(%error, "the end of a stream could not be recorded");
        }
    }

    /// Removes media whose time is over, and says so in the log. // X-06
    pub(super) async fn purge(&self) -> Result<(), ApiError> {
        let store = self.app().store();
        let over = store.gateway_jobs_over(self.now()).await?;
        if over.is_empty() {
            return Ok(());
        }
        // Files first: a row without its file is found again at the next try, a file without its row never.
        let blobs: Vec<_> = over.iter().filter_map(|job| job.blob.clone()).collect();
        let count = blobs.len();
        let vault = store.vault().clone();
        let removing = move || blobs.iter().try_for_each(|blob| vault.remove(CACHE, blob));
        let removed = tokio::task::spawn_blocking(removing).await;
        removed.map_err(|error| ApiError::internal("Removing media", &error))??;
        let mut tx = store.begin().await?;
        for job in &over {
            tx.forget_gateway_job(&job.id).await?;
        }
        let entry = Draft::new(AuditAction::GatewayCachePurged, self.app().service());
        record::append(self.app(), &mut tx, entry.detail("files", count)).await?;
        Ok(tx.commit().await?)
    }
}

pub(super) fn failure(job: &GatewayJobRow) -> Option<GatewayError> {
    serde_json::from_str(job.failure_json.as_deref()?).ok()
}

/// One reading of a file of the cache.
struct Reading {
    gateway: Gateway,
    blob: BlobId,
    file: FileVersion,
    duration_ms: Option<u64>,
    wish: Wish,
    pieces: Pieces,
    opened: Option<tokio::sync::oneshot::Sender<Opening>>,
}

impl Reading {
    /// Only a file of the length on record ends well.
    fn run(mut self, runtime: &Handle) -> Result<Given, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let vault = self.gateway.app().store().vault();
        let mut file = vault.open(CACHE, &self.blob).map_err(|it| text(&it))?;
        let mut first = vec![0; LOOKED_AT];
        let read = fill(&mut file, &mut first).map_err(|it| text(&it))?;
        first.truncate(read);
        let seen = content_type(&first).map_err(|it| text(&it))?;
        let given = self.wish.of(Some(&self.file));
        self.open(seen, given);
        let (from, to) = match given {
            Given::Whole => (0, self.file.bytes),
            Given::Part(part) => (part.first, part.last + 1),
            Given::Nothing { .. } => return Err("the range has no byte".to_owned()),
        };
        if self.wish != Wish::Head {
            file.seek(SeekFrom::Start(from)).map_err(|it| text(&it))?;
            // A whole file that goes on after its length on record is not that file.
            let more = u64::from(given == Given::Whole);
            let sent = self.copy(runtime, file.take(to - from + more))?;
            if sent != to - from {
                return Err("the file in the cache is not whole".to_owned());
            }
            runtime
                .block_on(self.pieces.end(sent))
                .map_err(|it| text(&it))?;
        }
        Ok(given)
    }

    fn open(&mut self, content_type: &'static str, given: Given) {
        let opening = match given {
            Given::Nothing { bytes } => Opening::Nothing { bytes },
            Given::Whole | Given::Part(_) => Opening::Sound {
                content_type,
                duration_ms: self.duration_ms,
                file: Some(self.file.clone()),
                part: given.part(),
            },
        };
        if let Some(opened) = self.opened.take() {
            // Nobody waits when the caller went away.
            let _ = opened.send(opening);
        }
    }

    fn copy(&self, runtime: &Handle, mut file: impl Read) -> Result<u64, String> {
        let mut sent = 0;
        loop {
            if self.gateway.inner.stop.is_cancelled() {
                return Err("the gateway stops".to_owned());
            }
            let mut chunk = vec![0; CHUNK];
            let read = fill(&mut file, &mut chunk).map_err(|error| error.to_string())?;
            chunk.truncate(read);
            if read == 0 {
                return Ok(sent);
            }
            sent += read as u64;
            let sending = self.pieces.send(Bytes::from(chunk));
            runtime
                .block_on(sending)
                .map_err(|error| error.to_string())?;
        }
    }
}

/// Reads until the buffer is full or the file is over.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}
