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
            take(
                call,
                (reply.side, skip_lead(call, reply.side, reply.pos)),
                true,
                found,
            );
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

fn take(call: &Call<'_>, (side, first): (usize, usize), asked: bool, found: &mut Vec<Candidate>) {
    let Some(whole) = whole_from(call, side, first) else {
        return;
    };
    let telling = whole.number || whole.street || whole.unit || whole.coded;
    if !(telling || whole.words > 1) || is_electronic(call, side, whole.last) {
        return;
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
    push(call, side, first, whole.last, score, found);
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
