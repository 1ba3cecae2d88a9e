//! Words one letter away from another: a recognizer's or a typist's slip.

use std::collections::HashMap;

use super::{
    lexicon::Lexicon,
    reading::{Reading, read},
    token::Token,
};

/// Shorter words are one letter away from too many others.
const MIN_WORD: usize = 5;
/// Number words are few, so that shorter ones can be told.
const MIN_NUMBER: usize = 4;

/// Words that rules go by, found by their first letter.
#[derive(Default)]
pub(super) struct Vocabulary(HashMap<u8, Vec<&'static str>>);

impl Vocabulary {
    pub(super) fn of(words: impl Iterator<Item = &'static str>) -> Self {
        let mut vocabulary: HashMap<u8, Vec<&'static str>> = HashMap::new();
        for word in words {
            let alphabetic = word.bytes().all(|byte| byte.is_ascii_lowercase());
            let long = word.len()
                >= if is_number(word) {
                    MIN_NUMBER
                } else {
                    MIN_WORD
                };
            if let Some(&first) = word.as_bytes().first().filter(|_| alphabetic && long) {
                vocabulary.entry(first).or_default().push(word);
            }
        }
        for words in vocabulary.values_mut() {
            // Numbers first: "niney" is an amount before it is anything else.
            words.sort_by_key(|word| (!is_number(word), *word));
            words.dedup();
        }
        Self(vocabulary)
    }

    /// The word that was meant by one that the language does not have.
    fn meant(&self, word: &str) -> Option<&'static str> {
        let words = self.0.get(word.as_bytes().first()?)?;
        words.iter().find(|known| is_near(known, word)).copied()
    }
}

/// Gives misspelled words that rules go by their right form: "pasword", "sixten", "adress".
pub(super) fn correct(tokens: &mut [Token], lexicon: &Lexicon) {
    for token in tokens {
        let word = token.reading == Reading::Word && token.text.len() >= MIN_NUMBER;
        if !word || lexicon.is_name(&token.text) || !lexicon.is_unheard_of(&token.text) {
            continue;
        }
        if let Some(meant) = lexicon.vocabulary.meant(&token.text) {
            token.text = meant.to_owned();
            token.reading = read(meant);
        }
    }
}

fn is_number(word: &str) -> bool {
    !matches!(
        read(word),
        Reading::Word | Reading::Spelling(_) | Reading::Homophone(_)
    )
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
    use super::*;
    use crate::{detect::token::tokenize, text::transcript_of};

    fn corrected(text: &str) -> String {
        let (mut tokens, _) = tokenize(&transcript_of(text));
        correct(&mut tokens, Lexicon::get());
        let words: Vec<&str> = tokens.iter().map(|it| it.text.as_str()).collect();
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
