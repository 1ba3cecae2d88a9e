//! Archives beside the platform: a call is found wherever it lies, listed once, fetched where it is. // S1-01, S1-22

use std::{collections::BTreeMap, time::Duration};

use domain::sensitive::Secret;
use sandbox::{
    ClientRole, FileState, LegacyOptions, LegacyRecorders, SandboxOptions,
    scenario::{Action, Fault, Scenario},
};
use services::api::*;

use super::{
    egress::details,
    source::reopened,
    support::{Desk, call_ref, case_ref, connect_as_own, connect_client, open_app},
};

/// The recorder of `docs/formats/sources.md`, at another address.
fn recorder(at: &str) -> String {
    example("old-avaya").replace("https://recorder.example.org", at)
}

fn example(id: &str) -> String {
    let document = include_str!("../../docs/formats/sources.md");
    let blocks = document.split("```toml\n").skip(1);
    let mut blocks = blocks.filter_map(|block| block.split("```").next());
    let id = format!("id = \"{id}\"");
    blocks.find(|block| block.contains(&id)).unwrap().to_owned()
}

fn described(settings: String) -> AddSourceReq {
    AddSourceReq {
        settings,
        secret: Some(LegacyRecorders::AVAYA_ACCOUNT.1.to_owned()),
    }
}

/// A desk with its own connection to the platform, and an old recorder beside it.
async fn desk_with_recorder(faults: Vec<Fault>) -> (Desk, LegacyRecorders) {
    let desk = Desk::unconnected_with(SandboxOptions {
        scenario: Scenario {
            faults,
            ..Scenario::default()
        },
        ..SandboxOptions::default()
    })
    .await;
    connect_as_own(&desk).await;
    let recorders = LegacyRecorders::start(LegacyOptions::default())
        .await
        .unwrap();
    let report = services::add_source(&desk.app, described(recorder(&recorders.urls().avaya)))
        .await
        .unwrap();
    assert!(report.connected);
    (desk, recorders)
}

