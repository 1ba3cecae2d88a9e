//! The other detector on the same set, measured in the same way.

use domain::entity::EntityKind;
use redaction::evaluate::{Evaluation, Found, LabeledCall};

use super::Set;
use crate::commands::presidio::{self, Document, FoundSpan, NotPerformed};

/// What the other detector reached, or why it was not measured.
pub(super) struct Other {
    pub(super) name: &'static str,
    pub(super) outcome: Result<Measured, NotPerformed>,
}

/// Its figures, and how long it took for them.
pub(super) struct Measured {
    pub(super) evaluation: Evaluation,
    pub(super) seconds: f64,
    pub(super) bytes: usize,
}

/// Runs Presidio on the set: a call is one text with a line a turn, as its authors advise for dialogue.
pub(super) fn measure(set: &Set) -> Other {
    let calls: Vec<CallText> = set.calls.iter().map(CallText::new).collect();
    let of_calls = calls.iter().map(|it| it.text.as_str());
    let of_texts = set.texts.iter().map(|it| it.text.as_str());
    let documents: Vec<Document<'_>> = of_calls
        .chain(of_texts)
        .zip(0..)
        .map(|(text, id)| Document { id, text })
        .collect();
    let outcome = presidio::run(&documents).map(|answer| {
        let mut evaluation = Evaluation::default();
        let (in_calls, in_texts) = answer.found.split_at(calls.len());
        for ((call, text), spans) in set.calls.iter().zip(&calls).zip(in_calls) {
            let found: Vec<Found> = spans.iter().flat_map(|it| text.found(call, it)).collect();
            evaluation.add_found_in_call(call, &found);
        }
        for (text, spans) in set.texts.iter().zip(in_texts) {
            let found: Vec<Found> = spans.iter().map(in_text).collect();
            evaluation.add_found_in_text(text, &found);
        }
        Measured {
            evaluation,
            seconds: answer.seconds,
            bytes: documents.iter().map(|it| it.text.len()).sum(),
        }
    });
    Other {
        name: "presidio",
        outcome,
    }
}

/// Whatever it reports counts as redacted, however low its score: the most it can reach.
fn in_text(span: &FoundSpan) -> Found {
    Found {
        entity: kind(&span.entity).name(),
        channel: 0,
        start: span.start,
        end: span.end,
        score: span.score,
        automatic: true,
    }
}

/// A call as text, and where its words are in it.
struct CallText {
    text: String,
    /// First and last character of each word.
    edges: Vec<(u64, u64)>,
}

impl CallText {
    fn new(call: &LabeledCall) -> Self {
        let (mut text, mut edges, mut at, mut phrase) = (String::new(), vec![], 0, None);
        for word in &call.transcript.words {
            let between = match phrase {
                None => "",
                Some(last) if last == word.phrase => " ",
                Some(_) => "\n",
            };
            phrase = Some(word.phrase);
            let said = word.text.reveal();
            let start = at + between.len() as u64;
            at = start + said.chars().count() as u64;
            edges.push((start, at));
            text.push_str(between);
            text.push_str(said);
        }
        Self { text, edges }
    }

    /// The time of a span: from its first to its last word, on each channel that it touches.
    fn found(&self, call: &LabeledCall, span: &FoundSpan) -> Vec<Found> {
        let words = call.transcript.words.iter().zip(&self.edges);
        let mut found: Vec<Found> = Vec::new();
        for (word, _) in words.filter(|(_, edge)| edge.0 < span.end && span.start < edge.1) {
            let channel = word.channel.unwrap_or(0);
            match found.iter_mut().find(|it| it.channel == channel) {
                Some(it) => it.end = it.end.max(word.end_ms),
                None => found.push(Found {
                    channel,
                    start: word.start_ms,
                    end: word.end_ms,
                    ..in_text(span)
                }),
            }
        }
        found
    }
}

/// Its names for kinds of data in ours; what has none counts as some personal data.
fn kind(name: &str) -> EntityKind {
    match name {
        "CREDIT_CARD" => EntityKind::CreditCard,
        "EMAIL_ADDRESS" => EntityKind::Email,
        "IBAN_CODE" => EntityKind::Iban,
        "IP_ADDRESS" => EntityKind::IpAddress,
        "PHONE_NUMBER" => EntityKind::PhoneNumber,
        "PERSON" => EntityKind::PersonName,
        "LOCATION" | "UK_POSTCODE" => EntityKind::Address,
        "US_BANK_NUMBER" => EntityKind::AccountNumber,
        "US_DRIVER_LICENSE" | "UK_DRIVING_LICENCE" => EntityKind::DriverLicense,
        "US_PASSPORT" | "UK_PASSPORT" => EntityKind::Passport,
        "US_SSN" | "US_ITIN" => EntityKind::Ssn,
        "UK_NINO" => EntityKind::NationalInsurance,
        "UK_NHS" | "MEDICAL_LICENSE" | "US_MBI" | "US_NPI" => EntityKind::MedicalId,
        "UK_VEHICLE_REGISTRATION" => EntityKind::VehicleReg,
        "MAC_ADDRESS" => EntityKind::DeviceId,
        "DATE_TIME" => EntityKind::DateOfBirth,
        _ => EntityKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = r#"{"id":"a","split":"held_back","style":"spoken","language":"en-GB","errors":false,
        "turns":[["A","your number",[100,50,-10,60]],["C","£5 oh seven",[400,50,50,50]]],
        "items":[["PHONE_NUMBER","requestor","C",450,550]]}"#;

    #[test]
    fn a_span_of_characters_gets_the_times_of_its_words() {
        let call = LabeledCall::from_json(CALL).unwrap();
        let text = CallText::new(&call);
        assert_eq!(text.text, "your number\n£5 oh seven");
        let span = |start, end| FoundSpan {
            entity: "PHONE_NUMBER".to_owned(),
            start,
            end,
            score: 0.4,
        };
        let places = |start, end| -> Vec<_> {
            let found = text.found(&call, &span(start, end));
            found
                .iter()
                .map(|it| (it.channel, it.start, it.end))
                .collect()
        };
        assert_eq!(places(15, 23), [(0, 450, 550)]);
        assert_eq!(places(5, 14), [(1, 160, 220), (0, 400, 450)]);
    }
}
