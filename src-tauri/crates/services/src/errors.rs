//! Turns the errors of the crates below into the one error every shell shows.

use std::{error::Error, io, iter::successors};

use connectors::{
    http::HttpError,
    source::{SignInError, SourceError},
};
use domain::case::{CaseStep, StepError};
use redaction::learned::LearnedError;
use store::{StoreError, rows::CaseRow};

use crate::api::{ApiError, ErrorCode};

/// Checks that a case is in one of the `allowed` steps.
pub(crate) fn require_step(case: &CaseRow, allowed: &[CaseStep]) -> Result<(), ApiError> {
    if allowed.iter().any(|step| step.name() == case.step) {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::WrongStep,
        format!("Case `{}` is in the step `{}`", case.id, case.step),
        "Open the case; its next action says what comes first.",
    ))
}

impl ApiError {
    /// A failed read or write; a full disk is named as such, and the store's own advice is kept.
    pub(crate) fn from_io(what: &str, error: &io::Error) -> Self {
        if is_disk_full(error) {
            return Self::disk_full(what);
        }
        if let Some(inside) = store_error(error) {
            return Self::from_store(inside);
        }
        tracing::error!(what, error = %error, "input or output failed");
        Self::new(
            ErrorCode::Internal,
            format!("{what} failed: {error}"),
            "Check the disk and the rights on the data folder, then retry.",
        )
        .retryable()
    }

    /// No room for something. `what` is an activity, such as "Storing a call".
    pub(crate) fn disk_full(what: &str) -> Self {
        Self::new(
            ErrorCode::DiskFull,
            format!("{what} failed: the disk is full"),
            "Make room on the disk of the data folder, then retry. What was stored before is safe.",
        )
        .retryable()
    }

    /// The same error, or that the disk is full when that is what is behind it.
    #[must_use]
    pub(crate) fn unless_disk_full(self, what: &str, cause: &(dyn Error + 'static)) -> Self {
        if is_disk_full(cause) {
            Self::disk_full(what)
        } else {
            self
        }
    }
}

/// Whether a full disk is behind an error.
fn is_disk_full(error: &(dyn Error + 'static)) -> bool {
    successors(Some(error), |&error| error.source()).any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        let inside = io.and_then(store_error);
        io.is_some_and(|io| io.kind() == io::ErrorKind::StorageFull)
            || matches!(inside.or(cause.downcast_ref()), Some(StoreError::DiskFull))
    })
}

/// The store's error in an input or output error.
fn store_error(error: &io::Error) -> Option<&StoreError> {
    error.get_ref().and_then(|inside| inside.downcast_ref())
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::from_store(&error)
    }
}

impl ApiError {
    fn from_store(error: &StoreError) -> Self {
        let text = error.to_string();
        let of = |code, hint: &str| Self::new(code, sentence(&text), hint);
        match error {
            StoreError::Io(error) => Self::from_io("Reading or writing the data folder", error),
            StoreError::DiskFull => Self::disk_full("Writing the data folder"),
            StoreError::KeyringUnavailable { .. } | StoreError::KeyLost => of(
                ErrorCode::KeyringUnavailable,
                "Log in to a desktop session with a keyring (such as GNOME Keyring or KWallet) and unlock it, or keep the keys in a passphrase file.",
            ),
            StoreError::KeyringLost { .. } => of(
                ErrorCode::KeyringUnavailable,
                "Log in to the account and keyring that made it, or put the key back from paper: sar recovery restore.",
            ),
            StoreError::WrongPassphrase
            | StoreError::WrongRecoveryKey
            | StoreError::OtherKeySource { .. } => of(
                ErrorCode::KeyringUnavailable,
                "Start again with the right key. Nothing was changed.",
            ),
            StoreError::Locked => of(
                ErrorCode::NotPermitted,
                "Close the other window or command, then start again.",
            ),
            StoreError::Corrupt { .. } | StoreError::Missing { .. } => of(
                ErrorCode::IntegrityFailure,
                "Restore the data folder from a backup. Do not deliver from it.",
            ),
            StoreError::Database(_) | StoreError::Exists { .. } | StoreError::Interrupted => {
                Self::internal("Reading or writing the database", error).retryable()
            }
        }
    }
}

/// The text as the beginning of a message.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

impl From<StepError> for ApiError {
    fn from(error: StepError) -> Self {
        match error {
            StepError::NotVerified => Self::new(
                ErrorCode::RequestorNotVerified,
                "The requestor's identity has not been verified",
                "Record the missing identity checks first.",
            ),
            StepError::Order { .. } => Self::new(
                ErrorCode::WrongStep,
                error.to_string(),
                "Open the case; its next action says what comes first.",
            ),
        }
    }
}

