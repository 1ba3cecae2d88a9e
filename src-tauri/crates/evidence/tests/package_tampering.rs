//! Every manipulation of a package is found, and the part that is wrong is named.

use std::io::{Cursor, Write};

use evidence::{
    custody_csv,
    open_package::{OpenError, OpenPackage},
    package::{CALLS, CUSTODY, REDACTION_LOG},
    report::Verdict,
    sshsig::PackageKey,
    verify_package::{checks, verify},
};
use zip::{
    AesMode, CompressionMethod, ZipWriter,
    write::{FileOptions, SimpleFileOptions},
};

use crate::support::{self, ProofOf, blamed, package, package_with, passphrase};

/// An entry of the ZIP: its name, and where salt, content and authentication code lie.
pub(crate) struct Stored {
    pub(crate) name: String,
    pub(crate) range: std::ops::Range<usize>,
}

/// Reads the central directory of a package.
pub(crate) fn stored(zip: &[u8]) -> Vec<Stored> {
    let u32_at = |at: usize| u32::from_le_bytes(zip[at..at + 4].try_into().unwrap()) as usize;
    let mut at = u32_at(zip.len() - 6);
    let mut entries = Vec::new();
    while zip[at..].starts_with(b"PK\x01\x02") {
        let length = u32_at(at + 28) & 0xffff;
        let name = String::from_utf8(zip[at + 46..at + 46 + length].to_vec()).unwrap();
        let start = u32_at(at + 42) + 30 + length + 11;
        entries.push(Stored {
            name,
            range: start..start + u32_at(at + 20),
        });
        at += 46 + length + 11;
    }
    entries
}

fn flipped(good: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = good.to_vec();
    bytes[at] ^= 1 << (at % 8);
    bytes
}

// Headers, directory, end record: every byte. Found before anything is decrypted.
#[test]
fn every_flipped_byte_outside_the_contents_is_found_and_named() {
    let good = package().bytes;
    let contents = stored(&good);
    for at in (0..good.len()).filter(|at| !contents.iter().any(|it| it.range.contains(at))) {
        let report = support::verify(&flipped(&good, at));
        let blamed = blamed(&report);
        assert_eq!(blamed.len(), 1, "byte {at}: {report:?}");
        assert_eq!(blamed[0].0, checks::CONTAINER, "byte {at}");
        assert!(!blamed[0].1.is_empty() && !report.verified(), "byte {at}");
    }
}

/// Every byte of some entries, each read alone: that is the check which the verifier makes.
fn flip_contents(chosen: impl Fn(usize) -> bool) {
    let good = package().bytes;
    for entry in stored(&good) {
        for at in entry.range.clone().filter(|at| chosen(*at)) {
            let bytes = Cursor::new(flipped(&good, at));
            let read = OpenPackage::new(bytes, &passphrase())
                .unwrap()
                .read(&entry.name, 1 << 20);
            let named = match read {
                Err(OpenError::Modified(name) | OpenError::Passphrase(name)) => name,
                other => panic!("byte {at}: {other:?}"),
            };
            assert_eq!(named, entry.name, "byte {at}");
        }
    }
}

// Two halves, so that two cores share the work of deriving a key for each.
#[test]
fn every_flipped_byte_of_the_contents_is_found_at_even_offsets() {
    flip_contents(|at| at % 2 == 0);
}

#[test]
fn every_flipped_byte_of_the_contents_is_found_at_odd_offsets() {
    flip_contents(|at| at % 2 == 1);
}

// The whole verifier: first and last byte of every entry, that is of salt and authentication code.
#[test]
fn flipped_contents_fail_verification_and_name_the_file() {
    let good = package().bytes;
    for entry in stored(&good) {
        for at in [
            entry.range.start,
            entry.range.start + 16,
            entry.range.end - 1,
        ] {
            let report = support::verify(&flipped(&good, at));
            assert_eq!(blamed(&report), [(checks::DECRYPTION, entry.name.as_str())]);
        }
    }
}

