//! Checks a delivered package from its container to its proofs, and names the part that is wrong.
//!
//! Needs the file and the passphrase only. With a trusted signer nothing in the package is taken on
//! trust; without, the report names the fingerprint that the sender must confirm by another channel:
//! a letter inside the package proves nothing about who made the package.

mod bag_checks;
mod content_checks;
mod contents;
mod proof_check;

use std::io::{Read, Seek};

use domain::sensitive::Secret;

use crate::{
    open_package::{OpenError, OpenPackage},
    report::{Finding, Report},
    sshsig::SignerKey,
};

use contents::Contents;

/// Names of the checks of a package.
pub mod checks {
    /// The ZIP has exactly the form in which packages are written.
    pub const CONTAINER: &str = "container";
    /// Every file opens with the passphrase and is authentic.
    pub const DECRYPTION: &str = "decryption";
    /// The bag declaration and its information.
    pub const BAG: &str = "bag";
    /// The manifest lists exactly the payload, with its digests.
    pub const MANIFEST: &str = "manifest";
    /// The payload has the stated size.
    pub const PAYLOAD_SIZE: &str = "payload size";
    /// The tag manifest lists exactly the other files, with their digests.
    pub const TAG_MANIFEST: &str = "tag manifest";
    /// The tag manifest is signed by the key that the package names.
    pub const SIGNATURE: &str = "signature";
    /// That key is the trusted one.
    pub const SIGNER: &str = crate::report::SIGNER;
    /// The chain of custody fits the recordings one to one.
    pub const CUSTODY: &str = "chain of custody";
    /// Every recording has its sidecar.
    pub const SIDECARS: &str = "digest sidecars";
    /// Every recording has its metadata.
    pub const METADATA: &str = "recording metadata";
    /// Every call found has one end state.
    pub const CALLS: &str = "call list";
    /// The redaction log covers every recording.
    pub const REDACTION_LOG: &str = "redaction log";
    /// The audit log has an entry about this package.
    pub const LOG_PROOF: &str = "audit log proof";
}

/// A check of the content: the detail of a pass, or what is wrong.
type ContentCheck = fn(&Contents) -> Result<String, Finding>;

/// What is checked after decryption, in order.
const CONTENT_CHECKS: [(&str, ContentCheck); 9] = [
    (checks::BAG, bag_checks::bag),
    (checks::MANIFEST, bag_checks::manifest),
    (checks::PAYLOAD_SIZE, bag_checks::payload_size),
    (checks::TAG_MANIFEST, bag_checks::tag_manifest),
    (checks::CUSTODY, content_checks::custody),
    (checks::SIDECARS, content_checks::sidecars),
    (checks::METADATA, content_checks::metadata),
    (checks::CALLS, content_checks::calls),
    (checks::REDACTION_LOG, content_checks::redaction_log),
];

/// Verifies a package. `trusted_signer` is an OpenSSH public key, `ssh-ed25519 AAAA…`, or the
/// fingerprint of one, `SHA256:…`; without it the verdict is never better than consistent.
pub fn verify(
    zip: impl Read + Seek,
    passphrase: &Secret<String>,
    trusted_signer: Option<&str>,
) -> Report {
    let mut report = Report::default();
    let mut package = match OpenPackage::new(zip, passphrase) {
        Ok(package) => package,
        Err(error) => {
            report.record(checks::CONTAINER, Err(finding(error)));
            report.not_performed(checks::DECRYPTION, "the container is not sound");
            skip_content(&mut report, "the container is not sound");
            return report;
        }
    };
    let files = format!("{} files", package.files().len());
    report.record(checks::CONTAINER, Ok(files));
    match Contents::read(&mut package) {
        Ok(contents) => {
            report.record(checks::DECRYPTION, Ok(String::new()));
            check_contents(&contents, trusted_signer, &mut report);
        }
        Err(finding) => {
            report.record(checks::DECRYPTION, Err(finding));
            skip_content(&mut report, "not every file could be read");
        }
    }
    report
}

fn check_contents(contents: &Contents, trusted_signer: Option<&str>, report: &mut Report) {
    for (name, check) in CONTENT_CHECKS {
        report.record(name, check(contents));
    }
    check_signer(contents, trusted_signer, report);
    match proof_check::log_proof(contents) {
        Some(result) => report.record(checks::LOG_PROOF, result),
        None => report.not_performed(checks::LOG_PROOF, "the package carries no proof"),
    }
}

/// Who signed, and whether it is who was expected: two questions, two checks.
fn check_signer(contents: &Contents, trusted: Option<&str>, report: &mut Report) {
    report.record(checks::SIGNATURE, bag_checks::signature(contents));
    let named = bag_checks::named_signer(contents);
    report.signer = named.as_ref().ok().map(SignerKey::fingerprint);
    match (named, trusted) {
        (Ok(named), Some(trusted)) => {
            report.record(checks::SIGNER, bag_checks::signer(&named, trusted));
        }
        (Ok(named), None) => report.not_performed(
            checks::SIGNER,
            format!(
                "no trusted key was given: ask the sender by another channel whether {} is theirs",
                named.fingerprint()
            ),
        ),
        (Err(_), _) => report.not_performed(checks::SIGNER, "the package names no key"),
    }
}

fn skip_content(report: &mut Report, reason: &str) {
    let names = CONTENT_CHECKS.iter().map(|(name, _)| *name);
    for name in names.chain([checks::SIGNATURE, checks::SIGNER, checks::LOG_PROOF]) {
        report.not_performed(name, reason);
    }
}

fn finding(error: OpenError) -> Finding {
    match error {
        OpenError::Container(finding) => finding,
        OpenError::NoFile(path)
        | OpenError::TooLong { path, .. }
        | OpenError::Output { path, .. } => Finding::new(path, "it cannot be read"),
        OpenError::Passphrase(path) => Finding::new(path, "the passphrase does not open it"),
        OpenError::Modified(path) => {
            Finding::new(path, "modified: its authentication code does not fit")
        }
    }
}
