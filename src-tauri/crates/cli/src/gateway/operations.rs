//! For those who run it: is it alive, is it ready, how much does it do, what does it serve.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use services::gateway::Gateway;

/// The description of every address.
const DESCRIPTION: &str = include_str!("openapi.json");

pub(super) async fn alive() -> Response {
    Json(json!({"status": "alive"})).into_response()
}

pub(super) async fn ready(State(gateway): State<Gateway>) -> Response {
    if gateway.is_ready().await {
        return Json(json!({"status": "ready"})).into_response();
    }
    let body = Json(json!({"status": "not_ready"}));
    (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
}

pub(super) async fn metrics(State(gateway): State<Gateway>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, gateway.metrics_text().await).into_response()
}

pub(super) async fn description() -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, DESCRIPTION).into_response()
}
