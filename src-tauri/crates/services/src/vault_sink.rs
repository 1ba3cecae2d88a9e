//! Streams downloaded bytes into the vault: hashed and encrypted on the way, never in the clear on disk.

use std::io::{self, Write};

use bytes::Bytes;
use connectors::source::MediaSink;
use domain::digest::Sha256Digest;
use evidence::hashing::HashingWriter;
use store::{LooseBlob, Vault};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::progress::Progress;

/// Chunks that may wait for the disk; bounds the memory of a download. // S1-15
const CHUNKS_WAITING: usize = 4;

/// A sealed file and what was counted while it was written.
pub(crate) struct Sealed {
    pub(crate) blob: LooseBlob,
    pub(crate) sha256: Sha256Digest,
    pub(crate) size_bytes: u64,
}

/// Receives a download. Encryption and disk run on a thread of their own. // S2-22
pub(crate) struct VaultSink {
    vault: Vault,
    case_id: String,
    writer: Option<Writer>,
    progress: Progress,
    on_progress: Box<dyn Fn(Progress) + Send>,
}

struct Writer {
    parts: mpsc::Sender<Part>,
    thread: JoinHandle<io::Result<Option<Sealed>>>,
}

/// What the writing thread is told. Without the end it throws away what it has.
enum Part {
    Chunk(Bytes),
    End,
}

impl VaultSink {
    /// Writes into the vault of a case. `on_progress` is told with every chunk.
    pub(crate) fn new(
        vault: Vault,
        case_id: &str,
        on_progress: impl Fn(Progress) + Send + 'static,
    ) -> Self {
        Self {
            vault,
            case_id: case_id.to_owned(),
            writer: None,
            progress: Progress::default(),
            on_progress: Box::new(on_progress),
        }
    }

    /// Seals what arrived. Nothing remains of a download that is not finished.
    pub(crate) async fn finish(mut self) -> io::Result<Sealed> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.start(),
        };
        // When the thread has ended already, its error says why.
        let _ = writer.parts.send(Part::End).await;
        joined(writer.thread).await?.ok_or_else(stopped)
    }

    fn start(&self) -> Writer {
        let (parts, received) = mpsc::channel(CHUNKS_WAITING);
        let (vault, case_id) = (self.vault.clone(), self.case_id.clone());
        let thread = tokio::task::spawn_blocking(move || write_all(&vault, &case_id, received));
        Writer { parts, thread }
    }
}

fn write_all(
    vault: &Vault,
    case_id: &str,
    mut received: mpsc::Receiver<Part>,
) -> io::Result<Option<Sealed>> {
    let mut writer = HashingWriter::new(vault.create(case_id).map_err(io::Error::other)?);
    loop {
        match received.blocking_recv() {
            Some(Part::Chunk(chunk)) => writer.write_all(&chunk)?,
            Some(Part::End) => break,
            // The download failed, was cancelled or starts over.
            None => return Ok(None),
        }
    }
    let (blob_writer, sha256, size_bytes) = writer.finish();
    let blob = blob_writer.finish().map_err(io::Error::other)?;
    Ok(Some(Sealed {
        blob,
        sha256,
        size_bytes,
    }))
}

async fn joined(thread: JoinHandle<io::Result<Option<Sealed>>>) -> io::Result<Option<Sealed>> {
    thread.await.map_err(io::Error::other)?
}

fn stopped() -> io::Error {
    io::Error::other("the vault stopped taking bytes")
}

impl MediaSink for VaultSink {
    fn expect(&mut self, bytes: u64) {
        self.progress.bytes_total = bytes;
    }

    /// Throws away what arrived so far; the next byte is the first.
    async fn restart(&mut self) -> io::Result<()> {
        self.progress.bytes = 0;
        if let Some(writer) = self.writer.take() {
            drop(writer.parts);
            joined(writer.thread).await?;
        }
        Ok(())
    }

    async fn write(&mut self, chunk: Bytes) -> io::Result<()> {
        let length = chunk.len() as u64;
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.start(),
        };
        if writer.parts.send(Part::Chunk(chunk)).await.is_err() {
            // The thread ended early; its error says why, such as a full disk.
            return joined(writer.thread).await.and(Err(stopped()));
        }
        self.writer = Some(writer);
        self.progress.bytes += length;
        (self.on_progress)(self.progress);
        Ok(())
    }
}
