//! The gateway: one place to search, read and stream any recording by one reference. // S1-01, S1-02, S1-23
//!
//! Reading order:
//!
//! - [`config`]: what an operator writes; [`clients`], `tokens`, `issuer`: who may ask for what.
//! - `reference`, `mapped`, `resolve`, `sync`: from a reference to the places of a call, repaired as they change;
//!   `walk`: the periodic sync; `import`: what a migration knows already.
//! - [`retrieve`]: streams at once, or starts a job; `stream`, `cached`, `jobs`: the three ways media takes; [`part`]:
//!   how much of it.
//! - [`search`], [`query`]: searches in pages; [`metadata`]: one recording without its sound; [`transcript`]: its words.
//! - `shares`: how tenants share what is done at once.
//! - [`error`]: every refusal; `journal`: what the log says; [`metrics`]: what an operator sees.
//!
//! Invariants:
//!
//! - A tenant sees its own sources only; a reference of another one is answered as an unknown one, and logged. // S1-26
//! - Which system is asked is read from the mapping, never assumed. // S1-21
//! - Nothing is called missing before every source of the tenant was asked. // S1-44
//! - A body that ends well is complete; any failure cuts the connection.
//! - No byte of a recording is sent before the log says so.
//! - No tenant takes all streams, retrievals or searches from the others.

pub mod clients;
pub mod config;
pub mod error;
pub mod metadata;
pub mod metrics;
pub mod part;
pub mod query;
pub mod retrieve;
pub mod search;
pub mod transcript;

mod cached;
mod import;
mod issuer;
mod jobs;
mod journal;
mod mapped;
mod reference;
mod resolve;
mod shares;
mod stream;
mod sync;
#[cfg(test)]
mod tests;
mod tokens;
mod walk;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use connectors::source::Source;
use domain::sensitive::Secret;
use jiff::Timestamp;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    clients::ClientBook,
    config::GatewayConfig,
    error::{Code, GatewayError},
    issuer::Issuer,
    metrics::Metrics,
    search::SearchBook,
    shares::Shares,
    tokens::TokenBook,
};
use crate::{
    api::ApiError,
    app::{App, AppOptions},
    source_config::{self, SourceConfig},
};

pub use self::{
    clients::Scope,
    import::import_mapping,
    issuer::{IssuerConfig, KeysConfig},
    jobs::JobView,
    stream::{MediaBody, MediaHead},
    tokens::{Caller, Granted, TokenRefusal},
    walk::SyncConfig,
};

/// Streams at once: each holds a connection to a source and a few chunks of memory.
const MAX_STREAMS: usize = 64;
/// Retrievals that run at once: old recorders do other work too.
const MAX_RUNNING_JOBS: usize = 4;
/// Searches at once: each keeps its sources busy.
const MAX_SEARCHES: usize = 4;
/// How often media whose time is over is looked for.
const PURGE_EVERY: Duration = Duration::from_secs(10 * 60);

/// The running gateway; clones share it.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    app: App,
    tenants: BTreeMap<String, Vec<TenantSource>>,
    clients: ClientBook,
    tokens: TokenBook,
    issuer: Option<Issuer>,
    searches: SearchBook,
    metrics: Metrics,
    stream_slots: Arc<Shares>,
    job_slots: Arc<Shares>,
    search_slots: Arc<Shares>,
    /// Starting a retrieval looks for a running one first; two at once would both find none.
    starting: tokio::sync::Mutex<()>,
    cache_life: jiff::SignedDuration,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// A source of a tenant, and what the mapping says about its kind.
struct TenantSource {
    source: Source,
    kind: Kind,
}

/// The kind of a source as the mapping keeps it. // S1-18
#[derive(Clone)]
struct Kind {
    /// `genesys_cloud`, or the product of an old system.
    system: String,
    storage_location: String,
    encryption_status: &'static str,
}

impl Kind {
    fn of(config: &SourceConfig) -> Self {
        let old = |system: String, place: String| Self {
            system,
            storage_location: place,
            encryption_status: "UNKNOWN",
        };
        match config {
            SourceConfig::Genesys(_) => Self {
                system: GENESYS.to_owned(),
                storage_location: "GENESYS_CLOUD_ARCHIVE".to_owned(),
                // Genesys: recordings are encrypted at rest with AES-256 (Resource Center, checked 2026-08).
                encryption_status: "AES_256",
            },
            SourceConfig::LegacyRest(it) => old(it.provider.clone(), "LEGACY_RECORDER".to_owned()),
            SourceConfig::S3Archive(it) => {
                old("s3_archive".to_owned(), format!("S3:{}", it.bucket))
            }
            SourceConfig::Folder(_) => old("folder".to_owned(), "FOLDER".to_owned()),
            SourceConfig::Gateway(_) => old("gateway".to_owned(), "GATEWAY".to_owned()),
        }
    }
}

/// The name of the platform in the mapping. // S1-18
const GENESYS: &str = "genesys_cloud";

