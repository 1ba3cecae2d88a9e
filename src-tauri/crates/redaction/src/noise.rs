//! What replaces speech: seeded noise, silence or a tone. Version 1 of the generator.
//!
//! Integers only, so that every machine makes the same samples. The definition, in 16-bit samples:
//!
//! **Context.** Samples of the same channel outside every range and fade ([`crate::ranges`]): up to
//! 2 s before and 2 s after. With fewer than 0.1 s of it, or an RMS below 8, the fallback holds.
//!
//! **Level.** `rms = ⌊√(Σx² / n)⌋` of the context, halved (−6 dB), clamped to 184…3276
//! (−45…−20 dBFS). Fallback: 184.
//!
//! **Shape.** Autocorrelation of lags 0…16, shifted right until lag 0 is below 2³¹; lag 0 grows by
//! 1/256 of itself + 1. The Schur recursion gives 16 reflection coefficients in Q15, each
//! `r = −P₁·2¹⁵ / P₀` (division truncates, products shift right by 15), clamped to ±31500.
//! Fallback: `−22000, 9000, −3000` and zeros.
//!
//! **Excitation.** ChaCha20 (RFC 8439 block function, 64-bit counter from 0, 64-bit nonce = channel
//! index), key = seed. Each sample takes two 32-bit words: the sum of their four signed 16-bit
//! halves, which is near Gaussian with standard deviation 37837. It is scaled to
//! `level · √Π(1 − r²)` in Q8 (at least 16), so that the filter's output has the level.
//!
//! **Filter.** All-pole lattice, state in Q8: for m = 16…1 `f −= ` … see `Lattice::step`. The first
//! 256 outputs are dropped. Output is `f / 256`, clamped to 16 bits.
//!
//! Nothing above depends on a sample inside a range, and the level is constant over it.

use domain::plan::RedactionStyle;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};

use crate::ranges::SpanSeed;

/// Name and version of the generator, for manifests.
pub const GENERATOR: &str = "sar-noise-1";

const ORDER: usize = 16;
/// −45 dBFS.
const MIN_LEVEL: u64 = 184;
/// −20 dBFS.
const MAX_LEVEL: u64 = 3276;
/// Below this the context is digital silence, which has no shape.
const MIN_CONTEXT_RMS: u64 = 8;
/// Keeps the lattice well inside stability.
const MAX_REFLECTION: i64 = 31_500;
/// Standard deviation of the sum of four uniform 16-bit numbers.
const EXCITATION_DEVIATION: i64 = 37_837;
/// Outputs dropped until the filter has forgotten its empty start.
const WARM_UP: usize = 256;
/// A gentle slope like that of telephone speech.
const FALLBACK_SHAPE: [i64; 3] = [-22_000, 9_000, -3_000];
const TONE_HZ: u64 = 1_000;
/// −20 dBFS.
const TONE_AMPLITUDE: i64 = 3_277;

/// Makes the samples of one range, one after the other.
#[derive(Debug)]
pub struct Replacement(Kind);

#[derive(Debug)]
enum Kind {
    Silence,
    Tone { phase: u32, step: u32 },
    Noise(Box<Noise>),
}

impl Replacement {
    /// Starts a range. `context` is read by noise only.
    pub fn new(
        style: RedactionStyle,
        seed: SpanSeed,
        channel: u8,
        rate_hz: u32,
        context: &[i16],
    ) -> Self {
        Self(match style {
            RedactionStyle::Silence => Kind::Silence,
            RedactionStyle::Tone => Kind::Tone {
                phase: 0,
                step: tone_step(rate_hz),
            },
            RedactionStyle::Noise => {
                Kind::Noise(Box::new(Noise::new(seed, channel, rate_hz, context)))
            }
        })
    }

    /// The next sample.
    pub fn next_sample(&mut self) -> i16 {
        match &mut self.0 {
            Kind::Silence => 0,
            Kind::Tone { phase, step } => {
                let sample = sine(*phase);
                *phase = phase.wrapping_add(*step);
                sample
            }
            Kind::Noise(noise) => noise.next_sample(),
        }
    }
}

fn tone_step(rate_hz: u32) -> u32 {
    u32::try_from((TONE_HZ << 32) / u64::from(rate_hz.max(1)) % (1 << 32))
        .expect("taken modulo 2^32")
}

/// Bhaskara's approximation of the sine, within 0.2 % of the amplitude; 2³² is a full turn.
fn sine(phase: u32) -> i16 {
    const HALF: i64 = 1 << 15;
    let turn = i64::from(phase >> 16);
    let x = turn % HALF;
    let arch = x * (HALF - x);
    let value = TONE_AMPLITUDE * 16 * arch / (5 * HALF * HALF - 4 * arch);
    clamp_16(if turn < HALF { value } else { -value })
}

