//! That hidden means gone: rendering and verification of plain samples.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod support;

use std::io::Cursor;

use domain::{
    detection::SpanDecision,
    plan::{RedactionPlan, RedactionStyle},
};
use proptest::prelude::*;
use redaction::{
    pcm::PcmReader,
    peaks::peaks,
    ranges::ReplacedRange,
    render::{RenderError, render},
    verify::{Outcome, VerificationReport, verify_without_original},
    wav::Encoding,
};
use support::{checked, plan_of, rendered, seeds_for, speech_like, wav_bytes};

const RATE: u32 = 8000;

fn failed(report: &VerificationReport) -> Vec<&'static str> {
    let failed = report
        .checks
        .iter()
        .filter(|check| matches!(check.outcome, Outcome::Failed { .. }));
    failed.map(|check| check.name).collect()
}

fn pcm(bytes: &[u8]) -> Vec<i16> {
    let mut reader = PcmReader::open(Cursor::new(bytes)).unwrap();
    let frames = reader.info().frames as usize;
    reader.read_frames(0, frames).unwrap()
}

// B10, S0-47, S0-51
#[test]
fn every_encoding_and_style_is_rendered_and_passes_its_own_verification() {
    for encoding in Encoding::ALL {
        for channels in [1, 2] {
            for style in [
                RedactionStyle::Noise,
                RedactionStyle::Silence,
                RedactionStyle::Tone,
            ] {
                let original = wav_bytes(
                    encoding,
                    channels,
                    RATE,
                    &speech_like(5, 6 * RATE as usize * usize::from(channels)),
                );
                let mut plan = plan_of(6000, &[(1000, 2250), (2255, 2500), (4000, 5000)]);
                plan.style = style;
                let (redacted, done) = rendered(&original, &plan);
                let report = checked(&original, &redacted, &plan, &done.ranges);
                assert!(
                    report.passed(),
                    "{} {channels} {style:?} {report:?}",
                    encoding.name()
                );
                assert_eq!(pcm(&original).len(), pcm(&redacted).len());
                assert_eq!(done.ranges.len(), 3 * usize::from(channels));
                let alone =
                    verify_without_original(&mut Cursor::new(&redacted), &plan, &done.ranges);
                assert!(alone.nothing_failed() && !alone.passed(), "{alone:?}");
            }
        }
    }
}

#[test]
fn digests_and_sizes_are_those_of_the_files() {
    use sha2::Digest;
    let original = wav_bytes(Encoding::MuLaw, 2, RATE, &speech_like(5, 48_000));
    let (redacted, done) = rendered(&original, &plan_of(3000, &[(500, 1500)]));
    let digest = |bytes: &[u8]| <[u8; 32]>::from(sha2::Sha256::digest(bytes));
    assert_eq!(done.original_sha256.as_bytes(), &digest(&original));
    assert_eq!(done.redacted_sha256.as_bytes(), &digest(&redacted));
    assert_eq!(done.size_bytes, redacted.len() as u64);
    assert_eq!(done.frames, 24_000);
}

// The strongest single proof that nothing inside a span is left.
#[test]
fn originals_that_differ_only_inside_spans_give_identical_files() {
    for encoding in Encoding::ALL {
        let mut samples = speech_like(5, 2 * 6 * RATE as usize);
        let first = wav_bytes(encoding, 2, RATE, &samples);
        for (start, end) in [(1000, 2250), (2255, 2500), (4000, 5000)] {
            let inside = start * 16..end * 16;
            for (at, sample) in samples[inside].iter_mut().enumerate() {
                *sample = (at as i16).wrapping_mul(31);
            }
        }
        let second = wav_bytes(encoding, 2, RATE, &samples);
        let plan = plan_of(6000, &[(1000, 2250), (2255, 2500), (4000, 5000)]);
        assert_ne!(first, second);
        assert_eq!(
            rendered(&first, &plan).0,
            rendered(&second, &plan).0,
            "{}",
            encoding.name()
        );
    }
}

#[test]
fn outside_spans_and_fades_every_byte_is_the_originals() {
    let original = wav_bytes(Encoding::Pcm16, 2, RATE, &speech_like(5, 96_000));
    let (redacted, _) = rendered(&original, &plan_of(6000, &[(1000, 2000)]));
    let at = |ms: usize| 44 + ms * 8 * 4;
    assert_eq!(original[at(0)..at(990)], redacted[at(0)..at(990)]);
    assert_eq!(original[at(2010)..], redacted[at(2010)..]);
    assert_ne!(
        original[at(990)..at(1000)],
        redacted[at(990)..at(1000)],
        "the fade is there"
    );
}

