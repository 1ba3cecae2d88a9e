//! Every address of the gateway.

use axum::{
    Router, middleware,
    routing::{get, post},
};
use services::gateway::Gateway;

use super::{frame, operations, recordings, search, token};

/// The sound of a recording, to play.
pub(super) const MEDIA: &str = "/api/v2/recordings/{id}/media";
/// The sound of a recording, to keep.
pub(super) const DOWNLOAD: &str = "/api/v2/recordings/{id}/download";

pub(super) fn router(gateway: Gateway) -> Router {
    Router::new()
        .route("/oauth/token", post(token::grant))
        .route("/api/v1/recordings/retrieve", post(recordings::retrieve))
        .route("/api/v1/recordings/status/{job}", get(recordings::status))
        .route(
            "/api/v2/recordings/recordings/search",
            post(search::by_filter),
        )
        .route("/api/v2/search/recordings", get(search::by_text))
        .route("/api/v2/recordings/{id}", get(recordings::metadata))
        .route(MEDIA, get(recordings::media))
        .route(DOWNLOAD, get(recordings::download))
        .route(
            "/api/v2/recordings/{id}/transcript",
            get(recordings::transcript),
        )
        .route("/healthz", get(operations::alive))
        .route("/readyz", get(operations::ready))
        .route("/metrics", get(operations::metrics))
        .route("/openapi.json", get(operations::description))
        .layer(middleware::from_fn_with_state(
            frame::Frame::new(gateway.clone()),
            frame::around,
        ))
        .with_state(gateway)
}
