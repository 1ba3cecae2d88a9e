//! Which files of the vault a transaction let stay, until the next start has named those that a killed process left.

use std::collections::HashSet;

use sqlx::{Sqlite, SqlitePool, Transaction};

use crate::{BlobId, StoreError};

/// Notes that a file stays with this transaction.
pub(crate) async fn insert(
    inner: &mut Transaction<'static, Sqlite>,
    blob: &BlobId,
) -> Result<(), StoreError> {
    let query = sqlx::query("INSERT INTO kept_files VALUES (?)").bind(blob.as_str());
    query.execute(&mut **inner).await?;
    Ok(())
}

/// The names that were noted since the last start.
pub(crate) async fn names(pool: &SqlitePool) -> Result<HashSet<String>, StoreError> {
    let query = sqlx::query_scalar("SELECT name FROM kept_files");
    Ok(query.fetch_all(pool).await?.into_iter().collect())
}

/// Forgets the names, once every file has its own.
pub(crate) async fn forget(pool: &SqlitePool) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM kept_files").execute(pool).await?;
    Ok(())
}
