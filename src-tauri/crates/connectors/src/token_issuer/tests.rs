//! A real issuer: its keys are made here, its tokens are signed here, and its key set is fetched over HTTP.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

use axum::{Json, Router, http::StatusCode, response::IntoResponse, routing::get};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
        RsaKeyPair,
    },
};
use serde_json::json;

use super::*;
use crate::http::{HttpOptions, RetryPolicy};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://login.example.org/";
const AUDIENCE: &str = "sar-gateway";

/// A key of the issuer. `ring` makes no RSA keys, so that one was made with OpenSSL and guards nothing.
enum Secret {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Secret {
    fn all() -> [(&'static str, &'static str, Self); 3] {
        let random = SystemRandom::new();
        let rsa: String = include_str!("test_rsa_key.txt")
            .split_whitespace()
            .collect();
        let rsa = RsaKeyPair::from_der(&STANDARD.decode(rsa).unwrap()).unwrap();
        [
            ("RS256", "rsa", Self::Rsa(rsa)),
            ("ES256", "ec", Self::Ec(Self::ec(&random))),
            ("EdDSA", "ed", Self::Ed(Self::ed(&random))),
        ]
    }

    fn ec(random: &SystemRandom) -> EcdsaKeyPair {
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(kind, random).unwrap();
        EcdsaKeyPair::from_pkcs8(kind, key.as_ref(), random).unwrap()
    }

