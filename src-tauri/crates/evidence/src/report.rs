//! What a verifier found: a list of checks, each passed, failed or not performed.

/// How a check ended. A check that could not be carried out is never a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// What was checked holds.
    Passed,
    /// It does not hold.
    Failed {
        /// What is wrong, and where.
        reason: String,
    },
    /// It could not be checked.
    NotPerformed {
        /// What stood in the way.
        reason: String,
    },
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What the check is about, in words; stable.
    pub name: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What was looked at: counts, digests, key fingerprints; empty when there is nothing to add.
    pub detail: String,
    /// The file, header or entry that is at fault, if the check failed on one.
    pub part: Option<String>,
    /// Whether the check could have been made with what was given. One that nobody asked for is told as
    /// not performed and does not count against the whole.
    pub asked: bool,
}

/// Name of the check that compares who signed with a key given from outside. Packages and logs have it.
pub const SIGNER: &str = "signer";

/// Name of the check of time tokens. Logs have it.
pub const TIME: &str = "time tokens";

/// What a report comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every check passed, and the signer is the one that was expected.
    Verified,
    /// Every check passed but those for which nobody said whom to trust: which key, or which authority for
    /// the time. Whoever made the whole of it anew and signed it with keys of their own gets this verdict too.
    Consistent,
    /// A check failed or could not be carried out.
    NotVerified,
}

/// Something wrong with a part of what is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, header or entry at fault.
    pub part: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Check {
    /// Whether only the word of somebody trusted was missing.
    fn lacks_trust(&self) -> bool {
        let named = [SIGNER, TIME].contains(&self.name);
        named && matches!(self.outcome, Outcome::NotPerformed { .. })
    }
}

impl Finding {
    /// A finding about `part`.
    pub fn new(part: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            part: part.into(),
            reason: reason.into(),
        }
    }
}

/// Everything a verifier looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The checks, in the order in which they were made.
    pub checks: Vec<Check>,
    /// The key that signed, in the form in which people compare it; `None` when there is no signature.
    pub signer: Option<String>,
}

impl Report {
    /// Whether at least one check was made and every check passed.
    pub fn verified(&self) -> bool {
        self.verdict() == Verdict::Verified
    }

    /// What the checks come to together.
    pub fn verdict(&self) -> Verdict {
        let counts = |it: &&Check| it.asked && it.outcome != Outcome::Passed;
        let mut open = self.checks.iter().filter(counts).peekable();
        if !self.checks.iter().any(|it| it.outcome == Outcome::Passed) {
            return Verdict::NotVerified;
        }
        if open.peek().is_none() {
            Verdict::Verified
        } else if open.all(Check::lacks_trust) {
            Verdict::Consistent
        } else {
            Verdict::NotVerified
        }
    }

    /// The checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.checks
            .iter()
            .filter(|it| matches!(it.outcome, Outcome::Failed { .. }))
    }

    /// Records how a check ended: `Ok` carries the detail of a pass.
    pub(crate) fn record(&mut self, name: &'static str, result: Result<String, Finding>) {
        self.checks.push(match result {
            Ok(detail) => Check {
                name,
                outcome: Outcome::Passed,
                detail,
                part: None,
                asked: true,
            },
            Err(Finding { part, reason }) => Check {
                name,
                outcome: Outcome::Failed { reason },
                detail: String::new(),
                part: Some(part),
                asked: true,
            },
        });
    }

    /// Records that a check could not be carried out.
    pub(crate) fn not_performed(&mut self, name: &'static str, reason: impl Into<String>) {
        self.left_out(name, reason.into(), true);
    }

    /// Records that a check was not made because what it needs was not given. It says so, and takes nothing
    /// from the rest.
    pub(crate) fn not_asked(&mut self, name: &'static str, reason: impl Into<String>) {
        self.left_out(name, reason.into(), false);
    }

    fn left_out(&mut self, name: &'static str, reason: String, asked: bool) {
        self.checks.push(Check {
            name,
            outcome: Outcome::NotPerformed { reason },
            detail: String::new(),
            part: None,
            asked,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_report_full_of_passes_is_verified() {
        let mut report = Report::default();
        assert!(!report.verified(), "nothing checked is nothing verified");
        report.record("a", Ok(String::new()));
        assert!(report.verified());
        let mut failed = report.clone();
        failed.record("b", Err(Finding::new("file", "broken")));
        assert!(!failed.verified());
        assert_eq!(failed.failed().count(), 1);
        report.not_asked("c", "nothing to compare with");
        assert!(report.verified());
        report.not_performed("d", "unreadable");
        assert!(!report.verified());
    }

    #[test]
    fn only_a_signer_nobody_asked_about_leaves_it_consistent() {
        let mut report = Report::default();
        report.not_performed(SIGNER, "no key");
        report.record("a", Ok(String::new()));
        assert_eq!(report.verdict(), Verdict::Consistent);
        report.not_performed(TIME, "no authority");
        assert_eq!(report.verdict(), Verdict::Consistent);
        let mut foreign = Report::default();
        foreign.record(SIGNER, Err(Finding::new("key", "another one")));
        assert_eq!(foreign.verdict(), Verdict::NotVerified);
        report.not_performed("b", "missing");
        assert_eq!(report.verdict(), Verdict::NotVerified);
    }
}
