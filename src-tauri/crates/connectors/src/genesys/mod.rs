//! Genesys Cloud, Platform API v2. Every path and field used carries its source.
//!
//! - `region`: where organizations live.
//! - `token`: one token for all tasks, renewed in time. // S0-16…S0-19
//! - `browser`, `redirect`: a person signs in; `person`: their tokens; `carrier`: over which client.
//! - `api`: one authenticated call and what its errors mean; `clock`: what time it is there.
//! - `model`: the parts of answers we read.
//! - `health`, `permissions`: whose recordings these are, and what the credentials may do. // S0-22
//! - `search`, `history`, `lag`, `seen`, `query`, `job`, `conversations`, `matching`, `found`: from identifiers to recordings.
//! - `media`: one recording, waited for, described, streamed.
//! - `lookup`: from a number or address to the contacts that calls are found by; `places`: what came of looking.
//! - `restore`: out of the archive. Batches of recordings are not used, see decision 0011.
//! - `orphans`: recordings without a conversation; `hold`: nothing of a case is deleted.
//! - `transcript`: the source's own transcript.

mod api;
mod browser;
mod carrier;
mod clock;
mod conversations;
mod found;
mod health;
mod history;
mod hold;
mod job;
mod lag;
mod lookup;
mod matching;
mod media;
mod model;
mod orphans;
mod permissions;
mod person;
mod places;
mod query;
mod recount;
mod redirect;
mod region;
mod restore;
mod search;
mod seen;
pub(crate) mod token;
mod transcript;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use domain::{ids::SourceId, sensitive::Secret};
use jiff::Timestamp;
use url::Url;

pub use self::{
    browser::{BeginError, BrowserSignIn, PersonClient, REDIRECT_PORT},
    hold::Hold,
    lookup::{Directory, Known},
    orphans::{Orphan, Orphans},
    person::{KeepTokens, PersonSession, PersonTokens},
    places::{PlaceKind, PlaceOutcome, SearchedPlace},
    region::{REGIONS, Region},
    restore::Restoration,
};
pub use crate::numbers::HomeNumbering;
use crate::{
    http::{EgressLedger, Http, HttpError, check_address},
    limiter::{Limiter, Pace},
};

/// Where the current time comes from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How to reach an organization.
#[derive(Clone)]
pub struct GenesysConfig {
    /// The id of this source in cases and logs.
    pub source_id: SourceId,
    /// Base address of the Platform API, such as `https://api.mypurecloud.de`.
    pub api_url: String,
    /// Base address of the login host, such as `https://login.mypurecloud.de`.
    pub login_url: String,
    /// Further hosts that media may come from: domains, or hosts with a port. Known without being named are
    /// the storage of the organization's region and, for an API on this machine, this machine.
    pub media_hosts: Vec<String>,
    /// Id of the OAuth client.
    pub client_id: String,
    /// Secret of the OAuth client; not used for a person.
    pub client_secret: Secret<String>,
    /// Who signed in with a browser; `None` for a client that acts for itself.
    pub person: Option<PersonSession>,
    /// How numbers of the organization's own country are written; `None` looks for international forms only.
    pub home: Option<HomeNumbering>,
    /// The pace of requests; media downloads do not count.
    pub pace: Pace,
    /// How long to wait for work that the platform does in the background.
    pub polling: Polling,
}

/// Waits for work that the platform does in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Polling {
    /// Shortest wait between two questions.
    pub min: Duration,
    /// Longest wait between two questions.
    pub max: Duration,
    /// When to give up waiting for one recording to be transcoded.
    pub media_budget: Duration,
    /// When to give up waiting for one search job.
    pub search_budget: Duration,
}

impl Default for Polling {
    fn default() -> Self {
        Self {
            // Genesys: wait the estimated time, 2 s to 30 s (API reference, checked 2026-08).
            min: Duration::from_secs(2),
            max: Duration::from_secs(30),
            media_budget: Duration::from_secs(15 * 60),
            search_budget: Duration::from_secs(30 * 60),
        }
    }
}

impl Default for GenesysConfig {
    fn default() -> Self {
        Self {
            source_id: SourceId::new("genesys").expect("a fixed id is valid"),
            api_url: String::new(),
            login_url: String::new(),
            media_hosts: Vec::new(),
            client_id: String::new(),
            client_secret: Secret::default(),
            person: None,
            home: None,
            // Genesys: 300 requests a minute and token (API reference, checked 2026-08); 30 + 60 × 4.5 = 300.
            pace: Pace {
                per_second: 4.5,
                max_per_second: 50.0,
                burst: 30,
            },
            polling: Polling::default(),
        }
    }
}

/// Why a configuration is unusable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The text is no address.
    #[error("`{field}` is not an address such as `https://api.mypurecloud.de`")]
    NotAnAddress {
        /// Which one.
        field: &'static str,
    },
    /// The address may not be used.
    #[error(transparent)]
    Refused(#[from] HttpError),
}

/// One organization in Genesys Cloud; clones share token, pace and connections.
#[derive(Clone)]
pub struct Genesys {
    config: GenesysConfig,
    api_url: Url,
    http: Http,
    limiter: Limiter,
    tokens: Arc<token::TokenCache>,
    clock: Clock,
    platform_clock: clock::PlatformClock,
    /// Whether the credentials get audio without redaction by the platform; asked once.
    sees_unredacted: Arc<OnceLock<bool>>,
}

impl Genesys {
    /// Checks the addresses; asks nobody yet.
    ///
    /// # Errors
    /// When an address is not one, or is neither `https` nor on this machine.
    pub fn new(config: GenesysConfig, http: Http, clock: Clock) -> Result<Self, ConfigError> {
        let api_url = address("API address", &config.api_url)?;
        let login_url = address("login address", &config.login_url)?;
        let limiter = Limiter::new(config.pace);
        let tokens = tokens(&config, &login_url, clock.clone());
        let http = http.only(region::known_hosts(
            &api_url,
            &login_url,
            &config.media_hosts,
        ));
        Ok(Self {
            config,
            api_url,
            http,
            limiter,
            tokens: Arc::new(tokens),
            clock,
            platform_clock: clock::PlatformClock::default(),
            sees_unredacted: Arc::default(),
        })
    }

    /// The configured id.
    pub fn id(&self) -> &SourceId {
        &self.config.source_id
    }

    /// The same organization with a ledger of its own. // B8
    pub(crate) fn counted(&self) -> (Self, EgressLedger) {
        let (http, ledger) = self.http.counted();
        let counted = Self {
            http,
            ..self.clone()
        };
        (counted, ledger)
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

fn tokens(config: &GenesysConfig, login_url: &Url, clock: Clock) -> token::TokenCache {
    let id = &config.client_id;
    match config.person.clone() {
        Some(session) => token::TokenCache::of_person(login_url, id, session, clock),
        None => token::TokenCache::new(login_url, id, &config.client_secret, clock),
    }
}

fn address(field: &'static str, text: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(text.trim()).map_err(|_| ConfigError::NotAnAddress { field })?;
    check_address(&url)?;
    Ok(url)
}

/// Finds a region by its domain or its name at Amazon Web Services.
pub fn region(name: &str) -> Option<Region> {
    region::find(name)
}
