//! WebM and Matroska (RFC 9559): the blocks of the first sound track.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::{READ_AHEAD, Track, discard, ogg, opus, read_array, read_vec};
use crate::{audio::AudioError, decode::CodecKind};

const SEGMENT: u32 = 0x1853_8067;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_NUMBER: u32 = 0xd7;
const TRACK_TYPE: u32 = 0x83;
const CODEC_ID: u32 = 0x86;
const CODEC_PRIVATE: u32 = 0x63a2;
const CONTENT_ENCODINGS: u32 = 0x6d80;
const CLUSTER: u32 = 0x1f43_b675;
const BLOCK_GROUP: u32 = 0xa0;
const SIMPLE_BLOCK: u32 = 0xa3;
const BLOCK: u32 = 0xa1;
const DISCARD_PADDING: u32 = 0x75a2;
/// The track type of sound.
const SOUND: u64 = 2;
/// Largest header of a track.
const MAX_HEADER_BYTES: u64 = 1024 * 1024;
/// Lengths of this many bits set mean "unknown".
const UNKNOWN: u64 = u64::MAX;
const BROKEN: AudioError = AudioError::Malformed {
    what: "its Matroska elements cannot be followed",
};

/// What a track entry says.
#[derive(Debug, Default)]
struct Entry {
    number: u64,
    kind: u64,
    codec: Vec<u8>,
    private: Vec<u8>,
    encoded: bool,
}

/// The packets of one track.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    reader: BufReader<R>,
    track: u64,
    pub(super) opus_head: Option<opus::Head>,
    /// Nanoseconds of the last packets that are not played.
    discard_ns: u64,
}

/// Finds the first sound track and measures it.
pub(super) fn open<R: Read + Seek>(reader: R) -> Result<(Reader<R>, Track), AudioError> {
    let mut reader = BufReader::with_capacity(READ_AHEAD, reader);
    let entry = find_track(&mut reader)?;
    if entry.encoded {
        let codec = "a compressed or encrypted Matroska track".to_owned();
        return Err(AudioError::Unsupported { codec });
    }
    let mut packets = Reader {
        reader,
        track: entry.number,
        opus_head: None,
        discard_ns: 0,
    };
    packets.rewind()?;
    let track = match &entry.codec[..] {
        b"A_OPUS" => packets.open_opus(&entry.private)?,
        b"A_VORBIS" => vorbis_track(&entry.private)?,
        other => {
            let codec = String::from_utf8_lossy(other).chars().take(32).collect();
            return Err(AudioError::Unsupported { codec });
        }
    };
    packets.rewind()?;
    Ok((packets, track))
}

fn find_track(reader: &mut (impl Read + Seek)) -> Result<Entry, AudioError> {
    reader.seek(SeekFrom::Start(0))?;
    while let Some((id, len)) = element(reader)? {
        match id {
            SEGMENT | TRACKS => {}
            TRACK_ENTRY if len <= MAX_HEADER_BYTES => {
                let body = read_vec(reader, usize::try_from(len).unwrap_or(0))?.ok_or(BROKEN)?;
                let entry = read_entry(&body)?;
                if entry.kind == SOUND {
                    return Ok(entry);
                }
            }
            CLUSTER => break,
            _ => discard(reader, len)?,
        }
    }
    Err(AudioError::NoAudio)
}

fn read_entry(mut body: &[u8]) -> Result<Entry, AudioError> {
    let mut entry = Entry::default();
    while let Some((id, len)) = element(&mut body)? {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let (value, rest) = body.split_at_checked(len).ok_or(BROKEN)?;
        body = rest;
        match id {
            TRACK_NUMBER => entry.number = number(value),
            TRACK_TYPE => entry.kind = number(value),
            CODEC_ID => entry.codec = value.to_vec(),
            CODEC_PRIVATE => entry.private = value.to_vec(),
            CONTENT_ENCODINGS => entry.encoded = true,
            _ => {}
        }
    }
    Ok(entry)
}

