//! Recordings in a bucket: the export of a platform, or the archive of one that is gone. // S1-05
//!
//! Listing is the library's; every object is read from an address signed for it alone, with the checks, resumption
//! and ledger of every other download.

use std::time::Duration;

use bytes::Bytes;
use domain::{
    ids::SourceId,
    search::{SearchCriteria, SourceResult},
    sensitive::Secret,
};
use futures_util::{StreamExt, stream};
use jiff::tz::TimeZone;
use object_store::{
    ObjectMeta, ObjectStore, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
    signer::Signer,
};
use reqwest::{Method, header::HeaderMap};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    entry::Entry,
    fields::FieldMap,
    s3_client::{Connector, denied, explain},
    settings::LegacyConfigError,
    sidecar::{self, ENDING, MAX_SIDECAR_BYTES, MAX_SIDECARS, Reading, Sidecars},
    sniff::Sniffing,
};
use crate::{
    download::{Arrived, Download, Outcome},
    http::{EgressLedger, Http, Outgoing, Purpose, check_address, is_loopback, unless_cancelled},
    locate::{Place, none_if_absent},
    source::{
        AudioTimeline, FetchError, FetchedMedia, MediaRequest, MediaSink, SourceError, SourceHealth,
    },
};

const LIST: &str = "list of the bucket";
const READ: &str = "description of a recording";
const LOOK: &str = "look at a recording";

// S3: sent with every encrypted object (HeadObject, checked 2026-11).
const ENCRYPTION: &str = "x-amz-server-side-encryption";

/// Life of an address that is signed for one object; a download that breaks asks for another.
const ADDRESS_LIFE: Duration = Duration::from_secs(15 * 60);

/// Descriptions that are read at the same time.
const READS_AT_ONCE: usize = 8;

/// Fresh addresses for one object.
const MAX_RENEWALS: u32 = 3;

/// A bucket of recordings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Settings {
    /// The id of this source in cases and logs.
    pub id: String,
    /// Name of the bucket.
    pub bucket: String,
    /// What every object begins with; whole parts of a path.
    #[serde(default)]
    pub prefix: String,
    /// Region, such as `eu-central-1`.
    pub region: String,
    /// Address of a store that is not Amazon's; `https`, or `http` on this machine.
    pub endpoint: Option<String>,
    /// Zone of times without one, as an IANA name.
    pub zone: Option<String>,
    /// Why a bucket that does not encrypt what lies in it is read all the same. // S1-10
    pub unencrypted_reason: Option<String>,
    /// Where in a description things are.
    pub fields: FieldMap,
}

/// What opens a bucket; reading and listing is enough.
#[derive(Debug, Clone)]
pub struct S3Keys {
    /// Id of the access key.
    pub access_key_id: String,
    /// The key itself.
    pub secret_access_key: Secret<String>,
    /// The token of a session, for keys that end.
    pub session_token: Option<Secret<String>>,
}

/// One bucket.
#[derive(Clone)]
pub struct S3Archive {
    id: SourceId,
    bucket: String,
    region: String,
    /// Empty for Amazon's own.
    endpoint: String,
    prefix: Path,
    zone: TimeZone,
    may_be_unencrypted: bool,
    fields: FieldMap,
    store: AmazonS3,
    /// Makes the store again over another client.
    builder: AmazonS3Builder,
    http: Http,
}

