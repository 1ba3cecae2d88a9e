//! Between candidates: which of two readings stands.

use domain::entity::{EntityClass, EntityKind};

use super::{
    call::Call,
    candidate::{Candidate, MIN_SCORE},
};

/// From here on a known value is taken for what the case says it is.
const SURE: f32 = 0.9;
/// From here on a reading says what kind an unexplained number is.
const KIND: f32 = 0.45;
/// From here on a reading is worth the words that only it covers.
const WORTH: f32 = 0.5;
/// Two doubtful readings make no certainty.
const MAX_SCORE: f32 = 0.99;

/// Keeps the best of overlapping candidates, in order of position.
pub(super) fn resolve(call: &Call<'_>, found: Vec<Candidate>) -> Vec<Candidate> {
    let mut order: Vec<u128> = (0..)
        .zip(&found)
        .filter(|it| it.1.score >= MIN_SCORE)
        .map(|(at, it)| order(at, it))
        .collect();
    order.sort_unstable();
    let mut found: Vec<Option<Candidate>> = found.into_iter().map(Some).collect();
    let found = order
        .iter()
        .filter_map(|it| found.get_mut(*it as u32 as usize)?.take());
    let mut taken = Taken::new(call);
    let mut kept: Vec<Candidate> = Vec::new();
    for it in found {
        let rivals = || (it.first..=it.last).filter_map(|pos| taken.by(it.side, pos));
        // A longer one is kept for its remainder.
        let mut last = None;
        let settled = rivals().any(|at| {
            let again = last.replace(at) == Some(at);
            !again && kept.get(at).is_some_and(|rival| settles(rival, &it))
        });
        let first = rivals().next();
        if let Some(at) = first.filter(|_| settled) {
            merge_same(&mut kept, &mut taken, at, &it);
            continue;
        }
        taken.take((it.side, it.first, it.last), kept.len());
        kept.push(it);
    }
    by_position(kept)
}

/// In order of side and position; moved once each, because they are large.
fn by_position(kept: Vec<Candidate>) -> Vec<Candidate> {
    let mut order: Vec<(usize, usize, usize)> = (0..)
        .zip(&kept)
        .map(|(at, it)| (it.side, it.first, at))
        .collect();
    order.sort_unstable();
    let mut kept: Vec<Option<Candidate>> = kept.into_iter().map(Some).collect();
    let ordered = order.iter().filter_map(|it| kept.get_mut(it.2)?.take());
    ordered.collect()
}

/// What is looked at first, the smallest first: the best, then the longest, then the first said. The
/// candidate's place is in the last 32 bits.
fn order(at: u32, it: &Candidate) -> u128 {
    let shortness = u16::MAX - it.len().min(usize::from(u16::MAX)) as u16;
    let keys = [
        (32, u128::from(rank(it))),
        (16, u128::from(shortness)),
        (32, it.first as u128),
        (16, it.side as u128),
        (32, u128::from(at)),
    ];
    keys.iter()
        .fold(0, |order, (bits, key)| (order << bits) | key)
}

/// The best has the smallest; scores have three decimals.
fn rank(it: &Candidate) -> u32 {
    // A known name may be a part of something longer, such as an e-mail address.
    let known = it.known && it.score >= SURE && it.entity != EntityKind::PersonName;
    let bonus = if known {
        1.0
    } else if is_secret(it.entity) {
        0.02
    } else {
        0.0
    };
    u32::MAX - ((it.score + bonus) * 1e6) as u32
}

/// For each token, the kept candidate that has it.
struct Taken<'a> {
    call: &'a Call<'a>,
    by: Vec<u32>,
}

const FREE: u32 = u32::MAX;

impl<'a> Taken<'a> {
    fn new(call: &'a Call<'a>) -> Self {
        Self {
            call,
            by: vec![FREE; call.tokens.len()],
        }
    }

    fn by(&self, side: usize, pos: usize) -> Option<usize> {
        let by = self.by.get(self.call.index(side, pos)).copied();
        by.filter(|it| *it != FREE).map(|it| it as usize)
    }

    /// Gives the free ones of a stretch to a candidate.
    fn take(&mut self, (side, first, last): (usize, usize, usize), by: usize) {
        for pos in first..=last {
            let own = self.by.get_mut(self.call.index(side, pos));
            if let Some(own) = own.filter(|own| **own == FREE) {
                *own = by as u32;
            }
        }
    }
}

/// Whether a better candidate makes another needless: same words, or most of them.
fn settles(better: &Candidate, other: &Candidate) -> bool {
    let shared = better.overlap(other);
    let reaches_out = shared < other.len() && other.score >= WORTH;
    let most = shared * 2 >= other.len() || shared * 2 >= better.len();
    better.entity == other.entity || (most && !reaches_out)
}

/// A weaker reading of the same kind still says how far the item reaches.
fn merge_same(kept: &mut [Candidate], taken: &mut Taken<'_>, at: usize, other: &Candidate) {
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
    let (first, last) = (other.first.min(better.first), other.last.max(better.last));
    taken.take((other.side, first, last), at);
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
