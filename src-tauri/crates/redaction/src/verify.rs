//! Reads a finished file again and proves what was replaced and what was not.
//!
//! Shares with rendering only the definitions (plan, noise generator, fade); edges, coverage and
//! comparison are worked out anew. Fails closed: a check that cannot be carried out is
//! [`Outcome::NotPerformed`], and a report passes only when every check passed.

mod compare;
mod correlation;

use std::io::{Read, Seek, SeekFrom};

use domain::plan::{RedactionPlan, RedactionStyle};

use crate::{
    noise::Replacement,
    pcm::PcmReader,
    ranges::{ReplacedRange, channel_count, context_pieces, excluded, fade_frames},
    wav::{WavError, WavInfo},
};

/// What the verifier says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationReport {
    /// Every check in a fixed order.
    pub checks: Vec<Check>,
}

/// One check and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Stable name, such as `outside_untouched`.
    pub name: &'static str,
    /// What it found.
    pub outcome: Outcome,
}

/// Whether a check holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Carried out, and it holds.
    Passed,
    /// Carried out, and it does not hold.
    Failed {
        /// What is wrong, where; never content.
        reason: String,
    },
    /// Could not be carried out; never counts as passed.
    NotPerformed {
        /// Why not.
        reason: String,
    },
}

impl Outcome {
    fn failed(reason: impl Into<String>) -> Self {
        Self::Failed {
            reason: reason.into(),
        }
    }

    fn skipped(reason: impl Into<String>) -> Self {
        Self::NotPerformed {
            reason: reason.into(),
        }
    }
}

impl VerificationReport {
    /// Whether every check was carried out and holds.
    pub fn passed(&self) -> bool {
        !self.checks.is_empty()
            && self
                .checks
                .iter()
                .all(|check| check.outcome == Outcome::Passed)
    }

    /// Whether no check failed; checks that need the original may be missing.
    pub fn nothing_failed(&self) -> bool {
        let failed = |check: &Check| matches!(check.outcome, Outcome::Failed { .. });
        !self.checks.is_empty() && !self.checks.iter().any(failed)
    }

    /// The checks that do not hold or were not carried out.
    pub fn problems(&self) -> impl Iterator<Item = &Check> {
        self.checks
            .iter()
            .filter(|check| check.outcome != Outcome::Passed)
    }

    fn add(&mut self, name: &'static str, outcome: Outcome) {
        self.checks.push(Check { name, outcome });
    }
}

/// Checks a redacted file against its original, plan and replaced ranges. // S0-59
pub fn verify(
    original: &mut (impl Read + Seek),
    redacted: &mut (impl Read + Seek),
    plan: &RedactionPlan,
    ranges: &[ReplacedRange],
) -> VerificationReport {
    let mut report = VerificationReport { checks: vec![] };
    let Some(info) = audio_present(redacted, &mut report) else {
        return report;
    };
    check_file(redacted, &info, plan, ranges, &mut report);
    let source = match WavInfo::probe(original) {
        Ok(source) => source,
        Err(error) => {
            report.add("original_readable", Outcome::failed(error.to_string()));
            return report;
        }
    };
    report.add("original_readable", Outcome::Passed);
    report.add("same_format", same_format(&source, &info));
    if same_format(&source, &info) != Outcome::Passed {
        return report;
    }
    let pair = compare::Pair {
        original: &source,
        redacted: &info,
        ranges,
    };
    report.add(
        "outside_untouched",
        or_failed(pair.outside_untouched(original, redacted)),
    );
    report.add(
        "nothing_left_inside",
        or_failed(correlation::nothing_left(original, redacted, &pair)),
    );
    report
}

/// Checks a redacted file by itself: anybody can, without the original.
pub fn verify_without_original(
    redacted: &mut (impl Read + Seek),
    plan: &RedactionPlan,
    ranges: &[ReplacedRange],
) -> VerificationReport {
    let mut report = VerificationReport { checks: vec![] };
    let Some(info) = audio_present(redacted, &mut report) else {
        return report;
    };
    check_file(redacted, &info, plan, ranges, &mut report);
    for name in ["same_format", "outside_untouched", "nothing_left_inside"] {
        report.add(name, Outcome::skipped("the original is not at hand"));
    }
    report
}

fn or_failed(result: std::io::Result<Outcome>) -> Outcome {
    result.unwrap_or_else(|_| Outcome::failed("the audio could not be read"))
}

fn audio_present(
    redacted: &mut (impl Read + Seek),
    report: &mut VerificationReport,
) -> Option<WavInfo> {
    match WavInfo::probe(redacted) {
        Ok(info) if info.warnings.is_empty() => {
            report.add("audio_present", Outcome::Passed);
            Some(info)
        }
        Ok(info) => {
            let reasons: Vec<_> = info.warnings.iter().map(|warning| warning.text()).collect();
            report.add("audio_present", Outcome::failed(reasons.join("; ")));
            None
        }
        Err(error) => {
            report.add("audio_present", Outcome::failed(error.to_string()));
            None
        }
    }
}

/// The checks that need only the redacted file.
fn check_file(
    redacted: &mut (impl Read + Seek),
    info: &WavInfo,
    plan: &RedactionPlan,
    ranges: &[ReplacedRange],
    report: &mut VerificationReport,
) {
    report.add("no_extra_bytes", no_extra_bytes(redacted, info));
    report.add("length_unchanged", length_unchanged(info, plan));
    report.add("plan_covered", plan_covered(info, plan, ranges));
    report.add(
        "spans_replaced",
        match spans_replaced(redacted, info, ranges) {
            Ok(outcome) => outcome,
            Err(error) => Outcome::failed(error.to_string()),
        },
    );
}

