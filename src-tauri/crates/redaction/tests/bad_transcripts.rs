//! Transcripts as they should not be: each has a defined result, and none passes quietly.

use domain::{
    detection::Detection,
    entity::EntityKind::{self, CreditCard, DateOfBirth, PersonName, PhoneNumber},
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, TranscriptOrigin, Word},
};
use redaction::{detect::detect, knowledge::CaseKnowledge};

const AGENT: (u8, Speaker) = (1, Speaker::Internal);
const CUSTOMER: (u8, Speaker) = (0, Speaker::External);

/// A call in which everything is as it should be.
const CALL: [((u8, Speaker), &str); 6] = [
    (AGENT, "good morning you're through to helen how can i help"),
    (CUSTOMER, "hi my name is declan hartley"),
    (AGENT, "thank you declan and your date of birth please"),
    (CUSTOMER, "the fourteenth of march nineteen eighty two"),
    (AGENT, "and the long number on the card"),
    (
        CUSTOMER,
        "four one one one one one one one one one one one one one one one",
    ),
];

fn words(turns: &[((u8, Speaker), &str)]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut clock = 0;
    for (phrase, ((channel, speaker), said)) in (0..).zip(turns) {
        for text in said.split(' ') {
            words.push(Word {
                text: PersonalData::new(text.to_owned()),
                start_ms: clock,
                end_ms: clock + 300,
                confidence: 0.9,
                channel: Some(*channel),
                speaker: *speaker,
                phrase,
            });
            clock += 350;
        }
        clock += 500;
    }
    words
}

fn found(words: Vec<Word>) -> (Transcript, Vec<Detection>) {
    let transcript = Transcript::new(words, None, TranscriptOrigin::File);
    let found = detect(&transcript, &CaseKnowledge::default());
    let sure = found.into_iter().filter(|it| it.score >= 0.85).collect();
    (transcript, sure)
}

