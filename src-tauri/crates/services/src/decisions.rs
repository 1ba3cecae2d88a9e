//! Records what a reviewer decides: one event a decision, in one transaction with its entry and counts.

use domain::{audit::AuditAction, case::CaseStep, ids::SpanId};
use store::rows::{CallRow, CaseRow, ReviewEventRow};

use crate::{
    advance::{advance, as_u32},
    api::{AddSpanReq, ApiError, CallRef, CasePart, DecideSpanReq, DecisionReq, Done, ErrorCode},
    app::App,
    calls::fit_of,
    corrections,
    get_case::load_case,
    locked,
    open_case::{human, to_json},
    record::{self, Draft},
    residual,
    retrieve::read_call,
    review::{self, EventRecord, Review},
};

/// Longest reason, in characters.
const MAX_REASON: usize = 500;

/// Steps of a case in which its calls are reviewed.
pub(crate) const REVIEWING: [CaseStep; 3] =
    [CaseStep::Retrieve, CaseStep::Review, CaseStep::SecondReview];

/// Rules on a span.
///
/// # Errors
/// When the span does not exist, a `Keep` has no reason, something would be disclosed that is removed
/// from every copy, edges are outside the call, the call is approved, or nobody is signed in.
pub async fn decide_span(app: &App, request: DecideSpanReq) -> Result<Done, ApiError> {
    let (id, decision) = (request.span_id, request.decision);
    write_event(app, &request.case_id, request.call, |review| {
        let span = SpanId::new(id.as_str()).map_err(|error| ApiError::invalid("Span", error))?;
        let found = review.plan.span(&span);
        let found = found.ok_or_else(|| ApiError::not_found("span", &span))?;
        if matches!(decision, DecisionReq::Retype { .. }) {
            review::check_retypable(&review.plan, found)?;
        }
        let event = ruling(id, decision, review.plan.duration_ms)?;
        let name = match &event {
            EventRecord::Decided { redact: false, .. } => "keep",
            EventRecord::Adjusted { .. } => "adjust",
            EventRecord::Retyped { .. } => "retype",
            _ => "redact",
        };
        let details = vec![("span", span.to_string()), ("decision", name.to_owned())];
        Ok((event, AuditAction::SpanDecided, details))
    })
    .await
}

fn ruling(span: String, decision: DecisionReq, duration_ms: u64) -> Result<EventRecord, ApiError> {
    Ok(match decision {
        DecisionReq::Redact { reason } => EventRecord::Decided {
            span,
            redact: true,
            reason: reason.map(shorten),
        },
        DecisionReq::Keep { reason } => {
            let reason = reason.trim();
            if reason.is_empty() {
                return Err(ApiError::invalid("Reason", "keeping a span needs a reason"));
            }
            EventRecord::Decided {
                span,
                redact: false,
                reason: Some(shorten(reason.to_owned())),
            }
        }
        DecisionReq::Adjust { start_ms, end_ms } => {
            check_edges(start_ms, end_ms, duration_ms)?;
            EventRecord::Adjusted {
                span,
                start_ms,
                end_ms,
            }
        }
        DecisionReq::Retype { entity } => {
            review::kind(&entity)?;
            EventRecord::Retyped { span, entity }
        }
    })
}

fn shorten(text: String) -> String {
    text.chars().take(MAX_REASON).collect()
}

fn check_edges(start_ms: u64, end_ms: u64, duration_ms: u64) -> Result<(), ApiError> {
    if start_ms >= end_ms || end_ms > duration_ms {
        return Err(ApiError::invalid(
            "Edges",
            "they are reversed or outside the call",
        ));
    }
    Ok(())
}

/// Marks a span by hand.
///
/// # Errors
/// When the edges or names are wrong, the call is approved, or nobody is signed in.
pub async fn add_span(app: &App, request: AddSpanReq) -> Result<Done, ApiError> {
    write_event(app, &request.case_id, request.call, |review| {
        check_edges(request.start_ms, request.end_ms, review.plan.duration_ms)?;
        let event = EventRecord::Added {
            span: format!("m{:03}", review.events + 1),
            start_ms: request.start_ms,
            end_ms: request.end_ms,
            entity: request.entity.clone(),
            owner: request.owner.clone(),
        };
        let details = vec![
            ("startMs", request.start_ms.to_string()),
            ("endMs", request.end_ms.to_string()),
        ];
        Ok((event, AuditAction::SpanAdded, details))
    })
    .await
}

/// Takes the latest decision of a call back.
///
/// # Errors
/// When there is none, the call is approved, or nobody is signed in.
pub async fn undo_decision(app: &App, request: CallRef) -> Result<Done, ApiError> {
    write_event(app, &request.case_id, request.call, |review| {
        if !review.can_undo {
            return Err(ApiError::invalid(
                "Undo",
                "there is no decision to take back",
            ));
        }
        let details = vec![("decision", "undo".to_owned())];
        Ok((EventRecord::Undone, AuditAction::SpanDecided, details))
    })
    .await
}

