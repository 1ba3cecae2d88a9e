//! MPEG audio layer III: frames, their headers, and the tag frame that says how long the sound is.
// ISO/IEC 11172-3 and 13818-3; the tag frame is that of Xing and LAME (checked 2026-11).

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::{READ_AHEAD, Track, media_kind, read_array, read_vec};
use crate::{
    audio::{AudioError, AudioWarning},
    decode::CodecKind,
    media::MediaKind,
    wav,
};

/// Samples by which every layer III decoder is late.
pub(crate) const DECODER_DELAY: u64 = 529;
/// How far a reader looks for a frame among bytes that are none.
const MAX_JUNK_BYTES: u64 = 1024 * 1024;

const KBPS_1: [u32; 15] = [
    0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
];
const KBPS_2: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const RATES_1: [u32; 3] = [44_100, 48_000, 32_000];

/// A frame's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header(pub(crate) [u8; 4]);

impl Header {
    /// The four bytes, if they are a layer III header with a bit rate.
    pub(crate) fn read(bytes: [u8; 4]) -> Option<Self> {
        let [a, b, c, _] = bytes;
        let valid = a == 0xff
            && b & 0xe6 == 0xe2
            && b & 0x18 != 0x08
            && !matches!(c >> 4, 0 | 15)
            && c & 0x0c != 0x0c;
        valid.then_some(Self(bytes))
    }

    pub(crate) const fn is_mpeg_1(self) -> bool {
        self.0[1] & 0x18 == 0x18
    }

    pub(crate) const fn has_checksum(self) -> bool {
        self.0[1] & 1 == 0
    }

    pub(crate) fn bit_rate_index(self) -> usize {
        usize::from(self.0[2] >> 4)
    }

    pub(crate) fn sample_rate_hz(self) -> u32 {
        let base = RATES_1[usize::from(self.0[2] >> 2 & 3).min(2)];
        match self.0[1] & 0x18 {
            0x18 => base,
            0x10 => base / 2,
            _ => base / 4,
        }
    }

    pub(crate) const fn channels(self) -> u16 {
        if self.0[3] >> 6 == 3 { 1 } else { 2 }
    }

    pub(crate) const fn samples(self) -> u64 {
        if self.is_mpeg_1() { 1152 } else { 576 }
    }

    /// Bytes of the whole frame.
    pub(crate) fn frame_bytes(self) -> usize {
        let table = if self.is_mpeg_1() { KBPS_1 } else { KBPS_2 };
        let bits_per_second = table[self.bit_rate_index().min(14)] * 1000;
        let slots = u32::try_from(self.samples() / 8).unwrap_or(144) * bits_per_second;
        let padding = u32::from(self.0[2] >> 1 & 1);
        (slots / self.sample_rate_hz() + padding) as usize
    }

    /// Bytes of the side information.
    pub(crate) const fn side_bytes(self) -> usize {
        match (self.is_mpeg_1(), self.channels()) {
            (true, 1) => 17,
            (true, _) => 32,
            (false, 1) => 9,
            (false, _) => 17,
        }
    }

    /// Where the side information begins.
    pub(crate) const fn side_offset(self) -> usize {
        if self.has_checksum() { 6 } else { 4 }
    }

    /// Where the main data begins.
    pub(crate) const fn main_offset(self) -> usize {
        self.side_offset() + self.side_bytes()
    }

    /// Whether both can be frames of one stream.
    fn belongs_with(self, other: Self) -> bool {
        self.0[1] & 0xfe == other.0[1] & 0xfe
            && self.0[2] & 0x0c == other.0[2] & 0x0c
            && self.channels() == other.channels()
    }
}

/// What the tag frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Samples that the encoder put in front, and behind.
    pub(crate) delay: Option<(u64, u64)>,
}

/// The frames of a file that are sound; a tag frame is kept apart.
#[derive(Debug)]
pub(crate) struct Frames<R> {
    reader: BufReader<R>,
    window: (u64, u64),
    at: u64,
    first: Header,
    first_at: u64,
    pub(crate) tag: Option<Tag>,
    /// Whether bytes that are no frame were passed over.
    pub(crate) junk: bool,
    /// Whether the last frame is cut off.
    pub(crate) cut: bool,
}

/// The frames of an MP3 file, or of the MP3 stream inside a WAVE file.
pub(crate) fn open_any<R: Read + Seek>(mut reader: R) -> Result<(Frames<R>, Track), AudioError> {
    let window = match media_kind(&mut reader)? {
        MediaKind::Mp3 => None,
        _ => {
            let layout = wav::layout(&mut reader)?;
            Some((layout.data_offset, layout.data_offset + layout.data_len))
        }
    };
    open(reader, window)
}

