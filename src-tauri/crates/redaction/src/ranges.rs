//! From milliseconds of a plan to frames of a file, and what lies around a replaced range.

use std::{collections::BTreeMap, fmt};

use domain::{
    ids::SpanId,
    plan::{RedactionPlan, RedactionStyle, merge_ranges},
};

use crate::wav::WavInfo;

/// Length of a fade, in milliseconds. Fades lie strictly outside a range: faded samples can be
/// recovered in principle, which is why spans are padded first.
pub const FADE_MS: u64 = 10;
/// Audio taken on each side of a range to shape the noise, in milliseconds.
pub const CONTEXT_MS: u64 = 2_000;

/// The random number behind the noise of one range; not secret: it proves what the range holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanSeed([u8; 32]);

impl SpanSeed {
    /// Wraps 32 bytes from the operating system's random source.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hex digits.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads 64 hex digits; `None` for anything else.
    pub fn parse(hex: &str) -> Option<Self> {
        let digits = hex.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok()?;
            let valid = pair.bytes().all(|digit| digit.is_ascii_hexdigit());
            *byte = u8::from_str_radix(pair, 16).ok().filter(|_| valid)?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for SpanSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

/// One run of frames on one channel that was replaced, with all that is needed to make it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacedRange {
    /// Channel index in the file.
    pub channel: u8,
    /// First replaced frame.
    pub start_frame: u64,
    /// First frame after the range.
    pub end_frame: u64,
    /// Seed of the noise; unused by silence and tone.
    pub seed: SpanSeed,
    /// How it was replaced.
    pub style: RedactionStyle,
}

/// A span that is replaced has no seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MissingSeed(pub(crate) SpanId);

/// The ranges of all channels, ordered by start, then channel. On one channel they neither touch
/// nor overlap; a range made of several spans uses the seed of the first.
pub(crate) fn replaced_ranges(
    plan: &RedactionPlan,
    info: &WavInfo,
    seeds: &BTreeMap<SpanId, SpanSeed>,
) -> Result<Vec<ReplacedRange>, MissingSeed> {
    let mut ranges = Vec::new();
    for channel in 0..channel_count(info) {
        for (start_frame, end_frame, id) in channel_ranges(plan, info, channel) {
            let seed = *seeds.get(id).ok_or_else(|| MissingSeed(id.clone()))?;
            let style = plan.style;
            ranges.push(ReplacedRange {
                channel,
                start_frame,
                end_frame,
                seed,
                style,
            });
        }
    }
    ranges.sort_by_key(|range| (range.start_frame, range.channel));
    Ok(ranges)
}

fn channel_ranges<'a>(
    plan: &'a RedactionPlan,
    info: &WavInfo,
    channel: u8,
) -> Vec<(u64, u64, &'a SpanId)> {
    let mut edges: Vec<_> = plan
        .spans
        .iter()
        .filter(|span| span.is_replaced() && span.channel.is_none_or(|only| only == channel))
        .map(|span| {
            (
                start_frame(span.start_ms, info),
                end_frame(span.end_ms, plan, info),
                &span.id,
            )
        })
        .filter(|(start, end, _)| start < end)
        .collect();
    edges.sort();
    let mut merged: Vec<(u64, u64, &SpanId)> = Vec::with_capacity(edges.len());
    for (start, end, id) in edges {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end, id)),
        }
    }
    merged
}

fn start_frame(ms: u64, info: &WavInfo) -> u64 {
    (ms.saturating_mul(u64::from(info.sample_rate_hz)) / 1000).min(info.frames)
}

/// Rounded up; a span that reaches the end of the plan reaches the last frame.
fn end_frame(ms: u64, plan: &RedactionPlan, info: &WavInfo) -> u64 {
    if ms >= plan.duration_ms {
        return info.frames;
    }
    ms.saturating_mul(u64::from(info.sample_rate_hz))
        .div_ceil(1000)
        .min(info.frames)
}

pub(crate) fn channel_count(info: &WavInfo) -> u8 {
    u8::try_from(info.channels).expect("MAX_CHANNELS is below 256")
}

pub(crate) fn fade_frames(sample_rate_hz: u32) -> u64 {
    FADE_MS * u64::from(sample_rate_hz) / 1000
}

/// Weight of the original at `distance` frames (from 1) outside a range, of 65536.
///
/// The smooth step `3t² − 2t³` of `t = (distance − 1) / fade`: nothing right at the range, all of it
/// from `fade + 1` frames on.
pub(crate) fn fade_weight(distance: u64, fade: u64) -> u32 {
    let step = distance.saturating_sub(1);
    if step >= fade {
        return 65_536;
    }
    let t = (step << 16) / fade;
    let squared = (t * t) >> 16;
    let weight = (squared * ((3 << 16) - 2 * t)) >> 16;
    u32::try_from(weight).expect("at most 65536")
}

