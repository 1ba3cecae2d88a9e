//! The support matrix: every format that recorders deliver is read as ffmpeg reads it, or refused by
//! its name.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod support;

use std::io::Cursor;

use redaction::{audio::AudioError, pcm::PcmReader, wav::Encoding};
use support::{
    speech_like,
    tools::{get, have, heard_by_ffmpeg, put, run},
    wav_bytes,
};

/// Frames of the sources: not a multiple of any codec's block.
const FRAMES: usize = 73_371;

/// A tolerance that asks for likeness instead of equality. No decoder of G.726 at hand is the
/// standard's: ffmpeg takes a partial signal of 0 for one without sign and leaks 40 kbit/s
/// coefficients too fast, libsndfile leaves a rounding constant out.
const ALIKE: i32 = -1;

/// One row: what makes the file, and how far ours may be from what ffmpeg hears.
struct Row {
    file: &'static str,
    from: &'static str,
    made_by: &'static str,
    codec: &'static str,
    /// Largest difference of a sample.
    tolerance: i32,
    /// Frames that ffmpeg gives beyond the recording: padding that it does not cut off.
    surplus: usize,
}

const fn row(
    file: &'static str,
    from: &'static str,
    made_by: &'static str,
    codec: &'static str,
) -> Row {
    Row {
        file,
        from,
        made_by,
        codec,
        tolerance: 0,
        surplus: 0,
    }
}

const ROWS: &[Row] = &[
    row("a.w64", "two.wav", "ffmpeg -c:a pcm_s16le", "pcm_s16le"),
    row("mulaw.w64", "two.wav", "ffmpeg -c:a pcm_mulaw", "pcm_mulaw"),
    row("sox.w64", "two.wav", "sox", "pcm_s16le"),
    row(
        "rf64.wav",
        "two.wav",
        "ffmpeg -c:a pcm_s16le -rf64 always",
        "pcm_s16le",
    ),
    row(
        "streamed.wav",
        "two.wav",
        "ffmpeg -c:a pcm_s24le",
        "pcm_s24le",
    ),
    row("a.au", "two.wav", "ffmpeg -c:a pcm_s16be", "pcm_s16be"),
    row("mulaw.au", "two.wav", "sox -e mu-law", "pcm_mulaw"),
    row("alaw.au", "two.wav", "sox -e a-law", "pcm_alaw"),
    row("eight.au", "two.wav", "sox -e signed -b 8", "pcm_s8"),
    row("wide.au", "two.wav", "sox -e signed -b 24", "pcm_s24be"),
    row("gsm.wav", "one.wav", "ffmpeg -c:a libgsm_ms", "GSM 06.10"),
    Row {
        surplus: 400,
        ..row(
            "gsm-sox.wav",
            "one.wav",
            "sox -e gsm-full-rate",
            "GSM 06.10",
        )
    },
    row(
        "ima.wav",
        "two.wav",
        "ffmpeg -c:a adpcm_ima_wav",
        "IMA ADPCM",
    ),
    Row {
        surplus: 400,
        ..row("ima-sox.wav", "one.wav", "sox -e ima-adpcm", "IMA ADPCM")
    },
    row(
        "ms.wav",
        "two.wav",
        "ffmpeg -c:a adpcm_ms",
        "Microsoft ADPCM",
    ),
    Row {
        surplus: 400,
        ..row(
            "ms-sox.wav",
            "one.wav",
            "sox -e ms-adpcm",
            "Microsoft ADPCM",
        )
    },
    Row {
        surplus: 8,
        tolerance: ALIKE,
        ..row(
            "g726-16.wav",
            "one.wav",
            "ffmpeg -c:a g726 -b:a 16k",
            "G.726",
        )
    },
    Row {
        surplus: 8,
        tolerance: ALIKE,
        ..row(
            "g726-24.wav",
            "one.wav",
            "ffmpeg -c:a g726 -b:a 24k",
            "G.726",
        )
    },
    Row {
        surplus: 8,
        tolerance: ALIKE,
        ..row(
            "g726-32.wav",
            "one.wav",
            "ffmpeg -c:a g726 -b:a 32k",
            "G.726",
        )
    },
    Row {
        surplus: 8,
        tolerance: ALIKE,
        ..row(
            "g726-40.wav",
            "one.wav",
            "ffmpeg -c:a g726 -b:a 40k",
            "G.726",
        )
    },
    Row {
        surplus: 8,
        tolerance: ALIKE,
        ..row("g721.au", "one.wav", "ffmpeg -c:a g726le -b:a 32k", "G.726")
    },
    row(
        "a.flac",
        "two.wav",
        "ffmpeg -c:a flac -sample_fmt s16",
        "FLAC",
    ),
    row("tool.flac", "two.wav", "sox -C 8", "FLAC"),
    Row {
        tolerance: 2,
        ..row(
            "cbr.mp3",
            "two.wav",
            "ffmpeg -c:a libmp3lame -b:a 32k",
            "MP3",
        )
    },
    Row {
        tolerance: 2,
        ..row("vbr.mp3", "two.wav", "ffmpeg -c:a libmp3lame -q:a 5", "MP3")
    },
    Row {
        tolerance: 2,
        ..row(
            "mono.mp3",
            "one.wav",
            "ffmpeg -c:a libmp3lame -b:a 16k",
            "MP3",
        )
    },
    Row {
        tolerance: 2,
        ..row(
            "wide.mp3",
            "wide.wav",
            "ffmpeg -c:a libmp3lame -b:a 96k",
            "MP3",
        )
    },
    Row {
        tolerance: 2,
        ..row(
            "untagged.mp3",
            "wide.wav",
            "ffmpeg -c:a libmp3lame -write_xing 0 -id3v2_version 0",
            "MP3",
        )
    },
    Row {
        tolerance: 2,
        ..row(
            "mp3.wav",
            "wide.wav",
            "ffmpeg -c:a libmp3lame -b:a 64k -f wav",
            "MP3",
        )
    },
    Row {
        tolerance: 2,
        ..row("vorbis.ogg", "two.wav", "ffmpeg -c:a libvorbis", "Vorbis")
    },
    Row {
        tolerance: 2,
        surplus: 400,
        ..row("vorbis.webm", "two.wav", "ffmpeg -c:a libvorbis", "Vorbis")
    },
    Row {
        tolerance: 2,
        surplus: 2048,
        ..row("a.m4a", "wide.wav", "ffmpeg -c:a aac -b:a 96k", "AAC")
    },
];

