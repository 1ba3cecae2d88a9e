//! Whose data an item is: worked out from who speaks, who was asked about whom, and what is known.

use std::collections::HashMap;

use domain::{
    entity::{EntityKind, Owner},
    transcript::Speaker,
};

use super::{
    call::Call,
    candidate::Candidate,
    hash::Mixed,
    lexicon::{Classes, Role},
    token::Token,
};

/// Tokens before an item in which "her" or "my husband's" makes it somebody else's.
const POSSESSIVE_REACH: usize = 12;
/// A question of the other side counts for this long.
const QUESTION_REACH_MS: u64 = 15_000;
/// A read-back follows within this time.
const READ_BACK_MS: u64 = 30_000;
/// Tokens of the other side looked at.
const QUESTION_TOKENS: usize = 25;

/// Fills in the owners that the recognizers could not know.
pub(super) fn assign(call: &Call<'_>, found: &mut [Candidate]) {
    let caller = caller(call, found);
    for it in found.iter_mut() {
        let owner = match it.owner {
            Some(owner) => owner,
            None => owner_of(call, it),
        };
        // A caller who is not the data subject speaks of themselves: not the requestor's data for sure.
        let doubtful = owner == Owner::Requestor && caller == Caller::SomebodyElse && !it.known;
        it.owner = Some(if doubtful { Owner::Unknown } else { owner });
    }
    same_names(found);
    repeated_items(call, found);
}

/// A name whose owner is known in one place has the same owner in the others.
fn same_names(found: &mut [Candidate]) {
    let mut owners: HashMap<String, Owner, Mixed> = HashMap::default();
    let sure = |it: &&Candidate| {
        it.entity == EntityKind::PersonName && it.score >= 0.8 && it.owner != Some(Owner::Unknown)
    };
    for it in found.iter().filter(sure) {
        let owner = it.owner.unwrap_or(Owner::Unknown);
        // The first name decides: relatives share the surname.
        for word in it.value.split(' ').take(1).filter(|word| word.len() > 2) {
            match owners.get_mut(word) {
                Some(known) if *known != owner => *known = Owner::Unknown,
                Some(_) => {}
                None => {
                    owners.insert(word.to_owned(), owner);
                }
            }
        }
    }
    let names = found
        .iter_mut()
        .filter(|it| it.entity == EntityKind::PersonName);
    for it in names.filter(|it| it.owner == Some(Owner::Unknown)) {
        if let Some(owner) = it.value.split(' ').next().and_then(|word| owners.get(word)) {
            it.owner = Some(*owner);
        }
    }
}

/// What the organization's side says shortly after the outside party said the same kind is a
/// read-back of it.
fn repeated_items(call: &Call<'_>, found: &mut [Candidate]) {
    let start = |it: &Candidate| call.at(it.side, it.first).map_or(0, |token| token.start_ms);
    let mut said: Vec<(EntityKind, u64, Owner, String)> = found
        .iter()
        .filter(|it| it.score >= 0.8 && call.speaker(it.side) == Speaker::External)
        .filter(|it| it.entity != EntityKind::PersonName)
        .filter_map(|it| Some((it.entity, start(it), it.owner?, digits(&it.value))))
        .collect();
    said.sort_unstable();
    let unknown = |it: &&mut Candidate| {
        it.owner == Some(Owner::Unknown) && call.speaker(it.side) == Speaker::Internal
    };
    for it in found.iter_mut().filter(unknown) {
        let at = said.partition_point(|other| (other.0, other.1) < (it.entity, start(it)));
        let before = at.checked_sub(1).and_then(|at| said.get(at));
        let repeated = before.filter(|other| {
            other.0 == it.entity
                && start(it).saturating_sub(other.1) <= READ_BACK_MS
                && may_repeat(&other.3, &digits(&it.value))
        });
        if let Some(other) = repeated {
            it.owner = Some(other.2);
        }
    }
}

fn digits(value: &str) -> String {
    value.chars().filter(char::is_ascii_digit).collect()
}

/// Digits of a read-back that recognizers may have heard differently.
const MISHEARD: usize = 2;

/// Whether one number can be a read-back of the other: the same, a part of it, or a digit or two
/// heard differently. Items without digits are compared by kind and time alone.
fn may_repeat(said: &str, again: &str) -> bool {
    let (short, long) = if said.len() <= again.len() {
        (said, again)
    } else {
        (again, said)
    };
    let near = said.len() == again.len() && {
        let differing = said
            .bytes()
            .zip(again.bytes())
            .filter(|(a, b)| a != b)
            .count();
        differing <= MISHEARD
    };
    short.is_empty() || near || long.contains(short)
}

#[derive(PartialEq, Eq)]
enum Caller {
    DataSubject,
    SomebodyElse,
}

/// Whether the outside party gives another name than the data subject's.
fn caller(call: &Call<'_>, found: &[Candidate]) -> Caller {
    let known: Vec<String> = call
        .knowledge
        .names
        .iter()
        .map(|name| name.reveal().to_lowercase())
        .collect();
    if known.is_empty() {
        return Caller::DataSubject;
    }
    let own = found.iter().filter(|it| {
        it.entity == EntityKind::PersonName
            && it.owner == Some(Owner::Requestor)
            && it.score >= 0.85
            && call.speaker(it.side) == Speaker::External
    });
    let mut introduced = own.peekable();
    let none = introduced.peek().is_none();
    let matches = |value: &str| {
        known.iter().any(|name| {
            value
                .split(' ')
                .any(|word| name.split([' ', '-']).any(|part| part == word))
        })
    };
    if none || introduced.any(|it| matches(&it.value)) {
        Caller::DataSubject
    } else {
        Caller::SomebodyElse
    }
}

