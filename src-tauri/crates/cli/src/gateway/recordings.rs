//! One recording: its sound, what is known about it, and retrievals that take longer. // S1-28…S1-36, S1-46, S1-47

use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, Path, Query, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use services::gateway::{
    Gateway, JobView, MediaBody, MediaHead,
    error::{Code, GatewayError},
    metadata::RecordingView,
    part::Wish,
    retrieve::{Format, RetrieveReq, Retrieved},
    transcript::TranscriptView,
};

use super::frame::{self, Refused, Signed};

const ORIGIN: HeaderName = HeaderName::from_static("x-recording-origin");
const RETENTION: HeaderName = HeaderName::from_static("x-retention-status");
const ID: HeaderName = HeaderName::from_static("x-recording-id");
const DURATION: HeaderName = HeaderName::from_static("x-recording-duration-ms");
const METADATA: HeaderName = HeaderName::from_static("x-recording-metadata");

/// The one parameter of media routes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MediaQuery {
    format: Option<Format>,
}

pub(super) async fn retrieve(
    State(gateway): State<Gateway>,
    signed: Signed,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let request: RetrieveReq = frame::json(&headers, body).await?;
    let answer = gateway
        .retrieve(&signed.caller, &request, &signed.correlation)
        .await?;
    Ok(match answer {
        Retrieved::Media { head, about, body } => {
            let about = request.include_metadata.then_some(*about);
            media_answer(&head, about.as_ref(), body, "attachment")
        }
        Retrieved::Accepted(job) => accepted(&job),
    })
}

pub(super) async fn status(
    State(gateway): State<Gateway>,
    signed: Signed,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<JobView>, Refused> {
    let id = path(id)?;
    Ok(Json(
        gateway
            .job(&signed.caller, &id, &signed.correlation)
            .await?,
    ))
}

pub(super) async fn metadata(
    State(gateway): State<Gateway>,
    signed: Signed,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<RecordingView>, Refused> {
    let id = path(id)?;
    Ok(Json(
        gateway
            .recording(&signed.caller, &id, &signed.correlation)
            .await?,
    ))
}

pub(super) async fn media(
    State(gateway): State<Gateway>,
    signed: Signed,
    id: Result<Path<String>, PathRejection>,
    asked: Asked,
) -> Result<Response, Refused> {
    sound(&gateway, &signed, &path(id)?, asked, "inline").await
}

pub(super) async fn download(
    State(gateway): State<Gateway>,
    signed: Signed,
    id: Result<Path<String>, PathRejection>,
    asked: Asked,
) -> Result<Response, Refused> {
    sound(&gateway, &signed, &path(id)?, asked, "attachment").await
}

pub(super) async fn transcript(
    State(gateway): State<Gateway>,
    signed: Signed,
    id: Result<Path<String>, PathRejection>,
    asked: Asked,
) -> Result<Json<TranscriptView>, Refused> {
    let id = path(id)?;
    Ok(Json(
        gateway
            .transcript(&signed.caller, &id, asked.format, &signed.correlation)
            .await?,
    ))
}

/// The format and the part that a request for sound names.
pub(super) struct Asked {
    format: Format,
    wish: Wish,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let query = Query::<MediaQuery>::from_request_parts(parts, state).await;
        let unknown = "`format` is wav, mp3, ogg or webm";
        let query = query.map_err(|_| GatewayError::because(Code::InvalidRequest, unknown))?;
        let header = |name| parts.headers.get(name).and_then(|it| it.to_str().ok());
        // RFC 9110, section 14.2: a range is for GET alone.
        let wish = match parts.method {
            Method::HEAD => Wish::Head,
            _ => Wish::of_headers(header(header::RANGE), header(header::IF_RANGE)),
        };
        Ok(Self {
            format: query.0.format.unwrap_or_default(),
            wish,
        })
    }
}

async fn sound(
    gateway: &Gateway,
    signed: &Signed,
    id: &str,
    asked: Asked,
    disposition: &str,
) -> Result<Response, Refused> {
    let is_head = asked.wish == Wish::Head;
    let answer = gateway
        .media(
            &signed.caller,
            id,
            (asked.format, asked.wish),
            &signed.correlation,
        )
        .await?;
    Ok(match answer {
        Retrieved::Media { head, body, .. } => {
            let mut response = media_answer(&head, None, body, disposition);
            describe_file(response.headers_mut(), &head, is_head);
            if head.part.is_some() {
                *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            }
            response
        }
        Retrieved::Accepted(job) => accepted(&job),
    })
}

/// Which file it is, how long, and which part of it follows. A whole one comes in chunks, so its length is in the answer
/// to `HEAD` alone. // S1-27
fn describe_file(headers: &mut HeaderMap, head: &MediaHead, is_head: bool) {
    let Some(file) = &head.file else { return };
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(header::ACCEPT_RANGES, "bytes");
    put(header::ETAG, &file.tag);
    if let Some(part) = head.part {
        put(header::CONTENT_RANGE, &part.content_range());
        put(header::CONTENT_LENGTH, &part.length().to_string());
    } else if is_head {
        put(header::CONTENT_LENGTH, &file.bytes.to_string());
    }
}

/// The bytes as they come: in chunks, and cut when they break off. // S1-27
fn media_answer(
    head: &MediaHead,
    about: Option<&RecordingView>,
    body: MediaBody,
    disposition: &str,
) -> Response {
    let mut response = Body::from_stream(body).into_response();
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, head.content_type);
    put(ORIGIN, head.origin.name());
    put(RETENTION, head.retention.name());
    put(ID, &head.id);
    if let Some(duration_ms) = head.duration_ms {
        put(DURATION, &duration_ms.to_string());
    }
    let name = format!(
        "{disposition}; filename=\"{}.{}\"",
        head.id,
        extension(head.content_type)
    );
    put(header::CONTENT_DISPOSITION, &name);
    if let Some(about) = about {
        let text = serde_json::to_vec(about).unwrap_or_default();
        put(METADATA, &STANDARD.encode(text));
    }
    response
}

fn extension(content_type: &str) -> &'static str {
    match content_type {
        "audio/mpeg" => "mp3",
        "audio/ogg" => "ogg",
        "audio/webm" => "webm",
        "audio/flac" => "flac",
        "audio/basic" => "au",
        "audio/x-w64" => "w64",
        _ => "wav",
    }
}

/// It takes longer. // S1-46
fn accepted(job: &JobView) -> Response {
    let mut response = (StatusCode::ACCEPTED, Json(job)).into_response();
    let headers = response.headers_mut();
    if let Ok(place) = HeaderValue::from_str(&job.poll_endpoint) {
        headers.insert(header::LOCATION, place);
    }
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

fn path(id: Result<Path<String>, PathRejection>) -> Result<String, GatewayError> {
    let Path(id) =
        id.map_err(|_| GatewayError::because(Code::InvalidRequest, "the id is not UTF-8"))?;
    Ok(id)
}