impl Gateway {
    /// Opens store and sources, and takes up the retrievals of the last run.
    ///
    /// # Errors
    /// When the store cannot be opened, or a source or its secret cannot be used.
    pub async fn open(config: GatewayConfig, options: AppOptions) -> Result<Self, ApiError> {
        let http = options.http.clone();
        let walked = config.sync.as_ref().map(SyncConfig::rules).transpose()?;
        let clients = ClientBook::at(&options.data_dir)?;
        let app = App::open(options).await?;
        let tenants = match tenants(&config, &http, &app).await {
            Ok(tenants) => tenants,
            Err(error) => {
                app.close().await;
                return Err(error);
            }
        };
        let issuer = match issuer(&config, &http, &app) {
            Ok(issuer) => issuer,
            Err(error) => {
                app.close().await;
                return Err(error);
            }
        };
        let sharing = tenants.len();
        let gateway = Self {
            inner: Arc::new(Inner {
                tenants,
                clients,
                tokens: TokenBook::new(config.token_lifetime_s),
                issuer,
                searches: SearchBook::default(),
                metrics: Metrics::default(),
                stream_slots: Shares::new(MAX_STREAMS, sharing),
                job_slots: Shares::new(MAX_RUNNING_JOBS, sharing),
                search_slots: Shares::new(MAX_SEARCHES, sharing),
                starting: tokio::sync::Mutex::new(()),
                cache_life: jiff::SignedDuration::from_hours(config.cache_hours.into()),
                tasks: TaskTracker::new(),
                stop: CancellationToken::new(),
                app,
            }),
        };
        gateway.note_clients().await?;
        gateway.take_up_jobs().await?;
        gateway.purge_regularly();
        if let Some(rules) = &walked {
            gateway.walk_regularly(rules);
        }
        Ok(gateway)
    }

    /// Stops at once what still runs, and closes the store. Retrievals go on at the next start.
    pub async fn close(self) {
        self.inner.stop.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        self.inner.app.clone().close().await;
    }

    /// Whether the store answers, and the gateway is not stopping.
    pub async fn is_ready(&self) -> bool {
        !self.inner.stop.is_cancelled() && self.app().store().mapped_places().await.is_ok()
    }

    /// What an operator sees, as Prometheus text.
    pub async fn metrics_text(&self) -> String {
        let places = self.app().store().mapped_places().await.unwrap_or_default();
        let used = self.inner.stream_slots.used_by();
        let of = |tenant: &String| (tenant.clone(), used.get(tenant).copied().unwrap_or(0));
        let streams: Vec<_> = self.inner.tenants.keys().map(of).collect();
        self.inner.metrics.text(places, &streams)
    }

    /// Counts an answer. `route` is the pattern, never the path: paths name recordings.
    pub fn count_answer(&self, route: &str, status: u16) {
        self.inner.metrics.answered(route, status);
    }

    fn app(&self) -> &App {
        &self.inner.app
    }

    fn now(&self) -> Timestamp {
        self.inner.app.now()
    }

    fn sources(&self, tenant: &str) -> &[TenantSource] {
        self.inner.tenants.get(tenant).map_or(&[], Vec::as_slice)
    }

    fn source(&self, tenant: &str, id: &str) -> Option<&TenantSource> {
        let mut sources = self.sources(tenant).iter();
        sources.find(|it| it.source.id().as_str() == id)
    }

    fn purge_regularly(&self) {
        let gateway = self.clone();
        self.inner.tasks.spawn(async move {
            let stop = gateway.inner.stop.clone();
            loop {
                if let Err(error) = gateway.purge().await {
                    tracing::error!(%error, "media whose time is over could not be removed");
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(PURGE_EVERY) => {}
                }
            }
        });
    }
}

/// Keeps the secret of a source where the keys of the folder are. // S1-40
///
/// # Errors
/// When the folder is in use or cannot be opened.
pub async fn keep_secret(
    options: AppOptions,
    name: &str,
    secret: &Secret<String>,
) -> Result<(), ApiError> {
    let app = App::open(options).await?;
    let kept = app.store().put_source_secret(name, secret).await;
    app.close().await;
    Ok(kept?)
}

/// A fresh id that ties the parts of one request together. // S0-67
pub fn correlation_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

fn issuer(
    config: &GatewayConfig,
    http: &crate::app::HttpOptions,
    app: &App,
) -> Result<Option<Issuer>, ApiError> {
    let config = config.token_issuer.clone();
    config.map(|it| it.open(http, app.clock())).transpose()
}

async fn tenants(
    config: &GatewayConfig,
    http: &crate::app::HttpOptions,
    app: &App,
) -> Result<BTreeMap<String, Vec<TenantSource>>, ApiError> {
    let mut tenants: BTreeMap<_, Vec<_>> = config
        .tenants
        .iter()
        .map(|tenant| (tenant.id.clone(), Vec::new()))
        .collect();
    for entry in &config.sources {
        let secret = entry.secret(app).await?;
        let source = entry.source.clone();
        let kind = Kind::of(&source);
        let source = source_config::build_source(source, &secret, http, &app.clock())?;
        let sources = tenants.entry(entry.tenant.clone()).or_default();
        sources.push(TenantSource { source, kind });
    }
    Ok(tenants)
}

/// A failure of our own; the details are in the program's log.
fn internal(error: impl Into<ApiError>) -> GatewayError {
    let error = error.into();
    tracing::error!(error = %error.message, "the gateway failed");
    GatewayError::new(Code::Internal)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
