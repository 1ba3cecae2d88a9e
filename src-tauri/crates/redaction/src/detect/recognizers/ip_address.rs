//! IP addresses: written as one token, or four numbers with spoken dots.

use domain::entity::EntityKind::IpAddress;

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    reading::Reading,
    run::Run,
};

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let written = call.marked();
    for token in written.filter(|it| it.reading == Reading::IpAddress) {
        let mut score = Score::prior(-2.0);
        score.add(5.0, "four numbers with dots");
        let place = (token.side, token.pos, token.pos);
        found.push(Candidate {
            value: token.text.to_owned(),
            ..Candidate::of_tokens(IpAddress, "ip_address", place, score)
        });
    }
    for run in call
        .runs
        .iter()
        .filter(|run| (4..=14).contains(&run.chars.len()))
    {
        let dots = dots(call, run);
        let mut score = Score::prior(-3.4);
        score.slot(call.context(run).expected(IpAddress), 5.0);
        match dots {
            3 => score.add(6.0, "four numbers with dots"),
            2 => score.add(3.0, "three numbers with dots"),
            _ => {}
        }
        score.add_if(run.digit_count() >= 6, 0.8, "as many digits as an address");
        if score.reaches(0.4) {
            found.push(Candidate::of_run(IpAddress, "ip_address", run, score));
        }
    }
}

fn dots(call: &Call<'_>, run: &Run) -> usize {
    (run.first..=run.last)
        .filter_map(|pos| call.at(run.side, pos))
        .filter(|it| it.reading == Reading::Symbol('.') || it.text == "point")
        .count()
}
