//! What the first bytes of a file say it is. A name and a content type can be wrong. // S1-33, S1-34

use std::io;

use bytes::{Bytes, BytesMut};

use crate::source::{FetchError, MediaSink};

/// Bytes that are enough to tell: a WAVE header up to its format tag.
const ENOUGH: usize = 22;

/// Hands bytes on once the first ones were seen to be sound in a known container.
pub(crate) struct Sniffing<'s, S> {
    sink: &'s mut S,
    held: BytesMut,
    seen: Option<Seen>,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// RIFF/WAVE or RF64, with its format tag.
    Wave(u16),
    /// MPEG layer III.
    Mp3,
    /// Ogg, with Opus in it as a rule.
    Ogg,
    /// Matroska or WebM.
    WebM,
    /// Free Lossless Audio Codec.
    Flac,
    /// Sun audio.
    Au,
    /// Sony Wave64.
    Wave64,
    /// None of these.
    Unknown,
}

impl Seen {
    /// Looks at the first bytes; the first few thousand tell more than the first twenty.
    pub fn of(bytes: &[u8]) -> Self {
        match bytes {
            [
                b'R',
                b'I' | b'F',
                b'F' | b'6',
                b'F' | b'4',
                _,
                _,
                _,
                _,
                b'W',
                b'A',
                b'V',
                b'E',
                rest @ ..,
            ] => Self::Wave(format_tag(rest)),
            [b'O', b'g', b'g', b'S', ..] => Self::Ogg,
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Self::WebM,
            [b'I', b'D', b'3', ..] => Self::Mp3,
            [0xff, second, third, ..] if is_mp3_header(*second, *third) => Self::Mp3,
            [b'f', b'L', b'a', b'C', ..] => Self::Flac,
            [b'.', b's', b'n', b'd', ..] => Self::Au,
            [b'r', b'i', b'f', b'f', 0x2e, 0x91, ..] => Self::Wave64,
            _ => Self::Unknown,
        }
    }

    /// The content type that goes with it.
    pub const fn content_type(self) -> Option<&'static str> {
        match self {
            Self::Wave(_) => Some("audio/wav"),
            Self::Mp3 => Some("audio/mpeg"),
            Self::Ogg => Some("audio/ogg"),
            Self::WebM => Some("audio/webm"),
            Self::Flac => Some("audio/flac"),
            Self::Au => Some("audio/basic"),
            Self::Wave64 => Some("audio/x-w64"),
            Self::Unknown => None,
        }
    }

    /// The codec, when it is one that players do not play. // S1-34
    pub fn unplayable_codec(self) -> Option<&'static str> {
        match self {
            Self::Wave(tag) => codec_name(tag),
            Self::Mp3
            | Self::Ogg
            | Self::WebM
            | Self::Flac
            | Self::Au
            | Self::Wave64
            | Self::Unknown => None,
        }
    }
}

/// A whole header of layer III: headerless G.711 that begins with silence has the sync bits too.
fn is_mp3_header(second: u8, third: u8) -> bool {
    second & 0xe6 == 0xe2
        && second & 0x18 != 0x08
        && !matches!(third >> 4, 0x0 | 0xf)
        && third & 0x0c != 0x0c
}

/// The format tag, when the format is among the chunks that are there; 0 otherwise.
fn format_tag(mut chunks: &[u8]) -> u16 {
    loop {
        match chunks {
            [b'f', b'm', b't', b' ', _, _, _, _, low, high, ..] => {
                return u16::from_le_bytes([*low, *high]);
            }
            [_, _, _, _, a, b, c, d, rest @ ..] => {
                let length = u32::from_le_bytes([*a, *b, *c, *d]);
                // Chunks begin at even places.
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                let length = length.saturating_add(length % 2);
                chunks = rest.get(length..).unwrap_or_default();
            }
            _ => return 0,
        }
    }
}

/// Names of codecs that this program does not decode.
// RFC 2361 and the registry of WAVE format tags.
fn codec_name(tag: u16) -> Option<&'static str> {
    match tag {
        0x0022 => Some("TrueSpeech"),
        0x0042 => Some("G.723.1"),
        0x0065 => Some("G.722"),
        0x0083 | 0x0133 | 0x0134 => Some("G.729"),
        _ => None,
    }
}

