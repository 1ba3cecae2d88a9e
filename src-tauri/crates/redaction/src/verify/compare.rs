//! Byte comparison of everything outside the replaced ranges.

use std::io::{self, Read, Seek, SeekFrom};

use super::Outcome;
use crate::{
    ranges::{ReplacedRange, channel_count, fade_frames, fade_weight},
    wav::WavInfo,
};

/// Frames compared at a time.
const BLOCK_FRAMES: u64 = 32 * 1024;

/// Two files of the same format and what was replaced between them.
pub(super) struct Pair<'a> {
    pub(super) original: &'a WavInfo,
    pub(super) redacted: &'a WavInfo,
    pub(super) ranges: &'a [ReplacedRange],
}

/// What a frame of one channel must be.
enum Frame {
    Replaced,
    Faded(u32),
    Untouched,
}

impl Pair<'_> {
    /// Outside ranges and fades every byte is the original's; a faded sample is exactly faded.
    pub(super) fn outside_untouched(
        &self,
        original: &mut (impl Read + Seek),
        redacted: &mut (impl Read + Seek),
    ) -> io::Result<Outcome> {
        let ranges: Vec<Vec<&ReplacedRange>> = (0..channel_count(self.original))
            .map(|channel| {
                self.ranges
                    .iter()
                    .filter(|range| range.channel == channel)
                    .collect()
            })
            .collect();
        let (mut was, mut is) = (Vec::new(), Vec::new());
        let mut frame = 0;
        while frame < self.original.frames {
            let len = BLOCK_FRAMES.min(self.original.frames - frame);
            read_block(original, self.original, frame, len, &mut was)?;
            read_block(redacted, self.redacted, frame, len, &mut is)?;
            if was != is
                && let Some(outcome) = self.first_difference(&ranges, frame, &was, &is)
            {
                return Ok(outcome);
            }
            frame += len;
        }
        Ok(Outcome::Passed)
    }

    fn first_difference(
        &self,
        ranges: &[Vec<&ReplacedRange>],
        first: u64,
        was: &[u8],
        is: &[u8],
    ) -> Option<Outcome> {
        let info = self.original;
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
                .zip(ranges);
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
        match kind_of(ranges, frame, fade_frames(self.original.sample_rate_hz)) {
            Frame::Replaced => true,
            Frame::Untouched => false,
            Frame::Faded(weight) => {
                let encoding = self.original.encoding;
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

fn read_block(
    file: &mut (impl Read + Seek),
    info: &WavInfo,
    frame: u64,
    len: u64,
    block: &mut Vec<u8>,
) -> io::Result<()> {
    file.seek(SeekFrom::Start(info.frame_offset(frame)))?;
    block.resize(usize::try_from(len).unwrap_or(0) * info.frame_bytes(), 0);
    file.read_exact(block)
}
