//! How a command ends when it does not end well.

use services::api::{ApiError, ErrorCode};

/// Exit codes; scripts depend on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The reader of stdout went away; nobody is left to tell.
    ReaderGone = 0,
    /// A check failed, or a rule forbids the step.
    FailedCheck = 1,
    /// The call cannot be understood.
    Usage = 2,
    /// A source, file, key or other resource cannot be used.
    Unavailable = 3,
    /// Stopped with Ctrl-C (128 + SIGINT, as shells count).
    Interrupted = 130,
}

/// What to do about a full disk.
const MAKE_ROOM: &str = "Make room on that disk, then run the same command again. What was done is kept, and it goes on from there.";

/// What failed, why, and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// What failed, for which thing, and why; empty when everything was said already.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) hint: String,
    /// To quote to support.
    pub(crate) correlation_id: Option<String>,
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            hint: hint.into(),
            correlation_id: None,
        }
    }

    pub(crate) fn failed_check(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::FailedCheck, message, hint)
    }

    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message, hint)
    }

    pub(crate) fn unavailable(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Unavailable, message, hint)
    }

    /// No room; `message` says for what.
    pub(crate) fn disk_full(message: impl Into<String>) -> Self {
        Self::new(Exit::Unavailable, message, MAKE_ROOM)
    }

    pub(crate) fn interrupted() -> Self {
        Self::new(
            Exit::Interrupted,
            "Stopped",
            "What was done is kept. The same command goes on from here.",
        )
    }

    pub(crate) fn reader_gone() -> Self {
        Self::new(Exit::ReaderGone, "", "")
    }
}

/// Only what a caller can act on is told apart: rules and checks, input, and everything else.
fn exit(code: ErrorCode) -> Exit {
    match code {
        ErrorCode::NotPermitted
        | ErrorCode::RequestorNotVerified
        | ErrorCode::WrongStep
        | ErrorCode::ReviewPending
        | ErrorCode::IntegrityFailure => Exit::FailedCheck,
        ErrorCode::NotSignedIn | ErrorCode::InvalidInput | ErrorCode::NotFound => Exit::Usage,
        ErrorCode::SourceUnavailable
        | ErrorCode::SignInFailed
        | ErrorCode::KeyringUnavailable
        | ErrorCode::DiskFull
        | ErrorCode::NoSoundDevice
        | ErrorCode::Internal => Exit::Unavailable,
        ErrorCode::Cancelled => Exit::Interrupted,
    }
}

/// The hints of the core speak of the window where a command line has other ways.
fn hint(error: &ApiError) -> String {
    match error.code {
        ErrorCode::KeyringUnavailable => format!(
            "{} Name such a file with --passphrase-file FILE: one line, known only to you.",
            error.hint
        ),
        ErrorCode::DiskFull => MAKE_ROOM.to_owned(),
        ErrorCode::WrongStep => "`sar case show` says what comes next.".to_owned(),
        ErrorCode::ReviewPending => {
            "`sar case show` says what is open; `sar case review` and `sar case approve` decide it."
                .to_owned()
        }
        ErrorCode::NotFound => "`sar case list` and `sar case show` say what is there.".to_owned(),
        ErrorCode::SourceUnavailable => {
            "Check the connection with `sar case connect`, or sign in again with `sar source sign-in`, then \
             run the same command again."
                .to_owned()
        }
        _ => error.hint.clone(),
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self {
            exit: exit(error.code),
            hint: hint(&error),
            message: error.message,
            correlation_id: error.correlation_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_tell_rule_input_and_resource_apart() {
        for (code, expected) in [
            (ErrorCode::IntegrityFailure, 1),
            (ErrorCode::RequestorNotVerified, 1),
            (ErrorCode::InvalidInput, 2),
            (ErrorCode::SourceUnavailable, 3),
            (ErrorCode::SignInFailed, 3),
            (ErrorCode::KeyringUnavailable, 3),
            (ErrorCode::Cancelled, 130),
        ] {
            let failure =
                Failure::from(ApiError::new(code, "What", "Do this.").with_correlation("c-1"));
            assert_eq!(failure.exit as u8, expected, "{code:?}");
            assert_eq!(failure.correlation_id.as_deref(), Some("c-1"));
            assert!(!failure.hint.is_empty());
        }
    }
}
