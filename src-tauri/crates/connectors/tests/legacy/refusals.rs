//! What is refused before a request is sent, and what never leaves for another host.

use axum::{Json, Router, http::HeaderMap, routing::get};
use connectors::{
    http::Http,
    legacy::{LegacyConfigError, LegacyRest, RestSettings},
    source::FetchError,
};
use domain::sensitive::Secret;
use serde_json::{Value, json};

use super::support::{AMELIA, cisco, fetch, phone, quick, rest, search, years};

fn configured(settings: Value) -> Result<LegacyRest, LegacyConfigError> {
    let settings: RestSettings = serde_json::from_value(settings).unwrap();
    let http = Http::new(quick()).unwrap();
    LegacyRest::new(settings, &Secret::new("s".to_owned()), http)
}

fn with(pointer: &str, value: Value) -> Value {
    let mut settings = cisco("https://recorder.example.org");
    *settings.pointer_mut(pointer).unwrap() = value;
    settings
}

// S1-08
#[test]
fn plain_http_is_refused_except_on_this_machine() {
    for (endpoint, is_allowed) in [
        ("https://recorder.example.org/api", true),
        ("http://127.0.0.1:8080", true),
        ("http://recorder.example.org", false),
        ("http://10.0.0.7", false),
        ("https://svc:secret@recorder.example.org", false),
        ("recorder", false),
    ] {
        let made = configured(with("/api_endpoint", json!(endpoint)));
        assert_eq!(made.is_ok(), is_allowed, "{endpoint}");
    }
}

// S0-32, S1-40
#[test]
fn settings_that_cannot_work_are_refused_before_any_request() {
    let zone = configured(with("/fields", json!({"start": "/s"})));
    assert!(zone.is_ok());
    for (pointer, value) in [
        ("/id", json!("")),
        ("/media/describe/path", json!("/sessions/{sesion}")),
        ("/search/call/body/cursor", json!("{nothing}")),
    ] {
        assert!(configured(with(pointer, value)).is_err(), "{pointer}");
    }
    let mut settings = cisco("https://recorder.example.org");
    settings["zone"] = json!("Europe/Nowhere");
    assert!(matches!(configured(settings), Err(LegacyConfigError::Zone)));
    let mut settings = cisco("https://recorder.example.org");
    settings["password"] = json!("s3cret");
    let error = serde_json::from_value::<RestSettings>(settings).unwrap_err();
    assert!(error.to_string().contains("password"), "{error}");
}

/// A recorder whose description leads elsewhere. // S1-41
#[tokio::test]
async fn credentials_are_not_sent_to_a_host_that_a_description_names() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let session = json!({"sessions": [{
        "sessionId": "1", "sessionStartDate": 1_714_983_300_000_i64, "sessionDuration": 1000,
        "tracks": [{"participants": [{"deviceRef": AMELIA}]}],
        "urls": {"wavUrl": "http://127.0.0.1:9/elsewhere.wav"},
    }]});
    let signed_in = |headers: HeaderMap| headers["authorization"] == "Bearer t";
    let answer = move |headers: HeaderMap| async move {
        assert!(signed_in(headers));
        Json(session)
    };
    let router = Router::new().route("/{*path}", get(answer.clone()).post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let source = rest(cisco(&url), "t");
    let result = search(&source, vec![phone(AMELIA)], years(2024, 2025)).await;
    let error = fetch(&source, &result.found[0]).await.0.unwrap_err();
    let FetchError::Unavailable { reason, retry } = &error else {
        panic!("{error:?}")
    };
    assert!(reason.contains("another host") && !retry, "{reason}");
}

#[test]
fn a_certificate_that_is_none_is_refused() {
    let mut settings = cisco("https://recorder.example.org");
    settings["auth_type"] = json!("client_certificate");
    let settings: RestSettings = serde_json::from_value(settings).unwrap();
    let secret = Secret::new("not a certificate".to_owned());
    assert!(Http::new(settings.http_options(quick(), &secret)).is_err());
}
