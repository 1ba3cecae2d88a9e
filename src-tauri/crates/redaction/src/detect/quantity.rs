//! Quantities: a spoken cardinal with a unit of measure, such as "forty two pounds sixty".
//!
//! They look like the digits of an id, so their tokens are taken out before runs are made.

use domain::entity::EntityKind;

use super::{
    call::Call,
    lexicon::{Announced, Classes, Role},
    reading::Reading,
    token::Token,
};

/// Longest spoken cardinal in tokens: "one hundred and forty two thousand five hundred and six".
const MAX_CARDINAL: usize = 11;

/// For each token, whether it is part of a quantity.
pub(super) fn find_quantities(call: &Call<'_>) -> Vec<bool> {
    let mut marked = vec![false; call.tokens.len()];
    for token in call.tokens_of(Classes::MEASURE) {
        // "Valid until ten twenty nine" announces the date of a card.
        let announces = announces_expiry(call, token);
        if token.has(Role::YearLead) && !announces {
            mark_year(call, token, &mut marked);
            continue;
        }
        if !announces {
            mark_clock_time(call, token, &mut marked);
        }
        mark_service(call, token, &mut marked);
        let unit = call.phrase_len(Role::Measure, token.side, token.pos);
        if unit == 0 {
            continue;
        }
        let Some(first) = cardinal_before(call, token) else {
            continue;
        };
        let last = small_change(call, token, unit);
        for pos in first..=last {
            if let Some(mark) = marked.get_mut(call.index(token.side, pos)) {
                *mark = true;
            }
        }
    }
    marked
}

/// Whether a word is the last of one that announces an expiry date.
fn announces_expiry(call: &Call<'_>, token: &Token<'_>) -> bool {
    let index = call.index(token.side, token.pos);
    let at = call.cues.partition_point(|cue| cue.token < index);
    let own = call
        .cues
        .iter()
        .skip(at)
        .take_while(|cue| cue.token == index);
    own.into_iter()
        .any(|cue| cue.announced == Announced::Item(EntityKind::CardExpiry))
}

/// "At seven fifteen", "until 8 30": an hour and minutes behind such a word, and nothing of a street.
fn mark_clock_time(call: &Call<'_>, lead: &Token, marked: &mut [bool]) {
    if !lead.has(Role::Clock) {
        return;
    }
    let at = |offset: usize| {
        call.at(lead.side, lead.pos + offset)
            .filter(|it| it.phrase == lead.phrase)
    };
    let reading = |offset: usize| at(offset).map(|it| it.reading);
    let hour = matches!(
        reading(1),
        Some(Reading::Unit(1..) | Reading::Teen(10..=12))
    );
    let written = at(1).is_some_and(is_clock);
    let len = match (reading(2), reading(3)) {
        _ if written => 1,
        (Some(Reading::Tens(20..=50)), Some(Reading::Unit(1..))) if hour => 3,
        (Some(Reading::Oh), Some(Reading::Unit(1..))) if hour => 3,
        (Some(Reading::Tens(20..=50) | Reading::Teen(_)), _) if hour => 2,
        _ => return,
    };
    let ends = at(len + 1).is_none_or(|it| it.has(Role::Stop));
    let sentence = at(len).is_some_and(|it| it.ends_sentence);
    for offset in 1..=len {
        let index = call.index(lead.side, lead.pos + offset);
        if let Some(mark) = marked.get_mut(index).filter(|_| ends || sentence) {
            *mark = true;
        }
    }
}

/// "Ring nine nine nine": a public service, written or said digit by digit.
fn mark_service(call: &Call<'_>, lead: &Token<'_>, marked: &mut [bool]) {
    let at = |offset: usize| {
        call.at(lead.side, lead.pos + offset)
            .filter(|it| it.phrase == lead.phrase)
    };
    if !lead.has(Role::Dial) || lead.ends_sentence {
        return;
    }
    let written = at(1).is_some_and(|it| it.has(Role::ServiceNumber));
    let digit = |it: &Token<'_>| match it.reading {
        Reading::Unit(digit) => Some(char::from(b'0' + digit)),
        Reading::Oh => Some('0'),
        Reading::Homophone(sound) => Some(sound),
        _ => None,
    };
    let said: String = (1..=3).filter_map(at).filter_map(digit).collect();
    let known = call.lexicon.known(&said);
    let said = known.is_some_and(|it| it.roles.has(Role::ServiceNumber));
    let len = match (written, said) {
        (true, _) => 1,
        (_, true) => 3,
        _ => return,
    };
    let goes_on = at(len + 1).is_some_and(|it| is_number(it) && !it.has(Role::Stop));
    for offset in 1..=len {
        let index = call.index(lead.side, lead.pos + offset);
        if let Some(mark) = marked.get_mut(index).filter(|_| !goes_on) {
            *mark = true;
        }
    }
}

/// "715" or "1030".
fn is_clock(token: &Token) -> bool {
    let digits = token.reading == Reading::Digits && matches!(token.text.len(), 3 | 4);
    let number: Option<u32> = token.text.parse().ok().filter(|_| digits);
    number.is_some_and(|it| (1..=12).contains(&(it / 100)) && it % 100 < 60 && it % 5 == 0)
}

/// "Since nineteen ninety eight".
fn mark_year(call: &Call<'_>, since: &Token, marked: &mut [bool]) {
    for pos in since.pos + 1..=since.pos + 5 {
        let Some(token) = call
            .at(since.side, pos)
            .filter(|it| it.phrase == since.phrase)
        else {
            return;
        };
        let whole = call
            .at(since.side, pos + 1)
            .is_none_or(|it| it.word != token.word);
        if (!is_number(token) && token.text != "and") || !whole {
            // "10/2029" is a month and a year.
            return;
        }
        if let Some(mark) = marked.get_mut(call.index(since.side, pos)) {
            *mark = true;
        }
    }
}

