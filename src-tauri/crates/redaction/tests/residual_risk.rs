//! The predictions of missed items hold on calls that their table has not seen. // B4
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::io::Write;

use domain::policy::Policy;
use redaction::{
    evaluate::{LabeledCall, Split},
    residual_risk::{RecallTable, calibrate},
};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/residual_risk/recall.json");
/// The own calls alone promise more than any other call will keep.
const CALLS: [&str; 2] = [
    concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/calls.jsonl"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/by_others/calls.jsonl"),
];

fn held_back() -> Vec<LabeledCall> {
    let texts = CALLS.map(|path| std::fs::read_to_string(path).unwrap());
    let lines = texts.iter().flat_map(|text| text.lines());
    lines
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
/// `SAR_UPDATE_SNAPSHOTS=1` writes it again, as `sar evaluate --recall-table` does.
#[test]
fn the_committed_table_is_about_this_detector() {
    let policy = Policy::from_name("third_party_copy").unwrap();
    let made = RecallTable::measure(&held_back(), &policy);
    let committed = if std::env::var_os("SAR_UPDATE_SNAPSHOTS").is_some() {
        let mut file = std::fs::File::create(TABLE).unwrap();
        file.write_all(made.to_json().as_bytes()).unwrap();
        made.clone()
    } else {
        RecallTable::from_json(&std::fs::read_to_string(TABLE).unwrap()).unwrap()
    };
    let missed = |table: &RecallTable| table.missed_items() as f64;
    let ratio = missed(&committed) / missed(&made);
    assert!(
        (0.67..1.5).contains(&ratio),
        "the table says {ratio:.2} times what the detector misses: write it again with \
         `SAR_UPDATE_SNAPSHOTS=1 cargo test -p redaction --test residual_risk`"
    );
}
