//! Every manipulation of a log folder is found, located and named.

use std::collections::BTreeMap;

use evidence::{
    format::Entry,
    log::{LogKey, sign_checkpoint},
    report::{Report, Verdict},
    verify_log::{checks, verify},
};
use proptest::prelude::*;

use crate::support::*;

type Folder = BTreeMap<String, Vec<u8>>;

fn check(folder: &Folder) -> Report {
    verify(folder, Some(&vkey()))
}

/// The part and the reason of the check about entries.
fn entries_fault(report: &Report) -> (String, String) {
    let failed = report
        .failed()
        .find(|check| check.name == checks::ENTRIES)
        .unwrap();
    match &failed.outcome {
        evidence::report::Outcome::Failed { reason } => {
            (failed.part.clone().unwrap(), reason.clone())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_flipped_byte_of_every_file_is_found_and_the_file_or_entry_named() {
    let log = Log::with_entries(3);
    let good = log.folder();
    assert!(check(&good).verified());
    for (path, bytes) in &good {
        for at in 0..bytes.len() {
            for mask in [0x01, 0x20, 0x80] {
                let mut folder = good.clone();
                folder.get_mut(path).unwrap()[at] ^= mask;
                let report = check(&folder);
                assert!(!report.verified(), "{path} byte {at}");
                let blamed = blamed(&report);
                let names = |part: &str| part.contains(path.as_str()) || part.starts_with("entry ");
                assert!(
                    blamed.iter().any(|(_, part)| names(part)),
                    "{path} byte {at}: {blamed:?}"
                );
                if !path.contains("entries") {
                    assert!(
                        blamed.iter().any(|(_, part)| part == path),
                        "{path}: {blamed:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn without_a_trusted_key_flipped_bytes_are_found_as_well() {
    let good = Log::with_entries(2).folder();
    assert_eq!(verify(&good, None).verdict(), Verdict::Consistent);
    for (path, bytes) in &good {
        for at in 0..bytes.len() {
            let mut folder = good.clone();
            folder.get_mut(path).unwrap()[at] ^= 0x01;
            let verdict = verify(&folder, None).verdict();
            assert_eq!(verdict, Verdict::NotVerified, "{path} byte {at}");
        }
    }
}

#[test]
fn every_missing_and_every_foreign_file_is_found() {
    let good = Log::with_entries(300).folder();
    for path in good.keys() {
        let mut folder = good.clone();
        folder.remove(path);
        let report = check(&folder);
        assert!(!report.verified(), "{path} removed");
    }
    let mut folder = good;
    folder.insert("tile/0/002".to_owned(), Vec::new());
    assert_eq!(blamed(&check(&folder)), [(checks::FILES, "tile/0/002")]);
}

#[test]
fn a_changed_entry_is_named_even_when_its_hashes_are_made_again() {
    let log = Log::with_entries(10);
    for seq in [0, 4, 9] {
        let mut leaves = log.leaves.clone();
        let mut entry = Entry::from_bytes(&leaves[seq]).unwrap();
        entry.actor_id = "somebody-else".to_owned();
        leaves[seq] = entry.to_bytes().unwrap();
        let (part, reason) = entries_fault(&check(&folder_of(&leaves, &log.checkpoint())));
        // Nothing follows the last entry, so only the root can tell that it was changed.
        if seq == 9 {
            assert!(reason.starts_with("forked"), "{part}: {reason}");
        } else {
            assert_eq!(part, format!("entry {seq}"));
            assert!(reason.starts_with("modified"), "{reason}");
        }
    }
}

#[test]
fn a_changed_entry_is_named_by_its_stored_hash() {
    let log = Log::with_entries(10);
    for seq in [0, 4, 9] {
        let mut leaves = log.leaves.clone();
        let mut entry = Entry::from_bytes(&leaves[seq]).unwrap();
        entry.actor_id = "somebody-else".to_owned();
        leaves[seq] = entry.to_bytes().unwrap();
        let mut folder = folder_of(&leaves, &log.checkpoint());
        let tile = "tile/0/000.p/10".to_owned();
        folder.insert(tile.clone(), log.folder()[&tile].clone());
        let (part, reason) = entries_fault(&check(&folder));
        assert_eq!(part, format!("entry {seq}"));
        assert!(reason.starts_with("modified"), "{reason}");
    }
}

#[test]
fn removed_repeated_and_swapped_entries_are_named() {
    let log = Log::with_entries(10);
    let spoil = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut leaves = log.leaves.clone();
        change(&mut leaves);
        entries_fault(&check(&folder_of(&leaves, &log.checkpoint())))
    };
    let removed = spoil(&|leaves| drop(leaves.remove(4)));
    assert_eq!(removed.0, "entry 4");
    assert!(removed.1.starts_with("removed: entry 5"), "{removed:?}");
    let replaced = spoil(&|leaves| {
        let last = leaves.remove(4);
        leaves.push(last);
    });
    assert_eq!(replaced.0, "entry 4");
    assert!(replaced.1.starts_with("removed"), "{replaced:?}");
    let repeated = spoil(&|leaves| leaves[5] = leaves[4].clone());
    assert_eq!(repeated.0, "entry 5");
    assert!(repeated.1.starts_with("inserted or moved"), "{repeated:?}");
    let swapped = spoil(&|leaves| leaves.swap(2, 3));
    assert_eq!(swapped.0, "entry 2");
}

#[test]
fn entries_cut_out_of_a_bundle_are_named() {
    let log = Log::with_entries(10);
    let mut folder = log.folder();
    let path = "tile/entries/000.p/10";
    let first = 2 + log.leaves[0].len();
    folder.get_mut(path).unwrap().drain(..first);
    let (part, reason) = entries_fault(&check(&folder));
    assert_eq!(part, "entry 0");
    assert!(reason.starts_with("removed: entry 1"), "{reason}");
}

#[test]
fn a_log_cut_off_at_the_end_is_truncated() {
    let log = Log::with_entries(10);
    let mut folder = log.folder();
    let bundle = folder.get_mut("tile/entries/000.p/10").unwrap();
    let last = 2 + log.leaves[9].len();
    bundle.truncate(bundle.len() - last);
    let (part, reason) = entries_fault(&check(&folder));
    assert_eq!(part, "entry 9");
    assert!(
        reason.starts_with("truncated: 10 entries are signed"),
        "{reason}"
    );
}

#[test]
fn an_entry_added_to_the_end_is_found() {
    let log = Log::with_entries(3);
    let mut folder = log.folder();
    let bundle = folder.get_mut("tile/entries/000.p/3").unwrap();
    bundle.extend([0, 2, b'{', b'}']);
    let (part, reason) = entries_fault(&check(&folder));
    assert_eq!(part, "entry 3");
    assert!(reason.starts_with("added"), "{reason}");
}

#[test]
fn another_history_with_the_same_number_of_entries_is_a_fork() {
    let log = Log::with_entries(4);
    let mut other = Log::with_entries(3);
    other.append(draft(3, domain::audit::AuditAction::CaseClosed));
    let report = check(&folder_of(&other.leaves, &log.checkpoint()));
    let (part, reason) = entries_fault(&report);
    assert_eq!(part, "log");
    assert!(reason.starts_with("forked"), "{reason}");
}

#[test]
fn a_log_signed_by_another_key_has_an_unknown_key() {
    let log = Log::with_entries(4);
    let key = LogKey::from_seed([8; 32]);
    let checkpoint = sign_checkpoint(ORIGIN, &log.head, &key).unwrap();
    let mut folder = log.folder();
    folder.insert("checkpoint".to_owned(), checkpoint.into_bytes());
    assert_eq!(blamed(&check(&folder)), [(checks::SIGNATURE, "checkpoint")]);
    let vkey = key.vkey(ORIGIN).unwrap() + "\n";
    folder.insert("log.vkey".to_owned(), vkey.clone().into_bytes());
    let unasked = verify(&folder, None);
    assert_eq!(
        unasked.verdict(),
        Verdict::Consistent,
        "every signature of a forgery fits"
    );
    assert_eq!(unasked.signer.as_deref(), Some(vkey.trim_end()));
    let report = check(&folder);
    assert_eq!(report.verdict(), Verdict::NotVerified);
    assert_eq!(blamed(&report), [(checks::SIGNER, "log.vkey")]);
    assert!(format!("{report:?}").contains("unknown key"));
}

#[test]
fn an_older_checkpoint_does_not_cover_newer_entries() {
    let older = Log::with_entries(3).checkpoint();
    let mut folder = Log::with_entries(5).folder();
    folder.insert("checkpoint".to_owned(), older.into_bytes());
    assert!(!check(&folder).verified());
}

#[test]
fn a_checkpoint_that_claims_an_absurd_size_ends_quickly() {
    let key = log_key();
    let log = Log::with_entries(3);
    let mut stored = log.head.to_bytes();
    stored[1..9].copy_from_slice(&(3_u64 << 60).to_be_bytes());
    let head = evidence::log::Head::from_bytes(&stored).unwrap();
    let mut folder = log.folder();
    let checkpoint = sign_checkpoint(ORIGIN, &head, &key).unwrap();
    folder.insert("checkpoint".to_owned(), checkpoint.into_bytes());
    let (_, reason) = entries_fault(&check(&folder));
    assert!(reason.starts_with("truncated"), "{reason}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    // Every manipulation is found, and the first wrong entry with it.
    #[test]
    fn any_changed_byte_of_any_entry_names_that_entry(
        count in 1_u64..40, pick in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(),
        mask in 1_u8..
    ) {
        let log = Log::with_entries(count);
        let seq = pick.index(count as usize);
        let at: usize = log.leaves[..seq].iter().map(|leaf| leaf.len() + 2).sum::<usize>()
            + 2 + byte.index(log.leaves[seq].len());
        let mut folder = log.folder();
        let path = format!("tile/entries/000.p/{count}");
        folder.get_mut(&path).unwrap()[at] ^= mask;
        let (part, _) = entries_fault(&check(&folder));
        prop_assert_eq!(part, format!("entry {seq}"));
    }

    #[test]
    fn any_manipulation_of_any_file_is_found(
        count in 1_u64..300, file in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(), manipulation in 0..5, byte in any::<u8>()
    ) {
        let good = Log::with_entries(count).folder();
        let mut folder = good.clone();
        let path = good.keys().nth(file.index(good.len())).unwrap().clone();
        let bytes = folder.get_mut(&path).unwrap();
        let at = place.index(bytes.len());
        match manipulation {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => drop(bytes.remove(at)),
            3 => bytes.truncate(at),
            _ => drop(folder.remove(&path)),
        }
        prop_assert_eq!(check(&folder).verified(), folder == good, "{} at {}", path, at);
    }
}

// A new key takes over; whoever trusts the first one can follow.
#[test]
fn a_change_of_keys_is_followed_only_when_both_keys_signed_it() {
    let mut log = Log::with_entries(3);
    let new = [8; 32];
    log.append(rotation_draft(
        &log.head,
        &log_key(),
        &LogKey::from_seed(new),
    ));
    log.key = Some(new);
    log.append(draft(4, domain::audit::AuditAction::CaseClosed));
    let new_vkey = LogKey::from_seed(new).vkey(ORIGIN).unwrap();
    for trusted in [vkey(), new_vkey] {
        assert!(
            verify(&log.folder(), Some(&trusted)).verified(),
            "{trusted}"
        );
    }
    let stranger = LogKey::from_seed([9; 32]).vkey(ORIGIN).unwrap();
    let report = verify(&log.folder(), Some(&stranger));
    assert_eq!(blamed(&report), [(checks::SIGNER, "log.vkey")]);

    // The old key goes on signing as if nothing had happened.
    log.key = None;
    let report = check(&log.folder());
    assert_eq!(blamed(&report), [(checks::SIGNATURE, "entry 3")]);
}

#[test]
fn a_change_of_keys_that_the_old_key_did_not_sign_is_a_modified_entry() {
    let (thief, new) = (LogKey::from_seed([7; 32]), LogKey::from_seed([8; 32]));
    for name in ["oldSignature", "newSignature", "newKey"] {
        let mut log = Log::with_entries(3);
        let mut draft = rotation_draft(&log.head, &thief, &new);
        let foreign = rotation_draft(&log.head, &new, &thief).details[name].clone();
        draft.details.insert(name.to_owned(), foreign);
        log.append(draft);
        log.key = Some([8; 32]);
        let (part, reason) = entries_fault(&verify(&log.folder(), None));
        assert_eq!(part, "entry 3", "{name}");
        assert!(reason.contains("not both keys signed"), "{reason}");
    }
}
