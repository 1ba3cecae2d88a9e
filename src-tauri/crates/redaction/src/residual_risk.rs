//! How many items detection has probably missed in a recording, and where to listen for them. // B4
//!
//! The figure rests on what was measured: how often items of each kind were missed on the held-back
//! calls when recognition was this doubtful (`table`), how much speech nothing was recognized in, and
//! what a person has listened to and found since. It says what to expect, with an interval; it does not
//! say that nothing is left. How well it holds is measured too (`measure`, docs/evaluation.md).

mod basis;
mod count;
mod damage;
mod measure;
mod place;
mod table;
mod unrecognized;

use domain::{detection::Detection, plan::merge_ranges, policy::Policy, transcript::Transcript};

pub use self::{
    basis::{Basis, BasisError},
    measure::{Calibration, CalibrationRow, Listening, calibrate},
    place::Stretch,
    table::{RecallTable, TableError},
    unrecognized::unrecognized_speech,
};
use self::{count::quantile, place::listen};

/// Of what is to be heard in a stretch, a listener hears this share. An assumption: it cannot be measured
/// without people.
const HEARD: f64 = 0.9;
/// The interval leaves out this share on either side: nine of ten recordings lie inside.
const TAIL: f64 = 0.05;

/// What is known about a recording when it has been searched for personal data.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// What was recognized; nothing where there is no transcript.
    pub transcript: Option<&'a Transcript>,
    /// What the detector found in it, whatever the policy does about it.
    pub detections: &'a [Detection],
    /// The policy that decides.
    pub policy: &'a Policy,
    /// Stretches with speech in which nothing was recognized.
    pub unrecognized: &'a [(u64, u64)],
}

/// What people have done about a recording since.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reviewed<'a> {
    /// What is replaced as things stand.
    pub replaced: &'a [(u64, u64)],
    /// What somebody has listened to.
    pub listened: &'a [(u64, u64)],
    /// Spans that a person marked by hand: what detection had missed.
    pub found_by_hand: usize,
}

/// What is probably still missed.
#[derive(Debug, Clone, PartialEq)]
pub struct ResidualRisk {
    /// Expected number of missed items that would be disclosed as things stand.
    pub expected: f64,
    /// Nine of ten recordings like this one have at least so many ...
    pub low: u32,
    /// ... and at most so many.
    pub high: u32,
    /// How uncertain `expected` is: the square of its relative deviation.
    pub spread: f64,
    /// Speech in which nothing was recognized, in milliseconds.
    pub unrecognized_ms: u64,
    /// What somebody has listened to, in milliseconds.
    pub listened_ms: u64,
    /// Where to listen: these stretches, in order of time, hold about half of what is expected.
    pub listen: Vec<Stretch>,
}

/// Estimates what is still missed in a recording.
pub fn estimate(basis: &Basis, reviewed: &Reviewed<'_>) -> ResidualRisk {
    let listened = merge_ranges(reviewed.listened.to_vec());
    let replaced = merge_ranges(reviewed.replaced.to_vec());
    let mut left = basis.places();
    left.retain(|it| !it.is_inside(&replaced));
    let heard: f64 = left
        .iter()
        .filter(|it| it.is_inside(&listened))
        .map(|it| it.expected * HEARD)
        .sum();
    // Gamma-Poisson: what was found where somebody listened corrects the rate of the rest.
    let shape = 1.0 / basis.spread;
    let found = reviewed.found_by_hand as f64;
    let correction = (shape + found) / (shape + heard);
    for place in &mut left {
        let unheard = if place.is_inside(&listened) {
            1.0 - HEARD
        } else {
            1.0
        };
        place.expected *= correction * unheard;
    }
    let expected: f64 = left.iter().map(|it| it.expected).sum();
    let spread = 1.0 / (shape + found);
    ResidualRisk {
        expected,
        low: quantile(expected, spread, TAIL),
        high: quantile(expected, spread, 1.0 - TAIL),
        spread,
        unrecognized_ms: basis.unrecognized_ms,
        listened_ms: listened.iter().map(|it| it.1.saturating_sub(it.0)).sum(),
        listen: listen(&left),
    }
}

/// Expected number and interval of several recordings together, from `expected` and `spread` of each.
pub fn together(recordings: &[(f64, f64)]) -> (f64, u32, u32) {
    let expected: f64 = recordings.iter().map(|it| it.0).sum();
    // Variances add up; each is `mean + spread · mean²`.
    let beyond: f64 = recordings.iter().map(|it| it.1 * it.0 * it.0).sum();
    let spread = beyond / expected.powi(2).max(1e-12);
    let ends = [TAIL, 1.0 - TAIL].map(|tail| quantile(expected, spread, tail));
    (expected, ends[0], ends[1])
}

