//! Telephone numbers of companies and offices, which an agent gives out: "you can call 1-800-555-0144".
//!
//! They are told by their prefix, by who says them, and by what is said before them. Whatever the other
//! side said too, or an agent asks about, stays what it was found as.

use domain::{
    entity::EntityKind::{Other, PhoneNumber},
    transcript::Speaker,
};

use super::{call::Call, candidate::Candidate};

/// Words before a number in which it would be said whose it is.
const LEAD: usize = 8;
/// Words before a number in which it is said to be called.
const DIAL: usize = 4;

/// Prefixes that persons do not have, and how many digits such a number has.
/// Sources: NANPA (toll-free codes), Ofcom (03, 080, 084, 087), ACMA (13, 1300, 1800), ComReg (0818, 1800),
/// TRAI (1800), Bundesnetzagentur (0800, 0180); all as published in 2026.
const PREFIXES: [(&[&str], std::ops::RangeInclusive<usize>); 4] = [
    (
        &["1800", "1833", "1844", "1855", "1866", "1877", "1888"],
        11..=11,
    ),
    (&["800", "833", "844", "855", "866", "877", "888"], 10..=10),
    (
        &[
            "0300", "0303", "0330", "0333", "0345", "0370", "0800", "0808", "0818", "0844", "0845",
            "0870", "0871", "0180",
        ],
        10..=12,
    ),
    (&["1300", "1800"], 10..=11),
];

/// Leaves out the numbers of companies that only an agent says.
pub(super) fn drop_public(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let is_said_by_others = |value: &str| {
        let runs = call
            .runs
            .iter()
            .filter(|it| call.speaker(it.side) != Speaker::Internal);
        runs.into_iter().any(|run| {
            run.chars.contains(value) || (run.chars.len() > 4 && value.ends_with(&run.chars))
        })
    };
    let drop: Vec<bool> = found
        .iter()
        .map(|it| is_given_out(call, it) && !is_said_by_others(&it.value))
        .collect();
    let mut drop = drop.into_iter();
    found.retain(|_| !drop.next().unwrap_or(false));
}

fn is_given_out(call: &Call<'_>, it: &Candidate) -> bool {
    // An account number may begin so too: only what is a telephone number, or told to be called.
    let number = it.entity == PhoneNumber || (it.entity == Other && is_to_be_called(call, it));
    let says = call.speaker(it.side) == Speaker::Internal && !it.known;
    number && says && is_public(&it.value) && !is_yours(call, it)
}

/// "Call", "ring them on": right before the number.
fn is_to_be_called(call: &Call<'_>, it: &Candidate) -> bool {
    (it.first.saturating_sub(DIAL)..it.first)
        .filter_map(|pos| call.at(it.side, pos))
        .any(|token| matches!(token.text, "call" | "ring" | "dial" | "phone" | "fax"))
}

/// Whether digits begin as numbers of companies do and are as many.
fn is_public(value: &str) -> bool {
    let digits = value.bytes().all(|it| it.is_ascii_digit());
    let fits = |(prefixes, lengths): &(&[&str], std::ops::RangeInclusive<usize>)| {
        lengths.contains(&value.len()) && prefixes.iter().any(|it| value.starts_with(it))
    };
    digits && PREFIXES.iter().any(fits)
}

/// "The number I have for you is", "is that still 0800 …?"
fn is_yours(call: &Call<'_>, it: &Candidate) -> bool {
    let Some(first) = call.at(it.side, it.first) else {
        return true;
    };
    let before = (it.first.saturating_sub(LEAD)..it.first).filter_map(|pos| call.at(it.side, pos));
    let yours = before
        .filter(|token| token.phrase == first.phrase)
        .any(|token| {
            matches!(
                token.text,
                "your" | "you" | "yours" | "still" | "have" | "ihre" | "sie"
            )
        });
    let asks = (it.last..it.last + LEAD)
        .filter_map(|pos| call.at(it.side, pos))
        .take_while(|token| token.phrase == first.phrase)
        .any(|token| token.asks);
    yours || asks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_companies_are_told_by_prefix_and_length() {
        for (value, public) in [
            ("18005550144", true),
            ("8885550100", true),
            ("08001111", false),
            ("08001000480", true),
            ("1300555062", true),
            ("07700900123", false),
            ("2125550147", false),
            ("1800555014X", false),
        ] {
            assert_eq!(is_public(value), public, "{value}");
        }
    }
}
