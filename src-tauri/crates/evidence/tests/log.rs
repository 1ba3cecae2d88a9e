//! What is appended, and that programs we did not write read the files.

use std::collections::BTreeMap;

use domain::audit::AuditAction;
use evidence::{
    format::Entry,
    log::{self, Checkpoint, LogError, inclusion_proof, sign_checkpoint, verify_proof},
    merkle::leaf_hash,
    verify_log::verify,
};
use proptest::prelude::*;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles as tlog;

use crate::support::*;

// S0-64, S0-66, S0-68
#[test]
fn a_delivery_entry_has_the_whole_schema_in_canonical_form() {
    let mut log = Log::default();
    let leaf = log
        .append(delivery_draft(0, evidence::hashing::sha256("audio")))
        .leaf;
    let text = String::from_utf8(leaf.clone()).unwrap();
    for field in [
        r#""timestamp":"2026-11-21T09:30:00.123Z""#,
        r#""correlationId":"c-417""#,
        r#""requestorId":"subject-1""#,
        r#""action":"RECORDING_DELIVERED""#,
        r#""recordingId":"rec-1""#,
        r#""redactionJobId":"job-1""#,
        r#""downloadUrl":"https://media.example.org/sar/0001.wav""#,
        r#""fileHash":"sha256:"#,
        r#""expiresAt":"2026-11-22T09:30:00.123Z""#,
        r#""siemIngested":false"#,
        r#""prev":null"#,
    ] {
        assert!(text.contains(field), "{field} in {text}");
    }
    assert!(Entry::from_bytes(&leaf).is_ok());
}

type Spoil = fn(&mut log::EntryDraft);

// S0-69, S0-71, S0-72
#[test]
fn entries_that_break_a_rule_are_refused() {
    let cases: [(&str, Spoil); 7] = [
        ("expiresAt", |it| it.expires_at_utc = Some(at(3600))),
        ("expiresAt", |it| it.expires_at_utc = None),
        ("fileHash", |it| it.file_hash = None),
        ("fileHash", |it| {
            it.file_hash = Some(evidence::hashing::sha256(""))
        }),
        ("recordingId", |it| it.recording_id = None),
        ("downloadUrl", |it| {
            it.download_url = Some("https://x/y?X-Amz-Signature=1".into())
        }),
        ("requestorId", |it| it.requestor_id = Some(String::new())),
    ];
    for (field, spoil) in cases {
        let mut draft = delivery_draft(0, evidence::hashing::sha256("audio"));
        spoil(&mut draft);
        let error = log::append(&log::Head::default(), draft)
            .unwrap_err()
            .to_string();
        assert!(error.contains(field), "{error}");
        assert!(
            !error.contains("Signature"),
            "errors do not repeat content: {error}"
        );
    }
}

#[test]
fn an_entry_that_does_not_fit_a_bundle_is_refused() {
    let long = |length| {
        let mut draft = draft(0, AuditAction::SearchRun);
        draft.details.insert("note".to_owned(), "x".repeat(length));
        log::append(&log::Head::default(), draft)
    };
    let around = long(0).unwrap().leaf.len();
    assert_eq!(long(65_535 - around).unwrap().leaf.len(), 65_535);
    assert_eq!(
        long(65_536 - around),
        Err(LogError::TooLong { bytes: 65_536 })
    );
}

#[test]
fn a_checkpoint_is_a_signed_note_for_another_implementation() {
    let log = Log::with_entries(5);
    let note = Note::from_bytes(log.checkpoint().as_bytes()).unwrap();
    let verifier = StandardVerifier::new(&vkey()).unwrap();
    let (signed, unknown) = note
        .verify(&VerifierList::new(vec![Box::new(verifier)]))
        .unwrap();
    assert_eq!((signed.len(), unknown.len()), (1, 0));
    let text = log.checkpoint();
    let (text, _) = text.split_once("\n\n").unwrap();
    let theirs = tlog::Checkpoint::from_bytes(format!("{text}\n").as_bytes()).unwrap();
    assert_eq!((theirs.origin(), theirs.size()), (ORIGIN, 5));
    assert_eq!(theirs.hash().0, *log.head.root().as_bytes());
    let ours = Checkpoint::parse(&log.checkpoint()).unwrap();
    assert_eq!((ours.size, ours.root), (5, log.head.root()));
}

/// Stored hashes of the reference implementation.
struct Stored(Vec<tlog::Hash>);

impl tlog::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        Ok(indexes
            .iter()
            .map(|index| self.0[*index as usize])
            .collect())
    }
}

