//! `sar redact` and `sar verify-redaction` on real speech, and on what must be refused.

use std::fs;

use serde_json::{Value, json};

use super::support::{
    bench::{Bench, text},
    names, sar, wav,
};

/// S0-51, S0-59: what the plan names is replaced, everything else is bit-identical, and anybody can check.
#[test]
fn a_recording_is_redacted_and_verified() {
    let bench = Bench::new();
    let result = bench
        .redact("call.wav", &["--policy", "third_party_copy"])
        .ok()
        .json();
    assert_eq!(result["verified"], true, "{result}");
    assert!(result["replaced"].as_u64().unwrap() >= 3, "{result}");
    for name in ["call.wav", "call.plan.json", "call.verification.json"] {
        assert!(names(bench.dir.path()).contains(&name.to_owned()), "{name}");
    }
    let plan = bench.plan("call.plan.json");
    for key in [
        "start_ms",
        "end_ms",
        "channel",
        "entity",
        "score",
        "recognizer",
        "owner",
        "decision",
    ] {
        assert!(
            plan["spans"][0].get(key).is_some(),
            "`{key}` is part of the contract: {plan}"
        );
    }
    assert_changed_exactly_where_planned(&bench, "call.wav", &plan);
    let report = bench
        .verify(&bench.path("call.wav"), &bench.path("call.plan.json"))
        .ok()
        .json();
    assert_eq!(report["verified"], true);
}

/// Compares samples without the code under test. Fades of 10 ms lie outside a range.
fn assert_changed_exactly_where_planned(bench: &Bench, out: &str, plan: &Value) {
    let (before, after) = (wav::samples(&bench.audio), wav::samples(&bench.path(out)));
    assert_eq!(
        before.len(),
        after.len(),
        "the length is unchanged to the sample"
    );
    const FADE: u64 = 80;
    let ranges: Vec<(u64, u64, u64)> = plan["ranges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|range| {
            let number = |key: &str| range[key].as_u64().unwrap();
            (
                number("channel"),
                number("start_frame"),
                number("end_frame"),
            )
        })
        .collect();
    let mut equal_inside = 0;
    let mut inside = 0;
    for (index, (a, b)) in before.iter().zip(&after).enumerate() {
        let (frame, channel) = (index as u64 / 2, index as u64 % 2);
        let of_channel = || ranges.iter().filter(|range| range.0 == channel);
        if of_channel().any(|range| range.1 <= frame && frame < range.2) {
            inside += 1;
            equal_inside += usize::from(a == b);
        } else if !of_channel().any(|range| range.1 <= frame + FADE && frame < range.2 + FADE) {
            assert_eq!(a, b, "sample {index} lies outside every span");
        }
    }
    assert!(
        inside > 8_000 && equal_inside * 10 < inside,
        "{equal_inside} of {inside} kept their value"
    );
}

/// The sandbox says what was really spoken: everything the strict policy removes lies in a replaced span.
#[test]
fn what_was_spoken_lies_in_replaced_spans() {
    let bench = Bench::new();
    bench
        .redact("call.wav", &["--policy", "third_party_copy"])
        .ok();
    let plan = bench.plan("call.plan.json");
    let spans = plan["spans"].as_array().unwrap();
    let truth = sandbox::ground_truth()
        .recordings
        .iter()
        .find(|it| it.stem == "call-01")
        .unwrap();
    assert!(truth.items.len() >= 3);
    for item in &truth.items {
        let covers = |span: &Value| {
            span["decision"] != "keep"
                && span["start_ms"].as_f64().unwrap() <= item.start_ms as f64
                && item.end_ms as f64 <= span["end_ms"].as_f64().unwrap()
        };
        assert!(
            spans.iter().any(covers),
            "{} at {} ms",
            item.entity,
            item.start_ms
        );
    }
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let bench = Bench::new();
    bench.redact("a.wav", &[]).ok();
    let plan = bench.path("a.plan.json");
    bench.redact("b.wav", &["--plan", text(&plan)]).ok();
    assert_eq!(
        fs::read(bench.path("a.wav")).unwrap(),
        fs::read(bench.path("b.wav")).unwrap()
    );
}