/// All replaced frames of all channels, widened by the fades: what a context must not touch.
pub(crate) fn excluded(ranges: &[ReplacedRange], fade: u64) -> Vec<(u64, u64)> {
    let widen = |range: &ReplacedRange| {
        (
            range.start_frame.saturating_sub(fade),
            range.end_frame.saturating_add(fade),
        )
    };
    merge_ranges(ranges.iter().map(widen).collect())
}

/// The frames whose audio shapes the noise of `range`: up to [`CONTEXT_MS`] before and after it,
/// nearest first on each side, outside every range and fade of every channel; in time order.
pub(crate) fn context_pieces(
    range: &ReplacedRange,
    excluded: &[(u64, u64)],
    info: &WavInfo,
) -> Vec<(u64, u64)> {
    let wanted = CONTEXT_MS * u64::from(info.sample_rate_hz) / 1000;
    let split = excluded.partition_point(|zone| zone.1 <= range.start_frame);
    let (before, after) = excluded.split_at(split);
    let mut pieces = free_before(range.start_frame, before, after.first(), wanted);
    pieces.reverse();
    pieces.extend(free_after(range.end_frame, after, info.frames, wanted));
    pieces
}

fn free_before(
    start: u64,
    before: &[(u64, u64)],
    own: Option<&(u64, u64)>,
    wanted: u64,
) -> Vec<(u64, u64)> {
    let mut end = own.map_or(start, |zone| zone.0.min(start));
    let (mut left, mut pieces) = (wanted, Vec::new());
    let floors = before
        .iter()
        .rev()
        .map(|zone| (zone.1, zone.0))
        .chain([(0, 0)]);
    for (floor, next_end) in floors {
        let from = floor.max(end.saturating_sub(left)).min(end);
        left -= end - from;
        if from < end {
            pieces.push((from, end));
        }
        if left == 0 {
            break;
        }
        end = next_end;
    }
    pieces
}

fn free_after(range_end: u64, after: &[(u64, u64)], frames: u64, wanted: u64) -> Vec<(u64, u64)> {
    let mut zones = after.iter();
    let mut start = zones.next().map_or(range_end, |zone| zone.1.max(range_end));
    let (mut left, mut pieces) = (wanted, Vec::new());
    for (ceiling, next_start) in zones.copied().chain([(frames, frames)]) {
        let to = ceiling.min(frames).min(start.saturating_add(left));
        if start < to {
            pieces.push((start, to));
            left -= to - start;
        }
        if left == 0 {
            break;
        }
        start = next_start;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fades_start_at_nothing_and_end_at_everything() {
        assert_eq!(fade_weight(1, 80), 0);
        assert_eq!(fade_weight(81, 80), 65_536);
        let weights: Vec<_> = (1..=81).map(|distance| fade_weight(distance, 80)).collect();
        assert!(weights.is_sorted());
        assert_eq!(fade_weight(1, 0), 65_536, "rates below 100 Hz have no fade");
    }

    #[test]
    fn context_skips_every_range_and_stays_in_the_file() {
        let info = WavInfo {
            container: crate::wav::Container::Wav,
            encoding: crate::wav::Encoding::Pcm16,
            channels: 1,
            sample_rate_hz: 1000,
            data_offset: 44,
            data_len: 20_000,
            frames: 10_000,
            warnings: vec![],
        };
        let at = |start_frame, end_frame| ReplacedRange {
            channel: 0,
            start_frame,
            end_frame,
            seed: SpanSeed::new([0; 32]),
            style: RedactionStyle::Noise,
        };
        let ranges = [at(1000, 2000), at(3000, 4000), at(4500, 5000)];
        let zones = excluded(&ranges, 10);
        assert_eq!(
            context_pieces(&ranges[1], &zones, &info),
            [(0, 990), (2010, 2990), (4010, 4490), (5010, 6530)]
        );
        let whole = [at(0, 10_000)];
        assert_eq!(context_pieces(&whole[0], &excluded(&whole, 10), &info), []);
    }

    #[test]
    fn seeds_survive_the_round_trip_through_text() {
        let seed = SpanSeed::new(std::array::from_fn(|at| at as u8 * 7));
        assert_eq!(SpanSeed::parse(&seed.hex()), Some(seed));
        for bad in ["", "00", &"g".repeat(64), &"+1".repeat(32), &"é".repeat(32)] {
            assert_eq!(SpanSeed::parse(bad), None, "{bad}");
        }
    }
}
