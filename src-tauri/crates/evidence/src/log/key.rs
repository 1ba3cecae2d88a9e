//! The key that signs checkpoints (Ed25519, RFC 8032), and the text form of its public half.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::LogError;
use crate::hashing::sha256;

/// Ed25519 in the type byte of C2SP signed-note.
const ALGORITHM_ED25519: u8 = 0x01;

/// The private key of an installation's audit log. Its memory is wiped when it is dropped.
pub struct LogKey(SigningKey);

impl LogKey {
    /// The key with this 32-byte seed, which comes from the OS keyring.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let seed = zeroize::Zeroizing::new(seed);
        Self(SigningKey::from_bytes(&seed))
    }

    /// The public half as text, `origin+id+base64`: what a verifier must trust.
    ///
    /// # Errors
    /// When `origin` cannot name a log.
    pub fn vkey(&self, origin: &str) -> Result<String, LogError> {
        let id = self.key_id(origin)?;
        Ok(text_form(origin, id, &self.0.verifying_key()))
    }

    /// The key id: first four bytes of SHA-256(origin ‖ 0x0A ‖ 0x01 ‖ public key).
    ///
    /// # Errors
    /// When `origin` cannot name a log.
    pub fn key_id(&self, origin: &str) -> Result<u32, LogError> {
        check_origin(origin)?;
        Ok(key_id(origin, &self.0.verifying_key()))
    }

    pub(super) fn sign(&self, text: &[u8]) -> [u8; 64] {
        self.0.sign(text).to_bytes()
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogKey(<redacted>)")
    }
}

/// The public half, read from its text form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrustedKey {
    name: String,
    key: VerifyingKey,
}

impl TrustedKey {
    /// Reads `name+id+base64`; the text must be exactly what [`LogKey::vkey`] writes.
    pub(crate) fn parse(vkey: &str) -> Result<Self, LogError> {
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(_id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(LogError::VerifierKey);
        };
        let bytes = BASE64_STANDARD
            .decode(key)
            .map_err(|_| LogError::VerifierKey)?;
        let Some((&ALGORITHM_ED25519, key)) = bytes.split_first() else {
            return Err(LogError::VerifierKey);
        };
        let key = VerifyingKey::try_from(key).map_err(|_| LogError::VerifierKey)?;
        check_origin(name)?;
        let trusted = Self {
            name: name.to_owned(),
            key,
        };
        // Base64 and hex have more than one spelling; only one is the key file.
        (trusted.to_string() == vkey)
            .then_some(trusted)
            .ok_or(LogError::VerifierKey)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn id(&self) -> u32 {
        key_id(&self.name, &self.key)
    }

    /// Whether `signature` over `text` is good. Weak keys and malleable signatures are refused.
    pub(crate) fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(text, &signature).is_ok())
    }
}

impl fmt::Display for TrustedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text_form(&self.name, self.id(), &self.key))
    }
}

fn tagged_key(key: &VerifyingKey) -> Vec<u8> {
    [&[ALGORITHM_ED25519], &key.as_bytes()[..]].concat()
}

fn text_form(name: &str, id: u32, key: &VerifyingKey) -> String {
    format!(
        "{name}+{id:08x}+{}",
        BASE64_STANDARD.encode(tagged_key(key))
    )
}

fn key_id(name: &str, key: &VerifyingKey) -> u32 {
    let digest = sha256([name.as_bytes(), b"\n", &tagged_key(key)].concat());
    let [a, b, c, d, ..] = *digest.as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// Key names go into signature lines and key files, which are split at spaces and plus signs.
pub(super) fn check_origin(origin: &str) -> Result<(), LogError> {
    let breaks = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if origin.is_empty() || origin.chars().any(breaks) {
        return Err(LogError::Origin(origin.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_half_survives_its_text_form_and_the_private_half_never_prints() {
        let key = LogKey::from_seed([7; 32]);
        let vkey = key.vkey("example.org/log").unwrap();
        let trusted = TrustedKey::parse(&vkey).unwrap();
        assert_eq!(
            (trusted.name(), trusted.to_string()),
            ("example.org/log", vkey)
        );
        assert_eq!(key.key_id("example.org/log"), Ok(trusted.id()));
        assert_eq!(format!("{key:?}"), "LogKey(<redacted>)");
    }

    #[test]
    fn other_spellings_of_a_key_are_refused() {
        let vkey = LogKey::from_seed([7; 32]).vkey("example.org/log").unwrap();
        for bad in [
            vkey.to_uppercase(),
            vkey.replace("log+", "logs+"),
            vkey + "\n",
            String::new(),
        ] {
            assert!(TrustedKey::parse(&bad).is_err(), "{bad}");
        }
        assert!(LogKey::from_seed([7; 32]).vkey("two words").is_err());
    }
}
