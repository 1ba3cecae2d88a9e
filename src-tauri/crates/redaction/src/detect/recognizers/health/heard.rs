//! Health terms that were heard as other words: "war for in", "a spur gers", "dial ysis". Rare words are
//! what recognizers write as several ordinary ones.

use super::{Evidence, is_personal};
use crate::detect::{call::Call, lexicon::Role, reading::Reading, sound::Sound, token::Token};

/// Words that one term is heard as.
const MAX_WORDS: usize = 5;
/// Letters of the first word if it is one that sentences are made of.
const MAX_SMALL: usize = 3;
/// Letters that may be others, of a hundred.
const MAX_DIFFERENT: usize = 46;
/// The same, of few ordinary words.
const MAX_DIFFERENT_WORDS: usize = 38;
/// Consonants that tell a term wherever they are said.
const SURE: u8 = 5;
/// ... where somebody has or takes something.
const PERSONAL: u8 = 4;
/// ... right behind words that say so.
const DIRECT: u8 = 3;

/// Terms of several words that sound like a known one, as side, first and last position.
pub(super) fn heard(call: &Call<'_>) -> Vec<((usize, usize, usize), Evidence)> {
    let mut found = Vec::new();
    for side in 0..call.sides.len() {
        let mut pos = 0;
        while let Some(token) = call.at(side, pos) {
            match heard_at(call, token) {
                Some(last) => {
                    found.push(((side, pos, last), Evidence::Heard));
                    pos = last + 1;
                }
                None => pos += 1,
            }
        }
    }
    found
}

/// What words are made of that may be a term.
#[derive(Default)]
struct Words {
    sound: Sound,
    /// Words that sentences are made of, but for the smallest.
    plain: usize,
    telling: usize,
    unheard_of: bool,
}

impl Words {
    fn add(&mut self, token: &Token<'_>) {
        self.sound.add(token.text);
        self.unheard_of |= token.is_unheard_of() && token.text.len() > 1;
        if !token.has(Role::Stop) {
            self.telling += 1;
        } else if token.text.len() >= MAX_SMALL {
            self.plain += 1;
        }
    }

    /// Whether they are no ordinary sentence: "how long have you had".
    fn are_odd(&self) -> bool {
        self.unheard_of
            || (self.sound.count >= PERSONAL && self.telling > 0 && self.plain <= self.telling)
    }
}

/// The last position of the longest term that begins at a token.
fn heard_at(call: &Call<'_>, start: &Token<'_>) -> Option<usize> {
    let plain = start.has(Role::Stop) && start.text.len() > MAX_SMALL;
    let ends = start.ends_sentence || start.comma;
    if plain || ends || !is_part(start) {
        return None;
    }
    let next = call.at(start.side, start.pos + 1);
    let next = next.filter(|it| it.phrase == start.phrase && is_part(it))?;
    if start.has(Role::Stop) && next.has(Role::Stop) && start.text != "a" {
        return None;
    }
    // "How epilepsy" sounds like "epilepsy".
    if Sound::of(start.text).count == 0 && start.text != "a" {
        return None;
    }
    let mut words = Words::default();
    let mut found = None;
    for pos in start.pos..start.pos + MAX_WORDS {
        let token = call.at(start.side, pos);
        let Some(token) = token.filter(|it| it.phrase == start.phrase && is_part(it)) else {
            break;
        };
        let before = words.sound.count;
        words.add(token);
        let sounds_on = words.sound.count > before;
        let enough = pos > start.pos && sounds_on && words.sound.count >= DIRECT;
        let likeness = || likeness(call, &words, (start.side, start.pos, pos));
        if let Some(differing) = (enough && words.are_odd()).then(likeness).flatten() {
            // A term that is only cut in two is one wherever it stands.
            let count = if differing == 0 {
                SURE
            } else {
                words.sound.count
            };
            found = Some((pos, count));
        }
        if token.ends_sentence || token.comma {
            break;
        }
    }
    let (last, count) = found?;
    is_told(call, start, count).then_some(last)
}

/// How many letters differ from the term that sounds like some words and is written much like them.
fn likeness(
    call: &Call<'_>,
    words: &Words,
    (side, first, last): (usize, usize, usize),
) -> Option<usize> {
    let terms = call.lexicon.health_terms(words.sound);
    if terms.is_empty() {
        return None;
    }
    let letters: String = (first..=last)
        .filter_map(|pos| call.text(side, pos))
        .collect();
    let most = if words.unheard_of || words.sound.count > SURE {
        MAX_DIFFERENT
    } else {
        MAX_DIFFERENT_WORDS
    };
    let differing = terms.iter().filter_map(|term| {
        let term = term.replace(' ', "");
        let differing = distance(&term, &letters);
        (differing * 100 <= term.len() * most).then_some(differing)
    });
    differing.min()
}

/// Whether so many consonants tell a term where the words stand.
fn is_told(call: &Call<'_>, start: &Token<'_>, count: u8) -> bool {
    let before = start.pos.checked_sub(1);
    let before = before.and_then(|pos| call.at(start.side, pos));
    match count {
        SURE.. => true,
        PERSONAL => is_personal(call, start.side, start.pos),
        _ => before.is_some_and(|it| it.has(Role::Suffers) && it.phrase == start.phrase),
    }
}

/// Letters to change, add or leave out to make one word of another.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.chars().enumerate() {
        let mut corner = row.first().copied().unwrap_or_default();
        row[0] = at + 1;
        for (column, other) in b.iter().enumerate() {
            let changed = corner + usize::from(letter != *other);
            corner = row[column + 1];
            row[column + 1] = changed.min(corner + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

fn is_part(token: &Token<'_>) -> bool {
    let word = matches!(
        token.reading,
        Reading::Word
            | Reading::WeakLetter(_)
            | Reading::Letter(_)
            | Reading::Homophone(_)
            | Reading::Spelling(_)
    ) || token.text == "colon";
    // Nothing is heard as "the" in the middle of a word.
    word && token.text != "the"
}
