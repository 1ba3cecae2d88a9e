//! What is found because the conversation expects it: short answers to questions, whatever they were heard
//! as, parts of what was just said, and rare words that were written as several ordinary ones.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use domain::{
    entity::EntityKind::{
        self, Address, BankRouting, CardExpiry, Cvv, DateOfBirth, DeviceId, HealthTerm, Iban,
        Password, PersonName, PhoneNumber, Pin,
    },
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, TranscriptOrigin, Word},
};
use redaction::{detect::detect, knowledge::CaseKnowledge};

/// Enough for a person to look at it.
const DOUBTFUL: f32 = 0.5;

/// A conversation, a turn a line, each with `Agent:` or `Customer:` before it.
fn conversation(text: &str, language: &str) -> Transcript {
    let mut words = Vec::new();
    for (line, phrase) in text.lines().zip(0..) {
        let (who, said) = line.split_once(": ").unwrap();
        let agent = who == "Agent";
        for said in said.split(' ') {
            let start_ms = 350 * words.len() as u64;
            words.push(Word {
                text: PersonalData::new(said.to_owned()),
                start_ms,
                end_ms: start_ms + 300,
                confidence: 0.9,
                channel: Some(u8::from(agent)),
                speaker: if agent {
                    Speaker::Internal
                } else {
                    Speaker::External
                },
                phrase,
            });
        }
    }
    Transcript::new(words, Some(language.to_owned()), TranscriptOrigin::File)
}

/// The words of a kind that are found in a conversation, item by item.
fn found(kind: EntityKind, text: &str, language: &str) -> Vec<String> {
    let transcript = conversation(text, language);
    let found = detect(&transcript, &CaseKnowledge::default());
    let sure = found
        .iter()
        .filter(|it| it.entity == kind && it.score >= DOUBTFUL);
    sure.map(|it| {
        let words = it
            .words
            .iter()
            .map(|&at| transcript.words[at].text.reveal().as_str());
        words.collect::<Vec<_>>().join(" ")
    })
    .collect()
}

#[track_caller]
fn assert_found(kind: EntityKind, text: &str, expected: &[&str]) {
    assert_eq!(found(kind, text, "en-GB"), expected, "`{text}`");
}

#[test]
fn an_expiry_date_is_told_in_many_ways() {
    for date in [
        "oh six twenty nine",
        "june of twenty nine",
        "six slash two nine",
        "end of march next year",
        "0 6 over 2 9",
        "october 7",
        "ate twenty nine",
    ] {
        let text = format!("Agent: and the expiry date?\nCustomer: it's {date}\nAgent: thank you");
        assert_found(CardExpiry, &text, &[date]);
    }
}

#[test]
fn until_announces_the_date_of_a_card_and_no_year() {
    assert_found(
        CardExpiry,
        "Customer: 4111 1111 1111 1111 good until 10/2029\nAgent: thanks",
        &["10/2029"],
    );
    assert_found(
        CardExpiry,
        "Customer: i was there until 2019 and then left\nAgent: thanks",
        &[],
    );
}

#[test]
fn an_expiry_date_is_not_a_may_or_a_wait() {
    for answer in ["may i look that up", "one moment", "i don't have it here"] {
        let text = format!("Agent: and the expiry date?\nCustomer: {answer}\nAgent: okay");
        assert_found(CardExpiry, &text, &[]);
    }
}

#[test]
fn a_short_answer_of_what_sounds_like_digits_is_the_number() {
    assert_found(
        Cvv,
        "Agent: and the security code on the back?\nCustomer: ate won too\nAgent: thanks",
        &["ate won too"],
    );
    assert_found(
        Pin,
        "Agent: the first and fourth digit of your PIN please\nCustomer: 7 and 2\nAgent: thanks",
        &["7 and 2"],
    );
    for answer in ["that one", "one moment", "oh okay", "i see"] {
        let text = format!("Agent: and the security code?\nCustomer: {answer}\nAgent: okay");
        assert_found(Cvv, &text, &[]);
    }
}

#[test]
fn the_last_digits_of_something_are_a_part_of_it() {
    assert_found(
        PhoneNumber,
        "Agent: it goes to your mobile number which ends in 88\nCustomer: right",
        &["88"],
    );
    assert_found(
        PhoneNumber,
        "Agent: the sale ends in 2 days\nCustomer: right",
        &[],
    );
}

#[test]
fn one_more_digit_belongs_to_the_number_before_it() {
    assert_found(
        DeviceId,
        "Agent: the serial number?\nCustomer: four four h nine oh two one\nAgent: one more\nCustomer: and then a seven\nAgent: thanks",
        &["four four h nine oh two one", "seven"],
    );
}

