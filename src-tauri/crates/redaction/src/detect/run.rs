//! Runs: digits and letters that belong together, across fillers, corrections and short turns.
//!
//! People say numbers in groups, wait for "okay", start again; so a run goes on over fillers and
//! over the other side's back-channels while the pause is short. The whole stretch is one item.

mod decode;
mod item;
mod sounds;

use std::borrow::Cow;

pub(super) use self::sounds::is_verb;
use self::{
    decode::decode,
    item::{is_item, is_letter, is_number, spelling_aid},
};
use super::{
    call::Call,
    lexicon::{Classes, Role},
    reading::Reading,
    token::Token,
};

/// Longest pause inside one item.
const MAX_PAUSE_MS: u64 = 8_000;
/// A pause from here on separates groups.
const GROUP_PAUSE_MS: u64 = 350;
/// Words in a row that may stand between two groups.
const MAX_BRIDGE: usize = 7;
/// Words the other side may say in between.
const MAX_INTERRUPTION: usize = 8;
/// Between two digits of one breath, with room for a third.
const FLUENT_MS: u64 = 900;
/// Longest run; the longest ids (IBAN with spelling words) are shorter.
const MAX_ITEMS: usize = 96;
/// Most runs are no longer.
const USUAL_ITEMS: usize = 16;

/// Digits and letters said as one item by one side.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) side: usize,
    /// Side positions of the first and last covered token.
    pub(super) first: usize,
    pub(super) last: usize,
    /// Global indexes of the tokens that carry characters.
    pub(super) items: Vec<usize>,
    /// Where in the characters each group ends in which it was said.
    group_ends: Vec<usize>,
    /// All characters in capitals, corrections included.
    pub(super) chars: String,
    /// The characters after the last correction, if there was one.
    pub(super) corrected: Option<String>,
    /// A word says which letter one of them is: "k for kilo".
    pub(super) aided: bool,
    /// Begins with a plus sign.
    pub(super) plus: bool,
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    /// Its place among all runs.
    pub(super) index: usize,
    digit_count: usize,
    /// Further readings after a correction.
    corrections: Vec<String>,
}

impl Run {
    pub(super) fn digits(&self) -> Cow<'_, str> {
        if self.letter_count() == 0 {
            return Cow::Borrowed(&self.chars);
        }
        self.chars.chars().filter(char::is_ascii_digit).collect()
    }

    pub(super) fn digit_count(&self) -> usize {
        self.digit_count
    }

    pub(super) fn letter_count(&self) -> usize {
        self.chars.len() - self.digit_count()
    }

    /// The ways to read the digits when the speaker corrected themselves: all of them, what follows
    /// the correction, and what precedes it with its end replaced.
    pub(super) fn variants(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.chars)
            .chain(&self.corrections)
            .map(String::as_str)
    }

    fn corrections(&self) -> Vec<String> {
        let Some(tail) = &self.corrected else {
            return vec![];
        };
        let head = &self.chars[..self.chars.len() - tail.len()];
        let cut = |cut: usize| format!("{}{tail}", &head[..head.len() - cut]);
        let shorter = (1..=head.len().min(8)).map(cut);
        std::iter::once(tail.clone()).chain(shorter).collect()
    }

    /// The groups in which it was said.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        let begins = std::iter::once(0).chain(self.group_ends.iter().copied());
        let ranges = begins.zip(self.group_ends.iter().copied());
        ranges.filter_map(|(begin, end)| self.chars.get(begin..end))
    }

    /// Whether it was said in groups of these lengths.
    pub(super) fn is_grouped(&self, lengths: &[usize]) -> bool {
        self.groups().map(str::len).eq(lengths.iter().copied())
    }

    /// Whether its last groups have these lengths.
    pub(super) fn ends_grouped(&self, lengths: &[usize]) -> bool {
        let other = self.group_ends.len().checked_sub(lengths.len());
        let last = |other| self.groups().skip(other).map(str::len);
        other.is_some_and(|other| last(other).eq(lengths.iter().copied()))
    }
}

/// All runs of all sides, ordered by start.
pub(super) fn find_runs(call: &Call<'_>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for side in 0..call.sides.len() {
        let mut free = 0;
        for at in call.positions_of(Classes::CHARACTER, side) {
            if at < free || !call.at(side, at).is_some_and(|it| starts(call, it)) {
                continue;
            }
            let run = Builder::new(call, side, at).build();
            free = run.last + 1;
            runs.push(run);
        }
    }
    runs.sort_by_key(|run| (run.start_ms, run.side, run.first));
    for (at, run) in runs.iter_mut().enumerate() {
        run.index = at;
    }
    runs
}

