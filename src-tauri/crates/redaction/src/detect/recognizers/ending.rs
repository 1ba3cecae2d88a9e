//! The last characters of something longer: "the card that ends in 88", "mine ends oh eight two".

use domain::entity::EntityKind::{self, Other};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    lexicon::{Announced, Role},
    run::Run,
};

/// Characters of an ending.
const CHARS: std::ops::RangeInclusive<usize> = 2..=6;
/// Words of the longest phrase before one, and of what may stand between.
const REACH: usize = 7;
/// What ends so was spoken of within this time.
const TOPIC_MS: u64 = 30_000;
/// Cues looked at before one; more never matter.
const MAX_CUES: usize = 24;

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let short = |run: &&Run| CHARS.contains(&run.chars.len()) && run.digit_count() > 0;
    for run in call.runs.iter().filter(short) {
        if !is_behind_ending(call, run) || !call.is_read_out(run) && run.items.len() > 2 {
            continue;
        }
        let mut score = Score::prior(-1.0);
        score.add(3.2, "the last characters of something longer");
        let unrelated = call.unrelated_run(run);
        score.add_if(
            unrelated > 0.3,
            -2.0 * unrelated,
            "a price, quantity, time or reference is meant",
        );
        if score.reaches(0.4) {
            found.push(Candidate::of_run(kind(call, run), "ending", run, score));
        }
    }
}

/// Whether a phrase such as "ends in" stands right before a run.
fn is_behind_ending(call: &Call<'_>, run: &Run) -> bool {
    let Some(first) = call.at(run.side, run.first) else {
        return false;
    };
    (1..=REACH)
        .filter_map(|back| run.first.checked_sub(back))
        .take_while(|&pos| {
            call.at(run.side, pos)
                .is_some_and(|it| it.phrase == first.phrase)
        })
        .any(|pos| {
            let len = call.phrase_len(Role::Ends, run.side, pos);
            let fill = |pos| {
                call.at(run.side, pos)
                    .is_some_and(|it| it.has(Role::Filler) || it.has(Role::Bridge))
            };
            len > 0 && pos + len <= run.first && (pos + len..run.first).all(fill)
        })
}

/// The kind that was spoken of last.
fn kind(call: &Call<'_>, run: &Run) -> EntityKind {
    let index = call.index(run.side, run.first);
    let behind = call.cues.partition_point(|cue| cue.token < index);
    let before = call.cues.iter().take(behind).rev();
    before
        .take(MAX_CUES)
        .take_while(|cue| run.start_ms.saturating_sub(cue.end_ms) <= TOPIC_MS)
        .find_map(|cue| match cue.announced {
            Announced::Item(kind) if is_number(kind) => Some(kind),
            _ => None,
        })
        .unwrap_or(Other)
}

fn is_number(kind: EntityKind) -> bool {
    use EntityKind::{Address, DateOfBirth, Email, HealthTerm, Password, PersonName};
    !matches!(
        kind,
        PersonName | Address | DateOfBirth | Email | HealthTerm | Password
    )
}