#[test]
fn a_letter_that_is_made_sure_belongs_to_what_was_spelled() {
    assert_found(
        Address,
        "Agent: and the postcode?\nCustomer: h r seven four d w\nAgent: is that w as in whisky\nCustomer: yes",
        &["h r seven four d w", "w as in whisky"],
    );
}

#[test]
fn account_and_branch_are_told_apart_by_their_form() {
    assert_found(
        BankRouting,
        "Agent: i'll need your bank account details\nCustomer: it's 30 94 11\nAgent: thanks",
        &["30 94 11"],
    );
    assert_found(
        Iban,
        "Agent: what's the iban of that account?\nCustomer: i e four three a i b k nine three one one five two\nAgent: thanks",
        &["i e four three a i b k nine three one one five two"],
    );
}

#[test]
fn a_date_right_behind_a_date_of_birth_is_one_too() {
    assert_found(
        DateOfBirth,
        "Agent: date of birth?\nCustomer: july the fourth nineteen ninety\nAgent: july fourth?\nCustomer: yes",
        &["july the fourth nineteen ninety", "july fourth?"],
    );
    assert_found(
        DateOfBirth,
        "Agent: date of birth?\nCustomer: july the fourth nineteen ninety\nAgent: your appointment is on may 3rd\nCustomer: yes",
        &["july the fourth nineteen ninety"],
    );
}

#[test]
fn a_numeric_date_of_long_ago_is_a_date_of_birth() {
    assert_found(
        DateOfBirth,
        "Customer: mine is 4/30/81 and hers i don't know",
        &["4/30/81"],
    );
    assert_found(DateOfBirth, "Customer: it was delivered on 4/30/24", &[]);
}

#[test]
fn health_terms_are_heard_as_ordinary_words() {
    for (said, heard) in [
        ("he is on war for in for his heart", "war for in"),
        ("i take sir tra line every day", "sir tra line"),
        ("they did a colon ask a pee in may", "colon ask a pee"),
        ("he goes to dial ysis twice a week", "dial ysis"),
        (
            "she has mac cular degeneration now",
            "mac cular degeneration",
        ),
    ] {
        assert_found(HealthTerm, &format!("Customer: {said}"), &[heard]);
    }
    for said in [
        "the person who has it is here",
        "how long have you had it",
        "i've got an account with you",
        "the house with the red door",
    ] {
        assert_found(HealthTerm, &format!("Customer: {said}"), &[]);
    }
}

#[test]
fn names_are_heard_in_pieces() {
    assert_found(
        PersonName,
        "Customer: is lor etta on there too",
        &["lor etta"],
    );
    let text =
        "Customer: my mum is maureen o'shaughnessy\nAgent: more in a shock nessy is that right";
    assert_found(
        PersonName,
        text,
        &["maureen o'shaughnessy", "more in a shock nessy"],
    );
    assert_found(PersonName, "Customer: it was for man and beast", &[]);
}

#[test]
fn an_address_that_was_asked_for_may_stand_behind_other_words() {
    assert_found(
        Address,
        "Agent: and your address?\nCustomer: it oughta be route two box one eighteen\nAgent: thanks",
        &["oughta be route two box one eighteen"],
    );
    assert_found(
        Address,
        "Agent: and your address?\nCustomer: it's eleven sixteen magnolia spring sport no no magnolia springs court\nAgent: thanks",
        &[
            "eleven sixteen magnolia spring sport no no",
            "magnolia springs court",
        ],
    );
}

#[test]
fn letters_of_a_password_are_told_one_by_one() {
    assert_found(
        Password,
        "Agent: the second and fifth letters of your password please\nCustomer: second is g and the fifth is r for romeo\nAgent: g for golf\nCustomer: yes",
        &["g and the fifth is r for romeo", "g for golf"],
    );
}

#[test]
fn german_streets_stand_before_the_number() {
    for (text, expected) in [
        (
            "Agent: Hallo.\nCustomer: Ich bin jetzt in der Gartenstraße 18 gemeldet.",
            "Gartenstraße 18",
        ),
        (
            "Agent: Hallo.\nCustomer: Schicken Sie es an Bahnhofsplatz 9, 93047 Regensburg.",
            "Bahnhofsplatz 9, 93047 Regensburg.",
        ),
    ] {
        let all = found(Address, text, "de-DE");
        assert!(all.iter().any(|it| it.contains(expected)), "{all:?}");
    }
    assert_eq!(
        found(
            Address,
            "Agent: Hallo.\nCustomer: Das war der zweite Weg 3 Tage lang.",
            "de-DE"
        ),
        [""; 0]
    );
}

#[test]
fn german_numbers_of_one_word_are_read() {
    let text = "Agent: Ihr Geburtsdatum?\nCustomer: vierter fünfter neunzehnhundertachtundsechzig\nAgent: danke";
    assert_eq!(
        found(DateOfBirth, text, "de-DE"),
        ["vierter fünfter neunzehnhundertachtundsechzig"]
    );
}
