//! What people decide about spans and calls.

use jiff::Timestamp;

use crate::{
    entity::{EntityKind, Owner},
    ids::{ActorId, SpanId},
};

/// A person's ruling on a span. `Keep` needs a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewDecision {
    /// Replace it.
    Redact,
    /// Leave it, for this reason.
    Keep {
        /// Why it may be disclosed; not empty.
        reason: String,
    },
    /// Replace it, with other edges.
    Adjust {
        /// New start, in milliseconds.
        start_ms: u64,
        /// New end, exclusive.
        end_ms: u64,
    },
}

/// One decision on record; an undo is a further decision, nothing is overwritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewEvent {
    /// The span.
    pub span: SpanId,
    /// The ruling.
    pub decision: ReviewDecision,
    /// Who ruled.
    pub by: ActorId,
    /// When.
    pub at_utc: Timestamp,
}

/// A span marked by a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualSpan {
    /// Start, in milliseconds.
    pub start_ms: u64,
    /// End, exclusive.
    pub end_ms: u64,
    /// What it hides.
    pub entity: EntityKind,
    /// Whose data it is.
    pub owner: Owner,
}

/// Why a call may not be approved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// The same person reviewed it. // B13
    #[error("who decided anything in a call cannot approve it")]
    SamePerson,
    /// Spans still wait for a decision.
    #[error("{open} spans still wait for a decision")]
    OpenSpans {
        /// How many.
        open: usize,
    },
    /// Nobody finished the review.
    #[error("the review of this call is not finished")]
    NotReviewed,
}

/// Checks whether `approver` may approve a call that these people worked on. // B13
///
/// `reviewers` are the one who finished the review and everyone who decided anything in it. Ids differ
/// only in case when somebody types a name twice, so case does not count.
///
/// # Errors
/// When nobody finished the review, spans are open, or the approver worked on it.
pub fn check_approval<'a>(
    reviewers: impl IntoIterator<Item = &'a str>,
    approver: &ActorId,
    open_spans: usize,
) -> Result<(), ApprovalError> {
    let mut reviewers = reviewers.into_iter().peekable();
    if reviewers.peek().is_none() {
        return Err(ApprovalError::NotReviewed);
    }
    if open_spans > 0 {
        return Err(ApprovalError::OpenSpans { open: open_spans });
    }
    let approver = approver.as_str().to_lowercase();
    if reviewers.any(|id| id.to_lowercase() == approver) {
        return Err(ApprovalError::SamePerson);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_person_is_nobody_who_decided() {
        let ben = ActorId::new("ben").unwrap();
        let check =
            |reviewers: &[&str], open| check_approval(reviewers.iter().copied(), &ben, open);
        assert_eq!(check(&["ann"], 0), Ok(()));
        for reviewers in [&["ben"][..], &["ann", "ben"], &["Ben"]] {
            assert_eq!(check(reviewers, 0), Err(ApprovalError::SamePerson));
        }
        assert_eq!(check(&[], 0), Err(ApprovalError::NotReviewed));
        assert_eq!(
            check(&["ann"], 2),
            Err(ApprovalError::OpenSpans { open: 2 })
        );
    }
}
