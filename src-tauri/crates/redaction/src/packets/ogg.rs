//! Ogg (RFC 3533): pages of one stream, with their checksums checked.

use std::{
    collections::VecDeque,
    io::{BufReader, Read, Seek, SeekFrom},
};

use super::{READ_AHEAD, Track, opus, read_array, read_vec};
use crate::{
    audio::{AudioError, AudioWarning},
    decode::CodecKind,
};

/// Bytes of a page before its lacing values.
const HEADER_BYTES: usize = 27;
const CONTINUED: u8 = 1;
const FIRST: u8 = 2;
const LAST: u8 = 4;
/// The position of a page on which no packet ends.
const NO_POSITION: u64 = u64::MAX;
/// Longer packets are no sound.
const MAX_PACKET: usize = 1024 * 1024;

/// One page.
#[derive(Debug)]
struct Page {
    flags: u8,
    position: u64,
    serial: u32,
    sequence: u32,
    lacing: Vec<u8>,
    body: Vec<u8>,
}

/// The packets of the one sound stream of a file.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    reader: BufReader<R>,
    serial: u32,
    /// Packets of headers, which are not sound.
    headers: usize,
    pub(super) opus_head: Option<opus::Head>,
    ready: VecDeque<Vec<u8>>,
    partial: Vec<u8>,
    next_sequence: Option<u32>,
    last_position: u64,
    ended: bool,
}

/// Finds the sound stream and measures it.
pub(super) fn open<R: Read + Seek>(reader: R) -> Result<(Reader<R>, Track), AudioError> {
    let mut reader = BufReader::with_capacity(READ_AHEAD, reader);
    let (serial, first) = find_stream(&mut reader)?;
    let mut packets = Reader {
        reader,
        serial,
        headers: 0,
        opus_head: None,
        ready: VecDeque::new(),
        partial: Vec::new(),
        next_sequence: None,
        last_position: 0,
        ended: false,
    };
    packets.rewind()?;
    let track = if first.starts_with(opus::HEAD_MAGIC) {
        packets.headers = 2;
        packets.rewind()?;
        open_opus(&mut packets, &first)?
    } else {
        packets.headers = 3;
        open_vorbis(&mut packets, first)?
    };
    packets.rewind()?;
    Ok((packets, track))
}

/// The first stream whose first packet is a header of a codec that we know.
fn find_stream(reader: &mut (impl Read + Seek)) -> Result<(u32, Vec<u8>), AudioError> {
    reader.seek(SeekFrom::Start(0))?;
    let mut other = None;
    while let Some(page) = read_page(reader)?.filter(|page| page.flags & FIRST != 0) {
        if page.body.starts_with(opus::HEAD_MAGIC) || page.body.starts_with(b"\x01vorbis") {
            return Ok((page.serial, page.body));
        }
        other = other.or_else(|| Some(codec_name(&page.body)));
    }
    let codec = other.unwrap_or("an unknown stream").to_owned();
    Err(AudioError::Unsupported { codec })
}

fn codec_name(first_packet: &[u8]) -> &'static str {
    match first_packet {
        [b'S', b'p', b'e', b'e', b'x', ..] => "Speex",
        [0x7f, b'F', b'L', b'A', b'C', ..] => "FLAC in Ogg",
        _ => "an unknown stream in Ogg",
    }
}

fn open_opus<R: Read + Seek>(packets: &mut Reader<R>, first: &[u8]) -> Result<Track, AudioError> {
    let head = opus::Head::read(first)?;
    packets.opus_head = Some(head);
    let mut total = 0;
    while let Some(packet) = packets.next_packet()? {
        total += opus::duration(&packet)?;
    }
    let end = packets.last_position.min(total);
    let mut track = opus::track(&head, total, total - end)?;
    if !packets.ended || packets.last_position > total {
        track.warnings.push(AudioWarning::NoEnd);
    }
    Ok(track)
}

