//! First pass over the words: pieces with their entries, every distinct word looked up once.

use std::{borrow::Cow, collections::HashMap};

use domain::transcript::{Transcript, Word};

use super::form::{mask, whole_number_form};
use crate::detect::{
    hash::Mixed,
    lexicon::{Entry, Lexicon, Role},
    reading::Reading,
};

/// Punctuation that says something about a word: what is left of prices, masks and numbers.
const TELLING: &str = "+*#[]<>$";
/// Longer words that tell how a transcript is written.
const LOOKED_AT: usize = 200;
/// Most tokens of one word; a longer one is no id.
const MAX_PARTS: usize = 200;

/// A part of a word, before it has a place in the call.
#[derive(Debug)]
pub(in crate::detect) struct Piece<'t> {
    /// The text where the transcript has it as it is needed.
    pub(super) text: Option<&'t str>,
    source: Source,
    pub(super) word: u32,
    pub(super) reading: Reading,
    /// Which part of how many.
    pub(super) part: u8,
    pub(super) parts: u8,
    pub(super) title: bool,
    pub(super) ends_sentence: bool,
    pub(super) asks: bool,
    pub(super) comma: bool,
}

impl Piece<'_> {
    /// Its share of the time of its word.
    pub(super) fn time_of(&self, word: &Word) -> (u64, u64) {
        let length = word.end_ms.saturating_sub(word.start_ms);
        if self.parts == 1 {
            return (word.start_ms, word.start_ms + length);
        }
        let share = |part: u8| length * u64::from(part) / u64::from(self.parts);
        let (begin, end) = (share(self.part), share(self.part + 1));
        (word.start_ms + begin, word.start_ms + end)
    }
}

/// Where the entry of a piece is.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// In the lexicon.
    Known(u32),
    /// Among the words of this call.
    Own(u32),
}

/// The pieces of a transcript and the words that no list has.
pub(in crate::detect) struct Scanned<'t> {
    pub(super) pieces: Vec<Piece<'t>>,
    own: Vec<Entry>,
}

impl Scanned<'_> {
    pub(super) fn entry(&self, piece: &Piece<'_>, lexicon: &'static Lexicon) -> Option<&Entry> {
        match piece.source {
            Source::Known(id) => lexicon.entry(id),
            Source::Own(at) => self.own.get(at as usize),
        }
    }
}

/// Takes every word of a transcript apart.
pub(in crate::detect) fn scan<'t>(transcript: &'t Transcript, lexicon: &Lexicon) -> Scanned<'t> {
    let mut scanner = Scanner {
        lexicon,
        scanned: Scanned {
            pieces: Vec::with_capacity(transcript.words.len() * 9 / 8 + 16),
            own: vec![],
        },
        own: HashMap::default(),
        lower: String::new(),
        number: None,
        begins: true,
        phrase: None,
        capitals: is_in_capitals(transcript),
    };
    for (at, word) in (0_u32..).zip(&transcript.words) {
        scanner.word(at, word);
    }
    scanner.scanned
}

struct Scanner<'t, 'l> {
    lexicon: &'l Lexicon,
    scanned: Scanned<'t>,
    /// Words of this call that no list has, and what was found for them.
    own: HashMap<Box<str>, (Source, Reading), Mixed>,
    /// The word at hand in lower case; kept for its memory.
    lower: String,
    /// The entry of numbers.
    number: Option<Source>,
    /// Whether a sentence or phrase begins with the word at hand.
    begins: bool,
    phrase: Option<u32>,
    /// The whole transcript is in capitals, which then say nothing.
    capitals: bool,
}

/// What a word's punctuation and capitals say.
#[derive(Clone, Copy)]
struct Marks {
    title: bool,
    ends_sentence: bool,
    asks: bool,
    comma: bool,
}

