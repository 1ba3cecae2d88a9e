//! Numbers as the answer to a question for them, however they were heard: a short turn of digits, letters
//! and words that sound like them is what was asked for.

use domain::entity::EntityKind::{
    self, AccountNumber, BankRouting, CreditCard, Cvv, DeviceId, DriverLicense, Iban, MedicalId,
    NationalId, NationalInsurance, Passport, PhoneNumber, Pin, Ssn, VehicleReg,
};

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    cue::Cue,
    lexicon::{Announced, Role, Roles},
    reading::Reading,
    token::Token,
};

/// Words before the number.
const MAX_LEAD: usize = 8;
/// Longest answer, in tokens.
const MAX_TOKENS: usize = 30;
/// Runs from here on are decided about by what they look like.
const MIN_RUN: usize = 3;

const LEADS: Roles = Roles::of(&[Role::Lead, Role::Filler, Role::Correction]);

/// Kinds that consist of digits and letters.
const KINDS: [EntityKind; 15] = [
    AccountNumber,
    BankRouting,
    CreditCard,
    Cvv,
    DeviceId,
    DriverLicense,
    Iban,
    MedicalId,
    NationalId,
    NationalInsurance,
    Passport,
    PhoneNumber,
    Pin,
    Ssn,
    VehicleReg,
];

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for cue in &call.cues {
        let Announced::Item(kind) = cue.announced else {
            continue;
        };
        if cue.weight >= 1.0 && KINDS.contains(&kind) {
            found.extend(answer(call, cue, kind));
        }
    }
}

fn answer(call: &Call<'_>, cue: &Cue, kind: EntityKind) -> Option<Candidate> {
    let reply = call.reply_to(cue)?;
    let (first, last) = characters_from(call, reply)?;
    let decided = call
        .at(reply.side, first)
        .and_then(|it| call.run_over(it))
        .is_some_and(|run| run.chars.len() >= MIN_RUN && run.first <= first && run.last >= last);
    if decided {
        return None;
    }
    let mut score = Score::prior(-1.0);
    score.add(3.0, "a short answer to a question for a number");
    let place = (reply.side, first, last);
    Some(Candidate::of_tokens(kind, "number_answer", place, score))
}

/// What a turn has of digits and letters, if it is little else.
#[derive(Default)]
struct Characters {
    first: Option<usize>,
    last: usize,
    count: usize,
    /// Those that can be nothing else.
    certain: usize,
    /// Words that are neither characters nor what stands between them.
    others: usize,
}

fn characters_from(call: &Call<'_>, reply: &Token<'_>) -> Option<(usize, usize)> {
    let side = reply.side;
    let own = |pos: usize| call.at(side, pos).filter(|it| it.phrase == reply.phrase);
    let lead = |pos: &usize| {
        own(*pos).is_some_and(|it| it.entry.roles.has_any(LEADS) && it.reading == Reading::Word)
    };
    let begin = reply.pos + (reply.pos..reply.pos + MAX_LEAD).take_while(lead).count();
    let mut found = Characters::default();
    for pos in begin..begin + MAX_TOKENS {
        let Some(token) = own(pos).filter(|it| !call.is_cue(it) && !call.is_quantity(it)) else {
            break;
        };
        if call.phrase_len(Role::Wait, side, pos) > 0 {
            break;
        }
        take(token, &mut found);
        if token.ends_sentence && found.count > 0 {
            break;
        }
    }
    let first = found.first?;
    let sure = found.certain > 0 || found.count > 2;
    let enough = found.count > 1 || (found.certain > 0 && found.others == 0);
    let mostly = found.others * 4 <= found.count;
    (sure && enough && mostly).then_some((first, found.last))
}

fn take(token: &Token<'_>, found: &mut Characters) {
    let certain = matches!(
        token.reading,
        Reading::Digits
            | Reading::Unit(_)
            | Reading::Teen(_)
            | Reading::Tens(_)
            | Reading::Repeat(_)
            | Reading::Letter(_)
            | Reading::Mixed
    );
    // "That one" is no digit.
    let one = token.text == "one";
    let sounds = one || matches!(token.reading, Reading::Oh | Reading::Homophone('0'..='9'));
    let between = matches!(
        token.reading,
        Reading::Symbol(_)
            | Reading::Spelling(_)
            | Reading::WeakLetter(_)
            | Reading::Homophone(_)
            | Reading::Capitals
            | Reading::Hundred
    );
    if certain || sounds {
        found.count += 1;
        found.certain += usize::from(certain && !one);
        found.first = found.first.or(Some(token.pos));
        found.last = token.pos;
    } else if !between && !is_small(token) {
        found.others += 1;
    }
}

/// A word that may stand between the digits of a number.
fn is_small(token: &Token<'_>) -> bool {
    token.entry.roles.has_any(LEADS) || token.has(Role::Bridge) || token.has(Role::Backchannel)
}
