//! Recordings in codecs that are not decoded here: refused by name, or decoded by the ffmpeg that was named.
//!
//! Nothing at hand encodes G.729, and any ten bytes are a frame of it. So what these recordings sound like is
//! nobody's speech; what is tested is the way through the program, not its decoder.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::support::{Run, bench::text, command, run, sar};

/// Where Debian puts it; `cargo xtask setup` installs it.
const FFMPEG: &str = "/usr/bin/ffmpeg";
/// Ten seconds of frames of ten bytes for 10 ms.
const FRAMES: usize = 1_000;

struct Scene {
    dir: tempfile::TempDir,
}

impl Scene {
    /// A recording in G.729 and a plan for it; `None` without ffmpeg.
    #[expect(clippy::print_stderr, reason = "a test that shows nothing says so")]
    fn set() -> Option<Self> {
        if !PathBuf::from(FFMPEG).is_file() {
            eprintln!(
                "not performed: `{FFMPEG}` is not installed; `cargo xtask setup` installs it"
            );
            return None;
        }
        let scene = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        fs::write(scene.path("call.wav"), g729(FRAMES)).unwrap();
        let plan = json!({"spans": [
            {"start_ms": 2_000, "end_ms": 4_000, "decision": "redact"},
            {"start_ms": 7_000, "end_ms": 7_500, "decision": "redact"},
        ]});
        fs::write(scene.path("hand.json"), plan.to_string()).unwrap();
        Some(scene)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn redact(&self, file: &str, more: &[&str]) -> Run {
        let (audio, plan, out) = (
            self.path(file),
            self.path("hand.json"),
            self.path("out.wav"),
        );
        let args = [
            "redact",
            "--json",
            "--audio",
            text(&audio),
            "--plan",
            text(&plan),
        ];
        sar([&args[..], &["--out", text(&out)], more].concat())
    }

    fn verify(&self, more: &[&str]) -> Run {
        let files = ["call.wav", "out.wav", "out.plan.json"].map(|name| self.path(name));
        let [original, redacted, plan] = files.each_ref().map(|path| text(path));
        let args = ["verify-redaction", "--json", "--original", original];
        sar([&args[..], &["--redacted", redacted, "--plan", plan], more].concat())
    }
}

/// A WAVE file of G.729 (tag 0x83); the bytes of its frames are drawn from a small generator.
fn g729(frames: usize) -> Vec<u8> {
    let mut state = 9_u32;
    let byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let data: Vec<u8> = std::iter::repeat_with(byte).take(frames * 10).collect();
    let mut file = b"RIFF".to_vec();
    file.extend((38 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(18_u32.to_le_bytes());
    for word in [0x83_u16, 1] {
        file.extend(word.to_le_bytes());
    }
    for long in [8_000_u32, 1_000] {
        file.extend(long.to_le_bytes());
    }
    for word in [10_u16, 0, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

/// S1-33: without a decoder the codec is named, and nothing is searched for in the path.
#[test]
fn without_a_decoder_the_codec_is_named_and_nothing_is_written() {
    let Some(scene) = Scene::set() else { return };
    let hint = ["G.729", "--decoder"];
    scene.redact("call.wav", &[]).fails(1, &hint);
    assert!(!scene.path("out.wav").exists());
}

#[test]
fn the_named_ffmpeg_decodes_and_the_loss_is_declared() {
    let Some(scene) = Scene::set() else { return };
    let result = scene.redact("call.wav", &["--decoder", FFMPEG]).ok().json();
    assert_eq!(result["verified"], true, "{result}");
    assert_eq!(result["frames"], FRAMES * 80);
    assert_eq!(result["delivered"], "decoded and delivered as 16-bit WAV");
    let by = &result["decoded_by"];
    assert_eq!(by["codec"], "G.729");
    assert!(
        by["program"]
            .as_str()
            .unwrap()
            .starts_with("ffmpeg version")
    );
    let sha256 = |name: PathBuf| evidence::hashing::sha256(fs::read(name).unwrap()).to_string();
    assert_eq!(by["program_sha256"], sha256(FFMPEG.into()));
    assert_eq!(result["original_sha256"], sha256(scene.path("call.wav")));
    let plan: Value =
        serde_json::from_slice(&fs::read(scene.path("out.plan.json")).unwrap()).unwrap();
    assert_eq!(plan["delivered"], "wav");
    assert!(
        fs::read(scene.path("out.wav"))
            .unwrap()
            .starts_with(b"RIFF")
    );

    // Whoever checks it needs the same program.
    assert_eq!(
        scene.verify(&["--decoder", FFMPEG]).ok().json()["verified"],
        true
    );
    scene.verify(&[]).fails(1, &["G.729"]);
}

#[test]
fn the_environment_names_it_too_and_a_wrong_name_is_an_error() {
    let Some(scene) = Scene::set() else { return };
    let with = |decoder: &str| {
        let (audio, plan, out) = ("call.wav", "hand.json", "out.wav");
        let mut command = command();
        command
            .current_dir(scene.dir.path())
            .env("SAR_DECODER", decoder);
        command.args(["redact", "--audio", audio, "--plan", plan, "--out", out]);
        run(&mut command)
    };
    let said = with(FFMPEG).ok().stdout;
    assert!(said.contains("G.729 decoded by ffmpeg version"), "{said}");
    with("ffmpeg").fails(2, &["SAR_DECODER", "whole path"]);
    with("/nowhere/ffmpeg").fails(2, &["cannot be read"]);
    let script = scene.path("script");
    fs::write(&script, "#!/bin/sh\ncat\n").unwrap();
    with(text(&script)).fails(2, &["is a script"]);
    // A program that is no decoder: what it does is refused, whatever it is.
    with("/bin/false").fails(1, &["G.729"]);
}

/// The recording is the enemy: it can name no other file, and what is damaged is not half a recording.
#[test]
fn hostile_recordings_are_refused() {
    let Some(scene) = Scene::set() else { return };
    let secret = scene.path("secret.wav");
    fs::write(&secret, g729(FRAMES)).unwrap();
    let mut unknown = g729(FRAMES);
    unknown[20..22].fill(0x77);
    let mut no_rate = g729(FRAMES);
    no_rate[24..28].fill(0);
    let list = format!("#EXTM3U\n#EXTINF:10,\nfile://{}\n", text(&secret));
    for (what, bytes) in [
        ("a codec that nobody knows", unknown),
        ("no frame", g729(0)),
        ("no sample rate", no_rate),
        ("a list that names a file", list.into_bytes()),
        ("AMR that is none", b"#!AMR\nnothing of the kind".to_vec()),
    ] {
        fs::write(scene.path("bad.wav"), bytes).unwrap();
        let refused = scene.redact("bad.wav", &["--decoder", FFMPEG]);
        assert_eq!(refused.code, 1, "{what}: {refused:?}");
        assert!(!scene.path("out.wav").exists(), "{what}");
    }
}
