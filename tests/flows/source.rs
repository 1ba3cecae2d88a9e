//! The connection of a source: who accepted what, rights that change, organizations that change.

use std::time::Duration;

use domain::sensitive::PersonalData;
use sandbox::{
    ClientRole, SandboxOptions,
    scenario::{Action, Scenario},
};
use serde_json::Value;
use services::api::*;
use store::{Store, StoreOptions};

use super::{
    egress::details,
    support::{Desk, case_ref, keys, open_app},
};

fn connection(desk: &Desk, role: ClientRole, reason: Option<&str>) -> ConnectSourceReq {
    let urls = desk.sandbox.urls();
    let login = role.credentials();
    ConnectSourceReq {
        region: None,
        api_url: Some(urls.api_url.clone()),
        login_url: Some(urls.login_url.clone()),
        media_hosts: None,
        client_id: login.client_id.to_owned(),
        client_secret: login.client_secret.to_owned(),
        accept_excess_reason: reason.map(str::to_owned),
    }
}

async fn connect(desk: &Desk, role: ClientRole, reason: Option<&str>) -> SourceReport {
    services::connect_source(&desk.app, connection(desk, role, reason))
        .await
        .unwrap()
}

/// Closes the core, changes its database, opens it again.
pub(crate) async fn reopened(desk: Desk, change: impl AsyncFnOnce(&Store)) -> Desk {
    let Desk { app, sandbox, dir } = desk;
    app.close().await;
    let store = Store::open(StoreOptions {
        data_dir: dir.path().join("data"),
        keys: keys(),
        retry_pause: Duration::ZERO,
    })
    .await
    .unwrap();
    change(&store).await;
    store.close().await;
    let app = open_app(dir.path().to_owned()).await;
    let desk = Desk { app, sandbox, dir };
    desk.sign_in("ann", RoleName::CaseWorker).await;
    desk
}

async fn change_connection(store: &Store, change: impl FnOnce(&mut Value)) {
    let json = store.setting("source.genesys").await.unwrap().unwrap();
    let mut setting: Value = serde_json::from_str(&json).unwrap();
    change(&mut setting);
    let mut tx = store.begin().await.unwrap();
    tx.put_setting("source.genesys", &setting.to_string())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn only(desk: &Desk, action: &str) -> AuditEntryView {
    let entries = desk.log().await.into_iter();
    let mut entries: Vec<_> = entries.filter(|it| it.action == action).collect();
    assert_eq!(entries.len(), 1, "{action}: {entries:?}");
    entries.remove(0)
}

/// S0-13, S0-22: the log says which person accepted the rights, and keeps their words out.
#[tokio::test(flavor = "multi_thread")]
async fn who_accepts_too_many_rights_is_on_record_and_the_reason_is_not() {
    let desk = Desk::unconnected().await;
    let report = connect(&desk, ClientRole::OverPrivileged, None).await;
    assert!(!report.connected && !report.excess.is_empty());
    assert_eq!(only(&desk, "SOURCE_REFUSED").await.actor, "ann");

    let reason = "Agreed with Mrs. Jones until the new role exists";
    let report = connect(&desk, ClientRole::OverPrivileged, Some(reason)).await;
    assert!(report.connected);
    let entry = only(&desk, "SOURCE_CONNECTED").await;
    assert_eq!(
        (entry.actor_kind.as_str(), entry.actor.as_str()),
        ("human", "ann")
    );
    assert_eq!(details(&entry)["excessAcceptedBy"], "ann");
    let digest = details(&entry)["excessReasonDigest"].clone();
    assert!(digest.as_str().unwrap().starts_with("sha256:"), "{digest}");
    for entry in desk.log().await {
        assert!(!entry.json.contains("Jones"), "{}", entry.json);
    }
    desk.app.close().await;
}

/// S0-23: a connection is taken up as it was, after one look at its rights.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_job_after_a_start_checks_the_rights_once() {
    let desk = Desk::unconnected().await;
    connect(&desk, ClientRole::OverPrivileged, Some("agreed")).await;
    let case_id = desk.verified_case().await;
    let desk = reopened(desk, async |_| ()).await;
    for _ in 0..2 {
        let found = desk.search(&case_id).await;
        assert_eq!(found.state, "done", "{:?}", found.failure);
    }
    let asked = desk.log().await.into_iter().filter_map(|it| {
        let details = details(&it);
        let is_health = details["work"] == "search" && details["purpose"] == "health";
        is_health.then(|| details["requests"].as_str().unwrap().to_owned())
    });
    // The divisions are asked for by each search; client, rights and organization by the first only.
    assert_eq!(asked.collect::<Vec<_>>(), ["4", "1"]);
    desk.app.close().await;
}