#[derive(Debug)]
struct Noise {
    random: ChaCha20Rng,
    gain_q8: i64,
    lattice: Lattice,
}

impl Noise {
    fn new(seed: SpanSeed, channel: u8, rate_hz: u32, context: &[i16]) -> Self {
        let (level, reflections) = shape(context, rate_hz);
        let mut random = ChaCha20Rng::from_seed(*seed.as_bytes());
        random.set_stream(u64::from(channel));
        let gain_q8 = excitation_q8(level, &reflections);
        let mut noise = Self {
            random,
            gain_q8,
            lattice: Lattice {
                reflections,
                state: [0; ORDER + 1],
            },
        };
        for _ in 0..WARM_UP {
            noise.next_sample();
        }
        noise
    }

    fn next_sample(&mut self) -> i16 {
        let sum = halves(self.random.next_u32()) + halves(self.random.next_u32());
        let out = self.lattice.step(sum * self.gain_q8 / EXCITATION_DEVIATION);
        clamp_16(out / 256)
    }
}

/// Sum of the two signed 16-bit halves of a word.
fn halves(word: u32) -> i64 {
    let [a, b, c, d] = word.to_le_bytes();
    i64::from(i16::from_le_bytes([a, b])) + i64::from(i16::from_le_bytes([c, d]))
}

#[derive(Debug)]
struct Lattice {
    reflections: [i64; ORDER],
    state: [i64; ORDER + 1],
}

impl Lattice {
    /// `f ← f − r[m]·b[m]`, then `b[m+1] ← b[m] + r[m]·f`, for m from the last stage to the first;
    /// the output is `f`, which becomes `b[0]`. Products shift right by 15.
    fn step(&mut self, input: i64) -> i64 {
        let mut forward = input;
        for (stage, reflection) in self.reflections.iter().enumerate().rev() {
            forward -= (reflection * self.state[stage]) >> 15;
            self.state[stage + 1] = self.state[stage] + ((reflection * forward) >> 15);
        }
        self.state[0] = forward;
        forward
    }
}

/// Level and reflection coefficients of the noise for a context.
fn shape(context: &[i16], rate_hz: u32) -> (u64, [i64; ORDER]) {
    let correlation = autocorrelation(context);
    let energy = correlation[0].unsigned_abs();
    let rms = (energy / (context.len() as u64).max(1)).isqrt();
    if context.len() < rate_hz as usize / 10 || rms < MIN_CONTEXT_RMS {
        let mut reflections = [0; ORDER];
        reflections[..FALLBACK_SHAPE.len()].copy_from_slice(&FALLBACK_SHAPE);
        return (MIN_LEVEL, reflections);
    }
    ((rms / 2).clamp(MIN_LEVEL, MAX_LEVEL), schur(correlation))
}

fn autocorrelation(samples: &[i16]) -> [i64; ORDER + 1] {
    std::array::from_fn(|lag| {
        let later = samples.get(lag..).unwrap_or(&[]);
        samples
            .iter()
            .zip(later)
            .map(|(&a, &b)| i64::from(a) * i64::from(b))
            .sum()
    })
}

/// The Schur (Le Roux–Gueguen) recursion in fixed point.
fn schur(mut p: [i64; ORDER + 1]) -> [i64; ORDER] {
    let shift = 64_u32
        .saturating_sub(p[0].leading_zeros())
        .saturating_sub(31);
    p = p.map(|value| value >> shift);
    p[0] += p[0] / 256 + 1;
    let mut k = p;
    let mut reflections = [0; ORDER];
    for (stage, reflection) in reflections.iter_mut().enumerate() {
        if p[0] <= 0 {
            break;
        }
        let r = (-p[1] * (1 << 15) / p[0]).clamp(-MAX_REFLECTION, MAX_REFLECTION);
        *reflection = r;
        p[0] += (p[1] * r) >> 15;
        for m in 1..ORDER - stage {
            let next = p[m + 1];
            p[m] = next + ((k[m] * r) >> 15);
            k[m] += (next * r) >> 15;
        }
    }
    reflections
}

/// `level · √Π(1 − r²)` in Q8, at least 16.
fn excitation_q8(level: u64, reflections: &[i64; ORDER]) -> i64 {
    const ONE: u64 = 1 << 30;
    let product = reflections.iter().fold(ONE, |product, r| {
        (product * (ONE - (r * r).unsigned_abs())) >> 30
    });
    let scaled = (level * 256 * product.isqrt()) >> 15;
    i64::try_from(scaled.max(16)).expect("below 2^24")
}

