//! What is said where a name was asked for: a short answer is the name, whatever its words are.

use super::{
    name,
    take::{Trust, take_name, whole_answer},
};
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    cue::Cue,
    lexicon::{Role, Roles},
    reading::Reading,
    token::Token,
};

/// Words before the answer.
const MAX_LEAD: usize = 8;
/// Names in one answer: "Pixie Horrocks, or my mum Georgina".
const MAX_NAMES: usize = 3;
/// Words of a question behind the one that tells what is asked for: "name on the account".
const MAX_QUESTION_END: usize = 5;

/// Words of a name's end that was heard as other words.
const MAX_REST: usize = 2;
/// What is said behind a name.
const ENDS: Roles = Roles::of(&[
    Role::Lead,
    Role::NameThen,
    Role::NameAfter,
    Role::Filler,
    Role::Correction,
    Role::Links,
]);

const LEADS: Roles = Roles::of(&[Role::Lead, Role::NameLead, Role::Filler, Role::Correction]);

/// What is said where a name was asked for.
pub(super) fn answers(call: &Call<'_>, cue: &Cue, names: &mut Vec<Candidate>) {
    if let Some(reply) = call.reply_to(cue) {
        replies(call, cue, reply, names);
    }
    announced(call, cue, names);
}

/// The names that the other side answers with.
fn replies(call: &Call<'_>, cue: &Cue, reply: &Token, names: &mut Vec<Candidate>) {
    let side = reply.side;
    let direct = is_direct(call, cue);
    let mut pos = reply.pos;
    for _ in 0..MAX_NAMES {
        pos = skip_lead(call, side, pos);
        let whole = direct.then(|| whole_answer(call, side, pos)).flatten();
        let Some((first, last, quality)) =
            whole.or_else(|| take_name(call, side, pos, Trust::Frame))
        else {
            return;
        };
        let last = last.max(rest_of_answer(call, side, last, MAX_REST));
        let mut score = Score::prior(-1.0);
        score.add(2.2, "answers a question for a name");
        score.add(quality.weight, quality.reason);
        names.push(name(call, side, first, last, score, None));
        let phrase = |pos: usize| call.at(side, pos).map(|it| it.phrase);
        let goes_on = call
            .at(side, last + 1)
            .is_some_and(|it| it.entry.roles.has_any(LEADS) || it.text == "or");
        let ended = call.at(side, last).is_some_and(|it| it.ends_sentence);
        if phrase(last + 1) != phrase(last) || !(goes_on || ended) {
            return;
        }
        pos = last + 1;
    }
}

/// Where a name ends that was heard as several words: "gurpreet singh sand who".
pub(super) fn rest_of_answer(call: &Call<'_>, side: usize, last: usize, longest: usize) -> usize {
    let Some(end) = call.at(side, last) else {
        return last;
    };
    let mut pos = last;
    while let Some(token) = call.at(side, pos)
        && !token.ends_sentence
        && !token.comma
        && let Some(next) = call.at(side, pos + 1).filter(|it| it.phrase == end.phrase)
    {
        if pos - last == longest || !may_be_rest(call, next) {
            return last;
        }
        pos += 1;
    }
    pos
}

/// Whether a word that ends an answer may be the rest of a name.
fn may_be_rest(call: &Call<'_>, token: &Token<'_>) -> bool {
    let word = matches!(
        token.reading,
        Reading::Word | Reading::Homophone(_) | Reading::WeakLetter(_) | Reading::Oh
    );
    let other = token.entry.roles.has_any(ENDS) || token.stem_has(Role::Relation);
    word && !other && !call.is_cue(token) && !call.is_quantity(token)
}

/// A name behind "last name" or the like on the same side.
fn announced(call: &Call<'_>, cue: &Cue, names: &mut Vec<Candidate>) {
    let start = call.tokens[cue.token].pos + 1;
    let mut pos = start;
    while pos < start + MAX_LEAD && call.at(cue.side, pos).is_some_and(|it| it.has(Role::Lead)) {
        pos += 1;
    }
    // "First name Tyrone, last name Page": the speaker names what comes.
    let announced = pos == start && is_announced(call, cue);
    let trust = if announced { Trust::Frame } else { Trust::Weak };
    let Some((first, last, quality)) = take_name(call, cue.side, pos, trust) else {
        return;
    };
    let mut score = Score::prior(-1.0);
    score.add(
        if announced { 2.2 } else { 1.0 },
        "behind words that announce a name",
    );
    score.add(quality.weight, quality.reason);
    names.push(name(call, cue.side, first, last, score, None));
}

fn skip_lead(call: &Call<'_>, side: usize, from: usize) -> usize {
    let lead = |pos: usize| {
        call.at(side, pos)
            .is_some_and(|it| it.entry.roles.has_any(LEADS) || it.text == "or")
    };
    (from..from + MAX_LEAD)
        .find(|&pos| !lead(pos))
        .unwrap_or(from + MAX_LEAD)
}

/// Whether the question ends with what it asks for, so that the answer is nothing else.
fn is_direct(call: &Call<'_>, cue: &Cue) -> bool {
    let end = &call.tokens[cue.token];
    let mut behind = (1..=MAX_QUESTION_END + 1).map(|offset| call.at(cue.side, end.pos + offset));
    let ends = end.asks || behind.any(|it| it.is_none_or(|it| it.phrase != end.phrase));
    cue.weight >= 1.0 && ends
}

/// Whether the cue is "last name" or the like of somebody who says it, not of somebody who asks.
fn is_announced(call: &Call<'_>, cue: &Cue) -> bool {
    let end = &call.tokens[cue.token];
    let asked = (end.pos + 1)
        .checked_sub(cue.len)
        .and_then(|pos| pos.checked_sub(1));
    let asked = asked.and_then(|pos| call.text(cue.side, pos));
    let same = call
        .at(cue.side, end.pos + 1)
        .is_some_and(|next| next.phrase == end.phrase);
    same && !end.asks
        && matches!(end.text, "name" | "surname")
        && !matches!(
            asked,
            Some("your" | "the" | "a" | "whose" | "what" | "account")
        )
        && call.phrase_len(Role::Question, cue.side, end.pos + 1) == 0
}
