//! What reviewers corrected, applied to the next detection. // B17
//!
//! A correction is a phrase with what a person said about it: it is personal data that was missed, it is
//! none, or it is another kind. Entries come from the desk and stay there; this module only compares words.
//! A correction never takes anything out that is removed from every copy, and what it adds goes to a person
//! wherever the policy asks for one, because whose data it is was decided in another call.

use std::{collections::HashMap, fmt};

use domain::{
    detection::Detection,
    entity::{EntityKind, Owner},
    policy::Policy,
    sensitive::PersonalData,
    transcript::{Transcript, Word},
};

/// Name of the recognizer in detections.
pub const RECOGNIZER: &str = "correction";
/// Longer phrases are no entries: nobody says the same sentence twice.
pub const MAX_WORDS: usize = 12;
/// More are not used; a desk that has so many should move to better rules.
pub const MAX_ENTRIES: usize = 5_000;
/// A phrase that a reviewer marked is certain.
const MARKED: f32 = 0.98;
/// Kept once or twice: a person is asked again.
const ASKED_AGAIN: f32 = 0.6;
/// Kept this often it is not shown any more.
const KEPT_OFTEN: usize = 3;
const NOT_SHOWN: f32 = 0.2;

/// What a reviewer said about a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ruling {
    /// It is personal data of this kind; detection had missed it or taken it for another kind.
    Marked,
    /// It is no personal data; detection had taken it for this kind.
    Kept,
}

impl Ruling {
    /// The stable name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Marked => "marked",
            Self::Kept => "kept",
        }
    }

    /// The ruling with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Marked, Self::Kept]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// One correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// What was said about the phrase.
    pub ruling: Ruling,
    /// The kind it is, or was taken for.
    pub entity: EntityKind,
    /// Whether it is about an employee; everybody else is somebody else in the next call.
    pub is_agent: bool,
    /// The phrase, as [`phrase`] makes it.
    pub phrase: PersonalData<String>,
}

/// Every correction of a desk, ready to be applied.
#[derive(Clone, Default)]
pub struct Corrections {
    /// By phrase: what was said about it, and how often.
    entries: HashMap<String, Vec<(Correction, usize)>>,
    /// Lengths that phrases have, in words, longest first.
    lengths: Vec<usize>,
    /// What plans name them by: how many there are, and a digest that only the desk can make.
    version: String,
}

impl fmt::Debug for Corrections {
    /// The phrases are personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Corrections")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// The words of a phrase as they are compared: lower case, without punctuation. Nothing when there is no word
/// or there are more than [`MAX_WORDS`].
pub fn phrase<'a>(words: impl IntoIterator<Item = &'a Word>) -> Option<PersonalData<String>> {
    let words: Vec<String> = words.into_iter().map(bare).collect();
    let is_phrase = (1..=MAX_WORDS).contains(&words.len()) && words.iter().any(|it| !it.is_empty());
    is_phrase.then(|| PersonalData::new(words.join(" ")))
}

fn bare(word: &Word) -> String {
    let text = word.text.reveal().to_lowercase();
    let text = text.trim_matches(|it: char| !it.is_alphanumeric());
    text.strip_suffix("'s").unwrap_or(text).to_owned()
}

/// How often a phrase is said in a transcript.
pub fn occurrences(transcript: &Transcript, phrase: &PersonalData<String>) -> usize {
    let length = phrase.reveal().split(' ').count();
    let bare: Vec<String> = transcript.words.iter().map(bare).collect();
    let windows = bare.windows(length.max(1));
    windows
        .filter(|it| it.join(" ") == *phrase.reveal())
        .count()
}

