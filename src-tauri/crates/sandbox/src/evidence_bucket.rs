//! A bucket to write into, in the manner of S3: signed requests, digests that are computed again, parts, default
//! encryption and Object Lock.
//!
//! S3: headers and statuses of `PutObject`, `HeadObject`, `CreateMultipartUpload`, `UploadPart`,
//! `CompleteMultipartUpload` (Amazon S3 API reference, checked 2026-11).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::put,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    connection::ResettableListener,
    faults::{self, Faults, Host},
    media,
    scenario::Scenario,
    server::{SandboxError, SandboxOptions, SandboxUrls, listen, serve, url},
    state::Organization,
};

/// How the bucket behaves.
#[derive(Debug, Clone, Default)]
pub struct EvidenceBucketOptions {
    /// Faults to inject; `host = "media"` or left out.
    pub scenario: Scenario,
    /// Whether it ignores the encryption that is asked for, as a store that is set up badly does.
    pub ignores_encryption: bool,
    /// Until when it locks what is written, ISO 8601; `None` without Object Lock.
    pub locks_until: Option<&'static str>,
}

/// A running bucket with the name `court-exports`. Dropping it closes the listener.
pub struct EvidenceBucket {
    url: String,
    kept: Arc<Kept>,
    stopping: CancellationToken,
    _server: JoinSet<()>,
}

/// What the handlers share.
struct Kept {
    options: EvidenceBucketOptions,
    objects: Mutex<Objects>,
}

#[derive(Default)]
struct Objects {
    whole: BTreeMap<String, Object>,
    /// Uploads in parts, by id: head and parts by number.
    parts: BTreeMap<String, (HeaderMap, BTreeMap<u32, Bytes>)>,
}

#[derive(Clone)]
struct Object {
    bytes: Bytes,
    headers: HeaderMap,
}

/// What an address may ask for.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    uploads: Option<String>,
    #[serde(rename = "uploadId")]
    upload_id: Option<String>,
    #[serde(rename = "partNumber")]
    part_number: Option<u32>,
    #[serde(rename = "X-Amz-Signature")]
    signature: Option<String>,
    #[serde(rename = "X-Amz-Credential")]
    credential: Option<String>,
}

type Shared = State<Arc<Kept>>;

impl EvidenceBucket {
    /// Id and secret of the key that opens it.
    pub const KEY: (&'static str, &'static str) = ("AKIASANDBOX", "sandbox-bucket");

    /// Opens the listener on a free port and begins to answer.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(options: EvidenceBucketOptions) -> Result<Self, SandboxError> {
        let listener = listen(0).await?;
        let url = url(&listener, 0)?;
        let stopping = CancellationToken::new();
        let nowhere = SandboxUrls {
            api_url: String::new(),
            login_url: String::new(),
            media_url: String::new(),
        };
        let defaults = SandboxOptions::default();
        let organization = Arc::new(Organization::new(nowhere, &defaults, stopping.clone()));
        let faults = Arc::new(Faults::new(options.scenario.clone(), organization));
        let kept = Arc::new(Kept {
            options,
            objects: Mutex::default(),
        });
        let router = Router::new()
            .route(
                "/court-exports/{*key}",
                put(write).head(look).post(post).delete(abort),
            )
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&kept));
        let router = faults::layer(router, Host::Media, faults);
        let mut server = JoinSet::new();
        let listener = ResettableListener::new(listener);
        server.spawn(serve(listener, router, stopping.clone()));
        Ok(Self {
            url,
            kept,
            stopping,
            _server: server,
        })
    }

    /// Where it listens, without a final slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What lies in it, by key.
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        let objects = self.kept.objects();
        let whole = objects.whole.iter();
        whole
            .map(|(key, it)| (key.clone(), it.bytes.clone()))
            .collect()
    }

    /// Puts something there that somebody else wrote.
    pub fn plant(&self, key: &str, bytes: &'static [u8]) {
        let object = Object {
            bytes: Bytes::from_static(bytes),
            headers: HeaderMap::new(),
        };
        self.kept.objects().whole.insert(key.to_owned(), object);
    }

    /// Uploads in parts that were begun and neither finished nor given up.
    pub fn open_uploads(&self) -> usize {
        self.kept.objects().parts.len()
    }
}

