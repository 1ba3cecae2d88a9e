//! MP3: the frames of a span are emptied; all others keep every bit that is theirs.
//!
//! The main data of a frame begins up to 511 bytes before the frame itself, inside frames that stay,
//! so what goes is found bit by bit: a frame owns what lies between its start and the next one's.
//! An emptied frame has clear side information, which decoders play as silence. Its size follows
//! from the kept frames alone.

use std::{
    collections::VecDeque,
    io::{Read, Seek, Write},
};

use domain::plan::RedactionStyle;

use super::{
    RenderError,
    runs::{Clock, Reach, as_ranges, choose},
};
use crate::{
    audio::AudioError,
    packets::mp3::{self, Header},
    ranges::ReplacedRange,
    wav::WavInfo,
};

/// Furthest that main data lies before its frame.
const MAX_RESERVOIR: usize = 511;
/// Samples by which the filter bank smears sound behind a range.
const FILTER_SAMPLES: u64 = 482;

/// What the side information says about the main data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Side {
    /// Bytes between the start of the main data and the frame.
    pub(crate) reservoir: usize,
    /// Bytes of main data, without stuffing.
    pub(crate) main_bytes: usize,
}

impl Side {
    pub(crate) fn read(header: Header, frame: &[u8]) -> Option<Self> {
        let side = frame.get(header.side_offset()..header.main_offset())?;
        let channels = usize::from(header.channels());
        let bits = |at: usize, width: usize| {
            let bit =
                |at: usize| usize::from(side.get(at / 8).copied().unwrap_or(0) >> (7 - at % 8) & 1);
            (at..at + width).fold(0, |value, at| value << 1 | bit(at))
        };
        let (reservoir_bits, private, granules, shared, length) =
            match (header.is_mpeg_1(), channels) {
                (true, 1) => (9, 5, 2, 4, 59),
                (true, _) => (9, 3, 2, 8, 59),
                (false, 1) => (8, 1, 1, 0, 63),
                (false, _) => (8, 2, 1, 0, 63),
            };
        let first = reservoir_bits + private + shared;
        let pieces = (0..granules * channels).map(|at| bits(first + at * length, 12));
        Some(Self {
            reservoir: bits(0, reservoir_bits),
            main_bytes: pieces.sum::<usize>().div_ceil(8),
        })
    }
}

/// The clock of a stream of frames.
pub(crate) fn clock(info: &WavInfo, skipped_frames: u64) -> Clock {
    Clock {
        ticks_per_frame: 1,
        skipped_frames,
        frames: info.frames,
    }
}

pub(super) fn render<R: Read + Seek>(
    original: &mut R,
    out: &mut impl Write,
    info: &WavInfo,
    wanted: &[ReplacedRange],
) -> Result<Vec<ReplacedRange>, RenderError> {
    let (mut frames, track) = mp3::open_any(original)?;
    let mut headers = Vec::new();
    while let Some((header, _)) = frames.next_frame()? {
        headers.push(header);
    }
    frames.rewind()?;
    let Some(&first) = headers.first() else {
        return Err(AudioError::NoAudio.into());
    };
    let spf = first.samples();
    let ticks = vec![u16::try_from(spf).unwrap_or(u16::MAX); headers.len()];
    let reach = Reach {
        before: 2 * spf,
        behind: FILTER_SAMPLES,
        copies: false,
    };
    let (flags, mut runs) = choose(&clock(info, track.skipped_frames), &ticks, wanted, reach);
    for run in &mut runs {
        // Only silence can be written without an encoder.
        run.style = RedactionStyle::Silence;
    }
    if let Some(tag) = frames.tag {
        out.write_all(&mp3::write_tag(first, tag, headers.len() as u64))?;
    }
    let mut surgery = Surgery::new(out, kept_bit_rate(&headers, &flags));
    for goes in flags {
        let Some((header, frame)) = frames.next_frame()? else {
            break;
        };
        surgery.take(header, frame, goes)?;
    }
    surgery.finish()?;
    Ok(as_ranges(&runs, info))
}

/// The bit rate of all frames that stay, if they have one.
fn kept_bit_rate(headers: &[Header], flags: &[bool]) -> Option<usize> {
    let mut kept = headers
        .iter()
        .zip(flags)
        .filter(|(_, goes)| !**goes)
        .map(|(it, _)| it.bit_rate_index());
    let first = kept.next()?;
    kept.all(|it| it == first).then_some(first)
}

/// A kept frame that waits until nothing behind it can own bytes inside it.
struct Held {
    bytes: Vec<u8>,
    /// Where its main data area begins in the frame.
    offset: usize,
    /// Where that area begins in the stream of main data.
    start: i64,
}

/// Rewrites frames one after the other.
struct Surgery<'a, W> {
    out: &'a mut W,
    bit_rate: Option<usize>,
    held: VecDeque<Held>,
    run: Vec<Header>,
    run_bytes: usize,
    /// Where the next frame's area begins in the stream of main data.
    at: i64,
    /// Where the main data of the last frame ends.
    owned_to: i64,
    /// The last bytes of the stream.
    tail: Vec<u8>,
}