fn open_vorbis<R: Read + Seek>(
    packets: &mut Reader<R>,
    first: Vec<u8>,
) -> Result<Track, AudioError> {
    // Ident, comment and setup come before sound.
    packets.headers = 0;
    let (_, _, setup) = (
        packets.next_packet()?,
        packets.next_packet()?,
        packets.next_packet()?,
    );
    packets.headers = 3;
    let setup = setup
        .filter(|setup| setup.starts_with(b"\x05vorbis"))
        .ok_or(BROKEN_HEADER)?;
    let (channels, sample_rate_hz) = vorbis_shape(&first)?;
    while packets.next_packet()?.is_some() {}
    Ok(Track {
        codec: CodecKind::Vorbis {
            headers: [first, setup].concat(),
        },
        channels,
        sample_rate_hz,
        skipped_frames: 0,
        frames: packets.last_position,
        warnings: if packets.ended {
            vec![]
        } else {
            vec![AudioWarning::NoEnd]
        },
    })
}

/// Channels and sample rate of a Vorbis identification header.
pub(super) fn vorbis_shape(ident: &[u8]) -> Result<(u16, u32), AudioError> {
    match ident {
        [
            1,
            b'v',
            b'o',
            b'r',
            b'b',
            b'i',
            b's',
            0,
            0,
            0,
            0,
            channels @ 1..=2,
            a,
            b,
            c,
            d,
            ..,
        ] => Ok(((*channels).into(), u32::from_le_bytes([*a, *b, *c, *d]))),
        _ => Err(BROKEN_HEADER),
    }
}

const BROKEN_HEADER: AudioError = AudioError::Malformed {
    what: "its Vorbis headers are not those of one or two channels",
};

impl<R: Read + Seek> Reader<R> {
    pub(super) fn rewind(&mut self) -> Result<(), AudioError> {
        self.reader.seek(SeekFrom::Start(0))?;
        self.ready.clear();
        self.partial.clear();
        (self.next_sequence, self.last_position, self.ended) = (None, 0, false);
        for _ in 0..self.headers {
            self.next_any()?;
        }
        Ok(())
    }

    pub(super) fn next_packet(&mut self) -> Result<Option<Vec<u8>>, AudioError> {
        self.next_any()
    }

    fn next_any(&mut self) -> Result<Option<Vec<u8>>, AudioError> {
        loop {
            if let Some(packet) = self.ready.pop_front() {
                return Ok(Some(packet));
            }
            let Some(page) = read_page(&mut self.reader)? else {
                return Ok(None);
            };
            if page.serial == self.serial {
                self.take(&page)?;
            } else if page.flags & FIRST != 0 && self.ended {
                // What follows would be heard by players and would not be redacted.
                let codec = "several Ogg streams one behind the other".to_owned();
                return Err(AudioError::Unsupported { codec });
            }
        }
    }

    fn take(&mut self, page: &Page) -> Result<(), AudioError> {
        let in_order = self.next_sequence.is_none_or(|next| next == page.sequence);
        let continues = page.flags & CONTINUED != 0;
        if self.ended || !in_order || continues == self.partial.is_empty() {
            return Err(AudioError::Malformed {
                what: "a page of the Ogg stream is missing",
            });
        }
        self.next_sequence = Some(page.sequence.wrapping_add(1));
        self.ended = page.flags & LAST != 0;
        if page.position != NO_POSITION {
            self.last_position = page.position;
        }
        let mut rest = &page.body[..];
        for &lace in &page.lacing {
            let (piece, after) = rest.split_at(usize::from(lace));
            rest = after;
            self.partial.extend(piece);
            if self.partial.len() > MAX_PACKET {
                return Err(AudioError::Malformed {
                    what: "a packet is longer than any sound",
                });
            }
            if lace < u8::MAX {
                self.ready.push_back(std::mem::take(&mut self.partial));
            }
        }
        Ok(())
    }
}

