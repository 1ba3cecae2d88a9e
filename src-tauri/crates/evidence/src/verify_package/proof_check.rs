//! The proof that the sender's audit log has an entry about this package. // S0-76, S0-79

use super::{bag_checks::info_value, contents::Contents};
use crate::{
    bag::MANIFEST,
    format::Entry,
    log::verify_proof,
    package::{PROOF, PROOF_ENTRY, PROOF_TLOG, PROOF_VKEY},
    report::Finding,
};

/// `None` when the package carries no proof at all.
pub(super) fn log_proof(contents: &Contents) -> Option<Result<String, Finding>> {
    contents.below(PROOF).next()?;
    Some(check(contents))
}

fn check(contents: &Contents) -> Result<String, Finding> {
    let leaf = contents.bytes(PROOF_ENTRY)?;
    let vkey = contents.text(PROOF_VKEY)?;
    let vkey = vkey.strip_suffix('\n').unwrap_or(vkey);
    let proof = verify_proof(leaf, contents.text(PROOF_TLOG)?, vkey)
        .map_err(|error| Finding::new(PROOF_TLOG, error.to_string()))?;
    let blame = |reason: &str| Finding::new(PROOF_ENTRY, reason);
    let entry = Entry::from_bytes(leaf).map_err(|error| blame(&error.to_string()))?;
    if entry.seq != proof.seq {
        return Err(blame("its number is not the one that is proved"));
    }
    if entry.file_hash != Some(contents.file(MANIFEST)?.digest.to_string()) {
        return Err(blame("it is not about the manifest of this package"));
    }
    if entry.case_id.as_deref() != Some(info_value(contents, "External-Identifier")?) {
        return Err(blame("it is about another case"));
    }
    let log = proof.checkpoint;
    Ok(format!(
        "entry {} of {} in `{}`",
        entry.seq, log.size, log.origin
    ))
}
