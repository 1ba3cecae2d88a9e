//! ADPCM in three dialects: IMA and Microsoft in blocks, Dialogic (OKI) as one stream.
// IMA: "Recommended Practices for Enhancing Digital Audio Compatibility", 1992. Microsoft: the
// Multimedia Data Standards Update, 1994. Dialogic: application note 1366.

use super::{Codec, Damaged};

const IMA_STEPS: [i32; 89] = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272,
    2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493,
    10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
];
/// The steps of Dialogic ADPCM are these of the IMA table.
const OKI_FIRST: usize = 8;
const OKI_LAST: usize = 56;
const INDEX_CHANGE: [i32; 8] = [-1, -1, -1, -1, 2, 4, 6, 8];
/// A group of four bytes holds eight codes of one channel.
const IMA_GROUP_BYTES: usize = 4;

/// State of one channel of IMA or Dialogic ADPCM.
#[derive(Debug, Clone, Copy, Default)]
struct Predictor {
    value: i32,
    index: i32,
}

impl Predictor {
    /// The next sample of IMA ADPCM.
    fn ima(&mut self, code: u8) -> i16 {
        let step = step_at(self.index, 0, IMA_STEPS.len() - 1);
        let change = ((i32::from(code & 7) * 2 + 1) * step) >> 3;
        self.apply(code, change, i32::from(i16::MIN), i32::from(i16::MAX));
        self.index = self.index.clamp(0, 88);
        clamp_16(self.value)
    }

    /// The next sample of Dialogic ADPCM: 12 bits.
    fn oki(&mut self, code: u8) -> i16 {
        let step = step_at(self.index, OKI_FIRST, OKI_LAST);
        let bit = |bit: u8, shift: u32| if code & bit == 0 { 0 } else { step >> shift };
        let change = (step >> 3) + bit(4, 0) + bit(2, 1) + bit(1, 2);
        self.apply(code, change, -2048, 2047);
        self.index = self.index.clamp(0, 48);
        clamp_16(self.value << 4)
    }

    fn apply(&mut self, code: u8, change: i32, low: i32, high: i32) {
        let change = if code & 8 == 0 { change } else { -change };
        self.value = (self.value + change).clamp(low, high);
        self.index += INDEX_CHANGE[usize::from(code & 7)];
    }
}

fn step_at(index: i32, first: usize, last: usize) -> i32 {
    let at = first.saturating_add(usize::try_from(index).unwrap_or(0));
    IMA_STEPS[at.min(last)]
}

fn clamp_16(value: i32) -> i16 {
    i16::try_from(value.clamp(i32::from(i16::MIN), i32::from(i16::MAX))).expect("clamped")
}

/// IMA ADPCM as WAVE files hold it.
#[derive(Debug)]
pub(super) struct Ima {
    pub(super) channels: usize,
}

impl Codec for Ima {
    fn decode(&mut self, block: &[u8], out: &mut Vec<i16>) -> Result<(), Damaged> {
        let (heads, groups) = block.split_at_checked(4 * self.channels).ok_or(Damaged)?;
        let mut state: Vec<Predictor> = heads.chunks_exact(4).map(ima_head).collect();
        out.extend(state.iter().map(|it| clamp_16(it.value)));
        for groups in groups.chunks_exact(IMA_GROUP_BYTES * self.channels) {
            let first = out.len();
            out.resize(first + 8 * self.channels, 0);
            let rows = groups.chunks_exact(IMA_GROUP_BYTES).zip(&mut state);
            for (channel, (group, state)) in rows.enumerate() {
                let codes = group.iter().flat_map(|byte| [byte & 15, byte >> 4]);
                for (at, code) in codes.enumerate() {
                    out[first + at * self.channels + channel] = state.ima(code);
                }
            }
        }
        Ok(())
    }

    fn reset(&mut self) {}
}

fn ima_head(head: &[u8]) -> Predictor {
    Predictor {
        value: i32::from(i16::from_le_bytes([head[0], head[1]])),
        index: i32::from(head[2]).clamp(0, 88),
    }
}

/// Dialogic ADPCM: one channel, the first sample in the high half of a byte.
#[derive(Debug, Default)]
pub(super) struct Dialogic(Predictor);

impl Codec for Dialogic {
    fn decode(&mut self, bytes: &[u8], out: &mut Vec<i16>) -> Result<(), Damaged> {
        let codes = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        out.extend(codes.map(|code| self.0.oki(code)));
        Ok(())
    }

    fn reset(&mut self) {
        *self = Self::default();
    }
}

const MS_COEFFICIENTS: [(i32, i32); 7] = [
    (256, 0),
    (512, -256),
    (0, 0),
    (192, 64),
    (240, 0),
    (460, -208),
    (392, -232),
];
const MS_ADAPTATION: [i32; 16] = [
    230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230,
];
const MS_MIN_DELTA: i32 = 16;

/// State of one channel of Microsoft ADPCM.
struct MsPredictor {
    coefficients: (i32, i32),
    delta: i32,
    last: i32,
    before: i32,
}

impl MsPredictor {
    fn next(&mut self, code: u8) -> i16 {
        let signed = i32::from(code) - if code & 8 == 0 { 0 } else { 16 };
        let (a, b) = self.coefficients;
        let predicted = (self.last * a + self.before * b) / 256;
        let sample = clamp_16(predicted.saturating_add(signed.saturating_mul(self.delta)));
        self.before = self.last;
        self.last = i32::from(sample);
        let delta = MS_ADAPTATION[usize::from(code & 15)].saturating_mul(self.delta) >> 8;
        self.delta = delta.clamp(MS_MIN_DELTA, i32::MAX / 768);
        sample
    }
}

/// Microsoft ADPCM as WAVE files hold it.
#[derive(Debug)]
pub(super) struct Ms {
    pub(super) channels: usize,
}

impl Codec for Ms {
    fn decode(&mut self, block: &[u8], out: &mut Vec<i16>) -> Result<(), Damaged> {
        let (head, codes) = block.split_at_checked(7 * self.channels).ok_or(Damaged)?;
        let word = |row: usize, channel: usize| {
            let at = self.channels + 2 * (row * self.channels + channel);
            i32::from(i16::from_le_bytes([head[at], head[at + 1]]))
        };
        let mut state = Vec::with_capacity(self.channels);
        for (channel, &set) in head.iter().take(self.channels).enumerate() {
            let coefficients = MS_COEFFICIENTS.get(usize::from(set)).ok_or(Damaged)?;
            state.push(MsPredictor {
                coefficients: *coefficients,
                delta: word(0, channel),
                last: word(1, channel),
                before: word(2, channel),
            });
        }
        out.extend(state.iter().map(|it| clamp_16(it.before)));
        out.extend(state.iter().map(|it| clamp_16(it.last)));
        let codes = codes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        for (at, code) in codes.enumerate() {
            out.push(state[at % self.channels].next(code));
        }
        Ok(())
    }

    fn reset(&mut self) {}
}
