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
    /// A word that recognizers write for a digit that sounds like it: "for", "ate".
    Homophone(u8),
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

/// Words of numbers and dates that a slip of one letter leaves recognizable.
pub(super) const NUMBER_WORDS: [&str; 46] = [
    "zero",
    "nought",
    "three",
    "four",
    "five",
    "seven",
    "eight",
    "nine",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "double",
    "triple",
    "treble",
    "underscore",
    "hyphen",
    "january",
    "february",
    "april",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "eighth",
    "twelfth",
    "twentieth",
    "thirtieth",
    "slash",
];

/// The reading of a lower-case token.
pub(super) fn read(text: &str) -> Reading {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Reading::Digits;
    }
    if text.bytes().any(|byte| byte.is_ascii_digit()) {
        return ordinal_digits(text).map_or(Reading::Mixed, Reading::Ordinal);
    }
    let mut letters = text.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return match letter {
            'o' => Reading::Oh,
            'a' | 'i' => Reading::WeakLetter(letter),
            letter if letter.is_ascii_alphabetic() => Reading::Letter(letter),
            _ => Reading::Word,
        };
    }
    number_word(text)
        .or_else(|| calendar_word(text))
        .or_else(|| spelling_word(text).map(Reading::Spelling))
        .or_else(|| homophone(text).map(Reading::Homophone))
        .unwrap_or(Reading::Word)
}

fn ordinal_digits(text: &str) -> Option<u8> {
    let number = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| text.strip_suffix(ending))?;
    number.parse().ok().filter(|day| (1..=31).contains(day))
}

fn number_word(text: &str) -> Option<Reading> {
    Some(match text {
        "zero" | "nought" | "naught" | "nil" | "ought" => Reading::Unit(0),
        "oh" => Reading::Oh,
        "one" => Reading::Unit(1),
        "two" => Reading::Unit(2),
        "three" => Reading::Unit(3),
        "four" => Reading::Unit(4),
        "five" => Reading::Unit(5),
        "six" => Reading::Unit(6),
        "seven" => Reading::Unit(7),
        "eight" => Reading::Unit(8),
        "nine" | "niner" => Reading::Unit(9),
        "ten" => Reading::Teen(10),
        "eleven" => Reading::Teen(11),
        "twelve" => Reading::Teen(12),
        "thirteen" => Reading::Teen(13),
        "fourteen" => Reading::Teen(14),
        "fifteen" => Reading::Teen(15),
        "sixteen" => Reading::Teen(16),
        "seventeen" => Reading::Teen(17),
        "eighteen" => Reading::Teen(18),
        "nineteen" => Reading::Teen(19),
        "twenty" => Reading::Tens(20),
        "thirty" => Reading::Tens(30),
        "forty" | "fourty" => Reading::Tens(40),
        "fifty" => Reading::Tens(50),
        "sixty" => Reading::Tens(60),
        "seventy" => Reading::Tens(70),
        "eighty" => Reading::Tens(80),
        "ninety" => Reading::Tens(90),
        "hundred" => Reading::Hundred,
        "thousand" => Reading::Thousand,
        "double" | "doble" | "dubble" | "trouble" => Reading::Repeat(2),
        "triple" | "treble" => Reading::Repeat(3),
        "quadruple" => Reading::Repeat(4),
        "dot" => Reading::Symbol('.'),
        "underscore" => Reading::Symbol('_'),
        "dash" | "hyphen" => Reading::Symbol('-'),
        "plus" => Reading::Symbol('+'),
        _ => return None,
    })
}

/// Digits as recognizers write them when they hear a word; only beside digits.
fn homophone(text: &str) -> Option<u8> {
    Some(match text {
        "owe" | "ow" => 0,
        "won" | "wan" => 1,
        "to" | "too" | "tu" => 2,
        "tree" | "free" => 3,
        "for" | "fore" | "faux" => 4,
        "fine" | "hive" | "fife" => 5,
        "sick" | "sicks" | "sex" => 6,
        "ate" => 8,
        "line" | "mine" | "nein" => 9,
        _ => return None,
    })
}

fn calendar_word(text: &str) -> Option<Reading> {
    const MONTHS: [(&str, &str); 12] = [
        ("january", "jan"),
        ("february", "feb"),
        ("march", "mar"),
        ("april", "apr"),
        ("may", "may"),
        ("june", "jun"),
        ("july", "jul"),
        ("august", "aug"),
        ("september", "sept"),
        ("october", "oct"),
        ("november", "nov"),
        ("december", "dec"),
    ];
    const ORDINALS: [&str; 20] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
    ];
    if let Some(at) = MONTHS
        .iter()
        .position(|(long, short)| text == *long || text == *short)
    {
        return u8::try_from(at + 1).ok().map(Reading::Month);
    }
    if text == "thirtieth" {
        return Some(Reading::Ordinal(30));
    }
    let at = ORDINALS.iter().position(|word| text == *word)?;
    u8::try_from(at + 1).ok().map(Reading::Ordinal)
}

/// The letter of a word of the NATO alphabet, and of the names of letters that recognizers write.
fn spelling_word(text: &str) -> Option<char> {
    Some(match text {
        "alpha" | "alfa" => 'a',
        "bravo" => 'b',
        "charlie" => 'c',
        "delta" => 'd',
        "echo" => 'e',
        "foxtrot" => 'f',
        "golf" => 'g',
        "hotel" => 'h',
        "india" => 'i',
        "juliet" | "juliett" => 'j',
        "kilo" => 'k',
        "lima" => 'l',
        "mike" => 'm',
        // November is a month, too; runs take months beside letters as letters.
        "oscar" => 'o',
        "papa" => 'p',
        "quebec" => 'q',
        "romeo" => 'r',
        "sierra" => 's',
        "tango" => 't',
        "uniform" => 'u',
        "victor" => 'v',
        "whiskey" | "whisky" => 'w',
        "xray" => 'x',
        "yankee" => 'y',
        "zulu" | "zed" | "zee" => 'z',
        "aitch" => 'h',
        "jay" => 'j',
        "kay" => 'k',
        "ess" => 's',
        "tee" => 't',
        "vee" => 'v',
        _ => return None,
    })
}
