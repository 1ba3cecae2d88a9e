//! How well the detector does on calls whose personal data is known.
//!
//! An item counts as covered when detections cover at least 95 % of its audio (or of its characters),
//! whatever kind they say it is, with the least padding that every plan adds; over-redaction is
//! measured without padding. *Automatic* means the policy
//! redacts it alone, *with review* that a person looks at it at least.

mod labeled;
mod tally;

use std::collections::BTreeMap;

use domain::{
    detection::{Detection, SpanDecision},
    policy::Policy,
    transcript::Transcript,
};

pub use self::{
    labeled::{Item, LabeledCall, LabeledError, LabeledText, Split},
    tally::{Share, Tally},
};
use crate::{
    detect::detect,
    knowledge::CaseKnowledge,
    planning::MIN_PAD_MS,
    text::{TextSpan, detect_text},
};

/// Share of an item that has to be covered.
const COVERED: f64 = 0.95;

/// Figures of a set, whole and split.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// Everything together.
    pub all: Tally,
    /// By kind of personal data.
    pub by_entity: BTreeMap<&'static str, Tally>,
    /// By transcript style, by language, and by whether there are recognizer errors.
    pub by_group: BTreeMap<String, Tally>,
    /// Calls or texts that were measured.
    pub documents: usize,
    /// What was missed, needless or doubtful, one line each; for people who improve the rules.
    pub problems: Vec<Problem>,
}

/// A place where detector and labels disagree.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The call or text.
    pub document: String,
    /// `missed`, `review`, `kind` or `needless`.
    pub what: &'static str,
    /// The labeled kind, or the detected one.
    pub entity: &'static str,
    /// Where: milliseconds or characters.
    pub start: u64,
    /// End, exclusive.
    pub end: u64,
    /// What was found there, such as `PHONE_NUMBER 0.48`.
    pub found: Vec<String>,
}

/// A stretch that was found, on one line of time or characters.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The kind it was found as.
    pub entity: &'static str,
    /// Channel that carries it; 0 in texts.
    pub channel: u8,
    /// Start in milliseconds, or the first character.
    pub start: u64,
    /// End, exclusive.
    pub end: u64,
    /// How sure the detector is, 0.0 to 1.0.
    pub score: f32,
    /// Whether it is redacted without a person.
    pub automatic: bool,
}

impl Found {
    fn padded(&self) -> Self {
        Self {
            start: self.start.saturating_sub(MIN_PAD_MS),
            end: self.end + MIN_PAD_MS,
            ..*self
        }
    }
}

impl Evaluation {
    /// Measures one call.
    pub fn add_call(&mut self, call: &LabeledCall, policy: &Policy) {
        let detections = detect(&call.transcript, &CaseKnowledge::default());
        let found: Vec<Found> = detections
            .iter()
            .filter_map(|it| found_in_call(it, policy))
            .collect();
        self.add_found_in_call(call, &found);
    }

    /// Measures what some detector found in one call; it is padded here as every plan pads.
    pub fn add_found_in_call(&mut self, call: &LabeledCall, found: &[Found]) {
        let padded: Vec<Found> = found.iter().map(Found::padded).collect();
        let mut tally = self.compare(&call.id, &call.items, &padded);
        for (start, end, channel) in other_speech(&call.transcript, &call.items) {
            let over = |found: &[&Found]| covered((start, end, channel), found);
            tally.other += end - start;
            tally.other_automatic += over(&automatic(found));
            tally.other_review += over(&found.iter().collect::<Vec<_>>());
        }
        self.needless(&call.id, &call.items, found);
        self.add(&tally, &call.groups());
    }

    /// Measures one text; lengths are characters.
    pub fn add_text(&mut self, text: &LabeledText, policy: &Policy) {
        let found: Vec<Found> = detect_text(&text.text, &CaseKnowledge::default())
            .iter()
            .filter_map(|it| found_in_text(it, policy))
            .collect();
        self.add_found_in_text(text, &found);
    }

    /// Measures what some detector found in one text; lengths are characters.
    pub fn add_found_in_text(&mut self, text: &LabeledText, found: &[Found]) {
        let mut tally = self.compare(&text.id, &text.items, found);
        let all: Vec<&Found> = found.iter().collect();
        let labeled: u64 = text.items.iter().map(|it| it.end - it.start).sum();
        let whole = (0, text.text.chars().count() as u64, 0);
        let inside = |found: &[&Found]| {
            let parts = text
                .items
                .iter()
                .map(|it| covered((it.start, it.end, 0), found));
            parts.sum::<u64>()
        };
        tally.other = whole.1.saturating_sub(labeled);
        tally.other_automatic =
            covered(whole, &automatic(found)).saturating_sub(inside(&automatic(found)));
        tally.other_review = covered(whole, &all).saturating_sub(inside(&all));
        self.needless(&text.id, &text.items, found);
        self.add(&tally, &[]);
    }

