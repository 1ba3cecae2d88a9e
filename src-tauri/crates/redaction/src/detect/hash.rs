//! A quick hash for the word lists: their keys are our own, so nobody can make them collide on purpose.

use std::hash::{BuildHasherDefault, Hasher};

pub(super) type WordMap<V> = std::collections::HashMap<&'static str, V, BuildHasherDefault<Fnv>>;
pub(super) type WordSet = std::collections::HashSet<&'static str, BuildHasherDefault<Fnv>>;

/// FNV-1a with 64 bits (Fowler, Noll, Vo).
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
