//! Every input of the corpus, whole and damaged, keeps the promises of its target.
//!
//! This is the part of fuzzing that every test run has; `cargo xtask fuzz` looks for new inputs.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail loudly"
)]

use std::{fs, path::PathBuf};

use fuzz::{TARGETS, Target};

/// Damaged copies of each input.
const DAMAGED_COPIES: u64 = 24;

fn corpus_of(target: Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target.name);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

fn run_all(target: Target) {
    let corpus = corpus_of(target);
    assert!(!corpus.is_empty(), "{} has no inputs", target.name);
    for (path, bytes) in corpus {
        run(target, &bytes, &format!("{}", path.display()));
        for copy in 0..DAMAGED_COPIES {
            let name = format!("{}, damaged copy {copy}", path.display());
            run(target, &damaged(&bytes, copy), &name);
        }
    }
}

/// Runs one input and says which it was when it fails.
fn run(target: Target, bytes: &[u8], name: &str) {
    let outcome = std::panic::catch_unwind(|| (target.run)(bytes));
    assert!(outcome.is_ok(), "{} fails on {name}", target.name);
}

/// The same bytes cut short, or with a few of them changed, doubled or removed; the same each time.
fn damaged(bytes: &[u8], copy: u64) -> Vec<u8> {
    let mut random = Random(copy.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut bytes = bytes.to_vec();
    if bytes.is_empty() {
        return bytes;
    }
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len().max(1));
        match random.below(5) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, [0, 0x7f, 0xff][random.below(3)]),
            2 if !bytes.is_empty() => drop(bytes.remove(at)),
            3 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            _ => bytes.extend_from_within(at..),
        }
    }
    bytes
}

/// Marsaglia's xorshift64, so that a failure comes again.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn transcripts_and_texts() {
    TARGETS[..3].iter().copied().for_each(run_all);
}

#[test]
fn audio_and_plans() {
    TARGETS[3..6].iter().copied().for_each(run_all);
}

#[test]
fn evidence() {
    TARGETS[6..].iter().copied().for_each(run_all);
}

#[test]
fn every_folder_belongs_to_a_target() {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for entry in fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            !path.is_dir() || fuzz::find(&name).is_some(),
            "{name} belongs to no target"
        );
    }
}

#[test]
fn a_broken_promise_is_noticed() {
    let broken = Target {
        name: "broken",
        run: |bytes| assert!(bytes.len() < 2, "too long"),
    };
    let failed = std::panic::catch_unwind(|| run(broken, b"xyz", "x"));
    assert!(failed.is_err());
}
