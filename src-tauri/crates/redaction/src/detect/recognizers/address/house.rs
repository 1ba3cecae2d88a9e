//! Where an address begins that has a name before its town or code: "The Old Forge, Nether Wallop,
//! Stockbridge".

use crate::detect::{call::Call, lexicon::Role, reading::Reading, token::Token};

/// Longest name of a house and its village, in tokens.
const MAX_TOKENS: usize = 8;

/// The first of the names written with capitals, and divided by commas, that stand before a position.
pub(super) fn names_before(call: &Call<'_>, side: usize, first: usize) -> usize {
    let Some(start) = call.at(side, first) else {
        return first;
    };
    let mut begins = first;
    // "Carrowmoneash Cottage".
    let mut is_divided = start.has(Role::Dwelling);
    for pos in (first.saturating_sub(MAX_TOKENS)..first).rev() {
        let Some(token) = call.at(side, pos).filter(|it| it.phrase == start.phrase) else {
            break;
        };
        is_divided |= token.comma;
        if token.ends_sentence || !is_divided {
            break;
        }
        if is_name(call, token) {
            begins = pos;
        } else if !matches!(token.text, "of" | "the" | "on" | "upon" | "next" | "le") {
            break;
        }
    }
    begins
}

/// A word with a capital that is neither a person nor the start of the sentence.
fn is_name(call: &Call<'_>, token: &Token<'_>) -> bool {
    let word = matches!(token.reading, Reading::Word | Reading::Spelling(_));
    let opens = token.text == "the"
        && call
            .at(token.side, token.pos + 1)
            .is_some_and(|it| it.title);
    let other = token.has(Role::Stop) || token.has(Role::Lead) || call.is_cue(token);
    let person = token.is_first_name() && !token.is_common();
    word && token.title && (opens || !other) && !person
}
