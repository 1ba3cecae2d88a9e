//! How far an item reaches: parts at its edges that were misheard, and words lost in its middle.
//!
//! An item that is hidden but for its first digit is not hidden, so what sounds like a part of it
//! right beside it belongs to it.

use domain::entity::EntityKind;

use super::{
    call::Call, candidate::Candidate, lexicon::Role, reading::Reading, run::is_verb, token::Token,
};

/// Longest pause between an item and a part of it that was misheard.
const MAX_PAUSE_MS: u64 = 900;
/// Most parts that one edge may gain.
const MAX_PARTS: usize = 4;
/// Ordinary words between two pieces, as in "four two and then one seven" or "no sorry".
const MAX_ORDINARY: usize = 3;
/// Words that may be lost between two pieces of one item.
const MAX_GAP: usize = 4;
/// From here on a candidate is worth its edges.
const WORTH: f32 = 0.5;

/// Extends items over what belongs to them; they are ordered by side and position.
pub(super) fn extend(call: &Call<'_>, found: &mut [Candidate]) {
    let taken = call.covered_by(found.iter());
    for it in found.iter_mut().filter(|it| has_parts(it)) {
        let free = |pos: usize| taken.get(call.index(it.side, pos)) != Some(&true);
        let dated = matches!(it.entity, EntityKind::CardExpiry | EntityKind::DateOfBirth);
        let first = edge(call, (it.side, it.first), dated, |pos| {
            pos.checked_sub(1).filter(|&pos| free(pos))
        });
        let last = edge(call, (it.side, it.last), dated, |pos| {
            Some(pos + 1).filter(|&pos| free(pos))
        });
        (it.first, it.last) = (first, last);
    }
    close_gaps(call, found);
}

/// Whether an item consists of digits, letters or other parts rather than of a word.
fn has_parts(it: &Candidate) -> bool {
    let word = matches!(
        it.entity,
        EntityKind::PersonName | EntityKind::Password | EntityKind::HealthTerm | EntityKind::Email
    );
    it.score >= WORTH && !word
}

/// The position up to which parts follow each other in one direction.
fn edge(
    call: &Call<'_>,
    (side, from): (usize, usize),
    dated: bool,
    next: impl Fn(usize) -> Option<usize>,
) -> usize {
    let mut at = from;
    for _ in 0..MAX_PARTS {
        let (Some(here), Some(beside)) = (
            call.at(side, at),
            next(at).and_then(|pos| call.at(side, pos)),
        ) else {
            break;
        };
        let beyond = || next(beside.pos).and_then(|pos| call.at(side, pos));
        let linked = is_link(beside)
            && beyond().is_some_and(|it| is_one_breath(beside, it) && is_part(call, it));
        let date = dated && matches!(beside.reading, Reading::Month(_) | Reading::Ordinal(_));
        if !is_one_breath(here, beside) || !(date || linked || is_part(call, beside)) {
            break;
        }
        at = beside.pos;
    }
    at
}

fn is_one_breath(a: &Token, b: &Token) -> bool {
    let (first, last) = if a.pos < b.pos { (a, b) } else { (b, a) };
    first.phrase == last.phrase
        && !first.ends_sentence
        && last.start_ms.saturating_sub(first.end_ms) <= MAX_PAUSE_MS
}

/// "dot", or "to" for a two: a part if another part follows.
fn is_link(token: &Token) -> bool {
    matches!(token.reading, Reading::Symbol(_) | Reading::Homophone(_))
}

/// A number, a letter, or a word that is none: nothing else stands beside an id by chance.
fn is_part(call: &Call<'_>, token: &Token) -> bool {
    if call.is_cue(token) || call.is_quantity(token) {
        return false;
    }
    match token.reading {
        Reading::Digits
        | Reading::Unit(_)
        | Reading::Oh
        | Reading::Teen(_)
        | Reading::Tens(_)
        | Reading::Hundred
        | Reading::Thousand
        | Reading::Repeat(_)
        | Reading::Letter(_)
        | Reading::Spelling(_)
        | Reading::Capitals
        | Reading::Symbol('*' | '#')
        | Reading::Mixed => true,
        Reading::Homophone(_) => {
            !matches!(token.text, "for" | "to" | "too") && !is_verb(call, token)
        }
        Reading::Word => {
            let word = token.stem();
            word.len() > 2 && !token.is_name() && token.is_unheard_of()
        }
        _ => false,
    }
}

/// Pieces of one item with a few lost words between them are one.
fn close_gaps(call: &Call<'_>, found: &mut [Candidate]) {
    for at in 1..found.len() {
        let (before, behind) = found.split_at_mut(at);
        let (Some(a), Some(b)) = (before.last_mut(), behind.first()) else {
            continue;
        };
        let same = a.side == b.side && a.entity == b.entity && has_parts(a) && has_parts(b);
        let gap = a.last + 1..b.first;
        let named = |pos: usize| a.entity == EntityKind::Address && is_place(call, a.side, pos);
        let lost = |pos: usize| named(pos) || is_lost(call, a.side, pos, gap.len());
        if same && gap.len() <= MAX_GAP && gap.clone().all(lost) {
            a.last = b.first - 1;
        }
    }
}

/// Whether a word between two pieces of an address may name a village, a farm, a street.
fn is_place(call: &Call<'_>, side: usize, pos: usize) -> bool {
    call.at(side, pos).is_some_and(|it| {
        it.reading == Reading::Word && !it.has(Role::Stop) && !it.ends_sentence && !call.is_cue(it)
    })
}

/// Whether a word between two pieces may have been one of them.
fn is_lost(call: &Call<'_>, side: usize, pos: usize, gap: usize) -> bool {
    let (Some(token), Some(before)) = (call.at(side, pos), call.at(side, pos.wrapping_sub(1)))
    else {
        return false;
    };
    let stop = token.has(Role::Stop) && !is_part(call, token);
    let ordinary = stop && gap > MAX_ORDINARY;
    is_one_breath(before, token) && !ordinary && !call.is_cue(token)
}
