//! Keyed digits: every key is heard in every codec, and speech is none.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod support;

use std::{f64::consts::TAU, fs::File, io::Cursor, path::Path};

use domain::{
    entity::EntityKind,
    plan::RedactionStyle,
    policy::Policy,
    transcript::{Transcript, TranscriptOrigin},
};
use redaction::{
    keys::{KeyPress, detections, key_presses},
    pcm::PcmReader,
    planning::{AudioShape, plan},
    wav::Encoding,
};
use support::{
    rendered, speech,
    tools::{get, have, put, run},
    wav_bytes,
};

const RATE: u32 = 8_000;
const NUMBER: &str = "4929 1234 5678 0*#A";
const KEYS: &str = "123A456B789C*0#D";

/// How keys are sent.
#[derive(Clone, Copy)]
struct Sender {
    /// Length of a tone and of the pause behind it.
    tone_ms: f64,
    pause_ms: f64,
    /// Amplitude of the row's tone; the column's is `twist_db` louder.
    amplitude: f64,
    twist_db: f64,
    /// Both frequencies are off by this factor.
    detuned: f64,
    /// Amplitude of white noise on the line.
    noise: f64,
}

const USUAL: Sender = Sender {
    tone_ms: 80.0,
    pause_ms: 80.0,
    amplitude: 4_000.0,
    twist_db: 2.0,
    detuned: 1.0,
    noise: 20.0,
};

impl Sender {
    /// Half a second of line, the keys, half a second of line.
    fn keyed(&self, keys: &str, rate: u32) -> Vec<i16> {
        let frames = |ms: f64| (ms * f64::from(rate) / 1000.0) as usize;
        let mut state = 5_u32;
        let mut noise = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / 8_388_608.0 - 1.0
        };
        let mut samples: Vec<f64> = vec![0.0; frames(500.0)];
        for key in keys.chars().filter(|key| *key != ' ') {
            let at = KEYS.find(key).unwrap();
            let row = [697.0, 770.0, 852.0, 941.0][at / 4] * self.detuned;
            let column = [1_209.0, 1_336.0, 1_477.0, 1_633.0][at % 4] * self.detuned;
            let louder = 10_f64.powf(self.twist_db / 20.0);
            samples.extend((0..frames(self.tone_ms)).map(|at| {
                let time = at as f64 / f64::from(rate);
                let tone = |hz: f64| (TAU * hz * time).sin();
                self.amplitude * (tone(row) + louder * tone(column))
            }));
            samples.extend(vec![0.0; frames(self.pause_ms)]);
        }
        samples.extend(vec![0.0; frames(500.0)]);
        let noisy = samples.into_iter().map(|it| it + self.noise * noise());
        noisy
            .map(|it| it.clamp(-32_768.0, 32_767.0) as i16)
            .collect()
    }
}

fn heard(file: &[u8]) -> Vec<KeyPress> {
    key_presses(&mut PcmReader::open(Cursor::new(file)).unwrap()).unwrap()
}

fn keys(presses: &[KeyPress]) -> String {
    presses.iter().map(|press| *press.key.reveal()).collect()
}

fn keys_sent(sender: Sender) -> String {
    keys(&heard(&wav_bytes(
        Encoding::MuLaw,
        1,
        RATE,
        &sender.keyed(NUMBER, RATE),
    )))
}

fn without_spaces(keys: &str) -> String {
    keys.replace(' ', "")
}

#[test]
fn every_key_is_heard_where_it_was_pressed() {
    for rate in [8_000, 16_000, 44_100] {
        for encoding in [Encoding::Pcm16, Encoding::MuLaw, Encoding::ALaw] {
            let file = wav_bytes(encoding, 1, rate, &USUAL.keyed(KEYS, rate));
            let presses = heard(&file);
            assert_eq!(keys(&presses), KEYS, "{} {rate}", encoding.name());
            for (at, press) in presses.iter().enumerate() {
                let start = 500 + 160 * at as u64;
                assert!(press.start_ms.abs_diff(start) <= 20, "{at}: {press:?}");
                assert!(press.end_ms.abs_diff(start + 80) <= 20, "{at}: {press:?}");
                assert!(press.is_sure);
            }
        }
    }
}

