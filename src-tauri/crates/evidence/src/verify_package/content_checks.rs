//! The payload: do custody, sidecars, metadata, call list and redaction log fit the recordings?

use std::collections::{BTreeMap, BTreeSet};

use super::contents::{Contents, File};
use crate::{
    bag, custody_csv,
    format::{CallsFile, PackageFile, RecordingFile, RedactionLogFile},
    names::RECORDINGS,
    package::{CALLS, CUSTODY, REDACTION_LOG},
    report::Finding,
};

// S2-38: rows with a file and delivered recordings correspond one to one.
pub(super) fn custody(contents: &Contents) -> Result<String, Finding> {
    let blame = |reason: String| Finding::new(CUSTODY, reason);
    let rows =
        custody_csv::read(contents.bytes(CUSTODY)?).map_err(|error| blame(error.to_string()))?;
    let mut recordings = contents.recordings();
    for (name, digest) in rows.iter().filter_map(|row| row.file.as_ref()) {
        match recordings.remove(name.as_str()) {
            None => return Err(blame(format!("`{name}` is listed twice or not delivered"))),
            Some(file) if file.digest != *digest => {
                return Err(blame(format!("`{name}` does not have the digest listed")));
            }
            Some(_) => {}
        }
    }
    match recordings.first_key_value() {
        Some((name, _)) => Err(blame(format!("the recording `{name}` is not listed"))),
        None => Ok(format!("{} rows", rows.len())),
    }
}

// S2-27, S0-71
pub(super) fn sidecars(contents: &Contents) -> Result<String, Finding> {
    let recordings = contents.recordings();
    for (name, file) in &recordings {
        if file.size == 0 {
            return Err(Finding::new(
                format!("{RECORDINGS}{name}"),
                "the recording is empty",
            ));
        }
        let path = format!("{RECORDINGS}{name}.sha256");
        if contents.bytes(&path)? != bag::sidecar(name, file.digest).as_bytes() {
            return Err(Finding::new(
                path,
                format!("it does not hold the digest of `{name}`"),
            ));
        }
    }
    Ok(format!("{} recordings", recordings.len()))
}

// S2-31, S2-33
pub(super) fn metadata(contents: &Contents) -> Result<String, Finding> {
    let recordings = contents.recordings();
    for (name, file) in &recordings {
        let stem = name.rsplit_once('.').map_or(*name, |(stem, _)| stem);
        check_metadata(contents, &format!("{RECORDINGS}{stem}.json"), name, file)?;
    }
    Ok(format!("{} recordings", recordings.len()))
}

fn check_metadata(contents: &Contents, path: &str, name: &str, file: &File) -> Result<(), Finding> {
    let metadata: RecordingFile = read_json(contents, path)?;
    if metadata.file != name || metadata.file_hash != file.digest.to_string() {
        return Err(Finding::new(path, format!("it does not describe `{name}`")));
    }
    Ok(())
}

// B14
pub(super) fn calls(contents: &Contents) -> Result<String, Finding> {
    let calls: CallsFile = read_json(contents, CALLS)?;
    calls
        .check()
        .map_err(|reason| Finding::new(CALLS, reason))?;
    let named: Vec<&str> = calls
        .calls
        .iter()
        .filter_map(|call| call.file.as_deref())
        .collect();
    check_names(contents, CALLS, &named)?;
    Ok(format!("{} found, {} delivered", calls.found, named.len()))
}

pub(super) fn redaction_log(contents: &Contents) -> Result<String, Finding> {
    let log: RedactionLogFile = read_json(contents, REDACTION_LOG)?;
    log.check()
        .map_err(|reason| Finding::new(REDACTION_LOG, reason))?;
    let named: Vec<&str> = log.recordings.iter().map(|it| it.file.as_str()).collect();
    check_names(contents, REDACTION_LOG, &named)?;
    let spans: usize = log.recordings.iter().map(|it| it.spans.len()).sum();
    Ok(format!("{spans} spans in {} recordings", named.len()))
}

/// `named` must be exactly the delivered recordings, each once.
fn check_names(contents: &Contents, path: &str, named: &[&str]) -> Result<(), Finding> {
    let recordings: BTreeMap<&str, &File> = contents.recordings();
    let once: BTreeSet<&str> = named.iter().copied().collect();
    if once.len() != named.len() || !once.iter().eq(recordings.keys()) {
        return Err(Finding::new(
            path,
            "it does not name exactly the delivered recordings",
        ));
    }
    Ok(())
}

fn read_json<F: PackageFile>(contents: &Contents, path: &str) -> Result<F, Finding> {
    F::from_bytes(contents.bytes(path)?).map_err(|error| Finding::new(path, error.to_string()))
}
