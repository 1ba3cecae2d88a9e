//! Every call of the data subject is found, and nobody else's.

use connectors::http::Purpose;
use domain::{
    recording::MediaState,
    search::{Coverage, Identifier, SearchCriteria},
    sensitive::PersonalData,
    time_range::LocalRange,
};
use jiff::civil::datetime;
use sandbox::{
    Scenario, demo_subject,
    scenario::{Action, RetryAfterForm},
};

use super::support::{customer, demo_range, phone, range, rig, rig_with, stems};

// S0-25
#[tokio::test]
async fn each_number_finds_its_own_calls() {
    let rig = rig().await;
    let first = rig.search(vec![phone("+447700900123")], demo_range()).await;
    assert_eq!(first.coverage, Coverage::Complete);
    assert_eq!(
        stems(&first),
        ["call-01", "call-02", "Deleted", "call-05", "call-08"]
    );
    let second = rig.search(vec![phone("+447700900876")], demo_range()).await;
    assert_eq!(stems(&second), ["call-03", "call-06", "call-09"]);
    assert!(second.found.iter().all(|it| it.matched_by == ["phone"]));
    assert!(
        second
            .found
            .iter()
            .all(|it| it.region.as_deref() == Some("eu-west-2"))
    );
}

// S3-35
#[tokio::test]
async fn a_customer_number_finds_calls_with_a_withheld_number() {
    let rig = rig().await;
    let subject = demo_subject();
    let result = rig
        .search(vec![customer(subject.customer_id)], demo_range())
        .await;
    assert_eq!(result.coverage, Coverage::Complete);
    let expected = [
        "call-01", "call-03", "call-04", "call-05", "call-07", "call-09",
    ];
    assert_eq!(stems(&result), expected);
}

// S0-40
#[tokio::test]
async fn all_identifiers_together_find_each_call_once() {
    let rig = rig().await;
    let subject = demo_subject();
    let mut identifiers: Vec<_> = subject.phones.map(phone).to_vec();
    identifiers.push(customer(subject.customer_id));
    let result = rig.search(identifiers, demo_range()).await;
    let expected = [
        "call-01", "call-02", "call-03", "Deleted", "call-04", "call-05", "call-06", "call-07",
        "call-08", "call-09",
    ];
    assert_eq!(stems(&result), expected);
    assert_eq!(result.found[0].matched_by, ["customer_id", "phone"]);
    assert_eq!(result.found[3].media_state, MediaState::Deleted);
    assert_eq!(result.divisions.len(), 1);
    assert_eq!(
        result.index_complete_until_utc.unwrap().to_string(),
        "2026-05-01T11:55:00Z"
    );
}

#[tokio::test]
async fn contacts_and_named_conversations_are_found() {
    let rig = rig().await;
    let contact = PersonalData::new("5f8ade81-999f-51f3-b860-beb223081334".to_owned());
    let contact = rig
        .search(vec![Identifier::ExternalContact(contact)], demo_range())
        .await;
    assert_eq!(stems(&contact), ["call-12", "call-13"]);
    let named = Identifier::Conversation(contact.found[1].conversation.clone());
    let result = rig.search(vec![named.clone()], demo_range()).await;
    assert_eq!(stems(&result), ["call-13"]);
    let mixed = rig
        .search(vec![phone("+447700900876"), named], demo_range())
        .await;
    assert_eq!(stems(&mixed), ["call-03", "call-13", "call-06", "call-09"]);
    assert_eq!(mixed.coverage, Coverage::Complete);
}

// S0-87
#[tokio::test]
async fn bounds_are_half_open_around_a_late_call() {
    let rig = rig().await;
    let late = |start: &str, end: &str| range(start, end);
    for (bounds, expected) in [
        (
            late("2026-04-10T22:41:00Z", "2026-04-10T23:00:00Z"),
            vec!["call-09"],
        ),
        (late("2026-04-10T22:00:00Z", "2026-04-10T22:40:02Z"), vec![]),
        (
            late("2026-04-10T22:00:00Z", "2026-04-10T22:40:03Z"),
            vec!["call-09"],
        ),
        (late("2026-04-10T22:42:17Z", "2026-04-10T23:00:00Z"), vec![]),
    ] {
        let result = rig.search(vec![phone("+447700900876")], bounds).await;
        assert_eq!(stems(&result), expected, "{bounds:?}");
        assert_eq!(result.coverage, Coverage::Complete);
    }
}

// S0-84
#[tokio::test]
async fn the_day_the_clocks_go_forward_has_its_call() {
    let rig = rig().await;
    let local = LocalRange {
        start: datetime(2026, 3, 29, 1, 30, 0, 0),
        end: datetime(2026, 3, 30, 0, 0, 0, 0),
        zone: "Europe/London".to_owned(),
    };
    let bounds = local.resolve().unwrap().range;
    let result = rig.search(vec![phone("+447700900876")], bounds).await;
    assert_eq!(stems(&result), ["call-06"]);
}

