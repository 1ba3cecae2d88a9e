//! E-mail addresses, written or spoken: "j dot smith at gmail dot com".

use domain::{
    entity::{EntityKind::Email, Owner},
    sensitive::PersonalData,
};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    lexicon::Role,
    reading::Reading,
    token::Token,
};

/// Tokens of a local part; spelled ones are long.
const MAX_LOCAL: usize = 40;
/// Words that a local part has without a symbol between them.
const MAX_PLAIN_WORDS: usize = 3;
/// Tokens of a domain.
const MAX_DOMAIN: usize = 14;
/// Tokens of a domain that begins with "the" or the like.
const MAX_ORDINARY: usize = 6;
/// A pause from here on ends a local part, unless it is being spelled.
const MAX_PAUSE_MS: u64 = 4_000;

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for token in call.marked() {
        let written = token.reading == Reading::Email;
        if !written && !token.has(Role::At) {
            continue;
        }
        let span = if written {
            Some((token.pos, token.pos, Domain::Full))
        } else {
            spoken(call, token)
        };
        let Some((first, last, domain)) = span else {
            continue;
        };
        let mut score = Score::prior(-2.0);
        score.add_if(written, 7.0, "written as an address");
        score.slot(call.expected(Email, token.side, first, last), 2.5);
        match domain {
            Domain::Full => score.add(5.6, "a name, `at`, a domain and its ending"),
            Domain::Provider => score.add(2.4, "a name, `at` and a mail provider"),
        }
        let value = compact(call, token.side, first, last);
        let known = call.knowledge.emails.iter().any(|it| is_same(it, &value));
        score.add_if(known, 3.0, "known value of the data subject");
        found.push(Candidate {
            value,
            owner: known.then_some(Owner::Requestor),
            known,
            ..Candidate::of_tokens(Email, "email", (token.side, first, last), score)
        });
    }
    recognize_spelled(call, found);
}

/// A name that is spelled where an address was asked for, and whose domain was not said or heard.
fn recognize_spelled(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in call
        .runs
        .iter()
        .filter(|run| run.letter_count() >= 3 && run.chars.len() >= 4)
    {
        let mut score = Score::prior(-3.0);
        score.slot(call.context(run).expected(Email), 4.0);
        if score.reaches(0.5) {
            found.push(Candidate::of_run(Email, "email", run, score));
        }
    }
}

enum Domain {
    Full,
    Provider,
}

fn spoken(call: &Call<'_>, at: &Token) -> Option<(usize, usize, Domain)> {
    // "At the rate of" in India.
    let start = at.pos + call.phrase_len(Role::At, at.side, at.pos).max(1);
    let (last, domain) = domain_end(call, at, start)?;
    // "At the old rectory dot example" is one, "at home, write to dot com" is not.
    let spelled = is_character(call.at(at.side, start + 1));
    let ordinary = call.at(at.side, start)?.has(Role::NounLead) && !spelled;
    let expected = call.expected(Email, at.side, at.pos, last) > 0.2;
    let short = matches!(domain, Domain::Full) && last < start + MAX_ORDINARY;
    if ordinary && !(expected && short) {
        return None;
    }
    let first = local_start(call, at)?;
    Some((first, last, domain))
}

/// The end of "gmail dot com" behind "at", or of a provider's name alone.
fn domain_end(call: &Call<'_>, at: &Token, start: usize) -> Option<(usize, Domain)> {
    let mut end = None;
    let mut dotted = false;
    for pos in start..start + MAX_DOMAIN {
        let Some(token) = call.at(at.side, pos) else {
            break;
        };
        if token.start_ms.saturating_sub(at.end_ms) > 2 * MAX_PAUSE_MS {
            break;
        }
        match token.reading {
            Reading::Symbol('.') => dotted = true,
            // "Dot" before an ending is often heard as "dog".
            _ if token.text == "dog"
                && call
                    .at(at.side, pos + 1)
                    .is_some_and(|it| it.has(Role::Tld)) =>
            {
                dotted = true;
            }
            _ if dotted && token.has(Role::Tld) => {
                end = Some(pos);
                dotted = false;
            }
            _ if end.is_some() && !dotted => break,
            _ => dotted = false,
        }
        if token.ends_sentence && end.is_some() {
            break;
        }
    }
    if let Some(end) = end {
        return Some((spelled_ending(call, at.side, end), Domain::Full));
    }
    let len = call.phrase_len(Role::EmailProvider, at.side, start);
    let sure = len > 1 || (len == 1 && !call.at(at.side, start)?.is_common());
    sure.then_some((start + len - 1, Domain::Provider))
}