impl From<SourceError> for ApiError {
    fn from(error: SourceError) -> Self {
        let of = |hint: &str| Self::new(ErrorCode::SourceUnavailable, error.to_string(), hint);
        match &error {
            SourceError::Cancelled => Self::new(
                ErrorCode::Cancelled,
                "Stopped on request",
                "Start it again when you want.",
            ),
            SourceError::Http(HttpError::UnknownHost { .. }) => {
                of("If the host belongs to your organization, connect again and name it.")
            }
            SourceError::Http(_) | SourceError::SearchJob { .. } => {
                of("Check the network and the address of the source, then try again.").retryable()
            }
            SourceError::SignIn(SignInError::AccountRefused { .. }) => {
                of("Compare them with the account of the archive, then connect it again.")
            }
            SourceError::SignIn(failed) if is_of_person(failed) => of_person(failed),
            // It was accepted when the source was connected: the next one may be again.
            SourceError::SignIn(SignInError::TokenRefused { .. }) => {
                of("Try again; if it stays, check the client id and the region.").retryable()
            }
            SourceError::SignIn(_) => {
                of("Check the client id and secret, and that the region is the right one.")
            }
            SourceError::Unencrypted { .. } => of(
                "Turn on its encryption, or say in the description why not: unencrypted_reason = \"…\".",
            ),
            SourceError::NotPermitted { .. } | SourceError::NotFound { .. } => {
                of("Ask the administrator of the source to grant what is missing.")
            }
            SourceError::Refused { .. }
            | SourceError::Unreadable { .. }
            | SourceError::RepeatedPage { .. }
            | SourceError::Limit { .. } => {
                of("Try again with a narrower range. If it stays, report it to support.")
            }
        }
    }
}

/// Whether a sign-in in the browser came to nothing.
fn is_of_person(error: &SignInError) -> bool {
    !matches!(
        error,
        SignInError::Refused { .. }
            | SignInError::AccountRefused { .. }
            | SignInError::TokenRefused { .. }
            | SignInError::NotAServiceClient { .. }
            | SignInError::Unreadable { .. }
    )
}

/// What a person does about a sign-in that came to nothing.
fn of_person(error: &SignInError) -> ApiError {
    let code = match error {
        // Seen by jobs, long after the browser was closed.
        SignInError::SignInEnded { .. } => ErrorCode::SourceUnavailable,
        _ => ErrorCode::SignInFailed,
    };
    let hint = match error {
        SignInError::SignInEnded { .. } => {
            "Open the settings and sign in again, or: sar source sign-in."
        }
        SignInError::Denied { .. } => "Sign in again and allow it, or connect a service instead.",
        SignInError::TimedOut => "Sign in again; the page in the browser waits for five minutes.",
        SignInError::WrongState => {
            "Close the other pages of the login in the browser, then sign in again."
        }
        SignInError::PortTaken { .. } => {
            "Close the other copy of SAR Portal, or register another port with the client and name it."
        }
        SignInError::NotAPerson | SignInError::NoCode { .. } => {
            "Compare the client with docs/formats/sources.md, then sign in again."
        }
        _ => "Sign in again.",
    };
    ApiError::new(code, sentence(&error.to_string()), hint)
}

/// The learned recognizer of a desk cannot be used: nothing is detected, because less would be found.
pub(crate) fn learned_failed(error: &LearnedError) -> ApiError {
    ApiError::new(
        ErrorCode::Internal,
        format!("Personal data could not be detected: {error}"),
        "Correct the files of the model, or start without `SAR_LEARNED_MODEL`.",
    )
}

/// A failed read or write of sealed data: evidence is damaged or missing.
pub(crate) fn integrity(what: &str, error: &dyn Error) -> ApiError {
    tracing::error!(what, error = %error, "sealed data cannot be read");
    ApiError::new(
        ErrorCode::IntegrityFailure,
        format!("{what} cannot be read: {error}"),
        "Do not deliver it. Restore the data folder from a backup, or retrieve the call again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_found_behind_other_errors() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let rendering = redaction::render::RenderError::Io(full());
        let fault = ApiError::new(ErrorCode::IntegrityFailure, "What", "Do this.");
        let found = fault.clone().unless_disk_full("Redacting", &rendering);
        assert_eq!(found.code, ErrorCode::DiskFull);
        assert_eq!(found.message, "Redacting failed: the disk is full");
        let other = fault.unless_disk_full("Redacting", &io::Error::other("torn"));
        assert_eq!(other.code, ErrorCode::IntegrityFailure);
    }

    #[test]
    fn the_store_s_advice_survives_a_stream() {
        let what = "Storing a call";
        let lost = ApiError::from_io(what, &io::Error::other(StoreError::KeyLost));
        assert_eq!(lost.code, ErrorCode::KeyringUnavailable);
        let full = ApiError::from_io(what, &io::Error::other(StoreError::DiskFull));
        assert_eq!(full.code, ErrorCode::DiskFull);
        let torn = ApiError::from_io(what, &io::Error::other("torn"));
        assert_eq!(torn.code, ErrorCode::Internal);
    }
}
