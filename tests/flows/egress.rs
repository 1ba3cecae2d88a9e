//! What leaves this machine: every byte is on record, and only known hosts are asked. // B8

use std::collections::{BTreeMap, BTreeSet};

use domain::sensitive::Secret;
use serde_json::Value;
use services::api::*;

use super::support::Desk;

/// Bytes to and from each host.
type PerHost = BTreeMap<String, (u64, u64)>;

pub(crate) fn details(entry: &AuditEntryView) -> Value {
    let json: Value = serde_json::from_str(&entry.json).unwrap();
    json["details"].clone()
}

fn number(details: &Value, name: &str) -> u64 {
    details[name].as_str().unwrap().parse().unwrap()
}

async fn on_record(desk: &Desk) -> PerHost {
    let mut hosts = PerHost::new();
    for entry in desk.log().await {
        if entry.action == "EGRESS" {
            let details = details(&entry);
            let host = details["host"].as_str().unwrap().to_owned();
            let sums = hosts.entry(host).or_default();
            sums.0 += number(&details, "sentBytes");
            sums.1 += number(&details, "receivedBytes");
        }
    }
    hosts
}

fn on_the_wire(desk: &Desk) -> PerHost {
    let traffic = desk.sandbox.traffic().into_iter();
    traffic
        .map(|it| {
            let host = it.url.trim_start_matches("http://").to_owned();
            (host, (it.received_bytes, it.sent_bytes))
        })
        .collect()
}

/// The whole case up to the retrieved calls: the log has the hosts and bytes that the other side counted.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_every_byte_that_left_and_came() {
    let desk = Desk::new().await;
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    desk.freeze(&case_id).await;
    let calls = desk.retrieve(&case_id).await;
    assert_eq!(on_record(&desk).await, on_the_wire(&desk));

    let entries: Vec<_> = desk.log().await;
    let egress: Vec<_> = entries.iter().filter(|it| it.action == "EGRESS").collect();
    let purposes: BTreeSet<_> = egress
        .iter()
        .map(|it| details(it)["purpose"].as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "health",
        "media",
        "metadata",
        "search",
        "sign_in",
        "transcript",
    ];
    assert_eq!(purposes, expected.map(str::to_owned).into());
    let of_calls: BTreeSet<_> = egress
        .iter()
        .filter_map(|it| details(it)["call"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(
        of_calls.len(),
        calls.calls.len(),
        "each call has its own lines"
    );
    let of_case = |it: &&&AuditEntryView| it.case_id.as_deref() == Some(case_id.as_str());
    let outside = egress.len() - egress.iter().filter(of_case).count();
    assert_eq!(outside, 2, "only the connection belongs to no case");
    desk.app.close().await;
}

/// A failed connection let something out as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_connection_is_on_record_too() {
    let desk = Desk::new().await;
    let urls = desk.sandbox.urls();
    let (api, login, media) = (&urls.api_url, &urls.login_url, &urls.media_url);
    let wrong = Secret::new("not the secret".to_owned());
    let id = desk.sandbox.credentials().client_id;
    services::connect_sandbox(&desk.app, api, login, media, id, wrong)
        .await
        .unwrap_err();
    assert_eq!(on_record(&desk).await, {
        let mut wire = on_the_wire(&desk);
        wire.retain(|_, bytes| *bytes != (0, 0));
        wire
    });
    desk.app.close().await;
}

/// Storage elsewhere than configured: nothing is sent there, and each call says so.
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_is_refused_before_anything_is_sent() {
    let desk = Desk::new().await;
    let urls = desk.sandbox.urls();
    let login = desk.sandbox.credentials();
    services::connect_sandbox(
        &desk.app,
        &urls.api_url,
        &urls.login_url,
        "http://127.0.0.1:9",
        login.client_id,
        Secret::new(login.client_secret.to_owned()),
    )
    .await
    .unwrap();
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    desk.freeze(&case_id).await;
    let calls = desk.retrieve(&case_id).await;
    let unavailable: Vec<_> = calls
        .calls
        .iter()
        .filter(|call| call.end_state == "unavailable")
        .collect();
    assert!(unavailable.len() >= 2, "{:?}", calls.calls);
    let media_host = urls.media_url.trim_start_matches("http://");
    assert_eq!(on_the_wire(&desk)[media_host], (0, 0), "nothing was sent");
    assert!(!on_record(&desk).await.contains_key(media_host));
    desk.app.close().await;
}

/// The built-in organization is on this machine, or it is none.
#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_organization_is_nowhere_else() {
    let desk = Desk::new().await;
    let urls = desk.sandbox.urls().clone();
    let elsewhere = "https://api.mypurecloud.de".to_owned();
    for (api, login, media) in [
        (&elsewhere, &urls.login_url, &urls.media_url),
        (&urls.api_url, &elsewhere, &urls.media_url),
        (&urls.api_url, &urls.login_url, &elsewhere),
    ] {
        let secret = Secret::new("secret".to_owned());
        let error = services::connect_sandbox(&desk.app, api, login, media, "id", secret)
            .await
            .unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidInput, "{error}");
    }
    let status = services::get_status(&desk.app, Empty {}).await.unwrap();
    assert!(!status.sources.is_empty(), "the former connection stays");
    desk.app.close().await;
}
