//! From the tokens of a run to its characters: "double four", "nine hundred", "b for bravo".

use super::item::is_letter;
use crate::detect::{reading::Reading, token::Token};

/// The characters of each token, in capitals; a token that merges into another gives none.
pub(super) fn decode(tokens: &[&Token], breaks: &[bool], aided: &[bool]) -> Vec<String> {
    let mut strings = Vec::with_capacity(tokens.len());
    let mut repeat = 1;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens
            .get(at + 1)
            .filter(|_| breaks.get(at + 1) == Some(&false));
        let string = match token.reading {
            Reading::Repeat(times) => {
                repeat = usize::from(times);
                strings.push(String::new());
                at += 1;
                continue;
            }
            Reading::Tens(tens) => match next.and_then(|it| unit_of(it)) {
                Some(unit) => {
                    strings.push((tens + unit).to_string());
                    at += 1;
                    String::new()
                }
                None => tens.to_string(),
            },
            Reading::Oh if aided.get(at) == Some(&true) => "O".to_owned(),
            _ => characters(
                token,
                tokens.get(at.wrapping_sub(1)).copied(),
                next.copied(),
            ),
        };
        strings.push(string.repeat(repeat));
        repeat = 1;
        at += 1;
    }
    strings
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

fn characters(token: &Token, before: Option<&Token>, next: Option<&Token>) -> String {
    let tens_follow = matches!(
        next.map(|it| it.reading),
        Some(Reading::Teen(_) | Reading::Tens(_))
    );
    match token.reading {
        Reading::Unit(value)
        | Reading::Homophone(value)
        | Reading::Teen(value)
        | Reading::Tens(value) => value.to_string(),
        Reading::Month(_) => "N".to_owned(),
        Reading::Letter(letter) | Reading::WeakLetter(letter) | Reading::Spelling(letter) => {
            letter.to_ascii_uppercase().to_string()
        }
        Reading::Oh if is_spelled(before, next) => "O".to_owned(),
        Reading::Oh => "0".to_owned(),
        // "nine hundred" before new digits is 900; "nine hundred twenty" is 920.
        Reading::Hundred if tens_follow => String::new(),
        Reading::Hundred if next.is_some_and(|it| it.pos > token.pos + 1) => "0".to_owned(),
        Reading::Hundred => "00".to_owned(),
        Reading::Thousand => match next.map(|it| it.reading) {
            Some(Reading::Teen(_) | Reading::Tens(_)) => "0".to_owned(),
            Some(Reading::Unit(_)) => "00".to_owned(),
            _ => "000".to_owned(),
        },
        _ => token
            .text
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_uppercase(),
    }
}
