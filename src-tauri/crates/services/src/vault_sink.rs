//! Streams downloaded bytes into the vault: hashed and encrypted on the way, never in the clear on disk.

use std::io::{self, Write};

use bytes::Bytes;
use connectors::source::MediaSink;
use domain::digest::Sha256Digest;
use evidence::hashing::HashingWriter;
use store::{BlobId, Vault};
use tokio::{sync::mpsc, task::JoinHandle};

/// Chunks that may wait for the disk; bounds the memory of a download. // S1-15
const CHUNKS_WAITING: usize = 16;

/// A sealed file and what was counted while it was written.
pub(crate) struct Sealed {
    pub(crate) blob: BlobId,
    pub(crate) sha256: Sha256Digest,
    pub(crate) size_bytes: u64,
}

/// Receives a download. Encryption and disk run on a thread of their own. // S2-22
pub(crate) struct VaultSink {
    vault: Vault,
    case_id: String,
    writer: Option<Writer>,
    written: u64,
    on_progress: Box<dyn Fn(u64) + Send>,
}

struct Writer {
    chunks: mpsc::Sender<Bytes>,
    thread: JoinHandle<io::Result<Sealed>>,
}

impl VaultSink {
    /// Writes into the vault of a case. `on_progress` gets the number of bytes so far.
    pub(crate) fn new(
        vault: Vault,
        case_id: &str,
        on_progress: impl Fn(u64) + Send + 'static,
    ) -> Self {
        Self {
            vault,
            case_id: case_id.to_owned(),
            writer: None,
            written: 0,
            on_progress: Box::new(on_progress),
        }
    }

    /// Seals what arrived. Nothing remains of a download that is not finished.
    pub(crate) async fn finish(mut self) -> io::Result<Sealed> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.start(),
        };
        drop(writer.chunks);
        joined(writer.thread).await
    }

    fn start(&self) -> Writer {
        let (chunks, received) = mpsc::channel(CHUNKS_WAITING);
        let (vault, case_id) = (self.vault.clone(), self.case_id.clone());
        let thread = tokio::task::spawn_blocking(move || write_all(&vault, &case_id, received));
        Writer { chunks, thread }
    }
}

fn write_all(
    vault: &Vault,
    case_id: &str,
    mut received: mpsc::Receiver<Bytes>,
) -> io::Result<Sealed> {
    let mut writer = HashingWriter::new(vault.create(case_id).map_err(io::Error::other)?);
    while let Some(chunk) = received.blocking_recv() {
        writer.write_all(&chunk)?;
    }
    let (blob_writer, sha256, size_bytes) = writer.finish();
    let blob = blob_writer.finish().map_err(io::Error::other)?;
    Ok(Sealed {
        blob,
        sha256,
        size_bytes,
    })
}

async fn joined(thread: JoinHandle<io::Result<Sealed>>) -> io::Result<Sealed> {
    thread.await.map_err(io::Error::other)?
}

impl MediaSink for VaultSink {
    /// Throws away what arrived so far; the next byte is the first.
    async fn restart(&mut self) -> io::Result<()> {
        self.written = 0;
        if let Some(writer) = self.writer.take() {
            writer.thread.abort();
            drop(writer.chunks);
            let abandoned = joined(writer.thread).await?;
            self.vault
                .remove(&self.case_id, &abandoned.blob)
                .map_err(io::Error::other)?;
        }
        Ok(())
    }

    async fn write(&mut self, chunk: Bytes) -> io::Result<()> {
        let length = chunk.len() as u64;
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.start(),
        };
        if writer.chunks.send(chunk).await.is_err() {
            // The thread ended early; its error says why, such as a full disk.
            return match joined(writer.thread).await {
                Ok(_) => Err(io::Error::other("the vault stopped taking bytes")),
                Err(error) => Err(error),
            };
        }
        self.writer = Some(writer);
        self.written += length;
        (self.on_progress)(self.written);
        Ok(())
    }
}
