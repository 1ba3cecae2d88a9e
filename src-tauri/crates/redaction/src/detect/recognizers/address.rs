//! Addresses: a number and a street, what follows them, and postal codes.

mod again;
mod answer;
mod house;
mod street_first;
mod whole;

use domain::entity::EntityKind::Address;

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    lexicon::{Announced, Role, Roles},
    reading::Reading,
    run::Run,
    token::Token,
};

/// Words between house number and street type.
const MAX_STREET_WORDS: usize = 4;
/// Words of an address behind the street.
const MAX_TAIL: usize = 16;

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in &call.runs {
        recognize_street(call, run, found);
        recognize_house_number(call, run, found);
        recognize_postal_code(call, run, found);
    }
    street_first::recognize(call, found);
    for token in call.marked().filter(|it| it.has(Role::StreetStrong)) {
        recognize_street_without_number(call, token, found);
    }
    let heads = call.marked().filter(|it| it.entry.begins(DWELLINGS));
    heads.for_each(|token| recognize_dwelling(call, token, found));
    answer::answers(call, found);
    again::again(call, found);
}

const DWELLINGS: Roles = Roles::of(&[Role::Dwelling]);

/// "Lot nine, Quarry Road", "rural route one, box forty four", wherever it is said.
fn recognize_dwelling(call: &Call<'_>, token: &Token<'_>, found: &mut Vec<Candidate>) {
    let (side, first) = (token.side, token.pos);
    if call.phrase_len(Role::Dwelling, side, first) == 0 {
        return;
    }
    let placed = |it: &whole::Whole| it.number || (it.coded && it.names > 0);
    let Some(whole) = whole::whole_from(call, side, first).filter(placed) else {
        return;
    };
    let mut score = Score::prior(-2.6);
    score.add(1.6, "a house or a part of one, with a number or a town");
    score.add_if(whole.street, 2.4, "a street");
    score.add_if(whole.coded, 2.4, "a postal code, state or county");
    push(call, side, first, whole.last, score, found);
}

fn recognize_street(call: &Call<'_>, run: &Run, found: &mut Vec<Candidate>) {
    let expected = call.context(run).expected(Address);
    let mut score = Score::prior(-2.6);
    score.slot(expected, 3.2);
    let digits = run.digit_count();
    let unit = unit_before(call, run.side, run.first) < run.first;
    let long = digits > if unit { 9 } else { 6 };
    if digits == 0 || run.letter_count() > 2 {
        return;
    }
    let number = if long {
        house_number(call, run)
    } else {
        run.first
    };
    let street = street_end(call, run.side, run.last + 1);
    let end = match street {
        Some((end, strong)) => {
            score.add(if strong { 4.6 } else { 3.0 }, "a number and a street");
            let mut middle = (run.last + 1..end).filter_map(|pos| call.at(run.side, pos));
            let named = middle.any(|it| !it.is_common() || it.title);
            score.add_if(
                named,
                if strong { 0.6 } else { 2.0 },
                "the street has a name",
            );
            end
        }
        None if expected > 0.3 && names_follow(call, run) => {
            score.add(2.0, "a number and a name");
            run.last + 1
        }
        None => return,
    };
    let (last, coded) = tail_end(call, run.side, end, expected > 0.3);
    let unrelated = call.context(run).unrelated();
    score.add_if(
        unrelated > expected && !coded,
        -1.2 * (unrelated - expected),
        "a price, quantity, time or reference is meant",
    );
    score.add_if(coded, 2.4, "followed by a postal code or state");
    let mut first = unit_before(call, run.side, number);
    // A number that was not recognized: "thity six highfield crescent".
    let before = first.checked_sub(1).and_then(|pos| call.at(run.side, pos));
    let phrase = call.at(run.side, run.first).map(|it| it.phrase);
    let misheard = before.is_some_and(|it| {
        it.reading == Reading::Word
            && !it.ends_sentence
            && phrase == Some(it.phrase)
            && it.is_unheard_of()
    });
    first -= usize::from(misheard && expected > 0.3);
    push(call, run.side, first, last, score, found);
}

