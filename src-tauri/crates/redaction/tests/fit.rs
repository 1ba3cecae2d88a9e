//! Whether a transcript belongs to the audio, and which channel carries whom.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod support;

use std::io::Cursor;

use domain::{
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, TranscriptOrigin, Word},
};
use redaction::{
    fit::{FitReport, check_fit},
    pcm::PcmReader,
    wav::Encoding,
};
use support::{speech_like, wav_bytes};

const RATE: usize = 8_000;
const SECONDS: usize = 12;

/// One side speaks in even seconds, the other in odd ones.
fn audio(external: usize) -> Vec<u8> {
    let speech = speech_like(7, RATE * SECONDS);
    let mut samples = Vec::with_capacity(speech.len() * 2);
    for (at, sample) in speech.iter().enumerate() {
        let speaking = (at / RATE + external) % 2;
        // Between words nobody speaks.
        let sample = if (160..1_760).contains(&(at % 2_000)) {
            sample
        } else {
            &0
        };
        let quiet = i16::try_from(at % 3).unwrap();
        samples.extend(if speaking == 0 {
            [*sample, quiet]
        } else {
            [quiet, *sample]
        });
    }
    wav_bytes(Encoding::Pcm16, 2, 8_000, &samples)
}

/// Speech with a pause after every word of [`transcript`].
fn spoken() -> Vec<i16> {
    (0..)
        .zip(speech_like(7, RATE * SECONDS))
        .map(|(at, it)| {
            if (160..1_760).contains(&(at % 2_000)) {
                it
            } else {
                0
            }
        })
        .collect()
}

/// Four words a second, alternating like the audio, moved by some time.
fn transcript(shift_ms: u64) -> Transcript {
    let word = |at: u64| Word {
        text: PersonalData::new("word".to_owned()),
        start_ms: at * 250 + shift_ms + 20,
        end_ms: at * 250 + shift_ms + 220,
        confidence: 0.9,
        channel: None,
        speaker: if (at / 4).is_multiple_of(2) {
            Speaker::External
        } else {
            Speaker::Internal
        },
        phrase: u32::try_from(at / 4).unwrap(),
    };
    let words = (0..SECONDS as u64 * 4).map(word).collect();
    Transcript::new(words, None, TranscriptOrigin::File)
}

fn fit(bytes: Vec<u8>, transcript: &Transcript) -> FitReport {
    check_fit(
        transcript,
        &mut PcmReader::open(Cursor::new(bytes)).unwrap(),
    )
    .unwrap()
}

#[test]
fn words_on_speech_fit_and_tell_the_channels() {
    for external in [0, 1] {
        let report = fit(audio(external), &transcript(0));
        assert!(report.fits(), "{report:?}");
        assert!(report.channels_known(), "{report:?}");
        let expected = u8::try_from(external).unwrap();
        assert_eq!(report.mapping.external, Some(expected), "{report:?}");
        assert_eq!(report.mapping.internal, Some(1 - expected), "{report:?}");
    }
}

#[test]
fn words_behind_the_end_do_not_fit() {
    let report = fit(audio(0), &transcript(2_000));
    assert_eq!(report.words_beyond_end, 8);
    assert!(!report.fits(), "{report:?}");
}

#[test]
fn words_on_silence_do_not_fit() {
    let silent = wav_bytes(Encoding::Pcm16, 2, 8_000, &vec![0; RATE * SECONDS * 2]);
    let report = fit(silent, &transcript(0));
    assert_eq!(report.active_share, 0.0);
    assert!(!report.fits() && !report.channels_known(), "{report:?}");
}

#[test]
fn the_channels_of_a_mono_recording_are_not_known() {
    let mono = wav_bytes(Encoding::Pcm16, 1, 8_000, &spoken());
    let report = fit(mono, &transcript(0));
    assert!(report.fits(), "{report:?}");
    assert!(!report.channels_known() && report.mapping.external.is_none());
}

