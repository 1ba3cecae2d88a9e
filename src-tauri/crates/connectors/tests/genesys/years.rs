//! A range of years: its parts are searched several at a time, and the record does not show it.

use domain::{
    search::{Coverage, SourceResult},
    time_range::TimeRange,
};
use sandbox::{
    ClientRole, SandboxOptions, Scenario,
    scenario::{Action, Fault, FaultHost},
};

use super::support::{Rig, phone, range, rig_on, stems};

const CREATE: &str = "POST /api/v2/analytics/conversations/details/jobs ";

fn five_years() -> TimeRange {
    range("2021-06-01T00:00:00Z", "2026-05-31T00:00:00Z")
}

async fn organization(faults: Vec<Fault>) -> Rig {
    let options = SandboxOptions {
        index_lag_s: Some(60),
        scenario: Scenario {
            faults,
            ..Scenario::default()
        },
        ..Default::default()
    };
    let credentials = ClientRole::Standard.credentials();
    rig_on(credentials, options, "2026-06-01T00:00:00Z").await
}

/// The intervals of the search jobs, in the order of the record.
fn intervals(result: &SourceResult) -> Vec<String> {
    let queries = result.queries.iter().map(|it| it.reveal());
    let bodies = queries.filter_map(|query| query.strip_prefix(CREATE));
    let interval = |body: &str| {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        body["interval"].as_str().unwrap().to_owned()
    };
    bodies.map(interval).collect()
}

fn jobs_fault(method: &str, path: &str, nth: u64, action: Action) -> Fault {
    Fault {
        host: Some(FaultHost::Api),
        method: Some(method.to_owned()),
        path: format!("/api/v2/analytics/conversations/details/jobs{path}"),
        first: None,
        nth: Some(nth),
        every: None,
        action,
    }
}

fn refused(status: u16) -> Action {
    Action::Status {
        status,
        retry_after_s: None,
        retry_after_form: Default::default(),
    }
}

// S2-09: whichever part ends first, the record is the same.
#[tokio::test]
async fn parts_of_five_years_run_side_by_side_and_are_recorded_in_order() {
    let slow = Action::Delay { ms: 60 };
    let rig = organization(vec![jobs_fault("GET", "/*/results", 1, slow)]).await;
    let first = rig.search(vec![phone("+447700900123")], five_years()).await;
    let second = rig.search(vec![phone("+447700900123")], five_years()).await;
    assert_eq!(first, second);
    assert_eq!(first.coverage, Coverage::Complete);
    assert_eq!(stems(&first).len(), 6);
    let intervals = intervals(&first);
    assert_eq!(intervals.len(), 59);
    assert!(intervals.is_sorted(), "{intervals:?}");
    let (left, most) = rig.sandbox.search_jobs();
    assert_eq!((left, most), (0, 4), "bounded, and nothing stays behind");
}

// S0-40
#[tokio::test]
async fn a_part_that_fails_is_the_only_one_missing() {
    let rig = organization(vec![jobs_fault("POST", "", 3, refused(400))]).await;
    let result = rig.search(vec![phone("+447700900123")], five_years()).await;
    let Coverage::Partial { reason } = &result.coverage else {
        panic!("{:?}", result.coverage);
    };
    assert_eq!(reason.matches("was not searched").count(), 1, "{reason}");
    assert_eq!(intervals(&result).len(), 59);
    assert_eq!(stems(&result).len(), 6);
    assert_eq!(rig.sandbox.search_jobs().0, 0);
}

#[tokio::test]
async fn a_refusal_that_would_meet_every_part_ends_them_all() {
    let rig = organization(vec![jobs_fault("POST", "", 6, refused(403))]).await;
    let result = rig.search(vec![phone("+447700900123")], five_years()).await;
    let Coverage::Partial { reason } = &result.coverage else {
        panic!("{:?}", result.coverage);
    };
    assert!(
        reason.contains("analytics:conversationDetail:view"),
        "{reason}"
    );
    assert!(intervals(&result).len() < 15, "the rest was not asked for");
}

#[tokio::test]
async fn a_cancelled_search_asks_for_no_further_part() {
    let rig = organization(Vec::new()).await;
    let search = rig.search(vec![phone("+447700900123")], five_years());
    let stop = async {
        while rig.sandbox.search_jobs().1 < 2 {
            tokio::task::yield_now().await;
        }
        rig.cancel.cancel();
    };
    let (result, ()) = tokio::join!(search, stop);
    assert!(!matches!(result.coverage, Coverage::Complete));
    assert!(intervals(&result).len() < 15);
}
