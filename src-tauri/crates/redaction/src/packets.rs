//! Where the pieces of coded sound lie: one reader per container, all giving packets in order.
//!
//! Each reader looks through the whole file when it is opened, so that the length is what is there
//! and not what a header says, and checks what the format lets it check (page and frame checksums).

pub(crate) mod flac;
mod m4a;
pub(crate) mod mp3;
pub(crate) mod ogg;
pub(crate) mod opus;
mod webm;

use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};

use crate::{
    audio::{AudioError, AudioWarning},
    decode::{BlockCodec, CodecKind},
    media::{self, MediaKind},
    wav::{self, Coding},
};

/// Bytes read ahead.
const READ_AHEAD: usize = 64 * 1024;
/// Longer packets are no sound.
const MAX_PACKET_BYTES: usize = 4 * 1024 * 1024;

/// Frames of a track that only decoding can count.
pub(crate) const UNKNOWN_FRAMES: u64 = u64::MAX;

/// The sound of a coded file.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    pub(crate) codec: CodecKind,
    pub(crate) channels: u16,
    pub(crate) sample_rate_hz: u32,
    /// Decoded frames before the first frame of the recording: the codec's delay.
    pub(crate) skipped_frames: u64,
    /// Frames of the recording; [`UNKNOWN_FRAMES`] until they are counted.
    pub(crate) frames: u64,
    pub(crate) warnings: Vec<AudioWarning>,
}

/// The packets of a file, in order.
#[derive(Debug)]
pub(crate) enum Packets<R> {
    Blocks(Blocks<R>),
    Mp3(mp3::Frames<R>),
    Ogg(ogg::Reader<R>),
    WebM(webm::Reader<R>),
    Flac(flac::Frames<R>),
    M4a(m4a::Reader<R>),
}

impl<R: Read + Seek> Packets<R> {
    /// Finds the sound and how long it is.
    ///
    /// # Errors
    /// When the format is not known, not supported or broken.
    pub(crate) fn open(mut reader: R) -> Result<(Self, Track), AudioError> {
        match media_kind(&mut reader)? {
            MediaKind::Wav | MediaKind::Wave64 | MediaKind::Au => Self::open_layout(reader),
            MediaKind::Mp3 => Self::open_mp3(reader, None),
            MediaKind::Ogg => {
                let (reader, track) = ogg::open(reader)?;
                Ok((Self::Ogg(reader), track))
            }
            MediaKind::WebM => {
                let (reader, track) = webm::open(reader)?;
                Ok((Self::WebM(reader), track))
            }
            MediaKind::Flac => {
                let (reader, track) = flac::open(reader)?;
                Ok((Self::Flac(reader), track))
            }
            MediaKind::Mp4 => {
                let (reader, track) = m4a::open(reader)?;
                Ok((Self::M4a(reader), track))
            }
            kind @ (MediaKind::Amr | MediaKind::Text) => {
                let codec = kind.name().to_owned();
                Err(AudioError::Unsupported { codec })
            }
            MediaKind::Unknown => Err(AudioError::NotAudio),
        }
    }

    fn open_mp3(reader: R, window: Option<(u64, u64)>) -> Result<(Self, Track), AudioError> {
        let (reader, track) = mp3::open(reader, window)?;
        Ok((Self::Mp3(reader), track))
    }

    fn open_layout(mut reader: R) -> Result<(Self, Track), AudioError> {
        let layout = wav::layout(&mut reader)?;
        let window = (layout.data_offset, layout.data_offset + layout.data_len);
        let codec = match layout.format.coding {
            Coding::Blocks(codec) => codec,
            Coding::Mp3 => return Self::open_mp3(reader, Some(window)),
            Coding::Samples(_) => return Err(AudioError::NotAudio),
        };
        let (blocks, frames) = Blocks::open(reader, codec, layout.format.channels, window)?;
        let track = Track {
            codec: CodecKind::Block(codec),
            channels: layout.format.channels,
            sample_rate_hz: layout.format.sample_rate_hz,
            skipped_frames: 0,
            frames: real_frames(
                frames,
                layout.announced_frames,
                codec,
                layout.format.channels,
            ),
            warnings: layout.warnings,
        };
        Ok((Self::Blocks(blocks), track))
    }

