//! Takes over what a migration knows: entries of the mapping as other programs write them. // S1-12, S1-17, S1-18

use connectors::locate::Place;
use domain::{
    ids::{ConversationId, RecordingId, SourceId},
    recording::MediaState,
};
use jiff::Timestamp;
use serde::Deserialize;
use store::{MappingRow, Tx};

use super::{config::GatewayConfig, mapped::state_name, sync::place_id};
use crate::{
    api::ApiError,
    app::{App, AppOptions},
};

/// One entry. Ids are opaque. // S1-17, S1-20
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    call_id: String,
    /// `genesys_cloud`, or the product of an old system.
    source_system: String,
    /// Left out where the system knows only an archive's id.
    recording_id: Option<String>,
    legacy_archive_id: Option<String>,
    customer_provided_id: Option<String>,
    storage_location: String,
    retention_expiry: Option<Timestamp>,
    encryption_status: String,
}

/// Writes entries, one JSON object a line, as places in one source of a tenant. Gives how many there were.
///
/// All of them are written, or none.
///
/// # Errors
/// Which line cannot be used; that the source is not configured; that the folder is in use.
pub async fn import_mapping(
    config: &GatewayConfig,
    options: AppOptions,
    source: &str,
    lines: &str,
) -> Result<usize, ApiError> {
    let mut sources = config.sources.iter();
    let configured = sources.find(|it| it.source.id() == source);
    let tenant = configured.map(|it| it.tenant.as_str());
    let tenant = tenant.ok_or_else(|| ApiError::not_found("source", source))?;
    let app = App::open(options).await?;
    let written = write(&app, tenant, source, lines).await;
    app.close().await;
    written
}

async fn write(app: &App, tenant: &str, source: &str, lines: &str) -> Result<usize, ApiError> {
    let mut tx = app.store().begin().await?;
    let mut written = 0;
    let lines = lines.lines().enumerate();
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |why: String| ApiError::invalid(&format!("line {}", number + 1), why);
        let entry: Entry = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
        let row = entry.row(tenant, source, app.now()).map_err(wrong)?;
        put(&mut tx, row).await?;
        written += 1;
    }
    tx.commit().await?;
    Ok(written)
}

impl Entry {
    fn row(self, tenant: &str, source: &str, now: Timestamp) -> Result<MappingRow, String> {
        let recording = self.recording_id.or_else(|| self.legacy_archive_id.clone());
        let recording = recording.ok_or("it has neither `recording_id` nor `legacy_archive_id`")?;
        let text = |error: domain::ids::IdError| error.to_string();
        let place = Place {
            source: SourceId::new(source).map_err(text)?,
            conversation: ConversationId::new(self.call_id.clone()).map_err(text)?,
            recording: RecordingId::new(recording.clone()).map_err(text)?,
            start_utc: None,
            end_utc: None,
            media_state: MediaState::Available,
            retention_ends_utc: self.retention_expiry,
        };
        let id = place_id(tenant, &place);
        Ok(MappingRow {
            tenant: tenant.to_owned(),
            source: source.to_owned(),
            call_id: self.call_id,
            recording_id: recording,
            place_id: id.clone(),
            call: id,
            source_system: self.source_system,
            legacy_archive_id: self.legacy_archive_id,
            customer_provided_id: self.customer_provided_id,
            storage_location: self.storage_location,
            retention_expiry_utc: self.retention_expiry,
            encryption_status: self.encryption_status,
            media_state: state_name(place.media_state).to_owned(),
            start_utc: None,
            end_utc: None,
            seen_at_utc: now,
            missing_since_utc: None,
        })
    }
}

/// The same call in another source, by its id or by the archive's, becomes one call with this place. // S1-22
async fn put(tx: &mut Tx, mut row: MappingRow) -> Result<(), ApiError> {
    let mut known = tx.mapped(&row.tenant, &row.place_id).await?;
    for name in [Some(&row.call_id), row.legacy_archive_id.as_ref()]
        .into_iter()
        .flatten()
    {
        let others = tx.mapped(&row.tenant, name).await?;
        let is_one_call = others.iter().all(|it| it.call == others[0].call);
        let is_elsewhere = others.iter().all(|it| it.source != row.source);
        if is_one_call && is_elsewhere {
            known.extend(others);
        }
    }
    if let Some(first) = known.first() {
        row.call.clone_from(&first.call);
    }
    for other in known.iter().filter(|it| it.call != row.call) {
        tx.join_calls(&row.tenant, &row.call, &other.call).await?;
    }
    Ok(tx.put_mapping(&row).await?)
}
