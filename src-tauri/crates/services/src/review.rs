//! What reviewers decide. Decisions are events; a plan is the detected plan with its events applied.

use domain::{
    audit::AuditAction,
    case::CaseStep,
    detection::SpanDecision,
    entity::{EntityKind, Owner},
    ids::SpanId,
    plan::{RedactionPlan, RedactionSpan, SpanOrigin},
};
use redaction::plan_file::PlanFile;
use serde::{Deserialize, Serialize};
use store::rows::{CallRow, CaseRow, ReviewEventRow};

use crate::{
    advance::{advance, as_u32},
    api::{AddSpanReq, ApiError, CallRef, CasePart, DecideSpanReq, DecisionReq, Done, ErrorCode},
    app::App,
    calls::fit_of,
    errors::{integrity, require_step},
    get_case::load_case,
    open_case::{human, to_json},
    record::{self, Draft},
    retrieve::{open_bytes, read_call},
};

/// Longest reason, in characters.
const MAX_REASON: usize = 500;

/// One event of a review, as it is kept. Nothing is overwritten; an undo is an event too.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum EventRecord {
    /// A ruling on a span.
    Decided {
        span: String,
        redact: bool,
        reason: Option<String>,
    },
    /// Other edges for a span; it is replaced then.
    Adjusted {
        span: String,
        start_ms: u64,
        end_ms: u64,
    },
    /// A span marked by hand.
    Added {
        span: String,
        start_ms: u64,
        end_ms: u64,
        entity: String,
        owner: String,
    },
    /// The latest event that is not undone yet does not count.
    Undone,
}

/// The state of a call's review: the plan with all decisions, and who made them.
pub(crate) struct Review {
    pub(crate) plan: RedactionPlan,
    pub(crate) unplaced: u32,
    /// For each decided span: who decided last, and why.
    pub(crate) decided: std::collections::HashMap<String, (String, Option<String>)>,
    pub(crate) can_undo: bool,
}

/// Reads the plan of a call and applies its review events.
pub(crate) async fn load(app: &App, call: &CallRow) -> Result<Review, ApiError> {
    let Some(blob) = &call.plan_blob else {
        return Err(ApiError::new(
            ErrorCode::WrongStep,
            format!(
                "Call {} has not been searched for personal data yet",
                call.number
            ),
            "Wait for its job, or retry the failed ones.",
        ));
    };
    let bytes = open_bytes(app, &call.case_id, blob).await?;
    let plan = PlanFile::from_json(&String::from_utf8_lossy(&bytes))
        .map_err(|error| integrity("The plan", &error))?
        .plan;
    let rows = app
        .store()
        .review_events(&call.case_id, call.number)
        .await?;
    apply(plan, fit_of(call).unplaced, &rows)
}

/// Applies the events that are not undone.
fn apply(
    mut plan: RedactionPlan,
    unplaced: u32,
    rows: &[ReviewEventRow],
) -> Result<Review, ApiError> {
    let mut live: Vec<(&ReviewEventRow, EventRecord)> = Vec::new();
    for row in rows {
        let event = serde_json::from_str(&row.event_json)
            .map_err(|error| integrity("A review decision", &error))?;
        if event == EventRecord::Undone {
            live.pop();
        } else {
            live.push((row, event));
        }
    }
    let mut decided = std::collections::HashMap::new();
    for (row, event) in &live {
        let (span, reason) = apply_one(&mut plan, event)?;
        decided.insert(span, (row.by.clone(), reason));
    }
    plan.spans.sort_by_key(|span| (span.start_ms, span.end_ms));
    Ok(Review {
        plan,
        unplaced,
        decided,
        can_undo: !live.is_empty(),
    })
}

fn apply_one(
    plan: &mut RedactionPlan,
    event: &EventRecord,
) -> Result<(String, Option<String>), ApiError> {
    match event {
        EventRecord::Decided {
            span,
            redact,
            reason,
        } => {
            let decision = if *redact {
                SpanDecision::Redact
            } else {
                SpanDecision::Keep
            };
            find(plan, span)?.decision = decision;
            Ok((span.clone(), reason.clone()))
        }
        EventRecord::Adjusted {
            span,
            start_ms,
            end_ms,
        } => {
            let found = find(plan, span)?;
            (found.start_ms, found.end_ms) = (*start_ms, *end_ms);
            found.decision = SpanDecision::Redact;
            Ok((span.clone(), None))
        }
        EventRecord::Added {
            span,
            start_ms,
            end_ms,
            entity,
            owner,
        } => {
            plan.spans
                .push(manual_span(span, *start_ms, *end_ms, entity, owner)?);
            Ok((span.clone(), None))
        }
        EventRecord::Undone => Ok((String::new(), None)),
    }
}

