//! Tokens that the organization's own issuer made, at the gateway's door.

use std::fs;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use sandbox::{LegacyOptions, SandboxOptions};
use serde_json::{Value, json};

use super::support::gateway::Gateway;

const ISSUER: &str = "
[token_issuer]
issuer = \"https://login.example.org/\"
audience = \"sar-gateway\"
keys = { file = \"DIR/keys.json\" }
tenant_claim = \"https://example.org/tenant\"
scope_claim = \"scp\"
";
const REFERENCE: &str = "/api/v2/recordings/avaya_8923";

/// The issuer: its key is made here, and its public half put where the gateway looks.
struct Issuer(Ed25519KeyPair);

impl Issuer {
    fn new() -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self(Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap())
    }

    fn publish(&self, gateway: &Gateway) {
        let point = URL_SAFE_NO_PAD.encode(self.0.public_key());
        let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": "one", "x": point});
        let path = gateway.dir.path().join("keys.json");
        fs::write(path, json!({"keys": [key]}).to_string()).unwrap();
    }

    /// A token with good claims and these.
    fn token(&self, more: &Value) -> String {
        let now = jiff::Timestamp::now().as_second();
        let mut claims = json!({
            "iss": "https://login.example.org/", "aud": "sar-gateway", "exp": now + 600,
            "client_id": "compliance-tool", "scp": ["recordings.read", "recordings.media"],
            "https://example.org/tenant": "household",
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({"alg": "EdDSA", "kid": "one"});
        let message = format!("{}.{}", part(&header), part(&claims));
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(message.as_bytes()));
        format!("{message}.{signature}")
    }
}

// S1-24, S1-26
#[test]
fn tokens_of_the_issuer_open_what_their_claims_say_and_nothing_else() {
    let (sandbox, legacy) = (SandboxOptions::default(), LegacyOptions::default());
    let mut gateway = Gateway::configured(sandbox, legacy, ISSUER);
    let issuer = Issuer::new();
    issuer.publish(&gateway);
    let code = |token: &str| {
        let reply = gateway.get(REFERENCE, token);
        let code = reply.json()["code"].as_str().unwrap_or_default().to_owned();
        (reply.status, code)
    };
    let refused = |status: u16, code: &str| (status, code.to_owned());
    let with = |claims: Value| issuer.token(&claims);
    assert_eq!(code(&with(json!({}))).0, 200);
    // The embedded default stands beside it.
    assert_eq!(code(&gateway.token("tool", "household", &[])).0, 200);
    for (name, claims, expected) in [
        (
            "another tenant",
            json!({"https://example.org/tenant": "other"}),
            refused(404, "recording_not_found"),
        ),
        (
            "no such tenant",
            json!({"https://example.org/tenant": "none"}),
            refused(401, "invalid_token"),
        ),
        (
            "no tenant",
            json!({"https://example.org/tenant": null}),
            refused(401, "invalid_token"),
        ),
        (
            "no client",
            json!({"client_id": ""}),
            refused(401, "invalid_token"),
        ),
        (
            "too narrow",
            json!({"scp": "recordings.search"}),
            refused(403, "insufficient_scope"),
        ),
        ("over", json!({"exp": 1}), refused(401, "invalid_token")),
        (
            "for another",
            json!({"aud": "mail"}),
            refused(401, "invalid_token"),
        ),
        (
            "by another",
            json!({"iss": "https://evil.example"}),
            refused(401, "invalid_token"),
        ),
    ] {
        assert_eq!(code(&with(claims)), expected, "{name}");
    }
    assert_eq!(
        code(&Issuer::new().token(&json!({}))),
        refused(401, "invalid_token")
    );
    let log = gateway.stop_and_read_log();
    let by = |actor: &str, action: &str| {
        log.iter()
            .filter(|it| it["actorId"] == actor && it["action"] == action)
            .count()
    };
    assert_eq!(by("issuer:compliance-tool", "GATEWAY_METADATA_READ"), 1);
    assert_eq!(by("issuer:compliance-tool", "GATEWAY_DENIED"), 1);
}

#[test]
fn without_the_keys_of_the_issuer_its_tokens_open_nothing() {
    let (sandbox, legacy) = (SandboxOptions::default(), LegacyOptions::default());
    let gateway = Gateway::configured(sandbox, legacy, ISSUER);
    let reply = gateway.get(REFERENCE, &Issuer::new().token(&json!({})));
    assert_eq!(
        (reply.status, reply.json()["code"].as_str()),
        (503, Some("keys_unavailable"))
    );
    assert!(!reply.header("retry-after").is_empty());
    assert_eq!(
        gateway
            .get(REFERENCE, &gateway.token("tool", "household", &[]))
            .status,
        200
    );
}
