//! Card security codes: three or four digits, asked for or shortly after a card number.

use domain::entity::EntityKind::{CardExpiry, CreditCard, Cvv};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    run::Run,
};

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in &call.runs {
        let near = (2..=6).contains(&run.digit_count()) && run.letter_count() == 0;
        if !near {
            continue;
        }
        let expected = call.context(run).expected(Cvv);
        let mut score = Score::prior(-3.6);
        score.slot(expected, 6.2);
        score.add_if(has_length(run), 1.2, "three or four digits");
        score.add_if(!has_length(run), -3.0, "not three or four digits");
        score.add_if(
            call.follows_card(run.side, run.start_ms),
            4.0,
            "shortly after a card number",
        );
        score.against(call, &[Cvv, CardExpiry, CreditCard], run);
        if score.reaches(0.2) {
            found.push(Candidate::of_run(Cvv, "cvv", run, score));
        }
    }
}

fn has_length(run: &Run) -> bool {
    run.variants().any(|it| matches!(it.len(), 3 | 4))
}
