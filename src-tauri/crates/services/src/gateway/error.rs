//! Every refusal of the gateway: a closed list, each with its status, in the description of the API.

use connectors::source::FetchError;
use serde::{Deserialize, Serialize};

/// What a caller can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request cannot be understood.
    InvalidRequest,
    /// The place in a list is none that was given out, or its time is over.
    InvalidCursor,
    /// No token, a wrong one, or one whose time is over.
    InvalidToken,
    /// The token does not cover this.
    InsufficientScope,
    /// No recording is known by this reference. Also for those of other tenants. // S1-26
    RecordingNotFound,
    /// No such retrieval.
    JobNotFound,
    /// No source has a transcript of the recording.
    TranscriptNotFound,
    /// The address is none.
    NoSuchRoute,
    /// The address is there, the method is not.
    MethodNotAllowed,
    /// The reference names several recordings.
    AmbiguousReference,
    /// It is being written, or in an archive.
    RecordingNotReady,
    /// Its source deleted it.
    RecordingGone,
    /// The request is too large.
    BodyTooLarge,
    /// The request is not JSON.
    UnsupportedMediaType,
    /// The recording is in a codec that players do not play. // S1-34
    UnsupportedCodec,
    /// The recording has no byte in the range.
    RangeNotSatisfiable,
    /// Too much at once.
    TooManyRequests,
    /// What arrived is not the recording.
    RecordingDamaged,
    /// The keys of the token issuer cannot be had, so nobody is let in.
    KeysUnavailable,
    /// A source cannot be asked now.
    SourceUnavailable,
    /// A fault of the gateway.
    Internal,
}

impl Code {
    /// The HTTP status that goes with it.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::InvalidCursor => 400,
            Self::InvalidToken => 401,
            Self::InsufficientScope => 403,
            Self::RecordingNotFound
            | Self::JobNotFound
            | Self::TranscriptNotFound
            | Self::NoSuchRoute => 404,
            Self::MethodNotAllowed => 405,
            Self::AmbiguousReference | Self::RecordingNotReady => 409,
            Self::RecordingGone => 410,
            Self::BodyTooLarge => 413,
            Self::UnsupportedMediaType | Self::UnsupportedCodec => 415,
            Self::RangeNotSatisfiable => 416,
            Self::TooManyRequests => 429,
            Self::Internal => 500,
            Self::RecordingDamaged => 502,
            Self::KeysUnavailable | Self::SourceUnavailable => 503,
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request cannot be understood",
            Self::InvalidCursor => "The place in the list is not known, or its time is over",
            Self::InvalidToken => "The access token is missing, wrong or no longer valid",
            Self::InsufficientScope => "The access token does not cover this request",
            Self::RecordingNotFound => "No recording is known by this reference",
            Self::JobNotFound => "There is no such retrieval",
            Self::TranscriptNotFound => "No source has a transcript of the recording",
            Self::NoSuchRoute => "There is nothing at this address",
            Self::MethodNotAllowed => "This address does not take this method",
            Self::AmbiguousReference => "The reference names several recordings",
            Self::RecordingNotReady => "The recording cannot be had yet",
            Self::RecordingGone => "The source deleted the recording",
            Self::BodyTooLarge => "The request is too large",
            Self::UnsupportedMediaType => "The request must be `application/json`",
            Self::UnsupportedCodec => "The recording is in a codec that players do not play",
            Self::RangeNotSatisfiable => "The recording has no byte in this range",
            Self::TooManyRequests => "Too many requests at once",
            Self::RecordingDamaged => "What the source sent is not the recording",
            Self::KeysUnavailable => "The keys of the token issuer cannot be had now",
            Self::SourceUnavailable => "A source of recordings cannot be asked now",
            Self::Internal => "The gateway failed",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::InvalidRequest | Self::UnsupportedMediaType | Self::BodyTooLarge => {
                "`/openapi.json` describes every request."
            }
            Self::InvalidCursor => "Search again from the first page.",
            Self::InvalidToken => {
                "Ask for a token at `POST /oauth/token`, or at the issuer that the operator named."
            }
            Self::InsufficientScope => {
                "Ask the operator, or whoever runs the issuer, to give the client the scope."
            }
            Self::RecordingNotFound => {
                "Every source of this tenant was asked. Check the reference."
            }
            Self::JobNotFound => {
                "Retrieve the recording again; finished ones are kept for a while."
            }
            Self::TranscriptNotFound => "Transcribe the sound itself.",
            Self::NoSuchRoute | Self::MethodNotAllowed => "`/openapi.json` lists all addresses.",
            Self::AmbiguousReference => "Ask with one of the ids in `candidates`.",
            Self::RecordingNotReady
            | Self::TooManyRequests
            | Self::KeysUnavailable
            | Self::SourceUnavailable => "Try again later.",
            Self::RecordingGone => "Nothing can bring it back; record it as purged.",
            Self::UnsupportedCodec => "Take it from its source with the software of its maker.",
            Self::RangeNotSatisfiable => "`size_bytes` is its length; ask for a part of that.",
            Self::RecordingDamaged => "Ask the people of the source to check it.",
            Self::Internal => "Try again. If it stays, give support the correlation id.",
        }
    }
}

