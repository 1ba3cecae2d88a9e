//! What a single token may stand for: digits, number words, letters, months, symbols.

use domain::entity::EntityKind;

/// The reading of a token; runs decide about the ambiguous ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// An ordinary word.
    Word,
    /// Written digits.
    Digits,
    /// Zero to nine.
    Unit(u8),
    /// "oh" or "o": zero beside digits, else a sigh or a letter.
    Oh,
    /// Ten to nineteen.
    Teen(u8),
    /// Twenty to ninety.
    Tens(u8),
    Hundred,
    Thousand,
    /// "double", "triple": repeats the next digit or letter.
    Repeat(u8),
    /// A single letter.
    Letter(char),
    /// "a" or "I": a letter only beside letters.
    WeakLetter(char),
    /// A word that recognizers write for a digit or letter that sounds like it: "for", "ate", "see".
    Homophone(char),
    /// A word of a spelling alphabet.
    Spelling(char),
    /// Two to four capitals in one token: letters of an id only beside written digits.
    Capitals,
    /// Letters and digits in one token.
    Mixed,
    Month(u8),
    /// "first" to "thirty-first", or "1st".
    Ordinal(u8),
    /// Punctuation that is part of an item, written or spoken.
    Symbol(char),
    /// A numeric date in one token.
    Date,
    /// A price, percentage, clock time or quantity.
    Amount,
    Email,
    IpAddress,
    /// A mask of the source system.
    Mask(EntityKind),
}

impl Reading {
    /// The reading that a line of the data files names, such as `unit 4` or `spelling b`.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        let (name, value) = name.split_once(' ').unwrap_or((name, ""));
        let number = || value.parse().ok();
        let letter = || value.chars().next();
        Some(match name {
            "unit" => Self::Unit(number()?),
            "oh" => Self::Oh,
            "teen" => Self::Teen(number()?),
            "tens" => Self::Tens(number()?),
            "hundred" => Self::Hundred,
            "thousand" => Self::Thousand,
            "repeat" => Self::Repeat(number()?),
            "weak" => Self::WeakLetter(letter()?),
            "homophone" => Self::Homophone(letter()?),
            "spelling" => Self::Spelling(letter()?),
            "month" => Self::Month(number()?),
            "ordinal" => Self::Ordinal(number()?),
            "symbol" => Self::Symbol(letter()?),
            _ => return None,
        })
    }

    /// The reading of a lower-case token that is in no list of readings.
    pub(super) fn of_unlisted(text: &str) -> Self {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Digits;
        }
        if text.bytes().any(|byte| byte.is_ascii_digit()) {
            return ordinal_digits(text).map_or(Self::Mixed, Self::Ordinal);
        }
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter.is_ascii_alphabetic() => Self::Letter(letter),
            _ => Self::Word,
        }
    }

    /// Whether it is a number, a month or a symbol: a word with a meaning of its own in an item.
    pub(super) fn is_exact(self) -> bool {
        !matches!(self, Self::Word | Self::Spelling(_) | Self::Homophone(_))
    }
}

fn ordinal_digits(text: &str) -> Option<u8> {
    let number = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| text.strip_suffix(ending))?;
    number.parse().ok().filter(|day| (1..=31).contains(day))
}