#[test]
fn a_flipped_byte_is_found_in_the_file_that_holds_it() {
    let good = package().bytes;
    let name = b"data/recordings/0001.wav\x01\x99";
    let header = good
        .windows(name.len())
        .position(|window| window == name)
        .unwrap();
    let content = header + 24 + 11 + 16 + 2;
    for (at, check, part) in [
        (content, checks::DECRYPTION, "data/recordings/0001.wav"),
        (
            header - 20,
            checks::CONTAINER,
            "local header of `data/recordings/0001.wav`",
        ),
        (
            good.len() - 1,
            checks::CONTAINER,
            "end of central directory",
        ),
    ] {
        let mut bytes = good.clone();
        bytes[at] ^= 4;
        assert_eq!(blamed(&support::verify(&bytes)), [(check, part)]);
    }
}

#[test]
fn cut_and_extended_packages_are_refused() {
    let good = package().bytes;
    for length in [0, 1, 21, 22, 100, good.len() / 2, good.len() - 1] {
        assert!(!support::verify(&good[..length]).verified(), "{length}");
    }
    for (front, back) in [(&b"x"[..], &b""[..]), (b"", b"x"), (b"", &[0; 22])] {
        let bytes = [front, &good, back].concat();
        assert!(!support::verify(&bytes).verified());
    }
}

#[test]
fn another_signer_is_an_unknown_key() {
    let other = PackageKey::from_seed([1; 32]).public();
    let report = verify(Cursor::new(package().bytes), &passphrase(), Some(&other));
    assert_eq!(blamed(&report), [(checks::SIGNER, "allowed_signers")]);
    assert!(format!("{report:?}").contains("unknown key"));
}

/// Every signature and digest of a forgery fits: only the key tells.
#[test]
fn a_forgery_signed_anew_is_consistent_at_best_and_fails_against_the_known_signer() {
    let forged = support::forged_package().bytes;
    let judge = |trusted: Option<&str>| verify(Cursor::new(&forged), &passphrase(), trusted);
    assert_eq!(judge(None).verdict(), Verdict::Consistent);
    let known = support::package_key();
    for trusted in [known.public(), known.fingerprint()] {
        let report = judge(Some(&trusted));
        assert_eq!(report.verdict(), Verdict::NotVerified, "{trusted}");
        assert_eq!(blamed(&report), [(checks::SIGNER, "allowed_signers")]);
    }
    let forger = PackageKey::from_seed([1; 32]);
    assert_eq!(
        judge(None).signer,
        Some(forger.fingerprint()),
        "the key to ask about is named"
    );
    assert!(judge(Some(&forger.fingerprint())).verified());
    assert!(!judge(Some("SHA256:nonsense")).verified());
}

#[test]
fn a_proof_about_another_package_is_found() {
    let report = support::verify(&package_with(&|_| (), ProofOf::AnotherPackage).bytes);
    assert_eq!(blamed(&report), [(checks::LOG_PROOF, "proof/entry.json")]);
}

type Spoil = fn(&mut std::collections::BTreeMap<String, Vec<u8>>);

