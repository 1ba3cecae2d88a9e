//! Dates of birth: dates in any spoken order, where a birth is spoken of.

mod again;
mod answer;

use domain::entity::EntityKind::{CardExpiry, DateOfBirth};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    reading::Reading,
    run::Run,
    token::Token,
};

/// Longest pause inside a date.
const MAX_PAUSE_MS: u64 = 3_000;

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for token in call.marked() {
        let span = match token.reading {
            Reading::Month(_) => around_month(call, token),
            Reading::Date => Some((token.pos, token.pos, numeric_date(token.text))),
            _ => None,
        };
        if let Some((first, last, form)) = span {
            push(call, (token.side, first, last), form, "", found);
        }
    }
    for run in &call.runs {
        let (form, first) = digits_form(call, run);
        if let Some(form) = form {
            push(call, (run.side, first, run.last), form, &run.chars, found);
        }
    }
    answer::answers(call, found);
    again::again(call, found);
}

/// How much of a date was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// A day and a month.
    WithoutYear,
    /// Four or five digits that can be a date.
    FewDigits,
    /// Day and month as ordinals, then two digits.
    OrdinalDigits,
    /// Six to eight digits.
    Digits,
    WithYear,
    /// Day, month and a year in which callers are born.
    Birth,
}

impl Form {
    fn strength(self) -> f32 {
        match self {
            Self::WithoutYear => 0.2,
            Self::FewDigits => 0.5,
            Self::OrdinalDigits => 0.8,
            Self::Digits => 1.0,
            Self::WithYear => 1.2,
            Self::Birth => 5.6,
        }
    }
}

fn push(
    call: &Call<'_>,
    (side, first, last): (usize, usize, usize),
    form: Form,
    value: &str,
    found: &mut Vec<Candidate>,
) {
    let context = call.around(side, first, last);
    let expected = context.expected(DateOfBirth);
    // "The fourth of June" begins with its article.
    let article = first > 0 && call.text(side, first - 1) == Some("the");
    let first = first - usize::from(article);
    let context = if article {
        call.around(side, first, last)
    } else {
        context
    };
    let mut score = Score::prior(-3.2);
    score.slot(expected, 5.6);
    let whole = form == Form::Birth;
    score.add(
        form.strength(),
        if whole {
            "day, month and a year of birth"
        } else {
            "a date"
        },
    );
    let unrelated = context.unrelated();
    score.add_if(
        unrelated > expected,
        -4.0 * (unrelated - expected),
        "another date is meant",
    );
    let rival = context.expected(CardExpiry);
    score.add_if(
        rival > expected && !whole,
        -2.5 * (rival - expected),
        "an expiry date is expected",
    );
    if !score.reaches(0.3) {
        return;
    }
    let place = (side, first, last);
    found.push(Candidate {
        value: value.to_owned(),
        ..Candidate::of_tokens(DateOfBirth, "date_of_birth", place, score)
    });
}

/// A date said in digits alone, such as "oh three fourteen eighty two", or "the fourteenth of the
/// third eighty two"; and where it begins.
fn digits_form(call: &Call<'_>, run: &Run) -> (Option<Form>, usize) {
    let quantity = |&at: &usize| call.tokens[at].reading == Reading::Hundred;
    if run.letter_count() > 0 || run.items.iter().any(quantity) {
        return (None, run.first);
    }
    let (first, ordinals) = with_ordinals_before(call, run);
    let form_of = |digits: &str| match digits.len() {
        2 | 4 if ordinals > 1 && is_short_birth_year(digits) => Some(Form::Birth),
        7 | 8 if is_birth_year(&digits[digits.len() - 4..]) => Some(Form::Birth),
        6..=8 => Some(Form::Digits),
        4 | 5 => Some(Form::FewDigits),
        2 if first < run.first => Some(Form::OrdinalDigits),
        _ => None,
    };
    (run.variants().filter_map(form_of).max(), first)
}

