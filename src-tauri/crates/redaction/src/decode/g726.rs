//! G.726 ADPCM at 16, 24, 32 and 40 kbit/s, decoded to the bit as ITU-T G.726 defines it.

use super::{Codec, Damaged};

/// In which order codes fill a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// The first code in the high bits (ITU-T I.366.2, WAVE files).
    HighFirst,
    /// The first code in the low bits (RFC 3551, Sun audio).
    LowFirst,
}

/// One rate's tables for codes without their sign: log of the difference, scale factor multiplier,
/// speed control.
struct Rate {
    logs: &'static [i32],
    scales: &'static [i32],
    speeds: &'static [i32],
}

const RATES: [Rate; 4] = [
    Rate {
        logs: &[116, 365],
        scales: &[-704, 14_048],
        speeds: &[0, 0xe00],
    },
    Rate {
        logs: &[-2048, 135, 273, 373],
        scales: &[-128, 960, 4384, 18_624],
        speeds: &[0, 0x200, 0x400, 0xe00],
    },
    Rate {
        logs: &[-2048, 4, 135, 213, 273, 323, 373, 425],
        scales: &[-384, 576, 1312, 2048, 3584, 6336, 11_360, 35_904],
        speeds: &[0, 0, 0, 0x200, 0x200, 0x200, 0x600, 0xe00],
    },
    Rate {
        logs: &[
            -2048, -66, 28, 104, 169, 224, 274, 318, 358, 395, 429, 459, 488, 514, 539, 566,
        ],
        scales: &[
            448, 448, 768, 1248, 1280, 1312, 1856, 3200, 4512, 5728, 7008, 8960, 11_456, 14_080,
            16_928, 22_272,
        ],
        speeds: &[
            0, 0, 0, 0, 0, 0x200, 0x200, 0x200, 0x200, 0x200, 0x400, 0x600, 0x800, 0xa00, 0xc00,
            0xc00,
        ],
    },
];

/// A number as the predictor multiplies it: sign, 4-bit exponent, 6-bit mantissa.
#[derive(Debug, Clone, Copy)]
struct Float {
    negative: bool,
    exponent: u32,
    mantissa: i32,
}

impl Float {
    const ZERO: Self = Self {
        negative: false,
        exponent: 0,
        mantissa: 32,
    };

    fn new(negative: bool, magnitude: i32) -> Self {
        let exponent = bit_length(magnitude);
        let mantissa = if magnitude == 0 {
            32
        } else {
            (magnitude << 6) >> exponent
        };
        Self {
            negative,
            exponent,
            mantissa,
        }
    }

    /// FMULT of the standard.
    fn times(self, coefficient: i32) -> i32 {
        let magnitude = if coefficient > 0 {
            coefficient
        } else {
            -coefficient & 0x1fff
        };
        let length = i32::try_from(bit_length(magnitude)).unwrap_or(0);
        let shift = length - 6;
        let mantissa = match (magnitude, shift) {
            (0, _) => 32,
            (_, 0..) => magnitude >> shift,
            _ => magnitude << -shift,
        };
        let exponent = shift + i32::try_from(self.exponent).unwrap_or(0) - 13;
        let product = (mantissa * self.mantissa + 0x30) >> 4;
        let size = if exponent >= 0 {
            (product << exponent) & 0x7fff
        } else {
            product >> -exponent
        };
        if (coefficient < 0) == self.negative {
            size
        } else {
            -size
        }
    }
}

fn bit_length(value: i32) -> u32 {
    32 - value.max(0).leading_zeros()
}

/// The adaptive state, in the standard's own letters.
#[derive(Debug)]
struct State {
    yl: i32,
    yu: i32,
    dms: i32,
    dml: i32,
    ap: i32,
    a: [i32; 2],
    b: [i32; 6],
    pk: [bool; 2],
    dq: [Float; 6],
    sr: [Float; 2],
    td: bool,
}

impl State {
    const fn new() -> Self {
        Self {
            yl: 34_816,
            yu: 544,
            dms: 0,
            dml: 0,
            ap: 0,
            a: [0; 2],
            b: [0; 6],
            pk: [false; 2],
            dq: [Float::ZERO; 6],
            sr: [Float::ZERO; 2],
            td: false,
        }
    }

    fn scale(&self) -> i32 {
        if self.ap >= 256 {
            return self.yu;
        }
        let (slow, speed) = (self.yl >> 6, self.ap >> 2);
        let change = (self.yu - slow) * speed;
        slow + if change < 0 {
            (change + 0x3f) >> 6
        } else {
            change >> 6
        }
    }

