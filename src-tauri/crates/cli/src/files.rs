//! Files that commands write; each appears whole or not at all.

use std::{
    fmt::Display,
    io::{self, Write},
    path::{self, Path},
};

use crate::failure::Failure;

/// Writes a file through `fill`. A file that is there already is replaced.
pub(crate) fn write(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    // A bare name has no folder that could be flushed to the disk.
    let absolute = path::absolute(path).map_err(|error| unwritable(path, error.kind()))?;
    services::files::write_file(&absolute, fill).map_err(|error| unwritable(path, error))
}

/// Writes a text file.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    write(path, |file| file.write_all(text.as_bytes()))
}

/// Lets only this account read a file.
pub(crate) fn make_private(path: &Path) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        use std::{fs, os::unix::fs::PermissionsExt};
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))
            .map_err(|error| unwritable(path, error.kind()))?;
    }
    Ok(())
}

/// A file that cannot be written, in words.
pub(crate) fn unwritable(path: &Path, error: impl Display) -> Failure {
    Failure::unavailable(
        format!("`{}` cannot be written: {error}", path.display()),
        "Check the folder and the free space. Nothing half-written was kept.",
    )
}
