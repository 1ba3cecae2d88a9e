//! Recordings of any length that are made, not recorded, and a plan that removes twenty stretches.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use domain::{
    ids::SpanId,
    plan::{RedactionPlan, RedactionStyle},
};
use redaction::{
    plan_file::PlanFile,
    render::{self, SpanSeed},
    wav::{Container, Encoding, WavInfo, write_header},
};

use crate::{failure::Failure, files::unwritable};

pub(super) const RATE: u64 = 8_000;
/// Spans in a recording, whatever its length.
const SPANS: u64 = 20;
/// Length of a span; a card number takes as long.
const SPAN_MS: u64 = 4_000;
/// Frames after which the voice makes a pause or goes on.
const SYLLABLE_FRAMES: u64 = 1_600;

/// A recording and what is removed from it.
pub(super) struct Recording {
    pub(super) path: PathBuf,
    pub(super) duration_ms: u64,
}

impl Recording {
    /// Two channels of 16-bit samples, on which two voices of noise take turns over a quiet line.
    pub(super) fn spoken(folder: &Path, name: &str, minutes: u64) -> Result<Self, Failure> {
        let path = folder.join(name);
        let write = || -> io::Result<()> {
            let mut file = BufWriter::new(File::create(&path)?);
            write_speech(&mut file, minutes * 60 * RATE)?;
            file.flush()
        };
        write().map_err(|error| unwritable(&path, error.kind()))?;
        Ok(Self {
            path,
            duration_ms: minutes * 60_000,
        })
    }

    /// Starts and ends in milliseconds, evenly over the recording and at no round number.
    pub(super) fn spans(&self) -> Vec<(u64, u64)> {
        let every = self.duration_ms / (SPANS + 1);
        let start = |number: u64| number * every + number * 37 % 1_000;
        let length = SPAN_MS.min(every / 2);
        (1..=SPANS)
            .map(|number| (start(number), start(number) + length))
            .collect()
    }

    pub(super) fn plan(&self, duration_ms: u64) -> Result<RedactionPlan, Failure> {
        let span = |(start_ms, end_ms): (u64, u64)| serde_json::json!({"start_ms": start_ms, "end_ms": end_ms, "decision": "redact"});
        let spans: Vec<_> = self.spans().into_iter().map(span).collect();
        let json = serde_json::json!({ "spans": spans }).to_string();
        let file = PlanFile::from_json(&json).map_err(|error| {
            let hint = "Report this: the plan was made by this program.";
            Failure::usage(error.to_string(), hint)
        })?;
        Ok(RedactionPlan {
            duration_ms,
            style: RedactionStyle::Noise,
            ..file.plan
        })
    }
}

/// A seed for each span; a measurement needs no secret ones.
pub(super) fn seeds(plan: &RedactionPlan) -> BTreeMap<SpanId, SpanSeed> {
    let numbered = (1..).zip(render::spans_to_seed(plan));
    numbered
        .map(|(number, id)| (id.clone(), SpanSeed::new([number; 32])))
        .collect()
}

fn write_speech(out: &mut impl Write, frames: u64) -> io::Result<()> {
    let info = WavInfo {
        container: Container::Wav,
        encoding: Encoding::Pcm16,
        channels: 2,
        sample_rate_hz: u32::try_from(RATE).unwrap_or(u32::MAX),
        data_offset: 44,
        data_len: frames * 4,
        frames,
        warnings: vec![],
    };
    write_header(out, &info)?;
    let (mut state, mut low) = (7_u32, [0_i32; 2]);
    for frame in 0..frames {
        let syllable = frame / SYLLABLE_FRAMES;
        // Turns of some seconds; every fourth syllable is a pause.
        let speaker = usize::from(syllable / 16 % 2 == 1);
        for (channel, low) in low.iter_mut().enumerate() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let white = (state >> 16) as i32 - 32_768;
            *low += (white - *low) / 3;
            let loud = channel == speaker && syllable % 4 != 3;
            let sample = if loud { *low / 2 } else { white / 1_000 };
            let sample = i16::try_from(sample).unwrap_or(0);
            out.write_all(&sample.to_le_bytes())?;
        }
    }
    Ok(())
}
