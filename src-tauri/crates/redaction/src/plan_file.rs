//! The plan as a file: `call.wav` has `call.plan.json` beside it.
//!
//! Version 1. Only `spans` with `start_ms`, `end_ms` and `decision` are required, so that a plan can
//! be written by hand; everything else has a safe default. `ranges` is there after rendering and is
//! what anybody needs to check the redacted file.

use std::collections::BTreeMap;

use domain::{
    detection::SpanDecision,
    entity::{EntityKind, Owner},
    ids::SpanId,
    plan::{RedactionPlan, RedactionSpan, RedactionStyle, SpanOrigin},
};
use serde::{Deserialize, Serialize};

use crate::{
    ranges::{ReplacedRange, SpanSeed},
    render::Delivered,
};

/// The version that is written; other versions are refused.
pub const VERSION: u32 = 1;
/// Largest plan file read; a plan of [`MAX_SPANS`] spans is smaller.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// More spans than a day of speech holds.
pub const MAX_SPANS: usize = 100_000;
/// Longest audio a plan can be for: 100 hours.
pub const MAX_DURATION_MS: u64 = 360_000_000;

/// Why a text is not a plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// Larger than [`MAX_BYTES`].
    #[error("the plan file is larger than {MAX_BYTES} bytes; it cannot be a redaction plan")]
    TooLarge,
    /// Not JSON of the expected form.
    #[error("the plan file is not valid: line {line}, column {column}: {problem}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What kind of error; never content.
        problem: &'static str,
    },
    /// Written by something newer or older.
    #[error(
        "the plan file has version {0}, this program reads version {VERSION}; use the program that wrote it"
    )]
    Version(u32),
    /// A value that cannot be.
    #[error("the plan file is not valid: {place}: {problem}")]
    Value {
        /// Which part, such as `spans[3]`.
        place: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// A plan with what rendering added to it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanFile {
    /// The plan.
    pub plan: RedactionPlan,
    /// What was replaced; empty before rendering.
    pub ranges: Vec<ReplacedRange>,
    /// The format of the redacted recording; `None` before rendering.
    pub delivered: Option<Delivered>,
}

#[derive(Serialize, Deserialize)]
struct FileRow {
    #[serde(default = "current_version")]
    version: u32,
    #[serde(default)]
    policy: String,
    #[serde(default)]
    style: String,
    #[serde(default)]
    duration_ms: u64,
    #[serde(default)]
    engine: String,
    #[serde(default)]
    generator: String,
    /// The ending of the redacted recording's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delivered: Option<String>,
    spans: Vec<SpanRow>,
    #[serde(default)]
    ranges: Vec<RangeRow>,
}

fn current_version() -> u32 {
    VERSION
}

#[derive(Serialize, Deserialize)]
struct SpanRow {
    id: Option<String>,
    start_ms: Milliseconds,
    end_ms: Milliseconds,
    raw_start_ms: Option<Milliseconds>,
    raw_end_ms: Option<Milliseconds>,
    channel: Option<u8>,
    spoken_on: Option<u8>,
    entity: Option<String>,
    score: Option<f64>,
    recognizer: Option<String>,
    owner: Option<String>,
    decision: String,
    #[serde(default)]
    explanation: Vec<String>,
    #[serde(default)]
    words: Vec<usize>,
    origin: Option<String>,
}

/// Written as a whole number; a plan written by hand may have fractions.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
enum Milliseconds {
    Whole(u64),
    Fraction(f64),
}

#[derive(Serialize, Deserialize)]
struct RangeRow {
    channel: u8,
    start_frame: u64,
    end_frame: u64,
    style: String,
    seed: String,
}

impl PlanFile {
    /// The file as indented JSON with a final line break.
    pub fn to_json(&self) -> String {
        let row = FileRow {
            version: VERSION,
            policy: self.plan.policy.clone(),
            style: self.plan.style.name().to_owned(),
            duration_ms: self.plan.duration_ms,
            engine: self.plan.engine.clone(),
            generator: crate::noise::GENERATOR.to_owned(),
            delivered: self.delivered.map(|it| it.extension().to_owned()),
            spans: self.plan.spans.iter().map(span_row).collect(),
            ranges: self.ranges.iter().map(range_row).collect(),
        };
        let mut json = serde_json::to_string_pretty(&row).expect("strings and finite numbers");
        json.push('\n');
        json
    }

