//! Digit strings that nothing around them explains: the words that announced them may have been
//! misheard, and digits read out one by one identify somebody more often than not.

use domain::entity::EntityKind::Other;

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    run::Run,
};

/// Fewer characters are too often a part of a price, a time or a product's name.
const MIN_CHARS: usize = 4;
/// From here on digits may be a card, whatever was spoken of before.
const CARD_DIGITS: usize = 13;
/// Longest id that is read out.
const MAX_CHARS: usize = 40;

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in call
        .runs
        .iter()
        .filter(|run| run.digit_count() >= MIN_CHARS - 1)
        .filter(|run| (MIN_CHARS..=MAX_CHARS).contains(&run.chars.len()))
    {
        let score = score(call, run);
        if score.reaches(0.4) {
            found.push(Candidate::of_run(Other, "number_sequence", run, score));
        }
    }
}

fn score(call: &Call<'_>, run: &Run) -> Score {
    let mut score = Score::prior(-1.4);
    match run.chars.len() {
        4 | 5 => score.add(1.2, "four or five digits"),
        6 => score.add(1.6, "six digits"),
        7 | 8 => score.add(2.4, "seven or eight characters"),
        _ => score.add(3.8, "nine characters and more"),
    }
    let one_by_one = call.is_read_out(run);
    score.add_if(one_by_one, 2.6, "read out digit by digit");
    score.add_if(!one_by_one && run.chars.len() < 6, -1.6, "said as a number");
    let corrected = run.corrected.is_some() && run.chars.len() > 6;
    score.add_if(!one_by_one && corrected, 1.3, "corrected as it is told");
    let unrelated = call.unrelated_run(run);
    score.add_if(
        unrelated > 0.1 && run.digit_count() < CARD_DIGITS,
        -6.0 * unrelated,
        "a price, quantity, time or reference is meant",
    );
    score
}
