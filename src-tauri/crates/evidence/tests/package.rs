//! What a package holds, what the writer refuses, and what the verifier accepts.

use std::io::Cursor;

use domain::sensitive::Secret;
use evidence::{
    hashing::sha256,
    open_package::{OpenError, OpenPackage},
    package::{PackageError, PackageWriter},
    report::{Outcome, Verdict},
    verify_package::{checks, verify},
};

use crate::support::{self, ProofOf, info, package, package_with, passphrase};

fn writer() -> PackageWriter<Vec<u8>> {
    PackageWriter::new(Vec::new(), &passphrase(), info()).unwrap()
}

#[test]
fn a_sound_package_passes_every_check() {
    let sealed = package();
    let report = support::verify(&sealed.bytes);
    assert!(report.verified(), "{report:#?}");
    assert_eq!(report.checks.len(), 14);
    assert_eq!(sealed.summary.package_digest, sha256(&sealed.bytes));
    assert_eq!(sealed.summary.package_bytes, sealed.bytes.len() as u64);
    assert_eq!(sealed.summary.payload.files, 6);
}

#[test]
fn files_are_listed_and_read_one_by_one() {
    let sealed = package();
    let mut open = OpenPackage::new(Cursor::new(&sealed.bytes), &passphrase()).unwrap();
    assert_eq!(open.files().len(), 15);
    assert_eq!(
        open.read("data/recordings/0001.wav", 1 << 20).unwrap(),
        support::wav()
    );
    let sidecar = open
        .read("data/recordings/0001.wav.sha256", 1 << 20)
        .unwrap();
    let expected = format!("{}  0001.wav\n", sha256(support::wav()).hex());
    assert_eq!(String::from_utf8(sidecar).unwrap(), expected); // S2-28
    assert!(matches!(open.read("data/x", 1), Err(OpenError::NoFile(_))));
    assert!(matches!(
        open.read("bagit.txt", 1),
        Err(OpenError::TooLong { .. })
    ));
}

#[test]
fn content_is_the_same_on_every_run_and_the_zip_is_not() {
    let (one, other) = (package(), package());
    assert_eq!(
        one.summary.tagmanifest_digest,
        other.summary.tagmanifest_digest
    );
    assert_ne!(one.summary.package_digest, other.summary.package_digest);
}

#[test]
fn no_name_size_or_time_tells_about_the_person() {
    let sealed = package();
    let text = String::from_utf8_lossy(&sealed.bytes);
    assert!(!text.contains("447700900123") && !text.contains(support::CASE));
}

// S0-71
#[test]
fn an_empty_recording_is_refused() {
    let mut silent_wav = support::wav();
    silent_wav.truncate(36);
    silent_wav.extend(b"data\0\0\0\0");
    for content in [&b""[..], &silent_wav] {
        let error = writer()
            .add("data/recordings/0001.wav", &mut &content[..])
            .unwrap_err();
        assert!(matches!(error, PackageError::EmptyRecording(_)), "{error}");
    }
}

#[test]
fn only_neutral_names_in_order_below_data_are_accepted() {
    for name in [
        "data/Smith.wav",
        "data/../x",
        "/data/x",
        "data/a b",
        "data/x/",
    ] {
        let error = writer().add(name, &mut &b"x"[..]).unwrap_err();
        assert!(matches!(error, PackageError::Name(_)), "{error}");
    }
    let error = writer().add("bagit.txt", &mut &b"x"[..]).unwrap_err();
    assert!(matches!(error, PackageError::Folder { .. }), "{error}");
    let mut writer = writer();
    writer.add("data/b", &mut &b"x"[..]).unwrap();
    for again in ["data/b", "data/a"] {
        let error = writer.add(again, &mut &b"x"[..]).unwrap_err();
        assert!(matches!(error, PackageError::Order { .. }), "{error}");
    }
}

#[test]
fn unusable_passphrases_and_information_are_refused() {
    for bad in [
        "short",
        "unmixed-plywood-gallon-réuse-thigh",
        "tab\tunmixed-plywood-gallon",
    ] {
        let result = PackageWriter::new(Vec::new(), &Secret::new(bad.to_owned()), info());
        assert!(matches!(result, Err(PackageError::Passphrase)), "{bad}");
    }
    let mut two_lines = info();
    two_lines.organization = "Example\nPayload-Oxum: 0.0".to_owned();
    let result = PackageWriter::new(Vec::new(), &passphrase(), two_lines);
    assert!(matches!(
        result,
        Err(PackageError::Info("Source-Organization"))
    ));
}

#[test]
fn another_passphrase_opens_nothing() {
    let sealed = package();
    let other = Secret::new("another-passphrase-that-is-long".to_owned());
    let report = verify(Cursor::new(&sealed.bytes), &other, None);
    assert_eq!(
        support::blamed(&report),
        [(checks::DECRYPTION, "passphrase")]
    );
    let mut open = OpenPackage::new(Cursor::new(&sealed.bytes), &other).unwrap();
    assert!(open.read("bagit.txt", 1 << 20).is_err());
}

#[test]
fn a_package_without_proof_is_not_verified_and_says_why() {
    let report = support::verify(&package_with(&|_| (), ProofOf::Nothing).bytes);
    assert!(!report.verified());
    assert_eq!(report.failed().count(), 0);
    let proof = report
        .checks
        .iter()
        .find(|check| check.name == checks::LOG_PROOF)
        .unwrap();
    assert!(matches!(proof.outcome, Outcome::NotPerformed { .. }));
}

#[test]
fn without_a_trusted_signer_the_report_names_the_fingerprint() {
    let report = verify(Cursor::new(package().bytes), &passphrase(), None);
    assert_eq!(report.verdict(), Verdict::Consistent);
    let signer = report.checks.iter().find(|it| it.name == checks::SIGNER);
    let Outcome::NotPerformed { reason } = &signer.unwrap().outcome else {
        panic!("{report:?}");
    };
    assert!(reason.contains(&support::package_key().fingerprint()));
}

// Writers of other products break at the edges of cipher blocks and buffers.
#[test]
fn recordings_of_every_awkward_size_survive() {
    let sizes = [
        1_usize, 15, 16, 17, 19, 20, 21, 31, 32, 33, 4_095, 4_096, 4_097, 8_191, 8_192, 8_193,
        65_535, 65_536, 65_537, 1_000_003,
    ];
    let mut writer = writer();
    for size in sizes {
        let content = vec![0x5a; size];
        writer
            .add(
                &format!("data/recordings/{size:08}.mp3"),
                &mut content.as_slice(),
            )
            .unwrap();
    }
    let (bytes, _) = writer.finish(&support::package_key(), Vec::new()).unwrap();
    let mut open = OpenPackage::new(Cursor::new(bytes), &passphrase()).unwrap();
    for size in sizes {
        let name = format!("data/recordings/{size:08}.mp3");
        assert_eq!(
            open.read(&name, 2 << 20).unwrap(),
            vec![0x5a; size],
            "{size}"
        );
    }
}