/// Where the house number begins in digits of which the first belong to something else: "born in
/// nineteen sixty nine, thirty three Sycamore Lane".
fn house_number(call: &Call<'_>, run: &Run) -> usize {
    let first = run.items.len().saturating_sub(HOUSE_TOKENS);
    let token = run.items.get(first).and_then(|&at| call.tokens.get(at));
    token.map_or(run.first, |token| token.pos)
}

/// Tokens of a house number that follows other digits.
const HOUSE_TOKENS: usize = 4;
/// Tokens before a house number in which somebody lives there.
const DWELLING_REACH: usize = 6;

/// "He lives at number nineteen": a house number alone places a person in a street both know.
fn recognize_house_number(call: &Call<'_>, run: &Run, found: &mut Vec<Candidate>) {
    let first = unit_before(call, run.side, run.first);
    if is_asked_for_house(call, run) && (1..=5).contains(&run.digit_count()) {
        let mut score = Score::prior(-2.6);
        score.add(5.0, "answers a question for the house number");
        push(call, run.side, first, run.last, score, found);
        return;
    }
    let dwells = (run.first.saturating_sub(DWELLING_REACH)..run.first)
        .filter_map(|pos| call.text(run.side, pos))
        .any(|text| {
            matches!(
                text,
                "live" | "lives" | "lived" | "living" | "stays" | "door" | "moved"
            )
        });
    if first == run.first || !dwells || !(1..=4).contains(&run.digit_count()) {
        return;
    }
    let mut score = Score::prior(-2.6);
    score.add(5.0, "the number of the house somebody lives in");
    score.against(call, &[Address], run);
    push(call, run.side, first, run.last, score, found);
}

/// Whether the last thing asked for is the number of a house.
fn is_asked_for_house(call: &Call<'_>, run: &Run) -> bool {
    let Some(cue) = call.cue_before(run) else {
        return false;
    };
    let end = call.tokens[cue.token].pos;
    let asked = |len: usize| {
        end.checked_sub(len)
            .and_then(|pos| call.text(cue.side, pos))
            .is_some_and(|text| matches!(text, "house" | "flat" | "door" | "apartment"))
    };
    let answers = cue.side != run.side && call.begins_turn(run);
    (asked(0) && answers) || (call.text(cue.side, end) == Some("number") && (asked(1) || asked(2)))
}

fn push(
    call: &Call<'_>,
    side: usize,
    first: usize,
    last: usize,
    score: Score,
    found: &mut Vec<Candidate>,
) {
    if !score.reaches(0.3) {
        return;
    }
    let first = house::names_before(call, side, first);
    let words = (first..=last).filter_map(|pos| call.text(side, pos));
    let value = words.collect::<Vec<_>>().join(" ");
    found.push(Candidate {
        value,
        ..Candidate::of_tokens(Address, "address", (side, first, last), score)
    });
}

/// Words that never stand in a name but in streets.
const JOINS: [&str; 8] = ["the", "st", "old", "new", "second", "first", "may", "will"];

/// Position of the street type within a few words, and whether it cannot be another word.
fn street_end(call: &Call<'_>, side: usize, from: usize) -> Option<(usize, bool)> {
    for pos in from..=from + MAX_STREET_WORDS {
        let token = call.at(side, pos)?;
        let before = call.at(side, pos.checked_sub(1)?)?;
        if before.ends_sentence || token.start_ms.saturating_sub(before.end_ms) > 3_000 {
            return None;
        }
        if pos > from && token.has(Role::Street) {
            return Some((pos, token.has(Role::StreetStrong)));
        }
        let in_name = matches!(
            token.reading,
            Reading::Word
                | Reading::Homophone(_)
                | Reading::Ordinal(_)
                | Reading::Month(_)
                | Reading::Spelling(_)
                | Reading::Capitals
                | Reading::Tens(_)
                | Reading::Letter(_)
        );
        let ordinary = matches!(
            token.text,
            "and"
                | "is"
                | "my"
                | "i"
                | "to"
                | "for"
                | "minutes"
                | "days"
                | "of"
                | "in"
                | "from"
                | "dollars"
                | "pounds"
                | "percent"
        );
        // "The" of "12 The Grove", but not "when he's close".
        let stop = token.has(Role::Stop) && !JOINS.contains(&token.text);
        if !in_name || ordinary || stop {
            return None;
        }
    }
    None
}

