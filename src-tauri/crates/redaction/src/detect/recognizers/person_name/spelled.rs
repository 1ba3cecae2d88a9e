//! Names that are spelled: what they confirm, and what they are where a name is spoken of.

use std::collections::HashSet;

use domain::entity::EntityKind::PersonName;

use super::name;
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    hash::Mixed,
    lexicon::{Role, Roles},
    reading::Reading,
    run::Run,
    spelling,
};

/// Tokens before a spelling in which the name was said.
const SAID_REACH: usize = 8;
/// Words between the pieces of one spelling.
const MAX_BETWEEN: usize = 5;

const BETWEEN: Roles = Roles::of(&[Role::Bridge, Role::Correction, Role::Lead, Role::Filler]);

/// Three letters and more, where a name is spoken of or was just said.
pub(super) fn spelled_names(call: &Call<'_>, names: &mut Vec<Candidate>) {
    let mut named = Named::new(names);
    let letters = call.runs.iter().filter(|run| run.digit_count() == 0);
    let mut last: Option<&Run> = None;
    for run in letters.filter(|run| run.letter_count() >= 2) {
        let spelled = run.chars.to_lowercase();
        let said = said_before(call, run, &spelled);
        let known = named.is_known(&spelled);
        if run.letter_count() < 3 && !known {
            continue;
        }
        let mut score = Score::prior(-1.4);
        let expected = call.context(run).expected(PersonName);
        score.slot(expected, 2.6);
        score.add_if(call.lexicon.is_name(&spelled), 2.2, "spells a name");
        score.add_if(named.near(run), 2.6, "follows a name");
        score.add_if(run.chars.len() >= 4, 0.6, "four letters and more");
        score.add_if(said.is_some() || known, 3.4, "spells what was just said");
        if let Some(pos) = said {
            confirm(call, run.side, pos, names);
        }
        // "T H R E, no sorry, that's T H R E L": one spelling.
        let joined = last.filter(|before| score.reaches(0.5) && goes_on(call, before, run));
        let it = Candidate {
            value: spelled,
            first: joined.map_or(first_of_word(call, run), |before| before.first),
            ..Candidate::of_run(PersonName, "person_name", run, score)
        };
        last = Some(run);
        named.add(&it);
        names.push(it);
    }
}

/// Where the word begins of which a run is the rest: "I-P-H".
fn first_of_word(call: &Call<'_>, run: &Run) -> usize {
    let word = |pos: usize| call.at(run.side, pos).map(|it| it.word);
    let mut first = run.first;
    while let Some(before) = first.checked_sub(1)
        && word(before) == word(run.first)
    {
        first = before;
    }
    first
}

/// Whether a spelling starts again or goes on behind a few words.
fn goes_on(call: &Call<'_>, before: &Run, run: &Run) -> bool {
    let between = before.last + 1..run.first;
    before.side == run.side
        && between.len() <= MAX_BETWEEN
        && between
            .filter_map(|pos| call.at(run.side, pos))
            .all(|it| it.entry.roles.has_any(BETWEEN))
}

/// The word right before a spelling that has these letters.
fn said_before(call: &Call<'_>, run: &Run, spelled: &str) -> Option<usize> {
    if spelled.len() < 3 {
        return None;
    }
    let same = |word: &str| {
        word == spelled
            || (word.len() >= 3 && spelled.starts_with(word))
            || spelling::is_near(word, spelled)
    };
    (run.first.saturating_sub(SAID_REACH)..run.first)
        .rev()
        .find(|&pos| {
            let token = call.at(run.side, pos);
            token.is_some_and(|it| {
                let plain = it.reading == Reading::Word && !it.is_common() && it.is_unheard_of();
                (plain || it.is_name()) && same(it.stem())
            })
        })
}

/// A word that is spelled right behind it is a name, and so are the unknown words beside it.
fn confirm(call: &Call<'_>, side: usize, pos: usize, names: &mut Vec<Candidate>) {
    let beside = |at: usize, from: usize| {
        let (Some(a), Some(b)) = (call.at(side, at), call.at(side, from)) else {
            return false;
        };
        let (first, last) = if at < from { (a, b) } else { (b, a) };
        let word = a.is_name() || a.is_unheard_of();
        a.reading == Reading::Word
            && word
            && !a.has(Role::Stop)
            && first.phrase == last.phrase
            && !first.ends_sentence
            && !first.comma
    };
    let before = pos.checked_sub(1).filter(|&at| beside(at, pos));
    let last = pos + usize::from(beside(pos + 1, pos));
    let mut score = Score::prior(-1.0);
    score.add(4.0, "spelled right behind it");
    names.push(name(call, side, before.unwrap_or(pos), last, score, None));
}

/// Where accepted names end, by side and position, and what their words are.
struct Named {
    ends: HashSet<(usize, usize), Mixed>,
    words: HashSet<String, Mixed>,
}

impl Named {
    fn new(names: &[Candidate]) -> Self {
        let mut named = Self {
            ends: HashSet::default(),
            words: HashSet::default(),
        };
        names.iter().for_each(|it| named.add(it));
        named
    }

    fn add(&mut self, name: &Candidate) {
        if name.score > 0.5 {
            self.ends.insert((name.side, name.last));
            let words = name.value.split(' ').filter(|word| word.len() > 1);
            self.words.extend(words.map(str::to_owned));
        }
    }

    /// Whether a name of the call has these letters.
    fn is_known(&self, spelled: &str) -> bool {
        self.words.contains(spelled)
    }

    /// Whether a name ends shortly before a run.
    fn near(&self, run: &Run) -> bool {
        let before = run.first.saturating_sub(8)..run.first;
        before
            .into_iter()
            .any(|pos| self.ends.contains(&(run.side, pos)))
    }
}