fn owner_of(call: &Call<'_>, item: &Candidate) -> Owner {
    match before_item(call, item) {
        Some(owner) => return owner,
        None if call.speaker(item.side) == Speaker::Unknown => return Owner::Unknown,
        None => {}
    }
    if item.entity == EntityKind::PersonName {
        return name_owner(call, item);
    }
    match (call.speaker(item.side), question_about(call, item)) {
        // That the customer said "my" earlier does not make what the agent reads out theirs.
        (Speaker::Internal, Some(Owner::Requestor)) => Owner::Unknown,
        (_, Some(owner)) => owner,
        (Speaker::External, None) => Owner::Requestor,
        (Speaker::Internal | Speaker::Unknown, None) => Owner::Unknown,
    }
}

/// The nearest possessive before the item on its own side.
fn before_item(call: &Call<'_>, item: &Candidate) -> Option<Owner> {
    let mut same_breath = call.at(item.side, item.first)?.start_ms;
    for pos in (item.first.saturating_sub(POSSESSIVE_REACH)..item.first).rev() {
        let token = call.at(item.side, pos)?;
        if same_breath.saturating_sub(token.end_ms) > 4_000 {
            return None;
        }
        same_breath = token.start_ms;
        if let Some(owner) = possessor(call, token) {
            return Some(owner);
        }
    }
    None
}

/// Whom the word at a position makes the owner, seen from its speaker.
fn possessor(call: &Call<'_>, token: &Token<'_>) -> Option<Owner> {
    if !token.entry.classes.has(Classes::POSSESSIVE) {
        return None;
    }
    let (side, pos) = (token.side, token.pos);
    if call.phrase_len(Role::Others, side, pos) > 0 {
        return Some(Owner::ThirdParty);
    }
    let speaker = call.speaker(side);
    let (own, yours) = (token.has(Role::Own), token.has(Role::Yours));
    match speaker {
        Speaker::External if own => Some(subject_or_relative(call, side, pos)),
        Speaker::Internal if yours => Some(subject_or_relative(call, side, pos)),
        // "My direct number" and "I'm": the agent's, and no possessive.
        Speaker::Internal if own && token.text != "i'm" => Some(Owner::Agent),
        Speaker::External if yours && token.text != "you're" => Some(Owner::Agent),
        _ => None,
    }
}

/// "My number" is the requestor's, "my husband's number" is not.
fn subject_or_relative(call: &Call<'_>, side: usize, pos: usize) -> Owner {
    let next = call.at(side, pos + 1);
    if next.is_some_and(|it| it.has(Role::Relation)) {
        Owner::ThirdParty
    } else {
        Owner::Requestor
    }
}

/// Whom the last question of the other side was about.
fn question_about(call: &Call<'_>, item: &Candidate) -> Option<Owner> {
    let start = call.at(item.side, item.first)?;
    let index = call.index(item.side, item.first);
    let before = call.tokens.get(..index)?;
    let mut asked = before
        .iter()
        .rev()
        .take_while(|token| start.start_ms.saturating_sub(token.end_ms) <= QUESTION_REACH_MS)
        .filter(|token| token.side != item.side)
        .take(QUESTION_TOKENS);
    asked.find_map(|token| possessor(call, token))
}

/// A name without an introduction: who is spoken to, or asked about.
fn name_owner(call: &Call<'_>, item: &Candidate) -> Owner {
    let addressed = item.first > 0
        && call.text(item.side, item.first - 1).is_some_and(|text| {
            matches!(
                text,
                "thanks"
                    | "you"
                    | "hi"
                    | "hello"
                    | "hey"
                    | "okay"
                    | "ok"
                    | "morning"
                    | "afternoon"
                    | "evening"
                    | "bye"
                    | "goodbye"
                    | "right"
                    | "great"
                    | "perfect"
                    | "sorry"
                    | "mr"
                    | "mrs"
                    | "ms"
                    | "miss"
                    | "dear"
                    | "well"
                    | "alright"
                    | "welcome"
            )
        });
    let before = item
        .first
        .checked_sub(1)
        .and_then(|pos| call.at(item.side, pos));
    let titled = before.is_some_and(|it| it.has(Role::Honorific));
    match (call.speaker(item.side), addressed) {
        (Speaker::Internal, true) => return Owner::Requestor,
        // "He fell on Mr Pemberton's car" speaks of somebody else; "thanks Helen" to the agent.
        (Speaker::External, true) if !titled => return Owner::Agent,
        _ => {}
    }
    match (call.speaker(item.side), question_about(call, item)) {
        (Speaker::External, Some(owner)) => owner,
        _ => Owner::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_back_repeats_the_number_a_part_of_it_or_nearly() {
        for (said, again, expected) in [
            ("07700900123", "07700900123", true),
            ("07700900123", "0123", true),
            ("07700900123", "07700900132", true),
            ("", "", true),
            ("07700900123", "02079460188", false),
            ("07700900123", "4417", false),
            ("1234", "5678", false),
        ] {
            assert_eq!(may_repeat(said, again), expected, "{said} {again}");
        }
    }

    #[test]
    fn items_without_digits_are_told_apart_by_kind_and_time_alone() {
        assert!(may_repeat("", "1234"));
    }
}
