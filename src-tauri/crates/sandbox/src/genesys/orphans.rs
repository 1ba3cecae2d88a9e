//! Recordings that lost their conversation.

use axum::{
    Extension, Json,
    extract::{Query, State},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Org, answer::Refusal, detail::utc, guard::Caller};
use crate::organization;

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

/// `OrphanRecording`.
fn orphan(number: u32) -> Value {
    let first: Timestamp = FIRST_UTC.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let id = uuid::Uuid::from_u128((0x4f52_5048_414e_u128 << 64) | u128::from(number)).to_string();
    json!({
        "id": id,
        "createdTime": utc(first + SignedDuration::from_hours(i64::from(number))),
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
