//! International bank account numbers (ISO 13616).

use domain::entity::EntityKind::Iban;

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    checksum,
};

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
        score.add_if(!form && run.chars.len() >= 10, 0.6, "part of it");
        if score.reaches(0.2) {
            found.push(Candidate::of_run(Iban, "iban", run, score));
        }
    }
}

/// Two letters, two digits, 15 to 34 characters.
fn has_form(chars: &str) -> bool {
    let bytes = chars.as_bytes();
    (15..=34).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
}
