//! Keeps the mapping as the sources are: what a search or a fallback saw is written down. // S1-12, S1-42, S1-44

use connectors::locate::Place;
use domain::audit::AuditAction;
use evidence::hashing::sha256;
use jiff::Timestamp;
use store::{MappingRow, Tx};

use super::{
    Gateway,
    mapped::{MappedCall, state_name},
};
use crate::{
    api::ApiError,
    record::{self, Draft},
};

/// Digits of our ids: 120 bits, so that two places never share one.
const ID_DIGITS: usize = 30;

/// Clocks of two systems differ, and each rounds in its own way.
const SAME_INSTANT_MS: i64 = 2_000;

/// Our id of a place: the same for the same place, and says nothing about it.
pub(super) fn place_id(tenant: &str, place: &Place) -> String {
    let parts = [
        tenant,
        place.source.as_str(),
        place.conversation.as_str(),
        place.recording.as_str(),
    ];
    // Lengths keep parts apart that hold the separator.
    let text: String = parts
        .iter()
        .map(|it| format!("{}:{it}", it.len()))
        .collect();
    let digest = sha256(text).to_string();
    let digits = digest.trim_start_matches("sha256:");
    format!("rec-{}", digits.get(..ID_DIGITS).unwrap_or(digits))
}

impl Gateway {
    /// Writes the places of one call. Gives our id of the call.
    pub(super) async fn put_call(
        &self,
        tx: &mut Tx,
        tenant: &str,
        places: &[&Place],
    ) -> Result<String, ApiError> {
        let ids: Vec<_> = places.iter().map(|it| place_id(tenant, it)).collect();
        let mut known = Vec::new();
        for id in &ids {
            known.extend(tx.mapped(tenant, id).await?.into_iter().map(|row| row.call));
        }
        known.dedup();
        let call = known.first().or(ids.first()).cloned().unwrap_or_default();
        for other in known.iter().filter(|other| **other != call) {
            tx.join_calls(tenant, &call, other).await?;
        }
        for (place, id) in places.iter().zip(ids) {
            if let Some(row) = self.row(tenant, &call, id, place) {
                tx.put_mapping(&row).await?;
            }
        }
        Ok(call)
    }

    fn row(&self, tenant: &str, call: &str, place_id: String, place: &Place) -> Option<MappingRow> {
        let kind = &self.source(tenant, place.source.as_str())?.kind;
        Some(MappingRow {
            tenant: tenant.to_owned(),
            source: place.source.to_string(),
            call_id: place.conversation.to_string(),
            recording_id: place.recording.to_string(),
            place_id,
            call: call.to_owned(),
            source_system: kind.system.clone(),
            legacy_archive_id: None,
            customer_provided_id: None,
            storage_location: kind.storage_location.clone(),
            retention_expiry_utc: place.retention_ends_utc,
            encryption_status: kind.encryption_status.to_owned(),
            media_state: state_name(place.media_state).to_owned(),
            start_utc: place.start_utc,
            end_utc: place.end_utc,
            seen_at_utc: self.now(),
            missing_since_utc: None,
        })
    }

    /// Writes that the mapping did not know these places, or knew others that are gone. // S1-44
    pub(super) async fn repair(
        &self,
        tenant: &str,
        reference: &str,
        stale: Option<&MappedCall>,
        found: &[Place],
    ) -> Result<Vec<String>, ApiError> {
        let mut tx = self.app().store().begin().await?;
        let mut calls = Vec::new();
        for place in found {
            let known = tx.mapped(tenant, &place_id(tenant, place)).await?;
            // What belongs to another call stays with it.
            let joins =
                stale.filter(|call| known.is_empty() && call.is_now_at(place, reference, found));
            let call = match joins {
                Some(stale) => self.join(&mut tx, tenant, stale, place).await?,
                None => self.put_call(&mut tx, tenant, &[place]).await?,
            };
            let entry = Draft::new(AuditAction::MappingRepaired, self.app().service())
                .recording(&call)
                .detail("tenant", tenant)
                .detail("source", &place.source)
                .detail("knownBefore", stale.is_some());
            record::append(self.app(), &mut tx, entry).await?;
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
        tx.commit().await?;
        Ok(calls)
    }

    async fn join(
        &self,
        tx: &mut Tx,
        tenant: &str,
        stale: &MappedCall,
        place: &Place,
    ) -> Result<String, ApiError> {
        let call = self.put_call(tx, tenant, &[place]).await?;
        tx.join_calls(tenant, &stale.id, &call).await?;
        Ok(stale.id.clone())
    }

    /// Writes that a source says it has it no longer. // S1-13
    pub(super) async fn mark_missing(&self, row: &MappingRow) -> Result<(), ApiError> {
        let mut tx = self.app().store().begin().await?;
        tx.put_mapping(&MappingRow {
            missing_since_utc: Some(self.now()),
            media_state: "deleted".to_owned(),
            ..row.clone()
        })
        .await?;
        Ok(tx.commit().await?)
    }
}

impl MappedCall {
    /// Whether a place holds the recording that this call has lost, so that the two become one.
    ///
    /// The id of a conversation never says so: a conversation has several recordings.
    fn is_now_at(&self, place: &Place, reference: &str, found: &[Place]) -> bool {
        if self.has(place) {
            return false;
        }
        let name = place.recording.as_str();
        let is_named = |row: &MappingRow| {
            row.recording_id == name || row.legacy_archive_id.as_deref() == Some(name)
        };
        if name == reference || self.places.iter().any(is_named) {
            return !self.places.iter().any(|row| is_another_time(row, place));
        }
        let is_then = |place: &Place| self.places.iter().any(|row| is_same_time(row, place));
        is_then(place) && found.iter().filter(|it| is_then(it)).count() == 1
    }

    /// Whether a place of this source is known and not missing, so that another one is another recording.
    fn has(&self, place: &Place) -> bool {
        self.places.iter().any(|row| {
            row.source == place.source.as_str()
                && row.recording_id != place.recording.as_str()
                && row.missing_since_utc.is_none()
        })
    }
}

/// Whether both ends are known, and are the same.
fn is_same_time(row: &MappingRow, place: &Place) -> bool {
    let starts = row.start_utc.zip(place.start_utc);
    let ends = row.end_utc.zip(place.end_utc);
    starts.is_some_and(is_near) && ends.is_some_and(is_near)
}

/// Whether an end is known that differs.
fn is_another_time(row: &MappingRow, place: &Place) -> bool {
    let starts = row.start_utc.zip(place.start_utc);
    let ends = row.end_utc.zip(place.end_utc);
    [starts, ends].into_iter().flatten().any(|it| !is_near(it))
}

/// Whether two clocks can mean the same instant.
pub(super) fn is_near((a, b): (Timestamp, Timestamp)) -> bool {
    (a.as_millisecond() - b.as_millisecond()).abs() <= SAME_INSTANT_MS
}
