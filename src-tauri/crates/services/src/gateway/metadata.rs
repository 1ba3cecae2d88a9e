//! One recording without its sound: what it is, and every place where it lies. // S1-17, S1-35

use domain::audit::AuditAction;
use jiff::Timestamp;
use serde::Serialize;
use store::MappingRow;

use super::{
    Gateway,
    clients::Scope,
    error::GatewayError,
    internal, journal,
    mapped::{MappedCall, Origin, Retention},
    reference::Reference,
    tokens::Caller,
};

pub use super::mapped::{Origin as RecordingOrigin, Retention as RetentionStatus};

/// A recording.
#[derive(Debug, Clone, Serialize)]
pub struct RecordingView {
    /// Our id; good in every request.
    pub id: String,
    /// Where the sound would come from.
    pub origin: Origin,
    /// Whether it must still be kept.
    pub retention_status: Retention,
    /// `available`, `pending`, `archived`, `faulty` or `deleted`.
    pub media_state: String,
    /// Start of the audio, where it is known.
    pub start_time: Option<String>,
    /// End of the audio.
    pub end_time: Option<String>,
    /// Every place, the preferred one first. // S1-22
    pub locations: Vec<LocationView>,
}

/// One place, with the fields of the mapping. // S1-17
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the mapping entry")]
pub struct LocationView {
    pub call_id: String,
    pub source_system: String,
    pub recording_id: String,
    pub legacy_archive_id: Option<String>,
    pub customer_provided_id: Option<String>,
    pub storage_location: String,
    pub retention_expiry: Option<String>,
    pub encryption_status: String,
    /// Whether its source said that it is gone.
    pub missing: bool,
}

impl LocationView {
    fn of(row: &MappingRow) -> Self {
        Self {
            call_id: row.call_id.clone(),
            source_system: row.source_system.clone(),
            recording_id: row.recording_id.clone(),
            legacy_archive_id: row.legacy_archive_id.clone(),
            customer_provided_id: row.customer_provided_id.clone(),
            storage_location: row.storage_location.clone(),
            retention_expiry: row.retention_expiry_utc.map(|at| format!("{at:.0}")),
            encryption_status: row.encryption_status.clone(),
            missing: row.missing_since_utc.is_some(),
        }
    }
}

impl Gateway {
    /// What is known about a recording; verifies that it exists and that the caller may have it. // S1-35
    ///
    /// # Errors
    /// Every refusal that `/openapi.json` lists for the route.
    pub async fn recording(
        &self,
        caller: &Caller,
        reference: &str,
        correlation: &str,
    ) -> Result<RecordingView, GatewayError> {
        caller.may(Scope::Read)?;
        let reference = Reference::new(reference)?;
        let cancel = self.inner.stop.child_token();
        let call = self
            .resolve(caller, &reference, correlation, &cancel)
            .await?;
        let entry = journal::entry(AuditAction::GatewayMetadataRead, caller, correlation);
        journal::write(self, entry.recording(&call.id))
            .await
            .map_err(internal)?;
        Ok(self.view(&call))
    }

    pub(super) fn view(&self, call: &MappedCall) -> RecordingView {
        let best = call.best();
        let time = |at: Option<Timestamp>| at.map(|at| format!("{at:.3}"));
        RecordingView {
            id: call.id.clone(),
            origin: Origin::of(best),
            retention_status: Retention::of(best, self.now()),
            media_state: best.media_state.clone(),
            start_time: time(call.places.iter().find_map(|row| row.start_utc)),
            end_time: time(call.places.iter().find_map(|row| row.end_utc)),
            locations: call.places.iter().map(LocationView::of).collect(),
        }
    }
}
