//! Identifiers. Ids of different kinds are different types, so they cannot be mixed up.

use std::fmt;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is empty.
    #[error("{kind} is empty")]
    Empty {
        /// Which identifier was expected.
        kind: &'static str,
    },
    /// The text is longer than [`MAX_ID_LEN`] bytes.
    #[error("{kind} is longer than {MAX_ID_LEN} bytes")]
    TooLong {
        /// Which identifier was expected.
        kind: &'static str,
    },
    /// The text has a control character.
    #[error("{kind} has a control character")]
    Control {
        /// Which identifier was expected.
        kind: &'static str,
    },
}

/// Longest identifier accepted, in bytes; real ones have at most 64.
pub const MAX_ID_LEN: usize = 256;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Accepts any non-empty text without control characters: ids of other systems are opaque. // S1-20
            ///
            /// # Errors
            /// When the text is empty, longer than [`MAX_ID_LEN`] bytes or has a control character.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                check_id($kind, &text)?;
                Ok(Self(text))
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }
    };
}

fn check_id(kind: &'static str, text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { kind });
    }
    if text.len() > MAX_ID_LEN {
        return Err(IdError::TooLong { kind });
    }
    if text.chars().any(char::is_control) {
        return Err(IdError::Control { kind });
    }
    Ok(())
}

text_id!(
    /// One request, `SAR-2026-000417`; never derived from a name.
    CaseId,
    "case id"
);
text_id!(
    /// A conversation in a source system; opaque.
    ConversationId,
    "conversation id"
);
text_id!(
    /// A recording in a source system; opaque and unique only within its conversation.
    RecordingId,
    "recording id"
);
text_id!(
    /// A leg of a conversation; the key of a transcript.
    CommunicationId,
    "communication id"
);
text_id!(
    /// Ties one request through search, retrieval, redaction, delivery and audit. // S0-67
    CorrelationId,
    "correlation id"
);
text_id!(
    /// A person or service account that acts.
    ActorId,
    "actor id"
);
text_id!(
    /// A configured source of recordings, such as `genesys-eu`.
    SourceId,
    "source id"
);
text_id!(
    /// One job of the queue.
    JobId,
    "job id"
);
text_id!(
    /// One redaction span of a plan.
    SpanId,
    "span id"
);

/// The number of a call within its case, from 1; gives neutral file names. // S0-71
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallNumber(u32);

impl CallNumber {
    /// `number` counts from 1.
    pub fn new(number: u32) -> Option<Self> {
        (number > 0).then_some(Self(number))
    }

    /// The number itself.
    pub fn get(self) -> u32 {
        self.0
    }

    /// `call-003`: says nothing about the person.
    pub fn file_stem(self) -> String {
        format!("call-{:03}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_other_systems_are_opaque_but_never_empty_or_broken() {
        for good in [
            "rec_5f3a2b1c9d8e7f6g5h4i3j2k1l",
            "2023-10-27T14:30:00Z-8923",
            "ü",
        ] {
            assert!(RecordingId::new(good).is_ok(), "{good}");
        }
        assert_eq!(
            RecordingId::new(""),
            Err(IdError::Empty {
                kind: "recording id"
            })
        );
        assert!(RecordingId::new("a\nb").is_err());
        assert!(RecordingId::new("x".repeat(MAX_ID_LEN + 1)).is_err());
    }

    #[test]
    fn call_numbers_start_at_one_and_name_files_neutrally() {
        assert_eq!(CallNumber::new(0), None);
        assert_eq!(CallNumber::new(3).unwrap().file_stem(), "call-003");
    }
}
