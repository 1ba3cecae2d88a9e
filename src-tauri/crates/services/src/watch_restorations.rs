//! Looks after recordings that come out of an archive, for hours and over restarts.

use std::time::Duration;

use connectors::genesys::Restoration;
use domain::case::CaseStep;
use store::rows::CallRow;
use tokio::time::sleep;

use crate::{
    api::{ApiError, CasePart, Event},
    app::App,
    egress::Egress,
    get_case::load_case,
    jobs, locked, record,
    restore_call::{archive_of, ended, fetch_now, is_on_its_way, name},
    source_for_job::ensure_same_organization,
};

/// Looks at once and then after each pause, until the core closes.
pub(crate) async fn watch(app: App, pause: Duration) {
    loop {
        if let Err(error) = look(&app).await {
            // The next look tries again; the call stays as it is.
            tracing::warn!(%error, "restorations could not be looked at");
        }
        tokio::select! {
            () = sleep(pause) => {}
            () = app.shutdown_token().cancelled() => return,
        }
    }
}

async fn look(app: &App) -> Result<(), ApiError> {
    for call in app.store().restoring_calls().await? {
        if app.shutdown_token().is_cancelled() {
            return Ok(());
        }
        if let Err(error) = look_at(app, &call).await {
            tracing::warn!(%error, call = call.number, "a restoration could not be looked at");
        }
    }
    Ok(())
}

async fn look_at(app: &App, call: &CallRow) -> Result<(), ApiError> {
    let case = load_case(app, &call.case_id).await?;
    let in_work = jobs::IN_WORK.map(CaseStep::name);
    if !in_work.contains(&case.step.as_str()) || call.missing_accepted.is_some() {
        return Ok(());
    }
    let (connected, media) = archive_of(app, call)?;
    ensure_same_organization(app, &case, &connected).await?;
    let (counted, ledger) = connected.source.counted();
    let egress = Egress::of_restoration(ledger);
    let Some(genesys) = counted.genesys() else {
        return Ok(());
    };
    let asked = genesys.restoration(&media.conversation, &media.recording, app.shutdown_token());
    let asked = asked.await.map_err(ApiError::from);
    let state = egress.close(app, asked).await?;
    if is_on_its_way(state) {
        return Ok(());
    }
    bring_on(app, call, state).await
}

/// The archive has given it back, or has lost it: the retrieval finds out what is so.
async fn bring_on(app: &App, call: &CallRow, state: Restoration) -> Result<(), ApiError> {
    let mut tx = app.store().begin().await?;
    let case = locked::case(&mut tx, &call.case_id).await?;
    locked::refuse_sealed(&mut tx, &case.id).await?;
    let call = locked::call(&mut tx, &case.id, call.number).await?;
    if call.restoration_asked.is_none() || call.missing_accepted.is_some() {
        return Ok(());
    }
    record::append(app, &mut tx, ended(app, &case, &call, name(state))).await?;
    let number = call.number;
    fetch_now(app, &mut tx, call).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Calls, Some(number));
    app.emit_case(&case.id, CasePart::Jobs, None);
    app.emit(Event::StatusChanged);
    Ok(())
}
