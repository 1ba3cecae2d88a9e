//! The second pair of eyes: approves what somebody else decided, or returns it. // B13

use domain::{audit::AuditAction, case::CaseStep, ids::ActorId, review::check_approval};
use store::rows::{CallRow, CaseRow};

use crate::{
    advance::advance,
    api::{ApiError, CallRef, CasePart, Done, ErrorCode, ReturnCallReq, RoleName},
    app::App,
    errors::require_step,
    get_case::load_case,
    jobs,
    open_case::human,
    record::{self, Draft},
    retrieve::read_call,
    review,
};

/// Approves a call and queues its rendering.
///
/// # Errors
/// When the review is not finished, spans are open, the person is not an approver, or is the one who
/// reviewed the call.
pub async fn approve_call(app: &App, request: CallRef) -> Result<Done, ApiError> {
    let approver = approver(app)?;
    let (case, mut call) = finished_call(app, &request.case_id, request.call).await?;
    let open = review::load(app, &call).await?.plan.open_spans().count();
    check(&call, &approver, open)?;
    "approved".clone_into(&mut call.review_state);
    call.approved_by = Some(approver.to_string());
    let entry = Draft::new(AuditAction::CallApproved, human(&approver))
        .case(&case)
        .call(&call);
    let render = jobs::job("redact", &case.id, Some(call.number), "{}".to_owned());
    write(app, case, &call, entry, Some(render)).await
}

/// Returns a call to its reviewer with a note.
///
/// # Errors
/// When the review is not finished, the note is empty, or the person is not an approver.
pub async fn return_call(app: &App, request: ReturnCallReq) -> Result<Done, ApiError> {
    let approver = approver(app)?;
    let note = request.note.trim();
    if note.is_empty() {
        return Err(ApiError::invalid("Note", "say what to look at again"));
    }
    let (case, mut call) = finished_call(app, &request.case_id, request.call).await?;
    "open".clone_into(&mut call.review_state);
    call.returned_note = Some(note.to_owned());
    let entry = Draft::new(AuditAction::CallReturned, human(&approver))
        .case(&case)
        .call(&call);
    write(app, case, &call, entry, None).await
}

fn approver(app: &App) -> Result<ActorId, ApiError> {
    let id = app.deciding_person()?;
    let is_approver = app
        .person()
        .is_some_and(|person| person.role == RoleName::Approver);
    if is_approver {
        return Ok(id);
    }
    Err(ApiError::new(
        ErrorCode::NotPermitted,
        "Only an approver can approve or return a call",
        "Ask a second person to sign in at this desk as approver.",
    ))
}

async fn finished_call(
    app: &App,
    case_id: &str,
    number: u32,
) -> Result<(CaseRow, CallRow), ApiError> {
    let case = load_case(app, case_id).await?;
    require_step(
        &case,
        &[CaseStep::Retrieve, CaseStep::Review, CaseStep::SecondReview],
    )?;
    let call = read_call(app, case_id, number).await?;
    if call.review_state == "finished" {
        return Ok((case, call));
    }
    Err(ApiError::new(
        ErrorCode::WrongStep,
        format!("The review of call {number} is `{}`", call.review_state),
        "A call is approved after its review is finished.",
    ))
}

fn check(call: &CallRow, approver: &ActorId, open: usize) -> Result<(), ApiError> {
    let reviewer = call
        .reviewed_by
        .as_deref()
        .and_then(|id| ActorId::new(id).ok());
    check_approval(reviewer.as_ref(), approver, open).map_err(|error| {
        ApiError::new(
            ErrorCode::NotPermitted,
            format!("Call {} cannot be approved: {error}", call.number),
            "You reviewed this call, so someone else approves it.",
        )
    })
}

async fn write(
    app: &App,
    mut case: CaseRow,
    call: &CallRow,
    entry: Draft,
    job: Option<store::rows::QueuedJob>,
) -> Result<Done, ApiError> {
    let mut tx = app.store().begin().await?;
    tx.update_call(call).await?;
    if let Some(job) = &job {
        tx.enqueue(job, app.now().as_millisecond()).await?;
    }
    advance(&mut tx, &mut case).await?;
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Review, Some(call.number));
    app.emit_case(&case.id, CasePart::Calls, Some(call.number));
    app.emit_case(&case.id, CasePart::Case, None);
    Ok(Done {})
}
