//! Takes the words of a name from a position where one may stand.

use domain::transcript::Speaker;

use super::ordinary::{goes_on_as_name, is_auxiliary};
use crate::detect::{call::Call, lexicon::Role, reading::Reading, token::Token};

/// Longest name, in tokens.
const MAX_WORDS: usize = 4;
/// A longer pause ends a name.
const MAX_PAUSE_MS: u64 = 2_500;

/// How strongly what stands before promises a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// "My name is": always a name, whatever the word.
    Sure,
    /// Nearly always a name: even ordinary words count when they can be names.
    Frame,
    /// "Mr": the next word is a name.
    Honorific,
    /// "Hi", "thank you", "through to": a name, or the end of the greeting.
    Greeting,
    /// "This is", "okay": words that are names, or no words at all.
    Hint,
    /// Often something else: only words that are hardly anything but names.
    Weak,
}

/// How good a name the words make.
pub(super) struct Quality {
    pub(super) weight: f32,
    pub(super) reason: &'static str,
}

/// First and last position of the name at `from`, if there is one.
pub(super) fn take_name(
    call: &Call<'_>,
    side: usize,
    from: usize,
    trust: Trust,
) -> Option<(usize, usize, Quality)> {
    let mut pos = from;
    while pos < from + 3 && call.at(side, pos).is_some_and(|it| it.has(Role::Filler)) {
        pos += 1;
    }
    let first = pos;
    let initial = trust == Trust::Honorific && is_initial(call, side, first);
    let mut last = first + usize::from(initial);
    let mut best = first_word(call, call.at(side, last)?, trust)?;
    while last + 1 < first + MAX_WORDS {
        let (Some(token), Some(next)) = (call.at(side, last), call.at(side, last + 1)) else {
            break;
        };
        let pause = next.start_ms.saturating_sub(token.end_ms);
        if token.ends_sentence
            || token.comma
            || pause > MAX_PAUSE_MS
            || !continues(call, next, trust)
        {
            break;
        }
        if next.is_surname() && best.weight < 2.4 {
            best = Quality {
                weight: 2.4,
                reason: "words that are names",
            };
        }
        last += 1;
    }
    let framed = matches!(trust, Trust::Frame | Trust::Sure | Trust::Honorific);
    if !framed && is_organization(call, side, first, last) {
        return None;
    }
    Some((first, last, best))
}

/// "Mrs P Hunter".
fn is_initial(call: &Call<'_>, side: usize, pos: usize) -> bool {
    let letter = call
        .at(side, pos)
        .is_some_and(|it| matches!(it.reading, Reading::Letter(_)));
    let next = call.at(side, pos + 1);
    letter && next.is_some_and(|it| it.reading == Reading::Word && !it.has(Role::Stop))
}

/// Words behind a name that make it one of a company, a place or a street: "Northgate Bank".
const ORGANIZATION_REACH: usize = 3;

/// Whether the words belong to the name of a company, a school or a street.
pub(super) fn is_organization(call: &Call<'_>, side: usize, first: usize, last: usize) -> bool {
    let Some(start) = call.at(side, first) else {
        return false;
    };
    // "Hi Sarah mobile banking is down": who is greeted by a first name is no company.
    let person = start.is_first_name() && !start.is_common();
    let opening = call.speaker(side) != Speaker::External
        && call.at(side, 0).is_some_and(|it| it.phrase == start.phrase);
    let named = opening || !person;
    for pos in first..=last + ORGANIZATION_REACH {
        let Some(token) = call.at(side, pos).filter(|it| it.phrase == start.phrase) else {
            return false;
        };
        let telling = (named && token.has(Role::Organization))
            || (token.has(Role::StreetStrong) && pos == last + 1);
        if pos > first && telling {
            return true;
        }
        if token.ends_sentence || token.comma || (pos > last && token.has(Role::Stop)) {
            return false;
        }
    }
    false
}

