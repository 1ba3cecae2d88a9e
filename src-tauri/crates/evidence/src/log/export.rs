//! The log as a folder that others can check: checkpoint, key, hash tiles, entry bundles.

use std::collections::VecDeque;

use super::{
    Checkpoint, LogError, MAX_ENTRY_BYTES,
    key::TrustedKey,
    tiles::{BundleBuilder, LogFile, TileBuilder},
};
use crate::merkle::{Frontier, leaf_hash};

/// Path of the signed checkpoint in the folder.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// Folder of earlier checkpoints and their time tokens.
pub(crate) const ANCHORS: &str = "anchors";

/// Path of the public key in the folder.
pub(crate) const VKEY: &str = "log.vkey";

/// Yields the files of the log folder, one at a time, from the entries in order.
///
/// The last files are the key and the checkpoint; they come only when the entries have the root
/// that the checkpoint signs. Memory stays flat: at most one tile per level is held.
pub fn export<I>(origin: &str, vkey: &str, entries: I, checkpoint: &str) -> Export<I::IntoIter>
where
    I: IntoIterator,
    I::Item: AsRef<[u8]>,
{
    Export {
        claim: Some(Claim {
            origin: origin.to_owned(),
            vkey: vkey.to_owned(),
            checkpoint: checkpoint.to_owned(),
        }),
        entries: entries.into_iter(),
        ready: VecDeque::new(),
        bundles: BundleBuilder::default(),
        tiles: TileBuilder::default(),
        frontier: Frontier::default(),
    }
}

/// The files of a log folder. See [`export()`].
pub struct Export<I> {
    // Taken when the export ends, well or badly.
    claim: Option<Claim>,
    entries: I,
    ready: VecDeque<LogFile>,
    bundles: BundleBuilder,
    tiles: TileBuilder,
    frontier: Frontier,
}

/// What the entries must turn out to be.
struct Claim {
    origin: String,
    vkey: String,
    checkpoint: String,
}

impl<I> Iterator for Export<I>
where
    I: Iterator,
    I::Item: AsRef<[u8]>,
{
    type Item = Result<LogFile, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && self.claim.is_some() {
            let step = match self.entries.next() {
                Some(entry) => self.add(entry.as_ref()),
                None => self.end(),
            };
            if let Err(error) = step {
                self.claim = None;
                return Some(Err(error));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}

impl<I> Export<I> {
    fn add(&mut self, entry: &[u8]) -> Result<(), LogError> {
        let length = u16::try_from(entry.len())
            .ok()
            .filter(|_| entry.len() <= MAX_ENTRY_BYTES)
            .ok_or(LogError::TooLong { bytes: entry.len() })?;
        let leaf = leaf_hash(entry);
        self.frontier.push(leaf);
        self.ready.extend(self.bundles.push(entry, length));
        self.ready.extend(self.tiles.push(leaf));
        Ok(())
    }

    fn end(&mut self) -> Result<(), LogError> {
        let Some(claim) = self.claim.take() else {
            return Ok(());
        };
        claim.check(&self.frontier)?;
        self.ready
            .extend(std::mem::take(&mut self.bundles).finish());
        self.ready.extend(std::mem::take(&mut self.tiles).finish());
        self.ready
            .push_back((VKEY.to_owned(), format!("{}\n", claim.vkey).into_bytes()));
        self.ready
            .push_back((CHECKPOINT.to_owned(), claim.checkpoint.into_bytes()));
        Ok(())
    }
}

impl Claim {
    fn check(&self, entries: &Frontier) -> Result<(), LogError> {
        let key = TrustedKey::parse(&self.vkey)?;
        let signed = Checkpoint::open(&self.checkpoint, &key)?;
        if signed.origin != self.origin {
            return Err(LogError::Signature {
                name: self.origin.clone(),
            });
        }
        if (signed.size, signed.root) != (entries.size(), entries.root()) {
            return Err(LogError::NotSigned {
                entries: entries.size(),
                size: signed.size,
            });
        }
        Ok(())
    }
}
