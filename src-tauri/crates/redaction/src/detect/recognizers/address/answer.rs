//! An address as the answer to a question for it, or behind words that announce it.

use domain::entity::EntityKind::Address;

use super::{
    push,
    whole::{Whole, whole_from},
};
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    cue::Cue,
    lexicon::{Announced, Role, Roles},
    reading::Reading,
    token::Token,
};

/// Words before an address.
const MAX_LEAD: usize = 8;

const LEADS: Roles = Roles::of(&[Role::Lead, Role::Filler, Role::Correction]);

/// Addresses where the conversation says that one follows.
pub(super) fn answers(call: &Call<'_>, found: &mut Vec<Candidate>) {
    let address = Announced::Item(Address);
    let cues = call.cues.iter();
    for cue in cues.filter(|it| it.announced == address && it.weight >= 1.0) {
        let end = &call.tokens[cue.token];
        if let Some(reply) = call.reply_to(cue) {
            let start = skip_lead(call, reply.side, reply.pos);
            if !take(call, (reply.side, start), true, found)
                && let Some(later) = begins_later(call, reply.side, start)
            {
                take(call, (reply.side, later), true, found);
            }
        }
        let own = skip_lead(call, cue.side, end.pos + 1);
        let same = call
            .at(cue.side, own)
            .is_some_and(|it| it.phrase == end.phrase);
        if same && !end.asks {
            take(call, (cue.side, own), is_statement(call, cue, end), found);
        }
    }
}

/// "The address we hold is": what follows is one, even without a number.
fn is_statement(call: &Call<'_>, cue: &Cue, end: &Token<'_>) -> bool {
    let says = call.text(cue.side, end.pos + 1);
    matches!(end.text, "is" | "at") || matches!(says, Some("is" | "was"))
}

fn skip_lead(call: &Call<'_>, side: usize, from: usize) -> usize {
    let lead = |pos: &usize| {
        call.at(side, *pos)
            .is_some_and(|it| it.entry.roles.has_any(LEADS) && it.text != "the")
    };
    from + (from..from + MAX_LEAD).take_while(lead).count()
}

/// Where the house or its number stands behind other words: "it oughta be route two", "hang on, it's the
/// new one, forty one".
fn begins_later(call: &Call<'_>, side: usize, start: usize) -> Option<usize> {
    let phrase = call.at(side, start)?.phrase;
    let own = |pos: &usize| call.at(side, *pos).is_some_and(|it| it.phrase == phrase);
    let house = |pos: &usize| {
        let number = call.at(side, *pos).and_then(|it| call.run_over(it));
        let counted = call.at(side, *pos).is_some_and(|it| call.is_quantity(it));
        let number = number.is_some_and(|run| run.digit_count() > 0 && run.first == *pos);
        (number && !counted) || call.phrase_len(Role::Dwelling, side, *pos) > 0
    };
    let telling = |pos: &usize| {
        whole_from(call, side, *pos)
            .is_some_and(|it| it.street || it.coded || it.unit || it.names > 0)
    };
    let mut later = (start + 1..start + MAX_LEAD).take_while(own).filter(house);
    later.find(telling)
}

/// Takes the address at a position, and what it is corrected to; whether there is one.
fn take(
    call: &Call<'_>,
    (side, first): (usize, usize),
    asked: bool,
    found: &mut Vec<Candidate>,
) -> bool {
    let Some(whole) = whole_from(call, side, first) else {
        return false;
    };
    let telling = whole.number || whole.street || whole.unit || whole.coded;
    if !(telling || whole.words > 1) || is_electronic(call, side, whole.last) {
        return false;
    }
    let mut score = Score::prior(-1.2);
    score.add(1.2, "asked for or announced");
    score.add_if(whole.number, 1.0, "a number");
    score.add_if(whole.street, 1.6, "a street");
    score.add_if(whole.unit, 1.2, "a house or a part of one");
    score.add_if(whole.coded, 1.6, "a postal code, state or county");
    score.add_if(whole.names > 0, 1.0, "names of places");
    score.add_if(whole.lettered, 1.0, "a number with a letter");
    let other = whole.street || whole.unit || whole.coded || whole.lettered;
    let bare = whole.number && whole.words == 0 && !other;
    score.add_if(bare, -1.6, "a number alone");
    score.add_if(asked && is_only_names(&whole), 1.4, "the whole answer");
    let plain = whole.words > whole.names + 2;
    score.add_if(
        plain && !whole.street && !whole.coded,
        -1.5,
        "ordinary words",
    );
    let named = whole.number && (whole.names > 0 || whole.words > 1 || whole.street);
    score.add_if(asked && named, 1.4, "a number and a name were asked for");
    push(call, side, first, whole.last, score, found);
    if asked && let Some(again) = behind_correction(call, side, whole.last) {
        take(call, (side, again), asked, found);
    }
    true
}

/// "... spring sport, no, no, Magnolia Springs Court": where it is told again.
fn behind_correction(call: &Call<'_>, side: usize, last: usize) -> Option<usize> {
    let phrase = call.at(side, last)?.phrase;
    let own = |pos: usize| call.at(side, pos).filter(|it| it.phrase == phrase);
    let corrects =
        |pos: &usize| own(*pos).is_some_and(|it| it.has(Role::Correction) || it.has(Role::Filler));
    let words = (last + 1..last + MAX_LEAD).take_while(corrects).count();
    let next = last + 1 + words;
    (words > 0 && own(next).is_some()).then_some(next)
}

/// Whether an e-mail address is told: "M Okafor, underscore, seventy nine, at example dot net".
fn is_electronic(call: &Call<'_>, side: usize, last: usize) -> bool {
    let symbol = |pos: usize| {
        call.at(side, pos)
            .is_some_and(|it| matches!(it.reading, Reading::Symbol('.' | '_') | Reading::Email))
    };
    (last.saturating_sub(3)..last + 5).any(symbol)
}

/// "The cottage, Ballynoe".
fn is_only_names(whole: &Whole) -> bool {
    whole.ends && whole.names > 0 && whole.words <= 6
}
