//! Files that leave the building and come back: audit logs, proofs, packages, signatures.

use std::{collections::BTreeMap, io::Cursor};

use domain::sensitive::Secret;
use evidence::{
    format::Entry,
    log::{Checkpoint, verify_proof},
    sshsig::{SignerKey, TrustedSigner},
    verify_log, verify_package,
};

/// Separates the parts of an input that has several; it occurs in none of the formats.
const SEPARATOR: &str = "\n\u{1}\n";

/// The key of the logs in the corpus, and so the one that is trusted.
const VKEY: &str = include_str!("../../corpus/log.vkey");

/// The passphrase of the packages in the corpus.
const PASSPHRASE: &str = "unmixed-plywood-gallon-reuse-thigh-ocean-frown";

/// A log folder: its files one after the other.
pub fn audit_log(bytes: &[u8]) {
    let report = verify_log::verify(&folder(bytes), Some(VKEY.trim()));
    assert!(
        !report.checks.is_empty(),
        "a report without checks says nothing"
    );
}

/// Files one after the other: length of the name in one byte, name, length of the content in two
/// bytes, big-endian, content. What is cut short ends the folder.
fn folder(mut bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    while let Some((name, content, rest)) = next_file(bytes) {
        files.insert(String::from_utf8_lossy(name).into_owned(), content.to_vec());
        bytes = rest;
    }
    files
}

fn next_file(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (&length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(length))?;
    let (&length, rest) = rest.split_first_chunk::<2>()?;
    let (content, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(length)))?;
    Some((name, content, rest))
}

/// One entry: what is accepted is written again to the byte.
pub fn entry(bytes: &[u8]) {
    if let Ok(entry) = Entry::from_bytes(bytes) {
        let again = entry
            .to_bytes()
            .expect("an entry that was read can be written");
        assert_eq!(again, bytes, "an entry has one form");
    }
}

/// A proof that an entry is in a log: entry and proof.
pub fn proof(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (entry, proof) = text.split_once(SEPARATOR).unwrap_or((text, ""));
    // Either reading may refuse; neither may fail otherwise.
    verify_proof(entry.as_bytes(), proof, VKEY.trim()).ok();
    Checkpoint::parse(text).ok();
}

/// A package from anybody.
pub fn package(bytes: &[u8]) {
    let passphrase = Secret::new(PASSPHRASE.to_owned());
    let report = verify_package::verify(Cursor::new(bytes), &passphrase, None);
    assert!(
        !report.checks.is_empty(),
        "a report without checks says nothing"
    );
}

/// Public keys, lists of signers and signatures.
pub fn signature(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    TrustedSigner::parse(text).ok();
    if let Ok(key) = SignerKey::parse(text).or_else(|_| SignerKey::from_allowed_signers(text)) {
        assert!(
            key.verify(b"message", text).is_err(),
            "a key is not a signature"
        );
    }
}
