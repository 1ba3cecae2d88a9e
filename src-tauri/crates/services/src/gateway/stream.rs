//! Sound on its way from a source to a caller, never stored: a few chunks wait in memory. // X-07, S1-14, S1-15, S1-27

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use connectors::{
    legacy::Seen,
    source::{FetchError, MediaSink},
};
use domain::digest::Sha256Digest;
use evidence::hashing::HashingWriter;
use futures_util::Stream;
use tokio::sync::{mpsc, oneshot};

use super::{
    mapped::{Origin, Retention},
    shares::Share,
};

/// Chunks that may wait for a slow reader.
const CHUNKS_WAITING: usize = 8;
/// Bytes that are looked at before the first is sent: a header with its first chunks.
const LOOKED_AT: usize = 4_096;
/// A reader that takes nothing for so long is gone; a source is not held up for it.
pub(super) const READER_PATIENCE: Duration = Duration::from_secs(60);

/// What is said before the first byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaHead {
    /// Our id of the recording.
    pub id: String,
    /// What the bytes are, by their own testimony. // S1-33
    pub content_type: &'static str,
    /// Where they come from.
    pub origin: Origin,
    /// Whether they must still be kept.
    pub retention: Retention,
}

/// The bytes. Ends well only when all of them came; any other end is an error, which cuts the connection.
pub struct MediaBody {
    parts: mpsc::Receiver<Part>,
    is_over: bool,
    _slot: Share,
}

pub(super) enum Part {
    Chunk(Bytes),
    /// Without it the body did not end, whatever happened to the sender.
    End,
}

impl MediaBody {
    pub(super) fn new(slot: Share) -> (mpsc::Sender<Part>, Self) {
        let (sender, parts) = mpsc::channel(CHUNKS_WAITING);
        let body = Self {
            parts,
            is_over: false,
            _slot: slot,
        };
        (sender, body)
    }
}

impl Stream for MediaBody {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let part = std::task::ready!(self.parts.poll_recv(context));
        Poll::Ready(match part {
            Some(Part::Chunk(chunk)) => Some(Ok(chunk)),
            Some(Part::End) => {
                self.is_over = true;
                None
            }
            None => {
                self.is_over = true;
                Some(Err(io::Error::other("the recording broke off")))
            }
        })
    }
}

/// Hands chunks on once the first ones showed what they are.
pub(super) struct ChannelSink {
    head: Option<oneshot::Sender<Result<&'static str, FetchError>>>,
    held: BytesMut,
    parts: mpsc::Sender<Part>,
    seen: HashingWriter<io::Sink>,
}

impl ChannelSink {
    pub(super) fn new(
        parts: mpsc::Sender<Part>,
    ) -> (Self, oneshot::Receiver<Result<&'static str, FetchError>>) {
        let (head, opened) = oneshot::channel();
        let sink = Self {
            head: Some(head),
            held: BytesMut::new(),
            parts,
            seen: HashingWriter::new(io::sink()),
        };
        (sink, opened)
    }

    /// Ends the stream. Only a complete one gets its end.
    pub(super) async fn finish(
        mut self,
        fetched: Result<(), FetchError>,
    ) -> Result<(Sha256Digest, u64), String> {
        let done = match fetched {
            Ok(()) => self.open().await.map_err(FetchError::Sink),
            failed => failed,
        };
        if let Err(error) = done {
            let why = error.to_string();
            if let Some(head) = self.head.take() {
                // Nobody waits when the caller was answered otherwise already.
                let _ = head.send(Err(error));
            }
            return Err(why);
        }
        let ending = tokio::time::timeout(READER_PATIENCE, self.parts.send(Part::End));
        if !matches!(ending.await, Ok(Ok(()))) {
            return Err("the caller went away".to_owned());
        }
        let (_, sha256, bytes) = self.seen.finish();
        Ok((sha256, bytes))
    }

    /// Says what the bytes are and sends those that were held back.
    async fn open(&mut self) -> io::Result<()> {
        let Some(head) = self.head.take() else {
            return Ok(());
        };
        match content_type(&self.held) {
            Ok(content_type) => {
                if head.send(Ok(content_type)).is_err() {
                    return Err(gone());
                }
                let held = self.held.split().freeze();
                self.send(held).await
            }
            Err(refused) => {
                let _ = head.send(Err(refused));
                Err(io::Error::other("it cannot be played"))
            }
        }
    }

