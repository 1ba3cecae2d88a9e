//! Keys pressed on a telephone: heard by anybody who has the audio, and in no transcript.
//!
//! Each key is a pair of tones (ITU-T Q.23), found by the filter of Goertzel (1958) in short pieces of sound.
//! What decides: nearly all of the sound is in one pair, both tones are about as loud, and the pair stays for as
//! long as a receiver must accept (40 ms, ITU-T Q.24). Speech has such a pair for a moment at most.

use std::{
    f64::consts::TAU,
    io::{self, Read, Seek},
};

use domain::{
    detection::Detection,
    entity::{EntityKind, Owner},
    sensitive::PersonalData,
};

use crate::pcm::PcmReader;

/// Rows and columns of the keys, in hertz.
const ROWS_HZ: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS_HZ: [f64; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
const KEYS: [[char; 4]; 4] = [
    ['1', '2', '3', 'A'],
    ['4', '5', '6', 'B'],
    ['7', '8', '9', 'C'],
    ['*', '0', '#', 'D'],
];
/// Each tone is looked for where it should be and a little beside: senders may be off by 1.8 %.
const DETUNED: [f64; 3] = [0.988, 1.0, 1.012];
const TONES: usize = 8;
const FILTERS: usize = TONES * DETUNED.len();
/// Length of a piece of sound; and from one piece to the next.
const PIECE_MS: u64 = 20;
const HOP_MS: u64 = 8;
/// Share of the sound that must be in the pair for as long as the key is held.
const MIN_SHARE: f32 = 0.6;
/// Share from which a piece is clear. Keys had it in every codec from GSM to 12 kbit/s Opus for four pieces at
/// least; speech never for three (measured on the sample calls).
const CLEAR_SHARE: f32 = 0.9;
/// How many times stronger one tone of the pair may be: lines and codecs weaken high tones.
const MAX_TWIST: f32 = 12.0;
/// How many times stronger a tone must be than the others of its kind.
const MIN_LEAD: f32 = 4.0;
/// Level (root of the mean square, 16-bit units) below which nobody hears a key: −62 dBFS.
const MIN_LEVEL: f32 = 26.0;
/// Clear pieces in a row that make a press: a key of 40 ms has that many.
const MIN_CLEAR: usize = 3;
/// Clear pieces in a row from which a press is no doubt one.
const SURE_CLEAR: usize = 4;
/// Longest pause between two keys of one number.
const SAME_NUMBER_MS: u64 = 5_000;
/// Frames read at a time.
const FRAMES_PER_READ: u64 = 64 * 1024;

/// The score of keys that were pressed one behind the other: removed without a question.
const SURE: f32 = 0.97;
/// The score of a single key, which may be a choice in a menu, or of one that was hardly heard: a person decides.
const DOUBTFUL: f32 = 0.80;

/// A key that was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPress {
    /// The channel on which it is heard.
    pub channel: u8,
    /// The key: a digit, `*`, `#`, or `A` to `D`.
    pub key: PersonalData<char>,
    /// Start in milliseconds, at most some hundredths of a second early.
    pub start_ms: u64,
    /// End in milliseconds, exclusive.
    pub end_ms: u64,
    /// Whether it is heard so long and clearly that it can be nothing else.
    pub is_sure: bool,
}

/// Every key that is heard in a recording, by start and channel.
///
/// # Errors
/// When the audio cannot be read.
pub fn key_presses<R: Read + Seek>(audio: &mut PcmReader<R>) -> io::Result<Vec<KeyPress>> {
    let (rate, frames) = (audio.info().sample_rate_hz, audio.info().frames);
    let width = usize::from(audio.info().channels);
    if f64::from(rate) < 2.0 * COLUMNS_HZ[3] {
        // Such a rate cannot carry the upper tones.
        return Ok(vec![]);
    }
    let mut listeners: Vec<Listener> = (0..=u8::MAX)
        .take(width)
        .map(|channel| Listener::new(channel, rate))
        .collect();
    for start in (0..frames).step_by(FRAMES_PER_READ as usize) {
        let samples = audio.read_frames(start, FRAMES_PER_READ as usize)?;
        for (at, listener) in listeners.iter_mut().enumerate() {
            listener.hear(samples.iter().skip(at).step_by(width).copied());
        }
    }
    let mut presses: Vec<KeyPress> = listeners.into_iter().flat_map(Listener::finish).collect();
    presses.sort_by_key(|press| (press.start_ms, press.channel));
    Ok(presses)
}

/// Numbers that were keyed in: presses that follow each other on a channel, from the first to the last.
///
/// They name no word of the transcript, and nobody can tell whose number it is.
pub fn detections(presses: &[KeyPress]) -> Vec<Detection> {
    let mut numbers: Vec<Vec<&KeyPress>> = Vec::new();
    for press in presses {
        let follows = |number: &&mut Vec<&KeyPress>| {
            number.last().is_some_and(|last| {
                last.channel == press.channel
                    && press.start_ms <= last.end_ms.saturating_add(SAME_NUMBER_MS)
            })
        };
        match numbers.iter_mut().rev().find(follows) {
            Some(number) => number.push(press),
            None => numbers.push(vec![press]),
        }
    }
    numbers
        .iter()
        .filter_map(|number| detection(number))
        .collect()
}