#[tokio::test]
async fn queue_and_agent_narrow_the_search() {
    let rig = rig().await;
    let all = rig.search(vec![phone("+447700900123")], demo_range()).await;
    let queue = all.found[0].queues[0].clone();
    let of_queue: Vec<_> = all
        .found
        .iter()
        .filter(|it| it.queues.contains(&queue))
        .collect();
    assert!(!all.found[0].agents.is_empty());
    let mut criteria = SearchCriteria {
        identifiers: vec![phone("+447700900123")],
        range: demo_range(),
        agent_id: None,
        queue_id: Some(queue),
    };
    let result = rig.source.search(&criteria, &rig.cancel).await;
    assert_eq!(result.found.iter().collect::<Vec<_>>(), of_queue);
    criteria.agent_id = Some("nobody".to_owned());
    assert!(
        rig.source
            .search(&criteria, &rig.cancel)
            .await
            .found
            .is_empty()
    );
}

#[tokio::test]
async fn an_empty_answer_is_complete_and_no_identifier_is_a_failure() {
    let rig = rig().await;
    let nobody = rig.search(vec![phone("+15550000000")], demo_range()).await;
    assert!(nobody.found.is_empty());
    assert_eq!(nobody.coverage, Coverage::Complete);
    let future = range("2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z");
    assert_eq!(
        rig.search(vec![phone("+15550000000")], future)
            .await
            .coverage,
        Coverage::Complete
    );
    let without = rig.search(Vec::new(), demo_range()).await;
    assert!(matches!(without.coverage, Coverage::Failed { .. }));
}

// S2-09
#[tokio::test]
async fn the_exact_requests_are_kept_and_do_not_change() {
    let rig = rig().await;
    let once = rig.search(vec![phone("+447700900123")], demo_range()).await;
    let again = rig.search(vec![phone("+447700900123")], demo_range()).await;
    assert_eq!(once.queries, again.queries);
    let jobs: Vec<_> = once
        .queries
        .iter()
        .filter(|it| it.reveal().starts_with("POST "))
        .collect();
    assert_eq!(jobs.len(), 2, "41 days are two chunks");
    assert!(jobs[0].reveal().contains("tel:+447700900123"));
    assert!(!format!("{once:?}").contains("447700900123"));
}

#[tokio::test]
async fn trouble_that_passes_leaves_no_gap() {
    let busy = |status, retry_after_form| {
        let retry_after_s = (status == 429).then_some(1);
        Action::Status {
            status,
            retry_after_s,
            retry_after_form,
        }
    };
    let scenario = Scenario::first(2, "/api/v2/analytics/*", busy(503, RetryAfterForm::Seconds))
        .and(Scenario::first(
            1,
            "/api/v2/*/results",
            busy(429, RetryAfterForm::HttpDate),
        ))
        .and(Scenario::first(
            1,
            "/api/v2/*/recordingmetadata",
            Action::Reset,
        ))
        .and(Scenario::first(3, "/oauth/token", Action::Reset));
    let rig = rig_with(scenario).await;
    let result = rig.search(vec![phone("+447700900876")], demo_range()).await;
    assert_eq!(result.coverage, Coverage::Complete);
    assert_eq!(stems(&result), ["call-03", "call-06", "call-09"]);
}

// S0-40
#[tokio::test]
async fn what_could_not_be_seen_is_said() {
    let gone = Action::Status {
        status: 404,
        retry_after_s: None,
        retry_after_form: RetryAfterForm::Seconds,
    };
    let rig = rig_with(Scenario::first(
        1,
        "/api/v2/*/recordingmetadata",
        gone.clone(),
    ))
    .await;
    let result = rig.search(vec![phone("+447700900876")], demo_range()).await;
    assert_eq!(result.found.len(), 2);
    let Coverage::Partial { reason } = result.coverage else {
        panic!("{:?}", result.coverage)
    };
    assert!(reason.contains("recordings of 1 calls"), "{reason}");
    let rig = rig_with(Scenario::always("/api/v2/analytics/*", gone)).await;
    let result = rig.search(vec![phone("+447700900876")], demo_range()).await;
    assert!(matches!(result.coverage, Coverage::Failed { .. }));
}

#[tokio::test]
async fn a_cancelled_search_stops_and_says_so() {
    let rig = rig_with(Scenario::always("/api/v2/*", Action::Delay { ms: 60_000 })).await;
    let stop = async {
        while rig.requests(Purpose::Health) == 0 {
            tokio::task::yield_now().await;
        }
        rig.cancel.cancel();
    };
    let began = std::time::Instant::now();
    let (result, ()) = tokio::join!(rig.search(vec![phone("+1555")], demo_range()), stop);
    assert!(
        began.elapsed().as_secs() < 20,
        "the answer would take a minute"
    );
    let Coverage::Failed { reason } = result.coverage else {
        panic!("{:?}", result.coverage)
    };
    assert!(reason.contains("stopped on request"), "{reason}");
}
