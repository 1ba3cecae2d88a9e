//! Names of people: introductions, answers, forms of address, spelled names, known names, and
//! every place where an accepted name comes again.

mod answer;
mod memory;
mod opening;
mod ordinary;
mod pieces;
mod sounds;
mod spelled;
mod take;

use domain::{
    entity::{EntityKind::PersonName, Owner},
    transcript::Speaker,
};

use self::{
    ordinary::{is_auxiliary, is_written_as_name},
    take::{Trust, ends_name, is_organization, may_be_surname, take_name},
};
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    lexicon::{ADDRESSING, Announced, BEHIND, Classes, INTRODUCTIONS, Role},
    reading::Reading,
    token::Token,
};

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let mut names = Vec::new();
    for side in 0..call.sides.len() {
        for pos in call.positions_of(Classes::NAME, side) {
            let Some(token) = call.at(side, pos) else {
                break;
            };
            if token.entry.begins(INTRODUCTIONS) {
                introductions(call, side, pos, &mut names);
            }
            if token.entry.stem_roles.has_any(ADDRESSING) {
                forms_of_address(call, side, pos, &mut names);
            }
            if token.is_first_name() {
                plain_names(call, side, pos, &mut names);
            }
            if token.entry.begins(BEHIND) {
                for from in (pos.saturating_sub(3)..pos).rev() {
                    named_behind(call, side, from, &mut names);
                }
            }
        }
    }
    for cue in call
        .cues
        .iter()
        .filter(|cue| cue.announced == Announced::Item(PersonName))
    {
        answer::answers(call, cue, &mut names);
    }
    opening::openings(call, &mut names);
    spelled::spelled_names(call, &mut names);
    memory::known_names(call, &mut names);
    memory::recurrences(call, &mut names);
    sounds::heard_otherwise(call, &mut names);
    pieces::in_pieces(call, &mut names);
    found.extend(names);
}

fn name(
    call: &Call<'_>,
    side: usize,
    first: usize,
    last: usize,
    score: Score,
    owner: Option<Owner>,
) -> Candidate {
    // The rest of "Thorne-Baptiste" belongs to it.
    let word = |pos: usize| call.at(side, pos).map(|it| it.word);
    let mut last = last;
    while word(last).is_some() && word(last + 1) == word(last) {
        last += 1;
    }
    let mut value = String::with_capacity(24);
    for token in (first..=last).filter_map(|pos| call.at(side, pos)) {
        if !value.is_empty() {
            value.push(' ');
        }
        value.push_str(token.stem());
    }
    Candidate {
        value,
        owner,
        ..Candidate::of_tokens(PersonName, "person_name", (side, first, last), score)
    }
}

/// "My name is ...", "this is ...", "speaking with ...".
fn introductions(call: &Call<'_>, side: usize, pos: usize, names: &mut Vec<Candidate>) {
    let sure = call.phrase_len(Role::NameSure, side, pos);
    let strong = call.phrase_len(Role::NameIntro, side, pos).max(sure);
    let greeting = call.phrase_len(Role::NameGreeting, side, pos);
    let hint = call.phrase_len(Role::NameHint, side, pos);
    let weak = call.phrase_len(Role::NameWeak, side, pos);
    let (len, trust) = match strong.max(greeting).max(hint).max(weak) {
        0 => return,
        len if len == sure => (len, Trust::Sure),
        len if len == strong => (len, Trust::Frame),
        len if len == greeting => (len, Trust::Greeting),
        len if len == hint => (len, Trust::Hint),
        len => (len, Trust::Weak),
    };
    let Some((first, last, quality)) = take_name(call, side, pos + len, trust) else {
        return;
    };
    let sure = matches!(trust, Trust::Frame | Trust::Sure);
    let mut score = Score::prior(-1.0);
    score.add_if(sure, 2.4, "behind an introduction");
    score.add_if(
        !sure,
        if trust == Trust::Weak { 0.5 } else { 0.9 },
        "behind words that often precede a name",
    );
    score.add(quality.weight, quality.reason);
    let owner = introduced(call, side, pos, len);
    names.push(name(call, side, first, last, score, owner));
}

