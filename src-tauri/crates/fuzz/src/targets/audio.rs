//! Audio files and redaction plans.

use std::{collections::BTreeMap, io::Cursor};

use domain::{
    detection::SpanDecision,
    entity::{EntityKind, Owner},
    ids::SpanId,
    plan::{RedactionPlan, RedactionSpan, RedactionStyle, SpanOrigin},
};
use redaction::{
    media,
    pcm::PcmReader,
    peaks::peaks,
    plan_file::PlanFile,
    ranges::{ReplacedRange, SpanSeed},
    render::{Delivered, render, spans_to_seed},
    verify::verify,
};

/// Peaks a second, as the player draws them.
const POINTS_PER_SECOND: u32 = 50;

/// A recording of any format: what it holds and how it looks.
pub fn read(bytes: &[u8]) {
    media::identify(bytes);
    let Ok(mut audio) = PcmReader::open(Cursor::new(bytes)) else {
        return;
    };
    assert!(
        audio.info().frames > 0,
        "audio without frames is never a success"
    ); // S0-71
    // A packet in the middle may be broken; that is an error, and nothing worse.
    peaks(&mut audio, POINTS_PER_SECOND).ok();
}

/// A recording of which the middle third is removed: what was rendered passes its own checks.
pub fn redact(bytes: &[u8]) {
    let Some((plan, rendered)) = render_middle_third(bytes) else {
        return;
    };
    let (mut original, mut redacted) = (Cursor::new(bytes), Cursor::new(&rendered.bytes));
    let report = verify(&mut original, &mut redacted, &plan, &rendered.ranges);
    assert!(report.nothing_failed(), "{:?}", report.checks);
}

/// A redacted recording.
#[derive(Debug)]
pub struct Redacted {
    /// The file.
    pub bytes: Vec<u8>,
    /// What was replaced in it.
    pub ranges: Vec<ReplacedRange>,
    /// Its format.
    pub delivered: Delivered,
}

/// Removes the middle third of a recording; `None` when it cannot be read or rendered.
pub fn render_middle_third(bytes: &[u8]) -> Option<(RedactionPlan, Redacted)> {
    let audio = PcmReader::open(Cursor::new(bytes)).ok()?;
    let plan = middle_third(audio.info().duration_ms());
    let seeds: BTreeMap<_, _> = spans_to_seed(&plan)
        .map(|id| (id.clone(), SpanSeed::new([7; 32])))
        .collect();
    let mut out = Vec::new();
    let rendered = render(&mut Cursor::new(bytes), &mut out, &plan, &seeds).ok()?;
    let redacted = Redacted {
        bytes: out,
        ranges: rendered.ranges,
        delivered: rendered.delivered,
    };
    Some((plan, redacted))
}

fn middle_third(duration_ms: u64) -> RedactionPlan {
    let (start_ms, end_ms) = (duration_ms / 3, duration_ms - duration_ms / 3);
    let span = RedactionSpan {
        id: SpanId::new("s001").expect("a valid name"),
        start_ms,
        end_ms,
        raw_start_ms: start_ms,
        raw_end_ms: end_ms,
        channel: None,
        spoken_on: None,
        entity: EntityKind::CreditCard,
        score: 1.0,
        recognizer: "fuzz".to_owned(),
        owner: Owner::Unknown,
        decision: SpanDecision::Redact,
        explanation: Vec::new(),
        words: Vec::new(),
        origin: SpanOrigin::Detected,
    };
    RedactionPlan {
        policy: "third_party_copy".to_owned(),
        style: RedactionStyle::Noise,
        duration_ms,
        spans: vec![span],
        engine: "fuzz".to_owned(),
    }
}

/// A plan file: what is accepted is the same after it is written and read again.
pub fn plan(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(plan) = PlanFile::from_json(text) {
        let again = PlanFile::from_json(&plan.to_json()).expect("an own file can be read");
        assert_eq!(again.to_json(), plan.to_json(), "a plan has one form");
    }
}
