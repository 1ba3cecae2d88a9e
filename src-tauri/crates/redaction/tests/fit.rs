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
        let quiet = i16::try_from(at % 3).unwrap();
        samples.extend(if speaking == 0 {
            [*sample, quiet]
        } else {
            [quiet, *sample]
        });
    }
    wav_bytes(Encoding::Pcm16, 2, 8_000, &samples)
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
    let mono = wav_bytes(Encoding::Pcm16, 1, 8_000, &speech_like(7, RATE * SECONDS));
    let report = fit(mono, &transcript(0));
    assert!(report.fits(), "{report:?}");
    assert!(!report.channels_known() && report.mapping.external.is_none());
}

#[test]
fn sides_that_are_loud_on_both_channels_are_not_told_apart() {
    let speech = speech_like(7, RATE * SECONDS);
    let both: Vec<i16> = speech.iter().flat_map(|&it| [it, it]).collect();
    let report = fit(wav_bytes(Encoding::Pcm16, 2, 8_000, &both), &transcript(0));
    assert!(!report.channels_known(), "{report:?}");
}

#[test]
fn a_transcript_without_words_fits_nothing() {
    let empty = Transcript::new(vec![], None, TranscriptOrigin::File);
    assert!(!fit(audio(0), &empty).fits());
}
