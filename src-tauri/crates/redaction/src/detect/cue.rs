//! Cues: phrases that announce an item, from either side.

use super::{call::Call, lexicon::Announced};

/// A phrase that announces an item.
#[derive(Debug, Clone)]
pub(super) struct Cue {
    pub(super) announced: Announced,
    /// Global index of the last token of the phrase.
    pub(super) token: usize,
    /// Tokens of the phrase.
    pub(super) len: usize,
    pub(super) side: usize,
    pub(super) phrase: u32,
}

/// All cues, ordered by the token they end with.
pub(super) fn find_cues(call: &Call<'_>) -> Vec<Cue> {
    let mut cues = Vec::new();
    for side in 0..call.sides.len() {
        let mut pos = 0;
        while let Some(token) = call.at(side, pos) {
            let matches = |set: &super::lexicon::PhraseSet| {
                set.matched(&token.text, |offset| call.text(side, pos + offset))
            };
            let found: Vec<(Announced, usize)> = call
                .lexicon
                .cues
                .iter()
                .map(|(kind, set)| (*kind, matches(set)))
                .filter(|it| it.1 > 0)
                .collect();
            let longest = found.iter().map(|it| it.1).max().unwrap_or(0);
            // Only the longest: "card number" must not also be a cue of "number".
            for (announced, len) in found.into_iter().filter(|it| it.1 == longest) {
                let token = call.index(side, pos + len - 1);
                let phrase = call.tokens[token].phrase;
                cues.push(Cue {
                    announced,
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
