//! Two listeners that try to hear digits in what is left: one compares spectra, one waveforms.
//!
//! Both know the speaker's voice and where each digit was: the worst case.

/// Samples of a frame: 25 ms at 8 kHz; and from one frame to the next.
const FRAME: usize = 200;
const HOP: usize = 80;
const BANDS: usize = 18;
/// How far the waveform listener looks around a digit's place: 5 ms.
const LAG: usize = 40;

/// Sines and cosines of every bin of a frame.
pub struct Spectra {
    table: Vec<Vec<(f64, f64)>>,
}

impl Spectra {
    pub fn new() -> Self {
        let angle = |bin: usize, at: usize| {
            std::f64::consts::TAU * (bin * at % FRAME) as f64 / FRAME as f64
        };
        let row = |bin| {
            (0..FRAME)
                .map(|at| (angle(bin, at).cos(), angle(bin, at).sin()))
                .collect()
        };
        Self {
            table: (0..=FRAME / 2).map(row).collect(),
        }
    }

    /// Real and imaginary part of each bin of a windowed frame.
    pub fn of(&self, frame: &[f64]) -> Vec<(f64, f64)> {
        let bin = |row: &Vec<(f64, f64)>| {
            frame
                .iter()
                .zip(row)
                .fold((0.0, 0.0), |sum, (x, (cos, sin))| {
                    (sum.0 + x * cos, sum.1 - x * sin)
                })
        };
        self.table.iter().map(bin).collect()
    }

    /// A frame from its bins.
    pub fn back(&self, bins: &[(f64, f64)]) -> Vec<f64> {
        let sample = |at: usize| {
            let terms = bins.iter().zip(&self.table).skip(1);
            let sum: f64 = terms
                .map(|((re, im), row)| re * row[at].0 - im * row[at].1)
                .sum();
            2.0 * sum / FRAME as f64
        };
        (0..FRAME).map(sample).collect()
    }

    /// Logarithms of the energy in mel bands, frame by frame, without the mean of each band. Three frames count
    /// as one, which calms what is noise.
    pub fn log_mel(&self, samples: &[i16]) -> Vec<[f64; BANDS]> {
        let energies: Vec<[f64; BANDS]> = windows(samples)
            .map(|frame| in_bands(&self.of(&frame)))
            .collect();
        let calm = |three: &[[f64; BANDS]]| {
            std::array::from_fn(|band| {
                let sum: f64 = three.iter().map(|it| it[band]).sum();
                (sum / 3.0 + 1e4).ln()
            })
        };
        let mut frames: Vec<[f64; BANDS]> = energies.windows(3).map(calm).collect();
        for band in 0..BANDS {
            let mean = frames.iter().map(|it| it[band]).sum::<f64>() / frames.len().max(1) as f64;
            frames.iter_mut().for_each(|it| it[band] -= mean);
        }
        frames
    }

    /// Noise whose bands follow those of the speech: what a careless redaction leaves.
    pub fn vocoded(&self, samples: &[i16], bands: usize) -> Vec<i16> {
        let mut state = 1_u32;
        let mut white = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 16) - 32_768.0
        };
        let mut out = vec![0.0; samples.len() + FRAME];
        for (number, frame) in windows(samples).enumerate() {
            let speech = self.of(&frame);
            let noise: Vec<f64> = (0..FRAME).map(|at| white() * hann(at)).collect();
            let mut shaped = self.of(&noise);
            for band in 0..bands {
                let range = edge(band, bands)..edge(band + 1, bands);
                let power = |bins: &[(f64, f64)]| {
                    bins[range.clone()]
                        .iter()
                        .map(|(a, b)| a * a + b * b)
                        .sum::<f64>()
                };
                let gain = (power(&speech) / power(&shaped).max(1.0)).sqrt();
                shaped[range.clone()]
                    .iter_mut()
                    .for_each(|it| *it = (it.0 * gain, it.1 * gain));
            }
            for (at, sample) in self.back(&shaped).into_iter().enumerate() {
                out[number * HOP + at] += sample * 0.8;
            }
        }
        out.truncate(samples.len());
        out.into_iter()
            .map(|it| it.clamp(-32_768.0, 32_767.0) as i16)
            .collect()
    }
}

