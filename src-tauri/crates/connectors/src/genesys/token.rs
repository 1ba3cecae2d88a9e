//! One access token for all tasks of an organization, renewed before it ends. // S0-16…S0-19

use std::sync::{Mutex, PoisonError};

use domain::sensitive::Secret;
use jiff::{SignedDuration, Timestamp};
use oauth2::{
    AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, RequestTokenError,
    TokenResponse, TokenUrl,
    basic::{BasicClient, BasicErrorResponse, BasicTokenResponse},
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    Clock,
    carrier::Carrier,
    person::{Person, PersonSession},
};
use crate::{
    http::{Http, HttpError, unless_cancelled},
    source::{SignInError, SourceError},
};

/// A token is used for at most this long, whatever its lifetime. // S0-18
const MAX_USE_S: i64 = 3_000;

/// A token is renewed this long before its end, so that no request travels with an ended one.
const MARGIN_S: i64 = 60;

/// Lifetime that is assumed when the login host does not say; the shortest one it can be set to.
const UNSTATED_LIFETIME_S: u64 = 300;

/// A client that knows where tokens are issued.
pub(super) type Client =
    BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// The token in use and how to get the next one.
pub(crate) struct TokenCache {
    holder: Holder,
    pub(crate) host: String,
    clock: Clock,
    current: Mutex<Option<Token>>,
    /// One sign-in at a time: whoever waits uses the token of the one before.
    signing_in: Semaphore,
}

/// Whose token it is.
enum Holder {
    /// A client that acts for itself. // S0-12
    Service(Client),
    /// Somebody who signed in with a browser.
    Person(Person),
}

/// A token that may be sent to the API host of its organization.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) bearer: Secret<String>,
    pub(crate) lifetime_s: u64,
    issued: u64,
    renew_at_utc: Timestamp,
}

impl TokenCache {
    /// For a client that acts for itself.
    pub(crate) fn new(
        login_url: &Url,
        client_id: &str,
        client_secret: &Secret<String>,
        clock: Clock,
    ) -> Self {
        let secret = ClientSecret::new(client_secret.reveal().clone());
        let client = client(login_url, client_id)
            .set_client_secret(secret)
            .set_auth_type(AuthType::BasicAuth);
        Self::of(Holder::Service(client), login_url, clock)
    }

    /// For somebody who signed in with a browser.
    pub(crate) fn of_person(
        login_url: &Url,
        client_id: &str,
        session: PersonSession,
        clock: Clock,
    ) -> Self {
        let client = client(login_url, client_id);
        let person = Person::new(client, host(login_url), session);
        Self::of(Holder::Person(person), login_url, clock)
    }

    fn of(holder: Holder, login_url: &Url, clock: Clock) -> Self {
        Self {
            holder,
            host: host(login_url),
            clock,
            current: Mutex::new(None),
            signing_in: Semaphore::new(1),
        }
    }

    /// Whether a person signed in, and not a client for itself.
    pub(crate) fn is_person(&self) -> bool {
        matches!(self.holder, Holder::Person(_))
    }

    /// A token that is good for the next minute at least.
    pub(crate) async fn get(
        &self,
        http: &Http,
        cancel: &CancellationToken,
    ) -> Result<Token, SourceError> {
        if let Some(token) = self.usable() {
            return Ok(token);
        }
        let permit = unless_cancelled(cancel, self.signing_in.acquire()).await?;
        let _permit = permit.expect("the semaphore is never closed");
        if let Some(token) = self.usable() {
            return Ok(token);
        }
        let token = self.sign_in(http, cancel).await?;
        *self.current() = Some(token.clone());
        Ok(token)
    }

