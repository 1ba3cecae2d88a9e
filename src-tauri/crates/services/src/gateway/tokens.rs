//! Access tokens of our own: random, known by their digest, gone with the process.

use std::{collections::HashMap, sync::Mutex};

use domain::{digest::Sha256Digest, requestor::Actor};
use evidence::hashing::sha256;
use jiff::{SignedDuration, Timestamp};

use super::{
    Gateway,
    clients::{Client, Scope, random_text},
    error::{Code, GatewayError},
    internal,
    issuer::is_of_an_issuer,
    lock,
};

/// Tokens of one client at a time; a client that asks for more loses its oldest.
const MAX_TOKENS_OF_CLIENT: usize = 100;

/// Who asks, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The client.
    pub client: String,
    /// Whose recordings it sees.
    pub tenant: String,
    /// What its token covers.
    pub scopes: Vec<Scope>,
}

impl Caller {
    /// # Errors
    /// When the token does not cover the scope.
    pub fn may(&self, scope: Scope) -> Result<(), GatewayError> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        Err(GatewayError::because(
            Code::InsufficientScope,
            format!("it needs `{}`", scope.name()),
        ))
    }

    pub(super) fn actor(&self) -> Actor {
        let id = domain::ids::ActorId::new(self.client.clone());
        Actor::Service(id.expect("names of clients are checked where they come in"))
    }
}

/// A token as it is given out.
#[derive(Debug)]
pub struct Granted {
    /// The token.
    pub token: String,
    /// Its life, in seconds.
    pub lifetime_s: u32,
    /// What it covers.
    pub scopes: Vec<Scope>,
}

/// Why no token was given (RFC 6749, section 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRefusal {
    /// The client is unknown, or the secret is not its own.
    InvalidClient,
    /// A scope that the client does not have.
    InvalidScope,
    /// Our own fault.
    Internal,
}

#[derive(Clone)]
struct Token {
    client: String,
    tenant: String,
    /// Digest of the secret that it was given for: a new secret ends the tokens of the old one.
    secret_sha256: String,
    scopes: Vec<Scope>,
    ends_at_utc: Timestamp,
}

pub(super) struct TokenBook {
    lifetime_s: u32,
    tokens: Mutex<HashMap<Sha256Digest, Token>>,
}

impl TokenBook {
    pub(super) fn new(lifetime_s: u32) -> Self {
        Self {
            lifetime_s,
            tokens: Mutex::default(),
        }
    }

    fn keep(&self, digest: Sha256Digest, token: Token, now: Timestamp) {
        let mut tokens = lock(&self.tokens);
        tokens.retain(|_, it| it.ends_at_utc > now);
        let of_client = tokens.iter().filter(|(_, it)| it.client == token.client);
        let oldest = of_client.clone().min_by_key(|(_, it)| it.ends_at_utc);
        let oldest = oldest.map(|(digest, _)| *digest);
        if of_client.count() >= MAX_TOKENS_OF_CLIENT
            && let Some(oldest) = oldest
        {
            tokens.remove(&oldest);
        }
        tokens.insert(digest, token);
    }

    fn find(&self, digest: &Sha256Digest, now: Timestamp) -> Option<Token> {
        let tokens = lock(&self.tokens);
        let token = tokens.get(digest).filter(|it| it.ends_at_utc > now)?;
        Some(token.clone())
    }
}

impl Gateway {
    /// Gives a token for a client's id and secret. `scope` is a list of names, or nothing for all it has.
    ///
    /// # Errors
    /// As RFC 6749 names them.
    pub async fn grant(
        &self,
        client_id: &str,
        client_secret: &str,
        scope: Option<&str>,
    ) -> Result<Granted, TokenRefusal> {
        let client = self.client(client_id).await;
        let client = client.map_err(|_| TokenRefusal::Internal)?;
        let client = client.filter(|it| it.has_secret(client_secret));
        let client = client.ok_or(TokenRefusal::InvalidClient)?;
        let scopes = match scope.map(str::trim).filter(|it| !it.is_empty()) {
            None => client.scopes.clone(),
            Some(names) => names
                .split_whitespace()
                .map(|name| Scope::from_name(name).filter(|it| client.scopes.contains(it)))
                .collect::<Option<Vec<_>>>()
                .ok_or(TokenRefusal::InvalidScope)?,
        };
        let token = random_text().map_err(|_| TokenRefusal::Internal)?;
        let (lifetime_s, now) = (self.inner.tokens.lifetime_s, self.now());
        let life = SignedDuration::from_secs(lifetime_s.into());
        let kept = Token {
            client: client.id,
            tenant: client.tenant,
            secret_sha256: client.secret_sha256,
            scopes: scopes.clone(),
            ends_at_utc: now.saturating_add(life).unwrap_or(now),
        };
        self.inner.tokens.keep(sha256(&token), kept, now);
        Ok(Granted {
            token,
            lifetime_s,
            scopes,
        })
    }

    /// Who a token belongs to. A client that was removed has none, nor has one that was registered anew since.
    ///
    /// # Errors
    /// When it is unknown, its time is over, or its client is gone or another one; when it is of the configured issuer
    /// and is not good, or the issuer's keys cannot be had.
    pub async fn caller(&self, token: &str) -> Result<Caller, GatewayError> {
        let unknown = || GatewayError::new(Code::InvalidToken);
        if let Some(issuer) = self
            .inner
            .issuer
            .as_ref()
            .filter(|_| is_of_an_issuer(token))
        {
            return self.caller_of(issuer, token).await;
        }
        let found = self.inner.tokens.find(&sha256(token), self.now());
        let token = found.ok_or_else(unknown)?;
        let client = self.client(&token.client).await.map_err(internal)?;
        let is_same =
            |it: &Client| it.secret_sha256 == token.secret_sha256 && it.tenant == token.tenant;
        let client = client.filter(is_same).ok_or_else(unknown)?;
        let mut scopes = token.scopes;
        scopes.retain(|scope| client.scopes.contains(scope));
        Ok(Caller {
            client: client.id,
            tenant: client.tenant,
            scopes,
        })
    }
}
