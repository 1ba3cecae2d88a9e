//! Whether pauses of the transcript are pauses of the audio.
//!
//! That words fall on speech says little where people speak without pause: a transcript that is
//! 300 ms late still does, and so do many words of another call. Where they do not fall tells more.

use domain::transcript::Word;

use super::STRETCH_MS;

/// Shifts that are tried, in stretches to each side: 1 s.
const MAX_SHIFT: i64 = 50;
/// A better shift below this is the recognizer's habit, in milliseconds.
const MIN_SHIFT_MS: u64 = 160;
/// How much better another shift must be. In the sample calls a shift of 300 ms loses more than 0.5.
const MIN_GAIN: f64 = 0.15;
/// Below this likeness at every shift the transcript belongs to another call. The sample calls have
/// more than 0.8, the transcript of another call 0.2.
const MIN_LIKENESS: f64 = 0.3;
/// Words below which a rhythm says nothing.
const MIN_WORDS: usize = 20;

/// How words and speech go together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rhythm {
    /// Correlation of words and speech where the transcript puts them, −1.0 to 1.0.
    pub likeness: f64,
    /// The best correlation within one second.
    pub best_likeness: f64,
    /// What must be added to the transcript's times for the best correlation, in milliseconds.
    pub best_shift_ms: i64,
    /// Whether there are enough words and pauses to say anything.
    pub is_known: bool,
}

impl Rhythm {
    pub(super) fn of(words: &[&Word], levels: &[Vec<u16>], thresholds: &[u32]) -> Self {
        let speech = speech(levels, thresholds);
        let (from, to) = spoken(words, speech.len());
        let spread = |it: &[bool]| it.contains(&true) && it.contains(&false);
        let said = said(words, speech.len());
        let heard = speech.get(from..to).unwrap_or(&[]);
        if words.len() < MIN_WORDS || !spread(heard) || !spread(said.get(from..to).unwrap_or(&[])) {
            return Self::default();
        }
        let at = |shift: i64| likeness(heard, &said, from, shift);
        let best = (-MAX_SHIFT..=MAX_SHIFT)
            .max_by(|&a, &b| at(a).total_cmp(&at(b)))
            .unwrap_or(0);
        Self {
            likeness: at(0),
            best_likeness: at(best),
            best_shift_ms: best * i64::from(STRETCH_MS),
            is_known: true,
        }
    }

    /// Whether the transcript's times are off by more than padding forgives.
    pub fn is_shifted(&self) -> bool {
        self.is_known
            && !self.is_another_call()
            && self.best_shift_ms.unsigned_abs() >= MIN_SHIFT_MS
            && self.best_likeness - self.likeness >= MIN_GAIN
    }

    /// Whether the words go with the speech at no time.
    pub fn is_another_call(&self) -> bool {
        self.is_known && self.best_likeness < MIN_LIKENESS
    }
}

/// Whether anybody speaks in each stretch.
fn speech(levels: &[Vec<u16>], thresholds: &[u32]) -> Vec<bool> {
    let stretches = levels.first().map_or(0, Vec::len);
    let channels = || levels.iter().zip(thresholds);
    let is_loud = |at: usize| {
        channels().any(|(channel, &threshold)| {
            channel
                .get(at)
                .is_some_and(|&level| u32::from(level) >= threshold)
        })
    };
    (0..stretches).map(is_loud).collect()
}

/// Whether the transcript has a word in each stretch.
fn said(words: &[&Word], stretches: usize) -> Vec<bool> {
    let mut said = vec![false; stretches];
    for word in words {
        let at = |ms: u64| usize::try_from(ms / u64::from(STRETCH_MS)).unwrap_or(usize::MAX);
        let end = at(word.end_ms.saturating_add(u64::from(STRETCH_MS) - 1)).min(stretches);
        if let Some(stretches) = said.get_mut(at(word.start_ms)..end) {
            stretches.fill(true);
        }
    }
    said
}

/// The stretches from a second before the first word to a second behind the last: music on hold and
/// signals before and after a conversation have no words.
fn spoken(words: &[&Word], stretches: usize) -> (usize, usize) {
    let at = |ms: u64| usize::try_from(ms / u64::from(STRETCH_MS)).unwrap_or(usize::MAX);
    let first = words.iter().map(|word| word.start_ms).min().unwrap_or(0);
    let last = words.iter().map(|word| word.end_ms).max().unwrap_or(0);
    (
        at(first.saturating_sub(1000)),
        at(last.saturating_add(1000)).min(stretches),
    )
}

/// The correlation of speech with words that are moved by `shift` stretches.
fn likeness(heard: &[bool], said: &[bool], from: usize, shift: i64) -> f64 {
    let (mut a, mut b, mut both) = (0_u32, 0_u32, 0_u32);
    for (at, &loud) in heard.iter().enumerate() {
        let place = i64::try_from(from + at).unwrap_or(i64::MAX) - shift;
        let word = usize::try_from(place)
            .ok()
            .and_then(|at| said.get(at))
            .is_some_and(|&it| it);
        a += u32::from(loud);
        b += u32::from(word);
        both += u32::from(loud && word);
    }
    let (n, a, b, both) = (
        heard.len() as f64,
        f64::from(a),
        f64::from(b),
        f64::from(both),
    );
    let spread = (a * (n - a) * b * (n - b)).sqrt();
    if spread > 0.0 {
        (n * both - a * b) / spread
    } else {
        0.0
    }
}
