//! A recorder in the manner of Cisco's: a bearer token, a body to search with, a cursor, milliseconds, µ-law.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{LegacyCall, LegacyRecorders, Recorder, Shared, calls, is_signed_in};
use crate::media;

/// What a search says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    start_from: i64,
    start_to: i64,
    limit: usize,
    cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Named {
    value: String,
}

pub(super) fn router(recorder: Arc<Recorder>) -> Router {
    Router::new()
        .route("/ora/queryService/query/getSessions", post(search))
        .route("/ora/queryService/query/getSessionBySessionId", get(one))
        .route("/recordedMedia/{file}", get(sound))
        .layer(middleware::from_fn_with_state(Arc::clone(&recorder), admit))
        .with_state(recorder)
}

async fn admit(State(recorder): Shared, request: Request, next: Next) -> Response {
    let expected = format!("Bearer {}", LegacyRecorders::CISCO_TOKEN);
    if !is_signed_in(request.headers(), &expected) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    recorder.think().await;
    next.run(request).await
}

async fn search(Json(wanted): Json<Wanted>) -> Response {
    let from = wanted.cursor.as_deref().map_or(Some(0), offset);
    let Some(from) = from.filter(|_| wanted.limit > 0) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let range = wanted.start_from..wanted.start_to;
    let found: Vec<_> = held()
        .filter(|call| range.contains(&call.start_utc.as_millisecond()))
        .collect();
    let page: Vec<_> = found
        .iter()
        .skip(from)
        .take(wanted.limit)
        .map(session)
        .collect();
    let next = from + page.len();
    let cursor = (next < found.len()).then(|| format!("c-{next:04}-x"));
    Json(json!({"responseCode": 2000, "sessions": page, "nextCursor": cursor})).into_response()
}

fn offset(cursor: &str) -> Option<usize> {
    cursor.strip_prefix("c-")?.strip_suffix("-x")?.parse().ok()
}

async fn one(Query(Named { value }): Query<Named>) -> Response {
    let sessions: Vec<_> = held().filter(|call| call.id == value).collect();
    let sessions: Vec<_> = sessions.iter().map(session).collect();
    Json(json!({"responseCode": 2000, "sessions": sessions})).into_response()
}

async fn sound(State(recorder): Shared, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let id = file.strip_suffix(".wav").unwrap_or(&file);
    let Some(call) = held().find(|call| call.id == id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match recorder.sound(&call).await {
        Some(bytes) => media::object(bytes, "audio/wav", &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn held() -> impl Iterator<Item = LegacyCall> {
    calls::all()
        .into_iter()
        .filter(|call| call.recorder == "cisco")
}

fn session(call: &LegacyCall) -> Value {
    let length = call.end_utc.duration_since(call.start_utc);
    json!({
        "sessionId": call.id,
        "ccid": call.call_id,
        "sessionStartDate": call.start_utc.as_millisecond(),
        "sessionDuration": length.as_millis() as i64,
        "tracks": [
            {"codec": "PCMU", "participants": [{"deviceRef": "4711"}]},
            {"codec": "PCMU", "participants": [{"deviceRef": call.number.trim_start_matches('+')}]},
        ],
        "urls": {"wavUrl": format!("/recordedMedia/{}.wav", call.id)},
    })
}
