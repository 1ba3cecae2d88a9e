//! What the organization remembers between requests: tokens, searches, transcodes, batches, holds.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    audio::{Format, Library},
    bulk::{Made, Planted},
    corpus::{Conversation, Corpus},
    file_state::Changed,
    organization::ClientRole,
    presign::Signer,
    server::{Clock, SandboxUrls},
};

/// Where the portal waits for the browser, as its handbook says to register it.
const REDIRECT_URI: &str = "http://localhost:28147/signed-in";
/// How long links to audio live; also what the organization's recording settings say.
pub(crate) const MEDIA_URL_TTL_MIN: i64 = 60;
/// Genesys: transcript URLs live ten minutes (help page, checked 2026-07).
pub(crate) const TRANSCRIPT_URL_TTL_MIN: i64 = 10;
/// The rate limit counts in windows of this length.
const RATE_WINDOW: Duration = Duration::from_secs(60);

/// Shared by all three hosts.
pub(crate) struct Organization {
    pub(crate) urls: SandboxUrls,
    pub(crate) clock: Clock,
    pub(crate) token_lifetime_s: u32,
    refresh_lifetime_s: Option<u32>,
    pub(crate) rate_limit_per_minute: u32,
    pub(crate) transcode_ms: u64,
    pub(crate) index_lag_s: Option<u32>,
    pub(crate) orphans: u32,
    bulk: Option<&'static Planted>,
    pub(crate) signer: Signer,
    pub(crate) library: Library,
    /// Ends slow bodies when the sandbox stops.
    pub(crate) stopping: CancellationToken,
    /// Requests with a token: within its rate limit, and above it.
    admitted: AtomicU64,
    refused: AtomicU64,
    memory: Mutex<Memory>,
}

/// Everything that changes.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) searches: HashMap<String, Search>,
    /// The most that were kept at the same time.
    pub(crate) most_searches: usize,
    /// When a recording will be, or was, ready in a format.
    pub(crate) transcodes: HashMap<(String, Format), Instant>,
    pub(crate) batches: HashMap<String, Batch>,
    /// Recordings whose state differs from the corpus.
    pub(crate) file_states: HashMap<String, Changed>,
    /// Conversations under legal hold.
    pub(crate) holds: BTreeSet<String>,
    /// Addresses to which the login page may send a browser back.
    pub(crate) redirect_uris: BTreeSet<String>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) refresh_tokens: HashMap<String, RefreshToken>,
}

/// What the login page handed out, and to whom.
pub(crate) struct Code {
    pub(crate) role: ClientRole,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) expires_utc: Timestamp,
    /// The session it bought.
    pub(crate) bought: Option<String>,
}

/// Buys the next access token of a person.
pub(crate) struct RefreshToken {
    pub(crate) role: ClientRole,
    pub(crate) session: String,
    pub(crate) expires_utc: Timestamp,
}

/// What a person's client is given.
pub(crate) struct PersonGrant {
    pub(crate) session: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
}

/// An access token and what it used of its rate limit.
pub(crate) struct Token {
    pub(crate) role: ClientRole,
    pub(crate) expires_utc: Timestamp,
    /// The sign-in of a person that it belongs to.
    session: Option<String>,
    window_began: Instant,
    used: u32,
}

/// An asynchronous search; it advances each time somebody asks how far it is.
pub(crate) struct Search {
    pub(crate) conversations: Vec<Value>,
    pub(crate) polls: u32,
    pub(crate) submitted_utc: Timestamp,
}

/// A batch of downloads.
pub(crate) struct Batch {
    pub(crate) role: ClientRole,
    /// Conversation and recording, in the order asked for.
    pub(crate) recordings: Vec<(String, String)>,
    pub(crate) polls: u32,
}

/// The rate limit as the answer's headers say it.
#[derive(Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) used: u32,
    pub(crate) allowed: u32,
    pub(crate) reset_s: u64,
}

impl Organization {
    pub(crate) fn new(
        urls: SandboxUrls,
        options: &crate::SandboxOptions,
        stopping: CancellationToken,
    ) -> Self {
        Self {
            urls,
            clock: options.clock.clone(),
            token_lifetime_s: options.token_lifetime_s,
            refresh_lifetime_s: options.refresh_lifetime_s,
            rate_limit_per_minute: rate_limit(options),
            transcode_ms: options
                .scenario
                .transcode_ms
                .unwrap_or(options.transcode_ms),
            bulk: options.scenario.bulk.map(Planted::plant),
            index_lag_s: options.index_lag_s,
            orphans: options.orphans,
            signer: Signer::new(),
            library: Library::default(),
            stopping,
            admitted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            memory: Mutex::new(Memory {
                redirect_uris: BTreeSet::from([REDIRECT_URI.to_owned()]),
                ..Memory::default()
            }),
        }
    }

