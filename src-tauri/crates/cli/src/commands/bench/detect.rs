//! `sar bench detect`: how fast the detector reads transcripts, what that takes, and Presidio beside it.
//!
//! A megabyte is one of text: the words with a space behind each. Times are those of the thread on a processor
//! where the system tells them, so that other work beside it does not count; the same holds for Presidio.

mod material;

use std::{fs, hint::black_box, time::Instant};

use domain::transcript::Transcript;
use redaction::{detect::detect, knowledge::CaseKnowledge};

use self::material::{Material, bytes, file, text};
use super::{Value, peak_memory_mb};
use crate::{
    commands::presidio::{self, Document},
    failure::Failure,
    output::Output,
};

/// A size in bytes of text, and the names of what is measured with it.
struct Size {
    bytes: usize,
    dense: &'static str,
    between: &'static str,
    /// Presidio and the ratio to it; it takes minutes for more.
    presidio: Option<(&'static str, &'static str)>,
}

const SIZES: [Size; 4] = [
    Size {
        bytes: 2_000,
        dense: "2 kB, an item in every dozen words",
        between: "2 kB, turns without an item",
        presidio: Some(("2 kB, Presidio", "2 kB, ours to Presidio")),
    },
    Size {
        bytes: 20_000,
        dense: "20 kB, an item in every dozen words",
        between: "20 kB, turns without an item",
        presidio: Some(("20 kB, Presidio", "20 kB, ours to Presidio")),
    },
    Size {
        bytes: 200_000,
        dense: "200 kB, an item in every dozen words",
        between: "200 kB, turns without an item",
        presidio: Some(("200 kB, Presidio", "200 kB, ours to Presidio")),
    },
    Size {
        bytes: 2_000_000,
        dense: "2 MB, an item in every dozen words",
        between: "2 MB, turns without an item",
        presidio: None,
    },
];
/// Bytes read in a row, so that a clock which is only right to milliseconds is good enough.
const BYTES_READ: usize = 6_000_000;
/// The best of so many rows counts, because other work disturbs the others.
const ROWS: usize = 3;
/// The length of a usual call.
const CALL_MS: u64 = 600_000;

/// Measures the detector of this program, and Presidio if it is installed.
pub(super) fn values(output: &mut Output) -> Result<Vec<Value>, Failure> {
    let dense = Material::dense()?;
    let few = dense.joined(|size, _| size >= 100);
    let mut values = vec![value(
        "first detection after the start",
        wall_seconds(|| find(&few)) * 1e3,
        "ms",
    )];
    let call = dense.joined(|_, end_ms| end_ms >= CALL_MS);
    values.push(value("call of ten minutes", best(&call) * 1e3, "ms"));
    values.extend(peak_memory_mb().map(|mb| value("peak memory", mb, "MB")));
    values.push(reading(&call)?);
    let between = Material::between_items()?;
    for size in &SIZES {
        let transcript = between.joined(|read, _| read >= size.bytes);
        values.push(value(size.between, speed(&transcript), "MB/s"));
    }
    for size in &SIZES {
        let transcript = dense.joined(|read, _| read >= size.bytes);
        let ours = speed(&transcript);
        values.push(value(size.dense, ours, "MB/s"));
        if let Some(names) = size.presidio {
            values.extend(beside(&transcript, ours, names, output)?);
        }
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

/// What comes before the detection: from the bytes of a transcript file to its words.
fn reading(call: &Transcript) -> Result<Value, Failure> {
    let file = file(call);
    services::transcript_file::parse_any(&file).map_err(|error| {
        let hint = "Report this: the file was written by this program.";
        Failure::usage(error.to_string(), hint)
    })?;
    let took = best_of_rows(bytes(call), || {
        drop(black_box(services::transcript_file::parse_any(&file)));
    });
    Ok(value("reading its transcript file", took * 1e3, "ms"))
}

/// Presidio on the same words.
fn beside(
    transcript: &Transcript,
    ours: f64,
    (name, ratio): (&'static str, &'static str),
    output: &mut Output,
) -> Result<Vec<Value>, Failure> {
    let text = text(transcript);
    match presidio::run(&[Document { id: 0, text: &text }]) {
        Ok(answer) => {
            let theirs = bytes(transcript) as f64 / answer.cpu_seconds / 1e6;
            Ok(vec![
                value(name, theirs * 1e3, "kB/s"),
                value(ratio, ours / theirs, "times"),
            ])
        }
        Err(why) => {
            output.note(format!("{name}: {why}"));
            Ok(vec![])
        }
    }
}

fn speed(transcript: &Transcript) -> f64 {
    bytes(transcript) as f64 / best(transcript) / 1e6
}

fn best(transcript: &Transcript) -> f64 {
    best_of_rows(bytes(transcript), || find(transcript))
}

/// Seconds that a work takes which reads so many bytes.
fn best_of_rows(bytes: usize, work: impl Fn()) -> f64 {
    let times = (BYTES_READ / bytes.max(1)).max(1);
    let row = || seconds(|| (0..times).for_each(|_| work()));
    let rows = (0..ROWS).map(|_| row() / times as f64);
    rows.fold(f64::MAX, f64::min)
}

fn find(transcript: &Transcript) {
    black_box(detect(transcript, &CaseKnowledge::default()));
}

/// Seconds on a processor where the system tells them.
fn seconds(work: impl FnOnce()) -> f64 {
    let before = processor_ns();
    let wall = wall_seconds(work);
    let spent = processor_ns().zip(before);
    spent.map_or(wall, |(end, start)| end.saturating_sub(start) as f64 / 1e9)
}

fn wall_seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Time of this thread on a processor so far; only Linux says it in a file.
fn processor_ns() -> Option<u64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}
