//! What is said where an expiry date was asked for or announced: "end of March next year", "six over two
//! nine", "October 7", however it was heard.

use domain::entity::EntityKind::{CardExpiry, CreditCard, Cvv};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    lexicon::{Announced, Role, Roles},
    reading::Reading,
    token::Token,
};

/// Words before the date.
const MAX_LEAD: usize = 8;
/// Longest date, in tokens: "the end of the third month of two thousand and twenty nine".
const MAX_TOKENS: usize = 12;
/// Longest date, in digits.
const MAX_DIGITS: usize = 6;
/// Words of a turn that only says to wait.
const MAX_REMARK: usize = 8;

const LEADS: Roles = Roles::of(&[Role::Lead, Role::Filler, Role::Correction]);

/// Dates where the conversation says that one follows.
pub(super) fn answers(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for cue in &call.cues {
        if cue.announced != Announced::Item(CardExpiry) || cue.weight < 1.0 {
            continue;
        }
        if let Some(reply) = call.reply_to(cue) {
            found.extend(
                date_from(call, reply).or_else(|| date_from(call, next_turn(call, reply)?)),
            );
        }
        let Some(end) = call.tokens.get(cue.token).filter(|it| !it.asks) else {
            continue;
        };
        let own = call.at(cue.side, end.pos + 1);
        let own = own.filter(|it| it.phrase == end.phrase);
        if call.is_spoken_of(cue.token, &[CreditCard, Cvv]) {
            found.extend(own.and_then(|it| date_from(call, it)));
        }
    }
}

/// The turn behind one that says only that the answer is to come: "hang on, let me turn it over".
fn next_turn<'a>(call: &'a Call<'_>, reply: &Token<'_>) -> Option<&'a Token<'a>> {
    let turn = (reply.pos..=reply.pos + MAX_REMARK).map_while(|pos| call.at(reply.side, pos));
    let next = turn.take_while(|it| it.phrase == reply.phrase).count() + reply.pos;
    call.at(reply.side, next)
        .filter(|it| it.phrase != reply.phrase)
}

/// What was said of a date, token by token.
#[derive(Default)]
struct Parts {
    last: usize,
    /// Numbers, and words that sound like one.
    numbers: usize,
    digits: usize,
    certain: bool,
    month: bool,
    relative: bool,
}

/// The date at the start of a turn, or behind the words that announce it.
fn date_from(call: &Call<'_>, start: &Token<'_>) -> Option<Candidate> {
    let side = start.side;
    let own = |pos: usize| call.at(side, pos).filter(|it| it.phrase == start.phrase);
    let lead = |pos: &usize| {
        own(*pos).is_some_and(|it| it.entry.roles.has_any(LEADS) && it.reading == Reading::Word)
    };
    let first = start.pos + (start.pos..start.pos + MAX_LEAD).take_while(lead).count();
    let mut parts = Parts::default();
    let mut pos = first;
    while let Some(token) = own(pos).filter(|_| pos < first + MAX_TOKENS) {
        let len = take(call, token, &mut parts);
        if len == 0 {
            break;
        }
        pos += len;
    }
    let named = parts.month || (parts.relative && parts.numbers > 0);
    let numbered = parts.numbers > 1 || parts.digits > 2;
    let dated = parts.digits <= MAX_DIGITS && (named || (parts.certain && numbered));
    if !dated {
        return None;
    }
    let mut score = Score::prior(-1.0);
    score.add(3.6, "answers a question for an expiry date");
    let place = (side, first, parts.last);
    Some(Candidate::of_tokens(
        CardExpiry,
        "card_expiry",
        place,
        score,
    ))
}

/// Takes what begins at a token in: how many tokens it has; none where the date is over.
fn take(call: &Call<'_>, token: &Token<'_>, parts: &mut Parts) -> usize {
    let relative = call.phrase_len(Role::RelativeDate, token.side, token.pos);
    if relative > 0 {
        (parts.relative, parts.last) = (true, token.pos + relative - 1);
        return relative;
    }
    if call.is_cue(token) || call.is_quantity(token) || is_auxiliary(call, token) {
        return 0;
    }
    match token.reading {
        Reading::Month(_) => (parts.month, parts.last) = (true, token.pos),
        Reading::Oh | Reading::Homophone('0'..='9') => {
            parts.numbers += 1;
            parts.digits += 1;
            let linking = matches!(token.text, "for" | "to" | "too") && !ends_turn(call, token);
            parts.last = if linking { parts.last } else { token.pos };
        }
        Reading::Symbol(_) => {}
        _ if number_len(token) > 0 => {
            let fields = if token.reading == Reading::Date { 2 } else { 1 };
            parts.numbers += fields;
            parts.digits += number_len(token);
            (parts.certain, parts.last) = (true, token.pos);
        }
        _ if is_joint(token) => {}
        _ => return 0,
    }
    1
}

/// Digits that a number gives in a date; 0 for what is none.
fn number_len(token: &Token<'_>) -> usize {
    match token.reading {
        Reading::Digits => token.text.len(),
        Reading::Unit(_) | Reading::Ordinal(_) => 1,
        Reading::Teen(_) | Reading::Tens(_) | Reading::Thousand | Reading::Hundred => 2,
        Reading::Date => 4,
        _ => 0,
    }
}

/// A small word inside a date.
fn is_joint(token: &Token<'_>) -> bool {
    let roles = Roles::of(&[Role::Filler, Role::Correction, Role::InDate]);
    token.entry.roles.has_any(roles) || token.text == "over"
}

/// "May I", "may be": no month.
fn is_auxiliary(call: &Call<'_>, token: &Token<'_>) -> bool {
    let next = call.at(token.side, token.pos + 1);
    token.text == "may"
        && next.is_some_and(|it| {
            it.phrase == token.phrase
                && it.reading != Reading::Month(5)
                && it.has(Role::Stop)
                && !it.has(Role::InDate)
                && number_len(it) == 0
        })
}

fn ends_turn(call: &Call<'_>, token: &Token<'_>) -> bool {
    let next = call.at(token.side, token.pos + 1);
    token.ends_sentence || next.is_none_or(|it| it.phrase != token.phrase)
}