fn make(folder: &std::path::Path, row: &Row) {
    let (file, from) = (row.file, row.from);
    let mut words = row.made_by.splitn(2, ' ');
    let (program, options) = (words.next().unwrap(), words.next().unwrap_or_default());
    match program {
        "ffmpeg" => run(
            folder,
            &format!("ffmpeg -v error -i {from} {options} {file}"),
        ),
        _ => run(folder, &format!("sox {from} {options} {file}")),
    };
}

fn sources(folder: &std::path::Path) {
    let samples = speech_like(11, 2 * FRAMES);
    put(
        folder,
        "two.wav",
        &wav_bytes(Encoding::Pcm16, 2, 8_000, &samples),
    );
    put(
        folder,
        "one.wav",
        &wav_bytes(Encoding::Pcm16, 1, 8_000, &samples[..FRAMES]),
    );
    put(
        folder,
        "wide.wav",
        &wav_bytes(Encoding::Pcm16, 2, 44_100, &samples),
    );
}

#[test]
fn every_file_of_the_matrix_is_read_as_ffmpeg_reads_it() {
    if !have(&["ffmpeg", "sox"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sources(folder);
    let mut wrong = vec![];
    for row in ROWS {
        make(folder, row);
        if let Err(problem) = compare(folder, row) {
            wrong.push(format!("{}: {problem}", row.file));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn compare(folder: &std::path::Path, row: &Row) -> Result<(), String> {
    let mut reader =
        PcmReader::open(Cursor::new(get(folder, row.file))).map_err(|it| it.to_string())?;
    let (frames, channels) = (
        reader.info().frames as usize,
        usize::from(reader.info().channels),
    );
    if reader.codec() != row.codec {
        return Err(format!("codec {}", reader.codec()));
    }
    if !reader.info().warnings.is_empty() {
        return Err(format!("{:?}", reader.info().warnings));
    }
    let ours = reader.read_frames(0, frames).map_err(|it| it.to_string())?;
    let theirs = heard_by_ffmpeg(folder, row.file);
    let (has, wants) = (frames, theirs.len() / channels);
    if wants.abs_diff(has) > row.surplus {
        return Err(format!("{has} frames, ffmpeg hears {wants}"));
    }
    if row.tolerance == ALIKE {
        let likeness = likeness(&ours, &theirs);
        return if likeness > 0.95 {
            Ok(())
        } else {
            Err(format!("likeness {likeness}"))
        };
    }
    let differences = ours
        .iter()
        .zip(&theirs)
        .map(|(&a, &b)| (i32::from(a) - i32::from(b)).abs());
    let worst = differences.clone().max().unwrap_or(0);
    if worst > row.tolerance {
        let first = differences
            .clone()
            .position(|it| it > row.tolerance)
            .unwrap();
        let many = differences.filter(|&it| it > row.tolerance).count();
        return Err(format!(
            "differs by up to {worst}, in {many} samples, first in {first}"
        ));
    }
    Ok(())
}

/// Opus is compared by its length and likeness: ffmpeg's own decoder is another one.
#[test]
fn opus_in_ogg_and_webm_is_read_with_its_exact_length() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sources(folder);
    for (file, from, options, frames) in [
        ("a.opus", "two.wav", "-b:a 32k", 0),
        ("voip.opus", "one.wav", "-b:a 12k -application voip", 0),
        ("long.opus", "two.wav", "-b:a 24k -frame_duration 60", 0),
        (
            "short.opus",
            "two.wav",
            "-b:a 64k -frame_duration 2.5 -application lowdelay",
            0,
        ),
        (
            "fec.opus",
            "one.wav",
            "-b:a 20k -application voip -fec 1 -packet_loss 20",
            0,
        ),
        ("a.webm", "two.wav", "-c:a libopus -b:a 32k", 960),
    ] {
        run(
            folder,
            &format!("ffmpeg -v error -i {from} {options} {file}"),
        );
        let mut reader = PcmReader::open(Cursor::new(get(folder, file))).unwrap();
        let info = reader.info().clone();
        let ticks = 48_000 / u64::from(info.sample_rate_hz);
        let length = info.frames * ticks;
        assert!(
            length.abs_diff(FRAMES as u64 * 6) <= frames,
            "{file}: {length}"
        );
        let ours = reader.read_frames(0, info.frames as usize).unwrap();
        let theirs = heard_by_ffmpeg(folder, file);
        // ffmpeg gives 48 kHz whatever the stream was made of.
        let channels = usize::from(info.channels);
        let same_rate: Vec<i16> = theirs
            .chunks_exact(channels)
            .step_by(ticks as usize)
            .flatten()
            .copied()
            .collect();
        // Each output rate has its own delay of a few samples.
        let likeness = (0..8)
            .flat_map(|lag| {
                let lag = lag * channels;
                [
                    likeness(&ours[lag..], &same_rate),
                    likeness(&ours, &same_rate[lag..]),
                ]
            })
            .fold(0.0, f64::max);
        assert!(likeness > 0.9, "{file}: {likeness}");
    }
}

fn likeness(a: &[i16], b: &[i16]) -> f64 {
    let dot = |a: &[i16], b: &[i16]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(&a, &b)| f64::from(a) * f64::from(b))
            .sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn what_cannot_be_read_is_refused_by_its_name() {
    if !have(&["ffmpeg", "sox"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sources(folder);
    for (file, options, name) in [
        ("g723.wav", "-ac 1 -c:a g723_1 -b:a 6300", "G.723.1"),
        ("float.wav", "-c:a pcm_f32le", "floating point PCM"),
        ("float.au", "-c:a pcm_f32be", "floating point"),
        ("wma.wav", "-c:a wmav2 -f wav", "Windows Media Audio"),
        ("deep.flac", "-c:a flac -sample_fmt s32", "FLAC with"),
        ("flac.ogg", "-c:a flac -f ogg", "FLAC in Ogg"),
        ("ac3.mka", "-c:a ac3", "A_AC3"),
        ("alac.m4a", "-c:a alac", "alac"),
        (
            "fragments.m4a",
            "-c:a aac -movflags frag_keyframe+empty_moov",
            "fragments",
        ),
    ] {
        run(
            folder,
            &format!("ffmpeg -v error -i two.wav {options} {file}"),
        );
        let error = PcmReader::open(Cursor::new(get(folder, file)))
            .map(|_| ())
            .unwrap_err();
        let said = error.to_string();
        assert!(
            matches!(error, AudioError::Unsupported { .. }) && said.contains(name),
            "{file}: {said}"
        );
    }
    for (file, options) in [
        ("a.vox", "-r 8000 -e oki-adpcm"),
        ("a.gsm", ""),
        ("a.amr-nb", ""),
    ] {
        if run_quietly(folder, &format!("sox one.wav {options} {file}")) {
            assert!(
                PcmReader::open(Cursor::new(get(folder, file))).is_err(),
                "{file}"
            );
        }
    }
}

fn run_quietly(folder: &std::path::Path, command: &str) -> bool {
    let mut words = command.split_whitespace();
    let mut command = std::process::Command::new(words.next().unwrap());
    command
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap()
        .status
        .success()
}

/// S0-71: a file that was cut off is read to where it is cut and says so, or is refused.
#[test]
fn files_that_are_cut_off_or_damaged_never_pass_for_whole() {
    if !have(&["ffmpeg", "sox"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sources(folder);
    let opus = Row {
        tolerance: 0,
        surplus: 0,
        ..row("cut.opus", "two.wav", "ffmpeg -b:a 32k", "Opus")
    };
    for row in ROWS.iter().chain([&opus]) {
        make(folder, row);
        let whole = get(folder, row.file);
        let frames = PcmReader::open(Cursor::new(&whole)).unwrap().info().frames;
        let cut = &whole[..whole.len() * 2 / 3];
        if let Ok(mut reader) = PcmReader::open(Cursor::new(cut)) {
            let shorter = reader.info().frames < frames;
            let readable = reader.read_frames(0, frames as usize).is_ok();
            assert!(shorter || !readable, "{} passes for whole", row.file);
        }
        assert!(
            PcmReader::open(Cursor::new(&whole[..whole.len().min(20)])).is_err(),
            "{}",
            row.file
        );
    }
}
