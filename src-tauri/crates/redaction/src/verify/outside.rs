//! Comparison of every sample outside the replaced ranges, as it is stored or decoded.

use std::io::{Read, Seek};

use super::{Outcome, Subject};
use crate::{
    audio::AudioError,
    pcm::PcmReader,
    ranges::{ReplacedRange, channel_count, fade_frames, fade_weight},
    wav::WavInfo,
};

/// Frames compared at a time.
const BLOCK_FRAMES: u64 = 32 * 1024;

/// What a frame of one channel must be.
enum Frame {
    Replaced,
    Faded(u32),
    Untouched,
}

/// Outside ranges and fades every sample is the original's; a faded sample is exactly faded.
pub(super) fn untouched(
    original: &mut (impl Read + Seek),
    redacted: &mut (impl Read + Seek),
    subject: &Subject<'_>,
) -> Result<Outcome, AudioError> {
    let (mut was, mut is) = (PcmReader::open(original)?, PcmReader::open(redacted)?);
    let info = &subject.info;
    let own = |channel| {
        let ranges = subject.ranges.iter();
        ranges.filter(|range| range.channel == channel).collect()
    };
    let pair = Pair {
        info,
        ranges: (0..channel_count(info)).map(own).collect(),
    };
    let mut frame = 0;
    while frame < info.frames {
        let len = BLOCK_FRAMES.min(info.frames - frame);
        let count = usize::try_from(len).unwrap_or(usize::MAX);
        let (a, b) = (was.read_bytes(frame, count)?, is.read_bytes(frame, count)?);
        if a != b
            && let Some(outcome) = pair.first_difference(frame, &a, &b)
        {
            return Ok(outcome);
        }
        frame += len;
    }
    Ok(Outcome::Passed)
}

/// Two files of the same format, and the ranges of each channel.
struct Pair<'a> {
    info: &'a WavInfo,
    ranges: Vec<Vec<&'a ReplacedRange>>,
}

impl Pair<'_> {
    fn first_difference(&self, first: u64, was: &[u8], is: &[u8]) -> Option<Outcome> {
        let info = self.info;
        let frame_bytes = info.frame_bytes();
        let pairs = was
            .chunks_exact(frame_bytes)
            .zip(is.chunks_exact(frame_bytes));
        for (frame, (was, is)) in (first..).zip(pairs) {
            if was == is {
                continue;
            }
            let width = info.encoding.sample_bytes();
            let samples = was
                .chunks_exact(width)
                .zip(is.chunks_exact(width))
                .zip(&self.ranges);
            for (channel, ((was, is), ranges)) in samples.enumerate() {
                if was != is && !self.allowed(ranges, frame, was, is) {
                    let ms = frame.saturating_mul(1000) / u64::from(info.sample_rate_hz);
                    return Some(Outcome::failed(format!(
                        "channel {channel} differs from the original at {ms} ms, outside every span"
                    )));
                }
            }
        }
        None
    }

    fn allowed(&self, ranges: &[&ReplacedRange], frame: u64, was: &[u8], is: &[u8]) -> bool {
        match kind_of(ranges, frame, fade_frames(self.info.sample_rate_hz)) {
            Frame::Replaced => true,
            Frame::Untouched => false,
            Frame::Faded(weight) => {
                let encoding = self.info.encoding;
                let faded = (i64::from(encoding.decode(was)) * i64::from(weight)) >> 16;
                let mut expected = [0; 4];
                encoding.encode(i32::try_from(faded).unwrap_or(0), &mut expected);
                expected.get(..is.len()) == Some(is)
            }
        }
    }
}

fn kind_of(ranges: &[&ReplacedRange], frame: u64, fade: u64) -> Frame {
    let next = ranges.partition_point(|range| range.end_frame <= frame);
    let ahead = ranges.get(next).map(|range| range.start_frame);
    if ahead.is_some_and(|start| start <= frame) {
        return Frame::Replaced;
    }
    let behind = next
        .checked_sub(1)
        .and_then(|at| ranges.get(at))
        .map(|range| frame - range.end_frame + 1);
    let distance = ahead
        .map(|start| start - frame)
        .into_iter()
        .chain(behind)
        .min();
    match distance {
        Some(distance) if distance <= fade => Frame::Faded(fade_weight(distance, fade)),
        _ => Frame::Untouched,
    }
}
