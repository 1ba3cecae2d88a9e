//! Conversation detail: the asynchronous job, the synchronous query, one conversation.

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Org,
    answer::Refusal,
    detail::{Attributes, detail, utc},
    filter,
    guard::Caller,
    index::{self, Selects},
};
use crate::state::Search;

const NEEDED: [&str; 2] = [
    "analytics:conversationDetail:view",
    "analytics:agentConversationDetail:view",
];
/// Results of a job are kept for a day.
const RESULTS_KEPT: SignedDuration = SignedDuration::from_hours(24);
const DEFAULT_PAGE: usize = 1000;
const MAX_JOB_PAGE: usize = 10_000;
const MAX_QUERY_PAGE: usize = 100;

/// `AsyncConversationQuery` and `ConversationQuery`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    pub(super) interval: String,
    #[serde(default)]
    pub(super) conversation_filters: Vec<filter::Filter>,
    #[serde(default)]
    pub(super) segment_filters: Vec<filter::Filter>,
    pub(super) order: Option<String>,
    paging: Option<Paging>,
    limit: Option<usize>,
    #[serde(default)]
    start_of_day_interval_matching: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paging {
    page_size: usize,
    page_number: usize,
}

/// Paging of a job's results.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    page_size: Option<usize>,
    cursor: Option<String>,
}

/// `GET …/jobs/availability`.
pub(crate) async fn availability(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&NEEDED)?;
    let date = index::available_until(&organization);
    Ok(Json(json!({ "dataAvailabilityDate": utc(date) })))
}

/// `POST …/jobs`.
pub(crate) async fn submit(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    body: Result<Json<Body>, axum::extract::rejection::JsonRejection>,
) -> Result<Response, Refusal> {
    caller.need_any(&NEEDED)?;
    let body = readable(body)?;
    let selects = if body.start_of_day_interval_matching {
        Selects::StartDay
    } else {
        Selects::Activity
    };
    let until_utc = index::available_until(&organization);
    let mut conversations = index::matching(
        &organization,
        &body,
        selects,
        Attributes::Included,
        until_utc,
    )?;
    conversations.truncate(body.limit.unwrap_or(usize::MAX));
    let search = Search {
        conversations,
        polls: 0,
        submitted_utc: organization.now_utc(),
    };
    let id = uuid::Uuid::new_v4().to_string();
    let mut memory = organization.memory();
    memory
        .searches
        .retain(|_, known| search.submitted_utc.duration_since(known.submitted_utc) < RESULTS_KEPT);
    memory.searches.insert(id.clone(), search);
    memory.most_searches = memory.most_searches.max(memory.searches.len());
    Ok((StatusCode::ACCEPTED, Json(json!({ "jobId": id }))).into_response())
}

/// `GET …/jobs/{jobId}`: queued, then pending, then fulfilled.
pub(crate) async fn status(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    caller.need_any(&NEEDED)?;
    let now_utc = organization.now_utc();
    let mut memory = organization.memory();
    let search = memory.searches.get_mut(&id).ok_or_else(no_such_job)?;
    search.polls = search.polls.saturating_add(1);
    let state = state(search);
    let mut body = json!({ "state": state, "submissionDate": utc(search.submitted_utc) });
    if state != "FULFILLED" {
        return Ok((StatusCode::ACCEPTED, Json(body)).into_response());
    }
    body["completionDate"] = utc(now_utc).into();
    body["expirationDate"] = utc(search.submitted_utc + RESULTS_KEPT).into();
    Ok(Json(body).into_response())
}

/// `GET …/jobs/{jobId}/results`.
pub(crate) async fn results(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&NEEDED)?;
    let size = page.page_size.unwrap_or(DEFAULT_PAGE);
    if size == 0 || size > MAX_JOB_PAGE {
        return Err(Refusal::bad_request(
            "response.entity.too.large",
            "The response is over the size limit. Reduce pageSize or expand list to reduce response size if applicable",
        ));
    }
    let from = page.cursor.map_or(Ok(0), |cursor| offset(&id, &cursor))?;
    let memory = organization.memory();
    let search = memory.searches.get(&id).ok_or_else(no_such_job)?;
    if state(search) != "FULFILLED" {
        return Err(Refusal::bad_request(
            "bad.request",
            "The job is not fulfilled; its results cannot be read yet",
        ));
    }
    let until = (from + size).min(search.conversations.len());
    let conversations = search.conversations.get(from..until).unwrap_or_default();
    let mut body = json!({
        "conversations": conversations,
        "dataAvailabilityDate": utc(index::available_until(&organization)),
    });
    if until < search.conversations.len() {
        body["cursor"] = cursor(&id, until).into();
    }
    Ok(Json(body))
}

/// `DELETE …/jobs/{jobId}`.
pub(crate) async fn cancel(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    caller.need_any(&NEEDED)?;
    organization
        .memory()
        .searches
        .remove(&id)
        .ok_or_else(no_such_job)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST …/details/query`.
pub(crate) async fn query(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    body: Result<Json<Body>, axum::extract::rejection::JsonRejection>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&NEEDED)?;
    let body = readable(body)?;
    index::check_reach(&body)?;
    let (size, number) = body
        .paging
        .as_ref()
        .map_or((25, 1), |p| (p.page_size, p.page_number));
    if size == 0 || size > MAX_QUERY_PAGE || number == 0 {
        return Err(Refusal::bad_request(
            "bad.request",
            "pageSize must be 1 to 100 and pageNumber at least 1",
        ));
    }
    let until_utc = index::shown_until(&organization);
    let all = index::matching(
        &organization,
        &body,
        Selects::StartDay,
        Attributes::LeftOut,
        until_utc,
    )?;
    let page: Vec<_> = all
        .iter()
        .skip((number - 1).saturating_mul(size))
        .take(size)
        .collect();
    let mut answer = json!({ "totalHits": all.len() });
    if !page.is_empty() {
        answer["conversations"] = json!(page);
    }
    Ok(Json(answer))
}

/// `GET /api/v2/analytics/conversations/{conversationId}/details`.
pub(crate) async fn one(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&NEEDED)?;
    let conversation = organization.conversation(&id).ok_or_else(|| {
        Refusal::not_found("not.found", "The requested conversation was not found.")
    })?;
    Ok(Json(detail(conversation, Attributes::LeftOut)))
}

fn readable(
    body: Result<Json<Body>, axum::extract::rejection::JsonRejection>,
) -> Result<Body, Refusal> {
    let Json(body) =
        body.map_err(|error| Refusal::bad_request("bad.request", error.body_text()))?;
    Ok(body)
}

fn no_such_job() -> Refusal {
    Refusal::not_found(
        "not.found",
        "The requested job was not found or its results have expired.",
    )
}

const fn state(search: &Search) -> &'static str {
    match search.polls {
        0 | 1 => "QUEUED",
        2 => "PENDING",
        _ => "FULFILLED",
    }
}

/// Opaque to clients; bound to its job so that a cursor of another job is refused.
fn cursor(job: &str, offset: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{job}/{offset}")) + "=="
}

fn offset(job: &str, cursor: &str) -> Result<usize, Refusal> {
    let decode = || {
        let text =
            String::from_utf8(URL_SAFE_NO_PAD.decode(cursor.trim_end_matches('=')).ok()?).ok()?;
        text.strip_prefix(job)?.strip_prefix('/')?.parse().ok()
    };
    decode().ok_or_else(|| {
        Refusal::bad_request(
            "invalid.query.param.value",
            "The cursor is not valid for this job",
        )
    })
}