impl Corrections {
    /// Takes the corrections of a desk; `digest` is over all of them and keyed, so that it tells nothing.
    pub fn new(corrections: Vec<Correction>, digest: &str) -> Self {
        let count = corrections.len();
        let mut made = Self::default();
        for correction in corrections.into_iter().take(MAX_ENTRIES) {
            let words = correction.phrase.reveal().split(' ').count();
            made.lengths.push(words);
            let key = correction.phrase.reveal().clone();
            let same = made.entries.entry(key).or_default();
            match same.iter_mut().find(|it| it.0 == correction) {
                Some(it) => it.1 += 1,
                None => same.push((correction, 1)),
            }
        }
        made.lengths.sort_unstable_by(|a, b| b.cmp(a));
        made.lengths.dedup();
        if count > 0 {
            made.version = format!("{count} corrections {digest}");
        }
        made
    }

    /// How plans name them; empty without any.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The detections with what reviewers said about the same words before.
    pub fn apply(&self, transcript: &Transcript, mut found: Vec<Detection>) -> Vec<Detection> {
        if self.entries.is_empty() {
            return found;
        }
        for it in &mut found {
            self.lower_if_kept(transcript, it);
        }
        for marked in self.marked(transcript) {
            add(&mut found, marked);
        }
        found.sort_by_key(|it| (it.start_ms, it.end_ms, it.entity));
        found
    }

    fn lower_if_kept(&self, transcript: &Transcript, it: &mut Detection) {
        let words = it.words.iter().filter_map(|&at| transcript.words.get(at));
        let Some(said) = phrase(words) else {
            return;
        };
        let entries = self.entries.get(said.reveal());
        let kept = entries.into_iter().flatten().find(|(entry, _)| {
            entry.ruling == Ruling::Kept && entry.entity == it.entity && !is_protected(it.entity)
        });
        if let Some((_, times)) = kept {
            let limit = if *times < KEPT_OFTEN {
                ASKED_AGAIN
            } else {
                NOT_SHOWN
            };
            it.score = it.score.min(limit);
            let reason = "− a reviewer kept the same words in an earlier call";
            it.explanation.push(reason.to_owned());
        }
    }

    /// Every place where a marked phrase is said.
    fn marked(&self, transcript: &Transcript) -> Vec<Detection> {
        let bare: Vec<String> = transcript.words.iter().map(bare).collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < bare.len() {
            let here = self.lengths.iter().find_map(|&length| {
                let words = transcript.words.get(at..at + length)?;
                let said = bare.get(at..at + length)?.join(" ");
                let entries = self.entries.get(&said)?;
                let (entry, _) = entries.iter().find(|it| it.0.ruling == Ruling::Marked)?;
                let one_side = words
                    .windows(2)
                    .all(|pair| pair[0].channel == pair[1].channel);
                one_side.then(|| detection(entry, at, words))?
            });
            at += here.as_ref().map_or(1, |it: &Detection| it.words.len());
            found.extend(here);
        }
        found
    }
}

/// What is removed from every copy stays so, whatever was kept before. // R-28
fn is_protected(entity: EntityKind) -> bool {
    Policy::data_subject_copy().always_removed(entity)
}

fn detection(entry: &Correction, first: usize, words: &[Word]) -> Option<Detection> {
    Some(Detection {
        entity: entry.entity,
        channel: words.first()?.channel,
        start_ms: words.iter().map(|it| it.start_ms).min()?,
        end_ms: words.iter().map(|it| it.end_ms).max()?,
        words: (first..first + words.len()).collect(),
        score: MARKED,
        recognizer: RECOGNIZER,
        owner: if entry.is_agent {
            Owner::Agent
        } else {
            Owner::Unknown
        },
        explanation: vec!["+ a reviewer marked the same words in an earlier call".to_owned()],
    })
}

