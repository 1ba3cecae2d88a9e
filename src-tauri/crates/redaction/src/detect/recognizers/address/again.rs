//! Where an accepted address is said again: two of its words in a row tell it.

use std::collections::HashSet;

use super::{push, whole::whole_from};
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    hash::Mixed,
    lexicon::Role,
    reading::Reading,
    shape::Shapes,
    token::Token,
};

/// From here on an address is looked for again.
const ACCEPTED: f32 = 0.85;
/// Tokens of a house number.
const MAX_NUMBER: usize = 8;

/// Repetitions of accepted addresses, by either side.
pub(super) fn again(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let mut pairs: HashSet<(&str, &str), Mixed> = HashSet::default();
    let accepted = found
        .iter()
        .filter(|it| it.score >= ACCEPTED && it.recognizer == "address");
    for it in accepted {
        let words = (it.first..it.last).filter_map(|pos| pair(call, it.side, pos));
        pairs.extend(words);
    }
    if pairs.is_empty() {
        return;
    }
    let mut firsts = Shapes::none();
    firsts.extend(pairs.iter().map(|it| it.0));
    let known = call.covered_by(found.iter().filter(|it| it.score >= ACCEPTED));
    let mut places = Vec::new();
    for (token, known) in call.tokens.iter().zip(known) {
        if known || token.reading != Reading::Word || !firsts.may_have(token.text) {
            continue;
        }
        if pair(call, token.side, token.pos).is_some_and(|it| pairs.contains(&it)) {
            places.push((token.side, first_of_number(call, token)));
        }
    }
    for (side, first) in places {
        let Some(whole) = whole_from(call, side, first) else {
            continue;
        };
        let mut score = Score::prior(0.0);
        score.add(2.4, "the same street is said elsewhere in the call");
        push(call, side, first, whole.last, score, found);
    }
}

/// Two words of a street or town that stand beside each other.
fn pair<'a>(call: &Call<'a>, side: usize, pos: usize) -> Option<(&'a str, &'a str)> {
    let word = |pos: usize| {
        call.at(side, pos)
            .filter(|it| it.reading == Reading::Word && !it.has(Role::Stop) && it.text.len() > 2)
    };
    let (first, second) = (word(pos)?, word(pos + 1)?);
    (first.phrase == second.phrase).then_some((first.text, second.text))
}

/// Where the house number before a street begins.
fn first_of_number(call: &Call<'_>, token: &Token<'_>) -> usize {
    let part = |pos: usize| {
        call.at(token.side, pos).is_some_and(|it| {
            let number = !matches!(
                it.reading,
                Reading::Word
                    | Reading::Month(_)
                    | Reading::Amount
                    | Reading::Date
                    | Reading::Email
            );
            it.phrase == token.phrase && (number || it.text == "and" || it.has(Role::Dwelling))
        })
    };
    let back = (1..=MAX_NUMBER).take_while(|back| token.pos.checked_sub(*back).is_some_and(part));
    let first = token.pos - back.count();
    let plain = |pos: usize| call.text(token.side, pos) == Some("and");
    first + usize::from(plain(first))
}
