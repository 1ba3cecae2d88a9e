//! Words one letter away from another: a recognizer's or a typist's slip.

use std::collections::HashMap;

use super::hash::Mixed;

/// Shorter words are one letter away from too many others.
const MIN_WORD: usize = 5;
/// Number words are few, so that shorter ones can be told.
const MIN_NUMBER: usize = 4;

/// Words that rules go by, found by their first letter and their length.
#[derive(Default)]
pub(super) struct Vocabulary(HashMap<(u32, u32), Vec<Known>, Mixed>);

struct Known {
    word: &'static str,
    number: bool,
}

impl Vocabulary {
    pub(super) fn of(words: Vec<&'static str>, is_number: impl Fn(&str) -> bool) -> Self {
        let mut vocabulary: HashMap<(u32, u32), Vec<Known>, Mixed> = HashMap::default();
        for word in words {
            let alphabetic = word.bytes().all(|byte| byte.is_ascii_lowercase());
            let number = is_number(word);
            let long = word.len() >= if number { MIN_NUMBER } else { MIN_WORD };
            if let Some(&first) = word.as_bytes().first().filter(|_| alphabetic && long) {
                let known = Known { word, number };
                let place = (u32::from(first), word.len() as u32);
                vocabulary.entry(place).or_default().push(known);
            }
        }
        for words in vocabulary.values_mut() {
            words.sort_by_key(Known::rank);
            words.dedup_by_key(|it| it.word);
        }
        Self(vocabulary)
    }

    /// The word that was meant by one that the language does not have.
    pub(super) fn meant(&self, word: &str) -> Option<&'static str> {
        let first = *word.as_bytes().first()?;
        if word.len() < MIN_NUMBER {
            return None;
        }
        let near = (word.len() - 1..=word.len() + 1).filter_map(|len| {
            let words = self.0.get(&(u32::from(first), len as u32))?;
            words.iter().find(|known| is_near(known.word, word))
        });
        near.min_by_key(|it| it.rank()).map(|it| it.word)
    }
}

impl Known {
    /// Numbers first: "niney" is an amount before it is anything else.
    fn rank(&self) -> (bool, &'static str) {
        (!self.number, self.word)
    }
}

/// Same first letter and at most one letter changed, added or left out.
pub(super) fn is_near(known: &str, word: &str) -> bool {
    let (a, b) = (known.as_bytes(), word.as_bytes());
    if a.len().abs_diff(b.len()) > 1 || a.first() != b.first() {
        return false;
    }
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    match a.len().cmp(&b.len()) {
        std::cmp::Ordering::Equal => a.is_empty() || a[1..] == b[1..],
        std::cmp::Ordering::Less => a == &b[1..],
        std::cmp::Ordering::Greater => &a[1..] == b,
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        detect::{
            lexicon::Lexicon,
            token::{scan, tokenize},
        },
        text::transcript_of,
    };

    fn corrected(text: &str) -> String {
        let transcript = transcript_of(text);
        let scanned = scan(&transcript, Lexicon::get());
        let (tokens, _) = tokenize(&transcript, &scanned, Lexicon::get());
        let words: Vec<&str> = tokens.iter().map(|it| it.text).collect();
        words.join(" ")
    }

    #[test]
    fn slips_in_words_that_rules_go_by_are_corrected() {
        assert_eq!(corrected("my pasword"), "my password");
        assert_eq!(corrected("niety sxteen airil"), "ninety sixteen april");
        assert_eq!(corrected("date of biirth"), "date of birth");
    }

    #[test]
    fn names_and_ordinary_words_stay() {
        for text in [
            "marsh",
            "brith",
            "sevenoaks",
            "weather",
            "forte",
            "quigley",
            "eighths",
        ] {
            assert_eq!(corrected(text), text);
        }
    }
}
