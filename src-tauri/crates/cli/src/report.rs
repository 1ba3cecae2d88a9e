//! Reports of the verifiers, as lines for people and as one object for programs.

use redaction::verify::VerificationReport;
use serde::Serialize;
use services::api::ReportView;

use crate::{
    failure::Failure,
    output::{Output, count},
};

/// What the package verifier blames when the passphrase is another one.
const PASSPHRASE: &str = "passphrase";

/// What a verifier found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Whether every check passed.
    pub(crate) verified: bool,
    pub(crate) checks: Vec<Check>,
}

/// One check.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    pub(crate) name: String,
    /// `passed`, `failed` or `not_performed`.
    pub(crate) outcome: String,
    /// The file, header or entry at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) part: Option<String>,
    /// What was seen, or why it failed.
    pub(crate) detail: String,
}

impl Report {
    /// Prints the checks; in the end it is an error unless all passed.
    ///
    /// `subject` names what was checked, such as "The package `x.zip`".
    pub(crate) fn print(
        &self,
        output: &mut Output,
        json: bool,
        subject: &str,
    ) -> Result<(), Failure> {
        if json {
            output.json(self)?;
        } else {
            self.print_lines(output)?;
        }
        self.require(subject)
    }

    /// The checks in aligned columns, and one line that sums up when all passed.
    pub(crate) fn print_lines(&self, output: &mut Output) -> Result<(), Failure> {
        let rows: Vec<_> = self.checks.iter().map(Check::row).collect();
        output.table(&rows)?;
        if self.verified {
            output.line(format_args!(
                "Verified. {} passed.",
                count(self.checks.len() as u64, "check")
            ))?;
        }
        Ok(())
    }

    /// An error that names the first check that did not pass.
    pub(crate) fn require(&self, subject: &str) -> Result<(), Failure> {
        if self.verified {
            return Ok(());
        }
        if self
            .checks
            .iter()
            .any(|check| check.part.as_deref() == Some(PASSPHRASE))
        {
            return Err(Failure::failed_check(
                format!("{subject} does not open with this passphrase"),
                "Compare it with the words you were given; they are joined by hyphens.",
            ));
        }
        let bad = |outcome: &str| self.checks.iter().find(|check| check.outcome == outcome);
        let what = match bad("failed").or_else(|| bad("not_performed")) {
            Some(check) => check.sentence(),
            None => "nothing was checked".to_owned(),
        };
        Err(Failure::failed_check(
            format!("{subject} is not verified: {what}"),
            "Do not use it. Get it again from where it came from, and check it again.",
        ))
    }
}

impl Check {
    fn row(&self) -> Vec<String> {
        vec![
            self.outcome.replace('_', " "),
            self.name.clone(),
            self.text(),
        ]
    }

    fn text(&self) -> String {
        match &self.part {
            Some(part) => format!("{part}: {}", self.detail),
            None => self.detail.clone(),
        }
    }

    fn sentence(&self) -> String {
        format!("{}: {}", self.name, self.text())
    }
}

impl From<&evidence::report::Report> for Report {
    fn from(report: &evidence::report::Report) -> Self {
        use evidence::report::Outcome;
        let checks = report.checks.iter().map(|check| {
            let (outcome, detail) = match &check.outcome {
                Outcome::Passed => ("passed", &check.detail),
                Outcome::Failed { reason } => ("failed", reason),
                Outcome::NotPerformed { reason } => ("not_performed", reason),
            };
            Check {
                name: check.name.to_owned(),
                outcome: outcome.to_owned(),
                part: check.part.clone(),
                detail: detail.clone(),
            }
        });
        Self {
            verified: report.verified(),
            checks: checks.collect(),
        }
    }
}

impl From<&VerificationReport> for Report {
    fn from(report: &VerificationReport) -> Self {
        use redaction::verify::Outcome;
        let checks = report.checks.iter().map(|check| {
            let (outcome, detail) = match &check.outcome {
                Outcome::Passed => ("passed", ""),
                Outcome::Failed { reason } => ("failed", reason.as_str()),
                Outcome::NotPerformed { reason } => ("not_performed", reason.as_str()),
            };
            Check {
                name: check.name.to_owned(),
                outcome: outcome.to_owned(),
                part: None,
                detail: detail.to_owned(),
            }
        });
        Self {
            verified: report.passed(),
            checks: checks.collect(),
        }
    }
}

impl From<ReportView> for Report {
    fn from(view: ReportView) -> Self {
        let checks = view.checks.into_iter().map(|check| Check {
            name: check.name,
            outcome: check.outcome,
            part: None,
            detail: check.detail,
        });
        Self {
            verified: view.verified,
            checks: checks.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcomes: &[&str]) -> Report {
        let check = |(number, outcome): (usize, &&str)| Check {
            name: format!("check {number}"),
            outcome: (*outcome).to_owned(),
            part: Some(format!("part {number}")),
            detail: "broken".to_owned(),
        };
        Report {
            verified: outcomes.iter().all(|it| *it == "passed") && !outcomes.is_empty(),
            checks: outcomes.iter().enumerate().map(check).collect(),
        }
    }

    #[test]
    fn the_part_at_fault_is_named() {
        let failure = report(&["passed", "not_performed", "failed"])
            .require("It")
            .unwrap_err();
        assert_eq!(
            failure.message,
            "It is not verified: check 2: part 2: broken"
        );
    }

    #[test]
    fn what_was_not_checked_is_not_verified() {
        assert!(report(&["passed", "not_performed"]).require("It").is_err());
        assert!(report(&[]).require("It").is_err());
        assert!(report(&["passed"]).require("It").is_ok());
    }
}