#[test]
fn roots_proofs_and_tiles_are_those_of_the_reference_implementation() {
    let log = Log::with_entries(300);
    let mut stored = Stored(Vec::new());
    for (seq, leaf) in (0..).zip(&log.leaves) {
        let hashes = tlog::stored_hashes(seq, leaf, &stored).unwrap();
        stored.0.extend(hashes);
    }
    let root = tlog::tree_hash(300, &stored).unwrap();
    assert_eq!(root.0, *log.head.root().as_bytes());
    for seq in [0, 1, 255, 256, 299] {
        let theirs = tlog::prove_record(300, seq, &stored).unwrap();
        let ours = evidence::merkle::inclusion_path(&log.hashes, seq).unwrap();
        let same = theirs
            .iter()
            .map(|hash| hash.0)
            .eq(ours.iter().map(|hash| *hash.as_bytes()));
        assert!(same, "entry {seq}");
    }
    let folder = log.folder();
    for tile in tlog::Tile::new_tiles(8, 0, 300) {
        // The older path form carries the tile height.
        let path = tile.path().replacen("tile/8/", "tile/", 1);
        assert_eq!(
            folder.get(&path),
            Some(&tile.read_data(&stored).unwrap()),
            "{path}"
        );
    }
}

// S0-76
#[test]
fn a_proof_holds_for_its_entry_only() {
    let log = Log::with_entries(7);
    for seq in 0..7 {
        let proof = inclusion_proof(&log.hashes, seq, &log.checkpoint()).unwrap();
        let leaf = &log.leaves[seq as usize];
        assert_eq!(verify_proof(leaf, &proof, &vkey()).unwrap().seq, seq);
        let other = &log.leaves[(seq as usize + 1) % 7];
        assert_eq!(
            verify_proof(other, &proof, &vkey()),
            Err(LogError::NotIncluded { seq })
        );
    }
    let beyond = inclusion_proof(&log.hashes, 7, &log.checkpoint());
    assert_eq!(beyond, Err(LogError::NoEntry { seq: 7, size: 7 }));
    let fewer = inclusion_proof(&log.hashes[..6], 0, &log.checkpoint());
    assert_eq!(
        fewer,
        Err(LogError::NotSigned {
            entries: 6,
            size: 7
        })
    );
}

#[test]
fn every_flipped_byte_of_a_proof_is_noticed() {
    let log = Log::with_entries(7);
    let proof = inclusion_proof(&log.hashes, 2, &log.checkpoint()).unwrap();
    for at in 0..proof.len() {
        let mut bytes = proof.clone().into_bytes();
        bytes[at] ^= 1;
        if let Ok(text) = String::from_utf8(bytes) {
            assert!(
                verify_proof(&log.leaves[2], &text, &vkey()).is_err(),
                "byte {at}"
            );
        }
    }
}

#[test]
fn a_proof_of_another_log_is_refused() {
    let log = Log::with_entries(3);
    let proof = inclusion_proof(&log.hashes, 0, &log.checkpoint()).unwrap();
    let other = evidence::log::LogKey::from_seed([8; 32])
        .vkey(ORIGIN)
        .unwrap();
    assert!(matches!(
        verify_proof(&log.leaves[0], &proof, &other),
        Err(LogError::Signature { .. })
    ));
}

#[test]
fn exports_refuse_entries_that_were_not_signed() {
    let log = Log::with_entries(4);
    let checkpoint = log.checkpoint();
    let export = |entries: &[Vec<u8>]| {
        log::export(ORIGIN, &vkey(), entries, &checkpoint).collect::<Result<BTreeMap<_, _>, _>>()
    };
    assert!(export(&log.leaves).is_ok());
    assert_eq!(
        export(&log.leaves[..3]),
        Err(LogError::NotSigned {
            entries: 3,
            size: 4
        })
    );
    let other = log::export("other", &vkey(), &log.leaves, &checkpoint);
    assert!(other.last().unwrap().is_err());
    assert!(sign_checkpoint("two words", &log.head, &log_key()).is_err());
}

#[test]
fn an_empty_log_and_logs_around_a_full_tile_verify() {
    for count in [0, 1, 2, 255, 256, 257, 513] {
        let report = verify(&Log::with_entries(count).folder(), Some(&vkey()));
        assert!(report.verified(), "{count} entries: {report:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    // No false alarms.
    #[test]
    fn whatever_the_details_the_log_verifies(
        notes in proptest::collection::vec("\\PC{0,40}", 0..20)
    ) {
        let mut log = Log::default();
        for (seq, note) in (0..).zip(notes) {
            let mut draft = draft(seq, AuditAction::SearchRun);
            draft.details.insert("note".to_owned(), note);
            let hash = leaf_hash(&log.append(draft).leaf);
            prop_assert_eq!(log.head.last_leaf_hash(), Some(hash));
        }
        prop_assert!(verify(&log.folder(), Some(&vkey())).verified());
    }
}
