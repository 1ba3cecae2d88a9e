//! The transcript file of Genesys Cloud. Its times are wall-clock times, not offsets into the audio.

use domain::{
    recording::DURATION_TOLERANCE_MS,
    transcript::{Speaker, Transcript, TranscriptOrigin},
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use super::{MAX_WORDS, Spoken, TranscriptFileError};
use crate::timeline::AudioTimeline;

// Genesys: shape of the file (API reference section 6, checked 2026-08).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    transcripts: Vec<Part>,
    start_time: Option<f64>,
    conversation_start_time: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    language: Option<String>,
    start_time: Option<f64>,
    #[serde(default, deserialize_with = "or_default")]
    phrases: Vec<Phrase>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Phrase {
    participant_purpose: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    text: String,
    confidence: Option<f64>,
    start_time_ms: Option<f64>,
    duration: Option<Duration>,
    #[serde(default, deserialize_with = "or_default")]
    words: Vec<FileWord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileWord {
    #[serde(default, deserialize_with = "or_default")]
    word: String,
    confidence: Option<f64>,
    start_time_ms: Option<f64>,
    duration: Option<Duration>,
}

/// `null` counts as absent.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// `{"milliseconds": n}` or a number.
// Genesys: both occur (API reference section 6, checked 2026-08).
#[derive(Deserialize, Clone, Copy)]
#[serde(untagged)]
enum Duration {
    Number(f64),
    Object {
        milliseconds: f64,
    },
    /// Anything else counts as not said.
    Other(serde::de::IgnoredAny),
}

impl Duration {
    fn ms(self) -> Option<f64> {
        match self {
            Self::Number(ms) | Self::Object { milliseconds: ms } => Some(ms.max(0.0)),
            Self::Other(_) => None,
        }
    }
}

/// Reads the file. Without a time line, the start of the transcript counts as the start of the audio.
///
/// The channel follows the platform's convention for dual-channel recordings: 0 is the outside party,
/// 1 the organization. Whether the audio has two channels shows only when it is decoded.
///
/// # Errors
/// When it is no such file, gives no time, or lies outside the recording.
pub fn parse_genesys(
    bytes: &[u8],
    timeline: Option<&AudioTimeline>,
) -> Result<Transcript, TranscriptFileError> {
    let file: File =
        serde_json::from_slice(bytes).map_err(|error| TranscriptFileError::unreadable(&error))?;
    let own_line;
    let timeline = match timeline {
        Some(timeline) => timeline,
        None => {
            own_line = AudioTimeline::new(start_of(&file)?, Vec::new());
            &own_line
        }
    };
    let mut reader = Reader {
        timeline,
        words: Vec::new(),
        phrase: 0,
        outside: 0,
    };
    for part in &file.transcripts {
        reader.read_part(part)?;
    }
    let (outside, count) = (reader.outside, reader.words.len());
    // A few words may lie outside the recording; most of them cannot.
    if outside * 2 > count {
        return Err(TranscriptFileError::DoesNotFit {
            outside,
            words: count,
        });
    }
    let language = file
        .transcripts
        .iter()
        .find_map(|part| part.language.clone());
    let words = reader.words.into_iter().map(Spoken::into_word).collect();
    Ok(Transcript::new(
        words,
        language,
        TranscriptOrigin::SourceSystem,
    ))
}

fn start_of(file: &File) -> Result<Timestamp, TranscriptFileError> {
    let from_parts = file.transcripts.iter().find_map(|part| part.start_time);
    let start_ms = from_parts
        .or(file.start_time)
        .or(file.conversation_start_time);
    let start_ms = start_ms.ok_or(TranscriptFileError::NoStartTime)?;
    instant(start_ms).ok_or(TranscriptFileError::NoStartTime)
}

fn instant(epoch_ms: f64) -> Option<Timestamp> {
    Timestamp::from_millisecond(whole(epoch_ms)).ok()
}

/// Rounds; the cast saturates, so that absurd numbers stay harmless.
fn whole(ms: f64) -> i64 {
    ms.round() as i64
}

struct Reader<'a> {
    timeline: &'a AudioTimeline,
    words: Vec<Spoken>,
    phrase: u32,
    /// Words that end before the recording begins, or begin after it ends.
    outside: usize,
}

impl Reader<'_> {
    fn read_part(&mut self, part: &Part) -> Result<(), TranscriptFileError> {
        for phrase in &part.phrases {
            if phrase.words.is_empty() {
                self.read_text(phrase)?;
            } else {
                self.read_words(phrase)?;
            }
            self.phrase += 1;
        }
        Ok(())
    }

    /// A word without length lasts until the next one, the last one until the end of the phrase:
    /// too long hides too much, too short hides too little.
    fn read_words(&mut self, phrase: &Phrase) -> Result<(), TranscriptFileError> {
        for (index, word) in phrase.words.iter().enumerate() {
            let start_ms = word.start_time_ms.or(phrase.start_time_ms);
            let next_ms = phrase
                .words
                .get(index + 1)
                .and_then(|next| next.start_time_ms);
            let end_ms = end_of(start_ms, word.duration)
                .or(next_ms)
                .or_else(|| phrase.end_ms());
            let confidence = word.confidence.or(phrase.confidence);
            self.push(phrase, &word.word, confidence, (start_ms, end_ms))?;
        }
        Ok(())
    }

    /// A phrase without word times: each word may be anywhere in it, so each gets all of it.
    fn read_text(&mut self, phrase: &Phrase) -> Result<(), TranscriptFileError> {
        for text in phrase.text.split_whitespace() {
            let times = (phrase.start_time_ms, phrase.end_ms());
            self.push(phrase, text, phrase.confidence, times)?;
        }
        Ok(())
    }

    /// No word is dropped: one that was spoken in a pause gets no length, at the place of the cut.
    fn push(
        &mut self,
        phrase: &Phrase,
        text: &str,
        confidence: Option<f64>,
        (start_ms, end_ms): (Option<f64>, Option<f64>),
    ) -> Result<(), TranscriptFileError> {
        if self.words.len() >= MAX_WORDS {
            return Err(TranscriptFileError::TooLong);
        }
        let start_ms = start_ms.ok_or(TranscriptFileError::NoStartTime)?;
        let (start, end) = (wall(start_ms)?, wall(end_ms.unwrap_or(start_ms))?);
        self.outside += usize::from(self.is_outside(start, end));
        let speaker = speaker(phrase.participant_purpose.as_deref());
        self.words.push(Spoken {
            text: text.to_owned(),
            start_ms: self.timeline.clamped_ms(start),
            end_ms: self.timeline.clamped_ms(end),
            confidence,
            speaker,
            channel: channel(speaker),
            phrase: self.phrase,
        });
        Ok(())
    }

    fn is_outside(&self, start_utc: Timestamp, end_utc: Timestamp) -> bool {
        let is_late = self.timeline.duration_ms.is_some_and(|duration_ms| {
            self.timeline.clamped_ms(start_utc) > duration_ms.saturating_add(DURATION_TOLERANCE_MS)
        });
        is_late || end_utc < self.timeline.start_utc
    }
}