#[test]
fn a_plan_written_by_hand_works_in_every_style() {
    let bench = Bench::new();
    let plan = bench.path("hand.json");
    let spans = json!({"spans": [
        {"start_ms": 2_000, "end_ms": 3_000, "decision": "redact"},
        {"start_ms": 5_000, "end_ms": 5_500, "decision": "review"},
        {"start_ms": 8_000, "end_ms": 9_000, "decision": "keep"},
    ]});
    fs::write(&plan, spans.to_string()).unwrap();
    for style in ["noise", "silence", "bleep"] {
        let out = format!("{style}.wav");
        let result = bench
            .redact(&out, &["--plan", text(&plan), "--style", style])
            .ok()
            .json();
        assert_eq!(
            (&result["replaced"], &result["to_review"]),
            (&json!(2), &json!(1)),
            "{style}"
        );
        let after = wav::samples(&bench.path(&out));
        let part = |from: usize, to: usize| &after[from * 16..to * 16];
        let silent = |part: &[i16]| part.iter().all(|sample| *sample == 0);
        assert_eq!(silent(part(2_000, 3_000)), style == "silence");
        assert!(!silent(part(8_000, 9_000)), "a kept span stays");
    }
}

#[test]
fn bad_redactions_are_found() {
    let bench = Bench::new();
    bench.redact("call.wav", &[]).ok();
    let (good, plan) = (bench.path("call.wav"), bench.path("call.plan.json"));
    let (before, after) = (wav::samples(&bench.audio), wav::samples(&good));
    let range = bench.plan("call.plan.json")["ranges"][0].clone();
    let number = |key: &str| range[key].as_u64().unwrap() as usize;
    let (start, end) = (number("start_frame") * 2, number("end_frame") * 2);
    let far = (0..after.len())
        .rev()
        .find(|&at| before[at] == after[at] && before[at] > 100)
        .unwrap();

    let mut changes: Vec<(&str, Vec<i16>)> = Vec::new();
    changes.push(("not redacted at all", before.clone()));
    let mut one = after.clone();
    one[far] += 1;
    changes.push(("one sample outside changed", one));
    let mut back = after.clone();
    back[start..end].copy_from_slice(&before[start..end]);
    changes.push(("one span put back", back));
    let mut quiet = after.clone();
    for at in start..end {
        quiet[at] = quiet[at].saturating_add(before[at] / 4);
    }
    changes.push(("the original mixed in quietly", quiet));
    changes.push(("cut short", after[..after.len() - 800].to_vec()));
    changes.push(("shifted by a sample", [&after[2..], &[0, 0]].concat()));
    for (what, samples) in changes {
        let bad = bench.path("bad.wav");
        wav::write(&bad, &good, &samples);
        let run = bench.verify(&bad, &plan);
        let run = run.fails(1, &["is not verified"]);
        assert_eq!(run.json()["verified"], false, "{what}");
    }
}

#[test]
fn a_plan_of_another_call_or_without_proof_verifies_nothing() {
    let bench = Bench::new();
    bench.redact("call.wav", &[]).ok();
    let mut plan = bench.plan("call.plan.json");
    plan["ranges"] = json!([]);
    let other = bench.path("other.json");
    fs::write(&other, plan.to_string()).unwrap();
    bench
        .verify(&bench.path("call.wav"), &other)
        .fails(1, &["is not verified"]);
    let later = json!({"spans": [{"start_ms": 0, "end_ms": 9_000_000, "decision": "redact"}]});
    fs::write(&other, later.to_string()).unwrap();
    bench
        .redact("x.wav", &["--plan", text(&other)])
        .fails(1, &["another recording"]);
}