fn names_follow(call: &Call<'_>, run: &Run) -> bool {
    let Some(token) = call.at(run.side, run.last + 1) else {
        return false;
    };
    let near = call
        .at(run.side, run.last)
        .is_some_and(|it| !it.ends_sentence && it.phrase == token.phrase);
    near && token.reading == Reading::Word && (token.title || !token.is_common())
}

/// "flat two", "apartment 4b" before the house number.
fn unit_before(call: &Call<'_>, side: usize, first: usize) -> usize {
    (1..=4)
        .filter_map(|back| first.checked_sub(back))
        .find(|&pos| {
            call.text(side, pos).is_some_and(|text| {
                matches!(
                    text,
                    "flat" | "apartment" | "apt" | "unit" | "suite" | "number"
                )
            })
        })
        .unwrap_or(first)
}

/// How far the address goes on: units, towns, states, postal codes.
fn tail_end(call: &Call<'_>, side: usize, street: usize, asked: bool) -> (usize, bool) {
    let town = |it: &Token| it.title || !it.is_common();
    let mut last = street;
    let mut coded = false;
    let mut pos = street + 1;
    while pos <= street + MAX_TAIL {
        let (Some(before), Some(token)) = (call.at(side, pos - 1), call.at(side, pos)) else {
            break;
        };
        if token.start_ms.saturating_sub(before.end_ms) > 3_000 {
            break;
        }
        let filler = token.has(Role::Filler) || (asked && token.has(Role::Correction));
        let filler = usize::from(filler);
        let bridge = call.phrase_len(Role::Bridge, side, pos);
        if filler > 0 || bridge > 1 {
            pos += filler.max(bridge);
            continue;
        }
        let state = call.phrase_len(Role::State, side, pos);
        if state > 0 {
            (last, coded) = (pos + state - 1, true);
            pos += state;
            continue;
        }
        if let Some(run) = call
            .run_over(token)
            .filter(|run| run.first == pos && run.last > pos)
        {
            (last, coded) = (run.last, coded || run.variants().any(is_british));
            pos = run.last + 1;
            continue;
        }
        if is_part(token) {
            last = pos;
            coded |= token.reading == Reading::Digits && token.text.len() == 5;
        } else if (before.ends_sentence && !asked)
            || ends_address(token)
            || !(asked || before.comma || town(token))
        {
            break;
        } else if asked || town(token) {
            // A town: only named towns are titled, and only an asked-for address may have others.
            last = pos;
        }
        pos += 1;
    }
    (last, coded)
}

/// Unit words, digits, letters: what an address has and a sentence about something else has not.
fn is_part(token: &Token<'_>) -> bool {
    token.has(Role::Unit)
        || matches!(
            token.reading,
            Reading::Digits
                | Reading::Unit(_)
                | Reading::Teen(_)
                | Reading::Tens(_)
                | Reading::Mixed
                | Reading::Letter(_)
                | Reading::Spelling(_)
                | Reading::Oh
        )
}

fn ends_address(token: &Token<'_>) -> bool {
    let joins = matches!(
        token.text,
        "in" | "at"
            | "the"
            | "that's"
            | "it's"
            | "new"
            | "south"
            | "north"
            | "east"
            | "west"
            | "saint"
    );
    !joins && (token.has(Role::Stop) || token.has(Role::Question))
}

/// "Rosewood Lane" without a number, where an address was asked for.
fn recognize_street_without_number(call: &Call<'_>, token: &Token<'_>, found: &mut Vec<Candidate>) {
    if token.pos == 0 {
        return;
    }
    let Some(before) = call.at(token.side, token.pos - 1) else {
        return;
    };
    let named = before.reading == Reading::Word && !before.has(Role::Stop) && !before.ends_sentence;
    let expected = call.expected(Address, token.side, token.pos, token.pos);
    if !named || expected < 0.2 {
        return;
    }
    let mut score = Score::prior(-2.0);
    score.slot(expected, 3.0);
    score.add(1.0, "a street");
    let (last, coded) = tail_end(call, token.side, token.pos, true);
    score.add_if(coded, 1.5, "followed by a postal code or state");
    push(call, token.side, token.pos - 1, last, score, found);
}