/// ITU-T Q.24: what a receiver must accept.
#[test]
fn keys_are_heard_short_quiet_uneven_off_tune_and_in_noise() {
    let whole = without_spaces(NUMBER);
    for (what, sender) in [
        (
            "40 ms with pauses of 40 ms",
            Sender {
                tone_ms: 40.0,
                pause_ms: 40.0,
                ..USUAL
            },
        ),
        (
            "at -50 dBFS",
            Sender {
                amplitude: 100.0,
                noise: 4.0,
                ..USUAL
            },
        ),
        (
            "columns 8 dB louder",
            Sender {
                twist_db: 8.0,
                amplitude: 2_000.0,
                ..USUAL
            },
        ),
        (
            "columns 8 dB weaker",
            Sender {
                twist_db: -8.0,
                ..USUAL
            },
        ),
        (
            "1.8 % high",
            Sender {
                detuned: 1.018,
                ..USUAL
            },
        ),
        (
            "1.8 % low",
            Sender {
                detuned: 0.982,
                ..USUAL
            },
        ),
        (
            "noise 12 dB weaker",
            Sender {
                noise: 2_600.0,
                ..USUAL
            },
        ),
        (
            "as loud as it can be",
            Sender {
                amplitude: 30_000.0,
                ..USUAL
            },
        ),
    ] {
        assert_eq!(keys_sent(sender), whole, "{what}");
    }
}

/// ITU-T Q.24: what a receiver must not take for a key.
#[test]
fn what_is_no_key_is_not_heard() {
    for (what, sender) in [
        (
            "20 ms",
            Sender {
                tone_ms: 20.0,
                ..USUAL
            },
        ),
        (
            "5 % high",
            Sender {
                detuned: 1.05,
                ..USUAL
            },
        ),
        (
            "5 % low",
            Sender {
                detuned: 0.95,
                ..USUAL
            },
        ),
        (
            "columns alone",
            Sender {
                amplitude: 100.0,
                twist_db: 30.0,
                ..USUAL
            },
        ),
        (
            "noise as loud",
            Sender {
                noise: 12_000.0,
                ..USUAL
            },
        ),
    ] {
        assert_eq!(keys_sent(sender), "", "{what}");
    }
    let seconds = |tones: &[f64]| -> Vec<i16> {
        let tone = |at: usize, hz: f64| (TAU * hz * at as f64 / f64::from(RATE)).sin();
        let sample = |at| tones.iter().map(|&hz| 3_000.0 * tone(at, hz)).sum::<f64>() as i16;
        (0..5 * RATE as usize).map(sample).collect()
    };
    // Dial, ring-back and busy tones of Europe and North America, fax, a bleep, a chord on hold.
    for tones in [
        &[425.0][..],
        &[350.0, 440.0],
        &[440.0, 480.0],
        &[480.0, 620.0],
        &[1_100.0],
        &[2_100.0],
        &[1_000.0],
        &[440.0, 554.4, 659.3, 880.0],
        &[523.3, 659.3, 784.0, 1_046.5],
    ] {
        let file = wav_bytes(Encoding::MuLaw, 1, RATE, &seconds(tones));
        assert_eq!(keys(&heard(&file)), "", "{tones:?}");
    }
    assert!(heard(&wav_bytes(Encoding::Pcm16, 1, 3_000, &[500; 9_000])).is_empty());
}

const CODECS: &[(&str, &str)] = &[
    ("call.mp3", "-c:a libmp3lame -b:a 32k"),
    ("low.mp3", "-c:a libmp3lame -b:a 16k"),
    ("call.opus", "-c:a libopus -b:a 24k"),
    ("voip.opus", "-c:a libopus -b:a 12k -application voip"),
    ("call.webm", "-c:a libopus -b:a 32k"),
    ("call.ogg", "-c:a libvorbis"),
    ("call.flac", "-sample_fmt s16"),
    ("gsm.wav", "-c:a libgsm_ms"),
    ("ima.wav", "-c:a adpcm_ima_wav"),
    ("ms.wav", "-c:a adpcm_ms"),
    ("g726.wav", "-c:a g726 -b:a 32k"),
    ("g726-16.wav", "-c:a g726 -b:a 16k"),
];

