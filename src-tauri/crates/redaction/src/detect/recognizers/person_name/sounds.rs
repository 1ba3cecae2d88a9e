//! Names that are heard as other words: "My Lynn" for "Mai Linh", "mis bah" for "Misbah".

use std::{
    collections::{HashMap, HashSet},
    hash::{Hash, Hasher},
};

use domain::entity::Owner;

use super::name;
use crate::detect::{
    call::Call,
    candidate::{Candidate, Score},
    hash::Mixed,
    lexicon::{Classes, FRAMES, Role},
    reading::Reading,
    token::Token,
};

/// From here on a name is listened for.
const ACCEPTED: f32 = 0.80;
/// Words that one name is heard as.
const MAX_WORDS: usize = 3;
/// Consonants of the shortest name that is told by them.
const MIN_SOUNDS: u32 = 2;
/// Consonants that are compared.
const MAX_SOUNDS: u32 = 14;

/// Accepted names wherever words that sound like them stand where a name is said.
pub(super) fn heard_otherwise(call: &Call<'_>, names: &mut Vec<Candidate>) {
    let mut known: HashMap<Sound, Option<Owner>, Mixed> = HashMap::default();
    let mut seen: HashSet<&str, Mixed> = HashSet::default();
    // The last who is said to have a name has it.
    for it in names.iter().rev().filter(|it| it.score >= ACCEPTED) {
        if !seen.insert(&it.value) {
            continue;
        }
        let mut words = it.value.split(' ');
        loop {
            let mut sound = Sound::default();
            for word in words.clone() {
                sound.add(word);
                if sound.count >= MIN_SOUNDS {
                    known.entry(sound).or_insert(it.owner);
                }
            }
            if words.next().is_none() {
                break;
            }
        }
    }
    if known.is_empty() {
        return;
    }
    let mut again = Vec::new();
    for token in call.tokens_of(Classes::FRAME) {
        let len = call.phrase_len_of(FRAMES, token.side, token.pos);
        if len > 0 {
            again.extend(heard_at(call, &known, token.side, token.pos + len));
        }
    }
    names.extend(again);
}

/// A name of several words that begins at a position and sounds like a known one.
fn heard_at(
    call: &Call<'_>,
    known: &HashMap<Sound, Option<Owner>, Mixed>,
    side: usize,
    from: usize,
) -> Option<Candidate> {
    let start = call.at(side, from)?;
    let word = |pos: usize| {
        call.at(side, pos)
            .filter(|it| it.phrase == start.phrase && is_word(call, it))
    };
    let most = (0..MAX_WORDS).take_while(|offset| {
        let before = offset.checked_sub(1).and_then(|offset| word(from + offset));
        word(from + offset).is_some() && before.is_none_or(|it| !it.ends_sentence && !it.comma)
    });
    let most = most.count();
    let mut sounds = [Sound::default(); MAX_WORDS];
    let mut sound = Sound::default();
    for (own, token) in sounds.iter_mut().zip((from..from + most).filter_map(word)) {
        sound.add(token.stem());
        *own = sound;
    }
    (1..=most).rev().find_map(|len| {
        let owner = known.get(&sounds[len - 1])?;
        let last = word(from + len - 1)?;
        let spoken = last.stem_has(Role::Stop) || last.has(Role::NameThen);
        let ends = !spoken && !word(from + len).is_some_and(|it| it.is_name() && !it.is_common());
        let ordinary = len == 1 && start.is_common();
        if ordinary || !ends {
            return None;
        }
        let mut score = Score::prior(0.0);
        score.add(2.4, "sounds like an accepted name");
        Some(name(call, side, from, from + len - 1, score, *owner))
    })
}

fn is_word(call: &Call<'_>, token: &Token<'_>) -> bool {
    matches!(
        token.reading,
        Reading::Word | Reading::Spelling(_) | Reading::Homophone(_)
    ) && !call.is_in_run(token)
}

/// The consonants of words, alike ones as one: vowels are what recognizers change first.
#[derive(Debug, Clone, Copy, Default)]
struct Sound {
    /// Four bits a consonant.
    code: u64,
    count: u32,
    /// The class of the last letter; zero behind a vowel.
    last: u8,
    /// Whether anything was added.
    any: bool,
}

impl Sound {
    /// Adds a word to those said before it.
    fn add(&mut self, word: &str) {
        for byte in word.bytes() {
            let class = class_of(byte);
            if !self.any && class == 0 && byte.is_ascii_alphabetic() {
                self.push(VOWEL);
            } else if class != 0 && class != self.last {
                self.push(class);
            }
            self.any = true;
            if byte != b'h' && byte != b'\'' {
                self.last = class;
            }
        }
    }

    fn push(&mut self, class: u8) {
        if self.count < MAX_SOUNDS {
            self.code = (self.code << 4) | u64::from(class);
            self.count += 1;
        }
    }
}

/// Only the consonants count.
impl PartialEq for Sound {
    fn eq(&self, other: &Self) -> bool {
        (self.code, self.count) == (other.code, other.count)
    }
}

impl Eq for Sound {}

impl Hash for Sound {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.code ^ (u64::from(self.count) << 58));
    }
}

const VOWEL: u8 = 15;

/// Consonants that are taken for each other; zero for vowels and half-vowels.
fn class_of(byte: u8) -> u8 {
    match byte {
        b'b' | b'p' => 1,
        b'c' | b'k' | b'q' | b'g' => 2,
        b'd' | b't' => 3,
        b'f' | b'v' => 4,
        b'l' => 5,
        b'm' => 6,
        b'n' => 7,
        b'r' => 8,
        b's' | b'z' => 9,
        b'j' => 10,
        b'x' => 11,
        _ => 0,
    }
}
