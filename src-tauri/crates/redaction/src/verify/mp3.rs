//! MP3: frames inside ranges are empty, frames outside hold the original's own bits.

use std::io::{Read, Seek, SeekFrom};

use super::{Outcome, Subject};
use crate::{
    audio::AudioError,
    packets::mp3::{self, Header},
    pcm::PcmReader,
    render::{
        mp3::{Side, clock},
        runs::{Clock, Run, from_ranges, run_at},
    },
};

/// Most bytes that a frame's main data lies before it.
const MAX_RESERVOIR: usize = 511;
/// Frames of sound checked at a time.
const STEP: u64 = 64 * 1024;

/// A frame with the main data that is its own, wherever that lies.
#[derive(Debug)]
struct Whole {
    header: Header,
    side: Vec<u8>,
    main: Vec<u8>,
    /// Bytes between the end of the last frame's main data and the start of this one's.
    gap: Vec<u8>,
    /// Where its main data begins in the stream of main data.
    start: usize,
    /// The first byte that is not 0 in the frame's own main data area, in the same stream.
    first_set: Option<usize>,
    place: (u64, u64),
}

/// Puts frames together with their main data.
struct Wholes<R> {
    frames: mp3::Frames<R>,
    clock: Clock,
    /// Samples before the next frame.
    at: u64,
    /// The last bytes of main data, and how many there were before them.
    tail: Vec<u8>,
    before: usize,
    owned_to: usize,
}

impl<R: Read + Seek> Wholes<R> {
    fn open(file: R, subject: &Subject<'_>) -> Result<Self, AudioError> {
        let (frames, track) = mp3::open_any(file)?;
        let clock = clock(&subject.info, track.skipped_frames);
        Ok(Self {
            frames,
            clock,
            at: 0,
            tail: Vec::new(),
            before: 0,
            owned_to: 0,
        })
    }

    fn next(&mut self) -> Result<Option<Whole>, AudioError> {
        let Some((header, frame)) = self.frames.next_frame()? else {
            return Ok(None);
        };
        let side = Side::read(header, &frame).ok_or(BROKEN)?;
        let area_at = self.before + self.tail.len();
        let area = frame.get(header.main_offset()..).unwrap_or_default();
        let first_set = area
            .iter()
            .position(|&byte| byte != 0)
            .map(|at| area_at + at);
        self.tail.extend(area);
        let start = area_at.saturating_sub(side.reservoir);
        let piece = |from: usize, to: usize| {
            let index = |at: usize| at.checked_sub(self.before);
            let range = index(from).zip(index(to)).map(|(from, to)| from..to);
            range
                .and_then(|range| self.tail.get(range))
                .map(<[u8]>::to_vec)
        };
        let end = start + side.main_bytes;
        let whole = Whole {
            header,
            side: frame
                .get(header.side_offset()..header.main_offset())
                .unwrap_or_default()
                .to_vec(),
            main: piece(start, end).ok_or(BROKEN)?,
            gap: piece(self.owned_to.max(self.before).min(start), start).ok_or(BROKEN)?,
            start,
            first_set,
            place: self.clock.place(self.at, header.samples()),
        };
        self.owned_to = end;
        self.at += header.samples();
        let surplus = self.tail.len().saturating_sub(4 * MAX_RESERVOIR);
        self.tail.drain(..surplus);
        self.before += surplus;
        Ok(Some(whole))
    }
}

const BROKEN: AudioError = AudioError::Malformed {
    what: "its MPEG frames cannot be put together",
};

fn runs_of(subject: &Subject<'_>) -> Option<Vec<Run>> {
    from_ranges(subject.ranges, &subject.info)
}

