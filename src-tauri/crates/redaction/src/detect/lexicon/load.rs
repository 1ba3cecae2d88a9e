//! Reads the data files of a language.

use std::collections::HashMap;

use domain::entity::EntityKind;

use super::{
    Announced, CueSet, Lexicon,
    endings::Endings,
    entry::{Entry, Lists},
    phrases::Phrases,
    role::{Role, Roles},
};
use crate::detect::{
    hash::{Mixed, WordMap, WordSet},
    reading::Reading,
    sound::Sound,
    spelling::Vocabulary,
};

/// Weight of a phrase that only mentions a kind of data.
const MENTION: f32 = 0.6;

/// Roles whose words are common enough in calls that a slip in one of them is worth its correction.
const CORRECTED: Roles = Roles::of(&[
    Role::Condition,
    Role::Procedure,
    Role::Drug,
    Role::EmailProvider,
    Role::Tld,
    Role::Measure,
    Role::Stop,
    Role::Relation,
    Role::Street,
    Role::NameIntro,
    Role::Lead,
    Role::Bridge,
]);

const HEALTH: Roles = Roles::of(&[Role::Condition, Role::Procedure, Role::Drug]);
/// Shorter terms are one letter away from too many names.
const MIN_TERM: usize = 6;
/// Letters of the first word of a term that is told by its sound.
const MIN_FIRST: usize = 3;

/// The files of one language.
struct Files {
    first_names: &'static [&'static str],
    surnames: &'static [&'static str],
    common: &'static str,
    dictionary: &'static str,
    readings: &'static str,
    phrases: &'static [&'static str],
    cues: &'static str,
    health_endings: &'static str,
}

const ENGLISH: Files = Files {
    first_names: &[
        include_str!("../../../data/en/first_names.txt"),
        include_str!("../../../data/en/more_names.txt"),
        include_str!("../../../data/en/word_names.txt"),
        include_str!("../../../data/en/world_first_names.txt"),
    ],
    surnames: &[
        include_str!("../../../data/en/surnames.txt"),
        include_str!("../../../data/en/more_names.txt"),
        include_str!("../../../data/en/world_surnames.txt"),
    ],
    common: include_str!("../../../data/en/common_words.txt"),
    dictionary: include_str!("../../../data/en/dictionary.txt"),
    readings: include_str!("../../../data/en/readings.txt"),
    phrases: &[
        include_str!("../../../data/en/phrases.txt"),
        include_str!("../../../data/en/health.txt"),
    ],
    cues: include_str!("../../../data/en/cues.txt"),
    health_endings: include_str!("../../../data/en/health_endings.txt"),
};

/// German has no list of rarer words, so no word counts as unheard of.
const GERMAN: Files = Files {
    first_names: &[
        include_str!("../../../data/en/more_names.txt"),
        include_str!("../../../data/en/world_first_names.txt"),
        include_str!("../../../data/de/first_names.txt"),
    ],
    surnames: &[
        include_str!("../../../data/en/more_names.txt"),
        include_str!("../../../data/en/world_surnames.txt"),
        include_str!("../../../data/de/surnames.txt"),
    ],
    common: include_str!("../../../data/de/common_words.txt"),
    dictionary: "",
    readings: include_str!("../../../data/de/readings.txt"),
    phrases: &[include_str!("../../../data/de/phrases.txt")],
    cues: include_str!("../../../data/de/cues.txt"),
    health_endings: include_str!("../../../data/de/health_endings.txt"),
};

impl Lexicon {
    pub(super) fn german() -> Self {
        Loader::default().load(&GERMAN)
    }

    pub(super) fn english() -> Self {
        Loader::default().load(&ENGLISH)
    }
}

#[derive(Default)]
struct Loader {
    entries: Vec<Entry>,
    ids: WordMap<u32>,
    phrases: Phrases,
    cue_sets: Vec<CueSet>,
    /// Words that a slip of one letter leaves recognizable.
    corrected: Vec<&'static str>,
    health_sounds: HashMap<u64, Vec<&'static str>, Mixed>,
}

impl Loader {
    fn load(mut self, files: &Files) -> Lexicon {
        let all = [files.first_names, files.surnames].concat();
        let bytes: usize = all.iter().map(|it| it.len()).sum::<usize>() + files.common.len();
        self.entries.reserve(bytes / 6);
        self.ids.reserve(bytes / 6);
        self.list(files.first_names, Lists::FIRST_NAME);
        self.list(files.surnames, Lists::SURNAME);
        self.list(&[files.common], Lists::LISTED);
        self.read_readings(files.readings);
        files.phrases.iter().for_each(|text| self.read_roles(text));
        self.read_cues(files.cues);
        self.finish(files)
    }

