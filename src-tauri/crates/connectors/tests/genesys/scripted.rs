//! A small organization that answers from a script and counts how it is asked.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::State,
    http::{Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use connectors::source::Source;
use sandbox::Credentials;
use serde_json::{Value, json};

use super::support::{ManualClock, connect};

const CLIENT: Credentials = Credentials {
    client_id: "id",
    client_secret: "secret",
};

/// What a small organization says, and what it was asked.
#[derive(Default)]
pub(crate) struct Script {
    /// Conversations of the job and of the query.
    pub(crate) history: Vec<Value>,
    pub(crate) recent: Vec<Value>,
    /// Recordings of each conversation; two odd ones when left out.
    pub(crate) recordings: Option<Value>,
    /// Answers of the query that show nothing yet, and all that were given.
    pub(crate) lagging_queries: u32,
    pub(crate) lagging_total: u64,
    pub(crate) queries: AtomicU32,
    /// Lists of recordings that show nothing yet.
    pub(crate) lagging_lists: AtomicU32,
    /// More hits than the query gives.
    pub(crate) announced: u64,
    /// The second page, and how many calls it announces.
    pub(crate) second_page: Option<(Vec<Value>, u64)>,
    pub(crate) repeats_cursor: bool,
    pub(crate) grant_type: &'static str,
    /// Roles of the client beside the one it has in two divisions.
    pub(crate) more_roles: u32,
    pub(crate) empty_pending: AtomicU32,
    /// When the limit is over, and how many requests came before that.
    pub(crate) limited_until: Mutex<Option<Instant>>,
    pub(crate) limits_once: AtomicU32,
    pub(crate) violations: AtomicU32,
}

async fn answer(
    State(script): State<Arc<Script>>,
    method: Method,
    uri: Uri,
    asked: axum::body::Bytes,
) -> Response {
    let path = uri.path();
    if let Some(refusal) = limit(&script, path) {
        return refusal;
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    let body = match (method.as_str(), last) {
        (_, "token") => json!({"access_token": "t", "token_type": "bearer", "expires_in": 3600}),
        // The token's client and its organization; grants are not to be had here, roles are.
        (_, "me") if path.ends_with("subjects/me") => return StatusCode::FORBIDDEN.into_response(),
        (_, "me") => json!({
            "name": "Odd Ltd",
            "OAuthClient": {
                "authorizedGrantType": (script.grant_type != "null").then_some(script.grant_type),
                "roleDivisions": role_divisions(script.more_roles),
            },
        }),
        (_, role) if role.starts_with("role-") && role != "role-1" => {
            json!({"permissionPolicies": []})
        }
        (_, "role-1") => json!({"permissionPolicies": [
            {"domain": "recording", "entityName": "*", "actionSet": ["view"]},
            {"domain": "gdpr", "entityName": "request", "actionSet": ["*"]},
        ]}),
        (_, "availability") => json!({"dataAvailabilityDate": "2026-03-01T00:00:00.000Z"}),
        ("POST", "jobs") => json!({"jobId": "j"}),
        (_, "j") if count_down(&script.empty_pending) => {
            return StatusCode::ACCEPTED.into_response();
        }
        (_, "j") => json!({"state": "FULFILLED"}),
        (_, "results") if script.repeats_cursor => json!({"cursor": "again"}),
        (_, "results") => json!({"conversations": script.history, "newField": {"x": 1}}),
        (_, "query") if script.queries.fetch_add(1, Ordering::SeqCst) < script.lagging_queries => {
            json!({"totalHits": script.lagging_total})
        }
        (_, "query") if is_second_page(&asked) && script.second_page.is_some() => {
            let (calls, announced) = script.second_page.as_ref().unwrap();
            json!({"conversations": calls, "totalHits": announced})
        }
        (_, "query") => json!({"conversations": script.recent, "totalHits": script.announced}),
        (_, "recordingmetadata") if count_down(&script.lagging_lists) => json!([]),
        (_, "recordingmetadata") => script
            .recordings
            .clone()
            .unwrap_or_else(|| odd_recordings(path)),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    Json(body).into_response()
}

fn is_second_page(asked: &[u8]) -> bool {
    let asked: Value = serde_json::from_slice(asked).unwrap_or_default();
    asked["paging"]["pageNumber"] == 2
}

fn odd_recordings(path: &str) -> Value {
    json!([
        {"id": format!("r-{path}"), "media": "audio", "fileState": "FROZEN", "mediaSubtype": "Hologram"},
        {"id": "s", "media": "screen"},
    ])
}

fn role_divisions(more: u32) -> Vec<Value> {
    let pair = |role: u32, division: u32| json!({"roleId": format!("role-{role}"), "divisionId": format!("division-{division}")});
    let more = (2..2 + more).map(|role| pair(role, 1));
    [pair(1, 1), pair(1, 2)].into_iter().chain(more).collect()
}

fn count_down(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
        left.checked_sub(1)
    })
    .is_ok()
}

/// Refuses once, then counts whoever comes before the time is over.
fn limit(script: &Script, path: &str) -> Option<Response> {
    let mut until = script.limited_until.lock().unwrap();
    if let Some(until) = *until
        && Instant::now() < until
    {
        script.violations.fetch_add(1, Ordering::SeqCst);
    }
    let is_due = path.ends_with("recordingmetadata")
        && until.is_none()
        && script.limits_once.load(Ordering::SeqCst) > 0;
    is_due.then(|| {
        *until = Some(Instant::now() + Duration::from_secs(1));
        (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response()
    })
}

/// Starts it at 12:00 on 3 March, with a client that waits hardly at all.
pub(crate) async fn organization(script: Script) -> (Source, Arc<Script>) {
    let (url, script) = serve(script).await;
    let clock = ManualClock::at("2026-03-03T12:00:00Z");
    (connect(&url, &url, CLIENT, &clock).0, script)
}

/// Starts the host alone.
pub(crate) async fn serve(script: Script) -> (String, Arc<Script>) {
    let script = Arc::new(Script {
        empty_pending: AtomicU32::new(2),
        grant_type: if script.grant_type.is_empty() {
            "CLIENT-CREDENTIALS"
        } else {
            script.grant_type
        },
        announced: script.announced.max(script.recent.len() as u64),
        ..script
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(script.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, script)
}

pub(crate) fn call(id: &str, start: &str, ani: &str) -> Value {
    json!({
        "conversationId": id,
        "conversationStart": start,
        "conversationEnd": start,
        "participants": [{"sessions": [{"mediaType": "voice", "ani": ani}]}],
    })
}
