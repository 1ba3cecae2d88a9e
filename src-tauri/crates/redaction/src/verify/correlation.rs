//! Belt and braces: the original's waveform must not be found inside a replaced range.

use std::io::{Read, Seek};

use domain::plan::RedactionStyle;

use super::{Outcome, Subject, place};
use crate::{audio::AudioError, pcm::PcmReader, ranges::ReplacedRange};

/// Lags tried in both directions, in milliseconds.
const MAX_LAG_MS: u64 = 50;
/// Audio looked at per range, in milliseconds; more adds cost and no certainty.
const WINDOW_MS: u64 = 4_000;
/// Replaced audio was never above 0.056, mixed audio at −12 dB never below 0.228 (measured).
const LIMIT: f64 = 0.08;
/// Neighboring speech samples resemble each other; this many count as one independent sample.
const SAMPLES_PER_INDEPENDENT: f64 = 8.0;
/// A sound that resembles itself for longer than this many samples is a tone, such as a dial tone; speech
/// stays below.
const TONE_SAMPLES: f64 = 24.0;
/// RMS below which the original is silent and there is nothing to find.
const SILENT_RMS: f64 = 4.0;

/// Normalized cross-correlation of original and redacted audio in every noise range.
pub(super) fn nothing_left(
    original: &mut (impl Read + Seek),
    redacted: &mut (impl Read + Seek),
    subject: &Subject<'_>,
) -> Result<Outcome, AudioError> {
    let (mut was, mut is) = (PcmReader::open(original)?, PcmReader::open(redacted)?);
    let rate = u64::from(subject.info.sample_rate_hz);
    // A tone or silence is proven to the bit; a tone may resemble a tone in the original.
    for range in subject
        .ranges
        .iter()
        .filter(|range| range.style == RedactionStyle::Noise)
    {
        let window = window(range, rate);
        let a = was.read_channel(range.channel, &[window])?;
        let b = is.read_channel(range.channel, &[window])?;
        let max_lag = usize::try_from(MAX_LAG_MS * rate / 1000).unwrap_or(0);
        let likeness = strongest_likeness(&a, &b, max_lag);
        let independent = (a.len() as f64 / samples_per_independent(&a, &b, max_lag)).max(1.0);
        if likeness > LIMIT.max(6.0 / independent.sqrt()) {
            let place = place(range, &subject.info);
            return Ok(Outcome::failed(format!(
                "range {place} still resembles the original"
            )));
        }
    }
    Ok(Outcome::Passed)
}

fn window(range: &ReplacedRange, rate: u64) -> (u64, u64) {
    let len = (range.end_frame - range.start_frame).min(WINDOW_MS * rate / 1000);
    (range.start_frame, range.start_frame + len)
}

fn strongest_likeness(a: &[i16], b: &[i16], max_lag: usize) -> f64 {
    let (a, b): (Vec<f64>, Vec<f64>) = (without_mean(a), without_mean(b));
    let (energy_a, energy_b) = (energy(&a), energy(&b));
    if energy_a < SILENT_RMS * SILENT_RMS * a.len() as f64 || energy_b == 0.0 {
        return 0.0;
    }
    let scale = (energy_a * energy_b).sqrt();
    let max_lag = max_lag.min(a.len() / 2);
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>().abs();
    let forward = (0..=max_lag).map(|lag| dot(a.get(lag..).unwrap_or(&[]), &b));
    let backward = (1..=max_lag).map(|lag| dot(&a, b.get(lag..).unwrap_or(&[])));
    forward.chain(backward).fold(0.0, f64::max) / scale
}

/// How many samples say as much as one independent sample (Bartlett 1935): two tones of one pitch resemble
/// each other by chance, though neither comes from the other.
fn samples_per_independent(a: &[i16], b: &[i16], max_lag: usize) -> f64 {
    let (a, b) = (without_mean(a), without_mean(b));
    let likeness = |x: &[f64], lag: usize| {
        let later = x.get(lag..).unwrap_or(&[]);
        let product: f64 = x.iter().zip(later).map(|(x, y)| x * y).sum();
        product / energy(x).max(f64::MIN_POSITIVE)
    };
    let lags = 1..=max_lag.min(a.len() / 2);
    let sum: f64 = lags.map(|lag| likeness(&a, lag) * likeness(&b, lag)).sum();
    let samples = 1.0 + 2.0 * sum;
    if samples > TONE_SAMPLES {
        samples
    } else {
        SAMPLES_PER_INDEPENDENT
    }
}

fn without_mean(samples: &[i16]) -> Vec<f64> {
    let mean = samples.iter().map(|&x| f64::from(x)).sum::<f64>() / (samples.len() as f64).max(1.0);
    samples.iter().map(|&x| f64::from(x) - mean).collect()
}

fn energy(samples: &[f64]) -> f64 {
    samples.iter().map(|x| x * x).sum()
}
