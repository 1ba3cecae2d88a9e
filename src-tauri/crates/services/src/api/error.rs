//! The one error every shell shows.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a consumer can act on. A variant is added only when one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// No person is signed in on this desk.
    NotSignedIn,
    /// The role or the separation of duties forbids it.
    NotPermitted,
    /// The requestor's identity is not verified. // S0-01
    RequestorNotVerified,
    /// A field is missing or wrong; `message` names it.
    InvalidInput,
    /// The case, call or span does not exist.
    NotFound,
    /// The case is in another step.
    WrongStep,
    /// Spans or calls still wait for a decision.
    ReviewPending,
    /// A source cannot be reached or refuses.
    SourceUnavailable,
    /// A person did not get signed in at a source.
    SignInFailed,
    /// A check of evidence failed; nothing was released.
    IntegrityFailure,
    /// The OS keyring cannot be used.
    KeyringUnavailable,
    /// The disk is full.
    DiskFull,
    /// No sound device.
    NoSoundDevice,
    /// Stopped on request.
    Cancelled,
    /// A bug; the correlation id leads to the log.
    Internal,
}

impl ErrorCode {
    /// The name that bindings and database know it by.
    pub(crate) fn name(self) -> String {
        let name = serde_json::to_value(self).expect("a variant without fields is a string");
        name.as_str().unwrap_or_default().to_owned()
    }

    /// The code of a name; `None` for one of another version.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        serde_json::from_value(name.into()).ok()
    }
}

/// What failed, for which thing, why, and what to do next. Never holds personal data or secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApiError {
    /// For programs.
    pub code: ErrorCode,
    /// What failed, for which thing, and why; no final full stop.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// Whether the same call may work later.
    pub retryable: bool,
    /// To quote to support.
    pub correlation_id: Option<String>,
}

impl ApiError {
    /// An error that the same call will meet again.
    pub fn new(code: ErrorCode, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: hint.into(),
            retryable: false,
            correlation_id: None,
        }
    }

    /// A wrong field. `field` is the name on the form.
    pub fn invalid(field: &str, why: impl fmt::Display) -> Self {
        Self::new(
            ErrorCode::InvalidInput,
            format!("`{field}` cannot be used: {why}"),
            "Correct the field and try again.",
        )
    }

    /// Something that is not there. `what` says the kind, such as "call".
    pub fn not_found(what: &str, id: impl fmt::Display) -> Self {
        Self::new(
            ErrorCode::NotFound,
            format!("There is no {what} `{id}`"),
            "Refresh the list; it may have been closed on another screen.",
        )
    }

    /// A bug. The details go to the log, not to the screen.
    pub fn internal(context: &str, error: &dyn std::error::Error) -> Self {
        tracing::error!(context, error = %error, "internal error");
        Self::new(
            ErrorCode::Internal,
            format!("{context} failed unexpectedly"),
            "Try again. If it stays, send the diagnostics to support.",
        )
    }

    /// The same error, marked as worth a second try.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// The same error with the id to quote.
    #[must_use]
    pub fn with_correlation(mut self, id: &str) -> Self {
        self.correlation_id = Some(id.to_owned());
        self
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  {}", self.message, self.hint)
    }
}

impl std::error::Error for ApiError {}