/// S0-22: rights that grew while the app was closed.
#[tokio::test(flavor = "multi_thread")]
async fn rights_that_nobody_accepted_stop_the_first_job() {
    let desk = Desk::unconnected().await;
    connect(&desk, ClientRole::OverPrivileged, Some("agreed")).await;
    let case_id = desk.verified_case().await;
    let desk = reopened(desk, async |store| {
        change_connection(store, |it| it["accepted"] = Value::Null).await;
    })
    .await;
    let found = desk.search(&case_id).await;
    assert_eq!(found.state, "failed");
    let failure = found.failure.unwrap();
    assert!(
        failure.contains("may do more than was accepted"),
        "{failure}"
    );
    assert!(failure.contains("gdpr:request:add"), "{failure}");
    only(&desk, "SOURCE_REFUSED").await;
    let stopped = only(&desk, "SEARCH_STOPPED").await;
    assert_eq!(details(&stopped)["why"], "source_unavailable");
    desk.app.close().await;
}

/// The list of a case belongs to one organization.
#[tokio::test(flavor = "multi_thread")]
async fn calls_are_not_retrieved_from_another_organization() {
    let desk = Desk::unconnected().await;
    connect(&desk, ClientRole::Standard, None).await;
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    let desk = reopened(desk, async |store| {
        let mut row = store.latest_search(&case_id).await.unwrap().unwrap();
        let mut record: Value = serde_json::from_str(row.result_json.reveal()).unwrap();
        assert!(
            record["sources"][0]["organization_id"]
                .as_str()
                .unwrap()
                .len()
                > 10
        );
        record["sources"][0]["organization_id"] = "another-organization".into();
        row.result_json = PersonalData::new(record.to_string());
        let mut tx = store.begin().await.unwrap();
        tx.insert_search(&row).await.unwrap();
        tx.commit().await.unwrap();
    })
    .await;
    desk.freeze(&case_id).await;
    let error = services::start_retrieval(&desk.app, case_ref(&case_id))
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::SourceUnavailable);
    assert!(
        error.to_string().contains("another organization"),
        "{error}"
    );
    desk.app.close().await;
}

/// The client was moved, or another organization answers under the same address.
#[tokio::test(flavor = "multi_thread")]
async fn another_organization_behind_the_same_client_stops_the_first_job() {
    let desk = Desk::unconnected().await;
    connect(&desk, ClientRole::Standard, None).await;
    let case_id = desk.verified_case().await;
    let desk = reopened(desk, async |store| {
        change_connection(store, |it| it["organization_id"] = "former".into()).await;
    })
    .await;
    let found = desk.search(&case_id).await;
    assert_eq!(found.state, "failed");
    assert!(found.failure.unwrap().contains("another organization"));
    desk.app.close().await;
}

/// B8: a gateway is no region, so nothing says where its media lies.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_must_name_its_media_hosts() {
    let desk = Desk::unconnected().await;
    let request = ConnectSourceReq {
        api_url: Some("https://genesys.example.org".to_owned()),
        login_url: Some("https://genesys.example.org".to_owned()),
        ..connection(&desk, ClientRole::Standard, None)
    };
    let error = services::connect_source(&desk.app, request)
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidInput);
    assert!(error.to_string().contains("hosts"), "{error}");
    desk.app.close().await;
}