    /// How many requests the rate limit let through, and how many not.
    pub(crate) fn paced(&self) -> (u64, u64) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (count(&self.admitted), count(&self.refused))
    }

    pub(crate) fn now_utc(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every conversation there is.
    pub(crate) fn conversations(&self) -> impl Iterator<Item = &'static Conversation> {
        let bulk = self.bulk.map(Planted::all).unwrap_or_default();
        Corpus::get().conversations.iter().chain(bulk)
    }

    /// The conversation with this id.
    pub(crate) fn conversation(&self, id: &str) -> Option<&'static Conversation> {
        let bulk = || self.bulk?.conversation(id);
        Corpus::get().conversation(id).or_else(bulk)
    }

    /// The file of a recording that is made while it is read.
    pub(crate) fn bulk_file(&self, recording_id: &str, format: Format) -> Option<Made> {
        self.bulk?.file(recording_id, format)
    }

    /// A new access token for a client.
    pub(crate) fn issue_token(&self, role: ClientRole) -> String {
        self.issue(role, None)
    }

    /// The tokens of a person who has just signed in.
    pub(crate) fn grant_person(&self, role: ClientRole) -> PersonGrant {
        self.grant_person_in(role, uuid::Uuid::new_v4().simple().to_string())
    }

    /// The next tokens of a person.
    pub(crate) fn grant_person_in(&self, role: ClientRole, session: String) -> PersonGrant {
        let access_token = self.issue(role, Some(session.clone()));
        let refresh_token = self.refresh_lifetime_s.map(|lifetime_s| {
            let token = uuid::Uuid::new_v4().simple().to_string();
            let kept = RefreshToken {
                role,
                session: session.clone(),
                expires_utc: self.now_utc() + SignedDuration::from_secs(i64::from(lifetime_s)),
            };
            self.memory().refresh_tokens.insert(token.clone(), kept);
            token
        });
        PersonGrant {
            session,
            access_token,
            refresh_token,
        }
    }

    /// Ends everything that a sign-in of a person bought.
    pub(crate) fn revoke(&self, session: &str) {
        let mut memory = self.memory();
        memory
            .tokens
            .retain(|_, token| token.session.as_deref() != Some(session));
        memory
            .refresh_tokens
            .retain(|_, token| token.session != session);
    }

    fn issue(&self, role: ClientRole, session: Option<String>) -> String {
        let access_token = uuid::Uuid::new_v4().simple().to_string();
        let lifetime = SignedDuration::from_secs(i64::from(self.token_lifetime_s));
        let token = Token {
            role,
            expires_utc: self.now_utc() + lifetime,
            session,
            window_began: Instant::now(),
            used: 0,
        };
        let mut memory = self.memory();
        // What has expired is forgotten, so that a long-running sandbox does not grow.
        memory
            .tokens
            .retain(|_, known| known.expires_utc > self.now_utc());
        memory.tokens.insert(access_token.clone(), token);
        access_token
    }

    /// The role behind a token and what is left of its budget; `None` when the token is not valid.
    pub(crate) fn spend(&self, access_token: &str) -> Option<(ClientRole, Budget)> {
        let now_utc = self.now_utc();
        let mut memory = self.memory();
        let token = memory
            .tokens
            .get_mut(access_token)
            .filter(|token| token.expires_utc > now_utc)?;
        if token.window_began.elapsed() >= RATE_WINDOW {
            token.window_began = Instant::now();
            token.used = 0;
        }
        token.used = token.used.saturating_add(1);
        let within = token.used <= self.rate_limit_per_minute;
        let counter = if within {
            &self.admitted
        } else {
            &self.refused
        };
        counter.fetch_add(1, Ordering::Relaxed);
        let left = RATE_WINDOW.saturating_sub(token.window_began.elapsed());
        let reset_s = left.as_millis().div_ceil(1000) as u64;
        Some((
            token.role,
            Budget {
                used: token.used,
                allowed: self.rate_limit_per_minute,
                reset_s,
            },
        ))
    }

    /// A link to `path` on the media host.
    pub(crate) fn media_link(&self, path: &str, ttl_min: i64) -> String {
        format!(
            "{}{}",
            self.urls.media_url,
            self.signer.sign(path, self.now_utc(), ttl_min * 60)
        )
    }
}

/// 0 in a scenario means without a limit.
fn rate_limit(options: &crate::SandboxOptions) -> u32 {
    match options.scenario.rate_limit_per_minute {
        Some(0) => u32::MAX,
        Some(limit) => limit,
        None => options.rate_limit_per_minute,
    }
}