/// Who is named behind an introduction.
fn introduced(call: &Call<'_>, side: usize, pos: usize, len: usize) -> Option<Owner> {
    let own = call.phrase_len(Role::OwnIntro, side, pos) == len;
    let met = call.phrase_len(Role::Met, side, pos) == len;
    // "You're speaking with" introduces the speaker, "am I speaking with" asks for the other.
    let you = pos > 0 && matches!(call.text(side, pos - 1), Some("you're" | "are" | "now"));
    let (own, met) = (own || (met && you), met && !you);
    match (call.speaker(side), own, met) {
        (Speaker::External, true, _) | (Speaker::Internal, _, true) => Some(Owner::Requestor),
        (Speaker::Internal, true, _) | (Speaker::External, _, true) => Some(Owner::Agent),
        _ => None,
    }
}

/// "Mrs Hartley", "my husband David".
fn forms_of_address(call: &Call<'_>, side: usize, pos: usize, names: &mut Vec<Candidate>) {
    let Some(token) = call.at(side, pos) else {
        return;
    };
    let honorific = token.has(Role::Honorific);
    let relation = token.stem_has(Role::Relation);
    // "My dads Hywel": the apostrophe is often lost.
    let called = token.stem().len() < token.text.len() || token.text.ends_with('s');
    // "The doctor needs to ring": a profession, not a form of address.
    let noun = token.has(Role::Profession)
        && pos > 0
        && call
            .at(side, pos - 1)
            .is_some_and(|it| it.has(Role::NounLead));
    if (!honorific && !relation) || (honorific && noun) {
        return;
    }
    let linked = usize::from(
        relation
            && matches!(
                call.text(side, pos + 1),
                Some("is" | "called" | "named" | "name")
            ),
    );
    let trust = if honorific {
        Trust::Honorific
    } else if called {
        // "The driver's Grigore", but also "the driver's window".
        Trust::Hint
    } else {
        Trust::Frame
    };
    let Some((first, last, quality)) = take_name(call, side, pos + 1 + linked, trust) else {
        return;
    };
    let mut score = Score::prior(-1.0);
    score.add_if(honorific, 2.6, "behind a form of address");
    score.add_if(relation, 1.8, "behind a relation");
    score.add(quality.weight, quality.reason);
    // The agent's colleague is an employee like the agent.
    let coworker = token.has(Role::Coworker);
    let owner = match (relation, call.speaker(side)) {
        (true, Speaker::Internal) if coworker => Some(Owner::Agent),
        (true, _) => Some(Owner::ThirdParty),
        (false, _) => None,
    };
    names.push(name(call, side, first, last, score, owner));
}

/// "Helen Marsh speaking", "Tom here": the name comes first.
fn named_behind(call: &Call<'_>, side: usize, pos: usize, names: &mut Vec<Candidate>) {
    let frame = |at: usize| {
        if call.phrase_len(Role::NameAfter, side, at) > 0 {
            return Some((Trust::Frame, 2.4));
        }
        (call.phrase_len(Role::NameAfterWeak, side, at) > 0).then_some((Trust::Hint, 0.9))
    };
    let Some((trust, weight)) = (1..=3).find_map(|len| frame(pos + len)) else {
        return;
    };
    let Some((first, last, quality)) = take_name(call, side, pos, trust) else {
        return;
    };
    if frame(last + 1).is_none() || first != pos {
        return;
    }
    let mut score = Score::prior(-1.0);
    score.add(weight, "somebody introduces themselves");
    score.add(quality.weight, quality.reason);
    let owner = match call.speaker(side) {
        Speaker::External => Some(Owner::Requestor),
        Speaker::Internal => Some(Owner::Agent),
        Speaker::Unknown => None,
    };
    names.push(name(call, side, first, last, score, owner));
}

