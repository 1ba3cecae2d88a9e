//! Programs that we did not write accept our logs and refuse each tampered one.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use evidence::log::{growth_request, inclusion_proof};

use crate::{
    programs::{finish, not_performed, python_with, refuses, succeeds, write},
    support::{Log, vkey},
    vectors::repository,
};

/// Tampered logs of `tests/vectors/evidence` whose entries, hashes or signature tell.
const TAMPERED: [&str; 6] = [
    "log-forked",
    "log-modified",
    "log-removed",
    "log-swapped",
    "log-truncated",
    "log-unknown-key",
];

fn corpus(name: &str) -> PathBuf {
    repository()
        .join("tests/vectors/evidence")
        .join(name)
        .join("log")
}

fn outside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/outside")
        .join(name)
}

/// A log in a folder, with an older checkpoint, what a witness is told, and a proof of one entry.
struct Written {
    folder: tempfile::TempDir,
}

impl Written {
    fn new(older: u64, size: u64, seq: u64) -> Self {
        let (before, log) = (Log::with_entries(older), Log::with_entries(size));
        let checkpoint = log.checkpoint();
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, content: &[u8]| write(&folder.path().join(name), content);
        for (path, content) in log.folder() {
            put(&format!("log/{path}"), &content);
        }
        put("older", before.checkpoint().as_bytes());
        let request = growth_request(&log.hashes, older, &checkpoint).unwrap();
        put("request", request.as_bytes());
        let proof = inclusion_proof(&log.hashes, seq, &checkpoint).unwrap();
        put("proof", proof.as_bytes());
        put("entry", &log.leaves[seq as usize]);
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Spoils the last character of the first line that holds a hash.
    fn spoil(&self, name: &str) {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        let line = text.lines().find(|line| line.ends_with('=')).unwrap();
        let other = if line.starts_with('A') { "B" } else { "A" };
        let spoiled = text.replacen(line, &format!("{other}{}", &line[1..]), 1);
        write(&self.path(name), spoiled.as_bytes());
    }
}

/// Builds the Go program once a test; `None`, and says so, where there is no Go.
fn go_program(folder: &Path) -> Option<PathBuf> {
    let program = folder.join("verify_log");
    let there = Path::new("/usr/share/gocode/src/golang.org/x/mod/sumdb").is_dir();
    if !there || Command::new("go").arg("version").output().is_err() {
        not_performed("Go or golang.org/x/mod");
        return None;
    }
    let mut build = Command::new("go");
    build
        .args(["build", "-o"])
        .arg(&program)
        .arg(outside("verify_log.go"))
        .env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode")
        .env("GOCACHE", folder.join("cache"));
    succeeds(&finish(&mut build, b""));
    Some(program)
}

#[test]
fn gos_sumdb_accepts_our_logs_and_refuses_tampered_ones() {
    let built = tempfile::tempdir().unwrap();
    let Some(go) = go_program(built.path()) else {
        return;
    };
    let log = |folder: &Path| {
        let mut command = Command::new(&go);
        finish(command.args(["log", &vkey()]).arg(folder), b"")
    };
    for (older, size, seq) in [(1, 2, 0), (3, 7, 6), (255, 700, 300)] {
        succeeds(&log(&Written::new(older, size, seq).path("log")));
    }
    succeeds(&log(&corpus("log-good")));
    for name in TAMPERED.into_iter().chain(["log-tile-modified"]) {
        refuses(&log(&corpus(name)));
    }
}

#[test]
fn gos_sumdb_accepts_our_proofs_and_refuses_spoiled_ones() {
    let built = tempfile::tempdir().unwrap();
    let Some(go) = go_program(built.path()) else {
        return;
    };
    for (older, size, seq) in [(1, 2, 0), (3, 7, 6), (256, 700, 300), (6, 700, 699)] {
        let written = Written::new(older, size, seq);
        let ask = |words: [&str; 3]| {
            let mut command = Command::new(&go);
            command.arg(words[0]).arg(vkey());
            finish(
                command
                    .arg(written.path(words[1]))
                    .arg(written.path(words[2])),
                b"",
            )
        };
        let (proof, growth) = (["proof", "entry", "proof"], ["growth", "older", "request"]);
        succeeds(&ask(proof));
        succeeds(&ask(growth));
        written.spoil("proof");
        written.spoil("request");
        refuses(&ask(proof));
        refuses(&ask(growth));
    }
}

#[test]
fn pymerkle_finds_the_same_roots_and_paths_and_refuses_tampered_logs() {
    let Some(python) = python_with("pymerkle") else {
        return;
    };
    let root = |paths: &[PathBuf]| {
        let mut command = Command::new(&python);
        finish(command.arg(outside("merkle_root.py")).args(paths), b"")
    };
    for (older, size, seq) in [(1, 2, 0), (3, 7, 6), (256, 700, 300)] {
        let written = Written::new(older, size, seq);
        let paths = ["log", "older", "proof"].map(|name| written.path(name));
        assert_eq!(succeeds(&root(&paths)).trim(), "verified");
        written.spoil("proof");
        refuses(&root(&paths));
    }
    succeeds(&root(&[corpus("log-good")]));
    // It knows nothing of signatures, so another key is none of its business.
    for name in TAMPERED
        .into_iter()
        .filter(|name| *name != "log-unknown-key")
    {
        refuses(&root(&[corpus(name)]));
    }
}
