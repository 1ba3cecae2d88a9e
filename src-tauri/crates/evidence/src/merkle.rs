//! RFC 6962 hash trees: leaf and node hashes, the right edge of a growing tree, inclusion and
//! consistency paths.

mod consistency;

pub use consistency::{Tree, consistency_path, is_consistent};

use domain::digest::Sha256Digest;
use sha2::{Digest, Sha256};

use crate::hashing::sha256;

/// Hash of an entry as a leaf: SHA-256(0x00 ‖ entry). // RFC 6962 section 2.1
pub fn leaf_hash(entry: &[u8]) -> Sha256Digest {
    tagged(0x00, &[entry])
}

/// Hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Sha256Digest, right: &Sha256Digest) -> Sha256Digest {
    tagged(0x01, &[left.as_bytes(), right.as_bytes()])
}

fn tagged(tag: u8, parts: &[&[u8]]) -> Sha256Digest {
    let mut hasher = Sha256::new();
    hasher.update([tag]);
    for part in parts {
        hasher.update(part);
    }
    Sha256Digest::new(hasher.finalize().into())
}

/// The right edge of a tree: one hash per complete subtree, largest first. All that appending needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    // Invariant: one hash per set bit of `size`, highest bit first.
    nodes: Vec<Sha256Digest>,
}

impl Frontier {
    /// Puts a stored edge together again; `None` when the number of hashes does not fit `size`.
    pub fn from_parts(size: u64, nodes: Vec<Sha256Digest>) -> Option<Self> {
        (nodes.len() == size.count_ones() as usize).then_some(Self { size, nodes })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The subtree hashes, largest subtree first; at most 64.
    pub fn nodes(&self) -> &[Sha256Digest] {
        &self.nodes
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Sha256Digest) {
        let mut subtree = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                subtree = node_hash(&left, &subtree);
            }
        }
        self.nodes.push(subtree);
        self.size += 1;
    }

    /// Root of the tree; of an empty tree, the digest of nothing.
    pub fn root(&self) -> Sha256Digest {
        let mut smallest_first = self.nodes.iter().rev();
        match smallest_first.next() {
            None => sha256([]),
            Some(right) => smallest_first.fold(*right, |right, left| node_hash(left, &right)),
        }
    }
}

/// Root of the tree over `leaves`.
pub fn root(leaves: &[Sha256Digest]) -> Sha256Digest {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

/// Hashes that lead from leaf `index` to the root, lowest first; `None` when there is no such leaf.
pub fn inclusion_path(leaves: &[Sha256Digest], index: u64) -> Option<Vec<Sha256Digest>> {
    let mut index = usize::try_from(index)
        .ok()
        .filter(|index| *index < leaves.len())?;
    let mut subtree = leaves;
    let mut path = Vec::new();
    while subtree.len() > 1 {
        let (left, right) = subtree.split_at_checked(left_size(subtree.len()))?;
        if index < left.len() {
            path.push(root(right));
            subtree = left;
        } else {
            path.push(root(left));
            index -= left.len();
            subtree = right;
        }
    }
    path.reverse();
    Some(path)
}

/// Largest power of two smaller than `size`.
fn left_size(size: usize) -> usize {
    size.next_power_of_two() / 2
}

/// The root that `path` claims for `leaf` at `index` in a tree of `size` leaves; `None` when the
/// path has the wrong length. // RFC 9162 section 2.1.3.2
pub fn root_from_path(
    leaf: Sha256Digest,
    index: u64,
    size: u64,
    path: &[Sha256Digest],
) -> Option<Sha256Digest> {
    let mut node = index;
    let mut last = size.checked_sub(1).filter(|last| index <= *last)?;
    let mut hash = leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // A right edge without sibling climbs for free.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leaves and roots from the reference implementation of RFC 6962 (certificate-transparency,
    /// `merkletree/merkle_tree_test.cc`).
    const LEAVES: [&[u8]; 8] = [
        b"",
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[
            0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d,
            0x6e, 0x6f,
        ],
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn hashes(count: usize) -> Vec<Sha256Digest> {
        LEAVES
            .iter()
            .take(count)
            .map(|leaf| leaf_hash(leaf))
            .collect()
    }

    #[test]
    fn roots_are_those_of_the_reference_implementation() {
        for (count, expected) in ROOTS.iter().enumerate() {
            assert_eq!(root(&hashes(count)).hex(), *expected, "{count} leaves");
        }
    }

    #[test]
    fn every_path_leads_to_the_root_and_no_other_leaf_or_length_does() {
        for size in 1..=8_usize {
            let leaves = hashes(size);
            let root = root(&leaves);
            for index in 0..size {
                let path = inclusion_path(&leaves, index as u64).unwrap();
                let climb = |leaf, at| root_from_path(leaf, at, size as u64, &path);
                assert_eq!(climb(leaves[index], index as u64), Some(root));
                assert_ne!(climb(leaf_hash(b"other"), index as u64), Some(root));
                let longer = [path.clone(), vec![root]].concat();
                assert_eq!(
                    root_from_path(leaves[index], index as u64, size as u64, &longer),
                    None
                );
            }
            assert_eq!(inclusion_path(&leaves, size as u64), None);
            assert_eq!(
                root_from_path(leaves[0], size as u64, size as u64, &[]),
                None
            );
        }
    }

    #[test]
    fn an_edge_needs_one_hash_per_complete_subtree() {
        assert!(Frontier::from_parts(5, hashes(2)).is_some());
        assert!(Frontier::from_parts(5, hashes(3)).is_none());
    }
}
