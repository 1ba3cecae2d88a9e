//! What was said, with time and certainty.

use crate::sensitive::PersonalData;

/// One recognized word on the time line of the audio file.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The word as the recognizer wrote it; may be a number, a mask such as `[phone]`, or punctuated.
    pub text: PersonalData<String>,
    /// Start on the audio time line, in milliseconds from the first sample.
    pub start_ms: u64,
    /// End, exclusive; at least `start_ms`.
    pub end_ms: u64,
    /// Recognizer confidence, 0.0 to 1.0.
    pub confidence: f32,
    /// Channel of the audio file that carries the speaker; `None` for a mono or mixed recording.
    pub channel: Option<u8>,
    /// Who speaks, as the source says; a hint, never proof.
    pub speaker: Speaker,
    /// Number of the phrase (turn segment) the word belongs to; words of one phrase are contiguous.
    pub phrase: u32,
}

/// Who speaks in a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Speaker {
    /// The outside party: usually the data subject.
    External,
    /// The organization's side: an agent, or an announcement.
    Internal,
    /// The source does not say.
    Unknown,
}

/// Where a transcript came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TranscriptOrigin {
    /// Delivered by the source system.
    SourceSystem,
    /// Made on this machine by a speech engine.
    LocalEngine,
    /// Read from a file that a person named.
    File,
}

/// A transcript on the time line of one audio file; words are ordered by start, then end.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// The words, ordered by `start_ms`.
    pub words: Vec<Word>,
    /// BCP 47 language tag, if the source says it.
    pub language: Option<String>,
    /// Where it came from.
    pub origin: TranscriptOrigin,
}

impl Transcript {
    /// Orders the words by time; equal starts keep their order.
    pub fn new(mut words: Vec<Word>, language: Option<String>, origin: TranscriptOrigin) -> Self {
        words.sort_by_key(|word| (word.start_ms, word.end_ms));
        Self {
            words,
            language,
            origin,
        }
    }

    /// End of the last word, in milliseconds; 0 for an empty transcript.
    pub fn end_ms(&self) -> u64 {
        self.words.iter().map(|word| word.end_ms).max().unwrap_or(0)
    }
}
