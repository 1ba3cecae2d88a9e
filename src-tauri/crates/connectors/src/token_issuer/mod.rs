//! Access tokens that somebody else issued: JSON Web Tokens (RFC 7519, RFC 9068), held against the issuer's keys.
//!
//! - `keys`: the issuer's public keys, fetched, kept and fetched anew.
//! - `signature`: which signatures count, and how they are checked.
//!
//! Invariants:
//!
//! - Which algorithm counts is decided by the key, never by the token, and only RS256, ES256 and `EdDSA` do: no
//!   `none`, no shared secret (RFC 8725, section 3.1).
//! - Keys come from the configured place alone; an address in a token is not looked at.
//! - Without keys nobody is let in.

mod keys;
mod signature;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, sync::Arc};

use jsonwebtoken::{Algorithm, Validation, decode, decode_header, errors::ErrorKind};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;
use url::Url;

use self::keys::KeyBook;
use crate::{
    genesys::Clock,
    http::{EgressLedger, Http, HttpError, KnownHosts, check_address},
};

/// Longest token; those with long lists of groups stay below it.
const MAX_TOKEN: usize = 16 << 10;

/// What is known about an issuer.
#[derive(Debug, Clone)]
pub struct IssuerSettings {
    /// Its name in tokens (`iss`), compared letter by letter.
    pub issuer: String,
    /// Our name in its tokens (`aud`).
    pub audience: String,
    /// Where its public keys are.
    pub keys: KeyPlace,
    /// How far its clock may be from ours, in seconds.
    pub leeway_s: u32,
}

/// Where public keys are, as a JSON Web Key Set (RFC 7517).
#[derive(Debug, Clone)]
pub enum KeyPlace {
    /// At an address: `https`, or this machine.
    Address(Url),
    /// In a file, which is read again as often as an address would be asked.
    File(PathBuf),
}

/// What a good token says. // RFC 7519, section 4
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim that is a list: of texts, or one text with spaces between its parts (RFC 8693, section 4.2).
    pub fn list(&self, name: &str) -> Vec<&str> {
        match self.0.get(name) {
            Some(Value::String(text)) => text.split_whitespace().collect(),
            Some(Value::Array(parts)) => parts.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// An instant, in seconds; `Err` when it is there and is none.
    fn seconds(&self, name: &'static str) -> Result<Option<f64>, TokenError> {
        let value = self.0.get(name);
        let malformed = || TokenError::Malformed;
        value
            .map(|it| it.as_f64().ok_or_else(malformed))
            .transpose()
    }
}

/// Why a token is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no token that can be read.
    #[error("it cannot be read as a signed token")]
    Malformed,
    /// It is signed in a way that does not count.
    #[error("its algorithm is not the one of its key; RS256, ES256 and EdDSA count")]
    Algorithm,
    /// Its issuer has no such key.
    #[error("its issuer has no key of its name")]
    UnknownKey,
    /// It was not signed with its key.
    #[error("its signature is wrong")]
    Signature,
    /// Somebody else issued it.
    #[error("its issuer is another one")]
    Issuer,
    /// It is for somebody else.
    #[error("it is for another audience")]
    Audience,
    /// Its time is over.
    #[error("its time is over")]
    Expired,
    /// Its time has not come.
    #[error("its time has not come")]
    NotYetValid,
    /// It does not say what it must.
    #[error("it has no claim `{name}`")]
    Missing {
        /// Which one.
        name: String,
    },
    /// The keys cannot be had, so nobody knows.
    #[error("the keys of the token issuer cannot be had: {reason}")]
    KeysUnavailable {
        /// Why.
        reason: String,
    },
}

/// One issuer; clones share its keys.
#[derive(Clone)]
pub struct TokenIssuer {
    settings: Arc<IssuerSettings>,
    keys: Arc<KeyBook>,
    http: Http,
    clock: Clock,
}

