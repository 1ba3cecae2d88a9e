//! The second pair of eyes: approves what somebody else decided, or returns it. // B13

use domain::{audit::AuditAction, ids::ActorId, review::check_approval};
use store::{
    Tx,
    rows::{CallRow, CaseRow, QueuedJob, ReviewEventRow},
};

use crate::{
    advance::advance,
    api::{ApiError, CallRef, CasePart, Done, ErrorCode, ReturnCallReq, RoleName},
    app::App,
    calls::fit_of,
    decisions::{self, REVIEWING},
    jobs, locked,
    open_case::human,
    record::{self, Draft},
    retrieve::read_call,
    review::{self, Review},
};

/// Approves a call and queues its rendering.
///
/// # Errors
/// When the review is not finished, spans are open, something would be disclosed that is removed from
/// every copy, the person is not an approver, or worked on the review of the call.
pub async fn approve_call(app: &App, request: CallRef) -> Result<Done, ApiError> {
    let approver = approver(app)?;
    let (id, number) = (&request.case_id, request.call);
    let plan = review::detected_plan(app, &read_call(app, id, number).await?).await?;
    let mut tx = app.store().begin().await?;
    let (case, mut call) =
        locked::reviewed_call(&mut tx, id, number, &REVIEWING, &["finished"]).await?;
    let rows = tx.review_events(id, number).await?;
    let review = review::apply(plan, fit_of(&call).unplaced, &rows)?;
    decisions::check_complete(&call, &review)?;
    check_second_person(&call, &approver, &review, &rows)?;
    "approved".clone_into(&mut call.review_state);
    call.approved_by = Some(approver.to_string());
    let entry = Draft::new(AuditAction::CallApproved, human(&approver))
        .case(&case)
        .call(&call);
    let render = jobs::job("redact", &case.id, Some(call.number), "{}".to_owned());
    write(app, tx, case, &call, entry, Some(render)).await
}

/// Returns a call to its reviewer with a note; also an approved one, until the package is sealed.
///
/// # Errors
/// When the review is not finished, the note is empty, there is a package, or the person is not an
/// approver.
pub async fn return_call(app: &App, request: ReturnCallReq) -> Result<Done, ApiError> {
    let approver = approver(app)?;
    let note = request.note.trim();
    if note.is_empty() {
        return Err(ApiError::invalid("Note", "say what to look at again"));
    }
    let mut tx = app.store().begin().await?;
    locked::refuse_sealed(&mut tx, &request.case_id).await?;
    let states = ["finished", "approved"];
    let (case, mut call) = locked::reviewed_call(
        &mut tx,
        &request.case_id,
        request.call,
        &jobs::IN_WORK,
        &states,
    )
    .await?;
    "open".clone_into(&mut call.review_state);
    call.returned_note = Some(note.to_owned());
    call.approved_by = None;
    let rendered = call.redacted.take();
    let entry = Draft::new(AuditAction::CallReturned, human(&approver))
        .case(&case)
        .call(&call);
    let id = case.id.clone();
    let done = write(app, tx, case, &call, entry, None).await?;
    if let Some(rendered) = rendered {
        // Nothing refers to it any more.
        app.store().vault().remove(&id, &rendered.blob)?;
    }
    Ok(done)
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

/// Whoever finished the review or decided anything in it, taken back or not, is no second person.
fn check_second_person(
    call: &CallRow,
    approver: &ActorId,
    review: &Review,
    events: &[ReviewEventRow],
) -> Result<(), ApiError> {
    let open = review.plan.open_spans().count();
    let reviewers = call.reviewed_by.as_deref().into_iter();
    let reviewers = reviewers.chain(events.iter().map(|event| event.by.as_str()));
    check_approval(reviewers, approver, open).map_err(|error| {
        ApiError::new(
            ErrorCode::NotPermitted,
            format!("Call {} cannot be approved: {error}", call.number),
            "Someone who decided nothing in this call approves it.",
        )
    })
}

async fn write(
    app: &App,
    mut tx: Tx,
    mut case: CaseRow,
    call: &CallRow,
    entry: Draft,
    job: Option<QueuedJob>,
) -> Result<Done, ApiError> {
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
