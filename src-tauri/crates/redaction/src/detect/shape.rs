//! A quick answer before an exact one: whether a word can be among those that are looked for.

/// For each first byte the lengths of the words.
pub(super) struct Shapes([u64; 256]);

/// Longer words count as this long.
const MAX_LEN: usize = 61;

impl Shapes {
    pub(super) fn none() -> Self {
        Self([0; 256])
    }

    /// Adds a word as it is.
    pub(super) fn add(&mut self, word: &str) {
        self.0[first(word)] |= 1 << word.len().min(MAX_LEN);
    }

    /// Adds a word and those that have a letter more or less.
    pub(super) fn add_near(&mut self, word: &str) {
        self.0[first(word)] |= 7 << word.len().saturating_sub(1).min(MAX_LEN - 1);
    }

    /// Whether a word of this first byte and length was added.
    pub(super) fn may_have(&self, word: &str) -> bool {
        self.0[first(word)] & (1 << word.len().min(MAX_LEN)) != 0
    }
}

impl<'a> Extend<&'a str> for Shapes {
    fn extend<T: IntoIterator<Item = &'a str>>(&mut self, words: T) {
        words.into_iter().for_each(|word| self.add(word));
    }
}

fn first(word: &str) -> usize {
    usize::from(word.bytes().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_a_known_shape_are_looked_up() {
        let mut shapes = Shapes::none();
        shapes.extend(["maple"]);
        shapes.add_near("hartley");
        for (word, expected) in [
            ("maple", true),
            ("mango", true),
            ("map", false),
            ("apple", false),
            ("hartly", true),
            ("hartleys", true),
            ("hart", false),
            ("", false),
        ] {
            assert_eq!(shapes.may_have(word), expected, "{word}");
        }
        let long = "x".repeat(200);
        shapes.add_near(&long);
        assert!(shapes.may_have(&long) && shapes.may_have(&long[1..]));
    }
}
