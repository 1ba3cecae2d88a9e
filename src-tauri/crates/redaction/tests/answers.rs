//! What is told where it was asked for or announced: names, addresses, passwords and health terms in
//! words that no list has, and the same words where they are none.

use domain::entity::EntityKind::{
    self, AccountNumber, Address, DateOfBirth, Email, HealthTerm, MedicalId, Password, PersonName,
    PhoneNumber, Pin,
};
use redaction::{knowledge::CaseKnowledge, text::detect_text};

/// Enough for a person to look at it.
const DOUBTFUL: f32 = 0.5;

/// The texts of a kind that are found in a conversation.
fn found(kind: EntityKind, text: &str) -> Vec<String> {
    let spans = detect_text(text, &CaseKnowledge::default());
    let cut = |start: usize, end: usize| text.chars().skip(start).take(end - start).collect();
    let sure = spans
        .iter()
        .filter(|it| it.entity == kind && it.score >= DOUBTFUL);
    sure.map(|it| cut(it.start, it.end)).collect()
}

#[track_caller]
fn assert_found(kind: EntityKind, text: &str, expected: &[&str]) {
    assert_eq!(found(kind, text), expected, "`{text}`");
}

#[test]
fn a_short_answer_to_a_question_for_a_name_is_the_name() {
    for (answer, expected) in [
        ("mill stone", "mill stone"),
        ("it's basket weaver", "basket weaver"),
        ("yeah should be quill harbour", "quill harbour"),
        ("Will Carpenter", "Will Carpenter"),
        ("pretorius", "pretorius"),
    ] {
        let text =
            format!("Agent: and what's your name please?\nCustomer: {answer}\nAgent: lovely");
        assert_found(PersonName, &text, &[expected]);
    }
}

#[test]
fn what_is_no_short_answer_is_no_name() {
    for answer in [
        "it's a joint account",
        "i don't know",
        "hang on a second",
        "can i give it to you later because everything changed recently",
    ] {
        let text =
            format!("Agent: and what's the name on the account?\nCustomer: {answer}\nAgent: okay");
        assert_found(PersonName, &text, &[]);
    }
}

#[test]
fn who_answers_the_telephone_gives_a_name_and_not_the_company_s() {
    assert_found(
        PersonName,
        "Agent: good morning larkfield insurance this is clover how can i help\nCustomer: hi clover i need a quote",
        &["clover", "clover"],
    );
    assert_found(
        PersonName,
        "Agent: Good afternoon, Thistledown Veterinary Clinic, Sable speaking.\nCustomer: Hello.",
        &["Sable"],
    );
}

#[test]
fn a_spelling_confirms_the_name_before_it() {
    assert_found(
        PersonName,
        "Customer: it's for brannock, that's b r a n n o c k",
        &["brannock", "b r a n n o c k"],
    );
}

#[test]
fn a_name_is_known_again_when_it_is_heard_as_other_words() {
    assert_found(
        PersonName,
        "Agent: what's your name?\nCustomer: ludmila prentiss\nAgent: thank you lud miller",
        &["ludmila prentiss", "lud miller"],
    );
}

#[test]
fn an_address_is_one_stretch_from_the_house_to_the_code() {
    for (text, expected) in [
        (
            "Agent: and your address?\nCustomer: the old bakery, mill lane, little snoring, norfolk, n r twenty one nine z z",
            "the old bakery, mill lane, little snoring, norfolk, n r twenty one nine z z",
        ),
        (
            "Agent: and the mailing address\nCustomer: p o box twelve elko nevada eight nine eight oh one",
            "p o box twelve elko nevada eight nine eight oh one",
        ),
        (
            "Agent: the address we hold is Plot 9, 2nd Cross, Tulsi Layout, Nagpur 440010. Right?",
            "Plot 9, 2nd Cross, Tulsi Layout, Nagpur 440010.",
        ),
    ] {
        let all = found(Address, text);
        let plain = |it: &str| it.trim_end_matches('.').to_owned();
        assert!(
            all.iter().any(|it| plain(it).contains(&plain(expected))),
            "`{text}`: {all:?}"
        );
    }
}

#[test]
fn a_number_or_an_e_mail_address_is_no_address() {
    for text in [
        "Agent: you're at sixteen ten of your allowance",
        "Agent: what's the address?\nCustomer: m hale underscore forty at example dot net",
    ] {
        assert_found(Address, text, &[]);
    }
}

