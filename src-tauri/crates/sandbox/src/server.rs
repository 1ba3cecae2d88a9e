//! Starts and stops the three listeners.

use std::{
    collections::BTreeSet,
    net::Ipv4Addr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::Router;
use jiff::Timestamp;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    connection::{Connection, ResettableListener, Traffic},
    demo::demo_subject,
    faults::{self, Faults, Host},
    file_state::FileState,
    genesys, media,
    organization::{self, ClientRole, Credentials},
    scenario::Scenario,
    state::Organization,
};

/// How long open connections get to finish when the sandbox stops.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(3);

/// The current time; tests turn it forward to see tokens and links expire.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How the pretend organization behaves.
#[derive(Clone)]
pub struct SandboxOptions {
    /// First of three consecutive ports (login, API, media); `None` takes free ones.
    pub base_port: Option<u16>,
    /// Faults to inject.
    pub scenario: Scenario,
    /// The time on the organization's servers.
    pub clock: Clock,
    /// Life of an access token. Genesys allows 300 to 172,800 s.
    pub token_lifetime_s: u32,
    /// Life of the refresh token of a person; `None` gives none, as clients with PKCE must expect.
    pub refresh_lifetime_s: Option<u32>,
    /// Requests per minute and token; generous, because the limit is not what most tests are about.
    pub rate_limit_per_minute: u32,
    /// How long the first request for a recording in a format takes to become ready.
    pub transcode_ms: u64,
    /// Seconds until the query shows a call that has ended; the job then lags by hours. `None` shows every
    /// call of the corpus at once, whatever the clock says.
    pub index_lag_s: Option<u32>,
    /// Recordings that lost their conversation.
    pub orphans: u32,
}

/// Where the hosts listen, without a final slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxUrls {
    /// Platform API host.
    pub api_url: String,
    /// Login host.
    pub login_url: String,
    /// Object storage host; clients learn it from answers and need not be told.
    pub media_url: String,
}

/// Why the sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A port could not be opened.
    #[error(
        "The sandbox could not listen on 127.0.0.1:{port}: {source}; choose another base port or none"
    )]
    Listen {
        /// The port asked for; 0 for any free one.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// Three consecutive ports do not fit.
    #[error(
        "The sandbox needs three ports from {0} upward, and the last possible is 65535; choose a lower one"
    )]
    PortRange(u16),
}

/// A running pretend organization. Dropping it closes the listeners; [`Sandbox::stop`] also waits.
pub struct Sandbox {
    organization: Arc<Organization>,
    /// Login, API, media.
    traffic: [Arc<Traffic>; 3],
    servers: JoinSet<()>,
}

/// What came through the connections of a host: every byte, as a packet capture would show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostTraffic {
    /// Where the host listens, without a final slash.
    pub url: String,
    /// Bytes from clients.
    pub received_bytes: u64,
    /// Bytes to clients.
    pub sent_bytes: u64,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            base_port: None,
            scenario: Scenario::default(),
            clock: Arc::new(real_time),
            token_lifetime_s: 86_400,
            refresh_lifetime_s: Some(30 * 86_400),
            rate_limit_per_minute: 3000,
            transcode_ms: 250,
            index_lag_s: None,
            orphans: 0,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the default clock; tests bring their own"
)]
fn real_time() -> Timestamp {
    Timestamp::now()
}

impl Sandbox {
    /// Opens the three listeners and begins to answer.
    ///
    /// # Errors
    /// When a port is taken or three do not fit.
    pub async fn start(options: SandboxOptions) -> Result<Self, SandboxError> {
        let ports = ports(options.base_port)?;
        let login = listen(ports[0]).await?;
        let api = listen(ports[1]).await?;
        let media = listen(ports[2]).await?;
        let urls = SandboxUrls {
            login_url: url(&login, ports[0])?,
            api_url: url(&api, ports[1])?,
            media_url: url(&media, ports[2])?,
        };
        let stopping = CancellationToken::new();
        let organization = Arc::new(Organization::new(urls, &options, stopping.clone()));
        let faults = Arc::new(Faults::new(options.scenario, Arc::clone(&organization)));
        let mut servers = JoinSet::new();
        let mut open = |listener: TcpListener, host: Host, router: Router| {
            let router = faults::layer(router, host, Arc::clone(&faults));
            let listener = ResettableListener::new(listener);
            let traffic = Arc::clone(&listener.traffic);
            servers.spawn(serve(listener, router, stopping.clone()));
            traffic
        };
        let shared = || Arc::clone(&organization);
        let traffic = [
            open(login, Host::Login, genesys::login_router(shared())),
            open(api, Host::Api, genesys::api_router(shared())),
            open(media, Host::Media, media::router(shared())),
        ];
        Ok(Self {
            organization,
            traffic,
            servers,
        })
    }