    async fn send(&mut self, chunk: Bytes) -> io::Result<()> {
        io::Write::write_all(&mut self.seen, &chunk)?;
        let sending = self.parts.send(Part::Chunk(chunk));
        match tokio::time::timeout(READER_PATIENCE, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(gone()),
            Err(_) => Err(io::Error::other("the caller takes nothing")),
        }
    }
}

impl MediaSink for ChannelSink {
    /// What was sent cannot be taken back.
    async fn restart(&mut self) -> io::Result<()> {
        if self.head.is_none() {
            return Err(io::Error::other("the source started over in the middle"));
        }
        self.held.clear();
        Ok(())
    }

    async fn write(&mut self, chunk: Bytes) -> io::Result<()> {
        if self.head.is_none() {
            return self.send(chunk).await;
        }
        self.held.extend_from_slice(&chunk);
        if self.held.len() >= LOOKED_AT {
            self.open().await?;
        }
        Ok(())
    }
}

/// The type of sound that its first bytes say it is, from our list. // S1-33, S1-34
pub(super) fn content_type(first_bytes: &[u8]) -> Result<&'static str, FetchError> {
    let seen = Seen::of(first_bytes);
    if let Some(codec) = seen.unplayable_codec() {
        return Err(FetchError::Unsupported {
            what: codec.to_owned(),
        });
    }
    seen.content_type().ok_or_else(|| FetchError::Corrupted {
        reason: "it is not audio in a known container".to_owned(),
    })
}

fn gone() -> io::Error {
    io::Error::other("the caller went away")
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::{super::shares::Shares, *};

    async fn body() -> (mpsc::Sender<Part>, MediaBody) {
        MediaBody::new(Shares::new(1, 1).take("t").await.unwrap())
    }

    async fn read(mut body: MediaBody) -> Result<usize, String> {
        let mut length = 0;
        while let Some(chunk) = body.next().await {
            length += chunk.map_err(|error| error.to_string())?.len();
        }
        Ok(length)
    }

    #[tokio::test]
    async fn a_body_whose_sender_vanishes_does_not_end_well() {
        let (parts, whole) = body().await;
        parts
            .send(Part::Chunk(Bytes::from_static(b"abc")))
            .await
            .ok();
        parts.send(Part::End).await.ok();
        assert_eq!(read(whole).await, Ok(3));
        let (parts, broken) = body().await;
        parts
            .send(Part::Chunk(Bytes::from_static(b"abc")))
            .await
            .ok();
        drop(parts);
        assert!(read(broken).await.is_err());
    }

    // S1-33, S1-34
    #[tokio::test]
    async fn a_file_is_what_its_bytes_say() {
        let g729 = b"RIFF\0\0\0\0WAVEfmt \x12\0\0\0\x33\x01";
        for (bytes, expected) in [
            (&b"ID3\x04rest"[..], Some("audio/mpeg")),
            (&g729[..], None),
            (&b"<html>"[..], None),
        ] {
            let (parts, body) = body().await;
            let (mut sink, opened) = ChannelSink::new(parts);
            sink.write(Bytes::from_static(bytes)).await.unwrap();
            let finished = sink.finish(Ok(())).await;
            assert_eq!(opened.await.unwrap().ok(), expected);
            assert_eq!(finished.is_ok(), expected.is_some());
            assert_eq!(read(body).await.is_ok(), expected.is_some());
        }
    }

    #[tokio::test]
    async fn a_source_that_starts_over_in_the_middle_breaks_the_stream() {
        let (parts, _body) = body().await;
        let (mut sink, _opened) = ChannelSink::new(parts);
        sink.write(Bytes::from_static(b"ID3")).await.unwrap();
        assert!(sink.restart().await.is_ok());
        let mut sound = vec![0; LOOKED_AT];
        sound[..4].copy_from_slice(b"ID3\x04");
        sink.write(Bytes::from(sound)).await.unwrap();
        assert!(sink.restart().await.is_err());
    }
}
