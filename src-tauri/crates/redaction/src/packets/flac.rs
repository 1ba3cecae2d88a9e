//! FLAC (RFC 9639): frames found by their checksums.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::{READ_AHEAD, Track, discard, read_array};
use crate::{
    audio::{AudioError, AudioWarning},
    decode::CodecKind,
};

pub(crate) const MAGIC: &[u8; 4] = b"fLaC";
/// Bytes of the block that describes the stream.
pub(crate) const STREAM_INFO_BYTES: usize = 34;
/// Longer frames are no FLAC of a call: 65,535 samples of two channels, uncompressed.
const MAX_FRAME_BYTES: usize = 512 * 1024;
/// Bytes read at a time while looking for the end of a frame.
const STEP_BYTES: usize = 16 * 1024;
const BROKEN: AudioError = AudioError::Malformed {
    what: "its FLAC frames cannot be followed",
};

/// What the stream's own block says.
#[derive(Debug, Clone)]
pub(crate) struct StreamInfo {
    pub(crate) bytes: [u8; STREAM_INFO_BYTES],
    pub(crate) sample_rate_hz: u32,
    pub(crate) channels: u16,
    pub(crate) bits: u8,
    pub(crate) total: u64,
}

impl StreamInfo {
    fn read(bytes: [u8; STREAM_INFO_BYTES]) -> Self {
        let packed = u64::from_be_bytes(std::array::from_fn(|at| bytes[10 + at]));
        let field = |shift: u32, width: u32| packed >> shift & ((1 << width) - 1);
        Self {
            bytes,
            sample_rate_hz: u32::try_from(field(44, 20)).expect("20 bits"),
            channels: u16::try_from(field(41, 3) + 1).expect("3 bits"),
            bits: u8::try_from(field(36, 5) + 1).expect("5 bits"),
            total: field(0, 36),
        }
    }
}

/// A frame's header, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    /// Samples of each channel.
    pub(crate) samples: u64,
    /// Bytes of the header without its checksum.
    pub(crate) len: usize,
}

impl FrameHeader {
    /// Reads a header and checks its checksum.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let &[0xff, 0xf8 | 0xf9, sizes, _, ref rest @ ..] = bytes else {
            return None;
        };
        let number = match *rest.first()? {
            0..0x80 => 1,
            lead @ 0xc0..=0xfe => lead.leading_ones() as usize,
            _ => return None,
        };
        let (size_code, rate_code) = (sizes >> 4, sizes & 15);
        let size_bytes = match size_code {
            0 => return None,
            6 => 1,
            7 => 2,
            _ => 0,
        };
        let rate_bytes = match rate_code {
            12 => 1,
            13 | 14 => 2,
            15 => return None,
            _ => 0,
        };
        let at = 4 + number;
        let extra = |offset: usize| bytes.get(at + offset).copied().map(u64::from);
        let samples = match size_code {
            1 => 192,
            2..=5 => 576 << (size_code - 2),
            6 => extra(0)? + 1,
            7 => (extra(0)? << 8 | extra(1)?) + 1,
            _ => 256 << (size_code - 8),
        };
        let len = at + size_bytes + rate_bytes;
        let checksum = *bytes.get(len)?;
        (crc8(bytes.get(..len)?) == checksum).then_some(Self { samples, len })
    }
}

/// The frames of a file.
#[derive(Debug)]
pub(crate) struct Frames<R> {
    reader: BufReader<R>,
    pub(crate) info: StreamInfo,
    first_at: u64,
    /// Bytes that were read and not yet given.
    held: Vec<u8>,
    /// Samples given so far.
    given: u64,
}

/// Reads the head and walks over all frames.
pub(crate) fn open<R: Read + Seek>(reader: R) -> Result<(Frames<R>, Track), AudioError> {
    let mut reader = BufReader::with_capacity(READ_AHEAD, reader);
    let info = read_metadata(&mut reader)?;
    if info.sample_rate_hz == 0 {
        return Err(BROKEN);
    }
    if info.bits != 16 || info.channels > 2 {
        let codec = format!("FLAC with {} channels of {} bits", info.channels, info.bits);
        return Err(AudioError::Unsupported { codec });
    }
    let first_at = reader.stream_position()?;
    let mut frames = Frames {
        reader,
        info,
        first_at,
        held: Vec::new(),
        given: 0,
    };
    while frames.next_frame()?.is_some() {}
    let counted = frames.given;
    let short = frames.info.total > counted;
    frames.rewind()?;
    let track = Track {
        codec: CodecKind::Flac {
            stream_info: frames.info.bytes.to_vec(),
        },
        channels: frames.info.channels,
        sample_rate_hz: frames.info.sample_rate_hz,
        skipped_frames: 0,
        frames: counted,
        warnings: if short {
            vec![AudioWarning::DataSizePastEnd]
        } else {
            vec![]
        },
    };
    Ok((frames, track))
}

