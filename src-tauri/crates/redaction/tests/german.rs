//! German calls: number words, questions and names come from data files of their own.

use domain::{
    entity::EntityKind::{self, CreditCard, DateOfBirth, PersonName, PhoneNumber},
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, TranscriptOrigin, Word},
};
use redaction::{detect::detect, knowledge::CaseKnowledge};

/// Kinds found for certain when an agent asks and a customer answers.
fn kinds(question: &str, answer: &str, language: &str) -> Vec<EntityKind> {
    let mut words = Vec::new();
    let turns = [(Speaker::Internal, question), (Speaker::External, answer)];
    for ((speaker, said), phrase) in turns.into_iter().zip(0..) {
        for text in said.split(' ') {
            let start_ms = 350 * words.len() as u64;
            words.push(Word {
                text: PersonalData::new(text.to_owned()),
                start_ms,
                end_ms: start_ms + 300,
                confidence: 0.9,
                channel: Some(phrase as u8),
                speaker,
                phrase,
            });
        }
    }
    let transcript = Transcript::new(words, Some(language.to_owned()), TranscriptOrigin::File);
    let found = detect(&transcript, &CaseKnowledge::default());
    let sure = found.iter().filter(|it| it.score >= 0.85);
    sure.map(|it| it.entity).collect()
}

#[test]
fn spoken_german_numbers_and_names_are_found() {
    for (question, answer, kind) in [
        (
            "wie ist ihre telefonnummer",
            "null eins fünf zwei drei vier fünf sechs sieben acht neun",
            PhoneNumber,
        ),
        (
            "und die kartennummer bitte",
            "vier eins eins eins eins eins eins eins eins eins eins eins eins eins eins eins",
            CreditCard,
        ),
        (
            "ihr geburtsdatum bitte",
            "vierzehnter märz zweiundachtzig",
            DateOfBirth,
        ),
        ("wie ist ihr name bitte", "jürgen habersack", PersonName),
    ] {
        assert_eq!(kinds(question, answer, "de-DE"), [kind], "{answer}");
    }
}

#[test]
fn prices_and_times_are_not() {
    for (question, answer) in [
        ("was kostet das", "zweiundvierzig euro im monat"),
        ("wann passt es ihnen", "am besten um siebzehn uhr"),
    ] {
        assert_eq!(kinds(question, answer, "de"), [], "{answer}");
    }
}
