//! Reads every entry once, rebuilds the tree from them, and finds the first place that is wrong.

use std::collections::{BTreeMap, BTreeSet};

use domain::digest::Sha256Digest;

use super::{LogFiles, read_file};
use crate::{
    format::Entry,
    log::{
        Checkpoint, Rotation,
        tiles::{self, LogFile, TileBuilder},
    },
    merkle::{Frontier, leaf_hash},
    report::Finding,
};

/// What reading the entries showed.
#[derive(Default)]
pub(super) struct Walk {
    frontier: Frontier,
    last_leaf: Option<Sha256Digest>,
    paths: BTreeSet<String>,
    /// The first entry that breaks a rule, and how; reading continues.
    broken: Option<(u64, Finding)>,
    /// The first entry that does not follow the one before; either of the two was changed.
    unchained: Option<(u64, Finding)>,
    /// Where entries end too early; reading stops.
    cut: Option<(u64, Finding)>,
    /// The first stored tile that is missing or differs from the entries.
    bad_tile: Option<Finding>,
    /// The first entry whose stored leaf hash differs.
    bad_leaf: Option<u64>,
    /// The root at each size that was asked for, as far as it was reached.
    roots: BTreeMap<u64, Sha256Digest>,
    /// Changes of keys, in order.
    rotations: Vec<Rotation>,
}

/// Reads the entries that a checkpoint of `size` covers, and notes the root at each size in `wanted`.
pub(super) fn walk(files: &impl LogFiles, size: u64, wanted: &BTreeSet<u64>) -> Walk {
    let mut walk = Walk::default();
    if wanted.contains(&0) {
        walk.roots.insert(0, walk.frontier.root());
    }
    let mut builder = TileBuilder::default();
    for (index, width) in tiles::bundles(size) {
        let path = tiles::bundle_path(index, width);
        for (position, entry) in walk
            .read_bundle(files, &path, width, size)
            .iter()
            .enumerate()
        {
            if position == width {
                break;
            }
            let leaf = walk.add(entry);
            if wanted.contains(&walk.frontier.size()) {
                walk.roots
                    .insert(walk.frontier.size(), walk.frontier.root());
            }
            walk.compare(files, builder.push(leaf));
        }
        walk.paths.insert(path);
        if walk.cut.is_some() {
            return walk;
        }
    }
    walk.compare(files, builder.finish());
    walk
}

impl Walk {
    pub(super) fn is_complete(&self) -> bool {
        self.cut.is_none()
    }

    pub(super) fn root(&self) -> Sha256Digest {
        self.frontier.root()
    }

    /// Number of entries read.
    pub(super) fn read(&self) -> u64 {
        self.frontier.size()
    }

    pub(super) fn tile_fault(&self) -> Option<Finding> {
        self.bad_tile.clone()
    }

    /// Paths of all tiles and bundles of a log of this size.
    pub(super) fn paths(&self) -> impl Iterator<Item = &String> {
        self.paths.iter()
    }

    /// The root over the first `size` entries, if it was asked for and reached.
    pub(super) fn root_at(&self, size: u64) -> Option<Sha256Digest> {
        self.roots.get(&size).copied()
    }

    pub(super) fn rotations(&self) -> &[Rotation] {
        &self.rotations
    }

    /// The first entry that is not what was signed.
    pub(super) fn entries_fault(&self, signed: &Checkpoint) -> Option<Finding> {
        let sound = self.broken.is_none() && self.cut.is_none() && self.unchained.is_none();
        if sound && self.root() == signed.root {
            return None;
        }
        // The stored hash of an entry tells more exactly than the chain which one was changed.
        let chain = self.unchained.as_ref().filter(|_| self.bad_leaf.is_none());
        let first = self
            .broken
            .iter()
            .chain(&self.cut)
            .chain(chain)
            .min_by_key(|it| it.0);
        match (first, self.bad_leaf) {
            (Some((seq, _)), Some(leaf)) if leaf < *seq => Some(changed_leaf(leaf)),
            (Some((_, finding)), _) => Some(finding.clone()),
            (None, Some(leaf)) => Some(changed_leaf(leaf)),
            (None, None) => Some(forked(signed.size)),
        }
    }

