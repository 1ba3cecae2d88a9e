//! Names of people: introductions, answers, forms of address, spelled names, known names, and
//! every place where an accepted name comes again.

mod memory;
mod ordinary;
mod take;

use std::collections::HashSet;

use domain::{
    entity::{EntityKind::PersonName, Owner},
    transcript::Speaker,
};

use self::{
    ordinary::{is_auxiliary, is_written_as_name},
    take::{Trust, ends_name, is_business, take_name},
};
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    cue::Cue,
    hash::Mixed,
    lexicon::{Announced, Role, Roles},
    reading::Reading,
    run::Run,
    token::Token,
};

/// Tokens of a side in which people say who they are.
const OPENING_TOKENS: usize = 40;
/// An answer begins within this time after the question.
const MAX_WAIT_MS: u64 = 12_000;

const INTRODUCTIONS: Roles = Roles::of(&[
    Role::NameIntro,
    Role::NameGreeting,
    Role::NameHint,
    Role::NameWeak,
]);
const ADDRESSING: Roles = Roles::of(&[Role::Honorific, Role::Relation]);
const BEHIND: Roles = Roles::of(&[Role::NameAfter, Role::NameAfterWeak]);

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let mut names = Vec::new();
    for side in 0..call.sides.len() {
        for pos in 0..call.side_len(side) {
            let Some(token) = call.at(side, pos) else {
                break;
            };
            if token.entry.begins(INTRODUCTIONS) {
                introductions(call, side, pos, &mut names);
            }
            if token.entry.roles.has_any(ADDRESSING) {
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
        answers(call, cue, &mut names);
    }
    spelled_names(call, &mut names);
    memory::known_names(call, &mut names);
    memory::recurrences(call, &mut names);
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
    let strong = call.phrase_len(Role::NameIntro, side, pos);
    let greeting = call.phrase_len(Role::NameGreeting, side, pos);
    let hint = call.phrase_len(Role::NameHint, side, pos);
    let weak = call.phrase_len(Role::NameWeak, side, pos);
    let (len, trust) = match strong.max(greeting).max(hint).max(weak) {
        0 => return,
        len if is_opening(call, side, pos) == len => (len, Trust::Opening),
        len if len == strong => (len, Trust::Frame),
        len if len == greeting => (len, Trust::Greeting),
        len if len == hint => (len, Trust::Hint),
        len => (len, Trust::Weak),
    };
    let Some((first, last, quality)) = take_name(call, side, pos + len, trust) else {
        return;
    };
    let weak_frame = !matches!(trust, Trust::Frame | Trust::Opening);
    if weak_frame && call.at(side, last).is_some_and(|it| is_business(call, it)) {
        return;
    }
    let mut score = Score::prior(-1.0);
    score.add_if(!weak_frame, 2.4, "behind an introduction");
    score.add_if(
        weak_frame,
        if trust == Trust::Weak { 0.5 } else { 0.9 },
        "behind words that often precede a name",
    );
    score.add(quality.weight, quality.reason);
    let owner = introduced(call, side, pos, len);
    names.push(name(call, side, first, last, score, owner));
}

/// Tokens of a phrase with which somebody says who they are, in the first turns of a side.
fn is_opening(call: &Call<'_>, side: usize, pos: usize) -> usize {
    // A caller who says "I'm" goes on with what they want.
    let own = call.at(side, pos).is_some_and(|it| it.has(Role::Own));
    if pos > OPENING_TOKENS || (own && call.speaker(side) == Speaker::External) {
        return 0;
    }
    call.phrase_len(Role::Opening, side, pos)
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
    let relation = token.has(Role::Relation);
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
    if !is_name(token) || !token.is_first_name() || token.stem_has(Role::Place) {
        return;
    }
    if is_business(call, token) {
        return;
    }
    let mut score = Score::prior(-1.0);
    let next = call.at(side, pos + 1).filter(|_| !token.ends_sentence);
    let family = |it: &&Token| {
        let unheard_of = it.is_unheard_of() && it.stem().len() > 2;
        it.reading == Reading::Word
            && (it.is_surname() || unheard_of)
            && (is_name(it) || !it.stem().ends_with('s'))
            && !it.stem_has(Role::Stop)
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

/// "Mark Papadopoulos", "April Vandermeer": a surname tells that the word before it is a name.
fn ordinary_first_name(call: &Call<'_>, token: &Token, names: &mut Vec<Candidate>) {
    let ordinary = token.is_first_name() && token.is_common();
    let ends = token.ends_sentence || token.comma || call.is_in_run(token) || call.is_cue(token);
    let next = call.at(token.side, token.pos + 1);
    if ordinary && is_written_as_name(call, token) {
        let mut score = Score::prior(-1.0);
        score.add(2.9, "an ordinary word that is also a name, with a capital");
        names.push(name(call, token.side, token.pos, token.pos, score, None));
    }
    let Some(next) = next.filter(|it| ordinary && !ends && it.phrase == token.phrase) else {
        return;
    };
    let surname = next.is_surname() && !next.is_first_name();
    let unheard_of = !is_auxiliary(token) && next.stem().len() > 4;
    let family = next.reading == Reading::Word
        && !next.is_common()
        && !next.stem_has(Role::Place)
        && !next.stem_has(Role::Street)
        && (surname || (unheard_of && next.is_unheard_of()));
    if !family {
        return;
    }
    let mut score = Score::prior(-1.0);
    score.add(1.6, "an ordinary word that is also a name");
    score.add(1.5, "followed by a surname");
    names.push(name(call, token.side, token.pos, next.pos, score, None));
}

/// What is said where a name was asked for.
fn answers(call: &Call<'_>, cue: &Cue, names: &mut Vec<Candidate>) {
    // "The name of the game": a mere mention.
    if cue.weight < 1.0 {
        return;
    }
    let end = &call.tokens[cue.token];
    let asks = end.asks || call.speaker(cue.side) != Speaker::External || call.is_mixed(cue.side);
    let mut starts = Vec::new();
    let reply = call
        .tokens
        .iter()
        .skip(cue.token + 1)
        .take(60)
        .find(|it| it.side != cue.side && it.start_ms >= end.start_ms);
    if let Some(reply) =
        reply.filter(|reply| asks && reply.start_ms.saturating_sub(end.end_ms) <= MAX_WAIT_MS)
    {
        starts.push((reply.side, reply.pos));
    }
    starts.push((cue.side, end.pos + 1));
    for (side, start) in starts {
        let answered = side != cue.side;
        let mut pos = start;
        while pos < start + 8 && call.at(side, pos).is_some_and(|it| it.has(Role::Lead)) {
            pos += 1;
        }
        // "First name Tyrone, last name Page": the speaker names what comes.
        let announced = !answered && pos == start && is_announced(call, cue);
        let trust = if answered {
            Trust::Answer
        } else if announced {
            Trust::Frame
        } else {
            Trust::Weak
        };
        let Some((first, last, quality)) = take_name(call, side, pos, trust) else {
            continue;
        };
        let mut score = Score::prior(-1.0);
        score.add(
            if answered || announced { 2.2 } else { 1.0 },
            "answers a question for a name",
        );
        score.add(quality.weight, quality.reason);
        let again = call.text(side, last + 1) == call.text(side, first);
        names.push(name(call, side, first, last, score, None));
        // "Will. Will Summer."
        if answered
            && again
            && let Some((first, last, _)) = take_name(call, side, last + 1, trust)
        {
            names.push(name(call, side, first, last, score, None));
        }
    }
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

/// Three letters and more, where a name is spoken of or was just said.
fn spelled_names(call: &Call<'_>, names: &mut Vec<Candidate>) {
    let mut named = Named::new(names);
    let spelled = call.runs.iter();
    for run in spelled.filter(|run| run.letter_count() >= 3 && run.digit_count() == 0) {
        let mut score = Score::prior(-1.4);
        let expected = call.context(run).expected(PersonName);
        score.slot(expected, 2.6);
        let spelled = run.chars.to_lowercase();
        let listed = call.lexicon.is_name(&spelled);
        score.add_if(listed, 2.2, "spells a name");
        let near = named.near(run);
        score.add_if(near, 2.0, "follows a name");
        score.add_if(run.chars.len() >= 4, 0.6, "four letters and more");
        let it = Candidate {
            value: spelled,
            ..Candidate::of_run(PersonName, "person_name", run, score)
        };
        named.add(&it);
        names.push(it);
    }
}

/// Where accepted names end, by side and position.
struct Named(HashSet<(usize, usize), Mixed>);

impl Named {
    fn new(names: &[Candidate]) -> Self {
        let accepted = names.iter().filter(|it| it.score > 0.5);
        Self(accepted.map(|it| (it.side, it.last)).collect())
    }

    fn add(&mut self, name: &Candidate) {
        if name.score > 0.5 {
            self.0.insert((name.side, name.last));
        }
    }

    /// Whether a name ends shortly before a run.
    fn near(&self, run: &Run) -> bool {
        let before = run.first.saturating_sub(8)..run.first;
        before
            .into_iter()
            .any(|pos| self.0.contains(&(run.side, pos)))
    }
}
