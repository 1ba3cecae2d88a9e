//! Words of a transcript as tokens: lower case, without outer punctuation, composites taken apart.
//!
//! Case and punctuation are only hints, because a third of real transcripts have neither. Every
//! token knows its word, so times and positions are never lost.

use domain::{
    entity::EntityKind,
    transcript::{Speaker, Transcript, Word},
};

use super::reading::{Reading, read};

/// One token of one word.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Lower case, without outer punctuation.
    pub(super) text: String,
    /// What it may stand for.
    pub(super) reading: Reading,
    /// Index of the word in the transcript.
    pub(super) word: usize,
    /// Index of its side (channel and speaker).
    pub(super) side: usize,
    /// Position among the tokens of its side.
    pub(super) pos: usize,
    pub(super) phrase: u32,
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    /// Begins with a capital and goes on in small letters.
    pub(super) title: bool,
    /// The word ends with a full stop, question mark or the like.
    pub(super) ends_sentence: bool,
    /// The word ends with a question mark.
    pub(super) asks: bool,
    /// A comma follows.
    pub(super) comma: bool,
}

impl Token {
    /// The text without a possessive ending.
    pub(super) fn stem(&self) -> &str {
        self.text.strip_suffix("'s").unwrap_or(&self.text)
    }

    /// Whether it is a single digit or letter, or a written id: no amount, year or count.
    pub(super) fn is_read_out(&self) -> bool {
        let year =
            self.text.len() == 4 && (self.text.starts_with("19") || self.text.starts_with("20"));
        match self.reading {
            Reading::Unit(_)
            | Reading::Oh
            | Reading::Repeat(_)
            | Reading::Homophone(_)
            | Reading::Letter(_)
            | Reading::WeakLetter(_)
            | Reading::Spelling(_)
            | Reading::Mixed
            | Reading::Capitals => true,
            Reading::Digits => {
                self.text.len() == 1 || (self.text.len() > 2 && !year && !self.text.ends_with("00"))
            }
            _ => false,
        }
    }
}

/// A channel with a speaker: one voice, as far as the transcript tells.
pub(super) type Side = (Option<u8>, Speaker);

/// The tokens in order of time, and the sides they belong to.
pub(super) fn tokenize(transcript: &Transcript) -> (Vec<Token>, Vec<Side>) {
    let mut tokens = Vec::with_capacity(transcript.words.len());
    let mut sides: Vec<Side> = Vec::new();
    let mut lengths: Vec<usize> = Vec::new();
    for (index, word) in transcript.words.iter().enumerate() {
        let key = (word.channel, word.speaker);
        let side = sides
            .iter()
            .position(|other| *other == key)
            .unwrap_or_else(|| {
                sides.push(key);
                lengths.push(0);
                sides.len() - 1
            });
        for token in split(word, index, side) {
            let pos = lengths[side];
            lengths[side] += 1;
            tokens.push(Token { pos, ..token });
        }
    }
    (tokens, sides)
}

fn split(word: &Word, index: usize, side: usize) -> Vec<Token> {
    let raw = word
        .text
        .reveal()
        .trim()
        .replace(['\u{2019}', '\u{2018}'], "'");
    let core = raw.trim_matches(|c: char| c.is_ascii_punctuation() && !"+*#[]<>$".contains(c));
    let core = core.trim_end_matches('$').trim_start_matches("#");
    let end = raw.trim_end_matches(['"', '\'', ')', ']']);
    let ends_sentence = end.ends_with(['.', '?', '!', ';']);
    let title = is_title(core);
    let parts = parts_of(core);
    let count = parts.len().max(1) as u64;
    let length = word.end_ms.saturating_sub(word.start_ms);
    let make = |(at, (text, reading)): (usize, (String, Reading))| {
        let last = at as u64 + 1 == count;
        Token {
            text,
            reading,
            word: index,
            side,
            pos: 0,
            phrase: word.phrase,
            start_ms: word.start_ms + length * at as u64 / count,
            end_ms: word.start_ms + length * (at as u64 + 1) / count,
            title,
            ends_sentence: last && ends_sentence,
            asks: last && end.ends_with('?'),
            comma: last && end.ends_with(','),
        }
    };
    parts.into_iter().enumerate().map(make).collect()
}

fn is_title(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase)
}

