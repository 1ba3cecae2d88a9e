//! Sound on its way from a source to a caller, never stored: a few chunks wait in memory. // X-07, S1-14, S1-15, S1-27

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
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
    part::{FileVersion, Given, Part, Wish},
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
    /// Length of the whole sound by the word of its source. // S2-50
    pub duration_ms: Option<u64>,
    /// Which version of a file they are of; `None` where no part can be asked for.
    pub file: Option<FileVersion>,
    /// The part that follows; `None` for the whole.
    pub part: Option<Part>,
}

/// The bytes. Ends well only when all of them came; any other end is an error, which cuts the connection.
pub struct MediaBody {
    pieces: mpsc::Receiver<Piece>,
    taken: Arc<AtomicU64>,
    is_over: bool,
    _slot: Share,
}

pub(super) enum Piece {
    Chunk(Bytes),
    /// Without it the body did not end, whatever happened to the sender.
    End,
}

/// The other end of a body.
pub(super) struct Pieces {
    sender: mpsc::Sender<Piece>,
    /// Bytes that the body gave away.
    taken: Arc<AtomicU64>,
}

impl MediaBody {
    pub(super) fn new(slot: Share) -> (Pieces, Self) {
        let (sender, pieces) = mpsc::channel(CHUNKS_WAITING);
        let taken = Arc::new(AtomicU64::new(0));
        let body = Self {
            pieces,
            taken: taken.clone(),
            is_over: false,
            _slot: slot,
        };
        (Pieces { sender, taken }, body)
    }
}

impl Pieces {
    /// Hands a chunk on; who takes none for long has gone away.
    pub(super) async fn send(&self, chunk: Bytes) -> io::Result<()> {
        let sending = self.sender.send(Piece::Chunk(chunk));
        match tokio::time::timeout(READER_PATIENCE, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(gone()),
            Err(_) => Err(io::Error::other("the caller takes nothing")),
        }
    }

    /// Ends the body after so many bytes. Who was told how many come may leave after the last one.
    pub(super) async fn end(&self, bytes: u64) -> io::Result<()> {
        let ending = tokio::time::timeout(READER_PATIENCE, self.sender.send(Piece::End));
        let is_ended = matches!(ending.await, Ok(Ok(())));
        if is_ended || self.taken.load(Ordering::Relaxed) == bytes {
            return Ok(());
        }
        Err(gone())
    }
}

