//! The head of the log: all that is needed to append, small enough for a database row.

use domain::digest::Sha256Digest;

use super::LogError;
use crate::merkle::Frontier;

/// Bytes of a digest.
const HASH: usize = 32;

/// Version of the stored form.
const VERSION: u8 = 1;

/// Size, right edge and last leaf of the log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    frontier: Frontier,
    // Invariant: `None` exactly when the log is empty.
    last_leaf: Option<Sha256Digest>,
}

impl Head {
    /// Number of entries; the number of the next one.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Root of the tree.
    pub fn root(&self) -> Sha256Digest {
        self.frontier.root()
    }

    /// Leaf hash of the last entry, which the next one names as `prev`.
    pub fn last_leaf_hash(&self) -> Option<Sha256Digest> {
        self.last_leaf
    }

    /// The head after one more leaf.
    pub(crate) fn with(&self, leaf: Sha256Digest) -> Self {
        let mut frontier = self.frontier.clone();
        frontier.push(leaf);
        Self {
            frontier,
            last_leaf: Some(leaf),
        }
    }

    /// The form to store: version, size in 8 bytes big-endian, last leaf, subtree hashes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.size().to_be_bytes());
        for hash in self.last_leaf.iter().chain(self.frontier.nodes()) {
            bytes.extend(hash.as_bytes());
        }
        bytes
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When it is damaged or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LogError> {
        Self::decode(bytes).ok_or(LogError::Head)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (size, hashes) = rest.split_first_chunk::<8>()?;
        let (hashes, []) = hashes.as_chunks::<HASH>() else {
            return None;
        };
        if *version != VERSION {
            return None;
        }
        let mut hashes = hashes.iter().map(|hash| Sha256Digest::new(*hash));
        let size = u64::from_be_bytes(*size);
        let last_leaf = if size == 0 {
            None
        } else {
            Some(hashes.next()?)
        };
        let frontier = Frontier::from_parts(size, hashes.collect())?;
        // The last leaf of an odd tree is itself the smallest subtree.
        let fits = size % 2 == 0 || frontier.nodes().last() == last_leaf.as_ref();
        fits.then_some(Self {
            frontier,
            last_leaf,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::leaf_hash;

    #[test]
    fn heads_survive_storage_and_damaged_ones_are_refused() {
        let mut head = Head::default();
        for number in 0..70_u8 {
            let stored = head.to_bytes();
            assert_eq!(Head::from_bytes(&stored), Ok(head.clone()));
            assert_eq!(
                Head::from_bytes(&[&stored[..], &[0]].concat()),
                Err(LogError::Head)
            );
            assert_eq!(
                Head::from_bytes(&stored[..stored.len() - 1]),
                Err(LogError::Head)
            );
            head = head.with(leaf_hash(&[number]));
        }
        let mut other_version = head.to_bytes();
        other_version[0] = 2;
        assert_eq!(Head::from_bytes(&other_version), Err(LogError::Head));
    }
}
