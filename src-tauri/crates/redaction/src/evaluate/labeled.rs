//! Calls and texts with their labels, one JSON object a line.

use domain::{
    entity::EntityKind,
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, TranscriptOrigin, Word},
};
use serde::Deserialize;

/// Longest line that is read; a call of three hours is far shorter.
const MAX_LINE_BYTES: usize = 16 << 20;
/// Channel of the customer in labeled calls; the agent has the other.
const CUSTOMER: u8 = 0;
const AGENT: u8 = 1;

/// Which calls are looked at when rules are made, and which only measure them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Rules are made with these.
    Development,
    /// Rules are measured with these.
    HeldBack,
}

/// Why a line is no labeled call or text.
#[derive(Debug, thiserror::Error)]
pub enum LabeledError {
    /// Not the expected JSON. The parser's own text may quote the line, so only the column is kept.
    #[error("column {0}: this is not a labeled call or text")]
    Json(usize),
    /// A kind of data, side or time that cannot be.
    #[error("{0}")]
    Value(&'static str),
}

/// One labeled item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub entity: EntityKind,
    /// Channel that carries it; 0 in texts.
    pub channel: u8,
    /// Start in milliseconds, or the first character.
    pub start: u64,
    /// End, exclusive.
    pub end: u64,
}

/// A call with its items.
#[derive(Debug, Clone, PartialEq)]
pub struct LabeledCall {
    /// Name of the call.
    pub id: String,
    /// Which split it belongs to.
    pub split: Split,
    /// How the transcript is written: `spoken`, `formatted` or `mixed`.
    pub style: String,
    /// BCP 47 tag.
    pub language: String,
    /// Whether the transcript has recognizer errors.
    pub errors: bool,
    /// What was recognized.
    pub transcript: Transcript,
    /// What was really said.
    pub items: Vec<Item>,
}

/// A text with its items, by character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabeledText {
    /// Name of the text.
    pub id: String,
    /// The text.
    pub text: String,
    /// Its items.
    pub items: Vec<Item>,
}

#[derive(Deserialize)]
struct CallRow {
    id: String,
    split: String,
    style: String,
    language: String,
    errors: bool,
    /// Side, words, and times: the start of the first word, then lengths; negative numbers are pauses.
    turns: Vec<(String, String, Vec<i64>)>,
    /// Kind, owner, side, start, end.
    items: Vec<(String, String, String, u64, u64)>,
}

#[derive(Deserialize)]
struct TextRow {
    id: serde_json::Value,
    text: String,
    spans: Vec<SpanRow>,
}

#[derive(Deserialize)]
struct SpanRow {
    entity: String,
    start: u64,
    end: u64,
}

fn parse<'a, T: Deserialize<'a>>(line: &'a str) -> Result<T, LabeledError> {
    if line.len() > MAX_LINE_BYTES {
        return Err(LabeledError::Value("the line is longer than 16 MiB"));
    }
    serde_json::from_str(line).map_err(|error| LabeledError::Json(error.column()))
}

fn channel(side: &str) -> Result<u8, LabeledError> {
    match side {
        "C" => Ok(CUSTOMER),
        "A" => Ok(AGENT),
        _ => Err(LabeledError::Value(
            "a side is `A` (agent) or `C` (customer)",
        )),
    }
}

fn item(entity: &str, channel: u8, start: u64, end: u64) -> Result<Item, LabeledError> {
    let entity = EntityKind::from_name(entity)
        .ok_or(LabeledError::Value("an item has an unknown kind of data"))?;
    if start >= end {
        return Err(LabeledError::Value("an item must start before it ends"));
    }
    Ok(Item {
        entity,
        channel,
        start,
        end,
    })
}

