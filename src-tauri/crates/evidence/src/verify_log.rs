//! Checks a log folder and names the first bad entry, and what was done to it.
//!
//! Needs only the files: no database, no network, and with a trusted key no trust in the folder.

mod walk;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use crate::{
    log::{CHECKPOINT, Checkpoint, LogError, TrustedKey, VKEY},
    report::{Finding, Report},
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

/// Verifies a log folder.
///
/// With `trusted_vkey` the folder must be signed by that key; without, by the key in the folder,
/// which shows only that the folder is consistent: the verdict is then never better than that.
pub fn verify(files: &impl LogFiles, trusted_vkey: Option<&str>) -> Report {
    let mut report = Report::default();
    let note = read_text(files, CHECKPOINT);
    let checkpoint = note.and_then(|note| {
        Ok((
            Checkpoint::parse(&note).map_err(|e| blame(CHECKPOINT, &e))?,
            note,
        ))
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
    check_signer(files, &note, trusted_vkey, &mut report);
    check_content(files, &checkpoint, &mut report);
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

/// Who signed, and whether it is who was expected: two questions, two checks.
fn check_signer(
    files: &impl LogFiles,
    note: &str,
    trusted_vkey: Option<&str>,
    report: &mut Report,
) {
    let named = match named_key(files) {
        Ok(named) => named,
        Err(finding) => {
            report.record(checks::SIGNATURE, Err(finding));
            report.not_performed(checks::SIGNER, "the folder names no key");
            return;
        }
    };
    let signed = Checkpoint::open(note, &named).map_err(|error| blame(CHECKPOINT, &error));
    let by = format!("by the key in the folder, `{named}`");
    report.record(checks::SIGNATURE, signed.map(|_| by));
    report.signer = Some(named.to_string());
    match trusted_vkey {
        Some(trusted) => report.record(checks::SIGNER, compare(&named, trusted)),
        None => report.not_performed(
            checks::SIGNER,
            format!(
                "no trusted key was given: ask the sender by another channel whether `{named}` is theirs"
            ),
        ),
    }
}

/// The key that the folder names as its signer.
fn named_key(files: &impl LogFiles) -> Result<TrustedKey, Finding> {
    let text = read_text(files, VKEY)?;
    text.strip_suffix('\n')
        .ok_or(LogError::VerifierKey)
        .and_then(TrustedKey::parse)
        .map_err(|error| blame(VKEY, &error))
}

/// Compares the named key with the one given from outside.
fn compare(named: &TrustedKey, trusted: &str) -> Result<String, Finding> {
    let trusted = TrustedKey::parse(trusted.trim_end())
        .map_err(|error| Finding::new("trusted key", error.to_string()))?;
    if trusted == *named {
        return Ok(format!("the trusted one, {:08x}", named.id()));
    }
    let reason = format!("unknown key: the folder names `{named}`, the trusted key is `{trusted}`");
    Err(Finding::new(VKEY, reason))
}

fn check_content(files: &impl LogFiles, checkpoint: &Checkpoint, report: &mut Report) {
    let walk = walk(files, checkpoint.size);
    let entries_fault = walk.entries_fault(checkpoint);
    let sound = entries_fault.is_none();
    let complete = walk.is_complete();
    let (root, read) = (walk.root(), walk.read());
    report.record(
        checks::ENTRIES,
        entries_fault.map_or_else(|| Ok(format!("{read} entries, 0 to the last")), Err),
    );
    report.record(checks::ROOT, check_root(root, checkpoint));
    if !sound {
        report.not_performed(checks::TILES, "the entries are not those that were signed");
    } else {
        let fault = walk.tile_fault();
        report.record(checks::TILES, fault.map_or_else(|| Ok(String::new()), Err));
    }
    if complete {
        report.record(checks::FILES, check_files(files, walk));
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

fn check_files(files: &impl LogFiles, walk: Walk) -> Result<String, Finding> {
    let listed = files.list().map_err(|error| {
        Finding::new("folder", format!("it cannot be listed: {}", error.kind()))
    })?;
    let mut expected: BTreeSet<String> = walk.into_paths();
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
