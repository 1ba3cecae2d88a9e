//! Endings of medical words: what has one is a disease, an operation or a remedy.

/// Letters before the ending.
const MIN_STEM: usize = 2;

/// The endings of a language.
#[derive(Debug, Default)]
pub(super) struct Endings {
    /// Of any word.
    any: Vec<&'static str>,
    /// Of words that are in no dictionary.
    unheard_of: Vec<&'static str>,
    /// Words that only look like it.
    none: Vec<&'static str>,
}

impl Endings {
    pub(super) fn of(text: &'static str) -> Self {
        let mut endings = Self::default();
        let mut section = "";
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[') {
                section = name;
                continue;
            }
            let words = line.split(',').map(str::trim).filter(|it| !it.is_empty());
            match section {
                _ if line.starts_with('#') => {}
                "any]" => endings.any.extend(words),
                "unheard]" => endings.unheard_of.extend(words),
                _ => endings.none.extend(words),
            }
        }
        endings
    }

    /// Whether a word has an ending of medical words.
    pub(super) fn are_of(&self, word: &str, unheard_of: bool) -> bool {
        let word = word
            .strip_suffix('s')
            .filter(|_| !word.ends_with("is"))
            .unwrap_or(word);
        let ends = |ending: &&'static str| {
            word.len() >= ending.len() + MIN_STEM && word.ends_with(*ending)
        };
        let has = |endings: &[&'static str]| endings.iter().any(ends);
        (has(&self.any) || (unheard_of && has(&self.unheard_of))) && !self.none.contains(&word)
    }
}
