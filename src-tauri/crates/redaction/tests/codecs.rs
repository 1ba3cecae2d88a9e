//! MP3, Opus and FLAC: redacted in their own packets, to the bit outside, and nothing left inside.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod support;

use std::{io::Cursor, path::Path};

use domain::plan::{RedactionPlan, RedactionStyle};
use redaction::{
    pcm::PcmReader,
    render::{Delivered, Rendered},
    verify::{Outcome, verify, verify_without_original},
    wav::Encoding,
};
use support::{
    plan_of, rendered, speech_like,
    tools::{get, have, heard_by_ffmpeg, put, run},
    wav_bytes,
};

const SPANS: &[(u64, u64)] = &[(1_500, 2_750), (2_900, 3_400), (6_000, 7_000)];
/// How far from a span a kept sample may still differ: what codecs carry over from packet to packet.
const REACH_MS: u64 = 400;

/// Files of every codec that is redacted in place, and what is delivered.
const FILES: &[(&str, &str, &str, Delivered)] = &[
    (
        "cbr.mp3",
        "two.wav",
        "-c:a libmp3lame -b:a 32k",
        Delivered::Mp3,
    ),
    (
        "vbr.mp3",
        "two.wav",
        "-c:a libmp3lame -q:a 6",
        Delivered::Mp3,
    ),
    (
        "mono.mp3",
        "one.wav",
        "-c:a libmp3lame -b:a 16k",
        Delivered::Mp3,
    ),
    (
        "joint.mp3",
        "wide.wav",
        "-c:a libmp3lame -b:a 96k -joint_stereo 1",
        Delivered::Mp3,
    ),
    (
        "widevbr.mp3",
        "wide.wav",
        "-c:a libmp3lame -q:a 4 -metadata title=Anna",
        Delivered::Mp3,
    ),
    (
        "untagged.mp3",
        "wide.wav",
        "-c:a libmp3lame -write_xing 0",
        Delivered::Mp3,
    ),
    (
        "vbr.opus",
        "two.wav",
        "-b:a 32k -metadata title=Anna",
        Delivered::Opus,
    ),
    (
        "voip.opus",
        "one.wav",
        "-b:a 12k -application voip -fec 1 -packet_loss 20",
        Delivered::Opus,
    ),
    (
        "cbr.opus",
        "two.wav",
        "-b:a 24k -vbr off -frame_duration 60",
        Delivered::Opus,
    ),
    (
        "low.opus",
        "wide.wav",
        "-b:a 96k -frame_duration 2.5 -application lowdelay",
        Delivered::Opus,
    ),
    (
        "call.webm",
        "two.wav",
        "-c:a libopus -b:a 32k -metadata title=Anna",
        Delivered::Opus,
    ),
    (
        "call.flac",
        "two.wav",
        "-sample_fmt s16 -metadata title=Anna",
        Delivered::Flac,
    ),
    ("gsm.wav", "one.wav", "-c:a libgsm_ms", Delivered::Converted),
    (
        "ima.wav",
        "two.wav",
        "-c:a adpcm_ima_wav",
        Delivered::Converted,
    ),
    ("ms.wav", "one.wav", "-c:a adpcm_ms", Delivered::Converted),
    (
        "vorbis.ogg",
        "two.wav",
        "-c:a libvorbis",
        Delivered::Converted,
    ),
    ("call.m4a", "wide.wav", "-c:a aac", Delivered::Converted),
];

fn sources(folder: &Path) {
    let samples = speech_like(11, 2 * 44_100 * 9);
    put(
        folder,
        "two.wav",
        &wav_bytes(Encoding::Pcm16, 2, 8_000, &samples[..2 * 8_000 * 9 + 22]),
    );
    put(
        folder,
        "one.wav",
        &wav_bytes(Encoding::Pcm16, 1, 8_000, &samples[..8_000 * 9 + 11]),
    );
    put(
        folder,
        "wide.wav",
        &wav_bytes(Encoding::Pcm16, 2, 44_100, &samples),
    );
}

fn plan_for(original: &[u8], style: RedactionStyle) -> RedactionPlan {
    let duration = PcmReader::open(Cursor::new(original))
        .unwrap()
        .info()
        .duration_ms();
    let mut plan = plan_of(duration, SPANS);
    plan.style = style;
    plan
}

fn pcm(bytes: &[u8]) -> Vec<i16> {
    let mut reader = PcmReader::open(Cursor::new(bytes)).unwrap();
    let frames = reader.info().frames as usize;
    reader.read_frames(0, frames).unwrap()
}

fn passes(
    original: &[u8],
    redacted: &[u8],
    plan: &RedactionPlan,
    done: &Rendered,
) -> Result<(), String> {
    let report = verify(
        &mut Cursor::new(original),
        &mut Cursor::new(redacted),
        plan,
        &done.ranges,
    );
    if report.passed() {
        Ok(())
    } else {
        Err(format!("{:?}", report.problems().collect::<Vec<_>>()))
    }
}

