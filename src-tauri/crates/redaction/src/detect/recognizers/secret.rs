//! PINs, passwords and security answers: only ever known by what is asked.

use domain::{
    entity::EntityKind::{Password, Pin},
    transcript::Speaker,
};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    cue::Cue,
    lexicon::{Announced, Role, Roles},
    reading::Reading,
    token::Token,
};

/// An answer begins within this time after the question.
const MAX_WAIT_MS: u64 = 12_000;
/// A password is told within this time after it was spoken of.
const PASSWORD_TOPIC_MS: u64 = 60_000;
/// Cues looked at before something written; more never matter.
const MAX_CUES: usize = 24;
/// Words on each side of a word such as "capital" that may be the password, too.
const MAX_SENTENCE: usize = 10;
/// Words of a password or security answer.
const MAX_WORDS: usize = 5;

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in call
        .runs
        .iter()
        .filter(|run| (3..=10).contains(&run.digit_count()) && run.letter_count() == 0)
    {
        let mut score = Score::prior(-3.6);
        score.slot(call.context(run).expected(Pin), 6.4);
        score.add_if(
            (4..=6).contains(&run.digit_count()),
            1.0,
            "four to six digits",
        );
        score.against(call, &[Pin], run);
        if score.reaches(0.3) {
            found.push(Candidate::of_run(Pin, "secret", run, score));
        }
    }
    recognize_written(call, found);
    for cue in call
        .cues
        .iter()
        .filter(|cue| cue.announced == Announced::Item(Password))
    {
        found.extend(answer(call, cue));
    }
}

/// "Capital M, maple, dash, 77": how something is written is only told of passwords, if one is spoken of.
fn recognize_written(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for token in call
        .marked()
        .filter(|it| it.entry.begins(Roles::of(&[Role::Casing])))
    {
        let index = call.index(token.side, token.pos);
        let behind = call.cues.partition_point(|cue| cue.token < index);
        let secret = |cue: &Cue| matches!(cue.announced, Announced::Item(Password | Pin));
        let mut before = call.cues.iter().take(behind).rev().take(MAX_CUES);
        let spoken_of = before.any(|cue| {
            secret(cue) && token.start_ms.saturating_sub(cue.end_ms) <= PASSWORD_TOPIC_MS
        });
        if call.phrase_len(Role::Casing, token.side, token.pos) == 0 || !spoken_of {
            continue;
        }
        let (first, last) = sentence_around(call, token);
        let mut score = Score::prior(-0.5);
        score.add(3.2, "says how a password is written");
        let place = (token.side, first, last);
        found.push(Candidate::of_tokens(Password, "secret", place, score));
    }
}

/// The words around a token up to the ends of its sentence or turn, without what leads to them.
fn sentence_around(call: &Call<'_>, token: &Token<'_>) -> (usize, usize) {
    let at = |pos: usize| {
        call.at(token.side, pos)
            .filter(|it| it.phrase == token.phrase)
    };
    let (mut first, mut last) = (token.pos, token.pos);
    while let Some(before) = first.checked_sub(1).and_then(at)
        && !before.ends_sentence
        && !call.is_cue(before)
        && token.pos - first < MAX_SENTENCE
    {
        first -= 1;
    }
    while at(last).is_some_and(|it| !it.ends_sentence)
        && at(last + 1).is_some()
        && last - token.pos < MAX_SENTENCE
    {
        last += 1;
    }
    (skip_lead(call, token.side, first).min(token.pos), last)
}

/// The words after "my password is", or those of the other side after a question.
fn answer(call: &Call<'_>, cue: &Cue) -> Option<Candidate> {
    let end = &call.tokens[cue.token];
    let announced = call.at(cue.side, end.pos + 1).is_some_and(|next| {
        next.phrase == end.phrase && {
            let would = next.text == "would" && call.text(cue.side, end.pos + 2) == Some("be");
            would || matches!(next.text, "is" | "was")
        }
    });
    let named = named_len(call, end);
    if named > 0 {
        let mut score = Score::prior(-0.5);
        score.add(4.2, "the word itself is said behind `password`");
        let place = (cue.side, end.pos + 1, end.pos + named);
        return Some(Candidate::of_tokens(Password, "secret", place, score));
    }
    let (side, start) = if announced {
        (cue.side, end.pos + 2)
    } else {
        // What a customer says about a password is no question.
        if call.speaker(cue.side) == Speaker::External && !end.asks {
            return None;
        }
        let mut after = call.tokens.iter().skip(cue.token + 1).take(60);
        let reply = after.find(|it| it.side != cue.side && it.phrase != end.phrase)?;
        (reply.side, reply.pos)
    };
    let first = skip_lead(call, side, start);
    let begin = call.at(side, first)?;
    if begin.start_ms.saturating_sub(end.end_ms) > MAX_WAIT_MS {
        return None;
    }
    let mut last = first;
    while last + 1 < first + MAX_WORDS {
        let (Some(token), Some(next)) = (call.at(side, last), call.at(side, last + 1)) else {
            break;
        };
        if token.ends_sentence || next.phrase != begin.phrase || next.text == "and" {
            break;
        }
        last += 1;
    }
    let mut score = Score::prior(-0.5);
    score.add(
        4.2 * cue.weight,
        "answers a question for a password or security word",
    );
    let place = (side, first, last);
    Some(Candidate::of_tokens(Password, "secret", place, score))
}

/// Words of the password in "my password bluebird twenty doesn't work": those between the cue and
/// what does not work.
fn named_len(call: &Call<'_>, end: &Token) -> usize {
    let at = |offset: usize| {
        call.at(end.side, end.pos + offset)
            .filter(|it| it.phrase == end.phrase)
    };
    let fails = |it: &Token| it.has(Role::Fails);
    let number = |it: &Token| it.reading != Reading::Word;
    let word = |it: &Token| number(it) || (!it.has(Role::Stop) && !call.is_cue(it));
    let len = (1..MAX_WORDS).find(|&offset| at(offset).is_some_and(fails));
    let len = len.map_or(0, |offset| offset - 1);
    let words = (1..=len).filter_map(at).all(word);
    if words { len } else { 0 }
}

fn skip_lead(call: &Call<'_>, side: usize, from: usize) -> usize {
    let mut pos = from;
    while pos < from + 6 && call.at(side, pos).is_some_and(|it| it.has(Role::Lead)) {
        pos += 1;
    }
    pos
}
