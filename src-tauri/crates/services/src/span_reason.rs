//! Why a place was removed or kept, in words that tell nothing of its content. // R-10

use domain::{
    detection::SpanDecision,
    entity::{EntityKind, Owner},
    plan::RedactionSpan,
    policy::Policy,
};

/// The reason for a span, as the redaction log and the letter give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpanReason {
    /// Removed: payment data, credentials and what else the policy removes whoever owns it.
    RemovedFromEveryCopy,
    /// Removed: it is about somebody else.
    OtherPerson,
    /// Removed: it is about an employee.
    Employee,
    /// Removed: nobody could tell whose it is.
    OwnerUnknown,
    /// Removed: the requestor's own data, by the policy of this copy or by a reviewer.
    OwnData,
    /// Removed: nobody has decided.
    Undecided,
    /// Kept: the requestor's own data.
    KeptOwnData,
    /// Kept: the name of an employee.
    KeptEmployee,
    /// Kept: a reviewer decided so.
    KeptByReviewer,
}

impl SpanReason {
    const ALL: [Self; 9] = [
        Self::RemovedFromEveryCopy,
        Self::OtherPerson,
        Self::Employee,
        Self::OwnerUnknown,
        Self::OwnData,
        Self::Undecided,
        Self::KeptOwnData,
        Self::KeptEmployee,
        Self::KeptByReviewer,
    ];

    /// The reason for what happened to a span.
    pub(crate) fn of(span: &RedactionSpan, policy: &Policy) -> Self {
        match (span.decision, span.owner) {
            (SpanDecision::Keep, Owner::Requestor) => Self::KeptOwnData,
            (SpanDecision::Keep, Owner::Agent) if span.entity == EntityKind::PersonName => {
                Self::KeptEmployee
            }
            (SpanDecision::Keep, Owner::Agent | Owner::ThirdParty | Owner::Unknown) => {
                Self::KeptByReviewer
            }
            (SpanDecision::Redact | SpanDecision::Review, _)
                if policy.always_removed(span.entity) =>
            {
                Self::RemovedFromEveryCopy
            }
            (SpanDecision::Review, _) => Self::Undecided,
            (SpanDecision::Redact, Owner::Requestor) => Self::OwnData,
            (SpanDecision::Redact, Owner::ThirdParty) => Self::OtherPerson,
            (SpanDecision::Redact, Owner::Agent) => Self::Employee,
            (SpanDecision::Redact, Owner::Unknown) => Self::OwnerUnknown,
        }
    }

    /// The stable name in the redaction log.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::RemovedFromEveryCopy => "removed_from_every_copy",
            Self::OtherPerson => "other_person",
            Self::Employee => "employee",
            Self::OwnerUnknown => "owner_unknown",
            Self::OwnData => "own_data",
            Self::Undecided => "undecided",
            Self::KeptOwnData => "kept_own_data",
            Self::KeptEmployee => "kept_employee",
            Self::KeptByReviewer => "kept_by_reviewer",
        }
    }

    /// The reason with this stable name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// The reason as the letter says it.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::RemovedFromEveryCopy => {
                "payment data, passwords and numbers that are removed from every copy"
            }
            Self::OtherPerson => "about another person",
            Self::Employee => "about an employee",
            Self::OwnerUnknown => "it could not be told whom it is about",
            Self::OwnData => "about you, removed by the rules of this copy or by a reviewer",
            Self::Undecided => "it could not be decided",
            Self::KeptOwnData => "about you, kept",
            Self::KeptEmployee => "name of an employee, kept",
            Self::KeptByReviewer => "kept by a reviewer",
        }
    }
}
