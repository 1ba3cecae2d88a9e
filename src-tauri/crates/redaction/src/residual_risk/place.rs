//! Where what was missed may be: every word that nothing was found in, by what it looks like, and speech
//! in which nothing was recognized.

use std::collections::BTreeSet;

use domain::{
    detection::Detection,
    transcript::{Transcript, Word},
};
use serde::{Deserialize, Serialize};

use super::{Evidence, doubt, table::RecallTable};

/// Unrecognized speech is cut into pieces of this length.
const PIECE_MS: u64 = 1_000;
/// Longest stretch that is proposed in one piece.
const STRETCH_MS: u64 = 5_000;
/// Nobody listens to more pieces than this before the figure is made anew.
const MAX_STRETCHES: usize = 24;
/// Nearer stretches are played as one.
const JOIN_MS: u64 = 1_500;
/// A turn of at most so many words after the other side's turn is an answer.
const ANSWER_WORDS: usize = 8;
/// Confidence below which a word is unsure.
const UNSURE: f32 = 0.6;

/// A stretch to listen to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Start, in milliseconds.
    pub start_ms: u64,
    /// End, exclusive.
    pub end_ms: u64,
    /// Expected missed items in it.
    pub expected: f64,
}

/// What a word looks like in which nothing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sign {
    /// Something was suspected there, too weakly for a person to be asked.
    Suspected,
    /// It has digits.
    Digits,
    /// The recognizer doubts it, in a short answer.
    UnsureAnswer,
    /// The recognizer doubts it.
    Unsure,
    /// It is written with a capital inside a turn.
    Capital,
    /// It is part of a short answer.
    Answer,
    /// Nothing is special.
    Plain,
}

/// A word, or a piece of speech, with the missed items expected in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    pub(super) expected: f64,
}

impl Place {
    pub(super) fn middle_ms(&self) -> u64 {
        self.start_ms.midpoint(self.end_ms)
    }

    /// Whether the middle lies in one of these ranges; word times are not more exact than that.
    pub(super) fn is_inside(&self, ranges: &[(u64, u64)]) -> bool {
        let middle = self.middle_ms();
        let before = ranges.partition_point(|it| it.1 <= middle);
        ranges.get(before).is_some_and(|it| it.0 <= middle)
    }
}

/// Every place in which something may be missed, by start.
pub(super) fn places(evidence: &Evidence<'_>, table: &RecallTable) -> Vec<Place> {
    let doubt = doubt(evidence);
    let acted_on = |it: &&Detection| evidence.policy.decide(it).is_some();
    let found: Vec<&Detection> = evidence.detections.iter().filter(acted_on).collect();
    let of_kinds = found.iter().map(|it| table.odds(Some(it.entity), doubt));
    // A recording in which nothing was found is not one in which nothing can be missed.
    let expected = of_kinds.sum::<f64>() + 0.5 * table.odds(None, doubt);
    let signs = evidence
        .transcript
        .map_or_else(Vec::new, |it| signs(it, evidence));
    let weight: f64 = signs.iter().map(|it| table.rate(it.1)).sum();
    let mut places: Vec<Place> = signs
        .iter()
        .map(|(word, sign)| Place {
            start_ms: word.start_ms,
            end_ms: word.end_ms,
            expected: expected * table.rate(*sign) / weight,
        })
        .collect();
    let spoken_ms: u64 = evidence.transcript.map_or(0, spoken_ms);
    // One item and the time in which one is expected are taken as seen beforehand.
    let per_ms = table.items_per_minute / 60_000.0;
    let density = (found.len() as f64 + 1.0) / (spoken_ms as f64 + 1.0 / per_ms.max(1e-9));
    places.extend(pieces(evidence.unrecognized, density));
    places.sort_by_key(|it| (it.start_ms, it.end_ms));
    places
}

fn spoken_ms(transcript: &Transcript) -> u64 {
    let words = transcript.words.iter();
    words.map(|it| it.end_ms.saturating_sub(it.start_ms)).sum()
}

fn pieces(ranges: &[(u64, u64)], density: f64) -> Vec<Place> {
    let cut = |&(start, end): &(u64, u64)| {
        let starts = (start..end).step_by(PIECE_MS as usize);
        starts.map(move |at| (at, end.min(at + PIECE_MS)))
    };
    let piece = |(start_ms, end_ms): (u64, u64)| Place {
        start_ms,
        end_ms,
        expected: density * (end_ms - start_ms) as f64,
    };
    ranges.iter().flat_map(cut).map(piece).collect()
}

/// Every word in which nothing was found that is acted on, and what it looks like.
pub(super) fn signs<'a>(
    transcript: &'a Transcript,
    evidence: &Evidence<'_>,
) -> Vec<(&'a Word, Sign)> {
    let words = |acted_on: bool| -> BTreeSet<usize> {
        let chosen = evidence
            .detections
            .iter()
            .filter(|it| evidence.policy.decide(it).is_some() == acted_on);
        chosen.flat_map(|it| it.words.iter().copied()).collect()
    };
    let (found, suspected) = (words(true), words(false));
    let answers = answers(transcript);
    let all = transcript.words.iter().enumerate();
    all.filter(|(at, _)| !found.contains(at))
        .map(|(at, word)| {
            let is_first = at.checked_sub(1).is_none_or(|before| {
                transcript.words.get(before).map(|it| it.phrase) != Some(word.phrase)
            });
            let look = Look {
                is_suspected: suspected.contains(&at),
                is_answer: answers.contains(&word.phrase),
                is_first,
            };
            (word, look.sign(word))
        })
        .collect()
}