impl Drop for EvidenceBucket {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

impl Kept {
    fn objects(&self) -> MutexGuard<'_, Objects> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stays with an object: its own metadata, how it is encrypted, how long it is locked.
    fn headers(&self, sent: &HeaderMap) -> HeaderMap {
        let mut kept = HeaderMap::new();
        let own = sent.iter().filter(|(name, _)| {
            let name = name.as_str();
            let is_encryption = name.starts_with("x-amz-server-side-encryption");
            name.starts_with("x-amz-meta-") || (is_encryption && !self.options.ignores_encryption)
        });
        kept.extend(own.map(|(name, value)| (name.clone(), value.clone())));
        if let Some(until) = self.options.locks_until {
            for (name, value) in [("mode", "COMPLIANCE"), ("retain-until-date", until)] {
                let name = HeaderName::try_from(format!("x-amz-object-lock-{name}"));
                if let Ok(name) = name {
                    kept.insert(name, HeaderValue::from_static(value));
                }
            }
        }
        kept
    }
}

fn denied() -> Response {
    media::error(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied")
}

/// By a signed request, or by a signed address.
fn is_signed(headers: &HeaderMap, asked: &Asked) -> bool {
    let key = EvidenceBucket::KEY.0;
    let header = headers.get(header::AUTHORIZATION);
    let header = header.and_then(|it| it.to_str().ok()).is_some_and(|it| {
        it.starts_with("AWS4-HMAC-SHA256") && it.contains(&format!("Credential={key}/"))
    });
    let address = asked.signature.as_ref().is_some_and(|it| it.len() == 64)
        && asked
            .credential
            .as_ref()
            .is_some_and(|it| it.starts_with(key));
    header || address
}

/// The digest that was sent, computed again.
fn is_undamaged(headers: &HeaderMap, body: &Bytes) -> bool {
    let sent = headers.get("x-amz-checksum-sha256");
    let sent = sent.and_then(|it| it.to_str().ok());
    sent == Some(STANDARD.encode(Sha256::digest(body)).as_str())
}

/// `PutObject` and `UploadPart`.
async fn write(
    State(kept): Shared,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_signed(&headers, &asked) {
        return denied();
    }
    if !is_undamaged(&headers, &body) {
        return media::error(
            StatusCode::BAD_REQUEST,
            "BadDigest",
            "The checksum did not match",
        );
    }
    let etag = [(header::ETAG, format!("\"{:x}\"", body.len()))];
    let mut objects = kept.objects();
    if let (Some(id), Some(number)) = (&asked.upload_id, asked.part_number) {
        return match objects.parts.get_mut(id) {
            Some((_, parts)) => {
                parts.insert(number, body);
                etag.into_response()
            }
            None => no_such_upload(),
        };
    }
    if headers.contains_key(header::IF_NONE_MATCH) && objects.whole.contains_key(&key) {
        return media::error(
            StatusCode::PRECONDITION_FAILED,
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
        );
    }
    let headers = kept.headers(&headers);
    objects.whole.insert(
        key,
        Object {
            bytes: body,
            headers,
        },
    );
    etag.into_response()
}

/// `HeadObject`.
async fn look(
    State(kept): Shared,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if !is_signed(&headers, &asked) {
        return denied();
    }
    let Some(object) = kept.objects().whole.get(&key).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = Response::new(Body::empty());
    *response.headers_mut() = object.headers;
    let length = HeaderValue::from(object.bytes.len());
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}

/// `CreateMultipartUpload` and `CompleteMultipartUpload`.
async fn post(
    State(kept): Shared,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if !is_signed(&headers, &asked) {
        return denied();
    }
    let mut objects = kept.objects();
    if asked.uploads.is_some() {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let body = format!(
            "<InitiateMultipartUploadResult><Bucket>court-exports</Bucket><Key>{key}</Key>\
             <UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        );
        let headers = kept.headers(&headers);
        objects.parts.insert(id, (headers, BTreeMap::new()));
        return xml(body);
    }
    let upload = asked.upload_id.and_then(|id| objects.parts.remove(&id));
    let Some((headers, parts)) = upload else {
        return no_such_upload();
    };
    let bytes: Vec<u8> = parts.into_values().flatten().collect();
    let bytes = Bytes::from(bytes);
    objects.whole.insert(key, Object { bytes, headers });
    xml(
        "<CompleteMultipartUploadResult><ETag>&quot;0&quot;</ETag></CompleteMultipartUploadResult>"
            .to_owned(),
    )
}

/// `AbortMultipartUpload`.
async fn abort(State(kept): Shared, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    if !is_signed(&headers, &asked) {
        return denied();
    }
    if let Some(id) = &asked.upload_id {
        kept.objects().parts.remove(id);
    }
    StatusCode::NO_CONTENT.into_response()
}

fn no_such_upload() -> Response {
    media::error(
        StatusCode::NOT_FOUND,
        "NoSuchUpload",
        "The specified multipart upload does not exist.",
    )
}

fn xml(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/xml")], body).into_response()
}