    /// Reads a plan; every number is checked.
    ///
    /// # Errors
    /// When the text is too large, not JSON, of another version, or holds impossible values.
    pub fn from_json(json: &str) -> Result<Self, PlanFileError> {
        if json.len() > MAX_BYTES {
            return Err(PlanFileError::TooLarge);
        }
        check_version(json)?;
        let row: FileRow = serde_json::from_str(json).map_err(|error| json_error(&error))?;
        if row.spans.len() > MAX_SPANS || row.ranges.len() > MAX_SPANS {
            return Err(value("spans".to_owned(), "there are more than 100000"));
        }
        let plan = read_plan(&row)?;
        let delivered = match row.delivered.as_deref() {
            None => None,
            Some(ending) => Some(Delivered::from_extension(ending).ok_or_else(|| {
                value(
                    "delivered".to_owned(),
                    "no recording is delivered in this format",
                )
            })?),
        };
        let ranges = row
            .ranges
            .iter()
            .enumerate()
            .map(|(at, range)| read_range(at, range));
        Ok(Self {
            ranges: ranges.collect::<Result<_, _>>()?,
            plan,
            delivered,
        })
    }

    /// The seed of each span that has one: a second rendering then gives the same bytes.
    pub fn seeds(&self, sample_rate_hz: u32) -> BTreeMap<SpanId, SpanSeed> {
        let frame = |ms: u64| ms.saturating_mul(u64::from(sample_rate_hz)) / 1000;
        let seed = |span: &RedactionSpan| {
            let holds = |range: &&ReplacedRange| {
                span.channel.is_none_or(|only| only == range.channel)
                    && range.start_frame <= frame(span.start_ms)
                    && frame(span.start_ms) < range.end_frame
            };
            Some((span.id.clone(), self.ranges.iter().find(holds)?.seed))
        };
        self.plan
            .spans
            .iter()
            .filter(|span| span.is_replaced())
            .filter_map(seed)
            .collect()
    }
}

/// The version decides first: a newer file may differ in everything else.
fn check_version(json: &str) -> Result<(), PlanFileError> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default = "current_version")]
        version: u32,
    }
    let head: Head = serde_json::from_str(json).map_err(|error| json_error(&error))?;
    if head.version == VERSION {
        Ok(())
    } else {
        Err(PlanFileError::Version(head.version))
    }
}

/// serde's own text may quote the input, so only position and kind are kept.
fn json_error(error: &serde_json::Error) -> PlanFileError {
    use serde_json::error::Category;
    let problem = match error.classify() {
        Category::Io => "it could not be read",
        Category::Syntax => "this is not JSON",
        Category::Data => "a field is missing or has the wrong type",
        Category::Eof => "the file ends too early",
    };
    PlanFileError::Json {
        line: error.line(),
        column: error.column(),
        problem,
    }
}

fn value(place: String, problem: &'static str) -> PlanFileError {
    PlanFileError::Value { place, problem }
}

fn read_plan(row: &FileRow) -> Result<RedactionPlan, PlanFileError> {
    let style = match row.style.as_str() {
        "" => RedactionStyle::Noise,
        name => RedactionStyle::from_name(name)
            .ok_or_else(|| value("style".to_owned(), "must be `noise`, `silence` or `bleep`"))?,
    };
    if row.duration_ms > MAX_DURATION_MS {
        return Err(value("duration_ms".to_owned(), "is longer than 100 hours"));
    }
    let mut spans = Vec::with_capacity(row.spans.len());
    for (at, span) in row.spans.iter().enumerate() {
        let span = read_span(at, span)?;
        if row.duration_ms > 0 && span.end_ms > row.duration_ms {
            return Err(value(format!("spans[{at}]"), "ends after the audio"));
        }
        spans.push(span);
    }
    spans.sort_by_key(|span| (span.start_ms, span.end_ms));
    let mut ids: Vec<_> = spans.iter().map(|span| &span.id).collect();
    ids.sort();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(value("spans".to_owned(), "two spans have the same id"));
    }
    let (policy, engine, duration_ms) = (row.policy.clone(), row.engine.clone(), row.duration_ms);
    Ok(RedactionPlan {
        policy,
        style,
        duration_ms,
        spans,
        engine,
    })
}

