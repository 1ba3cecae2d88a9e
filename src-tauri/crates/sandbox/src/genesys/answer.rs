//! Error answers in the platform's form.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// An error answer. It becomes a body when the correlation id of the answer is known.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Seconds for `Retry-After`.
    pub(crate) retry_after_s: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after_s: None,
        }
    }

    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    pub(crate) fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// `ErrorBody` of the definition.
    pub(crate) fn body(&self, correlation_id: &str) -> Value {
        json!({
            "message": self.message,
            "code": self.code,
            "status": self.status.as_u16(),
            "contextId": correlation_id,
            "details": [],
            "errors": [],
        })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer to a token that is missing, unknown or expired.
pub(crate) fn unauthorized(code: &'static str) -> Refusal {
    let message = match code {
        "authentication.required" => {
            "No authentication bearer token specified in authorization header."
        }
        _ => "Invalid login credentials.",
    };
    Refusal::new(StatusCode::UNAUTHORIZED, code, message)
}

/// Too many requests, as normalized since November 2021 (developer forum, checked 2026-07).
pub(crate) fn too_many(retry_after_s: u64) -> Refusal {
    let message =
        format!("Rate limit exceeded the maximum. Retry the request in [{retry_after_s}] seconds");
    Refusal {
        retry_after_s: Some(retry_after_s),
        ..Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too.many.requests.retry.after",
            message,
        )
    }
}

/// What is not imitated does not exist.
pub(crate) async fn no_such_path() -> Refusal {
    Refusal::not_found("not.found", "The requested resource was not found.")
}

/// The platform's usual code for a status.
pub(crate) fn by_status(status: StatusCode) -> Refusal {
    let code = match status.as_u16() {
        400 => "bad.request",
        401 => "bad.credentials",
        403 => "not.authorized",
        404 => "not.found",
        408 => "client.timeout",
        409 => "request.conflict",
        413 => "request.entity.too.large",
        429 => "too.many.requests",
        503 => "service.unavailable",
        504 => "request.timeout",
        _ => "internal.server.error",
    };
    Refusal::new(status, code, status.canonical_reason().unwrap_or("Error"))
}