impl TokenIssuer {
    /// Checks the address of the keys; asks nobody yet.
    ///
    /// # Errors
    /// When the address is neither `https` nor on this machine.
    pub fn new(settings: IssuerSettings, http: &Http, clock: Clock) -> Result<Self, HttpError> {
        // Whoever was first installed the same: nobody else uses the library here.
        let _ = signature::PROVIDER.install_default();
        let mut hosts = KnownHosts::default();
        if let KeyPlace::Address(address) = &settings.keys {
            check_address(address)?;
            hosts = hosts.with_address(address);
        }
        Ok(Self {
            keys: Arc::new(KeyBook::new(settings.keys.clone())),
            settings: Arc::new(settings),
            http: http.only(hosts),
            clock,
        })
    }

    /// The same issuer with a ledger of its own. // B8
    #[must_use]
    pub fn counted(&self) -> (Self, EgressLedger) {
        let (http, ledger) = self.http.counted();
        let counted = Self {
            http,
            ..self.clone()
        };
        (counted, ledger)
    }

    /// What a token says, if its issuer, audience, times and signature are good.
    ///
    /// # Errors
    /// Why it is not taken, or that the keys cannot be had.
    pub async fn check(
        &self,
        token: &str,
        cancel: &CancellationToken,
    ) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN {
            return Err(TokenError::Malformed);
        }
        // An algorithm that the library does not know, such as `none`, cannot be read at all.
        let header = decode_header(token).map_err(|_| TokenError::Malformed)?;
        if !signature::ALLOWED.contains(&header.alg) {
            return Err(TokenError::Algorithm);
        }
        // RFC 7515, section 4.1.11: what is critical must be understood, and we understand no extension.
        if header.crit.is_some() || header.enc.is_some() || header.zip.is_some() {
            return Err(TokenError::Malformed);
        }
        let name = header.kid.ok_or(TokenError::UnknownKey)?;
        let now = (self.clock)();
        let key = self.keys.find(&name, now, &self.http, cancel).await?;
        if key.algorithm != header.alg {
            return Err(TokenError::Algorithm);
        }
        let checked = decode::<Map<String, Value>>(token, &key.key, &self.rules(key.algorithm));
        let claims = Claims(checked.map_err(|error| refusal(error.kind()))?.claims);
        self.check_times(&claims, now)?;
        Ok(claims)
    }

    /// The clock of the program decides about times, not the one of the library.
    fn rules(&self, algorithm: Algorithm) -> Validation {
        let mut rules = Validation::new(algorithm);
        rules.set_issuer(&[&self.settings.issuer]);
        rules.set_audience(&[&self.settings.audience]);
        rules.set_required_spec_claims(&["exp", "iss", "aud"]);
        rules.validate_exp = false;
        rules.validate_nbf = false;
        rules
    }

    fn check_times(&self, claims: &Claims, now: jiff::Timestamp) -> Result<(), TokenError> {
        let now = now.as_millisecond() as f64 / 1_000.0;
        let leeway = f64::from(self.settings.leeway_s);
        let missing = || TokenError::Missing {
            name: "exp".to_owned(),
        };
        let ends = claims.seconds("exp")?.ok_or_else(missing)?;
        if now >= ends + leeway {
            return Err(TokenError::Expired);
        }
        let begins = claims.seconds("nbf")?;
        if begins.is_some_and(|at| now + leeway < at) {
            return Err(TokenError::NotYetValid);
        }
        Ok(())
    }
}

fn refusal(kind: &ErrorKind) -> TokenError {
    match kind {
        ErrorKind::InvalidSignature => TokenError::Signature,
        ErrorKind::InvalidIssuer => TokenError::Issuer,
        ErrorKind::InvalidAudience => TokenError::Audience,
        ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm => TokenError::Algorithm,
        ErrorKind::MissingRequiredClaim(name) => TokenError::Missing { name: name.clone() },
        _ => TokenError::Malformed,
    }
}
