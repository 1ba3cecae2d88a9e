//! The expected misses of a recording by second, kept beside its plan so that the figure follows the review
//! without the transcript.

use domain::plan::merge_ranges;
use serde::{Deserialize, Serialize};

use super::{
    Evidence, doubt,
    place::{Place, places},
    table::RecallTable,
};

/// The version that is written; others are refused.
const VERSION: u32 = 1;
/// Length of a piece of the recording.
const STEP_MS: u64 = 1_000;
/// 100 hours, as long as a plan can be.
const MAX_STEPS: usize = 360_000;

/// Why a text is no basis.
#[derive(Debug, thiserror::Error)]
pub enum BasisError {
    /// Not the expected JSON, or another version.
    #[error("the record of expected misses is not valid; detect personal data again")]
    Json,
}

/// What is expected to be missed, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    version: u32,
    /// How uncertain the sum is: the square of its relative deviation.
    pub(super) spread: f64,
    /// Speech in which nothing was recognized.
    pub(super) unrecognized_ms: u64,
    /// Expected misses in millionths, by second.
    millionths: Vec<u32>,
}

/// In millionths, so that what was kept is read again as it was.
fn kept(spread: f64) -> f64 {
    (spread * 1e6).round() / 1e6
}

impl Basis {
    /// Works out where what was missed may be.
    pub fn new(evidence: &Evidence<'_>, table: &RecallTable) -> Self {
        let mut steps: Vec<f64> = Vec::new();
        for place in places(evidence, table) {
            let at = usize::try_from(place.middle_ms() / STEP_MS).unwrap_or(MAX_STEPS);
            let at = at.min(MAX_STEPS);
            if steps.len() <= at {
                steps.resize(at + 1, 0.0);
            }
            steps[at] += place.expected;
        }
        let unrecognized = merge_ranges(evidence.unrecognized.to_vec());
        Self {
            version: VERSION,
            spread: kept(table.spread(doubt(evidence))),
            unrecognized_ms: unrecognized.iter().map(|it| it.1 - it.0).sum(),
            millionths: steps.into_iter().map(|it| (it * 1e6) as u32).collect(),
        }
    }

    pub(super) fn places(&self) -> Vec<Place> {
        let steps = (0_u64..).step_by(STEP_MS as usize).zip(&self.millionths);
        steps
            .filter(|(_, millionths)| **millionths > 0)
            .map(|(start_ms, millionths)| Place {
                start_ms,
                end_ms: start_ms + STEP_MS,
                expected: f64::from(*millionths) / 1e6,
            })
            .collect()
    }

    /// The basis as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("our own types have string keys")
    }

    /// Reads a basis.
    ///
    /// # Errors
    /// When it is none of this version.
    pub fn from_json(text: &str) -> Result<Self, BasisError> {
        let basis: Self = serde_json::from_str(text).map_err(|_| BasisError::Json)?;
        let valid = basis.version == VERSION && basis.spread > 0.0;
        if valid && basis.millionths.len() <= MAX_STEPS + 1 {
            Ok(basis)
        } else {
            Err(BasisError::Json)
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::policy::Policy;

    use super::*;

    #[test]
    fn it_survives_being_kept() {
        let evidence = Evidence {
            transcript: None,
            detections: &[],
            policy: &Policy::data_subject_copy(),
            unrecognized: &[(2_000, 5_500)],
        };
        let basis = Basis::new(&evidence, RecallTable::committed());
        assert_eq!(basis.unrecognized_ms, 3_500);
        let starts: Vec<u64> = basis.places().iter().map(|it| it.start_ms).collect();
        assert_eq!(starts, [2_000, 3_000, 4_000, 5_000]);
        assert_eq!(Basis::from_json(&basis.to_json()).unwrap(), basis);
        let newer = basis.to_json().replace("\"version\":1", "\"version\":2");
        assert!(Basis::from_json(&newer).is_err());
    }
}
