//! One recording: its sound, what is known about it, and retrievals that take longer. // S1-28…S1-36, S1-46, S1-47

use axum::{
    Json,
    body::Body,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use services::gateway::{
    Gateway, JobView, MediaBody, MediaHead,
    error::{Code, GatewayError},
    metadata::RecordingView,
    retrieve::{Format, RetrieveReq, Retrieved},
};

use super::frame::{self, Refused, Signed};

const ORIGIN: HeaderName = HeaderName::from_static("x-recording-origin");
const RETENTION: HeaderName = HeaderName::from_static("x-retention-status");
const ID: HeaderName = HeaderName::from_static("x-recording-id");
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
    query: Result<Query<MediaQuery>, QueryRejection>,
) -> Result<Response, Refused> {
    sound(&gateway, &signed, &path(id)?, query, "inline").await
}

pub(super) async fn download(
    State(gateway): State<Gateway>,
    signed: Signed,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<MediaQuery>, QueryRejection>,
) -> Result<Response, Refused> {
    sound(&gateway, &signed, &path(id)?, query, "attachment").await
}

async fn sound(
    gateway: &Gateway,
    signed: &Signed,
    id: &str,
    query: Result<Query<MediaQuery>, QueryRejection>,
    disposition: &str,
) -> Result<Response, Refused> {
    let unknown =
        |_| GatewayError::because(Code::InvalidRequest, "`format` is wav, mp3, ogg or webm");
    let format = query.map_err(unknown)?.0.format.unwrap_or_default();
    let answer = gateway
        .media(&signed.caller, id, format, &signed.correlation)
        .await?;
    Ok(match answer {
        Retrieved::Media { head, body, .. } => media_answer(&head, None, body, disposition),
        Retrieved::Accepted(job) => accepted(&job),
    })
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
