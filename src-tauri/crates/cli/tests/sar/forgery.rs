//! Somebody who makes everything anew and signs it with keys of their own is told by the keys alone.

use std::{fs, io::Cursor, path::Path};

use domain::{digest::Sha256Digest, ids::CaseId, sensitive::Secret};
use evidence::{
    log::{self, Head, LogKey, sign_checkpoint},
    merkle::{Frontier, leaf_hash},
    open_package::OpenPackage,
    package::{PackageInfo, PackageWriter},
    sshsig::PackageKey,
};
use serde_json::Value;

use super::support::{FinishedDemo, Run, command, finished_demo, log_lines, run};

const ORIGIN: &str = "sar-portal/audit";
const CASE: &str = "SAR-2026-000001";

fn forger() -> (PackageKey, LogKey) {
    (PackageKey::from_seed([1; 32]), LogKey::from_seed([2; 32]))
}

/// The state of a log that holds these entries.
fn head(leaves: &[Vec<u8>]) -> Head {
    let mut tree = Frontier::default();
    leaves.iter().for_each(|leaf| tree.push(leaf_hash(leaf)));
    let mut bytes = vec![1];
    bytes.extend(tree.size().to_be_bytes());
    bytes.extend(leaf_hash(leaves.last().unwrap()).as_bytes());
    tree.nodes()
        .iter()
        .for_each(|hash| bytes.extend(hash.as_bytes()));
    Head::from_bytes(&bytes).unwrap()
}

/// The log of the demo without its newest entry, signed by the forger.
fn forged_log(demo: &FinishedDemo, folder: &Path) {
    let mut leaves: Vec<Vec<u8>> = log_lines(&demo.out)
        .into_iter()
        .skip(1)
        .map(String::into_bytes)
        .collect();
    leaves.reverse();
    let (_, key) = forger();
    let checkpoint = sign_checkpoint(ORIGIN, &head(&leaves), &key).unwrap();
    let vkey = key.vkey(ORIGIN).unwrap();
    for file in log::export(ORIGIN, &vkey, &leaves, &checkpoint) {
        let (path, bytes) = file.unwrap();
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// The package of the demo with another letter, every digest and signature made anew.
fn forged_package(demo: &FinishedDemo, path: &Path) {
    let passphrase = Secret::new(demo.passphrase());
    let bytes = fs::read(demo.package()).unwrap();
    let mut original = OpenPackage::new(Cursor::new(bytes), &passphrase).unwrap();
    let names: Vec<String> = original.files().iter().map(|it| it.0.clone()).collect();
    let info = PackageInfo {
        case_id: CaseId::new(CASE).unwrap(),
        organization: "Forgery Ltd".to_owned(),
        bagging_date: "2026-04-11".parse().unwrap(),
        software: "SAR Portal".to_owned(),
    };
    let mut writer = PackageWriter::new(Vec::new(), &passphrase, info).unwrap();
    let is_own = |name: &&String| name.starts_with("data/") && !name.ends_with(".sha256");
    for name in names.iter().filter(is_own) {
        let mut content = original.read(name, 1 << 30).unwrap();
        if name.ends_with("letter.html") {
            content = b"<p>You never called us.</p>".to_vec();
        }
        writer.add(name, &mut content.as_slice()).unwrap();
    }
    let (key, log_key) = forger();
    let proof = forged_proof(demo, &log_key, writer.manifest_digest());
    let (bytes, _) = writer.finish(&key, proof).unwrap();
    fs::write(path, bytes).unwrap();
}

fn forged_proof(
    demo: &FinishedDemo,
    key: &LogKey,
    manifest: Sha256Digest,
) -> Vec<(String, Vec<u8>)> {
    let oldest = log_lines(&demo.out).pop().unwrap();
    let intent = entry_about(&oldest, manifest);
    let leaves = [intent.into_bytes()];
    let checkpoint = sign_checkpoint(ORIGIN, &head(&leaves), key).unwrap();
    let hashes = [leaf_hash(&leaves[0])];
    let proof = log::inclusion_proof(&hashes, 0, &checkpoint).unwrap();
    evidence::package::log_proof_files(&leaves[0], &proof, &key.vkey(ORIGIN).unwrap())
}

/// The first entry of a log, made to be about a package.
fn entry_about(first: &str, manifest: Sha256Digest) -> String {
    let mut entry: Value = serde_json::from_str(first).unwrap();
    entry["fileHash"] = manifest.to_string().into();
    entry["action"] = "PACKAGE_INTENT".into();
    entry["caseId"] = CASE.into();
    entry.to_string()
}

fn judge(what: &str, path: &Path, options: &[&str]) -> Run {
    let mut verify = command();
    verify.args([what, "verify"]).arg(path).args(options);
    if what == "package" {
        verify.env("SAR_PASSPHRASE_FILE", finished_demo().passphrase_file());
    }
    run(&mut verify)
}

fn check(what: &str, forged: &Path, genuine: &Path, key_file: &str) {
    let demo = finished_demo();
    let key = demo.out.join(key_file).display().to_string();
    for (path, trusted) in [(forged, false), (genuine, true)] {
        let unasked = judge(what, path, &[]).ok();
        assert!(
            unasked.stdout.contains("Consistent; signer not checked"),
            "{unasked:?}"
        );
        assert!(!unasked.stdout.contains("Verified"), "{unasked:?}");
        let report = judge(what, path, &["--json"]).ok().json();
        assert_eq!(report["verified"], false, "{report}");
        assert_eq!(report["verdict"], "consistent", "{report}");
        assert_eq!(report["signer"]["checked"], false, "{report}");
        let asked = judge(what, path, &["--key", &key]);
        if trusted {
            assert!(asked.ok().stdout.contains("Verified."));
        } else {
            asked.fails(1, &["unknown key"]);
        }
    }
}

#[test]
fn a_package_signed_anew_is_never_called_verified() {
    let dir = tempfile::tempdir().unwrap();
    let (demo, forged) = (finished_demo(), dir.path().join("forged.zip"));
    forged_package(demo, &forged);
    check("package", &forged, &demo.package(), "signer.pub");
    let told = PackageKey::from_seed([3; 32]).fingerprint();
    judge("package", &forged, &["--signer", &told]).fails(1, &["unknown key"]);
}

#[test]
fn a_log_signed_anew_is_never_called_verified() {
    let dir = tempfile::tempdir().unwrap();
    let demo = finished_demo();
    forged_log(demo, dir.path());
    check("audit", dir.path(), &demo.out.join("audit-log"), "log.vkey");
}
