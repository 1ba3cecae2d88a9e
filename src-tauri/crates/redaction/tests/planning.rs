//! From detections to a plan, a file and a cut transcript.

mod support;

use domain::{
    detection::{Detection, SpanDecision},
    entity::{EntityKind, Owner},
    plan::{RedactionPlan, RedactionStyle},
    policy::Policy,
    transcript::{Transcript, TranscriptOrigin},
};
use proptest::prelude::*;
use redaction::{
    plan_file::{PlanFile, PlanFileError},
    planning::{AudioShape, plan, unplaced},
    transcript_view::{Piece, redact_transcript, to_vtt},
};
use support::dialogue::parse_calls;

const SHAPE: AudioShape = AudioShape {
    duration_ms: 60_000,
    channels: 2,
};

fn detection(
    start_ms: u64,
    end_ms: u64,
    entity: EntityKind,
    owner: Owner,
    score: f32,
) -> Detection {
    Detection {
        entity,
        channel: Some(0),
        start_ms,
        end_ms,
        words: vec![],
        score,
        recognizer: "test",
        owner,
        explanation: vec!["+ test".to_owned()],
    }
}

fn empty() -> Transcript {
    Transcript::new(vec![], None, TranscriptOrigin::File)
}

fn planned(detections: &[Detection]) -> RedactionPlan {
    plan(
        detections,
        &empty(),
        &Policy::data_subject_copy(),
        SHAPE,
        RedactionStyle::Noise,
    )
}

fn phone(start: u64, end: u64, owner: Owner) -> Detection {
    detection(start, end, EntityKind::PhoneNumber, owner, 0.99)
}

#[test]
fn spans_are_padded_joined_and_rounded() {
    let plan = planned(&[
        phone(1000, 2000, Owner::ThirdParty),
        phone(2500, 3010, Owner::ThirdParty),
    ]);
    let span = &plan.spans[0];
    assert_eq!(plan.spans.len(), 1);
    assert_eq!((span.raw_start_ms, span.raw_end_ms), (1000, 3010));
    assert_eq!((span.start_ms, span.end_ms), (850, 3350));
    assert_eq!((span.id.as_str(), span.channel), ("s001", None));
}

#[test]
fn kept_words_stay_audible_beside_a_removed_item() {
    let plan = planned(&[
        phone(1000, 2000, Owner::ThirdParty),
        phone(2100, 3000, Owner::Requestor),
    ]);
    let kept = plan
        .spans
        .iter()
        .find(|it| it.decision == SpanDecision::Keep)
        .unwrap();
    let removed = plan
        .spans
        .iter()
        .find(|it| it.decision == SpanDecision::Redact)
        .unwrap();
    assert_eq!((kept.start_ms, kept.end_ms), (2100, 3000));
    assert_eq!(removed.end_ms, 2100);
}

// S0-50
#[test]
fn unsure_and_ownerless_items_wait_for_a_person_and_are_replaced_until_then() {
    let plan = planned(&[
        detection(1000, 2000, EntityKind::PhoneNumber, Owner::Requestor, 0.6),
        detection(9000, 9500, EntityKind::Email, Owner::Unknown, 0.99),
        detection(20_000, 21_000, EntityKind::Email, Owner::Unknown, 0.1),
    ]);
    assert_eq!(plan.open_spans().count(), 2);
    assert_eq!(plan.spans.len(), 2);
    assert!(
        plan.spans
            .iter()
            .all(domain::plan::RedactionSpan::is_replaced)
    );
}

#[test]
fn items_without_a_place_in_the_audio_block_finishing() {
    let items = [
        phone(1000, 1000, Owner::ThirdParty),
        phone(61_000, 62_000, Owner::ThirdParty),
        phone(59_000, 61_000, Owner::ThirdParty),
        phone(59_000, 60_050, Owner::ThirdParty),
    ];
    assert_eq!(
        unplaced(&items, &empty(), &Policy::data_subject_copy(), SHAPE).len(),
        3
    );
    let plan = planned(&items);
    assert_eq!(plan.spans.len(), 1);
    assert_eq!(plan.spans[0].end_ms, 60_000);
}

fn any_detection() -> impl Strategy<Value = Detection> {
    let owners = [
        Owner::Requestor,
        Owner::Agent,
        Owner::ThirdParty,
        Owner::Unknown,
    ];
    let kinds = [
        EntityKind::PhoneNumber,
        EntityKind::PersonName,
        EntityKind::CreditCard,
    ];
    (
        0_u64..59_000,
        1_u64..3000,
        0_usize..4,
        0_usize..3,
        0.4_f32..1.0,
    )
        .prop_map(move |(start, len, owner, kind, score)| {
            detection(
                start,
                (start + len).min(60_000),
                kinds[kind],
                owners[owner],
                score,
            )
        })
}

