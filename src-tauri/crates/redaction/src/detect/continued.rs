//! What is said of an item once more or behind it, when somebody asks for a part of it or the speaker
//! goes on: "could you do the middle bit again?" – "double seven three".

use domain::entity::EntityKind::{self, Address, DateOfBirth, Email, HealthTerm, PersonName};

use super::{
    call::Call,
    candidate::{Candidate, Score},
    lexicon::Announced,
    run::Run,
};

/// A part begins within this time behind its item.
const MAX_WAIT_MS: u64 = 15_000;
/// Words between an item and its part, of both sides together.
const MAX_BETWEEN: usize = 16;
/// Characters of a part; a longer one is an item of its own.
const PART: std::ops::RangeInclusive<usize> = 2..=8;
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
    runs.filter(|run| is_free(run) && is_told_alone(call, run))
        .filter_map(|run| Some(part(run, item_before(call, found, run)?)))
        .collect()
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
