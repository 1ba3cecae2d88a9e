//! The detector as a desk runs it: the rules, a learned recognizer if there is one, and what reviewers
//! corrected.

use std::sync::Arc;

use domain::{detection::Detection, transcript::Transcript};

use crate::{
    corrections::Corrections,
    detect::detect,
    knowledge::CaseKnowledge,
    learned::{self, LearnedError, Recognizer},
};

/// The live configuration of a desk.
#[derive(Debug, Clone, Default)]
pub struct Detector {
    /// What reviewers corrected.
    pub corrections: Corrections,
    /// A model that the organization supplies.
    pub learned: Option<Arc<dyn Recognizer>>,
}

impl Detector {
    /// Every item of personal data, ordered by start.
    ///
    /// # Errors
    /// When the learned recognizer cannot be run: less would be found than the desk is set to find.
    pub fn detect(
        &self,
        transcript: &Transcript,
        knowledge: &CaseKnowledge,
    ) -> Result<Vec<Detection>, LearnedError> {
        let mut found = detect(transcript, knowledge);
        if let Some(learned) = &self.learned {
            learned::add(&mut found, learned.recognize(transcript)?);
        }
        Ok(self.corrections.apply(transcript, found))
    }

    /// Completes the name of the detector in a plan with what else had a part in it.
    pub fn engine(&self, rules: &str) -> String {
        let learned = self.learned.as_ref().map(|it| it.version());
        let corrections = Some(self.corrections.version()).filter(|it| !it.is_empty());
        let parts = [Some(rules), learned, corrections];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use domain::entity::{EntityKind, Owner};

    use super::*;
    use crate::text::transcript_of;

    /// Says that the first word is a health term, or that it is broken.
    #[derive(Debug)]
    struct Said(bool);

    impl Recognizer for Said {
        fn version(&self) -> &'static str {
            "learned test"
        }

        fn recognize(&self, transcript: &Transcript) -> Result<Vec<Detection>, LearnedError> {
            if !self.0 {
                return Err(LearnedError::Runtime("broken".to_owned()));
            }
            let word = &transcript.words[0];
            Ok(vec![Detection {
                entity: EntityKind::HealthTerm,
                channel: None,
                start_ms: word.start_ms,
                end_ms: word.end_ms,
                words: vec![0],
                score: 0.7,
                recognizer: learned::RECOGNIZER,
                owner: Owner::Unknown,
                explanation: vec![],
            }])
        }
    }

    fn with(learned: Said) -> Detector {
        Detector {
            learned: Some(Arc::new(learned)),
            ..Detector::default()
        }
    }

    #[test]
    fn a_learned_recognizer_only_adds() {
        let nobody = CaseKnowledge::default();
        let call = transcript_of("Zerotil helps me\n");
        let found = with(Said(true)).detect(&call, &nobody).unwrap();
        assert!(found.iter().any(|it| it.recognizer == learned::RECOGNIZER));
        let call = transcript_of("4111 1111 1111 1111 is my card number\n");
        let rules = detect(&call, &nobody);
        assert!(rules[0].words.contains(&0));
        assert_eq!(with(Said(true)).detect(&call, &nobody).unwrap(), rules);
    }

    #[test]
    fn a_broken_one_is_not_passed_over() {
        let call = transcript_of("hello\n");
        let found = with(Said(false)).detect(&call, &CaseKnowledge::default());
        assert!(found.is_err());
    }

    #[test]
    fn plans_name_everything_that_had_a_part() {
        assert_eq!(Detector::default().engine("rules 1"), "rules 1");
        assert_eq!(with(Said(true)).engine("rules 1"), "rules 1; learned test");
    }
}