/// Whatever goes wrong, no file appears and none is lost.
#[test]
fn nothing_half_written_stays() {
    let bench = Bench::new();
    let before = names(bench.dir.path());
    let original = fs::read(&bench.audio).unwrap();

    bench.redact("call-01.wav", &[]).fails(2, &["original"]);
    let shifted = bench.path("shifted.json");
    let mut transcript: Value =
        serde_json::from_slice(&fs::read(&bench.transcript).unwrap()).unwrap();
    let start = transcript["startTime"].as_i64().unwrap();
    transcript["startTime"] = json!(start - 90_000);
    transcript["transcripts"][0]["startTime"] = json!(start - 90_000);
    fs::write(&shifted, transcript.to_string()).unwrap();
    let run = sar([
        "redact",
        "--audio",
        text(&bench.audio),
        "--transcript",
        text(&shifted),
        "--out",
        text(&bench.path("o.wav")),
    ]);
    run.fails(1, &["does not fit"]);

    let no_audio = bench.path("page.wav");
    fs::write(&no_audio, "<html>Not found</html>").unwrap();
    let run = sar([
        "redact",
        "--audio",
        text(&no_audio),
        "--transcript",
        text(&bench.transcript),
        "--out",
        text(&bench.path("o.wav")),
    ]);
    run.fails(1, &["page.wav", "cannot be redacted"]);

    let empty = bench.path("empty.wav");
    wav::write(&empty, &bench.audio, &[]);
    let run = sar([
        "redact",
        "--audio",
        text(&empty),
        "--transcript",
        text(&bench.transcript),
        "--out",
        text(&bench.path("o.wav")),
    ]);
    run.fails(1, &["empty.wav"]);

    let nowhere = bench.path("page.wav").join("o.wav");
    let run = sar([
        "redact",
        "--audio",
        text(&bench.audio),
        "--transcript",
        text(&bench.transcript),
        "--out",
        text(&nowhere),
    ]);
    run.fails(3, &["cannot be written"]);

    for name in ["shifted.json", "page.wav", "empty.wav"] {
        fs::remove_file(bench.path(name)).unwrap();
    }
    assert_eq!(names(bench.dir.path()), before);
    assert_eq!(fs::read(&bench.audio).unwrap(), original);
}

/// A bare file name is a path too.
#[test]
fn files_land_where_the_person_stands() {
    let bench = Bench::new();
    let mut command = super::support::command();
    command.current_dir(bench.dir.path());
    command.args([
        "redact",
        "--audio",
        "call-01.wav",
        "--transcript",
        "call-01.json",
        "--out",
        "out.wav",
    ]);
    let run = super::support::run(&mut command).ok();
    assert!(run.stdout.contains("out.plan.json"), "{run:?}");
    assert!(bench.path("out.wav").is_file());
}

/// Digits that were keyed on the telephone are in no transcript, and are a card number as often as not.
#[test]
fn keyed_digits_go_though_nobody_says_them() {
    let mut bench = Bench::new();
    let mut samples = wav::samples(&bench.audio);
    let start = quietest(&samples, KEYED_FRAMES);
    for (at, digit) in "49291234".bytes().enumerate() {
        let key = usize::from(digit - b'1');
        let hz = |tones: [f64; 3], at: usize| std::f64::consts::TAU * tones[at] / 8_000.0;
        let (row, column) = (
            hz([697.0, 770.0, 852.0], key / 3),
            hz([1_209.0, 1_336.0, 1_477.0], key % 3),
        );
        for frame in 0..640 {
            let tone = (row * frame as f64).sin() + (column * frame as f64).sin();
            samples[(start + at * 1_280 + frame) * 2] = (tone * 4_000.0) as i16;
        }
    }
    let keyed = bench.path("keyed.wav");
    wav::write(&keyed, &bench.audio, &samples);
    bench.audio = keyed;
    bench.redact("call.wav", &[]).ok();
    let plan = bench.plan("call.plan.json");
    let span = plan["spans"]
        .as_array()
        .unwrap()
        .iter()
        .find(|span| span["entity"] == "DTMF")
        .unwrap_or_else(|| panic!("{plan}"));
    assert_eq!(span["decision"], "redact");
    let (from, to) = (start as u64 / 8, (start + KEYED_FRAMES) as u64 / 8);
    assert!(span["start_ms"].as_u64().unwrap() <= from, "{span}");
    assert!(span["end_ms"].as_u64().unwrap() >= to - 80, "{span}");
}

/// Eight keys of 80 ms with pauses of 80 ms.
const KEYED_FRAMES: usize = 8 * 1_280;

/// The first frame of the quietest stretch of this length.
fn quietest(samples: &[i16], frames: usize) -> usize {
    let energy = |start: &usize| {
        let stretch = &samples[start * 2..(start + frames) * 2];
        stretch.iter().map(|&it| i64::from(it).pow(2)).sum::<i64>()
    };
    let starts = (0..samples.len() / 2 - frames).step_by(800);
    starts.min_by_key(energy).unwrap()
}
