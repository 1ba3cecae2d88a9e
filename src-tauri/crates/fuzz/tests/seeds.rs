//! The first inputs of the corpus, made by our own writers. `SAR_UPDATE_CORPUS=1` writes them again,
//! which is needed when a format changes; without it they are compared where they cannot vary.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "helpers of tests may fail loudly, and only this one writes the corpus"
)]

#[allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "the helpers of the evidence tests, of which the seeds use a part"
)]
#[path = "../../evidence/tests/support.rs"]
mod support;

use std::{fs, path::PathBuf};

use evidence::log;
use redaction::plan_file::PlanFile;
use support::{Log, delivery_draft, package, vkey};

const SEPARATOR: &str = "\n\u{1}\n";

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Writes or compares one input.
fn seed(name: &str, bytes: &[u8]) {
    let path = corpus().join(name);
    if std::env::var_os("SAR_UPDATE_CORPUS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
    }
    let committed = fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(
        committed == bytes,
        "{name} is of another form; write it again with SAR_UPDATE_CORPUS=1"
    );
}

fn log() -> Log {
    let mut log = Log::with_entries(5);
    log.append(delivery_draft(5, evidence::hashing::sha256("file")));
    log
}

/// The folder as the target reads it.
fn folder_bytes(log: &Log) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in log.folder() {
        bytes.push(u8::try_from(name.len()).unwrap());
        bytes.extend(name.as_bytes());
        bytes.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        bytes.extend(content);
    }
    bytes
}

#[test]
fn the_log_is_of_todays_form() {
    let log = log();
    seed("log.vkey", vkey().as_bytes());
    seed("audit-log/seed", &folder_bytes(&log));
    seed("log-entry/seed", &log.leaves[5]);
    let proof = log::inclusion_proof(&log.hashes, 5, &log.checkpoint()).unwrap();
    let entry = String::from_utf8(log.leaves[5].clone()).unwrap();
    seed(
        "log-proof/seed",
        format!("{entry}{SEPARATOR}{proof}").as_bytes(),
    );
    seed("log-proof/checkpoint", log.checkpoint().as_bytes());
}

#[test]
fn the_signature_is_of_todays_form() {
    let key = support::package_key();
    seed("signature/public", key.public().as_bytes());
    seed(
        "signature/allowed-signers",
        key.allowed_signers().as_bytes(),
    );
    seed(
        "signature/signature",
        key.sign(b"message").unwrap().as_bytes(),
    );
    seed("signature/fingerprint", key.fingerprint().as_bytes());
}

#[test]
fn the_plan_is_of_todays_form() {
    let recording = fs::read(corpus().join("redaction/pcm-stereo.wav")).unwrap();
    let (plan, rendered) = fuzz::targets::audio::render_middle_third(&recording).unwrap();
    let file = PlanFile {
        plan,
        ranges: rendered.ranges,
        delivered: Some(rendered.delivered),
    };
    seed("plan/seed", file.to_json().as_bytes());
}

/// Salts make every package another one, so only what it says is compared.
#[test]
fn the_package_is_of_todays_form() {
    let path = corpus().join("package/seed");
    if std::env::var_os("SAR_UPDATE_CORPUS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, package().bytes).unwrap();
    }
    let committed = support::verify(&fs::read(path).unwrap());
    let fresh = support::verify(&package().bytes);
    assert_eq!(
        committed.checks, fresh.checks,
        "write it again with SAR_UPDATE_CORPUS=1"
    );
    assert!(committed.verified(), "{:?}", committed.checks);
}
