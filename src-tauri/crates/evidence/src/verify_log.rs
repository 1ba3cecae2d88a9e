//! Checks a log folder and names the first bad entry, and what was done to it.
//!
//! Needs only the files: no database, no network, and with a trusted key no trust in the folder.

mod anchors;
mod signer;
mod walk;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use crate::{
    log::{CHECKPOINT, Checkpoint, LogError, VKEY},
    report::{Finding, Report},
    time_token::TimeRoots,
};

use walk::{Walk, walk};

/// Names of the checks of a log.
pub mod checks {
    /// The checkpoint is one.
    pub const CHECKPOINT: &str = "checkpoint";
    /// The checkpoint is signed by the key in the folder.
    pub const SIGNATURE: &str = "checkpoint signature";
    /// That key is the trusted one.
    pub const SIGNER: &str = crate::report::SIGNER;
    /// Every entry is well-formed, in its place, and chained to the one before.
    pub const ENTRIES: &str = "entries";
    /// The entries have the root that is signed.
    pub const ROOT: &str = "hash tree root";
    /// The stored hashes are those of the entries.
    pub const TILES: &str = "hash tiles";
    /// No file is missing and none is foreign.
    pub const FILES: &str = "files";
    /// The log continues every earlier checkpoint.
    pub const ANCHORS: &str = "earlier checkpoints";
    /// The times at which earlier checkpoints existed are those that an authority told.
    pub const TIME: &str = crate::report::TIME;
}

/// A checkpoint that somebody kept: the log must continue it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// What to call it when it does not fit, such as its file name.
    pub name: String,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// The RFC 3161 answer about the checkpoint, where an authority was asked.
    pub token: Option<Vec<u8>>,
}

/// What a verifier is given from outside the folder.
#[derive(Debug, Clone, Default)]
pub struct Given<'a> {
    /// The key that must have signed; without it the verdict is never better than consistent.
    pub vkey: Option<&'a str>,
    /// Checkpoints that were kept elsewhere. Those in the folder are checked as well.
    pub anchors: Vec<Anchor>,
    /// The authorities whose word about times counts.
    pub time_roots: Option<&'a TimeRoots>,
}

/// Read access to a log folder. Paths are relative and use `/`.
pub trait LogFiles {
    /// The content of a file, or `None` when there is no such file.
    ///
    /// # Errors
    /// When the file exists and cannot be read.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// The paths of all files.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    fn list(&self) -> io::Result<Vec<String>>;
}

impl LogFiles for BTreeMap<String, Vec<u8>> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.get(path).cloned())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.keys().cloned().collect())
    }
}

/// Verifies a log folder by itself. See [`verify_with`].
///
/// With `trusted_vkey` the folder must be signed by that key; without, by the key in the folder,
/// which shows only that the folder is consistent: the verdict is then never better than that.
pub fn verify(files: &impl LogFiles, trusted_vkey: Option<&str>) -> Report {
    let given = Given {
        vkey: trusted_vkey,
        ..Given::default()
    };
    verify_with(files, &given)
}

/// Verifies a log folder against what is known from elsewhere.
pub fn verify_with(files: &impl LogFiles, given: &Given<'_>) -> Report {
    let mut report = Report::default();
    let note = read_text(files, CHECKPOINT);
    let checkpoint = note.and_then(|note| {
        let parsed = Checkpoint::parse(&note).map_err(|error| blame(CHECKPOINT, &error))?;
        Ok((parsed, note))
    });
    let (checkpoint, note) = match checkpoint {
        Ok(parsed) => parsed,
        Err(finding) => {
            report.record(checks::CHECKPOINT, Err(finding));
            skip_rest(&mut report);
            return report;
        }
    };
    let detail = format!("{} entries, root {}", checkpoint.size, checkpoint.root);
    report.record(checks::CHECKPOINT, Ok(detail));
    let anchors = anchors::collect(files, &given.anchors);
    let sizes = anchors.as_deref().map(anchors::sizes).unwrap_or_default();
    let walk = walk(files, checkpoint.size, &sizes);
    let keys = signer::check(files, &note, walk.rotations(), given.vkey, &mut report);
    check_content(files, &checkpoint, &walk, &anchors, &mut report);
    anchors::check(&anchors, keys.as_ref(), &walk, &checkpoint, &mut report);
    let anchors = anchors.unwrap_or_default();
    anchors::check_times(&anchors, given.time_roots, &mut report);
    report
}

fn skip_rest(report: &mut Report) {
    for name in [
        checks::SIGNATURE,
        checks::SIGNER,
        checks::ENTRIES,
        checks::ROOT,
        checks::TILES,
        checks::FILES,
        checks::ANCHORS,
        checks::TIME,
    ] {
        report.not_performed(
            name,
            "without a checkpoint nobody knows what the log must contain",
        );
    }
}

fn blame(part: &str, error: &LogError) -> Finding {
    Finding::new(part, error.to_string())
}

fn read_text(files: &impl LogFiles, path: &str) -> Result<String, Finding> {
    let bytes = read_file(files, path)?.ok_or_else(|| Finding::new(path, "the file is missing"))?;
    String::from_utf8(bytes).map_err(|_| Finding::new(path, "the file is not UTF-8 text"))
}

/// Reads a file; an I/O error is a finding about that file.
fn read_file(files: &impl LogFiles, path: &str) -> Result<Option<Vec<u8>>, Finding> {
    files
        .read(path)
        .map_err(|error| Finding::new(path, format!("the file cannot be read: {}", error.kind())))
}

fn check_content(
    files: &impl LogFiles,
    checkpoint: &Checkpoint,
    walk: &Walk,
    anchors: &Result<Vec<anchors::Parsed>, Finding>,
    report: &mut Report,
) {
    let entries_fault = walk.entries_fault(checkpoint);
    let sound = entries_fault.is_none();
    let read = walk.read();
    report.record(
        checks::ENTRIES,
        entries_fault.map_or_else(|| Ok(format!("{read} entries, 0 to the last")), Err),
    );
    report.record(checks::ROOT, check_root(walk.root(), checkpoint));
    if !sound {
        report.not_performed(checks::TILES, "the entries are not those that were signed");
    } else {
        let fault = walk.tile_fault();
        report.record(checks::TILES, fault.map_or_else(|| Ok(String::new()), Err));
    }
    if walk.is_complete() {
        let anchors = anchors.as_deref().unwrap_or_default();
        let expected = walk.paths().cloned().chain(anchors::paths(anchors));
        report.record(checks::FILES, check_files(files, expected.collect()));
    } else {
        report.not_performed(checks::FILES, "entries are missing");
    }
}

fn check_root(
    root: domain::digest::Sha256Digest,
    checkpoint: &Checkpoint,
) -> Result<String, Finding> {
    if root == checkpoint.root {
        return Ok(root.to_string());
    }
    Err(Finding::new(
        CHECKPOINT,
        format!("the entries have the root {root}, which is not signed"),
    ))
}

fn check_files(files: &impl LogFiles, mut expected: BTreeSet<String>) -> Result<String, Finding> {
    let listed = files.list().map_err(|error| {
        Finding::new("folder", format!("it cannot be listed: {}", error.kind()))
    })?;
    expected.extend([CHECKPOINT.to_owned(), VKEY.to_owned()]);
    for path in &listed {
        if !expected.remove(path) {
            return Err(Finding::new(path, "the file does not belong to the log"));
        }
    }
    match expected.first() {
        Some(path) => Err(Finding::new(path, "the file is missing")),
        None => Ok(format!("{} files", listed.len())),
    }
}