fn read_metadata(reader: &mut (impl Read + Seek)) -> Result<StreamInfo, AudioError> {
    reader.seek(SeekFrom::Start(0))?;
    if read_array::<4>(reader)?.as_ref() != Some(MAGIC) {
        return Err(AudioError::NotAudio);
    }
    let mut info = None;
    loop {
        let [kind, a, b, c] = read_array(reader)?.ok_or(BROKEN)?;
        let len = u32::from_be_bytes([0, a, b, c]);
        match (&info, kind & 0x7f) {
            (None, 0) if len as usize == STREAM_INFO_BYTES => {
                info = Some(StreamInfo::read(read_array(reader)?.ok_or(BROKEN)?));
            }
            (None, _) | (_, 0x7f) => return Err(BROKEN),
            _ => discard(reader, len.into())?,
        }
        if kind & 0x80 != 0 {
            return info.ok_or(BROKEN);
        }
    }
}

impl<R: Read + Seek> Frames<R> {
    pub(super) fn rewind(&mut self) -> Result<(), AudioError> {
        self.reader.seek(SeekFrom::Start(self.first_at))?;
        self.held.clear();
        self.given = 0;
        Ok(())
    }

    pub(super) fn next_packet(&mut self) -> Result<Option<Vec<u8>>, AudioError> {
        Ok(self.next_frame()?.map(|(_, frame)| frame))
    }

    /// The next frame, whole; a frame that is cut off ends the stream.
    pub(crate) fn next_frame(&mut self) -> Result<Option<(FrameHeader, Vec<u8>)>, AudioError> {
        if self.info.total > 0 && self.given >= self.info.total {
            return Ok(None);
        }
        self.read_more()?;
        let Some(header) = FrameHeader::read(&self.held) else {
            let at_end = self.held.is_empty() || self.given > 0 && !self.read_more()?;
            return if at_end { Ok(None) } else { Err(BROKEN) };
        };
        let (mut crc, mut at) = (0, 0);
        loop {
            while at < self.held.len() {
                crc = crc16_step(crc, self.held[at]);
                at += 1;
                if crc == 0 && at > header.len + 2 && self.ends_at(at)? {
                    let rest = self.held.split_off(at);
                    let frame = std::mem::replace(&mut self.held, rest);
                    self.given += header.samples;
                    return Ok(Some((header, frame)));
                }
            }
            if at > MAX_FRAME_BYTES {
                return Err(BROKEN);
            }
            if !self.read_more()? {
                return Ok(None);
            }
        }
    }

    /// Whether a frame ends here: another begins, or nothing more of the stream comes.
    fn ends_at(&mut self, at: usize) -> Result<bool, AudioError> {
        if self.held.len() < at + 16 {
            self.read_more()?;
        }
        let rest = &self.held[at..];
        let complete = self.info.total > 0 && {
            let header = FrameHeader::read(&self.held);
            header.is_some_and(|it| self.given + it.samples >= self.info.total)
        };
        Ok(rest.is_empty() || complete || FrameHeader::read(rest).is_some())
    }

    fn read_more(&mut self) -> Result<bool, AudioError> {
        let before = self.held.len();
        if before > 2 * MAX_FRAME_BYTES {
            return Err(BROKEN);
        }
        self.reader
            .by_ref()
            .take(STEP_BYTES as u64)
            .read_to_end(&mut self.held)?;
        Ok(self.held.len() > before)
    }
}

/// CRC-8 with polynomial 0x07.
pub(crate) fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc: u8, &byte| {
        (0..8).fold(crc ^ byte, |crc, _| {
            if crc >> 7 == 1 {
                crc << 1 ^ 7
            } else {
                crc << 1
            }
        })
    })
}

/// CRC-16 with polynomial 0x8005, unreflected; 0 over a frame with its own checksum.
pub(crate) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| crc16_step(crc, byte))
}

fn crc16_step(crc: u16, byte: u8) -> u16 {
    let [high, low] = crc.to_be_bytes();
    u16::from_be_bytes([low, 0]) ^ CRC16_TABLE[usize::from(high ^ byte)]
}

const CRC16_TABLE: [u16; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut value = (at as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            value = if value >> 15 == 1 {
                value << 1 ^ 0x8005
            } else {
                value << 1
            };
            bit += 1;
        }
        table[at] = value;
        at += 1;
    }
    table
};
