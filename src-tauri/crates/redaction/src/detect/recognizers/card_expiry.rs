//! Expiry dates of cards: month and year, said as digits, numbers or a month's name.

mod answer;

use domain::entity::EntityKind::{CardExpiry, CreditCard, Cvv};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    reading::Reading,
    run::Run,
};

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for run in call
        .runs
        .iter()
        .filter(|run| run.letter_count() == 0 && run.digit_count() >= 2)
    {
        let (first, named) = with_month_name(call, run);
        // The code may follow in the same breath: "May 2029, 315".
        if run.digit_count() > if named { 8 } else { 6 } {
            continue;
        }
        let score = score(call, run, first, named);
        if score.reaches(0.2) {
            found.push(Candidate {
                first,
                ..Candidate::of_run(CardExpiry, "card_expiry", run, score)
            });
        }
    }
    recognize_numeric_dates(call, found);
    answer::answers(call, found);
}

fn score(call: &Call<'_>, run: &Run, first: usize, named: bool) -> Score {
    let expected = call.expected(CardExpiry, run.side, first, run.last);
    let mut score = Score::prior(-3.0);
    score.slot(expected, 6.3);
    let digits = run.digits();
    score.add_if(named, 1.0, "a month's name and a year");
    let dated = named || is_month_year(&digits);
    let soon = dated && digits.get(digits.len() - 2..).is_some_and(is_soon);
    score.add_if(!named && dated, 1.0, "a month and a year");
    score.add_if(soon, 1.2, "a year in which cards expire");
    score.add_if(soon && call.is_about_card(run), 3.0, "a card is spoken of");
    // Three digits behind a card are its code.
    let single = run.items.len() == 3 && !is_divided(call, run);
    score.add_if(!named && digits.len() == 3 && single, -1.5, "three digits");
    score.add_if(!dated, -1.0, "not a month and a year");
    score.add_if(
        (named || soon) && call.follows_card(run.side, run.start_ms),
        if named { 4.4 } else { 3.8 },
        "shortly after a card number",
    );
    score.against(call, &[CardExpiry, CreditCard, Cvv], run);
    score
}

/// "Six slash two nine": a code of a card is not divided.
fn is_divided(call: &Call<'_>, run: &Run) -> bool {
    (run.first..=run.last)
        .filter_map(|pos| call.at(run.side, pos))
        .any(|it| it.reading == Reading::Symbol('/'))
}

/// "08/2026" in one token.
fn recognize_numeric_dates(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let marked = call.marked();
    for token in marked.filter(|token| token.reading == Reading::Date) {
        let mut score = Score::prior(-3.0);
        score.slot(
            call.expected(CardExpiry, token.side, token.pos, token.pos),
            5.5,
        );
        let fields = token.text.split(|c: char| !c.is_ascii_digit()).count();
        score.add_if(fields > 2, -2.0, "a date with a day");
        if score.reaches(0.5) {
            let place = (token.side, token.pos, token.pos);
            found.push(Candidate {
                value: token.text.to_owned(),
                ..Candidate::of_tokens(CardExpiry, "card_expiry", place, score)
            });
        }
    }
}

/// The first position when a month's name stands before the run.
fn with_month_name(call: &Call<'_>, run: &Run) -> (usize, bool) {
    let month = |back: usize| {
        let pos = run.first.checked_sub(back)?;
        matches!(call.at(run.side, pos)?.reading, Reading::Month(_)).then_some(pos)
    };
    let of = run.first > 0 && matches!(call.text(run.side, run.first - 1), Some("of" | "in"));
    // "Nine of twenty eight".
    let numbered = || {
        let pos = run.first.checked_sub(2).filter(|_| of)?;
        let token = call.at(run.side, pos)?;
        let number = matches!(token.reading, Reading::Unit(1..) | Reading::Teen(10..=12));
        let written = token.reading == Reading::Digits && token.text.len() < 3;
        let sound = matches!(token.reading, Reading::Homophone(sound) if sound.is_ascii_digit());
        (number || written || sound).then_some(pos)
    };
    let found = month(1).or_else(|| of.then(|| month(2)).flatten());
    match found.or_else(numbered) {
        Some(pos) => (pos, true),
        None => (run.first, false),
    }
}

/// Cards run for a few years.
fn is_soon(year: &str) -> bool {
    year.parse::<u8>()
        .is_ok_and(|year| (24..=39).contains(&year))
}

fn is_month_year(digits: &str) -> bool {
    let month = |text: &str| {
        text.parse::<u8>()
            .is_ok_and(|month| (1..=12).contains(&month))
    };
    match digits.len() {
        3 => month(&digits[..1]),
        4 => month(&digits[..2]),
        5 => month(&digits[..1]) && digits[1..].starts_with("20"),
        6 => month(&digits[..2]) && digits[2..].starts_with("20"),
        _ => false,
    }
}