// S0-47, S0-51
#[test]
fn every_codec_is_redacted_in_its_own_packets_and_verifies() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sources(folder);
    for &(file, from, options, delivered) in FILES {
        run(
            folder,
            &format!("ffmpeg -v error -y -i {from} {options} {file}"),
        );
        let original = get(folder, file);
        for style in styles(file) {
            let plan = plan_for(&original, *style);
            let (redacted, done) = rendered(&original, &plan);
            assert_eq!(done.delivered, delivered, "{file}");
            passes(&original, &redacted, &plan, &done)
                .unwrap_or_else(|why| panic!("{file} {style:?}: {why}"));
            let alone = verify_without_original(&mut Cursor::new(&redacted), &plan, &done.ranges);
            assert!(
                alone.nothing_failed() && !alone.passed(),
                "{file}: {alone:?}"
            );
            outside_is_the_same(file, &original, &redacted, &done);
            assert!(
                !redacted.windows(4).any(|bytes| bytes == b"Anna"),
                "{file} keeps a tag"
            );
            let name = format!("out-{style:?}.{}", delivered.extension());
            put(folder, &name, &redacted);
            plays_elsewhere(folder, &name, &redacted, file);
        }
    }
}

/// Every style once in each codec; noise in every file.
fn styles(file: &str) -> &'static [RedactionStyle] {
    match file {
        "cbr.mp3" | "vbr.opus" | "call.flac" | "gsm.wav" => &[
            RedactionStyle::Noise,
            RedactionStyle::Silence,
            RedactionStyle::Tone,
        ],
        _ => &[RedactionStyle::Noise],
    }
}

fn outside_is_the_same(file: &str, original: &[u8], redacted: &[u8], done: &Rendered) {
    let (was, is) = (pcm(original), pcm(redacted));
    assert_eq!(was.len(), is.len(), "{file}");
    let info = PcmReader::open(Cursor::new(redacted))
        .unwrap()
        .info()
        .clone();
    let reach = REACH_MS * u64::from(info.sample_rate_hz) / 1000;
    // Opus finds its way back within 1.5 s; its packets are compared by the verification.
    let reach = if done.delivered == Delivered::Opus {
        4 * reach
    } else {
        reach
    };
    let near = |frame: u64| {
        let mut ranges = done.ranges.iter();
        ranges.any(|it| frame + reach / 8 >= it.start_frame && frame < it.end_frame + reach)
    };
    let width = usize::from(info.channels);
    for (frame, (was, is)) in (0..).zip(was.chunks_exact(width).zip(is.chunks_exact(width))) {
        assert!(was == is || near(frame), "{file}: frame {frame} differs");
    }
}

/// Two independent players beside symphonia's and ropus's decoders hear the same length.
fn plays_elsewhere(folder: &Path, name: &str, redacted: &[u8], file: &str) {
    let info = PcmReader::open(Cursor::new(redacted))
        .unwrap()
        .info()
        .clone();
    let heard = heard_by_ffmpeg(folder, name).len() as u64 / u64::from(info.channels);
    let rate = if name.ends_with("ogg") && file != "vorbis.ogg" {
        48_000 / u64::from(info.sample_rate_hz)
    } else {
        1
    };
    let tolerance = if name.ends_with("mp3") { 1152 } else { 8 };
    assert!(
        heard.abs_diff(info.frames * rate) <= tolerance * rate,
        "{file}: ffmpeg hears {heard}"
    );
    let second = match name.rsplit_once('.').unwrap().1 {
        "mp3" => ("mpg123", format!("mpg123 -q -w second.wav {name}")),
        "flac" => ("flac", format!("flac -s -t {name}")),
        "ogg" => ("opusdec", format!("opusdec --quiet {name} second.wav")),
        _ => ("sox", format!("sox {name} second.wav")),
    };
    if have(&[second.0]) {
        run(folder, &second.1);
    }
}