impl S3Archive {
    /// Checks the settings; asks nobody yet.
    ///
    /// # Errors
    /// When a setting is unusable, such as an endpoint that is neither `https` nor on this machine.
    pub fn new(settings: S3Settings, keys: &S3Keys, http: Http) -> Result<Self, LegacyConfigError> {
        let bad = |field, example| LegacyConfigError::Address { field, example };
        let prefix = Path::parse(&settings.prefix).map_err(|_| bad("prefix", "calls/2025"))?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&keys.access_key_id)
            .with_secret_access_key(keys.secret_access_key.reveal())
            // Our client tries again; two policies on top of each other would multiply.
            .with_retry(RetryConfig {
                max_retries: 0,
                ..RetryConfig::default()
            })
            .with_http_connector(Connector::listing(http.clone()));
        if let Some(token) = &keys.session_token {
            builder = builder.with_token(token.reveal());
        }
        if let Some(endpoint) = &settings.endpoint {
            let url =
                Url::parse(endpoint).map_err(|_| bad("endpoint", "https://s3.example.org"))?;
            check_address(&url)?;
            builder = builder
                .with_endpoint(endpoint)
                .with_allow_http(is_loopback(&url));
        }
        let zone = settings.zone.as_deref().unwrap_or("UTC");
        let reason = settings.unencrypted_reason.as_deref();
        Ok(Self {
            may_be_unencrypted: reason.is_some_and(|it| !it.trim().is_empty()),
            id: SourceId::new(settings.id)?,
            store: builder
                .clone()
                .build()
                .map_err(|_| bad("bucket", "call-archive"))?,
            builder,
            zone: TimeZone::get(zone).map_err(|_| LegacyConfigError::Zone)?,
            bucket: settings.bucket,
            endpoint: settings.endpoint.unwrap_or_default(),
            region: settings.region,
            fields: settings.fields,
            prefix,
            http,
        })
    }

    /// The configured id.
    pub fn id(&self) -> &SourceId {
        &self.id
    }

    /// The same bucket with a ledger of its own. // B8
    pub(crate) fn counted(&self) -> (Self, EgressLedger) {
        let (http, ledger) = self.http.counted();
        let builder = self.builder.clone();
        let store = builder
            .with_http_connector(Connector::listing(http.clone()))
            .build()
            .expect("the same settings made a store before");
        let counted = Self {
            store,
            http,
            ..self.clone()
        };
        (counted, ledger)
    }

    pub(crate) async fn health(
        &self,
        cancel: &CancellationToken,
    ) -> Result<SourceHealth, SourceError> {
        let mut list = self.store.list(Some(&self.prefix));
        let first = unless_cancelled(cancel, list.next()).await?;
        let first = first.transpose().map_err(|error| explain(LIST, &error))?;
        let encryption = match first {
            Some(object) => self.encryption(&object.location, cancel).await?,
            None => None,
        };
        Ok(SourceHealth {
            region: self.region.clone(),
            encryption_at_rest: encryption,
            ..sidecar::health(
                &self.id,
                &self.bucket,
                &[
                    &self.endpoint,
                    &self.region,
                    &self.bucket,
                    self.prefix.as_ref(),
                ],
            )
        })
    }

    /// How the store encrypts an object, in its own words. // S1-10
    ///
    /// # Errors
    /// When it does not, and the settings give no reason why that is accepted.
    async fn encryption(
        &self,
        object: &Path,
        cancel: &CancellationToken,
    ) -> Result<Option<String>, SourceError> {
        let looked = Outgoing {
            method: Method::HEAD,
            url: self.signed(Method::HEAD, object).await?,
            headers: HeaderMap::new(),
            body: None,
            purpose: Purpose::Health,
        };
        let answer = self.http.send(&looked, None, cancel).await?;
        if !answer.status.is_success() {
            return Err(denied(LOOK));
        }
        let found = answer.headers.get(ENCRYPTION);
        let found = found.and_then(|it| it.to_str().ok()).map(str::to_owned);
        if found.is_none() && !self.may_be_unencrypted {
            return Err(SourceError::Unencrypted {
                bucket: self.bucket.clone(),
            });
        }
        Ok(found)
    }

    pub(crate) async fn search(
        &self,
        criteria: &SearchCriteria,
        cancel: &CancellationToken,
    ) -> SourceResult {
        let mut sidecars = Sidecars::default();
        if let Err(error) = self.see(&mut sidecars, criteria, cancel).await {
            sidecars.gaps.push(format!("the search stopped: {error}"));
        }
        let asked = format!(
            "every *{ENDING} below `{}` in `{}`",
            self.prefix, self.bucket
        );
        sidecars.into_result(self.id.clone(), asked)
    }

    async fn see(
        &self,
        sidecars: &mut Sidecars,
        criteria: &SearchCriteria,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let places = unless_cancelled(cancel, self.places()).await??;
        if places.len() >= MAX_SIDECARS {
            sidecars.gaps.push(format!(
                "only the first {MAX_SIDECARS} descriptions were read"
            ));
        }
        let mut reads = stream::iter(places)
            .map(|place| async move {
                let bytes = self.description(&place, cancel).await;
                (place, bytes)
            })
            .buffered(READS_AT_ONCE);
        while let Some((place, bytes)) = reads.next().await {
            match bytes {
                Err(SourceError::Cancelled) => return Err(SourceError::Cancelled),
                read => {
                    let bytes = read.ok();
                    let reading = self.reading();
                    reading.look_at(sidecars, criteria, &place, bytes.as_deref());
                }
            }
        }
        sidecars.answers += 1;
        Ok(())
    }

    /// Places of all descriptions, in order.
    async fn places(&self) -> Result<Vec<String>, SourceError> {
        let mut list = self.store.list(Some(&self.prefix));
        let mut places = Vec::new();
        while let Some(object) = list.next().await {
            let object = object.map_err(|error| explain(LIST, &error))?;
            places.extend(place_of(&object));
            if places.len() >= MAX_SIDECARS {
                break;
            }
        }
        places.sort_unstable();
        Ok(places)
    }

    async fn description(
        &self,
        place: &str,
        cancel: &CancellationToken,
    ) -> Result<Bytes, SourceError> {
        let url = self.address(&format!("{place}{ENDING}")).await?;
        let answer = self
            .http
            .get_presigned(&url, Purpose::Metadata, cancel)
            .await?;
        if answer.status.is_success() {
            return Ok(answer.body);
        }
        Err(SourceError::NotFound { operation: READ })
    }

    /// The recording of this id; `None` when there is none.
    pub(crate) async fn locate(
        &self,
        reference: &str,
        cancel: &CancellationToken,
    ) -> Result<Option<Place>, SourceError> {
        let path = Path::parse(reference).ok();
        let is_below = |path: &Path| path.prefix_matches(&self.prefix);
        if !sidecar::is_inside(reference) || !path.is_some_and(|path| is_below(&path)) {
            return Ok(None);
        }
        let bytes = none_if_absent(self.description(reference, cancel).await)?;
        let entry = bytes.and_then(|bytes| self.reading().entry(reference, &bytes));
        Ok(entry.map(|entry| entry.place(&self.id)))
    }

    fn reading(&self) -> Reading<'_> {
        Reading {
            source: &self.id,
            fields: &self.fields,
            zone: &self.zone,
        }
    }

    pub(crate) async fn fetch_media(
        &self,
        request: &MediaRequest,
        sink: &mut impl MediaSink,
        cancel: &CancellationToken,
    ) -> Result<FetchedMedia, FetchError> {
        let bytes = self.description(request.recording.as_str(), cancel).await?;
        let entry = self.reading().entry(request.recording.as_str(), &bytes);
        let entry = entry.ok_or_else(|| FetchError::Faulty {
            reason: "its description cannot be read".to_owned(),
        })?;
        let mut sniffing = Sniffing::new(sink);
        let arrived = self.sound(request, &entry, &mut sniffing, cancel).await?;
        let seen = sniffing.finish(entry.codec.as_deref()).await?;
        let duration_ms = entry.duration_ms();
        Ok(FetchedMedia {
            content_type: seen.content_type().unwrap_or_default().to_owned(),
            size_bytes: arrived.size_bytes,
            reported_duration_ms: duration_ms,
            attempts: arrived.attempts,
            timeline: AudioTimeline::new(entry.start_utc, Vec::new()).lasting(duration_ms),
            already_redacted: None,
            host: arrived.host,
            link: None,
        })
    }

    /// Fetches the first of the places where the sound may be.
    async fn sound(
        &self,
        request: &MediaRequest,
        entry: &Entry,
        sink: &mut impl MediaSink,
        cancel: &CancellationToken,
    ) -> Result<Arrived, FetchError> {
        for place in sidecar::sound_places(&request.recording, entry) {
            match self.object(&place, entry.size_bytes, sink, cancel).await {
                Err(FetchError::Purged) => {}
                end => return end,
            }
        }
        // S2-45
        Err(FetchError::Purged)
    }

    async fn object(
        &self,
        place: &str,
        size: Option<u64>,
        sink: &mut impl MediaSink,
        cancel: &CancellationToken,
    ) -> Result<Arrived, FetchError> {
        let mut download = Download::new(&self.http, None, cancel).any_type();
        for _ in 0..=MAX_RENEWALS {
            let url = self.address(place).await?;
            if let Outcome::Complete(arrived) = download.run(&url, size, sink).await? {
                return Ok(arrived);
            }
        }
        Err(FetchError::addresses_ended())
    }

    async fn address(&self, place: &str) -> Result<Url, SourceError> {
        let path = Path::parse(place).map_err(|_| SourceError::NotFound { operation: READ })?;
        self.signed(Method::GET, &path).await
    }

    async fn signed(&self, method: Method, path: &Path) -> Result<Url, SourceError> {
        let signed = self.store.signed_url(method, path, ADDRESS_LIFE);
        signed.await.map_err(|error| explain(READ, &error))
    }
}

fn place_of(object: &ObjectMeta) -> Option<String> {
    let place = object.location.as_ref().strip_suffix(ENDING)?;
    (object.size <= MAX_SIDECAR_BYTES).then(|| place.to_owned())
}