/// "dot co dot u k": the ending may be said letter by letter.
fn spelled_ending(call: &Call<'_>, side: usize, end: usize) -> usize {
    let dot = call
        .at(side, end + 1)
        .is_some_and(|it| it.reading == Reading::Symbol('.'));
    let letters = (2..=4)
        .take_while(|offset| {
            call.at(side, end + offset)
                .is_some_and(|it| matches!(it.reading, Reading::Letter(_)))
        })
        .count();
    if dot && letters >= 2 {
        end + 1 + letters
    } else {
        end
    }
}

/// Walks back from "at" over symbols, letters, digits and a few plain words.
fn local_start(call: &Call<'_>, at: &Token) -> Option<usize> {
    let mut first = None;
    let mut plain = 0;
    let mut later = at;
    for pos in (at.pos.saturating_sub(MAX_LOCAL)..at.pos).rev() {
        let token = call.at(at.side, pos)?;
        let pause = later.start_ms.saturating_sub(token.end_ms);
        let joined = matches!(later.reading, Reading::Symbol(_))
            || matches!(token.reading, Reading::Symbol(_));
        // Only spelling and symbols go on over the end of a turn.
        let letter = matches!(token.reading, Reading::Letter(_) | Reading::WeakLetter(_));
        let turn_ends = token.phrase != later.phrase
            && !joined
            && (!letter || asked_between(call, token, later));
        let sentence_ends = token.ends_sentence && !joined && later.text != "at";
        if pause > MAX_PAUSE_MS || turn_ends || sentence_ends {
            break;
        }
        match token.reading {
            _ if call.is_in_run(token) => first = Some(pos),
            Reading::Word | Reading::Month(_) | Reading::Capitals if token.has(Role::Filler) => {}
            Reading::Word
            | Reading::Month(_)
            | Reading::Capitals
            | Reading::Spelling(_)
            | Reading::Ordinal(_) => {
                if token.has(Role::EmailLead)
                    && !matches!(later.reading, Reading::Symbol(_))
                    && !aids_spelling(call, token)
                {
                    break;
                }
                plain = if joined { 1 } else { plain + 1 };
                if plain > MAX_PLAIN_WORDS && !aids_spelling(call, token) {
                    break;
                }
                first = Some(pos);
            }
            Reading::WeakLetter(_)
                if !joined && first.is_some_and(|first| !is_character(call.at(at.side, first))) =>
            {
                break;
            }
            Reading::Amount | Reading::Date | Reading::Mask(_) | Reading::Email => break,
            _ => first = Some(pos),
        }
        later = token;
    }
    first
}

/// Whether the other side asked for something between two tokens.
fn asked_between(call: &Call<'_>, token: &Token, later: &Token) -> bool {
    let (from, to) = (
        call.index(token.side, token.pos),
        call.index(later.side, later.pos),
    );
    let between = call.tokens.get(from..to).unwrap_or(&[]);
    between
        .iter()
        .any(|it| it.side != token.side && call.is_cue(it))
}

fn is_character(token: Option<&Token>) -> bool {
    token.is_some_and(|it| {
        matches!(
            it.reading,
            Reading::Letter(_) | Reading::WeakLetter(_) | Reading::Digits | Reading::Unit(_)
        )
    })
}

/// A word of "s as in sugar" or "b for bravo".
fn aids_spelling(call: &Call<'_>, token: &Token) -> bool {
    let reading = |pos: Option<usize>| {
        pos.and_then(|pos| call.at(token.side, pos))
            .map(|it| it.reading)
    };
    let letter = |back: usize| {
        matches!(
            reading(token.pos.checked_sub(back)),
            Some(Reading::Letter(_) | Reading::WeakLetter(_))
        )
    };
    match token.text {
        "as" | "for" | "like" => letter(1),
        "in" => letter(2) || letter(1),
        _ => letter(2) || letter(3),
    }
}

/// The address without spaces, symbols as characters: "j.smith@gmail.com".
fn compact(call: &Call<'_>, side: usize, first: usize, last: usize) -> String {
    let mut value = String::new();
    for token in (first..=last).filter_map(|pos| call.at(side, pos)) {
        match token.reading {
            Reading::Symbol(symbol) => value.push(symbol),
            Reading::Unit(digit) | Reading::Teen(digit) | Reading::Tens(digit) => {
                value.push_str(&digit.to_string())
            }
            Reading::Oh => value.push('o'),
            Reading::Spelling(letter) => value.push(letter),
            _ if token.text == "at" => value.push('@'),
            _ => value.push_str(token.text),
        }
    }
    value
}

/// Equal, but for symbols that were not said or heard.
fn is_same(known: &PersonalData<String>, value: &str) -> bool {
    let plain = |text: &str| {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_lowercase()
    };
    let (known, value) = (plain(known.reveal()), plain(value));
    !known.is_empty() && known == value
}
