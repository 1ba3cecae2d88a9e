//! How a case ends that nothing is handed over for.

use crate::{case::CaseStep, request_type::RequestType};

/// Why nothing is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClosingOutcome {
    /// What was asked for was done at the source: put right, or erased.
    CarriedOut,
    /// Refused; the reasons are owed to the person. // R-06, R-07
    Refused,
    /// The person no longer asks.
    Withdrawn,
    /// Who asks could not be found out. // R-05, R-23
    NotIdentified,
}

impl ClosingOutcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [
        Self::CarriedOut,
        Self::Refused,
        Self::Withdrawn,
        Self::NotIdentified,
    ];

    /// The stable name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CarriedOut => "carried_out",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::NotIdentified => "not_identified",
        }
    }

    /// The outcome with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// Whether a case of this type may end so from this step.
    ///
    /// Something can be carried out once the list of calls is frozen, and only where the answer is not a copy.
    /// That somebody was not identified can be said before they were.
    pub fn is_open_to(self, kind: RequestType, step: CaseStep) -> bool {
        match self {
            _ if step == CaseStep::Closed => false,
            Self::CarriedOut => !kind.is_answered_by_copy() && step > CaseStep::Search,
            Self::NotIdentified => step <= CaseStep::Identity,
            Self::Refused | Self::Withdrawn => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(kind: RequestType, step: CaseStep) -> Vec<&'static str> {
        let all = ClosingOutcome::ALL.into_iter();
        all.filter(|it| it.is_open_to(kind, step))
            .map(ClosingOutcome::name)
            .collect()
    }

    #[test]
    fn a_copy_is_never_replaced_by_saying_that_it_was_done() {
        for step in CaseStep::ALL {
            for kind in [RequestType::Access, RequestType::Portability] {
                assert!(!ClosingOutcome::CarriedOut.is_open_to(kind, step));
            }
        }
    }

    #[test]
    fn what_may_be_said_depends_on_how_far_the_case_is() {
        let erasure = RequestType::Erasure;
        let before = ["refused", "withdrawn", "not_identified"];
        assert_eq!(open(erasure, CaseStep::Identity), before);
        assert_eq!(open(erasure, CaseStep::Search), ["refused", "withdrawn"]);
        let after = ["carried_out", "refused", "withdrawn"];
        assert_eq!(open(erasure, CaseStep::Retrieve), after);
        assert!(open(erasure, CaseStep::Closed).is_empty());
    }
}