fn detection(number: &[&KeyPress]) -> Option<Detection> {
    let (first, last) = (number.first()?, number.last()?);
    let sure = number.len() > 1 && number.iter().any(|press| press.is_sure);
    let count = if number.len() == 1 {
        "one key is heard".to_owned()
    } else {
        format!("{} keys are heard", number.len())
    };
    Some(Detection {
        entity: EntityKind::Dtmf,
        channel: Some(first.channel),
        start_ms: first.start_ms,
        end_ms: last.end_ms,
        words: vec![],
        score: if sure { SURE } else { DOUBTFUL },
        recognizer: "key_tones",
        owner: Owner::Unknown,
        explanation: vec![count],
    })
}

/// Pieces in a row with the same key.
#[derive(Clone, Copy)]
struct Run {
    key: char,
    /// The first sample of the first piece.
    start: u64,
    pieces: usize,
    clear: usize,
}

/// Hears keys on one channel.
struct Listener {
    channel: u8,
    rate: u64,
    piece: usize,
    hop: usize,
    /// `2 cos ω` of each filter.
    turns: [f32; FILTERS],
    /// Samples that were not looked at to the end, and the number of the first of them.
    held: Vec<f32>,
    first: u64,
    /// The pieces in a row that have the same key.
    run: Option<Run>,
    presses: Vec<KeyPress>,
}

impl Listener {
    fn new(channel: u8, rate_hz: u32) -> Self {
        let rate = u64::from(rate_hz);
        let samples = |ms: u64| usize::try_from(rate * ms / 1_000).unwrap_or(usize::MAX);
        let turns = std::array::from_fn(|at| {
            let (tone, detuned) = (at % TONES, DETUNED[at / TONES]);
            let hz = if tone < 4 {
                ROWS_HZ[tone]
            } else {
                COLUMNS_HZ[tone - 4]
            };
            (2.0 * (TAU * hz * detuned / f64::from(rate_hz)).cos()) as f32
        });
        Self {
            channel,
            rate,
            piece: samples(PIECE_MS),
            hop: samples(HOP_MS),
            turns,
            held: Vec::new(),
            first: 0,
            run: None,
            presses: Vec::new(),
        }
    }

    fn hear(&mut self, samples: impl Iterator<Item = i16>) {
        self.held.extend(samples.map(f32::from));
        let mut at = 0;
        while let Some(piece) = self.held.get(at..at + self.piece) {
            let key = self.key_in(piece);
            self.follow(key, self.first + at as u64);
            at += self.hop;
        }
        self.held.drain(..at.min(self.held.len()));
        self.first += at as u64;
    }

    fn finish(mut self) -> Vec<KeyPress> {
        self.follow(None, self.first);
        self.presses
    }

    /// The key that is heard in a piece of sound, and whether clearly.
    fn key_in(&self, piece: &[f32]) -> Option<(char, bool)> {
        let energy: f32 = piece.iter().map(|sample| sample * sample).sum();
        let length = piece.len() as f32;
        if energy < MIN_LEVEL * MIN_LEVEL * length {
            return None;
        }
        let shares = shares(piece, &self.turns, 2.0 / (length * energy));
        let [a, b, c, d, e, f, g, h] = shares;
        let (row, low) = leading([a, b, c, d])?;
        let (column, high) = leading([e, f, g, h])?;
        let balanced = low <= high * MAX_TWIST && high <= low * MAX_TWIST;
        let share = low + high;
        (balanced && share >= MIN_SHARE).then_some((KEYS[row][column], share >= CLEAR_SHARE))
    }

    /// Goes on with the same key, or ends a press and begins another.
    fn follow(&mut self, heard: Option<(char, bool)>, at: u64) {
        let begun = |(key, is_clear)| Run {
            key,
            start: at,
            pieces: 1,
            clear: usize::from(is_clear),
        };
        match (&mut self.run, heard) {
            (Some(run), Some((key, is_clear))) if run.key == key => {
                run.pieces += 1;
                run.clear += usize::from(is_clear);
            }
            _ => {
                let ended = std::mem::replace(&mut self.run, heard.map(begun));
                self.presses.extend(ended.and_then(|run| self.press(run)));
            }
        }
    }

    fn press(&self, run: Run) -> Option<KeyPress> {
        let end = run.start + ((run.pieces - 1) * self.hop + self.piece) as u64;
        (run.clear >= MIN_CLEAR).then(|| KeyPress {
            channel: self.channel,
            key: PersonalData::new(run.key),
            start_ms: run.start * 1_000 / self.rate,
            end_ms: (end * 1_000).div_ceil(self.rate),
            is_sure: run.clear >= SURE_CLEAR,
        })
    }
}

/// The share of the sound that is in each tone, with the best of its filters.
fn shares(piece: &[f32], turns: &[f32; FILTERS], scale: f32) -> [f32; TONES] {
    let (mut last, mut before) = ([0.0_f32; FILTERS], [0.0_f32; FILTERS]);
    for &sample in piece {
        for at in 0..FILTERS {
            let now = sample + turns[at] * last[at] - before[at];
            before[at] = last[at];
            last[at] = now;
        }
    }
    let power = |at: usize| {
        last[at] * last[at] + before[at] * before[at] - turns[at] * last[at] * before[at]
    };
    std::array::from_fn(|tone| {
        let detuned = (0..DETUNED.len()).map(|at| power(at * TONES + tone));
        detuned.fold(0.0, f32::max) * scale
    })
}

/// The strongest of four, if it leads the others clearly.
fn leading(shares: [f32; 4]) -> Option<(usize, f32)> {
    let best = (0..shares.len()).max_by(|&a, &b| shares[a].total_cmp(&shares[b]))?;
    let others = shares.iter().enumerate().filter(|(at, _)| *at != best);
    let second = others.map(|(_, &share)| share).fold(0.0, f32::max);
    (shares[best] >= second * MIN_LEAD).then_some((best, shares[best]))
}
