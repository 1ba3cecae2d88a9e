//! A bucket that finished files are copied into, by the S3 library over our own client. // S2-40…S2-44
//!
//! What lies there afterwards is looked at, not assumed: its size, its digest, how it is encrypted, and until
//! when nobody can change it.

use std::{io, time::Duration};

use bytes::{Bytes, BytesMut};
use domain::{digest::Sha256Digest, sensitive::Secret};
use jiff::Timestamp;
use object_store::{
    Attribute, Attributes, MultipartUpload, ObjectStore, PutMode, PutMultipartOptions, PutOptions,
    PutPayload, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, Checksum},
    path::Path,
    signer::Signer,
};
use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderName},
};
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    http::{
        Cancelled, Http, HttpError, KnownHosts, Outgoing, Purpose, check_address, is_loopback,
        unless_cancelled,
    },
    legacy::{Connector, Denied, LegacyConfigError, S3Keys, cause},
};

/// What is sent at once; a longer file goes in parts of this size.
// S3: parts are at least 5 MiB and at most 10,000 (Amazon S3 user guide, "Multipart upload limits", checked 2026-11).
const PART_BYTES: usize = 16 << 20;

/// Life of the address that one look at an object is signed for.
const ADDRESS_LIFE: Duration = Duration::from_secs(5 * 60);

/// Under this name the digest stays with the object.
const DIGEST: &str = "sha256";

/// Where files go.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketSettings {
    /// Name of the bucket.
    pub bucket: String,
    /// What every object begins with; whole parts of a path.
    #[serde(default)]
    pub prefix: String,
    /// Region, such as `eu-central-1`.
    pub region: String,
    /// Address of a store that is not Amazon's; `https`, or `http` on this machine.
    pub endpoint: Option<String>,
    /// Key of AWS KMS that encrypts; left out: the store's own key, AES-256. // S2-41
    pub kms_key_id: Option<String>,
    /// Whether a bucket that does not lock what is written is refused. // S2-43
    #[serde(default)]
    pub object_lock: bool,
}

/// An object as it lies in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its size.
    pub size_bytes: u64,
    /// The digest that was sent with it; `None` for an object of somebody else.
    pub sha256: Option<Sha256Digest>,
    /// How it is encrypted, in the words of the store: `AES256`, `aws:kms`.
    pub encryption: Option<String>,
    /// Until when nobody can change or delete it.
    pub locked_until_utc: Option<Timestamp>,
}

/// Why a file does not lie in the bucket.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The store gave no answer.
    #[error(transparent)]
    Http(HttpError),
    /// The key may not do it.
    #[error(
        "the bucket refused it: the access key needs s3:PutObject and s3:GetObject below the prefix, and the use of the KMS key"
    )]
    Denied,
    /// Something else lies there.
    #[error("`{name}` is in the bucket already, with other content")]
    Taken {
        /// The file.
        name: String,
    },
    /// It is not encrypted as it was ordered. // S2-44
    #[error("`{name}` lies in the bucket with the encryption `{found}` instead of `{wanted}`")]
    Encryption {
        /// The file.
        name: String,
        /// What the store says.
        found: String,
        /// What was ordered.
        wanted: &'static str,
    },
    /// It can be changed. // S2-43
    #[error("`{name}` is not locked: the bucket has no Object Lock with a default retention")]
    NotLocked {
        /// The file.
        name: String,
    },
    /// It is not what was sent.
    #[error("`{name}` in the bucket is not what was sent")]
    Different {
        /// The file.
        name: String,
    },
    /// The store did not accept it.
    #[error("the store did not accept `{name}`: {reason}")]
    Refused {
        /// The file.
        name: String,
        /// Why, without what an answer may quote.
        reason: String,
    },
    /// The name is none that a store takes.
    #[error("`{name}` cannot be the name of an object")]
    Name {
        /// The file.
        name: String,
    },
    /// The file could not be read.
    #[error("the file could not be read: {0}")]
    Read(#[source] io::Error),
    /// The caller stopped the work.
    #[error("stopped on request")]
    Cancelled,
}

impl From<Cancelled> for UploadError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl From<HttpError> for UploadError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Cancelled => Self::Cancelled,
            other => Self::Http(other),
        }
    }
}

/// A file to be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToStore {
    /// Its name below the prefix.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
    /// Its digest.
    pub sha256: Sha256Digest,
}

/// One bucket, open for writing.
pub struct Bucket {
    store: AmazonS3,
    prefix: Path,
    http: Http,
    /// What the store must say about every object.
    encryption: &'static str,
    object_lock: bool,
}

