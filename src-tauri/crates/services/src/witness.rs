//! The witness: a folder elsewhere that keeps checkpoints of the log, and no entries.
//!
//! A restored backup is sound in itself. Only somebody who remembers a later state can tell, so the newest
//! checkpoint goes to a folder that is not backed up with the database, such as a share that only an auditor
//! can delete from. At start the log must continue what lies there.

use std::{
    io,
    path::{Path, PathBuf},
};

use evidence::{
    log::{self, LogError},
    merkle::{Frontier, leaf_hash},
};

use crate::{
    api::{ApiError, ErrorCode},
    app::App,
    record,
};

/// Entries read at once.
const CHUNK: u32 = 1_000;

const CHECKPOINT: &str = "checkpoint";

/// What a refusal asks for.
const HINT: &str = "Restore the newest database. If it is lost for good, whoever keeps the witness folder moves \
                    its newer checkpoints to another place; that stays visible there.";

/// Refuses a log that does not continue the newest checkpoint at the witness.
///
/// # Errors
/// When it does not, or the folder cannot be read: an unasked witness is none.
pub(crate) async fn guard(app: &App) -> Result<(), ApiError> {
    let Some(folder) = app.witness() else {
        return Ok(());
    };
    let newest = newest(folder).map_err(|error| unavailable(folder, &error))?;
    let Some((_, path)) = newest else {
        return Ok(());
    };
    let note = std::fs::read_to_string(&path).map_err(|error| unavailable(folder, &error))?;
    let kept = open_kept(app, &note).await?;
    let size = app.store().log_head().await?.map_or(0, |head| head.size);
    let (earlier, mut seen) = (kept.size, Frontier::default());
    if size < earlier {
        return Err(refused(&LogError::Shrunk { size, earlier }));
    }
    while seen.size() < earlier {
        let count = u32::try_from(earlier - seen.size())
            .unwrap_or(CHUNK)
            .min(CHUNK);
        let leaves = app.store().log_leaves(seen.size(), count).await?;
        if leaves.is_empty() {
            return Err(refused(&LogError::Shrunk {
                size: seen.size(),
                earlier,
            }));
        }
        leaves.iter().for_each(|leaf| seen.push(leaf_hash(leaf)));
    }
    if seen.root() != kept.root {
        return Err(refused(&LogError::NotGrown { size, earlier }));
    }
    Ok(())
}

/// Reads a checkpoint that this installation signed, with its key of now or an earlier one.
async fn open_kept(app: &App, note: &str) -> Result<log::Checkpoint, ApiError> {
    let keys = record::log_vkeys(app).await?;
    let mut opened = keys.iter().map(|key| log::open_checkpoint(note, key));
    let newest = opened.next().unwrap_or(Err(LogError::VerifierKey));
    let kept = newest.or_else(|error| opened.find_map(Result::ok).ok_or(error));
    kept.map_err(|error| refused(&error))
}

/// Gives the witness the checkpoint of now, unless it has it.
///
/// # Errors
/// When the folder cannot be written or the database fails.
pub(crate) async fn tell(app: &App) -> Result<(), ApiError> {
    let (Some(folder), Some(head)) = (app.witness(), app.store().log_head().await?) else {
        return Ok(());
    };
    let newest = newest(folder).map_err(|error| unavailable(folder, &error))?;
    if newest.is_some_and(|(size, _)| size >= head.size) {
        return Ok(());
    }
    let path = folder.join(format!("{}.{CHECKPOINT}", head.size));
    let note = head.checkpoint;
    Ok(store::output::write_file(&path, |out| {
        out.write_all(note.as_bytes())
    })?)
}

/// Size and path of the newest checkpoint in the folder.
fn newest(folder: &Path) -> io::Result<Option<(u64, PathBuf)>> {
    let mut newest = None;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_checkpoint = path.extension().is_some_and(|it| it == CHECKPOINT);
        let size = path
            .file_stem()
            .and_then(|stem| stem.to_str()?.parse().ok());
        newest = newest.max(size.filter(|_| is_checkpoint).map(|size: u64| (size, path)));
    }
    Ok(newest)
}

fn unavailable(folder: &Path, error: &io::Error) -> ApiError {
    ApiError::new(
        ErrorCode::SourceUnavailable,
        format!(
            "The witness folder `{}` cannot be used: {error}",
            folder.display()
        ),
        "Connect it, or start without SAR_WITNESS if there is no witness any more.",
    )
}

fn refused(error: &LogError) -> ApiError {
    tracing::error!(%error, "the witness does not confirm the audit log");
    ApiError::new(
        ErrorCode::IntegrityFailure,
        format!("This database is not the newest one: {error}"),
        HINT,
    )
}
