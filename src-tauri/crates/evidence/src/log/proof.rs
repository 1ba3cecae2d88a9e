//! Inclusion proofs that stand alone: one text with path and checkpoint. // C2SP tlog-proof, S0-76

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::digest::Sha256Digest;

use super::{Checkpoint, LogError, checkpoint::decode_hash, key::TrustedKey};
use crate::merkle::{inclusion_path, leaf_hash, root, root_from_path};

/// First line of a proof.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A tree of 2^63 leaves has no longer path.
const MAX_PATH: usize = 63;

/// What a good proof shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// Position of the entry.
    pub seq: u64,
    /// The checkpoint that covers it.
    pub checkpoint: Checkpoint,
}

/// Writes the proof that entry `seq` belongs to the log that `checkpoint` signs.
///
/// `leaf_hashes` are those of the first entries of the log, at least as many as the checkpoint
/// covers.
///
/// # Errors
/// When the checkpoint does not cover `seq`, or the hashes do not have its root.
pub fn inclusion_proof(
    leaf_hashes: &[Sha256Digest],
    seq: u64,
    checkpoint: &str,
) -> Result<String, LogError> {
    let signed = Checkpoint::parse(checkpoint)?;
    let not_signed = LogError::NotSigned {
        entries: leaf_hashes.len() as u64,
        size: signed.size,
    };
    let covered = usize::try_from(signed.size)
        .ok()
        .and_then(|size| leaf_hashes.get(..size));
    let covered = covered
        .filter(|hashes| root(hashes) == signed.root)
        .ok_or(not_signed)?;
    let path = inclusion_path(covered, seq).ok_or(LogError::NoEntry {
        seq,
        size: signed.size,
    })?;
    Ok(write_proof(seq, &path, checkpoint))
}

fn write_proof(seq: u64, path: &[Sha256Digest], checkpoint: &str) -> String {
    let mut text = format!("{HEADER}\nindex {seq}\n");
    for hash in path {
        text.push_str(&BASE64_STANDARD.encode(hash.as_bytes()));
        text.push('\n');
    }
    text + "\n" + checkpoint
}

/// Checks that `entry` is in the log of `vkey`, as `proof` claims.
///
/// # Errors
/// When the proof is malformed, its checkpoint is not signed by `vkey`, or it does not fit.
pub fn verify_proof(entry: &[u8], proof: &str, vkey: &str) -> Result<InclusionProof, LogError> {
    let key = TrustedKey::parse(vkey)?;
    let (seq, path, note) = read_proof(proof)?;
    let checkpoint = Checkpoint::open(note, &key)?;
    let claimed = root_from_path(leaf_hash(entry), seq, checkpoint.size, &path);
    if claimed != Some(checkpoint.root) {
        return Err(LogError::NotIncluded { seq });
    }
    Ok(InclusionProof { seq, checkpoint })
}

fn read_proof(proof: &str) -> Result<(u64, Vec<Sha256Digest>, &str), LogError> {
    let (head, note) = proof
        .split_once("\n\n")
        .ok_or(LogError::Proof("it has no checkpoint"))?;
    let mut lines = head.split('\n');
    if lines.next() != Some(HEADER) {
        return Err(LogError::Proof(
            "its first line is not `c2sp.org/tlog-proof@v1`",
        ));
    }
    let seq = lines
        .next()
        .and_then(|line| line.strip_prefix("index "))
        .and_then(|index| index.parse().ok())
        .ok_or(LogError::Proof(
            "its second line is not `index` and a number",
        ))?;
    let path = lines
        .take(MAX_PATH + 1)
        .map(decode_hash)
        .collect::<Option<Vec<_>>>()
        .filter(|path| path.len() <= MAX_PATH)
        .ok_or(LogError::Proof("its path is not a list of hashes"))?;
    // One spelling only: `index 007` is the same number and another file.
    if write_proof(seq, &path, note) != proof {
        return Err(LogError::Proof("it is not in the one valid form"));
    }
    Ok((seq, path, note))
}
