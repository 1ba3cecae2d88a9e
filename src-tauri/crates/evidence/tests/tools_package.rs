//! Programs that we did not write accept our packages and refuse tampered ones.

use std::{path::Path, process::Command};

use evidence::bag;

use crate::{
    programs::{finish, python_with, refuses, run, succeeds, write},
    support::{self, package, passphrase},
    vectors::repository,
};

/// A package of `tests/vectors/evidence` in which a bit of encrypted content was changed.
const FLIPPED: &str = "package-flipped-bit";

/// One whose last byte is missing. Readers that begin at the front do not miss it.
const TRUNCATED: &str = "package-truncated";

fn corpus(name: &str) -> String {
    let path = repository().join("tests/vectors/evidence").join(name);
    path.join("package.zip").to_str().unwrap().to_owned()
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

/// Runs a reader of encrypted ZIP files; `arguments` come before the file.
fn opens_and_refuses(program: &str, bad: &[&str], arguments: &dyn Fn(&str) -> Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let ask = |phrase: &str, package: &str| {
        let arguments = [arguments(phrase), vec![package.to_owned()]].concat();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        run(folder.path(), program, &arguments, b"")
    };
    let phrase = passphrase().reveal().clone();
    succeeds(&ask(&phrase, &corpus("package-good")));
    refuses(&ask("wrong", &corpus("package-good")));
    for name in bad {
        refuses(&ask(&phrase, &corpus(name)));
    }
}

#[test]
fn the_newest_seven_zip_opens_packages_and_refuses_changed_ones() {
    opens_and_refuses("7zz", &[FLIPPED, TRUNCATED], &|phrase| {
        vec!["t".into(), format!("-p{phrase}")]
    });
}

#[test]
fn libarchive_opens_packages_and_refuses_changed_ones() {
    opens_and_refuses("bsdtar", &[FLIPPED], &|phrase| {
        ["--passphrase", phrase, "-xOf"].map(str::to_owned).to_vec()
    });
}

#[test]
fn pyzipper_opens_packages_and_refuses_changed_ones() {
    const READ: &str = "import sys, pyzipper\n\
        package = pyzipper.AESZipFile(sys.argv[2])\n\
        package.setpassword(sys.argv[1].encode())\n\
        assert [package.read(name) for name in package.namelist()]\n";
    let Some(python) = python_with("pyzipper") else {
        return;
    };
    opens_and_refuses(python.to_str().unwrap(), &[FLIPPED, TRUNCATED], &|phrase| {
        ["-c", READ, phrase].map(str::to_owned).to_vec()
    });
}

#[test]
fn bagit_python_accepts_the_bag_and_refuses_every_change_of_a_file() {
    let Some(python) = python_with("bagit") else {
        return;
    };
    let folder = unpacked();
    let bag = folder.path().join("bag");
    let validate = || {
        let mut command = Command::new(&python);
        finish(command.args(["-m", "bagit", "--validate"]).arg(&bag), b"")
    };
    succeeds(&validate());
    // The signature and the list of tag files are what nothing in the bag vouches for; `ssh-keygen` does.
    let unlisted = [bag::TAGMANIFEST, "tagmanifest-sha256.txt.sig"];
    for path in walk(&bag) {
        if unlisted.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let good = std::fs::read(&path).unwrap();
        let mut changed = good.clone();
        changed[0] ^= 1;
        write(&path, &changed);
        refuses(&validate());
        std::fs::remove_file(&path).unwrap();
        refuses(&validate());
        write(&path, &good);
    }
    write(&bag.join("data/foreign.txt"), b"x");
    refuses(&validate());
}