struct Look {
    is_suspected: bool,
    is_answer: bool,
    is_first: bool,
}

impl Look {
    fn sign(&self, word: &Word) -> Sign {
        let text = word.text.reveal();
        let unsure = word.confidence < UNSURE;
        let capital = !self.is_first && text.chars().count() > 1;
        if self.is_suspected {
            Sign::Suspected
        } else if text.chars().any(|it| it.is_ascii_digit()) {
            Sign::Digits
        } else if unsure && self.is_answer {
            Sign::UnsureAnswer
        } else if unsure {
            Sign::Unsure
        } else if capital && text.starts_with(char::is_uppercase) {
            Sign::Capital
        } else if self.is_answer {
            Sign::Answer
        } else {
            Sign::Plain
        }
    }
}

/// Turns that are short and follow the other side's.
fn answers(transcript: &Transcript) -> BTreeSet<u32> {
    let mut turns: Vec<(u32, Option<u8>, usize)> = Vec::new();
    for word in &transcript.words {
        match turns.last_mut().filter(|it| it.0 == word.phrase) {
            Some(turn) => turn.2 += 1,
            None => turns.push((word.phrase, word.channel, 1)),
        }
    }
    let pairs = turns.windows(2);
    let is_answer = |pair: &[(u32, Option<u8>, usize)]| match pair {
        [asked, said] => {
            let other_side = asked.1.is_none() || asked.1 != said.1;
            (other_side && said.2 <= ANSWER_WORDS).then_some(said.0)
        }
        _ => None,
    };
    pairs.filter_map(is_answer).collect()
}

/// The densest stretches that together hold half of what is expected, joined and in order of time.
pub(super) fn listen(places: &[Place]) -> Vec<Stretch> {
    let half = places.iter().map(|it| it.expected).sum::<f64>() / 2.0;
    let mut left = places.to_vec();
    let mut chosen: Vec<Stretch> = Vec::new();
    while chosen.iter().map(|it| it.expected).sum::<f64>() < half && chosen.len() < MAX_STRETCHES {
        let Some(best) = densest(&left) else {
            break;
        };
        left.retain(|it| it.start_ms < best.start_ms || it.start_ms >= best.end_ms);
        chosen.push(best);
    }
    joined(chosen)
}

/// The stretch of at most [`STRETCH_MS`] in which most is expected.
fn densest(places: &[Place]) -> Option<Stretch> {
    let (mut end, mut sum) = (0, 0.0);
    let mut best: Option<Stretch> = None;
    for (at, first) in places.iter().enumerate() {
        if at > 0 {
            sum -= places.get(at - 1).map_or(0.0, |it| it.expected);
        }
        while let Some(next) = places
            .get(end)
            .filter(|it| it.start_ms < first.start_ms + STRETCH_MS)
        {
            sum += next.expected;
            end += 1;
        }
        if sum > best.map_or(0.0, |it| it.expected + 1e-12) {
            let reached = places.get(at..end).unwrap_or_default();
            let end_ms = reached.iter().map(|it| it.end_ms).max();
            best = Some(Stretch {
                start_ms: first.start_ms,
                end_ms: end_ms.unwrap_or(first.end_ms).max(first.start_ms + 1),
                expected: sum,
            });
        }
    }
    best
}

fn joined(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_by_key(|it| it.start_ms);
    let mut joined: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for next in stretches {
        match joined.last_mut() {
            Some(last) if next.start_ms <= last.end_ms + JOIN_MS => {
                last.end_ms = last.end_ms.max(next.end_ms);
                last.expected += next.expected;
            }
            _ => joined.push(next),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(start_ms: u64, expected: f64) -> Place {
        Place {
            start_ms,
            end_ms: start_ms + 300,
            expected,
        }
    }

    #[test]
    fn the_densest_stretches_come_until_half_is_reached() {
        let mut places: Vec<Place> = (0..100).map(|at| place(at * 400, 0.01)).collect();
        places[50].expected = 0.8;
        let stretches = listen(&places);
        assert_eq!(stretches.len(), 1);
        assert!(stretches[0].start_ms <= 20_000 && 20_300 <= stretches[0].end_ms);
        assert!(stretches[0].expected >= 0.5 * 1.79);
    }

    #[test]
    fn without_anything_expected_there_is_nothing_to_listen_to() {
        assert!(listen(&[]).is_empty());
        assert!(listen(&[place(0, 0.0)]).is_empty());
    }

    #[test]
    fn neighbors_become_one_stretch() {
        let places: Vec<Place> = (0..40).map(|at| place(at * 400, 1.0)).collect();
        let stretches = listen(&places);
        assert_eq!(stretches.len(), 1, "{stretches:?}");
    }
}
