//! Addresses of languages that say the street before the house: "Gartenstraße 18", "am alten Markt sieben,
//! 21335 Lüneburg".

use super::push;
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    lexicon::Role,
    reading::Reading,
    token::Token,
};

/// Letters before the ending of a street: "ost-allee".
const MIN_NAME: usize = 2;
/// Words before the street that belong to it: "an der alten".
const MAX_BEFORE: usize = 3;
/// Digits of a house number.
const MAX_HOUSE: usize = 4;
/// Digits of a postal code.
const CODE: usize = 5;
/// Words between house and postal code: "dritter Stock in".
const MAX_BETWEEN: usize = 4;

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    if call.lexicon.knows_words() {
        return;
    }
    for token in &call.tokens {
        if let Some(whole) = is_street(call, token) {
            recognize_at(call, token, whole, found);
        }
    }
}

/// Whether a word is a street: `true` for one with its name, `false` for the last word of one.
fn is_street(call: &Call<'_>, token: &Token<'_>) -> Option<bool> {
    if token.reading != Reading::Word || token.ends_sentence {
        return None;
    }
    if token.has(Role::Street) {
        return Some(false);
    }
    let text = token.text;
    let mut cuts = text.char_indices().map(|it| it.0).skip(MIN_NAME);
    let ends = |cut: usize| {
        let known = text.get(cut..).and_then(|it| call.lexicon.known(it));
        known.is_some_and(|it| it.roles.has(Role::Street))
    };
    (!token.has(Role::Stop) && cuts.any(ends)).then_some(true)
}

fn recognize_at(call: &Call<'_>, street: &Token<'_>, whole: bool, found: &mut Vec<Candidate>) {
    let side = street.side;
    let own = |pos: usize| call.at(side, pos).filter(|it| it.phrase == street.phrase);
    let named = street.pos.checked_sub(1).and_then(own);
    let named = named.is_some_and(|it| it.reading == Reading::Word && !it.ends_sentence);
    if !whole && !named {
        return;
    }
    let Some(last) = house_end(call, street) else {
        return;
    };
    let mut score = Score::prior(-1.0);
    score.add(if whole { 3.4 } else { 2.6 }, "a street and a number");
    let code = code_behind(call, side, last);
    score.add_if(code.is_some(), 1.0, "followed by a postal code");
    let first = first_of_street(call, street, whole);
    push(call, side, first, code.unwrap_or(last), score, found);
}

/// The end of the house number right behind the street, with its letter.
fn house_end(call: &Call<'_>, street: &Token<'_>) -> Option<usize> {
    let side = street.side;
    let token = call.at(side, street.pos + 1);
    let token =
        token.filter(|it| it.phrase == street.phrase && is_number(it) && !call.is_quantity(it))?;
    let mut last = token.pos;
    let mut digits = 0;
    while let Some(next) = call.at(side, last).filter(|it| is_number(it)) {
        digits += if next.reading == Reading::Digits {
            next.text.len()
        } else {
            1
        };
        let goes_on = call
            .at(side, last + 1)
            .is_some_and(|it| is_number(it) && it.phrase == street.phrase && !is_code(it));
        if !goes_on || next.comma || digits >= MAX_HOUSE {
            break;
        }
        last += 1;
    }
    let letter = call.at(side, last + 1).is_some_and(|it| {
        it.phrase == street.phrase
            && matches!(it.reading, Reading::Letter(_) | Reading::WeakLetter(_))
    });
    Some(last + usize::from(letter))
}

/// "93047": a postal code in one word.
fn is_code(token: &Token<'_>) -> bool {
    token.reading == Reading::Digits && token.text.len() >= CODE
}

fn is_number(token: &Token<'_>) -> bool {
    matches!(
        token.reading,
        Reading::Digits | Reading::Unit(1..) | Reading::Teen(_) | Reading::Tens(_) | Reading::Mixed
    )
}

/// Postal code and town behind the house.
fn code_behind(call: &Call<'_>, side: usize, last: usize) -> Option<usize> {
    let phrase = call.at(side, last)?.phrase;
    let own = |pos: usize| call.at(side, pos).filter(|it| it.phrase == phrase);
    let code = (last + 1..=last + MAX_BETWEEN)
        .filter_map(own)
        .filter_map(|it| call.run_over(it))
        .find(|run| run.digit_count() >= CODE && run.letter_count() == 0)?;
    let town = own(code.last + 1).filter(|it| it.reading == Reading::Word && !it.has(Role::Stop));
    Some(town.map_or(code.last, |it| it.pos))
}

/// "An der alten Mühle": where the name of the street begins.
fn first_of_street(call: &Call<'_>, street: &Token<'_>, whole: bool) -> usize {
    let name = street.pos - usize::from(!whole);
    let before = (name.saturating_sub(MAX_BEFORE)..name).rev();
    let small = before.take_while(|&pos| {
        call.at(street.side, pos).is_some_and(|it| {
            let adjective = it.text.ends_with("en") && !it.has(Role::Stop) && !call.is_cue(it);
            it.phrase == street.phrase
                && !it.ends_sentence
                && (it.has(Role::StreetLead) || (adjective && it.reading == Reading::Word))
        })
    });
    name - small.count()
}
