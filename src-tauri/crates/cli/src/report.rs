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
    /// Whether every check passed; with a signature, also that the signer is the one that was named.
    pub(crate) verified: bool,
    pub(crate) verdict: Verdict,
    /// Who signed, where something is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signer: Option<Signer>,
    pub(crate) checks: Vec<Check>,
}

/// What the checks come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Verified,
    /// No check failed, and nobody said which signer to expect: somebody else may have made all of it.
    Consistent,
    NotVerified,
}

/// Who signed.
#[derive(Debug, Serialize)]
pub(crate) struct Signer {
    /// The key in the form in which people compare it.
    pub(crate) key: String,
    /// Whether it is the key that was given from outside.
    pub(crate) checked: bool,
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
    /// Prints the checks; in the end it is an error if one failed or could not be made. A signer that
    /// nobody asked about is said, and is no failed check.
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

    /// The checks in aligned columns, and one line that sums up when none failed.
    pub(crate) fn print_lines(&self, output: &mut Output) -> Result<(), Failure> {
        let rows: Vec<_> = self.checks.iter().map(Check::row).collect();
        output.table(&rows)?;
        match self.verdict {
            Verdict::NotVerified => Ok(()),
            Verdict::Consistent => output.line(self.conclusion()),
            Verdict::Verified => output.line(format_args!(
                "{} {} passed.",
                self.conclusion(),
                count(self.passed(), "check")
            )),
        }
    }

    /// How many checks passed.
    pub(crate) fn passed(&self) -> u64 {
        let passed = self.checks.iter().filter(|check| check.outcome == "passed");
        passed.count() as u64
    }

    /// `Verified.`, or what is missing for that.
    pub(crate) fn conclusion(&self) -> String {
        match (self.verdict, &self.signer) {
            (Verdict::Verified, _) => "Verified.".to_owned(),
            (Verdict::Consistent, Some(signer)) if signer.checked => {
                "Consistent; time not checked: name the authority that you trust (see --help)."
                    .to_owned()
            }
            (Verdict::Consistent, Some(signer)) => format!(
                "Consistent; signer not checked: compare {} with what the sender tells you by another \
                 way, or name the signer you expect (see --help).",
                signer.key
            ),
            (Verdict::Consistent | Verdict::NotVerified, _) => "Not verified.".to_owned(),
        }
    }

    /// An error that names the first check that did not pass.
    pub(crate) fn require(&self, subject: &str) -> Result<(), Failure> {
        if self.verdict != Verdict::NotVerified {
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
        // A check that nobody asked for is not performed either, and stands at the end.
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
        use evidence::report::{self, Outcome};
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
        let verdict = match report.verdict() {
            report::Verdict::Verified => Verdict::Verified,
            report::Verdict::Consistent => Verdict::Consistent,
            report::Verdict::NotVerified => Verdict::NotVerified,
        };
        let checked = report
            .checks
            .iter()
            .any(|it| it.name == report::SIGNER && it.outcome == Outcome::Passed);
        let signer = report.signer.clone();
        Self {
            verified: report.verified(),
            verdict,
            signer: signer.map(|key| Signer { key, checked }),
            checks: checks.collect(),
        }
    }
}

/// The verdict where there is no signer to ask about.
fn unsigned(passed: bool) -> Verdict {
    if passed {
        Verdict::Verified
    } else {
        Verdict::NotVerified
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
            verdict: unsigned(report.passed()),
            signer: None,
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
            verdict: unsigned(view.verified),
            signer: None,
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
        let passed = outcomes.iter().all(|it| *it == "passed") && !outcomes.is_empty();
        Report {
            verified: passed,
            verdict: unsigned(passed),
            signer: None,
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

    /// An unknown signer is told in words that cannot be mistaken for a verification.
    #[test]
    fn consistent_is_not_called_verified() {
        let mut found = report(&["passed"]);
        found.verdict = Verdict::Consistent;
        found.signer = Some(Signer {
            key: "SHA256:abc".to_owned(),
            checked: false,
        });
        assert!(!found.conclusion().to_lowercase().contains("verified"));
        assert!(found.conclusion().contains("SHA256:abc"));
        assert!(found.require("It").is_ok(), "no check failed");
    }

    #[test]
    fn what_was_not_checked_is_not_verified() {
        assert!(report(&["passed", "not_performed"]).require("It").is_err());
        assert!(report(&[]).require("It").is_err());
        assert!(report(&["passed"]).require("It").is_ok());
    }
}
