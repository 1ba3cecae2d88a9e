//! Names that were heard as several words: "con rad", "more in a shock nessy" for Maureen O'Shaughnessy.

use std::collections::HashMap;

use domain::entity::Owner;

use super::name;
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    hash::Mixed,
    lexicon::Role,
    reading::Reading,
    sound::Sound,
    token::Token,
};

/// From here on a name is listened for.
const ACCEPTED: f32 = 0.80;
/// Words that one name is heard as.
const MAX_WORDS: usize = 5;
/// Consonants of the shortest name that is told by its sound.
const MIN_SOUNDS: u8 = 3;
/// Letters of the shortest name that is told by them.
const MIN_LETTERS: usize = 6;
/// Letters of each piece of one.
const MIN_PIECE: usize = 2;
/// Letters of a word that is a part of a name, although sentences are made of it.
const MAX_SMALL: usize = 2;

/// Names in pieces: known from the lists, or accepted elsewhere in the call.
pub(super) fn in_pieces(call: &Call<'_>, names: &mut Vec<Candidate>) {
    let known = sounds_of(names);
    let mut found = Vec::new();
    for start in call.tokens.iter().filter(|it| is_piece(call, it)) {
        let Some(next) = next_piece(call, start) else {
            continue;
        };
        found.extend(spelled_at(call, start, next).or_else(|| heard_at(call, &known, start)));
    }
    names.extend(found);
}

/// How accepted names sound, whole and word by word, and how they begin.
#[derive(Default)]
struct Known {
    owners: HashMap<u64, Option<Owner>, Mixed>,
    beginnings: u32,
}

impl Known {
    /// Whether a word may be the first of a name; nobody knows of one that begins silently.
    fn may_begin_with(&self, token: &Token<'_>) -> bool {
        let beginning = Sound::beginning(token.text);
        (self.beginnings & beginning != 0 || beginning == 0) && !self.owners.is_empty()
    }
}

fn sounds_of(names: &[Candidate]) -> Known {
    let mut known = Known::default();
    for it in names.iter().rev().filter(|it| it.score >= ACCEPTED) {
        for part in std::iter::once(it.value.as_str()).chain(it.value.split(' ')) {
            let sound = Sound::of(part);
            if sound.count >= MIN_SOUNDS {
                known.owners.entry(sound.key()).or_insert(it.owner);
                known.beginnings |= Sound::beginning(part);
            }
        }
    }
    known
}

/// Two words that make one name of the lists: "lor etta".
fn spelled_at(call: &Call<'_>, start: &Token<'_>, next: &Token<'_>) -> Option<Candidate> {
    let whole = start.text.len() + next.text.len();
    let short = start.text.len().min(next.text.len()) < MIN_PIECE;
    if whole < MIN_LETTERS || short || (start.has(Role::Stop) && next.has(Role::Stop)) {
        return None;
    }
    let odd = |it: &Token<'_>| it.is_unheard_of() && !it.is_name();
    let before = start.pos.checked_sub(1);
    let before = before.and_then(|pos| call.at(start.side, pos));
    let behind_name = before.is_some_and(|it| {
        let given = it.is_first_name() && !it.is_common();
        it.phrase == start.phrase && !it.ends_sentence && (given || it.has(Role::Honorific))
    });
    if !(odd(start) || odd(next) || behind_name) {
        return None;
    }
    let joined = [start.text, next.text].concat();
    let known = call.lexicon.known(&joined).filter(|it| !it.is_common())?;
    let named = known.is_first_name() || (known.is_surname() && behind_name);
    if !named {
        return None;
    }
    let mut score = Score::prior(-1.0);
    score.add(3.0, "two words that make a name");
    Some(name(call, start.side, start.pos, next.pos, score, None))
}

/// Words that sound like an accepted name.
fn heard_at(call: &Call<'_>, known: &Known, start: &Token<'_>) -> Option<Candidate> {
    if !known.may_begin_with(start) {
        return None;
    }
    let (mut sound, mut at, mut found) = (Sound::of(start.text), start, None);
    // "You, Ingrid" sounds like "Ingrid".
    if sound.count == 0 && start.text != "a" {
        return None;
    }
    let (mut odd, mut plain) = (is_odd(start), is_plain(start));
    for _ in 1..MAX_WORDS {
        let Some(next) = next_piece(call, at) else {
            break;
        };
        let before = sound.count;
        sound.add(next.text);
        // "Sarah Thompson, you" sounds like "Sarah Thompson".
        let sounds_on = sound.count > before;
        odd |= is_odd(next);
        plain |= is_plain(next);
        if sounds_on && sound.count >= MIN_SOUNDS && (odd || (!plain && sound.count > MIN_SOUNDS)) {
            found = known
                .owners
                .get(&sound.key())
                .map(|owner| (next.pos, *owner))
                .or(found);
        }
        at = next;
    }
    let (last, owner) = found?;
    let mut score = Score::prior(0.0);
    score.add(2.2, "sounds like an accepted name");
    Some(name(call, start.side, start.pos, last, score, owner))
}

/// A word that stands in no sentence by itself.
fn is_odd(token: &Token<'_>) -> bool {
    token.text.len() > 1 && !token.is_common()
}

/// A word that sentences are made of.
fn is_plain(token: &Token<'_>) -> bool {
    token.has(Role::Stop) && token.text.len() > MAX_SMALL
}

fn next_piece<'a>(call: &'a Call<'_>, token: &Token<'_>) -> Option<&'a Token<'a>> {
    let goes_on = !token.ends_sentence && !token.comma;
    let next = call.at(token.side, token.pos + 1).filter(|_| goes_on)?;
    (next.phrase == token.phrase && is_piece(call, next)).then_some(next)
}

fn is_piece(call: &Call<'_>, token: &Token<'_>) -> bool {
    let word = matches!(
        token.reading,
        Reading::Word | Reading::WeakLetter(_) | Reading::Homophone(_) | Reading::Spelling(_)
    );
    word && !call.is_cue(token) && !call.is_in_run(token)
}
