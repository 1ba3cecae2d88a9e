//! Single letters of a password: asked for one by one, told and asked back over several turns.

use domain::entity::EntityKind::{Password, Pin};

use super::asks_for_letters;
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    cue::Cue,
    lexicon::Announced,
    reading::Reading,
    token::Token,
};

/// Such letters are told within this time after the question.
const TOLD_MS: u64 = 20_000;
/// Tokens of both sides in that time; more never matter.
const MAX_TOKENS: usize = 80;
/// Tokens of "r for romeo" behind the letter.
const AID: usize = 2;

pub(super) fn told_one_by_one(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for cue in &call.cues {
        let secret = matches!(cue.announced, Announced::Item(Password | Pin)) && cue.weight >= 1.0;
        let end = call.tokens.get(cue.token).filter(|_| secret);
        if end.is_some_and(|end| asks_for_letters(call, end)) {
            letters_behind(call, cue, found);
        }
    }
}

fn letters_behind(call: &Call<'_>, cue: &Cue, found: &mut Vec<Candidate>) {
    let phrase = cue.phrase;
    let behind = call.tokens.iter().skip(cue.token + 1).take(MAX_TOKENS);
    let behind = behind.take_while(|it| it.start_ms.saturating_sub(cue.end_ms) <= TOLD_MS);
    for token in behind.filter(|it| it.side != cue.side || it.phrase != phrase) {
        if begins_other(call, token) {
            break;
        }
        if let Some(last) = letter_end(call, token) {
            let mut score = Score::prior(-1.0);
            score.add(
                3.4,
                "a letter of a password that was asked for by its place",
            );
            let place = (token.side, token.pos, last);
            found.push(Candidate::of_tokens(Password, "secret", place, score));
        }
    }
}

/// Whether something else is asked for at a token.
fn begins_other(call: &Call<'_>, token: &Token<'_>) -> bool {
    let index = call.index(token.side, token.pos);
    let at = call.cues.partition_point(|cue| cue.token < index);
    let cue = call.cues.get(at).filter(|cue| cue.token == index);
    cue.is_some_and(|cue| !matches!(cue.announced, Announced::Item(Password | Pin)))
}

/// The end of a letter with the word that says which it is.
fn letter_end(call: &Call<'_>, token: &Token<'_>) -> Option<usize> {
    let own = |pos: usize| {
        call.at(token.side, pos)
            .filter(|it| it.phrase == token.phrase)
    };
    let next = own(token.pos + 1).filter(|_| !token.ends_sentence);
    let ends = token.ends_sentence || token.comma || next.is_none_or(|it| it.text == "and");
    let before = token.pos.checked_sub(1).and_then(own);
    let told = before.is_some_and(|it| it.text == "is");
    let linked = next.is_some_and(|it| matches!(it.text, "for" | "like" | "as" | "wie"));
    let aid = own(token.pos + AID).filter(|it| linked && it.text.len() > 2);
    let fits = |letter: char| aid.is_some_and(|it| it.text.starts_with(letter));
    let is_letter = match token.reading {
        Reading::Letter(_) => true,
        Reading::WeakLetter(letter) | Reading::Homophone(letter) => fits(letter) || (told && ends),
        Reading::Spelling(letter) => fits(letter) || ends,
        Reading::Digits | Reading::Unit(_) => told && ends,
        // "You" is heard for "u".
        Reading::Word => told && ends && token.text == "you",
        _ => false,
    };
    is_letter.then(|| aid.map_or(token.pos, |it| it.pos))
}
