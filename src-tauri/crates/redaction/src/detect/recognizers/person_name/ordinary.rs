//! Names that are ordinary words too: "Will", "Rose", "April", "Mark".

use super::take::{is_part_of_date, stands_alone};
use crate::detect::{call::Call, lexicon::Role, reading::Reading, token::Token};

/// Whether an ordinary word is used as the name it is elsewhere in the call.
pub(super) fn is_said_as_name(call: &Call<'_>, token: &Token) -> bool {
    let before = token
        .pos
        .checked_sub(1)
        .and_then(|pos| call.at(token.side, pos));
    let before = before.filter(|it| it.phrase == token.phrase && !it.ends_sentence);
    if matches!(token.reading, Reading::Month(_))
        && before.is_some_and(|it| is_before_date(it.text))
    {
        return false;
    }
    let greeted = before.is_none_or(|it| {
        it.comma || it.has(Role::NameHint) || it.text == "you" || it.is_first_name()
    });
    let repeated = before.is_some_and(|it| it.text == token.text);
    let linked = before.is_some_and(|it| it.has(Role::NameBefore));
    if call.has_telling_capital(token)
        || (token.title && before.is_none() && !token.stem_has(Role::Stop))
        || (greeted && stands_alone(call, token))
        || ((greeted || linked || repeated) && goes_on_as_name(call, token, linked))
    {
        return true;
    }
    let grammar = before.is_some_and(|it| {
        matches!(
            it.text,
            "the"
                | "a"
                | "an"
                | "my"
                | "your"
                | "his"
                | "her"
                | "their"
                | "our"
                | "this"
                | "that"
                | "i"
                | "we"
                | "you"
                | "they"
                | "to"
                | "will"
                | "can"
                | "could"
                | "should"
                | "would"
                | "not"
                | "last"
                | "in"
                | "of"
                | "next"
                | "new"
                | "no"
                | "for"
                | "he"
                | "she"
                | "it"
                | "who"
                | "please"
        )
    });
    !token.stem_has(Role::Stop) && !grammar
}

/// "By May", "until April": a month follows.
fn is_before_date(text: &str) -> bool {
    matches!(
        text,
        "to" | "by"
            | "until"
            | "till"
            | "in"
            | "since"
            | "before"
            | "after"
            | "of"
            | "this"
            | "next"
            | "last"
            | "on"
            | "end"
            | "early"
            | "late"
            | "mid"
            | "through"
            | "between"
    )
}

/// Whether the sentence goes on as behind a name: "June isn't in", "hi Will it's me".
pub(super) fn goes_on_as_name(call: &Call<'_>, token: &Token, linked: bool) -> bool {
    if stands_alone(call, token) {
        return true;
    }
    let month = matches!(token.reading, Reading::Month(_));
    let next = call.at(token.side, token.pos + 1);
    let dated = month && (linked || next.is_some_and(is_part_of_date));
    let from_to = month
        && token.pos.checked_sub(1).is_some_and(|pos| {
            matches!(
                call.text(token.side, pos),
                Some("from" | "by" | "or" | "and" | "with")
            )
        });
    let starts_anew = next.is_some_and(|it| it.has(Role::NameThen));
    starts_anew && !from_to && !(dated && next.is_some_and(is_part_of_date))
}

/// A capital inside a sentence, on a word that is no month, place or cue.
pub(super) fn is_written_as_name(call: &Call<'_>, token: &Token) -> bool {
    let other = matches!(token.reading, Reading::Month(_) | Reading::Capitals)
        || token.stem_has(Role::Place)
        || call.is_cue(token);
    let vocative = token.title && (token.comma || token.asks) && token.pos > 0;
    !other && (call.has_telling_capital(token) || vocative)
}

/// "Will", "may": what follows such a word is more often a verb than a surname.
pub(super) fn is_auxiliary(token: &Token) -> bool {
    matches!(token.text, "will" | "may")
}
