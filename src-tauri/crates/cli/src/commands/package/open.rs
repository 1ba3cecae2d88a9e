//! Copies the files of a verified package into a folder.

use std::{
    fs, io,
    path::{Component, Path},
};

use domain::sensitive::Secret;
use evidence::open_package::{OpenError, OpenPackage};

use crate::{failure::Failure, files, input, interrupt::Stop};

/// Nothing that is there already is replaced.
pub(super) fn require_empty(folder: &Path) -> Result<(), Failure> {
    let is_empty = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if is_empty {
        return Ok(());
    }
    Err(Failure::usage(
        format!("`{}` is not an empty folder", folder.display()),
        "Name a new folder with --out; nothing was replaced.",
    ))
}

/// Copies every file out; returns how many.
pub(super) fn extract(
    package: &Path,
    passphrase: &Secret<String>,
    out: &Path,
    stop: &Stop,
) -> Result<usize, Failure> {
    let mut archive =
        OpenPackage::new(input::open(package)?, passphrase).map_err(|e| failed(&e))?;
    let names: Vec<String> = archive
        .files()
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    for name in &names {
        require_inside(name)?;
        let path = out.join(name);
        let mut refused = None;
        let written = files::write(&path, |file| {
            archive
                .copy(name, &mut stop.writer(file))
                .map(|_| ())
                .map_err(|error| {
                    refused = Some(failed(&error));
                    io::Error::other("not copied")
                })
        });
        if let Some(failure) = refused {
            return Err(failure);
        }
        written?;
    }
    Ok(names.len())
}

/// The verifier accepts neutral names only; this holds even if it one day forgets one.
fn require_inside(name: &str) -> Result<(), Failure> {
    let normal = |part| matches!(part, Component::Normal(_));
    let is_plain = !name.contains(['\\', ':']) && Path::new(name).components().all(normal);
    if is_plain && !name.is_empty() {
        return Ok(());
    }
    Err(Failure::failed_check(
        "The package holds a file that would land outside the folder",
        "Do not use it. Ask the sender for a new copy.",
    ))
}

fn failed(error: &OpenError) -> Failure {
    Failure::failed_check(
        format!("The package cannot be opened: {error}"),
        "Ask the sender for a new copy.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        for bad in ["../x", "/x", "a/../../x", "C:x", "a\\..\\x", "", "./../x"] {
            assert!(require_inside(bad).is_err(), "{bad}");
        }
        for good in ["bagit.txt", "data/recordings/0001.wav"] {
            assert!(require_inside(good).is_ok(), "{good}");
        }
    }
}