/// A refusal. Holds no personal data and no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayError {
    /// For programs.
    pub code: Code,
    /// What failed and why; no final full stop.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// The codec, for `unsupported_codec`. // S1-34
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub codec: Option<Box<str>>,
    /// The recordings, for `ambiguous_reference`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub candidates: Vec<String>,
    /// Length of the recording, for `range_not_satisfiable`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size_bytes: Option<u64>,
    /// Seconds until another try makes sense.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after_s: Option<u32>,
}

impl GatewayError {
    /// The refusal in its usual words.
    pub fn new(code: Code) -> Self {
        let later = match code {
            Code::TooManyRequests => Some(5),
            Code::SourceUnavailable | Code::KeysUnavailable => Some(30),
            Code::RecordingNotReady => Some(300),
            _ => None,
        };
        Self {
            code,
            message: code.message().to_owned(),
            hint: code.hint().to_owned(),
            codec: None,
            candidates: Vec::new(),
            size_bytes: None,
            retry_after_s: later,
        }
    }

    /// The refusal with a reason.
    pub fn because(code: Code, why: impl std::fmt::Display) -> Self {
        let mut error = Self::new(code);
        error.message = format!("{}: {why}", error.message);
        error
    }

    /// A codec that players do not play. // S1-34
    pub(super) fn codec(name: &str) -> Self {
        let mut error = Self::because(Code::UnsupportedCodec, name);
        error.codec = Some(name.into());
        error
    }

    /// A range without a byte of a file of this length. // RFC 9110, section 15.5.17
    pub(super) fn no_byte_of(bytes: u64) -> Self {
        let mut error = Self::new(Code::RangeNotSatisfiable);
        error.size_bytes = Some(bytes);
        error
    }

    /// Whether the same request meets it again for a while.
    pub(super) const fn is_lasting(&self) -> bool {
        matches!(
            self.code,
            Code::UnsupportedCodec | Code::RecordingDamaged | Code::RecordingGone
        )
    }
}

/// What a failed fetch means to a caller. What the source said is for the operator, not for the caller.
impl From<&FetchError> for GatewayError {
    fn from(error: &FetchError) -> Self {
        match error {
            FetchError::Purged => Self::new(Code::RecordingGone),
            FetchError::Archived => Self::because(Code::RecordingNotReady, "it is in an archive"),
            FetchError::Pending => Self::because(Code::RecordingNotReady, "it is not finished yet"),
            FetchError::Unsupported { what } => Self::codec(what),
            FetchError::Faulty { .. } | FetchError::Corrupted { .. } => {
                Self::new(Code::RecordingDamaged)
            }
            FetchError::Unavailable { .. }
            | FetchError::NotPermitted { .. }
            | FetchError::SignIn(_)
            | FetchError::Cancelled => Self::new(Code::SourceUnavailable),
            FetchError::Sink(_) => Self::new(Code::Internal),
        }
    }
}
