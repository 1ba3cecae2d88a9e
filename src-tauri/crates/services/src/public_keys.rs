//! The public keys of this installation: what others must know to tell its files from forgeries.

use crate::{api::ApiError, app::App, record, seal};

/// Public keys; they go to recipients and auditors by another way than what they sign.
#[derive(Debug, Clone)]
pub struct PublicKeys {
    /// Signs packages: `ssh-ed25519 AAAA…`.
    pub package_key: String,
    /// The same as people compare it: `SHA256:…`.
    pub package_fingerprint: String,
    /// Signs the audit log: a C2SP signed-note verifier key.
    pub log_key: String,
}

/// Reads the public keys of this installation.
///
/// # Errors
/// When the database cannot be read.
pub async fn public_keys(app: &App) -> Result<PublicKeys, ApiError> {
    let package = seal::package_key(app);
    Ok(PublicKeys {
        package_key: package.public(),
        package_fingerprint: package.fingerprint(),
        log_key: record::log_vkey(app).await?,
    })
}
