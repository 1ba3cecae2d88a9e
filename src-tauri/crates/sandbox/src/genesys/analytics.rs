//! Conversation detail: the asynchronous job, the synchronous query, one conversation.

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Org,
    answer::Refusal,
    detail::{Attributes, detail, utc},
    filter,
    guard::Caller,
};
use crate::{
    corpus::{Conversation, Corpus},
    state::Search,
};

const NEEDED: [&str; 2] = [
    "analytics:conversationDetail:view",
    "analytics:agentConversationDetail:view",
];
/// Results of a job are kept for a day.
const RESULTS_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Behind a running organization the job's data lags by some hours.
const JOB_LAG: SignedDuration = SignedDuration::from_hours(3);
const DEFAULT_PAGE: usize = 1000;
const MAX_JOB_PAGE: usize = 10_000;
const MAX_QUERY_PAGE: usize = 100;

/// `AsyncConversationQuery` and `ConversationQuery`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    interval: String,
    #[serde(default)]
    conversation_filters: Vec<filter::Filter>,
    #[serde(default)]
    segment_filters: Vec<filter::Filter>,
    order: Option<String>,
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

/// What an interval selects.
#[derive(Clone, Copy)]
enum Selects {
    /// Conversations with activity during the interval.
    Activity,
    /// Conversations that started on a UTC day the interval touches.
    StartDay,
}

/// `GET …/jobs/availability`.
pub(crate) async fn availability(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&NEEDED)?;
    let date = available_until(organization.now_utc());
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
    let mut conversations = matching(&body, selects, Attributes::Included)?;
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
        "dataAvailabilityDate": utc(available_until(search.submitted_utc)),
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
    Extension(caller): Extension<Caller>,
    body: Result<Json<Body>, axum::extract::rejection::JsonRejection>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&NEEDED)?;
    let body = readable(body)?;
    check_reach(&body)?;
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
    let all = matching(&body, Selects::StartDay, Attributes::LeftOut)?;
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
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&NEEDED)?;
    let conversation = Corpus::get().conversation(&id).ok_or_else(|| {
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

/// A job sees everything up to this moment; the corpus is always in reach, whatever the clock says.
fn available_until(now_utc: Timestamp) -> Timestamp {
    let last = Corpus::get()
        .conversations
        .iter()
        .map(|conversation| conversation.end)
        .max();
    let lagged = now_utc - JOB_LAG;
    last.map_or(lagged, |last| lagged.max(last + RESULTS_KEPT))
}

// Genesys: at most 7 days without a filter and 31 with one (help page, checked 2026-07).
fn check_reach(body: &Body) -> Result<(), Refusal> {
    let (from, to) = interval(&body.interval)?;
    let filtered = !(body.segment_filters.is_empty() && body.conversation_filters.is_empty());
    let days = if filtered { 31 } else { 7 };
    if to.duration_since(from) > SignedDuration::from_hours(24 * days) {
        return Err(Refusal::bad_request(
            "bad.request",
            format!("The interval must not be longer than {days} days"),
        ));
    }
    Ok(())
}

fn interval(text: &str) -> Result<(Timestamp, Timestamp), Refusal> {
    let parsed = text
        .split_once('/')
        .and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    match parsed {
        Some((from, to)) if from < to => Ok((from, to)),
        _ => Err(Refusal::bad_request(
            "invalid.date",
            "The interval must be two ISO-8601 moments, the earlier first, separated by `/`",
        )),
    }
}

fn matching(body: &Body, selects: Selects, attributes: Attributes) -> Result<Vec<Value>, Refusal> {
    let (from, to) = interval(&body.interval)?;
    filter::check(&body.conversation_filters, filter::Kind::Conversation)?;
    filter::check(&body.segment_filters, filter::Kind::Segment)?;
    let mut found: Vec<Value> = Corpus::get()
        .conversations
        .iter()
        .filter(|conversation| selected(conversation, from, to, selects))
        .map(|conversation| detail(conversation, attributes))
        .filter(|detail| filter::matches(&body.conversation_filters, &body.segment_filters, detail))
        .collect();
    if body.order.as_deref() == Some("desc") {
        found.reverse();
    }
    Ok(found)
}

fn selected(conversation: &Conversation, from: Timestamp, to: Timestamp, selects: Selects) -> bool {
    match selects {
        Selects::Activity => conversation.start < to && conversation.end > from,
        Selects::StartDay => {
            let day = |moment: Timestamp| moment.to_zoned(TimeZone::UTC).date();
            let last = to - SignedDuration::from_millis(1);
            (day(from)..=day(last)).contains(&day(conversation.start))
        }
    }
}
