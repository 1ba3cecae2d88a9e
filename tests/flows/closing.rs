//! Cases that end without a package: what was asked for and how far the case is decide how.

use sandbox::ClientRole;
use services::api::*;

use super::{
    egress::details,
    support::{Desk, case_ref, connect_client, demo_request},
};

async fn open(desk: &Desk, kind: &str, legal_hold: bool) -> CaseDetail {
    let request = OpenCaseReq {
        request_type: kind.to_owned(),
        legal_hold,
        ..demo_request()
    };
    services::open_case(&desk.app, request).await.unwrap()
}

async fn verify(desk: &Desk, case_id: &str) {
    for method in ["account_details", "call_back"] {
        let request = IdentityCheckReq {
            case_id: case_id.to_owned(),
            method: method.to_owned(),
            passed: true,
        };
        let checked = services::record_identity_check(&desk.app, request).await;
        checked.unwrap();
    }
}

async fn close(desk: &Desk, case_id: &str, outcome: &str) -> Result<CaseDetail, ApiError> {
    let request = CloseCaseReq {
        case_id: case_id.to_owned(),
        outcome: outcome.to_owned(),
        statement: "The contract says so.".to_owned(),
    };
    services::close_case(&desk.app, request).await
}

// S3-33
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_makes_no_copy_and_releases_its_hold_at_the_end() {
    let desk = Desk::unconnected().await;
    connect_client(&desk, ClientRole::OverPrivileged.credentials()).await;
    let case = open(&desk, "erasure", true).await;
    assert_eq!(case.provision, "Art. 17 UK GDPR");
    verify(&desk, &case.case_id).await;
    desk.search(&case.case_id).await;
    desk.freeze(&case.case_id).await;
    for refused in [
        services::start_retrieval(&desk.app, case_ref(&case.case_id)).await,
        services::retry_jobs(&desk.app, case_ref(&case.case_id)).await,
    ] {
        assert_eq!(refused.unwrap_err().code, ErrorCode::WrongStep);
    }
    let closed = close(&desk, &case.case_id, "carried_out").await.unwrap();
    assert_eq!(closed.counts.retrieved, 0);
    assert_eq!(closed.next_action, "closed");
    assert_eq!(closed.closing.unwrap().statement, "The contract says so.");
    desk.idle(&case.case_id).await;
    let case = services::get_case(&desk.app, case_ref(&case.case_id)).await;
    let hold = case.unwrap().legal_hold.unwrap();
    assert!(hold.placed == 0 && hold.released > 0, "{hold:?}");
    desk.app.close().await;
}

// S3-33, R-06
#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_how_a_case_ended_and_not_what_was_said() {
    let desk = Desk::new().await;
    let case = open(&desk, "access", false).await;
    let early = close(&desk, &case.case_id, "carried_out").await;
    assert_eq!(early.unwrap_err().code, ErrorCode::WrongStep);
    let closed = close(&desk, &case.case_id, "not_identified").await.unwrap();
    assert!(closed.turnaround_days.is_some());
    assert!(closed.may_close_as.is_empty());
    let again = close(&desk, &case.case_id, "withdrawn").await;
    assert_eq!(again.unwrap_err().code, ErrorCode::WrongStep);
    let log = desk.log().await;
    let entry = log.iter().find(|it| it.action == "CASE_CLOSED").unwrap();
    assert_eq!(details(entry)["outcome"], "not_identified");
    assert!(!log.iter().any(|it| it.json.contains("contract")));
    desk.app.close().await;
}

// S3-33
#[tokio::test(flavor = "multi_thread")]
async fn a_portability_request_is_answered_by_a_copy() {
    let desk = Desk::new().await;
    let case = open(&desk, "portability", false).await;
    assert_eq!(case.provision, "Art. 20 UK GDPR");
    verify(&desk, &case.case_id).await;
    desk.search(&case.case_id).await;
    desk.freeze(&case.case_id).await;
    let started = services::start_retrieval(&desk.app, case_ref(&case.case_id)).await;
    assert!(started.unwrap().jobs > 0);
    let running = close(&desk, &case.case_id, "withdrawn").await;
    assert!(running.unwrap_err().message.contains("still runs"));
    desk.idle(&case.case_id).await;
    let closed = close(&desk, &case.case_id, "withdrawn").await.unwrap();
    assert_eq!(closed.closing.unwrap().outcome, "withdrawn");
    desk.app.close().await;
}

// S3-33
#[tokio::test(flavor = "multi_thread")]
async fn a_type_or_an_outcome_that_is_not_known_is_refused_with_the_known_ones() {
    let desk = Desk::new().await;
    let request = OpenCaseReq {
        request_type: "copy".to_owned(),
        ..demo_request()
    };
    let refused = services::open_case(&desk.app, request).await.unwrap_err();
    assert!(refused.message.contains("erasure"), "{}", refused.message);
    let case = open(&desk, "", false).await;
    assert_eq!(case.request_type, "access");
    let refused = close(&desk, &case.case_id, "done").await.unwrap_err();
    assert!(refused.message.contains("withdrawn"), "{}", refused.message);
    desk.app.close().await;
}
