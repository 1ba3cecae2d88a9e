//! Characters that a recognizer wrote as words that sound like them: "for too ate", "see", "why".

use super::item::is_letter;
use crate::detect::{call::Call, lexicon::Role, reading::Reading, token::Token};

/// Tokens looked at on each side; longer strings are longer than any group.
const MAX_STRETCH: usize = 12;

/// Whether a word that sounds like a digit or letter is one, seen with its neighbors.
pub(super) fn is_character(call: &Call<'_>, token: &Token<'_>) -> bool {
    if is_verb(call, token) {
        return false;
    }
    is_digit(token) && is_digit_here(call, token) || is_in_stretch(call, token)
}

/// "That would be 03/27": behind an auxiliary, "be" and "see" are verbs.
pub(in crate::detect) fn is_verb(call: &Call<'_>, token: &Token<'_>) -> bool {
    let before = token
        .pos
        .checked_sub(1)
        .and_then(|pos| call.at(token.side, pos))
        .filter(|it| it.phrase == token.phrase && !it.ends_sentence);
    matches!(token.text, "be" | "see")
        && before.is_some_and(|it| {
            matches!(
                it.text,
                "would"
                    | "will"
                    | "should"
                    | "could"
                    | "can"
                    | "might"
                    | "must"
                    | "may"
                    | "that'll"
                    | "it'll"
                    | "that'd"
                    | "it'd"
                    | "i'll"
                    | "to"
                    | "let's"
            )
        })
}

fn is_digit(token: &Token<'_>) -> bool {
    matches!(token.reading, Reading::Homophone(sound) if sound.is_ascii_digit())
}

/// "for" and "to" join words far more often than they are digits.
fn is_linking(token: &Token<'_>) -> bool {
    matches!(token.text, "for" | "to" | "too")
}

fn is_unmistakable(token: &Token<'_>) -> bool {
    matches!(token.text, "ate" | "won" | "tree" | "owe" | "sicks")
}

/// "for" and the like are digits between digits, behind two of them, or behind one at the end of a
/// phrase.
fn is_digit_here(call: &Call<'_>, token: &Token<'_>) -> bool {
    let near = |pos: Option<usize>| {
        pos.and_then(|pos| call.at(token.side, pos))
            .filter(|it| it.phrase == token.phrase)
    };
    let before = |back: usize| near(token.pos.checked_sub(back));
    let next = near(Some(token.pos + 1));
    let digit = |it: &Token<'_>| {
        matches!(
            it.reading,
            Reading::Unit(_) | Reading::Oh | Reading::Repeat(_)
        ) || (it.reading == Reading::Digits && it.text.len() == 1)
    };
    let part = |it: &Token<'_>| digit(it) || is_letter(it);
    let follows = before(1).is_some_and(|it| digit(it) && !it.ends_sentence);
    let read_out = follows && before(2).is_some_and(digit);
    let goes_on = next.is_some_and(digit);
    let between = before(1).is_some_and(part) && next.is_some_and(part) && (follows || goes_on);
    let linking = is_linking(token);
    let unmistakable = is_unmistakable(token);
    between
        || (follows && next.is_none())
        || (read_out && !linking)
        || (unmistakable && (follows || goes_on))
        || (before(1).is_none()
            && goes_on
            && (!linking || near(Some(token.pos + 2)).is_some_and(digit)))
}

/// What surely is a digit or letter.
fn is_certain(token: &Token<'_>) -> bool {
    is_letter(token)
        || matches!(
            token.reading,
            Reading::Digits
                | Reading::Unit(_)
                | Reading::Oh
                | Reading::Teen(_)
                | Reading::Tens(_)
                | Reading::Mixed
        )
}

/// What may be a part of a string of characters.
fn is_part(token: &Token<'_>) -> bool {
    is_certain(token)
        || matches!(
            token.reading,
            Reading::Homophone(_)
                | Reading::Repeat(_)
                | Reading::WeakLetter(_)
                | Reading::Hundred
                | Reading::Capitals
                | Reading::Symbol(_)
        )
}

/// A stretch of words that are, or sound like, digits and letters.
struct Stretch {
    first: usize,
    last: usize,
    /// Nothing but "yes, it's" stands before it in its turn or sentence.
    begins: bool,
    /// Nothing follows in its turn or sentence.
    ends: bool,
}

/// Whether a word stands in a stretch of characters that fills its turn or has enough of them.
fn is_in_stretch(call: &Call<'_>, token: &Token<'_>) -> bool {
    let side = token.side;
    let at = |pos: usize| call.at(side, pos).filter(|it| it.phrase == token.phrase);
    let beside = |pos: Option<usize>| pos.and_then(at).is_some_and(is_part);
    if !beside(token.pos.checked_sub(1)) && !beside(Some(token.pos + 1)) {
        return false;
    }
    let stretch = stretch(call, token);
    let tokens = || (stretch.first..=stretch.last).filter_map(at);
    let certain = tokens().filter(|it| is_certain(it)).count();
    let unmistakable = tokens().filter(|it| is_unmistakable(it)).count();
    let letters = |it: &&Token<'_>| matches!(it.reading, Reading::Homophone(_)) && !is_digit(it);
    let sounds = tokens().filter(letters).count();
    if sounds > certain || (is_linking(token) && tokens().count() < 2) {
        return false;
    }
    let inside =
        (stretch.first < token.pos || stretch.begins) && (token.pos < stretch.last || stretch.ends);
    let whole = stretch.begins && stretch.ends && certain + unmistakable > 0;
    let digit = is_digit(token);
    whole || (inside && certain >= if digit { 2 } else { 3 })
}

fn stretch(call: &Call<'_>, token: &Token<'_>) -> Stretch {
    let side = token.side;
    let at = |pos: usize| call.at(side, pos).filter(|it| it.phrase == token.phrase);
    let (mut first, mut last) = (token.pos, token.pos);
    while let Some(before) = first.checked_sub(1).and_then(at)
        && is_part(before)
        && !before.ends_sentence
        && token.pos - first < MAX_STRETCH
    {
        first -= 1;
    }
    while at(last).is_some_and(|it| !it.ends_sentence)
        && at(last + 1).is_some_and(is_part)
        && last - token.pos < MAX_STRETCH
    {
        last += 1;
    }
    let opens = |it: &Token<'_>| {
        let opener = it.has(Role::Lead) || it.has(Role::Filler) || it.has(Role::Backchannel);
        opener && !is_part(it)
    };
    let mut before = first;
    while before
        .checked_sub(1)
        .and_then(at)
        .is_some_and(|it| opens(it) && !it.ends_sentence)
    {
        before -= 1;
    }
    let begins = before.checked_sub(1).and_then(at);
    Stretch {
        first,
        last,
        begins: begins.is_none_or(|it| it.ends_sentence || (it.comma && before == first)),
        ends: at(last).is_none_or(|it| it.ends_sentence || it.comma) || at(last + 1).is_none(),
    }
}
