//! The tokens of a person who signed in with a browser: kept elsewhere, renewed here, gone when they end.

use std::sync::{Arc, Mutex, PoisonError};

use domain::sensitive::Secret;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use oauth2::{
    RefreshToken, RequestTokenError, TokenResponse,
    basic::{BasicErrorResponseType, BasicTokenResponse},
};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{
    carrier::Carrier,
    token::{Client, after, explain, lifetime_s},
};
use crate::{
    http::Http,
    source::{SignInError, SourceError},
};

/// What the login host gave to a person.
#[derive(Debug, Clone)]
pub struct PersonTokens {
    /// Opens the API until `expires_utc`.
    pub(super) access: Secret<String>,
    pub(super) expires_utc: Timestamp,
    pub(super) lifetime_s: u64,
    /// Buys the next one. A public client is not always given one.
    pub(super) refresh: Option<Secret<String>>,
}

/// Puts the tokens of a person back where they are kept, each time they change.
pub type KeepTokens = Arc<dyn Fn(Secret<String>) -> BoxFuture<'static, ()> + Send + Sync>;

/// A person who signed in.
#[derive(Clone)]
pub struct PersonSession {
    /// The tokens as they were kept last.
    pub tokens: PersonTokens,
    /// Where they are kept.
    pub keep: KeepTokens,
}

/// The tokens as one secret text.
#[derive(Serialize, Deserialize)]
struct Written {
    access_token: String,
    expires_utc: Timestamp,
    lifetime_s: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

impl PersonTokens {
    pub(super) fn of(answer: &BasicTokenResponse, now: Timestamp) -> Self {
        let lifetime_s = lifetime_s(answer);
        let seconds = i64::try_from(lifetime_s).unwrap_or(i64::MAX);
        let refresh = answer.refresh_token();
        Self {
            access: Secret::new(answer.access_token().secret().clone()),
            expires_utc: after(now, seconds),
            lifetime_s,
            refresh: refresh.map(|token| Secret::new(token.secret().clone())),
        }
    }

    /// The tokens as they are kept in the keyring.
    pub fn to_secret(&self) -> Secret<String> {
        let written = Written {
            access_token: self.access.reveal().clone(),
            expires_utc: self.expires_utc,
            lifetime_s: self.lifetime_s,
            refresh_token: self.refresh.as_ref().map(|it| it.reveal().clone()),
        };
        Secret::new(serde_json::to_string(&written).expect("text and numbers are valid JSON"))
    }

    /// The tokens out of the keyring; `None` when there are none.
    pub fn from_secret(secret: &Secret<String>) -> Option<Self> {
        let written: Written = serde_json::from_str(secret.reveal()).ok()?;
        Some(Self {
            access: Secret::new(written.access_token),
            expires_utc: written.expires_utc,
            lifetime_s: written.lifetime_s,
            refresh: written.refresh_token.map(Secret::new),
        })
    }
}

/// A person and how to get their next token.
pub(super) struct Person {
    client: Client,
    host: String,
    tokens: Mutex<PersonTokens>,
    keep: KeepTokens,
}

impl Person {
    pub(super) fn new(client: Client, host: String, session: PersonSession) -> Self {
        Self {
            client,
            host,
            tokens: Mutex::new(session.tokens),
            keep: session.keep,
        }
    }

    /// The kept tokens at first, if they still hold; renewed ones later. One caller at a time.
    pub(super) async fn tokens(
        &self,
        is_first: bool,
        http: &Http,
        now: Timestamp,
    ) -> Result<PersonTokens, SourceError> {
        let kept = self.kept();
        if is_first && now < kept.expires_utc {
            return Ok(kept);
        }
        let Some(refresh) = kept.refresh else {
            return Err(self.ended());
        };
        let fresh = self.renewed(refresh, http, now).await?;
        *self.tokens.lock().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
        (self.keep)(fresh.to_secret()).await;
        Ok(fresh)
    }

    /// A new access token. Not cancelled: the old refresh token ends with the question, and the new one is in the
    /// answer.
    async fn renewed(
        &self,
        refresh: Secret<String>,
        http: &Http,
        now: Timestamp,
    ) -> Result<PersonTokens, SourceError> {
        let cancel = &CancellationToken::new();
        let carrier = Carrier { http, cancel };
        let token = RefreshToken::new(refresh.reveal().clone());
        let answer = self.client.exchange_refresh_token(&token);
        let answer = answer.request_async(&carrier).await;
        let answer = answer.map_err(|error| match error {
            RequestTokenError::ServerResponse(answer)
                if *answer.error() == BasicErrorResponseType::InvalidGrant =>
            {
                self.ended()
            }
            other => explain(&self.host, other),
        })?;
        let mut fresh = PersonTokens::of(&answer, now);
        // RFC 6749, section 6: without a new refresh token the old one stays.
        fresh.refresh = fresh.refresh.or(Some(refresh));
        Ok(fresh)
    }

    fn kept(&self) -> PersonTokens {
        let tokens = self.tokens.lock();
        tokens.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn ended(&self) -> SourceError {
        let host = self.host.clone();
        SignInError::SignInEnded { host }.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_kept_as_one_text_and_printed_as_none() {
        let tokens = PersonTokens {
            access: Secret::new("opens".to_owned()),
            expires_utc: Timestamp::UNIX_EPOCH,
            lifetime_s: 300,
            refresh: Some(Secret::new("renews".to_owned())),
        };
        let text = tokens.to_secret();
        let again = PersonTokens::from_secret(&text).unwrap();
        assert_eq!(again.to_secret().reveal(), text.reveal());
        let printed = format!("{again:?} {text:?}");
        assert!(!printed.contains("opens") && !printed.contains("renews"));
        assert!(PersonTokens::from_secret(&Secret::default()).is_none());
    }
}
