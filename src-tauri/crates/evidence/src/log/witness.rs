//! Growth: that a checkpoint continues an earlier one, shown without the entries. // C2SP tlog-witness
//!
//! The text is the request of C2SP tlog-witness, so that any witness of that kind can be asked to sign;
//! a witness folder keeps the same text as a file.

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::digest::Sha256Digest;

use super::{Checkpoint, LogError, checkpoint::decode_hash, key::TrustedKey};
use crate::merkle::{consistency_path, is_consistent, root};

/// A tree of 2^63 leaves has no longer path. // C2SP tlog-witness: at most 63 lines
const MAX_PATH: usize = 63;

/// Writes the request that shows how `checkpoint` grew out of its first `old_size` entries.
///
/// # Errors
/// When the hashes do not have the root that the checkpoint signs, or there are fewer than `old_size`.
pub fn growth_request(
    leaf_hashes: &[Sha256Digest],
    old_size: u64,
    checkpoint: &str,
) -> Result<String, LogError> {
    let signed = Checkpoint::parse(checkpoint)?;
    let entries = leaf_hashes.len() as u64;
    if (entries, root(leaf_hashes)) != (signed.size, signed.root) {
        let size = signed.size;
        return Err(LogError::NotSigned { entries, size });
    }
    let path = match old_size {
        0 => Vec::new(),
        _ => consistency_path(leaf_hashes, old_size).ok_or(LogError::Shrunk {
            size: entries,
            earlier: old_size,
        })?,
    };
    Ok(write(old_size, &path, checkpoint))
}

fn write(old_size: u64, path: &[Sha256Digest], checkpoint: &str) -> String {
    let mut text = format!("old {old_size}\n");
    for hash in path {
        text.push_str(&BASE64_STANDARD.encode(hash.as_bytes()));
        text.push('\n');
    }
    text + "\n" + checkpoint
}

/// Checks that a request shows how its checkpoint grew out of `earlier`, both signed by `vkey`; `None` where
/// nothing was seen before. Returns the new checkpoint, the next `earlier`.
///
/// # Errors
/// When a signature is missing, the request is malformed, or the log did not just grow.
pub fn verify_growth(
    earlier: Option<&str>,
    request: &str,
    vkey: &str,
) -> Result<Checkpoint, LogError> {
    let key = TrustedKey::parse(vkey)?;
    let (old_size, path, note) = read(request)?;
    let new = Checkpoint::open(note, &key)?;
    let seen = earlier
        .map(|note| Checkpoint::open(note, &key))
        .transpose()?;
    let (size, grew) = match &seen {
        None => (0, path.is_empty()),
        Some(old) if old.size == 0 => (0, path.is_empty()),
        Some(old) => {
            let (old, new) = ((old.size, old.root), (new.size, new.root));
            (old.0, is_consistent(old, new, &path))
        }
    };
    if new.size < size {
        let earlier = size;
        return Err(LogError::Shrunk {
            size: new.size,
            earlier,
        });
    }
    if old_size != size || !grew {
        return Err(LogError::NotGrown {
            size: new.size,
            earlier: size,
        });
    }
    Ok(new)
}

fn read(request: &str) -> Result<(u64, Vec<Sha256Digest>, &str), LogError> {
    let broken = LogError::Checkpoint("it is not a request to a witness");
    let (head, note) = request.split_once("\n\n").ok_or(broken.clone())?;
    let mut lines = head.split('\n');
    let size = lines
        .next()
        .and_then(|line| line.strip_prefix("old "))
        .and_then(|size| size.parse().ok())
        .ok_or(broken.clone())?;
    let path = lines
        .take(MAX_PATH + 1)
        .map(decode_hash)
        .collect::<Option<Vec<_>>>()
        .filter(|path| path.len() <= MAX_PATH)
        .ok_or(broken.clone())?;
    // One spelling only.
    if write(size, &path, note) != request {
        return Err(broken);
    }
    Ok((size, path, note))
}
