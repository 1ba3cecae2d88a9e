//! One access token for all tasks of an organization, renewed before it ends. // S0-16…S0-19

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use domain::sensitive::Secret;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use oauth2::{
    AsyncHttpClient, AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, RequestTokenError, TokenResponse, TokenUrl,
    basic::{BasicClient, BasicErrorResponse, BasicTokenResponse},
    http,
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Clock;
use crate::{
    http::{Http, HttpError, Outgoing, Purpose, unless_cancelled},
    source::{SignInError, SourceError},
};

/// A token is used for at most this long, whatever its lifetime. // S0-18
const MAX_USE_S: i64 = 3_000;

/// A token is renewed this long before its end, so that no request travels with an ended one.
const MARGIN_S: i64 = 60;

/// Lifetime that is assumed when the login host does not say; the shortest one it can be set to.
const UNSTATED_LIFETIME_S: u64 = 300;

type Client =
    BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// The token in use and how to get the next one.
pub(crate) struct TokenCache {
    client: Client,
    pub(crate) host: String,
    clock: Clock,
    current: Mutex<Option<Token>>,
    /// One sign-in at a time: whoever waits uses the token of the one before.
    signing_in: Semaphore,
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
    pub(crate) fn new(
        login_url: &Url,
        client_id: &str,
        client_secret: &Secret<String>,
        clock: Clock,
    ) -> Self {
        let mut token_url = login_url.clone();
        if let Ok(mut path) = token_url.path_segments_mut() {
            // Genesys: `POST https://login.<domain>/oauth/token`, Basic authentication (API reference, checked 2026-08).
            path.pop_if_empty().extend(["oauth", "token"]);
        }
        let secret = ClientSecret::new(client_secret.reveal().clone());
        let client = BasicClient::new(ClientId::new(client_id.to_owned()))
            .set_client_secret(secret)
            .set_auth_type(AuthType::BasicAuth)
            .set_token_uri(TokenUrl::from_url(token_url));
        let host = login_url.host_str().unwrap_or_default().to_owned();
        Self {
            client,
            host,
            clock,
            current: Mutex::new(None),
            signing_in: Semaphore::new(1),
        }
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
        let carrier = Carrier { http, cancel };
        let answer = self
            .client
            .exchange_client_credentials()
            .request_async(&carrier)
            .await;
        let answer = answer.map_err(|error| self.explain(error))?;
        let lifetime_s = answer
            .expires_in()
            .map_or(UNSTATED_LIFETIME_S, |it| it.as_secs());
        let issued = self.current().as_ref().map_or(1, |token| token.issued + 1);
        let renew_at_utc = (self.clock)()
            .saturating_add(SignedDuration::from_secs(use_s(lifetime_s)))
            .unwrap_or(Timestamp::MAX);
        let bearer = Secret::new(bearer(&answer));
        Ok(Token {
            bearer,
            lifetime_s,
            issued,
            renew_at_utc,
        })
    }

    fn explain(&self, error: RequestTokenError<HttpError, BasicErrorResponse>) -> SourceError {
        let host = self.host.clone();
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
}

fn bearer(answer: &BasicTokenResponse) -> String {
    answer.access_token().secret().clone()
}

/// How long a token is used, in seconds: never past its end, never longer than the rule. // S0-17, S0-18
fn use_s(lifetime_s: u64) -> i64 {
    let lifetime_s = i64::try_from(lifetime_s).unwrap_or(i64::MAX);
    // A token shorter than two margins is used for half of its life.
    let before_end = lifetime_s.saturating_sub(MARGIN_S).max(lifetime_s / 2);
    before_end.min(MAX_USE_S)
}

/// What the OAuth library sends through.
struct Carrier<'a> {
    http: &'a Http,
    cancel: &'a CancellationToken,
}

impl<'c> AsyncHttpClient<'c> for Carrier<'_> {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(post(self.http, request, self.cancel))
    }
}

/// Carries a request of the OAuth library over our client, with its retries and its ledger.
async fn post(
    http: &Http,
    request: HttpRequest,
    cancel: &CancellationToken,
) -> Result<HttpResponse, HttpError> {
    let (head, body) = request.into_parts();
    let url = Url::parse(&head.uri.to_string()).map_err(|_| HttpError::Address {
        host: "login".to_owned(),
        reason: "it is malformed",
    })?;
    let outgoing = Outgoing {
        method: head.method,
        url,
        headers: head.headers,
        body: Some(Bytes::from(body)),
        purpose: Purpose::SignIn,
    };
    let answer = http.send(&outgoing, None, cancel).await?;
    let mut response = http::Response::new(answer.body.to_vec());
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
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
