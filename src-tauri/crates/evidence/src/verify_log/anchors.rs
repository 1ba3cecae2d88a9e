//! Compares a log with earlier checkpoints: what shows that it was not rolled back or rewritten.

use std::collections::BTreeSet;

use crate::{
    log::{ANCHORS, Checkpoint},
    report::{Finding, Report},
    time_token::{self, TimeRoots},
};

use super::{Anchor, LogFiles, blame, checks, read_file, read_text, signer::Keys, walk::Walk};

/// An anchor whose text is a checkpoint; who signed it is not checked yet.
pub(super) struct Parsed {
    pub(super) anchor: Anchor,
    claim: Checkpoint,
}

/// The anchors in the folder and those given from outside, smallest first.
pub(super) fn collect(files: &impl LogFiles, given: &[Anchor]) -> Result<Vec<Parsed>, Finding> {
    let mut all = given.to_vec();
    for path in files.list().unwrap_or_default() {
        if let Some(name) = anchor_name(&path) {
            all.push(Anchor {
                name: path.clone(),
                checkpoint: read_text(files, &path)?,
                token: read_file(files, &format!("{ANCHORS}/{name}.tsr"))?,
            });
        }
    }
    let parse = |anchor: Anchor| {
        let claim = Checkpoint::parse(&anchor.checkpoint);
        let claim = claim.map_err(|error| blame(&anchor.name, &error))?;
        Ok(Parsed { anchor, claim })
    };
    let mut parsed = all.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    parsed.sort_by_key(|it| it.claim.size);
    Ok(parsed)
}

/// The size in `anchors/<size>.checkpoint`.
fn anchor_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix(ANCHORS)?.strip_prefix('/')?;
    name.strip_suffix(".checkpoint")
}

/// The files that anchors of this folder consist of.
pub(super) fn paths(anchors: &[Parsed]) -> impl Iterator<Item = String> + '_ {
    anchors.iter().flat_map(|it| {
        let stem = anchor_name(&it.anchor.name);
        let token = it.anchor.token.as_ref().and(stem);
        let token = token.map(|stem| format!("{ANCHORS}/{stem}.tsr"));
        stem.map(|_| it.anchor.name.clone())
            .into_iter()
            .chain(token)
    })
}

/// The sizes at which the root of the log is needed.
pub(super) fn sizes(anchors: &[Parsed]) -> BTreeSet<u64> {
    anchors.iter().map(|it| it.claim.size).collect()
}

/// Checks that the log continues every anchor.
pub(super) fn check(
    anchors: &Result<Vec<Parsed>, Finding>,
    keys: Option<&Keys>,
    walk: &Walk,
    signed: &Checkpoint,
    report: &mut Report,
) {
    let anchors = match anchors {
        Ok(anchors) => anchors,
        Err(finding) => return report.record(checks::ANCHORS, Err(finding.clone())),
    };
    let Some(keys) = keys else {
        return report.not_performed(checks::ANCHORS, "nobody knows whose checkpoints count");
    };
    if anchors.is_empty() {
        let reason =
            "no earlier checkpoint was given: a log cut back to an earlier state looks the same";
        return report.not_asked(checks::ANCHORS, reason);
    }
    let mut sound = 0;
    for it in anchors {
        if let Err(finding) = check_one(it, keys, walk, signed, sound) {
            return report.record(checks::ANCHORS, Err(finding));
        }
        sound = it.claim.size;
    }
    let detail = format!(
        "{} earlier checkpoints, the last over {sound} entries",
        anchors.len()
    );
    report.record(checks::ANCHORS, Ok(detail));
}

/// `sound` is the number of entries that the anchor before vouches for.
fn check_one(
    it: &Parsed,
    keys: &Keys,
    walk: &Walk,
    signed: &Checkpoint,
    sound: u64,
) -> Result<(), Finding> {
    let name = &it.anchor.name;
    let anchor = keys
        .open(&it.anchor.checkpoint)
        .map_err(|error| blame(name, &error))?;
    if anchor.size > signed.size {
        let reason = format!(
            "rolled back: it signs {} entries, the log has {}",
            anchor.size, signed.size
        );
        return Err(Finding::new(name, reason));
    }
    if walk.root_at(anchor.size) == Some(anchor.root) {
        return Ok(());
    }
    let last = anchor.size.saturating_sub(1);
    let reason = format!("forked: an entry from {sound} to {last} is not the one that it signs");
    Err(Finding::new(name, reason))
}

/// Checks what authorities said about when the anchors existed.
pub(super) fn check_times(anchors: &[Parsed], roots: Option<&TimeRoots>, report: &mut Report) {
    let tokens = anchors
        .iter()
        .filter_map(|it| Some((it, it.anchor.token.as_ref()?)));
    let tokens: Vec<_> = tokens.collect();
    let Some((newest, _)) = tokens.last() else {
        return report.not_asked(checks::TIME, "no earlier checkpoint has a time token");
    };
    let Some(roots) = roots else {
        let reason = "no authority to trust was given: name the file with its certificate";
        return report.not_performed(checks::TIME, reason);
    };
    let entries = newest.claim.size;
    let mut told = String::new();
    for (it, token) in &tokens {
        match time_token::verify(token, it.anchor.checkpoint.as_bytes(), roots) {
            Ok(at) => told = format!("{} tokens; {entries} entries existed at {at}", tokens.len()),
            Err(error) => {
                let finding = Finding::new(
                    format!("time token of {}", it.anchor.name),
                    error.to_string(),
                );
                return report.record(checks::TIME, Err(finding));
            }
        }
    }
    report.record(checks::TIME, Ok(told));
}
