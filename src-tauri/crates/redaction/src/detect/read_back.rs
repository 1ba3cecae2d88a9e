//! Where an item is said again: read back whole, by its last digits, or group by group.

use std::collections::HashMap;

use domain::entity::{EntityKind, Owner};

use super::{
    call::Call,
    candidate::{Candidate, Score},
    hash::Mixed,
    run::Run,
};

/// A shorter number is a read-back only within this time.
const READ_BACK_MS: u64 = 90_000;
/// A group of an item is repeated within this time before or behind it.
const ECHO_MS: u64 = 20_000;
/// Longest item, spelled with words; nothing that began earlier is still being said.
const MAX_ITEM_MS: u64 = 60_000;
/// Characters of the shortest group that is told from any other.
const MIN_GROUP: usize = 3;
/// Characters from which one of them may be heard differently.
const MIN_MISHEARD: usize = 4;
/// Digits that make a repetition certain in the whole call.
const CERTAIN_DIGITS: usize = 7;
/// Only what was found surely is looked for again.
const SURE: f32 = 0.8;

/// Digits that are said again have the kind and owner of the first time.
pub(super) fn read_backs(call: &Call<'_>, found: &[Candidate]) -> Vec<Candidate> {
    let items = || {
        let named = |it: &&Candidate| it.entity == EntityKind::PersonName;
        let sure = found.iter().filter(|it| it.score >= SURE);
        sure.filter(move |it| !named(it) && it.value.len() >= MIN_GROUP)
    };
    let mut by_tail: HashMap<&str, Vec<&Candidate>, Mixed> = HashMap::default();
    for it in items() {
        if let Some(tail) = tail(&it.value) {
            by_tail.entry(tail).or_default().push(it);
        }
    }
    let mut by_time: Vec<(u64, &Candidate)> = items().map(|it| (start_ms(call, it), it)).collect();
    by_time.sort_by_key(|it| (it.0, it.1.side, it.1.first));
    let runs = call.runs.iter().filter(|run| run.chars.len() >= MIN_GROUP);
    runs.filter_map(|run| {
        let whole = tail(&run.chars).and_then(|tail| by_tail.get(tail));
        let whole = whole.and_then(|items| repeated(call, items, run));
        let origin = whole.or_else(|| echoed(call, &by_time, run))?;
        Some(again(run, origin))
    })
    .collect()
}

fn again(run: &Run, origin: &Candidate) -> Candidate {
    let mut score = Score::prior(0.0);
    score.add(3.4, "the same value is said elsewhere in the call");
    Candidate {
        owner: origin.owner.filter(|owner| *owner != Owner::Unknown),
        ..Candidate::of_run(origin.entity, "read_back", run, score)
    }
}

fn tail(value: &str) -> Option<&str> {
    value.get(value.len().checked_sub(4)?..)
}

fn start_ms(call: &Call<'_>, it: &Candidate) -> u64 {
    call.at(it.side, it.first).map_or(0, |token| token.start_ms)
}

fn is_same_place(it: &Candidate, run: &Run) -> bool {
    it.side == run.side && it.first <= run.last && run.first <= it.last
}

/// The item that a run repeats, whole or its end.
fn repeated<'a>(call: &Call<'_>, items: &[&'a Candidate], run: &Run) -> Option<&'a Candidate> {
    let fits = |it: &&&Candidate| {
        let length = it.value.len().min(run.chars.len());
        let same = it.value.ends_with(&run.chars)
            || run.chars.ends_with(&it.value)
            || is_misheard(&it.value, &run.chars);
        let near = start_ms(call, it).abs_diff(run.start_ms) <= READ_BACK_MS;
        !is_same_place(it, run) && same && (length >= CERTAIN_DIGITS || near)
    };
    items.iter().take(8).find(fits).copied()
}

/// The item of which a run repeats a group while it is being said or right behind it.
fn echoed<'a>(
    call: &Call<'_>,
    by_time: &[(u64, &'a Candidate)],
    run: &Run,
) -> Option<&'a Candidate> {
    let until = by_time.partition_point(|it| it.0 <= run.end_ms + ECHO_MS);
    let near = by_time.get(..until)?.iter().rev();
    let near = near.take_while(|it| it.0 + MAX_ITEM_MS >= run.start_ms);
    let end_ms = |it: &Candidate| call.at(it.side, it.last).map_or(0, |token| token.end_ms);
    near.map(|it| it.1)
        .filter(|it| !is_same_place(it, run) && end_ms(it) + ECHO_MS >= run.start_ms)
        .find(|it| is_group_of(&it.value, &run.chars))
}

/// Whether a value has the characters somewhere, but for one that was heard differently.
fn is_group_of(value: &str, group: &str) -> bool {
    let allowed = usize::from(group.len() >= MIN_MISHEARD);
    let windows = value.as_bytes().windows(group.len());
    windows
        .map(|window| differing(window, group.as_bytes()))
        .any(|count| count <= allowed)
}

/// As long, with a character or two heard differently.
fn is_misheard(said: &str, again: &str) -> bool {
    said.len() == again.len()
        && said.len() >= CERTAIN_DIGITS
        && differing(said.as_bytes(), again.as_bytes()) <= 2
}

fn differing(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a != b).count()
}
