//! One found place of personal data.

use crate::entity::{EntityKind, Owner};

/// What to do with a found place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SpanDecision {
    /// Replace it in the audio and the transcript.
    Redact,
    /// A person has to decide; until then it is treated as `Redact` in every output.
    Review,
    /// Leave it as it is.
    Keep,
}

impl SpanDecision {
    /// The stable name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Redact => "redact",
            Self::Review => "review",
            Self::Keep => "keep",
        }
    }

    /// The decision with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Redact, Self::Review, Self::Keep]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// One found place of personal data, before the policy has spoken.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// What kind of data it is.
    pub entity: EntityKind,
    /// Channel that carries the speech; `None` when it cannot be told (then every channel counts).
    pub channel: Option<u8>,
    /// Start of the first word, in milliseconds, without padding.
    pub start_ms: u64,
    /// End of the last word, exclusive.
    pub end_ms: u64,
    /// Indexes of the covered words in the transcript, ascending.
    pub words: Vec<usize>,
    /// How sure the recognizer is, 0.0 to 1.0.
    pub score: f32,
    /// Name of the recognizer, such as `credit_card`.
    pub recognizer: &'static str,
    /// Whose data it is.
    pub owner: Owner,
    /// Why it was found and scored so, one short reason each; never the content itself.
    pub explanation: Vec<String>,
}