/// The proof of irreversibility: what the packets of a span hold does not reach the output.
#[test]
fn originals_that_differ_only_inside_spans_give_identical_files() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sources(folder);
    for &(file, from, options, delivered) in FILES {
        run(
            folder,
            &format!("ffmpeg -v error -y -i {from} {options} {file}"),
        );
        if file.ends_with("webm") {
            // There and back, as the other one goes: Ogg keeps less of the end.
            copy(folder, file, "first.ogg");
            copy(folder, "first.ogg", file);
        }
        let original = get(folder, file);
        let plan = plan_for(&original, RedactionStyle::Noise);
        let (redacted, done) = rendered(&original, &plan);
        let other = match delivered {
            Delivered::Mp3 => support::packets::other_mp3_frames(&original, &done.ranges),
            Delivered::Opus if file.ends_with("webm") => other_webm(folder, &done),
            Delivered::Opus => support::packets::other_opus_packets(&original, &done.ranges),
            Delivered::Converted if blocks_forget(file) => {
                support::packets::other_blocks(&original, &done.ranges)
            }
            Delivered::Flac => {
                put(folder, "other.wav", &other_samples(&original));
                run(
                    folder,
                    &format!("ffmpeg -v error -y -i other.wav {options} other.flac"),
                );
                get(folder, "other.flac")
            }
            Delivered::Converted | Delivered::Samples(_) => continue,
        };
        assert_ne!(original, other, "{file}");
        let (again, _) = rendered(&other, &plan);
        assert!(
            redacted == again,
            "{file}: what was inside a span changed the output"
        );
    }
}

/// Whether every block of a decoded codec stands for itself; where one does not, sound behind a span may
/// differ by what the decoder remembers.
fn blocks_forget(file: &str) -> bool {
    file.starts_with("ima") || file.starts_with("ms")
}

/// The same packets in another container.
fn copy(folder: &Path, from: &str, to: &str) {
    run(
        folder,
        &format!("ffmpeg -v error -y -i {from} -c copy {to}"),
    );
}

/// The same WebM file with other packets inside the spans: taken to Ogg, where they are exchanged, and back.
fn other_webm(folder: &Path, done: &Rendered) -> Vec<u8> {
    let other = support::packets::other_opus_packets(&get(folder, "first.ogg"), &done.ranges);
    put(folder, "other.ogg", &other);
    copy(folder, "other.ogg", "other.webm");
    get(folder, "other.webm")
}

/// The same recording with other speech inside the spans.
fn other_samples(original: &[u8]) -> Vec<u8> {
    let info = PcmReader::open(Cursor::new(original))
        .unwrap()
        .info()
        .clone();
    let mut samples = pcm(original);
    let (rate, width) = (u64::from(info.sample_rate_hz), usize::from(info.channels));
    for &(start, end) in SPANS {
        let frame = |ms: u64| usize::try_from(ms * rate / 1000).unwrap() * width;
        for (at, sample) in samples[frame(start)..frame(end)].iter_mut().enumerate() {
            *sample = (at as i16).wrapping_mul(31);
        }
    }
    wav_bytes(
        Encoding::Pcm16,
        info.channels,
        info.sample_rate_hz,
        &samples,
    )
}

/// B3: files that only look redacted are refused in every codec.
#[test]
fn an_unchanged_file_or_another_one_is_refused_in_every_codec() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sources(folder);
    for &(file, from, options, _) in FILES {
        run(
            folder,
            &format!("ffmpeg -v error -y -i {from} {options} {file}"),
        );
        let original = get(folder, file);
        let plan = plan_for(&original, RedactionStyle::Noise);
        let (redacted, done) = rendered(&original, &plan);
        assert!(
            passes(&original, &original, &plan, &done).is_err(),
            "{file} unchanged"
        );
        let mut shifted = plan_for(&original, RedactionStyle::Noise);
        for span in &mut shifted.spans {
            span.start_ms += 900;
            span.end_ms += 900;
        }
        let (late, late_done) = rendered(&original, &shifted);
        assert!(
            passes(&original, &late, &plan, &late_done).is_err(),
            "{file} shifted"
        );
        assert!(
            passes(&original, &late, &plan, &done).is_err(),
            "{file} shifted, with other ranges"
        );
        let cut = &redacted[..redacted.len() * 3 / 4];
        assert!(passes(&original, cut, &plan, &done).is_err(), "{file} cut");
        let mut tail = redacted.clone();
        tail.extend(b"Anna");
        assert!(
            passes(&original, &tail, &plan, &done).is_err(),
            "{file} with a tail"
        );
        for at in [redacted.len() / 3, redacted.len() * 9 / 10] {
            let mut touched = redacted.clone();
            touched[at] ^= 0x10;
            assert!(
                passes(&original, &touched, &plan, &done).is_err(),
                "{file} touched at {at}"
            );
        }
    }
}

#[test]
fn a_report_without_the_original_says_what_was_not_performed() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    sources(folder.path());
    run(
        folder.path(),
        "ffmpeg -v error -y -i two.wav -b:a 32k call.opus",
    );
    let original = get(folder.path(), "call.opus");
    let plan = plan_for(&original, RedactionStyle::Noise);
    let (redacted, done) = rendered(&original, &plan);
    let report = verify_without_original(&mut Cursor::new(&redacted), &plan, &done.ranges);
    let open = report
        .checks
        .iter()
        .filter(|it| matches!(it.outcome, Outcome::NotPerformed { .. }));
    assert_eq!(open.count(), 3);
}
