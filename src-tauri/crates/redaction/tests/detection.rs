//! Spoken, written and mixed calls: what is found, whose it is, and what is left alone.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod support;

use std::collections::BTreeSet;

use domain::{
    detection::Detection,
    entity::{EntityKind, Owner},
    policy::Policy,
    sensitive::PersonalData,
};
use redaction::{detect::detect, knowledge::CaseKnowledge, text::detect_text};
use support::dialogue::{Call, Item, parse_calls};

fn calls() -> Vec<Call> {
    parse_calls(include_str!("dialogues.txt"))
}

/// Detections that some policy acts on.
fn acted_on(call: &Call, knowledge: &CaseKnowledge) -> Vec<Detection> {
    let policy = Policy::from_name("third_party_copy").unwrap();
    let found = detect(&call.transcript, knowledge);
    found
        .into_iter()
        .filter(|it| policy.decide(it).is_some())
        .collect()
}

fn best_match<'a>(item: &Item, found: &'a [Detection]) -> Option<&'a Detection> {
    let shared = |it: &Detection| {
        it.words
            .iter()
            .filter(|word| item.words.contains(word))
            .count()
    };
    found
        .iter()
        .filter(|it| it.entity == item.entity && shared(it) > 0)
        .max_by_key(|it| shared(it))
}