/// Where the cardinal right before the unit begins, if all the numbers there make one cardinal.
fn cardinal_before(call: &Call<'_>, unit: &Token) -> Option<usize> {
    let mut first = unit.pos;
    while let Some(before) = first.checked_sub(1).and_then(|pos| call.at(unit.side, pos)) {
        let part = is_number(before) || matches!(before.text, "and" | "point" | "a");
        if !part || before.ends_sentence || call.is_cue(before) {
            break;
        }
        first = before.pos;
        if unit.pos - first > MAX_CARDINAL {
            return None;
        }
    }
    let tokens: Vec<&Token> = (first..unit.pos)
        .filter_map(|pos| call.at(unit.side, pos))
        .collect();
    let from = tokens.iter().position(|it| is_number(it))?;
    is_cardinal(tokens.get(from..)?).then_some(first + from)
}

fn is_number(token: &Token) -> bool {
    matches!(
        token.reading,
        Reading::Digits
            | Reading::Unit(_)
            | Reading::Oh
            | Reading::Teen(_)
            | Reading::Tens(_)
            | Reading::Hundred
            | Reading::Thousand
            | Reading::Repeat(_)
    )
}

/// Digits read one by one are no cardinal; "forty nine ninety nine" is one, as prices go.
fn is_cardinal(tokens: &[&Token]) -> bool {
    let mut readings = tokens.iter().filter(|it| it.text != "and").map(|it| {
        if it.text == "point" {
            None
        } else {
            Some(it.reading)
        }
    });
    let mut before = None;
    let mut fraction = false;
    readings.all(|reading| {
        let Some(reading) = reading else {
            fraction = true;
            return true;
        };
        let fits = fraction || follows(before, reading);
        before = Some(reading);
        fits
    })
}

fn follows(before: Option<Reading>, reading: Reading) -> bool {
    use Reading::{Digits, Hundred, Teen, Tens, Thousand, Unit};
    match (before, reading) {
        (None, Digits | Unit(_) | Teen(_) | Tens(_) | Hundred | Thousand)
        | (Some(Hundred | Thousand), Unit(_) | Teen(_) | Tens(_) | Hundred | Thousand)
        | (Some(Unit(_) | Teen(_) | Tens(_) | Digits), Hundred | Thousand)
        | (Some(Teen(_)), Tens(_) | Teen(_))
        | (Some(Tens(_)), Unit(_) | Tens(_) | Teen(_))
        // "Three fifty a month", "one nineteen ninety nine": the small part of a price.
        | (Some(Unit(_)), Tens(_) | Teen(_)) => true,
        _ => false,
    }
}

/// The position of the last token: "pounds sixty", "dollars and twenty" end with the small part.
fn small_change(call: &Call<'_>, unit: &Token, len: usize) -> usize {
    let last = unit.pos + len - 1;
    if !unit.has(Role::Currency) || unit.ends_sentence {
        return last;
    }
    let at = |offset: usize| call.at(unit.side, last + offset);
    let and = usize::from(at(1).is_some_and(|it| it.text == "and"));
    let number = |offset: usize| at(offset).filter(|it| is_number(it)).map(|it| it.reading);
    let part = match (number(and + 1), number(and + 2)) {
        (Some(Reading::Tens(_)), Some(Reading::Unit(_))) => 2,
        (Some(Reading::Tens(_) | Reading::Teen(_) | Reading::Unit(_) | Reading::Digits), None) => 1,
        _ => return last,
    };
    if number(and + part + 1).is_some() {
        last
    } else {
        last + and + part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        detect::{lexicon::Lexicon, token::scan},
        knowledge::CaseKnowledge,
        text::transcript_of,
    };

    /// The words of a text that belong to quantities.
    fn quantities(text: &str) -> String {
        let transcript = transcript_of(text);
        let knowledge = CaseKnowledge::default();
        let lexicon = Lexicon::get();
        let scanned = scan(&transcript, lexicon);
        let call = Call::new(&transcript, &scanned, lexicon, &knowledge);
        let words = call.tokens.iter().filter(|it| call.is_quantity(it));
        words.map(|it| it.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_cardinal_with_its_unit_is_a_quantity() {
        for (text, expected) in [
            (
                "forty two pounds sixty on the twenty eighth",
                "forty two pounds sixty",
            ),
            (
                "a total of 19 dollars and 99 cents",
                "19 dollars and 99 cents",
            ),
            (
                "one hundred and twenty five minutes",
                "one hundred and twenty five minutes",
            ),
            (
                "forty nine ninety nine a month",
                "forty nine ninety nine a month",
            ),
            ("three point five percent", "three point five percent"),
            ("at half past nine p m", "nine p m"),
            ("it leaves at seven fifteen from here", "seven fifteen"),
            ("we are open until 830", "830"),
            ("i live at seven fifteen maple street", ""),
            (
                "a customer since nineteen ninety eight that is long",
                "nineteen ninety eight",
            ),
        ] {
            assert_eq!(quantities(text), expected);
        }
    }

    #[test]
    fn digits_read_one_by_one_are_not() {
        assert_eq!(
            quantities("my number is one two three four five six days"),
            ""
        );
        assert_eq!(quantities("oh seven seven double oh"), "");
        // The next number begins an id of its own.
        assert_eq!(quantities("five pounds one two three four"), "five pounds");
    }
}
