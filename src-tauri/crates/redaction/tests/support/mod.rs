//! Signals, files and plans for the tests.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "each test binary uses a part"
)]

pub mod attack;
pub mod dialogue;
pub mod packets;
pub mod speech;
pub mod tools;

use std::{collections::BTreeMap, io::Cursor};

use domain::{
    detection::SpanDecision,
    entity::{EntityKind, Owner},
    ids::SpanId,
    plan::{RedactionPlan, RedactionSpan, RedactionStyle, SpanOrigin},
};
use redaction::{
    ranges::{ReplacedRange, SpanSeed},
    render::{Rendered, render, spans_to_seed},
    verify::{VerificationReport, verify},
    wav::{Container, Encoding, WavInfo, padding, write_header},
};

/// Colored, syllable-like bursts from a small generator; the same for the same seed.
pub fn speech_like(seed: u8, samples: usize) -> Vec<i16> {
    let mut state = u32::from(seed)
        .wrapping_mul(2_654_435_761)
        .wrapping_add(12_345);
    let (mut low, mut lower) = (0_i32, 0_i32);
    let next = |at: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let white = (state >> 16) as i32 - 32_768;
        low += (white - low) / 3;
        lower += (low - lower) / 9;
        let syllable = (at / 1200 % 4) as i32;
        ((low - lower) * syllable / 4) as i16
    };
    (0..samples).map(next).collect()
}

/// A canonical WAV file of interleaved samples.
pub fn wav_bytes(encoding: Encoding, channels: u16, rate: u32, samples: &[i16]) -> Vec<u8> {
    file_bytes(Container::Wav, encoding, channels, rate, samples)
}

/// A canonical file of interleaved samples in any container of plain samples.
pub fn file_bytes(
    container: Container,
    encoding: Encoding,
    channels: u16,
    rate: u32,
    samples: &[i16],
) -> Vec<u8> {
    let data: Vec<u8> = samples
        .iter()
        .flat_map(|&sample| encoded(encoding, sample))
        .collect();
    let info = WavInfo {
        container,
        encoding,
        channels,
        sample_rate_hz: rate,
        data_offset: 0,
        data_len: data.len() as u64,
        frames: samples.len() as u64 / u64::from(channels),
        warnings: vec![],
    };
    let mut file = Vec::new();
    write_header(&mut file, &info).unwrap();
    file.extend(data);
    file.extend(vec![0; padding(&info)]);
    file
}

fn encoded(encoding: Encoding, sample: i16) -> Vec<u8> {
    let [low, high] = sample.to_le_bytes();
    match encoding {
        Encoding::Pcm8 => vec![high ^ 0x80],
        Encoding::PcmSigned8 => vec![high],
        Encoding::Pcm16Be => vec![high, low],
        Encoding::Pcm24Be => vec![high, low, 0x5a],
        Encoding::Pcm32Be => vec![high, low, 0x5a, 0xa5],
        Encoding::Pcm16 => vec![low, high],
        Encoding::Pcm24 => vec![0x5a, low, high],
        Encoding::Pcm32 => vec![0xa5, 0x5a, low, high],
        Encoding::MuLaw => vec![redaction::g711::encode_mu_law(sample)],
        Encoding::ALaw => vec![redaction::g711::encode_a_law(sample)],
    }
}

/// A plan that replaces these milliseconds on all channels.
pub fn plan_of(duration_ms: u64, spans: &[(u64, u64)]) -> RedactionPlan {
    let spans = spans
        .iter()
        .enumerate()
        .map(|(at, &(start_ms, end_ms))| RedactionSpan {
            id: SpanId::new(format!("s{:03}", at + 1)).unwrap(),
            start_ms,
            end_ms,
            raw_start_ms: start_ms,
            raw_end_ms: end_ms,
            channel: None,
            spoken_on: None,
            entity: EntityKind::CreditCard,
            score: 1.0,
            recognizer: "test".to_owned(),
            owner: Owner::Unknown,
            decision: SpanDecision::Redact,
            explanation: vec![],
            words: vec![],
            origin: SpanOrigin::Detected,
        });
    RedactionPlan {
        policy: "third_party_copy".to_owned(),
        style: RedactionStyle::Noise,
        duration_ms,
        spans: spans.collect(),
        engine: "test".to_owned(),
    }
}

/// One seed per replaced span.
pub fn seeds_for(plan: &RedactionPlan, salt: u8) -> BTreeMap<SpanId, SpanSeed> {
    let seed =
        |(at, id): (usize, &SpanId)| (id.clone(), SpanSeed::new([salt.wrapping_add(at as u8); 32]));
    spans_to_seed(plan).enumerate().map(seed).collect()
}

/// A recording redacted by the plan.
pub fn rendered(original: &[u8], plan: &RedactionPlan) -> (Vec<u8>, Rendered) {
    let mut out = Vec::new();
    let done = render(
        &mut Cursor::new(original),
        &mut out,
        plan,
        &seeds_for(plan, 1),
    )
    .unwrap();
    (out, done)
}

/// What verification says of it.
pub fn checked(
    original: &[u8],
    redacted: &[u8],
    plan: &RedactionPlan,
    ranges: &[ReplacedRange],
) -> VerificationReport {
    verify(
        &mut Cursor::new(original),
        &mut Cursor::new(redacted),
        plan,
        ranges,
    )
}