fn wall(epoch_ms: f64) -> Result<Timestamp, TranscriptFileError> {
    instant(epoch_ms).ok_or(TranscriptFileError::NoStartTime)
}

fn end_of(start_ms: Option<f64>, duration: Option<Duration>) -> Option<f64> {
    Some(start_ms? + duration?.ms()?)
}

impl Phrase {
    fn end_ms(&self) -> Option<f64> {
        end_of(self.start_time_ms, self.duration)
    }
}

// Genesys: a phrase is `external` or `internal`; participants have finer purposes (API reference section 6, checked 2026-08).
fn speaker(purpose: Option<&str>) -> Speaker {
    match purpose {
        Some("external" | "customer") => Speaker::External,
        Some("internal" | "agent" | "user" | "ivr" | "acd") => Speaker::Internal,
        _ => Speaker::Unknown,
    }
}

// Genesys: channel 0 is the external party, channel 1 the internal one (API reference section 5.8, checked 2026-08).
fn channel(speaker: Speaker) -> Option<u8> {
    match speaker {
        Speaker::External => Some(0),
        Speaker::Internal => Some(1),
        Speaker::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::timeline::Pause;

    const START_MS: i64 = 1_772_359_200_000;

    fn file(phrases: Value) -> Vec<u8> {
        let parts = json!([{"language": "en-US", "startTime": START_MS, "phrases": phrases}]);
        json!({"conversationId": "c", "transcripts": parts})
            .to_string()
            .into_bytes()
    }

    fn word(text: &str, offset_ms: i64, duration: Value) -> Value {
        json!({"word": text, "confidence": 0.9, "startTimeMs": START_MS + offset_ms, "duration": duration})
    }

    fn times(transcript: &Transcript) -> Vec<(u64, u64)> {
        transcript
            .words
            .iter()
            .map(|word| (word.start_ms, word.end_ms))
            .collect()
    }

    #[test]
    fn wall_clock_times_become_places_in_the_audio() {
        let words = [
            word("one", 1_000, json!({"milliseconds": 300})),
            word("two", 9_000, json!(400)),
        ];
        let bytes = file(json!([{"participantPurpose": "external", "words": words}]));
        let start = Timestamp::from_millisecond(START_MS + 500).unwrap();
        let line = AudioTimeline::new(
            start,
            vec![Pause {
                start_ms: 2_000,
                duration_ms: 4_000,
            }],
        );
        let transcript = parse_genesys(&bytes, Some(&line)).unwrap();
        assert_eq!(times(&transcript), [(500, 800), (4_500, 4_900)]);
        assert_eq!(transcript.words[0].channel, Some(0));
        assert_eq!(transcript.language.as_deref(), Some("en-US"));
        let own = parse_genesys(&bytes, None).unwrap();
        assert_eq!(times(&own), [(1_000, 1_300), (9_000, 9_400)]);
    }

    #[test]
    fn a_word_inside_a_pause_keeps_its_text_and_has_no_length() {
        let words = [
            word("secret", 2_500, json!(300)),
            word("over", 5_900, json!(400)),
        ];
        let bytes = file(json!([{"participantPurpose": "internal", "words": words}]));
        let start = Timestamp::from_millisecond(START_MS).unwrap();
        let line = AudioTimeline::new(
            start,
            vec![Pause {
                start_ms: 2_000,
                duration_ms: 4_000,
            }],
        );
        let transcript = parse_genesys(&bytes, Some(&line)).unwrap();
        assert_eq!(times(&transcript), [(2_000, 2_000), (2_000, 2_300)]);
    }

    #[test]
    fn a_phrase_without_word_times_covers_each_of_its_words() {
        let phrase = json!({"text": "my name is", "startTimeMs": START_MS + 100, "duration": 900});
        let transcript = parse_genesys(&file(json!([phrase])), None).unwrap();
        assert_eq!(times(&transcript), [(100, 1_000); 3]);
        assert_eq!(transcript.words[0].speaker, Speaker::Unknown);
        assert_eq!(transcript.words[0].confidence, 0.0);
    }

    #[test]
    fn a_word_without_length_lasts_until_the_next_one() {
        let words = [
            word("one", 100, json!({"seconds": 1})),
            word("two", 700, Value::Null),
        ];
        let phrase = json!({"words": words, "startTimeMs": START_MS, "duration": 1_500});
        let transcript = parse_genesys(&file(json!([phrase])), None).unwrap();
        assert_eq!(times(&transcript), [(100, 700), (700, 1_500)]);
    }

    #[test]
    fn null_counts_as_absent() {
        let phrase =
            json!({"text": "hello", "words": null, "startTimeMs": START_MS, "duration": null});
        let transcript = parse_genesys(&file(json!([phrase])), None).unwrap();
        assert_eq!(times(&transcript), [(0, 0)]);
        let none = json!({"transcripts": [{"startTime": START_MS, "phrases": null}]});
        assert!(
            parse_genesys(none.to_string().as_bytes(), None)
                .unwrap()
                .words
                .is_empty()
        );
    }

    #[test]
    fn a_transcript_of_another_call_does_not_fit() {
        let bytes = file(json!([{"words": [word("one", 0, json!(300))]}]));
        let next_day = Timestamp::from_millisecond(START_MS + 86_400_000).unwrap();
        let error = parse_genesys(&bytes, Some(&AudioTimeline::new(next_day, Vec::new())));
        assert_eq!(
            error,
            Err(TranscriptFileError::DoesNotFit {
                outside: 1,
                words: 1
            })
        );
    }

    #[test]
    fn hostile_files_are_refused_without_repeating_them() {
        let nested = "[".repeat(100_000);
        let far =
            file(json!([{"words": [{"word": "x", "startTimeMs": 1e300, "duration": 1e300}]}]));
        let hostile: [&[u8]; 6] = [
            b"",
            b"{",
            b"\xff\xfe",
            br#"{"transcripts": "secret"}"#,
            nested.as_bytes(),
            &far,
        ];
        for bytes in hostile {
            let error = parse_genesys(bytes, None).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        assert_eq!(
            super::super::parse_any(b"{}"),
            Err(TranscriptFileError::NotATranscript)
        );
    }
}
