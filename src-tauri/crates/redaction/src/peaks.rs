//! Waveform peaks and levels for display.
//!
//! Peaks of an original hold the envelope of what was said, so only peaks of redacted audio may
//! leave the building.

use std::io::{self, Read, Seek};

use crate::pcm::PcmReader;

/// Finest resolution that is drawn; more points than samples would be pointless.
pub const MAX_POINTS_PER_SECOND: u32 = 1_000;

/// Minimum and maximum of equal stretches of audio, per channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peaks {
    /// Frames behind one point; the last point may have fewer.
    pub frames_per_point: u32,
    /// Sample rate of the audio.
    pub sample_rate_hz: u32,
    /// For each channel, (lowest, highest) sample of each point, divided by 256 toward zero.
    pub channels: Vec<Vec<(i8, i8)>>,
}

impl Peaks {
    /// The same peaks with `factor` points made into one: the next coarser zoom.
    pub fn coarser(&self, factor: u32) -> Self {
        let factor = factor.max(1);
        let join = |points: &[(i8, i8)]| {
            let low = points.iter().map(|point| point.0).min().unwrap_or(0);
            (low, points.iter().map(|point| point.1).max().unwrap_or(0))
        };
        let channels = self
            .channels
            .iter()
            .map(|points| points.chunks(factor as usize).map(join).collect());
        Self {
            frames_per_point: self.frames_per_point.saturating_mul(factor),
            sample_rate_hz: self.sample_rate_hz,
            channels: channels.collect(),
        }
    }
}

/// Peaks of the whole file in one pass.
///
/// # Errors
/// When the audio cannot be read.
pub fn peaks<R: Read + Seek>(
    audio: &mut PcmReader<R>,
    points_per_second: u32,
) -> io::Result<Peaks> {
    let info = audio.info().clone();
    let wanted = points_per_second.clamp(1, MAX_POINTS_PER_SECOND);
    let frames_per_point = (info.sample_rate_hz / wanted).max(1);
    let mut channels = vec![Vec::new(); usize::from(info.channels)];
    // A whole number of points per read, so that no point spans two reads.
    let points = (64 * 1024 / frames_per_point).max(1);
    let step = u64::from(points) * u64::from(frames_per_point);
    for start in (0..info.frames).step_by(usize::try_from(step).unwrap_or(usize::MAX)) {
        let samples = audio.read_frames(start, usize::try_from(step).unwrap_or(usize::MAX))?;
        let width = frames_per_point as usize * channels.len();
        for point in samples.chunks(width) {
            push_point(&mut channels, point);
        }
    }
    Ok(Peaks {
        frames_per_point,
        sample_rate_hz: info.sample_rate_hz,
        channels,
    })
}

fn push_point(channels: &mut [Vec<(i8, i8)>], samples: &[i16]) {
    let width = channels.len();
    if LANES.is_multiple_of(width) {
        let (low, high) = extremes(samples);
        // A last point shorter than a frame in every lane has lanes without a sample.
        let own = |lanes: [i16; LANES], at: usize| {
            let filled = samples.len().min(LANES);
            lanes.into_iter().take(filled).skip(at).step_by(width)
        };
        for (at, channel) in channels.iter_mut().enumerate() {
            channel.push((
                eight_bits(own(low, at).min()),
                eight_bits(own(high, at).max()),
            ));
        }
        return;
    }
    for (at, channel) in channels.iter_mut().enumerate() {
        let own = || samples.iter().skip(at).step_by(width).copied();
        channel.push((eight_bits(own().min()), eight_bits(own().max())));
    }
}

/// Samples compared at once, which processors can do with 16-bit numbers.
const LANES: usize = 16;