fn find<'a>(plan: &'a mut RedactionPlan, id: &str) -> Result<&'a mut RedactionSpan, ApiError> {
    let span = plan.spans.iter_mut().find(|span| span.id.as_str() == id);
    span.ok_or_else(|| ApiError::not_found("span", id))
}

fn manual_span(
    id: &str,
    start_ms: u64,
    end_ms: u64,
    entity: &str,
    owner: &str,
) -> Result<RedactionSpan, ApiError> {
    Ok(RedactionSpan {
        id: SpanId::new(id).map_err(|error| ApiError::invalid("Span", error))?,
        start_ms,
        end_ms,
        raw_start_ms: start_ms,
        raw_end_ms: end_ms,
        channel: None,
        spoken_on: None,
        entity: EntityKind::from_name(entity)
            .ok_or_else(|| ApiError::invalid("Kind", "this kind of data is unknown"))?,
        score: 1.0,
        recognizer: "manual".to_owned(),
        owner: Owner::from_name(owner)
            .ok_or_else(|| ApiError::invalid("About", "this owner is unknown"))?,
        decision: SpanDecision::Redact,
        explanation: vec!["marked by a reviewer".to_owned()],
        words: Vec::new(),
        origin: SpanOrigin::Manual,
    })
}

/// Rules on a span.
///
/// # Errors
/// When the span does not exist, a `Keep` has no reason, edges are outside the call, the call is
/// approved, or nobody is signed in.
pub async fn decide_span(app: &App, request: DecideSpanReq) -> Result<Done, ApiError> {
    let (case, call) = open_call(app, &request.case_id, request.call).await?;
    let review = load(app, &call).await?;
    let id =
        SpanId::new(request.span_id.as_str()).map_err(|error| ApiError::invalid("Span", error))?;
    if review.plan.span(&id).is_none() {
        return Err(ApiError::not_found("span", &id));
    }
    let event = event(request.span_id, request.decision, review.plan.duration_ms)?;
    let name = match &event {
        EventRecord::Decided { redact: false, .. } => "keep",
        EventRecord::Adjusted { .. } => "adjust",
        _ => "redact",
    };
    let entry = Draft::new(AuditAction::SpanDecided, human(&app.deciding_person()?))
        .detail("span", &id)
        .detail("decision", name);
    append_event(app, &case, call, &event, entry).await
}

fn event(span: String, decision: DecisionReq, duration_ms: u64) -> Result<EventRecord, ApiError> {
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
    let (case, call) = open_call(app, &request.case_id, request.call).await?;
    let review = load(app, &call).await?;
    check_edges(request.start_ms, request.end_ms, review.plan.duration_ms)?;
    let events = app
        .store()
        .review_events(&case.id, call.number)
        .await?
        .len();
    let event = EventRecord::Added {
        span: format!("m{:03}", events + 1),
        start_ms: request.start_ms,
        end_ms: request.end_ms,
        entity: request.entity,
        owner: request.owner,
    };
    apply_one(&mut review.plan.clone(), &event)?;
    let entry = Draft::new(AuditAction::SpanAdded, human(&app.deciding_person()?))
        .detail("startMs", request.start_ms)
        .detail("endMs", request.end_ms);
    append_event(app, &case, call, &event, entry).await
}

/// Takes the latest decision of a call back.
///
/// # Errors
/// When there is none, the call is approved, or nobody is signed in.
pub async fn undo_decision(app: &App, request: CallRef) -> Result<Done, ApiError> {
    let (case, call) = open_call(app, &request.case_id, request.call).await?;
    if !load(app, &call).await?.can_undo {
        return Err(ApiError::invalid(
            "Undo",
            "there is no decision to take back",
        ));
    }
    let entry = Draft::new(AuditAction::SpanDecided, human(&app.deciding_person()?))
        .detail("decision", "undo");
    append_event(app, &case, call, &EventRecord::Undone, entry).await
}

/// A call whose review is open, with its case.
async fn open_call(app: &App, case_id: &str, number: u32) -> Result<(CaseRow, CallRow), ApiError> {
    app.deciding_person()?;
    let case = load_case(app, case_id).await?;
    require_step(
        &case,
        &[CaseStep::Retrieve, CaseStep::Review, CaseStep::SecondReview],
    )?;
    let call = read_call(app, case_id, number).await?;
    if call.review_state != "open" {
        return Err(ApiError::new(
            ErrorCode::WrongStep,
            format!("The review of call {number} is `{}`", call.review_state),
            "Return the call to its reviewer to change a decision.",
        ));
    }
    Ok((case, call))
}