fn clamp_16(value: i64) -> i16 {
    let clamped = value.clamp(i64::from(i16::MIN), i64::from(i16::MAX));
    i16::try_from(clamped).expect("clamped to 16 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(style: RedactionStyle, seed: u8, context: &[i16]) -> Vec<i16> {
        let mut source = Replacement::new(style, SpanSeed::new([seed; 32]), 1, 8000, context);
        (0..16_000).map(|_| source.next_sample()).collect()
    }

    fn rms(samples: &[i16]) -> f64 {
        let energy: f64 = samples.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        (energy / samples.len() as f64).sqrt()
    }

    /// A deterministic low-pass signal, as speech is.
    fn low_pass(amplitude: i32) -> Vec<i16> {
        let mut random = ChaCha20Rng::from_seed([9; 32]);
        let mut last = 0_i32;
        let mut next = || {
            last = last * 15 / 16 + (random.next_u32() as i32 >> 16) * amplitude / 32_768;
            last as i16
        };
        (0..32_000).map(|_| next()).collect()
    }

    #[test]
    fn the_level_is_six_decibels_below_the_context_and_clamped() {
        let context = low_pass(1000);
        let ratio = rms(&make(RedactionStyle::Noise, 1, &context)) / rms(&context);
        assert!((0.40..0.62).contains(&ratio), "{ratio}");
        let loud = rms(&make(RedactionStyle::Noise, 1, &low_pass(20_000)));
        assert!((2500.0..4200.0).contains(&loud), "{loud}");
        for quiet in [&[][..], &[0; 8000], &[3; 8000]] {
            let level = rms(&make(RedactionStyle::Noise, 1, quiet));
            assert!((140.0..240.0).contains(&level), "{level}");
        }
    }

    #[test]
    fn the_noise_has_the_slope_of_its_context() {
        let neighbors = |samples: &[i16]| {
            let pairs: f64 = samples
                .windows(2)
                .map(|w| f64::from(w[0]) * f64::from(w[1]))
                .sum();
            pairs
                / samples
                    .iter()
                    .map(|&x| f64::from(x) * f64::from(x))
                    .sum::<f64>()
        };
        let shaped = make(RedactionStyle::Noise, 1, &low_pass(1000));
        assert!(neighbors(&shaped) > 0.85, "{}", neighbors(&shaped));
    }

    #[test]
    fn hostile_contexts_do_not_break_the_filter() {
        let square: Vec<i16> = (0..8000)
            .map(|at| if at / 40 % 2 == 0 { i16::MAX } else { i16::MIN })
            .collect();
        for context in [
            vec![i16::MIN; 40_000],
            square,
            (0..8000).map(|at| (at % 2) * 30_000).collect(),
        ] {
            let samples = make(RedactionStyle::Noise, 3, &context);
            assert!(rms(&samples) < 12_000.0, "{}", rms(&samples));
        }
    }

    #[test]
    fn seeds_and_channels_give_unrelated_noise() {
        let context = low_pass(1000);
        let (a, b) = (
            make(RedactionStyle::Noise, 1, &context),
            make(RedactionStyle::Noise, 2, &context),
        );
        let dot: f64 = a
            .iter()
            .zip(&b)
            .map(|(&x, &y)| f64::from(x) * f64::from(y))
            .sum();
        let likeness = dot / (a.len() as f64 * rms(&a) * rms(&b));
        assert!(likeness.abs() < 0.1, "{likeness}");
    }

    #[test]
    fn tone_and_silence_are_what_they_say() {
        assert!(
            make(RedactionStyle::Silence, 1, &[])
                .iter()
                .all(|&x| x == 0)
        );
        let tone = make(RedactionStyle::Tone, 1, &[]);
        assert_eq!(tone[..9], [0, 2313, 3277, 2313, 0, -2313, -3277, -2313, 0]);
    }

    // Golden values: a change here breaks every manifest that was ever delivered.
    #[test]
    fn the_generator_never_changes() {
        let samples = make(RedactionStyle::Noise, 7, &low_pass(1000));
        assert_eq!(samples[..8], GOLDEN);
        let fallback = make(RedactionStyle::Noise, 7, &[]);
        assert_eq!(fallback[..8], GOLDEN_FALLBACK);
    }

    const GOLDEN: [i16; 8] = [591, 465, 133, -76, -483, -734, -708, -678];
    const GOLDEN_FALLBACK: [i16; 8] = [89, 56, -107, -199, -318, -349, -224, -111];
}