/// The whole of a short answer, whatever its words are, if it is as short as a name.
pub(super) fn whole_answer(
    call: &Call<'_>,
    side: usize,
    first: usize,
) -> Option<(usize, usize, Quality)> {
    let start = call.at(side, first)?;
    // "Will Hunter" is a name if nothing else is said, "will do" is none.
    let doubtful = !may_be_name(call, start);
    if doubtful && !(start.is_first_name() && start.has(Role::Stop) && !call.is_cue(start)) {
        return None;
    }
    let mut last = first;
    let ends = loop {
        let (token, next) = (call.at(side, last)?, call.at(side, last + 1));
        let Some(next) = next.filter(|it| it.phrase == start.phrase) else {
            break Some(true);
        };
        if token.ends_sentence || token.comma || !may_be_name(call, next) {
            let corrected = next.has(Role::Correction) || call.is_in_run(next);
            break Some(token.ends_sentence || token.comma || corrected);
        }
        if last + 1 - first >= MAX_WORDS {
            break None;
        }
        last += 1;
    }?;
    let mut words = (first..=last).filter_map(|pos| call.at(side, pos));
    let ordinary = words.all(|it| it.is_common() && !it.is_name());
    let single = ordinary && first == last;
    // "It's a joint one": ordinary words are a name only where nothing else is said.
    let article = first
        .checked_sub(1)
        .and_then(|pos| call.text(side, pos))
        .is_some_and(|it| matches!(it, "a" | "an" | "the" | "my" | "your"));
    if (ordinary && (!ends || article)) || (doubtful && !ends) {
        return None;
    }
    let weight = match (single, ordinary) {
        (true, _) => 0.5,
        (_, true) => 0.9,
        _ => 1.8,
    };
    let quality = Quality {
        weight,
        reason: "the whole answer",
    };
    Some((first, last, quality))
}

/// Whether a word may be part of an answer that is a name.
fn may_be_name(call: &Call<'_>, token: &Token) -> bool {
    let form = matches!(
        token.reading,
        Reading::Word
            | Reading::Month(_)
            | Reading::Spelling(_)
            | Reading::Capitals
            | Reading::Oh
            | Reading::Homophone(_)
    );
    let particle = token.has(Role::Particle);
    let initial =
        matches!(token.reading, Reading::Letter(_)) && continues(call, token, Trust::Frame);
    let told = particle || (token.is_first_name() && stands_alone(call, token));
    let word = told || !token.stem_has(Role::Stop);
    let other =
        token.stem_has(Role::Relation) || token.has(Role::Correction) || token.has(Role::Honorific);
    // "I'm following up", "it's stopped": forms of verbs.
    let verb = token.is_common() && !token.is_name() && is_verb_form(token.text);
    let free = particle || !call.is_in_run(token);
    (form || particle || initial) && word && !other && !verb && free && !call.is_cue(token)
}

fn is_verb_form(word: &str) -> bool {
    word.len() > 4 && (word.ends_with("ing") || word.ends_with("ed"))
}

fn first_word(call: &Call<'_>, token: &Token, trust: Trust) -> Option<Quality> {
    let word = token.stem();
    let first_name = token.is_first_name();
    let named = first_name || token.is_surname();
    let common = token.is_common();
    let capital = call.has_telling_capital(token);
    let name_form = matches!(
        token.reading,
        Reading::Word | Reading::Month(_) | Reading::Spelling(_) | Reading::Capitals
    );
    let dated = matches!(token.reading, Reading::Month(_))
        && call
            .at(token.side, token.pos + 1)
            .is_some_and(is_part_of_date);
    // "By May": a month, unless more than that promises a name.
    let dated = dated || (trust == Trust::Weak && matches!(token.reading, Reading::Month(_)));
    let relation = dated || token.stem_has(Role::Relation);
    if !name_form || word.len() < 2 || relation || call.is_in_run(token) || is_shortened(token) {
        return None;
    }
    // "Will", "April", "May": only where the sentence does not go on as with the ordinary word.
    let stands_alone =
        first_name && (stands_alone(call, token) || is_introduced(call, token, trust));
    let greeted = trust == Trust::Greeting && first_name && goes_on_as_name(call, token, false);
    let stop = token.stem_has(Role::Stop);
    let told = stands_alone || greeted || (capital && first_name);
    if stop && !told {
        return None;
    }
    let framed = matches!(trust, Trust::Sure | Trust::Frame);
    let place = token.stem_has(Role::Place) && !framed;
    let unheard_of = !place && !call.is_cue(token) && token.is_unheard_of();
    let some = |weight, reason| Some(Quality { weight, reason });
    match trust {
        _ if named && !common && !place => some(2.4, "a word that is a name"),
        Trust::Sure | Trust::Frame | Trust::Honorific if named => {
            some(1.6, "an ordinary word that is also a name")
        }
        Trust::Sure | Trust::Frame | Trust::Honorific if unheard_of => {
            some(1.8, "a word that is no ordinary word")
        }
        Trust::Honorific => some(1.2, "the word behind a form of address"),
        Trust::Sure
            if is_last(call, token) || token.comma || goes_on_as_name(call, token, false) =>
        {
            some(1.0, "the word behind an introduction")
        }
        Trust::Sure | Trust::Frame if !common || capital => {
            some(0.8, "a rare word, or written with a capital")
        }
        Trust::Greeting if first_name && !place && goes_on_as_name(call, token, false) => {
            some(2.0, "an ordinary word that is also a name")
        }
        Trust::Greeting | Trust::Hint | Trust::Weak if named && capital && !place => {
            some(2.0, "an ordinary word that is also a name, with a capital")
        }
        Trust::Greeting | Trust::Hint if stands_alone && !place => some(
            if is_last(call, token) { 1.2 } else { 2.0 },
            "an ordinary word that is also a name",
        ),
        Trust::Greeting | Trust::Hint if unheard_of && alphabetic(word) => {
            some(1.9, "a word that is no ordinary word")
        }
        Trust::Weak if unheard_of && capital && !may_be_other(call, token) => {
            some(2.0, "a word that is no ordinary word, with a capital")
        }
        _ => None,
    }
}

