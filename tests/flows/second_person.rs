//! Four eyes, and what nobody may decide.

use services::api::*;

use super::support::{Desk, call_ref, case_ref};

fn decide(case_id: &str, call: u32, span: &str, decision: DecisionReq) -> DecideSpanReq {
    DecideSpanReq {
        case_id: case_id.to_owned(),
        call,
        span_id: span.to_owned(),
        decision,
    }
}

fn keep() -> DecisionReq {
    DecisionReq::Keep {
        reason: "own data".to_owned(),
    }
}

async fn spans(desk: &Desk, case_id: &str, call: u32) -> Vec<SpanView> {
    let view = services::get_review(&desk.app, call_ref(case_id, call)).await;
    view.unwrap().spans
}

/// B13: not only who finished a review worked on it.
#[tokio::test(flavor = "multi_thread")]
async fn who_decided_anything_in_a_call_cannot_approve_it() {
    let desk = Desk::new().await;
    let case_id = desk.retrieved_case().await;
    let call = desk.reviewable(&case_id).await[0];
    let span = spans(&desk, &case_id, call).await.remove(0);
    let redact = DecisionReq::Redact { reason: None };
    let by_ann = decide(&case_id, call, &span.id, redact);
    services::decide_span(&desk.app, by_ann).await.unwrap();
    // Taken back, and finished by somebody else: she still worked on it.
    services::undo_decision(&desk.app, call_ref(&case_id, call))
        .await
        .unwrap();
    desk.sign_in("cora", RoleName::CaseWorker).await;
    desk.review_all(&case_id).await;
    for person in ["ann", "cora", "Cora", "ANN"] {
        desk.sign_in(person, RoleName::Approver).await;
        let refused = services::approve_call(&desk.app, call_ref(&case_id, call)).await;
        assert_eq!(
            refused.unwrap_err().code,
            ErrorCode::NotPermitted,
            "{person}"
        );
    }
    desk.sign_in("ben", RoleName::Approver).await;
    services::approve_call(&desk.app, call_ref(&case_id, call))
        .await
        .unwrap();
    desk.app.close().await;
}

/// neither a reason nor moved edges disclose card data, PINs or passwords.
#[tokio::test(flavor = "multi_thread")]
async fn card_data_cannot_be_kept() {
    let desk = Desk::new().await;
    let case_id = desk.retrieved_case().await;
    let (mut tried, mut kept) = (0, 0);
    for call in desk.reviewable(&case_id).await {
        for span in spans(&desk, &case_id, call).await {
            let card = matches!(span.entity.as_str(), "CREDIT_CARD" | "CVV" | "CARD_EXPIRY");
            if !card {
                let request = decide(&case_id, call, &span.id, keep());
                services::decide_span(&desk.app, request).await.unwrap();
                kept += 1;
                continue;
            }
            let shorter = DecisionReq::Adjust {
                start_ms: span.start_ms,
                end_ms: span.start_ms + 1,
            };
            for decision in [keep(), shorter] {
                let request = decide(&case_id, call, &span.id, decision);
                let refused = services::decide_span(&desk.app, request).await.unwrap_err();
                assert_eq!(refused.code, ErrorCode::NotPermitted, "{refused:?}");
                tried += 1;
            }
        }
    }
    assert!(tried >= 4 && kept >= 4, "{tried} tried, {kept} kept");
    let decisions = desk.log().await.into_iter();
    let decisions = decisions.filter(|entry| entry.action == "SPAN_DECIDED");
    assert_eq!(decisions.count(), kept, "a refused decision leaves nothing");
    desk.app.close().await;
}

/// An approver who hears a mistake late can still return the call; what was rendered is gone then.
#[tokio::test(flavor = "multi_thread")]
async fn an_approved_call_can_be_returned_until_the_package_is_sealed() {
    let desk = Desk::new().await;
    let case_id = desk.retrieved_case().await;
    desk.review_all(&case_id).await;
    desk.approve_all(&case_id).await;
    let call = desk.reviewable(&case_id).await[0];
    let back = || ReturnCallReq {
        case_id: case_id.clone(),
        call,
        note: "listen to the end".to_owned(),
    };
    services::return_call(&desk.app, back()).await.unwrap();
    assert_eq!(desk.call(&case_id, call).await.stage, "to_review");
    let seal = || SealReq {
        case_id: case_id.clone(),
    };
    assert!(services::seal_package(&desk.app, seal()).await.is_err());
    desk.sign_in("ann", RoleName::CaseWorker).await;
    services::finish_review(&desk.app, call_ref(&case_id, call))
        .await
        .unwrap();
    desk.sign_in("ben", RoleName::Approver).await;
    services::approve_call(&desk.app, call_ref(&case_id, call))
        .await
        .unwrap();
    desk.idle(&case_id).await;
    desk.seal(&case_id).await;
    let late = services::return_call(&desk.app, back()).await;
    assert_eq!(late.unwrap_err().code, ErrorCode::WrongStep);
    let late = services::retry_jobs(&desk.app, case_ref(&case_id)).await;
    assert_eq!(late.unwrap_err().code, ErrorCode::WrongStep);
    desk.app.close().await;
}