    fn finish(self, files: &Files) -> Lexicon {
        let is_number = |word: &str| {
            let id = self.ids.get(word);
            let entry = id.and_then(|&id| self.entries.get(id as usize));
            entry.is_some_and(|it| it.reading.is_exact())
        };
        let mut lexicon = Lexicon {
            dictionary: lines(files.dictionary).collect::<WordSet>(),
            vocabulary: Vocabulary::of(self.corrected, is_number),
            entries: self.entries,
            phrases: self.phrases,
            cue_sets: self.cue_sets,
            ids: self.ids,
            endings: Endings::of(files.health_endings),
            health_sounds: self.health_sounds,
        };
        let mut entries = lexicon.entries.clone();
        entries.iter_mut().for_each(|it| lexicon.describe(it));
        lexicon.entries = entries;
        lexicon
    }

    fn id(&mut self, word: &'static str) -> u32 {
        let next = self.entries.len() as u32;
        let id = *self.ids.entry(word).or_insert(next);
        if id == next {
            let mut entry = Entry::new(word.into(), id);
            entry.reading = Reading::of_unlisted(word);
            self.entries.push(entry);
        }
        id
    }

    fn entry(&mut self, word: &'static str) -> &mut Entry {
        let id = self.id(word);
        &mut self.entries[id as usize]
    }

    fn list(&mut self, files: &[&'static str], list: Lists) {
        for word in files.iter().copied().flat_map(lines) {
            self.entry(word).lists.insert(list);
        }
    }

    fn read_readings(&mut self, text: &'static str) {
        for (name, words) in content(text).filter_map(|line| line.split_once('|')) {
            let reading = Reading::from_name(name.trim());
            for word in phrases(words) {
                match reading {
                    Some(reading) => self.entry(word).reading = reading,
                    None => self.corrected.push(word),
                }
            }
        }
    }

    fn read_roles(&mut self, text: &'static str) {
        let mut role = None;
        for line in content(text) {
            let name = line.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
            if let Some(name) = name {
                role = Role::from_name(name);
            } else if let Some(role) = role {
                let roles = Roles::of(&[role]);
                for phrase in phrases(line) {
                    self.insert(phrase, roles, 0);
                    if HEALTH.has(role) {
                        self.insert_sound(phrase);
                    }
                    if CORRECTED.has(role) {
                        let long = |word: &&str| !HEALTH.has(role) || word.len() >= MIN_TERM;
                        let words = phrase.split_whitespace().filter(long);
                        self.corrected.extend(words);
                    }
                }
            }
        }
    }

    fn read_cues(&mut self, text: &'static str) {
        for (name, list) in content(text).filter_map(|line| line.split_once('|')) {
            let name = name.trim();
            let mention = name.strip_suffix('?');
            let announced = match EntityKind::from_name(mention.unwrap_or(name)) {
                Some(kind) => Announced::Item(kind),
                None => Announced::Nothing,
            };
            let set = 1 << self.cue_sets.len();
            for phrase in phrases(list) {
                self.insert(phrase, Roles::default(), set);
                self.corrected.extend(phrase.split_whitespace());
            }
            self.cue_sets.push(CueSet {
                announced,
                weight: if mention.is_some() { MENTION } else { 1.0 },
            });
        }
    }

    /// How a term sounds, but for "he's disabled" and the like, which are ordinary words.
    fn insert_sound(&mut self, phrase: &'static str) {
        let first = phrase.split(' ').next().unwrap_or_default();
        if first == phrase || (first.len() >= MIN_FIRST && !first.contains('\'')) {
            let sound = Sound::of(phrase).key();
            self.health_sounds.entry(sound).or_default().push(phrase);
        }
    }

    fn insert(&mut self, phrase: &'static str, roles: Roles, cues: u64) {
        let words: Vec<&'static str> = phrase.split_whitespace().collect();
        self.insert_words(&words, roles, cues);
    }

    fn insert_words(&mut self, words: &[&'static str], roles: Roles, cues: u64) {
        let words: Vec<u32> = words.iter().map(|it| self.id(it)).collect();
        let node = self.phrases.insert(&words, roles, cues);
        let first = words
            .first()
            .and_then(|&id| self.entries.get_mut(id as usize));
        if let Some(first) = first {
            first.node = node;
            if words.len() == 1 {
                first.roles.insert(roles);
            }
        }
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty())
}

/// The lines without comments.
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
