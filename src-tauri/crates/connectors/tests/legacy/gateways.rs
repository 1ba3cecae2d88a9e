//! The connector to a gateway of this product, against a host that answers oddly.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{Json, Router, extract::State, routing::post};
use connectors::{
    gateway::{Gateway, GatewayConfig},
    genesys::Polling,
    http::{Http, HttpOptions},
    source::Source,
};
use domain::{
    ids::SourceId,
    search::{Coverage, Identifier, SearchCriteria},
    sensitive::{PersonalData, Secret},
    time_range::TimeRange,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

type Asked = Arc<AtomicU32>;

async fn token() -> Json<Value> {
    Json(json!({"access_token": "t", "token_type": "bearer", "expires_in": 3600}))
}

/// Gives the same place to go on from for ever.
async fn search(State(asked): State<Asked>) -> Json<Value> {
    asked.fetch_add(1, Ordering::SeqCst);
    Json(json!({"recordings": [], "coverage": [], "after": "again", "total": 7}))
}

async fn gateway() -> (Source, Asked) {
    let asked = Asked::default();
    let router = Router::new()
        .route("/oauth/token", post(token))
        .route("/api/v2/recordings/recordings/search", post(search))
        .with_state(asked.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = GatewayConfig {
        source_id: SourceId::new("all").unwrap(),
        url,
        client_id: "desk".to_owned(),
        client_secret: Secret::new("secret".to_owned()),
        polling: Polling::default(),
    };
    let http = Http::new(HttpOptions::default()).unwrap();
    let clock = Arc::new(|| jiff::Timestamp::UNIX_EPOCH);
    let gateway = Gateway::new(config, &http, clock).unwrap();
    (Source::Gateway(gateway), asked)
}

// S0-35
#[tokio::test]
async fn an_after_token_that_comes_again_ends_the_search_and_says_so() {
    let (source, asked) = gateway().await;
    let criteria = SearchCriteria {
        identifiers: vec![Identifier::Phone(PersonalData::new(
            "+15551234567".to_owned(),
        ))],
        range: TimeRange {
            start_utc: "2026-03-01T00:00:00Z".parse().unwrap(),
            end_utc: "2026-03-02T00:00:00Z".parse().unwrap(),
        },
        agent_id: None,
        queue_id: None,
    };
    let result = source.search(&criteria, &CancellationToken::new()).await;
    let (Coverage::Partial { reason } | Coverage::Failed { reason }) = &result.coverage else {
        panic!("{:?}", result.coverage);
    };
    assert!(reason.contains("repeats the page"), "{reason}");
    assert_eq!(
        asked.load(Ordering::SeqCst),
        2,
        "once with the token, once too often"
    );
}
