//! A call in the mapping: its places in the order in which they are asked. // S1-17, S1-22

use domain::recording::MediaState;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::MappingRow;

use super::{GENESYS, Gateway};

/// Where the sound of an answer comes from. // S1-31
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Origin {
    /// The platform.
    GenesysCloud,
    /// Any system from before.
    LegacyArchive,
}

impl Origin {
    /// The value of `X-Recording-Origin`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GenesysCloud => "GENESYS_CLOUD",
            Self::LegacyArchive => "LEGACY_ARCHIVE",
        }
    }

    /// Read from the mapping, never assumed. // S1-21
    pub(super) fn of(row: &MappingRow) -> Self {
        if row.source_system.eq_ignore_ascii_case(GENESYS) {
            Self::GenesysCloud
        } else {
            Self::LegacyArchive
        }
    }
}

/// Whether a recording must still be kept. // S1-32
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Retention {
    /// It must.
    Active,
    /// Its time is over.
    Expired,
    /// Nobody said until when.
    Unknown,
}

impl Retention {
    /// The value of `X-Retention-Status`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Expired => "EXPIRED",
            Self::Unknown => "UNKNOWN",
        }
    }

    pub(super) fn of(row: &MappingRow, now: Timestamp) -> Self {
        Self::until(row.retention_expiry_utc, now)
    }

    fn until(end: Option<Timestamp>, now: Timestamp) -> Self {
        match end {
            Some(end) if end <= now => Self::Expired,
            Some(_) => Self::Active,
            None => Self::Unknown,
        }
    }
}

/// One call and every place where it lies, the best one first; never empty.
#[derive(Debug, Clone)]
pub(super) struct MappedCall {
    pub(super) id: String,
    pub(super) places: Vec<MappingRow>,
}

impl MappedCall {
    pub(super) fn best(&self) -> &MappingRow {
        &self.places[0]
    }

    /// Places whose source did not say that it is gone.
    pub(super) fn is_usable(&self) -> bool {
        self.best().missing_since_utc.is_none()
    }
}

impl Gateway {
    /// Puts rows together into calls. Rows of sources that are not configured any more are left out.
    pub(super) fn calls_of(&self, tenant: &str, rows: Vec<MappingRow>) -> Vec<MappedCall> {
        let mut calls: Vec<MappedCall> = Vec::new();
        let order: Vec<_> = self
            .sources(tenant)
            .iter()
            .map(|it| it.source.id())
            .collect();
        let place = |row: &MappingRow| order.iter().position(|id| id.as_str() == row.source);
        for row in rows.into_iter().filter(|row| place(row).is_some()) {
            match calls.iter_mut().find(|call| call.id == row.call) {
                Some(call) => call.places.push(row),
                None => calls.push(MappedCall {
                    id: row.call.clone(),
                    places: vec![row],
                }),
            }
        }
        for call in &mut calls {
            call.places.sort_by_key(|row| {
                let state = rank(&row.media_state);
                (
                    row.missing_since_utc.is_some(),
                    state,
                    place(row),
                    row.place_id.clone(),
                )
            });
        }
        calls
    }
}

pub(super) const fn state_name(state: MediaState) -> &'static str {
    match state {
        MediaState::Available => "available",
        MediaState::Pending => "pending",
        MediaState::Archived => "archived",
        MediaState::Faulty => "faulty",
        MediaState::Deleted => "deleted",
    }
}

/// How soon the media can be had.
fn rank(state: &str) -> u8 {
    match state {
        "available" => 0,
        "pending" => 1,
        "archived" => 2,
        "faulty" => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // S1-32
    #[test]
    fn a_recording_is_active_until_its_source_deletes_it() {
        let now: Timestamp = "2026-11-21T20:00:00Z".parse().unwrap();
        let of = |end: Option<&str>| Retention::until(end.map(|it| it.parse().unwrap()), now);
        assert_eq!(of(None), Retention::Unknown);
        assert_eq!(of(Some("2026-11-21T20:00:01Z")), Retention::Active);
        assert_eq!(of(Some("2026-11-21T20:00:00Z")), Retention::Expired);
    }
}
