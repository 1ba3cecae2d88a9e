//! From the tokens of a run to its characters: "double four", "nine hundred", "b for bravo".

use super::item::is_letter;
use crate::detect::{reading::Reading, token::Token};

/// Writes the characters of all tokens, in capitals, and for each where its own end; a token that merges
/// into another gives none.
pub(super) fn decode(
    tokens: &[&Token<'_>],
    breaks: &[bool],
    aided: &[bool],
    chars: &mut String,
    ends: &mut Vec<usize>,
) {
    let mut repeat = 1;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens
            .get(at + 1)
            .filter(|_| breaks.get(at + 1) == Some(&false));
        let begin = chars.len();
        match token.reading {
            // "Double u" is one letter.
            Reading::Repeat(2) if next.is_some_and(|it| is_u(it)) => {
                ends.push(begin);
                chars.push('W');
                ends.push(chars.len());
                at += 2;
                continue;
            }
            Reading::Repeat(times) => {
                repeat = usize::from(times);
                ends.push(begin);
                at += 1;
                continue;
            }
            Reading::Tens(tens) => match next.and_then(|it| unit_of(it)) {
                Some(unit) => {
                    number(tens + unit, chars);
                    ends.push(chars.len());
                    repeat = 1;
                    at += 1;
                }
                None => number(tens, chars),
            },
            Reading::Oh if aided.get(at) == Some(&true) => chars.push('O'),
            _ => characters(
                token,
                tokens.get(at.wrapping_sub(1)).copied(),
                next.copied(),
                chars,
            ),
        }
        let end = chars.len();
        for _ in 1..repeat {
            chars.extend_from_within(begin..end);
        }
        ends.push(chars.len());
        repeat = 1;
        at += 1;
    }
}

fn number(value: u8, chars: &mut String) {
    if value >= 100 {
        chars.push(char::from(b'0' + value / 100));
    }
    if value >= 10 {
        chars.push(char::from(b'0' + value / 10 % 10));
    }
    chars.push(char::from(b'0' + value % 10));
}

fn is_u(token: &Token<'_>) -> bool {
    matches!(
        token.reading,
        Reading::Letter('u') | Reading::Homophone('u')
    )
}

/// One to nine, said or, in half formatted text, written.
fn unit_of(token: &Token) -> Option<u8> {
    match token.reading {
        Reading::Unit(unit @ 1..) => Some(unit),
        Reading::Digits if token.text.len() == 1 => token.text.parse().ok().filter(|it| *it > 0),
        _ => None,
    }
}

/// Between letters, or beside one where the spelling begins or ends.
fn is_spelled(before: Option<&Token>, next: Option<&Token>) -> bool {
    let letter = |it: &Token| is_letter(it) || matches!(it.reading, Reading::WeakLetter(_));
    let spelled = |it: &Token| letter(it) || it.reading == Reading::Oh;
    let beside = before.is_some_and(letter) || next.is_some_and(letter);
    beside && before.is_none_or(spelled) && next.is_none_or(spelled)
}

fn characters(
    token: &Token<'_>,
    before: Option<&Token<'_>>,
    next: Option<&Token<'_>>,
    chars: &mut String,
) {
    let tens_follow = matches!(
        next.map(|it| it.reading),
        Some(Reading::Teen(_) | Reading::Tens(_))
    );
    match token.reading {
        Reading::Unit(value) | Reading::Teen(value) | Reading::Tens(value) => number(value, chars),
        Reading::Homophone(sound) => chars.push(sound.to_ascii_uppercase()),
        Reading::Month(_) => chars.push('N'),
        Reading::Letter(letter) | Reading::WeakLetter(letter) | Reading::Spelling(letter) => {
            chars.push(letter.to_ascii_uppercase());
        }
        Reading::Oh if is_spelled(before, next) => chars.push('O'),
        Reading::Oh => chars.push('0'),
        // "nine hundred" before new digits is 900; "nine hundred twenty" is 920.
        Reading::Hundred if tens_follow => {}
        Reading::Hundred if next.is_some_and(|it| it.pos > token.pos + 1) => chars.push('0'),
        Reading::Hundred => chars.push_str("00"),
        Reading::Thousand => chars.push_str(match next.map(|it| it.reading) {
            Some(Reading::Teen(_) | Reading::Tens(_)) => "0",
            Some(Reading::Unit(_)) => "00",
            _ => "000",
        }),
        _ => {
            let plain = token.text.chars().filter(char::is_ascii_alphanumeric);
            chars.extend(plain.map(|it| it.to_ascii_uppercase()));
        }
    }
}