/// Finds the frames and counts them.
pub(crate) fn open<R: Read + Seek>(
    reader: R,
    window: Option<(u64, u64)>,
) -> Result<(Frames<R>, Track), AudioError> {
    let mut reader = BufReader::with_capacity(READ_AHEAD, reader);
    let window = match window {
        Some(window) => window,
        None => (0, reader.seek(SeekFrom::End(0))?),
    };
    let start = skip_id3v2(&mut reader, window)?;
    let (first_at, first) = find_frame(&mut reader, start, window.1, None)?.ok_or(NO_FRAME)?;
    let mut frames = Frames {
        reader,
        window,
        at: first_at,
        first,
        first_at,
        tag: None,
        junk: first_at > start,
        cut: false,
    };
    frames.take_tag()?;
    frames.rewind()?;
    let mut count = 0;
    while frames.next_frame()?.is_some() {
        count += 1;
    }
    let track = frames.track(count);
    frames.rewind()?;
    Ok((frames, track))
}

const NO_FRAME: AudioError = AudioError::Malformed {
    what: "there is no MPEG layer III frame with a bit rate in it",
};

impl<R: Read + Seek> Frames<R> {
    /// Reads a tag frame if the first frame is one; sound begins behind it.
    fn take_tag(&mut self) -> Result<(), AudioError> {
        self.rewind()?;
        let Some((header, frame)) = self.next_frame()? else {
            return Ok(());
        };
        self.tag = read_tag(header, &frame);
        if self.tag.is_some() {
            self.first_at += frame.len() as u64;
        }
        Ok(())
    }

    fn track(&self, count: u64) -> Track {
        let (skipped, trimmed) = match self.tag.and_then(|tag| tag.delay) {
            Some((before, behind)) => {
                (before + DECODER_DELAY, behind.saturating_sub(DECODER_DELAY))
            }
            // Without a tag nobody knows the encoder's delay: everything that is decoded counts.
            None => (0, 0),
        };
        let mut warnings = Vec::new();
        if self.junk {
            warnings.push(AudioWarning::Junk);
        }
        if self.cut {
            warnings.push(AudioWarning::DataSizePastEnd);
        }
        Track {
            codec: CodecKind::Mp3,
            channels: self.first.channels(),
            sample_rate_hz: self.first.sample_rate_hz(),
            skipped_frames: skipped,
            frames: (count * self.first.samples()).saturating_sub(skipped + trimmed),
            warnings,
        }
    }

    pub(crate) fn rewind(&mut self) -> Result<(), AudioError> {
        self.at = self.first_at;
        self.reader.seek(SeekFrom::Start(self.at))?;
        Ok(())
    }

    pub(super) fn next_packet(&mut self) -> Result<Option<Vec<u8>>, AudioError> {
        Ok(self.next_frame()?.map(|(_, frame)| frame))
    }

    /// The next frame of the stream, whole.
    pub(crate) fn next_frame(&mut self) -> Result<Option<(Header, Vec<u8>)>, AudioError> {
        let Some(header) = self.header()? else {
            return Ok(None);
        };
        let len = header.frame_bytes();
        if len < header.main_offset() {
            return Err(NO_FRAME);
        }
        if self.at + len as u64 > self.window.1 {
            self.cut = true;
            return Ok(None);
        }
        self.reader.seek_relative(-4)?;
        let frame = read_vec(&mut self.reader, len)?;
        self.at += len as u64;
        Ok(frame.map(|frame| (header, frame)))
    }

    fn header(&mut self) -> Result<Option<Header>, AudioError> {
        if self.at + 4 > self.window.1 {
            return Ok(None);
        }
        let bytes: [u8; 4] = read_array(&mut self.reader)?.unwrap_or([0; 4]);
        if let Some(header) = Header::read(bytes).filter(|it| it.belongs_with(self.first)) {
            return Ok(Some(header));
        }
        if is_trailing_tag(&bytes) {
            return Ok(None);
        }
        self.junk = true;
        let found = find_frame(&mut self.reader, self.at, self.window.1, Some(self.first))?;
        let Some((at, header)) = found else {
            return Ok(None);
        };
        self.at = at;
        self.reader.seek(SeekFrom::Start(at + 4))?;
        Ok(Some(header))
    }
}

/// ID3v1, APE and Lyrics tags stand behind the sound.
fn is_trailing_tag(bytes: &[u8; 4]) -> bool {
    bytes.starts_with(b"TAG") || bytes == b"APET" || bytes == b"LYRI"
}

