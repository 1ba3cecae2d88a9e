//! Programs that we did not write accept what we write. A missing program fails the test.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use evidence::bag;

use crate::support::{self, package, passphrase};

/// Runs a program in `folder` with `input` on its standard input.
fn run(folder: &Path, program: &str, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("`{program}` is needed: {error}; run `cargo xtask setup`"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    text
}

fn write(path: &Path, content: &[u8]) {
    std::fs::File::create(path)
        .unwrap()
        .write_all(content)
        .unwrap();
}

fn unpacked() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("package.zip"), &package().bytes);
    let phrase = format!("-p{}", passphrase().reveal());
    let tested = run(folder.path(), "7z", &["t", &phrase, "package.zip"], b"");
    assert!(succeeds(&tested).contains("Everything is Ok"));
    succeeds(&run(
        folder.path(),
        "7z",
        &["x", &phrase, "-obag", "package.zip"],
        b"",
    ));
    folder
}

#[test]
fn seven_zip_opens_it_and_refuses_another_passphrase() {
    let folder = unpacked();
    let wrong = run(folder.path(), "7z", &["t", "-pwrong", "package.zip"], b"");
    assert!(!wrong.status.success());
    assert_eq!(
        std::fs::read(folder.path().join("bag/data/recordings/0001.wav")).unwrap(),
        support::wav()
    );
}

// S2-28
#[test]
fn sha256sum_checks_manifests_and_sidecars() {
    let folder = unpacked();
    let bag = folder.path().join("bag");
    for manifest in [bag::MANIFEST, bag::TAGMANIFEST] {
        succeeds(&run(&bag, "sha256sum", &["-c", "--strict", manifest], b""));
    }
    let recordings = bag.join("data/recordings");
    succeeds(&run(
        &recordings,
        "sha256sum",
        &["-c", "--strict", "0001.wav.sha256"],
        b"",
    ));
    write(&recordings.join("0001.wav"), b"other");
    assert!(
        !run(&bag, "sha256sum", &["-c", bag::MANIFEST], b"")
            .status
            .success()
    );
}

#[test]
fn ssh_keygen_verifies_the_signature_and_finds_changes() {
    let folder = unpacked();
    let bag = folder.path().join("bag");
    let tagmanifest = std::fs::read(bag.join(bag::TAGMANIFEST)).unwrap();
    let verify = |message: &[u8]| {
        let arguments = [
            "-Y",
            "verify",
            "-f",
            "allowed_signers",
            "-I",
            "sar-portal",
            "-n",
            "sar-package",
            "-s",
            "tagmanifest-sha256.txt.sig",
        ];
        run(&bag, "ssh-keygen", &arguments, message)
    };
    assert!(succeeds(&verify(&tagmanifest)).contains("Good \"sar-package\" signature"));
    assert!(!verify(&[&tagmanifest[..], b"\n"].concat()).status.success());
}

// RFC 8493: the rules that validators check, on the unpacked bag.
#[test]
fn the_bag_keeps_the_rules_of_bagit() {
    let folder = unpacked();
    let bag = folder.path().join("bag");
    let text = |name: &str| std::fs::read_to_string(bag.join(name)).unwrap();
    assert_eq!(
        text("bagit.txt"),
        "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    );
    let mut payload = Vec::new();
    let mut bytes = 0;
    for entry in walk(&bag.join("data")) {
        bytes += std::fs::metadata(&entry).unwrap().len();
        payload.push(
            entry
                .strip_prefix(&bag)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned(),
        );
    }
    payload.sort();
    let manifest = text(bag::MANIFEST);
    let listed: Vec<&str> = manifest
        .lines()
        .map(|line| line.split_once("  ").unwrap().1)
        .collect();
    assert_eq!(listed, payload);
    let oxum = format!("Payload-Oxum: {bytes}.{}\n", payload.len());
    assert!(text("bag-info.txt").contains(&oxum));
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