#[test]
fn sides_that_are_loud_on_both_channels_are_not_told_apart() {
    let speech = spoken();
    let both: Vec<i16> = speech.iter().flat_map(|&it| [it, it]).collect();
    let report = fit(wav_bytes(Encoding::Pcm16, 2, 8_000, &both), &transcript(0));
    assert!(!report.channels_known(), "{report:?}");
}

/// Words of uneven length with uneven pauses, one side after the other; the same for the same seed.
fn conversation(seed: u32) -> Vec<(u64, u64, u8)> {
    let mut state = seed;
    let mut next = |from: u64, to: u64| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        from + u64::from(state >> 16) % (to - from)
    };
    let (mut at, mut words) = (400, vec![]);
    for number in 0..60 {
        let end = at + next(120, 450);
        words.push((at, end, u8::from(number / 6 % 2 == 1)));
        at = end
            + if number % 6 == 5 {
                next(300, 900)
            } else {
                next(20, 200)
            };
    }
    words
}

fn recorded(words: &[(u64, u64, u8)]) -> Vec<u8> {
    let frames = usize::try_from(words.last().unwrap().1 + 600).unwrap() * 8;
    let noise = speech_like(3, frames * 4);
    let mut samples = vec![0_i16; frames * 2];
    for (number, &(start, end, channel)) in words.iter().enumerate() {
        for frame in start * 8..end * 8 {
            let frame = usize::try_from(frame).unwrap();
            samples[frame * 2 + usize::from(channel)] = noise[frame * 4 + number % 4] / 2 + 400;
        }
    }
    wav_bytes(Encoding::Pcm16, 2, 8_000, &samples)
}

fn transcribed(words: &[(u64, u64, u8)], shift_ms: i64, swapped: bool) -> Transcript {
    let words = words.iter().map(|&(start, end, channel)| {
        let channel = if swapped { 1 - channel } else { channel };
        Word {
            text: PersonalData::new("word".to_owned()),
            start_ms: start.saturating_add_signed(shift_ms),
            end_ms: end.saturating_add_signed(shift_ms),
            confidence: 0.9,
            channel: Some(channel),
            speaker: if channel == 0 {
                Speaker::External
            } else {
                Speaker::Internal
            },
            phrase: 0,
        }
    });
    Transcript::new(words.collect(), None, TranscriptOrigin::File)
}

#[test]
fn words_that_are_300_ms_early_or_late_do_not_fit() {
    for seed in 1..6 {
        let words = conversation(seed);
        let audio = recorded(&words);
        let right = fit(audio.clone(), &transcribed(&words, 0, false));
        assert!(right.fits(), "{right:?}");
        for shift_ms in [-300, 300] {
            let report = fit(audio.clone(), &transcribed(&words, shift_ms, false));
            assert!(
                report.rhythm.is_shifted() && !report.fits(),
                "{shift_ms}: {report:?}"
            );
            assert!(
                (report.rhythm.best_shift_ms + shift_ms).abs() <= 40,
                "{report:?}"
            );
        }
    }
}

#[test]
fn the_transcript_of_another_call_does_not_fit() {
    for seed in 1..6 {
        let audio = recorded(&conversation(seed));
        let report = fit(audio, &transcribed(&conversation(seed + 20), 0, false));
        assert!(!report.fits(), "{report:?}");
    }
}

#[test]
fn channels_the_other_way_round_are_noticed() {
    let words = conversation(4);
    let report = fit(recorded(&words), &transcribed(&words, 0, true));
    assert!(report.mapping.is_swapped() && !report.fits(), "{report:?}");
    assert!(
        !fit(recorded(&words), &transcribed(&words, 0, false))
            .mapping
            .is_swapped()
    );
}

#[test]
fn a_transcript_without_words_fits_nothing() {
    let empty = Transcript::new(vec![], None, TranscriptOrigin::File);
    assert!(!fit(audio(0), &empty).fits());
}
