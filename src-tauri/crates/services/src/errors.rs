//! Turns the errors of the crates below into the one error every shell shows.

use std::error::Error;

use domain::case::{CaseStep, StepError};
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
    /// A failed read or write; a full disk is named as such.
    pub(crate) fn from_io(what: &str, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            return Self::new(
                ErrorCode::DiskFull,
                format!("{what} failed: the disk is full"),
                "Free some space, then retry. What was stored before is safe.",
            )
            .retryable();
        }
        tracing::error!(what, error = %error, "input or output failed");
        Self::new(
            ErrorCode::Internal,
            format!("{what} failed: {error}"),
            "Check the disk and the rights on the data folder, then retry.",
        )
        .retryable()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        let of = |code, hint: &str| Self::new(code, sentence(&text), hint);
        match error {
            StoreError::Io(error) => Self::from_io("Reading or writing the data folder", &error),
            StoreError::DiskFull => of(
                ErrorCode::DiskFull,
                "Free some space, then retry. What was stored before is safe.",
            )
            .retryable(),
            StoreError::KeyringUnavailable { .. } | StoreError::KeyLost => of(
                ErrorCode::KeyringUnavailable,
                "Unlock the keyring of this system, or start with a passphrase file.",
            ),
            StoreError::WrongPassphrase | StoreError::OtherKeySource { .. } => of(
                ErrorCode::KeyringUnavailable,
                "Start again with the right key. Nothing was changed.",
            ),
            StoreError::Locked => of(
                ErrorCode::NotPermitted,
                "Close the other window or command, then start again.",
            ),
            StoreError::Corrupt { .. } => of(
                ErrorCode::IntegrityFailure,
                "Restore the data folder from a backup. Do not deliver from it.",
            ),
            StoreError::Database(_) | StoreError::Exists { .. } | StoreError::Interrupted => {
                Self::internal("Reading or writing the database", &error).retryable()
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

/// A failed read or write of sealed data: evidence is damaged or missing.
pub(crate) fn integrity(what: &str, error: &dyn Error) -> ApiError {
    tracing::error!(what, error = %error, "sealed data cannot be read");
    ApiError::new(
        ErrorCode::IntegrityFailure,
        format!("{what} cannot be read: {error}"),
        "Do not deliver it. Restore the data folder from a backup, or retrieve the call again.",
    )
}
