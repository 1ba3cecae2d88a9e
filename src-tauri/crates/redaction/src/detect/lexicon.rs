//! The language data: names, ordinary words, phrases by role, cues.

use std::sync::LazyLock;

use domain::entity::EntityKind;

use super::{
    hash::{WordMap, WordSet},
    reading::NUMBER_WORDS,
    spelling::Vocabulary,
};

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
    first_names: WordSet,
    surnames: WordSet,
    common: WordSet,
    /// Rarer words, sorted, one a line: too many to be worth a table.
    dictionary: &'static str,
    roles: WordMap<PhraseSet>,
    pub(super) cues: Vec<CueSet>,
    /// Words that rules go by.
    pub(super) vocabulary: Vocabulary,
}

/// The phrases that announce one thing.
pub(super) struct CueSet {
    pub(super) announced: Announced,
    /// 1 for an announcement, less for a mention.
    pub(super) weight: f32,
    pub(super) phrases: PhraseSet,
}

/// Weight of a phrase that only mentions a kind of data.
const MENTION: f32 = 0.6;

/// Phrases, found by their first word.
#[derive(Default)]
pub(super) struct PhraseSet(WordMap<Vec<Vec<&'static str>>>);

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
            let is = |at: usize, word: &str| rest(at) == Some(word);
            // "The account number's": short for "is".
            let ends = |at: usize, word: &str| {
                at + 1 == words.len() && rest(at).and_then(|it| it.strip_suffix("'s")) == Some(word)
            };
            let mut behind = words.iter().enumerate().skip(1);
            behind.all(|(at, word)| is(at, word) || ends(at, word))
        };
        phrases.iter().find(fits).map_or(0, Vec::len)
    }

    fn words(&self) -> impl Iterator<Item = &'static str> {
        self.0.values().flatten().flatten().copied()
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
        let roles = read_roles([
            include_str!("../../data/en/phrases.txt"),
            include_str!("../../data/en/health.txt"),
        ]);
        let cues = read_cues(include_str!("../../data/en/cues.txt"));
        Self {
            first_names: lines(include_str!("../../data/en/first_names.txt"))
                .chain(more())
                .collect(),
            surnames: lines(include_str!("../../data/en/surnames.txt"))
                .chain(more())
                .collect(),
            common: lines(include_str!("../../data/en/common_words.txt")).collect(),
            dictionary: include_str!("../../data/en/dictionary.txt"),
            vocabulary: vocabulary(&roles, &cues),
            roles,
            cues,
        }
    }

    pub(super) fn is_first_name(&self, word: &str) -> bool {
        self.first_names.contains(word)
    }

    pub(super) fn is_surname(&self, word: &str) -> bool {
        self.surnames.contains(word)
    }

    pub(super) fn is_name(&self, word: &str) -> bool {
        self.is_first_name(word) || self.is_surname(word)
    }

    pub(super) fn is_common(&self, word: &str) -> bool {
        let plural_of_common = || {
            let singular = word.strip_suffix('s');
            singular.is_some_and(|it| it.len() > 2 && self.common.contains(it))
        };
        self.common.contains(word) || plural_of_common() || self.role("stop").has(word)
    }

    /// Whether the word is in no list of ordinary words: then it is a name, a brand or misheard.
    pub(super) fn is_unheard_of(&self, word: &str) -> bool {
        let singular = word.strip_suffix('s').filter(|it| it.len() > 2);
        // "It'll" is short for ordinary words, "O'Brien" is not.
        let short = word.find('\'').is_some_and(|at| at > 1);
        !self.is_common(word)
            && !short
            && !has_line(self.dictionary, word)
            && !singular.is_some_and(|it| has_line(self.dictionary, it))
    }

    /// The phrases of a role; a missing role is a mistake in the data files.
    pub(super) fn role(&self, role: &str) -> &PhraseSet {
        self.roles
            .get(role)
            .expect("every role named in code is in phrases.txt")
    }
}

/// Roles whose words are common enough in calls that a slip in one of them is worth its correction.
const CORRECTED_ROLES: [&str; 12] = [
    "condition",
    "procedure",
    "drug",
    "email_provider",
    "tld",
    "measure",
    "stop",
    "relation",
    "street",
    "name_intro",
    "lead",
    "bridge",
];

fn vocabulary(roles: &WordMap<PhraseSet>, cues: &[CueSet]) -> Vocabulary {
    let of_roles = CORRECTED_ROLES.iter().filter_map(|role| roles.get(role));
    let phrases = of_roles.chain(cues.iter().map(|set| &set.phrases));
    let words = phrases.flat_map(PhraseSet::words);
    Vocabulary::of(words.chain(NUMBER_WORDS))
}

/// Whether a sorted text has the line; bisects by bytes.
fn has_line(text: &str, line: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let is_break = |byte: &u8| *byte == b'\n';
        let begin = bytes[..middle]
            .iter()
            .rposition(is_break)
            .map_or(0, |at| at + 1);
        let len = bytes[begin..]
            .iter()
            .position(is_break)
            .unwrap_or(bytes.len() - begin);
        match bytes[begin..begin + len].cmp(line.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = begin + len + 1,
            std::cmp::Ordering::Greater => high = begin,
        }
    }
    false
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

fn read_roles(texts: [&'static str; 2]) -> WordMap<PhraseSet> {
    let mut roles: WordMap<PhraseSet> = WordMap::default();
    let mut role = "";
    for line in texts.into_iter().flat_map(content) {
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

fn read_cues(text: &'static str) -> Vec<CueSet> {
    let mut cues = Vec::new();
    for line in content(text) {
        let Some((name, list)) = line.split_once('|') else {
            continue;
        };
        let name = name.trim();
        let mention = name.strip_suffix('?');
        let announced = match EntityKind::from_name(mention.unwrap_or(name)) {
            Some(kind) => Announced::Item(kind),
            None => Announced::Nothing,
        };
        let mut set = PhraseSet::default();
        phrases(list).for_each(|phrase| set.insert(phrase));
        cues.push(CueSet {
            announced,
            weight: if mention.is_some() { MENTION } else { 1.0 },
            phrases: set,
        });
    }
    cues
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_sorted_text_are_found() {
        let text = "alder\nbaize\ncabana\nzoo\n";
        for word in ["alder", "baize", "cabana", "zoo"] {
            assert!(has_line(text, word), "{word}");
        }
        for word in ["", "a", "bai", "baizes", "zooo", "aaa"] {
            assert!(!has_line(text, word), "{word}");
        }
        assert!(
            Lexicon::get().dictionary.lines().is_sorted(),
            "bisecting needs order"
        );
    }

    #[test]
    fn the_data_files_are_complete_and_well_formed() {
        let lexicon = Lexicon::get();
        assert!(lexicon.is_first_name("sarah") && lexicon.is_surname("okafor"));
        assert!(lexicon.is_common("morning") && !lexicon.is_common("hartley"));
        assert!(lexicon.is_unheard_of("wojcik") && !lexicon.is_unheard_of("zeppelins"));
        let nothing = lexicon
            .cues
            .iter()
            .filter(|it| it.announced == Announced::Nothing)
            .count();
        assert_eq!(nothing, 2, "a misspelled entity name would count as `NOT`");
    }
}
