//! What can go wrong with keys, database and files, and what to do about it.

use std::{io, path::PathBuf};

/// A failure of the store. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the folder.
    #[error("another program is using the data folder; close it first")]
    Locked,
    /// There is no keyring that can be used.
    #[error(
        "the keyring of this system cannot be used: {reason}; unlock or start it, or keep the keys behind a passphrase instead"
    )]
    KeyringUnavailable {
        /// What the keyring said.
        reason: String,
    },
    /// The data is there, its key is not.
    #[error(
        "the key of this data folder is not in the keyring; restore the keyring, nothing was changed"
    )]
    KeyLost,
    /// The keyring is there, and does not have the key.
    #[error(
        "the keyring has no key `{entry}` of `{service}`: it was changed, emptied or belongs to another account; \
         nothing was changed"
    )]
    KeyringLost {
        /// Under which service it was kept.
        service: String,
        /// Under which name.
        entry: String,
    },
    /// The recovery key is misread, or of another folder.
    #[error("this is not the recovery key of this data folder; compare it letter by letter")]
    WrongRecoveryKey,
    /// A file is gone.
    #[error(
        "`{what}` is missing from the data folder; restore it from a backup, no empty one was made"
    )]
    Missing {
        /// Which file.
        what: String,
    },
    /// The passphrase does not open the key.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// The folder was made with the other kind of key.
    #[error("this data folder was made with {made_with}; open it the same way")]
    OtherKeySource {
        /// `a keyring` or `a passphrase`.
        made_with: &'static str,
    },
    /// A file does not hold what it must.
    #[error("`{what}` is damaged or does not belong to this key; restore it from a backup")]
    Corrupt {
        /// Which file.
        what: String,
    },
    /// The disk is full.
    #[error(
        "the data folder could not be written: the disk is full; make room on it, nothing half-written was kept"
    )]
    DiskFull,
    /// A file exists and must not be replaced.
    #[error("`{}` exists already and is not replaced", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The database refused.
    #[error("the database refused: {0}")]
    Database(#[source] sqlx::Error),
    /// A file could not be read or written.
    #[error("a file could not be read or written: {0}")]
    Io(#[source] io::Error),
    /// The program is shutting down.
    #[error("the work was interrupted")]
    Interrupted,
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::StorageFull {
            Self::DiskFull
        } else {
            Self::Io(error)
        }
    }
}

/// SQLITE_FULL, SQLITE_IOERR_SHMSIZE (no room for the index of the write-ahead log), SQLITE_NOTADB.
const FULL: &str = "13";
const NO_ROOM_FOR_INDEX: &str = "4874";
const NOT_A_DATABASE: &str = "26";

/// Whether the database had no room.
fn is_full(error: &sqlx::Error) -> bool {
    matches!(code(error).as_deref(), Some(FULL | NO_ROOM_FOR_INDEX))
}

fn code(error: &sqlx::Error) -> Option<String> {
    let code = error.as_database_error()?.code()?;
    Some(code.into_owned())
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_full(&error) {
            return Self::DiskFull;
        }
        match code(&error).as_deref() {
            Some(NOT_A_DATABASE) => Self::Corrupt {
                what: "sar.db".to_owned(),
            },
            _ => Self::Database(error),
        }
    }
}
