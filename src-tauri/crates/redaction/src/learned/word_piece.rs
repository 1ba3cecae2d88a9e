//! Splits words into the pieces a model knows: WordPiece as `tokenizer.json` describes it (BERT and kin).

use std::collections::HashMap;

use serde::Deserialize;

use super::LearnedError;

/// Longer words are unknown to the model.
const MAX_WORD_CHARS: usize = 100;
const FILE: &str = "tokenizer.json";

/// The pieces of a model.
#[derive(Debug)]
pub(super) struct WordPiece {
    vocabulary: HashMap<String, i64>,
    prefix: String,
    lowercase: bool,
    unknown: i64,
    /// Before the first and after the last word.
    pub(super) start: i64,
    pub(super) end: i64,
}

#[derive(Deserialize)]
struct File {
    model: ModelPart,
    normalizer: Option<NormalizerPart>,
}

#[derive(Deserialize)]
struct ModelPart {
    #[serde(rename = "type")]
    kind: Option<String>,
    vocab: HashMap<String, i64>,
    #[serde(default = "continuing")]
    continuing_subword_prefix: String,
    #[serde(default = "unknown")]
    unk_token: String,
}

#[derive(Deserialize)]
struct NormalizerPart {
    #[serde(default)]
    lowercase: bool,
}

fn continuing() -> String {
    "##".to_owned()
}

fn unknown() -> String {
    "[UNK]".to_owned()
}

fn wrong(problem: impl Into<String>) -> LearnedError {
    LearnedError::File {
        file: FILE,
        problem: problem.into(),
    }
}

impl WordPiece {
    pub(super) fn from_json(text: &[u8]) -> Result<Self, LearnedError> {
        let file: File = serde_json::from_slice(text)
            .map_err(|error| wrong(format!("line {}: not a tokenizer", error.line())))?;
        let model = file.model;
        if model.kind.as_deref().is_some_and(|it| it != "WordPiece") {
            return Err(wrong("only tokenizers of the type `WordPiece` can be used"));
        }
        let id = |piece: &str| {
            let found = model.vocab.get(piece).copied();
            found.ok_or_else(|| wrong(format!("it has no piece `{piece}`")))
        };
        Ok(Self {
            unknown: id(&model.unk_token)?,
            start: id("[CLS]")?,
            end: id("[SEP]")?,
            prefix: model.continuing_subword_prefix.clone(),
            lowercase: file.normalizer.is_some_and(|it| it.lowercase),
            vocabulary: model.vocab,
        })
    }

    /// The pieces of a word, longest first, as the model was trained with; one unknown piece when there are
    /// none.
    pub(super) fn pieces(&self, word: &str) -> Vec<i64> {
        let word: Vec<char> = if self.lowercase {
            word.to_lowercase().chars().collect()
        } else {
            word.chars().collect()
        };
        if word.is_empty() || word.len() > MAX_WORD_CHARS {
            return vec![self.unknown];
        }
        let (mut pieces, mut at) = (Vec::new(), 0);
        while at < word.len() {
            let Some((id, length)) = self.longest(word.get(at..).unwrap_or_default(), at > 0)
            else {
                return vec![self.unknown];
            };
            pieces.push(id);
            at += length;
        }
        pieces
    }

    fn longest(&self, rest: &[char], continues: bool) -> Option<(i64, usize)> {
        (1..=rest.len()).rev().find_map(|length| {
            let mut piece = if continues {
                self.prefix.clone()
            } else {
                String::new()
            };
            piece.extend(rest.get(..length)?);
            Some((*self.vocabulary.get(&piece)?, length))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r###"{"normalizer":{"lowercase":true},"model":{"type":"WordPiece",
        "vocab":{"[UNK]":0,"[CLS]":1,"[SEP]":2,"hollo":3,"##way":4,"h":5}}}"###;

    #[test]
    fn the_longest_pieces_come_first() {
        let pieces = WordPiece::from_json(JSON.as_bytes()).unwrap();
        assert_eq!(pieces.pieces("Holloway"), [3, 4]);
        assert_eq!(pieces.pieces("ho"), [0], "no piece for the rest");
        assert_eq!(pieces.pieces(""), [0]);
    }

    #[test]
    fn other_tokenizers_are_refused_by_name() {
        let other = JSON.replace("WordPiece", "Unigram");
        let error = WordPiece::from_json(other.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("`WordPiece`"), "{error}");
        let without = JSON.replace("[CLS]", "[X]");
        let error = WordPiece::from_json(without.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("`[CLS]`"), "{error}");
    }
}
