//! The predictions of missed items hold on calls that their table has not seen. // B4
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use domain::policy::Policy;
use redaction::{
    evaluate::{LabeledCall, Split},
    residual_risk::{RecallTable, calibrate},
};

const CALLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/calls.jsonl");

fn held_back() -> Vec<LabeledCall> {
    let text = std::fs::read_to_string(CALLS).unwrap();
    text.lines()
        .map(|line| LabeledCall::from_json(line).unwrap())
        .filter(|call| call.split == Split::HeldBack)
        .collect()
}

#[test]
fn predictions_hold_on_calls_that_the_table_has_not_seen() {
    let policy = Policy::from_name("third_party_copy").unwrap();
    let made = calibrate(&held_back(), &policy);
    let ratio = made.all.predicted / made.all.missed as f64;
    assert!((0.8..1.25).contains(&ratio), "{made:#?}");
    let inside = made.all.inside as f64 / made.all.calls as f64;
    assert!(inside >= 0.85, "{made:#?}");
    let reached = made.listening.reached as f64 / made.listening.missed as f64;
    let share = made.listening.proposed_ms as f64 / made.listening.length_ms as f64;
    assert!(reached >= 0.4 && share <= 0.35, "{made:#?}");
}

/// The committed table is of these calls: a change of the rules that moves the figures makes it stale.
#[test]
fn the_committed_table_is_about_this_detector() {
    let policy = Policy::from_name("third_party_copy").unwrap();
    let calls = held_back();
    let made = RecallTable::measure(&calls, &policy);
    let missed = |table: &RecallTable| table.missed_items() as f64;
    let ratio = missed(RecallTable::committed()) / missed(&made);
    assert!(
        (0.67..1.5).contains(&ratio),
        "the table says {ratio:.2} times what the detector misses: make it again with \
         `sar evaluate --calls … --split held-back --recall-table FILE`"
    );
}