impl<'t> Scanner<'t, '_> {
    fn word(&mut self, at: u32, word: &'t Word) {
        let raw = trim(word.text.reveal());
        let plain = without_marks(raw);
        self.begins |= self.phrase.replace(word.phrase) != Some(word.phrase);
        let form = form_of(plain);
        match form {
            Form::Digits => {
                let source = self.digits(plain);
                let marks = marks_behind(raw, plain);
                self.push(at, Some(plain), source, Reading::Digits, (0, 1), marks);
            }
            Form::Letters { small } => self.plain(at, raw, plain, small),
            Form::Composite => self.composite(at, raw),
        }
    }

    /// A word of ASCII letters, as nearly all are.
    fn plain(&mut self, at: u32, raw: &'t str, plain: &'t str, small: bool) {
        let mut lower = std::mem::take(&mut self.lower);
        let text = if small {
            plain
        } else {
            lower.clear();
            lower.push_str(plain);
            lower.make_ascii_lowercase();
            &lower
        };
        let capitals = !small && is_capitals(plain) && !self.capitals;
        // A capital inside a sentence begins a name, and names are no slips.
        let name = !self.begins
            && !self.capitals
            && plain
                .bytes()
                .next()
                .is_some_and(|it| it.is_ascii_uppercase());
        let (source, reading) = self.look_up(text, !capitals && !name);
        let mut marks = marks_behind(raw, plain);
        // "Dr.", "St.": the word goes on.
        let short = |source| match source {
            Source::Known(id) => self
                .lexicon
                .entry(id)
                .is_some_and(|it| it.roles.has(Role::Abbreviation)),
            Source::Own(_) => false,
        };
        marks.ends_sentence = marks.ends_sentence && (marks.asks || !short(source));
        self.lower = lower;
        let reading = match reading {
            Reading::Word if capitals => Reading::Capitals,
            reading => reading,
        };
        self.push(at, None, source, reading, (0, 1), marks);
    }

    /// Digits that no phrase has share one entry: their text stays in the transcript.
    fn digits(&mut self, text: &str) -> Source {
        match (self.lexicon.known(text), self.number) {
            (Some(known), _) => Source::Known(known.id()),
            (None, Some(number)) => number,
            (None, None) => {
                let (source, _) = self.look_up("0000", false);
                self.number = Some(source);
                source
            }
        }
    }

    /// Anything else: ids, prices, dates, addresses, words of other alphabets.
    fn composite(&mut self, at: u32, raw: &str) {
        let raw: Cow<'_, str> = if raw.contains(['\u{2019}', '\u{2018}']) {
            raw.replace(['\u{2019}', '\u{2018}'], "'").into()
        } else {
            raw.into()
        };
        let core = raw.trim_matches(|c: char| c.is_ascii_punctuation() && !TELLING.contains(c));
        let core = core.trim_end_matches('$').trim_start_matches('#');
        let marks = marks(&raw, core);
        let parts = self.parts_of(core);
        let count = parts.len().clamp(1, MAX_PARTS);
        for (part, (text, reading)) in parts.into_iter().take(MAX_PARTS).enumerate() {
            let last = part + 1 == count;
            let corrected = reading.is_none_or(|it| it == Reading::Word);
            let (source, found) = self.look_up(&text, corrected);
            let marks = Marks {
                ends_sentence: last && marks.ends_sentence,
                asks: last && marks.asks,
                comma: last && marks.comma,
                ..marks
            };
            let place = (part as u8, count as u8);
            self.push(at, None, source, reading.unwrap_or(found), place, marks);
        }
    }

    /// The tokens of one word; a reading where the form decides about it.
    fn parts_of(&self, core: &str) -> Vec<(String, Option<Reading>)> {
        let lower = core.to_lowercase();
        if let Some(kind) = mask(core) {
            return vec![(lower, Some(Reading::Mask(kind)))];
        }
        if lower.contains('@') && lower.len() > 2 {
            return vec![(lower, Some(Reading::Email))];
        }
        if let Some(reading) = whole_number_form(&lower) {
            return vec![(lower, Some(reading))];
        }
        if is_capitals(core) && !self.capitals && self.plain_reading(core) == Reading::Word {
            return vec![(lower, Some(Reading::Capitals))];
        }
        if lower == "e-mail" {
            return vec![("email".to_owned(), None)];
        }
        // "AC-897-476": letters beside digits are part of an id.
        let id = lower.bytes().any(|byte| byte.is_ascii_digit());
        let mut parts = Vec::new();
        for piece in lower.split_inclusive(|c: char| !(c.is_alphanumeric() || c == '\'')) {
            let text = piece.trim_end_matches(|c: char| !(c.is_alphanumeric() || c == '\''));
            if !text.is_empty() {
                let letters = id && text.len() <= 4 && self.plain_reading(text) == Reading::Word;
                parts.push((text.to_owned(), letters.then_some(Reading::Capitals)));
            }
            match piece.chars().last() {
                Some(symbol @ ('.' | '_' | '+')) if piece.len() > text.len() => {
                    parts.push((symbol.to_string(), Some(Reading::Symbol(symbol))));
                }
                _ => {}
            }
        }
        parts
    }

    /// The reading of a word without a look at slips.
    fn plain_reading(&self, word: &str) -> Reading {
        let lower = word.to_lowercase();
        let known = self.lexicon.known(&lower);
        known.map_or_else(|| Reading::of_unlisted(&lower), |it| it.reading)
    }

    /// The entry of a lower-case word; one that is nobody's word but a slip away from one that rules
    /// go by is `corrected`: "pasword", "sixten", "adress".
    fn look_up(&mut self, text: &str, corrected: bool) -> (Source, Reading) {
        if let Some(known) = self
            .lexicon
            .known(text)
            .or_else(|| self.without_accents(text))
        {
            let unheard_of = corrected && known.is_unheard_of();
            let meant = unheard_of.then(|| self.lexicon.meant(known)).flatten();
            let entry = meant.unwrap_or(known);
            return (Source::Known(entry.id()), entry.reading);
        }
        if corrected && let Some(found) = self.own.get(text) {
            return *found;
        }
        let entry = self.lexicon.unlisted(text);
        let meant = if corrected && entry.reading == Reading::Word {
            self.lexicon.meant(&entry)
        } else {
            None
        };
        let found = match meant {
            Some(meant) => (Source::Known(meant.id()), meant.reading),
            None => {
                let at = self.scanned.own.len() as u32;
                let reading = entry.reading;
                self.scanned.own.push(entry);
                (Source::Own(at), reading)
            }
        };
        if corrected {
            self.own.insert(text.into(), found);
        }
        found
    }

    /// The lists have names without accents.
    fn without_accents(&self, text: &str) -> Option<&Entry> {
        if text.is_ascii() {
            return None;
        }
        let plain: String = text.chars().map(plain_letter).collect();
        self.lexicon.known(&plain)
    }

    fn push(
        &mut self,
        word: u32,
        text: Option<&'t str>,
        source: Source,
        reading: Reading,
        (part, parts): (u8, u8),
        marks: Marks,
    ) {
        self.begins = marks.ends_sentence;
        self.scanned.pieces.push(Piece {
            text,
            source,
            word,
            reading,
            part,
            parts,
            title: marks.title,
            ends_sentence: marks.ends_sentence,
            asks: marks.asks,
            comma: marks.comma,
        });
    }
}