#[test]
fn a_span_on_one_channel_leaves_the_other_alone() {
    let original = wav_bytes(Encoding::Pcm16, 2, RATE, &speech_like(5, 96_000));
    let mut plan = plan_of(6000, &[(1000, 2000)]);
    plan.spans[0].channel = Some(1);
    let (redacted, done) = rendered(&original, &plan);
    let (was, is) = (pcm(&original), pcm(&redacted));
    assert!(was.iter().step_by(2).eq(is.iter().step_by(2)));
    assert!(
        !was.iter()
            .skip(1)
            .step_by(2)
            .eq(is.iter().skip(1).step_by(2))
    );
    assert!(checked(&original, &redacted, &plan, &done.ranges).passed());
}

#[test]
fn kept_spans_stay_and_undecided_ones_go() {
    let original = wav_bytes(Encoding::Pcm16, 1, RATE, &speech_like(5, 48_000));
    let mut plan = plan_of(6000, &[(1000, 2000), (3000, 4000)]);
    plan.spans[0].decision = SpanDecision::Keep;
    plan.spans[1].decision = SpanDecision::Review;
    let (redacted, done) = rendered(&original, &plan);
    let (was, is) = (pcm(&original), pcm(&redacted));
    assert_eq!(was[8000..16_000], is[8000..16_000]);
    assert_ne!(was[24_000..32_000], is[24_000..32_000]);
    assert_eq!(done.ranges.len(), 1);
}

#[test]
fn spans_at_the_edges_and_over_everything_work() {
    let original = wav_bytes(Encoding::ALaw, 1, RATE, &speech_like(5, 48_003));
    for spans in [
        &[(0, 500)][..],
        &[(5500, 6001)],
        &[(0, 6001)],
        &[(0, 3000), (3000, 6001)],
    ] {
        let plan = plan_of(6001, spans);
        let (redacted, done) = rendered(&original, &plan);
        assert!(
            checked(&original, &redacted, &plan, &done.ranges).passed(),
            "{spans:?}"
        );
        assert_eq!(
            done.ranges.last().unwrap().end_frame == 48_003,
            spans.last().unwrap().1 == 6001
        );
    }
}

#[test]
fn plans_that_do_not_belong_to_the_audio_are_refused() {
    let original = wav_bytes(Encoding::Pcm16, 1, RATE, &speech_like(5, 48_000));
    let run = |plan: &RedactionPlan| {
        render(
            &mut Cursor::new(&original),
            &mut Vec::new(),
            plan,
            &seeds_for(plan, 1),
        )
    };
    let other = plan_of(9000, &[(0, 500)]);
    assert!(matches!(
        run(&other),
        Err(RenderError::OtherLength {
            plan_ms: 9000,
            audio_ms: 6000
        })
    ));
    let mut channel = plan_of(6000, &[(0, 500)]);
    channel.spans[0].channel = Some(1);
    assert!(matches!(
        run(&channel),
        Err(RenderError::NoSuchChannel { .. })
    ));
    let plan = plan_of(6000, &[(0, 500)]);
    let unseeded = render(
        &mut Cursor::new(&original),
        &mut Vec::new(),
        &plan,
        &Default::default(),
    );
    assert!(matches!(unseeded, Err(RenderError::MissingSeed { .. })));
}

#[test]
fn only_format_and_samples_leave() {
    let mut original = wav_bytes(Encoding::Pcm16, 1, RATE, &speech_like(5, 48_000));
    original.extend(b"LIST\x10\0\0\0INFOIART\x04\0\0\0Anna");
    let (redacted, _) = rendered(&original, &plan_of(6000, &[(0, 500)]));
    assert_eq!(redacted.len(), 44 + 96_000);
    assert!(
        !redacted
            .windows(4)
            .any(|bytes| bytes == b"Anna" || bytes == b"LIST")
    );
}

