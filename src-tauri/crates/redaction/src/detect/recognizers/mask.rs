//! Masks that the source system put in place of words: what it hid in text is still audible.

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    reading::Reading,
};

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for token in call.marked() {
        let Reading::Mask(entity) = token.reading else {
            continue;
        };
        let mut score = Score::prior(0.0);
        score.add(5.0, "the source system masked it");
        let place = (token.side, token.pos, token.pos);
        found.push(Candidate::of_tokens(entity, "mask", place, score));
    }
}
