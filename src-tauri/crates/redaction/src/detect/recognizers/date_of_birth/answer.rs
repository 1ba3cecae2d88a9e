//! What is said where a date of birth was asked for: a short answer of numbers is the date, in
//! whatever form, and however it was heard.

use domain::entity::EntityKind::{CardExpiry, DateOfBirth};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    cue::Cue,
    lexicon::{Announced, Role, Roles},
    reading::Reading,
    token::Token,
};

/// Words before the date.
const MAX_LEAD: usize = 8;
/// Longest date, in tokens: "the twenty first of the twelfth nineteen hundred and seventy three".
const MAX_TOKENS: usize = 12;
/// Longest date, in digits.
const MAX_DIGITS: usize = 8;

const LEADS: Roles = Roles::of(&[Role::Lead, Role::Filler, Role::Correction]);

/// Dates where the conversation asked for one.
pub(super) fn answers(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for (at, cue) in call.cues.iter().enumerate() {
        if cue.announced != Announced::Item(DateOfBirth) || cue.weight < 1.0 {
            continue;
        }
        let expiry = |it: &Cue| it.announced == Announced::Item(CardExpiry);
        let rivals = call.cues.get(at + 1..).unwrap_or(&[]);
        let rival = rivals
            .iter()
            .any(|it| it.phrase == cue.phrase && expiry(it));
        if let Some(reply) = call.reply_to(cue).filter(|_| !rival) {
            found.extend(date_from(call, reply));
        }
    }
}

/// The date at the start of a turn.
fn date_from(call: &Call<'_>, reply: &Token<'_>) -> Option<Candidate> {
    let side = reply.side;
    let own = |pos: usize| call.at(side, pos).filter(|it| it.phrase == reply.phrase);
    let lead =
        |pos: &usize| own(*pos).is_some_and(|it| it.entry.roles.has_any(LEADS) && !is_part(it));
    let first = reply.pos + (reply.pos..reply.pos + MAX_LEAD).take_while(lead).count();
    let (mut last, mut parts, mut digits) = (first, 0, 0);
    for pos in first..first + MAX_TOKENS {
        let Some(token) = own(pos) else { break };
        if is_part(token) {
            (last, parts, digits) = (pos, parts + 1, digits + digits_of(token));
        } else if !is_joint(token) {
            break;
        }
    }
    if parts < 2 || digits > MAX_DIGITS {
        return None;
    }
    let mut score = Score::prior(-1.0);
    score.add(3.6, "answers a question for a date of birth");
    let article = first > 0 && call.text(side, first - 1) == Some("the");
    let first = first - usize::from(article);
    let place = (side, first, last);
    Some(Candidate::of_tokens(
        DateOfBirth,
        "date_of_birth",
        place,
        score,
    ))
}

/// A number, a month or a day with a name.
fn is_part(token: &Token<'_>) -> bool {
    matches!(
        token.reading,
        Reading::Digits
            | Reading::Unit(_)
            | Reading::Teen(_)
            | Reading::Tens(_)
            | Reading::Hundred
            | Reading::Thousand
            | Reading::Month(_)
            | Reading::Ordinal(_)
            | Reading::Date
    ) || token.has(Role::NamedDay)
}

/// A word inside a date, or one that a number was misheard as.
fn is_joint(token: &Token<'_>) -> bool {
    let misheard = matches!(token.reading, Reading::Homophone(_) | Reading::Oh);
    misheard || token.has(Role::Filler) || token.has(Role::InDate)
}

fn digits_of(token: &Token<'_>) -> usize {
    match token.reading {
        Reading::Digits => token.text.len(),
        Reading::Unit(_) => 1,
        Reading::Teen(_) => 2,
        _ => 0,
    }
}
