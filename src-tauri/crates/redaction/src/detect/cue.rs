//! Cues: phrases that announce an item, from either side.

use domain::transcript::Speaker;

use super::{
    call::Call,
    lexicon::{Announced, CueSet, PhraseSet},
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
        next.text.as_str(),
        "is" | "please" | "number" | "it's" | "was" | "ends"
    );
    // What the customer mentions last is no question.
    let asks = call.speaker(side) != Speaker::External;
    (asks && (end.ends_sentence || next.phrase != end.phrase)) || number(next) || link
}

/// Tokens of the longest phrase of any cue at a position.
fn longest_at(call: &Call<'_>, side: usize, pos: usize) -> usize {
    let Some(first) = call.text(side, pos) else {
        return 0;
    };
    let len = |set: &CueSet| {
        set.phrases
            .matched(first, |offset| call.text(side, pos + offset))
    };
    call.lexicon.cues.iter().map(len).max().unwrap_or(0)
}

/// All cues, ordered by the token they end with.
pub(super) fn find_cues(call: &Call<'_>) -> Vec<Cue> {
    let mut cues = Vec::new();
    for side in 0..call.sides.len() {
        let mut pos = 0;
        while let Some(token) = call.at(side, pos) {
            let matches = |set: &PhraseSet| {
                // An announcement lies within one turn.
                let near = |it: &&Token| it.phrase == token.phrase;
                let len = set.matched(&token.text, |offset| {
                    call.at(side, pos + offset)
                        .filter(near)
                        .map(|it| it.text.as_str())
                });
                len.max(usize::from(set.has(token.stem())))
            };
            let found: Vec<(&CueSet, usize)> = call
                .lexicon
                .cues
                .iter()
                .map(|set| (set, matches(&set.phrases)))
                .filter(|it| it.1 > 0)
                .collect();
            let longest = found.iter().map(|it| it.1).max().unwrap_or(0);
            // A mention such as "your account" gives way to "account number".
            let mention = found.iter().all(|it| it.1 < longest || it.0.weight < 1.0);
            let reaches = |offset: &usize| longest_at(call, side, pos + offset) + offset > longest;
            if let Some(later) = (1..longest).filter(|_| mention).find(reaches) {
                pos += later;
                continue;
            }
            // Only the longest: "card number" must not also be a cue of "number".
            for (set, len) in found.into_iter().filter(|it| it.1 == longest) {
                let token = call.index(side, pos + len - 1);
                let phrase = call.tokens[token].phrase;
                cues.push(Cue {
                    announced: set.announced,
                    weight: if is_pointed(call, side, pos + len) {
                        1.0
                    } else {
                        set.weight
                    },
                    mentions: set.weight < 1.0,
                    token,
                    len,
                    side,
                    phrase,
                });
            }
            pos += longest.max(1);
        }
    }
    cues.sort_by_key(|cue| cue.token);
    cues
}
