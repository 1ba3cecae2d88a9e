//! Going on without a call that cannot be had: a person's decision, with a reason. // S2-45

use domain::{audit::AuditAction, recording::EndState};
use store::rows::{CallRow, JobRow};

use crate::{
    advance::advance,
    api::{AcceptMissingReq, ApiError, CasePart, Done, ErrorCode},
    app::App,
    calls::{failed_retrieval, is_missing},
    errors::require_step,
    jobs, locked,
    open_case::human,
    record::{self, Draft},
};

/// Longest reason, in characters.
const MAX_REASON: usize = 500;

/// Records that the case goes on without a call that could not be retrieved.
///
/// # Errors
/// When the call can still be had, the reason is empty, there is a package, or nobody is signed in.
pub async fn accept_missing_call(app: &App, request: AcceptMissingReq) -> Result<Done, ApiError> {
    let worker = app.deciding_person()?;
    let reason: String = request.reason.trim().chars().take(MAX_REASON).collect();
    if reason.is_empty() {
        return Err(ApiError::invalid(
            "Reason",
            "say why the case goes on without the call",
        ));
    }
    let jobs = app.store().jobs(&request.case_id).await?;
    let mut tx = app.store().begin().await?;
    let mut case = locked::case(&mut tx, &request.case_id).await?;
    require_step(&case, &jobs::IN_WORK)?;
    locked::refuse_sealed(&mut tx, &case.id).await?;
    let mut call = locked::call(&mut tx, &case.id, request.call).await?;
    end(app, &mut call, &jobs)?;
    call.missing_accepted = Some((worker.to_string(), reason));
    tx.update_call(&call).await?;
    advance(&mut tx, &mut case).await?;
    let entry = Draft::new(AuditAction::CallMissingAccepted, human(&worker))
        .case(&case)
        .call(&call);
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Calls, Some(call.number));
    app.emit_case(&case.id, CasePart::Case, None);
    Ok(Done {})
}

/// Gives the call its end, if its retrieval failed and is not being tried.
fn end(app: &App, call: &mut CallRow, jobs: &[JobRow]) -> Result<(), ApiError> {
    if !is_missing(call, jobs) {
        return Err(ApiError::new(
            ErrorCode::WrongStep,
            format!("Call {} is not missing", call.number),
            "Only a call whose retrieval failed can be left out this way.",
        ));
    }
    if call.end_state.is_some() {
        return Ok(());
    }
    let message = failed_retrieval(call, jobs).and_then(|job| job.message.clone());
    let end_state = EndState::Unavailable {
        reason: message.unwrap_or_else(|| "its retrieval was stopped".to_owned()),
    };
    let detail = end_state.detail().map(str::to_owned);
    call.end_state = Some((end_state.name().to_owned(), detail));
    call.end_state_at_utc = Some(app.now());
    Ok(())
}
