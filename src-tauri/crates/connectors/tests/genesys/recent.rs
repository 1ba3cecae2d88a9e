//! Searches that reach into the last five minutes, which the index may not show yet. // S0-41, S0-42

use std::sync::atomic::{AtomicU32, Ordering};

use domain::{
    search::{Coverage, Identifier, SearchCriteria, SourceResult},
    time_range::TimeRange,
};
use tokio_util::sync::CancellationToken;

use super::{
    scripted::{Script, call, organization},
    support::{customer, phone, range},
};

const JUST_ENDED: &str = "2026-03-03T11:58:00.000Z";

/// Up to the last second before the organization's clock, and beyond.
fn until_now() -> TimeRange {
    range("2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z")
}

/// Asks, and gives what came and how often the query was sent.
async fn ask(script: Script, identifier: Identifier, range: TimeRange) -> (SourceResult, u32) {
    let (source, script) = organization(script).await;
    let criteria = SearchCriteria {
        identifiers: vec![identifier],
        range,
        agent_id: None,
        queue_id: None,
    };
    let result = source.search(&criteria, &CancellationToken::new()).await;
    (result, script.queries.load(Ordering::SeqCst))
}

fn lagging(queries: u32) -> Script {
    Script {
        recent: vec![call("c-1", JUST_ENDED, "+1555")],
        lagging_queries: queries,
        ..Script::default()
    }
}

#[tokio::test]
async fn an_empty_answer_is_asked_for_again_until_the_call_appears() {
    let (result, queries) = ask(lagging(3), phone("+1555"), until_now()).await;
    assert_eq!((result.found.len(), queries), (1, 4));
    assert_eq!(result.coverage, Coverage::Complete);
    let sent = result.queries.iter().map(|it| it.reveal());
    assert_eq!(
        sent.filter(|it| it.contains("details/query")).count(),
        1,
        "the same request is kept once"
    );
}

#[tokio::test]
async fn it_is_asked_for_again_five_times_at_most() {
    let (result, queries) = ask(lagging(u32::MAX), phone("+1555"), until_now()).await;
    assert_eq!((result.found.len(), queries), (0, 6));
    let index_utc = result.index_complete_until_utc.unwrap().to_string();
    assert_eq!(
        index_utc, "2026-03-03T11:55:00Z",
        "an empty answer promises nothing about the last minutes"
    );
}

#[tokio::test]
async fn a_partial_answer_is_asked_for_again_and_leaves_no_gap() {
    let script = Script {
        lagging_total: 1,
        history: vec![call("c-0", "2026-03-02T10:00:00.000Z", "+1555")],
        ..lagging(2)
    };
    let (result, queries) = ask(script, phone("+1555"), until_now()).await;
    assert_eq!((result.found.len(), queries), (2, 3));
    assert_eq!(result.coverage, Coverage::Complete);
}

#[tokio::test]
async fn settled_ranges_found_calls_and_customer_numbers_are_asked_for_once() {
    let settled = range("2026-03-02T00:00:00Z", "2026-03-03T11:55:00Z");
    let (_, queries) = ask(lagging(9), phone("+1555"), settled).await;
    assert_eq!(queries, 1);
    let (result, queries) = ask(lagging(0), phone("+1555"), until_now()).await;
    assert_eq!((result.found.len(), queries), (1, 1));
    // The query has no attributes, however often it is asked.
    let (_, queries) = ask(lagging(9), customer("C-1"), until_now()).await;
    assert_eq!(queries, 1);
}

#[tokio::test]
async fn recordings_that_are_not_listed_yet_are_asked_for_again() {
    let script = Script {
        lagging_lists: AtomicU32::new(2),
        ..lagging(0)
    };
    let (result, _) = ask(script, phone("+1555"), until_now()).await;
    assert_eq!(result.found.len(), 1);
    let old = Script {
        history: vec![call("c-0", "2026-03-02T10:00:00.000Z", "+1555")],
        lagging_lists: AtomicU32::new(2),
        ..Script::default()
    };
    let (result, _) = ask(old, phone("+1555"), until_now()).await;
    assert!(result.found.is_empty(), "an old call without recordings");
}

#[tokio::test]
async fn the_wait_for_the_index_can_be_cancelled() {
    let (source, script) = organization(lagging(u32::MAX)).await;
    let criteria = SearchCriteria {
        identifiers: vec![phone("+1555")],
        range: until_now(),
        agent_id: None,
        queue_id: None,
    };
    let cancel = CancellationToken::new();
    let stop = async {
        while script.queries.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (result, ()) = tokio::join!(source.search(&criteria, &cancel), stop);
    let Coverage::Partial { reason } = result.coverage else {
        panic!("{:?}", result.coverage)
    };
    assert!(reason.contains("stopped on request"), "{reason}");
}
