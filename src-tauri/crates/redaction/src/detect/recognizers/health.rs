//! Health terms: conditions, procedures and drugs that somebody has, had or takes.

use domain::entity::EntityKind::HealthTerm;

use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
};

/// Tokens before a term in which somebody has it.
const REACH: usize = 8;

pub(super) fn recognize(call: &Call<'_>, found: &mut Vec<Candidate>) {
    for token in &call.tokens {
        let (side, pos) = (token.side, token.pos);
        let len = ["condition", "procedure", "drug"]
            .into_iter()
            .map(|role| call.phrase_len(role, side, pos))
            .max()
            .unwrap_or(0);
        let inside = pos > 0
            && found
                .last()
                .is_some_and(|it| it.entity == HealthTerm && it.side == side && it.last >= pos);
        if len == 0 || inside {
            continue;
        }
        let mut score = Score::prior(-1.0);
        score.add(2.2, "a condition, procedure or drug");
        score.add_if(
            is_personal(call, side, pos),
            1.0,
            "somebody has or takes it",
        );
        found.push(Candidate::of_tokens(
            HealthTerm,
            "health",
            (side, pos, pos + len - 1),
            score,
        ));
    }
}

fn is_personal(call: &Call<'_>, side: usize, pos: usize) -> bool {
    (pos.saturating_sub(REACH)..pos)
        .filter_map(|pos| call.text(side, pos))
        .any(|text| call.lexicon.role("suffers").has(text))
}