fn said(transcript: &Transcript, it: &Detection) -> String {
    let texts = it
        .words
        .iter()
        .map(|&at| transcript.words[at].text.reveal());
    texts.cloned().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What was found, as `(kind, words)`.
fn items(words: Vec<Word>) -> Vec<(EntityKind, String)> {
    let (transcript, found) = found(words);
    found
        .iter()
        .map(|it| (it.entity, said(&transcript, it)))
        .collect()
}

fn kinds(words: Vec<Word>) -> Vec<EntityKind> {
    items(words).into_iter().map(|it| it.0).collect()
}

fn expected() -> Vec<(EntityKind, String)> {
    let card = CALL[5].1.to_owned();
    vec![
        (PersonName, "helen".to_owned()),
        (PersonName, "declan hartley".to_owned()),
        (PersonName, "declan".to_owned()),
        (DateOfBirth, CALL[3].1.to_owned()),
        (CreditCard, card),
    ]
}

#[test]
fn the_call_itself_has_its_items() {
    assert_eq!(items(words(&CALL)), expected());
}

#[test]
fn confidence_that_is_missing_or_zero_changes_nothing() {
    let mut unsure = words(&CALL);
    unsure.iter_mut().for_each(|it| it.confidence = 0.0);
    assert_eq!(items(unsure), expected());
    let mut missing = words(&CALL);
    missing.iter_mut().for_each(|it| it.confidence = f32::NAN);
    assert_eq!(items(missing), expected());
}

#[test]
fn capitals_throughout_say_nothing() {
    let mut loud = words(&CALL);
    for word in &mut loud {
        word.text = PersonalData::new(word.text.reveal().to_uppercase());
    }
    assert_eq!(items(loud), expected());
}

#[test]
fn punctuation_is_never_needed() {
    let mut written = words(&CALL);
    for at in [10, 15, 31] {
        let text = format!("{}.", written[at].text.reveal());
        written[at].text = PersonalData::new(text);
    }
    assert_eq!(kinds(written), kinds(words(&CALL)));
}

#[test]
fn empty_words_are_skipped_and_covered_inside_an_item() {
    let mut holes = words(&CALL);
    for at in (0..holes.len()).rev().step_by(4) {
        let hole = Word {
            text: PersonalData::new([" ", "", "\u{200b}", "…"][at % 4].to_owned()),
            ..holes[at].clone()
        };
        holes.insert(at, hole);
    }
    let (_, found) = found(holes);
    let card = found.iter().find(|it| it.entity == CreditCard).unwrap();
    let (_, whole) = self::found(words(&CALL));
    let same = whole.iter().find(|it| it.entity == CreditCard).unwrap();
    assert_eq!((card.start_ms, card.end_ms), (same.start_ms, same.end_ms));
}

#[test]
fn words_that_end_before_they_begin_still_make_items_with_a_length_that_is_not_negative() {
    let mut backwards = words(&CALL);
    for word in &mut backwards {
        word.end_ms = word.start_ms.saturating_sub(200);
    }
    let (transcript, found) = found(backwards);
    let said: Vec<String> = found.iter().map(|it| said(&transcript, it)).collect();
    assert!(said.contains(&CALL[5].1.to_owned()), "{said:?}");
    assert!(found.iter().all(|it| it.start_ms <= it.end_ms));
}

#[test]
fn words_in_disorder_are_put_in_the_order_of_time() {
    let mut disorder = words(&CALL);
    disorder.reverse();
    assert_eq!(items(disorder), expected());
}

#[test]
fn words_without_any_time_keep_their_order_and_are_found() {
    let mut timeless = words(&CALL);
    for word in &mut timeless {
        (word.start_ms, word.end_ms) = (0, 0);
    }
    let kinds = kinds(timeless);
    for kind in [PersonName, DateOfBirth, CreditCard] {
        assert!(kinds.contains(&kind), "{kind:?} of {kinds:?}");
    }
}

#[test]
fn labels_on_the_wrong_side_cost_no_item() {
    let mut swapped = words(&CALL);
    for word in &mut swapped {
        word.speaker = match word.speaker {
            Speaker::External => Speaker::Internal,
            _ => Speaker::External,
        };
    }
    let found = items(swapped);
    for item in expected() {
        assert!(found.contains(&item), "{item:?} of {found:?}");
    }
}

#[test]
fn a_third_participant_is_a_side_of_its_own() {
    let third = (2, Speaker::External);
    let mut turns = CALL.to_vec();
    turns.push((third, "this is his wife grace hartley you can ring me on"));
    turns.push((third, "oh seven seven double oh nine hundred one two three"));
    turns.push((AGENT, "thank you"));
    let (transcript, found) = found(words(&turns));
    let own: Vec<String> = found
        .iter()
        .filter(|it| it.channel == Some(2))
        .map(|it| format!("{:?} {}", it.entity, said(&transcript, it)))
        .collect();
    let phone = format!("{PhoneNumber:?} {}", turns[7].1);
    assert_eq!(own, ["PersonName grace hartley".to_owned(), phone]);
}

#[test]
fn sentences_of_another_language_hide_nothing_of_the_call() {
    let mut turns = CALL.to_vec();
    turns.insert(
        2,
        (
            CUSTOMER,
            "warten sie bitte einen moment ich suche meine karte",
        ),
    );
    turns.insert(4, (CUSTOMER, "un momento por favor no la encuentro"));
    let found = items(words(&turns));
    for (kind, said) in expected() {
        let covers = |it: &(EntityKind, String)| it.0 == kind && it.1.contains(&said);
        assert!(found.iter().any(covers), "{kind:?} of {found:?}");
    }
}

#[test]
fn announcements_while_on_hold_have_no_items_and_take_none_away() {
    let mut turns = CALL.to_vec();
    turns.insert(
        4,
        (
            AGENT,
            "thank you for holding your call is important to us you are number three in the queue \
             press one for sales or visit our website",
        ),
    );
    assert_eq!(items(words(&turns)), expected());
}

#[test]
fn three_hours_in_one_phrase_are_searched_to_the_end() {
    let chat = (
        AGENT,
        "well the weather was lovely and then we had some lunch by the sea",
    );
    let mut turns = vec![chat; 2_000];
    turns.extend(CALL);
    let mut words = words(&turns);
    for word in &mut words {
        word.phrase = 0;
    }
    assert!(words.last().unwrap().end_ms > 2 * 3_600_000);
    let found = items(words);
    assert!(found.iter().any(|it| it.1 == CALL[5].1), "{found:?}");
    assert!(found.iter().any(|it| it.1 == "declan hartley"), "{found:?}");
}

#[test]
fn a_word_as_long_as_a_page_is_one_word() {
    let mut long = words(&CALL);
    long[3].text = PersonalData::new("1-".repeat(20_000));
    let found = items(long);
    assert!(found.iter().any(|it| it.1 == CALL[5].1), "{found:?}");
}
