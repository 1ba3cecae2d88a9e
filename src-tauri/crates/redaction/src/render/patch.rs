//! Overwrites replaced ranges in blocks of samples.

use std::io::{Read, Seek};

use crate::{
    audio::AudioError,
    noise::Replacement,
    pcm::PcmReader,
    ranges::{ReplacedRange, channel_count, context_pieces, excluded, fade_frames, fade_weight},
    wav::WavInfo,
};

/// Overwrites ranges in blocks of frames that arrive in order. Blocks that touch no range and no
/// fade may be left out.
pub(super) struct Patcher {
    info: WavInfo,
    fade: u64,
    ranges: Vec<OpenRange>,
}

struct OpenRange {
    range: ReplacedRange,
    source: Replacement,
    /// End of the range before it on the same channel, or 0: the fade in between is shared.
    previous_end: Option<u64>,
    /// Start of the range after it on the same channel.
    next_start: Option<u64>,
}

impl Patcher {
    /// Reads what shapes the noise of every range from around it.
    pub(super) fn new<R: Read + Seek>(
        reader: &mut PcmReader<R>,
        info: &WavInfo,
        ranges: &[ReplacedRange],
    ) -> Result<Self, AudioError> {
        let fade = fade_frames(info.sample_rate_hz);
        let zones = excluded(ranges, fade);
        let mut open = Vec::with_capacity(ranges.len());
        for channel in 0..channel_count(info) {
            let own: Vec<_> = ranges
                .iter()
                .filter(|range| range.channel == channel)
                .collect();
            for (at, range) in own.iter().enumerate() {
                let context = reader.read_channel(channel, &context_pieces(range, &zones, info))?;
                let source = Replacement::new(
                    range.style,
                    range.seed,
                    channel,
                    info.sample_rate_hz,
                    &context,
                );
                let previous_end = at
                    .checked_sub(1)
                    .and_then(|at| own.get(at))
                    .map(|range| range.end_frame);
                let next_start = own.get(at + 1).map(|range| range.start_frame);
                open.push(OpenRange {
                    range: (*range).clone(),
                    source,
                    previous_end,
                    next_start,
                });
            }
        }
        open.sort_by_key(|open| (open.range.start_frame, open.range.channel));
        Ok(Self {
            info: info.clone(),
            fade,
            ranges: open,
        })
    }

    /// Patches the frames from `first` on that `block` holds.
    pub(super) fn patch(&mut self, first: u64, block: &mut [u8]) {
        let frames = (block.len() / self.info.frame_bytes()) as u64;
        let (fade, end) = (self.fade, first + frames);
        for open in &mut self.ranges {
            if open.range.start_frame.saturating_sub(fade) >= end {
                break;
            }
            open.fade_in_front(first, end, fade, &self.info, block);
            open.replace(first, end, &self.info, block);
            open.fade_behind(first, end, fade, &self.info, block);
        }
        self.ranges.retain(|open| open.range.end_frame + fade > end);
    }
}

impl OpenRange {
    fn replace(&mut self, first: u64, end: u64, info: &WavInfo, block: &mut [u8]) {
        for frame in self.range.start_frame.max(first)..self.range.end_frame.min(end) {
            let sample = i32::from(self.source.next_sample()) << 16;
            info.encoding.encode(
                sample,
                sample_bytes(block, frame - first, self.range.channel, info),
            );
        }
    }

    fn fade_in_front(&self, first: u64, end: u64, fade: u64, info: &WavInfo, block: &mut [u8]) {
        let start = self.range.start_frame;
        let from = start
            .saturating_sub(fade)
            .max(self.previous_end.unwrap_or(0));
        for frame in from.max(first)..start.min(end) {
            let near = self.previous_end.map_or(u64::MAX, |end| frame - end + 1);
            let weight = fade_weight((start - frame).min(near), fade);
            scale(
                sample_bytes(block, frame - first, self.range.channel, info),
                weight,
                info,
            );
        }
    }

    /// Leaves frames alone that the next range fades too, so that no frame is scaled twice.
    fn fade_behind(&self, first: u64, end: u64, fade: u64, info: &WavInfo, block: &mut [u8]) {
        let start = self.range.end_frame;
        let next = self
            .next_start
            .map_or(u64::MAX, |next| next.saturating_sub(fade));
        for frame in start.max(first)..(start + fade).min(end).min(info.frames).min(next) {
            let weight = fade_weight(frame - start + 1, fade);
            scale(
                sample_bytes(block, frame - first, self.range.channel, info),
                weight,
                info,
            );
        }
    }
}

fn sample_bytes<'a>(block: &'a mut [u8], frame: u64, channel: u8, info: &WavInfo) -> &'a mut [u8] {
    let width = info.encoding.sample_bytes();
    let frame = usize::try_from(frame).expect("inside the block");
    let at = frame * info.frame_bytes() + usize::from(channel) * width;
    &mut block[at..at + width]
}

fn scale(bytes: &mut [u8], weight: u32, info: &WavInfo) {
    let sample = (i64::from(info.encoding.decode(bytes)) * i64::from(weight)) >> 16;
    let sample = i32::try_from(sample).expect("a weight of at most one");
    info.encoding.encode(sample, bytes);
}
