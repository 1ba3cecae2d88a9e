//! The table that ends `check` and `test`: which parts ran, what came of them, how long they took.

use crate::process::say;
use anyhow::bail;
use std::time::{Duration, Instant};

/// What came of a part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    Failed(String),
    /// Not carried out, which is never the same as passed.
    NotPerformed(String),
}

impl Verdict {
    /// Passed, or failed with the error's text.
    pub(crate) fn of(outcome: anyhow::Result<()>) -> Self {
        match outcome {
            Ok(()) => Self::Passed,
            Err(error) => Self::Failed(format!("{error:#}")),
        }
    }
}

struct Part {
    name: &'static str,
    verdict: Verdict,
    took: Duration,
}

/// Collects parts in the order they ran.
#[derive(Default)]
pub(crate) struct Report {
    parts: Vec<Part>,
}

impl Report {
    /// Carries out a part and times it; a failure is kept, and the next part still runs.
    ///
    /// Returns whether it passed, for parts that make no sense after a failure.
    pub(crate) fn part(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> anyhow::Result<()>,
    ) -> bool {
        self.part_with_verdict(name, || Verdict::of(work()))
    }

    /// As [`Report::part`], for work that knows when it could not be carried out.
    pub(crate) fn part_with_verdict(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Verdict,
    ) -> bool {
        say(&format!("\n== {name}"));
        let start = Instant::now();
        let verdict = work();
        if let Verdict::Failed(reason) = &verdict {
            say(&format!("error: {reason}"));
        }
        let passed = verdict == Verdict::Passed;
        self.parts.push(Part {
            name,
            verdict,
            took: start.elapsed(),
        });
        passed
    }

    /// Prints the table; an error if any part failed.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        say("\n== summary");
        for part in &self.parts {
            say(&line(part));
        }
        let failed: Vec<&str> = self.failed().collect();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }

    fn failed(&self) -> impl Iterator<Item = &'static str> {
        let is_failed = |part: &&Part| matches!(part.verdict, Verdict::Failed(_));
        self.parts.iter().filter(is_failed).map(|part| part.name)
    }
}

fn line(part: &Part) -> String {
    let (word, reason) = match &part.verdict {
        Verdict::Passed => ("passed", ""),
        Verdict::Failed(reason) => ("FAILED", reason.as_str()),
        Verdict::NotPerformed(reason) => ("not performed", reason.as_str()),
    };
    // The whole text, hints included, was printed when the part failed.
    let reason = reason.lines().next().unwrap_or_default();
    let seconds = part.took.as_secs_f64();
    format!("{word:<13} {seconds:>7.1} s  {:<26} {reason}", part.name)
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_fails_the_whole_and_the_rest_still_runs() {
        let mut report = Report::default();
        let mut ran_after = false;
        report.part("first", || bail!("broken"));
        report.part("second", || {
            ran_after = true;
            Ok(())
        });
        let error = report.finish().expect_err("one part failed");
        assert!(ran_after);
        assert_eq!(error.to_string(), "failed: first");
    }

    #[test]
    fn the_table_has_one_line_a_part() {
        let part = Part {
            name: "set-up",
            verdict: Verdict::Failed("no network\nhint: plug it in".to_owned()),
            took: Duration::from_millis(1500),
        };
        let text = line(&part);
        assert!(
            text.starts_with("FAILED            1.5 s  set-up"),
            "{text}"
        );
        assert!(text.ends_with("no network"), "{text}");
    }

    #[test]
    fn what_was_not_performed_is_neither_failed_nor_passed() {
        let mut report = Report::default();
        let reason = || Verdict::NotPerformed("no network".to_owned());
        report.part_with_verdict("advisories", reason);
        let text = line(&report.parts[0]);
        assert!(text.starts_with("not performed"), "{text}");
        assert!(text.ends_with("no network"), "{text}");
        assert!(report.finish().is_ok());
    }
}
