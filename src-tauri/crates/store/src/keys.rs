//! The master key: in the OS keyring, or in a file behind a passphrase.
//!
//! `keys.toml` in the data folder says which, so that a changed or emptied keyring is reported and
//! never answered with a new, empty store.

mod recovery;

use std::{fs, path::Path, sync::Arc};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, Nonce, aead::Aead};
use domain::sensitive::Secret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{StoreError, output};

pub use recovery::restore;

/// Where the master key is.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// In the keyring of the operating system, under this service name.
    Keyring {
        /// Service name, one for each kind of build.
        namespace: String,
    },
    /// In the data folder, behind a passphrase (RFC 9106, Argon2id).
    Passphrase(Secret<String>),
}

/// The key that opens everything; dropped with the store.
#[derive(Clone)]
pub(crate) struct MasterKey(Arc<Zeroizing<[u8; 32]>>);

impl MasterKey {
    fn random() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(std::io::Error::other)?;
        Ok(Self(Arc::new(bytes)))
    }

    /// A key for one purpose: SHA-256 over a label, the purpose and the master key. The master key is
    /// uniformly random and of fixed length, so a plain hash is a sound derivation here.
    pub(crate) fn derive(&self, purpose: &str) -> Secret<[u8; 32]> {
        let mut hash = Sha256::new();
        hash.update(b"sar-portal key v1\0");
        hash.update(purpose.as_bytes());
        hash.update(b"\0");
        hash.update(self.0.as_slice());
        Secret::new(hash.finalize().into())
    }

    /// Encrypts a small secret with ChaCha20-Poly1305 (RFC 8439) under a fresh random nonce.
    pub(crate) fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0_u8; 12];
        getrandom::fill(&mut nonce).map_err(std::io::Error::other)?;
        let cipher = ChaCha20Poly1305::new(Key::from_slice(self.derive(purpose).reveal()));
        let sealed = cipher.encrypt(Nonce::from_slice(&nonce), plain);
        let sealed = sealed.map_err(|_| StoreError::Interrupted)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`MasterKey::seal`] made; `None` when it is damaged or of another key.
    pub(crate) fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_at_checked(12)?;
        let cipher = ChaCha20Poly1305::new(Key::from_slice(self.derive(purpose).reveal()));
        cipher
            .decrypt(Nonce::from_slice(nonce), sealed)
            .ok()
            .map(Zeroizing::new)
    }

    fn check(&self) -> String {
        STANDARD.encode(self.derive("check").reveal())
    }
}

/// RFC 9106 section 4, second recommended option: 64 MiB, 3 passes, 4 lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;

const KEY_FILE: &str = "keys.toml";

/// What the data folder knows about its key.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    version: u8,
    #[serde(flatten)]
    place: Place,
    /// Derived from the key: tells a wrong key from a damaged database.
    check: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
enum Place {
    /// In the keyring, under this entry.
    Keyring { entry: String },
    /// Here: encrypted with ChaCha20-Poly1305 (RFC 8439) under the stretched passphrase. The nonce is
    /// zero because each salt, and so each wrapping key, is used once.
    Passphrase { salt: String, wrapped: String },
}

const VERSION: u8 = 1;

/// Reads the master key of a folder, or makes one for an empty folder.
pub(crate) fn open_or_create(source: &KeySource, dir: &Path) -> Result<MasterKey, StoreError> {
    let path = dir.join(KEY_FILE);
    if path.exists() {
        return open(source, &path);
    }
    if dir.join("sar.db").exists() {
        // Never start afresh over data whose key description is gone.
        return Err(StoreError::Corrupt {
            what: KEY_FILE.to_owned(),
        });
    }
    create(source, &path)
}

fn open(source: &KeySource, path: &Path) -> Result<MasterKey, StoreError> {
    let file = read_key_file(path)?;
    if file.version != VERSION {
        return Err(corrupt_key_file());
    }
    let key = match (source, &file.place) {
        (KeySource::Keyring { namespace }, Place::Keyring { entry }) => {
            let lost = || StoreError::KeyringLost {
                service: namespace.clone(),
                entry: entry.clone(),
            };
            let text = get_from_keyring(namespace, entry)?.ok_or_else(lost)?;
            master_key(&text).ok_or_else(lost)?
        }
        (KeySource::Passphrase(passphrase), Place::Passphrase { salt, wrapped }) => {
            unwrap_key(passphrase, salt, wrapped)?
        }
        (_, Place::Keyring { .. }) => {
            return Err(StoreError::OtherKeySource {
                made_with: "a keyring",
            });
        }
        (_, Place::Passphrase { .. }) => {
            return Err(StoreError::OtherKeySource {
                made_with: "a passphrase",
            });
        }
    };
    if key.check() == file.check {
        Ok(key)
    } else {
        Err(StoreError::KeyLost)
    }
}

fn corrupt_key_file() -> StoreError {
    StoreError::Corrupt {
        what: KEY_FILE.to_owned(),
    }
}

fn read_key_file(path: &Path) -> Result<KeyFile, StoreError> {
    toml::from_str(&fs::read_to_string(path)?).map_err(|_| corrupt_key_file())
}

