//! What is said of an item once more or behind it, when somebody asks for a part of it or the speaker
//! goes on: "could you do the middle bit again?" – "double seven three".

use domain::entity::EntityKind::{self, Address, DateOfBirth, Email, HealthTerm, PersonName};

use super::{
    call::Call,
    candidate::{Candidate, Score},
    lexicon::{Announced, Role},
    run::Run,
};

/// A part begins within this time behind its item.
const MAX_WAIT_MS: u64 = 15_000;
/// Words between an item and its part, of both sides together.
const MAX_BETWEEN: usize = 16;
/// Characters of a part; a longer one is an item of its own.
const PART: std::ops::RangeInclusive<usize> = 1..=8;
/// Characters of which each has a word that says which it is.
const AIDED: std::ops::RangeInclusive<usize> = 1..=4;
/// Words before a part in its turn: "and then a".
const MAX_LEAD: usize = 4;
/// Only what was found surely goes on.
const SURE: f32 = 0.8;

/// Parts of the items that were found, in what nothing was found in yet.
pub(super) fn continued(call: &Call<'_>, found: &[Candidate]) -> Vec<Candidate> {
    let covered = call.covered_by(found.iter());
    let is_free = |run: &Run| {
        !covered
            .get(call.index(run.side, run.first))
            .copied()
            .unwrap_or(true)
    };
    let runs = call
        .runs
        .iter()
        .filter(|run| PART.contains(&run.chars.len()));
    let by_end = by_end(call, found);
    runs.filter(|run| is_free(run))
        .filter_map(|run| {
            let whole = is_told_alone(call, run) || is_last_of_it(call, run);
            let item = || item_before(call, found, run).filter(|_| whole);
            let spelled = || spelled_of(&by_end, run);
            Some(part(run, item().or_else(spelled)?))
        })
        .collect()
}

/// "And then a two", "plus four at the end": what is told of an item as its last part.
fn is_last_of_it(call: &Call<'_>, run: &Run) -> bool {
    let Some(first) = call.at(run.side, run.first) else {
        return false;
    };
    let own = |pos: usize| {
        call.at(run.side, pos)
            .filter(|it| it.phrase == first.phrase)
    };
    let before = (run.first.saturating_sub(MAX_LEAD)..run.first).filter_map(own);
    let joined = before
        .filter(|it| it.has(Role::Bridge) || it.text == "plus")
        .count()
        > 0;
    let early = run.first.checked_sub(MAX_LEAD + 1);
    let begins = early.is_none_or(|pos| own(pos).is_none());
    let last = call.at(run.side, run.last);
    let ends = last.is_some_and(|it| it.ends_sentence) || own(run.last + 1).is_none();
    let behind = matches!(
        (
            call.text(run.side, run.last + 1),
            call.text(run.side, run.last + 3)
        ),
        (Some("at"), Some("end")) | (Some("am"), _)
    );
    begins && joined && (ends || behind) && call.is_read_out(run)
}

/// Items told with letters, by the time they end.
fn by_end<'a>(call: &Call<'_>, found: &'a [Candidate]) -> Vec<(u64, &'a Candidate)> {
    let lettered = found.iter().filter(|it| {
        let letters = it.value.bytes().any(|byte| byte.is_ascii_alphabetic());
        it.entity != Email && letters && it.score >= SURE
    });
    let end_ms = |it: &Candidate| call.at(it.side, it.last).map(|token| token.end_ms);
    let mut by_end: Vec<_> = lettered.filter_map(|it| Some((end_ms(it)?, it))).collect();
    by_end.sort_by_key(|it| it.0);
    by_end
}

/// "Is that W as in whisky?": the item of either side, just before, of which a letter is made sure.
fn spelled_of<'a>(by_end: &[(u64, &'a Candidate)], run: &Run) -> Option<&'a Candidate> {
    if !run.aided || !AIDED.contains(&run.chars.len()) {
        return None;
    }
    let behind = by_end.partition_point(|it| it.0 <= run.start_ms);
    let (end_ms, item) = *by_end.get(behind.checked_sub(1)?)?;
    (run.start_ms - end_ms <= MAX_WAIT_MS).then_some(item)
}

fn part(run: &Run, item: &Candidate) -> Candidate {
    let mut score = Score::prior(-1.0);
    score.add(3.0, "a part of the item before it");
    Candidate {
        owner: item.owner,
        ..Candidate::of_run(item.entity, "continued", run, score)
    }
}

/// Whether a run is read out and is all that its turn or sentence says.
fn is_told_alone(call: &Call<'_>, run: &Run) -> bool {
    let last = call.at(run.side, run.last);
    let ends = last.is_some_and(|it| it.ends_sentence) || call.fills_turn(run);
    let before = run
        .first
        .checked_sub(1)
        .and_then(|pos| call.at(run.side, pos));
    let begins = call.begins_turn(run) || before.is_some_and(|it| it.ends_sentence);
    let spelled = run.letter_count() > 0 || call.is_read_out(run);
    let counted = (run.first..=run.last)
        .filter_map(|pos| call.at(run.side, pos))
        .any(|it| call.is_quantity(it));
    ends && begins && spelled && !counted
}

/// The item of the same side that a run goes on with.
fn item_before<'a>(call: &Call<'_>, found: &'a [Candidate], run: &Run) -> Option<&'a Candidate> {
    let behind = found.partition_point(|it| (it.side, it.first) < (run.side, run.first));
    let item = found.get(behind.checked_sub(1)?)?;
    let end = call.at(item.side, item.last)?;
    let (from, to) = (
        call.index(item.side, item.last),
        call.index(run.side, run.first),
    );
    let near = item.side == run.side
        && run.start_ms.saturating_sub(end.end_ms) <= MAX_WAIT_MS
        && to.saturating_sub(from) <= MAX_BETWEEN + 1;
    let told = item.score >= SURE && is_told_in_parts(item.entity);
    (near && told && !turns_to_other(call, item.entity, from, to)).then_some(item)
}

fn is_told_in_parts(kind: EntityKind) -> bool {
    !matches!(
        kind,
        PersonName | Address | DateOfBirth | Email | HealthTerm
    )
}

/// Whether something else is asked for or announced between two places.
fn turns_to_other(call: &Call<'_>, kind: EntityKind, from: usize, to: usize) -> bool {
    let first = call.cues.partition_point(|cue| cue.token <= from);
    let between = call.cues.get(first..).unwrap_or(&[]).iter();
    between
        .take_while(|cue| cue.token < to)
        .any(|cue| cue.announced != Announced::Item(kind))
}