/// The three headers of Vorbis, laced as Xiph does it: 2, two lengths, three packets.
fn vorbis_track(private: &[u8]) -> Result<Track, AudioError> {
    let Some((2, mut rest)) = private.split_first() else {
        return Err(BROKEN);
    };
    let mut lengths = [0; 2];
    for length in &mut lengths {
        loop {
            let (&lace, after) = rest.split_first().ok_or(BROKEN)?;
            rest = after;
            *length += usize::from(lace);
            if lace < u8::MAX {
                break;
            }
        }
    }
    let (ident, rest) = rest.split_at_checked(lengths[0]).ok_or(BROKEN)?;
    let (_, setup) = rest.split_at_checked(lengths[1]).ok_or(BROKEN)?;
    let (channels, sample_rate_hz) = ogg::vorbis_shape(ident)?;
    Ok(Track {
        codec: CodecKind::Vorbis {
            headers: [ident, setup].concat(),
        },
        channels,
        sample_rate_hz,
        skipped_frames: 0,
        frames: super::UNKNOWN_FRAMES,
        warnings: vec![],
    })
}

impl<R: Read + Seek> Reader<R> {
    fn open_opus(&mut self, private: &[u8]) -> Result<Track, AudioError> {
        let head = opus::Head::read(private)?;
        self.opus_head = Some(head);
        let mut total = 0;
        while let Some(packet) = self.next_packet()? {
            total += opus::duration(&packet)?;
        }
        let discarded = self
            .discard_ns
            .saturating_mul(opus::CLOCK_HZ)
            .div_ceil(1_000_000_000);
        opus::track(&head, total, discarded)
    }

    pub(super) fn rewind(&mut self) -> Result<(), AudioError> {
        self.reader.seek(SeekFrom::Start(0))?;
        self.discard_ns = 0;
        Ok(())
    }

    pub(super) fn next_packet(&mut self) -> Result<Option<Vec<u8>>, AudioError> {
        while let Some((id, len)) = element(&mut self.reader)? {
            match id {
                SEGMENT | CLUSTER | BLOCK_GROUP => {}
                SIMPLE_BLOCK | BLOCK => {
                    let len = usize::try_from(len).unwrap_or(usize::MAX);
                    // A block that is cut off ends the stream.
                    let Some(block) = read_vec(&mut self.reader, len)? else {
                        return Ok(None);
                    };
                    if let Some(packet) = self.packet_of(block)? {
                        return Ok(Some(packet));
                    }
                }
                DISCARD_PADDING if len <= 8 => {
                    let len = usize::try_from(len).unwrap_or(0);
                    let value = read_vec(&mut self.reader, len)?.unwrap_or_default();
                    self.discard_ns += number(&value);
                }
                _ => discard(&mut self.reader, len)?,
            }
        }
        Ok(None)
    }

    /// The sound of a block, if it is of our track.
    fn packet_of(&self, block: Vec<u8>) -> Result<Option<Vec<u8>>, AudioError> {
        let mut rest = &block[..];
        let (number, _) = variable(&mut rest, true)?.ok_or(BROKEN)?;
        let [_, _, flags, packet @ ..] = rest else {
            return Err(BROKEN);
        };
        if number != self.track {
            return Ok(None);
        }
        if flags & 0x06 != 0 {
            let codec = "Matroska blocks with several packets each".to_owned();
            return Err(AudioError::Unsupported { codec });
        }
        Ok(Some(packet.to_vec()))
    }
}

/// Identity and length of the next element, or `None` at the end of the file.
fn element(reader: &mut impl Read) -> Result<Option<(u32, u64)>, AudioError> {
    let Some((id, _)) = variable(reader, false)? else {
        return Ok(None);
    };
    let Some((len, is_unknown)) = variable(reader, true)? else {
        return Ok(None);
    };
    let id = u32::try_from(id).map_err(|_| BROKEN)?;
    Ok(Some((id, if is_unknown { UNKNOWN } else { len })))
}

/// A number of variable length, with or without its length marker; whether all its bits are set.
fn variable(reader: &mut impl Read, drop_marker: bool) -> Result<Option<(u64, bool)>, AudioError> {
    let Some([first]) = read_array(reader)? else {
        return Ok(None);
    };
    let extra = first.leading_zeros() as usize;
    if extra > 7 {
        return Err(BROKEN);
    }
    let Some(rest) = read_vec(reader, extra)? else {
        return Ok(None);
    };
    let marker = 0x80_u8 >> extra;
    let head = if drop_marker { first & !marker } else { first };
    let value = rest
        .iter()
        .fold(u64::from(head), |value, &byte| value << 8 | u64::from(byte));
    let all_set = u64::MAX >> (64 - 7 * (extra + 1));
    Ok(Some((value, drop_marker && value == all_set)))
}

fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .take(8)
        .fold(0, |value, &byte| value << 8 | u64::from(byte))
}
