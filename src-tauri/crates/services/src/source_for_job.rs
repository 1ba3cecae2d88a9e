//! The source as a job gets it: its rights checked since the start, its organization the one of the
//! list, its traffic counted.

use std::sync::Arc;

use connectors::source::SourceHealth;
use serde::Deserialize;
use store::rows::{CaseRow, QueuedJob};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{ApiError, ErrorCode},
    app::App,
    connect,
    egress::Egress,
    sources::Connected,
};

/// A connected source for one job. The caller appends [`Connected::egress`] in its transaction.
///
/// # Errors
/// When its rights are not those it was connected with, or the list of the case comes from another
/// organization.
pub(crate) async fn source_for_job(
    app: &App,
    case: &CaseRow,
    job: &QueuedJob,
    connected: Connected,
    cancel: &CancellationToken,
) -> Result<Connected, ApiError> {
    let (source, ledger) = connected.source.counted();
    let mut connected = Connected {
        source: Arc::new(source),
        egress: Egress::of_job(ledger, case, job),
        ..connected
    };
    let checked = check(app, case, &mut connected, cancel).await;
    connected.egress.close_failed(app, checked).await?;
    Ok(connected)
}

async fn check(
    app: &App,
    case: &CaseRow,
    connected: &mut Connected,
    cancel: &CancellationToken,
) -> Result<(), ApiError> {
    connected.organization_id = check_rights(app, connected, cancel).await?;
    ensure_same_organization(app, case, connected).await
}

/// Asks the source what the credentials may do, once after each start: rights change while the app is
/// closed. Gives the id of the organization. // S0-22, S0-23
pub(crate) async fn check_rights(
    app: &App,
    connected: &Connected,
    cancel: &CancellationToken,
) -> Result<String, ApiError> {
    let check = async || {
        let health = connected.source.health(cancel).await?;
        if !connected.is_as_connected(&health) {
            connect::record_refusal(app, &health).await?;
            return Err(rights_changed(connected, &health));
        }
        Ok(health.organization_id)
    };
    connected.rights.get_or_try_init(check).await.cloned()
}

impl Connected {
    /// Whether the credentials may do what is needed, no more than was accepted, and in the same place.
    fn is_as_connected(&self, health: &SourceHealth) -> bool {
        let known = &self.organization_id;
        health.missing.is_empty()
            && health
                .excess
                .iter()
                .all(|it| self.accepted_excess.contains(it))
            && (known.is_empty() || *known == health.organization_id)
    }
}

fn rights_changed(connected: &Connected, health: &SourceHealth) -> ApiError {
    let what = if !health.missing.is_empty() {
        format!("lacks {}", health.missing.join(", "))
    } else if !connected.organization_id.is_empty()
        && connected.organization_id != health.organization_id
    {
        "belongs to another organization".to_owned()
    } else {
        format!(
            "may do more than was accepted: {}",
            health.excess.join(", ")
        )
    };
    ApiError::new(
        ErrorCode::SourceUnavailable,
        format!("The client of the source has changed since it was connected: it {what}"),
        "Connect the source again; its rights are checked there.",
    )
}

/// What is read of a frozen list to tell where it comes from.
#[derive(Deserialize)]
struct Origins {
    search: SearchOrigins,
}

#[derive(Deserialize)]
struct SearchOrigins {
    sources: Vec<Origin>,
}

#[derive(Deserialize)]
struct Origin {
    source: String,
    #[serde(default)]
    organization_id: String,
}

/// Refuses a source whose organization is not the one that the frozen list of a case comes from: its
/// recordings would be other ones, or the right ones under another client.
///
/// # Errors
/// When they differ. A case without a frozen list fits every source.
pub(crate) async fn ensure_same_organization(
    app: &App,
    case: &CaseRow,
    connected: &Connected,
) -> Result<(), ApiError> {
    let Some(frozen) = app.store().frozen(&case.id).await? else {
        return Ok(());
    };
    let list: Origins = serde_json::from_str(frozen.manifest_json.reveal())
        .map_err(|error| ApiError::internal("Reading the frozen list", &error))?;
    let differs = |origin: &Origin| {
        origin.source == connected.view.id
            && !origin.organization_id.is_empty()
            && !connected.organization_id.is_empty()
            && origin.organization_id != connected.organization_id
    };
    if !list.search.sources.iter().any(differs) {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::SourceUnavailable,
        format!(
            "The list of case `{}` comes from another organization than the connected one",
            case.id
        ),
        "Connect the organization that was searched, then retrieve again.",
    ))
}
