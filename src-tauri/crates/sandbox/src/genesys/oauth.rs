//! `POST /oauth/token`: client credentials here (RFC 6749, section 4.4), codes and refresh tokens in `person`.

use std::collections::HashMap;

use axum::{
    Form, Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{Org, person};
use crate::{organization::ClientRole, state::Organization};

/// Issues an access token to a known client.
pub(crate) async fn token(
    State(organization): Org,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    match form.get("grant_type").map(String::as_str) {
        Some("client_credentials") => service(&organization, &headers, &form),
        Some("authorization_code") => person::exchange(&organization, &form),
        Some("refresh_token") => person::refresh(&organization, &form),
        Some(_) => error(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "grant type not supported",
        ),
        None => error(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "grant_type is missing",
        ),
    }
}

/// `grant_type=client_credentials`.
fn service(
    organization: &Organization,
    headers: &HeaderMap,
    form: &HashMap<String, String>,
) -> Response {
    let Some((client_id, secret)) = basic(headers).or_else(|| in_body(form)) else {
        return error(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "client authentication is missing",
        );
    };
    match ClientRole::of_client(&client_id).filter(|role| !role.is_person()) {
        Some(role) if role.credentials().client_secret == secret => {
            issued(organization, &organization.issue_token(role), None)
        }
        _ => {
            let mut refused = error(
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "client not found or wrong secret",
            );
            refused.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                axum::http::HeaderValue::from_static("Basic"),
            );
            refused
        }
    }
}

/// The answer with a token, and with a refresh token where there is one.
pub(super) fn issued(
    organization: &Organization,
    access_token: &str,
    refresh_token: Option<String>,
) -> Response {
    let mut body = json!({
        "access_token": access_token,
        "token_type": "bearer",
        "expires_in": organization.token_lifetime_s.saturating_sub(1),
    });
    if let Some(refresh_token) = refresh_token {
        body["refresh_token"] = refresh_token.into();
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// RFC 8414 metadata; the login host has it, an OpenID configuration it has not.
pub(crate) async fn metadata(State(organization): Org) -> Response {
    let login = &organization.urls.login_url;
    Json(json!({
        "issuer": login,
        "authorization_endpoint": format!("{login}/oauth/authorize"),
        "token_endpoint": format!("{login}/oauth/token"),
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "response_types_supported": ["code"],
    }))
    .into_response()
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    scheme
        .eq_ignore_ascii_case("basic")
        .then(|| (id.to_owned(), secret.to_owned()))
}

fn in_body(form: &HashMap<String, String>) -> Option<(String, String)> {
    Some((
        form.get("client_id")?.clone(),
        form.get("client_secret")?.clone(),
    ))
}

/// Failures follow RFC 6749, section 5.2, not the platform's error body.
pub(super) fn error(status: StatusCode, code: &str, description: &str) -> Response {
    let body =
        json!({ "error": code, "description": description, "error_description": description });
    (status, Json(body)).into_response()
}
