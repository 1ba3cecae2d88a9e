//! Tokens of another issuer, beside our own: who asks is what their claims say. // S1-24, S1-26

use std::{path::PathBuf, time::Duration};

use connectors::{
    genesys::Clock,
    http::{Http, HttpOptions},
    token_issuer::{Claims, IssuerSettings, KeyPlace, TokenError, TokenIssuer},
};
use serde::Deserialize;
use url::Url;

use super::{
    Gateway,
    clients::Scope,
    error::{Code, GatewayError},
    journal::{self, OnRecord},
    tokens::Caller,
};
use crate::api::ApiError;

/// Clocks further apart than this are to be set right.
const MAX_LEEWAY_S: u32 = 300;
/// Longest name of a client.
const MAX_CLIENT: usize = 128;
/// A caller waits for the keys; whoever comes next asks again.
const MAX_ATTEMPTS: u32 = 2;
/// And so does everybody with a token of the issuer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What an operator writes about an issuer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// Its name in tokens (`iss`), letter by letter.
    pub issuer: String,
    /// The name of this gateway in its tokens (`aud`).
    pub audience: String,
    /// Where its public keys are.
    pub keys: KeysConfig,
    /// The claim that names the tenant.
    #[serde(default = "tenant")]
    pub tenant_claim: String,
    /// The claim that names the program that asks.
    #[serde(default = "client")]
    pub client_claim: String,
    /// The claim that lists what the token covers.
    #[serde(default = "scope")]
    pub scope_claim: String,
    /// How far its clock may be from ours, in seconds.
    #[serde(default = "a_minute")]
    pub leeway_s: u32,
}

/// Where public keys are.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum KeysConfig {
    /// An address of a JSON Web Key Set: `https`, or this machine.
    Url(Url),
    /// A file of one.
    File(PathBuf),
}

fn tenant() -> String {
    "tenant".to_owned()
}

fn client() -> String {
    "client_id".to_owned()
}

fn scope() -> String {
    "scope".to_owned()
}

const fn a_minute() -> u32 {
    60
}

impl IssuerConfig {
    pub(super) fn check(&self) -> Result<(), ApiError> {
        let names = [
            ("issuer", &self.issuer),
            ("audience", &self.audience),
            ("tenant_claim", &self.tenant_claim),
            ("client_claim", &self.client_claim),
            ("scope_claim", &self.scope_claim),
        ];
        if let Some((key, _)) = names.iter().find(|(_, text)| text.trim().is_empty()) {
            let key = format!("token_issuer.{key}");
            return Err(ApiError::invalid(&key, "it is empty"));
        }
        if self.leeway_s > MAX_LEEWAY_S {
            let why = format!("it must be 0 to {MAX_LEEWAY_S}");
            return Err(ApiError::invalid("token_issuer.leeway_s", why));
        }
        Ok(())
    }

    pub(super) fn open(self, http: &HttpOptions, clock: Clock) -> Result<Issuer, ApiError> {
        let mut http = http.clone();
        http.retry.max_attempts = MAX_ATTEMPTS;
        http.answer_timeout = PATIENCE;
        let wrong = |error: &dyn std::fmt::Display| {
            ApiError::invalid("token_issuer.keys", error.to_string())
        };
        let http = Http::new(http).map_err(|error| wrong(&error))?;
        let settings = IssuerSettings {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            leeway_s: self.leeway_s,
            keys: match &self.keys {
                KeysConfig::Url(url) => KeyPlace::Address(url.clone()),
                KeysConfig::File(path) => KeyPlace::File(path.clone()),
            },
        };
        let tokens = TokenIssuer::new(settings, &http, clock).map_err(|error| wrong(&error))?;
        Ok(Issuer {
            tokens,
            config: self,
        })
    }
}

/// An issuer whose tokens count here.
pub(super) struct Issuer {
    tokens: TokenIssuer,
    config: IssuerConfig,
}

/// Whether a token has the form of those that others issue; ours have no dot.
pub(super) fn is_of_an_issuer(token: &str) -> bool {
    token.split('.').count() == 3
}

impl Gateway {
    /// Who asks, by a token of the issuer.
    pub(super) async fn caller_of(
        &self,
        issuer: &Issuer,
        token: &str,
    ) -> Result<Caller, GatewayError> {
        let (tokens, ledger) = issuer.tokens.counted();
        let on_record = OnRecord::new(self, [&ledger]);
        let checked = tokens.check(token, &self.inner.stop).await;
        for egress in on_record.take() {
            journal::egress(self, &egress).await?;
        }
        let claims = checked.map_err(|error| refusal(&error))?;
        self.caller_in(&issuer.config, &claims)
    }

    fn caller_in(&self, config: &IssuerConfig, claims: &Claims) -> Result<Caller, GatewayError> {
        let named = |claim: &str| {
            let missing = TokenError::Missing {
                name: claim.to_owned(),
            };
            claims.text(claim).ok_or_else(|| refusal(&missing))
        };
        let tenant = named(&config.tenant_claim)?;
        if !self.inner.tenants.contains_key(tenant) {
            let why = "its tenant is none of this gateway";
            return Err(GatewayError::because(Code::InvalidToken, why));
        }
        let client = named(&config.client_claim)?;
        let is_client = (1..=MAX_CLIENT).contains(&client.len())
            && client.chars().all(|it| it.is_ascii_graphic());
        if !is_client {
            let why = "the name of its client cannot be written down";
            return Err(GatewayError::because(Code::InvalidToken, why));
        }
        let scopes = claims.list(&config.scope_claim);
        Ok(Caller {
            // No client that is registered here has a colon in its name.
            client: format!("issuer:{client}"),
            tenant: tenant.to_owned(),
            scopes: scopes.into_iter().filter_map(Scope::from_name).collect(),
        })
    }
}

fn refusal(error: &TokenError) -> GatewayError {
    match error {
        // Where the keys are is for the operator, and in the program's log.
        TokenError::KeysUnavailable { .. } => GatewayError::new(Code::KeysUnavailable),
        error => GatewayError::because(Code::InvalidToken, error),
    }
}
