//! A gateway of this product (`sar serve`): one address behind which all of an organization's recordings lie.
//!
//! - `call`: one request with the gateway's token, and what its errors mean.
//! - `search`: from identifiers to recordings, page by page.
//! - `media`: one recording, waited for when its source is slow.
//! - `transcript`: its words.
//! - `answer`: the parts of answers that are read.
//!
//! Paths and fields are those of the gateway's own description, `/openapi.json`.
//!
//! Invariant: the token goes to the gateway and to no other host. // S1-41

mod answer;
mod call;
mod media;
mod search;
mod transcript;

use std::sync::Arc;

use domain::{
    ids::{ConversationId, RecordingId, SourceId},
    sensitive::Secret,
};
use tokio_util::sync::CancellationToken;
use url::Url;

use self::answer::About;
use crate::{
    genesys::{Clock, Polling, token::TokenCache},
    http::{EgressLedger, Http, HttpError, KnownHosts, Purpose, check_address, host_of},
    limiter::{Limiter, Pace},
    locate::{Place, none_if_absent},
    source::{SourceError, SourceHealth},
};

/// How to reach a gateway.
#[derive(Clone)]
pub struct GatewayConfig {
    /// The id of this source in cases and logs.
    pub source_id: SourceId,
    /// Base address.
    pub url: String,
    /// Id of the client.
    pub client_id: String,
    /// Secret of the client.
    pub client_secret: Secret<String>,
    /// How long to wait for slow sources.
    pub polling: Polling,
}

/// A gateway answers for many; a desk is one of them.
const PACE: Pace = Pace {
    per_second: 10.0,
    max_per_second: 10.0,
    burst: 20,
};

/// One gateway; clones share token, pace and connections.
#[derive(Clone)]
pub struct Gateway {
    config: GatewayConfig,
    base: Url,
    http: Http,
    limiter: Limiter,
    tokens: Arc<TokenCache>,
}

impl Gateway {
    /// Checks the address; asks nobody yet.
    ///
    /// # Errors
    /// When it is none, or neither `https` nor on this machine.
    pub fn new(config: GatewayConfig, http: &Http, clock: Clock) -> Result<Self, HttpError> {
        let base = Url::parse(config.url.trim()).map_err(|_| HttpError::Address {
            host: "gateway".to_owned(),
            reason: "it is not an address such as `https://gateway.example.org`",
        })?;
        check_address(&base)?;
        let tokens = TokenCache::new(&base, &config.client_id, &config.client_secret, clock);
        Ok(Self {
            http: http.only(KnownHosts::default().with_address(&base)),
            limiter: Limiter::new(PACE),
            tokens: Arc::new(tokens),
            base,
            config,
        })
    }

    /// The configured id.
    pub fn id(&self) -> &SourceId {
        &self.config.source_id
    }

    /// The same gateway with a ledger of its own. // B8
    pub(crate) fn counted(&self) -> (Self, EgressLedger) {
        let (http, ledger) = self.http.counted();
        let counted = Self {
            http,
            ..self.clone()
        };
        (counted, ledger)
    }

    pub(crate) async fn health(
        &self,
        cancel: &CancellationToken,
    ) -> Result<SourceHealth, SourceError> {
        let token = self.tokens.get(&self.http, cancel).await?;
        Ok(SourceHealth {
            organization: host_of(&self.base),
            // One gateway answers each of its clients with the recordings of one tenant.
            organization_id: format!("{}/{}", host_of(&self.base), self.config.client_id),
            region: String::new(),
            divisions: Vec::new(),
            granted: Vec::new(),
            missing: Vec::new(),
            excess: Vec::new(),
            person: None,
            token_lifetime_s: token.lifetime_s,
            encryption_at_rest: None,
        })
    }

    /// What the gateway knows by a reference.
    pub(crate) async fn locate(
        &self,
        reference: &str,
        cancel: &CancellationToken,
    ) -> Result<Vec<Place>, SourceError> {
        let about = none_if_absent(self.about(reference, cancel).await)?;
        Ok(about.and_then(|it| self.place(&it)).into_iter().collect())
    }

    async fn about(&self, id: &str, cancel: &CancellationToken) -> Result<About, SourceError> {
        let url = self.address(&["api", "v2", "recordings", id])?;
        self.read("description of a recording", url, Purpose::Metadata, cancel)
            .await
    }

    fn place(&self, about: &About) -> Option<Place> {
        let call = &about.locations.first()?.call_id;
        Some(Place {
            source: self.id().clone(),
            conversation: ConversationId::new(call.clone()).ok()?,
            recording: RecordingId::new(about.id.clone()).ok()?,
            start_utc: about.start_time,
            end_utc: about.end_time,
            media_state: answer::media_state(&about.media_state),
            retention_ends_utc: about.locations.first()?.retention_expiry,
        })
    }
}