/// Frames inside ranges have nothing in them, and sound like nothing.
pub(super) fn spans_replaced(
    redacted: &mut (impl Read + Seek),
    subject: &Subject<'_>,
) -> Result<Outcome, AudioError> {
    let Some(runs) = runs_of(subject) else {
        return Ok(Outcome::failed(
            "the ranges are not the same on every channel, as MP3 frames are",
        ));
    };
    let mut wholes = Wholes::open(&mut *redacted, subject)?;
    let mut seen = vec![false; runs.len()];
    let mut left = None;
    while let Some(whole) = wholes.next()? {
        let run = run_at(&runs, whole.place);
        if let Some(run) = run {
            seen[run] = true;
            left = left.or(whole.first_set);
        }
        // What stands in an emptied frame belongs to the next kept one, or should not be there.
        let reached = run.is_some() || left.take().is_none_or(|left| left >= whole.start);
        let full = run.is_some() && whole.side.iter().any(|&byte| byte != 0);
        if full || !reached {
            return Ok(Outcome::failed("a frame inside a range is not empty"));
        }
    }
    if left.is_some() {
        return Ok(Outcome::failed(
            "a frame inside the last range is not empty",
        ));
    }
    drop(wholes);
    if seen.contains(&false) {
        return Ok(Outcome::failed("a range holds no frame"));
    }
    sounds_like_nothing(redacted, subject)
}

/// Every sample of every span of the plan is 0 when the file is decoded.
fn sounds_like_nothing(
    redacted: &mut (impl Read + Seek),
    subject: &Subject<'_>,
) -> Result<Outcome, AudioError> {
    let mut audio = PcmReader::open(redacted)?;
    let rate = u64::from(subject.info.sample_rate_hz);
    for span in subject.plan.spans.iter().filter(|span| span.is_replaced()) {
        let end = (span.end_ms * rate).div_ceil(1000).min(subject.info.frames);
        let mut at = span.start_ms * rate / 1000;
        while at < end {
            let to = end.min(at + STEP);
            let samples = audio.read_frames(at, usize::try_from(to - at).unwrap_or(0))?;
            if samples.iter().any(|&sample| sample != 0) {
                let id = &span.id;
                return Ok(Outcome::failed(format!(
                    "span `{id}` does not sound like silence"
                )));
            }
            at = to;
        }
    }
    Ok(Outcome::Passed)
}

/// Frames outside ranges have the original's header, side information and main data.
pub(super) fn outside_untouched(
    original: &mut (impl Read + Seek),
    redacted: &mut (impl Read + Seek),
    subject: &Subject<'_>,
) -> Result<Outcome, AudioError> {
    let runs = runs_of(subject).unwrap_or_default();
    let mut was = Wholes::open(original, subject)?;
    let mut is = Wholes::open(redacted, subject)?;
    let mut was_inside = false;
    loop {
        let (was, is) = match (was.next()?, is.next()?) {
            (Some(was), Some(is)) => (was, is),
            (None, None) => return Ok(Outcome::Passed),
            _ => {
                return Ok(Outcome::failed(
                    "there are more or fewer frames than in the original",
                ));
            }
        };
        let same = was.header == is.header && was.side == is.side && was.main == is.main;
        let inside = run_at(&runs, was.place).is_some();
        if was.place != is.place || !inside && !same {
            return Ok(Outcome::failed(
                "a frame outside every span is not the original's",
            ));
        }
        if inside && !was_inside && !is_cleared(&was.gap, &is.gap) {
            return Ok(Outcome::failed(
                "main data of a replaced frame is left before it",
            ));
        }
        was_inside = inside;
    }
}

/// Before a replaced frame stands what stuffed the frame before, then nothing.
fn is_cleared(stuffing: &[u8], found: &[u8]) -> bool {
    found
        .strip_prefix(stuffing)
        .is_some_and(|rest| rest.iter().all(|&byte| byte == 0))
}

/// There is nothing but frames, and the tag frame says only how long they are.
pub(super) fn only_frames(redacted: &mut (impl Read + Seek)) -> Result<bool, AudioError> {
    let (mut frames, _) = mp3::open_any(&mut *redacted)?;
    let (mut first, mut count, mut len) = (None, 0, 0);
    while let Some((header, frame)) = frames.next_frame()? {
        first = first.or(Some(header));
        count += 1;
        len += frame.len() as u64;
    }
    let tag = frames
        .tag
        .zip(first)
        .map(|(tag, first)| mp3::write_tag(first, tag, count));
    let clean = !frames.junk && !frames.cut;
    drop(frames);
    let tag = tag.unwrap_or_default();
    let mut found = Vec::new();
    redacted.seek(SeekFrom::Start(0))?;
    redacted
        .by_ref()
        .take(tag.len() as u64)
        .read_to_end(&mut found)?;
    Ok(clean && found == tag && redacted.seek(SeekFrom::End(0))? == len + tag.len() as u64)
}