/// First bin of a band; bands are even on the mel scale from 100 Hz to 4 kHz.
fn edge(band: usize, bands: usize) -> usize {
    let mel = |hz: f64| 2595.0 * (1.0 + hz / 700.0).log10();
    let at = mel(100.0) + (mel(4000.0) - mel(100.0)) * band as f64 / bands as f64;
    let hz = 700.0 * (10_f64.powf(at / 2595.0) - 1.0);
    (hz * FRAME as f64 / 8000.0).round() as usize
}

fn hann(at: usize) -> f64 {
    0.5 - 0.5 * (std::f64::consts::TAU * at as f64 / FRAME as f64).cos()
}

fn windows(samples: &[i16]) -> impl Iterator<Item = Vec<f64>> {
    samples.windows(FRAME).step_by(HOP).map(|frame| {
        frame
            .iter()
            .enumerate()
            .map(|(at, &it)| f64::from(it) * hann(at))
            .collect()
    })
}

fn in_bands(bins: &[(f64, f64)]) -> [f64; BANDS] {
    std::array::from_fn(|band| {
        let last = edge(band + 1, BANDS).max(edge(band, BANDS) + 1);
        let bins = &bins[edge(band, BANDS)..last];
        bins.iter().map(|(a, b)| a * a + b * b).sum()
    })
}

/// The digit whose spectra are the nearest under dynamic time warping.
pub fn by_spectra(spectra: &Spectra, heard: &[i16], templates: &[Vec<i16>]) -> usize {
    let heard = spectra.log_mel(heard);
    let distance = |template: &Vec<i16>| warped(&heard, &spectra.log_mel(template));
    let distances: Vec<f64> = templates.iter().map(distance).collect();
    (0..templates.len())
        .min_by(|&a, &b| distances[a].total_cmp(&distances[b]))
        .unwrap()
}

fn warped(a: &[[f64; BANDS]], b: &[[f64; BANDS]]) -> f64 {
    let apart = |x: &[f64; BANDS], y: &[f64; BANDS]| -> f64 {
        x.iter()
            .zip(y)
            .map(|(x, y)| (x - y).powi(2))
            .sum::<f64>()
            .sqrt()
    };
    let mut row = vec![f64::INFINITY; b.len() + 1];
    row[0] = 0.0;
    for x in a {
        let mut next = vec![f64::INFINITY; b.len() + 1];
        for (at, y) in b.iter().enumerate() {
            next[at + 1] = apart(x, y) + row[at].min(row[at + 1]).min(next[at]);
        }
        row = next;
    }
    row[b.len()] / (a.len() + b.len()).max(1) as f64
}

/// The digit whose waveform is found the most clearly around a place.
pub fn by_waveform(samples: &[i16], start: usize, templates: &[Vec<i16>]) -> usize {
    let strength = |template: &Vec<i16>| {
        let first = start.saturating_sub(LAG);
        (first..start + LAG)
            .map(|at| likeness(samples, at, template))
            .fold(0.0, f64::max)
    };
    let found: Vec<f64> = templates.iter().map(strength).collect();
    (0..templates.len())
        .max_by(|&a, &b| found[a].total_cmp(&found[b]))
        .unwrap()
}

fn likeness(samples: &[i16], start: usize, template: &[i16]) -> f64 {
    let Some(piece) = samples.get(start..start + template.len()) else {
        return 0.0;
    };
    let (mut dot, mut a, mut b) = (0_i64, 1_i64, 1_i64);
    for (&x, &y) in piece.iter().zip(template) {
        let (x, y) = (i64::from(x), i64::from(y));
        dot += x * y;
        a += x * x;
        b += y * y;
    }
    (dot as f64).abs() / ((a as f64) * (b as f64)).sqrt()
}