    fn compare(&mut self, document: &str, items: &[Item], found: &[Found]) -> Tally {
        let mut whole = Tally::default();
        let everything: Vec<&Found> = found.iter().collect();
        let sure = automatic(found);
        for item in items {
            let place = (item.start, item.end, item.channel);
            let mut one = Tally::of_item(item.end - item.start);
            one.length_automatic = covered(place, &sure);
            one.length_review = covered(place, &everything);
            one.automatic = usize::from(is_covered(one.length_automatic, one.length));
            one.review = usize::from(is_covered(one.length_review, one.length));
            let here = || found.iter().filter(|it| overlap(place, it) > 0);
            one.kind = usize::from(here().any(|it| it.entity == item.entity.name()));
            let what = match (one.review, one.automatic, one.kind) {
                (0, _, _) => Some("missed"),
                (_, 0, _) => Some("review"),
                (_, _, 0) => Some("kind"),
                _ => None,
            };
            self.problems.extend(what.map(|what| {
                Problem {
                    document: document.to_owned(),
                    what,
                    entity: item.entity.name(),
                    start: item.start,
                    end: item.end,
                    found: here()
                        .map(|it| format!("{} {}", it.entity, it.score))
                        .collect(),
                }
            }));
            self.by_entity
                .entry(item.entity.name())
                .or_default()
                .add(&one);
            whole.add(&one);
        }
        whole.documents = 1;
        whole.documents_automatic = usize::from(whole.automatic == whole.items);
        whole.documents_review = usize::from(whole.review == whole.items);
        whole
    }

    fn needless(&mut self, document: &str, items: &[Item], found: &[Found]) {
        let nothing = |it: &&Found| {
            !items
                .iter()
                .any(|item| overlap((item.start, item.end, item.channel), it) > 0)
        };
        self.problems
            .extend(found.iter().filter(nothing).map(|it| Problem {
                document: document.to_owned(),
                what: "needless",
                entity: it.entity,
                start: it.start,
                end: it.end,
                found: vec![format!("{} {}", it.entity, it.score)],
            }));
    }

    fn add(&mut self, tally: &Tally, groups: &[String]) {
        self.documents += 1;
        self.all.add(tally);
        for group in groups {
            self.by_group.entry(group.clone()).or_default().add(tally);
        }
    }
}

/// The items that neither the policy nor a person would redact, as [`Evaluation::add_call`] counts them.
pub(crate) fn missed_items<'a>(
    call: &'a LabeledCall,
    detections: &[Detection],
    policy: &Policy,
) -> Vec<&'a Item> {
    let found: Vec<Found> = detections
        .iter()
        .filter_map(|it| found_in_call(it, policy))
        .map(|it| it.padded())
        .collect();
    let everything: Vec<&Found> = found.iter().collect();
    let is_missed = |item: &&Item| {
        let place = (item.start, item.end, item.channel);
        !is_covered(covered(place, &everything), item.end - item.start)
    };
    call.items.iter().filter(is_missed).collect()
}

fn found_in_call(it: &Detection, policy: &Policy) -> Option<Found> {
    let decision = policy.decide(it)?;
    Some(Found {
        entity: it.entity.name(),
        channel: it.channel.unwrap_or(0),
        start: it.start_ms,
        end: it.end_ms,
        score: it.score,
        automatic: decision == SpanDecision::Redact,
    })
}

fn found_in_text(it: &TextSpan, policy: &Policy) -> Option<Found> {
    let threshold = policy.threshold(it.entity);
    (it.score >= threshold.review).then_some(Found {
        entity: it.entity.name(),
        channel: 0,
        start: it.start as u64,
        end: it.end as u64,
        score: it.score,
        automatic: it.score >= threshold.auto,
    })
}

fn automatic(found: &[Found]) -> Vec<&Found> {
    found.iter().filter(|it| it.automatic).collect()
}

fn is_covered(length: u64, of: u64) -> bool {
    length as f64 >= of as f64 * COVERED
}

fn overlap((start, end, channel): (u64, u64, u8), found: &Found) -> u64 {
    if found.channel != channel {
        return 0;
    }
    end.min(found.end).saturating_sub(start.max(found.start))
}

/// How much of a place is covered by the union of what was found.
fn covered(place: (u64, u64, u8), found: &[&Found]) -> u64 {
    let mut parts: Vec<(u64, u64)> = found
        .iter()
        .filter(|it| overlap(place, it) > 0)
        .map(|it| (it.start.max(place.0), it.end.min(place.1)))
        .collect();
    parts.sort_unstable();
    let (mut length, mut reached) = (0, place.0);
    for (start, end) in parts {
        length += end.saturating_sub(start.max(reached));
        reached = reached.max(end);
    }
    length
}

/// The words outside every item: what should stay.
fn other_speech(transcript: &Transcript, items: &[Item]) -> Vec<(u64, u64, u8)> {
    let inside = |start: u64, end: u64, channel: u8| {
        items
            .iter()
            .any(|it| it.channel == channel && it.start < end && start < it.end)
    };
    let words = transcript.words.iter();
    words
        .map(|word| (word.start_ms, word.end_ms, word.channel.unwrap_or(0)))
        .filter(|&(start, end, channel)| !inside(start, end, channel))
        .collect()
}
