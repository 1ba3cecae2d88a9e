//! Legal hold: placed on what a search finds, released when the case closes, each step on record.

use std::collections::BTreeSet;

use sandbox::{ClientRole, Sandbox};
use services::api::*;

use super::{
    egress::details,
    support::{Desk, case_ref, connect_client, demo_request},
};

/// A verified case that asked for a hold, searched.
async fn held_case(desk: &Desk) -> String {
    let request = OpenCaseReq {
        legal_hold: true,
        ..demo_request()
    };
    let case = services::open_case(&desk.app, request).await.unwrap();
    for method in ["account_details", "call_back"] {
        let request = IdentityCheckReq {
            case_id: case.case_id.clone(),
            method: method.to_owned(),
            passed: true,
        };
        let checked = services::record_identity_check(&desk.app, request).await;
        checked.unwrap();
    }
    desk.search(&case.case_id).await;
    case.case_id
}

async fn hold(desk: &Desk, case_id: &str) -> LegalHoldView {
    let case = services::get_case(&desk.app, case_ref(case_id)).await;
    case.unwrap().legal_hold.unwrap()
}

/// Brings the first call of a case alone to delivery.
async fn close_with_one_call(desk: &Desk, case_id: &str) {
    let found = services::get_search(&desk.app, case_ref(case_id))
        .await
        .unwrap()
        .found;
    let others = found.iter().filter(|it| it.index > 0).map(|it| Exclusion {
        index: it.index,
        ground: ExclusionGround::OutsideTheRequest,
        note: None,
    });
    let request = FreezeReq {
        case_id: case_id.to_owned(),
        excluded: others.collect(),
        orphans: Vec::new(),
        partial_reason: None,
    };
    services::freeze_list(&desk.app, request).await.unwrap();
    desk.retrieve(case_id).await;
    desk.review_all(case_id).await;
    desk.approve_all(case_id).await;
    desk.sign_in("ann", RoleName::CaseWorker).await;
    desk.seal(case_id).await;
    let request = DeliverReq {
        case_id: case_id.to_owned(),
        passphrase_by: "phone".to_owned(),
    };
    services::deliver_package(&desk.app, request).await.unwrap();
    desk.idle(case_id).await;
}

fn held(sandbox: &Sandbox) -> BTreeSet<String> {
    sandbox.held_conversations()
}

/// `what` and `end` of each entry of an action, in order.
async fn entries(desk: &Desk, action: &str) -> Vec<(String, String)> {
    let log = desk.log().await;
    let entries = log.iter().filter(|it| it.action == action).map(details);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    entries
        .map(|it| (text(&it["what"]), text(&it["end"])))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_is_held_until_the_case_closes_and_every_step_is_on_record() {
    let desk = Desk::unconnected().await;
    connect_client(&desk, ClientRole::OverPrivileged.credentials()).await;
    let case_id = held_case(&desk).await;
    assert_eq!(held(&desk.sandbox).len(), 10);
    let placed = hold(&desk, &case_id).await;
    assert_eq!((placed.placed, placed.failed.len()), (10, 0));
    // A second search finds nothing new and asks for nothing.
    desk.search(&case_id).await;
    assert_eq!(entries(&desk, "LEGAL_HOLD_ASKED").await.len(), 1);

    close_with_one_call(&desk, &case_id).await;
    assert!(held(&desk.sandbox).is_empty());
    let released = hold(&desk, &case_id).await;
    assert_eq!((released.placed, released.released), (0, 10));
    let asked = entries(&desk, "LEGAL_HOLD_ASKED").await;
    let what: Vec<_> = asked.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(what, ["place", "release"]);
    let ended = entries(&desk, "LEGAL_HOLD_ENDED").await;
    let count = |end: &str| ended.iter().filter(|(_, it)| it == end).count();
    assert_eq!((count("placed"), count("released")), (10, 10));
    desk.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_another_case_needs_stays_until_that_one_closes() {
    let desk = Desk::unconnected().await;
    connect_client(&desk, ClientRole::OverPrivileged.credentials()).await;
    let (first, second) = (held_case(&desk).await, held_case(&desk).await);
    close_with_one_call(&desk, &first).await;
    assert_eq!(held(&desk.sandbox).len(), 10, "the second case holds them");
    assert_eq!(hold(&desk, &first).await.kept, 10);
    close_with_one_call(&desk, &second).await;
    assert!(held(&desk.sandbox).is_empty());
    desk.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_is_said_for_every_recording_and_can_be_tried_again() {
    let desk = Desk::unconnected().await;
    connect_client(&desk, ClientRole::Standard.credentials()).await;
    let case_id = held_case(&desk).await;
    assert!(held(&desk.sandbox).is_empty());
    let refused = hold(&desk, &case_id).await;
    assert_eq!((refused.placed, refused.failed.len()), (0, 10));
    let reason = &refused.failed[0].reason;
    assert!(
        reason.contains("recording:deletionProtection:apply"),
        "{reason}"
    );
    let ended = entries(&desk, "LEGAL_HOLD_ENDED").await;
    assert!(ended.iter().all(|(_, end)| end == "not_placed"));

    connect_client(&desk, ClientRole::WithLegalHold.credentials()).await;
    services::retry_hold(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    desk.idle(&case_id).await;
    assert_eq!(hold(&desk, &case_id).await.placed, 10);
    let nothing_left = services::retry_hold(&desk.app, case_ref(&case_id)).await;
    assert_eq!(nothing_left.unwrap_err().code, ErrorCode::WrongStep);
    desk.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_did_not_ask_changes_nothing_at_the_source() {
    let desk = Desk::unconnected().await;
    connect_client(&desk, ClientRole::OverPrivileged.credentials()).await;
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    assert!(held(&desk.sandbox).is_empty());
    let case = services::get_case(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    assert!(case.legal_hold.is_none());
    desk.app.close().await;
}
