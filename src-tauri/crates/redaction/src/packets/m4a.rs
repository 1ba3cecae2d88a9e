//! MPEG-4 files (ISO/IEC 14496-12): the samples of the first AAC track, by its sample tables.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::{READ_AHEAD, Track, UNKNOWN_FRAMES, read_array, read_vec};
use crate::{audio::AudioError, decode::CodecKind};

/// Largest index read; that of a day of sound is smaller.
const MAX_INDEX_BYTES: u64 = 64 * 1024 * 1024;
/// Deeper boxes hold no sound.
const MAX_DEPTH: usize = 8;
const BROKEN: AudioError = AudioError::Malformed {
    what: "its MPEG-4 boxes cannot be followed",
};

/// One sample: where it lies and how long it is.
type Place = (u64, u32);

/// The samples of one track.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    reader: BufReader<R>,
    places: Vec<Place>,
    at: usize,
}

/// Finds the first AAC track.
pub(super) fn open<R: Read + Seek>(reader: R) -> Result<(Reader<R>, Track), AudioError> {
    let mut reader = BufReader::with_capacity(READ_AHEAD, reader);
    let index = find_index(&mut reader)?;
    if find(&index, &[b"mvex"]).is_some() {
        let codec = "MPEG-4 in fragments".to_owned();
        return Err(AudioError::Unsupported { codec });
    }
    let mut found = Err(AudioError::NoAudio);
    for (kind, body) in boxes(&index)? {
        if &kind == b"trak"
            && find(body, &[b"mdia", b"hdlr"]).and_then(|it| it.get(8..12)) == Some(b"soun")
        {
            found = read_track(body);
            break;
        }
    }
    let (places, track) = found?;
    Ok((
        Reader {
            reader,
            places,
            at: 0,
        },
        track,
    ))
}

/// The body of the `moov` box.
fn find_index(reader: &mut (impl Read + Seek)) -> Result<Vec<u8>, AudioError> {
    let end = reader.seek(SeekFrom::End(0))?;
    let mut at = 0;
    while at < end {
        reader.seek(SeekFrom::Start(at))?;
        let [a, b, c, d, kind @ ..] = read_array::<8>(reader)?.ok_or(BROKEN)?;
        let (head, len) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (8, end - at),
            1 => (16, u64::from_be_bytes(read_array(reader)?.ok_or(BROKEN)?)),
            len => (8, u64::from(len)),
        };
        if len < head {
            return Err(BROKEN);
        }
        match &kind {
            b"moov" if len - head <= MAX_INDEX_BYTES => {
                let mut body = Vec::new();
                reader.take(len - head).read_to_end(&mut body)?;
                return Ok(body);
            }
            _ => at = at.saturating_add(len),
        }
    }
    Err(AudioError::Malformed {
        what: "the MPEG-4 file has no index: it was probably cut off",
    })
}

/// A box: its name and what is in it.
type Named<'a> = ([u8; 4], &'a [u8]);

/// The boxes in a box.
fn boxes(mut bytes: &[u8]) -> Result<Vec<Named<'_>>, AudioError> {
    let mut found = Vec::new();
    while let [a, b, c, d, e, f, g, h, ..] = *bytes {
        let len = u32::from_be_bytes([a, b, c, d]) as usize;
        if len < 8 {
            return Err(BROKEN);
        }
        let (whole, rest) = bytes.split_at_checked(len).ok_or(BROKEN)?;
        found.push(([e, f, g, h], &whole[8..]));
        bytes = rest;
    }
    Ok(found)
}

/// The first box at the end of a path.
fn find<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().take(MAX_DEPTH).try_fold(bytes, |bytes, name| {
        let found = boxes(bytes)
            .ok()?
            .into_iter()
            .find(|(kind, _)| kind == *name);
        found.map(|(_, body)| body)
    })
}

fn read_track(trak: &[u8]) -> Result<(Vec<Place>, Track), AudioError> {
    let table = find(trak, &[b"mdia", b"minf", b"stbl"]).ok_or(BROKEN)?;
    let entry = find(table, &[b"stsd"])
        .and_then(|it| it.get(8..))
        .ok_or(BROKEN)?;
    let (kind, entry) = boxes(entry)?.into_iter().next().ok_or(BROKEN)?;
    if &kind != b"mp4a" {
        let codec = String::from_utf8_lossy(&kind).into_owned();
        return Err(AudioError::Unsupported { codec });
    }
    let shape = entry.get(..28).ok_or(BROKEN)?;
    let config = find(&entry[28..], &[b"esds"])
        .and_then(audio_config)
        .ok_or(BROKEN)?;
    let places = places(table)?;
    let (skipped_frames, played) = edit(trak, u16::from_be_bytes([shape[24], shape[25]]).into());
    let track = Track {
        codec: CodecKind::Aac { config },
        channels: u16::from_be_bytes([shape[16], shape[17]]),
        sample_rate_hz: u16::from_be_bytes([shape[24], shape[25]]).into(),
        skipped_frames,
        frames: played.unwrap_or(UNKNOWN_FRAMES),
        warnings: vec![],
    };
    if !matches!(track.channels, 1 | 2) || track.sample_rate_hz == 0 {
        return Err(BROKEN);
    }
    Ok((places, track))
}

