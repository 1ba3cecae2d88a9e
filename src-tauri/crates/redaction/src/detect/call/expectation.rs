//! What the conversation leads one to expect at a place: cues before and behind it, weighed by who said
//! them, how long ago, and what was answered since.

use domain::{
    entity::EntityKind::{self, CardExpiry, CreditCard, Cvv},
    transcript::Speaker,
};

use super::Call;
use crate::detect::{
    cue::Cue,
    lexicon::{Announced, Role},
    run::Run,
    token::Token,
};

/// Tokens before an item, on its own side, in which a cue counts fully.
const NEAR_TOKENS: usize = 9;
/// ... and in which it still counts.
const FAR_TOKENS: usize = 22;
/// Tokens behind an item in which "... is my account number" counts.
const BEHIND_TOKENS: usize = 6;
/// A question of the other side loses half its weight in this time.
const HALF_LIFE_MS: f32 = 12_000.0;
/// An answer within this time is as good as one at once.
const GRACE_MS: u64 = 4_000;
/// The shortest card numbers.
const MIN_CARD_DIGITS: usize = 13;
/// A payment is over after this time.
const CARD_TOPIC_MS: u64 = 60_000;
/// Date and code of a card follow its number within this time.
const AFTER_CARD_MS: u64 = 30_000;
/// Cues looked at before an item; more never matter.
const MAX_CUES: usize = 24;
/// What is left of a price or order number when something else is spoken of.
const FORGOTTEN: f32 = 0.15;
/// What a nearer announcement of something else takes from an earlier one.
const ECLIPSE: f32 = 0.65;
/// An answer begins within this time after the question.
const REPLY_MS: u64 = 12_000;
/// Tokens behind a question within which an answer begins.
const REPLY_TOKENS: usize = 60;
/// Oldest question that is still answered.
const MAX_CUE_AGE_MS: u64 = 40_000;

/// Kinds of items, and one more for what is none.
const KINDS: usize = EntityKind::Other as usize + 2;

/// What the conversation says about one place.
#[derive(Debug, Clone, Copy)]
pub(in crate::detect) struct Context {
    weights: [f32; KINDS],
    /// Whether any kind is expected.
    expects: bool,
    /// Said as an amount or a year, in the middle of a story.
    pub(in crate::detect) counted: bool,
}

impl Context {
    const fn nothing() -> Self {
        Self {
            weights: [0.0; KINDS],
            expects: false,
            counted: false,
        }
    }

    fn place(what: Announced) -> usize {
        match what {
            Announced::Nothing => 0,
            Announced::Item(kind) => kind as usize + 1,
        }
    }

    fn weight(&self, what: Announced) -> f32 {
        self.weights.get(Self::place(what)).copied().unwrap_or(0.0)
    }

    fn raise(&mut self, what: Announced, weight: f32) {
        self.expects |= what != Announced::Nothing && weight > 0.0;
        if let Some(own) = self.weights.get_mut(Self::place(what)) {
            *own = own.max(weight);
        }
    }

    /// How strongly an item of this kind is expected, 0 to 1.
    pub(in crate::detect) fn expected(&self, kind: EntityKind) -> f32 {
        self.weight(Announced::Item(kind))
    }

    /// How strongly something that is not personal data is expected, 0 to 1.
    pub(in crate::detect) fn unrelated(&self) -> f32 {
        self.weight(Announced::Nothing)
    }

    /// The strongest expectation of any other kind.
    pub(in crate::detect) fn rival(&self, kinds: &[EntityKind]) -> f32 {
        if !self.expects {
            return 0.0;
        }
        let own = |at: &usize| kinds.iter().any(|kind| *kind as usize + 1 == *at);
        let others = (1..KINDS).filter(|at| !own(at));
        others.map(|at| self.weights[at]).fold(0.0, f32::max)
    }
}

