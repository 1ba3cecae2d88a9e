//! Names that are known from the case, and accepted names wherever they come again.

use std::collections::HashMap;

use domain::{entity::Owner, sensitive::PersonalData};

use super::{name, ordinary::is_said_as_name, take::surname_end};
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    hash::Mixed,
    lexicon::Entry,
    reading::Reading,
    shape::Shapes,
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
    let remembered = Remembered::of(call, names);
    if remembered.owners.is_empty() {
        return;
    }
    let mut heard: HashMap<&str, Option<Option<Owner>>, Mixed> = HashMap::default();
    for token in &call.tokens {
        let word = token.stem();
        let plain = matches!(
            token.reading,
            Reading::Word | Reading::Capitals | Reading::Month(_) | Reading::Spelling(_)
        ) && word.len() > 2;
        if !plain || !remembered.words.may_have(word) {
            continue;
        }
        let ordinary = token.is_common();
        let exact = remembered.owners.get(word).copied();
        let mut near = || *heard.entry(word).or_insert_with(|| remembered.near(word));
        let Some(owner) = exact.or_else(|| if ordinary { None } else { near() }) else {
            continue;
        };
        if call.is_in_run(token) || (ordinary && !is_said_as_name(call, token)) {
            continue;
        }
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
        let first = with_initial(call, token);
        names.push(name(call, token.side, first, last, score, owner));
    }
}

/// "K Flaherty": where a name with an initial before it begins.
fn with_initial(call: &Call<'_>, token: &Token<'_>) -> usize {
    let before = token.pos.checked_sub(1);
    let initial = before
        .and_then(|pos| call.at(token.side, pos))
        .filter(|it| {
            matches!(it.reading, Reading::Letter(_))
                && it.phrase == token.phrase
                && !it.ends_sentence
                && !call.is_in_run(it)
        });
    initial.map_or(token.pos, |it| it.pos)
}

/// The words of accepted names, with their owners.
struct Remembered {
    owners: HashMap<String, Option<Owner>, Mixed>,
    /// The same words by first byte and length, where words one letter away are looked for.
    shapes: HashMap<(u32, u32), Vec<String>, Mixed>,
    /// A quick answer before the exact ones.
    words: Shapes,
}

impl Remembered {
    fn of(call: &Call<'_>, names: &[Candidate]) -> Self {
        let mut remembered = Self {
            owners: HashMap::default(),
            shapes: HashMap::default(),
            words: Shapes::none(),
        };
        for it in names.iter().filter(|it| it.score >= ACCEPTED) {
            for word in it.value.split(' ') {
                if remembered.owners.contains_key(word) || is_telling(call, word) {
                    remembered.add(word, it.owner);
                }
            }
            for joined in joined_words(&it.value) {
                remembered.add(&joined, it.owner);
            }
        }
        remembered
    }

    fn add(&mut self, word: &str, owner: Option<Owner>) {
        let Some(known) = self.owners.get_mut(word) else {
            self.owners.insert(word.to_owned(), owner);
            self.words.add_near(word);
            let alike = self.shapes.entry(shape(word)).or_default();
            alike.push(word.to_owned());
            return;
        };
        if owner.is_some() && *known != owner {
            *known = known.is_none().then_some(owner).flatten();
        }
    }

    /// The owner of the first name in order that is one letter away.
    fn near(&self, word: &str) -> Option<Option<Owner>> {
        let (first, len) = shape(word);
        let lens = len.saturating_sub(1)..=len + 1;
        let words = lens
            .filter_map(|len| self.shapes.get(&(first, len)))
            .flatten();
        let known = words.filter(|known| is_near(known, word)).min()?;
        self.owners.get(known).copied()
    }
}

/// "Muthulakshmi" of "Muthu Laksh Mi": one name may be heard as several words.
fn joined_words(value: &str) -> Vec<String> {
    let words: Vec<&str> = value.split(' ').collect();
    let from = |first: usize| (first + 2..=words.len()).map(move |end| (first, end));
    let stretches = (0..words.len()).flat_map(from);
    stretches
        .filter_map(|(first, end)| words.get(first..end))
        .map(<[&str]>::concat)
        .filter(|joined| joined.len() >= MIN_FUZZY)
        .collect()
}

/// First byte and length.
fn shape(word: &str) -> (u32, u32) {
    let first = word.bytes().next().unwrap_or_default();
    (u32::from(first), word.len() as u32)
}

/// Whether a word tells a person: not "the" of "the Smiths", but "Will".
fn is_telling(call: &Call<'_>, word: &str) -> bool {
    let known = call.lexicon.known(word);
    let name = |it: &Entry| it.is_first_name() || it.is_surname();
    word.len() > 2 && known.is_none_or(|it| !it.is_common() || name(it))
}

/// A name heard a little differently.
fn is_near(known: &str, word: &str) -> bool {
    known.len() >= MIN_FUZZY && word.len() + 1 >= MIN_FUZZY && spelling::is_near(known, word)
}
