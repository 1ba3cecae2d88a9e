//! An optional learned recognizer beside the rules: a token classification model that the organization
//! supplies. It can only add, and what it adds a person decides.
//!
//! The model itself is behind the feature `learned`; without it there is nothing here but the way it is
//! asked.

#[cfg(feature = "learned")]
mod model;
#[cfg(feature = "learned")]
mod word_piece;

use std::{collections::BTreeSet, fmt};

use domain::{detection::Detection, transcript::Transcript};

#[cfg(feature = "learned")]
pub use self::model::{Files, Model};

/// Name of the recognizer in detections.
pub const RECOGNIZER: &str = "learned";

/// Why a learned recognizer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LearnedError {
    /// A file of the model is not what it must be.
    #[error("the learned recognizer cannot be used: `{file}`: {problem}")]
    File {
        /// Which file of the folder.
        file: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The runtime is missing or refuses.
    #[error("the learned recognizer cannot be used: ONNX Runtime: {0}")]
    Runtime(String),
}

/// Something that finds personal data by itself.
pub trait Recognizer: fmt::Debug + Send + Sync {
    /// Name and digest, for plans.
    fn version(&self) -> &str;

    /// What it finds, with scores between the review threshold and the one that decides alone.
    ///
    /// # Errors
    /// When the model cannot be run; a call is then not detected, because less would be found than the desk
    /// is set to find.
    fn recognize(&self, transcript: &Transcript) -> Result<Vec<Detection>, LearnedError>;
}

/// Adds what was learned where the rules found nothing; takes nothing out and lowers nothing.
pub fn add(found: &mut Vec<Detection>, learned: Vec<Detection>) {
    let known: BTreeSet<usize> = found.iter().flat_map(|it| it.words.clone()).collect();
    let is_new = |it: &Detection| !it.words.iter().all(|word| known.contains(word));
    found.extend(learned.into_iter().filter(is_new));
    found.sort_by_key(|it| (it.start_ms, it.end_ms, it.entity));
}
