//! Signs a person in with a browser: authorization code with PKCE (RFC 6749, section 4.1; RFC 7636; RFC 8252).

use std::time::Duration;

use oauth2::{
    AuthUrl, AuthorizationCode, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, basic::BasicErrorResponseType,
};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    Clock, ConfigError, address,
    carrier::Carrier,
    person::PersonTokens,
    redirect::{Redirect, Returned},
    region,
    token::{Client, client, endpoint, explain},
};
use crate::{
    http::{Http, unless_cancelled},
    source::{SignInError, SourceError},
};

/// The port of the redirect address that is registered with the OAuth client: `http://localhost:28147/signed-in`.
pub const REDIRECT_PORT: u16 = 28_147;

/// The client through which persons sign in; it has no secret.
#[derive(Debug, Clone)]
pub struct PersonClient {
    /// Base address of the login host.
    pub login_url: String,
    /// Id of the OAuth client.
    pub client_id: String,
    /// Port of the redirect address; 0 takes a free one, which only a login host without registration accepts.
    pub redirect_port: u16,
}

/// A sign-in that waits for a person and their browser.
pub struct BrowserSignIn {
    client: Client,
    host: String,
    http: Http,
    clock: Clock,
    redirect: Redirect,
    link: Url,
    state: CsrfToken,
    verifier: PkceCodeVerifier,
}

impl BrowserSignIn {
    /// Listens for the browser, so that it finds somebody when it comes back.
    ///
    /// # Errors
    /// When the address is none, or somebody else listens at the port.
    pub async fn begin(
        person: &PersonClient,
        http: &Http,
        clock: Clock,
    ) -> Result<Self, BeginError> {
        let login_url = address("login address", &person.login_url)?;
        let redirect = Redirect::open(person.redirect_port).await?;
        let client = client(&login_url, &person.client_id);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        // Genesys: scopes are those of the client and are not asked for (API reference section 2.3, checked 2026-08).
        let (link, state) = client
            .clone()
            .set_auth_uri(AuthUrl::from_url(endpoint(&login_url, "authorize")))
            .set_redirect_uri(redirect_url(&redirect))
            .authorize_url(CsrfToken::new_random)
            .set_pkce_challenge(challenge)
            .url();
        Ok(Self {
            client,
            host: login_url.host_str().unwrap_or_default().to_owned(),
            http: http.only(region::known_hosts(&login_url, &login_url, &[])),
            clock,
            redirect,
            link,
            state,
            verifier,
        })
    }

    /// What the browser opens. It holds no secret, and only this sign-in can use what comes of it.
    pub fn link(&self) -> &Url {
        &self.link
    }

    /// Where the browser comes back to; it must be registered with the client letter by letter.
    pub fn redirect_url(&self) -> String {
        self.redirect.url()
    }

    /// Waits for the person, and buys their tokens.
    ///
    /// # Errors
    /// When they say no, let `limit` pass, or the caller cancels; when the answer belongs to another sign-in, or the
    /// login host refuses it.
    pub async fn finish(
        self,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<PersonTokens, SourceError> {
        let redirect_url = redirect_url(&self.redirect);
        let answer = tokio::time::timeout(limit, self.redirect.answer());
        let answer = unless_cancelled(cancel, answer).await?;
        let returned = answer.map_err(|_| SignInError::TimedOut)??;
        let code = checked(returned, &self.state, &self.host)?;
        let carrier = Carrier {
            http: &self.http,
            cancel,
        };
        let request = self
            .client
            .set_redirect_uri(redirect_url)
            .exchange_code(code)
            .set_pkce_verifier(self.verifier)
            .request_async(&carrier)
            .await;
        let answer = request.map_err(|error| match error {
            RequestTokenError::ServerResponse(answer)
                if *answer.error() == BasicErrorResponseType::InvalidGrant =>
            {
                let host = self.host.clone();
                SignInError::CodeRefused { host }.into()
            }
            other => explain(&self.host, other),
        })?;
        Ok(PersonTokens::of(&answer, (self.clock)()))
    }
}

/// Why a sign-in could not begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The login address cannot be used.
    #[error(transparent)]
    Address(#[from] ConfigError),
    /// Nobody can wait for the browser.
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

fn redirect_url(redirect: &Redirect) -> RedirectUrl {
    RedirectUrl::new(redirect.url()).expect("a fixed host, a port and a fixed path are an address")
}

/// The code, if the browser brings the answer to this sign-in and it is yes.
fn checked(
    returned: Returned,
    state: &CsrfToken,
    host: &str,
) -> Result<AuthorizationCode, SignInError> {
    if returned.state.as_ref() != Some(state.secret()) {
        return Err(SignInError::WrongState);
    }
    let host = host.to_owned();
    match (returned.code, returned.error) {
        (Some(code), None) => Ok(AuthorizationCode::new(code)),
        (_, Some(error)) if error == "access_denied" => Err(SignInError::Denied { host }),
        _ => Err(SignInError::NoCode { host }),
    }
}
