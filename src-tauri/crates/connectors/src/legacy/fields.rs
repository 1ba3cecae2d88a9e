//! Where in an answer things are: JSON pointers (RFC 6901) in which `*` stands for every element.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use serde::Deserialize;
use serde_json::Value;

use crate::numbers::HomeNumbering;

/// Where the fields of a recording are, seen from the recording; `entries` is seen from the answer.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldMap {
    /// The list of recordings; empty for the answer itself.
    #[serde(default)]
    pub entries: String,
    /// Id of the recording; not used where a file name is the id.
    #[serde(default)]
    pub recording: String,
    /// Id of the call; left out: the recording's own.
    pub call: Option<String>,
    /// Start: ISO 8601, or seconds or milliseconds since 1970.
    pub start: String,
    /// End, in the same forms.
    pub end: Option<String>,
    /// Length.
    pub duration: Option<Duration>,
    /// Numbers of both parties.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// How numbers of the recorder's own country are written.
    pub home: Option<HomeNumbering>,
    /// The organization's customer number.
    pub customer: Option<String>,
    /// Names of agents.
    #[serde(default)]
    pub agents: Vec<String>,
    /// Queue or skill.
    pub queue: Option<String>,
    /// Codec, as the recorder names it.
    pub codec: Option<String>,
    /// Address or file name of the sound.
    pub media: Option<String>,
    /// Size of the sound in bytes.
    pub size_bytes: Option<String>,
    /// What says that it was deleted: anything but `false`, nothing, or an empty text.
    pub deleted: Option<String>,
}

/// Where a length is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duration {
    /// The pointer.
    pub at: String,
    /// What it counts.
    pub unit: Unit,
}

/// What a length counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds, with or without a fraction.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

/// Everything at a pointer, in order; `*` goes through every element of a list or object.
pub(super) fn at<'v>(value: &'v Value, pointer: &str) -> Vec<&'v Value> {
    let mut found = vec![value];
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        found = found
            .into_iter()
            .flat_map(|value| step(value, &name))
            .collect();
    }
    found
}

fn step<'v>(value: &'v Value, name: &str) -> Vec<&'v Value> {
    match value {
        Value::Array(values) if name == "*" => values.iter().collect(),
        Value::Object(fields) if name == "*" => fields.values().collect(),
        Value::Array(values) => {
            let index = name.parse::<usize>().ok();
            index
                .and_then(|index| values.get(index))
                .into_iter()
                .collect()
        }
        Value::Object(fields) => fields.get(name).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Texts and numbers at a pointer, as text; nothing else.
pub(super) fn texts(value: &Value, pointer: &str) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    at(value, pointer).into_iter().filter_map(text).collect()
}

/// The first text at a pointer.
pub(super) fn text(value: &Value, pointer: &str) -> Option<String> {
    texts(value, pointer).into_iter().next()
}

/// A whole number at a pointer.
pub(super) fn whole(value: &Value, pointer: &str) -> Option<u64> {
    text(value, pointer)?.parse().ok()
}

/// Whether a pointer says yes.
pub(super) fn says_yes(value: &Value, pointer: &str) -> bool {
    at(value, pointer).into_iter().any(|value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        _ => true,
    })
}

/// A time in whichever form; one without a zone is of `zone`.
pub(super) fn time(value: &Value, pointer: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text(value, pointer)?;
    if let Ok(number) = text.parse::<i64>() {
        return since_1970(number);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let local: DateTime = text.parse().ok()?;
    Some(local.to_zoned(zone.clone()).ok()?.timestamp())
}

/// Seconds and milliseconds cannot be mistaken for each other: as milliseconds, this many is early in 1973.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

fn since_1970(number: i64) -> Option<Timestamp> {
    if number.abs() < FIRST_MILLISECONDS {
        Timestamp::from_second(number).ok()
    } else {
        Timestamp::from_millisecond(number).ok()
    }
}

impl Duration {
    pub(super) fn read(&self, value: &Value) -> Option<SignedDuration> {
        let number: f64 = text(value, &self.at)?.parse().ok()?;
        let seconds = match self.unit {
            Unit::Seconds => number,
            Unit::Milliseconds => number / 1_000.0,
        };
        // Nobody spoke longer than a week; whatever says so is no length.
        (0.0..=604_800.0)
            .contains(&seconds)
            .then(|| SignedDuration::from_secs_f64(seconds))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_star_goes_through_every_element() {
        let value =
            json!({"tracks": [{"who": [{"n": "1"}, {"n": 2}]}, {"who": [{"n": "3"}]}], "a/b": "x"});
        assert_eq!(texts(&value, "/tracks/*/who/*/n"), ["1", "2", "3"]);
        assert_eq!(texts(&value, "/tracks/1/who/0/n"), ["3"]);
        assert_eq!(texts(&value, "/a~1b"), ["x"]);
        assert!(texts(&value, "/nowhere/*/n").is_empty());
        assert_eq!(at(&value, "").len(), 1);
    }

    #[test]
    fn times_come_in_many_forms_and_mean_one_instant() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let expected: Timestamp = "2025-10-27T14:30:00Z".parse().unwrap();
        for form in [
            json!("2025-10-27T14:30:00Z"),
            json!("2025-10-27T16:30:00+02:00"),
            json!("2025-10-27 15:30:00"),
            json!(1_761_575_400),
            json!(1_761_575_400_000_i64),
            json!("1761575400000"),
        ] {
            assert_eq!(
                time(&json!([form]), "/0", &berlin),
                Some(expected),
                "{form}"
            );
        }
        for odd in [json!("yesterday"), json!(null), json!({}), json!("")] {
            assert_eq!(time(&json!([odd]), "/0", &berlin), None);
        }
    }

    #[test]
    fn lengths_are_read_in_their_unit() {
        let seconds = |value: Value, unit| {
            let duration = Duration {
                at: "/d".to_owned(),
                unit,
            };
            duration.read(&json!({"d": value})).map(|it| it.as_millis())
        };
        assert_eq!(seconds(json!("61.5"), Unit::Seconds), Some(61_500));
        assert_eq!(seconds(json!(61_500), Unit::Milliseconds), Some(61_500));
        assert_eq!(seconds(json!(-1), Unit::Seconds), None);
        assert_eq!(seconds(json!("NaN"), Unit::Seconds), None);
        assert_eq!(seconds(json!(1e300), Unit::Seconds), None);
    }
}
