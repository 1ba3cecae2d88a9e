//! Phone numbers: national and international, whole or the part that was asked for.

use domain::entity::EntityKind::PhoneNumber;

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    run::Run,
};

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in call
        .runs
        .iter()
        .filter(|run| run.digit_count() >= 3 && run.letter_count() == 0)
    {
        let expected = call.context(run).expected(PhoneNumber);
        let mut score = Score::prior(-2.2);
        score.slot(expected, 4.6);
        add_form(&mut score, run);
        score.add_if(
            is_extension(call, run),
            6.5,
            "behind the word for an extension",
        );
        score.against(call, &[PhoneNumber], run);
        if score.reaches(0.2) {
            found.push(Candidate::of_run(PhoneNumber, "phone", run, score));
        }
    }
}

/// "extension four four one seven": a part of a number that reaches one person.
fn is_extension(call: &Call<'_>, run: &Run) -> bool {
    (1..=2)
        .filter_map(|back| run.first.checked_sub(back))
        .filter_map(|pos| call.text(run.side, pos))
        .any(|text| matches!(text, "extension" | "ext"))
}

fn add_form(score: &mut Score, run: &Run) {
    let form = run
        .variants()
        .map(|digits| form_of(digits, run.plus))
        .max()
        .unwrap_or(Form::Other);
    match form {
        Form::International => score.add(4.5, "international number"),
        Form::TrunkZero => score.add(5.2, "national number with a valid prefix"),
        Form::TenDigits => score.add(5.2, "ten digits with a valid area code"),
        Form::Local => score.add(0.8, "as many digits as a local number"),
        Form::Part => score.add(-0.1, "part of a number"),
        Form::Other => score.add(-1.8, "not as many digits as a phone number"),
    }
    score.add_if(
        run.ends_grouped(&[3, 3, 4]),
        1.2,
        "grouped like a phone number",
    );
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Other,
    Part,
    Local,
    /// Ten digits with a prefix that North America or India gives out.
    TenDigits,
    /// Trunk zero and a prefix of the United Kingdom, Ireland or Australia.
    TrunkZero,
    International,
}

fn form_of(digits: &str, plus: bool) -> Form {
    let bytes = digits.as_bytes();
    let starts = |prefix: &str| digits.starts_with(prefix);
    match digits.len() {
        8..=15 if plus => Form::International,
        12..=15 if starts("00") => Form::International,
        12 if starts("44") => Form::International,
        10 | 11
            if starts("0")
                && matches!(
                    bytes.get(1),
                    Some(b'1' | b'2' | b'3' | b'4' | b'5' | b'7' | b'8' | b'9')
                ) =>
        {
            Form::TrunkZero
        }
        10 if is_north_american(bytes) => Form::TenDigits,
        // Indian mobile numbers.
        10 if bytes[0] >= b'6' => Form::TenDigits,
        11 if starts("1") && is_north_american(&bytes[1..]) => Form::TenDigits,
        6..=11 => Form::Local,
        3..=5 => Form::Part,
        _ => Form::Other,
    }
}

/// Area code and exchange begin with 2 to 9 (NANP).
fn is_north_american(digits: &[u8]) -> bool {
    let valid = |at: usize| {
        digits
            .get(at)
            .is_some_and(|digit| (b'2'..=b'9').contains(digit))
    };
    valid(0) && valid(3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{knowledge::CaseKnowledge, text::detect_text};

    fn phone_score(text: &str) -> f32 {
        let spans = detect_text(text, &CaseKnowledge::default());
        let phones = spans.iter().filter(|it| it.entity == PhoneNumber);
        phones.map(|it| it.score).fold(0.0, f32::max)
    }

    #[test]
    fn digits_behind_the_word_extension_reach_a_person() {
        assert!(phone_score("you can ask for extension four four one seven") >= 0.5);
        assert!(phone_score("my extension is 4417") >= 0.5);
        assert!(phone_score("she sits in room four four one seven") < 0.5);
        assert!(phone_score("an extension of four weeks") < 0.5);
    }

    #[test]
    fn forms_go_by_length_and_prefix() {
        for (digits, plus, form) in [
            ("2125550147", false, Form::TenDigits),
            ("12125550147", false, Form::TenDigits),
            ("1125550147", false, Form::Local),
            ("07700900123", false, Form::TrunkZero),
            ("00447700900123", false, Form::International),
            ("4915112345678", true, Form::International),
            ("4417", false, Form::Part),
            ("44", false, Form::Other),
        ] {
            assert!(form_of(digits, plus) == form, "{digits}");
        }
    }
}