/// A Latin letter without its accent.
fn plain_letter(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' | 'ð' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'ğ' | 'ģ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => 'i',
        'ķ' => 'k',
        'ł' | 'ľ' | 'ļ' => 'l',
        'ñ' | 'ń' | 'ň' | 'ņ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ș' => 's',
        'ť' | 'ţ' | 'ț' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

/// How a word is written, without the punctuation behind it.
enum Form {
    Digits,
    /// Only ASCII letters, with apostrophes inside; all `small` or not.
    Letters {
        small: bool,
    },
    Composite,
}

fn form_of(word: &str) -> Form {
    let bytes = word.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return Form::Composite;
    };
    let kinds = bytes
        .iter()
        .fold(0, |kinds, it| kinds | KINDS[usize::from(*it)]);
    let inside = first.is_ascii_alphabetic() && last.is_ascii_alphabetic();
    match kinds {
        DIGIT => Form::Digits,
        _ if inside && kinds & !(SMALL | APOSTROPHE) == 0 => Form::Letters { small: true },
        _ if inside && kinds & (DIGIT | OTHER) == 0 => Form::Letters { small: false },
        _ => Form::Composite,
    }
}

const SMALL: u8 = 1;
const CAPITAL: u8 = 2;
const DIGIT: u8 = 4;
const APOSTROPHE: u8 = 8;
const OTHER: u8 = 16;

/// What each byte is.
static KINDS: [u8; 256] = {
    let mut kinds = [OTHER; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' => SMALL,
            b'A'..=b'Z' => CAPITAL,
            b'0'..=b'9' => DIGIT,
            b'\'' => APOSTROPHE,
            _ => OTHER,
        };
        byte += 1;
    }
    kinds
};

/// The word without spaces around it; nearly all have none.
fn trim(text: &str) -> &str {
    let edges = [text.as_bytes().first(), text.as_bytes().last()];
    let plain = |it: Option<&u8>| it.is_some_and(u8::is_ascii_graphic);
    if edges.into_iter().all(plain) {
        text
    } else {
        text.trim()
    }
}

/// The word without the punctuation behind it.
fn without_marks(raw: &str) -> &str {
    let mut plain = raw;
    while let Some(shorter) = plain.as_bytes().split_last()
        && matches!(shorter.0, b'.' | b',' | b'?' | b'!')
    {
        plain = &plain[..shorter.1.len()];
    }
    plain
}

/// What the punctuation behind a word says, and its capital.
fn marks_behind(raw: &str, plain: &str) -> Marks {
    let last = raw.as_bytes().last().filter(|_| plain.len() < raw.len());
    let title = matches!(plain.as_bytes(), [first, second, ..]
        if first.is_ascii_uppercase() && second.is_ascii_lowercase());
    Marks {
        title,
        ends_sentence: matches!(last, Some(b'.' | b'?' | b'!')),
        asks: last == Some(&b'?'),
        comma: last == Some(&b','),
    }
}

/// Whether nearly all longer words are in capitals, as some systems write transcripts.
fn is_in_capitals(transcript: &Transcript) -> bool {
    let words = transcript.words.iter().map(|it| it.text.reveal());
    let longer = words.filter(|it| it.len() > 4 && it.bytes().all(|b| b.is_ascii_alphabetic()));
    let (mut all, mut capitals) = (0, 0);
    for word in longer.take(LOOKED_AT) {
        all += 1;
        capitals += usize::from(word.bytes().all(|byte| byte.is_ascii_uppercase()));
    }
    capitals * 10 >= all * 9 && capitals > 0
}

/// Two to four capitals.
fn is_capitals(word: &str) -> bool {
    (2..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn marks(raw: &str, core: &str) -> Marks {
    let end = raw.trim_end_matches(['"', '\'', ')', ']']);
    let mut letters = core.chars();
    let title = letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_some_and(char::is_lowercase);
    Marks {
        title,
        ends_sentence: end.ends_with(['.', '?', '!', ';']),
        asks: end.ends_with('?'),
        comma: end.ends_with(','),
    }
}
