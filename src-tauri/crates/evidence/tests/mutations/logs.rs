//! Manipulated and clean logs.

use domain::audit::AuditAction;
use evidence::{
    format::Entry,
    log::{LogKey, sign_checkpoint},
    verify_log::{Anchor, checks},
};

use super::{Dice, Expected, Manipulated};
use crate::support::{Folder, Log, ORIGIN, draft, folder_of, rotation_draft, vkey};

/// Sizes around the width of a tile and of a bundle.
const SIZES: [u64; 8] = [2, 3, 10, 64, 255, 256, 257, 300];

/// Entries in a bundle.
const WIDTH: usize = 256;

pub(super) fn bases() -> Vec<Log> {
    SIZES.map(Log::with_entries).to_vec()
}

fn entry(seq: usize) -> (&'static str, String) {
    (checks::ENTRIES, format!("entry {seq}"))
}

fn log_as_a_whole() -> (&'static str, String) {
    (checks::ENTRIES, "log".to_owned())
}

pub(super) fn anchor(log: &Log) -> Anchor {
    Anchor {
        name: format!("kept checkpoint {}", log.head.size()),
        checkpoint: log.checkpoint(),
        token: None,
    }
}

type Manipulation = fn(&Log, &mut Dice) -> (Folder, Expected);

const MANIPULATIONS: [(&str, Manipulation); 13] = [
    ("bit of an entry", bit_of_an_entry),
    ("entry edited, hashes made again", entry_edited),
    ("entry edited, hashes kept", entry_edited_under_its_hash),
    ("entry removed", entry_removed),
    ("entry added", entry_added),
    ("entries swapped", entries_swapped),
    ("end cut off", cut_off),
    ("forked under the old checkpoint", forked),
    ("bit of another file", bit_of_another_file),
    ("file renamed", file_renamed),
    ("file removed", file_removed),
    ("foreign file", foreign_file),
    ("key swapped", key_swapped),
];

pub(super) fn manipulate(bases: &[Log], dice: &mut Dice) -> Manipulated {
    let log = dice.pick(bases);
    match dice.below(MANIPULATIONS.len() + 2) {
        13 => rolled_back(log, dice),
        14 => rewritten_by_the_owner(log, dice),
        kind => {
            let (what, manipulation) = MANIPULATIONS[kind];
            let (folder, expected) = manipulation(log, dice);
            Manipulated {
                what,
                folder,
                anchors: Vec::new(),
                expected,
            }
        }
    }
}

/// Path of the bundle with entry `seq`, and where that entry lies in it.
fn place(log: &Log, seq: usize) -> (String, std::ops::Range<usize>) {
    let first = seq / WIDTH * WIDTH;
    let width = (log.leaves.len() - first).min(WIDTH);
    let path = match width {
        WIDTH => format!("tile/entries/{:03}", first / WIDTH),
        _ => format!("tile/entries/{:03}.p/{width}", first / WIDTH),
    };
    let before: usize = log.leaves[first..seq]
        .iter()
        .map(|leaf| leaf.len() + 2)
        .sum();
    (path, before + 2..before + 2 + log.leaves[seq].len())
}

fn bit_of_an_entry(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let seq = dice.below(log.leaves.len());
    let (path, range) = place(log, seq);
    let mut folder = log.folder();
    dice.flip(&mut folder.get_mut(&path).unwrap()[range]);
    (folder, vec![entry(seq)])
}

fn edited(log: &Log, seq: usize) -> Vec<Vec<u8>> {
    let mut leaves = log.leaves.clone();
    let mut entry = Entry::from_bytes(&leaves[seq]).unwrap();
    entry.actor_id = "somebody-else".to_owned();
    leaves[seq] = entry.to_bytes().unwrap();
    leaves
}

fn entry_edited(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let seq = dice.below(log.leaves.len());
    let folder = folder_of(&edited(log, seq), &log.checkpoint());
    // Nothing follows the last entry, so only the root tells.
    let last = seq + 1 == log.leaves.len();
    let expected = if last { log_as_a_whole() } else { entry(seq) };
    (folder, vec![expected])
}

fn entry_edited_under_its_hash(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let seq = dice.below(log.leaves.len());
    let mut folder = folder_of(&edited(log, seq), &log.checkpoint());
    let tiles = log.folder().into_iter();
    folder.extend(tiles.filter(|(path, _)| path.starts_with("tile/0/")));
    (folder, vec![entry(seq)])
}

fn entry_removed(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let seq = dice.below(log.leaves.len());
    let mut leaves = log.leaves.clone();
    leaves.remove(seq);
    (folder_of(&leaves, &log.checkpoint()), vec![entry(seq)])
}

fn entry_added(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let size = log.leaves.len();
    let (from, to) = (dice.below(size), dice.below(size + 1));
    let mut leaves = log.leaves.clone();
    leaves.insert(to, log.leaves[from].clone());
    // A copy right before the entry looks like the entry; the entry then stands in the next place.
    let first_wrong = if from == to { to + 1 } else { to };
    let expected = if first_wrong == size && size.is_multiple_of(WIDTH) {
        // It begins a bundle of its own, which the signed log does not have.
        let number = size / WIDTH;
        let paths = [
            format!("tile/0/{number:03}.p/1"),
            format!("tile/entries/{number:03}.p/1"),
        ];
        paths.map(|path| (checks::FILES, path)).to_vec()
    } else {
        vec![entry(first_wrong)]
    };
    (folder_of(&leaves, &log.checkpoint()), expected)
}