impl Bucket {
    /// Checks the settings; asks nobody yet.
    ///
    /// # Errors
    /// When a setting is unusable, such as an endpoint that is neither `https` nor on this machine. // S2-44
    pub fn new(
        settings: &BucketSettings,
        keys: &S3Keys,
        http: &Http,
    ) -> Result<Self, LegacyConfigError> {
        let bad = |field, example| LegacyConfigError::Address { field, example };
        let prefix = Path::parse(&settings.prefix).map_err(|_| bad("prefix", "exports/2026"))?;
        let http = http.only(hosts(settings)?);
        let encryption = match settings.kms_key_id {
            Some(_) => "aws:kms",
            None => "AES256",
        };
        let store = builder(settings, keys)?
            .with_http_connector(Connector::sending(http.clone()))
            .build()
            .map_err(|_| bad("bucket", "court-exports"))?;
        Ok(Self {
            store,
            prefix,
            http,
            encryption,
            object_lock: settings.object_lock,
        })
    }

    /// Copies a file unless it lies there already, and makes sure of what lies there. Gives whether it was sent.
    ///
    /// # Errors
    /// When it does not lie there whole, encrypted and, if ordered, locked; nothing of another content is replaced.
    pub async fn put(
        &self,
        file: &ToStore,
        content: &mut (impl AsyncRead + Unpin + Send),
        cancel: &CancellationToken,
    ) -> Result<(Stored, bool), UploadError> {
        let place = self.place(&file.name)?;
        if let Some(stored) = self.look(file, &place, cancel).await? {
            return Ok((self.checked(file, stored)?, false));
        }
        unless_cancelled(cancel, self.send(file, &place, content)).await??;
        let stored = self.look(file, &place, cancel).await?;
        let stored = stored.ok_or_else(|| different(file))?;
        Ok((self.checked(file, stored)?, true))
    }

    fn place(&self, name: &str) -> Result<Path, UploadError> {
        let bad = || UploadError::Name {
            name: name.to_owned(),
        };
        let below = Path::parse(name).map_err(|_| bad())?;
        Ok(self.prefix.parts().chain(below.parts()).collect())
    }

    /// What lies there, by an address that is signed for this question alone.
    async fn look(
        &self,
        file: &ToStore,
        place: &Path,
        cancel: &CancellationToken,
    ) -> Result<Option<Stored>, UploadError> {
        let signed = self.store.signed_url(Method::HEAD, place, ADDRESS_LIFE);
        let url = signed.await.map_err(|error| explain(file, &error))?;
        let outgoing = Outgoing {
            method: Method::HEAD,
            url,
            headers: HeaderMap::new(),
            body: None,
            purpose: Purpose::Upload,
        };
        let answer = self.http.send(&outgoing, None, cancel).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(UploadError::Denied),
            status if status.is_success() => Ok(Some(stored(&answer.headers))),
            status => Err(UploadError::Refused {
                name: file.name.clone(),
                reason: format!("status {status}"),
            }),
        }
    }

    fn checked(&self, file: &ToStore, stored: Stored) -> Result<Stored, UploadError> {
        let name = || file.name.clone();
        if stored.sha256 != Some(file.sha256) || stored.size_bytes != file.size_bytes {
            return Err(UploadError::Taken { name: name() });
        }
        if stored.encryption.as_deref() != Some(self.encryption) {
            return Err(UploadError::Encryption {
                name: name(),
                found: stored.encryption.unwrap_or_else(|| "none".to_owned()),
                wanted: self.encryption,
            });
        }
        if self.object_lock && stored.locked_until_utc.is_none() {
            return Err(UploadError::NotLocked { name: name() });
        }
        Ok(stored)
    }

    async fn send(
        &self,
        file: &ToStore,
        place: &Path,
        content: &mut (impl AsyncRead + Unpin + Send),
    ) -> Result<(), UploadError> {
        let digest = file.sha256.hex();
        let attributes = Attributes::from_iter([(Attribute::Metadata(DIGEST.into()), digest)]);
        let first = part(content).await?;
        if first.len() < PART_BYTES {
            let options = PutOptions {
                // Never over an object of somebody else, even one that came a moment ago.
                mode: PutMode::Create,
                attributes,
                ..PutOptions::default()
            };
            let put = self.store.put_opts(place, first.into(), options).await;
            return match put {
                // An attempt whose answer was lost; looking tells.
                Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
                Err(error) => Err(explain(file, &error)),
            };
        }
        let options = PutMultipartOptions {
            attributes,
            ..PutMultipartOptions::default()
        };
        let upload = self.store.put_multipart_opts(place, options).await;
        let mut upload = upload.map_err(|error| explain(file, &error))?;
        let sent = in_parts(upload.as_mut(), first, content).await;
        if sent.is_err() {
            // What stays of it costs room until the bucket's own rule removes it; the first error is told.
            let _ = upload.abort().await;
        }
        sent.map_err(|error| match error {
            PartError::Read(error) => UploadError::Read(error),
            PartError::Store(error) => explain(file, &error),
        })
    }
}

enum PartError {
    Read(io::Error),
    Store(object_store::Error),
}

