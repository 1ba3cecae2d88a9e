//! Golden files in `tests/vectors/evidence`: good and tampered logs and packages with what the
//! verifier must say. Other implementations can be run against them.
//!
//! With `SAR_UPDATE_VECTORS=1` the test writes the files instead of reading them.

use std::{
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

use evidence::{
    log::{LogKey, sign_checkpoint},
    report::Report,
    verify_log, verify_package,
};

use crate::{
    package_tampering::{repacked, unpacked},
    support::{self, Folder, Log, ORIGIN, folder_of, log_key, passphrase, vkey},
};

pub(crate) fn updating() -> bool {
    std::env::var_os("SAR_UPDATE_VECTORS").is_some()
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

pub(crate) fn write_file(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::File::create(path)
        .unwrap()
        .write_all(content)
        .unwrap();
}

fn vectors() -> PathBuf {
    repository().join("tests/vectors/evidence")
}

/// What the verifier must say: `verified`, or each failed check with the part it blames.
fn verdict(report: &Report) -> String {
    if report.verified() {
        return "verified\n".to_owned();
    }
    let failed = support::blamed(report);
    failed
        .iter()
        .map(|(check, part)| format!("failed: {check}: {part}\n"))
        .collect()
}

fn read_folder(folder: &Path, prefix: &str) -> Folder {
    let mut files = Folder::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            files.extend(read_folder(&path, &format!("{name}/")));
        } else {
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
    files
}

/// The folder of a log beside which a checkpoint of another one was kept.
fn kept_with(log: Log, kept: &Log) -> Folder {
    let mut folder = log.folder();
    let path = format!("anchors/{}.checkpoint", kept.head.size());
    folder.insert(path, kept.checkpoint().into_bytes());
    folder
}

/// A log that a key with this seed hands over to another one.
fn handed_over(old: [u8; 32]) -> Log {
    let mut log = Log::with_entries(3);
    let (old, new) = (LogKey::from_seed(old), [8; 32]);
    log.append(support::rotation_draft(
        &log.head,
        &old,
        &LogKey::from_seed(new),
    ));
    log.key = Some(new);
    log
}

/// Name, folder, and the verdict that it must get.
type LogCase = (&'static str, Folder, &'static str);

/// Logs with tampered entries.
fn entry_cases() -> Vec<LogCase> {
    let log = Log::with_entries(6);
    let checkpoint = log.checkpoint();
    let bundle = "tile/entries/000.p/6";
    let with = |change: &dyn Fn(&mut Folder)| {
        let mut folder = log.folder();
        change(&mut folder);
        folder
    };
    let first = 2 + log.leaves[0].len();
    let second = first + 2 + log.leaves[1].len();
    let last = 2 + log.leaves[5].len();
    let mut swapped = log.leaves.clone();
    swapped.swap(2, 3);
    let mut forked = Log::with_entries(5);
    forked.append(support::draft(5, domain::audit::AuditAction::CaseClosed));
    vec![
        ("log-good", log.folder(), "verified\n"),
        (
            "log-modified",
            with(&|it| it.get_mut(bundle).unwrap()[first + 40] ^= 1),
            "failed: entries: entry 1\nfailed: hash tree root: checkpoint\n",
        ),
        (
            "log-removed",
            with(&|it| drop(it.get_mut(bundle).unwrap().drain(first..second))),
            "failed: entries: entry 1\nfailed: hash tree root: checkpoint\n",
        ),
        (
            "log-swapped",
            folder_of(&swapped, &checkpoint),
            "failed: entries: entry 2\nfailed: hash tree root: checkpoint\n",
        ),
        (
            "log-truncated",
            with(&|it| {
                let bytes = it.get_mut(bundle).unwrap();
                bytes.truncate(bytes.len() - last);
            }),
            "failed: entries: entry 5\nfailed: hash tree root: checkpoint\n",
        ),
        (
            "log-forked",
            folder_of(&forked.leaves, &checkpoint),
            "failed: entries: log\nfailed: hash tree root: checkpoint\n",
        ),
        (
            "log-added",
            with(&|it| {
                let bytes = it.get_mut(bundle).unwrap();
                bytes.extend_from_within(..first);
            }),
            "failed: entries: entry 6\n",
        ),
    ]
}

/// Logs with other tampered files.
fn file_cases() -> Vec<LogCase> {
    let log = Log::with_entries(6);
    let other = LogKey::from_seed([8; 32]);
    let with = |change: &dyn Fn(&mut Folder)| {
        let mut folder = log.folder();
        change(&mut folder);
        folder
    };
    vec![
        (
            "log-tile-modified",
            with(&|it| it.get_mut("tile/0/000.p/6").unwrap()[32] ^= 1),
            "failed: hash tiles: tile/0/000.p/6\n",
        ),
        (
            "log-stray-file",
            with(&|it| drop(it.insert("notes.txt".into(), b"x\n".to_vec()))),
            "failed: files: notes.txt\n",
        ),
        (
            "log-renamed-file",
            with(&|it| {
                let tile = it.remove("tile/0/000.p/6").unwrap();
                it.insert("tile/0/000.p/7".into(), tile);
            }),
            "failed: hash tiles: tile/0/000.p/6\nfailed: files: tile/0/000.p/7\n",
        ),
        (
            "log-unknown-key",
            with(&|it| {
                let signed = sign_checkpoint(ORIGIN, &log.head, &other).unwrap();
                it.insert("checkpoint".into(), signed.into_bytes());
                it.insert(
                    "log.vkey".into(),
                    (other.vkey(ORIGIN).unwrap() + "\n").into_bytes(),
                );
            }),
            "failed: signer: log.vkey\n",
        ),
    ]
}

/// Logs beside which an earlier checkpoint was kept, or whose key was changed.
fn grown_cases() -> Vec<LogCase> {
    let log = Log::with_entries(6);
    let mut forked = Log::with_entries(5);
    forked.append(support::draft(5, domain::audit::AuditAction::CaseClosed));
    vec![
        // A restored backup: sound in itself, and older than a checkpoint that was kept.
        (
            "log-rolled-back",
            kept_with(Log::with_entries(4), &log),
            "failed: earlier checkpoints: anchors/6.checkpoint\n",
        ),
        // Another history, signed with the right key.
        (
            "log-rewritten",
            kept_with(forked, &log),
            "failed: earlier checkpoints: anchors/6.checkpoint\n",
        ),
        (
            "log-continued",
            kept_with(Log::with_entries(7), &log),
            "verified\n",
        ),
        (
            "log-key-rotated",
            handed_over([7; 32]).folder(),
            "verified\n",
        ),
        (
            "log-key-hijacked",
            handed_over([9; 32]).folder(),
            "failed: signer: log.vkey\n",
        ),
    ]
}

// The log is deterministic: the committed files are also what this version writes.
#[test]
fn logs_get_their_verdicts_and_are_written_as_committed() {
    assert_eq!(vkey(), log_key().vkey(ORIGIN).unwrap());
    for (name, folder, expected) in [entry_cases(), file_cases(), grown_cases()].concat() {
        let case = vectors().join(name);
        if updating() {
            folder
                .iter()
                .for_each(|(path, bytes)| write_file(&case.join("log").join(path), bytes));
            write_file(&case.join("expect"), expected.as_bytes());
        }
        let committed = read_folder(&case.join("log"), "");
        assert!(
            committed == folder,
            "{name} is not what this version writes"
        );
        let said = verdict(&verify_log::verify(&committed, Some(&vkey())));
        assert_eq!(said, expected, "{name}");
        assert_eq!(
            std::fs::read_to_string(case.join("expect")).unwrap(),
            expected,
            "{name}"
        );
    }
}

/// Name, package, and the verdict that it must get.
type PackageCase = (&'static str, Vec<u8>, &'static str);

/// A good package, and some whose container was changed.
fn container_cases() -> Vec<PackageCase> {
    let good = support::package().bytes;
    let find = |name: &[u8]| good.windows(name.len()).position(|it| it == name).unwrap();
    let content = find(b"data/recordings/0001.wav\x01\x99") + 24 + 11 + 18;
    let mut flipped = good.clone();
    flipped[content] ^= 1;
    let mut time = good.clone();
    time[10] ^= 1;
    let traversal = repacked(&[("../evil.txt".to_owned(), b"x".to_vec())]);
    vec![
        ("package-good", good.clone(), "verified\n"),
        (
            "package-flipped-bit",
            flipped,
            "failed: decryption: data/recordings/0001.wav\n",
        ),
        (
            "package-changed-header",
            time,
            "failed: container: local header of `data/calls.json`\n",
        ),
        (
            "package-truncated",
            good[..good.len() - 1].to_vec(),
            "failed: container: end of central directory\n",
        ),
        (
            "package-other-signer",
            support::forged_package().bytes,
            "failed: signer: allowed_signers\n",
        ),
        (
            "package-path-traversal",
            traversal,
            "failed: container: central directory, entry 1\n",
        ),
    ]
}

/// Packages whose files somebody changed who knows the passphrase.
fn repacked_cases() -> Vec<PackageCase> {
    let files = unpacked();
    let mut renamed = files.clone();
    renamed
        .iter_mut()
        .find(|(name, _)| name == "data/calls.json")
        .unwrap()
        .0 = "data/calla.json".to_owned();
    let mut stray = files.clone();
    stray.insert(0, ("data/a.txt".to_owned(), b"x".to_vec()));
    let without = |name: &str| {
        repacked(
            &files
                .iter()
                .filter(|(path, _)| path != name)
                .cloned()
                .collect::<Vec<_>>(),
        )
    };
    let mut swapped = files.clone();
    let at = |name: &str| files.iter().position(|(path, _)| path == name).unwrap();
    let (one, other) = (at("data/calls.json"), at("data/recordings/0001.json"));
    swapped[one].1.clone_from(&files[other].1);
    swapped[other].1.clone_from(&files[one].1);
    vec![
        (
            "package-renamed-file",
            repacked(&renamed),
            "failed: manifest: data/calls.json\nfailed: call list: data/calls.json\n",
        ),
        (
            "package-stray-file",
            repacked(&stray),
            "failed: manifest: data/a.txt\nfailed: payload size: bag-info.txt\n",
        ),
        (
            "package-removed-file",
            without("data/recordings/0001.json"),
            "failed: manifest: data/recordings/0001.json\nfailed: payload size: bag-info.txt\n\
             failed: recording metadata: data/recordings/0001.json\n",
        ),
        (
            "package-swapped-files",
            repacked(&swapped),
            "failed: manifest: data/calls.json\n\
             failed: recording metadata: data/recordings/0001.json\nfailed: call list: data/calls.json\n",
        ),
        (
            "package-removed-signature",
            without("tagmanifest-sha256.txt.sig"),
            "failed: signature: tagmanifest-sha256.txt.sig\n",
        ),
    ]
}

// Packages have random salts: the committed ones stay, and must be judged the same forever.
#[test]
fn packages_get_their_verdicts() {
    for (name, made, expected) in [container_cases(), repacked_cases()].concat() {
        let case = vectors().join(name);
        if updating() {
            write_file(&case.join("package.zip"), &made);
            write_file(&case.join("expect"), expected.as_bytes());
        }
        assert_eq!(
            std::fs::read_to_string(case.join("expect")).unwrap(),
            expected,
            "{name}"
        );
        for bytes in [made, std::fs::read(case.join("package.zip")).unwrap()] {
            let signer = support::package_key().public();
            let report = verify_package::verify(Cursor::new(bytes), &passphrase(), Some(&signer));
            assert_eq!(verdict(&report), expected, "{name}");
        }
    }
}
