//! Asks a source to bring a recording out of its archive: a person decides, because it changes the source.

use connectors::{
    genesys::{Genesys, Orphan, Restoration},
    source::MediaRequest,
};
use domain::{audit::AuditAction, ids::ActorId};
use jiff::{SignedDuration, Timestamp};
use store::{
    Tx,
    rows::{CallRow, CaseRow},
};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{ApiError, CallRef, CasePart, Done, ErrorCode},
    app::App,
    call_places::at_each_place,
    close_case,
    egress::Egress,
    errors::require_step,
    get_case::load_case,
    jobs, locked,
    open_case::human,
    record::{self, Draft},
    retrieve::{media_request, read_call},
    source_for_job::ensure_same_organization,
    sources::Connected,
};

/// How long a restored recording stays outside the archive: time for a desk that was closed over a holiday.
const STAYS_OUT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Asks for a call that lies in the archive of its source. It takes hours; the app looks after it and
/// retrieves the call when it is there.
///
/// # Errors
/// When the call is not archived or was asked for, the source cannot be asked, or the permission is missing.
pub async fn restore_call(app: &App, request: CallRef) -> Result<Done, ApiError> {
    let worker = app.deciding_person()?;
    let case = load_case(app, &request.case_id).await?;
    let call = read_call(app, &case.id, request.call).await?;
    require_archived(&case, &call)?;
    let (connected, media) = archive_of(app, &call)?;
    ensure_same_organization(app, &case, &connected).await?;
    let until_utc = app.now() + STAYS_OUT;
    // On record first: the source is changed before its answer could be written.
    intend(app, &worker, &call, until_utc).await?;
    let (counted, ledger) = connected.source.counted();
    let egress = Egress::of_restoration(ledger);
    let asked = ask(counted.genesys(), &media, until_utc).await;
    settle(app, &call, &egress, asked.as_ref().ok().copied()).await?;
    app.emit_case(&case.id, CasePart::Calls, Some(call.number));
    app.emit_case(&case.id, CasePart::Jobs, None);
    asked.map(|_| Done {})
}

/// Marks the call as asked for, so that nobody asks twice.
async fn intend(
    app: &App,
    worker: &ActorId,
    call: &CallRow,
    until_utc: Timestamp,
) -> Result<(), ApiError> {
    let mut tx = app.store().begin().await?;
    let case = locked::case(&mut tx, &call.case_id).await?;
    locked::refuse_sealed(&mut tx, &case.id).await?;
    let mut call = locked::call(&mut tx, &case.id, call.number).await?;
    require_archived(&case, &call)?;
    call.restoration_asked = Some((worker.to_string(), app.now()));
    tx.update_call(&call).await?;
    let entry = Draft::new(AuditAction::RestorationAsked, human(worker))
        .case(&case)
        .call(&call)
        .detail("until", until_utc);
    record::append(app, &mut tx, entry).await?;
    Ok(tx.commit().await?)
}

/// Keeps what came of asking; `None` when the source refused or was away.
async fn settle(
    app: &App,
    call: &CallRow,
    egress: &Egress,
    state: Option<Restoration>,
) -> Result<(), ApiError> {
    let mut tx = app.store().begin().await?;
    egress.append(app, &mut tx).await?;
    if !state.is_some_and(is_on_its_way) {
        let case = locked::case(&mut tx, &call.case_id).await?;
        let mut call = locked::call(&mut tx, &case.id, call.number).await?;
        let end = state.map_or("refused", name);
        record::append(app, &mut tx, ended(app, &case, &call, end)).await?;
        match state {
            Some(_) => fetch_now(app, &mut tx, call).await?,
            None => {
                call.restoration_asked = None;
                tx.update_call(&call).await?;
            }
        }
    }
    Ok(tx.commit().await?)
}

/// The entry for the end of a restoration.
pub(crate) fn ended(app: &App, case: &CaseRow, call: &CallRow, end: &str) -> Draft {
    Draft::new(AuditAction::RestorationEnded, app.service())
        .case(case)
        .call(call)
        .detail("end", end)
}

/// What the source says of a recording, as a stable name.
pub(crate) const fn name(state: Restoration) -> &'static str {
    match state {
        Restoration::Available => "available",
        Restoration::Archived => "archived",
        Restoration::Restoring => "restoring",
        Restoration::Restored { .. } => "restored",
        Restoration::Purged => "purged",
        Restoration::Unusable => "unusable",
    }
}

/// Whether waiting is all there is to do. In every other state the retrieval finds out what is so.
pub(crate) const fn is_on_its_way(state: Restoration) -> bool {
    matches!(state, Restoration::Archived | Restoration::Restoring)
}

/// Queues the retrieval of a call whose restoration came to an end.
pub(crate) async fn fetch_now(app: &App, tx: &mut Tx, mut call: CallRow) -> Result<(), ApiError> {
    (call.end_state, call.in_archive, call.restoration_asked) = (None, false, None);
    tx.update_call(&call).await?;
    let job = jobs::job(
        "retrieve",
        &call.case_id,
        Some(call.number),
        "{}".to_owned(),
    );
    Ok(tx.enqueue(&job, app.now().as_millisecond()).await?)
}

/// The platform that has a call in its archive, and how the call is asked for.
pub(crate) fn archive_of(app: &App, call: &CallRow) -> Result<(Connected, MediaRequest), ApiError> {
    let sources = app.sources();
    for place in at_each_place(call) {
        let platform = sources.get(&place.source);
        if let Some(platform) = platform.filter(|it| it.source.genesys().is_some()) {
            return Ok((platform.clone(), media_request(&place)?));
        }
    }
    Err(ApiError::new(
        ErrorCode::SourceUnavailable,
        format!("The source of call {} is not connected", call.number),
        "Connect it again under Settings, then ask once more.",
    ))
}

fn require_archived(case: &CaseRow, call: &CallRow) -> Result<(), ApiError> {
    require_step(case, &jobs::IN_WORK)?;
    close_case::require_copy(case)?;
    let refused = |why: &str, hint: &str| {
        let message = format!("Call {} {why}", call.number);
        Err(ApiError::new(ErrorCode::WrongStep, message, hint))
    };
    if Orphan::no_conversation().as_str() == call.conversation {
        return refused(
            "has no conversation, so the source cannot be asked for it",
            "Restore it in Genesys Cloud, then retrieve the call again.",
        );
    }
    if call.restoration_asked.is_some() {
        return refused(
            "was asked for already",
            "It is retrieved when it is out of the archive, which takes hours.",
        );
    }
    if !call.in_archive || call.missing_accepted.is_some() {
        return refused(
            "is not waiting in an archive",
            "Only a call that its source has archived can be asked for.",
        );
    }
    Ok(())
}

async fn ask(
    genesys: Option<&Genesys>,
    media: &MediaRequest,
    until_utc: Timestamp,
) -> Result<Restoration, ApiError> {
    let genesys =
        genesys.ok_or_else(|| ApiError::not_found("archive of call", &media.recording))?;
    let cancel = CancellationToken::new();
    let asked = genesys.restore(&media.conversation, &media.recording, until_utc, &cancel);
    Ok(asked.await?)
}