fn starts(call: &Call<'_>, token: &Token) -> bool {
    if call.is_cue(token) || call.is_quantity(token) {
        return false;
    }
    let next = call.at(token.side, token.pos + 1);
    if matches!(
        (token.reading, next.map(|it| it.reading)),
        (Reading::Tens(_), Some(Reading::Ordinal(1..=9)))
    ) {
        // "The twenty eighth": a day.
        return false;
    }
    if token.text == "one" && !next.is_some_and(|it| is_item(call, it)) {
        // "This one", "one moment".
        return false;
    }
    match token.reading {
        Reading::Symbol('+') => next.is_some_and(is_number),
        Reading::Hundred | Reading::Thousand => false,
        _ => is_item(call, token),
    }
}

struct Builder<'a> {
    call: &'a Call<'a>,
    side: usize,
    run: Run,
    /// For each item, whether a new group begins with it.
    breaks: Vec<bool>,
    /// For each item, whether a word says which letter it is.
    aided: Vec<bool>,
    restart: Option<usize>,
}

impl<'a> Builder<'a> {
    fn new(call: &'a Call<'a>, side: usize, first: usize) -> Self {
        let run = Run {
            side,
            first,
            last: first,
            items: Vec::with_capacity(USUAL_ITEMS),
            group_ends: vec![],
            chars: String::new(),
            corrected: None,
            aided: false,
            plus: false,
            start_ms: 0,
            end_ms: 0,
            index: 0,
            digit_count: 0,
            corrections: vec![],
        };
        Self {
            call,
            side,
            run,
            breaks: Vec::with_capacity(USUAL_ITEMS),
            aided: Vec::with_capacity(USUAL_ITEMS),
            restart: None,
        }
    }

    fn build(mut self) -> Run {
        let mut at = self.run.first;
        if self
            .token(at)
            .is_some_and(|it| matches!(it.reading, Reading::Symbol(_)))
        {
            self.run.plus = true;
            at += 1;
        }
        at = self.include(at, false);
        while self.run.items.len() < MAX_ITEMS {
            let Some((next, corrected)) = self.next_item(at) else {
                break;
            };
            if corrected {
                self.restart = Some(self.run.items.len());
            }
            at = self.include(next, next > at);
        }
        self.finish()
    }

    fn token(&self, pos: usize) -> Option<&'a Token<'a>> {
        self.call.at(self.side, pos)
    }

    /// Takes the token at `pos` in; returns the position after it and its spelling aid.
    fn include(&mut self, pos: usize, bridged: bool) -> usize {
        let Some(token) = self.token(pos) else {
            return pos + 1;
        };
        let pause = self.run.items.last().map_or(0, |&last| {
            token.start_ms.saturating_sub(self.call.tokens[last].end_ms)
        });
        let sentence = self
            .run
            .items
            .last()
            .is_some_and(|&last| self.call.tokens[last].ends_sentence);
        // Written groups stay as they are written; single digits are spoken ones.
        let written = token.reading == Reading::Digits && token.text.len() > 1;
        let counted = bridged && self.is_inside_cardinal(pos);
        self.breaks
            .push((bridged && !counted) || sentence || pause >= GROUP_PAUSE_MS || written);
        self.run.items.push(self.call.index(self.side, pos));
        let aid = spelling_aid(self.call, token);
        self.aided.push(aid > 0);
        self.run.last = pos + aid;
        pos + aid + 1
    }

    /// "... fifty eight, let me see, delta": a letter alone at the end of a turn.
    fn is_last_letter(&self, token: &Token) -> bool {
        let next = self.token(token.pos + 1);
        self.run.items.len() > 2
            && matches!(token.reading, Reading::Spelling(_) | Reading::WeakLetter(_))
            && (token.ends_sentence || next.is_none_or(|it| it.phrase != token.phrase))
    }

    /// "One hundred and four": the word between is part of the number.
    fn is_inside_cardinal(&self, pos: usize) -> bool {
        let token = |back: usize| self.token(pos.checked_sub(back)?);
        token(1).is_some_and(|it| it.text == "and")
            && token(2).is_some_and(|it| matches!(it.reading, Reading::Hundred | Reading::Thousand))
    }

