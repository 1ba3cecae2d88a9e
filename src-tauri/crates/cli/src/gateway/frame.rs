//! What is the same for every address: limits, correlation ids, errors, counting, and who asks.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use services::gateway::{
    Caller, Gateway, correlation_id,
    error::{Code, GatewayError},
};
use tokio::sync::Semaphore;

use super::routes::{DOWNLOAD, MEDIA};

/// Requests in work at once; streams that were begun do not count.
const MAX_REQUESTS: usize = 256;
/// Largest request; the longest sensible one is a tenth of it.
const MAX_BODY: usize = 64 << 10;
/// Time for a request to arrive: a client that trickles holds a place.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Addresses that answer HEAD.
const WITH_HEAD: [&str; 2] = [MEDIA, DOWNLOAD];

/// What the frame keeps.
#[derive(Clone)]
pub(super) struct Frame {
    gateway: Gateway,
    places: Arc<Semaphore>,
}

impl Frame {
    pub(super) fn new(gateway: Gateway) -> Self {
        Self {
            gateway,
            places: Arc::new(Semaphore::new(MAX_REQUESTS)),
        }
    }
}

/// Ties the parts of one request together: log, answer, program log.
#[derive(Clone)]
pub(super) struct Correlation(pub(super) String);

/// A refusal on its way to the frame, which writes it.
pub(super) struct Refused(pub(super) GatewayError);

impl From<GatewayError> for Refused {
    fn from(error: GatewayError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = status(self.0.code).into_response();
        response.extensions_mut().insert(self.0);
        response
    }
}

#[derive(Serialize)]
struct Written<'e> {
    status: u16,
    correlation_id: &'e str,
    #[serde(flatten)]
    error: &'e GatewayError,
}

/// Around every request.
pub(super) async fn around(
    State(frame): State<Frame>,
    mut request: Request,
    next: Next,
) -> Response {
    let correlation = Correlation(correlation_id());
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or_else(|| "none".to_owned(), |it| it.as_str().to_owned());
    request.extensions_mut().insert(correlation.clone());
    let mut response = match frame.places.try_acquire() {
        // Elsewhere the router would do all of a GET, to throw it away.
        Ok(_) if request.method() == Method::HEAD && !WITH_HEAD.contains(&route.as_str()) => {
            let mut response = Refused(GatewayError::new(Code::MethodNotAllowed)).into_response();
            let allow = HeaderValue::from_static("GET, POST");
            response.headers_mut().insert(header::ALLOW, allow);
            response
        }
        Ok(_place) => next.run(request).await,
        Err(_) => Refused(GatewayError::new(Code::TooManyRequests)).into_response(),
    };
    write_error(&mut response, &correlation.0);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&correlation.0) {
        headers.insert("x-correlation-id", value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    frame
        .gateway
        .count_answer(&route, response.status().as_u16());
    response
}

fn write_error(response: &mut Response, correlation: &str) {
    let known = response.extensions_mut().remove::<GatewayError>();
    let error = known.or_else(|| match response.status() {
        // Answers of the router itself, which have no words.
        StatusCode::NOT_FOUND => Some(GatewayError::new(Code::NoSuchRoute)),
        StatusCode::METHOD_NOT_ALLOWED => Some(GatewayError::new(Code::MethodNotAllowed)),
        _ => None,
    });
    let Some(error) = error else { return };
    let body = Json(Written {
        status: error.code.status(),
        correlation_id: correlation,
        error: &error,
    });
    let mut written = (status(error.code), body).into_response();
    if let Some(seconds) = error.retry_after_s {
        written
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    if let Some(bytes) = error.size_bytes
        && let Ok(value) = HeaderValue::from_str(&format!("bytes */{bytes}"))
    {
        written.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    if error.code == Code::InvalidToken {
        let scheme = HeaderValue::from_static("Bearer");
        written
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
    }
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        written.headers_mut().insert(header::ALLOW, allow);
    }
    *response = written;
}

fn status(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Who asks, by the token of the request, and the id of the request.
pub(super) struct Signed {
    pub(super) caller: Caller,
    pub(super) correlation: String,
}

impl FromRequestParts<Gateway> for Signed {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Refused> {
        let caller = gateway.caller(bearer(&parts.headers)?).await?;
        let correlation = parts.extensions.get::<Correlation>();
        Ok(Self {
            caller,
            correlation: correlation.map(|it| it.0.clone()).unwrap_or_default(),
        })
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, GatewayError> {
    let missing = || GatewayError::new(Code::InvalidToken);
    let value = headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|it| it.split_once(' '))
        .ok_or_else(missing)?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    Some(token.trim()).filter(|_| is_bearer).ok_or_else(missing)
}

/// The whole body, if it is small and comes in time.
pub(super) async fn read(body: Body) -> Result<Bytes, GatewayError> {
    let reading = axum::body::to_bytes(body, MAX_BODY);
    match tokio::time::timeout(BODY_TIMEOUT, reading).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_large(&error) => Err(GatewayError::new(Code::BodyTooLarge)),
        Ok(Err(_)) | Err(_) => Err(GatewayError::because(
            Code::InvalidRequest,
            "its body did not arrive",
        )),
    }
}

/// The cause lies behind a wrapper of the server library.
fn is_too_large(error: &axum::Error) -> bool {
    std::iter::successors(Some(error as &dyn std::error::Error), |it| it.source())
        .any(|it| it.to_string().contains("length limit"))
}

/// A body of JSON that says it is.
pub(super) async fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, GatewayError> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok());
    let kind = kind.and_then(|it| it.split(';').next()).unwrap_or_default();
    if !kind.trim().eq_ignore_ascii_case("application/json") {
        return Err(GatewayError::new(Code::UnsupportedMediaType));
    }
    // What was sent is not repeated: it can hold a number.
    serde_json::from_slice(&read(body).await?).map_err(|error| {
        let place = format!(
            "JSON, {:?} error at line {}, column {}",
            error.classify(),
            error.line(),
            error.column()
        );
        GatewayError::because(Code::InvalidRequest, place.to_lowercase())
    })
}