// What verification must catch.
#[test]
fn verification_catches_what_was_not_redacted() {
    let original = wav_bytes(Encoding::Pcm16, 2, RATE, &speech_like(5, 96_000));
    let plan = plan_of(6000, &[(1000, 2000), (4000, 5000)]);
    let (redacted, done) = rendered(&original, &plan);
    let check =
        |file: &[u8], ranges: &[ReplacedRange]| failed(&checked(&original, file, &plan, ranges));

    assert_eq!(check(&redacted, &done.ranges), [""; 0]);
    assert_eq!(
        check(&original, &done.ranges),
        ["spans_replaced", "nothing_left_inside"],
        "unchanged file"
    );
    assert!(
        check(&redacted, &done.ranges[1..]).contains(&"plan_covered"),
        "a channel forgotten"
    );

    let mut one_channel = redacted.clone();
    for frame in 8000..16_000 {
        let at = 44 + frame * 4;
        one_channel[at..at + 2].copy_from_slice(&original[at..at + 2]);
    }
    assert!(
        check(&one_channel, &done.ranges).contains(&"spans_replaced"),
        "one channel restored"
    );

    let (shifted, shifted_done) =
        rendered(&original, &plan_of(6000, &[(1100, 2100), (4000, 5000)]));
    assert!(
        check(&shifted, &shifted_done.ranges).contains(&"plan_covered"),
        "shifted spans"
    );
    assert!(
        check(&shifted, &done.ranges).contains(&"spans_replaced"),
        "shifted audio"
    );

    let cut = &redacted[..redacted.len() - 4000];
    assert_eq!(
        check(cut, &done.ranges),
        ["audio_present"],
        "truncated output"
    );
    assert_eq!(check(&[], &done.ranges), ["audio_present"], "empty file");

    let mut tail = redacted.clone();
    tail.extend(b"tags");
    assert!(check(&tail, &done.ranges).contains(&"no_extra_bytes"));

    let mut touched = redacted.clone();
    touched[44 + 100] ^= 1;
    assert_eq!(check(&touched, &done.ranges), ["outside_untouched"]);
}

#[test]
fn noise_mixed_over_speech_is_caught_twice() {
    let original = wav_bytes(Encoding::Pcm16, 1, RATE, &speech_like(5, 64_000));
    let plan = plan_of(8000, &[(2000, 5000)]);
    let (redacted, done) = rendered(&original, &plan);
    let (was, noise) = (pcm(&original), pcm(&redacted));
    let mixed: Vec<i16> = was
        .iter()
        .zip(&noise)
        .enumerate()
        .map(|(at, (&speech, &noise))| {
            if (16_000..40_000).contains(&at) {
                noise.saturating_add(speech / 4)
            } else {
                noise
            }
        })
        .collect();
    let mixed = wav_bytes(Encoding::Pcm16, 1, RATE, &mixed);
    let report = checked(&original, &mixed, &plan, &done.ranges);
    assert_eq!(failed(&report), ["spans_replaced", "nothing_left_inside"]);
}

#[test]
fn another_plan_does_not_pass() {
    let original = wav_bytes(Encoding::Pcm16, 1, RATE, &speech_like(5, 48_000));
    let (redacted, done) = rendered(&original, &plan_of(6000, &[(1000, 2000)]));
    let wrong = plan_of(6000, &[(1000, 2000), (3000, 4000)]);
    assert_eq!(
        failed(&checked(&original, &redacted, &wrong, &done.ranges)),
        ["plan_covered"]
    );
    let longer = plan_of(7000, &[(1000, 2000)]);
    assert_eq!(
        failed(&checked(&original, &redacted, &longer, &done.ranges)),
        ["length_unchanged"]
    );
}

#[test]
fn peaks_show_the_file_they_are_made_of() {
    let mut samples = vec![0_i16; 16_000];
    samples[8_001] = 25_600;
    samples[8_003] = -25_600;
    let file = wav_bytes(Encoding::Pcm16, 2, RATE, &samples);
    let peaks = peaks(&mut PcmReader::open(Cursor::new(file)).unwrap(), 10).unwrap();
    assert_eq!(peaks.channels[0], [(0, 0); 10]);
    assert_eq!(peaks.channels[1][5], (-100, 100));
    assert_eq!(peaks.coarser(5).channels[1], [(0, 0), (-100, 100)]);
}

proptest! {
    #[test]
    fn any_plan_renders_to_a_file_that_verifies(
        spans in proptest::collection::vec((0_u64..1990, 1_u64..700), 0..8),
        seed in any::<u8>(),
    ) {
        let original = wav_bytes(Encoding::MuLaw, 2, RATE, &speech_like(seed, 32_000));
        let mut spans: Vec<_> = spans.into_iter().map(|(start, len)| (start, (start + len).min(2000))).collect();
        spans.sort_unstable();
        let plan = plan_of(2000, &spans);
        let (redacted, done) = rendered(&original, &plan);
        let report = checked(&original, &redacted, &plan, &done.ranges);
        prop_assert!(report.passed(), "{:?}", report);
    }
}