// S2-38, B14: a correctly signed package whose parts do not fit is still wrong.
#[test]
fn parts_that_do_not_fit_each_other_are_found() {
    let cases: [(&str, &str, Spoil); 9] = [
        (checks::CUSTODY, CUSTODY, |it| drop(it.remove(CUSTODY))),
        (checks::CUSTODY, CUSTODY, |it| {
            it.insert(
                CUSTODY.into(),
                custody_csv::write(&support::custody_rows()[1..]),
            );
        }),
        (checks::CUSTODY, CUSTODY, |it| {
            let rows = [support::custody_rows(), support::custody_rows()].concat();
            it.insert(CUSTODY.into(), custody_csv::write(&rows));
        }),
        (checks::CALLS, CALLS, |it| drop(it.remove(CALLS))),
        (checks::CALLS, CALLS, |it| {
            replace(it, CALLS, "\"found\": 2", "\"found\": 3")
        }),
        (checks::REDACTION_LOG, REDACTION_LOG, |it| {
            drop(it.remove(REDACTION_LOG))
        }),
        (checks::REDACTION_LOG, REDACTION_LOG, |it| {
            replace(it, REDACTION_LOG, "0001.wav", "0002.wav")
        }),
        (checks::METADATA, "data/recordings/0001.json", |it| {
            drop(it.remove("data/recordings/0001.json"));
        }),
        (checks::METADATA, "data/recordings/0001.json", |it| {
            replace(it, "data/recordings/0001.json", "\"v\": 1", "\"v\": 2");
        }),
    ];
    for (check, part, spoil) in cases {
        let report = support::verify(&package_with(&spoil, ProofOf::ThisPackage).bytes);
        assert_eq!(blamed(&report), [(check, part)]);
    }
}

fn replace(
    files: &mut std::collections::BTreeMap<String, Vec<u8>>,
    path: &str,
    from: &str,
    to: &str,
) {
    let text = String::from_utf8(files[path].clone()).unwrap();
    assert!(text.contains(from), "{text}");
    files.insert(path.to_owned(), text.replace(from, to).into_bytes());
}

/// A ZIP in the form of packages, with names and contents as given.
fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new_stream(Vec::new());
    let phrase = passphrase();
    for (name, content) in files {
        let options = SimpleFileOptions::DEFAULT
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::DEFAULT)
            .unix_permissions(0o644)
            .system(zip::System::Unix)
            .with_aes_encryption(AesMode::Aes256, phrase.reveal());
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn container_fault(bytes: &[u8]) -> String {
    let report = support::verify(bytes);
    let failed: Vec<_> = report.failed().collect();
    assert_eq!(failed[0].name, checks::CONTAINER, "{report:?}");
    format!("{:?}", failed[0])
}

#[test]
fn hostile_names_are_refused_before_anything_is_decrypted() {
    for name in [
        "../evil",
        "/etc/passwd",
        "data/../../x",
        "C:/x",
        "data\\x",
        "data/X",
        "data/.x",
        "a//b",
    ] {
        assert!(
            container_fault(&zip_of(&[(name, b"x")])).contains("neutral"),
            "{name}"
        );
    }
}

#[test]
fn unordered_and_repeated_names_are_refused() {
    let unordered = zip_of(&[("data/b", b"1"), ("data/a", b"2")]);
    assert!(container_fault(&unordered).contains("out of order"));
    let tags_first = zip_of(&[("bagit.txt", b"1"), ("data/a", b"2")]);
    assert!(container_fault(&tags_first).contains("out of order"));
    // The writer refuses the same name twice, so a name of the same length is changed to it.
    let mut twice = zip_of(&[("data/a", b"1"), ("data/b", b"2")]);
    for at in 0..twice.len() - 6 {
        if twice[at..].starts_with(b"data/b") {
            twice[at + 5] = b'a';
        }
    }
    assert!(container_fault(&twice).contains("there twice"));
}

#[test]
fn overlapping_entries_are_refused() {
    let mut bytes = zip_of(&[("data/a", b"1"), ("data/b", b"2")]);
    let directory = bytes
        .windows(4)
        .rposition(|it| it == b"PK\x01\x02")
        .unwrap();
    // The second record points at the first entry.
    bytes[directory + 42..directory + 46].fill(0);
    assert!(container_fault(&bytes).contains("does not begin where"));
}

#[test]
fn absurd_sizes_and_counts_are_refused_without_memory() {
    let good = package().bytes;
    let end = good.len() - 22;
    for (at, value) in [
        (end + 12, u32::MAX),
        (end + 16, u32::MAX),
        (end + 8, u32::MAX),
    ] {
        let mut bytes = good.clone();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        container_fault(&bytes);
    }
    let directory = good.windows(4).position(|it| it == b"PK\x01\x02").unwrap();
    let mut bytes = good;
    bytes[directory + 20..directory + 28].fill(0xff);
    container_fault(&bytes);
}

