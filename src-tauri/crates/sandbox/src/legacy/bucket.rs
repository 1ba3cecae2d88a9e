//! A bucket with the export of a recorder that is gone, in the manner of S3: signed lists in parts, presigned objects.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::{LegacyCall, LegacyRecorders, Recorder, Shared, calls};
use crate::media;

/// Keys of one part of a list; small, so that lists come in parts.
const KEYS_AT_ONCE: usize = 3;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct List {
    #[serde(default)]
    prefix: String,
    continuation_token: Option<String>,
}

/// What only a presigned address has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Signed {
    #[serde(rename = "X-Amz-Signature")]
    signature: Option<String>,
    #[serde(rename = "X-Amz-Credential")]
    credential: Option<String>,
}

pub(super) fn router(recorder: Arc<Recorder>) -> Router {
    Router::new()
        .route("/call-archive", get(list))
        .route("/call-archive/{*key}", get(object))
        .with_state(recorder)
}

fn denied() -> Response {
    media::error(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied")
}

/// Descriptions and sounds by key.
fn keys() -> BTreeMap<String, (LegacyCall, Kind)> {
    let mut keys = BTreeMap::new();
    for call in calls::all()
        .into_iter()
        .filter(|call| call.recorder == "bucket")
    {
        let day = call.start_utc.strftime("year=%Y/month=%m/day=%d");
        let stem = format!("export/{day}/conversation_id={}/{}", call.call_id, call.id);
        keys.insert(
            format!("{stem}_metadata.json"),
            (call.clone(), Kind::Description),
        );
        keys.insert(format!("{stem}.wav"), (call, Kind::Sound));
    }
    keys
}

#[derive(Clone, Copy)]
enum Kind {
    Description,
    Sound,
}

/// `ListObjectsV2`.
async fn list(Query(list): Query<List>, headers: HeaderMap) -> Response {
    let signed = headers
        .get(header::AUTHORIZATION)
        .and_then(|it| it.to_str().ok());
    let expected = format!("Credential={}/", LegacyRecorders::BUCKET_KEY.0);
    if !signed.is_some_and(|it| it.starts_with("AWS4-HMAC-SHA256") && it.contains(&expected)) {
        return denied();
    }
    let after = list.continuation_token.unwrap_or_default();
    let keys: Vec<_> = keys()
        .into_iter()
        .filter(|(key, _)| key.starts_with(&list.prefix) && *key > after)
        .collect();
    let mut page = keys.iter().take(KEYS_AT_ONCE);
    let contents: String = page.clone().map(|(key, _)| contents(key)).collect();
    let next = page.next_back().filter(|_| keys.len() > KEYS_AT_ONCE);
    let next = next.map(|(key, _)| format!("<NextContinuationToken>{key}</NextContinuationToken>"));
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>call-archive</Name>\
         <IsTruncated>{}</IsTruncated>{}{contents}</ListBucketResult>",
        next.is_some(),
        next.unwrap_or_default(),
    );
    ([(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

fn contents(key: &str) -> String {
    format!(
        "<Contents><Key>{key}</Key><LastModified>2023-01-01T00:00:00.000Z</LastModified>\
         <ETag>&quot;0&quot;</ETag><Size>700</Size></Contents>"
    )
}

async fn object(
    State(recorder): Shared,
    Path(key): Path<String>,
    Query(signed): Query<Signed>,
    headers: HeaderMap,
) -> Response {
    let key_id = format!("{}/", LegacyRecorders::BUCKET_KEY.0);
    let is_signed = signed.signature.is_some_and(|it| it.len() == 64)
        && signed.credential.is_some_and(|it| it.starts_with(&key_id));
    if !is_signed || headers.contains_key(header::AUTHORIZATION) {
        return denied();
    }
    recorder.think().await;
    let found = |bytes| {
        let object = media::object(bytes, "binary/octet-stream", &headers);
        if recorder.is_bucket_in_the_clear {
            return object;
        }
        ([("x-amz-server-side-encryption", "AES256")], object).into_response()
    };
    match keys().remove(&key) {
        Some((call, Kind::Description)) => found(description(&call)),
        Some((call, Kind::Sound)) => match recorder.sound(&call).await {
            Some(bytes) => found(bytes),
            None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        None => media::error(
            StatusCode::NOT_FOUND,
            "NoSuchKey",
            "The specified key does not exist.",
        ),
    }
}

fn description(call: &LegacyCall) -> Bytes {
    let description = json!({
        "conversationId": call.call_id,
        "recordingId": call.id,
        "startTime": format!("{:.3}", call.start_utc),
        "endTime": format!("{:.3}", call.end_utc),
        "parties": [{"address": format!("tel:{}", call.number)}, {"address": "sip:4711@example.org"}],
    });
    Bytes::from(description.to_string())
}
