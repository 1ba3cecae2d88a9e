//! Between candidates: which of two readings stands.

use std::collections::HashMap;

use domain::entity::{EntityClass, EntityKind};

use super::candidate::Candidate;

/// From here on a known value is taken for what the case says it is.
const SURE: f32 = 0.9;
/// From here on a reading says what kind an unexplained number is.
const KIND: f32 = 0.45;
/// From here on a reading is worth the words that only it covers.
const WORTH: f32 = 0.5;
/// Two doubtful readings make no certainty.
const MAX_SCORE: f32 = 0.99;
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
        // A longer one is kept for its remainder.
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
    let reaches_out = shared < other.len() && other.score >= WORTH;
    let most = shared * 2 >= other.len() || shared * 2 >= better.len();
    better.entity == other.entity || (most && !reaches_out)
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
        better.score = either(better.score, other.score);
        better.entity = other.entity;
        better.recognizer = other.recognizer;
        better.reasons.extend(other.reasons.iter().cloned());
    } else if is_card_data(better.entity) && is_card_data(other.entity) {
        // Date or code of a card: whichever it is, it has to go.
        better.score = either(better.score, other.score);
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

/// How likely one of two readings is right.
fn either(a: f32, b: f32) -> f32 {
    (1.0 - (1.0 - a) * (1.0 - b)).min(MAX_SCORE)
}

fn is_card_data(entity: EntityKind) -> bool {
    matches!(
        entity,
        EntityKind::CreditCard | EntityKind::CardExpiry | EntityKind::Cvv
    )
}

fn is_secret(entity: EntityKind) -> bool {
    matches!(
        entity.class(),
        EntityClass::Sad | EntityClass::Pci | EntityClass::Credential
    )
}
