//! Passphrases come from a file or a file descriptor, never from a flag or a variable that other
//! programs can read.

use std::{
    env,
    ffi::OsStr,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use domain::sensitive::Secret;

use crate::{failure::Failure, input};

/// A file whose first line is the passphrase.
const FILE_VARIABLE: &str = "SAR_PASSPHRASE_FILE";
/// An inherited file descriptor that holds the passphrase.
const FD_VARIABLE: &str = "SAR_PASSPHRASE_FD";

/// Longer than anybody types; a larger file is not a passphrase.
const MAX_BYTES: u64 = 4_096;

/// A certificate with its chain and key is far smaller.
const MAX_SECRET_BYTES: u64 = 64 << 10;

/// The passphrase a person named: by the flag, else by one of the variables.
pub(crate) fn passphrase(flag: Option<&Path>) -> Result<Option<Secret<String>>, Failure> {
    if let Some(path) = flag {
        return first_line(path).map(Some);
    }
    let variable = |name| env::var_os(name).filter(|value: &std::ffi::OsString| !value.is_empty());
    match (variable(FILE_VARIABLE), variable(FD_VARIABLE)) {
        (Some(_), Some(_)) => Err(Failure::usage(
            format!("`{FILE_VARIABLE}` and `{FD_VARIABLE}` are both set"),
            "Set one of them.",
        )),
        (Some(file), None) => first_line(Path::new(&file)).map(Some),
        (None, Some(number)) => first_line(&descriptor(&number)?).map(Some),
        (None, None) => Ok(None),
    }
}

/// The passphrase, or what to do when none was named.
pub(crate) fn required(flag: Option<&Path>) -> Result<Secret<String>, Failure> {
    passphrase(flag)?.ok_or_else(|| {
        Failure::usage(
            "The passphrase is missing",
            format!("Name a file that holds it: --passphrase-file FILE, or set {FILE_VARIABLE}."),
        )
    })
}

/// The first line of a file.
pub(crate) fn first_line(path: &Path) -> Result<Secret<String>, Failure> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text))
        .map_err(|error| input::unreadable(path, &error))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Secret::new(line.to_owned())),
        _ => Err(Failure::usage(
            format!(
                "`{}` holds no passphrase: its first line is empty",
                path.display()
            ),
            "Write the passphrase into its first line.",
        )),
    }
}

/// A whole small file: what a source signs in with may have several lines, such as a certificate.
pub(crate) fn whole(path: &Path) -> Result<Secret<String>, Failure> {
    match String::from_utf8(input::read(path, MAX_SECRET_BYTES)?) {
        Ok(text) if !text.trim().is_empty() => Ok(Secret::new(text.trim_end().to_owned())),
        _ => Err(Failure::usage(
            format!("`{}` holds no secret", path.display()),
            "Write it into the file as text.",
        )),
    }
}

/// The system's name for a descriptor that this process inherited.
fn descriptor(number: &OsStr) -> Result<PathBuf, Failure> {
    let number = number.to_str().and_then(|text| text.parse::<u32>().ok());
    match number {
        Some(number) if cfg!(unix) => Ok(PathBuf::from(format!("/dev/fd/{number}"))),
        _ => Err(Failure::usage(
            format!("`{FD_VARIABLE}` is not a file descriptor"),
            format!("Set it to a number such as 3, or use {FILE_VARIABLE}."),
        )),
    }
}
