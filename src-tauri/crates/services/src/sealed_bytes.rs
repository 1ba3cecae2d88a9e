//! Small files of a case in the vault, whole.

use store::LooseBlob;
use tokio::task::spawn_blocking;

use crate::{api::ApiError, app::App, errors::integrity};

/// Writes bytes into the vault; they stay when kept.
pub(crate) async fn seal_bytes(
    app: &App,
    case_id: &str,
    bytes: Vec<u8>,
) -> Result<LooseBlob, ApiError> {
    let (vault, case_id) = (app.store().vault().clone(), case_id.to_owned());
    spawn_blocking(move || {
        use std::io::Write;
        let mut writer = vault.create(&case_id)?;
        writer.write_all(&bytes)?;
        writer.finish()
    })
    .await
    .map_err(|error| ApiError::internal("Sealing a file", &error))?
    .map_err(ApiError::from)
}

/// Reads a whole small file out of the vault.
pub(crate) async fn open_bytes(
    app: &App,
    case_id: &str,
    blob: &store::BlobId,
) -> Result<Vec<u8>, ApiError> {
    let (vault, case_id, blob) = (
        app.store().vault().clone(),
        case_id.to_owned(),
        blob.clone(),
    );
    spawn_blocking(move || {
        use std::io::Read;
        let mut bytes = Vec::new();
        vault.open(&case_id, &blob)?.read_to_end(&mut bytes)?;
        Ok::<_, store::StoreError>(bytes)
    })
    .await
    .map_err(|error| ApiError::internal("Opening a sealed file", &error))?
    .map_err(|error| integrity("A sealed file", &error))
}
