//! Cues: phrases that announce an item, from either side.

use domain::transcript::Speaker;

use super::{
    call::Call,
    lexicon::{Announced, Classes, FoundCue},
    reading::Reading,
    token::Token,
};

/// A phrase that announces an item.
#[derive(Debug, Clone)]
pub(super) struct Cue {
    pub(super) announced: Announced,
    /// Global index of the last token of the phrase.
    pub(super) token: usize,
    /// 1 for an announcement, less for a mention.
    pub(super) weight: f32,
    /// The phrase only mentions what it is about, wherever it stands.
    pub(super) mentions: bool,
    /// Tokens of the phrase.
    pub(super) len: usize,
    pub(super) side: usize,
    pub(super) phrase: u32,
    /// When the phrase ends.
    pub(super) end_ms: u64,
    /// The first run that begins behind it.
    pub(super) next_run: usize,
    /// How many other kinds were announced before it in the same breath.
    pub(super) rank: usize,
}

/// Whether nothing stands between a mention and what it may announce: it ends the turn or the
/// sentence, or a number follows.
fn is_pointed(call: &Call<'_>, side: usize, behind: usize) -> bool {
    let Some(end) = behind.checked_sub(1).and_then(|pos| call.at(side, pos)) else {
        return false;
    };
    let Some(next) = call.at(side, behind) else {
        return call.speaker(side) != Speaker::External;
    };
    let number = |it: &Token| {
        !matches!(
            it.reading,
            Reading::Word | Reading::Month(_) | Reading::WeakLetter(_) | Reading::Homophone(_)
        )
    };
    let link = matches!(
        next.text,
        "is" | "please" | "number" | "it's" | "was" | "ends"
    );
    // What the customer mentions last is no question.
    let asks = call.speaker(side) != Speaker::External;
    (asks && (end.ends_sentence || next.phrase != end.phrase)) || number(next) || link
}

/// All cues, ordered by the token they end with.
pub(super) fn find_cues(call: &Call<'_>) -> Vec<Cue> {
    let mut cues = Vec::new();
    for side in 0..call.sides.len() {
        let mut from = 0;
        for pos in call.positions_of(Classes::CUE, side) {
            let found = call.cue_at(side, pos);
            if pos < from || found.len == 0 {
                continue;
            }
            // A mention such as "your account" gives way to "account number".
            let mention = call.lexicon.sets(found.sets).all(|set| set.weight < 1.0);
            let reaches = |offset: &usize| call.cue_at(side, pos + offset).len + offset > found.len;
            if let Some(later) = (1..found.len).filter(|_| mention).find(reaches) {
                from = pos + later;
                continue;
            }
            push(call, (side, pos), found, &mut cues);
            from = pos + found.len;
        }
    }
    cues.sort_by_key(|cue| cue.token);
    cues
}

/// Only the longest: "card number" must not also be a cue of "number".
fn push(call: &Call<'_>, (side, pos): (usize, usize), found: FoundCue, cues: &mut Vec<Cue>) {
    let token = call.index(side, pos + found.len - 1);
    let Some(last) = call.tokens.get(token) else {
        return;
    };
    let pointed = is_pointed(call, side, pos + found.len);
    for set in call.lexicon.sets(found.sets) {
        cues.push(Cue {
            announced: set.announced,
            weight: if pointed { 1.0 } else { set.weight },
            mentions: set.weight < 1.0,
            token,
            len: found.len,
            side,
            phrase: last.phrase,
            end_ms: last.end_ms,
            next_run: 0,
            rank: 0,
        });
    }
}
