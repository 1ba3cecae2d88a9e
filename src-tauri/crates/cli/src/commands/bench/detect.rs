//! `sar bench detect`: how fast the detector reads transcripts, and what that takes.
//!
//! The transcripts are the labeled calls of the redaction crate, one behind the other: far more
//! personal data in a minute than in real calls, so real ones are faster.

use std::{hint::black_box, path::Path, time::Instant};

use domain::{
    sensitive::PersonalData,
    transcript::{Transcript, TranscriptOrigin, Word},
};
use redaction::{detect::detect, evaluate::LabeledCall, knowledge::CaseKnowledge};

use super::{Value, peak_memory_mb};
use crate::{failure::Failure, input};

/// Where the labeled calls are in a source tree.
const CALLS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../redaction/corpus/calls.jsonl"
);
/// Sizes in bytes of words and spaces, with their names.
const SIZES: [(usize, &str); 4] = [
    (2_000, "2 kB"),
    (20_000, "20 kB"),
    (200_000, "200 kB"),
    (2_000_000, "2 MB"),
];
/// Bytes read for each size; the best of the rounds counts, because other work disturbs the others.
const BYTES_READ: usize = 8_000_000;
/// Pause between two calls.
const BETWEEN_MS: u64 = 2_000;
/// The length of a usual call.
const CALL_MS: u64 = 600_000;

/// Measures the detector of this program; nothing else is compared here.
pub(super) fn values() -> Result<Vec<Value>, Failure> {
    let calls = labeled_calls(Path::new(CALLS))?;
    let few = joined(&calls, |size, _| size >= 100);
    let mut values = vec![value(
        "first detection after the start",
        seconds(&few) * 1e3,
        "ms",
    )];
    let call = joined(&calls, |_, end_ms| end_ms >= CALL_MS);
    values.push(value("call of ten minutes", best(&call) * 1e3, "ms"));
    values.extend(peak_memory_mb().map(|mb| value("peak memory", mb, "MB")));
    for (size, name) in SIZES {
        let transcript = joined(&calls, |read, _| read >= size);
        let speed = bytes(&transcript) as f64 / best(&transcript) / 1e6;
        values.push(value(name, speed, "MB/s"));
    }
    values.extend(peak_memory_mb().map(|mb| value("peak memory with 2 MB", mb, "MB")));
    Ok(values)
}

fn value(name: &'static str, value: f64, unit: &'static str) -> Value {
    Value {
        bench: "detect",
        name,
        value,
        unit,
    }
}

fn labeled_calls(path: &Path) -> Result<Vec<LabeledCall>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| input::unreadable(path, &error))?;
    let calls: Result<Vec<_>, _> = text.lines().map(LabeledCall::from_json).collect();
    calls.map_err(|error| {
        let name = path.display();
        Failure::usage(
            format!("`{name}` is not valid: {error}"),
            "Check the file out again.",
        )
    })
}

/// Calls one behind the other until there is enough, by bytes and by time.
fn joined(calls: &[LabeledCall], is_enough: impl Fn(usize, u64) -> bool) -> Transcript {
    let mut words: Vec<Word> = Vec::new();
    let (mut size, mut begin_ms, mut phrase) = (0, 0, 0);
    for call in calls.iter().cycle() {
        for word in &call.transcript.words {
            if is_enough(size, begin_ms + word.end_ms) {
                return Transcript::new(words, None, TranscriptOrigin::File);
            }
            size += word.text.reveal().len() + 1;
            words.push(Word {
                text: PersonalData::new(word.text.reveal().clone()),
                start_ms: word.start_ms + begin_ms,
                end_ms: word.end_ms + begin_ms,
                phrase: word.phrase + phrase,
                ..word.clone()
            });
        }
        begin_ms += call.transcript.end_ms() + BETWEEN_MS;
        phrase = words.last().map_or(0, |word| word.phrase + 1);
    }
    Transcript::new(words, None, TranscriptOrigin::File)
}

fn bytes(transcript: &Transcript) -> usize {
    let words = transcript.words.iter();
    words.map(|word| word.text.reveal().len() + 1).sum()
}

fn best(transcript: &Transcript) -> f64 {
    let rounds = (BYTES_READ / bytes(transcript).max(1)).clamp(5, 1_000);
    (0..rounds)
        .map(|_| seconds(transcript))
        .fold(f64::MAX, f64::min)
}

fn seconds(transcript: &Transcript) -> f64 {
    let start = Instant::now();
    black_box(detect(transcript, &CaseKnowledge::default()));
    start.elapsed().as_secs_f64()
}
