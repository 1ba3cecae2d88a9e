//! Files for others: delivered packages and exported logs, written at a person's request.
//!
//! A file appears whole or not at all: it is written beside its place, flushed to the disk, then
//! renamed.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use crate::StoreError;

/// Writes a file through `fill`. A file that is there already is replaced.
///
/// # Errors
/// When the folder cannot be written; nothing half-written stays.
pub fn write_file(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let partial = partial_name(path);
    let written = write_flushed(&partial, fill).and_then(|()| rename(&partial, path));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&partial);
    }
    Ok(written?)
}

fn partial_name(path: &Path) -> PathBuf {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    path.with_file_name(format!(".{name}.partial"))
}

fn write_flushed(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    fill(&mut out)?;
    out.flush()?;
    out.get_ref().sync_all()
}

#[expect(
    clippy::disallowed_methods,
    reason = "this crate is the one that renames files"
)]
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder(to)
}

/// Makes the name of a file survive a power cut.
pub(crate) fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Writes a set of files as a folder; an older one of the same name is replaced as a whole.
///
/// # Errors
/// When the folder cannot be written.
pub fn replace_folder(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), StoreError> {
    let fresh = partial_name(folder);
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    for (name, bytes) in files {
        write_file(&fresh.join(name), |out| out.write_all(bytes))?;
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(rename(&fresh, folder)?)
}
