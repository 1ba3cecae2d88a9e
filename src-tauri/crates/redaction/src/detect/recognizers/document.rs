//! Passports, driving licenses, number plates, device ids: known by what is asked or by their form.

use domain::entity::EntityKind::{self, DeviceId, DriverLicense, Passport, VehicleReg};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    checksum,
    run::Run,
};

/// How an id of a document looks.
struct Form {
    entity: EntityKind,
    lengths: std::ops::RangeInclusive<usize>,
    /// Evidence of the form alone, on the logistic scale.
    strength: fn(&str) -> f32,
}

const FORMS: [Form; 4] = [
    Form {
        entity: Passport,
        lengths: 6..=10,
        strength: |_| 0.0,
    },
    Form {
        entity: DriverLicense,
        lengths: 5..=18,
        strength: british_license,
    },
    Form {
        entity: VehicleReg,
        lengths: 4..=17,
        strength: british_plate,
    },
    Form {
        entity: DeviceId,
        lengths: 8..=17,
        strength: imei,
    },
];

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in call
        .runs
        .iter()
        .filter(|run| run.digit_count() >= 1 && run.chars.len() >= 4)
    {
        for form in &FORMS {
            let score = score(call, run, form);
            if score.reaches(0.3) {
                found.push(Candidate::of_run(form.entity, "document", run, score));
            }
        }
    }
}

fn score(call: &Call<'_>, run: &Run, form: &Form) -> Score {
    let mut score = Score::prior(-3.4);
    score.slot(call.context(run).expected(form.entity), 6.2);
    let fits = run.variants().any(|it| form.lengths.contains(&it.len()));
    score.add_if(fits, 0.8, "as long as such an id");
    score.add_if(!fits, -1.5, "not as long as such an id");
    let strength = run
        .variants()
        .map(|it| (form.strength)(it))
        .fold(0.0, f32::max);
    score.add(strength, "has the form of such an id");
    score.against(call, &[form.entity], run);
    score
}

/// Sixteen characters: five of the surname, six digits, five more.
fn british_license(chars: &str) -> f32 {
    let bytes = chars.as_bytes();
    let form = bytes.len() == 16
        && bytes[..5]
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || *byte == b'9')
        && bytes[5..11].iter().all(u8::is_ascii_digit);
    if form { 6.0 } else { 0.0 }
}

/// Two letters, two digits, three letters.
fn british_plate(chars: &str) -> f32 {
    let bytes = chars.as_bytes();
    let form = bytes.len() == 7
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes[4..].iter().all(u8::is_ascii_uppercase);
    if form { 4.0 } else { 0.0 }
}

fn imei(chars: &str) -> f32 {
    let form = chars.len() == 15
        && chars.bytes().all(|byte| byte.is_ascii_digit())
        && checksum::luhn(chars);
    if form { 1.0 } else { 0.0 }
}