/// The end of an ID3v2 tag at the start of the window.
fn skip_id3v2(reader: &mut (impl Read + Seek), window: (u64, u64)) -> Result<u64, AudioError> {
    reader.seek(SeekFrom::Start(window.0))?;
    let Some([b'I', b'D', b'3', _, _, flags, a, b, c, d]) = read_array(reader)? else {
        return Ok(window.0);
    };
    let size = [a, b, c, d]
        .iter()
        .fold(0, |size, &byte| size << 7 | u64::from(byte & 0x7f));
    let footer = if flags & 0x10 == 0 { 0 } else { 10 };
    Ok(window.0 + 10 + size + footer)
}

/// The next place where a frame begins and another one follows it, or the file ends.
fn find_frame(
    reader: &mut (impl Read + Seek),
    from: u64,
    end: u64,
    like: Option<Header>,
) -> Result<Option<(u64, Header)>, AudioError> {
    reader.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    reader
        .by_ref()
        .take((end.saturating_sub(from)).min(MAX_JUNK_BYTES))
        .read_to_end(&mut bytes)?;
    let header_at = |at: usize| {
        let four = bytes.get(at..at + 4)?;
        Header::read([four[0], four[1], four[2], four[3]])
    };
    for at in 0..bytes.len() {
        let Some(header) = header_at(at).filter(|it| like.is_none_or(|like| it.belongs_with(like)))
        else {
            continue;
        };
        let next = at + header.frame_bytes();
        let is_last = from + next as u64 == end;
        if is_last || header_at(next).is_some_and(|it| it.belongs_with(header)) {
            return Ok(Some((from + at as u64, header)));
        }
    }
    Ok(None)
}

/// The tag of Xing, LAME or Fraunhofer in a frame that is otherwise silent.
fn read_tag(header: Header, frame: &[u8]) -> Option<Tag> {
    let at = header.main_offset();
    let name = frame.get(at..at + 4)?;
    if frame.get(36..40) == Some(b"VBRI") {
        return Some(Tag { delay: None });
    }
    if name != b"Xing" && name != b"Info" {
        return None;
    }
    let flags = *frame.get(at + 7)?;
    let optional = [(1, 4), (2, 4), (4, 100), (8, 4)];
    let fields: usize = optional
        .iter()
        .filter(|(bit, _)| flags & bit != 0)
        .map(|(_, len)| len)
        .sum();
    let lame = at + 8 + fields;
    let encoder = frame.get(lame..lame + 4)?;
    let delay = match frame.get(lame + 21..lame + 24) {
        Some(&[a, b, c]) if encoder == b"LAME" || encoder.starts_with(b"Lav") => Some((
            u64::from(a) << 4 | u64::from(b >> 4),
            u64::from(b & 15) << 8 | u64::from(c),
        )),
        _ => None,
    };
    Some(Tag { delay })
}

/// A tag frame that says how many frames follow and by how much they are too long; nothing else.
pub(crate) fn write_tag(first: Header, tag: Tag, count: u64) -> Vec<u8> {
    let header = roomy_header(first);
    let mut frame = vec![0; header.frame_bytes()];
    frame[..4].copy_from_slice(&header.0);
    let at = header.main_offset();
    let mut put = |at: usize, bytes: &[u8]| frame[at..at + bytes.len()].copy_from_slice(bytes);
    put(at, b"Info\0\0\0\x01");
    put(
        at + 8,
        &u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes(),
    );
    if let Some((before, behind)) = tag.delay {
        put(at + 12, b"LAME");
        let [_, _, _, _, _, a, b, c] = (before << 12 | behind).to_be_bytes();
        put(at + 12 + 21, &[a, b, c]);
        let crc = crc16_reflected(&frame[..at + 12 + 34]);
        frame[at + 46..at + 48].copy_from_slice(&crc.to_be_bytes());
    }
    frame
}

/// The header of the tag frame: that of the first frame, without a checksum, long enough.
fn roomy_header(first: Header) -> Header {
    let Header([a, b, c, d]) = first;
    let with = |index: u8| Header([a, b | 1, (c & 0x0d) | index << 4, d]);
    let fits = |header: &Header| header.frame_bytes() >= header.main_offset() + 48;
    (1..=14).map(with).find(fits).unwrap_or_else(|| with(14))
}

/// CRC-16 with polynomial 0x8005, reflected: the tag's own checksum.
fn crc16_reflected(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, &byte| {
        (0..8).fold(crc ^ u16::from(byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xa001
            } else {
                crc >> 1
            }
        })
    })
}
