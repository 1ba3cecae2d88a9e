//! Transcript files: the source's own form, and a plain one that a person can write.

mod genesys;
mod plain;

use domain::{
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, Word},
};

pub use genesys::parse_genesys;
pub use plain::parse_plain;

/// Words read of one file: a day of fast speech has fewer.
const MAX_WORDS: usize = 500_000;

/// Why a transcript file cannot be used. The texts never repeat its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TranscriptFileError {
    /// It is no JSON, or its fields have other types.
    #[error(
        "the transcript is not readable: {kind} error at line {line}, column {column}; export it again"
    )]
    Unreadable {
        /// Syntax, data or end of file.
        kind: &'static str,
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
    },
    /// It is JSON of another kind.
    #[error("the file is no transcript: it has neither `transcripts` nor `words`")]
    NotATranscript,
    /// It says nothing about time.
    #[error("the transcript gives no start time, so its words cannot be placed in the audio")]
    NoStartTime,
    /// Its words lie outside the recording.
    #[error(
        "the transcript does not fit the audio: {outside} of its {words} words were spoken before it began or after it ended"
    )]
    DoesNotFit {
        /// Words before the start or after the end.
        outside: usize,
        /// All words.
        words: usize,
    },
    /// A word ends before it begins.
    #[error("word {number} of the transcript ends before it begins")]
    Backwards {
        /// Which one, from 1.
        number: usize,
    },
    /// More words than any call has.
    #[error("the transcript has more than {MAX_WORDS} words")]
    TooLong,
}

impl TranscriptFileError {
    fn unreadable(error: &serde_json::Error) -> Self {
        let kind = match error.classify() {
            serde_json::error::Category::Io => "read",
            serde_json::error::Category::Syntax => "syntax",
            serde_json::error::Category::Data => "data",
            serde_json::error::Category::Eof => "end of file",
        };
        Self::Unreadable {
            kind,
            line: error.line(),
            column: error.column(),
        }
    }
}

/// Reads a transcript file of either kind; a file of the source is placed by its own start time.
///
/// # Errors
/// When it is of neither kind, or broken.
pub fn parse_any(bytes: &[u8]) -> Result<Transcript, TranscriptFileError> {
    #[derive(serde::Deserialize)]
    struct Shape {
        transcripts: Option<serde::de::IgnoredAny>,
        words: Option<serde::de::IgnoredAny>,
    }
    let shape: Shape =
        serde_json::from_slice(bytes).map_err(|error| TranscriptFileError::unreadable(&error))?;
    match shape {
        Shape {
            transcripts: Some(_),
            ..
        } => parse_genesys(bytes, None),
        Shape { words: Some(_), .. } => parse_plain(bytes),
        Shape { .. } => Err(TranscriptFileError::NotATranscript),
    }
}

/// A word before the speaker's channel is known to exist.
struct Spoken {
    text: String,
    start_ms: u64,
    end_ms: u64,
    confidence: Option<f64>,
    speaker: Speaker,
    channel: Option<u8>,
    phrase: u32,
}

impl Spoken {
    fn into_word(self) -> Word {
        // A word without confidence is unsure, so that a person looks at it.
        let confidence = self.confidence.filter(|it| it.is_finite()).unwrap_or(0.0);
        Word {
            text: PersonalData::new(self.text),
            start_ms: self.start_ms,
            end_ms: self.end_ms.max(self.start_ms),
            confidence: confidence.clamp(0.0, 1.0) as f32,
            channel: self.channel,
            speaker: self.speaker,
            phrase: self.phrase,
        }
    }
}