impl LabeledCall {
    /// Reads one line.
    ///
    /// # Errors
    /// When the line is not a labeled call.
    pub fn from_json(line: &str) -> Result<Self, LabeledError> {
        let row: CallRow = parse(line)?;
        let mut words = Vec::new();
        for ((side, text, times), phrase) in row.turns.iter().zip(0..) {
            add_turn(&mut words, channel(side)?, text, times, phrase)?;
        }
        let items = row.items.iter();
        let items = items.map(|it| item(&it.0, channel(&it.2)?, it.3, it.4));
        let language = row.language.clone();
        Ok(Self {
            split: match row.split.as_str() {
                "development" => Split::Development,
                "held_back" => Split::HeldBack,
                _ => {
                    return Err(LabeledError::Value(
                        "a split is `development` or `held_back`",
                    ));
                }
            },
            items: items.collect::<Result<_, _>>()?,
            transcript: Transcript::new(words, Some(language), TranscriptOrigin::File),
            id: row.id,
            style: row.style,
            language: row.language,
            errors: row.errors,
        })
    }

    /// The groups whose figures it counts for.
    pub fn groups(&self) -> [String; 3] {
        let errors = if self.errors {
            "with recognizer errors"
        } else {
            "without recognizer errors"
        };
        [
            format!("style {}", self.style),
            format!("language {}", self.language),
            errors.to_owned(),
        ]
    }
}

impl LabeledText {
    /// Reads one line.
    ///
    /// # Errors
    /// When the line is not a labeled text.
    pub fn from_json(line: &str) -> Result<Self, LabeledError> {
        let row: TextRow = parse(line)?;
        let items = row
            .spans
            .iter()
            .map(|it| item(&it.entity, 0, it.start, it.end));
        Ok(Self {
            id: row
                .id
                .as_str()
                .map_or_else(|| row.id.to_string(), str::to_owned),
            items: items.collect::<Result<_, _>>()?,
            text: row.text,
        })
    }
}

fn add_turn(
    words: &mut Vec<Word>,
    channel: u8,
    text: &str,
    times: &[i64],
    phrase: u32,
) -> Result<(), LabeledError> {
    let short = LabeledError::Value("a turn has fewer times than words");
    let mut times = times.iter().copied();
    let mut clock = times.next().unwrap_or(0);
    for text in text.split_whitespace() {
        let mut length = times
            .next()
            .ok_or(LabeledError::Value("a turn has fewer times than words"))?;
        if length < 0 {
            clock -= length;
            length = times
                .next()
                .ok_or(LabeledError::Value("a turn ends with a pause"))?;
        }
        let ms = |time: i64| u64::try_from(time).ok();
        let (Some(start_ms), Some(end_ms)) = (ms(clock), ms(clock.saturating_add(length))) else {
            return Err(short);
        };
        words.push(Word {
            text: PersonalData::new(text.to_owned()),
            start_ms,
            end_ms,
            confidence: 0.9,
            channel: Some(channel),
            speaker: if channel == CUSTOMER {
                Speaker::External
            } else {
                Speaker::Internal
            },
            phrase,
        });
        clock = clock.saturating_add(length);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = r#"{"id":"a","split":"held_back","style":"spoken","language":"en-GB","errors":false,
        "turns":[["A","your number",[100,50,-10,60]],["C","oh seven",[400,50,50]]],
        "items":[["PHONE_NUMBER","requestor","C",400,500]]}"#;

    #[test]
    fn times_are_a_start_lengths_and_pauses() {
        let call = LabeledCall::from_json(CALL).unwrap();
        let times: Vec<_> = call
            .transcript
            .words
            .iter()
            .map(|it| (it.start_ms, it.end_ms))
            .collect();
        assert_eq!(times, [(100, 150), (160, 220), (400, 450), (450, 500)]);
        assert_eq!(
            (call.split, call.items[0].channel),
            (Split::HeldBack, CUSTOMER)
        );
    }

    #[test]
    fn bad_lines_are_refused_without_quoting_them() {
        for (from, to) in [
            ("[100,50,-10,60]", "[100]"),
            ("PHONE_NUMBER", "PHONE"),
            ("400,500]]", "500,400]]"),
            ("held_back", "x"),
            ("[\"C\"", "[\"X\""),
        ] {
            let error = LabeledCall::from_json(&CALL.replace(from, to))
                .unwrap_err()
                .to_string();
            assert!(!error.contains("seven"), "{error}");
        }
        assert!(LabeledCall::from_json("{").is_err());
        assert!(
            LabeledText::from_json(
                r#"{"id":1,"text":"x","spans":[{"entity":"SSN","start":3,"end":3}]}"#
            )
            .is_err()
        );
    }
}
