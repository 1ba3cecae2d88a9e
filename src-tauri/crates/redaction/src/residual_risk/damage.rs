//! Makes a transcript worse in a known way, so that recall can be measured at worse recognition.
//!
//! Words are misheard or lost and whole turns go unrecognized, by a generator that gives the same
//! transcript at every run. Confidences are set so that they are honest on average: their mean is the
//! share of words that are right. Times stay.

use domain::{
    sensitive::PersonalData,
    transcript::{Transcript, Word},
};

/// Of the damaged words, the share that is lost; the others are misheard.
const LOST: f64 = 0.2;
/// Turns that are lost whole, for each share of damaged words.
const LOST_TURNS: f64 = 0.2;
/// Doubt of a transcript without a damaged word: no recognizer is certain of everything.
const LEAST_DOUBT: f64 = 0.01;
/// Mean confidence of a misheard word.
const MISHEARD: f32 = 0.4;
/// What digits are heard as.
const SOUND_ALIKES: [(&str, &[&str]); 14] = [
    ("zero", &["hero", "oh"]),
    ("oh", &["o", "owe"]),
    ("one", &["won", "nine"]),
    ("two", &["to", "too"]),
    ("three", &["free", "tree"]),
    ("four", &["for", "five"]),
    ("five", &["fine", "four"]),
    ("six", &["sick", "sex"]),
    ("seven", &["eleven", "heaven"]),
    ("eight", &["ate", "a"]),
    ("nine", &["line", "mine"]),
    ("double", &["trouble", "bubble"]),
    ("dot", &["dog", "that"]),
    ("at", &["that", "and"]),
];

/// A transcript made worse, and the stretches whose words are all lost.
pub(super) struct Damaged {
    pub(super) transcript: Transcript,
    pub(super) unrecognized: Vec<(u64, u64)>,
}

/// Damages this share of the words; `name` chooses which.
pub(super) fn damaged(transcript: &Transcript, name: &str, share: f64) -> Damaged {
    let mut dice = Dice::new(name, share);
    let mut words: Vec<Word> = Vec::with_capacity(transcript.words.len());
    let mut unrecognized: Vec<(u64, u64)> = Vec::new();
    let mut turn = (None, false);
    for word in &transcript.words {
        if turn.0 != Some(word.phrase) {
            turn = (Some(word.phrase), dice.happens(share * LOST_TURNS));
            if turn.1 {
                unrecognized.push((word.start_ms, word.end_ms));
            }
        }
        if let Some(lost) = unrecognized.last_mut().filter(|_| turn.1) {
            lost.1 = lost.1.max(word.end_ms);
        } else {
            words.extend(dice.word(word, share));
        }
    }
    let transcript = Transcript {
        words,
        ..transcript.clone()
    };
    Damaged {
        transcript,
        unrecognized,
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn new(name: &str, share: f64) -> Self {
        let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(
            name.bytes()
                .fold(0xcbf2_9ce4_8422_2325 ^ share.to_bits(), mix),
        )
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    fn happens(&mut self, share: f64) -> bool {
        ((self.next() >> 11) as f64) < share * (1_u64 << 53) as f64
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    fn word(&mut self, word: &Word, share: f64) -> Option<Word> {
        let is_damaged = self.happens(share);
        if is_damaged && self.happens(LOST) {
            return None;
        }
        let mut heard = word.clone();
        if is_damaged {
            heard.text = PersonalData::new(self.misheard(word.text.reveal()));
            heard.confidence = MISHEARD;
        } else {
            // The rest of the doubt lies on the words that are right.
            let doubt = share * f64::from(MISHEARD) / (1.0 - share).max(0.1);
            heard.confidence = (1.0 - doubt.max(LEAST_DOUBT)) as f32;
        }
        Some(heard)
    }

    fn misheard(&mut self, text: &str) -> String {
        let bare = text.trim_end_matches(['.', ',', '?', '!']).to_lowercase();
        if let Some((_, alike)) = SOUND_ALIKES.iter().find(|(word, _)| *word == bare) {
            return alike[self.below(alike.len())].to_owned();
        }
        let mut letters: Vec<char> = text.chars().collect();
        let at = self.below(letters.len());
        match letters.get_mut(at) {
            Some(letter) if letter.is_ascii_digit() => {
                *letter = char::from(b'0' + self.below(10) as u8);
            }
            Some(letter) => *letter = ['a', 'e', 'n', 's', 'l', 'r'][self.below(6)],
            None => {}
        }
        letters.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::transcript_of;

    #[test]
    fn the_share_is_kept_and_every_run_gives_the_same() {
        let whole = transcript_of(&"four seven two nine hello there\n".repeat(200));
        let text = |it: &Transcript| -> Vec<String> {
            let words = it.words.iter();
            words.map(|word| word.text.reveal().clone()).collect()
        };
        let made = damaged(&whole, "call", 0.2);
        assert_eq!(
            text(&made.transcript),
            text(&damaged(&whole, "call", 0.2).transcript)
        );
        assert_ne!(
            text(&made.transcript),
            text(&damaged(&whole, "other", 0.2).transcript)
        );
        let doubt: f32 = made
            .transcript
            .words
            .iter()
            .map(|it| 1.0 - it.confidence)
            .sum();
        let doubt = doubt / made.transcript.words.len() as f32;
        assert!((0.14..0.24).contains(&doubt), "{doubt}");
        let lost = made.unrecognized.len();
        assert!((2..20).contains(&lost), "{lost} of 200 turns");
        assert_eq!(text(&damaged(&whole, "call", 0.0).transcript), text(&whole));
    }
}
