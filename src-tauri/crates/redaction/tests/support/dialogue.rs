//! Reads marked-up dialogues into transcripts with known items.

use domain::{
    entity::{EntityKind, Owner},
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, TranscriptOrigin, Word},
};

/// One call and what is in it.
pub struct Call {
    pub name: String,
    pub transcript: Transcript,
    pub items: Vec<Item>,
}

/// A marked item.
pub struct Item {
    pub entity: EntityKind,
    pub owner: Owner,
    pub words: Vec<usize>,
}

impl Call {
    /// The text of some words.
    pub fn words(&self, words: &[usize]) -> String {
        let texts = words
            .iter()
            .map(|&at| self.transcript.words[at].text.reveal().as_str());
        texts.collect::<Vec<_>>().join(" ")
    }
}

/// `== name` opens a call; `A:` and `C:` are turns; `[[words|ENTITY|owner]]` marks an item.
pub fn parse_calls(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let (mut words, mut clock) = (Vec::new(), 0);
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some(name) = line.strip_prefix("== ") {
            finish(&mut calls, &mut words);
            clock = 0;
            let transcript = Transcript::new(vec![], None, TranscriptOrigin::File);
            calls.push(Call {
                name: name.to_owned(),
                transcript,
                items: vec![],
            });
            continue;
        }
        let (side, said) = line.split_once(": ").unwrap();
        let (channel, speaker) = if side == "A" {
            (1, Speaker::Internal)
        } else {
            (0, Speaker::External)
        };
        let phrase = words.last().map_or(0, |word: &Word| word.phrase + 1);
        let mut push = |words: &mut Vec<Word>, text: &str| {
            for text in text.split_whitespace() {
                let word = Word {
                    text: PersonalData::new(text.to_owned()),
                    start_ms: clock,
                    end_ms: clock + 280,
                    confidence: 0.9,
                    channel: Some(channel),
                    speaker,
                    phrase,
                };
                words.push(word);
                clock += 320;
            }
        };
        let mut rest = said;
        while let Some((before, marked)) = rest.split_once("[[") {
            let (item, after) = marked.split_once("]]").unwrap();
            let mut parts = item.rsplitn(3, '|');
            let (owner, entity, said) = (
                parts.next().unwrap(),
                parts.next().unwrap(),
                parts.next().unwrap(),
            );
            push(&mut words, before);
            let from = words.len();
            // Punctuation right behind an item belongs to its last word.
            let glued = after.len() - after.trim_start_matches(['.', ',', '?']).len();
            push(&mut words, &format!("{said}{}", &after[..glued]));
            let (entity, owner) = (
                EntityKind::from_name(entity).unwrap(),
                Owner::from_name(owner).unwrap(),
            );
            calls.last_mut().unwrap().items.push(Item {
                entity,
                owner,
                words: (from..words.len()).collect(),
            });
            rest = &after[glued..];
        }
        push(&mut words, rest);
        clock += 500;
    }
    finish(&mut calls, &mut words);
    calls
}

fn finish(calls: &mut [Call], words: &mut Vec<Word>) {
    if let Some(call) = calls.last_mut() {
        call.transcript = Transcript::new(std::mem::take(words), None, TranscriptOrigin::File);
    }
}