impl<'a, W: Write> Surgery<'a, W> {
    fn new(out: &'a mut W, bit_rate: Option<usize>) -> Self {
        Self {
            out,
            bit_rate,
            held: VecDeque::new(),
            run: Vec::new(),
            run_bytes: 0,
            at: 0,
            owned_to: i64::MIN,
            tail: Vec::new(),
        }
    }

    fn take(&mut self, header: Header, frame: Vec<u8>, goes: bool) -> Result<(), RenderError> {
        let side = Side::read(header, &frame).ok_or(SHARED)?;
        let area = frame
            .get(header.main_offset()..)
            .unwrap_or_default()
            .to_vec();
        let start = self.at - len(side.reservoir);
        let end = self.at + len(area.len());
        if start < self.owned_to || start + len(side.main_bytes) > end {
            return Err(SHARED.into());
        }
        match (self.run.is_empty(), goes) {
            (true, true) => self.begin_run(start)?,
            (false, false) => self.end_run(side.reservoir)?,
            _ => {}
        }
        if goes {
            self.run.push(header);
            self.run_bytes += area.len();
        } else {
            let offset = header.main_offset();
            self.held.push_back(Held {
                bytes: frame,
                offset,
                start: self.at,
            });
        }
        self.owned_to = start + len(side.main_bytes);
        self.at = end;
        self.remember(&area);
        self.release(end - len(MAX_RESERVOIR))
    }

    fn remember(&mut self, area: &[u8]) {
        self.tail.extend(area);
        let surplus = self.tail.len().saturating_sub(MAX_RESERVOIR);
        self.tail.drain(..surplus);
    }

    /// Clears what the first emptied frame owned inside frames that stay.
    fn begin_run(&mut self, start: i64) -> Result<(), RenderError> {
        for held in &mut self.held {
            let from = usize::try_from((start - held.start).max(0)).unwrap_or(0);
            if let Some(bytes) = held.bytes.get_mut(held.offset + from..) {
                bytes.fill(0);
            }
        }
        self.release(i64::MAX)
    }

    /// Writes the emptied frames; the next kept frame finds its `reservoir` bytes at their end.
    fn end_run(&mut self, reservoir: usize) -> Result<(), RenderError> {
        let run = std::mem::take(&mut self.run);
        let headers = emptied(&run, self.bit_rate);
        let room: usize = headers
            .iter()
            .map(|it| it.frame_bytes() - it.main_offset())
            .sum();
        if reservoir > room.min(self.run_bytes) {
            return Err(TOO_SHORT.into());
        }
        let carried = &self.tail[self.tail.len() - reservoir..];
        let mut area = 0;
        for header in headers {
            let mut frame = vec![0; header.frame_bytes()];
            frame[..4].copy_from_slice(&header.0);
            for byte in &mut frame[header.main_offset()..] {
                let at = (area + reservoir).checked_sub(room);
                *byte = at.and_then(|at| carried.get(at)).copied().unwrap_or(0);
                area += 1;
            }
            self.out.write_all(&frame)?;
        }
        self.run_bytes = 0;
        Ok(())
    }

    /// Writes held frames whose area ends before `limit`.
    fn release(&mut self, limit: i64) -> Result<(), RenderError> {
        let ends = |held: &Held| held.start + len(held.bytes.len() - held.offset);
        while self.held.front().is_some_and(|held| ends(held) <= limit) {
            if let Some(held) = self.held.pop_front() {
                self.out.write_all(&held.bytes)?;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), RenderError> {
        if !self.run.is_empty() {
            self.end_run(0)?;
        }
        self.release(i64::MAX)
    }
}

const SHARED: AudioError = AudioError::Malformed {
    what: "two of its MPEG frames own the same bytes",
};
const TOO_SHORT: AudioError = AudioError::Malformed {
    what: "a span is shorter than the bit reservoir of the frames around it",
};

fn len(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Headers of emptied frames: no checksum, no joint stereo, and one bit rate that the kept frames
/// decide, or where they have none of their own, the number of frames.
fn emptied(run: &[Header], bit_rate: Option<usize>) -> Vec<Header> {
    let with = |Header([a, b, c, d]): Header, index: usize, mask: u8| {
        let index = u8::try_from(index).unwrap_or(14) << 4;
        Header([a, b | 1, c & mask | index, d & 0xcf])
    };
    if let Some(index) = bit_rate {
        // The padding of a constant bit rate follows from the count of frames.
        return run.iter().map(|&it| with(it, index, 0x0f)).collect();
    }
    let holds = |index: usize| {
        let header = with(run[0], index, 0x0d);
        header.frame_bytes().saturating_sub(header.main_offset()) * run.len() >= MAX_RESERVOIR
    };
    let index = (1..=14).find(|&index| holds(index)).unwrap_or(14);
    run.iter().map(|&it| with(it, index, 0x0d)).collect()
}
