//! Answers that the sandbox does not give: limits counted exactly, pages without end, the last days.

use std::sync::atomic::{AtomicU32, Ordering};

use connectors::source::Source;
use domain::search::{Coverage, SearchCriteria};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    scripted::{Script, call, organization},
    support::{customer, phone, range},
};

fn criteria(identifier: domain::search::Identifier) -> SearchCriteria {
    let range = range("2026-02-20T00:00:00Z", "2026-03-03T00:00:00Z");
    SearchCriteria {
        identifiers: vec![identifier],
        range,
        agent_id: None,
        queue_id: None,
    }
}

async fn search(source: &Source, criteria: &SearchCriteria) -> domain::search::SourceResult {
    source.search(criteria, &CancellationToken::new()).await
}

#[tokio::test]
async fn the_last_days_come_from_the_query_and_each_call_once() {
    let old = call("c-1", "2026-02-28T10:00:00.000Z", "tel:+1555");
    let new = call("c-2", "2026-03-02T10:00:00.000Z", "+1555");
    let late = call("c-3", "2026-03-03T00:00:00.000Z", "+1555");
    let script = Script {
        history: vec![old.clone()],
        recent: vec![old, new, late],
        ..Script::default()
    };
    let (source, _script) = organization(script).await;
    let result = search(&source, &criteria(phone("+1555"))).await;
    let ids: Vec<_> = result
        .found
        .iter()
        .map(|it| it.conversation.as_str())
        .collect();
    assert_eq!(ids, ["c-1", "c-2"]);
    assert_eq!(result.coverage, Coverage::Complete);
    let queries: Vec<_> = result
        .queries
        .iter()
        .map(|it| it.reveal().as_str())
        .collect();
    assert!(
        queries[1].contains("2026-02-28T00:00:00.000Z/2026-03-03T00:00:00.000Z"),
        "{queries:?}"
    );
}

// S0-39
#[tokio::test]
async fn fewer_calls_than_announced_are_a_gap() {
    let recent = vec![call("c-1", "2026-03-02T10:00:00.000Z", "+1555")];
    let (source, _script) = organization(Script {
        recent,
        announced: 7,
        ..Script::default()
    })
    .await;
    let result = search(&source, &criteria(phone("+1555"))).await;
    let Coverage::Partial { reason } = result.coverage else {
        panic!("{:?}", result.coverage)
    };
    assert!(reason.contains("announced 7 calls and gave 1"), "{reason}");
    assert_eq!(result.found.len(), 1);
}

/// S0-39: between two pages a call leaves the index, and the one behind it moves to the page that was read.
#[tokio::test]
async fn a_page_that_shrinks_while_paging_is_a_gap_and_not_taken_for_all() {
    let at = "2026-03-02T10:00:00.000Z";
    let calls = |numbers: std::ops::Range<u32>| -> Vec<_> {
        let one = |number| call(&format!("c-{number}"), at, "+1555");
        numbers.map(one).collect()
    };
    let (source, _script) = organization(Script {
        recent: calls(0..100),
        announced: 150,
        second_page: Some((calls(101..150), 149)),
        ..Script::default()
    })
    .await;
    let result = search(&source, &criteria(phone("+1555"))).await;
    let Coverage::Partial { reason } = result.coverage else {
        panic!("{:?}", result.coverage)
    };
    assert!(
        reason.contains("announced 150 calls and gave 149"),
        "{reason}"
    );
}

#[tokio::test]
async fn recent_calls_without_attributes_are_counted_when_a_customer_number_is_asked_for() {
    let recent = vec![call("c-1", "2026-03-02T10:00:00.000Z", "+1777")];
    let (source, _script) = organization(Script {
        recent,
        ..Script::default()
    })
    .await;
    let result = search(&source, &criteria(customer("C-1"))).await;
    let Coverage::Partial { reason } = result.coverage else {
        panic!("{:?}", result.coverage)
    };
    assert!(
        reason.contains("1 recent calls carry no customer number yet"),
        "{reason}"
    );
    assert_eq!(
        result.index_complete_until_utc.unwrap().to_string(),
        "2026-03-01T00:00:00Z"
    );
    assert!(result.found.is_empty());
}