fn create(source: &KeySource, path: &Path) -> Result<MasterKey, StoreError> {
    let key = MasterKey::random()?;
    write_key_file(path, place_for(source, &key)?, &key)?;
    Ok(key)
}

/// Puts the key where `source` says; returns how to find it there.
fn place_for(source: &KeySource, key: &MasterKey) -> Result<Place, StoreError> {
    Ok(match source {
        KeySource::Keyring { namespace } => {
            let entry = format!("master-key-{}", uuid::Uuid::new_v4());
            let text = Zeroizing::new(STANDARD.encode(key.0.as_slice()));
            put_in_keyring(namespace, &entry, &text)?;
            // A keyring that forgets at once is found out now, not at the next start.
            get_from_keyring(namespace, &entry)?.ok_or(StoreError::KeyLost)?;
            Place::Keyring { entry }
        }
        KeySource::Passphrase(passphrase) => wrap_key(passphrase, key)?,
    })
}

fn write_key_file(path: &Path, place: Place, key: &MasterKey) -> Result<(), StoreError> {
    let file = KeyFile {
        version: VERSION,
        place,
        check: key.check(),
    };
    let text = toml::to_string(&file).map_err(std::io::Error::other)?;
    output::write_file(path, |out| out.write_all(text.as_bytes()))
}

fn master_key(text: &Secret<String>) -> Option<MasterKey> {
    let bytes = Zeroizing::new(STANDARD.decode(text.reveal()).ok()?);
    let array: [u8; 32] = bytes.as_slice().try_into().ok()?;
    Some(MasterKey(Arc::new(Zeroizing::new(array))))
}

fn stretch(passphrase: &Secret<String>, salt: &[u8]) -> Result<ChaCha20Poly1305, StoreError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(std::io::Error::other)?;
    let mut key = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.reveal().as_bytes(), salt, key.as_mut_slice())
        .map_err(std::io::Error::other)?;
    Ok(ChaCha20Poly1305::new(Key::from_slice(key.as_slice())))
}

fn wrap_key(passphrase: &Secret<String>, key: &MasterKey) -> Result<Place, StoreError> {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(std::io::Error::other)?;
    let wrapped = stretch(passphrase, &salt)?
        .encrypt(&Nonce::default(), key.0.as_slice())
        .map_err(|_| StoreError::Interrupted)?;
    Ok(Place::Passphrase {
        salt: STANDARD.encode(salt),
        wrapped: STANDARD.encode(wrapped),
    })
}

fn unwrap_key(
    passphrase: &Secret<String>,
    salt: &str,
    wrapped: &str,
) -> Result<MasterKey, StoreError> {
    let corrupt = |_| StoreError::Corrupt {
        what: KEY_FILE.to_owned(),
    };
    let salt = STANDARD.decode(salt).map_err(corrupt)?;
    let wrapped = STANDARD.decode(wrapped).map_err(corrupt)?;
    let opened = stretch(passphrase, &salt)?.decrypt(&Nonce::default(), wrapped.as_slice());
    let bytes = Zeroizing::new(opened.map_err(|_| StoreError::WrongPassphrase)?);
    let array = bytes
        .as_slice()
        .try_into()
        .map_err(|_| StoreError::WrongPassphrase)?;
    Ok(MasterKey(Arc::new(Zeroizing::new(array))))
}

fn entry(namespace: &str, name: &str) -> Result<keyring::Entry, StoreError> {
    keyring::Entry::new(namespace, name).map_err(|error| unavailable(&error))
}

fn unavailable(error: &keyring::Error) -> StoreError {
    StoreError::KeyringUnavailable {
        reason: error.to_string(),
    }
}

/// Writes a secret into the keyring of the operating system.
pub(crate) fn put_in_keyring(namespace: &str, name: &str, secret: &str) -> Result<(), StoreError> {
    entry(namespace, name)?
        .set_password(secret)
        .map_err(|error| unavailable(&error))
}

/// Reads a secret from the keyring; `None` when there is no such entry.
pub(crate) fn get_from_keyring(
    namespace: &str,
    name: &str,
) -> Result<Option<Secret<String>>, StoreError> {
    match entry(namespace, name)?.get_password() {
        Ok(text) => Ok(Some(Secret::new(text))),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(unavailable(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(words: &str) -> KeySource {
        KeySource::Passphrase(Secret::new(words.to_owned()))
    }

    #[test]
    fn a_folder_opens_again_with_its_passphrase_and_with_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let made = open_or_create(&passphrase("correct horse"), dir.path()).unwrap();
        let opened = open_or_create(&passphrase("correct horse"), dir.path()).unwrap();
        assert_eq!(made.derive("x"), opened.derive("x"));
        let refused = open_or_create(&passphrase("wrong"), dir.path()).err();
        assert!(matches!(refused, Some(StoreError::WrongPassphrase)));
    }

    #[test]
    fn a_lost_key_file_is_never_answered_with_a_new_key() {
        let dir = tempfile::tempdir().unwrap();
        fs::File::create(dir.path().join("sar.db")).unwrap();
        let refused = open_or_create(&passphrase("any"), dir.path()).err();
        assert!(matches!(refused, Some(StoreError::Corrupt { .. })));
    }
}
