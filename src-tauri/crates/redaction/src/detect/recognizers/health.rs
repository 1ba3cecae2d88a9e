//! Health terms: conditions, procedures and drugs that somebody has, had or takes.

mod heard;

use std::collections::HashSet;

use domain::entity::EntityKind::HealthTerm;

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    lexicon::{Role, Roles},
    reading::Reading,
    token::Token,
};

/// Words before a term that belong to it.
const MAX_PARTS: usize = 2;
/// Words of an amount: "a hundred and twenty".
const MAX_DOSE: usize = 5;
/// Letters of a remedy that no list has.
const MIN_REMEDY: usize = 6;
/// Tokens before a term in which somebody has it.
const REACH: usize = 8;

const TERMS: Roles = Roles::of(&[Role::Condition, Role::Procedure, Role::Drug]);

/// A term, where it is, and how likely it is personal.
type Term = (String, (usize, usize, usize), Score);
/// The score of a term that somebody is said to have.
const SURE: f32 = 0.85;

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let mut terms: Vec<Term> = Vec::new();
    for token in call.marked() {
        let side = token.side;
        let Some((first, last, evidence)) = term_at(call, token) else {
            continue;
        };
        let inside = |(_, place, _): &Term| place.0 == side && place.2 >= first;
        if terms.last().is_some_and(inside) && evidence != Evidence::Named {
            continue;
        }
        push_term(call, (side, first, last), evidence, &mut terms);
    }
    for (place, evidence) in heard::heard(call) {
        push_term(call, place, evidence, &mut terms);
    }
    remember(&mut terms);
    for (value, place, score) in terms {
        found.push(Candidate {
            value,
            ..Candidate::of_tokens(HealthTerm, "health", place, score)
        });
    }
}

fn push_term(
    call: &Call<'_>,
    (side, first, last): (usize, usize, usize),
    evidence: Evidence,
    terms: &mut Vec<Term>,
) {
    let mut score = Score::prior(-1.0);
    let (weight, reason) = evidence.weight();
    score.add(weight, reason);
    score.add_if(
        is_personal(call, side, first),
        1.0,
        "somebody has or takes it",
    );
    let words = (first..=last).filter_map(|pos| call.text(side, pos));
    let value = words.collect::<Vec<_>>().join(" ");
    terms.push((value, (side, first, last), score));
}

/// Why words are taken for a health term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Evidence {
    Named,
    Formed,
    Dosed,
    Asked,
    Heard,
}

impl Evidence {
    fn weight(self) -> (f32, &'static str) {
        match self {
            Self::Named => (2.9, "a condition, procedure or drug"),
            Self::Formed => (2.8, "formed as the words for diseases and remedies"),
            Self::Dosed => (2.8, "a dose follows"),
            Self::Heard => (2.8, "sounds like a condition, procedure or drug"),
            Self::Asked => (2.0, "behind words that announce a disease or remedy"),
        }
    }
}

/// The term that a marked token begins, ends or announces.
fn term_at(call: &Call<'_>, token: &Token<'_>) -> Option<(usize, usize, Evidence)> {
    let (side, pos) = (token.side, token.pos);
    let len = call.phrase_len_of(TERMS, side, pos);
    if len > 0 {
        let first = first_part(call, side, pos);
        return Some((first, pos + len - 1, Evidence::Named));
    }
    if token.entry.is_medical() {
        return Some((first_part(call, side, pos), pos, Evidence::Formed));
    }
    if token.has(Role::HealthHead) {
        let first = first_part(call, side, pos);
        return (first < pos).then_some((first, pos, Evidence::Formed));
    }
    if token.has(Role::Dose) {
        return dosed(call, token).map(|(first, last)| (first, last, Evidence::Dosed));
    }
    let ask = call.phrase_len(Role::HealthAsk, side, pos);
    let at = asked(call, side, pos + ask).filter(|_| ask > 0)?;
    Some((at, at, Evidence::Asked))
}

/// The first of the words before a term that tell which or where: "vascular dementia".
fn first_part(call: &Call<'_>, side: usize, pos: usize) -> usize {
    let part = |at: usize| {
        let (Some(token), Some(next)) = (call.at(side, at), call.at(side, at + 1)) else {
            return false;
        };
        token.has(Role::HealthPart) && !token.ends_sentence && token.phrase == next.phrase
    };
    let parts = (1..=MAX_PARTS).take_while(|back| pos.checked_sub(*back).is_some_and(part));
    pos - parts.count()
}

/// The words before an amount with a unit of remedies: "sertraline fifty milligrams".
fn dosed(call: &Call<'_>, unit: &Token<'_>) -> Option<(usize, usize)> {
    let side = unit.side;
    let number = |pos: usize| {
        call.at(side, pos).is_some_and(|it| {
            !matches!(
                it.reading,
                Reading::Word | Reading::Spelling(_) | Reading::Month(_)
            ) || it.has(Role::Filler)
                || matches!(it.text, "and" | "point")
        })
    };
    let numbers = (1..=MAX_DOSE).take_while(|back| unit.pos.checked_sub(*back).is_some_and(number));
    let last = unit.pos.checked_sub(numbers.count() + 1)?;
    let word = |pos: usize| {
        call.at(side, pos)
            .filter(|it| it.phrase == unit.phrase && may_be_remedy(call, it))
    };
    let token = word(last).filter(|it| last + 1 < unit.pos && !it.ends_sentence)?;
    let before = last.checked_sub(1).and_then(word);
    let before = before.filter(|it| !it.ends_sentence && !it.comma && token.is_common());
    let known = !token.is_common() || before.is_some_and(|it| !it.is_common());
    known.then_some((before.map_or(last, |it| it.pos), last))
}

/// The word behind an announcement, if it is no ordinary one: "she put me on the glipizide".
fn asked(call: &Call<'_>, side: usize, from: usize) -> Option<usize> {
    let lead = |pos: &usize| {
        call.at(side, *pos).is_some_and(|it| {
            it.has(Role::Filler)
                || matches!(
                    it.text,
                    "the" | "my" | "some" | "called" | "something" | "it's" | "a" | "an"
                )
        })
    };
    let pos = from + (from..from + 3).take_while(lead).count();
    let before = call.at(side, pos.checked_sub(1)?)?;
    let token = call.at(side, pos)?;
    let known = token.is_common() || token.is_name() || token.stem_has(Role::Place);
    let sure = token.is_unheard_of() && token.stem().len() >= MIN_REMEDY;
    let alike = before.phrase == token.phrase && !before.ends_sentence && !token.title;
    (may_be_remedy(call, token) && !known && sure && alike).then_some(pos)
}

fn may_be_remedy(call: &Call<'_>, token: &Token<'_>) -> bool {
    token.reading == Reading::Word
        && token.stem().len() > 2
        && !token.has(Role::Stop)
        && !token.has(Role::Measure)
        && !call.is_cue(token)
}

/// A term that somebody has is theirs wherever it is said again.
fn remember(terms: &mut [Term]) {
    let sure = |it: &&Term| it.2.value() >= SURE;
    let personal: HashSet<String> = terms.iter().filter(sure).map(|it| it.0.clone()).collect();
    for (value, _, score) in terms.iter_mut() {
        let again = score.value() < SURE && personal.contains(value);
        score.add_if(again, 1.0, "somebody in the call has or takes it");
    }
}

fn is_personal(call: &Call<'_>, side: usize, pos: usize) -> bool {
    (pos.saturating_sub(REACH)..pos)
        .filter_map(|pos| call.at(side, pos))
        .any(|it| it.has(Role::Suffers))
}