fn read_span(at: usize, row: &SpanRow) -> Result<RedactionSpan, PlanFileError> {
    let bad = |problem| value(format!("spans[{at}]"), problem);
    let ms = |time: Milliseconds, round: fn(f64) -> f64| whole_ms(time, round).map_err(bad);
    // Outward: a fraction of a millisecond must not leave the start of a word audible.
    let (start_ms, end_ms) = (ms(row.start_ms, f64::floor)?, ms(row.end_ms, f64::ceil)?);
    if start_ms >= end_ms {
        return Err(bad("must start before it ends"));
    }
    let raw_start_ms = row
        .raw_start_ms
        .map_or(Ok(start_ms), |time| ms(time, f64::floor))?;
    let raw_end_ms = row
        .raw_end_ms
        .map_or(Ok(end_ms), |time| ms(time, f64::ceil))?;
    let score = row.score.unwrap_or(1.0);
    if !(0.0..=1.0).contains(&score) {
        return Err(bad("`score` must be from 0 to 1"));
    }
    let known = |found: bool, problem| if found { Ok(()) } else { Err(bad(problem)) };
    let entity = row
        .entity
        .as_deref()
        .map_or(Some(EntityKind::Other), EntityKind::from_name);
    let owner = row
        .owner
        .as_deref()
        .map_or(Some(Owner::Unknown), Owner::from_name);
    let decision = SpanDecision::from_name(&row.decision);
    known(entity.is_some(), "`entity` is not a known kind")?;
    known(
        decision.is_some(),
        "`decision` must be `redact`, `review` or `keep`",
    )?;
    let id = row.id.clone().unwrap_or_else(|| format!("s{:03}", at + 1));
    Ok(RedactionSpan {
        id: SpanId::new(id).map_err(|_| bad("`id` is not an id"))?,
        start_ms,
        end_ms,
        raw_start_ms,
        raw_end_ms,
        channel: row.channel,
        spoken_on: row.spoken_on,
        entity: entity.unwrap_or(EntityKind::Other),
        score: score as f32,
        recognizer: row
            .recognizer
            .clone()
            .unwrap_or_else(|| "manual".to_owned()),
        owner: owner.ok_or_else(|| bad("`owner` is not known"))?,
        decision: decision.unwrap_or(SpanDecision::Redact),
        explanation: row.explanation.clone(),
        words: row.words.clone(),
        origin: match row.origin.as_deref() {
            Some("detected") => SpanOrigin::Detected,
            None | Some("manual") => SpanOrigin::Manual,
            Some(_) => return Err(bad("`origin` must be `detected` or `manual`")),
        },
    })
}

fn whole_ms(time: Milliseconds, round: fn(f64) -> f64) -> Result<u64, &'static str> {
    let time = match time {
        Milliseconds::Whole(ms) if ms <= MAX_DURATION_MS => return Ok(ms),
        Milliseconds::Whole(ms) => ms as f64,
        Milliseconds::Fraction(ms) => ms,
    };
    if !time.is_finite() || time < 0.0 {
        return Err("times must be numbers from 0");
    }
    if time > MAX_DURATION_MS as f64 {
        return Err("times must be milliseconds below 100 hours");
    }
    // Checked above: a whole number between 0 and 360 million.
    Ok(round(time) as u64)
}

fn read_range(at: usize, row: &RangeRow) -> Result<ReplacedRange, PlanFileError> {
    let bad = |problem| value(format!("ranges[{at}]"), problem);
    if row.start_frame >= row.end_frame {
        return Err(bad("must start before it ends"));
    }
    Ok(ReplacedRange {
        channel: row.channel,
        start_frame: row.start_frame,
        end_frame: row.end_frame,
        seed: SpanSeed::parse(&row.seed).ok_or_else(|| bad("`seed` must be 64 hex digits"))?,
        style: RedactionStyle::from_name(&row.style).ok_or_else(|| bad("`style` is not known"))?,
    })
}

fn span_row(span: &RedactionSpan) -> SpanRow {
    SpanRow {
        id: Some(span.id.as_str().to_owned()),
        start_ms: Milliseconds::Whole(span.start_ms),
        end_ms: Milliseconds::Whole(span.end_ms),
        raw_start_ms: Some(Milliseconds::Whole(span.raw_start_ms)),
        raw_end_ms: Some(Milliseconds::Whole(span.raw_end_ms)),
        channel: span.channel,
        spoken_on: span.spoken_on,
        entity: Some(span.entity.name().to_owned()),
        // Four decimals: what a person can use, and the same text on every machine.
        score: Some((f64::from(span.score) * 10_000.0).round() / 10_000.0),
        recognizer: Some(span.recognizer.clone()),
        owner: Some(span.owner.name().to_owned()),
        decision: span.decision.name().to_owned(),
        explanation: span.explanation.clone(),
        words: span.words.clone(),
        origin: Some(match span.origin {
            SpanOrigin::Detected => "detected".to_owned(),
            SpanOrigin::Manual => "manual".to_owned(),
        }),
    }
}

fn range_row(range: &ReplacedRange) -> RangeRow {
    RangeRow {
        channel: range.channel,
        start_frame: range.start_frame,
        end_frame: range.end_frame,
        style: range.style.name().to_owned(),
        seed: range.seed.hex(),
    }
}
