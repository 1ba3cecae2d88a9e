//! The sync, walk by walk.

use jiff::SignedDuration;

use super::*;
use crate::gateway::walk::{Rules, Walk};

/// Begins before the recordings of these tests, and walks all of it each time.
fn thorough() -> Rules {
    Rules {
        overlap: SignedDuration::from_hours(24 * 3_650),
        ..quick()
    }
}

/// Walks what is new, and nothing else.
fn quick() -> Rules {
    Rules {
        every: SignedDuration::from_mins(15),
        overlap: SignedDuration::ZERO,
        since: Some("2026-02-01T00:00:00Z".parse().unwrap()),
    }
}

impl Opened {
    async fn walk(&self, rules: &Rules) -> Walk {
        let source = self.gateway.source(TENANT, "share").unwrap();
        self.gateway.walk(TENANT, source, rules).await.unwrap()
    }

    async fn cursor(&self) -> Option<Timestamp> {
        self.gateway.cursor(TENANT, "share").await.unwrap()
    }

    /// What the mapping knows by a name, without asking a source.
    async fn is_mapped(&self, name: &str) -> bool {
        let rows = self.gateway.app().store().mapped(TENANT, name).await;
        rows.unwrap()
            .iter()
            .any(|it| it.missing_since_utc.is_none())
    }
}

// S1-42
#[tokio::test]
async fn a_walk_goes_on_where_the_last_one_ended_and_sees_late_calls_in_its_overlap() {
    let it = opened().await;
    it.put("first", "a", 0);
    let walk = it.walk(&quick()).await;
    assert_eq!((walk.found, walk.new, walk.is_complete), (1, 1, true));
    assert_eq!(it.cursor().await, Some(walk.to));
    assert!(it.is_mapped("first").await);
    it.put("late", "b", 10);
    let next = it.walk(&quick()).await;
    assert_eq!((next.from, next.found), (walk.to, 0));
    assert!(!it.is_mapped("late").await);
    let overlapping = it.walk(&thorough()).await;
    assert_eq!((overlapping.found, overlapping.new), (2, 1));
    assert!(it.is_mapped("late").await);
    assert!(it.cursor().await >= Some(next.to), "it never goes back");
    it.gateway.close().await;
}

// S1-42, S1-44
#[tokio::test]
async fn what_a_walk_does_not_see_stays() {
    let it = opened().await;
    it.put("first", "a", 0);
    it.walk(&thorough()).await;
    let share = it.dir.path().join("share");
    for ending in ["wav", "json"] {
        std::fs::remove_file(share.join(format!("first.{ending}"))).unwrap();
    }
    let walk = it.walk(&thorough()).await;
    assert_eq!((walk.found, walk.is_complete), (0, true));
    assert!(it.is_mapped("first").await);
    it.gateway.close().await;
}

#[tokio::test]
async fn a_source_that_cannot_be_seen_is_walked_again_from_the_same_place() {
    let it = opened().await;
    let share = it.dir.path().join("share");
    std::fs::remove_dir(&share).unwrap();
    let walk = it.walk(&quick()).await;
    assert_eq!((walk.is_complete, walk.to), (false, walk.from));
    assert_eq!(it.cursor().await, None);
    std::fs::create_dir(&share).unwrap();
    it.put("first", "a", 0);
    let walk = it.walk(&quick()).await;
    assert_eq!((walk.new, walk.is_complete), (1, true));
    let text = it.gateway.metrics_text().await;
    for line in [
        "sar_gateway_sync_walks_total{tenant=\"household\",source=\"share\",outcome=\"incomplete\"} 1",
        "sar_gateway_sync_walks_total{tenant=\"household\",source=\"share\",outcome=\"complete\"} 1",
        "sar_gateway_sync_new_places_total{tenant=\"household\",source=\"share\"} 1",
        "sar_gateway_streams{tenant=\"household\"} 0",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    let leaves = it.gateway.app().store().log_leaves(0, 1_000).await.unwrap();
    let entries = leaves.into_iter().map(|it| String::from_utf8(it).unwrap());
    assert_eq!(
        entries.filter(|it| it.contains("MAPPING_SYNCED")).count(),
        2
    );
    it.gateway.close().await;
}
