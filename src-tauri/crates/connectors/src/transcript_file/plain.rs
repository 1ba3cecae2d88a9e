//! `{"words": [{"text": …, "start_ms": …, "end_ms": …, "confidence": …, "channel": …}]}`

use domain::transcript::{Speaker, Transcript, TranscriptOrigin};
use serde::Deserialize;

use super::{MAX_WORDS, Spoken, TranscriptFileError};

/// Silence that separates two phrases of one channel, in milliseconds.
const PHRASE_GAP_MS: u64 = 1_000;

#[derive(Deserialize)]
struct File {
    words: Vec<PlainWord>,
    language: Option<String>,
}

#[derive(Deserialize)]
struct PlainWord {
    text: String,
    start_ms: u64,
    end_ms: u64,
    confidence: Option<f64>,
    channel: Option<u8>,
}

/// Reads the plain form. Its times are already on the audio.
///
/// # Errors
/// When it is no JSON of this form, or a word ends before it begins.
pub fn parse_plain(bytes: &[u8]) -> Result<Transcript, TranscriptFileError> {
    let mut file: File =
        serde_json::from_slice(bytes).map_err(|error| TranscriptFileError::unreadable(&error))?;
    if file.words.len() > MAX_WORDS {
        return Err(TranscriptFileError::TooLong);
    }
    if let Some(index) = file
        .words
        .iter()
        .position(|word| word.end_ms < word.start_ms)
    {
        return Err(TranscriptFileError::Backwards { number: index + 1 });
    }
    file.words.sort_by_key(|word| (word.channel, word.start_ms));
    let mut phrase = 0;
    let mut last: Option<(Option<u8>, u64)> = None;
    let mut words = Vec::with_capacity(file.words.len());
    for word in file.words {
        let begins = last.is_some_and(|(channel, end_ms)| {
            channel != word.channel || word.start_ms > end_ms.saturating_add(PHRASE_GAP_MS)
        });
        phrase += u32::from(begins);
        last = Some((word.channel, word.end_ms));
        words.push(spoken(word, phrase).into_word());
    }
    Ok(Transcript::new(
        words,
        file.language,
        TranscriptOrigin::File,
    ))
}

fn spoken(word: PlainWord, phrase: u32) -> Spoken {
    Spoken {
        text: word.text,
        start_ms: word.start_ms,
        end_ms: word.end_ms,
        confidence: word.confidence,
        speaker: Speaker::Unknown,
        channel: word.channel,
        phrase,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_phrases_by_channel_and_silence() {
        let text = r#"{"words": [
            {"text": "hello", "start_ms": 100, "end_ms": 400, "confidence": 0.9, "channel": 1},
            {"text": "there", "start_ms": 500, "end_ms": 800, "confidence": 7, "channel": 1},
            {"text": "bye", "start_ms": 5000, "end_ms": 5200, "channel": 1},
            {"text": "hi", "start_ms": 0, "end_ms": 90, "confidence": 0.5, "channel": 0}]}"#;
        let transcript = parse_plain(text.as_bytes()).unwrap();
        let phrases: Vec<_> = transcript
            .words
            .iter()
            .map(|it| (it.start_ms, it.phrase))
            .collect();
        assert_eq!(phrases, [(0, 0), (100, 1), (500, 1), (5_000, 2)]);
        assert_eq!(transcript.words[2].confidence, 1.0);
        assert_eq!(transcript.words[3].confidence, 0.0);
    }

    #[test]
    fn a_word_that_ends_before_it_begins_is_refused() {
        let text = r#"{"words": [{"text": "x", "start_ms": 9, "end_ms": 8}]}"#;
        let error = parse_plain(text.as_bytes()).unwrap_err();
        assert_eq!(error, TranscriptFileError::Backwards { number: 1 });
    }
}
