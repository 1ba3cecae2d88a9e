//! Reads a finished file again and proves what was replaced and what was not.
//!
//! Shares with rendering only the definitions (plan, noise generator, fade); edges, coverage and
//! comparison are worked out anew. Fails closed: a check that cannot be carried out is
//! [`Outcome::NotPerformed`], and a report passes only when every check passed.

mod correlation;
mod file;
mod inside;
mod mp3;
mod opus;
mod outside;

use std::io::{Read, Seek};

use domain::plan::RedactionPlan;

use crate::{
    audio::AudioError, pcm::PcmReader, ranges::ReplacedRange, render::Delivered, wav::WavInfo,
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

/// A redacted file whose sound was found, with what it was made by.
struct Subject<'a> {
    info: WavInfo,
    delivered: Delivered,
    plan: &'a RedactionPlan,
    ranges: &'a [ReplacedRange],
}

/// Checks a redacted file against its original, plan and replaced ranges. // S0-59
pub fn verify(
    original: &mut (impl Read + Seek),
    redacted: &mut (impl Read + Seek),
    plan: &RedactionPlan,
    ranges: &[ReplacedRange],
) -> VerificationReport {
    let mut report = VerificationReport { checks: vec![] };
    let Some(subject) = audio_present(redacted, plan, ranges, &mut report) else {
        return report;
    };
    check_file(redacted, &subject, &mut report);
    let (source, expected) = match PcmReader::open(&mut *original) {
        Ok(audio) => (audio.info().clone(), Delivered::of(&audio)),
        Err(error) => {
            report.add("original_readable", Outcome::failed(error.to_string()));
            return report;
        }
    };
    report.add("original_readable", Outcome::Passed);
    let same_format = same_format(&source, expected, &subject);
    let comparable = same_format == Outcome::Passed;
    report.add("same_format", same_format);
    if !comparable {
        return report;
    }
    let outside = match expected {
        Delivered::Opus => opus::outside_untouched(original, redacted, &subject),
        Delivered::Mp3 => mp3::outside_untouched(original, redacted, &subject),
        Delivered::Samples(_) | Delivered::Converted | Delivered::Flac => {
            outside::untouched(original, redacted, &subject)
        }
    };
    report.add("outside_untouched", or_failed(outside));
    let left = correlation::nothing_left(original, redacted, &subject);
    report.add("nothing_left_inside", or_failed(left));
    report
}

/// Checks a redacted file by itself: anybody can, without the original.
pub fn verify_without_original(
    redacted: &mut (impl Read + Seek),
    plan: &RedactionPlan,
    ranges: &[ReplacedRange],
) -> VerificationReport {
    let mut report = VerificationReport { checks: vec![] };
    let Some(subject) = audio_present(redacted, plan, ranges, &mut report) else {
        return report;
    };
    check_file(redacted, &subject, &mut report);
    for name in ["same_format", "outside_untouched", "nothing_left_inside"] {
        report.add(name, Outcome::skipped("the original is not at hand"));
    }
    report
}

fn or_failed(result: Result<Outcome, AudioError>) -> Outcome {
    result.unwrap_or_else(|error| Outcome::failed(error.to_string()))
}

fn audio_present<'a>(
    redacted: &mut (impl Read + Seek),
    plan: &'a RedactionPlan,
    ranges: &'a [ReplacedRange],
    report: &mut VerificationReport,
) -> Option<Subject<'a>> {
    let problem = match PcmReader::open(redacted) {
        Ok(audio) if audio.info().warnings.is_empty() => {
            report.add("audio_present", Outcome::Passed);
            let (info, delivered) = (audio.info().clone(), Delivered::of(&audio));
            return Some(Subject {
                info,
                delivered,
                plan,
                ranges,
            });
        }
        Ok(audio) => {
            let reasons = audio.info().warnings.iter().map(|warning| warning.text());
            reasons.collect::<Vec<_>>().join("; ")
        }
        Err(error) => error.to_string(),
    };
    report.add("audio_present", Outcome::failed(problem));
    None
}

/// The checks that need only the redacted file.
fn check_file(
    redacted: &mut (impl Read + Seek),
    subject: &Subject<'_>,
    report: &mut VerificationReport,
) {
    report.add(
        "no_extra_bytes",
        or_failed(file::no_extra_bytes(redacted, subject)),
    );
    report.add("length_unchanged", file::length_unchanged(subject));
    report.add("plan_covered", file::plan_covered(subject));
    let replaced = match subject.delivered {
        Delivered::Opus => opus::spans_replaced(redacted, subject),
        Delivered::Mp3 => mp3::spans_replaced(redacted, subject),
        Delivered::Samples(_) | Delivered::Flac => inside::spans_replaced(redacted, subject),
        Delivered::Converted => Ok(Outcome::failed("a codec that is never delivered")),
    };
    report.add("spans_replaced", or_failed(replaced));
}

fn same_format(original: &WavInfo, expected: Delivered, redacted: &Subject<'_>) -> Outcome {
    let info = &redacted.info;
    let same = original.encoding == info.encoding
        && original.container == info.container
        && original.channels == info.channels
        && original.sample_rate_hz == info.sample_rate_hz;
    let expected = match expected {
        // The declared loss: what is decoded leaves as plain samples.
        Delivered::Converted => Delivered::Samples(info.container),
        other => other,
    };
    if !same || expected != redacted.delivered {
        return Outcome::failed(
            "codec, channels or sample rate differ from what the original's become",
        );
    }
    if original.frames != info.frames {
        let (was, is) = (original.frames, info.frames);
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