#[test]
fn every_item_of_the_dialogues_is_found_with_kind_and_owner() {
    let mut problems = Vec::new();
    for call in calls() {
        let found = acted_on(&call, &CaseKnowledge::default());
        let covered: BTreeSet<usize> = found
            .iter()
            .flat_map(|it| it.words.iter().copied())
            .collect();
        for item in &call.items {
            let said = call.words(&item.words);
            if !item.words.iter().all(|word| covered.contains(word)) {
                problems.push(format!(
                    "{}: not covered: {} `{said}`",
                    call.name,
                    item.entity.name()
                ));
            }
            match best_match(item, &found) {
                None => problems.push(format!(
                    "{}: not found as {}: `{said}`",
                    call.name,
                    item.entity.name()
                )),
                Some(it) if it.owner != item.owner => {
                    let (is, should) = (it.owner.name(), item.owner.name());
                    problems.push(format!("{}: owner {is}, not {should}: `{said}`", call.name));
                }
                Some(_) => {}
            }
        }
        let marked: BTreeSet<usize> = call
            .items
            .iter()
            .flat_map(|it| it.words.iter().copied())
            .collect();
        for it in &found {
            if !it.words.iter().any(|word| marked.contains(word)) {
                let said = call.words(&it.words);
                problems.push(format!(
                    "{}: {} {} where nothing is: `{said}`",
                    call.name,
                    it.entity.name(),
                    it.score
                ));
            }
            let extra = it
                .words
                .iter()
                .filter(|word| !marked.contains(word))
                .count();
            if extra > 2 {
                problems.push(format!(
                    "{}: {extra} words too many: `{}`",
                    call.name,
                    call.words(&it.words)
                ));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

// S0-49
#[test]
fn clear_items_reach_the_threshold_for_automatic_removal() {
    let policy = Policy::from_name("third_party_copy").unwrap();
    let (mut sure, mut all) = (0, 0);
    for call in calls() {
        let found = acted_on(&call, &CaseKnowledge::default());
        for item in &call.items {
            all += 1;
            let best = best_match(item, &found);
            sure +=
                usize::from(best.is_some_and(|it| it.score >= policy.threshold(item.entity).auto));
        }
    }
    assert!(sure * 100 >= all * 80, "{sure} of {all}");
}

#[test]
fn every_detection_says_why() {
    for call in calls() {
        for it in detect(&call.transcript, &CaseKnowledge::default()) {
            assert!(!it.explanation.is_empty() && !it.words.is_empty());
            assert!(it.start_ms < it.end_ms && it.words.is_sorted());
        }
    }
}

fn kinds(text: &str) -> Vec<&'static str> {
    let spans = detect_text(text, &CaseKnowledge::default());
    spans
        .iter()
        .filter(|it| it.score >= 0.5)
        .map(|it| it.entity.name())
        .collect()
}

#[test]
fn forms_that_are_items() {
    for (text, kind) in [
        ("my number is 07700 900123", "PHONE_NUMBER"),
        (
            "call me on five five five two three oh one eight eight",
            "PHONE_NUMBER",
        ),
        ("+44 7700 900123", "PHONE_NUMBER"),
        (
            "two one two five five five oh one four seven",
            "PHONE_NUMBER",
        ),
        ("the card number is 4111 1111 1111 1112", "CREDIT_CARD"),
        ("4111 1111 okay 1111 1111", "CREDIT_CARD"),
        (
            "four one one one triple one one one one one one one one one one one",
            "CREDIT_CARD",
        ),
        ("security code is 1 2 3", "CVV"),
        ("it expires august twenty twenty seven", "CARD_EXPIRY"),
        ("123-45-6789", "SSN"),
        ("last four of my social are 6 7 8 9", "SSN"),
        (
            "my national insurance number is QQ 12 34 56 C",
            "NATIONAL_INSURANCE",
        ),
        (
            "i was born on the fourteenth of march nineteen eighty two",
            "DATE_OF_BIRTH",
        ),
        ("my date of birth is 14/03/1982", "DATE_OF_BIRTH"),
        (
            "dob is the twenty first of may two thousand and one",
            "DATE_OF_BIRTH",
        ),
        ("i live at 221 Baker Street, London", "ADDRESS"),
        ("my postcode is SW1A 1AA", "ADDRESS"),
        ("john dot smith at gmail dot com", "EMAIL"),
        ("reach me at anna_b-3@mail.example.org please", "EMAIL"),
        ("the iban is GB82 WEST 1234 5698 7654 32", "IBAN"),
        ("routing number 0 2 1 0 0 0 0 2 1", "BANK_ROUTING"),
        ("my nhs number is 943 476 5919", "MEDICAL_ID"),
        (
            "my driving licence number is HARTL 802146 S99AB",
            "DRIVER_LICENSE",
        ),
        ("policy number is P 4 4 1 9 0 2 2", "ACCOUNT_NUMBER"),
        ("good morning mrs Okonkwo", "PERSON_NAME"),
        ("my name is richard", "PERSON_NAME"),
        ("MY NAME IS RICHARD OSEI", "PERSON_NAME"),
        ("you are speaking with Rose", "PERSON_NAME"),
        ("my name is mark young", "PERSON_NAME"),
        ("[PII] is my name", "OTHER"),
        ("it is [credit_card_number] thanks", "CREDIT_CARD"),
    ] {
        assert!(
            kinds(text).contains(&kind),
            "`{text}` gave {:?}",
            kinds(text)
        );
    }
}

#[test]
fn forms_that_are_not() {
    for text in [
        "that will be forty two dollars and fifty cents",
        "your order number is 4 4 1 2 9 8 8 1 2",
        "the tracking number is 1 2 3 4 5 6 7 8 9 0",
        "it takes three to five working days",
        "i have been waiting for twenty five minutes",
        "version 10 4 2 of the app shows error code 4 0 4",
        "we are open from nine to five on monday",
        "i will mark this as resolved and grant you access",
        "may i ask you to bill the rest",
        "press one for sales or two for support",
        "thirty percent off until the first of march",
        "the flight is at ten thirty from gate twelve",
        "since twenty nineteen we have had two hundred customers",
        "look at the website dot com is in the name",
        "i am at home and it is a nice day",
    ] {
        assert_eq!(kinds(text), [""; 0], "`{text}`");
    }
}

#[test]
fn known_values_are_found_without_any_context() {
    let knowledge = CaseKnowledge {
        names: vec![PersonalData::new("Rose Parker".to_owned())],
        phones: vec![PersonalData::new("+447700900123".to_owned())],
        emails: vec![PersonalData::new("rose.parker@example.com".to_owned())],
        ids: vec![PersonalData::new("CU-44197".to_owned())],
        agents: vec![PersonalData::new("Tom Lane".to_owned())],
    };
    let call = parse_calls(
        "== known\n\
         A: one moment [[tom lane|PERSON_NAME|agent]] here\n\
         C: [[rose parker|PERSON_NAME|requestor]] and [[oh seven seven double oh nine hundred one two three|PHONE_NUMBER|requestor]]\n\
         C: or [[c u four four one nine seven|ACCOUNT_NUMBER|requestor]]\n\
         C: [[rose dot parker at example dot com|EMAIL|requestor]]\n",
    )
    .remove(0);
    let found = acted_on(&call, &knowledge);
    for item in &call.items {
        let best = best_match(item, &found);
        assert_eq!(
            best.map(|it| it.owner),
            Some(item.owner),
            "`{}` {found:?}",
            call.words(&item.words)
        );
        assert!(best.unwrap().score >= 0.95);
    }
}

#[test]
fn a_caller_with_another_name_is_not_taken_for_the_data_subject() {
    let text = "== wife\nA: may i take your name\nC: my name is meera okafor\nA: and your number\nC: oh seven seven double oh nine hundred one two three\n";
    let call = parse_calls(text).remove(0);
    let knowledge = CaseKnowledge {
        names: vec![PersonalData::new("Tobias Hartley".to_owned())],
        ..Default::default()
    };
    for it in acted_on(&call, &knowledge) {
        assert_ne!(it.owner, Owner::Requestor, "{}", it.entity.name());
    }
    assert!(
        acted_on(&call, &CaseKnowledge::default())
            .iter()
            .all(|it| it.owner == Owner::Requestor)
    );
}

#[test]
fn text_spans_are_character_offsets_without_outer_punctuation() {
    let text = "Agent: Grüße! What is your e-mail?\nCustomer: It's “j.smith@example.com”, (yes).";
    let spans = detect_text(text, &CaseKnowledge::default());
    let email = spans
        .iter()
        .find(|it| it.entity == EntityKind::Email)
        .unwrap();
    let said: String = text
        .chars()
        .skip(email.start)
        .take(email.end - email.start)
        .collect();
    assert!(said.contains("j.smith@example.com"), "{said}");
}

#[test]
fn the_same_transcript_gives_the_same_detections() {
    for call in calls() {
        let first = detect(&call.transcript, &CaseKnowledge::default());
        assert_eq!(first, detect(&call.transcript, &CaseKnowledge::default()));
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_detector_panic(text in "[a-z0-9@.,$%*\\[\\]' +\\-/:A-ZäЖ\n]{0,300}") {
        let length = text.chars().count();
        for span in detect_text(&text, &CaseKnowledge::default()) {
            proptest::prop_assert!(span.start < span.end && span.end <= length);
        }
    }

    #[test]
    fn no_mix_of_spoken_words_makes_the_detector_panic(words in proptest::collection::vec(0_usize..VOCABULARY.len(), 0..120)) {
        let text: Vec<&str> = words.iter().map(|&at| VOCABULARY[at]).collect();
        detect_text(&text.join(" "), &CaseKnowledge::default());
    }
}

const VOCABULARY: [&str; 40] = [
    "my", "name", "is", "sarah", "hartley", "one", "two", "oh", "double", "triple", "hundred",
    "thousand", "nineteen", "eighty", "march", "first", "of", "at", "dot", "com", "gmail", "a",
    "b", "as", "in", "sorry", "no", "card", "number", "date", "birth", "street", "flat",
    "postcode", "password", "pin", "okay", "alpha", "twenty", "4111",
];