    fn read_bundle(
        &mut self,
        files: &impl LogFiles,
        path: &str,
        width: usize,
        size: u64,
    ) -> Vec<Vec<u8>> {
        let seq = self.frontier.size();
        let bytes = match read_bundle_of_any_width(files, path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                self.cut = Some((seq, truncated(seq, size, &format!("`{path}` is missing"))));
                return Vec::new();
            }
            Err(finding) => {
                self.cut = Some((seq, finding));
                return Vec::new();
            }
        };
        let (entries, whole) = split(&bytes);
        let end = seq + entries.len() as u64;
        if !whole {
            let reason = "the lengths in the bundle do not add up: it was modified or truncated";
            self.cut = Some((end, Finding::new(format!("{path}, entry {end}"), reason)));
        } else if entries.len() < width {
            let reason = format!(
                "`{path}` holds {} entries instead of {width}",
                entries.len()
            );
            self.cut = Some((end, truncated(end, size, &reason)));
        } else if entries.len() > width {
            let end = seq + width as u64;
            let reason = format!(
                "added: `{path}` holds {} entries instead of {width}",
                entries.len()
            );
            self.break_at(end, reason);
        }
        entries
    }

    /// Takes the next entry into the tree and checks its form, number and chain.
    fn add(&mut self, bytes: &[u8]) -> Sha256Digest {
        let seq = self.frontier.size();
        self.check(seq, bytes);
        let leaf = leaf_hash(bytes);
        self.frontier.push(leaf);
        self.last_leaf = Some(leaf);
        leaf
    }

    // Invariant: `seq` is contiguous from 0, and `prev` is the leaf hash of the entry before.
    fn check(&mut self, seq: u64, bytes: &[u8]) {
        let entry = match Entry::from_bytes(bytes) {
            Ok(entry) => entry,
            Err(error) => return self.break_at(seq, format!("modified: {error}")),
        };
        match Rotation::of(&entry) {
            Some(Ok(rotation)) => self.rotations.push(rotation),
            Some(Err(reason)) => self.break_at(seq, format!("modified: {reason}")),
            None => {}
        }
        if entry.seq > seq {
            self.break_at(
                seq,
                format!("removed: entry {} stands in its place", entry.seq),
            );
        } else if entry.seq < seq {
            self.break_at(
                seq,
                format!("inserted or moved: entry {} stands here again", entry.seq),
            );
        } else if entry.prev != self.last_leaf.map(|hash| hash.hex()) {
            let before = seq.saturating_sub(1);
            let reason = format!("modified: entry {seq} names another hash for it");
            self.unchained
                .get_or_insert((before, Finding::new(entry_name(before), reason)));
        }
    }

    /// Notes a broken rule; the first place counts, in whatever order they are found.
    fn break_at(&mut self, seq: u64, reason: String) {
        if self.broken.as_ref().is_none_or(|(first, _)| seq < *first) {
            self.broken = Some((seq, Finding::new(entry_name(seq), reason)));
        }
    }

    /// Compares tiles made from the entries with the stored ones.
    fn compare(&mut self, files: &impl LogFiles, made: Vec<LogFile>) {
        for (path, content) in made {
            if let Err(finding) = self.compare_tile(files, &path, &content) {
                self.bad_tile.get_or_insert(finding);
            }
            self.paths.insert(path);
        }
    }

    fn compare_tile(
        &mut self,
        files: &impl LogFiles,
        path: &str,
        content: &[u8],
    ) -> Result<(), Finding> {
        let Some(stored) = read_file(files, path)? else {
            return Err(Finding::new(path, "the file is missing"));
        };
        if stored == content {
            return Ok(());
        }
        if path.starts_with("tile/0/") && stored.len() == content.len() {
            self.note_bad_leaf(&stored, content);
        }
        Err(Finding::new(
            path,
            "modified: it does not hold the hashes of the entries",
        ))
    }

    fn note_bad_leaf(&mut self, stored: &[u8], made: &[u8]) {
        let width = made.len() / 32;
        let pairs = stored.chunks(32).zip(made.chunks(32));
        let first = pairs.take_while(|(stored, made)| stored == made).count();
        let seq = self.frontier.size() - width as u64 + first as u64;
        self.bad_leaf.get_or_insert(seq);
    }
}

/// Reads a bundle; when it is missing, the same bundle with more or fewer entries, so that the entry
/// that was removed or added can be named.
fn read_bundle_of_any_width(files: &impl LogFiles, path: &str) -> Result<Option<Vec<u8>>, Finding> {
    if let Some(bytes) = read_file(files, path)? {
        return Ok(Some(bytes));
    }
    let full = path.split_once(".p/").map_or(path, |(full, _)| full);
    let is_same = |other: &String| {
        other
            .strip_prefix(full)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(".p/"))
    };
    let listed = files.list().unwrap_or_default();
    listed
        .iter()
        .find(|other| is_same(other))
        .map_or(Ok(None), |other| read_file(files, other))
}

/// The entries of a bundle as far as its lengths add up, and whether they do to the end.
fn split(bytes: &[u8]) -> (Vec<Vec<u8>>, bool) {
    let (entries, rest) = tiles::split_bundle(bytes);
    (
        entries.into_iter().map(<[u8]>::to_vec).collect(),
        rest.is_empty(),
    )
}

fn entry_name(seq: u64) -> String {
    format!("entry {seq}")
}

fn changed_leaf(seq: u64) -> Finding {
    Finding::new(
        entry_name(seq),
        "modified: it does not have the hash stored for it",
    )
}

fn truncated(seq: u64, size: u64, why: &str) -> Finding {
    let reason = format!("truncated: {size} entries are signed, entry {seq} is missing; {why}");
    Finding::new(entry_name(seq), reason)
}

fn forked(size: u64) -> Finding {
    let reason =
        format!("forked: the {size} entries are a consistent log, but not the one that was signed");
    Finding::new("log", reason)
}