    fn decode(&mut self, code: usize, bits: u8, rate: &Rate) -> i16 {
        let negative = code >> (bits - 1) & 1 == 1;
        let mask = (1 << (bits - 1)) - 1;
        let level = if negative { !code & mask } else { code & mask };
        let zeros: i32 = self
            .b
            .iter()
            .zip(self.dq)
            .map(|(b, dq)| dq.times(b >> 2))
            .sum();
        let poles: i32 = self
            .a
            .iter()
            .zip(self.sr)
            .map(|(a, sr)| sr.times(a >> 2))
            .sum();
        let (zeros_half, estimate) = (zeros >> 1, (zeros + poles) >> 1);
        let y = self.scale();
        let difference = difference(rate.logs[level] + (y >> 2));
        let change = if negative {
            -(difference & 0x3fff)
        } else {
            difference
        };
        let sample = estimate + change;
        let is_transition = self.td && difference > self.transition_threshold();
        self.adapt_scale(y, rate.scales[level]);
        if is_transition {
            (self.a, self.b) = ([0; 2], [0; 6]);
            self.pk = [change + zeros_half < 0, self.pk[0]];
        } else {
            self.adapt_poles(change + zeros_half);
            self.adapt_zeros(bits, negative, difference);
        }
        self.remember(negative, difference, sample);
        self.td = !is_transition && self.a[1] < -11_776;
        self.adapt_speed(y, is_transition, rate.speeds[level]);
        let wide = (sample << 2).clamp(i32::from(i16::MIN), i32::from(i16::MAX));
        i16::try_from(wide).expect("clamped to 16 bits")
    }

    /// Differences above this in a tone mean that it changed (TRANS).
    fn transition_threshold(&self) -> i32 {
        let (whole, fraction) = (self.yl >> 15, (self.yl >> 10) & 0x1f);
        let limit = if whole > 9 {
            31 << 10
        } else {
            (32 + fraction) << whole
        };
        (limit + (limit >> 1)) >> 1
    }

    fn adapt_scale(&mut self, y: i32, factor: i32) {
        self.yu = (y + ((factor - y) >> 5)).clamp(544, 5120);
        self.yl += self.yu + (-self.yl >> 6);
    }

    /// UPA2 and UPA1; `partial` is the partially reconstructed signal.
    fn adapt_poles(&mut self, partial: i32) {
        let sign = partial < 0;
        let mut second = self.a[1] - (self.a[1] >> 7);
        if partial != 0 {
            let toward = if sign == self.pk[0] {
                -self.a[0]
            } else {
                self.a[0]
            };
            second += match toward {
                ..-8191 => -0x100,
                8192.. => 0xff,
                _ => toward >> 5,
            };
            second += if sign == self.pk[1] { 0x80 } else { -0x80 };
            second = second.clamp(-12_288, 12_288);
        }
        self.a[1] = second;
        self.a[0] -= self.a[0] >> 8;
        if partial != 0 {
            self.a[0] += if sign == self.pk[0] { 192 } else { -192 };
        }
        let limit = 15_360 - second;
        self.a[0] = self.a[0].clamp(-limit, limit);
        self.pk = [sign, self.pk[0]];
    }

    fn adapt_zeros(&mut self, bits: u8, negative: bool, difference: i32) {
        let leak = if bits == 5 { 9 } else { 8 };
        for (b, dq) in self.b.iter_mut().zip(self.dq) {
            *b -= *b >> leak;
            if difference != 0 {
                *b += if negative == dq.negative { 128 } else { -128 };
            }
        }
    }

    fn remember(&mut self, negative: bool, difference: i32, sample: i32) {
        self.dq.rotate_right(1);
        self.dq[0] = Float::new(negative, difference);
        self.sr = [Float::new(sample < 0, sample.abs().min(32_767)), self.sr[0]];
    }

    fn adapt_speed(&mut self, y: i32, is_transition: bool, speed: i32) {
        self.dms += (speed - self.dms) >> 5;
        self.dml += ((speed << 2) - self.dml) >> 7;
        let unsteady = ((self.dms << 2) - self.dml).abs() >= self.dml >> 3;
        self.ap = match () {
            () if is_transition => 256,
            () if y < 1536 || self.td || unsteady => self.ap + ((0x200 - self.ap) >> 4),
            () => self.ap + (-self.ap >> 4),
        };
    }
}

/// The magnitude behind a logarithm in Q7 (ANTILOG).
fn difference(log: i32) -> i32 {
    if log < 0 {
        return 0;
    }
    let (exponent, mantissa) = ((log >> 7) & 15, 128 + (log & 127));
    (mantissa << 7) >> (14 - exponent).max(0)
}

/// The decoder of one channel.
#[derive(Debug)]
pub(super) struct G726 {
    bits: u8,
    packing: Packing,
    state: State,
}

impl G726 {
    /// `bits` a sample, 2 to 5.
    pub(super) const fn new(bits: u8, packing: Packing) -> Self {
        Self {
            bits,
            packing,
            state: State::new(),
        }
    }
}

impl Codec for G726 {
    fn decode(&mut self, bytes: &[u8], out: &mut Vec<i16>) -> Result<(), Damaged> {
        let rate = RATES
            .get(usize::from(self.bits).wrapping_sub(2))
            .ok_or(Damaged)?;
        let width = usize::from(self.bits);
        let (mut held, mut count) = (0_usize, 0);
        for &byte in bytes {
            match self.packing {
                Packing::HighFirst => held = held << 8 | usize::from(byte),
                Packing::LowFirst => held |= usize::from(byte) << count,
            }
            count += 8;
            while count >= width {
                count -= width;
                let code = match self.packing {
                    Packing::HighFirst => held >> count,
                    Packing::LowFirst => held,
                } & ((1 << width) - 1);
                held = match self.packing {
                    Packing::HighFirst => held & ((1 << count) - 1),
                    Packing::LowFirst => held >> width,
                };
                out.push(self.state.decode(code, self.bits, rate));
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.state = State::new();
    }
}
