//! PINs, passwords and security answers: only ever known by what is asked.

mod letters;

use std::collections::HashMap;

use domain::{
    entity::EntityKind::{Password, Pin},
    transcript::Speaker,
};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    cue::Cue,
    hash::Mixed,
    lexicon::{Announced, Role, Roles},
    reading::Reading,
    run::Run,
    shape::Shapes,
    token::Token,
};

/// From here on a password is looked for again.
const ACCEPTED: f32 = 0.85;
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
/// Words in which letters of one are told: "h for the second and e for echo the fifth".
const MAX_PARTS: usize = 16;
/// Words of a remark before the answer.
const MAX_REMARK: usize = 6;

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let digits = call.runs.iter().filter(|run| run.letter_count() == 0);
    for run in digits.filter(|run| (1..=10).contains(&run.digit_count())) {
        let partial = run.digit_count() < 3;
        if partial && !is_part_of_pin(call, run) {
            continue;
        }
        let mut score = Score::prior(-3.6);
        score.slot(call.context(run).expected(Pin), 6.4);
        score.add_if(
            (4..=6).contains(&run.digit_count()),
            1.0,
            "four to six digits",
        );
        if !partial {
            score.against(call, &[Pin], run);
        }
        if score.reaches(0.3) {
            let found_run = Candidate::of_run(Pin, "secret", run, score);
            found.push(Candidate {
                last: end_of_keys(call, run),
                ..found_run
            });
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
    let codes = call
        .cues
        .iter()
        .filter(|cue| cue.announced == Announced::Item(Pin));
    found.extend(
        codes
            .filter_map(|cue| worded_code(call, cue))
            .collect::<Vec<_>>(),
    );
    letters::told_one_by_one(call, found);
    again(call, found);
}

/// Whether single digits of a PIN were asked for: "the first and third digits of your PIN".
fn is_part_of_pin(call: &Call<'_>, run: &Run) -> bool {
    let Some(cue) = call.cue_before(run) else {
        return false;
    };
    let end = call.tokens[cue.token].pos;
    let asked = (end.saturating_sub(MAX_SENTENCE)..=end)
        .filter_map(|pos| call.text(cue.side, pos))
        .any(|text| matches!(text, "digit" | "digits" | "number" | "numbers"));
    cue.announced == Announced::Item(Pin) && cue.side != run.side && asked && call.begins_turn(run)
}

/// "... then star": keys of a door belong to its code.
fn end_of_keys(call: &Call<'_>, run: &Run) -> usize {
    let key = |pos: usize| {
        call.at(run.side, pos)
            .is_some_and(|it| matches!(it.text, "star" | "hash" | "asterisk"))
    };
    let then = usize::from(matches!(
        call.text(run.side, run.last + 1),
        Some("then" | "and")
    ));
    let at = run.last + 1 + then;
    if key(at) { at } else { run.last }
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
    let named = named_len(call, end);
    if named > 0 {
        let mut score = Score::prior(-0.5);
        score.add(4.2, "the word itself is said behind `password`");
        let place = (cue.side, end.pos + 1, end.pos + named);
        return Some(Candidate::of_tokens(Password, "secret", place, score));
    }
    let told = told_from(call, cue, end);
    let (side, start) = match told {
        Some(start) => (cue.side, start),
        None => reply_from(call, cue, end)?,
    };
    let first = behind_remark(call, side, skip_lead(call, side, start));
    let begin = call.at(side, first)?;
    if begin.start_ms.saturating_sub(end.end_ms) > MAX_WAIT_MS {
        return None;
    }
    let article = matches!(begin.text, "a" | "an" | "temporary" | "something");
    if (told.is_some() && article) || is_no_word(call, begin) {
        return None;
    }
    let in_parts = told.is_none() && asks_for_letters(call, end);
    let longest = if in_parts { MAX_PARTS } else { MAX_WORDS };
    let last = last_of_answer(call, begin, longest);
    let code = cue.announced == Announced::Item(Pin);
    let mut score = Score::prior(-0.5);
    score.add(
        if code { 2.8 } else { 4.2 * cue.weight },
        "answers a question for a password or security word",
    );
    let place = (side, first, last);
    Some(Candidate {
        value: value(call, place),
        ..Candidate::of_tokens(Password, "secret", place, score)
    })
}

/// Where the password itself is told: "the password is", "we have set your password to".
fn told_from(call: &Call<'_>, cue: &Cue, end: &Token<'_>) -> Option<usize> {
    let text = |offset: usize| {
        let token = call.at(cue.side, end.pos + offset);
        token
            .filter(|it| it.phrase == end.phrase && !end.ends_sentence)
            .map(|it| it.text)
    };
    let be = matches!(text(2), Some("be"));
    match text(1)? {
        "is" | "was" | "to" | "as" | "now" => Some(end.pos + 2),
        "would" | "will" | "should" if be => Some(end.pos + 3),
        _ => None,
    }
}

/// Where the other side answers a question.
fn reply_from(call: &Call<'_>, cue: &Cue, end: &Token<'_>) -> Option<(usize, usize)> {
    // What a customer says about a password is no question.
    if call.speaker(cue.side) == Speaker::External && !end.asks {
        return None;
    }
    let mut after = call.tokens.iter().skip(cue.token + 1).take(60);
    let reply = after.find(|it| it.side != cue.side && it.phrase != end.phrase)?;
    Some((reply.side, reply.pos))
}

/// Whether a word is one with which people say something else: "I started to", "don't know it".
fn is_no_word(call: &Call<'_>, token: &Token<'_>) -> bool {
    let next = call.at(token.side, token.pos + 1);
    let goes_on = next.is_some_and(|it| it.phrase == token.phrase && !token.ends_sentence);
    goes_on && token.reading == Reading::Word && token.has(Role::Stop) && !token.title
}

/// "It's on the fridge, Spitfire 19": the answer stands behind the remark.
fn behind_remark(call: &Call<'_>, side: usize, first: usize) -> usize {
    let own = |pos: usize| call.at(side, pos);
    let Some(begin) = own(first).filter(|it| is_no_word(call, it)) else {
        return first;
    };
    let comma = (first..first + MAX_REMARK).find(|&pos| own(pos).is_some_and(|it| it.comma));
    let next = comma.and_then(|pos| own(pos + 1));
    let next = next.filter(|it| it.phrase == begin.phrase && !it.has(Role::Stop));
    next.map_or(first, |it| it.pos)
}

/// "The second and the fifth letter of your memorable word".
fn asks_for_letters(call: &Call<'_>, end: &Token<'_>) -> bool {
    let near = end.pos.saturating_sub(MAX_SENTENCE)..=end.pos + MAX_SENTENCE;
    near.filter_map(|pos| call.at(end.side, pos))
        .filter(|it| it.phrase == end.phrase)
        .any(|it| matches!(it.text, "letter" | "letters" | "character" | "characters"))
}

fn last_of_answer(call: &Call<'_>, begin: &Token<'_>, longest: usize) -> usize {
    let in_parts = longest > MAX_WORDS;
    let mut last = begin.pos;
    while last + 1 < begin.pos + longest {
        let (Some(token), Some(next)) = (call.at(begin.side, last), call.at(begin.side, last + 1))
        else {
            break;
        };
        let other = matches!(
            next.text,
            "and" | "but" | "so" | "because" | "if" | "which" | "it'd"
        );
        if token.ends_sentence || next.phrase != begin.phrase || (other && !in_parts) {
            break;
        }
        last += 1;
    }
    last
}

fn value(call: &Call<'_>, (side, first, last): (usize, usize, usize)) -> String {
    let words = (first..=last).filter_map(|pos| call.text(side, pos));
    words.collect::<Vec<_>>().join(" ")
}

/// A passcode or code word that is asked for as a code and answered with a word.
fn worded_code(call: &Call<'_>, cue: &Cue) -> Option<Candidate> {
    let end = &call.tokens[cue.token];
    let (side, start) = reply_from(call, cue, end).filter(|_| cue.weight >= 1.0)?;
    let begin = call.at(side, skip_lead(call, side, start))?;
    let word = begin.reading == Reading::Word && begin.stem().len() > 3 && !begin.has(Role::Stop);
    let other = call.is_cue(begin) || call.is_in_run(begin) || begin.has(Role::NameThen);
    let last = last_of_answer(call, begin, MAX_WORDS);
    let short = last + 1 < begin.pos + MAX_WORDS;
    (word && !other && short).then(|| answer(call, cue))?
}

/// Words of an accepted password wherever they are said again.
fn again(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let sure = |it: &&Candidate| it.entity == Password && it.score >= ACCEPTED;
    let mut known: HashMap<&str, (usize, usize), Mixed> = HashMap::default();
    for it in found.iter().filter(sure) {
        for token in (it.first..=it.last).filter_map(|pos| call.at(it.side, pos)) {
            let telling = token.text.len() > 4 && !token.has(Role::Stop) && !token.has(Role::Lead);
            if token.reading == Reading::Word && telling && !call.is_cue(token) {
                known.insert(token.text, (it.side, it.first));
            }
        }
    }
    if known.is_empty() {
        return;
    }
    let mut shapes = Shapes::none();
    shapes.extend(known.keys().copied());
    let same = |it: &Token<'_>| shapes.may_have(it.text) && known.contains_key(it.text);
    let mut repeated = Vec::new();
    let covered = call.covered_by(found.iter().filter(|it| it.entity == Password));
    for (token, covered) in call.tokens.iter().zip(covered) {
        if covered || !same(token) {
            continue;
        }
        let part = |pos: usize| {
            call.at(token.side, pos).is_some_and(|it| {
                it.phrase == token.phrase && (same(it) || !matches!(it.reading, Reading::Word))
            })
        };
        let before =
            (1..=MAX_WORDS).take_while(|back| token.pos.checked_sub(*back).is_some_and(part));
        let behind = (1..=MAX_WORDS).take_while(|offset| part(token.pos + offset));
        let (before, behind) = (before.count(), behind.count());
        // An ordinary word alone is said for other reasons, too.
        if token.is_common() && before + behind == 0 {
            continue;
        }
        let place = (token.side, token.pos - before, token.pos + behind);
        let mut score = Score::prior(0.0);
        score.add(
            3.4,
            "a word of a password that is said elsewhere in the call",
        );
        repeated.push(Candidate::of_tokens(Password, "secret", place, score));
    }
    found.extend(repeated);
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
    while pos < from + 6
        && call
            .at(side, pos)
            .is_some_and(|it| it.has(Role::Lead) || it.text == "think")
    {
        pos += 1;
    }
    pos
}
