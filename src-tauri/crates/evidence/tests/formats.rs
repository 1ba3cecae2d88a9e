//! The worked examples in `docs/formats` are what this version writes and reads.
//!
//! With `SAR_UPDATE_VECTORS=1` the test writes the examples into the pages.

use evidence::{
    bag, custody_csv,
    format::Entry,
    log::{growth_request, inclusion_proof, verify_growth, verify_proof},
    merkle::leaf_hash,
};

use crate::{
    package_tampering::unpacked,
    support::{self, Log, delivery_draft, vkey},
    vectors::{repository, updating, write_file},
};

/// Compares the block after `<!-- example: name -->` with what is expected.
fn check(page: &str, name: &str, expected: &str) {
    let path = repository().join("docs/formats").join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let marker = format!("<!-- example: {name} -->\n");
    let (before, rest) = text
        .split_once(&marker)
        .unwrap_or_else(|| panic!("no {name} in {page}"));
    let (fence, rest) = rest.split_once('\n').unwrap();
    let (found, after) = rest.split_once("```").unwrap();
    if updating() {
        let end = if expected.ends_with('\n') { "" } else { "\n" };
        let page = format!("{before}{marker}{fence}\n{expected}{end}```{after}");
        write_file(&path, page.as_bytes());
    } else {
        assert_eq!(
            found.trim_end_matches('\n'),
            expected.trim_end_matches('\n'),
            "{name} in {page}"
        );
    }
}

fn example_log() -> Log {
    let mut log = Log::with_entries(1);
    log.append(delivery_draft(1, evidence::hashing::sha256(support::wav())));
    log
}

#[test]
fn the_audit_log_page_shows_a_real_log() {
    let log = example_log();
    let page = "audit-log.md";
    let leaf = String::from_utf8(log.leaves[1].clone()).unwrap();
    assert!(Entry::from_bytes(leaf.as_bytes()).is_ok());
    let proof = inclusion_proof(&log.hashes, 1, &log.checkpoint()).unwrap();
    assert!(verify_proof(leaf.as_bytes(), &proof, &vkey()).is_ok());
    let files: Vec<String> = log.folder().into_keys().collect();
    check(page, "entry", &leaf);
    check(page, "leaf hash", &leaf_hash(leaf.as_bytes()).hex());
    check(page, "checkpoint", &log.checkpoint());
    check(page, "key", &vkey());
    check(page, "proof", &proof);
    check(page, "files", &files.join("\n"));
    let earlier = Log::with_entries(1).checkpoint();
    let growth = growth_request(&log.hashes, 1, &log.checkpoint()).unwrap();
    assert!(verify_growth(Some(&earlier), &growth, &vkey()).is_ok());
    check(page, "growth", &growth);
}

#[test]
fn the_custody_page_shows_a_real_file() {
    let bytes = custody_csv::write(&support::custody_rows());
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert_eq!(custody_csv::read(&bytes).unwrap(), support::custody_rows());
    check("chain-of-custody.md", "file", &text.replace("\r\n", "\n"));
}

#[test]
fn the_package_page_shows_a_real_package() {
    let page = "package.md";
    let files = unpacked();
    let text = |name: &str| {
        let (_, content) = files.iter().find(|(path, _)| path == name).unwrap();
        String::from_utf8(content.clone()).unwrap()
    };
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    check(page, "files", &names.join("\n"));
    for name in [
        "bag-info.txt",
        bag::MANIFEST,
        bag::TAGMANIFEST,
        "allowed_signers",
        "tagmanifest-sha256.txt.sig",
        "data/calls.json",
        "data/recordings/0001.json",
        "data/redaction/redaction-log.json",
        "data/recordings/0001.wav.sha256",
    ] {
        check(page, name, &text(name));
    }
    let zip = support::package().bytes;
    check(page, "local header", &hex(&zip[..30 + 15 + 11]));
    check(page, "end record", &hex(&zip[zip.len() - 22..]));
}

fn hex(bytes: &[u8]) -> String {
    let lines = bytes.chunks(16).map(|line| {
        line.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}
