//! The figures of the held-back calls are floors: a change of the rules that loses items fails here.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use domain::policy::Policy;
use redaction::evaluate::{Evaluation, LabeledCall, LabeledText, Share, Split};

const CALLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/calls.jsonl");
const BY_OTHERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/by_others/calls.jsonl");

fn calls(path: &str) -> Vec<LabeledCall> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| LabeledCall::from_json(line).unwrap())
        .collect()
}

fn evaluated(path: &str, chosen: impl Fn(&LabeledCall) -> bool) -> Evaluation {
    let policy = Policy::from_name("third_party_copy").unwrap();
    let mut evaluation = Evaluation::default();
    for call in calls(path).iter().filter(|call| chosen(call)) {
        evaluation.add_call(call, &policy);
    }
    evaluation
}

fn of_split(split: Split) -> Evaluation {
    evaluated(CALLS, |call| call.split == split)
}

fn share(part: usize, whole: usize) -> f64 {
    Share::of(part, whole).value
}

#[test]
fn the_held_back_calls_keep_their_figures() {
    assert_floor(&of_split(Split::HeldBack), &FLOOR);
}

/// What the rules are worth on calls by somebody who did not know them, since then looked at.
#[test]
fn calls_by_others_keep_their_figures() {
    let english = evaluated(BY_OTHERS, |call| call.language.starts_with("en"));
    assert_floor(&english, &FLOOR_OF_OTHERS);
    let german = evaluated(BY_OTHERS, |call| call.language.starts_with("de"));
    assert_floor(&german, &FLOOR_OF_GERMAN);
}

fn assert_floor(evaluation: &Evaluation, floor: &Floor) {
    let all = &evaluation.all;
    let figures = format!("{all:?}");
    assert!(
        share(all.automatic, all.items) >= floor.automatic,
        "{figures}"
    );
    assert!(share(all.review, all.items) >= floor.review, "{figures}");
    assert!(
        share(all.documents_review, all.documents) >= floor.documents_review,
        "{figures}"
    );
    assert!(
        Share::of_length(all.other_review, all.other) <= floor.over,
        "{figures}"
    );
}

struct Floor {
    automatic: f64,
    review: f64,
    documents_review: f64,
    over: f64,
}

const FLOOR: Floor = Floor {
    automatic: 0.985,
    review: 0.985,
    documents_review: 0.85,
    over: 0.02,
};

const FLOOR_OF_OTHERS: Floor = Floor {
    automatic: 0.90,
    review: 0.915,
    documents_review: 0.0,
    over: 0.035,
};

const FLOOR_OF_GERMAN: Floor = Floor {
    automatic: 0.87,
    review: 0.88,
    documents_review: 0.0,
    over: 0.05,
};

/// Every style, language and kind is there, and both splits are large enough to say something.
#[test]
fn the_corpus_is_what_the_documentation_says() {
    let calls = calls(CALLS);
    assert!(calls.len() >= 150);
    for style in ["spoken", "formatted", "mixed"] {
        for (split, errors) in [
            (Split::Development, true),
            (Split::Development, false),
            (Split::HeldBack, true),
            (Split::HeldBack, false),
        ] {
            let found = calls
                .iter()
                .filter(|it| it.style == style && it.split == split && it.errors == errors);
            assert!(found.count() >= 12, "{style} {split:?} {errors}");
        }
    }
    for split in [Split::Development, Split::HeldBack] {
        assert!(of_split(split).by_entity.len() >= 20);
    }
}

#[test]
fn texts_are_measured_by_characters() {
    let policy = Policy::from_name("third_party_copy").unwrap();
    let line = |start: usize, end: usize| {
        format!(
            r#"{{"id":"a","text":"my card number is 4111 1111 1111 1111 okay","spans":[{{"entity":"CREDIT_CARD","start":{start},"end":{end}}}]}}"#
        )
    };
    let measured = |start, end| {
        let mut evaluation = Evaluation::default();
        evaluation.add_text(&LabeledText::from_json(&line(start, end)).unwrap(), &policy);
        evaluation
    };
    let right = measured(18, 37);
    assert_eq!(
        (
            right.all.items,
            right.all.automatic,
            right.all.other_automatic
        ),
        (1, 1, 0)
    );
    assert!(right.problems.is_empty());
    // A label beside the number is missed, and the number is needless.
    let wrong = measured(0, 7);
    assert_eq!((wrong.all.automatic, wrong.all.other_automatic), (0, 19));
    let problems: Vec<_> = wrong.problems.iter().map(|it| it.what).collect();
    assert_eq!(problems, ["missed", "needless"]);
}
