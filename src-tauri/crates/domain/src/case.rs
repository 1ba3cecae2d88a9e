//! A case: one request from receipt to closure.

use jiff::civil::Date;

use crate::{
    ids::{ActorId, CaseId, CorrelationId},
    law::Law,
    requestor::Requestor,
    verification::Verification,
};

/// The steps of a case, in order; the same eight words everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CaseStep {
    /// Just received.
    New,
    /// The requestor's identity is being checked.
    Identity,
    /// Looking for every call.
    Search,
    /// The list is frozen; originals are coming into custody.
    Retrieve,
    /// A case worker decides what must not be disclosed.
    Review,
    /// A second person checks those decisions.
    SecondReview,
    /// Sealing and handing over.
    Deliver,
    /// Done.
    Closed,
}

impl CaseStep {
    /// Every step in order.
    pub const ALL: [Self; 8] = [
        Self::New,
        Self::Identity,
        Self::Search,
        Self::Retrieve,
        Self::Review,
        Self::SecondReview,
        Self::Deliver,
        Self::Closed,
    ];

    /// The stable name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Identity => "identity",
            Self::Search => "search",
            Self::Retrieve => "retrieve",
            Self::Review => "review",
            Self::SecondReview => "second_review",
            Self::Deliver => "deliver",
            Self::Closed => "closed",
        }
    }

    /// The step with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    /// Whether a case may go from this step to `next`.
    ///
    /// Forward one step at a time; back from the second review to the review (returned), and from
    /// the review to the search (a supplement was found). A closed case stays closed.
    pub fn may_go_to(self, next: Self) -> bool {
        let forward = next as u8 == self as u8 + 1;
        let returned = matches!(
            (self, next),
            (Self::SecondReview, Self::Review) | (Self::Review | Self::Retrieve, Self::Search)
        );
        forward || returned
    }
}

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its number.
    pub id: CaseId,
    /// Joins every entry of its lineage. // S0-67
    pub correlation_id: CorrelationId,
    /// Who asks, about whom.
    pub requestor: Requestor,
    /// The law that sets the clock.
    pub law: Law,
    /// Civil date of receipt at the controller's place; starts the clock.
    pub received_on: Date,
    /// How far it has come.
    pub step: CaseStep,
    /// How the requestor was checked so far.
    pub verification: Verification,
    /// Who works on it.
    pub owner: ActorId,
}

/// Why a case may not take a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The order of the steps does not allow it.
    #[error("a case in step `{}` cannot go to `{}`", .from.name(), .to.name())]
    Order {
        /// Where the case is.
        from: CaseStep,
        /// Where it was to go.
        to: CaseStep,
    },
    /// The requestor's identity has not been verified. // S0-01
    #[error("the requestor's identity has not been verified")]
    NotVerified,
}

impl Case {
    /// Checks whether the case may go to `to`. Every path past `Identity` passes verification. // S0-01
    ///
    /// # Errors
    /// When the order of the steps forbids it, or the requestor is not verified.
    pub fn check_step(&self, to: CaseStep) -> Result<(), StepError> {
        if !self.step.may_go_to(to) {
            return Err(StepError::Order {
                from: self.step,
                to,
            });
        }
        if to > CaseStep::Identity && !self.verification.is_verified() {
            return Err(StepError::NotVerified);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_forward_one_at_a_time() {
        for pair in CaseStep::ALL.windows(2) {
            assert!(pair[0].may_go_to(pair[1]));
            assert!(!pair[1].may_go_to(pair[1]));
        }
        assert!(!CaseStep::New.may_go_to(CaseStep::Search));
        assert!(!CaseStep::Review.may_go_to(CaseStep::Deliver));
    }

    #[test]
    fn only_a_return_goes_back() {
        assert!(CaseStep::SecondReview.may_go_to(CaseStep::Review));
        assert!(CaseStep::Review.may_go_to(CaseStep::Search));
        assert!(!CaseStep::Closed.may_go_to(CaseStep::Deliver));
        assert!(!CaseStep::Deliver.may_go_to(CaseStep::Retrieve));
    }
}
