//! Numbers and ids that the case knows: found in every call, whatever is said around them.

use std::collections::HashSet;

use domain::{
    entity::{EntityKind, Owner},
    sensitive::PersonalData,
};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
};

/// National numbers are compared by this many last digits, so that every prefix form agrees.
const PHONE_TAIL: usize = 9;
/// Shorter ids occur by accident.
const MIN_ID: usize = 4;

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let knowledge = call.knowledge;
    if knowledge.phones.is_empty() && knowledge.ids.is_empty() {
        return;
    }
    let phones: HashSet<String> = knowledge
        .phones
        .iter()
        .filter_map(|value| tail(&digits(value)))
        .collect();
    let ids: HashSet<String> = knowledge
        .ids
        .iter()
        .map(characters)
        .filter(|id| id.len() >= MIN_ID)
        .collect();
    let id_digits: HashSet<String> = knowledge
        .ids
        .iter()
        .map(digits)
        .filter(|id| id.len() >= MIN_ID)
        .collect();
    for run in &call.runs {
        for variant in run.variants() {
            let digits: String = variant.chars().filter(char::is_ascii_digit).collect();
            let entity = if tail(&digits).is_some_and(|tail| phones.contains(&tail)) {
                EntityKind::PhoneNumber
            } else if ids.contains(variant) || id_digits.contains(&digits) {
                EntityKind::AccountNumber
            } else {
                continue;
            };
            let mut score = Score::prior(0.0);
            score.add(5.0, "known value of the data subject");
            found.push(Candidate {
                owner: Some(Owner::Requestor),
                known: true,
                ..Candidate::of_run(entity, "known_value", run, score)
            });
            break;
        }
    }
}

fn tail(digits: &str) -> Option<String> {
    (7..=15)
        .contains(&digits.len())
        .then(|| digits[digits.len().saturating_sub(PHONE_TAIL)..].to_owned())
}

fn digits(value: &PersonalData<String>) -> String {
    value
        .reveal()
        .chars()
        .filter(char::is_ascii_digit)
        .collect()
}

fn characters(value: &PersonalData<String>) -> String {
    value
        .reveal()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_uppercase()
}