    /// Where the hosts listen.
    pub fn urls(&self) -> &SandboxUrls {
        &self.organization.urls
    }

    /// Registers an address to which the login page may send a browser back.
    pub fn register_redirect(&self, redirect_uri: &str) {
        let mut memory = self.organization.memory();
        memory.redirect_uris.insert(redirect_uri.to_owned());
    }

    /// Moves the media of a recording: into the archive, out of reach, away.
    pub fn set_file_state(&self, recording_id: &str, state: FileState) {
        self.organization.change_file_state(recording_id, state);
    }

    /// How many API requests the rate limit let through so far, and how many it refused with 429.
    pub fn paced_requests(&self) -> (u64, u64) {
        self.organization.paced()
    }

    /// The conversations under legal hold.
    pub fn held_conversations(&self) -> BTreeSet<String> {
        self.organization.memory().holds.clone()
    }

    /// How many search jobs it keeps now, and how many it kept at the same time at most.
    pub fn search_jobs(&self) -> (usize, usize) {
        let memory = self.organization.memory();
        (memory.searches.len(), memory.most_searches)
    }

    /// What went through each host so far.
    pub fn traffic(&self) -> Vec<HostTraffic> {
        let urls = self.urls();
        let urls = [&urls.login_url, &urls.api_url, &urls.media_url];
        let of_host = |(url, traffic): (&String, &Arc<Traffic>)| HostTraffic {
            url: url.clone(),
            received_bytes: traffic.received.load(Ordering::Relaxed),
            sent_bytes: traffic.sent.load(Ordering::Relaxed),
        };
        urls.into_iter().zip(&self.traffic).map(of_host).collect()
    }

    /// The login that may do exactly what the product needs.
    pub fn credentials(&self) -> Credentials {
        ClientRole::Standard.credentials()
    }

    /// AWS region the organization says its recordings are stored in.
    pub fn region(&self) -> &'static str {
        organization::REGION
    }

    /// The interval of the demo's request, as the API writes it.
    pub fn interval(&self) -> &'static str {
        demo_subject().interval
    }

    /// Stops taking connections, lets open requests finish for a moment, and ends.
    pub async fn stop(mut self) {
        self.organization.stopping.cancel();
        let all = async { while self.servers.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_GRACE, all).await.is_err() {
            tracing::warn!("sandbox connections were still open after {STOP_GRACE:?} and were cut");
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.organization.stopping.cancel();
    }
}

/// The ports of login, API and media.
fn ports(base: Option<u16>) -> Result<[u16; 3], SandboxError> {
    match base {
        None | Some(0) => Ok([0; 3]),
        Some(base) => {
            let last = base.checked_add(2).ok_or(SandboxError::PortRange(base))?;
            Ok([base, base + 1, last])
        }
    }
}

pub(crate) async fn listen(port: u16) -> Result<TcpListener, SandboxError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|source| SandboxError::Listen { port, source })
}

pub(crate) fn url(listener: &TcpListener, port: u16) -> Result<String, SandboxError> {
    let address = listener
        .local_addr()
        .map_err(|source| SandboxError::Listen { port, source })?;
    Ok(format!("http://{address}"))
}

pub(crate) async fn serve(
    listener: ResettableListener,
    router: Router,
    stopping: CancellationToken,
) {
    let service = router.into_make_service_with_connect_info::<Connection>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stopping.cancelled_owned());
    if let Err(error) = serving.await {
        tracing::error!("a sandbox listener ended: {error}");
    }
}
