//! International bank account numbers (ISO 13616).

use domain::entity::EntityKind::{AccountNumber, Iban};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    checksum,
};

/// Characters of a group; the word for the number is more precise than "account".
const MIN_PART: usize = 4;

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in call.runs.iter().filter(|run| run.digit_count() >= 6) {
        let mut score = Score::prior(-3.4);
        score.slot(call.context(run).expected(Iban), 5.4);
        let form = run.variants().any(has_form);
        score.add_if(form, 3.0, "country, check digits and account");
        score.add_if(
            run.variants().any(|it| has_form(it) && checksum::iban(it)),
            3.5,
            "the check digits hold",
        );
        let country = run.variants().any(begins_with_country);
        score.add_if(country && form, 2.5, "begins with a country");
        score.add_if(
            country && !form && call.context(run).expected(AccountNumber) > 0.3,
            3.0,
            "begins with a country, and an account is spoken of",
        );
        score.add_if(!form && run.chars.len() >= 10, 0.6, "part of it");
        let context = call.context(run);
        let named = context.expected(Iban) > 0.5
            && context.expected(Iban) >= context.expected(AccountNumber)
            && run.chars.len() >= MIN_PART;
        score.add_if(named, 2.2, "asked for by its name");
        if score.reaches(0.2) {
            found.push(Candidate::of_run(Iban, "iban", run, score));
        }
    }
}

/// Countries whose accounts are told in calls (ISO 13616 registry).
const COUNTRIES: [&str; 24] = [
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "NL", "PL", "PT", "SE",
];

/// "DE 21": a country and check digits.
fn begins_with_country(chars: &str) -> bool {
    let (country, rest) = (chars.get(..2), chars.as_bytes().get(2..4));
    country.is_some_and(|it| COUNTRIES.contains(&it))
        && rest.is_some_and(|it| it.iter().all(u8::is_ascii_digit))
}

/// Two letters, two digits, 15 to 34 characters.
fn has_form(chars: &str) -> bool {
    let bytes = chars.as_bytes();
    (15..=34).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
}
