//! A recorder in the manner of Avaya's: Basic sign-in, pages by number, local times, A-law.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{LegacyCall, LegacyRecorders, Recorder, Shared, calls, is_signed_in};
use crate::media;

/// Recordings of a page at most.
const MAX_PAGE: usize = 200;

/// The recorder's clock.
const ZONE: &str = "Europe/London";

#[derive(Debug, Deserialize)]
struct Wanted {
    from: Timestamp,
    to: Timestamp,
    number: Option<String>,
    #[serde(default = "first")]
    page: usize,
    #[serde(default = "some")]
    size: usize,
}

const fn first() -> usize {
    1
}

const fn some() -> usize {
    50
}

pub(super) fn router(recorder: Arc<Recorder>) -> Router {
    Router::new()
        .route("/api/calls", get(search))
        .route("/api/calls/{id}", get(one))
        .route("/api/calls/{id}/audio", get(audio))
        .layer(middleware::from_fn_with_state(Arc::clone(&recorder), admit))
        .with_state(recorder)
}

async fn admit(State(recorder): Shared, request: Request, next: Next) -> Response {
    let (user, password) = LegacyRecorders::AVAYA_ACCOUNT;
    let expected = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    if !is_signed_in(request.headers(), &expected) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    recorder.think().await;
    next.run(request).await
}

async fn search(Query(wanted): Query<Wanted>) -> Response {
    if wanted.page == 0 || wanted.size == 0 || wanted.size > MAX_PAGE {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let national = |number: &str| number.replacen("+44", "0", 1);
    let is_wanted = |call: &LegacyCall| {
        call.start_utc < wanted.to
            && call.end_utc > wanted.from
            && wanted.number.as_ref().is_none_or(|it| {
                let digits = it.trim_start_matches('+');
                call.number.trim_start_matches('+') == digits || national(&call.number) == *it
            })
    };
    let found: Vec<_> = held().filter(is_wanted).collect();
    let page = found.iter().skip((wanted.page - 1) * wanted.size);
    let page: Vec<_> = page.take(wanted.size).map(described).collect();
    Json(json!({"calls": page, "page": wanted.page, "total": found.len()})).into_response()
}

async fn one(Path(id): Path<String>) -> Response {
    match held().find(|call| call.id == id) {
        Some(call) => Json(json!({"calls": [described(&call)]})).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn audio(State(recorder): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let call = held().find(|call| call.id == id && !call.is_deleted);
    let Some(call) = call else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match recorder.sound(&call).await {
        // Whatever the codec, this recorder calls it WAV. // S1-33
        Some(bytes) => media::object(bytes, "audio/x-wav", &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn held() -> impl Iterator<Item = LegacyCall> {
    calls::all()
        .into_iter()
        .filter(|call| call.recorder == "avaya")
}

/// As a person at the recorder would read it: local times, a national number, seconds.
fn described(call: &LegacyCall) -> Value {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let local = call.start_utc.to_zoned(zone).datetime();
    let seconds = call.end_utc.duration_since(call.start_utc).as_secs_f64();
    json!({
        "id": call.id,
        "ucid": call.call_id,
        "startLocal": local.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        "startUtc": format!("{:.3}", call.start_utc),
        "lengthS": seconds,
        "otherParty": call.number.replacen("+44", "0", 1),
        "extension": "4711",
        "agent": "Desk 4711",
        "skill": "Household",
        "customer": call.customer_id,
        "codec": call.codec,
        "deletedOn": call.is_deleted.then_some("2025-11-10"),
    })
}