fn entries_swapped(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let first = dice.below(log.leaves.len() - 1);
    let second = dice.between(first + 1, log.leaves.len());
    let mut leaves = log.leaves.clone();
    leaves.swap(first, second);
    (folder_of(&leaves, &log.checkpoint()), vec![entry(first)])
}

fn cut_off(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let left = dice.below(log.leaves.len());
    let folder = folder_of(&log.leaves[..left], &log.checkpoint());
    (folder, vec![entry(left)])
}

/// A log of the same length that is another one from a random entry on.
fn other_history(log: &Log, dice: &mut Dice) -> (usize, Log) {
    let from = dice.below(log.leaves.len());
    let mut other = Log::with_entries(from as u64);
    for seq in from..log.leaves.len() {
        other.append(draft(seq as u64, AuditAction::CaseClosed));
    }
    (from, other)
}

fn forked(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let (_, other) = other_history(log, dice);
    let folder = folder_of(&other.leaves, &log.checkpoint());
    (folder, vec![log_as_a_whole()])
}

/// A path of the folder that is not an entry bundle.
fn other_path(folder: &Folder, dice: &mut Dice) -> String {
    let paths: Vec<_> = folder
        .keys()
        .filter(|path| !path.contains("entries"))
        .collect();
    (*dice.pick(&paths)).clone()
}

fn every_check(path: &str) -> Expected {
    [
        checks::CHECKPOINT,
        checks::SIGNATURE,
        checks::SIGNER,
        checks::TILES,
        checks::FILES,
        checks::ROOT,
    ]
    .map(|check| (check, path.to_owned()))
    .to_vec()
}

fn bit_of_another_file(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let mut folder = log.folder();
    let path = other_path(&folder, dice);
    dice.flip(folder.get_mut(&path).unwrap());
    (folder, every_check(&path))
}

fn file_renamed(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let mut folder = log.folder();
    let path = other_path(&folder, dice);
    let content = folder.remove(&path).unwrap();
    folder.insert(format!("{path}0"), content);
    (folder, every_check(&path))
}

fn file_removed(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let mut folder = log.folder();
    let paths: Vec<_> = folder.keys().cloned().collect();
    let path = dice.pick(&paths);
    folder.remove(path);
    let mut expected = every_check(path);
    if path.contains("entries") {
        // The first entry of the bundle is the first one that is missing.
        let number: usize = path["tile/entries/".len()..][..3].parse().unwrap();
        expected = vec![entry(number * WIDTH)];
    }
    (folder, expected)
}

fn foreign_file(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let mut folder = log.folder();
    let path = format!(
        "{}-{}",
        dice.pick(&["tile/0/x", "notes", "anchors/1.tsr"]),
        dice.below(9)
    );
    folder.insert(path.clone(), b"x".to_vec());
    (folder, vec![(checks::FILES, path)])
}

fn key_swapped(log: &Log, dice: &mut Dice) -> (Folder, Expected) {
    let key = LogKey::from_seed([8 + dice.below(200) as u8; 32]);
    let mut folder = log.folder();
    let checkpoint = sign_checkpoint(ORIGIN, &log.head, &key).unwrap();
    folder.insert("checkpoint".to_owned(), checkpoint.into_bytes());
    let vkey = key.vkey(ORIGIN).unwrap() + "\n";
    folder.insert("log.vkey".to_owned(), vkey.into_bytes());
    (folder, vec![(checks::SIGNER, "log.vkey".to_owned())])
}

/// A sound log of an earlier time, as a restored backup has it.
fn rolled_back(log: &Log, dice: &mut Dice) -> Manipulated {
    let kept = anchor(log);
    let older = Log::with_entries(dice.below(log.leaves.len()) as u64);
    Manipulated {
        what: "rolled back to a backup",
        folder: older.folder(),
        expected: vec![(checks::ANCHORS, kept.name.clone())],
        anchors: vec![kept],
    }
}

/// Another history, signed with the right key: only somebody else's copy of a checkpoint tells.
fn rewritten_by_the_owner(log: &Log, dice: &mut Dice) -> Manipulated {
    let (from, other) = other_history(log, dice);
    let early = anchor(&Log::with_entries(from as u64));
    let kept = anchor(log);
    Manipulated {
        what: "rewritten and signed by the owner",
        folder: other.folder(),
        expected: vec![(checks::ANCHORS, kept.name.clone())],
        anchors: vec![kept, early],
    }
}

/// A log that grew as it should, what was kept on the way, and a key that signed at some time.
pub(super) struct Clean {
    pub(super) folder: Folder,
    pub(super) anchors: Vec<Anchor>,
    pub(super) trusted: String,
}

pub(super) fn clean(dice: &mut Dice) -> Clean {
    let mut log = Log::with_entries(dice.between(1, 40) as u64);
    let (mut keys, mut anchors) = (vec![vkey()], vec![anchor(&log)]);
    for _ in 0..dice.below(4) {
        for _ in 0..dice.below(40) {
            log.append(draft(log.head.size(), AuditAction::SpanDecided));
        }
        if dice.below(2) == 0 {
            let seed = [100 + keys.len() as u8; 32];
            let next = LogKey::from_seed(seed);
            log.append(rotation_draft(&log.head, &log.signer(), &next));
            log.key = Some(seed);
            keys.push(next.vkey(ORIGIN).unwrap());
        }
        anchors.push(anchor(&log));
    }
    Clean {
        folder: log.folder(),
        anchors,
        trusted: dice.pick(&keys).clone(),
    }
}
