//! The media host: object storage behind presigned URLs.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::{
    audio::{Format, Part},
    bulk::Made,
    faults::TranscriptShift,
    genesys,
    presign::Refused,
    state::Organization,
};

/// `media`, in real life a storage bucket.
pub(crate) fn router(organization: Arc<Organization>) -> Router {
    Router::new()
        .route("/recordings/{recording}/{file}", get(recording))
        .route("/transcripts/{conversation}/{file}", get(transcript))
        .fallback(no_such_key)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&organization),
            opens,
        ))
        .with_state(organization)
}

/// An answer in object storage's form.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let id = uuid::Uuid::new_v4().simple();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>"
    );
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

/// The answer to an expired link.
pub(crate) fn expired() -> Response {
    error(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired")
}

async fn no_such_key() -> Response {
    error(
        StatusCode::NOT_FOUND,
        "NoSuchKey",
        "The specified key does not exist.",
    )
}

/// Opens only to a valid link, and to one that comes without a token.
async fn opens(
    State(organization): State<Arc<Organization>>,
    request: Request,
    next: Next,
) -> Response {
    // S3: a presigned query together with an Authorization header is refused (S3 error list).
    if request.headers().contains_key(header::AUTHORIZATION) {
        return error(
            StatusCode::BAD_REQUEST,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature \
             query string parameter or the Authorization header should be specified",
        );
    }
    let uri = request.uri();
    match organization.signer.check(
        uri.path(),
        uri.query().unwrap_or_default(),
        organization.now_utc(),
    ) {
        Ok(()) => next.run(request).await,
        Err(Refused::Expired) => expired(),
        Err(Refused::Unsigned) => error(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied"),
        Err(Refused::WrongSignature) => error(
            StatusCode::FORBIDDEN,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        ),
    }
}

async fn recording(
    State(organization): State<Arc<Organization>>,
    Path((recording, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some((part, format)) = parse(&file) else {
        return no_such_key().await;
    };
    if let Some(made) = organization.bulk_file(&recording, format) {
        return made_object(made, format.content_type(), &headers);
    }
    let shared = Arc::clone(&organization);
    // Decoding takes a moment the first time.
    let made = tokio::task::spawn_blocking(move || shared.library.file(&recording, format, part));
    match made.await {
        Ok(Some(bytes)) => object(bytes, format.content_type(), &headers),
        Ok(None) => no_such_key().await,
        Err(_) => error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "We encountered an internal error.",
        ),
    }
}

async fn transcript(
    Path((_, file)): Path<(String, String)>,
    shift: Option<Extension<TranscriptShift>>,
    headers: HeaderMap,
) -> Response {
    let shift_ms = shift.map_or(0, |Extension(TranscriptShift(by_ms))| by_ms);
    let communication = file.strip_suffix(".json").unwrap_or(&file);
    match genesys::transcript_file(communication, shift_ms) {
        Some(json) => object(json.to_string().into(), "application/json", &headers),
        None => no_such_key().await,
    }
}

/// `S.wav` both channels, `0.wav` the first alone.
fn parse(file: &str) -> Option<(Part, Format)> {
    let (part, suffix) = file.split_once('.')?;
    let format = Format::ALL
        .into_iter()
        .find(|format| format.suffix() == suffix)?;
    let part = match part {
        "S" => Part::Stereo,
        "0" => Part::Channel(0),
        "1" => Part::Channel(1),
        _ => return None,
    };
    Some((part, format))
}

/// The whole object or the range asked for (RFC 9110, section 14).
pub(crate) fn object(bytes: Bytes, content_type: &'static str, headers: &HeaderMap) -> Response {
    let (etag, total) = (etag(&bytes), bytes.len() as u64);
    let body = |part: std::ops::Range<u64>| {
        Body::from(bytes.slice(part.start as usize..part.end as usize))
    };
    answer(&etag, total, content_type, headers, body)
}

/// As [`object`], of a file that is made while it is read.
fn made_object(made: Made, content_type: &'static str, headers: &HeaderMap) -> Response {
    let body = |part| made.body(part);
    answer(&made.etag(), made.len(), content_type, headers, body)
}

fn answer(
    etag: &str,
    total: u64,
    content_type: &'static str,
    headers: &HeaderMap,
    body: impl FnOnce(std::ops::Range<u64>) -> Body,
) -> Response {
    let length = |part: &std::ops::Range<u64>| HeaderValue::from(part.end - part.start);
    let unchanged = headers
        .get(header::IF_RANGE)
        .is_none_or(|wanted| wanted.as_bytes() == etag.as_bytes());
    let range = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok())
        .filter(|_| unchanged);
    let mut response = match range.map(|range| byte_range(range, total)) {
        None | Some(Range::Ignored) => {
            let length = [(header::CONTENT_LENGTH, length(&(0..total)))];
            (StatusCode::OK, length, body(0..total)).into_response()
        }
        Some(Range::Part(from, to)) => {
            let part = from..to + 1;
            let content_range = format!("bytes {from}-{to}/{total}");
            (
                StatusCode::PARTIAL_CONTENT,
                [(header::CONTENT_LENGTH, length(&part))],
                [(header::CONTENT_RANGE, content_range)],
                body(part),
            )
                .into_response()
        }
        Some(Range::Unsatisfiable) => {
            let mut refused = error(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "InvalidRange",
                "The requested range is not satisfiable",
            );
            if let Ok(value) = HeaderValue::from_str(&format!("bytes */{total}")) {
                refused.headers_mut().insert(header::CONTENT_RANGE, value);
            }
            return refused;
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

fn etag(bytes: &[u8]) -> String {
    let digest: String = Sha256::digest(bytes)
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{digest}\"")
}

/// What a `Range` header asks for; both ends inclusive.
#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// Not understood, or several ranges: the whole object is a correct answer.
    Ignored,
    Part(u64, u64),
    Unsatisfiable,
}

fn byte_range(header: &str, total: u64) -> Range {
    let Some((from, to)) = header
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Range::Ignored;
    };
    let last = total.saturating_sub(1);
    let (from, to) = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) => (from, to.min(last)),
        (Ok(from), Err(_)) if to.is_empty() => (from, last),
        (Err(_), Ok(count)) if from.is_empty() => (total.saturating_sub(count), last),
        _ => return Range::Ignored,
    };
    if from >= total || from > to {
        Range::Unsatisfiable
    } else {
        Range::Part(from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_the_standard() {
        for (header, expected) in [
            ("bytes=0-9", Range::Part(0, 9)),
            ("bytes=90-", Range::Part(90, 99)),
            ("bytes=-10", Range::Part(90, 99)),
            ("bytes=90-500", Range::Part(90, 99)),
            ("bytes=100-", Range::Unsatisfiable),
            ("bytes=0-1,4-5", Range::Ignored),
            ("items=0-1", Range::Ignored),
        ] {
            assert_eq!(byte_range(header, 100), expected, "{header}");
        }
    }
}
