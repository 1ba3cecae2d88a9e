//! What a review teaches the detector of a desk, what it has probably missed, and the drill. // B4, B16, B17

use services::{api::*, app::App};

use super::support::{Desk, call_ref, case_ref, open_app};

async fn review(desk: &Desk, case_id: &str, call: u32) -> ReviewView {
    let view = services::get_review(&desk.app, call_ref(case_id, call)).await;
    view.unwrap()
}

/// A word that is said once, is in no span and begins a piece of the transcript, with the time around it.
fn rare_word(view: &ReviewView) -> Option<(String, u64, u64)> {
    let bare = |it: &str| {
        it.trim_matches(|letter: char| !letter.is_alphanumeric())
            .to_lowercase()
    };
    let pieces = view.transcript.turns.iter().flat_map(|turn| &turn.pieces);
    let texts: Vec<(&str, u64)> = pieces
        .filter_map(|piece| match piece {
            PieceView::Text { text, start_ms, .. } => Some((text.as_str(), *start_ms)),
            PieceView::Hidden { .. } => None,
        })
        .collect();
    let all: Vec<String> = texts
        .iter()
        .flat_map(|it| it.0.split_whitespace())
        .map(bare)
        .collect();
    let mut firsts = texts
        .iter()
        .filter_map(|(text, start)| Some((bare(text.split_whitespace().next()?), *start)));
    let is_rare = |word: &String| {
        let is_plain = word.len() > 3 && word.chars().all(char::is_alphabetic);
        is_plain && all.iter().filter(|it| *it == word).count() == 1
    };
    // A spoken word and the pause behind it.
    firsts
        .find(|it| is_rare(&it.0))
        .map(|(word, start)| (word, start, start + 1_200))
}

async fn corrections(app: &App, reveal: bool) -> CorrectionList {
    let request = ListCorrectionsReq { reveal };
    services::list_corrections(app, request).await.unwrap()
}

async fn decide(desk: &Desk, case_id: &str, call: u32, span: &str, decision: DecisionReq) {
    let request = DecideSpanReq {
        case_id: case_id.to_owned(),
        call,
        span_id: span.to_owned(),
        decision,
    };
    services::decide_span(&desk.app, request).await.unwrap();
}

/// Retrieves the same calls in another case, which detects them again.
async fn again(desk: &Desk) -> String {
    desk.sign_in("ann", RoleName::CaseWorker).await;
    desk.retrieved_case().await
}

// B17
#[tokio::test(flavor = "multi_thread")]
async fn what_a_reviewer_marks_is_found_the_next_time_and_can_be_forgotten() {
    let desk = Desk::new().await;
    let case_id = desk.retrieved_case().await;
    let mut rare = None;
    for call in desk.reviewable(&case_id).await {
        let view = review(&desk, &case_id, call).await;
        rare = rare.or_else(|| Some((call, rare_word(&view)?)));
    }
    let (call, (word, start_ms, end_ms)) = rare.unwrap();
    let mark = AddSpanReq {
        case_id: case_id.clone(),
        call,
        start_ms,
        end_ms,
        entity: "HEALTH_TERM".to_owned(),
        owner: "third_party".to_owned(),
    };
    services::add_span(&desk.app, mark).await.unwrap();
    desk.review_all(&case_id).await;
    let learned = corrections(&desk.app, true).await;
    let entry = learned
        .corrections
        .iter()
        .find(|it| it.entity == "HEALTH_TERM")
        .unwrap();
    assert_eq!(entry.ruling, "marked");
    let words = entry.words.clone().unwrap();
    assert!(words.contains(&word), "{words} / {word}");
    let hidden = corrections(&desk.app, false).await;
    assert!(hidden.corrections.iter().all(|it| it.words.is_none()));
    // The log says that there is one, and never what it is.
    let log = desk.log().await;
    assert!(log.iter().any(|it| it.action == "CORRECTIONS_LEARNED"));

    let next = again(&desk).await;
    let found = review(&desk, &next, call).await;
    let span = found
        .spans
        .iter()
        .find(|it| it.recognizer == "correction")
        .unwrap();
    assert_eq!(span.entity, "HEALTH_TERM");
    assert!(
        span.explanation
            .iter()
            .any(|it| it.contains("a reviewer marked"))
    );
    assert_eq!(span.decision, "review", "whose it is was decided elsewhere");

    let entry = CorrectionRef {
        id: entry.id.clone(),
    };
    services::remove_correction(&desk.app, entry).await.unwrap();
    let third = again(&desk).await;
    let found = review(&desk, &third, call).await;
    assert!(!found.spans.iter().any(|it| it.recognizer == "correction"));
    desk.app.close().await;
}