/// An event, and what its audit entry says.
type Ruling = (EventRecord, AuditAction, Vec<(&'static str, String)>);

/// Lets `rule` look at the review as it is, and writes its event, the counts and the entry at once.
async fn write_event(
    app: &App,
    case_id: &str,
    number: u32,
    rule: impl FnOnce(&Review) -> Result<Ruling, ApiError> + Send,
) -> Result<Done, ApiError> {
    let by = app.deciding_person()?;
    load_case(app, case_id).await?;
    let detected = read_call(app, case_id, number).await?;
    let plan = review::detected_plan(app, &detected).await?;
    let basis = residual::basis(app, &detected).await?;
    let mut tx = app.store().begin().await?;
    let (case, mut call) =
        locked::reviewed_call(&mut tx, case_id, number, &REVIEWING, &["open"]).await?;
    let unplaced = fit_of(&call).unplaced;
    let rows = tx.review_events(case_id, number).await?;
    let (event, action, details) = rule(&review::apply(plan.clone(), unplaced, &rows)?)?;
    tx.insert_review_event(&row(app, &call, &event, by.as_str())?)
        .await?;
    let rows = tx.review_events(case_id, number).await?;
    let after = review::apply(plan, unplaced, &rows)?;
    review::check_always_removed(&after.plan)?;
    set_counts(&mut call, &after);
    residual::follow(&mut call, basis.as_ref(), &after.plan)?;
    tx.update_call(&call).await?;
    let entry = Draft::new(action, human(&by)).case(&case).call(&call);
    let entry = details
        .into_iter()
        .fold(entry, |entry, (key, value)| entry.detail(key, value));
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Review, Some(call.number));
    Ok(Done {})
}

fn row(
    app: &App,
    call: &CallRow,
    event: &EventRecord,
    by: &str,
) -> Result<ReviewEventRow, ApiError> {
    Ok(ReviewEventRow {
        case_id: call.case_id.clone(),
        call: call.number,
        seq: 0,
        event_json: to_json(event)?,
        by: by.to_owned(),
        at_utc: app.now(),
    })
}

fn set_counts(call: &mut CallRow, review: &Review) {
    call.total_spans = as_u32(review.plan.spans.len());
    call.open_spans = as_u32(review.plan.open_spans().count());
}

/// Finishes the review of a call; a second person takes it from here.
///
/// # Errors
/// When spans wait for a decision or could not be placed, or nobody is signed in.
pub async fn finish_review(app: &App, request: CallRef) -> Result<Done, ApiError> {
    let worker = app.deciding_person()?;
    load_case(app, &request.case_id).await?;
    let seen = read_call(app, &request.case_id, request.call).await?;
    let review = review::load(app, &seen).await?;
    let lessons = corrections::lessons(app, &seen, &review, worker.as_str()).await?;
    let mut tx = app.store().begin().await?;
    let (mut case, mut call) = open_call(&mut tx, &request).await?;
    let rows = tx.review_events(&call.case_id, call.number).await?;
    if rows.len() != review.events {
        return Err(decided_meanwhile(call.number));
    }
    check_complete(&call, &review)?;
    set_counts(&mut call, &review);
    "finished".clone_into(&mut call.review_state);
    call.reviewed_by = Some(worker.to_string());
    call.returned_note = None;
    let entry = Draft::new(AuditAction::ReviewFinished, human(&worker))
        .case(&case)
        .call(&call)
        .detail("spans", call.total_spans);
    tx.update_call(&call).await?;
    advance(&mut tx, &mut case).await?;
    record::append(app, &mut tx, entry).await?;
    let learned = lessons.len();
    let unlearned = corrections::learn(&mut tx, &call, lessons).await?;
    if learned + unlearned.len() > 0 {
        let entry = Draft::new(AuditAction::CorrectionsLearned, human(&worker))
            .case(&case)
            .call(&call)
            .detail("learned", learned)
            .detail("replaced", unlearned.len());
        record::append(app, &mut tx, entry).await?;
    }
    tx.commit().await?;
    if let Err(error) = corrections::forget(app, &unlearned) {
        // The review is finished; a sealed file that nothing refers to any more is a nuisance.
        tracing::warn!(%error, "words of earlier corrections could not be removed");
    }
    app.emit_case(&case.id, CasePart::Review, Some(call.number));
    app.emit_case(&case.id, CasePart::Calls, Some(call.number));
    app.emit_case(&case.id, CasePart::Case, None);
    Ok(Done {})
}

/// Two people at one call: the second finishes what they have seen.
fn decided_meanwhile(call: u32) -> ApiError {
    ApiError::new(
        ErrorCode::WrongStep,
        format!("Something was decided in call {call} meanwhile"),
        "Look at the call again, then finish it.",
    )
}

async fn open_call(tx: &mut store::Tx, request: &CallRef) -> Result<(CaseRow, CallRow), ApiError> {
    locked::reviewed_call(tx, &request.case_id, request.call, &REVIEWING, &["open"]).await
}

/// Whether every span has a decision and every found item a place.
pub(crate) fn check_complete(call: &CallRow, review: &Review) -> Result<(), ApiError> {
    review::check_always_removed(&review.plan)?;
    let open = review.plan.open_spans().count();
    if open == 0 && review.unplaced == 0 {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::ReviewPending,
        format!("{open} spans of call {} wait for a decision", call.number),
        match review.unplaced {
            0 => "Decide each one with R or K.".to_owned(),
            n => format!(
                "{n} found items have no place in the audio: listen for them and mark each by hand."
            ),
        },
    ))
}
