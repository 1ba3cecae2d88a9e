//! The places beside the calls that a search looked into, as the record of the search keeps them.

use connectors::genesys::{Orphan, PlaceKind, PlaceOutcome, SearchedPlace};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    advance::as_u32,
    api::{OrphanView, SearchedPlaceView},
    search_record::{FoundRecord, state_name},
};

/// A place, and what came of looking there.
#[derive(Serialize, Deserialize)]
pub(crate) struct SearchedPlaceRecord {
    pub(crate) place: String,
    /// `searched`, `cut`, `not_permitted` or `failed`.
    pub(crate) outcome: String,
    pub(crate) found: usize,
    /// The missing permission, or why it failed.
    pub(crate) reason: Option<String>,
}

/// A recording without a conversation.
#[derive(Serialize, Deserialize)]
pub(crate) struct OrphanRecord {
    pub(crate) id: String,
    created_utc: Option<Timestamp>,
    status: String,
    size_bytes: Option<u64>,
    media_state: String,
    region: Option<String>,
}

impl From<SearchedPlace> for SearchedPlaceRecord {
    fn from(place: SearchedPlace) -> Self {
        let (outcome, found, reason) = match place.outcome {
            PlaceOutcome::Searched { found } => ("searched", found, None),
            PlaceOutcome::Cut { found } => ("cut", found, None),
            PlaceOutcome::NotPermitted { permissions } => ("not_permitted", 0, Some(permissions)),
            PlaceOutcome::Failed { reason } => ("failed", 0, Some(reason)),
        };
        Self {
            place: place.kind.name().to_owned(),
            outcome: outcome.to_owned(),
            found,
            reason,
        }
    }
}

impl SearchedPlaceRecord {
    /// Whether calls may be missing because nobody could look here. Contacts lead to calls; orphans do not:
    /// whose they are can only be heard.
    pub(crate) fn is_limitation(&self) -> bool {
        let is_directory = self.place != PlaceKind::Orphans.name();
        is_directory && matches!(self.outcome.as_str(), "not_permitted" | "failed")
    }

    /// For the log: `orphans:not_permitted`.
    pub(crate) fn in_short(&self) -> String {
        format!("{}:{}", self.place, self.outcome)
    }

    pub(crate) fn view(&self) -> SearchedPlaceView {
        SearchedPlaceView {
            place: self.place.clone(),
            outcome: self.outcome.clone(),
            found: as_u32(self.found),
            reason: self.reason.clone(),
        }
    }
}

impl From<Orphan> for OrphanRecord {
    fn from(orphan: Orphan) -> Self {
        Self {
            id: orphan.id.to_string(),
            created_utc: orphan.created_utc,
            status: orphan.status,
            size_bytes: orphan.size_bytes,
            media_state: state_name(orphan.media_state).to_owned(),
            region: orphan.region,
        }
    }
}

impl OrphanRecord {
    /// As a call of the list. It has no conversation, agent or number; only a person can say why it is there.
    pub(crate) fn as_call(&self, source: &str) -> Option<FoundRecord> {
        Some(FoundRecord {
            source: source.to_owned(),
            conversation: Orphan::no_conversation().to_string(),
            recording: self.id.clone(),
            communication: None,
            start_utc: self.created_utc?,
            end_utc: None,
            agents: Vec::new(),
            queues: Vec::new(),
            media_state: self.media_state.clone(),
            region: self.region.clone(),
            matched_by: Vec::new(),
            same_as: None,
            maybe_same_as: Vec::new(),
        })
    }

    pub(crate) fn view(&self) -> OrphanView {
        OrphanView {
            id: self.id.clone(),
            created_utc: self.created_utc.map(|at| at.to_string()),
            status: self.status.clone(),
            media_state: self.media_state.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: PlaceKind, outcome: PlaceOutcome) -> SearchedPlaceRecord {
        SearchedPlace { kind, outcome }.into()
    }

    #[test]
    fn a_directory_that_was_not_seen_is_a_limitation_and_orphans_are_not() {
        let missing = || PlaceOutcome::NotPermitted {
            permissions: "gdpr:subject:view".to_owned(),
        };
        assert!(record(PlaceKind::DataSubjects, missing()).is_limitation());
        assert!(!record(PlaceKind::Orphans, missing()).is_limitation());
        let seen = PlaceOutcome::Searched { found: 0 };
        assert!(!record(PlaceKind::ExternalContacts, seen).is_limitation());
        let missing = record(PlaceKind::Orphans, missing());
        assert_eq!(missing.in_short(), "orphans:not_permitted");
    }
}
