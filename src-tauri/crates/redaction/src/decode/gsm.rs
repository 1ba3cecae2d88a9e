//! GSM 06.10 full rate, decoded to the bit as the standard's fixed-point arithmetic has it.
// ETSI EN 300 961; the packing of two frames into 65 bytes is Microsoft's (WAVE tag 0x31).

use super::{Codec, Damaged};

/// Bits of one frame of 160 samples.
const FRAME_BITS: usize = 260;
/// Two frames.
pub(super) const BLOCK_BYTES: usize = 65;
const LAR_BITS: [usize; 8] = [6, 6, 5, 5, 4, 4, 3, 3];
/// Offset, least code and inverse step of each log area ratio (table 4.1, scaled).
const LAR: [(i32, i32, i32); 8] = [
    (0, -32, 13_107),
    (0, -32, 13_107),
    (2048, -16, 13_107),
    (-2560, -16, 13_107),
    (94, -8, 19_223),
    (-1792, -8, 17_476),
    (-341, -4, 31_454),
    (-1144, -4, 29_708),
];
/// Normalized direct mantissas of the block amplitude (table 4.6).
const MANTISSA: [i32; 8] = [
    18_431, 20_479, 22_527, 24_575, 26_623, 28_671, 30_719, 32_767,
];
/// Gains of the long-term predictor (table 4.3b).
const GAIN: [i32; 4] = [3277, 11_469, 21_299, 32_767];
const SUBFRAME: usize = 40;
/// Longest lag of the long-term predictor.
const HISTORY: usize = 120;

/// The decoder's memory.
#[derive(Debug)]
pub(super) struct Gsm {
    /// Reconstructed residual: history, then the present subframe.
    residual: [i32; HISTORY + SUBFRAME],
    lag: usize,
    lar: [i32; 8],
    lattice: [i32; 9],
    deemphasis: i32,
}

impl Gsm {
    pub(super) const fn new() -> Self {
        Self {
            residual: [0; HISTORY + SUBFRAME],
            lag: SUBFRAME,
            lar: [0; 8],
            lattice: [0; 9],
            deemphasis: 0,
        }
    }

    fn frame(&mut self, bits: &mut Bits<'_>, out: &mut Vec<i16>) {
        let mut codes = [0; 8];
        for (code, width) in codes.iter_mut().zip(LAR_BITS) {
            *code = bits.take(width);
        }
        let mut excitation = [0; 4 * SUBFRAME];
        for part in excitation.chunks_exact_mut(SUBFRAME) {
            self.subframe(bits, part);
        }
        self.synthesize(&codes, &excitation, out);
    }

    /// Grid samples plus what the long-term predictor repeats.
    fn subframe(&mut self, bits: &mut Bits<'_>, out: &mut [i32]) {
        let lag = usize::try_from(bits.take(7)).unwrap_or(0);
        let gain = GAIN[usize::try_from(bits.take(2)).unwrap_or(0)];
        let grid = usize::try_from(bits.take(2)).unwrap_or(0);
        let amplitude = bits.take(6);
        let mut pulses = [0; SUBFRAME];
        for pulse in 0..13 {
            pulses[grid + 3 * pulse] = pulse_value(bits.take(3), amplitude);
        }
        if (SUBFRAME..=HISTORY).contains(&lag) {
            self.lag = lag;
        }
        for (at, pulse) in pulses.into_iter().enumerate() {
            let repeated = round_product(gain, self.residual[HISTORY + at - self.lag]);
            self.residual[HISTORY + at] = saturate(pulse + repeated);
        }
        out.copy_from_slice(&self.residual[HISTORY..]);
        self.residual.copy_within(SUBFRAME.., 0);
    }