/// The tokens of one word with their readings.
fn parts_of(core: &str) -> Vec<(String, Reading)> {
    let lower = core.to_lowercase();
    if let Some(kind) = mask(core) {
        return vec![(lower, Reading::Mask(kind))];
    }
    if lower.contains('@') && lower.len() > 2 {
        return vec![(lower, Reading::Email)];
    }
    if let Some(reading) = whole_number_form(&lower) {
        return vec![(lower, reading)];
    }
    let capitals =
        (2..=4).contains(&core.len()) && core.bytes().all(|byte| byte.is_ascii_uppercase());
    if capitals && read(&lower) == Reading::Word {
        return vec![(lower, Reading::Capitals)];
    }
    let lower = if lower == "e-mail" {
        "email".to_owned()
    } else {
        lower
    };
    // "AC-897-476": letters beside digits are part of an id.
    let id = lower.bytes().any(|byte| byte.is_ascii_digit());
    let mut parts = Vec::new();
    for piece in lower.split_inclusive(|c: char| !(c.is_alphanumeric() || c == '\'')) {
        let text = piece.trim_end_matches(|c: char| !(c.is_alphanumeric() || c == '\''));
        if !text.is_empty() {
            let reading = match read(text) {
                Reading::Word if id && text.len() <= 4 => Reading::Capitals,
                reading => reading,
            };
            parts.push((text.to_owned(), reading));
        }
        match piece.chars().last() {
            Some(symbol @ ('.' | '_' | '+')) if piece.len() > text.len() => {
                parts.push((symbol.to_string(), Reading::Symbol(symbol)));
            }
            _ => {}
        }
    }
    parts
}

/// Prices, percentages, clock times, grouped quantities and dates: numbers that are not digit strings.
fn whole_number_form(text: &str) -> Option<Reading> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    if text.starts_with(['$', '£', '€']) || text.ends_with(['%', '€', '£']) {
        return Some(Reading::Amount);
    }
    let fields = |separator: char| -> Option<Vec<usize>> {
        let parts: Vec<&str> = text.split(separator).collect();
        let numeric = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        (parts.len() > 1 && parts.iter().all(numeric))
            .then(|| parts.iter().map(|part| part.len()).collect())
    };
    let is_date = |lens: &[usize]| matches!(lens, [1 | 2, 1 | 2, 2 | 4] | [4, 1 | 2, 1 | 2]);
    if fields('/').is_some_and(|lens| is_date(&lens))
        || fields('.').is_some_and(|lens| is_date(&lens))
    {
        return Some(Reading::Date);
    }
    if fields('-').is_some_and(|lens| matches!(lens[..], [1 | 2, 1 | 2, 4] | [4, 2, 2])) {
        return Some(Reading::Date);
    }
    if fields('.').is_some_and(|lens| lens.len() == 4 && lens.iter().all(|len| *len <= 3)) {
        return Some(Reading::IpAddress);
    }
    let grouped = fields(',').is_some_and(|lens| lens.iter().skip(1).all(|len| *len == 3));
    let decimal = fields('.').is_some_and(|lens| lens.len() == 2 && lens[1] <= 2 && lens[0] <= 4);
    let clock = fields(':').is_some_and(|lens| matches!(lens[..], [1 | 2, 2]));
    (grouped || decimal || clock).then_some(Reading::Amount)
}

/// The kind of data behind a mask that the source system put in place of a word.
fn mask(core: &str) -> Option<EntityKind> {
    let stars = core.chars().filter(|c| matches!(c, '*' | '#')).count();
    if stars >= 2
        && core
            .chars()
            .all(|c| matches!(c, '*' | '#' | '-') || c.is_ascii_digit())
    {
        return Some(EntityKind::Other);
    }
    let opened = core.starts_with('[') || (core.starts_with('<') && core.ends_with('>'));
    if !opened {
        return None;
    }
    let name = core.to_lowercase();
    if [
        "silence",
        "noise",
        "music",
        "laugh",
        "inaudible",
        "crosstalk",
        "unk",
        "unintelligible",
    ]
    .iter()
    .any(|sound| name.contains(sound))
    {
        return None;
    }
    let kinds = [
        ("phone", EntityKind::PhoneNumber),
        ("card", EntityKind::CreditCard),
        ("cvv", EntityKind::Cvv),
        ("expir", EntityKind::CardExpiry),
        ("ssn", EntityKind::Ssn),
        ("social", EntityKind::Ssn),
        ("mail", EntityKind::Email),
        ("account", EntityKind::AccountNumber),
        ("birth", EntityKind::DateOfBirth),
        ("address", EntityKind::Address),
        ("zip", EntityKind::Address),
        ("name", EntityKind::PersonName),
        ("pin", EntityKind::Pin),
        ("password", EntityKind::Password),
    ];
    let found = kinds.iter().find(|(part, _)| name.contains(part));
    Some(found.map_or(EntityKind::Other, |(_, kind)| *kind))
}
