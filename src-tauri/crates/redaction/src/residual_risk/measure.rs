//! Makes the recall table from labeled calls, and measures how well the predictions hold.
//!
//! Every call is measured as it is and damaged more and more (`damage`), so that recall is known at the
//! doubt that a real recording has. For the calibration no call is predicted by a table that has seen it.

use domain::{
    detection::Detection,
    policy::Policy,
    transcript::{Transcript, Word},
};

use super::{
    Basis, Evidence, ResidualRisk, Reviewed,
    damage::damaged,
    estimate,
    place::signs,
    table::{Count, Level, RecallTable},
};
use crate::{
    detect::{NAME, detect},
    evaluate::{Item, LabeledCall, missed_items},
    knowledge::CaseKnowledge,
};

/// Shares of damaged words at which recall is measured.
const SHARES: [f64; 5] = [0.0, 0.05, 0.1, 0.2, 0.3];
/// Every other call makes the table that predicts the rest.
const FOLDS: usize = 2;
/// Upper ends of the groups of predictions that are held against what was missed.
const GROUPS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, f64::INFINITY];

/// One call at one damage, with what was missed in it.
struct Sample<'a> {
    share: f64,
    transcript: Transcript,
    unrecognized: Vec<(u64, u64)>,
    detections: Vec<Detection>,
    missed: Vec<&'a Item>,
}

impl<'a> Sample<'a> {
    fn new(call: &'a LabeledCall, share: f64, policy: &Policy) -> Self {
        let made = damaged(&call.transcript, &call.id, share);
        let detections = detect(&made.transcript, &CaseKnowledge::default());
        Self {
            share,
            missed: missed_items(call, &detections, policy),
            transcript: made.transcript,
            unrecognized: made.unrecognized,
            detections,
        }
    }

    fn evidence<'b>(&'b self, policy: &'b Policy) -> Evidence<'b> {
        Evidence {
            transcript: Some(&self.transcript),
            detections: &self.detections,
            policy,
            unrecognized: &self.unrecognized,
        }
    }

    fn predicted(&self, table: &RecallTable, policy: &Policy) -> ResidualRisk {
        let basis = Basis::new(&self.evidence(policy), table);
        estimate(&basis, &Reviewed::default())
    }

    /// Missed where something was recognized.
    fn misrecognized(&self) -> impl Iterator<Item = &&'a Item> {
        let unheard = |it: &Item| {
            let mut ranges = self.unrecognized.iter();
            ranges.any(|range| it.start < range.1 && range.0 < it.end)
        };
        self.missed.iter().filter(move |it| !unheard(it))
    }
}

fn samples<'a>(calls: &[&'a LabeledCall], share: f64, policy: &Policy) -> Vec<Sample<'a>> {
    calls
        .iter()
        .map(|call| Sample::new(call, share, policy))
        .collect()
}

impl RecallTable {
    /// Measures the detector on labeled calls.
    pub fn measure(calls: &[LabeledCall], policy: &Policy) -> Self {
        Self::measured(&calls.iter().collect::<Vec<_>>(), policy)
    }

    fn measured(calls: &[&LabeledCall], policy: &Policy) -> Self {
        let items: usize = calls.iter().map(|it| it.items.len()).sum();
        let words = calls.iter().flat_map(|it| &it.transcript.words);
        let spoken_ms: u64 = words.map(|it| it.end_ms.saturating_sub(it.start_ms)).sum();
        let per_minute = items as f64 * 60_000.0 / spoken_ms.max(1) as f64;
        let mut table = Self::new(NAME, calls.len(), rounded(per_minute));
        let mut all = Vec::new();
        for share in SHARES {
            let samples = samples(calls, share, policy);
            table.levels.push(level(&samples, policy));
            all.extend(samples);
        }
        for sample in &all {
            table.count_signs(sample, policy);
        }
        table.spread = rounded(spread(&all, &table, policy));
        table
    }

    fn count_signs(&mut self, sample: &Sample<'_>, policy: &Policy) {
        for (word, sign) in signs(&sample.transcript, &sample.evidence(policy)) {
            let missed = usize::from(sample.missed.iter().any(|it| is_in(word, it)));
            self.signs
                .entry(sign)
                .or_default()
                .add(Count { all: 1, missed });
        }
    }
}

fn is_in(word: &Word, item: &Item) -> bool {
    let channel = word.channel.unwrap_or(item.channel);
    channel == item.channel && word.start_ms < item.end && item.start < word.end_ms
}

