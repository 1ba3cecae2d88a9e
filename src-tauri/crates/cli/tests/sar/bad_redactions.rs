//! B3: redactions that only look like one. `sar verify-redaction` refuses each and says which check failed.

use std::{
    f64::consts::TAU,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::support::{
    bench::{Bench, text},
    wav,
};

const RATE: f64 = 8_000.0;

/// A call redacted as it should be, and what was left of its spans by somebody else.
struct Scene {
    bench: Bench,
    good: PathBuf,
    plan: PathBuf,
}

impl Scene {
    fn set() -> Self {
        let bench = Bench::new();
        bench.redact("call.wav", &[]).ok();
        let (good, plan) = (bench.path("call.wav"), bench.path("call.plan.json"));
        bench.verify(&good, &plan).ok();
        Self { bench, good, plan }
    }

    /// The recording with other speech in its spans, channel by channel; the rest as it was redacted.
    fn with_spans(&self, change: impl Fn(&[f64]) -> Vec<f64>) -> PathBuf {
        let before = wav::samples(&self.bench.audio);
        let mut after = wav::samples(&self.good);
        for range in self.bench.plan("call.plan.json")["ranges"]
            .as_array()
            .unwrap()
        {
            let number = |key: &str| range[key].as_u64().unwrap() as usize;
            let places = (number("start_frame")..number("end_frame"))
                .map(|frame| frame * 2 + number("channel"));
            let speech: Vec<f64> = places.clone().map(|at| f64::from(before[at])).collect();
            for (at, sample) in places.zip(change(&speech)) {
                after[at] = sample.clamp(-32_768.0, 32_767.0) as i16;
            }
        }
        let bad = self.bench.path("bad.wav");
        wav::write(&bad, &self.good, &after);
        bad
    }

    /// The recording redacted by the plan after a change; `name` is that of the file.
    fn by_another_plan(&self, name: &str, change: impl Fn(&mut Value)) -> PathBuf {
        let mut plan = self.bench.plan("call.plan.json");
        plan["spans"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(change);
        plan["ranges"] = json!([]);
        let path = self.bench.path("other.json");
        fs::write(&path, plan.to_string()).unwrap();
        self.bench.redact(name, &["--plan", text(&path)]).ok();
        self.bench.path(name)
    }

    /// The plan as it should be, with the ranges that the bad file was really made with.
    fn plan_with_ranges_of(&self, name: &str) -> PathBuf {
        let mut plan = self.bench.plan("call.plan.json");
        plan["ranges"] = self.bench.plan(name)["ranges"].clone();
        let path = self.bench.path("forged.json");
        fs::write(&path, plan.to_string()).unwrap();
        path
    }

    fn is_refused(&self, redacted: &Path, plan: &Path, checks: &[&str]) {
        let run = self.bench.verify(redacted, plan);
        let run = run.fails(1, &["is not verified", checks[0]]);
        let report = run.json();
        assert_eq!(report["verified"], false);
        let failed: Vec<&str> = report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|check| check["outcome"] == "failed")
            .map(|check| check["name"].as_str().unwrap())
            .collect();
        assert_eq!(failed, checks, "{report}");
    }
}

/// White noise, the same in every run.
fn noise(len: usize) -> Vec<f64> {
    let mut state = 7_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / 8_388_608.0 - 1.0
    };
    std::iter::repeat_with(next).take(len).collect()
}

fn rms(samples: &[f64]) -> f64 {
    (samples.iter().map(|it| it * it).sum::<f64>() / samples.len().max(1) as f64).sqrt()
}

#[test]
fn noise_added_over_speech_is_refused() {
    let scene = Scene::set();
    let bad = scene.with_spans(|speech| {
        // 6 dB more noise than speech; evenly spread noise has 1/√3 of its peak as level.
        let peak = 2.0 * rms(speech) * 3_f64.sqrt();
        let mixed = speech.iter().zip(noise(speech.len()));
        mixed.map(|(speech, noise)| speech + noise * peak).collect()
    });
    scene.is_refused(
        &bad,
        &scene.plan,
        &["spans_replaced", "nothing_left_inside"],
    );
}

#[test]
fn noise_vocoded_speech_is_refused() {
    let scene = Scene::set();
    let bad = scene.with_spans(vocoded);
    scene.is_refused(
        &bad,
        &scene.plan,
        &["spans_replaced", "nothing_left_inside"],
    );
}

/// Noise in eight bands, each as loud as the speech is in it: nobody's voice, and every word is understood.
fn vocoded(speech: &[f64]) -> Vec<f64> {
    let noise = noise(speech.len());
    let mut sum = vec![0.0; speech.len()];
    for band in 0..8 {
        let center = 180.0 * 1.5_f64.powi(band);
        let (speech, noise) = (in_band(speech, center), in_band(&noise, center));
        let level = 1.0 / rms(&noise).max(1e-9);
        let mut envelope = 0.0;
        for ((sum, speech), noise) in sum.iter_mut().zip(&speech).zip(&noise) {
            // Follows the loudness up to some 30 Hz, as an ear does.
            envelope += (speech.abs() - envelope) * TAU * 30.0 / RATE;
            *sum += envelope * noise * level;
        }
    }
    sum
}

/// A resonance a third of its frequency wide.
fn in_band(samples: &[f64], center: f64) -> Vec<f64> {
    let (angle, radius) = (TAU * center / RATE, 1.0 - center / 6.0 * TAU / RATE);
    let (mut last, mut before) = (0.0, 0.0);
    let mut step = |&sample: &f64| {
        let now =
            (1.0 - radius) * sample + 2.0 * radius * angle.cos() * last - radius * radius * before;
        (before, last) = (last, now);
        now
    };
    samples.iter().map(&mut step).collect()
}

#[test]
fn a_forgotten_channel_is_refused() {
    let scene = Scene::set();
    let bad = scene.by_another_plan("one.wav", |span| span["channel"] = json!(0));
    scene.is_refused(
        &bad,
        &scene.plan,
        &["spans_replaced", "nothing_left_inside"],
    );
    // Whoever hides it by naming only the ranges that were replaced is caught by the plan.
    let forged = scene.plan_with_ranges_of("one.plan.json");
    scene.is_refused(&bad, &forged, &["plan_covered"]);
}

#[test]
fn spans_shifted_by_300_ms_are_refused() {
    let scene = Scene::set();
    let bad = scene.by_another_plan("late.wav", |span| {
        for key in ["start_ms", "end_ms"] {
            span[key] = json!(span[key].as_u64().unwrap() + 300);
        }
    });
    let failed = ["spans_replaced", "outside_untouched", "nothing_left_inside"];
    scene.is_refused(&bad, &scene.plan, &failed);
    let forged = scene.plan_with_ranges_of("late.plan.json");
    scene.is_refused(&bad, &forged, &["plan_covered"]);
}

#[test]
fn an_unchanged_file_with_the_right_name_is_refused() {
    let scene = Scene::set();
    fs::copy(&scene.bench.audio, &scene.good).unwrap();
    let failed = ["spans_replaced", "nothing_left_inside"];
    scene.is_refused(&scene.good, &scene.plan, &failed);
    // Without ranges nothing was replaced, whatever the file is called.
    let mut plan = scene.bench.plan("call.plan.json");
    plan["ranges"] = json!([]);
    let forged = scene.bench.path("forged.json");
    fs::write(&forged, plan.to_string()).unwrap();
    scene.is_refused(&scene.good, &forged, &["plan_covered"]);
}
