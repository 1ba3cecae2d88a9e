//! Account, customer and policy numbers, sort codes and routing numbers: known by what is asked.

use domain::entity::EntityKind::{AccountNumber, BankRouting, Iban};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    checksum,
    run::Run,
};

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in call
        .runs
        .iter()
        .filter(|run| run.digit_count() >= 3 && run.chars.len() <= 40)
    {
        let candidates = [
            (AccountNumber, account(call, run)),
            (BankRouting, routing(call, run)),
        ];
        for (entity, score) in candidates {
            if score.reaches(0.2) {
                found.push(Candidate::of_run(entity, "account_number", run, score));
            }
        }
    }
}

fn account(call: &Call<'_>, run: &Run) -> Score {
    let expected = call.context(run).expected(AccountNumber);
    let mut score = Score::prior(-2.8);
    score.slot(expected, 5.8);
    match run.chars.len() {
        5..=20 => score.add(1.0, "as long as an account number"),
        4 => score.add(0.2, "the last digits of it"),
        _ => score.add(-0.8, "not as long as an account number"),
    }
    score.against(call, &[AccountNumber, BankRouting, Iban], run);
    score
}

fn routing(call: &Call<'_>, run: &Run) -> Score {
    let context = call.context(run);
    let digits = run.digits();
    let formed = run.is_grouped(&[2, 2, 2])
        || checksum::aba(&digits)
        || run.variants().any(is_indian_branch);
    let account = context.expected(AccountNumber);
    let own = context.expected(BankRouting);
    // "I'll need your bank details": for such a form that is a question for it.
    let expected = if formed { own.max(account) } else { own };
    let mut score = Score::prior(-3.5);
    score.slot(expected, 6.0);
    score.add_if(digits.len() == 6, 1.2, "six digits, as sort codes have");
    score.add_if(run.is_grouped(&[2, 2, 2]), 1.2, "grouped 2-2-2");
    score.add_if(
        digits.len() == 9,
        0.8,
        "nine digits, as routing numbers have",
    );
    score.add_if(formed, 1.4, "has the form of the number of a branch");
    let named = own > 0.5 && own >= account;
    let fits = run.variants().any(|it| matches!(it.len(), 6 | 9));
    score.add_if(named && fits, 1.6, "asked for by its name");
    score.add_if(
        !matches!(digits.len(), 6 | 9) && !formed,
        -0.6,
        "not six or nine digits",
    );
    score.against(call, &[AccountNumber, BankRouting, Iban], run);
    score
}

/// Four letters, a zero, six digits or letters.
fn is_indian_branch(chars: &str) -> bool {
    let bytes = chars.as_bytes();
    bytes.len() == 11
        && bytes[..4].iter().all(u8::is_ascii_uppercase)
        && matches!(bytes[4], b'0' | b'O')
        && bytes[5..].iter().any(u8::is_ascii_digit)
}
