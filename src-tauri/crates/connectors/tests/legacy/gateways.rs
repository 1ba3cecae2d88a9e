//! The connector to a gateway of this product, against a host that answers oddly.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use connectors::{
    gateway::{Gateway, GatewayConfig},
    genesys::Polling,
    http::{Http, HttpOptions, RetryPolicy},
    source::{FetchError, MediaRequest, Source},
};
use domain::{
    ids::{ConversationId, RecordingId, SourceId},
    recording::MediaFormat,
    search::{Coverage, Identifier, SearchCriteria},
    sensitive::{PersonalData, Secret},
    time_range::TimeRange,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::support::MemorySink;

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
    (connected(router).await, asked)
}

async fn connected(router: Router) -> Source {
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
    let options = HttpOptions {
        retry: RetryPolicy::default().sped_up(1_000),
        ..HttpOptions::default()
    };
    let http = Http::new(options).unwrap();
    let clock = Arc::new(|| jiff::Timestamp::UNIX_EPOCH);
    Source::Gateway(Gateway::new(config, &http, clock).unwrap())
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

/// Length of the recording behind [`Breaking`].
const LENGTH: usize = 100_000;
/// Bytes after which every answer breaks off.
const BREAKS_AFTER: usize = 30_000;

/// A gateway whose answers break off, and how it continues them.
#[derive(Clone)]
struct Breaking {
    sound: Arc<Vec<u8>>,
    /// Whether it has another version each time.
    changes: bool,
    asked: Asked,
}

impl Breaking {
    fn new(changes: bool) -> Self {
        let mut sound: Vec<u8> = (0..LENGTH).map(|it| (it % 251) as u8).collect();
        sound[..4].copy_from_slice(b"ID3\x04");
        Self {
            sound: Arc::new(sound),
            changes,
            asked: Asked::default(),
        }
    }

    async fn connected(&self) -> Source {
        let about = json!({"id": "r", "media_state": "available", "locations": []});
        let router = Router::new()
            .route("/oauth/token", post(token))
            .route("/api/v2/recordings/r", get(|| async { Json(about) }))
            .route("/api/v2/recordings/r/media", get(media))
            .with_state(self.clone());
        connected(router).await
    }
}

/// The whole in chunks, without a length; a part with one. Each breaks off.
async fn media(State(it): State<Breaking>, headers: HeaderMap) -> Response {
    let count = it.asked.fetch_add(1, Ordering::SeqCst);
    let version = if it.changes { count } else { 0 };
    let tag = format!("\"{version}\"");
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    let from = text(header::RANGE).and_then(|it| it.strip_prefix("bytes=")?.strip_suffix('-'));
    let from = from.filter(|_| text(header::IF_RANGE) == Some(tag.as_str()));
    let begin = from.map_or(0, |it| it.parse::<usize>().unwrap());
    let end = LENGTH.min(begin + BREAKS_AFTER);
    let piece = it.sound[begin..end].to_vec();
    let broken = end < LENGTH;
    let pieces = futures_util::stream::unfold(0, move |turn| {
        let piece = piece.clone();
        async move {
            // The server sends what it has while it waits for the next piece.
            tokio::task::yield_now().await;
            match turn {
                0 => Some((Ok(piece), 1)),
                1 if broken => Some((Err(std::io::Error::other("it breaks off")), 2)),
                _ => None,
            }
        }
    });
    let body = Body::from_stream(pieces);
    let mut response = ([(header::ETAG, tag)], body).into_response();
    if from.is_some() {
        let range = format!("bytes {begin}-{}/{LENGTH}", LENGTH - 1);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_RANGE, range.parse().unwrap());
        headers.insert(header::CONTENT_LENGTH, (LENGTH - begin).into());
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

async fn fetch(source: &Source) -> Result<Vec<u8>, FetchError> {
    let request = MediaRequest {
        conversation: ConversationId::new("c").unwrap(),
        recording: RecordingId::new("r").unwrap(),
        communication: None,
        format: MediaFormat::Wav,
    };
    let mut sink = MemorySink::default();
    let cancel = CancellationToken::new();
    source.fetch_media(&request, &mut sink, &cancel).await?;
    Ok(sink.0)
}

// S1-37
#[tokio::test]
async fn a_body_in_chunks_that_breaks_off_goes_on_where_it_broke() {
    let gateway = Breaking::new(false);
    let fetched = fetch(&gateway.connected().await).await.unwrap();
    assert!(fetched == *gateway.sound, "{} bytes", fetched.len());
    let asked = gateway.asked.load(Ordering::SeqCst) as usize;
    assert_eq!(asked, LENGTH.div_ceil(BREAKS_AFTER));
}

#[tokio::test]
async fn parts_of_two_versions_never_become_one_recording() {
    let gateway = Breaking::new(true);
    let error = fetch(&gateway.connected().await).await.unwrap_err();
    assert!(
        matches!(error, FetchError::Unavailable { retry: true, .. }),
        "{error:?}"
    );
}