// S0-35
#[tokio::test]
async fn a_repeated_after_token_is_an_error_and_no_endless_loop() {
    let (source, _script) = organization(Script {
        repeats_cursor: true,
        ..Script::default()
    })
    .await;
    let result = search(&source, &criteria(phone("+1555"))).await;
    let Coverage::Partial { reason } = result.coverage else {
        panic!("{:?}", result.coverage)
    };
    assert!(reason.contains("repeats the page"), "{reason}");
}

#[tokio::test]
async fn calls_that_do_not_show_the_identifier_are_left_out_and_counted() {
    let history = vec![
        call("c-1", "2026-02-28T10:00:00.000Z", "tel:+1777"),
        json!({"conversationId": "c-2"}),
        call("c-3", "2026-02-28T10:00:00.000Z", "tel:+1555"),
    ];
    let (source, _script) = organization(Script {
        history,
        ..Script::default()
    })
    .await;
    let result = search(&source, &criteria(phone("+1555"))).await;
    assert_eq!(
        result.found.len(),
        1,
        "unknown states and media kinds do not hide a recording"
    );
    let Coverage::Partial { reason } = result.coverage else {
        panic!("{:?}", result.coverage)
    };
    assert!(
        reason.contains("1 calls that the source returned"),
        "{reason}"
    );
    assert!(
        reason.contains("1 entries of the answer could not be read"),
        "{reason}"
    );
}

#[tokio::test]
async fn nobody_asks_again_before_a_limit_is_over() {
    let at = "2026-02-28T10:00:00.000Z";
    let history = (0..12)
        .map(|n| call(&format!("c-{n}"), at, "+1555"))
        .collect();
    let limits_once = AtomicU32::new(1);
    let (source, script) = organization(Script {
        history,
        limits_once,
        ..Script::default()
    })
    .await;
    let result = search(&source, &criteria(phone("+1555"))).await;
    assert_eq!(result.coverage, Coverage::Complete);
    assert_eq!(result.found.len(), 12);
    // Requests that were on their way when the limit was reached cannot be called back.
    let on_their_way = 3;
    assert!(script.violations.load(Ordering::SeqCst) <= on_their_way);
}

#[tokio::test]
async fn where_grants_are_not_to_be_had_the_roles_say_what_is_allowed() {
    let (source, _script) = organization(Script::default()).await;
    let health = source.health(&CancellationToken::new()).await.unwrap();
    assert_eq!(health.organization, "Odd Ltd");
    assert_eq!(health.divisions, ["division-1", "division-2"]);
    assert_eq!(health.excess, ["gdpr:request:*"]);
    let missing = [
        "analytics:conversationDetail:view",
        "speechAndTextAnalytics:data:view",
    ];
    assert_eq!(health.missing, missing);
}

// S0-22: a role that is not read may grant anything.
#[tokio::test]
async fn more_roles_than_can_be_read_are_an_error_and_not_left_out() {
    let (source, _script) = organization(Script {
        more_roles: 20,
        ..Script::default()
    })
    .await;
    let error = source.health(&CancellationToken::new()).await.unwrap_err();
    assert!(error.to_string().contains("20 roles"), "{error}");
    let (source, _script) = organization(Script {
        more_roles: 19,
        ..Script::default()
    })
    .await;
    assert!(source.health(&CancellationToken::new()).await.is_ok());
}

// S0-12: a client that does not say what it is may be a person's.
#[tokio::test]
async fn credentials_of_an_unknown_type_are_refused() {
    let (source, _script) = organization(Script {
        grant_type: "null",
        ..Script::default()
    })
    .await;
    let error = source.health(&CancellationToken::new()).await.unwrap_err();
    assert!(error.to_string().contains("`unknown`"), "{error}");
}

// S0-12
#[tokio::test]
async fn credentials_of_a_person_are_refused() {
    let (source, _script) = organization(Script {
        grant_type: "CODE",
        ..Script::default()
    })
    .await;
    let error = source.health(&CancellationToken::new()).await.unwrap_err();
    assert!(error.to_string().contains("never a person's"), "{error}");
}