    fn ed(random: &SystemRandom) -> Ed25519KeyPair {
        let key = Ed25519KeyPair::generate_pkcs8(random).unwrap();
        Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap()
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                let sign = key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
                sign.unwrap();
                signature
            }
            Self::Ec(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    /// The public half as a JSON Web Key.
    fn public(&self, name: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(key) => {
                let key = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(key.public());
                json!({"kty": "RSA", "kid": name, "use": "sig", "alg": "RS256",
                       "n": text(&key.n), "e": text(&key.e)})
            }
            Self::Ec(key) => {
                let point = key.public_key().as_ref();
                json!({"kty": "EC", "kid": name, "crv": "P-256",
                       "x": text(&point[1..33]), "y": text(&point[33..])})
            }
            Self::Ed(key) => json!({"kty": "OKP", "kid": name, "crv": "Ed25519", "alg": "EdDSA",
                                    "x": text(key.public_key().as_ref())}),
        }
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn token(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// Claims that are good, with these changes; `null` takes one away.
fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 300, "nbf": NOW - 300, "tenant": "household",
        "scope": "recordings.read other",
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
    claims
}

/// An issuer on this machine.
struct Served {
    issuer: TokenIssuer,
    now: Arc<AtomicI64>,
    asked: Arc<AtomicU32>,
    is_away: Arc<AtomicBool>,
    keys: Arc<std::sync::Mutex<Value>>,
}

impl Served {
    async fn with(keys: Vec<Value>) -> Self {
        let asked = Arc::new(AtomicU32::new(0));
        let is_away = Arc::new(AtomicBool::new(false));
        let keys = Arc::new(std::sync::Mutex::new(json!({ "keys": keys })));
        let (count, away, set) = (asked.clone(), is_away.clone(), keys.clone());
        let answer = move || async move {
            count.fetch_add(1, Ordering::SeqCst);
            if away.load(Ordering::SeqCst) {
                return StatusCode::NOT_FOUND.into_response();
            }
            Json(set.lock().unwrap().clone()).into_response()
        };
        let router = Router::new().route("/keys", get(answer));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/keys", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let now = Arc::new(AtomicI64::new(NOW));
        let place = KeyPlace::Address(Url::parse(&address).unwrap());
        Self {
            issuer: issuer(place, now.clone()),
            now,
            asked,
            is_away,
            keys,
        }
    }

    async fn check(&self, token: &str) -> Result<Claims, TokenError> {
        self.issuer.check(token, &CancellationToken::new()).await
    }

    fn later(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

fn issuer(keys: KeyPlace, now: Arc<AtomicI64>) -> TokenIssuer {
    let settings = IssuerSettings {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        keys,
        leeway_s: 60,
    };
    let options = HttpOptions {
        retry: RetryPolicy::default().sped_up(1_000),
        ..HttpOptions::default()
    };
    let clock: Clock =
        Arc::new(move || Timestamp::from_second(now.load(Ordering::SeqCst)).unwrap());
    TokenIssuer::new(settings, &Http::new(options).unwrap(), clock).unwrap()
}

#[tokio::test]
async fn tokens_of_every_allowed_kind_are_taken() {
    let secrets = Secret::all();
    let keys = secrets.iter().map(|(_, name, it)| it.public(name));
    let served = Served::with(keys.collect()).await;
    for (alg, name, secret) in &secrets {
        let header = json!({"alg": alg, "kid": name, "typ": "at+jwt"});
        let claims = claims(json!({"aud": ["another", AUDIENCE]}));
        let good = served
            .check(&token(&header, &claims, |it| secret.sign(it)))
            .await;
        let good = good.unwrap_or_else(|error| panic!("{alg}: {error}"));
        assert_eq!(good.text("tenant"), Some("household"));
        assert_eq!(good.list("scope"), ["recordings.read", "other"]);
        // One bit of the signature.
        let flip = |it: &[u8]| {
            let mut signature = secret.sign(it);
            signature[10] ^= 1;
            signature
        };
        let bad = served.check(&token(&header, &claims, flip)).await;
        assert_eq!(bad, Err(TokenError::Signature), "{alg}");
    }
    assert_eq!(served.asked(), 1, "keys are kept");
}

#[tokio::test]
async fn what_a_token_says_must_fit() {
    let [_, _, (_, _, secret)] = Secret::all();
    let served = Served::with(vec![secret.public("k")]).await;
    let header = json!({"alg": "EdDSA", "kid": "k"});
    let missing = |name: &str| TokenError::Missing {
        name: name.to_owned(),
    };
    for (changes, expected) in [
        (json!({}), None),
        (json!({"nbf": null}), None),
        // The clocks may differ by a minute.
        (json!({"exp": NOW - 59, "nbf": NOW + 59}), None),
        (json!({"exp": NOW - 60}), Some(TokenError::Expired)),
        (json!({"exp": NOW - 9_000}), Some(TokenError::Expired)),
        (json!({"nbf": NOW + 61}), Some(TokenError::NotYetValid)),
        (json!({"exp": null}), Some(missing("exp"))),
        (json!({"exp": "2099"}), Some(TokenError::Malformed)),
        (json!({"nbf": "soon"}), Some(TokenError::Malformed)),
        (
            json!({"iss": "https://login.example.org"}),
            Some(TokenError::Issuer),
        ),
        (json!({"iss": null}), Some(missing("iss"))),
        (json!({"aud": "another"}), Some(TokenError::Audience)),
        (json!({"aud": ["another"]}), Some(TokenError::Audience)),
        (json!({"aud": null}), Some(missing("aud"))),
    ] {
        let token = token(&header, &claims(changes.clone()), |it| secret.sign(it));
        match (served.check(&token).await, expected) {
            (Ok(_), None) => {}
            (Err(error), Some(expected)) => match &expected {
                // The library says so too, in its own words.
                TokenError::Malformed | TokenError::Missing { .. } => {
                    let is_one =
                        matches!(error, TokenError::Malformed | TokenError::Missing { .. });
                    assert!(is_one, "{changes}: {error}");
                }
                _ => assert_eq!(error, expected, "{changes}"),
            },
            (checked, expected) => panic!("{changes}: {checked:?}, not {expected:?}"),
        }
    }
}

/// An issuer with two keys for tokens, a shared secret, and a key for something else.
struct Confused {
    rsa: Secret,
    ec: Secret,
    ed: Secret,
    served: Served,
}

impl Confused {
    async fn new() -> Self {
        let [rsa, ec, ed] = Secret::all().map(|(_, _, secret)| secret);
        let shared = json!({"kty": "oct", "kid": "shared", "k": URL_SAFE_NO_PAD.encode(b"secret")});
        let mut encryption = ed.public("encryption");
        encryption["use"] = json!("enc");
        let keys = vec![rsa.public("rsa"), ec.public("ec"), shared, encryption];
        let served = Served::with(keys).await;
        Self {
            rsa,
            ec,
            ed,
            served,
        }
    }

    async fn refuses(&self, name: &str, header: Value, sign: impl Fn(&[u8]) -> Vec<u8>) {
        let refused = self
            .served
            .check(&token(&header, &claims(json!({})), sign))
            .await;
        let is_refused = matches!(
            refused,
            Err(TokenError::Malformed
                | TokenError::Algorithm
                | TokenError::Signature
                | TokenError::UnknownKey)
        );
        assert!(is_refused, "{name}: {refused:?}");
    }
}

fn hmac(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::sign(&key, message).as_ref().to_vec()
}

/// RFC 8725, sections 2.1 and 3.1.
#[tokio::test]
async fn the_key_decides_about_the_algorithm_and_not_the_token() {
    let it = Confused::new().await;
    let of = |alg: &str, kid: &str| json!({"alg": alg, "kid": kid});
    let public = it.rsa.public("rsa")["n"].as_str().unwrap().to_owned();
    let nothing = |_: &[u8]| Vec::new();
    it.refuses("none", of("none", "rsa"), nothing).await;
    it.refuses("None", of("None", "rsa"), nothing).await;
    it.refuses("no signature", of("RS256", "rsa"), nothing)
        .await;
    let as_secret = |message: &[u8]| hmac(public.as_bytes(), message);
    it.refuses(
        "a public key as a shared secret",
        of("HS256", "rsa"),
        as_secret,
    )
    .await;
    let shared = |message: &[u8]| hmac(b"secret", message);
    it.refuses("a shared secret", of("HS256", "shared"), shared)
        .await;
    it.refuses("another kind of key", of("ES256", "rsa"), |m| it.ec.sign(m))
        .await;
    it.refuses("the same kind, longer", of("RS512", "rsa"), |m| {
        it.rsa.sign(m)
    })
    .await;
    let good = token(&of("RS256", "rsa"), &claims(json!({})), |m| it.rsa.sign(m));
    assert!(it.served.check(&good).await.is_ok());
}

#[tokio::test]
async fn only_keys_that_the_issuer_shows_for_tokens_count() {
    let it = Confused::new().await;
    let ed = |message: &[u8]| it.ed.sign(message);
    let rsa = |message: &[u8]| it.rsa.sign(message);
    let header = json!({"alg": "EdDSA", "kid": "encryption"});
    it.refuses("a key for something else", header, ed).await;
    let header = json!({"alg": "EdDSA", "kid": "ed", "jwk": it.ed.public("ed")});
    it.refuses("a key in the token", header, ed).await;
    let header = json!({"alg": "EdDSA", "kid": "ed", "jku": "http://127.0.0.1:1/keys"});
    it.refuses("an address in the token", header, ed).await;
    it.refuses(
        "an unknown key",
        json!({"alg": "RS256", "kid": "other"}),
        rsa,
    )
    .await;
    it.refuses("no key named", json!({"alg": "RS256"}), rsa)
        .await;
    let header = json!({"alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": false});
    it.refuses("an extension", header, rsa).await;
    for text in [
        "a.b.c".to_owned(),
        String::new(),
        format!("{}.b.c", "a".repeat(20_000)),
    ] {
        assert_eq!(it.served.check(&text).await, Err(TokenError::Malformed));
    }
}

#[tokio::test]
async fn a_new_key_is_learned_of_and_strangers_do_not_make_us_ask_for_ever() {
    let [_, (_, _, old), (_, _, new)] = Secret::all();
    let served = Served::with(vec![old.public("old")]).await;
    let of_old = token(
        &json!({"alg": "ES256", "kid": "old"}),
        &claims(json!({"exp": NOW + 1_000_000})),
        |it| old.sign(it),
    );
    let of_new = token(
        &json!({"alg": "EdDSA", "kid": "new"}),
        &claims(json!({"exp": NOW + 1_000_000})),
        |it| new.sign(it),
    );
    assert!(served.check(&of_old).await.is_ok());
    for _ in 0..20 {
        assert_eq!(served.check(&of_new).await, Err(TokenError::UnknownKey));
    }
    assert_eq!(served.asked(), 1, "it was asked a moment ago");
    *served.keys.lock().unwrap() = json!({"keys": [new.public("new")]});
    served.later(31);
    assert!(served.check(&of_new).await.is_ok());
    assert_eq!(served.asked(), 2);
    // A key that was taken back no longer counts.
    assert_eq!(served.check(&of_old).await, Err(TokenError::UnknownKey));
}

#[tokio::test]
async fn without_keys_nobody_is_let_in_and_known_keys_outlast_an_outage_for_a_day() {
    let [_, _, (_, _, secret)] = Secret::all();
    let served = Served::with(vec![secret.public("k")]).await;
    let header = json!({"alg": "EdDSA", "kid": "k"});
    let lasting = claims(json!({"exp": NOW + 1_000_000}));
    let good = token(&header, &lasting, |it| secret.sign(it));
    let is_unavailable = |checked| matches!(checked, Err(TokenError::KeysUnavailable { .. }));
    served.is_away.store(true, Ordering::SeqCst);
    assert!(is_unavailable(served.check(&good).await));
    assert!(is_unavailable(served.check(&good).await));
    assert_eq!(served.asked(), 1, "once in half a minute");
    served.is_away.store(false, Ordering::SeqCst);
    served.later(31);
    assert!(served.check(&good).await.is_ok());
    served.is_away.store(true, Ordering::SeqCst);
    served.later(2 * 60 * 60);
    assert!(served.check(&good).await.is_ok());
    let other = token(&json!({"alg": "EdDSA", "kid": "o"}), &lasting, |it| {
        secret.sign(it)
    });
    assert!(
        is_unavailable(served.check(&other).await),
        "it may be a new key"
    );
    served.later(24 * 60 * 60);
    assert!(is_unavailable(served.check(&good).await));
}

#[tokio::test]
async fn keys_can_lie_in_a_file_and_addresses_must_be_safe() {
    use std::io::Write;
    let [_, _, (_, _, secret)] = Secret::all();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let set = json!({"keys": [{"kty": "of the future", "kid": "f"}, secret.public("k")]});
    write!(file, "{set}").unwrap();
    let now = Arc::new(AtomicI64::new(NOW));
    let from_file = issuer(KeyPlace::File(file.path().to_owned()), now.clone());
    let good = token(
        &json!({"alg": "EdDSA", "kid": "k"}),
        &claims(json!({})),
        |it| secret.sign(it),
    );
    let cancel = CancellationToken::new();
    assert!(from_file.check(&good, &cancel).await.is_ok());
    let absent = issuer(KeyPlace::File(file.path().join("absent")), now.clone());
    let refused = absent.check(&good, &cancel).await.unwrap_err();
    assert!(refused.to_string().contains("absent"), "{refused}");
    let http = Http::new(HttpOptions::default()).unwrap();
    let settings = IssuerSettings {
        keys: KeyPlace::Address(Url::parse("http://login.example.org/keys").unwrap()),
        ..(*from_file.settings).clone()
    };
    let clock: Clock = Arc::new(|| Timestamp::UNIX_EPOCH);
    assert!(TokenIssuer::new(settings, &http, clock).is_err());
}