/// "Doesn't", "she'll", and "KYC" or "hmrc", which nobody is called.
fn is_shortened(token: &Token<'_>) -> bool {
    let ends = ["n't", "'ll", "'ve", "'re", "'d"];
    let verb = ends.iter().any(|end| token.text.ends_with(end));
    let vowels = ['a', 'e', 'i', 'o', 'u', 'y'];
    let letters = token.stem().is_ascii() && !token.stem().contains(vowels);
    let capitals = matches!(token.reading, Reading::Capitals);
    verb || (!token.is_name() && (letters || capitals))
}

/// "From Boise", "that's Ryanair": what stands before is as often said of a place or a company.
fn may_be_other(call: &Call<'_>, token: &Token) -> bool {
    let before = token
        .pos
        .checked_sub(1)
        .and_then(|pos| call.text(token.side, pos));
    !matches!(
        before,
        Some("with" | "tell" | "still" | "contact" | "asked" | "named" | "was")
    )
}

fn alphabetic(word: &str) -> bool {
    word.len() > 2
        && word
            .chars()
            .all(|c| c.is_alphabetic() || c == '\'' || c == '-')
}

/// Whether what follows is the end of the phrase, a surname, or "speaking".
pub(super) fn stands_alone(call: &Call<'_>, token: &Token) -> bool {
    let Some(next) = call.at(token.side, token.pos + 1) else {
        return true;
    };
    let surname = next.is_surname() || next.is_unheard_of();
    let surname = surname && !(is_auxiliary(token) && next.is_common());
    token.ends_sentence
        || token.comma
        || next.phrase != token.phrase
        || call.phrase_len(Role::NameAfter, next.side, next.pos) > 0
        || (matches!(token.reading, Reading::Month(4 | 6 | 8)) && !is_part_of_date(next))
        || (surname && next.reading == Reading::Word && !next.stem_has(Role::Stop))
}

fn is_last(call: &Call<'_>, token: &Token) -> bool {
    token.ends_sentence
        || call
            .at(token.side, token.pos + 1)
            .is_none_or(|next| next.phrase != token.phrase)
}

pub(super) fn is_part_of_date(token: &Token) -> bool {
    !matches!(
        token.reading,
        Reading::Word | Reading::WeakLetter(_) | Reading::Homophone(_)
    ) || token.text == "the"
}

