//! Whether a listener who knows the voice can still hear a card number. // B3
//!
//! The measurements behind this are in docs/decisions: replacement leaves nothing, everything that
//! is mixed with or shaped by the speech leaves nearly all of it.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod support;

use std::io::Cursor;

use domain::plan::{RedactionPlan, RedactionStyle};
use redaction::{
    pcm::PcmReader,
    planning::{PAD_AFTER_MS, PAD_BEFORE_MS},
    render::{Rendered, render},
    verify::verify,
    wav::Encoding,
};
use support::{
    attack::{Spectra, by_spectra, by_waveform},
    plan_of, seeds_for,
    speech::{Call, PAUSE, call, quiet_line, templates},
    tools::{get, have, put, run},
    wav_bytes,
};

/// Chance is 10 %; this many of a hundred digits at most may be told right in our output.
const MOST_FROM_OURS: usize = 15;
/// At least one listener tells this many of a hundred in a bad redaction: the listeners work.
const LEAST_FROM_BAD: usize = 80;
const NUMBERS: u32 = 4;
const VOICE: &str = "rms";

struct Scene {
    folder: tempfile::TempDir,
    templates: Vec<Vec<i16>>,
    calls: Vec<Call>,
    spectra: Spectra,
}

impl Scene {
    /// `None` where the programs that speak are missing.
    fn set() -> Option<Self> {
        if !have(&["flite", "sox"]) {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let templates = templates(folder.path(), VOICE);
        let calls = (1..=NUMBERS).map(|seed| call(&templates, seed)).collect();
        Some(Self {
            folder,
            templates,
            calls,
            spectra: Spectra::new(),
        })
    }

    /// The templates with as many samples each, and how many: the shortest digit and the pause behind it. The
    /// length alone would tell some digits.
    fn equally_long(&self) -> (Vec<Vec<i16>>, usize) {
        let shortest = self.templates.iter().map(Vec::len).min().unwrap();
        let window = shortest + PAUSE;
        let mut templates = self.templates.clone();
        let quiet = quiet_line(window);
        for template in &mut templates {
            let rest = template.len().min(window);
            template.truncate(window);
            template.extend(&quiet[rest..]);
        }
        (templates, window)
    }

    /// How many of a hundred digits each listener tells right, on the better channel of each call.
    fn told(&self, heard: impl Fn(&Call) -> Vec<Vec<i16>>) -> (usize, usize) {
        let (mut spectra, mut waveform, mut all) = (0, 0, 0);
        let (templates, window) = self.equally_long();
        for call in &self.calls {
            let channels = heard(call);
            let best = |right: &dyn Fn(&[i16], usize, usize) -> bool| {
                let on = |channel: &Vec<i16>| {
                    call.digits
                        .iter()
                        .filter(|it| right(channel, it.0, it.1))
                        .count()
                };
                channels.iter().map(on).max().unwrap()
            };
            spectra += best(&|samples, digit, start| {
                by_spectra(&self.spectra, &samples[start..start + window], &templates) == digit
            });
            waveform += best(&|samples, digit, start| {
                by_waveform(samples, start, &self.templates) == digit
            });
            all += call.digits.len();
        }
        (spectra * 100 / all, waveform * 100 / all)
    }
}

fn plan_for(call: &Call, style: RedactionStyle) -> RedactionPlan {
    let (start, end) = call.number_ms();
    let span = (start - PAD_BEFORE_MS, end + PAD_AFTER_MS);
    let mut plan = plan_of(call.duration_ms(), &[span]);
    plan.style = style;
    plan
}

fn redacted(original: &[u8], plan: &RedactionPlan) -> (Vec<u8>, Rendered) {
    let mut out = Vec::new();
    let done = render(
        &mut Cursor::new(original),
        &mut out,
        plan,
        &seeds_for(plan, 3),
    )
    .unwrap();
    (out, done)
}

/// Every channel of a file at 8 kHz.
fn channels(bytes: &[u8]) -> Vec<Vec<i16>> {
    let mut reader = PcmReader::open(Cursor::new(bytes)).unwrap();
    let (frames, width) = (reader.info().frames, usize::from(reader.info().channels));
    let samples = reader.read_frames(0, frames as usize).unwrap();
    (0..width)
        .map(|at| samples.iter().skip(at).step_by(width).copied().collect())
        .collect()
}

#[test]
fn listeners_hear_the_original_and_nothing_of_what_we_redact() {
    let Some(scene) = Scene::set() else { return };
    let (spectra, waveform) = scene.told(|call| channels(&call.stereo()));
    assert!(
        spectra >= LEAST_FROM_BAD && waveform >= LEAST_FROM_BAD,
        "{spectra} {waveform}"
    );
    for style in [
        RedactionStyle::Noise,
        RedactionStyle::Silence,
        RedactionStyle::Tone,
    ] {
        let (spectra, waveform) = scene.told(|call| {
            channels(&redacted(&call.stereo(), &plan_for(call, style)).0)[..1].to_vec()
        });
        let most = spectra.max(waveform);
        assert!(
            most <= MOST_FROM_OURS,
            "{style:?}: spectra {spectra} %, waveform {waveform} %"
        );
    }
}

/// The other channel holds an echo of the number: it goes with it.
#[test]
fn the_echo_on_the_other_channel_is_gone_too() {
    let Some(scene) = Scene::set() else { return };
    let echo = |bytes: &[u8]| channels(bytes)[1..].to_vec();
    let (spectra, waveform) = scene.told(|call| echo(&call.stereo()));
    assert!(
        spectra.max(waveform) >= LEAST_FROM_BAD,
        "the echo is audible: {spectra} {waveform}"
    );
    let (spectra, waveform) = scene
        .told(|call| echo(&redacted(&call.stereo(), &plan_for(call, RedactionStyle::Noise)).0));
    assert!(
        spectra.max(waveform) <= MOST_FROM_OURS,
        "{spectra} {waveform}"
    );
}

#[test]
fn listeners_hear_nothing_in_other_codecs_either() {
    let Some(scene) = Scene::set() else { return };
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = scene.folder.path();
    for (file, options) in [
        ("call.mp3", "-b:a 32k"),
        ("call.opus", "-b:a 24k"),
        ("call.flac", ""),
    ] {
        let (spectra, waveform) = scene.told(|call| {
            put(folder, "call.wav", &call.stereo());
            run(
                folder,
                &format!("ffmpeg -v error -y -i call.wav {options} {file}"),
            );
            let original = get(folder, file);
            let duration = PcmReader::open(Cursor::new(&original))
                .unwrap()
                .info()
                .duration_ms();
            let mut plan = plan_for(call, RedactionStyle::Noise);
            plan.duration_ms = duration;
            channels(&redacted(&original, &plan).0)[..1].to_vec()
        });
        assert!(
            spectra.max(waveform) <= MOST_FROM_OURS,
            "{file}: {spectra} {waveform}"
        );
    }
}

/// A bad redaction: its name, and the file that it leaves of a call.
type Bad = (&'static str, fn(&Scene, &Call) -> Vec<u8>);

const BAD: &[Bad] = &[
    ("noise added over speech", noise_over_speech),
    ("noise-vocoded speech", vocoded),
    ("one channel forgotten", one_channel),
    ("spans shifted by 300 ms", shifted),
    ("an unchanged file", |_, call| call.stereo()),
];

fn over(call: &Call, change: impl Fn(&[i16]) -> Vec<i16>) -> Vec<u8> {
    let mut both = channels(&call.stereo());
    let (start, end) = call.number_ms();
    for channel in &mut both {
        let range = start as usize * 8..end as usize * 8;
        let changed = change(&channel[range.clone()]);
        channel[range].copy_from_slice(&changed);
    }
    let samples: Vec<i16> = both[0]
        .iter()
        .zip(&both[1])
        .flat_map(|(&a, &b)| [a, b])
        .collect();
    wav_bytes(Encoding::MuLaw, 2, 8_000, &samples)
}

/// 6 dB more noise than speech.
fn noise_over_speech(_: &Scene, call: &Call) -> Vec<u8> {
    over(call, |speech| {
        let energy: f64 = speech.iter().map(|&it| f64::from(it).powi(2)).sum();
        let level = 2.0 * (energy / speech.len() as f64).sqrt() * 3_f64.sqrt();
        let mut state = 7_u32;
        let mixed = speech.iter().map(|&it| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (f64::from(state >> 8) / 8_388_608.0 - 1.0) * level;
            (f64::from(it) + noise).clamp(-32_768.0, 32_767.0) as i16
        });
        mixed.collect()
    })
}

fn vocoded(scene: &Scene, call: &Call) -> Vec<u8> {
    over(call, |speech| scene.spectra.vocoded(speech, 8))
}

fn one_channel(_: &Scene, call: &Call) -> Vec<u8> {
    let mut plan = plan_for(call, RedactionStyle::Noise);
    plan.spans[0].channel = Some(1);
    redacted(&call.stereo(), &plan).0
}

/// A span for each digit, all of them late.
fn shifted(_: &Scene, call: &Call) -> Vec<u8> {
    let late = |it: &(usize, usize, usize)| (it.1 as u64 / 8 + 300, it.2 as u64 / 8 + 300);
    let mut spans: Vec<_> = call.digits.iter().map(late).collect();
    // Words follow each other closely; a shorter mute is what a late one leaves of the next word.
    spans.iter_mut().for_each(|it| it.1 = it.0 + 100);
    redacted(&call.stereo(), &plan_of(call.duration_ms(), &spans)).0
}

#[test]
fn bad_redactions_are_heard_by_a_listener_and_refused_by_verification() {
    let Some(scene) = Scene::set() else { return };
    for &(name, make) in BAD {
        let (spectra, waveform) = scene.told(|call| channels(&make(&scene, call)));
        assert!(
            spectra.max(waveform) >= LEAST_FROM_BAD,
            "{name}: {spectra} %, {waveform} %"
        );
        for call in &scene.calls[..2] {
            let (original, plan) = (call.stereo(), plan_for(call, RedactionStyle::Noise));
            let (_, done) = redacted(&original, &plan);
            let bad = make(&scene, call);
            let report = verify(
                &mut Cursor::new(&original),
                &mut Cursor::new(&bad),
                &plan,
                &done.ranges,
            );
            assert!(!report.passed(), "{name} is accepted");
        }
    }
}