    /// The next packet, or `None` at the end.
    ///
    /// # Errors
    /// When the file cannot be read or is broken.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, AudioError> {
        match self {
            Self::Blocks(blocks) => blocks.next(),
            Self::Mp3(frames) => frames.next_packet(),
            Self::Ogg(reader) => reader.next_packet(),
            Self::WebM(reader) => reader.next_packet(),
            Self::Flac(frames) => frames.next_packet(),
            Self::M4a(reader) => reader.next_packet(),
        }
    }

    /// The Opus header of the stream.
    ///
    /// # Errors
    /// When the packets are not Opus.
    pub(crate) fn opus_head(&self) -> Result<opus::Head, AudioError> {
        let head = match self {
            Self::Ogg(reader) => reader.opus_head,
            Self::WebM(reader) => reader.opus_head,
            Self::Blocks(_) | Self::Mp3(_) | Self::Flac(_) | Self::M4a(_) => None,
        };
        head.ok_or(AudioError::NotAudio)
    }

    /// Goes back to the first packet.
    ///
    /// # Errors
    /// When the file cannot be read or is broken.
    pub(crate) fn rewind(&mut self) -> Result<(), AudioError> {
        match self {
            Self::Blocks(blocks) => blocks.rewind(),
            Self::Mp3(frames) => frames.rewind(),
            Self::Ogg(reader) => reader.rewind(),
            Self::WebM(reader) => reader.rewind(),
            Self::Flac(frames) => frames.rewind(),
            Self::M4a(reader) => reader.rewind(),
        }
    }
}

/// What the file is by its first bytes; leaves the reader at its start.
pub(crate) fn media_kind(reader: &mut (impl Read + Seek)) -> Result<MediaKind, AudioError> {
    reader.seek(SeekFrom::Start(0))?;
    let mut head = Vec::with_capacity(media::PROBE_BYTES);
    reader
        .take(media::PROBE_BYTES as u64)
        .read_to_end(&mut head)?;
    reader.seek(SeekFrom::Start(0))?;
    Ok(media::identify(&head))
}

/// The last block is filled up; a header that says by how much is believed within one block.
fn real_frames(held: u64, announced: Option<u64>, codec: BlockCodec, channels: u16) -> u64 {
    let block = codec.frames_in(codec.block_bytes() as u64, channels);
    match announced {
        Some(frames) if frames <= held && held - frames < block => frames,
        _ => held,
    }
}

/// Blocks of one size, one behind the other.
#[derive(Debug)]
pub(crate) struct Blocks<R> {
    reader: BufReader<R>,
    block_bytes: usize,
    window: (u64, u64),
    at: u64,
}

impl<R: Read + Seek> Blocks<R> {
    fn open(
        reader: R,
        codec: BlockCodec,
        channels: u16,
        (start, end): (u64, u64),
    ) -> Result<(Self, u64), AudioError> {
        let (len, block) = (end - start, codec.block_bytes() as u64);
        let whole = (len / block).saturating_mul(codec.frames_in(block, channels));
        let rest = codec.frames_in(len % block, channels);
        // What is left of a block that holds no frame is no packet.
        let end = if rest == 0 {
            start + len / block * block
        } else {
            end
        };
        let mut blocks = Self {
            reader: BufReader::with_capacity(READ_AHEAD, reader),
            block_bytes: codec.block_bytes(),
            window: (start, end),
            at: start,
        };
        blocks.rewind()?;
        Ok((blocks, whole + rest))
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, AudioError> {
        let left = usize::try_from(self.window.1 - self.at).unwrap_or(usize::MAX);
        let mut block = vec![0; self.block_bytes.min(left)];
        if block.is_empty() {
            return Ok(None);
        }
        self.reader.read_exact(&mut block)?;
        self.at += block.len() as u64;
        Ok(Some(block))
    }

    fn rewind(&mut self) -> Result<(), AudioError> {
        self.at = self.window.0;
        self.reader.seek(SeekFrom::Start(self.at))?;
        Ok(())
    }
}

/// The next `N` bytes, or `None` when the file ends before.
fn read_array<const N: usize>(reader: &mut impl Read) -> Result<Option<[u8; N]>, AudioError> {
    let mut bytes = [0; N];
    match reader.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Passes over bytes, of which there may be fewer.
fn discard(reader: &mut impl Read, len: u64) -> Result<(), AudioError> {
    std::io::copy(&mut reader.take(len), &mut std::io::sink())?;
    Ok(())
}

/// Exactly `len` bytes, or `None` when the file ends before.
fn read_vec(reader: &mut impl Read, len: usize) -> Result<Option<Vec<u8>>, AudioError> {
    if len > MAX_PACKET_BYTES {
        return Err(AudioError::Malformed {
            what: "a piece of it is longer than any sound",
        });
    }
    let mut bytes = Vec::new();
    reader.take(len as u64).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() == len))
}
