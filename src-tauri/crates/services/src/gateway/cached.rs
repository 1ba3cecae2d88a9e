//! What a job brought: streamed from the encrypted cache until its time is over. // S0-89, X-06

use std::io::Read;

use bytes::Bytes;
use domain::{audit::AuditAction, digest::Sha256Digest};
use serde::{Deserialize, Serialize};
use store::{BlobId, GatewayJobRow, MappingRow};
use tokio::{runtime::Handle, sync::mpsc};

use super::{
    Gateway,
    error::{Code, GatewayError},
    internal,
    journal::{self, End},
    mapped::MappedCall,
    retrieve::{self, Ask, Retrieved},
    stream::{MediaBody, Part, content_type},
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

/// What a job brought.
#[derive(Serialize, Deserialize)]
pub(super) struct Brought {
    /// The source it came from.
    pub(super) source: String,
    pub(super) recording_id: String,
    pub(super) size_bytes: u64,
    pub(super) sha256: String,
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
        let (parts, body) = MediaBody::new(slot);
        let (opened, head) = tokio::sync::oneshot::channel();
        let reading = Reading {
            gateway: self.clone(),
            blob,
            size_bytes: brought.size_bytes,
            parts,
            opened: Some(opened),
        };
        let ended = retrieve::entry(AuditAction::GatewayRetrievalEnded, caller, call, row, ask);
        let gateway = self.clone();
        self.inner.tasks.spawn(async move {
            let runtime = Handle::current();
            let read = tokio::task::spawn_blocking(move || reading.run(&runtime)).await;
            gateway
                .cache_read(ended.detail("from", "cache"), read, &brought)
                .await;
        });
        let content_type = head.await.ok().flatten();
        let content_type = content_type.ok_or_else(|| GatewayError::new(Code::Internal))?;
        Ok(Some(Retrieved::Media {
            head: self.head(call, row, content_type),
            about: Box::new(self.view(call)),
            body,
        }))
    }

    async fn cache_read(
        &self,
        ended: Draft,
        read: Result<Result<(), String>, tokio::task::JoinError>,
        brought: &Brought,
    ) {
        let read = read.unwrap_or_else(|error| Err(error.to_string()));
        let digest = Sha256Digest::parse(&brought.sha256).ok();
        let end = match (&read, digest) {
            (Ok(()), Some(sha256)) => End::Whole {
                sha256,
                bytes: brought.size_bytes,
            },
            (Ok(()), None) => End::Broken {
                why: "the digest on record is none",
            },
            (Err(why), _) => End::Broken { why },
        };
        if read.is_ok() {
            self.inner.metrics.streamed(brought.size_bytes);
        }
        let recorded = journal::ended(self, ended, end, &Egress::default()).await;
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
    size_bytes: u64,
    parts: mpsc::Sender<Part>,
    opened: Option<tokio::sync::oneshot::Sender<Option<&'static str>>>,
}

impl Reading {
    /// Only a file of the length on record ends well.
    fn run(mut self, runtime: &Handle) -> Result<(), String> {
        let vault = self.gateway.app().store().vault();
        let mut file = vault
            .open(CACHE, &self.blob)
            .map_err(|error| error.to_string())?;
        let mut sent = 0;
        loop {
            if self.gateway.inner.stop.is_cancelled() {
                return Err("the gateway stops".to_owned());
            }
            let mut chunk = vec![0; CHUNK];
            let read = fill(&mut file, &mut chunk).map_err(|error| error.to_string())?;
            chunk.truncate(read);
            if let Some(opened) = self.opened.take() {
                let seen = content_type(&chunk).map_err(|error| error.to_string())?;
                // Nobody waits when the caller went away.
                let _ = opened.send(Some(seen));
            }
            if read == 0 {
                break;
            }
            sent += read as u64;
            self.send(runtime, Part::Chunk(Bytes::from(chunk)))?;
        }
        if sent != self.size_bytes {
            return Err("the file in the cache is not whole".to_owned());
        }
        self.send(runtime, Part::End)
    }

    /// Hands a part on; who takes none for long has gone away.
    fn send(&self, runtime: &Handle, part: Part) -> Result<(), String> {
        let sending = self.parts.send(part);
        let sending = tokio::time::timeout(super::stream::READER_PATIENCE, sending);
        match runtime.block_on(sending) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err("the caller went away".to_owned()),
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
