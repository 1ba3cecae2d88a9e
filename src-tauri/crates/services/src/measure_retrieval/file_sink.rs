//! A file in the clear with its digest beside it, as scripts leave them: only to compare with such scripts.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use connectors::source::MediaSink;
use domain::digest::Sha256Digest;
use evidence::hashing::HashingWriter;
use tokio::{sync::mpsc, task::JoinHandle};

/// Chunks that may wait for the disk.
const CHUNKS_WAITING: usize = 4;

/// Receives a download; hashing and disk run on a thread of their own.
pub(super) struct FileSink {
    path: PathBuf,
    writer: Option<(mpsc::Sender<Bytes>, JoinHandle<io::Result<Written>>)>,
}

/// Digest and size of what was written.
pub(super) type Written = (Sha256Digest, u64);

impl FileSink {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, writer: None }
    }

    /// Ends the file and writes its digest beside it.
    pub(super) async fn finish(mut self) -> io::Result<Written> {
        let Some((parts, thread)) = self.writer.take() else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        drop(parts);
        thread.await.map_err(io::Error::other)?
    }
}

fn write_all(path: &Path, mut parts: mpsc::Receiver<Bytes>) -> io::Result<Written> {
    let mut writer = HashingWriter::new(File::create(path)?);
    while let Some(part) = parts.blocking_recv() {
        writer.write_all(&part)?;
    }
    let (_, sha256, bytes) = writer.finish();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut sidecar = File::create(path.with_extension("sha256"))?;
    writeln!(sidecar, "{sha256}  {name}")?;
    Ok((sha256, bytes))
}

impl MediaSink for FileSink {
    fn expect(&mut self, _bytes: u64) {}

    async fn restart(&mut self) -> io::Result<()> {
        if let Some((parts, thread)) = self.writer.take() {
            drop(parts);
            thread.await.map_err(io::Error::other)??;
        }
        Ok(())
    }

    async fn write(&mut self, chunk: Bytes) -> io::Result<()> {
        let (parts, _) = self.writer.get_or_insert_with(|| {
            let (sender, receiver) = mpsc::channel(CHUNKS_WAITING);
            let path = self.path.clone();
            let thread = tokio::task::spawn_blocking(move || write_all(&path, receiver));
            (sender, thread)
        });
        let stopped = |_| io::Error::other("the file could not be written");
        parts.send(chunk).await.map_err(stopped)
    }
}
