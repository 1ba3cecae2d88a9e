//! How far an address reaches: everything from the house to the postal code, in one stretch.

use crate::detect::{call::Call, lexicon::Role, reading::Reading, token::Token};

/// Longest address, in tokens.
const MAX_TOKENS: usize = 30;
/// A longer pause ends an address.
const MAX_PAUSE_MS: u64 = 3_000;

/// What stands in a stretch that may be an address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Whole {
    pub(super) last: usize,
    pub(super) number: bool,
    pub(super) street: bool,
    /// A unit, a box, a house: what is inside a street.
    pub(super) unit: bool,
    /// A state, county or postal code.
    pub(super) coded: bool,
    /// A house number with a letter: "eleven a".
    pub(super) lettered: bool,
    /// Words of streets and towns.
    pub(super) words: usize,
    /// Such words that are no ordinary ones.
    pub(super) names: usize,
    /// The stretch ends with the turn or the sentence.
    pub(super) ends: bool,
}

/// The address that begins at a position, as far as it goes.
pub(super) fn whole_from(call: &Call<'_>, side: usize, first: usize) -> Option<Whole> {
    let start = call.at(side, first)?;
    let mut whole = Whole {
        last: first,
        ..Whole::default()
    };
    let mut any = false;
    let mut pos = first;
    while pos < first + MAX_TOKENS {
        let Some(token) = call.at(side, pos).filter(|it| it.phrase == start.phrase) else {
            whole.ends = true;
            break;
        };
        if pos > first && !goes_on(call, token) {
            whole.ends = call.at(side, pos - 1).is_some_and(|it| it.ends_sentence);
            break;
        }
        let Some((len, belongs)) = step(call, token, &mut whole) else {
            break;
        };
        if belongs {
            whole.last = pos + len - 1;
            any = true;
        }
        pos += len;
    }
    any.then_some(whole)
}

/// Whether an address may go on with a token: not behind a long pause or another sentence.
fn goes_on(call: &Call<'_>, token: &Token<'_>) -> bool {
    let Some(before) = token
        .pos
        .checked_sub(1)
        .and_then(|pos| call.at(token.side, pos))
    else {
        return true;
    };
    let pause = token.start_ms.saturating_sub(before.end_ms);
    let region = call.phrase_len(Role::State, token.side, token.pos) > 0;
    let coded = call
        .run_over(token)
        .is_some_and(|run| run.letter_count() > 0 && run.digit_count() > 0);
    pause <= MAX_PAUSE_MS && (!before.ends_sentence || region || coded)
}

/// Takes what begins at a token: how many tokens it has and whether they belong to the address by
/// themselves; nothing where the address is over.
fn step(call: &Call<'_>, token: &Token<'_>, whole: &mut Whole) -> Option<(usize, bool)> {
    let (side, pos) = (token.side, token.pos);
    if token.has(Role::Filler) {
        return Some((1, false));
    }
    // "Twenty two b, as in bravo".
    if token.text == "as" && matches!(call.text(side, pos + 1), Some("in")) && whole.number {
        return Some((3, false));
    }
    let region = call.phrase_len(Role::State, side, pos);
    if region > 0 {
        whole.coded = true;
        return Some((region, true));
    }
    let head = call.phrase_len(Role::Dwelling, side, pos);
    if head > 0 {
        whole.unit = true;
        return Some((head, true));
    }
    if let Some(run) = call.run_over(token).filter(|run| run.last >= pos) {
        whole.number |= run.digit_count() > 0;
        whole.lettered |= run.letter_count() == 1 && run.digit_count() < 4;
        whole.coded |= run.digit_count() > 0 && run.letter_count() > 1;
        return Some((run.last + 1 - pos, true));
    }
    if call.is_quantity(token) {
        return None;
    }
    if is_number_or_letter(token) {
        whole.number |= !matches!(token.reading, Reading::Letter(_) | Reading::WeakLetter(_));
        return Some((1, true));
    }
    if token.has(Role::Street) && pos > 0 && whole.words + usize::from(whole.number) > 0 {
        whole.street = true;
        return Some((1, true));
    }
    word(call, token, whole)
}

fn is_number_or_letter(token: &Token<'_>) -> bool {
    matches!(
        token.reading,
        Reading::Digits
            | Reading::Unit(_)
            | Reading::Oh
            | Reading::Teen(_)
            | Reading::Tens(_)
            | Reading::Hundred
            | Reading::Thousand
            | Reading::Ordinal(_)
            | Reading::Mixed
            | Reading::Repeat(_)
            | Reading::Letter(_)
    ) || (matches!(token.reading, Reading::Capitals) && !token.is_common())
}

/// A word of a street or town, or one that joins them.
fn word(call: &Call<'_>, token: &Token<'_>, whole: &mut Whole) -> Option<(usize, bool)> {
    let next = call.at(token.side, token.pos + 1);
    let next = next.filter(|it| it.phrase == token.phrase);
    if matches!(
        token.reading,
        Reading::Homophone(_) | Reading::WeakLetter(_)
    ) {
        // "Flat to b", "sixty four a Wilmslow Avenue".
        let before = token
            .pos
            .checked_sub(1)
            .and_then(|pos| call.at(token.side, pos));
        let beside = |it: Option<&Token<'_>>| {
            it.is_some_and(|it| is_number_or_letter(it) || it.has(Role::Dwelling))
        };
        let belongs = beside(before) || (beside(next) && whole.number);
        let letter = matches!(token.reading, Reading::WeakLetter(_));
        whole.lettered |= letter && beside(before) && whole.number;
        return belongs.then_some((1, true));
    }
    if JOINS.contains(&token.text) {
        let joined = next.is_some_and(|it| {
            it.title
                || !it.is_common()
                || is_number_or_letter(it)
                || it.has(Role::Unit)
                || it.has(Role::Place)
        });
        let opens = matches!(
            token.text,
            "the" | "old" | "new" | "saint" | "south" | "north"
        );
        return (joined || opens).then_some((1, false));
    }
    // "Much Wenlock": written as a name.
    let named = call.has_telling_capital(token);
    let ends = token.has(Role::Stop) && !token.has(Role::Street) && !named;
    let other = call.is_cue(token) && !token.has(Role::Unit);
    if ends
        || token.has(Role::Question)
        || token.has(Role::Relation)
        || other && !is_code_word(token)
    {
        return None;
    }
    if is_code_word(token) {
        return Some((1, false));
    }
    whole.words += 1;
    whole.names += usize::from(token.title || !token.is_common());
    Some((1, true))
}

/// "... and the postcode is": the code follows.
fn is_code_word(token: &Token<'_>) -> bool {
    matches!(
        token.text,
        "postcode" | "zip" | "code" | "eircode" | "pincode" | "postal"
    )
}

/// Words inside the names of streets and houses.
const JOINS: [&str; 17] = [
    "the", "of", "on", "in", "at", "and", "by", "under", "upon", "old", "new", "saint", "south",
    "north", "next", "over", "is",
];
