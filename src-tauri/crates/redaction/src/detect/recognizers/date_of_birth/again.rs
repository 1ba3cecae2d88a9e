//! A date of birth once more, whole or in part, right before or behind it: read back, asked back,
//! corrected. "July 4th?" – "It's the seventh, not the eighth."

use domain::entity::EntityKind::DateOfBirth;

use super::around_month;
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    lexicon::{Announced, Role},
    reading::Reading,
    token::Token,
};

/// From here on a date is looked for again.
const ACCEPTED: f32 = 0.80;
/// Tokens of both sides before and behind a date.
const REACH: usize = 26;
/// It is said again within this time.
const NEAR_MS: u64 = 12_000;

/// Dates near an accepted one while nothing else is spoken of.
pub(super) fn again(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let accepted = |it: &&Candidate| it.entity == DateOfBirth && it.score >= ACCEPTED;
    let covered = call.covered_by(found.iter().filter(accepted));
    let mut parts = Vec::new();
    for it in found.iter().filter(accepted) {
        let (first, last) = (call.index(it.side, it.first), call.index(it.side, it.last));
        let before = (first.saturating_sub(REACH)..first).rev();
        parts.extend(dates_in(call, &covered, before, first));
        parts.extend(dates_in(call, &covered, last + 1..last + REACH, last));
    }
    found.extend(parts);
}

/// The dates at token indexes that lead away from an accepted date.
fn dates_in(
    call: &Call<'_>,
    covered: &[bool],
    indexes: impl Iterator<Item = usize>,
    origin: usize,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    let Some(start) = call.tokens.get(origin) else {
        return found;
    };
    for at in indexes {
        let Some(token) = call.tokens.get(at) else {
            break;
        };
        if token.start_ms.abs_diff(start.start_ms) > NEAR_MS || begins_other(call, at) {
            break;
        }
        if covered.get(at) != Some(&true)
            && let Some(place) = date_at(call, token)
        {
            let mut score = Score::prior(0.0);
            score.add(2.2, "a date of birth was said right before or behind it");
            found.push(Candidate::of_tokens(
                DateOfBirth,
                "date_of_birth",
                place,
                score,
            ));
        }
    }
    found
}

/// Whether something else is asked for or announced at a token.
fn begins_other(call: &Call<'_>, index: usize) -> bool {
    let at = call.cues.partition_point(|cue| cue.token < index);
    call.cues
        .get(at)
        .is_some_and(|cue| cue.token == index && cue.announced != Announced::Item(DateOfBirth))
}

/// The date that a token is a part of.
fn date_at(call: &Call<'_>, token: &Token<'_>) -> Option<(usize, usize, usize)> {
    let (side, pos) = (token.side, token.pos);
    match token.reading {
        Reading::Month(_) if token.text != "may" || around_month(call, token).is_some() => {
            let (first, last, _) =
                around_month(call, token).unwrap_or((pos, pos, super::Form::WithoutYear));
            Some((side, first, last))
        }
        Reading::Date => Some((side, pos, pos)),
        Reading::Ordinal(_) => day(call, token),
        _ => None,
    }
}

/// "It's the seventh.", "seventeenth of ...": a day, but not "the first thing".
fn day(call: &Call<'_>, token: &Token<'_>) -> Option<(usize, usize, usize)> {
    let (side, pos) = (token.side, token.pos);
    let own = |pos: usize| call.at(side, pos).filter(|it| it.phrase == token.phrase);
    let before = pos.checked_sub(1).and_then(own);
    let next = own(pos + 1).filter(|_| !token.ends_sentence);
    let ends = next.is_none_or(|it| matches!(it.text, "of" | "or" | "not"));
    let tens = before.is_some_and(|it| matches!(it.reading, Reading::Tens(20 | 30)));
    let article = before.is_some_and(|it| it.text == "the" || it.has(Role::InDate));
    let first = pos - usize::from(tens || article);
    (ends && (tens || article || next.is_some())).then_some((side, first, pos))
}
