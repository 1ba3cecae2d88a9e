//! A call made ready for the recognizers: tokens, sides, runs and cues.

mod expectation;

use self::expectation::Context;

use std::cell::OnceCell;

use domain::transcript::{Speaker, Transcript};

use super::{
    candidate::Candidate,
    cue::{Cue, find_cues},
    lexicon::{Classes, FoundCue, Lexicon, Role, Roles},
    quantity::find_quantities,
    reading::Reading,
    run::{Run, find_runs},
    token::{Scanned, Side, Token, tokenize},
};
use crate::knowledge::CaseKnowledge;

/// "Three thousand seven hundred and eighty".
const MAX_AMOUNT_DIGITS: usize = 4;
/// Digits of an amount with thousands.
const MAX_CARDINAL_DIGITS: usize = 6;

/// Tokens before an answer that are not yet a story.
const MAX_LEAD_TOKENS: usize = 6;

/// What may begin at a token, by its word and by how it is read here.
fn classes_of(token: &Token<'_>) -> Classes {
    let read = match token.reading {
        Reading::Word | Reading::Amount => Classes::default(),
        Reading::Date => Classes::MARKED,
        Reading::Mask(_) | Reading::Email | Reading::IpAddress | Reading::Month(_) => {
            Classes::MARKED.with(Classes::CHARACTER)
        }
        _ => Classes::CHARACTER,
    };
    token.entry.classes.with(read)
}

/// The run of tokens that are in none.
const NO_RUN: u32 = u32::MAX;

/// Words before an answer at the start of a turn.
const OPENERS: Roles = Roles::of(&[Role::Lead, Role::Unit, Role::Filler]);

