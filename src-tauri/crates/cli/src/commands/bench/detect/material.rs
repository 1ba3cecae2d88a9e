//! The transcripts that are read: the labeled calls of the redaction crate, one behind the other.

use std::path::Path;

use domain::{
    sensitive::PersonalData,
    transcript::{Transcript, TranscriptOrigin, Word},
};
use redaction::evaluate::LabeledCall;

use crate::{failure::Failure, input};

/// Where the labeled calls are in a source tree.
const CALLS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../redaction/corpus/calls.jsonl"
);
/// Pause between two calls.
const BETWEEN_MS: u64 = 2_000;

/// Turns of calls, which can be laid one behind the other.
pub(super) struct Material {
    calls: Vec<Transcript>,
}

impl Material {
    /// The labeled calls as they are: an item in every dozen words.
    pub(super) fn dense() -> Result<Self, Failure> {
        let calls = labeled_calls()?;
        Ok(Self {
            calls: calls.into_iter().map(|it| it.transcript).collect(),
        })
    }

    /// What is said between the items: the turns of the same calls that have none.
    pub(super) fn between_items() -> Result<Self, Failure> {
        let calls = labeled_calls()?;
        Ok(Self {
            calls: calls.iter().map(without_items).collect(),
        })
    }

    /// As much of it as is enough, by bytes of text and by time; from the start again where it ends.
    pub(super) fn joined(&self, is_enough: impl Fn(usize, u64) -> bool) -> Transcript {
        let mut words: Vec<Word> = Vec::new();
        let (mut size, mut begin_ms, mut phrase) = (0, 0, 0);
        for call in self.calls.iter().cycle() {
            for word in &call.words {
                if is_enough(size, begin_ms + word.end_ms) {
                    return Transcript::new(words, None, TranscriptOrigin::File);
                }
                size += word.text.reveal().len() + 1;
                words.push(Word {
                    text: PersonalData::new(word.text.reveal().clone()),
                    start_ms: word.start_ms + begin_ms,
                    end_ms: word.end_ms + begin_ms,
                    phrase: word.phrase + phrase,
                    ..word.clone()
                });
            }
            begin_ms += call.end_ms() + BETWEEN_MS;
            phrase = words.last().map_or(0, |word| word.phrase + 1);
        }
        Transcript::new(words, None, TranscriptOrigin::File)
    }
}

/// Bytes of the words with a space behind each: what a reader has to go through, without times and names of
/// fields, which make a transcript file ten times as large.
pub(super) fn bytes(transcript: &Transcript) -> usize {
    let words = transcript.words.iter();
    words.map(|word| word.text.reveal().len() + 1).sum()
}

/// The same words as one text with a line a turn.
pub(super) fn text(transcript: &Transcript) -> String {
    let mut text = String::with_capacity(bytes(transcript));
    let mut phrase = None;
    for word in &transcript.words {
        if let Some(last) = phrase.replace(word.phrase) {
            text.push(if last == word.phrase { ' ' } else { '\n' });
        }
        text.push_str(word.text.reveal());
    }
    text
}

/// The same words as a transcript file.
pub(super) fn file(transcript: &Transcript) -> Vec<u8> {
    let word = |word: &Word| {
        serde_json::json!({
            "text": word.text.reveal(),
            "start_ms": word.start_ms,
            "end_ms": word.end_ms,
            "confidence": 0.9,
            "channel": word.channel,
        })
    };
    let words: Vec<_> = transcript.words.iter().map(word).collect();
    serde_json::json!({ "words": words })
        .to_string()
        .into_bytes()
}

fn without_items(call: &LabeledCall) -> Transcript {
    let holds_item = |word: &Word| {
        let on = |channel: u8| word.channel.unwrap_or(0) == channel;
        let items = call.items.iter();
        items
            .filter(|it| on(it.channel))
            .any(|it| word.start_ms < it.end && it.start < word.end_ms)
    };
    let words = &call.transcript.words;
    let told: Vec<u32> = words
        .iter()
        .filter(|word| holds_item(word))
        .map(|word| word.phrase)
        .collect();
    let others = words.iter().filter(|word| !told.contains(&word.phrase));
    Transcript::new(others.cloned().collect(), None, TranscriptOrigin::File)
}

fn labeled_calls() -> Result<Vec<LabeledCall>, Failure> {
    let path = Path::new(CALLS);
    let text = std::fs::read_to_string(path).map_err(|error| input::unreadable(path, &error))?;
    let calls: Result<Vec<_>, _> = text.lines().map(LabeledCall::from_json).collect();
    calls.map_err(|error| {
        let name = path.display();
        Failure::usage(
            format!("`{name}` is not valid: {error}"),
            "Check the file out again.",
        )
    })
}
