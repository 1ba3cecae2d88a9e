//! Recorders from before the platform, as an organization in the middle of a migration still has them.
//!
//! - `calls`: what they hold, and which of it the platform has too.
//! - `avaya`, `cisco`: two interfaces that have nothing in common. Both are in the manner of such products, not theirs:
//!   every installation differs, which is why the connector is configured.
//! - `bucket`: the export of a third recorder, which is gone.
//! - `g711`: A-law, and files in codecs that nobody here decodes.

mod avaya;
mod bucket;
mod calls;
mod cisco;
mod g711;

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use self::calls::LegacyCall;
use crate::{
    connection::ResettableListener,
    faults::{self, Faults, Host},
    scenario::Scenario,
    server::{SandboxError, SandboxOptions, SandboxUrls, listen, serve, url},
    state::Organization,
};

/// How the recorders behave.
#[derive(Debug, Clone, Default)]
pub struct LegacyOptions {
    /// Faults to inject; `host = "legacy"` or left out.
    pub scenario: Scenario,
    /// How long each of them thinks before it answers, in milliseconds.
    pub answers_after_ms: u64,
    /// Whether the bucket says nothing of encryption.
    pub is_bucket_in_the_clear: bool,
}

/// Where the recorders listen, without a final slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacyUrls {
    /// The Avaya-like one; sign in as `svc-sar` with `sandbox-avaya`.
    pub avaya: String,
    /// The Cisco-like one; its token is `sandbox-cisco`.
    pub cisco: String,
    /// The S3-like store; its bucket is `call-archive`, its region `eu-west-2`.
    pub bucket: String,
}

/// Two running recorders and a bucket. Dropping it closes the listeners.
pub struct LegacyRecorders {
    urls: LegacyUrls,
    stopping: CancellationToken,
    _servers: JoinSet<()>,
}

/// What the handlers of a recorder share.
pub(crate) struct Recorder {
    organization: Arc<Organization>,
    answers_after_ms: u64,
    is_bucket_in_the_clear: bool,
}

type Shared = axum::extract::State<Arc<Recorder>>;

impl LegacyRecorders {
    /// User name and password of the Avaya-like recorder.
    pub const AVAYA_ACCOUNT: (&'static str, &'static str) = ("svc-sar", "sandbox-avaya");
    /// Token of the Cisco-like recorder.
    pub const CISCO_TOKEN: &'static str = "sandbox-cisco";

    /// Id and secret of the key that opens the bucket.
    pub const BUCKET_KEY: (&'static str, &'static str) = ("AKIASANDBOX", "sandbox-bucket");

    /// Opens the listeners on free ports and begins to answer.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(options: LegacyOptions) -> Result<Self, SandboxError> {
        let (avaya, cisco, bucket) = (listen(0).await?, listen(0).await?, listen(0).await?);
        let urls = LegacyUrls {
            avaya: url(&avaya, 0)?,
            cisco: url(&cisco, 0)?,
            bucket: url(&bucket, 0)?,
        };
        let stopping = CancellationToken::new();
        let nowhere = SandboxUrls {
            api_url: String::new(),
            login_url: String::new(),
            media_url: String::new(),
        };
        let defaults = SandboxOptions::default();
        let organization = Arc::new(Organization::new(nowhere, &defaults, stopping.clone()));
        let faults = Arc::new(Faults::new(options.scenario, Arc::clone(&organization)));
        let recorder = Arc::new(Recorder {
            organization,
            answers_after_ms: options.answers_after_ms,
            is_bucket_in_the_clear: options.is_bucket_in_the_clear,
        });
        let mut servers = JoinSet::new();
        for (listener, router) in [
            (avaya, avaya::router(Arc::clone(&recorder))),
            (cisco, cisco::router(Arc::clone(&recorder))),
            (bucket, bucket::router(Arc::clone(&recorder))),
        ] {
            let router = faults::layer(router, Host::Legacy, Arc::clone(&faults));
            let listener = ResettableListener::new(listener);
            servers.spawn(serve(listener, router, stopping.clone()));
        }
        Ok(Self {
            urls,
            stopping,
            _servers: servers,
        })
    }

    /// Where they listen.
    pub fn urls(&self) -> &LegacyUrls {
        &self.urls
    }

    /// Everything they hold.
    pub fn calls() -> Vec<LegacyCall> {
        calls::all()
    }
}

impl Drop for LegacyRecorders {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

impl Recorder {
    /// Old systems think for a while.
    async fn think(&self) {
        let thinking = std::time::Duration::from_millis(self.answers_after_ms);
        tokio::select! {
            () = tokio::time::sleep(thinking) => {}
            () = self.organization.stopping.cancelled() => {}
        }
    }

    /// The sound of a call, as its recorder made it.
    async fn sound(self: &Arc<Self>, call: &LegacyCall) -> Option<bytes::Bytes> {
        let (shared, call) = (Arc::clone(self), call.clone());
        let making = move || g711::file(&shared.organization.library, &call);
        tokio::task::spawn_blocking(making).await.ok().flatten()
    }
}

/// Whether the request carries exactly this authorization.
fn is_signed_in(headers: &HeaderMap, expected: &str) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| value.as_bytes() == expected.as_bytes())
}
