//! Health terms: conditions, procedures and drugs that somebody has, had or takes.

use std::collections::HashSet;

use domain::entity::EntityKind::HealthTerm;

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    lexicon::{Role, Roles},
};

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
        let (side, pos) = (token.side, token.pos);
        let len = call.phrase_len_of(TERMS, side, pos);
        let inside = terms
            .last()
            .is_some_and(|(_, place, _)| place.0 == side && place.2 >= pos);
        if len == 0 || inside {
            continue;
        }
        let mut score = Score::prior(-1.0);
        score.add(2.2, "a condition, procedure or drug");
        score.add_if(
            is_personal(call, side, pos),
            1.0,
            "somebody has or takes it",
        );
        let words = (pos..pos + len).filter_map(|pos| call.text(side, pos));
        let value = words.collect::<Vec<_>>().join(" ");
        let place = (side, pos, pos + len - 1);
        terms.push((value, place, score));
    }
    remember(&mut terms);
    for (value, place, score) in terms {
        found.push(Candidate {
            value,
            ..Candidate::of_tokens(HealthTerm, "health", place, score)
        });
    }
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