/// "My name is Will, how can I help": a strong frame, and the sentence goes on with something new.
fn is_introduced(call: &Call<'_>, token: &Token, trust: Trust) -> bool {
    let text = |pos: Option<usize>| pos.and_then(|pos| call.text(token.side, pos));
    let before = text(token.pos.checked_sub(1));
    let greeted = matches!(before, Some("hi" | "hello" | "hey" | "cheers" | "i'm"));
    let next = text(Some(token.pos + 1));
    if trust == Trust::Hint && greeted {
        return matches!(
            next,
            Some("this" | "it's" | "i'm" | "my" | "by" | "from" | "here" | "how" | "thanks")
        );
    }
    let told = matches!(before, Some("it's" | "is" | "that's"));
    if trust == Trust::Hint && told {
        return matches!(
            next,
            Some("from" | "here" | "calling" | "speaking" | "again")
        );
    }
    matches!(trust, Trust::Sure | Trust::Frame)
        && next.is_some_and(|text| {
            matches!(
                text,
                "how"
                    | "what"
                    | "and"
                    | "i"
                    | "i'm"
                    | "from"
                    | "here"
                    | "her"
                    | "his"
                    | "can"
                    | "in"
                    | "at"
            )
        })
}

fn continues(call: &Call<'_>, token: &Token, trust: Trust) -> bool {
    let word = token.stem();
    if matches!(token.reading, Reading::Letter(_)) {
        // A middle initial, but not the start of spelling.
        return call
            .at(token.side, token.pos + 1)
            .is_some_and(|next| next.reading == Reading::Word && !next.is_common());
    }
    if token.has(Role::Particle)
        && let Some(next) = call.at(token.side, token.pos + 1)
        && next.phrase == token.phrase
        && (next.has(Role::Particle) || !next.stem_has(Role::Stop))
        && next.reading == Reading::Word
    {
        return true;
    }
    if !matches!(
        token.reading,
        Reading::Word | Reading::Month(_) | Reading::Spelling(_) | Reading::Capitals
    ) || token.stem_has(Role::Stop)
        || call.is_in_run(token)
    {
        return false;
    }
    let named = token.is_first_name() || token.is_surname();
    let common = token.is_common();
    let unheard_of = token.is_unheard_of() && alphabetic(word);
    match trust {
        Trust::Sure | Trust::Frame => {
            named || unheard_of || token.title || may_be_surname(call, token)
        }
        Trust::Honorific => (named && !common) || unheard_of || token.title || is_rest(call, token),
        Trust::Greeting | Trust::Hint if token.is_surname() && common => {
            (token.title && !call.is_cue(token)) || ends_name(call, token)
        }
        Trust::Greeting | Trust::Hint | Trust::Weak => {
            (named && (!common || token.title)) || unheard_of
        }
    }
}

/// Whether a word behind a first name is taken for a surname where no dictionary says what it is.
pub(super) fn may_be_surname(call: &Call<'_>, token: &Token<'_>) -> bool {
    let before = token
        .pos
        .checked_sub(1)
        .and_then(|pos| call.at(token.side, pos));
    !call.lexicon.knows_words()
        && before.is_some_and(|it| it.is_first_name() && it.title == token.title)
        && !token.is_common()
        && !token.stem_has(Role::Stop)
        && token.stem().chars().count() > 3
        && alphabetic(token.stem())
        && !call.is_cue(token)
}

/// An ordinary word between a surname and the end of the sentence: the rest of a name that was heard
/// as two words.
fn is_rest(call: &Call<'_>, token: &Token<'_>) -> bool {
    let beside = call.at(token.side, token.pos.wrapping_sub(1));
    let honorific = beside.is_some_and(|it| it.is_common() && !it.is_surname());
    honorific && may_be_name(call, token) && ends_name(call, token)
}

/// The last position of an accepted name when its surname follows.
pub(super) fn surname_end(call: &Call<'_>, side: usize, pos: usize) -> usize {
    let (Some(token), Some(next)) = (call.at(side, pos), call.at(side, pos + 1)) else {
        return pos;
    };
    let joined = !token.ends_sentence && !token.comma && next.phrase == token.phrase;
    let short = next.start_ms.saturating_sub(token.end_ms) <= MAX_PAUSE_MS;
    let repeated = next.text == token.text;
    let family = next.is_surname() || next.is_unheard_of();
    let surname = family && !repeated && !call.is_cue(next) && continues(call, next, Trust::Hint);
    let given = token.is_first_name() || !token.is_surname();
    pos + usize::from(joined && short && given && surname)
}

/// Whether the sentence ends behind a token or goes on with a word that is never a name.
pub(super) fn ends_name(call: &Call<'_>, token: &Token) -> bool {
    let next = call.at(token.side, token.pos + 1);
    is_last(call, token) || next.is_some_and(|it| it.has(Role::Stop))
}
