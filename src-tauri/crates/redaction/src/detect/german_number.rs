//! German numbers said as one word: "neunzehnhundertzweiundachtzig", "zweitausendeins", "hundertelf".

const UNITS: [(&str, u32); 12] = [
    ("ein", 1),
    ("eins", 1),
    ("zwei", 2),
    ("zwo", 2),
    ("drei", 3),
    ("vier", 4),
    ("fünf", 5),
    ("sechs", 6),
    ("sieben", 7),
    ("acht", 8),
    ("neun", 9),
    ("null", 0),
];
const TEENS: [(&str, u32); 10] = [
    ("zehn", 10),
    ("elf", 11),
    ("zwölf", 12),
    ("dreizehn", 13),
    ("vierzehn", 14),
    ("fünfzehn", 15),
    ("sechzehn", 16),
    ("siebzehn", 17),
    ("achtzehn", 18),
    ("neunzehn", 19),
];
const TENS: [(&str, u32); 9] = [
    ("zwanzig", 20),
    ("dreißig", 30),
    ("dreissig", 30),
    ("vierzig", 40),
    ("fünfzig", 50),
    ("sechzig", 60),
    ("siebzig", 70),
    ("achtzig", 80),
    ("neunzig", 90),
];

/// The value of a number with hundreds or thousands; smaller ones are in the data files.
pub(super) fn value_of(word: &str) -> Option<u32> {
    let large = word.contains("hundert") || word.contains("tausend");
    large
        .then(|| word.replace("ue", "ü"))
        .and_then(|it| thousands(&it))
}

fn thousands(word: &str) -> Option<u32> {
    let Some((head, rest)) = word.split_once("tausend") else {
        return hundreds(word);
    };
    Some(count(head)? * 1000 + rest_of(rest, hundreds)?)
}

fn hundreds(word: &str) -> Option<u32> {
    let Some((head, rest)) = word.split_once("hundert") else {
        return below_hundred(word);
    };
    Some(count(head)? * 100 + rest_of(rest, below_hundred)?)
}

/// What stands before "hundert" or "tausend"; nothing is one.
fn count(word: &str) -> Option<u32> {
    if word.is_empty() {
        Some(1)
    } else {
        below_hundred(word)
    }
}

fn rest_of(word: &str, value: impl Fn(&str) -> Option<u32>) -> Option<u32> {
    let word = word.strip_prefix("und").unwrap_or(word);
    if word.is_empty() {
        Some(0)
    } else {
        value(word)
    }
}

fn below_hundred(word: &str) -> Option<u32> {
    let find = |list: &[(&str, u32)], word: &str| {
        let found = list.iter().find(|it| it.0 == word);
        found.map(|it| it.1)
    };
    let small = find(&UNITS, word)
        .or_else(|| find(&TEENS, word))
        .or_else(|| find(&TENS, word));
    small.or_else(|| {
        let (unit, tens) = word.split_once("und")?;
        Some(find(&UNITS, unit)? + find(&TENS, tens)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_one_word_have_a_value() {
        for (word, value) in [
            ("neunzehnhundertzweiundachtzig", Some(1982)),
            ("neunzehnhundertfuenfundsiebzig", Some(1975)),
            ("zweitausendeins", Some(2001)),
            ("hundertelf", Some(111)),
            ("vierhundertzwölf", Some(412)),
            ("zweiunddreißigtausend", Some(32_000)),
            ("hundertprozentig", None),
            ("tausendsassa", None),
            ("zwölf", None),
        ] {
            assert_eq!(value_of(word), value, "{word}");
        }
    }
}