impl Stream for MediaBody {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let part = std::task::ready!(self.pieces.poll_recv(context));
        Poll::Ready(match part {
            Some(Piece::Chunk(chunk)) => {
                self.taken.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                Some(Ok(chunk))
            }
            Some(Piece::End) => {
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

/// What is known once the first bytes are there.
pub(super) enum Opening {
    /// They are sound.
    Sound {
        content_type: &'static str,
        duration_ms: Option<u64>,
        file: Option<FileVersion>,
        part: Option<Part>,
    },
    /// No byte of the file is in the part that was asked for.
    Nothing { bytes: u64 },
}

/// What was handed over.
pub(super) struct Sent {
    pub(super) sha256: Sha256Digest,
    pub(super) bytes: u64,
    /// The part that it is; `None` for the whole.
    pub(super) part: Option<Part>,
}

impl Sent {
    /// What was sent of a file with this digest and length.
    pub(super) fn of(given: Given, sha256: Sha256Digest, bytes: u64) -> Self {
        let part = given.part();
        let bytes = part.map_or(bytes, Part::length);
        Self {
            sha256,
            bytes,
            part,
        }
    }
}

/// Hands chunks on once the first ones showed what they are.
pub(super) struct ChannelSink {
    head: Option<oneshot::Sender<Result<Opening, FetchError>>>,
    wish: Wish,
    /// Names of the file, which tell its versions from those of other files.
    names: Vec<String>,
    duration_ms: Option<u64>,
    file: Option<FileVersion>,
    part: Option<Part>,
    /// The next byte of the file.
    at: u64,
    /// Whether everything that was asked for is handed over.
    is_enough: bool,
    held: BytesMut,
    pieces: Pieces,
    seen: HashingWriter<io::Sink>,
}

impl ChannelSink {
    pub(super) fn new(
        pieces: Pieces,
        wish: Wish,
        names: Vec<String>,
    ) -> (Self, oneshot::Receiver<Result<Opening, FetchError>>) {
        let (head, opened) = oneshot::channel();
        let sink = Self {
            head: Some(head),
            wish,
            names,
            duration_ms: None,
            file: None,
            part: None,
            at: 0,
            is_enough: false,
            held: BytesMut::new(),
            pieces,
            seen: HashingWriter::new(io::sink()),
        };
        (sink, opened)
    }

    /// Ends the stream. Only a complete one gets its end.
    pub(super) async fn finish(mut self, fetched: Result<(), FetchError>) -> Result<Sent, String> {
        let mut done = match fetched {
            Ok(()) => self.open().await.map_err(FetchError::Sink),
            failed => failed,
        };
        if self.is_enough {
            done = Ok(());
        } else if done.is_ok() && self.part.is_some() {
            done = Err(FetchError::Corrupted {
                reason: "it is shorter than it was said to be".to_owned(),
            });
        }
        if let Err(error) = done {
            let why = error.to_string();
            if let Some(head) = self.head.take() {
                // Nobody waits when the caller was answered otherwise already.
                let _ = head.send(Err(error));
            }
            return Err(why);
        }
        let (_, sha256, bytes) = self.seen.finish();
        self.pieces
            .end(bytes)
            .await
            .map_err(|error| error.to_string())?;
        Ok(Sent {
            sha256,
            bytes,
            part: self.part,
        })
    }

    /// Says what the bytes are and sends those that were held back.
    async fn open(&mut self) -> io::Result<()> {
        let Some(head) = self.head.take() else {
            return Ok(());
        };
        let content_type = match content_type(&self.held) {
            Ok(content_type) => content_type,
            Err(refused) => {
                let _ = head.send(Err(refused));
                return Err(io::Error::other("it cannot be played"));
            }
        };
        let given = self.wish.of(self.file.as_ref());
        self.part = given.part();
        let opening = match given {
            Given::Nothing { bytes } => Opening::Nothing { bytes },
            Given::Whole | Given::Part(_) => Opening::Sound {
                content_type,
                duration_ms: self.duration_ms,
                file: self.file.clone(),
                part: self.part,
            },
        };
        let is_sent = matches!(opening, Opening::Sound { .. });
        if head.send(Ok(opening)).is_err() {
            return Err(gone());
        }
        if !is_sent {
            return Err(io::Error::other("the range that was asked for has no byte"));
        }
        if self.wish == Wish::Head {
            self.is_enough = true;
            return Err(enough());
        }
        let held = self.held.split().freeze();
        self.send(held).await
    }

    /// Hands on what of a chunk was asked for.
    async fn send(&mut self, mut chunk: Bytes) -> io::Result<()> {
        let begin = self.at;
        self.at += chunk.len() as u64;
        if let Some(part) = self.part {
            let within = |byte: u64| usize::try_from(byte.saturating_sub(begin));
            let to = within(part.last + 1).unwrap_or(usize::MAX);
            chunk.truncate(to);
            let from = within(part.first).unwrap_or(usize::MAX);
            chunk = chunk.slice(from.min(chunk.len())..);
        }
        if !chunk.is_empty() {
            self.hand_over(chunk).await?;
        }
        match self.part {
            Some(part) if self.at > part.last => {
                self.is_enough = true;
                Err(enough())
            }
            _ => Ok(()),
        }
    }

    async fn hand_over(&mut self, chunk: Bytes) -> io::Result<()> {
        io::Write::write_all(&mut self.seen, &chunk)?;
        self.pieces.send(chunk).await
    }
}

impl MediaSink for ChannelSink {
    /// What was sent cannot be taken back.
    async fn restart(&mut self) -> io::Result<()> {
        if self.head.is_none() {
            return Err(io::Error::other("the source started over in the middle"));
        }
        self.held.clear();
        self.file = None;
        Ok(())
    }

    fn lasts(&mut self, duration_ms: u64) {
        self.duration_ms = Some(duration_ms);
    }

    fn identified(&mut self, version: &str, bytes: u64) {
        let mut names: Vec<_> = self.names.iter().map(String::as_str).collect();
        names.push(version);
        self.file = Some(FileVersion::of(&names, bytes));
    }

    /// The bytes before a part are not fetched, but for the first ones, which say what it is.
    fn wants(&self) -> Option<u64> {
        let first = self.part?.first;
        (self.at < first).then_some(first)
    }

    fn moved_to(&mut self, byte: u64) {
        self.at = byte;
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

/// Stops a fetch that brought what was asked for.
fn enough() -> io::Error {
    io::Error::other("that is all that was asked for")
}

fn gone() -> io::Error {
    io::Error::other("the caller went away")
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::{super::shares::Shares, *};

    async fn body() -> (Pieces, MediaBody) {
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
        let sound = Bytes::from_static(b"abc");
        let (pieces, whole) = body().await;
        pieces.send(sound.clone()).await.unwrap();
        pieces.end(3).await.unwrap();
        assert_eq!(read(whole).await, Ok(3));
        let (pieces, broken) = body().await;
        pieces.send(sound.clone()).await.unwrap();
        drop(pieces);
        assert!(read(broken).await.is_err());
        // A reader that knows how many bytes come leaves after the last one.
        let (pieces, mut counted) = body().await;
        pieces.send(sound).await.unwrap();
        assert!(counted.next().await.is_some());
        drop(counted);
        assert!(pieces.end(3).await.is_ok() && pieces.end(4).await.is_err());
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
            let (mut sink, opened) = ChannelSink::new(parts, Wish::Whole, Vec::new());
            sink.write(Bytes::from_static(bytes)).await.unwrap();
            let finished = sink.finish(Ok(())).await;
            let opened = opened.await.unwrap().ok();
            let seen = opened.map(|it| match it {
                Opening::Sound { content_type, .. } => content_type,
                Opening::Nothing { .. } => "nothing",
            });
            assert_eq!(seen, expected);
            assert_eq!(finished.is_ok(), expected.is_some());
            assert_eq!(read(body).await.is_ok(), expected.is_some());
        }
    }

    #[tokio::test]
    async fn a_source_that_starts_over_in_the_middle_breaks_the_stream() {
        let (parts, _body) = body().await;
        let (mut sink, _opened) = ChannelSink::new(parts, Wish::Whole, Vec::new());
        sink.write(Bytes::from_static(b"ID3")).await.unwrap();
        assert!(sink.restart().await.is_ok());
        let mut sound = vec![0; LOOKED_AT];
        sound[..4].copy_from_slice(b"ID3\x04");
        sink.write(Bytes::from(sound)).await.unwrap();
        assert!(sink.restart().await.is_err());
    }

    /// What a source that can continue a file gives for a wish.
    async fn part_of(sound: &[u8], range: &str) -> (Result<usize, String>, Option<Part>, u64) {
        let (pieces, body) = body().await;
        let wish = Wish::of_headers(Some(range), None);
        let (mut sink, _opened) = ChannelSink::new(pieces, wish, Vec::new());
        let reading = tokio::spawn(read(body));
        sink.identified("v", sound.len() as u64);
        let (mut at, mut fetched) = (0, 0);
        let mut ended = Ok(());
        while at < sound.len() && ended.is_ok() {
            let chunk = &sound[at..sound.len().min(at + 1_000)];
            at += chunk.len();
            fetched += chunk.len() as u64;
            ended = sink.write(Bytes::copy_from_slice(chunk)).await;
            if let Some(further) = sink.wants().filter(|_| ended.is_ok()) {
                sink.moved_to(further);
                at = usize::try_from(further).unwrap();
            }
        }
        let sent = sink.finish(ended.map_err(FetchError::Sink)).await;
        (
            reading.await.unwrap(),
            sent.ok().and_then(|it| it.part),
            fetched,
        )
    }

    #[tokio::test]
    async fn a_part_is_fetched_without_what_lies_before_and_after() {
        let mut sound = vec![0; 1_000_000];
        sound[..4].copy_from_slice(b"ID3\x04");
        for (range, length) in [
            ("bytes=0-9", 10),
            ("bytes=500000-500999", 1_000),
            ("bytes=-10", 10),
            ("bytes=999000-", 1_000),
            ("bytes=10-9999", 9_990),
        ] {
            let (read, part, fetched) = part_of(&sound, range).await;
            assert_eq!(read, Ok(length), "{range}");
            assert_eq!(part.map(Part::length), Some(length as u64), "{range}");
            assert!(fetched <= length as u64 + 6_000, "{range}: {fetched}");
        }
        let short = &sound[..100];
        assert_eq!(part_of(short, "bytes=50-59").await.0, Ok(10));
        assert!(part_of(short, "bytes=100-").await.0.is_err());
    }
}
