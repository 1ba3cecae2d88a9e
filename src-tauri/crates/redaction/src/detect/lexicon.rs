//! The language data: names, ordinary words, phrases by role, cues, readings.
//!
//! Everything that rules ask about a word is in its [`Entry`]; a token points to it, so that no word
//! is looked up twice in a call.

mod class;
mod endings;
mod entry;
mod load;
mod phrases;
mod role;

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use domain::entity::EntityKind;

pub(super) use self::{
    class::{ADDRESSING, BEHIND, Classes, FRAMES, INTRODUCTIONS},
    entry::Entry,
    role::{Role, Roles},
};
use self::{
    endings::Endings,
    entry::{Lists, NO_ID},
    phrases::{MAX_PHRASE_WORDS, Phrases},
};
use super::{
    german_number,
    hash::{Mixed, WordMap, WordSet},
    reading::Reading,
    sound::Sound,
    spelling::Vocabulary,
};

static ENGLISH: LazyLock<Lexicon> = LazyLock::new(Lexicon::english);
static GERMAN: LazyLock<Lexicon> = LazyLock::new(Lexicon::german);

/// What a cue announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Announced {
    /// Personal data of this kind.
    Item(EntityKind),
    /// A price, quantity, time or reference: not personal data.
    Nothing,
}

/// The phrases that announce one thing.
pub(super) struct CueSet {
    pub(super) announced: Announced,
    /// 1 for an announcement, less for a mention.
    pub(super) weight: f32,
}

pub(super) struct Lexicon {
    /// Every word that is a name, ordinary, or part of a phrase; a word's id is its index.
    entries: Vec<Entry>,
    ids: WordMap<u32>,
    /// Rarer words, of which only their existence matters.
    dictionary: WordSet,
    phrases: Phrases,
    cue_sets: Vec<CueSet>,
    vocabulary: Vocabulary,
    endings: Endings,
    /// How health terms sound.
    health_sounds: HashMap<u64, Vec<&'static str>, Mixed>,
}

/// Cue sets by the bits of a walk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cues(u64);

/// The longest cue that begins at a place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FoundCue {
    /// Tokens of the phrase; 0 for none.
    pub(super) len: usize,
    pub(super) sets: Cues,
}