/// Tags and chunks beyond `fmt ` and `data` could carry what was removed.
fn no_extra_bytes(redacted: &mut (impl Read + Seek), info: &WavInfo) -> Outcome {
    let mut header = Vec::new();
    if crate::wav::write_header(&mut header, info).is_err() {
        return Outcome::failed("the expected header could not be made");
    }
    let expected = header.len() as u64 + info.data_len + crate::wav::padding(info) as u64;
    let mut found = vec![0; header.len()];
    let read = redacted
        .seek(SeekFrom::Start(0))
        .and_then(|_| redacted.read_exact(&mut found));
    let len = redacted.seek(SeekFrom::End(0));
    match (read, len) {
        (Ok(()), Ok(len)) if len == expected && found == header => Outcome::Passed,
        (Ok(()), Ok(_)) => Outcome::failed("the file holds more than a format header and samples"),
        _ => Outcome::failed("the audio could not be read"),
    }
}

fn length_unchanged(info: &WavInfo, plan: &RedactionPlan) -> Outcome {
    let (plan_ms, audio_ms) = (plan.duration_ms, info.duration_ms());
    if plan_ms.abs_diff(audio_ms) <= 1 {
        return Outcome::Passed;
    }
    Outcome::failed(format!(
        "the plan is for {plan_ms} ms, the file has {audio_ms} ms"
    ))
}

/// Every span that is not kept lies inside replaced ranges on each of its channels.
fn plan_covered(info: &WavInfo, plan: &RedactionPlan, ranges: &[ReplacedRange]) -> Outcome {
    let rate = u128::from(info.sample_rate_hz);
    for span in plan.spans.iter().filter(|span| span.is_replaced()) {
        let start = u128::from(span.start_ms) * rate / 1000;
        let end = (u128::from(span.end_ms) * rate)
            .div_ceil(1000)
            .min(u128::from(info.frames));
        for channel in 0..channel_count(info) {
            if span.channel.is_some_and(|only| only != channel) || start >= end {
                continue;
            }
            let inside = |range: &ReplacedRange| {
                range.channel == channel
                    && u128::from(range.start_frame) <= start
                    && end <= u128::from(range.end_frame)
            };
            if !ranges.iter().any(inside) {
                let id = &span.id;
                return Outcome::failed(format!(
                    "span `{id}` is not replaced on channel {channel}"
                ));
            }
        }
    }
    Outcome::Passed
}

/// Makes each range again from the file itself and compares to the bit.
fn spans_replaced(
    redacted: &mut (impl Read + Seek),
    info: &WavInfo,
    ranges: &[ReplacedRange],
) -> Result<Outcome, WavError> {
    let zones = excluded(ranges, fade_frames(info.sample_rate_hz));
    let mut reader = PcmReader::open(redacted)?;
    for range in ranges {
        let out_of_file =
            range.end_frame > info.frames || u16::from(range.channel) >= info.channels;
        if out_of_file || range.start_frame >= range.end_frame {
            return Ok(Outcome::failed(format!(
                "range {} is not in the file",
                place(range, info)
            )));
        }
        let context = match range.style {
            RedactionStyle::Noise => {
                reader.read_channel(range.channel, &context_pieces(range, &zones, info))?
            }
            RedactionStyle::Silence | RedactionStyle::Tone => vec![],
        };
        let expected = Replacement::new(
            range.style,
            range.seed,
            range.channel,
            info.sample_rate_hz,
            &context,
        );
        if !holds_exactly(&mut reader, range, expected)? {
            let place = place(range, info);
            return Ok(Outcome::failed(format!(
                "range {place} holds something else than its {}",
                range.style.name()
            )));
        }
    }
    Ok(Outcome::Passed)
}

fn holds_exactly<R: Read + Seek>(
    reader: &mut PcmReader<R>,
    range: &ReplacedRange,
    mut expected: Replacement,
) -> Result<bool, WavError> {
    const STEP: u64 = 64 * 1024;
    let encoding = reader.info().encoding;
    let mut stored = [0; 4];
    let mut frame = range.start_frame;
    while frame < range.end_frame {
        let to = range.end_frame.min(frame + STEP);
        let found = reader.read_channel(range.channel, &[(frame, to)])?;
        if found.len() as u64 != to - frame {
            return Ok(false);
        }
        for sample in found {
            // Through the codec, because 8-bit codes cannot hold every sample.
            encoding.encode(i32::from(expected.next_sample()) << 16, &mut stored);
            if encoding.decode_16(&stored) != sample {
                return Ok(false);
            }
        }
        frame = to;
    }
    Ok(true)
}

fn same_format(original: &WavInfo, redacted: &WavInfo) -> Outcome {
    let same = original.encoding == redacted.encoding
        && original.channels == redacted.channels
        && original.sample_rate_hz == redacted.sample_rate_hz;
    if !same {
        return Outcome::failed("encoding, channels or sample rate differ from the original's");
    }
    if original.frames != redacted.frames {
        let (was, is) = (original.frames, redacted.frames);
        return Outcome::failed(format!(
            "the original has {was} frames, the redacted file {is}"
        ));
    }
    Outcome::Passed
}

fn place(range: &ReplacedRange, info: &WavInfo) -> String {
    let ms = |frame: u64| frame.saturating_mul(1000) / u64::from(info.sample_rate_hz);
    format!(
        "{}-{} ms on channel {}",
        ms(range.start_frame),
        ms(range.end_frame),
        range.channel
    )
}
