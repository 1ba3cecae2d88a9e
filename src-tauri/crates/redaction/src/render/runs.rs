//! From replaced ranges to whole packets: which of them must go, and what that replaces.
//!
//! A packet is heard at a place on the timeline. Packets before the beginning (the codec's delay)
//! share the fate of the first that is heard, packets behind the end that of the last.

use domain::plan::{RedactionStyle, merge_ranges};

use crate::ranges::{ReplacedRange, SpanSeed, channel_count};
use crate::wav::WavInfo;

/// How ticks of a codec become frames of the timeline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// Ticks of one frame.
    pub(crate) ticks_per_frame: u64,
    /// Frames before the beginning.
    pub(crate) skipped_frames: u64,
    /// Frames of the recording.
    pub(crate) frames: u64,
}

impl Clock {
    fn frame(&self, tick: u64) -> u64 {
        let frame = (tick / self.ticks_per_frame).saturating_sub(self.skipped_frames);
        frame.min(self.frames)
    }

    /// Where a packet is heard that begins at `tick`.
    pub(crate) fn place(&self, tick: u64, ticks: u64) -> (u64, u64) {
        (self.frame(tick), self.frame(tick + ticks))
    }

    /// Where packets of these lengths are heard.
    pub(crate) fn places(
        &self,
        ticks: impl Iterator<Item = u64>,
    ) -> impl Iterator<Item = (u64, u64)> {
        ticks.scan(0, |at, len| {
            let start = *at;
            *at += len;
            Some(self.place(start, len))
        })
    }
}

/// How far the sound of one packet reaches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// Frames before a range whose packets still hold something of it.
    pub(crate) before: u64,
    /// Frames behind a range whose packets still hold something of it.
    pub(crate) behind: u64,
    /// Whether a packet may hold a copy of the one before it.
    pub(crate) copies: bool,
}

/// A run of packets that is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Frames that are replaced, on every channel.
    pub(crate) frames: (u64, u64),
    pub(crate) seed: SpanSeed,
    pub(crate) style: RedactionStyle,
}

/// Which packets must go, and the runs that they form. Packets hold all channels, so that a range on
/// one channel takes the others with it.
pub(crate) fn choose(
    clock: &Clock,
    ticks: &[u16],
    wanted: &[ReplacedRange],
    reach: Reach,
) -> (Vec<bool>, Vec<Run>) {
    let reached = |range: &ReplacedRange| {
        let start = range.start_frame.saturating_sub(reach.before);
        (start, range.end_frame + reach.behind)
    };
    let zones = merge_ranges(wanted.iter().map(reached).collect());
    let touched = |(start, end): (u64, u64)| {
        let next = zones.partition_point(|zone| zone.1 <= start);
        zones.get(next).is_some_and(|zone| zone.0 < end)
    };
    let places = || clock.places(ticks.iter().map(|&it| it.into()));
    let mut flags: Vec<bool> = places().map(touched).collect();
    if reach.copies {
        for at in (1..flags.len()).rev() {
            flags[at] |= flags[at - 1];
        }
    }
    share_fate(places(), &mut flags);
    let runs = runs(places(), &flags, wanted, reach);
    (flags, runs)
}

/// Packets that are not heard do as the nearest one that is.
fn share_fate(places: impl Iterator<Item = (u64, u64)>, flags: &mut [bool]) {
    let mut heard = places
        .enumerate()
        .filter(|(_, it)| it.0 < it.1)
        .map(|(at, _)| at);
    let Some(first) = heard.next() else {
        return;
    };
    let last = heard.last().unwrap_or(first);
    let (of_first, of_last) = (flags[first], flags[last]);
    flags[..first].fill(of_first);
    flags[last..].fill(of_last);
}

fn runs(
    places: impl Iterator<Item = (u64, u64)>,
    flags: &[bool],
    wanted: &[ReplacedRange],
    reach: Reach,
) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut in_run = false;
    for ((start, end), &goes) in places.zip(flags) {
        match runs.last_mut().filter(|_| in_run && goes) {
            Some(run) => run.frames.1 = end,
            None if goes => {
                let cause = wanted
                    .iter()
                    .find(|range| range.end_frame + reach.behind > start);
                let Some(cause) = cause.or(wanted.last()) else {
                    continue;
                };
                let (seed, style) = (cause.seed, cause.style);
                runs.push(Run {
                    frames: (start, end),
                    seed,
                    style,
                });
            }
            None => {}
        }
        in_run = goes;
    }
    runs
}

/// The runs as ranges of every channel.
pub(crate) fn as_ranges(runs: &[Run], info: &WavInfo) -> Vec<ReplacedRange> {
    let range = |run: &Run, channel| ReplacedRange {
        channel,
        start_frame: run.frames.0,
        end_frame: run.frames.1,
        seed: run.seed,
        style: run.style,
    };
    runs.iter()
        .flat_map(|run| (0..channel_count(info)).map(move |channel| range(run, channel)))
        .collect()
}

/// The runs behind ranges, or `None` when they are not the same on every channel.
pub(crate) fn from_ranges(ranges: &[ReplacedRange], info: &WavInfo) -> Option<Vec<Run>> {
    let of = |channel: u8| {
        let own = ranges.iter().filter(move |range| range.channel == channel);
        own.map(|range| Run {
            frames: (range.start_frame, range.end_frame),
            seed: range.seed,
            style: range.style,
        })
        .collect::<Vec<_>>()
    };
    let first = of(0);
    let ordered = first
        .windows(2)
        .all(|pair| pair[0].frames.1 <= pair[1].frames.0);
    let complete = ranges.len() == first.len() * usize::from(info.channels);
    let same = (1..channel_count(info)).all(|channel| of(channel) == first);
    (ordered && complete && same).then_some(first)
}

/// The run that a packet lies in, if any.
pub(crate) fn run_at(runs: &[Run], (start, end): (u64, u64)) -> Option<usize> {
    let at = runs.partition_point(|run| run.frames.1 < end);
    let inside = |run: &&Run| run.frames.0 <= start && end <= run.frames.1;
    runs.get(at).filter(inside).map(|_| at)
}