impl Lexicon {
    /// English, for tests.
    #[cfg(test)]
    pub(super) fn get() -> &'static Self {
        &ENGLISH
    }

    /// The language data for a BCP 47 tag; English for tags without data of their own.
    pub(super) fn of(language: Option<&str>) -> &'static Self {
        let german = language.is_some_and(|it| it.to_ascii_lowercase().starts_with("de"));
        if german { &GERMAN } else { &ENGLISH }
    }

    /// Whether it has a dictionary, so that a word in no list is a telling one.
    pub(super) fn knows_words(&self) -> bool {
        !self.dictionary.is_empty()
    }

    /// The entry of a word that a list has.
    pub(super) fn known(&self, word: &str) -> Option<&Entry> {
        self.ids.get(word).and_then(|&id| self.entry(id))
    }

    pub(super) fn entry(&self, id: u32) -> Option<&Entry> {
        self.entries.get(id as usize)
    }

    /// The entry of a word that no list of words or phrases has.
    pub(super) fn unlisted(&self, text: &str) -> Entry {
        let number = (!self.knows_words())
            .then(|| german_number::value_of(text))
            .flatten();
        let text = number.map_or_else(|| text.to_owned(), |it| it.to_string());
        let mut entry = Entry::new(Cow::Owned(text), NO_ID);
        entry.reading = Reading::of_unlisted(&entry.text);
        self.describe(&mut entry);
        entry
    }

    /// The word that was meant by one that nobody ever heard of and that is one letter away.
    pub(super) fn meant(&self, entry: &Entry) -> Option<&Entry> {
        self.entry(entry.meant)
    }

    fn slip_for(&self, entry: &Entry) -> Option<&Entry> {
        let unheard_of = entry.is_unheard_of() && !entry.is_first_name() && !entry.is_surname();
        let meant = unheard_of.then(|| self.vocabulary.meant(&entry.text))??;
        self.known(meant)
    }

    /// The health terms that sound so.
    pub(super) fn health_terms(&self, sound: Sound) -> &[&'static str] {
        self.health_sounds
            .get(&sound.key())
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn is_name(&self, word: &str) -> bool {
        self.known(word)
            .is_some_and(|it| it.is_first_name() || it.is_surname())
    }

    /// Fills in what is derived from the word's form: a possessive, a plural, in no list at all.
    fn describe(&self, entry: &mut Entry) {
        let text: &str = &entry.text;
        let stem = text.strip_suffix("'s").unwrap_or(text);
        let known = self.known(stem);
        let mut lists = entry.lists;
        if stem.len() < text.len() {
            lists = known.map_or_else(Lists::default, |it| it.lists);
            entry.stem_cues = known.map_or(0, |it| self.phrases.node(it.node).cues);
            entry.stem_roles = known.map_or_else(Roles::default, |it| it.roles);
            entry.stem = known.map_or(NO_ID, |it| it.id);
        } else {
            entry.stem_cues = self.phrases.node(entry.node).cues;
            entry.stem_roles = entry.roles;
        }
        let node = self.phrases.node(entry.node);
        entry.stem_cues |= node.cues;
        entry.reachable = node.reachable;
        entry.goes_on = node.goes_on;
        entry.begins_cue = node.reachable_cues | entry.stem_cues != 0;
        let singular = stem.strip_suffix('s').filter(|it| it.len() > 2);
        let plural_of_common = || {
            let known = singular.and_then(|it| self.known(it));
            known.is_some_and(|it| it.lists.has(Lists::LISTED))
        };
        if lists.has(Lists::LISTED) || entry.stem_roles.has(Role::Stop) || plural_of_common() {
            lists.insert(Lists::COMMON);
        }
        // "It'll" is short for ordinary words, "O'Brien" is not.
        let short = stem.find('\'').is_some_and(|at| at > 1);
        let in_dictionary = || {
            self.dictionary.contains(stem)
                || singular.is_some_and(|it| self.dictionary.contains(it))
        };
        let knows_words = self.knows_words();
        if knows_words && !lists.has(Lists::COMMON) && !short && !in_dictionary() {
            lists.insert(Lists::UNHEARD_OF);
        }
        let named = lists.has(Lists::FIRST_NAME) || lists.has(Lists::SURNAME);
        let unheard_of = lists.has(Lists::UNHEARD_OF);
        if !lists.has(Lists::COMMON) && !named && self.endings.are_of(stem, unheard_of) {
            lists.insert(Lists::MEDICAL);
        }
        entry.lists = lists;
        entry.classes = Classes::of(entry);
        entry.meant = self.slip_for(entry).map_or(NO_ID, Entry::id);
    }

    /// Tokens of the longest phrase of a role that begins with `first`; `rest` gives what follows.
    pub(super) fn phrase_len<'a>(
        &self,
        roles: Roles,
        first: &Entry,
        rest: impl Fn(usize) -> Option<&'a Entry>,
    ) -> usize {
        if !first.begins(roles) {
            return 0;
        }
        if !first.may_go_on(rest(1)) {
            return usize::from(first.roles.has_any(roles));
        }
        self.walk(first.node, rest, |node| node.roles.has_any(roles))
    }

    /// The longest cue that begins with `first`.
    pub(super) fn cue<'a>(
        &self,
        first: &Entry,
        rest: impl Fn(usize) -> Option<&'a Entry>,
    ) -> FoundCue {
        if !first.begins_cue {
            return FoundCue::default();
        }
        let single = FoundCue {
            len: usize::from(first.stem_cues != 0),
            sets: Cues(first.stem_cues),
        };
        if !first.may_go_on(rest(1)) {
            return single;
        }
        let mut sets = Cues::default();
        let len = self.walk(first.node, rest, |node| {
            let ends = node.cues != 0;
            sets = if ends { Cues(node.cues) } else { sets };
            ends
        });
        match len {
            0 | 1 => single,
            _ => FoundCue { len, sets },
        }
    }

    /// Follows words from a node; the number of words up to the last node that `ends` a phrase.
    fn walk<'a>(
        &self,
        first: u32,
        rest: impl Fn(usize) -> Option<&'a Entry>,
        mut ends: impl FnMut(&phrases::Node) -> bool,
    ) -> usize {
        let (mut at, mut longest) = (first, 0);
        for depth in 1..=MAX_PHRASE_WORDS {
            if ends(&self.phrases.node(at)) {
                longest = depth;
            }
            let Some(word) = rest(depth) else {
                break;
            };
            // "The account number's": short for "is".
            let possessive = if word.stem == word.id {
                NO_ID
            } else {
                word.stem
            };
            if let Some(last) = self.phrases.next(at, possessive)
                && ends(&self.phrases.node(last))
            {
                longest = depth + 1;
            }
            match self.phrases.next(at, word.id) {
                Some(next) => at = next,
                None => break,
            }
        }
        longest
    }

    /// The sets of a found cue.
    pub(super) fn sets(&self, cues: Cues) -> impl Iterator<Item = &CueSet> {
        let mut left = cues.0;
        std::iter::from_fn(move || {
            let at = (left != 0).then_some(left.trailing_zeros())?;
            left &= left - 1;
            self.cue_sets.get(at as usize)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_files_are_complete_and_well_formed() {
        let lexicon = Lexicon::get();
        let entry = |word: &str| {
            let known = lexicon.known(word).cloned();
            known.unwrap_or_else(|| lexicon.unlisted(word))
        };
        assert!(entry("sarah").is_first_name() && entry("okafor").is_surname());
        assert!(entry("morning").is_common() && !entry("hartley").is_common());
        assert!(entry("wojcik").is_unheard_of() && !entry("zeppelins").is_unheard_of());
        assert!(entry("sarah's").is_first_name() && entry("mornings").is_common());
        let nothing = lexicon.cue_sets.iter();
        let nothing = nothing.filter(|it| it.announced == Announced::Nothing);
        assert_eq!(
            nothing.count(),
            2,
            "a misspelled entity name would count as `NOT`"
        );
        for (name, role) in Role::all() {
            let used = lexicon
                .entries
                .iter()
                .any(|it| lexicon.phrases.node(it.node).reachable.has(role));
            assert!(used, "no phrase has the role `{name}`");
        }
    }

    #[test]
    fn the_longest_phrase_counts_and_may_end_with_is() {
        let lexicon = Lexicon::get();
        let found = |text: &str| {
            let words: Vec<Entry> = text
                .split(' ')
                .map(|it| {
                    lexicon
                        .known(it)
                        .cloned()
                        .unwrap_or_else(|| lexicon.unlisted(it))
                })
                .collect();
            lexicon.cue(&words[0], |at| words.get(at)).len
        };
        assert_eq!(found("card number please"), 2);
        assert_eq!(found("card number's four"), 2);
        assert_eq!(found("card's expired"), 1);
        assert_eq!(found("weather today"), 0);
    }
}