/// The next page, or `None` at the end of the file; an incomplete last page ends the stream.
fn read_page(reader: &mut impl Read) -> Result<Option<Page>, AudioError> {
    let Some(head) = read_array::<HEADER_BYTES>(reader)? else {
        return Ok(None);
    };
    if head[..5] != *b"OggS\0" {
        return Err(AudioError::Malformed {
            what: "a page of the Ogg stream does not begin where it should",
        });
    }
    let Some(lacing) = read_vec(reader, head[26].into())? else {
        return Ok(None);
    };
    let len = lacing.iter().map(|&lace| usize::from(lace)).sum();
    let Some(body) = read_vec(reader, len)? else {
        return Ok(None);
    };
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let page = Page {
        flags: head[5],
        position: u64::from(word(6)) | u64::from(word(10)) << 32,
        serial: word(14),
        sequence: word(18),
        lacing,
        body,
    };
    if page.bytes() != [&head[..], &page.lacing, &page.body].concat() {
        return Err(AudioError::Malformed {
            what: "the checksum of a page of the Ogg stream is wrong",
        });
    }
    Ok(Some(page))
}

impl Page {
    /// The page as it lies in a file.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.lacing.len() + self.body.len());
        bytes.extend(b"OggS\0");
        bytes.push(self.flags);
        bytes.extend(self.position.to_le_bytes());
        bytes.extend(self.serial.to_le_bytes());
        bytes.extend(self.sequence.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.push(u8::try_from(self.lacing.len()).expect("at most 255 lacing values"));
        bytes.extend(&self.lacing);
        bytes.extend(&self.body);
        let checksum = bytes.iter().fold(0, |crc: u32, &byte| {
            crc << 8 ^ CRC_TABLE[usize::from((crc >> 24) as u8 ^ byte)]
        });
        bytes[22..26].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }
}

/// CRC-32 with polynomial 0x04c11db7, unreflected, as RFC 3533 has it.
const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut value = (at as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            value = if value >> 31 == 1 {
                value << 1 ^ 0x04c1_1db7
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

/// Packets on one page: about a second of Opus.
const PACKETS_PER_PAGE: usize = 48;
/// Serial number of every stream we write; the original's would tell where it came from.
const SERIAL: u32 = 1;

/// Writes one stream of packets.
pub(crate) struct Writer {
    sequence: u32,
    waiting: Vec<Vec<u8>>,
    position: u64,
}

impl Writer {
    pub(crate) const fn new() -> Self {
        Self {
            sequence: 0,
            waiting: Vec::new(),
            position: 0,
        }
    }

    /// A header packet on a page of its own.
    pub(crate) fn header(&mut self, packet: Vec<u8>) -> Vec<u8> {
        self.waiting.push(packet);
        let flags = if self.sequence == 0 { FIRST } else { 0 };
        self.page(flags)
    }

    /// A packet after which the stream is at `position`; the page that it fills, if it does.
    pub(crate) fn packet(&mut self, packet: Vec<u8>, position: u64) -> Option<Vec<u8>> {
        let laces = |packet: &Vec<u8>| packet.len() / 255 + 1;
        let full = self.waiting.len() >= PACKETS_PER_PAGE
            || self.waiting.iter().map(laces).sum::<usize>() + laces(&packet) > 255;
        let page = full.then(|| self.page(0));
        self.waiting.push(packet);
        self.position = position;
        page
    }

    /// The last page, with the position at which the sound ends.
    pub(crate) fn finish(&mut self, position: u64) -> Vec<u8> {
        self.position = position;
        self.page(LAST)
    }

    fn page(&mut self, flags: u8) -> Vec<u8> {
        let packets = std::mem::take(&mut self.waiting);
        let mut lacing = Vec::new();
        for packet in &packets {
            lacing.extend(std::iter::repeat_n(u8::MAX, packet.len() / 255));
            lacing.push(u8::try_from(packet.len() % 255).expect("below 255"));
        }
        let page = Page {
            flags,
            position: self.position,
            serial: SERIAL,
            sequence: self.sequence,
            lacing,
            body: packets.concat(),
        };
        self.sequence += 1;
        page.bytes()
    }
}