fn by_state(calls: &CallList) -> BTreeMap<(String, String), u32> {
    let mut states = BTreeMap::new();
    for call in &calls.calls {
        let key = (call.source.clone(), call.end_state.clone());
        *states.entry(key).or_default() += 1;
    }
    states
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_two_sources_have_is_listed_once_and_fetched_where_it_is() {
    let platform_only = Desk::new().await;
    let case_id = platform_only.verified_case().await;
    let alone = platform_only.search(&case_id).await.found;
    platform_only.app.close().await;

    let (desk, recorders) = desk_with_recorder(vec![]).await;
    let case_id = desk.verified_case().await;
    let search = desk.search(&case_id).await;
    let coverage: Vec<_> = search
        .sources
        .iter()
        .map(|it| (it.source.as_str(), it.coverage.as_str()))
        .collect();
    assert_eq!(
        coverage,
        [("genesys", "complete"), ("old-avaya", "complete")]
    );
    assert_eq!(
        search.sources[1].found, 2,
        "the migrated calls of the range"
    );
    assert_eq!(search.found.len(), alone.len(), "no call is listed twice");
    let both: Vec<_> = search
        .found
        .iter()
        .filter(|it| !it.also_at.is_empty())
        .collect();
    let places: Vec<_> = both
        .iter()
        .map(|it| (it.source.as_str(), it.also_at.clone()))
        .collect();
    // The platform is preferred, unless it has the sound no longer.
    assert!(
        places.contains(&("genesys", vec!["old-avaya".to_owned()])),
        "{places:?}"
    );
    assert!(
        places.contains(&("old-avaya", vec!["genesys".to_owned()])),
        "{places:?}"
    );

    desk.freeze(&case_id).await;
    fetched_where_it_is(&desk, &case_id, &recorders).await;
    desk.app.close().await;
}

async fn fetched_where_it_is(desk: &Desk, case_id: &str, recorders: &LegacyRecorders) {
    let calls = desk.retrieve(case_id).await;
    let states = by_state(&calls);
    assert_eq!(
        states.get(&("old-avaya".to_owned(), "retrieved".to_owned())),
        Some(&1),
        "{states:?} {:?}",
        calls.calls
    );
    assert!(
        !states.keys().any(|(_, state)| state == "purged"),
        "{states:?}"
    );
    let retrieved = calls
        .calls
        .iter()
        .find(|it| it.source == "old-avaya")
        .unwrap();
    let log = desk.log().await;
    let name = format!("old-avaya#{}", retrieved.call);
    let entry = log
        .iter()
        .find(|it| it.recording_id.as_deref() == Some(&name))
        .unwrap();
    assert_eq!(entry.action, "RECORDING_RETRIEVED");
    let host = recorders.urls().avaya.replace("http://", "");
    let media = log.iter().filter(|it| it.action == "EGRESS").map(details);
    let from_recorder = media.filter(|it| it["purpose"] == "media" && it["host"] == host);
    assert_eq!(from_recorder.count(), 1, "{host}");
}

/// S1-44: a recording is lost only after every place was asked.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_platform_lost_since_the_search_comes_from_the_recorder() {
    let gone = Fault {
        host: None,
        method: Some("GET".to_owned()),
        path: "/api/v2/conversations/*/recordings/*".to_owned(),
        first: None,
        nth: None,
        every: None,
        action: Action::Status {
            status: 404,
            retry_after_s: None,
            retry_after_form: Default::default(),
        },
    };
    let (desk, _recorders) = desk_with_recorder(vec![gone]).await;
    let case_id = desk.verified_case().await;
    let search = desk.search(&case_id).await;
    let both = search
        .found
        .iter()
        .filter(|it| !it.also_at.is_empty())
        .count();
    desk.freeze(&case_id).await;
    let calls = desk.retrieve(&case_id).await;
    let states = by_state(&calls);
    assert_eq!(
        states[&("old-avaya".to_owned(), "retrieved".to_owned())],
        both as u32
    );
    assert!(
        states.contains_key(&("genesys".to_owned(), "purged".to_owned())),
        "{states:?}"
    );
    let log = desk.log().await;
    let missed: Vec<_> = log
        .iter()
        .filter(|it| it.action == "RECORDING_RETRIEVED")
        .map(|it| details(it)["missedAt"].as_str().unwrap().to_owned())
        .collect();
    assert!(missed.contains(&"genesys purged".to_owned()), "{missed:?}");
    desk.app.close().await;
}

/// S0-40: an archive that does not answer is a gap of the result, and the other sources are searched.
#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_is_away_is_a_gap_and_stops_nothing() {
    let (desk, recorders) = desk_with_recorder(vec![]).await;
    drop(recorders);
    let case_id = desk.verified_case().await;
    let search = desk.search(&case_id).await;
    assert_eq!(search.state, "done");
    assert_eq!(search.sources[0].coverage, "complete");
    assert_eq!(search.sources[1].coverage, "failed");
    assert!(search.sources[1].reason.is_some() && !search.found.is_empty());
    let request = FreezeReq {
        case_id: case_id.clone(),
        excluded: vec![],
        orphans: Vec::new(),
        partial_reason: None,
    };
    let refused = services::freeze_list(&desk.app, request).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidInput);
    desk.app.close().await;
}

/// S1-40: descriptions and secrets outlive the process, apart from each other.
#[tokio::test(flavor = "multi_thread")]
async fn an_archive_stays_connected_until_it_is_removed() {
    let (desk, _recorders) = desk_with_recorder(vec![]).await;
    let Desk { app, sandbox, dir } = desk;
    app.close().await;
    let desk = Desk {
        app: open_app(dir.path().to_owned()).await,
        sandbox,
        dir,
    };
    desk.sign_in("ann", RoleName::CaseWorker).await;
    let status = services::get_status(&desk.app, Empty {}).await.unwrap();
    let ids: Vec<_> = status.sources.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["genesys", "old-avaya"]);
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    desk.freeze(&case_id).await;

    let request = SourceRef {
        source: "old-avaya".to_owned(),
    };
    services::remove_source(&desk.app, request.clone())
        .await
        .unwrap();
    let again = services::remove_source(&desk.app, request)
        .await
        .unwrap_err();
    assert_eq!(again.code, ErrorCode::NotFound);
    // What lies there waits, the rest is fetched, and nothing is called lost.
    let calls = desk.retrieve(&case_id).await.calls;
    let there: Vec<_> = calls.iter().filter(|it| it.source == "old-avaya").collect();
    assert!(
        there
            .iter()
            .all(|it| it.missing && it.end_state == "pending")
    );
    assert_eq!(there.len(), 1);
    let rest = calls.iter().filter(|it| it.source == "genesys");
    assert!(rest.clone().all(|it| it.end_state == "retrieved"));
    let jobs = services::list_jobs(&desk.app, case_ref(&case_id))
        .await
        .unwrap()
        .jobs;
    let failed = jobs.iter().find(|it| it.state == "failed").unwrap();
    assert!(failed.message.as_ref().unwrap().contains("old-avaya"));
    let log = desk.log().await;
    assert_eq!(
        log.iter()
            .filter(|it| it.action == "SOURCE_REMOVED")
            .count(),
        1
    );
    assert!(
        log.iter()
            .all(|it| !it.json.contains(LegacyRecorders::AVAYA_ACCOUNT.1))
    );
    desk.app.close().await;
}

