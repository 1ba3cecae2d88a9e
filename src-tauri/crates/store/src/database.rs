//! The encrypted database: SQLCipher behind sqlx.

use std::{path::Path, time::Duration};

use apalis_sqlite::SqliteStorage;
use sqlx::{
    ConnectOptions, Connection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{StoreError, keys::MasterKey};

/// Connections: one writes, the others read or serve the queue.
const CONNECTIONS: u32 = 6;

/// How long a writer waits for another one.
const BUSY: Duration = Duration::from_secs(30);

/// SQLCipher's salt has 16 bytes.
const SALT_HEX_DIGITS: usize = 32;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The open database.
///
/// At the end of the process SQLCipher frees the memory that its connections use, whoever uses it. A
/// connection that closes at that moment crashes, and its worker closes it some time after the pool is
/// dropped. So a pool that nobody closed is not dropped either; the process ends with idle workers.
pub(crate) struct Database(SqlitePool);

impl Database {
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self(pool)
    }

    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.0
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if !self.0.is_closed() {
            std::mem::forget(self.0.clone());
        }
    }
}

/// Opens the database of a folder, or makes it, and brings its tables up to date.
///
/// `synchronous = FULL` in WAL mode: an acknowledged commit survives a power cut. The queue's own
/// `setup()` is not used, because it turns that off.
pub(crate) async fn open(path: &Path, master: &MasterKey) -> Result<SqlitePool, StoreError> {
    // A raw key: it is random already, so the 256,000 rounds of the default would only cost time. The
    // salt is given too: a connection that opens while the first page is still in the write-ahead log
    // would otherwise draw one of its own.
    let key = hex(master.derive("database").reveal());
    let salt = hex(master.derive("database-salt").reveal());
    let salt = salt.get(..SALT_HEX_DIGITS).unwrap_or_default();
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .pragma("key", format!("\"x'{key}{salt}'\""))
        .pragma("temp_store", "MEMORY")
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        // Statements hold the key and personal data; they are never logged, whatever the level.
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(CONNECTIONS)
        // A commit that failed, such as on a full disk, leaves a connection that takes no other.
        .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
        .connect_with(options)
        .await?;
    let queue = SqliteStorage::migrations();
    migrate(queue, &pool).await?;
    migrate(sqlx::migrate!("./migrations"), &pool).await?;
    private(path)?;
    Ok(pool)
}

/// Two sets of migrations share the table of applied ones, so each ignores the other's.
async fn migrate(mut set: sqlx::migrate::Migrator, pool: &SqlitePool) -> Result<(), StoreError> {
    set.set_ignore_missing(true);
    set.run(pool).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::Execute(error) => error.into(),
        other => StoreError::Database(sqlx::Error::Migrate(Box::new(other))),
    })
}

#[cfg(unix)]
fn private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(
        path,
        std::fs::Permissions::from_mode(0o600),
    )?)
}

#[cfg(not(unix))]
fn private(_path: &Path) -> Result<(), StoreError> {
    Ok(())
}
