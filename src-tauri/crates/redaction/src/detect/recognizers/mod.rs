//! One recognizer per file. Each looks at the whole call and adds candidates; none knows another.

mod account_number;
mod address;
mod card_expiry;
mod credit_card;
mod cvv;
mod date_of_birth;
mod document;
mod email;
mod ending;
mod health;
mod iban;
mod ip_address;
mod known_value;
mod mask;
mod medical_id;
mod national_id;
mod number_answer;
mod number_sequence;
mod person_name;
mod phone;
mod secret;

use super::{call::Call, candidate::Candidate};

/// Runs every recognizer. Names come last but one, because known values decide about them.
pub(super) fn recognize_all(call: &Call<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for recognize in [
        mask::recognize,
        known_value::recognize,
        credit_card::recognize,
        card_expiry::recognize,
        cvv::recognize,
        phone::recognize,
        national_id::recognize,
        account_number::recognize,
        iban::recognize,
        document::recognize,
        ip_address::recognize,
        health::recognize,
        number_sequence::recognize,
        number_answer::recognize,
        ending::recognize,
        medical_id::recognize,
        secret::recognize,
        date_of_birth::recognize,
        email::recognize,
        address::recognize,
        person_name::recognize,
    ] {
        recognize(call, &mut found);
    }
    found
}
