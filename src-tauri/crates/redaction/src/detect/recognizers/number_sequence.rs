//! Long digit strings that nothing around them explains: the words that announced them may have been
//! misheard, and a number of that length identifies somebody more often than not.

use domain::entity::EntityKind::Other;

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    run::Run,
};

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in call
        .runs
        .iter()
        .filter(|run| run.digit_count() >= 6 && run.chars.len() <= 40)
    {
        let score = score(call, run);
        if score.value() >= 0.4 {
            found.push(Candidate::of_run(Other, "number_sequence", run, score));
        }
    }
}

fn score(call: &Call<'_>, run: &Run) -> Score {
    let mut score = Score::prior(-1.4);
    match run.chars.len() {
        6 => score.add(1.6, "six digits"),
        7 | 8 => score.add(2.4, "seven or eight characters"),
        _ => score.add(3.6, "nine characters and more"),
    }
    let unrelated = call.unrelated(run.side, run.first, run.last);
    score.add_if(
        unrelated > 0.1,
        -5.0 * unrelated,
        "a price, quantity, time or reference is meant",
    );
    score
}