/// "24/01/2006" or "1966-01-24".
fn numeric_date(text: &str) -> Form {
    let fields: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).collect();
    // "4/30/81": years up to 29 may be those of a card or a contract.
    let short = |it: &&str| it.len() == 2 && is_short_birth_year(it) && **it >= *"30";
    if fields.iter().any(|it| is_birth_year(it)) || fields.last().is_some_and(short) {
        Form::Birth
    } else {
        Form::WithYear
    }
}

/// A year in which somebody who calls was born.
fn is_birth_year(text: &str) -> bool {
    let year: u32 = text.parse().unwrap_or(0);
    (1915..=2012).contains(&year)
}

/// Takes in "the fourteenth of the third" before a year.
fn with_ordinals_before(call: &Call<'_>, run: &Run) -> (usize, usize) {
    let (mut first, mut ordinals) = (run.first, 0);
    let mut pos = run.first;
    while let Some(before) = pos.checked_sub(1).and_then(|pos| call.at(run.side, pos)) {
        match before.reading {
            Reading::Ordinal(_) => (first, ordinals) = (before.pos, ordinals + 1),
            Reading::Tens(_) => first = before.pos,
            Reading::Word if matches!(before.text, "of" | "the") => {}
            _ => break,
        }
        pos = before.pos;
    }
    (first, ordinals)
}

/// The date around a month's name: day before or behind, year behind; `None` for a bare month.
fn around_month(call: &Call<'_>, month: &Token) -> Option<(usize, usize, Form)> {
    let (side, pos) = (month.side, month.pos);
    let (first, day_before) = day_before(call, side, pos);
    let (mut last, day_behind) = day_behind(call, side, pos, day_before);
    let year_from = skip(call, side, last + 1, &["of", "in", "um", "uh", "and"]);
    let year = year_len(call, side, year_from);
    if year > 0 {
        last = year_from + year - 1;
    }
    let day = day_before || day_behind;
    let form = match year {
        0 => Form::WithoutYear,
        _ if day && is_year_of_birth(call, side, year_from) => Form::Birth,
        _ => Form::WithYear,
    };
    (day || year > 0).then_some((first, last, form))
}

/// Whether the year at a position is one in which callers are born: "nineteen sixty", "two thousand and
/// four", "82".
fn is_year_of_birth(call: &Call<'_>, side: usize, pos: usize) -> bool {
    let Some(token) = call.at(side, pos) else {
        return false;
    };
    let next = call.at(side, pos + 1).map(|it| it.reading);
    match token.reading {
        Reading::Teen(19) | Reading::Tens(40..) => true,
        Reading::Unit(2) => next == Some(Reading::Thousand),
        Reading::Digits => is_short_birth_year(token.text),
        _ => false,
    }
}

/// "1982" or "82".
fn is_short_birth_year(text: &str) -> bool {
    is_birth_year(text) || (text.len() == 2 && is_birth_year(&format!("19{text}")))
}

fn day_before(call: &Call<'_>, side: usize, pos: usize) -> (usize, bool) {
    let mut first = pos;
    while first > 0 && matches!(call.text(side, first - 1), Some("of" | "the")) {
        first -= 1;
    }
    let is_day = |token: &Token| {
        matches!(
            token.reading,
            Reading::Ordinal(_) | Reading::Unit(_) | Reading::Teen(_) | Reading::Tens(_)
        ) || (token.reading == Reading::Digits && token.text.len() <= 2)
    };
    let Some(day) = first
        .checked_sub(1)
        .and_then(|at| call.at(side, at))
        .filter(|token| is_day(token) && is_near(call, token, side, pos))
    else {
        return (pos, false);
    };
    let tens = day.pos.checked_sub(1).and_then(|at| call.at(side, at));
    let first = tens
        .filter(|token| matches!(token.reading, Reading::Tens(_)))
        .map_or(day.pos, |token| token.pos);
    (first, true)
}