    /// Forgets a token that the API refused, unless another task replaced it already.
    pub(crate) fn forget(&self, refused: &Token) {
        let mut current = self.current();
        if let Some(token) = current
            .as_mut()
            .filter(|token| token.issued == refused.issued)
        {
            token.renew_at_utc = Timestamp::MIN;
        }
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Option<Token>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn usable(&self) -> Option<Token> {
        let now = (self.clock)();
        self.current()
            .clone()
            .filter(|token| now < token.renew_at_utc)
    }

    async fn sign_in(&self, http: &Http, cancel: &CancellationToken) -> Result<Token, SourceError> {
        let issued = self.current().as_ref().map(|token| token.issued);
        let now = (self.clock)();
        let (bearer, lifetime_s, renew_at_utc) = match &self.holder {
            Holder::Service(client) => {
                let answer = self.service_token(client, http, cancel).await?;
                let lifetime_s = lifetime_s(&answer);
                let bearer = Secret::new(bearer(&answer));
                (bearer, lifetime_s, after(now, use_s(lifetime_s)))
            }
            Holder::Person(person) => {
                let tokens = person.tokens(issued.is_none(), http, now).await?;
                let renew_at = renewed_at(tokens.expires_utc, tokens.refresh.is_some(), now);
                (tokens.access, tokens.lifetime_s, renew_at)
            }
        };
        Ok(Token {
            bearer,
            lifetime_s,
            issued: issued.unwrap_or_default() + 1,
            renew_at_utc,
        })
    }

    async fn service_token(
        &self,
        client: &Client,
        http: &Http,
        cancel: &CancellationToken,
    ) -> Result<BasicTokenResponse, SourceError> {
        let carrier = Carrier { http, cancel };
        let answer = client.exchange_client_credentials();
        let answer = answer.request_async(&carrier).await;
        answer.map_err(|error| explain(&self.host, error))
    }
}

/// A client of the login host, without a secret yet.
pub(super) fn client(login_url: &Url, client_id: &str) -> Client {
    // Genesys: `POST https://login.<domain>/oauth/token`, Basic authentication (API reference, checked 2026-08).
    let token_url = TokenUrl::from_url(endpoint(login_url, "token"));
    BasicClient::new(ClientId::new(client_id.to_owned())).set_token_uri(token_url)
}

/// An OAuth address of the login host.
pub(super) fn endpoint(login_url: &Url, name: &str) -> Url {
    let mut url = login_url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["oauth", name]);
    }
    url
}

fn host(login_url: &Url) -> String {
    login_url.host_str().unwrap_or_default().to_owned()
}

/// What a failed request for a token means.
pub(super) fn explain(
    host: &str,
    error: RequestTokenError<HttpError, BasicErrorResponse>,
) -> SourceError {
    let host = host.to_owned();
    match error {
        RequestTokenError::Request(error) => SourceError::from(error),
        // The description may repeat what was sent; the code says enough.
        RequestTokenError::ServerResponse(answer) => SignInError::Refused {
            host,
            code: answer.error().as_ref().to_owned(),
        }
        .into(),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            SignInError::Unreadable { host }.into()
        }
    }
}

fn bearer(answer: &BasicTokenResponse) -> String {
    answer.access_token().secret().clone()
}

/// Seconds that the login host gives a token. // S0-17
pub(super) fn lifetime_s(answer: &BasicTokenResponse) -> u64 {
    answer
        .expires_in()
        .map_or(UNSTATED_LIFETIME_S, |it| it.as_secs())
}

pub(super) fn after(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}

/// When a token of a person is renewed; one that cannot be is used until just before its end.
fn renewed_at(expires_utc: Timestamp, is_renewable: bool, now: Timestamp) -> Timestamp {
    let left_s = u64::try_from(expires_utc.as_second() - now.as_second()).unwrap_or_default();
    match is_renewable {
        true => after(now, use_s(left_s)),
        false => after(now, before_end(left_s)),
    }
}

/// How long a token is used, in seconds: never past its end, never longer than the rule. // S0-17, S0-18
fn use_s(lifetime_s: u64) -> i64 {
    before_end(lifetime_s).min(MAX_USE_S)
}

/// Seconds until just before the end of a token.
fn before_end(lifetime_s: u64) -> i64 {
    let lifetime_s = i64::try_from(lifetime_s).unwrap_or(i64::MAX);
    // A token shorter than two margins is used for half of its life.
    lifetime_s.saturating_sub(MARGIN_S).max(lifetime_s / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    // S0-17, S0-18
    #[test]
    fn tokens_are_renewed_before_they_end() {
        assert_eq!(use_s(86_399), 3_000);
        assert_eq!(use_s(3_600), 3_000);
        assert_eq!(use_s(300), 240);
        assert_eq!(use_s(60), 30);
        assert_eq!(use_s(0), 0);
        assert_eq!(use_s(u64::MAX), 3_000);
    }
}