fn level(samples: &[Sample<'_>], policy: &Policy) -> Level {
    let mut level = Level::default();
    let words = samples.iter().flat_map(|it| &it.transcript.words);
    let (doubt, count) = words.fold((0.0, 0.0), |(sum, count), it| {
        (sum + 1.0 - f64::from(it.confidence), count + 1.0)
    });
    level.doubt = rounded(doubt / f64::max(count, 1.0));
    let mut add = |name: &str, count: Count| {
        level.kinds.entry(name.to_owned()).or_default().add(count);
    };
    for sample in samples {
        for it in &sample.detections {
            if policy.decide(it).is_some() {
                add(it.entity.name(), Count { all: 1, missed: 0 });
            }
        }
        for it in sample.misrecognized() {
            add(it.entity.name(), Count { all: 0, missed: 1 });
        }
    }
    level
}

/// By how much the missed items of calls scatter more than chance, for their expected number.
fn spread(samples: &[Sample<'_>], table: &RecallTable, policy: &Policy) -> f64 {
    let (mut beyond, mut squares) = (0.0, 0.0);
    for sample in samples {
        let expected = sample.predicted(table, policy).expected;
        let missed = sample.missed.len() as f64;
        beyond += (missed - expected).powi(2) - expected;
        squares += expected.powi(2);
    }
    (beyond / f64::max(squares, 1e-9)).max(0.0)
}

/// Four decimals: the same text on every machine.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// How well predictions hold on calls that the table has not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// By the share of words that were damaged.
    pub by_damage: Vec<CalibrationRow>,
    /// By the number of missed items that was predicted for a call.
    pub by_prediction: Vec<CalibrationRow>,
    /// Everything.
    pub all: CalibrationRow,
    /// What listening to the proposed stretches would have brought.
    pub listening: Listening,
}

/// What was predicted and what was missed in a group of calls.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CalibrationRow {
    /// Which group.
    pub group: String,
    /// Calls, each once for every damage.
    pub calls: usize,
    /// Sum of the predictions.
    pub predicted: f64,
    /// What was really missed.
    pub missed: usize,
    /// Calls whose missed items lie inside the interval.
    pub inside: usize,
}

/// The proposed stretches, and what is in them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Listening {
    /// Length of all calls in milliseconds.
    pub length_ms: u64,
    /// Length of the proposed stretches.
    pub proposed_ms: u64,
    /// Missed items.
    pub missed: usize,
    /// Those that touch a proposed stretch.
    pub reached: usize,
}

/// Predicts every call with a table made from the other half, and compares.
pub fn calibrate(calls: &[LabeledCall], policy: &Policy) -> Calibration {
    let mut rows = Calibration {
        by_damage: SHARES.map(by_damage).to_vec(),
        by_prediction: GROUPS.map(by_prediction).to_vec(),
        all: CalibrationRow {
            group: "all".to_owned(),
            ..CalibrationRow::default()
        },
        listening: Listening::default(),
    };
    for fold in 0..FOLDS {
        let part = |is_seen: bool| -> Vec<&LabeledCall> {
            let numbered = calls.iter().enumerate();
            let part = numbered.filter(|(number, _)| (number % FOLDS != fold) == is_seen);
            part.map(|(_, call)| call).collect()
        };
        let (seen, unseen) = (part(true), part(false));
        let table = RecallTable::measured(&seen, policy);
        for share in SHARES {
            for sample in samples(&unseen, share, policy) {
                rows.add(&sample, &sample.predicted(&table, policy));
            }
        }
    }
    rows
}

fn by_damage(share: f64) -> CalibrationRow {
    CalibrationRow {
        group: format!("{:.0} % of words damaged", share * 100.0),
        ..CalibrationRow::default()
    }
}

fn by_prediction(end: f64) -> CalibrationRow {
    let group = if end.is_finite() {
        format!("predicted below {end}")
    } else {
        "predicted more".to_owned()
    };
    CalibrationRow {
        group,
        ..CalibrationRow::default()
    }
}

impl Calibration {
    fn add(&mut self, sample: &Sample<'_>, risk: &ResidualRisk) {
        let damage = SHARES.iter().position(|it| *it == sample.share);
        let group = GROUPS.iter().position(|end| risk.expected < *end);
        let damage = damage.and_then(|at| self.by_damage.get_mut(at));
        let group = group.and_then(|at| self.by_prediction.get_mut(at));
        for row in [damage, group, Some(&mut self.all)].into_iter().flatten() {
            row.add(sample.missed.len(), risk);
        }
        let reached = sample.missed.iter().filter(|item| {
            let mut stretches = risk.listen.iter();
            stretches.any(|it| item.start < it.end_ms && it.start_ms < item.end)
        });
        self.listening.missed += sample.missed.len();
        self.listening.reached += reached.count();
        self.listening.length_ms += sample.transcript.end_ms();
        let lengths = risk.listen.iter().map(|it| it.end_ms - it.start_ms);
        self.listening.proposed_ms += lengths.sum::<u64>();
    }
}

impl CalibrationRow {
    fn add(&mut self, missed: usize, risk: &ResidualRisk) {
        self.calls += 1;
        self.predicted += risk.expected;
        self.missed += missed;
        let (low, high) = (risk.low as usize, risk.high as usize);
        self.inside += usize::from((low..=high).contains(&missed));
    }
}
