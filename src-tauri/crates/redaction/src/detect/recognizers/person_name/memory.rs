//! Names that are known from the case, and accepted names wherever they come again.

use std::collections::HashMap;

use domain::{entity::Owner, sensitive::PersonalData};

use super::{name, ordinary::is_said_as_name, take::surname_end};
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    hash::Mixed,
    reading::Reading,
    spelling,
    token::Token,
};

/// From here on a name is remembered for the whole call.
const ACCEPTED: f32 = 0.80;
/// Names shorter than this are only found exactly: too many words are one letter away.
const MIN_FUZZY: usize = 5;

struct KnownName {
    owner: Owner,
    /// Several people may have it: then nobody owns it for sure.
    full: usize,
}

/// Names of the data subject and of the agents.
pub(super) fn known_names(call: &Call<'_>, names: &mut Vec<Candidate>) {
    let mut parts: HashMap<String, KnownName> = HashMap::new();
    add_parts(&mut parts, &call.knowledge.names, Owner::Requestor);
    add_parts(&mut parts, &call.knowledge.agents, Owner::Agent);
    if parts.is_empty() {
        return;
    }
    for side in 0..call.sides.len() {
        let mut pos = 0;
        while let Some(token) = call.at(side, pos) {
            let len = known_len(call, &parts, side, pos);
            if len == 0 {
                pos += 1;
                continue;
            }
            let known = find(&parts, token.stem());
            // "Gordon Hartley" is not Amelia Hartley: another first name, another person.
            let other = len == 1
                && known.is_some_and(|it| it.full > 1)
                && other_given_name(call, &parts, token);
            let owner = if other {
                Some(Owner::ThirdParty)
            } else {
                known.map(|it| it.owner)
            };
            let first = pos - usize::from(other);
            let ordinary = len == 1 && token.is_common();
            let mut score = Score::prior(0.0);
            score.add(if len > 1 { 5.0 } else { 3.2 }, "known name");
            score.add_if(ordinary, -2.4, "also an ordinary word");
            names.push(Candidate {
                known: !other,
                ..name(call, side, first, pos + len - 1, score, owner)
            });
            pos += len;
        }
    }
}

/// Whether a first name that nobody known has stands right before a known surname.
fn other_given_name(call: &Call<'_>, parts: &HashMap<String, KnownName>, token: &Token) -> bool {
    let at = |back: usize| call.at(token.side, token.pos.checked_sub(back)?);
    let initial = at(1).is_some_and(|it| matches!(it.reading, Reading::Letter(_)));
    let before = at(if initial { 2 } else { 1 });
    before.is_some_and(|it| {
        let named = it.is_first_name() && !it.is_common();
        named && !it.ends_sentence && it.phrase == token.phrase && find(parts, it.stem()).is_none()
    })
}

fn add_parts(parts: &mut HashMap<String, KnownName>, names: &[PersonalData<String>], owner: Owner) {
    for full in names {
        let words: Vec<String> = full
            .reveal()
            .to_lowercase()
            .split([' ', '-'])
            .map(str::to_owned)
            .collect();
        for word in words.iter().filter(|word| word.len() > 1) {
            let known = parts.entry(word.clone()).or_insert(KnownName {
                owner,
                full: words.len(),
            });
            if known.owner != owner {
                known.owner = Owner::Unknown;
            }
        }
    }
}

fn find<'a>(parts: &'a HashMap<String, KnownName>, word: &str) -> Option<&'a KnownName> {
    parts.get(word).or_else(|| {
        let near = |known: &&String| is_near(known, word);
        parts
            .keys()
            .filter(near)
            .min()
            .and_then(|known| parts.get(known))
    })
}

fn known_len(
    call: &Call<'_>,
    parts: &HashMap<String, KnownName>,
    side: usize,
    pos: usize,
) -> usize {
    let known = |token: &Token| {
        let exact = parts.contains_key(token.stem());
        exact || (!token.is_common() && find(parts, token.stem()).is_some())
    };
    let longest = parts.values().map(|known| known.full).max().unwrap_or(0);
    (0..longest)
        .take_while(|offset| call.at(side, pos + offset).is_some_and(known))
        .count()
}

/// Accepted names wherever they are said again, by anybody. // names recur as ASR variants
pub(super) fn recurrences(call: &Call<'_>, names: &mut Vec<Candidate>) {
    let mut remembered: HashMap<String, Option<Owner>, Mixed> = HashMap::default();
    for it in names.iter().filter(|it| it.score >= ACCEPTED) {
        for word in it.value.split(' ').filter(|word| {
            let known = call.lexicon.known(word);
            word.len() > 2
                && known.is_none_or(|it| !it.is_common() || it.is_first_name() || it.is_surname())
        }) {
            let owner = remembered.entry(word.to_owned()).or_insert(it.owner);
            if it.owner.is_some() && *owner != it.owner {
                *owner = owner.is_none().then_some(it.owner).flatten();
            }
        }
    }
    if remembered.is_empty() {
        return;
    }
    let mut again = Vec::new();
    for token in &call.tokens {
        let plain = matches!(
            token.reading,
            Reading::Word | Reading::Capitals | Reading::Month(_) | Reading::Spelling(_)
        ) && token.stem().len() > 2;
        let ordinary = token.is_common();
        if !plain || call.is_in_run(token) || (ordinary && !is_said_as_name(call, token)) {
            continue;
        }
        let exact = remembered.get(token.stem());
        let near = || {
            if ordinary {
                return None;
            }
            remembered
                .iter()
                .filter(|(known, _)| is_near(known, token.stem()))
                .min_by_key(|it| it.0)
                .map(|it| it.1)
        };
        let Some(owner) = exact.or_else(near) else {
            continue;
        };
        let mut score = Score::prior(0.0);
        score.add(
            2.6,
            if exact.is_some() {
                "accepted elsewhere in the call"
            } else {
                "sounds like an accepted name"
            },
        );
        let last = surname_end(call, token.side, token.pos);
        again.push(name(call, token.side, token.pos, last, score, *owner));
    }
    names.extend(again);
}

/// A name heard a little differently.
fn is_near(known: &str, word: &str) -> bool {
    known.len() >= MIN_FUZZY && word.len() + 1 >= MIN_FUZZY && spelling::is_near(known, word)
}