fn zip_of_one(options: FileOptions<'_, '_, ()>) -> Vec<u8> {
    let mut zip = ZipWriter::new_stream(Vec::new());
    zip.start_file("data/a", options).unwrap();
    zip.write_all(b"x").unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn other_encryption_compression_and_plain_entries_are_refused() {
    let plain = SimpleFileOptions::DEFAULT
        .compression_method(CompressionMethod::Stored)
        .unix_permissions(0o644);
    container_fault(&zip_of_one(plain));
    let phrase = passphrase();
    container_fault(&zip_of_one(
        plain.with_aes_encryption(AesMode::Aes128, phrase.reveal()),
    ));
    // A writer that can seek chooses AE-1, which shows a checksum of the plain content.
    let mut seekable = ZipWriter::new(Cursor::new(Vec::new()));
    seekable
        .start_file(
            "data/a",
            plain.with_aes_encryption(AesMode::Aes256, phrase.reveal()),
        )
        .unwrap();
    seekable.write_all(&[b'x'; 40]).unwrap();
    container_fault(&seekable.finish().unwrap().into_inner());
}

#[test]
fn files_that_are_not_in_the_manifest_and_files_that_are_missing_are_found() {
    let report = support::verify(&zip_of(&[("data/a", b"1"), ("bagit.txt", b"x")]));
    let failed: Vec<_> = blamed(&report);
    assert!(
        failed.contains(&(checks::MANIFEST, "manifest-sha256.txt")),
        "{failed:?}"
    );
    assert!(
        failed.contains(&(checks::SIGNATURE, "allowed_signers")),
        "{failed:?}"
    );
    assert!(failed.contains(&(checks::BAG, "bagit.txt")), "{failed:?}");
}

/// All files of the good package, unpacked, for making another one of them.
pub(crate) fn unpacked() -> Vec<(String, Vec<u8>)> {
    let sealed = package();
    let mut open = OpenPackage::new(Cursor::new(sealed.bytes), &passphrase()).unwrap();
    let names: Vec<String> = open.files().iter().map(|(name, _)| name.clone()).collect();
    names
        .into_iter()
        .map(|name| (name.clone(), open.read(&name, 1 << 20).unwrap()))
        .collect()
}

pub(crate) fn repacked(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_slice()))
        .collect();
    zip_of(&files)
}

// Somebody who knows the passphrase packs the files again.
#[test]
fn a_repacked_package_with_a_changed_missing_or_foreign_file_is_found() {
    let good = unpacked();
    assert!(
        support::verify(&repacked(&good)).verified(),
        "the same files, packed again"
    );
    for (index, (name, _)) in good.iter().enumerate() {
        let mut changed = good.clone();
        changed[index].1.push(b'\n');
        let report = support::verify(&repacked(&changed));
        let parts: Vec<_> = blamed(&report).into_iter().map(|(_, part)| part).collect();
        assert!(parts.contains(&name.as_str()), "{name} changed: {parts:?}");
        let mut removed = good.clone();
        removed.remove(index);
        let report = support::verify(&repacked(&removed));
        let parts: Vec<_> = blamed(&report).into_iter().map(|(_, part)| part).collect();
        assert!(parts.contains(&name.as_str()), "{name} removed: {parts:?}");
    }
    let mut stray = good;
    stray.insert(0, ("data/a.txt".to_owned(), b"x".to_vec()));
    let report = support::verify(&repacked(&stray));
    assert!(blamed(&report).contains(&(checks::MANIFEST, "data/a.txt")));
    assert!(
        blamed(&report)
            .iter()
            .any(|(check, _)| *check == checks::PAYLOAD_SIZE)
    );
}
