//! National numbers: US social security, UK national insurance, and identity numbers by name.

use domain::entity::EntityKind::{NationalId, NationalInsurance, Ssn};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    run::Run,
};

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in call
        .runs
        .iter()
        .filter(|run| (4..=24).contains(&run.chars.len()))
    {
        let candidates = [
            (Ssn, social_security(call, run)),
            (NationalInsurance, national_insurance(call, run)),
            (NationalId, identity_number(call, run)),
        ];
        for (entity, score) in candidates {
            if score.reaches(0.2) {
                found.push(Candidate::of_run(entity, "national_id", run, score));
            }
        }
    }
}

fn social_security(call: &Call<'_>, run: &Run) -> Score {
    let expected = call.context(run).expected(Ssn);
    let mut score = Score::prior(-2.8);
    score.slot(expected, 6.6);
    let nine = run.letter_count() == 0 && run.variants().any(|it| it.len() == 9);
    score.add_if(nine, 1.8, "nine digits");
    score.add_if(run.digit_count() == 4, 1.4, "the last four digits");
    score.add_if(!nine && run.digit_count() != 4, -0.8, "not nine digits");
    score.add_if(run.is_grouped(&[3, 2, 4]), 2.0, "grouped 3-2-4");
    score.add_if(run.letter_count() > 0, -2.0, "has letters");
    score.add_if(
        nine && never_issued(&run.digits()),
        -0.5,
        "a group that is never issued",
    );
    score.against(call, &[Ssn, NationalId], run);
    score
}

/// Groups of zeros, area 666 and areas from 900 are not issued.
fn never_issued(digits: &str) -> bool {
    digits.len() == 9
        && (digits.starts_with("000")
            || digits.starts_with("666")
            || digits.starts_with('9')
            || &digits[3..5] == "00"
            || digits.ends_with("0000"))
}

fn national_insurance(call: &Call<'_>, run: &Run) -> Score {
    let expected = call.context(run).expected(NationalInsurance);
    let mut score = Score::prior(-3.2);
    score.slot(expected, 5.6);
    let grammar = run.variants().any(is_national_insurance);
    score.add_if(grammar, 6.0, "two letters, six digits, a letter A to D");
    score.add_if(
        !grammar && run.letter_count() > 0 && run.digit_count() >= 4,
        1.2,
        "letters and digits",
    );
    score.add_if(
        !grammar && run.letter_count() == 0 && expected > 0.3,
        0.5,
        "digits of it",
    );
    score
}

fn is_national_insurance(chars: &str) -> bool {
    let bytes = chars.as_bytes();
    bytes.len() == 9
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..8].iter().all(u8::is_ascii_digit)
        && (b'A'..=b'D').contains(&bytes[8])
}

fn identity_number(call: &Call<'_>, run: &Run) -> Score {
    let expected = call.context(run).expected(NationalId);
    let mut score = Score::prior(-3.2);
    score.slot(expected, 6.2);
    score.add_if(
        run.digit_count() >= 4,
        0.8,
        "enough digits for an identity number",
    );
    score.add_if(run.chars.len() < 6, -1.6, "few characters");
    score.against(call, &[NationalId], run);
    score
}