proptest! {
    #[test]
    fn every_item_to_remove_is_covered_and_keeps_swallow_nothing(items in proptest::collection::vec(any_detection(), 0..40)) {
        let policy = Policy::data_subject_copy();
        let plan = planned(&items);
        let ranges = plan.replaced_ranges(0);
        for item in &items {
            match policy.decide(item) {
                Some(SpanDecision::Redact | SpanDecision::Review) => {
                    let start = item.start_ms.saturating_sub(80);
                    let end = (item.end_ms + 80).min(60_000);
                    prop_assert!(ranges.iter().any(|it| it.0 <= start && end <= it.1));
                }
                Some(SpanDecision::Keep) | None => {}
            }
        }
        for span in &plan.spans {
            prop_assert!(span.start_ms < span.end_ms && span.end_ms <= 60_000);
        }
        let again = planned(&items);
        prop_assert_eq!(plan, again);
    }

    #[test]
    fn plans_survive_the_round_trip_through_a_file(items in proptest::collection::vec(any_detection(), 0..10)) {
        let mut file = PlanFile { plan: planned(&items), ranges: vec![], delivered: None };
        for span in &mut file.plan.spans {
            span.score = (span.score * 1000.0).round() / 1000.0;
        }
        prop_assert_eq!(PlanFile::from_json(&file.to_json()).unwrap(), file);
    }

    #[test]
    fn no_text_makes_the_plan_reader_panic(text in ".{0,200}", at in 0_usize..600, byte in 32_u8..127) {
        let _ = PlanFile::from_json(&text);
        let file = PlanFile { plan: planned(&[phone(1000, 2000, Owner::Agent)]), ranges: vec![], delivered: None };
        let mut json = file.to_json().into_bytes();
        let at = at % json.len();
        json[at] = byte;
        let _ = PlanFile::from_json(&String::from_utf8(json).unwrap());
    }
}

#[test]
fn a_plan_written_by_hand_is_read_and_a_wrong_one_is_explained() {
    let least = r#"{"spans":[{"start_ms":10.5,"end_ms":20.2,"decision":"redact"}]}"#;
    let file = PlanFile::from_json(least).unwrap();
    assert_eq!(
        (file.plan.spans[0].start_ms, file.plan.spans[0].end_ms),
        (10, 21)
    );
    for (json, problem) in [
        (r#"{"version":2,"spans":[]}"#, "version 2"),
        (
            r#"{"spans":[{"start_ms":20,"end_ms":10,"decision":"redact"}]}"#,
            "must start before it ends",
        ),
        (
            r#"{"spans":[{"start_ms":-1,"end_ms":10,"decision":"redact"}]}"#,
            "numbers from 0",
        ),
        (
            r#"{"spans":[{"start_ms":1e300,"end_ms":1e301,"decision":"redact"}]}"#,
            "below 100 hours",
        ),
        (
            r#"{"spans":[{"start_ms":NaN,"end_ms":10,"decision":"redact"}]}"#,
            "not JSON",
        ),
        (
            r#"{"spans":[{"start_ms":1,"end_ms":10,"decision":"hide"}]}"#,
            "`decision`",
        ),
        (r#"{"spans":[{"start_ms":1,"end_ms":10}]}"#, "missing"),
        (
            r#"{"duration_ms":5,"spans":[{"start_ms":1,"end_ms":10,"decision":"keep"}]}"#,
            "ends after the audio",
        ),
        (
            r#"{"spans":[],"ranges":[{"channel":0,"start_frame":1,"end_frame":2,"style":"noise","seed":"00"}]}"#,
            "64 hex",
        ),
        (r#"{"spans":["#, "too early"),
    ] {
        let error = PlanFile::from_json(json).unwrap_err().to_string();
        assert!(error.contains(problem), "{json}: {error}");
    }
    assert!(matches!(
        PlanFile::from_json("{}"),
        Err(PlanFileError::Json { .. })
    ));
}

#[test]
fn the_transcript_is_cut_with_the_same_spans_and_tells_nothing_of_lengths() {
    let text =
        |digits: &str| format!("== a\nC: my number is {digits} & that's <all>\nA: thank you\n");
    let cut = |digits: &str, from: usize, len: usize| {
        let call = parse_calls(&text(digits)).remove(0);
        let words: Vec<usize> = (from..from + len).collect();
        let (first, last) = (
            &call.transcript.words[from],
            &call.transcript.words[from + len - 1],
        );
        let mut item = phone(first.start_ms, last.end_ms, Owner::ThirdParty);
        item.words = words;
        let plan = plan(
            &[item],
            &call.transcript,
            &Policy::data_subject_copy(),
            SHAPE,
            RedactionStyle::Noise,
        );
        redact_transcript(&call.transcript, &plan)
    };
    let (short, long) = (cut("one two three", 3, 3), cut("one two three four", 3, 4));
    assert_eq!(short.turns[0].pieces, long.turns[0].pieces);
    assert_eq!(
        short.turns[0]
            .pieces
            .iter()
            .filter(|it| matches!(it, Piece::Hidden { .. }))
            .count(),
        1
    );
    let vtt = to_vtt(&short);
    assert!(vtt.starts_with("WEBVTT\n\n00:00:00.000 --> "), "{vtt}");
    assert!(
        vtt.contains("<v Customer>my number is [PHONE_NUMBER]") && vtt.contains("&lt;all&gt;"),
        "{vtt}"
    );
    assert!(!vtt.contains("two"), "{vtt}");
}

#[test]
fn times_are_whole_numbers_in_the_file_and_fractions_are_read() {
    let plan = planned(&[phone(1000, 2000, Owner::ThirdParty)]);
    let json = PlanFile {
        plan,
        ranges: vec![],
        delivered: None,
    }
    .to_json();
    assert!(json.contains("\"raw_start_ms\": 1000,"), "{json}");
    assert!(json.contains("\"raw_end_ms\": 2000,"), "{json}");
    let by_hand = r#"{"spans":[{"start_ms":10.6,"end_ms":20.2,"decision":"redact"}]}"#;
    let plan = PlanFile::from_json(by_hand).unwrap().plan;
    assert_eq!((plan.spans[0].start_ms, plan.spans[0].end_ms), (10, 21));
}
