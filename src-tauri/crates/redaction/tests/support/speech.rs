//! Card numbers spoken by flite, with the place of every digit known.

use std::{io::Cursor, path::Path};

use redaction::{pcm::PcmReader, wav::Encoding};

use super::{
    tools::{get, run},
    wav_bytes,
};

const RATE: usize = 8_000;
const WORDS: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];
/// Pause between digits: 200 ms.
pub const PAUSE: usize = 1_600;
/// Quiet before and after a number: 1.5 s.
const EDGE: usize = 12_000;

/// One call: a number on one channel, a quiet line with a little of it on the other.
pub struct Call {
    /// Samples of the channel on which the number is spoken.
    pub spoken: Vec<i16>,
    /// Digit, first sample and end of each word.
    pub digits: Vec<(usize, usize, usize)>,
}

impl Call {
    /// The call as stereo μ-law; the other channel hears a faint echo.
    pub fn stereo(&self) -> Vec<u8> {
        let samples: Vec<i16> = self.spoken.iter().flat_map(|&it| [it, it / 30]).collect();
        wav_bytes(Encoding::MuLaw, 2, 8_000, &samples)
    }

    /// Start and end of the number in milliseconds.
    pub fn number_ms(&self) -> (u64, u64) {
        let (first, last) = (self.digits[0].1, self.digits[self.digits.len() - 1].2);
        ((first / 8) as u64, last.div_ceil(8) as u64)
    }

    pub fn duration_ms(&self) -> u64 {
        self.spoken.len().div_ceil(8) as u64
    }
}

/// The ten digits in one voice.
pub fn templates(folder: &Path, voice: &str) -> Vec<Vec<i16>> {
    WORDS
        .iter()
        .map(|word| speak(folder, voice, word))
        .collect()
}

fn speak(folder: &Path, voice: &str, word: &str) -> Vec<i16> {
    run(
        folder,
        &format!("flite -voice {voice} -t {word} -o spoken.wav"),
    );
    run(
        folder,
        "sox spoken.wav -r 8000 -c 1 -b 16 narrow.wav gain -n -6",
    );
    let mut reader = PcmReader::open(Cursor::new(get(folder, "narrow.wav"))).unwrap();
    let frames = reader.info().frames as usize;
    let samples = reader.read_frames(0, frames).unwrap();
    let loud = |it: &i16| it.unsigned_abs() > 300;
    let first = samples.iter().position(loud).unwrap();
    let last = samples.iter().rposition(loud).unwrap();
    samples[first..last].to_vec()
}

/// A line on which nobody speaks, without end.
fn line_noise(seed: u32) -> impl Iterator<Item = i16> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(97);
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 16) % 61) as i16 - 30
    })
}

/// A line on which nobody speaks.
pub fn quiet_line(len: usize) -> Vec<i16> {
    line_noise(99).take(len).collect()
}

/// A number of sixteen digits between stretches of a quiet line.
pub fn call(templates: &[Vec<i16>], seed: u32) -> Call {
    let mut noise = line_noise(seed);
    let mut line = |spoken: &mut Vec<i16>, len: usize| spoken.extend(noise.by_ref().take(len));
    let mut spoken = vec![];
    let mut digits = vec![];
    // Every digit as often as every other: who always guesses the same one is right by chance only.
    let first = seed as usize * 16;
    line(&mut spoken, EDGE);
    for at in first..first + 16 {
        let digit = (at * 7 + 3) % 10;
        let start = spoken.len();
        spoken.extend(&templates[digit]);
        digits.push((digit, start, spoken.len()));
        line(&mut spoken, PAUSE);
    }
    line(&mut spoken, EDGE);
    spoken.resize(spoken.len().next_multiple_of(RATE / 100), 0);
    Call { spoken, digits }
}