/// Adds a marked phrase; where the same words were found, they get its kind unless theirs is protected.
fn add(found: &mut Vec<Detection>, marked: Detection) {
    let inside = |it: &Detection| marked.words.iter().all(|at| it.words.contains(at));
    match found.iter_mut().find(|it| inside(it)) {
        None => found.push(marked),
        Some(it) if it.words.len() > marked.words.len() || is_protected(it.entity) => {}
        Some(it) => {
            it.score = it.score.max(marked.score);
            if it.entity != marked.entity {
                it.entity = marked.entity;
                it.recognizer = marked.recognizer;
            }
            it.explanation.extend(marked.explanation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{detect::detect, knowledge::CaseKnowledge, text::transcript_of};

    fn entry(ruling: Ruling, entity: EntityKind, text: &str) -> Correction {
        Correction {
            ruling,
            entity,
            is_agent: false,
            phrase: phrase(&transcript_of(text).words).unwrap(),
        }
    }

    fn found(text: &str, corrections: Vec<Correction>) -> Vec<Detection> {
        let transcript = transcript_of(text);
        let found = detect(&transcript, &CaseKnowledge::default());
        Corrections::new(corrections, "d").apply(&transcript, found)
    }

    const CALL: &str = "Customer: we met at the Blue Heron and then at the blue heron's again\n";

    #[test]
    fn a_marked_phrase_is_found_wherever_it_is_said() {
        assert!(found(CALL, vec![]).is_empty());
        let marked = entry(Ruling::Marked, EntityKind::Other, "the Blue Heron,");
        let found = found(CALL, vec![marked]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].recognizer, RECOGNIZER);
        assert_eq!((found[0].words.len(), found[0].owner), (3, Owner::Unknown));
        assert!(found[0].explanation[0].contains("a reviewer marked"));
    }

    #[test]
    fn what_was_kept_is_asked_about_again_and_later_not_shown() {
        let call = "Customer: my name is Margaret Holloway\n";
        let plain = found(call, vec![]);
        let (at, name) = plain
            .iter()
            .enumerate()
            .find(|it| it.1.entity == EntityKind::PersonName)
            .unwrap();
        assert!(name.score > 0.85);
        let words = transcript_of(call);
        let said = phrase(name.words.iter().map(|&it| &words.words[it])).unwrap();
        let kept = Correction {
            ruling: Ruling::Kept,
            entity: EntityKind::PersonName,
            is_agent: false,
            phrase: said,
        };
        let score = |times| found(call, vec![kept.clone(); times])[at].score;
        assert!((0.5..0.85).contains(&score(1)), "to review");
        assert!(score(3) < 0.5, "no more");
    }

    //
    #[test]
    fn card_data_is_never_taken_out_nor_renamed() {
        let call = "Customer: my card number is 4111 1111 1111 1111\n";
        let before = found(call, vec![]);
        let card = |it: &Detection| it.entity == EntityKind::CreditCard && it.score > 0.9;
        assert!(before.iter().any(card));
        let number = "4111 1111 1111 1111";
        let corrections = [
            entry(Ruling::Kept, EntityKind::CreditCard, number),
            entry(Ruling::Marked, EntityKind::Other, number),
        ];
        for correction in corrections {
            assert!(found(call, vec![correction; 5]).iter().any(card));
        }
    }

    #[test]
    fn the_same_words_get_the_kind_that_a_reviewer_gave_them() {
        let call = "Customer: my name is Margaret Holloway\n";
        let marked = entry(Ruling::Marked, EntityKind::HealthTerm, "Margaret Holloway");
        let found = found(call, vec![marked]);
        assert!(found.iter().any(|it| it.entity == EntityKind::HealthTerm));
        assert!(!found.iter().any(|it| it.entity == EntityKind::PersonName));
    }

    #[test]
    fn plans_name_them_and_debug_output_does_not_tell_them() {
        assert_eq!(Corrections::default().version(), "");
        let all = Corrections::new(
            vec![entry(Ruling::Marked, EntityKind::Other, "blue heron")],
            "ab12",
        );
        assert_eq!(all.version(), "1 corrections ab12");
        let shown = format!(
            "{all:?} {:?}",
            entry(Ruling::Marked, EntityKind::Other, "heron")
        );
        assert!(!shown.contains("heron"), "{shown}");
    }

    #[test]
    fn a_phrase_has_words_and_not_too_many() {
        assert!(phrase(&transcript_of("... --").words).is_none());
        assert!(phrase(&transcript_of(&"word ".repeat(13)).words).is_none());
    }
}
