//! Moves a case to the step that its calls have reached.

use domain::case::CaseStep;
use store::{
    Tx,
    rows::{CallRow, CaseRow},
};

use crate::api::{ApiError, CaseCounts};

/// Counts the calls of a case by what became of them. // B14
pub(crate) fn count(calls: &[CallRow]) -> CaseCounts {
    let mut counts = CaseCounts {
        found: as_u32(calls.len()),
        ..CaseCounts::default()
    };
    for call in calls {
        count_end_state(&mut counts, call);
        count_review(&mut counts, call);
        counts.open_spans += call.open_spans;
    }
    counts
}

fn count_end_state(counts: &mut CaseCounts, call: &CallRow) {
    let state = call.end_state.as_ref().map(|(name, _)| name.as_str());
    match state {
        Some("retrieved") => counts.retrieved += 1,
        Some("purged") => counts.purged += 1,
        Some("corrupted") => counts.corrupted += 1,
        Some("unsupported") => counts.unsupported += 1,
        Some("withheld") => counts.withheld += 1,
        Some("duplicate") => counts.duplicate += 1,
        Some("unavailable") => counts.unavailable += 1,
        // A name this version does not know is not an end: it counts as pending and blocks sealing.
        Some(_) | None => counts.pending += 1,
    }
}

fn count_review(counts: &mut CaseCounts, call: &CallRow) {
    match call.review_state.as_str() {
        "open" => counts.to_review += 1,
        "finished" => counts.to_approve += 1,
        "approved" => counts.approved += 1,
        _ => {}
    }
}

/// The step that the calls of a frozen list have reached; one without calls is answered with nothing.
pub(crate) fn reached(counts: &CaseCounts) -> CaseStep {
    let reviewable = counts.to_review + counts.to_approve + counts.approved;
    if counts.pending > 0 || reviewable < counts.retrieved {
        CaseStep::Retrieve
    } else if counts.to_review > 0 {
        CaseStep::Review
    } else if counts.to_approve > 0 {
        CaseStep::SecondReview
    } else {
        CaseStep::Deliver
    }
}

/// Writes the step if it changed. Runs in the transaction that changed a call.
pub(crate) async fn advance(tx: &mut Tx, case: &mut CaseRow) -> Result<CaseCounts, ApiError> {
    let counts = count(&tx.calls(&case.id).await?);
    let current = CaseStep::from_name(&case.step).unwrap_or(CaseStep::New);
    let past_freeze = current >= CaseStep::Retrieve && current < CaseStep::Closed;
    let next = reached(&counts);
    if past_freeze && next != current {
        next.name().clone_into(&mut case.step);
        tx.update_case_step(&case.id, next.name()).await?;
    }
    Ok(counts)
}

pub(crate) fn as_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: CaseStep, change: impl FnOnce(&mut CaseCounts)) {
        let mut counts = CaseCounts {
            found: 3,
            retrieved: 2,
            purged: 1,
            ..CaseCounts::default()
        };
        change(&mut counts);
        assert_eq!(reached(&counts), expected, "{counts:?}");
    }

    #[test]
    fn a_case_follows_its_slowest_call() {
        check(CaseStep::Retrieve, |it| (it.retrieved, it.pending) = (1, 1));
        check(CaseStep::Retrieve, |it| it.to_review = 1);
        check(CaseStep::Review, |it| (it.to_review, it.approved) = (1, 1));
        check(CaseStep::SecondReview, |it| {
            (it.to_approve, it.approved) = (1, 1)
        });
        check(CaseStep::Deliver, |it| it.approved = 2);
    }

    #[test]
    fn an_empty_list_stays_where_the_answer_is_given() {
        assert_eq!(reached(&CaseCounts::default()), CaseStep::Deliver);
    }

    #[test]
    fn a_case_without_retrievable_calls_can_still_be_answered() {
        check(CaseStep::Deliver, |it| (it.retrieved, it.purged) = (0, 3));
    }
}
