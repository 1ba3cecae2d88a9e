//! Searches: by a filter, and by a text. // S0-27, S2-10

use axum::{
    Json,
    body::Body,
    extract::{Query, State, rejection::QueryRejection},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use services::gateway::{
    Gateway,
    error::{Code, GatewayError},
    query::{SearchReq, Wanted},
    search::{CoverageView, FoundView, Page},
};

use super::frame::{self, Refused, Signed};

/// S0-38
const MAX_PAGE: u32 = 100;
/// S2-15
const MAX_TEXT_PAGE: u32 = 1_000;

#[derive(Serialize)]
pub(super) struct Found {
    recordings: Vec<FoundView>,
    total: usize,
    after: Option<String>,
    coverage: Vec<CoverageView>,
}

pub(super) async fn by_filter(
    State(gateway): State<Gateway>,
    signed: Signed,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Found>, Refused> {
    let request: SearchReq = frame::json(&headers, body).await?;
    let size = page_size(request.page_size, MAX_PAGE)?;
    let wanted = Wanted::from_body(&request)?;
    let page = search(&gateway, &signed, &wanted, request.after.as_deref(), size).await?;
    Ok(Json(Found {
        recordings: page.recordings,
        total: page.total,
        after: page.after,
        coverage: page.coverage,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TextQuery {
    q: String,
    #[serde(default = "hundred")]
    page_size: u32,
    after: Option<String>,
}

const fn hundred() -> u32 {
    MAX_PAGE
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Elements {
    elements: Vec<FoundView>,
    total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_uri: Option<String>,
    coverage: Vec<CoverageView>,
}

pub(super) async fn by_text(
    State(gateway): State<Gateway>,
    signed: Signed,
    query: Result<Query<TextQuery>, QueryRejection>,
) -> Result<Json<Elements>, Refused> {
    let Query(query) = query.map_err(|_| {
        GatewayError::because(
            Code::InvalidRequest,
            "the parameters are `q`, `pageSize` and `after`",
        )
    })?;
    let size = page_size(query.page_size, MAX_TEXT_PAGE)?;
    let wanted = Wanted::from_text(&query.q)?;
    let page = search(&gateway, &signed, &wanted, query.after.as_deref(), size).await?;
    Ok(Json(Elements {
        next_page_uri: page
            .after
            .map(|after| next_page(&query.q, query.page_size, &after)),
        elements: page.recordings,
        total: page.total,
        coverage: page.coverage,
    }))
}

/// Relative: the caller puts its own host in front. // S2-19
fn next_page(q: &str, size: u32, after: &str) -> String {
    let pairs = [("q", q), ("pageSize", &size.to_string()), ("after", after)];
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let query = query.extend_pairs(pairs).finish();
    format!("/api/v2/search/recordings?{query}")
}

async fn search(
    gateway: &Gateway,
    signed: &Signed,
    wanted: &Wanted,
    after: Option<&str>,
    size: usize,
) -> Result<Page, GatewayError> {
    let (caller, correlation) = (&signed.caller, &signed.correlation);
    gateway
        .search(caller, wanted, after, size, correlation)
        .await
}

fn page_size(size: u32, most: u32) -> Result<usize, GatewayError> {
    if (1..=most).contains(&size) {
        return Ok(size as usize);
    }
    let why = format!("`pageSize` is 1 to {most}");
    Err(GatewayError::because(Code::InvalidRequest, why))
}
