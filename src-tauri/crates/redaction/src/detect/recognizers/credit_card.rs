//! Card numbers: 13 to 19 digits in groups, often interrupted and corrected.

use domain::entity::EntityKind::CreditCard;

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
        .filter(|run| run.digit_count() >= 3 && run.letter_count() <= 1)
    {
        let score = score(call, run);
        if score.reaches(0.2) {
            found.push(Candidate::of_run(CreditCard, "credit_card", run, score));
        }
    }
}

fn score(call: &Call<'_>, run: &Run) -> Score {
    let digits = run.digits();
    let expected = call.context(run).expected(CreditCard);
    let mut score = Score::prior(-2.5);
    score.slot(expected, 5.6);
    let full = run
        .variants()
        .into_iter()
        .find(|it| is_card_length(it.len()) && checksum::luhn(it));
    let part = card_inside(run);
    match digits.len() {
        13..=19 => score.add(3.0, "13 to 19 digits"),
        12 | 20..=26 => score.add(1.5, "nearly as many digits as a card"),
        8..=11 => score.add(0.8, "part of a card number"),
        3 | 4 => score.add(0.4, "the last digits of it"),
        _ => score.add(-0.3, "few digits"),
    }
    score.add_if(
        matches!(digits.len(), 15 | 16),
        0.6,
        "as many digits as most cards",
    );
    score.add_if(
        digits.starts_with(['2', '3', '4', '5', '6']),
        0.5,
        "begins like a card",
    );
    if full.is_some() || part {
        score.add(2.5, "the check digit holds");
    } else if is_card_length(digits.len()) {
        score.add(-0.3, "the check digit does not hold");
    }
    score.against(call, &[CreditCard], run);
    score
}

fn is_card_length(len: usize) -> bool {
    (13..=19).contains(&len)
}

/// Whether consecutive groups of a longer run form a card number.
fn card_inside(run: &Run) -> bool {
    if run.digit_count() <= 19 {
        return false;
    }
    let groups: Vec<&str> = run.groups().collect();
    (0..groups.len().min(32)).any(|from| {
        (from + 1..=groups.len().min(from + 20)).any(|to| {
            let joined = groups[from..to].concat();
            is_card_length(joined.len()) && checksum::luhn(&joined)
        })
    })
}
