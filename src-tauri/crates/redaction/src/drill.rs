//! Planted calls through the live configuration: does it still find what it must? // B16
//!
//! The calls are invented, with every kind of personal data at least three times, and never seen when rules
//! are made. They go through the detector as the desk runs it, beside the rules alone. An alarm says that
//! something takes items away: corrections that let them pass, a learned recognizer, another version.

use std::collections::BTreeMap;

use domain::policy::Policy;

use crate::{
    detect::detect,
    detector::Detector,
    evaluate::{LabeledCall, missed_items},
    knowledge::CaseKnowledge,
    learned::LearnedError,
};

/// Some of the held-back calls of the corpus, as `sar evaluate` reads them.
const PLANTED: &str = include_str!("drill/calls.jsonl");
/// Fewer than this share of the planted items found is an alarm, whatever was found before.
pub const FLOOR: f64 = 0.95;
/// A kind that is found less often than this is an alarm of its own.
pub const KIND_FLOOR: f64 = 0.5;

/// What a drill found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drill {
    /// Planted calls.
    pub calls: usize,
    /// By kind, everything together last.
    pub kinds: BTreeMap<&'static str, Planted>,
    /// Items that the rules alone find and the live configuration does not.
    pub taken_away: usize,
}

/// Planted items, and how many of them were found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Planted {
    /// How many there are.
    pub items: usize,
    /// How many are redacted or shown to a person.
    pub found: usize,
}

/// Why a drill is an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    /// Fewer than [`FLOOR`] of all items were found.
    Floor,
    /// Fewer items than in an earlier drill of the same calls; how many fewer.
    Dropped(usize),
    /// The rules find items that the live configuration lets pass; how many.
    TakenAway(usize),
    /// Fewer than [`KIND_FLOOR`] of this kind were found.
    Kind(&'static str),
}

impl Drill {
    /// All items together.
    pub fn all(&self) -> Planted {
        let mut all = Planted::default();
        for it in self.kinds.values() {
            all.items += it.items;
            all.found += it.found;
        }
        all
    }

    /// What is wrong; nothing when all is well. `before` is what the last drill found of as many items.
    pub fn alarms(&self, before: Option<Planted>) -> Vec<Alarm> {
        let all = self.all();
        let mut alarms = Vec::new();
        if all.share() < FLOOR {
            alarms.push(Alarm::Floor);
        }
        if let Some(before) = before.filter(|it| it.items == all.items && it.found > all.found) {
            alarms.push(Alarm::Dropped(before.found - all.found));
        }
        if self.taken_away > 0 {
            alarms.push(Alarm::TakenAway(self.taken_away));
        }
        let low = self.kinds.iter().filter(|it| it.1.share() < KIND_FLOOR);
        alarms.extend(low.map(|(name, _)| Alarm::Kind(name)));
        alarms
    }
}

impl Planted {
    /// Share that was found; all of nothing.
    pub fn share(self) -> f64 {
        if self.items == 0 {
            1.0
        } else {
            self.found as f64 / self.items as f64
        }
    }
}

/// Runs every planted call through the detector.
///
/// # Errors
/// When the detector cannot be run.
pub fn drill(detector: &Detector, policy: &Policy) -> Result<Drill, LearnedError> {
    let calls: Vec<LabeledCall> = PLANTED
        .lines()
        .map(|line| LabeledCall::from_json(line).expect("a test reads every planted call"))
        .collect();
    let mut drill = Drill {
        calls: calls.len(),
        kinds: BTreeMap::new(),
        taken_away: 0,
    };
    let nobody = CaseKnowledge::default();
    for call in &calls {
        let live = detector.detect(&call.transcript, &nobody)?;
        let rules = detect(&call.transcript, &nobody);
        let missed = missed_items(call, &live, policy);
        let by_rules = missed_items(call, &rules, policy);
        for item in &call.items {
            let is_missed = missed.contains(&item);
            let kind = drill.kinds.entry(item.entity.name()).or_default();
            kind.items += 1;
            kind.found += usize::from(!is_missed);
            drill.taken_away += usize::from(is_missed && !by_rules.contains(&item));
        }
    }
    Ok(drill)
}

#[cfg(test)]
mod tests {
    use domain::entity::EntityKind;

    use super::*;
    use crate::corrections::{Correction, Corrections, Ruling, phrase};

    fn run(detector: &Detector) -> Drill {
        drill(detector, &Policy::data_subject_copy()).unwrap()
    }

    #[test]
    fn the_rules_alone_raise_no_alarm() {
        let drill = run(&Detector::default());
        assert!(drill.calls >= 20 && drill.kinds.len() >= 20);
        assert!(drill.kinds.values().all(|it| it.items >= 3), "{drill:?}");
        assert_eq!(drill.alarms(None), []);
        assert_eq!(drill.alarms(Some(drill.all())), []);
    }

    /// Reviewers who keep names again and again teach the desk to let them pass.
    #[test]
    fn a_configuration_that_lets_items_pass_is_found_in_one_run() {
        let line = PLANTED.lines().next().unwrap();
        let call = LabeledCall::from_json(line).unwrap();
        let found = detect(&call.transcript, &CaseKnowledge::default());
        let name = found
            .iter()
            .find(|it| it.entity == EntityKind::PersonName)
            .unwrap();
        let words = name.words.iter().map(|&at| &call.transcript.words[at]);
        let kept = Correction {
            ruling: Ruling::Kept,
            entity: EntityKind::PersonName,
            is_agent: false,
            phrase: phrase(words).unwrap(),
        };
        let detector = Detector {
            corrections: Corrections::new(vec![kept; 3], "d"),
            ..Detector::default()
        };
        let alarms = run(&detector).alarms(None);
        assert!(matches!(alarms[..], [Alarm::TakenAway(1..)]), "{alarms:?}");
    }

    #[test]
    fn a_drop_since_the_last_drill_is_an_alarm_and_other_calls_are_not_compared() {
        let drill = run(&Detector::default());
        let all = drill.all();
        let before = |found, items| drill.alarms(Some(Planted { items, found }));
        assert_eq!(before(all.found + 2, all.items), [Alarm::Dropped(2)]);
        assert_eq!(before(all.found + 2, all.items + 50), []);
    }

    #[test]
    fn low_recall_names_the_kind() {
        let low = Drill {
            calls: 1,
            kinds: BTreeMap::from([("IBAN", Planted { items: 4, found: 1 })]),
            taken_away: 0,
        };
        assert_eq!(low.alarms(None), [Alarm::Floor, Alarm::Kind("IBAN")]);
    }
}
