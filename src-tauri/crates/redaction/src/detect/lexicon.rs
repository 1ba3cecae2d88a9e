//! The language data: names, ordinary words, phrases by role, cues.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use domain::entity::EntityKind;

/// Longest phrase in the data files, in words; bounds matching.
const MAX_PHRASE_WORDS: usize = 8;

static ENGLISH: LazyLock<Lexicon> = LazyLock::new(Lexicon::english);

/// What a cue announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Announced {
    /// Personal data of this kind.
    Item(EntityKind),
    /// A price, quantity, time or reference: not personal data.
    Nothing,
}

pub(super) struct Lexicon {
    first_names: HashSet<&'static str>,
    surnames: HashSet<&'static str>,
    common: HashSet<&'static str>,
    roles: HashMap<&'static str, PhraseSet>,
    pub(super) cues: Vec<(Announced, PhraseSet)>,
}

/// Phrases, found by their first word.
#[derive(Default)]
pub(super) struct PhraseSet(HashMap<&'static str, Vec<Vec<&'static str>>>);

impl PhraseSet {
    fn insert(&mut self, phrase: &'static str) {
        let words: Vec<_> = phrase.split_whitespace().take(MAX_PHRASE_WORDS).collect();
        if let Some(&first) = words.first() {
            let phrases = self.0.entry(first).or_default();
            phrases.push(words);
            // Longest first, so that the first match is the best.
            phrases.sort_by_key(|words| usize::MAX - words.len());
        }
    }

    /// Number of words of the longest phrase that `words` begins with; 0 for none.
    pub(super) fn matched<'a>(
        &self,
        first: &str,
        rest: impl Fn(usize) -> Option<&'a str>,
    ) -> usize {
        let Some(phrases) = self.0.get(first) else {
            return 0;
        };
        let fits = |words: &&Vec<&'static str>| {
            words
                .iter()
                .enumerate()
                .skip(1)
                .all(|(at, word)| rest(at) == Some(word))
        };
        phrases.iter().find(fits).map_or(0, Vec::len)
    }

    /// Whether the single word is in the set.
    pub(super) fn has(&self, word: &str) -> bool {
        self.0
            .get(word)
            .is_some_and(|phrases| phrases.iter().any(|words| words.len() == 1))
    }
}

impl Lexicon {
    pub(super) fn get() -> &'static Self {
        &ENGLISH
    }

    fn english() -> Self {
        let lines = |text: &'static str| text.lines().filter(|line| !line.is_empty());
        let more = || lines(include_str!("../../data/en/more_names.txt"));
        Self {
            first_names: lines(include_str!("../../data/en/first_names.txt"))
                .chain(more())
                .collect(),
            surnames: lines(include_str!("../../data/en/surnames.txt"))
                .chain(more())
                .collect(),
            common: lines(include_str!("../../data/en/common_words.txt")).collect(),
            roles: read_roles(include_str!("../../data/en/phrases.txt")),
            cues: read_cues(include_str!("../../data/en/cues.txt")),
        }
    }

    pub(super) fn is_first_name(&self, word: &str) -> bool {
        self.first_names.contains(word)
    }

    pub(super) fn is_surname(&self, word: &str) -> bool {
        self.surnames.contains(word)
    }

    pub(super) fn is_common(&self, word: &str) -> bool {
        let plural_of_common = || {
            let singular = word.strip_suffix('s');
            singular.is_some_and(|it| it.len() > 2 && self.common.contains(it))
        };
        self.common.contains(word) || plural_of_common() || self.role("stop").has(word)
    }

    /// The phrases of a role; a missing role is a mistake in the data files.
    pub(super) fn role(&self, role: &str) -> &PhraseSet {
        self.roles
            .get(role)
            .expect("every role named in code is in phrases.txt")
    }
}

fn content(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn phrases(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(',')
        .map(str::trim)
        .filter(|phrase| !phrase.is_empty())
}

fn read_roles(text: &'static str) -> HashMap<&'static str, PhraseSet> {
    let mut roles: HashMap<&'static str, PhraseSet> = HashMap::new();
    let mut role = "";
    for line in content(text) {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            role = name;
            continue;
        }
        let set = roles.entry(role).or_default();
        phrases(line).for_each(|phrase| set.insert(phrase));
    }
    roles
}

fn read_cues(text: &'static str) -> Vec<(Announced, PhraseSet)> {
    let mut cues = Vec::new();
    for line in content(text) {
        let Some((name, list)) = line.split_once('|') else {
            continue;
        };
        let announced = match EntityKind::from_name(name.trim()) {
            Some(kind) => Announced::Item(kind),
            None => Announced::Nothing,
        };
        let mut set = PhraseSet::default();
        phrases(list).for_each(|phrase| set.insert(phrase));
        cues.push((announced, set));
    }
    cues
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_files_are_complete_and_well_formed() {
        let lexicon = Lexicon::get();
        assert!(lexicon.is_first_name("sarah") && lexicon.is_surname("okafor"));
        assert!(lexicon.is_common("morning") && !lexicon.is_common("hartley"));
        let nothing = lexicon
            .cues
            .iter()
            .filter(|(kind, _)| *kind == Announced::Nothing)
            .count();
        assert_eq!(nothing, 1, "a misspelled entity name would count as `NOT`");
    }
}
