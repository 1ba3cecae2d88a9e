//! Consistency of two hash trees: the later one has the leaves of the earlier one, in order, first.

use domain::digest::Sha256Digest;

use super::{left_size, node_hash, root};

/// Hashes that show that the tree over the first `size` leaves is the beginning of the tree over all of
/// them; `None` when there are fewer. About an empty tree there is nothing to show, so it has no path
/// either. // RFC 9162 section 2.1.4.1
pub fn consistency_path(leaves: &[Sha256Digest], size: u64) -> Option<Vec<Sha256Digest>> {
    let mut size = usize::try_from(size)
        .ok()
        .filter(|size| (1..=leaves.len()).contains(size))?;
    let mut subtree = leaves;
    let mut path = Vec::new();
    // Whether the earlier root itself is what is left to show; the verifier has that already.
    let mut is_earlier_root = true;
    while size < subtree.len() {
        let (left, right) = subtree.split_at_checked(left_size(subtree.len()))?;
        if size <= left.len() {
            path.push(root(right));
            subtree = left;
        } else {
            path.push(root(left));
            size -= left.len();
            subtree = right;
            is_earlier_root = false;
        }
    }
    if !is_earlier_root {
        path.push(root(subtree));
    }
    path.reverse();
    Some(path)
}

/// Size and root of a tree.
pub type Tree = (u64, Sha256Digest);

/// Whether `path` shows that `later` begins with `earlier`. // RFC 9162 section 2.1.4.2
pub fn is_consistent(earlier: Tree, later: Tree, path: &[Sha256Digest]) -> bool {
    let ((size, earlier_root), (later_size, later_root)) = (earlier, later);
    if size == 0 || size >= later_size {
        return size > 0 && earlier == later && path.is_empty();
    }
    let mut path = path.iter();
    let first = if size.is_power_of_two() {
        Some(&earlier_root)
    } else {
        path.next()
    };
    let Some(first) = first else {
        return false;
    };
    climb(size, later_size, *first, path) == Some((earlier_root, later_root))
}

/// Both roots as `path` claims them, from the largest subtree at the right edge of the earlier tree upwards.
fn climb<'a>(
    size: u64,
    later_size: u64,
    first: Sha256Digest,
    path: impl Iterator<Item = &'a Sha256Digest>,
) -> Option<(Sha256Digest, Sha256Digest)> {
    let shift = (size - 1).trailing_ones();
    let (mut node, mut last) = ((size - 1) >> shift, (later_size - 1) >> shift);
    let (mut earlier, mut later) = (first, first);
    for sibling in path {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            earlier = node_hash(sibling, &earlier);
            later = node_hash(sibling, &later);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            later = node_hash(&later, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some((earlier, later))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::leaf_hash;

    #[test]
    fn every_beginning_is_consistent_and_no_other_tree_is() {
        let leaves: Vec<_> = (0..20_u8).map(|leaf| leaf_hash(&[leaf])).collect();
        for later in 1..=leaves.len() {
            let whole = &leaves[..later];
            for earlier in 1..=later {
                let path = consistency_path(whole, earlier as u64).unwrap();
                let begin = (earlier as u64, root(&leaves[..earlier]));
                let end = (later as u64, root(whole));
                assert!(is_consistent(begin, end, &path), "{earlier} of {later}");
                let other = (begin.0, leaf_hash(b"other"));
                assert!(!is_consistent(other, end, &path), "{earlier} of {later}");
                let longer = [path, vec![end.1]].concat();
                assert!(!is_consistent(begin, end, &longer), "{earlier} of {later}");
            }
            for none in [0, later as u64 + 1] {
                assert_eq!(consistency_path(whole, none), None);
            }
        }
    }
}
