//! Who asks, and about whom.

use crate::{ids::ActorId, sensitive::PersonalData};

/// The person the recordings are about, as far as known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataSubject {
    /// Full name.
    pub name: PersonalData<String>,
    /// Phone numbers in E.164 form, `+447700900123`.
    pub phones: Vec<PersonalData<String>>,
    /// E-mail addresses.
    pub emails: Vec<PersonalData<String>>,
    /// The organization's own customer numbers.
    pub customer_ids: Vec<PersonalData<String>>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requestor {
    /// The data subject.
    Subject(DataSubject),
    /// Somebody acting for the data subject.
    Representative {
        /// The person the recordings are about.
        subject: DataSubject,
        /// Name of the representative.
        name: PersonalData<String>,
        /// What shows the authority: a power of attorney, a court order. // R-21
        authority: String,
    },
}

impl Requestor {
    /// The person the recordings are about.
    pub fn subject(&self) -> &DataSubject {
        match self {
            Self::Subject(subject) | Self::Representative { subject, .. } => subject,
        }
    }
}

/// What a person may do in the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Handles the case.
    CaseWorker,
    /// Approves what somebody else decided.
    Approver,
    /// Previews redacted audio and checks the log.
    Auditor,
}

/// Who did something. A human and a service are never confused. // S0-13
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person.
    Human(ActorId),
    /// A program under its own account.
    Service(ActorId),
}

impl Actor {
    /// The id, whatever the kind.
    pub fn id(&self) -> &ActorId {
        match self {
            Self::Human(id) | Self::Service(id) => id,
        }
    }

    /// `human` or `service`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Human(_) => "human",
            Self::Service(_) => "service",
        }
    }
}
