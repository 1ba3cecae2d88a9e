//! The public keys of an issuer: fetched when they are needed first, when they are old, and when a token names one that
//! is not known; never more often than a stranger's tokens should make us ask.

use std::{fs::File, io::Read, path::Path};

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::{KeyPlace, TokenError};
use crate::http::{Http, Purpose};

/// Keys of this age are asked for again: an issuer takes a key back by no longer showing it.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(1);
/// Keys of this age are no longer believed when the issuer cannot be asked.
const MAX_STALE: SignedDuration = SignedDuration::from_hours(24);
/// Between two questions, whatever tokens come.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// Keys of one issuer; a longer list is none.
const MAX_KEYS: usize = 100;
/// Largest file of keys.
const MAX_FILE: u64 = 1 << 20;

/// A key that checks signatures of one algorithm.
#[derive(Clone)]
pub(super) struct Key {
    name: String,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

pub(super) struct KeyBook {
    place: KeyPlace,
    // One question at a time: whoever comes meanwhile waits for its answer.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    keys: Vec<Key>,
    fetched_at: Option<Timestamp>,
    asked_at: Option<Timestamp>,
    /// What went wrong the last time.
    failure: Option<String>,
}

impl KeyBook {
    pub(super) fn new(place: KeyPlace) -> Self {
        Self {
            place,
            state: Mutex::default(),
        }
    }

    /// The key of this name.
    pub(super) async fn find(
        &self,
        name: &str,
        now: Timestamp,
        http: &Http,
        cancel: &CancellationToken,
    ) -> Result<Key, TokenError> {
        let mut state = self.state.lock().await;
        let known = state.find(name);
        if let Some(key) = known.filter(|_| is_within(state.fetched_at, now, MAX_AGE)) {
            return Ok(key);
        }
        if !is_within(state.asked_at, now, PAUSE) {
            state.asked_at = Some(now);
            match self.fetch(http, cancel).await {
                Ok(keys) => {
                    state.keys = keys;
                    state.fetched_at = Some(now);
                    state.failure = None;
                }
                Err(reason) => {
                    tracing::warn!(%reason, "the keys of the token issuer cannot be had");
                    state.failure = Some(reason);
                }
            }
        }
        state.answer(name, now)
    }

    async fn fetch(&self, http: &Http, cancel: &CancellationToken) -> Result<Vec<Key>, String> {
        let bytes = match &self.place {
            KeyPlace::File(path) => read(path)?,
            KeyPlace::Address(address) => {
                let answer = http.get_presigned(address, Purpose::SignIn, cancel).await;
                let answer = answer.map_err(|error| error.to_string())?;
                if !answer.status.is_success() {
                    return Err(format!("status {}", answer.status.as_u16()));
                }
                answer.body.to_vec()
            }
        };
        let keys = parse(&bytes)?;
        if keys.is_empty() {
            return Err("none of them checks RS256, ES256 or EdDSA".to_owned());
        }
        Ok(keys)
    }
}

impl State {
    fn find(&self, name: &str) -> Option<Key> {
        self.keys.iter().find(|it| it.name == name).cloned()
    }

    fn answer(&self, name: &str, now: Timestamp) -> Result<Key, TokenError> {
        let unavailable = || TokenError::KeysUnavailable {
            reason: self
                .failure
                .clone()
                .unwrap_or_else(|| "they are too old".to_owned()),
        };
        if !is_within(self.fetched_at, now, MAX_STALE) {
            return Err(unavailable());
        }
        match self.find(name) {
            Some(key) => Ok(key),
            // It may be a new one that we could not learn of.
            None if self.failure.is_some() => Err(unavailable()),
            None => Err(TokenError::UnknownKey),
        }
    }
}

/// Whether an instant is less than so long ago. A clock that was set back makes everything old.
fn is_within(then: Option<Timestamp>, now: Timestamp, span: SignedDuration) -> bool {
    then.is_some_and(|then| then <= now && now.duration_since(then) < span)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes));
    read.map_err(|error| format!("`{}`: {}", path.display(), error.kind()))?;
    Ok(bytes)
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// The usable keys of a set. Others are left out, as RFC 7517 section 5 wants it.
fn parse(bytes: &[u8]) -> Result<Vec<Key>, String> {
    let set: KeySet = serde_json::from_slice(bytes)
        .map_err(|error| format!("no key set, {:?} error", error.classify()))?;
    if set.keys.len() > MAX_KEYS {
        return Err(format!("more than {MAX_KEYS} keys"));
    }
    Ok(set.keys.into_iter().filter_map(usable).collect())
}

fn usable(key: Value) -> Option<Key> {
    let key: Jwk = serde_json::from_value(key).ok()?;
    let algorithm = algorithm(&key.algorithm)?;
    let stated = key.common.key_algorithm;
    let is_for_this = stated.is_none_or(|it| it == KeyAlgorithm::from(algorithm));
    let use_ = key.common.public_key_use.as_ref();
    let is_for_signatures = use_.is_none_or(|it| *it == PublicKeyUse::Signature);
    if !is_for_this || !is_for_signatures {
        return None;
    }
    Some(Key {
        name: key.common.key_id.clone()?,
        algorithm,
        key: DecodingKey::from_jwk(&key).ok()?,
    })
}

/// The one algorithm that a key is for. Shared secrets and other curves have none.
fn algorithm(parameters: &AlgorithmParameters) -> Option<Algorithm> {
    match parameters {
        AlgorithmParameters::RSA(_) => Some(Algorithm::RS256),
        AlgorithmParameters::EllipticCurve(it) if it.curve == EllipticCurve::P256 => {
            Some(Algorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(it) if it.curve == EllipticCurve::Ed25519 => {
            Some(Algorithm::EdDSA)
        }
        _ => None,
    }
}