/// Whether the last thing asked for is a postal code; Australian ones have four digits, Indian six.
fn is_asked_for_code(call: &Call<'_>, run: &Run) -> bool {
    call.cue_before(run).is_some_and(|cue| {
        let word = call.tokens.get(cue.token).map_or("", |it| it.text);
        cue.announced == Announced::Item(Address)
            && matches!(
                word,
                "postcode" | "code" | "zip" | "pincode" | "eircode" | "postal"
            )
    })
}

fn recognize_postal_code(call: &Call<'_>, run: &Run, found: &mut Vec<Candidate>) {
    let expected = call.context(run).expected(Address);
    let mut score = Score::prior(-2.8);
    score.slot(expected, 3.2);
    let british = run.variants().any(is_british);
    let digits = run.digit_count();
    let state_before = (1..=3).any(|len| {
        run.first >= len && call.phrase_len(Role::State, run.side, run.first - len) == len
    });
    score.add_if(british, 5.4, "has the form of a postcode");
    if run.letter_count() == 0 && matches!(digits, 5 | 9) {
        score.add(2.0, "as many digits as a ZIP code");
        score.add_if(state_before, 3.0, "behind the name of a state");
    } else if is_asked_for_code(call, run) && (3..=9).contains(&run.chars.len()) {
        score.add(2.6, "answers a question for the postal code");
    } else if run.letter_count() > 0 && expected > 0.5 && (2..=4).contains(&run.chars.len()) {
        score.add(1.6, "a part of a postal code");
    } else if !british {
        return;
    }
    score.against(call, &[Address], run);
    if score.reaches(0.3) {
        found.push(Candidate {
            first: house::names_before(call, run.side, run.first),
            ..Candidate::of_run(Address, "address", run, score)
        });
    }
}

/// Postcode grammar: area of one or two letters, district, sector, two letters.
fn is_british(chars: &str) -> bool {
    let bytes = chars.as_bytes();
    if !(5..=7).contains(&bytes.len()) {
        return false;
    }
    let (outward, inward) = bytes.split_at(bytes.len() - 3);
    let area = outward
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    let district = outward.get(area..).unwrap_or(&[]);
    let inward = inward[0].is_ascii_digit() && inward[1..].iter().all(u8::is_ascii_uppercase);
    matches!(area, 1 | 2)
        && matches!(district.len(), 1 | 2)
        && district[0].is_ascii_digit()
        && district.iter().all(u8::is_ascii_alphanumeric)
        && inward
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{knowledge::CaseKnowledge, text::detect_text};

    fn addresses(text: &str) -> Vec<String> {
        let spans = detect_text(text, &CaseKnowledge::default());
        let cut = |start: usize, end: usize| text.chars().skip(start).take(end - start).collect();
        let sure = spans
            .iter()
            .filter(|it| it.entity == Address && it.score >= 0.5);
        sure.map(|it| cut(it.start, it.end)).collect()
    }

    #[test]
    fn a_house_number_alone_is_an_address_where_somebody_lives() {
        assert_eq!(
            addresses("she lives at number nineteen"),
            ["number nineteen"]
        );
        assert_eq!(addresses("they moved to number four"), ["number four"]);
        assert_eq!(addresses("Customer: he stays in flat 12"), ["flat 12"]);
    }

    #[test]
    fn a_number_where_nobody_lives_is_no_address() {
        for text in [
            "it is number nineteen in the queue",
            "i live with two dogs",
            "a minute or two sure",
            "press number four",
            "he lives at number one two three four five six",
        ] {
            assert_eq!(addresses(text), [""; 0], "`{text}`");
        }
    }

    #[test]
    fn postcodes_have_an_area_a_district_a_sector_and_two_letters() {
        for (chars, expected) in [
            ("SW1A1AA", true),
            ("M14BT", true),
            ("EC1V9HX", true),
            ("12345", false),
            ("ABC1DE", false),
            ("M14B7", false),
        ] {
            assert_eq!(is_british(chars), expected, "{chars}");
        }
    }
}