/// S0-40: a source that cannot be asked is a gap of every search, never an absence.
#[tokio::test(flavor = "multi_thread")]
async fn an_archive_whose_secret_is_gone_is_a_gap_and_stops_no_start() {
    let (desk, _recorders) = desk_with_recorder(vec![]).await;
    let desk = reopened(desk, async |store| {
        let kept = store.setting("source.archives").await.unwrap().unwrap();
        let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
        let name = kept[0]["secret_name"].as_str().unwrap();
        let nothing = Secret::new(String::new());
        store.put_source_secret(name, &nothing).await.unwrap();
    })
    .await;
    let status = services::get_status(&desk.app, Empty {}).await.unwrap();
    let [platform, archive] = &status.sources[..] else {
        panic!("both are shown: {:?}", status.sources);
    };
    assert!(platform.trouble.is_none() && archive.trouble.is_some());
    let case_id = desk.verified_case().await;
    let search = desk.search(&case_id).await;
    let coverage: Vec<_> = search
        .sources
        .iter()
        .map(|it| it.coverage.as_str())
        .collect();
    assert_eq!(coverage, ["complete", "failed"]);
    let request = SourceRef {
        source: "old-avaya".to_owned(),
    };
    services::remove_source(&desk.app, request).await.unwrap();
    assert_eq!(desk.search(&case_id).await.sources.len(), 1);
    desk.app.close().await;
}