pub(super) struct Call<'a> {
    pub(super) tokens: Vec<Token<'a>>,
    pub(super) sides: Vec<Side>,
    /// For each side, the global indexes of its tokens.
    positions: Vec<Vec<u32>>,
    pub(super) runs: Vec<Run>,
    /// For each run, what the conversation says about it, once it was asked for.
    contexts: Vec<OnceCell<Context>>,
    /// Cues ordered by the token they end with.
    pub(super) cues: Vec<Cue>,
    /// For each token, whether it is part of a cue and so of no item.
    in_cue: Vec<bool>,
    /// For each token, the run that it is part of.
    run_of: Vec<u32>,
    /// For each token, whether it is part of a quantity and so of no run.
    in_quantity: Vec<bool>,
    pub(super) lexicon: &'static Lexicon,
    pub(super) knowledge: &'a CaseKnowledge,
    /// For each token, what may begin at it.
    classes: Vec<Classes>,
    /// Global indexes of the tokens that a recognizer begins with.
    marked: Vec<u32>,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        transcript: &Transcript,
        scanned: &'a Scanned<'a>,
        lexicon: &'static Lexicon,
        knowledge: &'a CaseKnowledge,
    ) -> Self {
        let (tokens, sides) = tokenize(transcript, scanned, lexicon);
        let mut positions = vec![Vec::with_capacity(tokens.len() / 2 + 1); sides.len()];
        for (index, token) in (0..).zip(&tokens) {
            positions[token.side].push(index);
        }
        let classes = tokens.iter().map(classes_of).collect();
        let mut call = Self {
            tokens,
            sides,
            positions,
            runs: vec![],
            cues: vec![],
            contexts: vec![],
            in_cue: vec![],
            run_of: vec![],
            in_quantity: vec![],
            lexicon,
            knowledge,
            classes,
            marked: vec![],
        };
        call.marked = call.find_marked();
        call.cues = find_cues(&call);
        call.in_cue = call.tokens_in_cues();
        call.in_quantity = find_quantities(&call);
        call.runs = find_runs(&call);
        call.contexts = vec![OnceCell::new(); call.runs.len()];
        call.place_cues();
        call.run_of = call.runs_of_tokens();
        call
    }

    fn find_marked(&self) -> Vec<u32> {
        let classes = (0..).zip(&self.classes);
        let marked = classes.filter(|it| it.1.has(Classes::MARKED));
        marked.map(|it| it.0).collect()
    }

    /// The tokens at which something of a class may begin, in order of time.
    pub(super) fn tokens_of(&self, class: Classes) -> impl Iterator<Item = &Token<'a>> {
        let tokens = self.classes.iter().zip(&self.tokens);
        tokens.filter(move |it| it.0.has(class)).map(|it| it.1)
    }

    /// The positions of one side at which something of a class may begin.
    pub(super) fn positions_of(&self, class: Classes, side: usize) -> impl Iterator<Item = usize> {
        let own = self.positions.get(side).map_or(&[][..], Vec::as_slice);
        let of = move |&index: &u32| {
            self.classes
                .get(index as usize)
                .is_some_and(|it| it.has(class))
        };
        own.iter()
            .enumerate()
            .filter(move |it| of(it.1))
            .map(|it| it.0)
    }

    /// The tokens with which items begin that are not runs: masks, dates, addresses, terms.
    pub(super) fn marked(&self) -> impl Iterator<Item = &Token<'a>> {
        let tokens = self.marked.iter();
        tokens.filter_map(|&at| self.tokens.get(at as usize))
    }

    /// Tells the cues what follows and precedes them.
    fn place_cues(&mut self) {
        let runs = &self.runs;
        for cue in &mut self.cues {
            cue.next_run = runs.partition_point(|run| run.start_ms < cue.end_ms);
        }
        for (at, rank) in self.ranks().into_iter().enumerate() {
            self.cues[at].rank = rank;
        }
    }

    pub(super) fn at(&self, side: usize, pos: usize) -> Option<&Token<'a>> {
        let index = *self.positions.get(side)?.get(pos)?;
        self.tokens.get(index as usize)
    }

    fn tokens_in_cues(&self) -> Vec<bool> {
        let mut marked = vec![false; self.tokens.len()];
        for cue in &self.cues {
            let last = self.tokens[cue.token].pos;
            for pos in (last + 1).saturating_sub(cue.len)..=last {
                marked[self.index(cue.side, pos)] = true;
            }
        }
        marked
    }

    fn runs_of_tokens(&self) -> Vec<u32> {
        let mut runs = vec![NO_RUN; self.tokens.len()];
        for (at, run) in self.runs.iter().enumerate() {
            for pos in run.first..=run.last {
                runs[self.index(run.side, pos)] = at as u32;
            }
        }
        runs
    }

    /// The run that covers a token.
    pub(super) fn run_over(&self, token: &Token) -> Option<&Run> {
        let at = *self.run_of.get(self.index(token.side, token.pos))?;
        self.runs.get(at as usize)
    }

    /// Whether a token is a character of something spelled or a word that aids spelling.
    pub(super) fn is_in_run(&self, token: &Token) -> bool {
        self.run_over(token).is_some_and(|run| run.items.len() > 1)
    }

    /// Whether the digits of a run are told one by one, and so are no amount, year or count.
    pub(super) fn is_read_out(&self, run: &Run) -> bool {
        let mut tokens = run.items.iter().filter_map(|&at| self.tokens.get(at));
        tokens.all(Token::is_read_out)
    }

    /// Whether a run begins its turn, but for words such as "yes, it's" or "flat".
    pub(super) fn begins_turn(&self, run: &Run) -> bool {
        let Some(first) = self.at(run.side, run.first) else {
            return false;
        };
        let before = (0..run.first)
            .rev()
            .filter_map(|pos| self.at(run.side, pos));
        before
            .take_while(|it| it.phrase == first.phrase)
            .all(|it| it.entry.roles.has_any(OPENERS))
    }

    /// Whether a turn consists of a run but for a few words before it: "that's my wife, 2300".
    pub(super) fn fills_turn(&self, run: &Run) -> bool {
        let phrase = |pos: usize| self.at(run.side, pos).map(|it| it.phrase);
        let own = phrase(run.first);
        let ends = phrase(run.last + 1) != own;
        let early = run.first.checked_sub(MAX_LEAD_TOKENS);
        ends && early.is_none_or(|pos| phrase(pos) != own)
    }

    /// Whether a run is said as an amount or a year: "two hundred", "nineteen ninety five", "215".
    pub(super) fn is_amount(&self, run: &Run) -> bool {
        let read_as = |reading: Reading| {
            let mut tokens = run.items.iter().filter_map(|&at| self.tokens.get(at));
            tokens.any(|it| it.reading == reading)
        };
        // "Thirty two thousand seven hundred and fifty".
        let longest = if read_as(Reading::Thousand) {
            MAX_CARDINAL_DIGITS
        } else {
            MAX_AMOUNT_DIGITS
        };
        let short = run.chars.len() <= longest && run.letter_count() == 0;
        let counted = || read_as(Reading::Hundred) || read_as(Reading::Thousand);
        let single = run.items.len() == 1 && run.chars.len() > 1;
        short && (single || counted() || !self.is_read_out(run))
    }

    pub(super) fn is_cue(&self, token: &Token) -> bool {
        self.in_cue.get(self.index(token.side, token.pos)) == Some(&true)
    }

    /// Whether a token belongs to a price, a duration or another measured quantity.
    pub(super) fn is_quantity(&self, token: &Token) -> bool {
        self.in_quantity.get(self.index(token.side, token.pos)) == Some(&true)
    }

    /// Whether a capital means a name: not at the start of a sentence or phrase.
    pub(super) fn has_telling_capital(&self, token: &Token) -> bool {
        let before = token
            .pos
            .checked_sub(1)
            .and_then(|pos| self.at(token.side, pos));
        token.title && before.is_some_and(|it| !it.ends_sentence && it.phrase == token.phrase)
    }

    /// For each token, whether one of the candidates covers it.
    pub(super) fn covered_by<'c>(&self, found: impl Iterator<Item = &'c Candidate>) -> Vec<bool> {
        let mut covered = vec![false; self.tokens.len()];
        for it in found {
            for pos in it.first..=it.last {
                if let Some(covered) = covered.get_mut(self.index(it.side, pos)) {
                    *covered = true;
                }
            }
        }
        covered
    }

    pub(super) fn text(&self, side: usize, pos: usize) -> Option<&'a str> {
        self.at(side, pos).map(|token| token.text)
    }

    /// Global index of a side's token; the end for positions past it.
    pub(super) fn index(&self, side: usize, pos: usize) -> usize {
        let own = self.positions.get(side).and_then(|own| own.get(pos));
        own.map_or(self.tokens.len(), |&index| index as usize)
    }

    /// Whether one side carries several voices, as in a mono recording without speakers.
    pub(super) fn is_mixed(&self, side: usize) -> bool {
        self.sides
            .get(side)
            .is_some_and(|side| side.1 == Speaker::Unknown)
            && self.sides.len() == 1
    }

    pub(super) fn speaker(&self, side: usize) -> Speaker {
        self.sides.get(side).map_or(Speaker::Unknown, |side| side.1)
    }

    /// Tokens of the longest phrase of a role that begins at a position.
    pub(super) fn phrase_len(&self, role: Role, side: usize, pos: usize) -> usize {
        self.phrase_len_of(Roles::of(&[role]), side, pos)
    }

    /// The same for any of several roles.
    pub(super) fn phrase_len_of(&self, roles: Roles, side: usize, pos: usize) -> usize {
        let first = self.at(side, pos);
        let Some(first) = first.filter(|it| it.entry.begins(roles)) else {
            return 0;
        };
        let rest = |offset: usize| self.at(side, pos + offset).map(|it| it.entry);
        self.lexicon.phrase_len(roles, first.entry, rest)
    }

    /// The longest cue that begins at a position and lies within one turn.
    pub(super) fn cue_at(&self, side: usize, pos: usize) -> FoundCue {
        let Some(first) = self.at(side, pos) else {
            return FoundCue::default();
        };
        let rest = |offset: usize| {
            let token = self.at(side, pos + offset);
            token
                .filter(|it| it.phrase == first.phrase)
                .map(|it| it.entry)
        };
        self.lexicon.cue(first.entry, rest)
    }
}
