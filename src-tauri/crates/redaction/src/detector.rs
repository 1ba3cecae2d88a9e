//! The detector as a desk runs it: the rules, what reviewers corrected, and a learned recognizer if there
//! is one.

use domain::{detection::Detection, transcript::Transcript};

use crate::{corrections::Corrections, detect::detect, knowledge::CaseKnowledge};

/// The live configuration of a desk.
#[derive(Debug, Clone, Default)]
pub struct Detector {
    /// What reviewers corrected.
    pub corrections: Corrections,
}

impl Detector {
    /// Every item of personal data, ordered by start.
    pub fn detect(&self, transcript: &Transcript, knowledge: &CaseKnowledge) -> Vec<Detection> {
        let found = detect(transcript, knowledge);
        self.corrections.apply(transcript, found)
    }

    /// Completes the name of the detector in a plan with what else had a part in it.
    pub fn engine(&self, rules: &str) -> String {
        match self.corrections.version() {
            "" => rules.to_owned(),
            version => format!("{rules}; {version}"),
        }
    }
}
