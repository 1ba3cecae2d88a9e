//! Words of a transcript as tokens: lower case, without outer punctuation, composites taken apart.
//!
//! Case and punctuation are only hints, because a third of real transcripts have neither. Every
//! token knows its word, so times and positions are never lost.

mod form;
mod scan;

use domain::transcript::{Speaker, Transcript};

pub(super) use self::scan::{Scanned, scan};
use super::{
    lexicon::{Entry, Lexicon, Role},
    reading::Reading,
};

/// One token of one word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'t> {
    /// Lower case, without outer punctuation.
    pub(super) text: &'t str,
    /// What is known about the text.
    pub(super) entry: &'t Entry,
    /// What it may stand for.
    pub(super) reading: Reading,
    /// Index of the word in the transcript.
    pub(super) word: usize,
    /// Index of its side (channel and speaker).
    pub(super) side: usize,
    /// Position among the tokens of its side.
    pub(super) pos: usize,
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    pub(super) phrase: u32,
    /// Begins with a capital and goes on in small letters.
    pub(super) title: bool,
    /// The word ends with a full stop, question mark or the like.
    pub(super) ends_sentence: bool,
    /// The word ends with a question mark.
    pub(super) asks: bool,
    /// A comma follows.
    pub(super) comma: bool,
}

impl<'t> Token<'t> {
    /// The text without a possessive ending.
    pub(super) fn stem(&self) -> &'t str {
        self.text.strip_suffix("'s").unwrap_or(self.text)
    }

    /// Whether the word alone is a phrase of the role.
    pub(super) fn has(&self, role: Role) -> bool {
        self.entry.roles.has(role)
    }

    /// The same without a possessive ending.
    pub(super) fn stem_has(&self, role: Role) -> bool {
        self.entry.stem_roles.has(role)
    }

    pub(super) fn is_first_name(&self) -> bool {
        self.entry.is_first_name()
    }

    pub(super) fn is_surname(&self) -> bool {
        self.entry.is_surname()
    }

    /// Whether it is a first name or a surname.
    pub(super) fn is_name(&self) -> bool {
        self.is_first_name() || self.is_surname()
    }

    /// Whether it is an ordinary word.
    pub(super) fn is_common(&self) -> bool {
        self.entry.is_common()
    }

    /// Whether it is in no list of ordinary words.
    pub(super) fn is_unheard_of(&self) -> bool {
        self.entry.is_unheard_of()
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
pub(super) fn tokenize<'t>(
    transcript: &Transcript,
    scanned: &'t Scanned<'t>,
    lexicon: &'static Lexicon,
) -> (Vec<Token<'t>>, Vec<Side>) {
    let mut tokens = Vec::with_capacity(scanned.pieces.len());
    let mut sides: Vec<Side> = Vec::new();
    let mut lengths: Vec<usize> = Vec::new();
    let mut side = 0;
    for piece in &scanned.pieces {
        let Some(word) = transcript.words.get(piece.word as usize) else {
            continue;
        };
        let key = (word.channel, word.speaker);
        if sides.get(side) != Some(&key) {
            side = sides
                .iter()
                .position(|it| *it == key)
                .unwrap_or(sides.len());
        }
        if side == sides.len() {
            sides.push(key);
            lengths.push(0);
        }
        let Some(entry) = scanned.entry(piece, lexicon) else {
            continue;
        };
        let (start_ms, end_ms) = piece.time_of(word);
        tokens.push(Token {
            text: piece.text.unwrap_or(&entry.text),
            entry,
            reading: piece.reading,
            word: piece.word as usize,
            side,
            pos: lengths[side],
            phrase: word.phrase,
            start_ms,
            end_ms,
            title: piece.title,
            ends_sentence: piece.ends_sentence,
            asks: piece.asks,
            comma: piece.comma,
        });
        lengths[side] += 1;
    }
    (tokens, sides)
}