async fn append_event(
    app: &App,
    case: &CaseRow,
    mut call: CallRow,
    event: &EventRecord,
    entry: Draft,
) -> Result<Done, ApiError> {
    let by = app.deciding_person()?;
    let mut tx = app.store().begin().await?;
    tx.insert_review_event(&ReviewEventRow {
        case_id: case.id.clone(),
        call: call.number,
        seq: 0,
        event_json: to_json(event)?,
        by: by.to_string(),
        at_utc: app.now(),
    })
    .await?;
    record::append(app, &mut tx, entry.case(case).call(&call)).await?;
    tx.commit().await?;

    // The counts follow the events; a crash in between is healed by the next decision or finish.
    let review = load(app, &call).await?;
    call.total_spans = as_u32(review.plan.spans.len());
    call.open_spans = as_u32(review.plan.open_spans().count());
    let mut tx = app.store().begin().await?;
    tx.update_call(&call).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Review, Some(call.number));
    Ok(Done {})
}

/// Finishes the review of a call; a second person takes it from here.
///
/// # Errors
/// When spans wait for a decision or could not be placed, or nobody is signed in.
pub async fn finish_review(app: &App, request: CallRef) -> Result<Done, ApiError> {
    let worker = app.deciding_person()?;
    let (mut case, mut call) = open_call(app, &request.case_id, request.call).await?;
    let review = load(app, &call).await?;
    let open = review.plan.open_spans().count();
    if open > 0 || review.unplaced > 0 {
        return Err(ApiError::new(
            ErrorCode::ReviewPending,
            format!("{open} spans of call {} wait for a decision", call.number),
            match review.unplaced {
                0 => "Decide each one with R or K.".to_owned(),
                n => format!("{n} found items have no place in the audio: mark them by hand."),
            },
        ));
    }
    call.open_spans = 0;
    call.total_spans = as_u32(review.plan.spans.len());
    "finished".clone_into(&mut call.review_state);
    call.reviewed_by = Some(worker.to_string());
    call.returned_note = None;
    let entry = Draft::new(AuditAction::ReviewFinished, human(&worker))
        .case(&case)
        .call(&call)
        .detail("spans", call.total_spans);
    let mut tx = app.store().begin().await?;
    tx.update_call(&call).await?;
    advance(&mut tx, &mut case).await?;
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Review, Some(call.number));
    app.emit_case(&case.id, CasePart::Calls, Some(call.number));
    app.emit_case(&case.id, CasePart::Case, None);
    Ok(Done {})
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::plan::RedactionStyle;
    use jiff::Timestamp;

    fn plan() -> RedactionPlan {
        let mut span = manual_span("s001", 1_000, 2_000, "PHONE_NUMBER", "unknown").unwrap();
        span.decision = SpanDecision::Review;
        RedactionPlan {
            policy: "data_subject_copy".to_owned(),
            style: RedactionStyle::Noise,
            duration_ms: 10_000,
            spans: vec![span],
            engine: "test".to_owned(),
        }
    }

    fn check(events: &[EventRecord]) -> Review {
        let rows: Vec<_> = events
            .iter()
            .zip(1..)
            .map(|(event, seq)| ReviewEventRow {
                case_id: "SAR-2026-000001".to_owned(),
                call: 1,
                seq,
                event_json: serde_json::to_string(event).unwrap(),
                by: "ann".to_owned(),
                at_utc: Timestamp::UNIX_EPOCH,
            })
            .collect();
        apply(plan(), 0, &rows).unwrap()
    }

    fn keep() -> EventRecord {
        EventRecord::Decided {
            span: "s001".to_owned(),
            redact: false,
            reason: Some("own data".to_owned()),
        }
    }

    #[test]
    fn the_last_decision_counts_and_an_undo_brings_the_one_before_back() {
        let redact = EventRecord::Decided {
            span: "s001".to_owned(),
            redact: true,
            reason: None,
        };
        let review = check(&[keep(), redact.clone()]);
        assert_eq!(review.plan.spans[0].decision, SpanDecision::Redact);
        let review = check(&[keep(), redact.clone(), EventRecord::Undone]);
        assert_eq!(review.plan.spans[0].decision, SpanDecision::Keep);
        assert_eq!(review.decided["s001"].1.as_deref(), Some("own data"));
        let review = check(&[redact, EventRecord::Undone]);
        assert_eq!(review.plan.spans[0].decision, SpanDecision::Review);
        assert!(!review.can_undo);
    }

    #[test]
    fn moved_edges_and_manual_spans_are_replaced() {
        let moved = EventRecord::Adjusted {
            span: "s001".to_owned(),
            start_ms: 900,
            end_ms: 2_500,
        };
        let added = EventRecord::Added {
            span: "m002".to_owned(),
            start_ms: 5_000,
            end_ms: 6_000,
            entity: "PERSON_NAME".to_owned(),
            owner: "third_party".to_owned(),
        };
        let review = check(&[moved, added]);
        assert_eq!(
            review.plan.replaced_ranges(0),
            vec![(900, 2_500), (5_000, 6_000)]
        );
    }
}
