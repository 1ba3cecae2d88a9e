//! Which tokens carry characters, seen with their neighbors.

use super::sounds::is_character;
use crate::detect::{call::Call, lexicon::Role, reading::Reading, token::Token};

pub(super) fn is_number(token: &Token) -> bool {
    matches!(
        token.reading,
        Reading::Digits | Reading::Unit(_) | Reading::Teen(_) | Reading::Tens(_) | Reading::Mixed
    )
}

pub(super) fn is_letter(token: &Token) -> bool {
    matches!(token.reading, Reading::Letter(_) | Reading::Spelling(_))
}

/// Whether a token carries characters, seen with its neighbors on its side.
pub(super) fn is_item(call: &Call<'_>, token: &Token) -> bool {
    let at = |offset: usize| call.at(token.side, token.pos + offset);
    let before = token
        .pos
        .checked_sub(1)
        .and_then(|pos| call.at(token.side, pos));
    let beside = |test: fn(&Token) -> bool| before.is_some_and(test) || at(1).is_some_and(test);
    match token.reading {
        Reading::Digits
        | Reading::Unit(_)
        | Reading::Teen(_)
        | Reading::Tens(_)
        | Reading::Letter(_) => true,
        Reading::Mixed => token.text.len() <= 34,
        Reading::Oh => beside(is_beside_oh) || spelling_aid(call, token) > 0,
        Reading::Repeat(_) => at(1).is_some_and(|it| {
            is_beside_oh(it) || matches!(it.reading, Reading::WeakLetter(_) | Reading::Homophone(_))
        }),
        Reading::WeakLetter(_) => is_letter_here(before, at(1)) || spelling_aid(call, token) > 0,
        Reading::Spelling(_) => beside(is_beside_oh),
        Reading::Month(_) => {
            let weak = |it: &Token| matches!(it.reading, Reading::WeakLetter(_));
            let spelled = before.is_some_and(is_beside_oh) && at(1).is_some_and(weak);
            token.text == "november" && (beside(is_letter) || spelled)
        }
        Reading::Capitals => {
            let written = beside(|it| matches!(it.reading, Reading::Digits | Reading::Mixed));
            // "HHI dash 20 8".
            let joined = at(1).is_some_and(|it| matches!(it.reading, Reading::Symbol(_)))
                && at(2).is_some_and(is_number);
            written || joined || (beside(is_number) && !token.is_common())
        }
        Reading::Hundred | Reading::Thousand => before.is_some_and(is_number),
        Reading::Homophone(_) => is_character(call, token),
        _ => false,
    }
}

pub(super) fn is_beside_oh(it: &Token) -> bool {
    is_number(it) || is_letter(it) || matches!(it.reading, Reading::Oh | Reading::Repeat(_))
}

/// "a" and "I" are letters between letters and digits, or before a letter.
fn is_letter_here(before: Option<&Token>, next: Option<&Token>) -> bool {
    let part = |it: &Token| is_beside_oh(it) || matches!(it.reading, Reading::WeakLetter(_));
    let spelled = |it: &Token| is_letter(it) || matches!(it.reading, Reading::WeakLetter(_));
    next.is_some_and(|it| matches!(it.reading, Reading::Letter(_)))
        || before.is_some_and(spelled)
        || (before.is_some_and(part) && next.is_some_and(part))
}

/// Tokens of "as in Yankee" or "for Yankee" behind a letter.
pub(super) fn spelling_aid(call: &Call<'_>, token: &Token) -> usize {
    let letter = match token.reading {
        Reading::Letter(letter) | Reading::WeakLetter(letter) => letter,
        // "Pee for papa": the letter was written as it sounds.
        Reading::Spelling(letter) | Reading::Homophone(letter) if letter.is_ascii_alphabetic() => {
            letter
        }
        Reading::Oh => 'o',
        _ => return 0,
    };
    let text = |offset: usize| call.text(token.side, token.pos + offset).unwrap_or("");
    let fits = |word: &str| word.starts_with(letter) && word.len() > 2;
    // "X-ray" is two tokens.
    let long =
        |offset: usize| offset + usize::from(text(offset) == "x" && text(offset + 1) == "ray");
    match (text(1), text(2)) {
        ("as", "in" | "for") if !text(3).is_empty() => long(3),
        ("for" | "like" | "in" | "as", word) if fits(word) || (letter == 'x' && word == "x") => {
            long(2)
        }
        (link, word) if fits(word) && is_misheard_link(call, token, link) => 2,
        _ => 0,
    }
}

/// "K a king", "b my bob": a short word was heard for the "for" between a letter and its word.
fn is_misheard_link(call: &Call<'_>, letter: &Token, link: &str) -> bool {
    let linking = matches!(
        link,
        "a" | "of" | "the" | "my" | "is" | "it's" | "to" | "and" | "four" | "or"
    );
    let stop = call
        .at(letter.side, letter.pos + 2)
        .is_some_and(|it| it.has(Role::Stop));
    let strong = matches!(letter.reading, Reading::Letter(_));
    let near = call.at(letter.side, letter.pos + 2);
    linking && strong && !stop && near.is_some_and(|it| it.phrase == letter.phrase)
}
