//! A transcript as it is kept in the vault.

use domain::{
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, TranscriptOrigin, Word},
};
use serde::{Deserialize, Serialize};

/// A transcript on the audio time line.
#[derive(Serialize, Deserialize)]
pub(crate) struct TranscriptRecord {
    version: u8,
    language: Option<String>,
    origin: String,
    words: Vec<WordRecord>,
}

#[derive(Serialize, Deserialize)]
struct WordRecord {
    text: String,
    start_ms: u64,
    end_ms: u64,
    confidence: f32,
    channel: Option<u8>,
    speaker: String,
    phrase: u32,
}

const VERSION: u8 = 1;

impl From<&Transcript> for TranscriptRecord {
    fn from(transcript: &Transcript) -> Self {
        Self {
            version: VERSION,
            language: transcript.language.clone(),
            origin: origin_name(transcript.origin).to_owned(),
            words: transcript.words.iter().map(WordRecord::from).collect(),
        }
    }
}

impl From<&Word> for WordRecord {
    fn from(word: &Word) -> Self {
        Self {
            text: word.text.reveal().clone(),
            start_ms: word.start_ms,
            end_ms: word.end_ms,
            confidence: word.confidence,
            channel: word.channel,
            speaker: speaker_name(word.speaker).to_owned(),
            phrase: word.phrase,
        }
    }
}

impl From<TranscriptRecord> for Transcript {
    fn from(record: TranscriptRecord) -> Self {
        let words = record.words.into_iter().map(Word::from).collect();
        Self::new(words, record.language, origin(&record.origin))
    }
}

impl From<WordRecord> for Word {
    fn from(record: WordRecord) -> Self {
        Self {
            text: PersonalData::new(record.text),
            start_ms: record.start_ms,
            end_ms: record.end_ms,
            confidence: record.confidence,
            channel: record.channel,
            speaker: speaker(&record.speaker),
            phrase: record.phrase,
        }
    }
}

pub(crate) const fn origin_name(origin: TranscriptOrigin) -> &'static str {
    match origin {
        TranscriptOrigin::SourceSystem => "source_system",
        TranscriptOrigin::LocalEngine => "local_engine",
        TranscriptOrigin::File => "file",
    }
}

fn origin(name: &str) -> TranscriptOrigin {
    match name {
        "source_system" => TranscriptOrigin::SourceSystem,
        "local_engine" => TranscriptOrigin::LocalEngine,
        _ => TranscriptOrigin::File,
    }
}

const fn speaker_name(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::External => "external",
        Speaker::Internal => "internal",
        Speaker::Unknown => "unknown",
    }
}

fn speaker(name: &str) -> Speaker {
    match name {
        "external" => Speaker::External,
        "internal" => Speaker::Internal,
        _ => Speaker::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_survives_the_vault() {
        let word = Word {
            text: PersonalData::new("four".to_owned()),
            start_ms: 10,
            end_ms: 300,
            confidence: 0.5,
            channel: Some(1),
            speaker: Speaker::Internal,
            phrase: 2,
        };
        let transcript = Transcript::new(
            vec![word],
            Some("en-GB".to_owned()),
            TranscriptOrigin::SourceSystem,
        );
        let json = serde_json::to_string(&TranscriptRecord::from(&transcript)).unwrap();
        let back: TranscriptRecord = serde_json::from_str(&json).unwrap();
        assert_eq!(Transcript::from(back), transcript);
    }
}
