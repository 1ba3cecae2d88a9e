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
    #[error("the person who reviewed a call cannot approve it")]
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

/// Checks whether `approver` may approve a call that `reviewer` finished. // B13
///
/// # Errors
/// When nobody finished the review, spans are open, or both are the same person.
pub fn check_approval(
    reviewer: Option<&ActorId>,
    approver: &ActorId,
    open_spans: usize,
) -> Result<(), ApprovalError> {
    let reviewer = reviewer.ok_or(ApprovalError::NotReviewed)?;
    if open_spans > 0 {
        return Err(ApprovalError::OpenSpans { open: open_spans });
    }
    if reviewer == approver {
        return Err(ApprovalError::SamePerson);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_person_is_never_the_first() {
        let (ann, ben) = (ActorId::new("ann").unwrap(), ActorId::new("ben").unwrap());
        assert_eq!(check_approval(Some(&ann), &ben, 0), Ok(()));
        assert_eq!(
            check_approval(Some(&ann), &ann, 0),
            Err(ApprovalError::SamePerson)
        );
        assert_eq!(
            check_approval(None, &ben, 0),
            Err(ApprovalError::NotReviewed)
        );
        assert_eq!(
            check_approval(Some(&ann), &ben, 2),
            Err(ApprovalError::OpenSpans { open: 2 })
        );
    }
}
