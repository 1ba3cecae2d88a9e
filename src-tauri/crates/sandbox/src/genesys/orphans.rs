//! Recordings that lost their conversation.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
    response::Response,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Org,
    answer::Refusal,
    detail::utc,
    guard::Caller,
    recordings::{self, Wanted},
};
use crate::{organization, state::Organization};

/// Paging of the list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    page_size: Option<u32>,
    page_number: Option<u32>,
}

/// When the first of them was made; one more each hour.
const FIRST_UTC: &str = "2026-03-01T08:00:00Z";

/// `GET /api/v2/orphanrecordings`.
pub(crate) async fn list(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&["recording:orphan:view"])?;
    let (size, number) = (page.page_size.unwrap_or(25), page.page_number.unwrap_or(1));
    if size == 0 || size > 500 || number == 0 {
        return Err(Refusal::bad_request(
            "bad.request",
            "pageSize must be 1 to 500 and pageNumber at least 1",
        ));
    }
    let total = organization.orphans;
    let from = (number - 1).saturating_mul(size);
    let entities: Vec<_> = (from..from.saturating_add(size).min(total))
        .map(orphan)
        .collect();
    Ok(Json(json!({
        "entities": entities,
        "pageSize": size,
        "pageNumber": number,
        "total": total,
        "pageCount": total.div_ceil(size),
    })))
}

/// `GET /api/v2/orphanrecordings/{orphanId}`.
pub(crate) async fn one(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&["recording:orphan:view"])?;
    Ok(Json(orphan(find(&organization, &id)?)))
}

/// `GET /api/v2/orphanrecordings/{orphanId}/media`: 202 until transcoded. It sounds like a call of the corpus.
pub(crate) async fn media(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    caller.need_any(&["recording:orphan:view"])?;
    let number = find(&organization, &id)?;
    let body = json!({
        "id": id,
        "media": "audio",
        "mediaSubtype": "Trunk",
        "fileState": "AVAILABLE",
        "creationTime": utc(created(number)),
    });
    recordings::orphan_media(&organization, number, body, &wanted).await
}

fn find(organization: &Arc<Organization>, id: &str) -> Result<u32, Refusal> {
    let number = (0..organization.orphans).find(|&number| orphan_id(number) == id);
    number.ok_or_else(|| Refusal::not_found("not.found", "The orphan recording was not found."))
}

fn orphan_id(number: u32) -> String {
    uuid::Uuid::from_u128((0x4f52_5048_414e_u128 << 64) | u128::from(number)).to_string()
}

fn created(number: u32) -> Timestamp {
    let first: Timestamp = FIRST_UTC.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    first + SignedDuration::from_hours(i64::from(number))
}

/// `OrphanRecording`.
fn orphan(number: u32) -> Value {
    let id = orphan_id(number);
    json!({
        "id": id,
        "createdTime": utc(created(number)),
        "providerType": "EDGE",
        "mediaType": "CALL",
        "mediaSubtype": "Trunk",
        "mediaSizeBytes": 64_044,
        "fileState": "AVAILABLE",
        "orphanStatus": "UNKNOWN_CONVERSATION",
        "region": organization::REGION,
        "selfUri": format!("/api/v2/orphanrecordings/{id}"),
    })
}