/// How doubtful the recognition was: the share of words that are wrong if confidences are honest.
///
/// A transcript without confidences is taken for one of a general recognizer on telephone speech.
fn doubt(evidence: &Evidence<'_>) -> f64 {
    /// One word in five is wrong: what general recognizers reach on conversations over the telephone.
    const UNKNOWN: f64 = 0.2;
    let words = evidence.transcript.map_or(&[][..], |it| &it.words);
    let sure = words.iter().map(|it| f64::from(it.confidence));
    let (sum, count) = sure
        .filter(|it| *it > 0.0)
        .fold((0.0, 0_usize), |(sum, count), it| (sum + it, count + 1));
    if count == 0 || sum >= count as f64 {
        // None said, or a reader filled in certainty.
        return UNKNOWN;
    }
    1.0 - sum / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{detect::detect, knowledge::CaseKnowledge, text::transcript_of};

    const CALL: &str = "Agent: what is your name please\nCustomer: it is Margaret Holloway\n\
        Agent: and the number we can reach you on\nCustomer: zero two zero seven nine four six zero nine five eight\n\
        Agent: lovely thank you and is there anything else i can do for you today\n\
        Customer: no that is all i need thanks very much for your help with this\n";

    struct Case {
        transcript: Transcript,
        detections: Vec<Detection>,
    }

    impl Case {
        fn new(confidence: f32) -> Self {
            let mut transcript = transcript_of(CALL);
            for word in &mut transcript.words {
                word.confidence = confidence;
            }
            let detections = detect(&transcript, &CaseKnowledge::default());
            Self {
                transcript,
                detections,
            }
        }

        fn basis(&self, unrecognized: &[(u64, u64)]) -> Basis {
            let evidence = Evidence {
                transcript: Some(&self.transcript),
                detections: &self.detections,
                policy: &Policy::data_subject_copy(),
                unrecognized,
            };
            Basis::new(&evidence, RecallTable::committed())
        }

        fn risk(&self, reviewed: Reviewed<'_>) -> ResidualRisk {
            estimate(&self.basis(&[]), &reviewed)
        }

        fn untouched(&self) -> ResidualRisk {
            self.risk(Reviewed::default())
        }
    }

    #[test]
    fn worse_recognition_and_unrecognized_speech_raise_it() {
        let good = Case::new(0.98).untouched();
        let bad = Case::new(0.75).untouched();
        assert!(good.expected > 0.0 && bad.expected > 2.0 * good.expected);
        let deaf = Case::new(0.98).basis(&[(60_000, 90_000)]);
        let deaf = estimate(&deaf, &Reviewed::default());
        assert!(deaf.expected > good.expected + 0.1, "{deaf:?} {good:?}");
        assert_eq!(deaf.unrecognized_ms, 30_000);
        let silent = Case::new(0.0).untouched();
        assert!(
            silent.expected > good.expected,
            "no confidence is no good sign"
        );
    }

    #[test]
    fn listening_lowers_it_and_finding_something_raises_the_rest() {
        let case = Case::new(0.8);
        let before = case.untouched();
        let stretches = before.listen.iter();
        let half: Vec<_> = stretches.map(|it| (it.start_ms, it.end_ms)).collect();
        let heard = |listened: &[(u64, u64)], found_by_hand| {
            case.risk(Reviewed {
                listened,
                found_by_hand,
                ..Reviewed::default()
            })
        };
        let after = heard(&half, 0);
        let ratio = after.expected / before.expected;
        assert!((0.3..0.7).contains(&ratio), "about halved: {ratio}");
        assert!(heard(&half, 2).expected > after.expected);
        let all = heard(&[(0, u64::MAX)], 0);
        assert!(all.expected < 0.2 * before.expected && all.expected > 0.0);
    }

    #[test]
    fn what_is_replaced_cannot_be_disclosed() {
        let risk = Case::new(0.8).risk(Reviewed {
            replaced: &[(0, u64::MAX)],
            ..Reviewed::default()
        });
        assert_eq!((risk.expected, risk.high, risk.listen.len()), (0.0, 0, 0));
    }

    #[test]
    fn recordings_together_are_surer_than_one() {
        let one = together(&[(1.0, 0.5)]);
        let many = together(&[(1.0, 0.5); 16]);
        assert!((one.0 - 1.0).abs() < 1e-9 && (many.0 - 16.0).abs() < 1e-9);
        assert!(f64::from(many.2) < 16.0 * f64::from(one.2));
        assert_eq!(together(&[]), (0.0, 0, 0));
    }
}
