//! The figures of the held-back calls are floors: a change of the rules that loses items fails here.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use domain::policy::Policy;
use redaction::evaluate::{Evaluation, LabeledCall, LabeledText, Share, Split};

const CALLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/calls.jsonl");

fn calls() -> Vec<LabeledCall> {
    let text = std::fs::read_to_string(CALLS).unwrap();
    text.lines()
        .map(|line| LabeledCall::from_json(line).unwrap())
        .collect()
}

fn evaluated(split: Split) -> Evaluation {
    let policy = Policy::from_name("third_party_copy").unwrap();
    let mut evaluation = Evaluation::default();
    for call in calls().iter().filter(|call| call.split == split) {
        evaluation.add_call(call, &policy);
    }
    evaluation
}

fn share(part: usize, whole: usize) -> f64 {
    Share::of(part, whole).value
}

#[test]
fn the_held_back_calls_keep_their_figures() {
    let all = evaluated(Split::HeldBack).all;
    let figures = format!("{all:?}");
    assert!(
        share(all.automatic, all.items) >= FLOOR.automatic,
        "{figures}"
    );
    assert!(share(all.review, all.items) >= FLOOR.review, "{figures}");
    assert!(
        share(all.documents_review, all.documents) >= FLOOR.documents_review,
        "{figures}"
    );
    assert!(
        Share::of_length(all.other_review, all.other) <= FLOOR.over,
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

/// Every style, language and kind is there, and both splits are large enough to say something.
#[test]
fn the_corpus_is_what_the_documentation_says() {
    let calls = calls();
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
        assert!(evaluated(split).by_entity.len() >= 20);
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
