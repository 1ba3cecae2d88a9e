//! The sources of an export: connected, their rights checked, their traffic counted.

use std::sync::Arc;

use connectors::source::Source;
use evidence::format::ExportSource;
use tokio_util::sync::CancellationToken;

use crate::{
    api::ApiError,
    app::App,
    egress::Egress,
    source_for_job::check_rights,
    sources::{Connected, require_sources},
};

/// A source as an export uses it.
pub(super) struct Asking {
    pub(super) source: Arc<Source>,
    pub(super) written: ExportSource,
    pub(super) egress: Egress,
}

/// Every connected source.
///
/// # Errors
/// When none is connected, or one's rights are not those it was connected with.
pub(super) async fn sources(
    app: &App,
    cancel: &CancellationToken,
) -> Result<Vec<Asking>, ApiError> {
    let mut sources = Vec::new();
    for connected in require_sources(app)?.iter() {
        sources.push(asking(app, connected.clone(), cancel).await?);
    }
    Ok(sources)
}

async fn asking(
    app: &App,
    connected: Connected,
    cancel: &CancellationToken,
) -> Result<Asking, ApiError> {
    let (source, ledger) = connected.source.counted();
    let connected = Connected {
        source: Arc::new(source),
        egress: Egress::of_work(ledger, "export"),
        ..connected
    };
    let checked = check_rights(app, &connected, cancel).await;
    let organization_id = connected.egress.close_failed(app, checked).await?;
    Ok(Asking {
        written: ExportSource {
            source: connected.source.id().to_string(),
            organization_id,
            exporter: connected.client_id,
        },
        source: connected.source,
        egress: connected.egress,
    })
}