/// A first name with a surname, or a first name alone, without any frame.
fn plain_names(call: &Call<'_>, side: usize, pos: usize, names: &mut Vec<Candidate>) {
    let Some(token) = call.at(side, pos) else {
        return;
    };
    ordinary_first_name(call, token, names);
    let is_name =
        |at: &Token| at.reading == Reading::Word && !at.is_common() && !call.is_in_run(at);
    let saint = pos.checked_sub(1).and_then(|pos| call.text(side, pos));
    let other = token.stem_has(Role::Place)
        || token.stem_has(Role::Stop)
        || matches!(saint, Some("st" | "saint"))
        || is_organization(call, side, pos, pos);
    if !is_name(token) || !token.is_first_name() || other {
        return;
    }
    let mut score = Score::prior(-1.0);
    let next = call.at(side, pos + 1).filter(|_| !token.ends_sentence);
    let family = |it: &&Token| {
        let unheard_of = it.is_unheard_of() && it.stem().len() > 2;
        matches!(it.reading, Reading::Word | Reading::Month(_))
            && (it.is_surname() || unheard_of || may_be_surname(call, it))
            && (is_name(it) || !it.stem().ends_with('s'))
            && (!it.stem_has(Role::Stop) || (it.ends_sentence && is_auxiliary(it)))
            && (!call.is_cue(it) || ends_name(call, it))
            && it.phrase == token.phrase
    };
    let surname = next.filter(family);
    let middle = pos > 0
        && call
            .at(side, pos - 1)
            .is_some_and(|it| !it.ends_sentence && it.phrase == token.phrase);
    score.add(2.8, "a first name");
    score.add_if(surname.is_some(), 1.0, "followed by a surname");
    score.add_if(token.title && middle, 0.4, "written with a capital");
    names.push(name(
        call,
        side,
        pos,
        pos + usize::from(surname.is_some()),
        score,
        None,
    ));
}

/// "She's Magnolia Tate", "the bookkeeper was Misty Hunter": both words may be others.
fn is_told_as_person(call: &Call<'_>, token: &Token, next: &Token) -> bool {
    let before = token
        .pos
        .checked_sub(1)
        .and_then(|pos| call.text(token.side, pos));
    let told = matches!(
        before,
        Some("she's" | "he's" | "was" | "is" | "it's" | "i'm" | "called" | "named" | "me")
    );
    let behind = call.at(next.side, next.pos + 1);
    let ends = next.ends_sentence
        || next.comma
        || behind.is_none_or(|it| {
            it.phrase != next.phrase || it.has(Role::NameThen) || it.text == "hers"
        });
    let names = token.is_first_name() && next.is_surname() && !next.has(Role::Stop);
    told && ends && names && next.reading == Reading::Word
}

/// "Mark Papadopoulos", "April Vandermeer": a surname tells that the word before it is a name.
fn ordinary_first_name(call: &Call<'_>, token: &Token, names: &mut Vec<Candidate>) {
    let ordinary = token.is_first_name() && token.is_common();
    let ends = token.ends_sentence || token.comma || call.is_in_run(token) || call.is_cue(token);
    let next = call.at(token.side, token.pos + 1);
    if ordinary
        && is_written_as_name(call, token)
        && !is_organization(call, token.side, token.pos, token.pos)
    {
        let mut score = Score::prior(-1.0);
        score.add(2.9, "an ordinary word that is also a name, with a capital");
        names.push(name(call, token.side, token.pos, token.pos, score, None));
    }
    let Some(next) = next.filter(|it| ordinary && !ends && it.phrase == token.phrase) else {
        return;
    };
    if is_told_as_person(call, token, next) {
        let mut score = Score::prior(-1.0);
        score.add(3.0, "a first name and a surname where somebody is told");
        names.push(name(call, token.side, token.pos, next.pos, score, None));
        return;
    }
    // "Rosemary Anne Whittaker".
    let third = call.at(next.side, next.pos + 1);
    let middle = next.is_first_name()
        && !next.ends_sentence
        && third.is_some_and(|it| {
            it.phrase == next.phrase && !it.is_common() && (it.is_surname() || it.is_unheard_of())
        });
    let surname = next.is_surname() && (!next.is_first_name() || middle);
    let unheard_of = !is_auxiliary(token) && next.stem().len() > 4;
    let family = next.reading == Reading::Word
        && !next.is_common()
        && !next.stem_has(Role::Place)
        && !next.stem_has(Role::Street)
        && (surname || (unheard_of && next.is_unheard_of()));
    if !family || is_organization(call, token.side, token.pos, next.pos) {
        return;
    }
    let mut score = Score::prior(-1.0);
    score.add(1.6, "an ordinary word that is also a name");
    score.add(1.5, "followed by a surname");
    names.push(name(call, token.side, token.pos, next.pos, score, None));
}
