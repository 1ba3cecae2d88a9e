//! Opus: packets inside ranges are made again from their seeds, packets outside compared.

use std::io::{Read, Seek, SeekFrom};

use super::{Outcome, Subject};
use crate::{
    audio::AudioError,
    packets::{Packets, ogg::Writer},
    render::{
        opus::{Replaced, Stream, comment_header},
        runs::{Run, from_ranges, run_at},
    },
    wav::WavInfo,
};

const UNEVEN: &str = "the ranges are not the same on every channel, as Opus packets are";

/// Every packet inside a range is the one that its seed gives.
pub(super) fn spans_replaced(
    redacted: &mut (impl Read + Seek),
    subject: &Subject<'_>,
) -> Result<Outcome, AudioError> {
    let Some(runs) = from_ranges(subject.ranges, &subject.info) else {
        return Ok(Outcome::failed(UNEVEN));
    };
    let (mut packets, _) = Packets::open(redacted)?;
    let stream = Stream::measure(&mut packets, &subject.info)?;
    let mut at = None;
    let mut expected = None;
    let mut seen = vec![false; runs.len()];
    for (place, ticks) in numbered(&stream) {
        let Some(packet) = packets.next()? else {
            break;
        };
        let run = run_at(&runs, place);
        if run != at {
            at = run;
            expected = run.and_then(|run| {
                seen[run] = true;
                Replaced::new(&runs[run], total_ticks(&stream, &runs, run), &subject.info)
            });
        }
        let made = expected.as_mut().map(Iterator::next);
        let as_expected = match (run, made) {
            (None, _) => true,
            (Some(_), Some(Some(Some((made, length))))) => made == packet && length == ticks,
            (Some(_), _) => false,
        };
        if !as_expected {
            return Ok(wrong(run.and_then(|run| runs.get(run)), &subject.info));
        }
    }
    Ok(match seen.iter().position(|seen| !seen) {
        Some(run) => wrong(runs.get(run), &subject.info),
        None => Outcome::Passed,
    })
}

fn wrong(run: Option<&Run>, info: &WavInfo) -> Outcome {
    let (start, end) = run.map_or((0, 0), |run| run.frames);
    let ms = |frame: u64| frame.saturating_mul(1000) / u64::from(info.sample_rate_hz);
    Outcome::failed(format!(
        "range {}-{} ms holds other packets than its seed gives",
        ms(start),
        ms(end)
    ))
}

fn numbered(stream: &Stream) -> impl Iterator<Item = ((u64, u64), u64)> {
    let ticks = || stream.ticks.iter().map(|&it| u64::from(it));
    stream.clock.places(ticks()).zip(ticks())
}

fn total_ticks(stream: &Stream, runs: &[Run], run: usize) -> u64 {
    let inside = numbered(stream).filter(|(place, _)| run_at(runs, *place) == Some(run));
    inside.map(|(_, ticks)| ticks).sum()
}

/// Every packet outside the ranges is the original's, in order and at the same time.
pub(super) fn outside_untouched(
    original: &mut (impl Read + Seek),
    redacted: &mut (impl Read + Seek),
    subject: &Subject<'_>,
) -> Result<Outcome, AudioError> {
    let mut was = Kept::open(original, subject)?;
    let mut is = Kept::open(redacted, subject)?;
    loop {
        match (was.next()?, is.next()?) {
            (None, None) => return Ok(Outcome::Passed),
            (Some(was), Some(is)) if was == is => {}
            _ => {
                return Ok(Outcome::failed(
                    "a packet outside every span is not the original's",
                ));
            }
        }
    }
}

/// A packet and where it is heard.
type Placed = ((u64, u64), Vec<u8>);

/// The packets outside the ranges.
struct Kept<R> {
    packets: Packets<R>,
    stream: Stream,
    runs: Vec<Run>,
    at: usize,
    /// Ticks before the next packet.
    tick: u64,
}

impl<R: Read + Seek> Kept<R> {
    fn open(file: R, subject: &Subject<'_>) -> Result<Self, AudioError> {
        let (mut packets, _) = Packets::open(file)?;
        let stream = Stream::measure(&mut packets, &subject.info)?;
        let runs = from_ranges(subject.ranges, &subject.info).unwrap_or_default();
        Ok(Self {
            packets,
            stream,
            runs,
            at: 0,
            tick: 0,
        })
    }

    fn next(&mut self) -> Result<Option<Placed>, AudioError> {
        while let Some(packet) = self.packets.next()? {
            let ticks = self.stream.ticks.get(self.at).copied().unwrap_or(0).into();
            let place = self.stream.clock.place(self.tick, ticks);
            self.at += 1;
            self.tick += ticks;
            if run_at(&self.runs, place).is_none() {
                return Ok(Some((place, packet)));
            }
        }
        Ok(None)
    }
}

/// Written again from its packets, the file is the same: there is no room for anything else.
pub(super) fn only_packets(
    redacted: &mut (impl Read + Seek),
    info: &WavInfo,
) -> Result<bool, AudioError> {
    let (mut packets, _) = Packets::open(&mut *redacted)?;
    let stream = Stream::measure(&mut packets, info)?;
    let mut writer = Writer::new();
    let mut written = Vec::new();
    let (mut at, mut pages) = (0_u64, Vec::new());
    written.extend(writer.header(stream.head.bytes()));
    written.extend(writer.header(comment_header()));
    for &ticks in &stream.ticks {
        let Some(packet) = packets.next()? else {
            break;
        };
        at += u64::from(ticks);
        if let Some(page) = writer.packet(packet, at) {
            pages.push(page_digest(&page));
        }
    }
    let end = u64::from(stream.head.pre_skip) + info.frames * stream.clock.ticks_per_frame;
    let last = writer.finish(end.min(at));
    drop(packets);
    redacted.seek(SeekFrom::Start(0))?;
    let mut same = takes(redacted, &written)?;
    for (len, digest) in pages {
        let mut page = vec![0; len];
        same =
            same && redacted.read_exact(&mut page).is_ok() && page_digest(&page) == (len, digest);
    }
    let mut rest = Vec::new();
    redacted
        .take(last.len() as u64 + 1)
        .read_to_end(&mut rest)?;
    Ok(same && rest == last)
}

fn takes(file: &mut impl Read, bytes: &[u8]) -> Result<bool, AudioError> {
    let mut found = Vec::new();
    file.take(bytes.len() as u64).read_to_end(&mut found)?;
    Ok(found == bytes)
}

/// Length and digest of a page: the pages themselves would be the whole file in memory.
fn page_digest(page: &[u8]) -> (usize, [u8; 32]) {
    use sha2::{Digest, Sha256};
    (page.len(), Sha256::digest(page).into())
}

#[cfg(test)]
mod tests {
    use domain::plan::RedactionStyle;

    use super::*;
    use crate::{
        ranges::{ReplacedRange, SpanSeed},
        wav::{Container, Encoding},
    };

    #[test]
    fn ranges_of_one_channel_only_are_no_runs_of_packets() {
        let range = |channel| ReplacedRange {
            channel,
            start_frame: 0,
            end_frame: 960,
            seed: SpanSeed::new([1; 32]),
            style: RedactionStyle::Noise,
        };
        let info = WavInfo {
            container: Container::Wav,
            encoding: Encoding::Pcm16,
            channels: 2,
            sample_rate_hz: 48_000,
            data_offset: 44,
            data_len: 0,
            frames: 0,
            warnings: vec![],
        };
        assert_eq!(from_ranges(&[range(0)], &info), None);
        assert!(from_ranges(&[range(0), range(1)], &info).is_some());
    }
}