/// The AudioSpecificConfig inside the descriptors of an `esds` box.
fn audio_config(esds: &[u8]) -> Option<Vec<u8>> {
    let mut rest = esds.get(4..)?;
    loop {
        let (&tag, mut body) = rest.split_first()?;
        let mut len = 0_usize;
        for _ in 0..4 {
            let (&byte, after) = body.split_first()?;
            body = after;
            len = len << 7 | usize::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                break;
            }
        }
        rest = match tag {
            // An elementary stream: identity and flags, then more descriptors.
            3 => body.get(3..)?,
            // A decoder configuration: 13 bytes, then more descriptors.
            4 => body.get(13..)?,
            5 => return body.get(..len).map(<[u8]>::to_vec),
            _ => body.get(len..)?,
        };
    }
}

/// Frames before the beginning, and frames that are played, by the edit list.
fn edit(trak: &[u8], rate: u64) -> (u64, Option<u64>) {
    let word = |bytes: &[u8], at: usize| {
        let four: Option<[u8; 4]> = bytes.get(at..at + 4).and_then(|it| it.try_into().ok());
        four.map(u32::from_be_bytes)
    };
    let list = find(trak, &[b"edts", b"elst"]).filter(|it| it.first() == Some(&0));
    let header = find(trak, &[b"mdia", b"mdhd"]).filter(|it| it.first() == Some(&0));
    let (Some(list), Some(header)) = (list, header) else {
        return (0, None);
    };
    // One edit that begins inside the sound; others are not made by recorders.
    match (
        word(list, 4),
        word(list, 12),
        word(header, 12),
        word(header, 16),
    ) {
        (Some(1), Some(start), Some(scale), Some(len))
            if u64::from(scale) == rate && start < 0x8000_0000 =>
        {
            (start.into(), Some(u64::from(len.saturating_sub(start))))
        }
        _ => (0, None),
    }
}

/// Where the samples lie: chunks, samples in each chunk, sizes.
fn places(table: &[u8]) -> Result<Vec<Place>, AudioError> {
    let words = |name: &[u8; 4]| {
        let body = find(table, &[name]).and_then(|it| it.get(4..))?;
        let four = |it: &[u8]| u32::from_be_bytes([it[0], it[1], it[2], it[3]]);
        Some(body.chunks_exact(4).map(four).collect::<Vec<u32>>())
    };
    let sizes = words(b"stsz").ok_or(BROKEN)?;
    let runs = words(b"stsc").ok_or(BROKEN)?;
    let chunks: Vec<u64> = match words(b"stco") {
        Some(chunks) => chunks.iter().skip(1).map(|&at| at.into()).collect(),
        None => {
            let wide = words(b"co64").ok_or(BROKEN)?;
            let pairs = wide.get(1..).unwrap_or(&[]).chunks_exact(2);
            pairs
                .map(|pair| u64::from(pair[0]) << 32 | u64::from(pair[1]))
                .collect()
        }
    };
    let count = *sizes.get(1).ok_or(BROKEN)? as usize;
    let size = |at: usize| match sizes.first() {
        Some(&0) => sizes.get(at + 2).copied(),
        fixed => fixed.copied(),
    };
    if count as u64 > MAX_INDEX_BYTES / 4 {
        return Err(BROKEN);
    }
    let mut places = Vec::new();
    for (number, &start) in (1..).zip(&chunks) {
        let mut at = start;
        for _ in 0..samples_in(&runs, number) {
            if places.len() == count {
                break;
            }
            let len = size(places.len()).ok_or(BROKEN)?;
            places.push((at, len));
            at += u64::from(len);
        }
    }
    if places.len() != count {
        return Err(BROKEN);
    }
    Ok(places)
}

/// Samples in a chunk: those of the last run that begins at or before it.
fn samples_in(runs: &[u32], chunk: u32) -> u32 {
    let runs = runs.get(1..).unwrap_or(&[]).chunks_exact(3);
    runs.take_while(|run| run[0] <= chunk)
        .last()
        .map_or(0, |run| run[1])
}

impl<R: Read + Seek> Reader<R> {
    pub(super) fn rewind(&mut self) -> Result<(), AudioError> {
        self.at = 0;
        Ok(())
    }

    pub(super) fn next_packet(&mut self) -> Result<Option<Vec<u8>>, AudioError> {
        let Some(&(at, len)) = self.places.get(self.at) else {
            return Ok(None);
        };
        self.at += 1;
        let here = self.reader.stream_position()?;
        match i64::try_from(at)
            .ok()
            .and_then(|to| to.checked_sub(i64::try_from(here).ok()?))
        {
            Some(step) => self.reader.seek_relative(step)?,
            None => return Err(BROKEN),
        }
        let packet = read_vec(&mut self.reader, len as usize)?;
        packet.map(Some).ok_or(AudioError::Malformed {
            what: "its index names sound that is not in the file: it was probably cut off",
        })
    }
}
