//! How words sound, roughly: "war for in" is "warfarin", "sir tra line" is "sertraline".

/// Consonants, alike ones as one, and where vowels stand between them. Which vowels is what recognizers
/// change first; what stands behind the last consonant is often not heard.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sound {
    code: u64,
    /// Consonants.
    pub(super) count: u8,
    /// The class of the last consonant.
    last: u8,
    /// Whether vowels follow it.
    vowel: bool,
}

const VOWEL: u8 = 15;

impl Sound {
    pub(super) fn of(phrase: &str) -> Self {
        let mut sound = Self::default();
        sound.add(phrase);
        sound
    }

    /// Adds what is said next.
    pub(super) fn add(&mut self, word: &str) {
        let bytes = word.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let next = bytes.get(at + 1).copied().unwrap_or_default();
            match class_of(*byte, next) {
                Class::Vowel => self.vowel = true,
                Class::Silent => {}
                Class::Consonant(class) => self.consonant(class),
                Class::Both(first, second) => {
                    self.consonant(first);
                    self.consonant(second);
                }
            }
        }
    }

    fn consonant(&mut self, class: u8) {
        if class == self.last && !self.vowel {
            return;
        }
        if self.vowel {
            self.push(VOWEL);
        }
        self.push(class);
        self.count = self.count.saturating_add(1);
        (self.last, self.vowel) = (class, false);
    }

    fn push(&mut self, class: u8) {
        self.code = self.code.rotate_left(4).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u64::from(class);
    }

    /// A bit for how a word begins; zero where its first letter is silent.
    pub(super) fn beginning(word: &str) -> u32 {
        let bytes = word.as_bytes();
        let first = bytes.first().copied().unwrap_or_default();
        match class_of(first, bytes.get(1).copied().unwrap_or_default()) {
            Class::Vowel => 1,
            Class::Silent => 0,
            Class::Consonant(class) | Class::Both(class, _) => 1 << class,
        }
    }

    /// What equal sounds have in common.
    pub(super) fn key(self) -> u64 {
        self.code
    }
}

enum Class {
    Vowel,
    Silent,
    Consonant(u8),
    /// "x" is a k and an s.
    Both(u8, u8),
}

/// Consonants that are taken for each other.
fn class_of(byte: u8, next: u8) -> Class {
    const K: u8 = 2;
    const F: u8 = 4;
    const S: u8 = 9;
    Class::Consonant(match byte {
        b'p' if next == b'h' => F,
        b'c' if matches!(next, b'e' | b'i' | b'y') => S,
        b'x' => return Class::Both(K, S),
        b'b' | b'p' => 1,
        b'c' | b'k' | b'q' | b'g' => K,
        b'd' | b't' => 3,
        b'f' | b'v' => F,
        b'l' => 5,
        b'm' => 6,
        b'n' => 7,
        b'r' => 8,
        b's' | b'z' => S,
        b'j' => 10,
        b'a' | b'e' | b'i' | b'o' | b'u' | b'w' | b'y' | 0x80.. => return Class::Vowel,
        _ => return Class::Silent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sounds_alike_has_one_key() {
        for (said, heard) in [
            ("warfarin", "war for in"),
            ("sertraline", "sir tra line"),
            ("methadone", "meth a don"),
            ("chlamydia", "clam idea"),
            ("dialysis", "die alice is"),
            ("colonoscopy", "colon ask a pee"),
            ("metoprolol", "met to pro lol"),
        ] {
            assert_eq!(Sound::of(said).key(), Sound::of(heard).key(), "{said}");
        }
        assert_ne!(Sound::of("depression").key(), Sound::of("the person").key());
    }
}
