//! Between candidates: which of two readings stands, and where an item is said again.

use std::collections::HashMap;

use domain::entity::{EntityClass, EntityKind, Owner};

use super::{
    call::Call,
    candidate::{Candidate, Score},
};

/// A shorter number is a read-back only within this time.
const READ_BACK_MS: u64 = 90_000;
/// Digits that make a repetition certain in the whole call.
const CERTAIN_DIGITS: usize = 7;
/// From here on a known value is taken for what the case says it is.
const SURE: f32 = 0.9;
/// From here on a reading says what kind an unexplained number is.
const KIND: f32 = 0.45;
/// Below this a candidate is not worth a place in any plan.
const MIN_SCORE: f32 = 0.40;

/// Keeps the best of overlapping candidates, in order of position.
pub(super) fn resolve(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.retain(|it| it.score >= MIN_SCORE);
    found.sort_by(|a, b| {
        let rank = |it: &Candidate| {
            // A known name may be a part of something longer, such as an e-mail address.
            let known = it.known && it.score >= SURE && it.entity != EntityKind::PersonName;
            it.score
                + if known {
                    1.0
                } else if is_secret(it.entity) {
                    0.02
                } else {
                    0.0
                }
        };
        rank(b)
            .total_cmp(&rank(a))
            .then(b.len().cmp(&a.len()))
            .then(a.first.cmp(&b.first))
            .then(a.side.cmp(&b.side))
    });
    let mut taken: HashMap<(usize, usize), usize> = HashMap::new();
    let mut kept: Vec<Candidate> = Vec::new();
    for it in found {
        let mut rivals: Vec<usize> = (it.first..=it.last)
            .filter_map(|pos| taken.get(&(it.side, pos)).copied())
            .collect();
        rivals.dedup();
        let settled = rivals
            .iter()
            .any(|&at| kept.get(at).is_some_and(|rival| settles(rival, &it)));
        if let Some(&at) = rivals.first().filter(|_| settled) {
            merge_same(&mut kept, &mut taken, at, &it);
            continue;
        }
        for pos in it.first..=it.last {
            taken.entry((it.side, pos)).or_insert(kept.len());
        }
        kept.push(it);
    }
    kept.sort_by_key(|it| (it.side, it.first));
    kept
}

/// Whether a better candidate makes another needless: same words, or most of them.
fn settles(better: &Candidate, other: &Candidate) -> bool {
    let shared = better.overlap(other);
    better.entity == other.entity || shared * 2 >= other.len() || shared * 2 >= better.len()
}

/// A weaker reading of the same kind still says how far the item reaches.
fn merge_same(
    kept: &mut [Candidate],
    taken: &mut HashMap<(usize, usize), usize>,
    at: usize,
    other: &Candidate,
) {
    let Some(better) = kept.get_mut(at) else {
        return;
    };
    if better.entity == EntityKind::Other && other.score >= KIND {
        // A number of no known kind takes the likeliest kind it can be.
        better.entity = other.entity;
        better.recognizer = other.recognizer;
        better.reasons.extend(other.reasons.iter().cloned());
    }
    if better.entity != other.entity || other.score < 0.5 {
        return;
    }
    for pos in other.first.min(better.first)..=other.last.max(better.last) {
        taken.entry((other.side, pos)).or_insert(at);
    }
    (better.first, better.last) = (other.first.min(better.first), other.last.max(better.last));
    if other.recognizer == "read_back" && other.owner.is_some() {
        better.owner = other.owner;
    }
}

fn is_secret(entity: EntityKind) -> bool {
    matches!(
        entity.class(),
        EntityClass::Sad | EntityClass::Pci | EntityClass::Credential
    )
}

/// Digits that are said again, whole or their last four and more, have the kind and owner of the
/// first time.
pub(super) fn read_backs(call: &Call<'_>, found: &[Candidate]) -> Vec<Candidate> {
    let mut by_tail: HashMap<String, Vec<&Candidate>> = HashMap::new();
    for it in found
        .iter()
        .filter(|it| it.score >= 0.8 && it.value.len() >= 4 && it.entity != EntityKind::PersonName)
    {
        if let Some(tail) = it.value.get(it.value.len().saturating_sub(4)..) {
            by_tail.entry(tail.to_owned()).or_default().push(it);
        }
    }
    let mut again = Vec::new();
    for run in call.runs.iter().filter(|run| run.chars.len() >= 4) {
        let tail = run.chars.get(run.chars.len() - 4..).unwrap_or_default();
        let origins = by_tail.get(tail).map_or(&[][..], Vec::as_slice);
        let origin = origins.iter().take(8).find(|it| {
            let same_place = it.side == run.side && it.first <= run.last && run.first <= it.last;
            let length = it.value.len().min(run.chars.len());
            let same = it.value.ends_with(&run.chars)
                || run.chars.ends_with(&it.value)
                || is_misheard(&it.value, &run.chars);
            !same_place
                && same
                && (length >= CERTAIN_DIGITS || distance_ms(call, it, run.start_ms) <= READ_BACK_MS)
        });
        if let Some(origin) = origin {
            let mut score = Score::prior(0.0);
            score.add(3.4, "the same value is said elsewhere in the call");
            let owner = origin.owner.filter(|owner| *owner != Owner::Unknown);
            again.push(Candidate {
                owner,
                ..Candidate::of_run(origin.entity, "read_back", run, score)
            });
        }
    }
    again
}

/// As long, with a character or two heard differently.
fn is_misheard(said: &str, again: &str) -> bool {
    let differing = said
        .bytes()
        .zip(again.bytes())
        .filter(|(a, b)| a != b)
        .count();
    said.len() == again.len() && said.len() >= CERTAIN_DIGITS && differing <= 2
}

fn distance_ms(call: &Call<'_>, origin: &Candidate, start_ms: u64) -> u64 {
    call.at(origin.side, origin.first)
        .map_or(u64::MAX, |token| token.start_ms.abs_diff(start_ms))
}
