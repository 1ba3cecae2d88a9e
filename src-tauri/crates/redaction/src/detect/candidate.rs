//! A possible item with its score and the reasons for it.

use domain::entity::{EntityKind, Owner};

use super::{call::Call, run::Run};

/// Below this a candidate is not worth a place in any plan.
pub(super) const MIN_SCORE: f32 = 0.40;
/// Below this the value is less than that.
const HOPELESS: f32 = -0.5;
/// An expectation of 0.8 is as good as 1.
const SURE_SLOT: f32 = 1.25;

/// A possible item of one side.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) entity: EntityKind,
    pub(super) side: usize,
    /// Side positions of the first and last token, fillers in between included.
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) score: f32,
    pub(super) recognizer: &'static str,
    pub(super) reasons: Vec<Reason>,
    /// What was said, in a form that read-backs can be compared with.
    pub(super) value: String,
    /// Set when the recognizer itself knows; else worked out from the context.
    pub(super) owner: Option<Owner>,
    /// The case knows this value: no reading of the form alone outranks it.
    pub(super) known: bool,
}

impl Candidate {
    /// The tokens `first..=last` of a side.
    pub(super) fn of_tokens(
        entity: EntityKind,
        recognizer: &'static str,
        (side, first, last): (usize, usize, usize),
        score: Score,
    ) -> Self {
        Self {
            entity,
            side,
            first,
            last,
            score: score.value(),
            recognizer,
            reasons: score.reasons(),
            value: String::new(),
            owner: None,
            known: false,
        }
    }

    pub(super) fn of_run(
        entity: EntityKind,
        recognizer: &'static str,
        run: &Run,
        score: Score,
    ) -> Self {
        Self {
            value: run.chars.clone(),
            ..Self::of_tokens(entity, recognizer, (run.side, run.first, run.last), score)
        }
    }

    pub(super) fn overlap(&self, other: &Self) -> usize {
        if self.side != other.side {
            return 0;
        }
        (self.last.min(other.last) + 1).saturating_sub(self.first.max(other.first))
    }

    pub(super) fn len(&self) -> usize {
        self.last + 1 - self.first
    }
}

/// Evidence added up on the logistic scale; every part has a reason that a reviewer can read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Score {
    logit: f32,
    reasons: [&'static str; MAX_REASONS],
    /// For each reason, whether it raises the score.
    raises: u16,
    count: u8,
}

/// Reasons of one score; no recognizer has more.
const MAX_REASONS: usize = 10;

/// Why a score is higher or lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reason {
    raises: bool,
    text: &'static str,
}

impl Reason {
    /// As a reviewer reads it.
    pub(super) fn sentence(&self) -> String {
        let sign = if self.raises { "+ " } else { "− " };
        [sign, self.text].concat()
    }
}

impl Score {
    /// How likely such a form is the item without any evidence.
    pub(super) fn prior(logit: f32) -> Self {
        Self {
            logit,
            reasons: [""; MAX_REASONS],
            raises: 0,
            count: 0,
        }
    }

    fn reasons(&self) -> Vec<Reason> {
        let reasons = self
            .reasons
            .iter()
            .take(usize::from(self.count))
            .enumerate();
        let reason = |(at, text): (usize, &&'static str)| Reason {
            raises: self.raises & (1 << at) != 0,
            text,
        };
        reasons.map(reason).collect()
    }

    pub(super) fn add(&mut self, weight: f32, reason: &'static str) {
        if weight != 0.0 {
            self.logit += weight;
            if let Some(free) = self.reasons.get_mut(usize::from(self.count)) {
                *free = reason;
                self.raises |= u16::from(weight > 0.0) << self.count;
                self.count += 1;
            }
        }
    }

    pub(super) fn add_if(&mut self, holds: bool, weight: f32, reason: &'static str) {
        if holds {
            self.add(weight, reason);
        }
    }

    /// Asked for or announced in the conversation; a little delay does not make it doubtful.
    pub(super) fn slot(&mut self, expected: f32, weight: f32) {
        let sure = (expected * SURE_SLOT).min(1.0);
        self.add_if(expected > 0.05, sure * weight, "asked for or announced");
    }

    /// What speaks against it in the conversation; nothing is said against what is hopeless anyway.
    pub(super) fn against(&mut self, call: &Call<'_>, kinds: &[EntityKind], run: &Run) {
        if self.logit <= HOPELESS {
            return;
        }
        let context = call.context(run);
        let own = kinds.iter().map(|&kind| context.expected(kind));
        let own = own.fold(0.0, f32::max);
        let unrelated = context.unrelated();
        // What has an unmistakable form is doubted, but not dropped.
        let limit = if self.logit >= 1.8 { -0.8 } else { f32::MIN };
        self.add_if(
            unrelated > own,
            (-4.0 * (unrelated - own)).max(limit),
            "a price, quantity, time or reference is meant",
        );
        self.add_if(
            context.counted,
            (-3.0_f32).max(limit),
            "said as an amount or a year",
        );
        let rival = context.rival(kinds);
        self.add_if(
            rival > own,
            (-2.5 * (rival - own)).max(limit),
            "another kind of number is expected",
        );
    }

    /// Whether the value is at least a floor and worth a place in any plan; most are far below it.
    pub(super) fn reaches(&self, floor: f32) -> bool {
        self.logit > HOPELESS && self.value() >= floor.max(MIN_SCORE)
    }

    /// 0 to 1, rounded so that every machine gives the same value.
    pub(super) fn value(&self) -> f32 {
        let probability = 1.0 / (1.0 + (-f64::from(self.logit)).exp());
        ((probability * 1000.0).round() / 1000.0) as f32
    }
}