async fn in_parts(
    upload: &mut dyn MultipartUpload,
    first: Bytes,
    content: &mut (impl AsyncRead + Unpin + Send),
) -> Result<(), PartError> {
    let mut next = first;
    while !next.is_empty() {
        let sent = upload.put_part(PutPayload::from(next)).await;
        sent.map_err(PartError::Store)?;
        next = read_part(content).await.map_err(PartError::Read)?;
    }
    upload.complete().await.map_err(PartError::Store)?;
    Ok(())
}

async fn part(content: &mut (impl AsyncRead + Unpin + Send)) -> Result<Bytes, UploadError> {
    read_part(content).await.map_err(UploadError::Read)
}

/// The next bytes, as many as fit into a part; fewer only at the end.
async fn read_part(content: &mut (impl AsyncRead + Unpin + Send)) -> io::Result<Bytes> {
    let mut bytes = BytesMut::new();
    while bytes.len() < PART_BYTES {
        let room = (PART_BYTES - bytes.len()) as u64;
        if content.take(room).read_buf(&mut bytes).await? == 0 {
            break;
        }
    }
    Ok(bytes.freeze())
}

fn builder(settings: &BucketSettings, keys: &S3Keys) -> Result<AmazonS3Builder, LegacyConfigError> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&settings.bucket)
        .with_region(&settings.region)
        .with_access_key_id(&keys.access_key_id)
        .with_secret_access_key(keys.secret_access_key.reveal())
        // The store computes it again and refuses what was damaged on the way.
        .with_checksum_algorithm(Checksum::SHA256)
        // Our client tries again; two policies on top of each other would multiply.
        .with_retry(RetryConfig {
            max_retries: 0,
            ..RetryConfig::default()
        });
    builder = match &settings.kms_key_id {
        Some(key) => builder.with_sse_kms_encryption(key),
        None => builder.with_config(encryption_key(), "AES256"),
    };
    if let Some(token) = &keys.session_token {
        builder = builder.with_token(token.reveal());
    }
    if let Some(endpoint) = &settings.endpoint {
        let url = endpoint_url(endpoint)?;
        builder = builder
            .with_endpoint(endpoint)
            .with_allow_http(is_loopback(&url));
    }
    Ok(builder)
}

/// The setting for encryption with the store's own key, which the library has by its name alone. // S2-41
fn encryption_key() -> AmazonS3ConfigKey {
    let name = "aws_server_side_encryption";
    name.parse().expect("a name that the library knows")
}

fn endpoint_url(endpoint: &str) -> Result<Url, LegacyConfigError> {
    let url = Url::parse(endpoint).map_err(|_| LegacyConfigError::Address {
        field: "endpoint",
        example: "https://s3.example.org",
    })?;
    check_address(&url)?;
    Ok(url)
}

/// The one host that files go to. // B8
fn hosts(settings: &BucketSettings) -> Result<KnownHosts, LegacyConfigError> {
    match &settings.endpoint {
        Some(endpoint) => Ok(KnownHosts::default().with_address(&endpoint_url(endpoint)?)),
        // S3: `s3.<region>.amazonaws.com` (Amazon S3 endpoints, checked 2026-11).
        None => Ok(KnownHosts::default().with(&format!("s3.{}.amazonaws.com", settings.region))),
    }
}

/// What the answer to a look says.
// S3: `x-amz-server-side-encryption`, `x-amz-object-lock-retain-until-date` (HeadObject, checked 2026-11).
fn stored(headers: &HeaderMap) -> Stored {
    let text = |name: &str| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.get(name)?.to_str().ok().map(str::to_owned)
    };
    let until = text("x-amz-object-lock-retain-until-date");
    let is_locked = text("x-amz-object-lock-mode").is_some();
    Stored {
        size_bytes: text("content-length")
            .and_then(|it| it.parse().ok())
            .unwrap_or_default(),
        sha256: text(&format!("x-amz-meta-{DIGEST}")).and_then(|it| Sha256Digest::parse(&it).ok()),
        encryption: text("x-amz-server-side-encryption"),
        locked_until_utc: until.and_then(|it| it.parse().ok()).filter(|_| is_locked),
    }
}

fn different(file: &ToStore) -> UploadError {
    UploadError::Different {
        name: file.name.clone(),
    }
}

/// What the library says, without what it may quote.
fn explain(file: &ToStore, error: &object_store::Error) -> UploadError {
    if let Some(error) = cause::<HttpError>(error) {
        return error.clone().into();
    }
    if cause::<Denied>(error).is_some() {
        return UploadError::Denied;
    }
    UploadError::Refused {
        name: file.name.clone(),
        reason: error
            .to_string()
            .split(':')
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}

/// Key id, key, and perhaps a session token, a line each.
pub fn keys(secret: &Secret<String>) -> Option<S3Keys> {
    let mut lines = secret.reveal().lines().map(str::trim);
    let mut next = || lines.next().filter(|line| !line.is_empty());
    Some(S3Keys {
        access_key_id: next()?.to_owned(),
        secret_access_key: Secret::new(next()?.to_owned()),
        session_token: next().map(|token| Secret::new(token.to_owned())),
    })
}