/// A list that was made from one recorder is not fetched from another that took over its id.
#[tokio::test(flavor = "multi_thread")]
async fn another_archive_under_the_same_id_is_another_archive() {
    let (desk, _recorders) = desk_with_recorder(vec![]).await;
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    desk.freeze(&case_id).await;
    let other = LegacyRecorders::start(LegacyOptions::default())
        .await
        .unwrap();
    services::add_source(&desk.app, described(recorder(&other.urls().avaya)))
        .await
        .unwrap();
    let refused = services::start_retrieval(&desk.app, case_ref(&case_id))
        .await
        .unwrap_err();
    assert!(
        refused.message.contains("another organization"),
        "{}",
        refused.message
    );
    desk.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_an_archive_is_refused_by_name() {
    let (desk, recorders) = desk_with_recorder(vec![]).await;
    let good = recorder(&recorders.urls().avaya);
    let genesys = "kind = \"genesys\"\nid = \"x\"\nclient_id = \"c\"\n".to_owned();
    for (settings, word) in [
        ("id = ".to_owned(), "Description"),
        (good.replace("old-avaya", "genesys"), "genesys"),
        (genesys, "Genesys Cloud"),
        // S1-40
        (format!("password = \"x\"\n{good}"), "password"),
        // S1-08
        (
            example("old-avaya").replace("https:", "http:"),
            "recorder.example.org",
        ),
        // The window must not name places on this machine.
        (example("handed-over"), "folder"),
    ] {
        let refused = services::add_source(&desk.app, described(settings))
            .await
            .unwrap_err();
        assert!(
            refused.message.contains(word),
            "{word}: {}",
            refused.message
        );
    }
    let wrong = AddSourceReq {
        settings: good,
        secret: Some("wrong".to_owned()),
    };
    let refused = services::add_source(&desk.app, wrong).await.unwrap_err();
    assert!(
        !refused.message.contains("sandbox-avaya"),
        "{}",
        refused.message
    );
    let status = services::get_status(&desk.app, Empty {}).await.unwrap();
    assert_eq!(status.sources.len(), 2);
    desk.app.close().await;
}

fn archive(desk: &Desk, stem: &str) {
    let truth = &sandbox::ground_truth().recordings;
    let recording = truth.iter().find(|it| it.stem == stem).unwrap();
    desk.sandbox
        .set_file_state(&recording.recording_id, FileState::Archived);
}

/// A recording in the platform's archive: a person asks for it, the app looks after it over a restart.
#[tokio::test(flavor = "multi_thread")]
async fn an_archived_call_is_asked_for_once_and_fetched_when_it_is_there() {
    let desk = Desk::unconnected().await;
    connect_client(&desk, ClientRole::WithArchive.credentials()).await;
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    desk.freeze(&case_id).await;
    archive(&desk, "call-03");
    let calls = desk.retrieve(&case_id).await.calls;
    let archived: Vec<_> = calls.iter().filter(|it| it.in_archive).collect();
    let [call] = archived[..] else {
        panic!("one call is archived: {archived:?}");
    };
    assert_eq!(
        (call.end_state.as_str(), call.missing),
        ("unavailable", true)
    );
    let request = call_ref(&case_id, call.call);
    services::restore_call(&desk.app, request.clone())
        .await
        .unwrap();
    let again = services::restore_call(&desk.app, request)
        .await
        .unwrap_err();
    assert_eq!(again.code, ErrorCode::WrongStep);
    let other = calls.iter().find(|it| !it.in_archive).unwrap().call;
    let other = services::restore_call(&desk.app, call_ref(&case_id, other)).await;
    assert_eq!(other.unwrap_err().code, ErrorCode::WrongStep);

    let Desk { app, sandbox, dir } = desk;
    app.close().await;
    let app = open_app(dir.path().to_owned()).await;
    let desk = Desk { app, sandbox, dir };
    let patience = Duration::from_secs(60);
    let fetched = tokio::time::timeout(patience, async {
        while desk.call(&case_id, call.call).await.end_state != "retrieved" {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    fetched
        .await
        .expect("the call is retrieved without anybody asking again");
    let view = desk.call(&case_id, call.call).await;
    assert!(!view.in_archive && view.restoration_asked_at_utc.is_none());
    let log = desk.log().await;
    let count = |action: &str| log.iter().filter(|it| it.action == action).count();
    assert_eq!(
        (count("RESTORATION_ASKED"), count("RESTORATION_ENDED")),
        (1, 1)
    );
    desk.app.close().await;
}

/// S0-22: the usual client may not restore; nothing is asked of it twice.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_the_archive_stays_closed_and_says_why() {
    let desk = Desk::new().await;
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    desk.freeze(&case_id).await;
    archive(&desk, "call-03");
    let calls = desk.retrieve(&case_id).await.calls;
    let call = calls.iter().find(|it| it.in_archive).unwrap().call;
    let refused = services::restore_call(&desk.app, call_ref(&case_id, call))
        .await
        .unwrap_err();
    assert!(
        refused.message.contains("recording:recording:restore"),
        "{}",
        refused.message
    );
    assert_eq!(
        desk.call(&case_id, call).await.restoration_asked_at_utc,
        None
    );
    desk.app.close().await;
}

/// A worked example that cannot be read is none.
#[test]
fn every_example_of_the_document_can_be_read() {
    for id in [
        "old-avaya",
        "old-cisco",
        "export-2022",
        "gateway",
        "handed-over",
    ] {
        let config: services::source_config::SourceConfig = toml::from_str(&example(id)).unwrap();
        assert_eq!(config.id(), id);
    }
}

/// The window offers what the document explains.
#[test]
fn the_examples_of_the_window_are_those_of_the_document() {
    let window = include_str!("../../ui/src/pages/settings/archiveExamples.ts");
    for id in ["old-avaya", "export-2022", "gateway"] {
        assert!(window.contains(&example(id)), "{id}");
    }
}