#[test]
fn keys_are_heard_in_every_codec() {
    if !have(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let samples = USUAL.keyed(NUMBER, RATE);
    put(
        folder,
        "keyed.wav",
        &wav_bytes(Encoding::Pcm16, 1, RATE, &samples),
    );
    for (file, options) in CODECS {
        let command = format!("ffmpeg -v error -y -i keyed.wav {options} {file}");
        run(folder, &command);
        let presses = heard(&get(folder, file));
        assert_eq!(keys(&presses), without_spaces(NUMBER), "{file}");
    }
}

/// Not a single key in what people say: the sample calls, and the voices of flite where it is installed.
#[test]
fn speech_is_no_key() {
    let media = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox/corpus/media");
    let mut seconds = 0;
    for entry in std::fs::read_dir(media).unwrap() {
        let path = entry.unwrap().path();
        let Ok(mut audio) = PcmReader::open(File::open(&path).unwrap()) else {
            continue;
        };
        seconds += audio.info().duration_ms() / 1_000;
        let presses = key_presses(&mut audio).unwrap();
        assert!(presses.is_empty(), "{}: {presses:?}", path.display());
    }
    assert!(seconds > 600, "{seconds} seconds were heard");
    if have(&["flite", "sox"]) {
        let folder = tempfile::tempdir().unwrap();
        for voice in ["rms", "slt", "awb"] {
            let digits = speech::templates(folder.path(), voice);
            let call = speech::call(&digits, 1).stereo();
            assert!(heard(&call).is_empty(), "{voice}");
        }
    }
}

#[test]
fn keys_of_one_number_are_one_item_and_a_single_key_is_for_a_person() {
    let mut samples = USUAL.keyed(NUMBER, RATE);
    samples.extend(vec![0; 8 * RATE as usize]);
    samples.extend(USUAL.keyed("1", RATE));
    let quiet = vec![0; samples.len()];
    let both: Vec<i16> = quiet
        .iter()
        .zip(&samples)
        .flat_map(|(&a, &b)| [a, b])
        .collect();
    let found = detections(&heard(&wav_bytes(Encoding::MuLaw, 2, RATE, &both)));
    let [number, choice] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!((number.entity, number.channel), (EntityKind::Dtmf, Some(1)));
    assert!(number.start_ms <= 500 && number.end_ms >= 500 + 15 * 160 + 80);
    let said = format!("{number:?}");
    assert!(
        !said.contains("4929"),
        "the number is nowhere in it: {said}"
    );
    let policy = Policy::data_subject_copy();
    let decided = |it| policy.decide(it).unwrap().name();
    assert_eq!((decided(number), decided(choice)), ("redact", "review"));
}

/// The whole way: heard, planned, rendered, and no key is heard any more.
#[test]
fn keyed_numbers_are_gone_from_what_is_delivered() {
    let keyed = USUAL.keyed(NUMBER, RATE);
    let speech = support::speech_like(3, keyed.len());
    let both: Vec<i16> = keyed
        .iter()
        .zip(&speech)
        .flat_map(|(&a, &b)| [a, b])
        .collect();
    let original = wav_bytes(Encoding::ALaw, 2, RATE, &both);
    let audio = PcmReader::open(Cursor::new(&original)).unwrap();
    let shape = AudioShape::from(audio.info());
    let nothing_said = Transcript::new(vec![], None, TranscriptOrigin::File);
    for policy in ["data_subject_copy", "third_party_copy", "ccpa"] {
        let policy = Policy::from_name(policy).unwrap();
        let found = detections(&heard(&original));
        let plan = plan(&found, &nothing_said, &policy, shape, RedactionStyle::Noise);
        assert_eq!(plan.spans.len(), 1);
        let (redacted, done) = rendered(&original, &plan);
        assert!(support::checked(&original, &redacted, &plan, &done.ranges).passed());
        assert_eq!(keys(&heard(&redacted)), "");
    }
}