// B17, R-28
#[tokio::test(flavor = "multi_thread")]
async fn another_kind_is_learned_and_card_data_keeps_its_name() {
    let desk = Desk::new().await;
    let case_id = desk.retrieved_case().await;
    let mut renamed = None;
    for call in desk.reviewable(&case_id).await {
        for span in review(&desk, &case_id, call).await.spans {
            let protected = matches!(span.entity.as_str(), "CREDIT_CARD" | "CVV" | "CARD_EXPIRY");
            let request = DecideSpanReq {
                case_id: case_id.clone(),
                call,
                span_id: span.id.clone(),
                decision: DecisionReq::Retype {
                    entity: "OTHER".to_owned(),
                },
            };
            if protected {
                let refused = services::decide_span(&desk.app, request).await.unwrap_err();
                assert_eq!(refused.code, ErrorCode::NotPermitted);
            } else if renamed.is_none() && span.entity == "PERSON_NAME" {
                services::decide_span(&desk.app, request).await.unwrap();
                renamed = Some((call, span.id));
            }
        }
    }
    let (call, id) = renamed.unwrap();
    let spans = review(&desk, &case_id, call).await.spans;
    let span = spans.iter().find(|it| it.id == id).unwrap();
    assert_eq!(span.entity, "OTHER");
    desk.review_all(&case_id).await;
    let learned = corrections(&desk.app, false).await;
    let named = |it: &CorrectionView| it.entity == "OTHER" && it.ruling == "marked";
    assert!(learned.corrections.iter().any(named));
    desk.app.close().await;
}

// B4
#[tokio::test(flavor = "multi_thread")]
async fn listening_lowers_what_was_probably_missed() {
    let desk = Desk::new().await;
    let case_id = desk.retrieved_case().await;
    let call = desk.reviewable(&case_id).await[0];
    let view = review(&desk, &case_id, call).await;
    let before = view.risk.unwrap();
    assert!(before.expected > 0.0 && before.high >= before.low);
    assert!(!before.listen.is_empty());
    let whole = (0, view.duration_ms);
    services::note_listened(&desk.app, &case_id, call, whole)
        .await
        .unwrap();
    let after = review(&desk, &case_id, call).await.risk.unwrap();
    assert!(
        after.expected < 0.3 * before.expected,
        "{before:?} {after:?}"
    );
    assert_eq!(after.listened_ms, view.duration_ms);
    let case = services::get_case(&desk.app, case_ref(&case_id)).await;
    let together = case.unwrap().risk.unwrap();
    assert!(together.expected >= after.expected && together.calls > 1);
    desk.app.close().await;
}

// B16
#[tokio::test(flavor = "multi_thread")]
async fn a_drill_is_on_record_and_survives_a_restart() {
    let desk = Desk::new().await;
    let found = services::run_drill(&desk.app, Empty {}).await.unwrap();
    assert!(found.alarms.is_empty(), "{:?}", found.alarms);
    assert!(found.items > 100 && found.found <= found.items);
    let log = desk.log().await;
    let entry = log.iter().find(|it| it.action == "DRILL_RUN");
    assert!(entry.is_some());
    let dir = desk.dir.path().to_owned();
    desk.app.close().await;
    let app = open_app(dir).await;
    let status = services::get_status(&app, Empty {}).await.unwrap();
    assert_eq!(status.drill, Some(found));
    app.close().await;
}

/// The one thing that a desk can do to its own detector: keep names until they are not shown any more.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_goes_to_a_person_the_next_time() {
    let desk = Desk::new().await;
    let case_id = desk.retrieved_case().await;
    let mut kept = None;
    for call in desk.reviewable(&case_id).await {
        let spans = review(&desk, &case_id, call).await.spans;
        let name = |it: &&SpanView| it.entity == "PERSON_NAME" && it.decision == "redact";
        if let Some(span) = spans.iter().find(name).filter(|_| kept.is_none()) {
            let reason = "not_personal_data".to_owned();
            let keep = DecisionReq::Keep { reason };
            decide(&desk, &case_id, call, &span.id, keep).await;
            kept = Some((call, span.raw_start_ms));
        }
    }
    let (call, start_ms) = kept.unwrap();
    desk.review_all(&case_id).await;
    let next = again(&desk).await;
    let spans = review(&desk, &next, call).await.spans;
    let span = spans.iter().find(|it| it.raw_start_ms == start_ms).unwrap();
    assert_eq!(span.decision, "review");
    assert!(
        span.explanation
            .iter()
            .any(|it| it.contains("a reviewer kept"))
    );
    desk.app.close().await;
}