/// Whether a token belongs to the same turn as a position.
fn is_near(call: &Call<'_>, token: &Token, side: usize, pos: usize) -> bool {
    call.at(side, pos).is_some_and(|month| {
        month.phrase == token.phrase && month.start_ms.saturating_sub(token.end_ms) <= MAX_PAUSE_MS
    })
}

/// A day behind the month: "March fourteenth", "March the twenty first", "March 14".
fn day_behind(call: &Call<'_>, side: usize, pos: usize, day_before: bool) -> (usize, bool) {
    let at = skip(call, side, pos + 1, &["the"]);
    let Some(token) = call.at(side, at) else {
        return (pos, false);
    };
    let next = call.at(side, at + 1).map(|it| it.reading);
    match token.reading {
        Reading::Ordinal(_) => (at, true),
        Reading::Tens(20 | 30) if matches!(next, Some(Reading::Ordinal(_))) => (at + 1, true),
        _ if day_before => (pos, false),
        Reading::Tens(20 | 30)
            if matches!(next, Some(Reading::Unit(_) | Reading::Homophone(_))) =>
        {
            (at + 1, true)
        }
        Reading::Digits if token.text.len() <= 2 => (at, true),
        // "March nineteen eighty two" has no day, "March twelve nineteen eighty two" has one.
        Reading::Unit(_) | Reading::Teen(_) | Reading::Tens(20 | 30)
            if year_len(call, side, at + 1) > 1 || matches!(next, Some(Reading::Digits)) =>
        {
            (at, true)
        }
        Reading::Unit(_) => (at, true),
        _ => (pos, false),
    }
}

fn skip(call: &Call<'_>, side: usize, from: usize, words: &[&str]) -> usize {
    let mut pos = from;
    while pos < from + 3
        && call
            .text(side, pos)
            .is_some_and(|text| words.contains(&text))
    {
        pos += 1;
    }
    pos
}

/// Tokens of a year: "1982", "82", "nineteen eighty two", "two thousand and five", "eighty two".
fn year_len(call: &Call<'_>, side: usize, pos: usize) -> usize {
    let reading = |offset: usize| call.at(side, pos + offset).map(|it| it.reading);
    let digits = call
        .at(side, pos)
        .filter(|it| it.reading == Reading::Digits)
        .map(|it| it.text.len());
    if let Some(2 | 4) = digits {
        return 1;
    }
    // Half formatted: "forty 6", "nineteen 82".
    let half = call
        .at(side, pos + 1)
        .filter(|it| it.reading == Reading::Digits);
    let half = half.map_or(0, |it| it.text.len());
    if matches!(
        (reading(0), half),
        (Some(Reading::Tens(30..)), 1) | (Some(Reading::Teen(19) | Reading::Tens(20)), 2)
    ) {
        return 2;
    }
    let two_digits = |from: usize| match (reading(from), reading(from + 1)) {
        (Some(Reading::Tens(_)), Some(Reading::Unit(1..))) => 2,
        (Some(Reading::Oh), Some(Reading::Unit(_))) => 2,
        (Some(Reading::Tens(_) | Reading::Teen(_)), _) => 1,
        _ => 0,
    };
    match reading(0) {
        Some(Reading::Teen(19) | Reading::Tens(20)) if two_digits(1) > 0 => 1 + two_digits(1),
        Some(Reading::Teen(19)) if reading(1) == Some(Reading::Hundred) => {
            2 + skip(call, side, pos + 2, &["and"]) - (pos + 2)
                + two_digits(skip(call, side, pos + 2, &["and"]) - pos)
        }
        Some(Reading::Unit(2)) if reading(1) == Some(Reading::Thousand) => {
            let from = skip(call, side, pos + 2, &["and"]) - pos;
            let unit = usize::from(matches!(reading(from), Some(Reading::Unit(_))));
            if two_digits(from).max(unit) > 0 {
                from + two_digits(from).max(unit)
            } else {
                2
            }
        }
        Some(Reading::Tens(30..)) => two_digits(0),
        _ => 0,
    }
}
