//! Places that a search looks into beside the calls themselves, and what came of it: none is left out silently. // S0-40

use crate::source::SourceError;

/// Where a search looked beside the calls themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// The register of data subjects.
    DataSubjects,
    /// The directory of external contacts.
    ExternalContacts,
    /// Recordings without a conversation.
    Orphans,
}

impl PlaceKind {
    /// The stable name, for records and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DataSubjects => "data_subjects",
            Self::ExternalContacts => "external_contacts",
            Self::Orphans => "orphans",
        }
    }
}

/// One place, and what came of looking there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchedPlace {
    /// Which one.
    pub kind: PlaceKind,
    /// What came of it.
    pub outcome: PlaceOutcome,
}

/// What came of looking into a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceOutcome {
    /// It was seen.
    Searched {
        /// How many entries fit.
        found: usize,
    },
    /// It holds more than can be seen.
    Cut {
        /// How many entries fit, of those seen.
        found: usize,
    },
    /// The client may not look there.
    NotPermitted {
        /// What it would need.
        permissions: String,
    },
    /// It could not be asked.
    Failed {
        /// Why.
        reason: String,
    },
}

impl PlaceOutcome {
    /// What an error means for the place.
    ///
    /// # Errors
    /// Gives the error back when it would meet every other request too.
    pub fn not_seen(error: SourceError) -> Result<Self, SourceError> {
        match error {
            SourceError::Cancelled | SourceError::SignIn(_) => Err(error),
            SourceError::NotPermitted { permissions, .. } => Ok(Self::NotPermitted { permissions }),
            other => Ok(Self::Failed {
                reason: other.to_string(),
            }),
        }
    }
}