    /// Short-term synthesis with log area ratios that glide from the last frame to this one.
    fn synthesize(&mut self, codes: &[i32; 8], excitation: &[i32], out: &mut Vec<i16>) {
        let now: [i32; 8] = std::array::from_fn(|at| decoded_ratio(codes[at], LAR[at]));
        let before = std::mem::replace(&mut self.lar, now);
        let mix = |weight: fn(i32, i32) -> i32| -> [i32; 8] {
            std::array::from_fn(|at| reflection(weight(before[at], now[at])))
        };
        let parts = [
            (
                0..13,
                mix(|was, is| saturate((was >> 2) + (is >> 2) + (was >> 1))),
            ),
            (13..27, mix(|was, is| (was >> 1) + (is >> 1))),
            (
                27..40,
                mix(|was, is| saturate((was >> 2) + (is >> 2) + (is >> 1))),
            ),
            (40..160, mix(|_, is| is)),
        ];
        for (samples, reflections) in parts {
            for &sample in &excitation[samples] {
                let sample = self.lattice_step(sample, &reflections);
                out.push(self.emphasized(sample));
            }
        }
    }

    fn lattice_step(&mut self, input: i32, reflections: &[i32; 8]) -> i32 {
        let mut sample = input;
        for at in (0..8).rev() {
            sample = saturate(sample - round_product(reflections[at], self.lattice[at]));
            let fed_back = round_product(reflections[at], sample);
            self.lattice[at + 1] = saturate(self.lattice[at] + fed_back);
        }
        self.lattice[0] = sample;
        sample
    }

    fn emphasized(&mut self, sample: i32) -> i16 {
        self.deemphasis = saturate(sample + round_product(self.deemphasis, 28_180));
        let doubled = saturate(self.deemphasis * 2) & !7;
        i16::try_from(doubled).expect("saturated to 16 bits")
    }
}

impl Codec for Gsm {
    fn decode(&mut self, block: &[u8], out: &mut Vec<i16>) -> Result<(), Damaged> {
        if block.len() != BLOCK_BYTES {
            return Err(Damaged);
        }
        let mut bits = Bits {
            bytes: block,
            at: 0,
        };
        while bits.at + FRAME_BITS <= block.len() * 8 {
            self.frame(&mut bits, out);
        }
        Ok(())
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

/// Reads numbers whose lowest bit comes first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, width: usize) -> i32 {
        let bit = |at: usize| {
            let byte = self.bytes.get(at / 8).copied().unwrap_or(0);
            i32::from(byte >> (at % 8) & 1)
        };
        let value = (0..width).map(|at| bit(self.at + at) << at).sum();
        self.at += width;
        value
    }
}

/// Inverse quantization of one pulse with the amplitude of its subframe.
fn pulse_value(code: i32, amplitude: i32) -> i32 {
    let (exponent, mantissa) = split_amplitude(amplitude);
    let shift = 6 - exponent;
    let rounding = if shift >= 1 { 1 << (shift - 1) } else { 0 };
    let value = round_product(MANTISSA[mantissa], (2 * code - 7) << 12);
    saturate(value + rounding) >> shift.clamp(0, 15)
}

fn split_amplitude(amplitude: i32) -> (i32, usize) {
    let mut exponent = if amplitude > 15 {
        (amplitude >> 3) - 1
    } else {
        0
    };
    let mut mantissa = amplitude - (exponent << 3);
    if mantissa == 0 {
        return (-4, 7);
    }
    while mantissa <= 7 {
        mantissa = mantissa << 1 | 1;
        exponent -= 1;
    }
    (exponent, usize::try_from(mantissa - 8).unwrap_or(0).min(7))
}

fn decoded_ratio(code: i32, (offset, least, inverse): (i32, i32, i32)) -> i32 {
    let value = saturate(((code + least) << 10) - (offset << 1));
    saturate(2 * round_product(inverse, value))
}

/// A log area ratio as a reflection coefficient, in three straight pieces.
fn reflection(ratio: i32) -> i32 {
    let size = ratio.abs().min(32_767);
    let size = match size {
        0..11_059 => size << 1,
        11_059..20_070 => size + 11_059,
        _ => saturate((size >> 2) + 26_112),
    };
    if ratio < 0 { -size } else { size }
}

fn round_product(a: i32, b: i32) -> i32 {
    saturate((a * b + 16_384) >> 15)
}

fn saturate(value: i32) -> i32 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX))
}
