//! The first words of the side that takes the call: who says "this is", "speaking" or "here" there
//! gives a name, whatever the word is.

use domain::{entity::Owner, transcript::Speaker};

use super::{name, take::is_organization};
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    lexicon::{BEHIND, Role, Roles},
    reading::Reading,
    token::Token,
};

/// Words in which somebody answers the telephone.
const MAX_OPENING: usize = 30;

const OWN: Roles = Roles::of(&[Role::OwnIntro]);

/// The names that the sides give when they answer the telephone.
pub(super) fn openings(call: &Call<'_>, names: &mut Vec<Candidate>) {
    for side in (0..call.sides.len()).filter(|&side| call.speaker(side) == Speaker::Internal) {
        let Some(phrase) = call.at(side, 0).map(|it| it.phrase) else {
            continue;
        };
        let own = |pos: &usize| call.at(side, *pos).is_some_and(|it| it.phrase == phrase);
        for pos in (0..MAX_OPENING).take_while(own) {
            let intro = call.phrase_len_of(OWN, side, pos);
            let before = intro > 0
                && (is_told(call, side, pos + intro)
                    || goes_on(call, side, pos + intro + 1)
                    || goes_on(call, side, pos + intro + 2));
            let behind = call.phrase_len_of(BEHIND, side, pos) > 0;
            let given = if before {
                given_name(call, side, pos + intro)
            } else if behind && pos > 0 {
                given_name(call, side, pos - 1)
            } else {
                None
            };
            names.extend(given);
        }
    }
}

/// "This is Hunter, first question": a first name, even one that is a word too.
fn is_told(call: &Call<'_>, side: usize, pos: usize) -> bool {
    call.at(side, pos)
        .is_some_and(|it| it.is_first_name() && !it.has(Role::Stop))
}

/// Whether the sentence ends before a position or goes on with what follows a name.
fn goes_on(call: &Call<'_>, side: usize, pos: usize) -> bool {
    let before = pos.checked_sub(1).and_then(|pos| call.at(side, pos));
    let Some((before, next)) = before.zip(call.at(side, pos)) else {
        return true;
    };
    before.ends_sentence
        || before.comma
        || next.phrase != before.phrase
        || next.has(Role::NameThen)
        || call.phrase_len_of(BEHIND, side, pos) > 0
}

fn given_name(call: &Call<'_>, side: usize, pos: usize) -> Option<Candidate> {
    let may_be = |it: &Token| {
        let told = it.is_first_name() && it.has(Role::Stop);
        matches!(
            it.reading,
            Reading::Word | Reading::Month(_) | Reading::Spelling(_)
        ) && it.stem().len() > 1
            && (told || !it.has(Role::Stop))
            && !call.is_cue(it)
    };
    let token = call.at(side, pos).filter(|it| may_be(it))?;
    if is_organization(call, side, pos, pos) {
        return None;
    }
    let next = call
        .at(side, pos + 1)
        .filter(|it| !token.ends_sentence && !token.comma && it.phrase == token.phrase);
    let family =
        next.filter(|it| may_be(it) && !it.has(Role::NameThen) && goes_on(call, side, pos + 2));
    let mut score = Score::prior(-1.0);
    score.add(3.4, "the name somebody answers the telephone with");
    let last = pos + usize::from(family.is_some());
    Some(name(call, side, pos, last, score, Some(Owner::Agent)))
}
