//! Streams downloaded bytes to their place, hashed on the way: into the vault, where they are never in the
//! clear on disk, or into the folder of an export.

use std::io::{self, Write};

use bytes::Bytes;
use connectors::source::MediaSink;
use domain::digest::Sha256Digest;
use evidence::hashing::HashingWriter;
use store::{BlobWriter, LooseBlob, Vault};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::progress::Progress;

/// Chunks that may wait for the disk; bounds the memory of a download. // S1-15
const CHUNKS_WAITING: usize = 4;

/// Where a download is written. A writer that is dropped leaves nothing.
pub(crate) trait Place: Clone + Send + 'static {
    /// Takes the bytes.
    type Writer: Write;
    /// What there is once all bytes are written.
    type Kept: Send + 'static;

    /// Begins an empty file.
    fn open(&self) -> io::Result<Self::Writer>;

    /// Ends it.
    fn keep(writer: Self::Writer) -> io::Result<Self::Kept>;
}

/// The vault of a case.
#[derive(Clone)]
pub(crate) struct VaultPlace {
    vault: Vault,
    case_id: String,
}

impl Place for VaultPlace {
    type Writer = BlobWriter;
    type Kept = LooseBlob;

    fn open(&self) -> io::Result<BlobWriter> {
        self.vault.create(&self.case_id).map_err(io::Error::other)
    }

    fn keep(writer: BlobWriter) -> io::Result<LooseBlob> {
        writer.finish().map_err(io::Error::other)
    }
}

/// A file and what was counted while it was written.
pub(crate) struct Stored<K> {
    pub(crate) file: K,
    pub(crate) sha256: Sha256Digest,
    pub(crate) size_bytes: u64,
}

/// A file of the vault.
pub(crate) type Sealed = Stored<LooseBlob>;

/// Receives a download into the vault.
pub(crate) type VaultSink = Sink<VaultPlace>;

/// Receives a download. Encryption and disk run on a thread of their own. // S2-22
pub(crate) struct Sink<P: Place> {
    place: P,
    writer: Option<Writer<P::Kept>>,
    progress: Progress,
    on_progress: Box<dyn Fn(Progress) + Send>,
}

struct Writer<K> {
    parts: mpsc::Sender<Part>,
    thread: JoinHandle<io::Result<Option<Stored<K>>>>,
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
        let case_id = case_id.to_owned();
        Self::at(VaultPlace { vault, case_id }, on_progress)
    }
}

impl<P: Place> Sink<P> {
    /// Writes to a place. `on_progress` is told with every chunk.
    pub(crate) fn at(place: P, on_progress: impl Fn(Progress) + Send + 'static) -> Self {
        Self {
            place,
            writer: None,
            progress: Progress::default(),
            on_progress: Box::new(on_progress),
        }
    }

    /// Ends the file. Nothing remains of a download that is not finished.
    pub(crate) async fn finish(mut self) -> io::Result<Stored<P::Kept>> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.start(),
        };
        // When the thread has ended already, its error says why.
        let _ = writer.parts.send(Part::End).await;
        joined(writer.thread).await?.ok_or_else(stopped)
    }

    fn start(&self) -> Writer<P::Kept> {
        let (parts, received) = mpsc::channel(CHUNKS_WAITING);
        let place = self.place.clone();
        let thread = tokio::task::spawn_blocking(move || write_all(&place, received));
        Writer { parts, thread }
    }
}

fn write_all<P: Place>(
    place: &P,
    mut received: mpsc::Receiver<Part>,
) -> io::Result<Option<Stored<P::Kept>>> {
    let mut writer = HashingWriter::new(place.open()?);
    loop {
        match received.blocking_recv() {
            Some(Part::Chunk(chunk)) => writer.write_all(&chunk)?,
            Some(Part::End) => break,
            // The download failed, was cancelled or starts over.
            None => return Ok(None),
        }
    }
    let (writer, sha256, size_bytes) = writer.finish();
    Ok(Some(Stored {
        file: P::keep(writer)?,
        sha256,
        size_bytes,
    }))
}

async fn joined<K>(thread: JoinHandle<io::Result<Option<K>>>) -> io::Result<Option<K>> {
    thread.await.map_err(io::Error::other)?
}

fn stopped() -> io::Error {
    io::Error::other("the disk stopped taking bytes")
}

impl<P: Place> MediaSink for Sink<P> {
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