/// B13: one person in two spellings is no second pair of eyes, and who came to the desk is on record.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_capitals_is_the_same_person() {
    let desk = Desk::unconnected().await;
    for name in ["Ann", " ANN "] {
        desk.sign_in(name, RoleName::CaseWorker).await;
        let status = services::get_status(&desk.app, Empty {}).await.unwrap();
        assert_eq!(status.person.unwrap().id, "ann");
    }
    desk.sign_in("Ann", RoleName::Approver).await;
    let signed_in = desk
        .log()
        .await
        .into_iter()
        .filter(|it| it.action == "SIGNED_IN");
    let signed_in: Vec<_> = signed_in
        .map(|it| (it.actor.clone(), details(&it)["role"].clone()))
        .collect();
    let expected = ["case_worker", "approver"].map(|role| ("ann".to_owned(), role.into()));
    assert_eq!(signed_in, expected);
    desk.app.close().await;
}

/// A stopped search leaves a trace.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_search_is_on_record() {
    let slow = Action::Delay { ms: 60_000 };
    let desk = Desk::with(SandboxOptions {
        scenario: Scenario::always("/api/v2/analytics/*", slow),
        ..SandboxOptions::default()
    })
    .await;
    let case_id = desk.verified_case().await;
    services::search_recordings(&desk.app, desk.demo_search(&case_id))
        .await
        .unwrap();
    desk.running(&case_id, "search").await;
    services::cancel_jobs(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    desk.idle(&case_id).await;
    let stopped = only(&desk, "SEARCH_STOPPED").await;
    assert_eq!(details(&stopped)["why"], "cancelled");
    only(&desk, "SEARCH_STARTED").await;
    desk.app.close().await;
}

/// S0-02, S0-40: that there is nothing is an answer too, when every source was seen completely.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_found_is_frozen_as_the_answer() {
    let desk = Desk::new().await;
    let case_id = desk.verified_case().await;
    let request = SearchReq {
        start: "2026-01-01T00:00".to_owned(),
        end: "2026-01-02T00:00".to_owned(),
        ..desk.demo_search(&case_id)
    };
    services::search_recordings(&desk.app, request)
        .await
        .unwrap();
    desk.idle(&case_id).await;
    let found = services::get_search(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    assert!(found.found.is_empty(), "{:?}", found.found);
    desk.freeze(&case_id).await;
    let case = services::get_case(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    assert_eq!(case.step, "deliver");
    let entry = only(&desk, "LIST_FROZEN").await;
    assert_eq!(details(&entry)["calls"], "0");
    assert_eq!(details(&entry)["coverage"], "complete");
    desk.app.close().await;
}

/// Leaving everything out is no finding of nothing, and a wrong number is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_not_emptied_by_exclusions() {
    let desk = Desk::new().await;
    let case_id = desk.verified_case().await;
    let count = u32::try_from(desk.search(&case_id).await.found.len()).unwrap();
    let freeze = async |indexes: std::ops::Range<u32>| {
        let excluded = indexes.map(|index| Exclusion {
            index,
            ground: ExclusionGround::NotTheRequestor,
            note: None,
        });
        let request = FreezeReq {
            case_id: case_id.clone(),
            excluded: excluded.collect(),
            orphans: Vec::new(),
            partial_reason: None,
        };
        services::freeze_list(&desk.app, request)
            .await
            .unwrap_err()
            .to_string()
    };
    let all = freeze(0..count).await;
    assert!(all.contains("leave fewer calls out"), "{all}");
    let outside = freeze(count..count + 1).await;
    assert!(
        outside.contains(&format!("number {count} is not on the list")),
        "{outside}"
    );
    desk.app.close().await;
}