#[test]
fn passwords_are_told_and_asked_for() {
    assert_found(
        Password,
        "Agent: i've set your password to Amber-Falcon-52.\nCustomer: thanks",
        &["Amber-Falcon-52"],
    );
    assert_found(
        Password,
        "Agent: what's the passcode?\nCustomer: i think it's buttercup\nAgent: that's it",
        &["buttercup"],
    );
}

#[test]
fn single_digits_of_a_pin_count_where_they_were_asked_for() {
    assert_found(
        Pin,
        "Agent: the second and fourth digits of your telephone pin?\nCustomer: it's 7 and 2\nAgent: thanks",
        &["7 and 2"],
    );
}

#[test]
fn health_terms_are_told_by_vocabulary_ending_dose_and_question() {
    for (text, expected) in [
        (
            "Customer: she was diagnosed with pericarditis",
            "pericarditis",
        ),
        (
            "Customer: he's on tezacaprilol fifty milligrams",
            "tezacaprilol",
        ),
        ("Customer: i've got vascular dementia", "vascular dementia"),
        ("Customer: they had him on quorvexin 20 mg", "quorvexin"),
    ] {
        assert_found(HealthTerm, text, &[expected]);
    }
}

#[test]
fn ordinary_words_with_medical_endings_are_no_health_terms() {
    for text in [
        "Customer: i read it in a magazine",
        "Customer: i've got my diploma",
        "Customer: my account is disabled",
        "Customer: the surgery closes at six",
    ] {
        assert_found(HealthTerm, text, &[]);
    }
}

#[test]
fn a_short_answer_of_numbers_is_the_date_of_birth_that_was_asked_for() {
    for answer in [
        "six of the twelve ninety four",
        "the 30 first of the 8th 92",
        "boxing day nineteen forty nine",
        "five twenty one ninety nine",
    ] {
        let text = format!("Agent: and your date of birth?\nCustomer: {answer}\nAgent: lovely");
        assert_found(DateOfBirth, &text, &[answer]);
    }
    let other =
        "Agent: and your date of birth?\nCustomer: why do you need that\nAgent: to find you";
    assert_found(DateOfBirth, other, &[]);
}

#[test]
fn a_part_that_is_told_again_is_what_it_is_a_part_of() {
    let text = |question: &str| {
        format!(
            "Agent: and her nhs number?\nCustomer: four eight five seven seven two nine one oh six\n\
             Agent: {question}\nCustomer: seven seven three\nAgent: thanks"
        )
    };
    let number = "four eight five seven seven two nine one oh six";
    let again = text("could you do the middle bit again");
    assert_found(MedicalId, &again, &[number, "seven seven three"]);
    let other = text("and how much was it please");
    assert_found(MedicalId, &other, &[number]);
}

#[test]
fn a_health_term_heard_as_two_words_is_one() {
    assert_found(
        HealthTerm,
        "Customer: my husband's on dial ysis at home",
        &["dial ysis"],
    );
    assert_found(HealthTerm, "Customer: that film with the hero in it", &[]);
}

#[test]
fn numbers_that_an_agent_gives_out_are_nobody_s_and_those_of_the_customer_are_kept() {
    let given = "Agent: for billing please call 1800 931 678\nCustomer: okay thanks";
    assert_found(PhoneNumber, given, &[]);
    assert_found(EntityKind::Other, given, &[]);
    let own = "Agent: what number can we call?\nCustomer: it's 0800 555 0142\nAgent: 0800 555 0142";
    assert_found(PhoneNumber, own, &["0800 555 0142", "0800 555 0142"]);
    let account = "Agent: the account number is 1800 931 6784\nCustomer: that's right";
    assert_found(AccountNumber, account, &["1800 931 6784"]);
}

#[test]
fn addresses_are_told_at_the_rate_of() {
    assert_found(
        Email,
        "Agent: mail id?\nCustomer: gurpreet dot sandhu 26 at the rate yahoo dot co dot in\nAgent: ok",
        &["gurpreet dot sandhu 26 at the rate yahoo dot co dot in"],
    );
}

#[test]
fn the_house_and_the_village_before_a_postcode_belong_to_the_address() {
    assert_found(
        Address,
        "Agent: we have The Old Forge, Nether Wallop, Stockbridge, SO20 8EX",
        &["The Old Forge, Nether Wallop, Stockbridge, SO20 8EX"],
    );
}
