//! A quick hash for the word lists: their keys are our own, so nobody can make them collide on purpose.

use std::hash::{BuildHasherDefault, Hasher};

pub(super) type WordMap<V> = std::collections::HashMap<&'static str, V, Mixed>;
pub(super) type WordSet = std::collections::HashSet<&'static str, Mixed>;
/// The hash of maps whose keys are words or numbers.
pub(super) type Mixed = BuildHasherDefault<Mix>;

/// An odd number without pattern: 2^64 divided by the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Multiplies eight bytes at a time.
#[derive(Default)]
pub(super) struct Mix(u64);

impl Mix {
    fn mix(&mut self, value: u64) {
        let product = u128::from(self.0 ^ value) * u128::from(FACTOR);
        self.0 = (product as u64) ^ (product >> 64) as u64;
    }
}

impl Hasher for Mix {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((head, tail)) = rest.split_first_chunk::<8>().filter(|it| !it.1.is_empty()) {
            self.mix(u64::from_le_bytes(*head));
            rest = tail;
        }
        // The length keeps "a" and "aa" apart.
        self.mix(last_bytes(bytes, rest) ^ ((bytes.len() as u64) << 56));
    }

    fn write_u8(&mut self, _: u8) {}

    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The last bytes of a word, of which up to eight are left: read twice rather than copied one by one.
fn last_bytes(bytes: &[u8], rest: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk::<8>() {
        return u64::from_le_bytes(*last);
    }
    if let (Some(first), Some(last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    let [first, middle, last] = match *rest {
        [a, b, c] => [a, b, c],
        [a, b] => [a, b, b],
        [a] => [a, a, a],
        _ => return 0,
    };
    u64::from_le_bytes([first, middle, last, 0, 0, 0, 0, 0])
}