    /// The next item that belongs to the run from position `at`, and whether a correction precedes it.
    fn next_item(&self, at: usize) -> Option<(usize, bool)> {
        let last = self.token(at.checked_sub(1)?)?;
        let (mut corrected, mut waiting, mut pos) = (false, false, at);
        while pos <= at + MAX_BRIDGE {
            let token = self.token(pos)?;
            if token.start_ms.saturating_sub(last.end_ms) > MAX_PAUSE_MS {
                return None;
            }
            let free = !self.call.is_cue(token) && !self.call.is_quantity(token);
            if free && (is_item(self.call, token) || self.is_last_letter(token)) {
                return self.may_continue(last, token).then_some((pos, corrected));
            }
            let corrects = token.has(Role::Correction);
            corrected |= corrects;
            let misheard = usize::from(pos == at && self.is_misheard(last, token));
            waiting |= self.call.phrase_len(Role::Wait, self.side, pos) > 0;
            let len = self
                .bridge_len(token, corrected)
                .max(usize::from(corrects))
                .max(misheard)
                .max(usize::from(waiting && !self.call.is_cue(token)));
            if len == 0 {
                return None;
            }
            pos += len;
        }
        None
    }

    /// A single word in the middle of fluent digits: one of them, not recognized.
    fn is_misheard(&self, last: &Token, token: &Token) -> bool {
        let digit =
            |it: &Token| matches!(it.reading, Reading::Unit(_) | Reading::Oh | Reading::Digits);
        let next = self.token(token.pos + 1);
        let fluent = |it: &Token| {
            let pause = it.start_ms.saturating_sub(last.end_ms);
            it.phrase == last.phrase && pause <= FLUENT_MS && !last.ends_sentence
        };
        self.run.items.len() > 2
            && token.reading == Reading::Word
            && !self.call.is_cue(token)
            && self.call.phrase_len(Role::Measure, self.side, token.pos) == 0
            && digit(last)
            && next.is_some_and(|it| digit(it) && fluent(it))
    }

    /// Tokens of the phrase at `token` that may stand inside an item; 0 when it ends the item.
    fn bridge_len(&self, token: &Token, corrected: bool) -> usize {
        let mixed = self.call.is_mixed(self.side) && token.has(Role::Backchannel);
        let single = mixed
            || token.has(Role::Filler)
            || matches!(token.reading, Reading::Symbol('-' | '.' | '_' | '/' | ':'))
            || (corrected && matches!(token.text, "i" | "it" | "was" | "my" | "meant"));
        let phrase = self.call.phrase_len(Role::Bridge, self.side, token.pos);
        phrase.max(usize::from(single))
    }

    /// The other sides said nothing in between that begins something new.
    fn may_continue(&self, last: &Token, next: &Token) -> bool {
        if last.phrase == next.phrase && next.start_ms.saturating_sub(last.end_ms) < 1000 {
            return true;
        }
        let from = self.call.index(self.side, last.pos) + 1;
        let to = self.call.index(self.side, next.pos);
        let between = self.call.tokens.get(from..to).unwrap_or(&[]);
        let others = || between.iter().filter(|it| it.side != self.side);
        if others().any(|it| self.call.is_cue(it)) {
            return false;
        }
        let harmless = |it: &Token<'_>| {
            it.has(Role::Backchannel) || is_number(it) || is_letter(it) || it.reading == Reading::Oh
        };
        others().all(harmless)
            || (others().count() <= MAX_INTERRUPTION
                && !others().any(|it| it.asks || it.has(Role::Question)))
    }

    fn finish(mut self) -> Run {
        let tokens = self.run.items.iter();
        let tokens: Vec<&Token<'_>> = tokens.map(|&at| &self.call.tokens[at]).collect();
        let mut ends = Vec::with_capacity(tokens.len());
        let chars = &mut self.run.chars;
        decode(&tokens, &self.breaks, &self.aided, chars, &mut ends);
        let begin = |at: usize| at.checked_sub(1).and_then(|it| ends.get(it).copied());
        let corrected = self.restart.map(|at| begin(at).unwrap_or(0));
        self.run.corrected = corrected.and_then(|at| self.run.chars.get(at..).map(str::to_owned));
        let breaks = self.breaks.iter().enumerate().skip(1);
        let group_ends = breaks.filter(|it| *it.1).filter_map(|it| begin(it.0));
        self.run.group_ends = group_ends.chain([self.run.chars.len()]).collect();
        self.run.group_ends.retain(|end| *end > 0);
        self.run.group_ends.dedup();
        self.run.digit_count = self.run.chars.bytes().filter(u8::is_ascii_digit).count();
        self.run.corrections = self.run.corrections();
        self.run.aided = self.aided.contains(&true);
        self.run.start_ms = self.token(self.run.first).map_or(0, |it| it.start_ms);
        self.run.end_ms = self.token(self.run.last).map_or(0, |it| it.end_ms);
        self.run
    }
}