/// Least and greatest of every sixteenth sample.
fn extremes(samples: &[i16]) -> ([i16; LANES], [i16; LANES]) {
    let (mut low, mut high) = ([i16::MAX; LANES], [i16::MIN; LANES]);
    let blocks = samples.chunks_exact(LANES);
    for (lane, &sample) in blocks.remainder().iter().enumerate() {
        low[lane] = low[lane].min(sample);
        high[lane] = high[lane].max(sample);
    }
    for block in blocks {
        for lane in 0..LANES {
            low[lane] = low[lane].min(block[lane]);
            high[lane] = high[lane].max(block[lane]);
        }
    }
    (low, high)
}

/// Division truncates toward zero, as audiowaveform's 8-bit format does.
fn eight_bits(sample: Option<i16>) -> i8 {
    i8::try_from(sample.unwrap_or(0) / 256).expect("a 16-bit sample divided by 256 fits 8 bits")
}

/// Root mean square of each channel per stretch of `stretch_ms`, in 16-bit sample units.
///
/// # Errors
/// When the audio cannot be read.
pub fn levels<R: Read + Seek>(
    audio: &mut PcmReader<R>,
    stretch_ms: u32,
) -> io::Result<Vec<Vec<u16>>> {
    let info = audio.info().clone();
    let stretch = (u64::from(info.sample_rate_hz) * u64::from(stretch_ms) / 1000).max(1);
    let per_read = (64 * 1024 / stretch).max(1) * stretch;
    let width = usize::from(info.channels);
    let mut levels = vec![Vec::new(); width];
    let mut start = 0;
    while start < info.frames {
        let samples = audio.read_frames(start, usize::try_from(per_read).unwrap_or(usize::MAX))?;
        let stretch_samples = usize::try_from(stretch)
            .unwrap_or(usize::MAX)
            .saturating_mul(width);
        for piece in samples.chunks(stretch_samples) {
            push_levels(&mut levels, piece);
        }
        start += per_read;
    }
    Ok(levels)
}

/// As [`rms`] of every channel, for the usual ones in one pass.
fn push_levels(levels: &mut [Vec<u16>], samples: &[i16]) {
    let frames = (samples.len() / levels.len()) as u64;
    if let [left, right] = levels {
        let (mut a, mut b) = (0_u64, 0_u64);
        for frame in samples.chunks_exact(2) {
            a += u64::from(i32::from(frame[0]).pow(2).cast_unsigned());
            b += u64::from(i32::from(frame[1]).pow(2).cast_unsigned());
        }
        left.push(root(a, frames));
        right.push(root(b, frames));
        return;
    }
    let width = levels.len();
    for (at, channel) in levels.iter_mut().enumerate() {
        channel.push(rms(samples.iter().skip(at).step_by(width)));
    }
}

fn rms<'a>(samples: impl Iterator<Item = &'a i16>) -> u16 {
    let (mut energy, mut count) = (0_u64, 0_u64);
    for &sample in samples {
        energy += u64::from(sample.unsigned_abs()).pow(2);
        count += 1;
    }
    root(energy, count)
}

fn root(energy: u64, count: u64) -> u16 {
    u16::try_from((energy / count.max(1)).isqrt()).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_ways_find_what_slow_ones_do() {
        let samples: Vec<i16> = (0..997_i32)
            .map(|at| (at * at % 65_536 * 7_919 % 65_536 - 32_768) as i16)
            .collect();
        for width in [1, 2, 3, 4] {
            for frames in [1, 2, 7, 8, 15, 16, 17, 100, 240] {
                let samples = &samples[..frames * width];
                let own = |at: usize| samples.iter().skip(at).step_by(width).copied();
                let mut peaks = vec![vec![]; width];
                push_point(&mut peaks, samples);
                let mut levels = vec![vec![]; width];
                push_levels(&mut levels, samples);
                for at in 0..width {
                    let slow = (eight_bits(own(at).min()), eight_bits(own(at).max()));
                    assert_eq!(peaks[at], [slow], "{width} {frames}");
                    let level = rms(samples.iter().skip(at).step_by(width));
                    assert_eq!(levels[at], [level], "{width} {frames}");
                }
            }
        }
    }
}
