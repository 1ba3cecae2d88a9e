//! `POST /oauth/token`: client credentials, in the header or in the body. // X-02, RFC 6749 sections 2.3.1 and 4.4

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;
use services::gateway::{Gateway, Granted, TokenRefusal};

use super::frame;

/// What a client sends. Other parameters are ignored, as the RFC wants it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    grant_type: String,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
}

pub(super) async fn grant(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(form) = form(&headers, body).await else {
        return refused(StatusCode::BAD_REQUEST, "invalid_request");
    };
    if form.grant_type != "client_credentials" {
        let why = if form.grant_type.is_empty() {
            "invalid_request"
        } else {
            "unsupported_grant_type"
        };
        return refused(StatusCode::BAD_REQUEST, why);
    }
    let in_body = form.client_id.zip(form.client_secret);
    let Some((id, secret)) = basic(&headers).or(in_body) else {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    };
    match gateway.grant(&id, &secret, form.scope.as_deref()).await {
        Ok(granted) => given(&granted),
        Err(TokenRefusal::InvalidClient) => refused(StatusCode::UNAUTHORIZED, "invalid_client"),
        Err(TokenRefusal::InvalidScope) => refused(StatusCode::BAD_REQUEST, "invalid_scope"),
        Err(TokenRefusal::Internal) => refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
    }
}

async fn form(headers: &HeaderMap, body: Body) -> Option<Form> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    let bytes = frame::read(body).await.ok()?;
    let request = axum::http::Request::post("/")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(bytes))
        .ok()?;
    use axum::extract::FromRequest;
    let form = axum::Form::<Form>::from_request(request, &()).await.ok()?;
    Some(form.0)
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, text) = value.split_once(' ')?;
    let decoded = STANDARD.decode(text.trim()).ok()?;
    let pair = String::from_utf8(decoded).ok()?;
    let (id, secret) = pair.split_once(':')?;
    // Ids and secrets of this gateway have no letter that would be written differently.
    scheme
        .eq_ignore_ascii_case("basic")
        .then(|| (id.to_owned(), secret.to_owned()))
}

fn given(granted: &Granted) -> Response {
    let scopes: Vec<_> = granted.scopes.iter().map(|it| it.name()).collect();
    Json(json!({
        "access_token": granted.token,
        "token_type": "bearer",
        "expires_in": granted.lifetime_s,
        "scope": scopes.join(" "),
    }))
    .into_response()
}

fn refused(status: StatusCode, error: &str) -> Response {
    let mut response = (status, Json(json!({ "error": error }))).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Basic realm=\"sar-gateway\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}
