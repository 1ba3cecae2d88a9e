//! What reviewers decide. Decisions are events; a plan is the detected plan with its events applied.

use std::collections::{HashMap, HashSet};

use domain::{
    detection::SpanDecision,
    entity::{EntityKind, Owner},
    ids::SpanId,
    plan::{RedactionPlan, RedactionSpan, SpanOrigin},
    policy::Policy,
};
use redaction::plan_file::PlanFile;
use serde::{Deserialize, Serialize};
use store::rows::{CallRow, ReviewEventRow};

use crate::{
    api::{ApiError, ErrorCode},
    app::App,
    calls::fit_of,
    errors::integrity,
    sealed_bytes::open_bytes,
};

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
    /// Another kind for a span.
    Retyped { span: String, entity: String },
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
    pub(crate) decided: HashMap<String, (String, Option<String>)>,
    /// Spans that a reviewer gave another kind.
    pub(crate) retyped: HashSet<String>,
    pub(crate) can_undo: bool,
    /// How many events there are, the undone ones too.
    pub(crate) events: usize,
}

/// Reads the plan of a call and applies its review events.
pub(crate) async fn load(app: &App, call: &CallRow) -> Result<Review, ApiError> {
    let plan = detected_plan(app, call).await?;
    let rows = app
        .store()
        .review_events(&call.case_id, call.number)
        .await?;
    apply(plan, fit_of(call).unplaced, &rows)
}

/// The plan of a call as detection left it.
pub(crate) async fn detected_plan(app: &App, call: &CallRow) -> Result<RedactionPlan, ApiError> {
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
    Ok(PlanFile::from_json(&String::from_utf8_lossy(&bytes))
        .map_err(|error| integrity("The plan", &error))?
        .plan)
}

/// Applies the events that are not undone.
///
/// `unplaced` found items have no place in the audio; each span marked by hand stands for one of them.
pub(crate) fn apply(
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
    let mut decided = HashMap::new();
    let mut retyped = HashSet::new();
    let mut unplaced = unplaced;
    for (row, event) in &live {
        if matches!(event, EventRecord::Added { .. }) {
            unplaced = unplaced.saturating_sub(1);
        }
        let (span, reason) = apply_one(&mut plan, event)?;
        if matches!(event, EventRecord::Retyped { .. }) {
            // Says what it is, not what happens to it.
            retyped.insert(span);
        } else {
            decided.insert(span, (row.by.clone(), reason));
        }
    }
    plan.spans.sort_by_key(|span| (span.start_ms, span.end_ms));
    Ok(Review {
        plan,
        unplaced,
        decided,
        retyped,
        can_undo: !live.is_empty(),
        events: rows.len(),
    })
}

/// Checks that everything the policy removes from every copy is covered whole. Fails closed. // R-28
pub(crate) fn check_always_removed(plan: &RedactionPlan) -> Result<(), ApiError> {
    match plan.spans.iter().find(|span| discloses(plan, span)) {
        None => Ok(()),
        Some(span) => Err(ApiError::new(
            ErrorCode::NotPermitted,
            format!(
                "Span {} holds data that is removed from every copy ({})",
                span.id,
                span.entity.name()
            ),
            "Redact it whole. Card data, PINs and passwords are never disclosed.",
        )),
    }
}

/// Another name for what is removed from every copy would be a way to disclose it. // R-28
pub(crate) fn check_retypable(plan: &RedactionPlan, span: &RedactionSpan) -> Result<(), ApiError> {
    if !Policy::from_name(&plan.policy).is_none_or(|it| it.always_removed(span.entity)) {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::NotPermitted,
        format!(
            "Span {} holds data that is removed from every copy ({})",
            span.id,
            span.entity.name()
        ),
        "It stays what it is and is redacted. Mark a further span if there is more in it.",
    ))
}

/// Whether a span keeps something, or a part of it, that its policy never discloses.
fn discloses(plan: &RedactionPlan, span: &RedactionSpan) -> bool {
    // A policy this version does not know discloses nothing.
    let protected = Policy::from_name(&plan.policy).is_none_or(|it| it.always_removed(span.entity));
    let covered = span.start_ms <= span.raw_start_ms && span.end_ms >= span.raw_end_ms;
    protected && (span.decision == SpanDecision::Keep || !covered)
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
        EventRecord::Retyped { span, entity } => {
            find(plan, span)?.entity = kind(entity)?;
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

pub(crate) fn kind(name: &str) -> Result<EntityKind, ApiError> {
    EntityKind::from_name(name)
        .ok_or_else(|| ApiError::invalid("Kind", "this kind of data is unknown"))
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
        entity: kind(entity)?,
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
        apply(plan(), 0, &rows(events)).unwrap()
    }

    fn rows(events: &[EventRecord]) -> Vec<ReviewEventRow> {
        events
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
            .collect()
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
    fn a_span_marked_by_hand_stands_for_an_item_without_a_place() {
        let added = |at: u64| EventRecord::Added {
            span: format!("m{at}"),
            start_ms: at,
            end_ms: at + 500,
            entity: "PERSON_NAME".to_owned(),
            owner: "unknown".to_owned(),
        };
        let unplaced = |events: &[EventRecord]| apply(plan(), 2, &rows(events)).unwrap().unplaced;
        assert_eq!(unplaced(&[]), 2);
        assert_eq!(unplaced(&[added(5_000)]), 1);
        assert_eq!(unplaced(&[added(5_000), EventRecord::Undone]), 2);
        assert_eq!(unplaced(&[added(5_000), added(7_000)]), 0);
    }

    //
    #[test]
    fn card_data_is_covered_whole_whatever_anybody_decides() {
        let adjusted = |start_ms, end_ms| EventRecord::Adjusted {
            span: "s001".to_owned(),
            start_ms,
            end_ms,
        };
        let allowed = |entity: &str, event: EventRecord| {
            let mut plan = plan();
            plan.spans[0].entity = EntityKind::from_name(entity).unwrap();
            let review = apply(plan, 0, &rows(&[event])).unwrap();
            check_always_removed(&review.plan).is_ok()
        };
        for entity in ["CREDIT_CARD", "CVV", "PIN", "PASSWORD"] {
            assert!(!allowed(entity, keep()), "{entity}");
            assert!(!allowed(entity, adjusted(1_001, 2_000)), "{entity}");
            assert!(!allowed(entity, adjusted(1_000, 1_999)), "{entity}");
            assert!(allowed(entity, adjusted(900, 2_000)), "{entity}");
        }
        assert!(allowed("PHONE_NUMBER", keep()));
        assert!(allowed("PHONE_NUMBER", adjusted(1_001, 1_500)));
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
