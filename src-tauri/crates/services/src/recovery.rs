//! The recovery key: shown to a person for the safe, and read back when the keyring is gone.

use std::path::Path;

use domain::{audit::AuditAction, sensitive::Secret};
use store::{KeySource, keys};

use crate::{
    api::ApiError,
    app::App,
    open_case::human,
    record::{self, Draft},
};

/// Shows the recovery key of the data folder. That it was shown is on record, the key is not.
///
/// # Errors
/// When nobody who may decide is at the desk, or the database refuses.
pub async fn reveal_recovery_key(app: &App) -> Result<Secret<String>, ApiError> {
    let worker = app.deciding_person()?;
    let mut tx = app.store().begin().await?;
    let entry = Draft::new(AuditAction::RecoveryKeyShown, human(&worker));
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    Ok(app.store().recovery_key())
}

/// Puts the key of a data folder into the keyring, or behind a passphrase, from its recovery key.
///
/// # Errors
/// When it is misread or of another folder, or the keyring refuses. Nothing was changed then.
pub fn restore_key(
    keys: &KeySource,
    data_dir: &Path,
    recovery: &Secret<String>,
) -> Result<(), ApiError> {
    Ok(keys::restore(keys, data_dir, recovery)?)
}