impl Call<'_> {
    /// The first word of the answer to what is asked for; `None` where nobody asks, or the answer is late.
    pub(in crate::detect) fn reply_to(&self, cue: &Cue) -> Option<&Token<'_>> {
        let end = self.tokens.get(cue.token)?;
        // What a customer mentions is no question.
        let asks =
            end.asks || self.speaker(cue.side) != Speaker::External || self.is_mixed(cue.side);
        let mut after = self.tokens.iter().skip(cue.token + 1).take(REPLY_TOKENS);
        let reply = after.find(|it| it.side != cue.side && it.start_ms >= end.start_ms);
        reply.filter(|it| asks && it.start_ms.saturating_sub(end.end_ms) <= REPLY_MS)
    }

    /// How strongly an item of this kind is expected at side positions `first..=last`, 0 to 1.
    pub(in crate::detect) fn expected(
        &self,
        kind: EntityKind,
        side: usize,
        first: usize,
        last: usize,
    ) -> f32 {
        self.around(side, first, last).expected(kind)
    }

    /// Everything that the conversation says about side positions `first..=last`.
    pub(in crate::detect) fn around(&self, side: usize, first: usize, last: usize) -> Context {
        let run = self.at(side, first).and_then(|it| self.run_over(it));
        match run.filter(|run| (run.first, run.last) == (first, last)) {
            Some(run) => *self.context(run),
            None => self.expectations(side, first, last),
        }
    }

    /// How strongly something that is not personal data is expected for a run, 0 to 1, or for the same
    /// digits said shortly before: a read-back of an order number is one, too.
    pub(in crate::detect) fn unrelated_run(&self, run: &Run) -> f32 {
        let at = self.runs.partition_point(|it| it.start_ms < run.start_ms);
        let before = self.runs.iter().take(at).rev().take(MAX_CUES);
        let same = before
            .take_while(|it| run.start_ms.saturating_sub(it.end_ms) <= MAX_CUE_AGE_MS)
            .filter(|it| it.chars == run.chars);
        let doubts = same.map(|it| self.context(it).unrelated());
        doubts.fold(self.context(run).unrelated(), f32::max)
    }

    /// The nearest cue before a run, unless something was answered or much time went by.
    pub(in crate::detect) fn cue_before(&self, run: &Run) -> Option<&Cue> {
        let index = self.index(run.side, run.first);
        let behind = self.cues.partition_point(|cue| cue.token < index);
        let cue = self.cues.get(behind.checked_sub(1)?)?;
        let end_ms = cue.end_ms;
        let near = run.start_ms.saturating_sub(end_ms) <= 2 * GRACE_MS;
        (near && self.runs_between(run.side, cue, run.first) == 0).then_some(cue)
    }

    /// Whether a run answers or is announced in its own turn, rather than told in the middle of a story.
    pub(in crate::detect) fn is_direct(&self, run: &Run) -> bool {
        let index = self.index(run.side, run.first);
        let behind = self.cues.partition_point(|cue| cue.token < index);
        let phrase = self.at(run.side, run.first).map(|token| token.phrase);
        let announces = |cue: &Cue| {
            cue.announced != Announced::Nothing
                && cue.side == run.side
                && Some(cue.phrase) == phrase
                && run.first <= self.tokens[cue.token].pos + NEAR_TOKENS
        };
        let mut before = self.cues.iter().take(behind).rev().take(MAX_CUES);
        let mut told = Context::nothing();
        self.add_cues_behind(behind, run.side, run.last, &mut told);
        let told = told.expects;
        self.begins_turn(run) || self.fills_turn(run) || told || before.any(announces)
    }

    /// Whether the side has said a card number shortly before: its date and code come next.
    pub(in crate::detect) fn follows_card(&self, side: usize, start_ms: u64) -> bool {
        let at = self.runs.partition_point(|it| it.start_ms < start_ms);
        let before = self.runs.iter().take(at).rev().take(MAX_CUES);
        let digits = before
            .take_while(|it| start_ms.saturating_sub(it.end_ms) <= AFTER_CARD_MS)
            .filter(|it| it.side == side && it.letter_count() == 0)
            .map(Run::digit_count)
            .filter(|count| (3..=19).contains(count));
        // Whole, or in groups that the other side repeated.
        digits.sum::<usize>() >= MIN_CARD_DIGITS
    }

    /// Whether a card is the topic.
    pub(in crate::detect) fn is_about_card(&self, run: &Run) -> bool {
        let index = self.index(run.side, run.first);
        self.is_spoken_of(index, &[CreditCard, Cvv, CardExpiry])
    }

    /// Whether one of the kinds was asked for or mentioned shortly before a token.
    pub(in crate::detect) fn is_spoken_of(&self, index: usize, kinds: &[EntityKind]) -> bool {
        let behind = self.cues.partition_point(|cue| cue.token < index);
        let start_ms = self.tokens.get(index).map_or(0, |it| it.start_ms);
        let before = self.cues.iter().take(behind).rev().take(MAX_CUES);
        before
            .take_while(|cue| start_ms.saturating_sub(cue.end_ms) <= CARD_TOPIC_MS)
            .any(|cue| {
                kinds
                    .iter()
                    .any(|kind| cue.announced == Announced::Item(*kind))
            })
    }

    /// Everything that the conversation says about a run; worked out once.
    pub(in crate::detect) fn context(&self, run: &Run) -> &Context {
        static NOTHING: Context = Context::nothing();
        let Some(cell) = self.contexts.get(run.index) else {
            return &NOTHING;
        };
        cell.get_or_init(|| Context {
            counted: self.is_amount(run) && !self.is_direct(run),
            ..self.expectations(run.side, run.first, run.last)
        })
    }

    /// Every cue that bears on an item, with its weight.
    fn expectations(&self, side: usize, first: usize, last: usize) -> Context {
        let mut found = Context::nothing();
        let Some(start) = self.at(side, first) else {
            return found;
        };
        let index = self.index(side, first);
        let behind = self.cues.partition_point(|cue| cue.token < index);
        let from = behind.saturating_sub(MAX_CUES);
        for at in (from..behind).rev() {
            let (cue, nearer) = (&self.cues[at], &self.cues[at + 1..behind]);
            let age_ms = start.start_ms.saturating_sub(cue.end_ms);
            if age_ms > MAX_CUE_AGE_MS {
                break;
            }
            let own = match cue.announced {
                Announced::Item(_) => self.weight_before(cue, side, first, age_ms),
                Announced::Nothing => self.weight_of_unrelated(cue, nearer, (side, first), age_ms),
            };
            // Nothing is worked out that cannot matter.
            if cue.weight * own > found.weight(cue.announced) {
                let weight = cue.weight * own * self.eclipse(cue, nearer, side, first);
                found.raise(cue.announced, weight);
            }
        }
        self.add_cues_behind(behind, side, last, &mut found);
        found
    }

    fn weight_before(&self, cue: &Cue, side: usize, first: usize, age_ms: u64) -> f32 {
        let waited = age_ms.saturating_sub(GRACE_MS);
        let decay = 0.5_f32.powf(waited as f32 / HALF_LIFE_MS);
        if cue.side != side {
            return decay.max(0.05);
        }
        let cue_pos = self.tokens[cue.token].pos;
        match first.saturating_sub(cue_pos) {
            distance if distance <= NEAR_TOKENS => 1.0_f32.min(decay * 1.2),
            distance if distance <= FAR_TOKENS => 0.65 * decay,
            _ if self.is_mixed(side) => 0.4 * decay,
            _ => 0.0,
        }
    }

    /// An order number that was announced is told until something else is asked for; a price or a
    /// quantity says nothing about the numbers of other turns.
    fn weight_of_unrelated(
        &self,
        cue: &Cue,
        nearer: &[Cue],
        (side, first): (usize, usize),
        age_ms: u64,
    ) -> f32 {
        let weight = self.weight_before(cue, side, first, age_ms);
        let phrase = self.at(side, first).map(|token| token.phrase);
        let asked = |it: &Cue| !it.mentions && it.announced != Announced::Nothing;
        let near = if cue.mentions {
            phrase == Some(cue.phrase) || self.index(side, first.saturating_sub(1)) == cue.token
        } else {
            !nearer.iter().any(asked) && !self.is_told(cue, phrase)
        };
        if near { weight } else { FORGOTTEN * weight }
    }

    /// "Your order number is 88123": told where it was announced, and so not in another turn.
    fn is_told(&self, cue: &Cue, phrase: Option<u32>) -> bool {
        let told = |run: &Run| {
            let own = self.at(run.side, run.first).map(|token| token.phrase);
            run.side == cue.side && own == Some(cue.phrase) && run.chars.len() > 2
        };
        phrase != Some(cue.phrase) && self.runs_behind(cue).take(2).any(told)
    }

    /// What nearer cues and answers already given leave of a cue.
    fn eclipse(&self, cue: &Cue, nearer: &[Cue], side: usize, first: usize) -> f32 {
        let rival = |other: &&Cue| other.announced != cue.announced;
        let breath = |other: &Cue| other.side == cue.side && other.phrase == cue.phrase;
        // A mere mention takes less from a question than another question does.
        let strength = nearer
            .iter()
            .filter(rival)
            .filter(|other| !breath(other) || self.answer_between(cue, other, side))
            .map(|other| other.weight)
            .fold(0.0, f32::max);
        let apart = strength > 0.0;
        // "The expiry date and the three digits on the back" asks for two answers, in that order.
        let rank = cue.rank;
        let answers = self.runs_between(side, cue, first);
        let out_of_turn = match answers.cmp(&rank) {
            std::cmp::Ordering::Less if nearer.is_empty() || !apart => 0.7,
            std::cmp::Ordering::Less | std::cmp::Ordering::Equal => 1.0,
            std::cmp::Ordering::Greater => 0.4,
        };
        // What the other side has answered is not said by the one who asked, but read back.
        let answered = cue.side == side && self.is_answered(cue, side, first);
        let left = 1.0 - ECLIPSE * strength * strength;
        out_of_turn * left * if answered { 0.45 } else { 1.0 }
    }

    fn is_answered(&self, cue: &Cue, side: usize, first: usize) -> bool {
        let until = self.at(side, first).map_or(0, |token| token.start_ms);
        self.runs_behind(cue)
            .take_while(|run| run.end_ms <= until)
            .any(|run| run.side != side && run.chars.len() > 2)
    }

    /// How many other kinds were announced before each cue in the same breath.
    pub(in crate::detect) fn ranks(&self) -> Vec<usize> {
        (0..self.cues.len())
            .map(|at| self.earlier_in_breath(at))
            .collect()
    }

    fn earlier_in_breath(&self, at: usize) -> usize {
        let (before, rest) = self.cues.split_at(at);
        let Some(cue) = rest.first() else {
            return 0;
        };
        let mut last = None;
        let mut kinds = 0;
        for other in before
            .iter()
            .rev()
            .filter(|it| it.token < cue.token)
            .take(MAX_CUES)
        {
            if other.phrase != cue.phrase && other.side == cue.side {
                break;
            }
            let counts = other.side == cue.side
                && other.announced != cue.announced
                && other.announced != Announced::Nothing
                && last != Some(other.announced)
                && !self.answer_between(other, cue, cue.side);
            if counts {
                last = Some(other.announced);
                kinds += 1;
            }
        }
        kinds
    }

    /// Whether the side gave an answer between two cues.
    fn answer_between(&self, cue: &Cue, later: &Cue, side: usize) -> bool {
        let pos = self.tokens[later.token].pos;
        let until = if later.side == side { pos } else { usize::MAX };
        let end = self.tokens[later.token].start_ms;
        let answered = |run: &&Run| run.side == side && run.chars.len() > 2 && run.first < until;
        self.runs_behind(cue)
            .take_while(|run| run.start_ms < end)
            .any(|run| answered(&run))
    }

    fn runs_between(&self, side: usize, cue: &Cue, first: usize) -> usize {
        let until = self.at(side, first).map_or(0, |token| token.start_ms);
        let answer = |run: &&Run| run.side == side && run.chars.len() > 2 && run.last < first;
        self.runs_behind(cue)
            .take_while(|run| run.start_ms < until)
            .filter(answer)
            .count()
    }

    fn runs_behind(&self, cue: &Cue) -> impl Iterator<Item = &Run> {
        self.runs.iter().skip(cue.next_run)
    }

    /// "... is my account number": a cue shortly behind the item, on its own side.
    fn add_cues_behind(&self, from: usize, side: usize, last: usize, found: &mut Context) {
        let linked = self
            .at(side, last + 1)
            .is_some_and(|it| it.has(Role::Links));
        let ended = self.at(side, last).is_none_or(|token| token.ends_sentence);
        if !linked || ended {
            return;
        }
        let behind = self.cues.iter().skip(from).take(MAX_CUES);
        for cue in behind.filter(|cue| cue.side == side) {
            let begin = (self.tokens[cue.token].pos + 1).saturating_sub(cue.len);
            if begin > last && begin <= last + BEHIND_TOKENS {
                found.raise(cue.announced, 0.7 * cue.weight);
            }
        }
    }
}
