//! How complete an export is: a second way through the source, and an earlier export. // B9

use std::{collections::BTreeSet, fs};

use evidence::format::{ChangesFile, CompletenessFile, PackageFile};
use sandbox::scenario::{Action, Scenario};
use services::api::ErrorCode;

use super::{
    super::support::Desk, desk_under, exported, files, manifest, request, trouble::status,
};

fn completeness(set: &std::path::Path) -> CompletenessFile {
    CompletenessFile::from_bytes(&fs::read(set.join("completeness.json")).unwrap()).unwrap()
}

/// What must hold of every comparison: each call is in both ways or in a difference, and the days add up.
fn assert_adds_up(it: &CompletenessFile) {
    for route in it.routes.iter().filter(|it| it.performed == "performed") {
        let only = |by: &str| {
            let differences = it.differences.iter();
            let these = differences.filter(|it| it.source == route.source && it.seen_by == by);
            these.count() as u64
        };
        assert_eq!(route.in_list, route.in_both + only("list"), "{it:?}");
        assert_eq!(route.in_second, route.in_both + only("second"), "{it:?}");
        let whole = it.days.iter().filter(|it| it.queue.is_none());
        let whole: Vec<_> = whole.filter(|it| it.source == route.source).collect();
        assert_eq!(
            whole.iter().map(|it| it.in_list).sum::<u64>(),
            route.in_list
        );
        let second = whole.iter().filter_map(|it| it.in_second);
        assert_eq!(second.sum::<u64>(), route.in_second);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_ways_show_the_same_calls_and_the_sum_is_told() {
    let desk = Desk::new().await;
    for (at, query) in ["*", r#"phone:"+447700900123""#].into_iter().enumerate() {
        let mut request = request(&desk, query);
        request.out = desk.dir.path().join(format!("set-{at}"));
        let exported = exported(&desk, &request).await.unwrap();
        let told = completeness(&request.out);
        assert_eq!(told, exported.completeness);
        assert_eq!(told.verdict, "agree", "{told:?}");
        assert_adds_up(&told);
        assert!(told.routes[0].in_both > 0, "{told:?}");
        assert!(told.days.iter().any(|it| it.queue.is_some()));
        assert_eq!(told.counts, exported.report.counts);
        let found = exported.report.counts.found;
        assert!(told.statement.starts_with(&format!("Found {found}: ")));
    }
    desk.app.close().await;
}

/// Every entry that the first way loses is found out by the second, wherever it is lost, and a later export names
/// it as added.
#[tokio::test(flavor = "multi_thread")]
async fn every_lost_entry_is_found_out() {
    let results = "/api/v2/analytics/conversations/details/jobs/*/results";
    let recordings = "/api/v2/conversations/*/recordingmetadata";
    // One page of results a day: the first entry of each is lost in the first export, and of no later one.
    for (path, list, requests) in [(results, "conversations", 4), (recordings, "", 1)] {
        let lose = Action::LoseEntry {
            list: list.to_owned(),
            at: 0,
        };
        let desk = desk_under(Scenario::first(requests, path, lose)).await;
        let mut request = request(&desk, "*");
        let first = exported(&desk, &request).await.unwrap();
        let told = &first.completeness;
        assert_eq!(told.verdict, "differ", "{path}: {told:?}");
        assert_adds_up(told);
        let lost = &told.differences;
        assert!(!lost.is_empty());
        assert!(
            lost.iter()
                .all(|it| it.seen_by == "second" && !it.explained)
        );
        let known = manifest(&request.out).recordings;
        let lost: BTreeSet<_> = lost.iter().map(|it| &it.conversation_id).collect();
        assert!(known.iter().all(|it| !lost.contains(&it.conversation_id)));

        let earlier = request.out.clone();
        request.out = desk.dir.path().join("later");
        request.compare = Some(earlier);
        let later = exported(&desk, &request).await.unwrap();
        assert_eq!(later.completeness.verdict, "agree");
        let changes = later.changes.unwrap();
        let added = changes.added.iter().map(|it| &it.conversation_id);
        assert_eq!(added.collect::<BTreeSet<_>>(), lost);
        assert_eq!(changes.counts.unchanged, known.len() as u64);
        desk.app.close().await;
    }
}

/// A way that gives no answer is no agreement.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_way_that_is_closed_is_not_performed() {
    let query = "/api/v2/analytics/conversations/details/query";
    let desk = desk_under(Scenario::always(query, status(400, None))).await;
    let request = request(&desk, "*");
    let told = exported(&desk, &request).await.unwrap().completeness;
    assert_eq!(told.verdict, "notPerformed");
    assert!(told.routes[0].performed.starts_with("not performed: "));
    assert!(told.days.iter().all(|it| it.in_second.is_none()));
    desk.app.close().await;
}

/// The comparison names what is purged since, is the same on every run, and goes when it is not asked for.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_compared_with_an_earlier_one() {
    // The first export downloads the recording; to the second it is gone.
    let one = "/api/v2/conversations/*/recordings/*";
    let desk = Desk::new().await;
    let mut earlier = request(&desk, "*");
    (earlier.out, earlier.bag) = (desk.dir.path().join("earlier"), true);
    exported(&desk, &earlier).await.unwrap();
    desk.app.close().await;

    let gone = desk_under(Scenario::always(one, status(404, None))).await;
    let mut request = request(&gone, "*");
    request.compare = Some(earlier.out.clone());
    let changes = exported(&gone, &request).await.unwrap().changes.unwrap();
    let found = manifest(&request.out).recordings.len() as u64;
    assert_eq!(changes.counts.changed, found, "{changes:?}");
    let state = &changes.changed[0].changes[0];
    assert_eq!(
        (state.field.as_str(), &state.later),
        ("state", &"purged".into())
    );
    let bytes = files(&request.out);
    assert_eq!(
        ChangesFile::from_bytes(&bytes["changes.json"]).unwrap(),
        changes
    );
    exported(&gone, &request).await.unwrap();
    assert_eq!(files(&request.out), bytes);
    request.compare = None;
    exported(&gone, &request).await.unwrap();
    assert!(!files(&request.out).contains_key("changes.json"));
    gone.app.close().await;
}

/// Two questions cannot be compared, nor can a folder that holds no export.
#[tokio::test(flavor = "multi_thread")]
async fn only_exports_of_the_same_query_are_compared() {
    let desk = Desk::new().await;
    let first = request(&desk, "*");
    exported(&desk, &first).await.unwrap();
    let mut other = request(&desk, r#"queueId:"q""#);
    other.out = desk.dir.path().join("other");
    for earlier in [first.out, desk.dir.path().join("nothing")] {
        other.compare = Some(earlier);
        let refused = exported(&desk, &other).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidInput, "{refused}");
    }
    assert!(!other.out.exists(), "nothing was begun");
    desk.app.close().await;
}
