//! Detection in plain text: the same detector on words with made-up times.
//!
//! Lines are turns; a label such as `Agent:` or `Customer:` at the start of a line names the
//! speaker.

use domain::{
    entity::EntityKind,
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, TranscriptOrigin, Word},
};

use crate::{detect::detect, knowledge::CaseKnowledge};

/// Length of a made-up word and of the pause behind it.
const WORD_MS: u64 = 300;
const STEP_MS: u64 = 400;
/// Made-up pause between turns.
const TURN_MS: u64 = 600;

/// Labels at the start of a line.
const INTERNAL: [&str; 8] = [
    "agent",
    "rep",
    "representative",
    "operator",
    "advisor",
    "adviser",
    "assistant",
    "support",
];
const EXTERNAL: [&str; 6] = ["customer", "caller", "client", "user", "patient", "member"];

/// Personal data in a text, by character offsets (not bytes), end exclusive.
#[derive(Debug, Clone, PartialEq)]
pub struct TextSpan {
    /// What kind of data it is.
    pub entity: EntityKind,
    /// First character.
    pub start: usize,
    /// First character behind it.
    pub end: usize,
    /// How sure the detector is, 0.0 to 1.0.
    pub score: f32,
}

/// Finds personal data in a text.
pub fn detect_text(text: &str, knowledge: &CaseKnowledge) -> Vec<TextSpan> {
    let (words, edges) = words_of(text);
    let transcript = Transcript::new(words, None, TranscriptOrigin::File);
    let mut spans: Vec<TextSpan> = detect(&transcript, knowledge)
        .iter()
        .filter_map(|it| {
            let (first, last) = (
                edges.get(*it.words.first()?)?,
                edges.get(*it.words.last()?)?,
            );
            Some(TextSpan {
                entity: it.entity,
                start: first.0,
                end: last.1,
                score: it.score,
            })
        })
        .collect();
    spans.sort_by_key(|span| (span.start, span.end));
    spans
}

/// A text as a transcript with made-up times.
#[cfg(test)]
pub(crate) fn transcript_of(text: &str) -> Transcript {
    Transcript::new(words_of(text).0, None, TranscriptOrigin::File)
}

/// The words with made-up times, and the characters of each without outer punctuation.
fn words_of(text: &str) -> (Vec<Word>, Vec<(usize, usize)>) {
    let (mut words, mut edges) = (Vec::new(), Vec::new());
    let (mut offset, mut clock) = (0, 0);
    for (line, phrase) in text.split_inclusive('\n').zip(0..) {
        let (speaker, mut rest) = speaker_of(line);
        offset += line[..line.len() - rest.len()].chars().count();
        while let Some(begin) = rest.find(|c: char| !c.is_whitespace()) {
            offset += rest[..begin].chars().count();
            rest = &rest[begin..];
            let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (word, tail) = rest.split_at(len);
            edges.push(inner(word, offset));
            words.push(Word {
                text: PersonalData::new(word.to_owned()),
                start_ms: clock,
                end_ms: clock + WORD_MS,
                confidence: 1.0,
                channel: None,
                speaker,
                phrase,
            });
            clock += STEP_MS;
            offset += word.chars().count();
            rest = tail;
        }
        offset += rest.chars().count();
        clock += TURN_MS;
    }
    (words, edges)
}

fn speaker_of(line: &str) -> (Speaker, &str) {
    let Some((label, rest)) = line.split_once(':') else {
        return (Speaker::Unknown, line);
    };
    let label = label.trim().trim_matches(['[', ']', '*']).to_lowercase();
    let first = label.split([' ', '_']).next().unwrap_or_default();
    if INTERNAL.contains(&first) {
        (Speaker::Internal, rest)
    } else if EXTERNAL.contains(&first) {
        (Speaker::External, rest)
    } else {
        (Speaker::Unknown, line)
    }
}

fn inner(word: &str, offset: usize) -> (usize, usize) {
    let outer = |c: char| c.is_ascii_punctuation() && !"+*#[]<>$".contains(c);
    let trimmed = word.trim_start_matches(outer);
    let start = offset + word[..word.len() - trimmed.len()].chars().count();
    let core = trimmed.trim_end_matches(outer);
    if core.is_empty() {
        return (offset, offset + word.chars().count());
    }
    (start, start + core.chars().count())
}
