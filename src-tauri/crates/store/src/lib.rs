//! Remembers: cases, calls, decisions, the audit log, media, keys, jobs.
//!
//! Nothing is on disk in the clear. The database is SQLCipher with a random key, media are age files
//! with one identity a case, and both are opened by a master key in the OS keyring or behind a
//! passphrase. This crate is the only one that writes files.
//!
//! Reading order: [`keys`], `database`, [`rows`], `tx` and `read`, `legal_hold`, `vault`, [`queue`], `job_state`, [`output`];
//! for the gateway `mapping` and `gateway_job`; for exports `export_folder`; for the detector `correction`.
//!
//! Invariants:
//!
//! - One process at a time has a data folder.
//! - An existing database is never replaced by an empty one; a lost key is an error.
//! - A business change, its log entry and the jobs it starts are one transaction.
//! - The log is append-only; the database refuses anything else.

mod call_record;
mod closing;
mod correction;
mod database;
mod error;
mod export_folder;
mod folder;
mod gateway_job;
mod job_state;
mod kept_files;
pub mod keys;
mod legal_hold;
mod mapping;
pub mod output;
pub mod process;
pub mod queue;
mod read;
pub mod rows;
mod tx;
mod vault;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use domain::sensitive::Secret;
use sqlx::SqlitePool;

pub use closing::ClosingRow;
pub use correction::CorrectionRow;
pub use error::StoreError;
pub use export_folder::{ExportFolder, PartialFile};
pub use gateway_job::GatewayJobRow;
pub use job_state::{JobEnd, Next};
pub use keys::KeySource;
pub use legal_hold::LegalHoldRow;
pub use mapping::MappingRow;
pub use tx::Tx;
pub use vault::{BlobId, BlobReader, BlobWriter, LooseBlob, Vault};

use crate::{database::Database, folder::FolderLock, keys::MasterKey};

/// How to open a store.
pub struct StoreOptions {
    /// Folder of database and vault; made when missing.
    pub data_dir: PathBuf,
    /// Where the master key is.
    pub keys: KeySource,
    /// Pause before the second attempt at a job; before the third it is twice as long.
    pub retry_pause: Duration,
}

/// An open store; clones share it.
#[derive(Clone)]
pub struct Store {
    database: std::sync::Arc<Database>,
    vault: Vault,
    master: MasterKey,
    keys: std::sync::Arc<KeySource>,
    data_dir: std::sync::Arc<PathBuf>,
    retry_pause: Duration,
    _lock: std::sync::Arc<FolderLock>,
}

impl Store {
    /// Opens the store of a folder, or makes one in an empty folder.
    ///
    /// # Errors
    /// When another process has it, the key cannot be had, or the files do not belong to the key.
    pub async fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let data_dir = options.data_dir;
        folder::create_private(&data_dir)?;
        let lock = FolderLock::take(&data_dir)?;
        let (keys, dir) = (options.keys, data_dir.clone());
        let (keys, master) = tokio::task::spawn_blocking(move || {
            let master = keys::open_or_create(&keys, &dir);
            (keys, master)
        })
        .await
        .map_err(|_| StoreError::Interrupted)?;
        let master = master?;
        require_database(&data_dir)?;
        let pool = database::open(&data_dir.join("sar.db"), &master).await?;
        queue::give_back_orphans(&pool).await?;
        let kept = kept_files::names(&pool).await?;
        let vault = Vault::at(&data_dir.join("vault"), &master, &kept)?;
        kept_files::forget(&pool).await?;
        Ok(Self {
            database: std::sync::Arc::new(Database::new(pool)),
            vault,
            master,
            keys: std::sync::Arc::new(keys),
            data_dir: std::sync::Arc::new(data_dir),
            retry_pause: options.retry_pause,
            _lock: std::sync::Arc::new(lock),
        })
    }

    /// The master key on paper: 14 groups of letters that open this folder when the keyring is gone.
    pub fn recovery_key(&self) -> Secret<String> {
        self.master.recovery_text()
    }

    /// Closes the database; the write-ahead log is folded in.
    pub async fn close(self) {
        self.pool().close().await;
    }

    pub(crate) fn pool(&self) -> &SqlitePool {
        self.database.pool()
    }

    /// The folder of this store.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The files of all cases.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// A 32-byte secret for one purpose, such as `audit-log-key`: the same at every start.
    pub fn secret(&self, purpose: &str) -> Secret<[u8; 32]> {
        self.master.derive(purpose)
    }

    /// Keeps a source's secret: in the OS keyring, or in the encrypted database without one. // S0-21
    ///
    /// # Errors
    /// When the keyring or the database refuses.
    pub async fn put_source_secret(
        &self,
        name: &str,
        secret: &Secret<String>,
    ) -> Result<(), StoreError> {
        if let KeySource::Keyring { namespace } = self.keys.as_ref() {
            let (namespace, name, secret) = (namespace.clone(), name.to_owned(), secret.clone());
            return tokio::task::spawn_blocking(move || {
                keys::put_in_keyring(&namespace, &format!("source:{name}"), secret.reveal())
            })
            .await
            .map_err(|_| StoreError::Interrupted)?;
        }
        let mut tx = self.begin().await?;
        tx.put_setting(&format!("secret.source.{name}"), secret.reveal())
            .await?;
        tx.commit().await
    }

    /// A source's secret, if one was kept.
    ///
    /// # Errors
    /// When the keyring or the database refuses.
    pub async fn source_secret(&self, name: &str) -> Result<Option<Secret<String>>, StoreError> {
        if let KeySource::Keyring { namespace } = self.keys.as_ref() {
            let (namespace, name) = (namespace.clone(), name.to_owned());
            return tokio::task::spawn_blocking(move || {
                keys::get_from_keyring(&namespace, &format!("source:{name}"))
            })
            .await
            .map_err(|_| StoreError::Interrupted)?;
        }
        Ok(self
            .setting(&format!("secret.source.{name}"))
            .await?
            .map(Secret::new))
    }
}

/// Refuses to make an empty database beside files of cases: the one that knew them is gone.
fn require_database(data_dir: &Path) -> Result<(), StoreError> {
    let what = "sar.db";
    let files = std::fs::read_dir(data_dir.join("vault"));
    let has_cases = files.is_ok_and(|mut cases| cases.next().is_some());
    if has_cases && !data_dir.join(what).exists() {
        return Err(StoreError::Missing {
            what: what.to_owned(),
        });
    }
    Ok(())
}