impl<'s, S: MediaSink> Sniffing<'s, S> {
    pub(crate) fn new(sink: &'s mut S) -> Self {
        Self {
            sink,
            held: BytesMut::new(),
            seen: None,
        }
    }

    /// What arrived; gives the rest of a very short file to the sink.
    ///
    /// # Errors
    /// When it is not sound in a known container, or in a codec that cannot be processed.
    pub(crate) async fn finish(mut self, named_codec: Option<&str>) -> Result<Seen, FetchError> {
        self.release().await.map_err(FetchError::Sink)?;
        let seen = self.seen.unwrap_or(Seen::Unknown);
        match (seen, named_codec) {
            (Seen::Wave(tag), _) => match codec_name(tag) {
                Some(codec) => Err(FetchError::Unsupported {
                    what: codec.to_owned(),
                }),
                None => Ok(seen),
            },
            // The source says what it is, and its file has no header that could say more.
            (Seen::Unknown, Some(codec)) => Err(FetchError::Unsupported {
                what: codec.to_owned(),
            }),
            (Seen::Unknown, None) => Err(FetchError::Corrupted {
                reason: "it is not audio in a known container".to_owned(),
            }),
            (Seen::Mp3 | Seen::Ogg | Seen::WebM | Seen::Flac | Seen::Au | Seen::Wave64, _) => {
                Ok(seen)
            }
        }
    }

    async fn release(&mut self) -> io::Result<()> {
        let held = self.held.split().freeze();
        if held.is_empty() {
            return Ok(());
        }
        self.seen = Some(Seen::of(&held));
        self.sink.write(held).await
    }
}

impl<S: MediaSink> MediaSink for Sniffing<'_, S> {
    fn expect(&mut self, bytes: u64) {
        self.sink.expect(bytes);
    }

    fn lasts(&mut self, duration_ms: u64) {
        self.sink.lasts(duration_ms);
    }

    fn identified(&mut self, version: &str, bytes: u64) {
        self.sink.identified(version, bytes);
    }

    fn wants(&self) -> Option<u64> {
        self.sink.wants()
    }

    fn moved_to(&mut self, byte: u64) {
        self.sink.moved_to(byte);
    }

    async fn restart(&mut self) -> io::Result<()> {
        self.held.clear();
        self.seen = None;
        self.sink.restart().await
    }

    async fn write(&mut self, chunk: Bytes) -> io::Result<()> {
        if self.seen.is_some() {
            return self.sink.write(chunk).await;
        }
        self.held.extend_from_slice(&chunk);
        if self.held.len() >= ENOUGH {
            self.release().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(tag: u16) -> Vec<u8> {
        let mut bytes = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0".to_vec();
        bytes.extend(tag.to_le_bytes());
        bytes
    }

    #[test]
    fn files_are_known_by_their_first_bytes() {
        assert_eq!(Seen::of(&wave(6)), Seen::Wave(6));
        assert_eq!(Seen::of(b"OggS\0\0"), Seen::Ogg);
        assert_eq!(Seen::of(&[0xff, 0xfb, 0x90, 0x00]), Seen::Mp3);
        let silence = [0xff; 64];
        assert_eq!(Seen::of(&silence), Seen::Unknown, "headerless G.711");
        assert_eq!(Seen::of(b"RF64\0\0\0\0WAVEfact"), Seen::Wave(0));
        assert_eq!(Seen::of(b".snd\0\0\0\x18"), Seen::Au);
        assert_eq!(Seen::of(b"<html>"), Seen::Unknown);
        assert_eq!(Seen::of(b""), Seen::Unknown);
        assert_eq!(Seen::of(b"RIFF\0\0\0\0WAVEfact"), Seen::Wave(0));
        let later = b"RIFF\0\0\0\0WAVEJUNK\x03\0\0\0abc\0fmt \x10\0\0\0\x33\x01";
        assert_eq!(Seen::of(later).unplayable_codec(), Some("G.729"));
    }
}
