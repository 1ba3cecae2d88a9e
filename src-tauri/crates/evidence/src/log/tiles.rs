//! C2SP tlog-tiles: the tree as files of at most 256 hashes, the entries in bundles of 256.

use domain::digest::Sha256Digest;

use crate::merkle::Frontier;

/// Hashes in a full tile, entries in a full bundle.
pub(crate) const TILE_WIDTH: usize = 256;

/// A file of the log folder: path and content.
pub(crate) type LogFile = (String, Vec<u8>);

/// Path of the hash tile `index` on `level` with `width` hashes.
fn hash_tile_path(level: usize, index: u64, width: usize) -> String {
    format!("tile/{level}/{}", tile_number(index, width))
}

/// Path of the entry bundle `index` with `width` entries.
pub(crate) fn bundle_path(index: u64, width: usize) -> String {
    format!("tile/entries/{}", tile_number(index, width))
}

/// `x001/x234/067`, with `.p/W` when the tile is not full.
fn tile_number(index: u64, width: usize) -> String {
    let mut text = format!("{:03}", index % 1_000);
    let mut rest = index / 1_000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1_000);
        rest /= 1_000;
    }
    if width < TILE_WIDTH {
        format!("{text}.p/{width}")
    } else {
        text
    }
}

/// Index and width of every bundle of a log with `size` entries.
pub(crate) fn bundles(size: u64) -> impl Iterator<Item = (u64, usize)> {
    let full = size / TILE_WIDTH as u64;
    let rest = (size % TILE_WIDTH as u64) as usize;
    (0..full)
        .map(|index| (index, TILE_WIDTH))
        .chain((rest > 0).then_some((full, rest)))
}

/// Collects entries into bundles.
#[derive(Default)]
pub(crate) struct BundleBuilder {
    index: u64,
    width: usize,
    bytes: Vec<u8>,
}

impl BundleBuilder {
    /// Adds an entry with its length; returns the bundle that it fills.
    pub(crate) fn push(&mut self, entry: &[u8], length: u16) -> Option<LogFile> {
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend(entry);
        self.width += 1;
        (self.width == TILE_WIDTH).then(|| self.take())
    }

    /// The last bundle, if it has an entry.
    pub(crate) fn finish(mut self) -> Option<LogFile> {
        (self.width > 0).then(|| self.take())
    }

    fn take(&mut self) -> LogFile {
        let file = (
            bundle_path(self.index, self.width),
            std::mem::take(&mut self.bytes),
        );
        *self = Self {
            index: self.index + 1,
            ..Self::default()
        };
        file
    }
}

/// Splits a bundle into its entries; the second part is what no entry can be made of.
pub(crate) fn split_bundle(mut bytes: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let mut entries = Vec::new();
    while let Some((entry, rest)) = split_entry(bytes) {
        entries.push(entry);
        bytes = rest;
    }
    (entries, bytes)
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// Collects leaf hashes into the tiles of every level.
#[derive(Default)]
pub(crate) struct TileBuilder {
    levels: Vec<Level>,
}

#[derive(Default)]
struct Level {
    index: u64,
    hashes: Vec<Sha256Digest>,
}

impl TileBuilder {
    /// Adds a leaf hash; returns the tiles that it fills, lowest level first.
    pub(crate) fn push(&mut self, leaf: Sha256Digest) -> Vec<LogFile> {
        let mut filled = Vec::new();
        let mut carry = Some(leaf);
        for number in 0.. {
            let Some(hash) = carry.take() else { break };
            if number == self.levels.len() {
                self.levels.push(Level::default());
            }
            if let Some(level) = self.levels.get_mut(number) {
                carry = level.push(hash, number, &mut filled);
            }
        }
        filled
    }

    /// The tiles that are not full.
    pub(crate) fn finish(self) -> Vec<LogFile> {
        let begun = self
            .levels
            .iter()
            .enumerate()
            .filter(|(_, level)| !level.hashes.is_empty());
        begun.map(|(number, level)| level.file(number)).collect()
    }
}

impl Level {
    /// Adds a hash; when that fills the tile, returns the hash that stands for it one level up.
    fn push(
        &mut self,
        hash: Sha256Digest,
        number: usize,
        filled: &mut Vec<LogFile>,
    ) -> Option<Sha256Digest> {
        self.hashes.push(hash);
        if self.hashes.len() < TILE_WIDTH {
            return None;
        }
        filled.push(self.file(number));
        let mut subtree = Frontier::default();
        self.hashes.drain(..).for_each(|hash| subtree.push(hash));
        self.index += 1;
        Some(subtree.root())
    }

    fn file(&self, number: usize) -> LogFile {
        let bytes = self
            .hashes
            .iter()
            .flat_map(|hash| *hash.as_bytes())
            .collect();
        (hash_tile_path(number, self.index, self.hashes.len()), bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // C2SP tlog-tiles gives tile 1234067 as its example.
    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(hash_tile_path(0, 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(hash_tile_path(1, 0, 3), "tile/1/000.p/3");
        assert_eq!(bundle_path(273, 112), "tile/entries/273.p/112");
        assert_eq!(bundles(0).count(), 0);
        assert_eq!(bundles(257).collect::<Vec<_>>(), [(0, 256), (1, 1)]);
    }

    // C2SP tlog-tiles: a tree of 70,000 leaves has 273 full level-0 tiles and one of width 112,
    // one full level-1 tile and one of width 17, and a level-2 tile of width 1.
    #[test]
    fn a_tree_of_seventy_thousand_has_the_tiles_of_the_specification() {
        let mut builder = TileBuilder::default();
        let leaf = crate::merkle::leaf_hash(b"x");
        let mut paths: Vec<_> = (0..70_000).flat_map(|_| builder.push(leaf)).collect();
        let full = paths.len();
        paths.extend(builder.finish());
        let partial: Vec<_> = paths[full..]
            .iter()
            .map(|(path, _)| path.as_str())
            .collect();
        assert_eq!(full, 273 + 1);
        assert_eq!(
            partial,
            ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
        );
    }

    #[test]
    fn bundles_with_wrong_lengths_are_refused() {
        let mut builder = BundleBuilder::default();
        builder.push(b"ab", 2);
        builder.push(b"", 0);
        let (path, bytes) = builder.finish().unwrap();
        assert_eq!(path, "tile/entries/000.p/2");
        assert_eq!(split_bundle(&bytes), (vec![&b"ab"[..], b""], &b""[..]));
        assert_eq!(split_bundle(&bytes[..5]), (vec![&b"ab"[..]], &[0][..]));
        assert_eq!(split_bundle(&bytes[..3]), (vec![], &bytes[..3]));
    }
}
