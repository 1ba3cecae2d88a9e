//! Files that a person names on the command line.

use std::{
    fs::File,
    io::{self, BufReader, ErrorKind, Read},
    path::Path,
};

use crate::failure::Failure;

/// Largest text file that is read whole: a transcript or a plan of a day of speech is far smaller.
pub(crate) const MAX_TEXT_BYTES: u64 = 64 << 20;

/// Opens a file for reading.
pub(crate) fn open(path: &Path) -> Result<BufReader<File>, Failure> {
    let file = File::open(path).and_then(|file| {
        // Opening a folder works on some systems, reading it does not.
        if file.metadata()?.is_dir() {
            Err(ErrorKind::IsADirectory.into())
        } else {
            Ok(file)
        }
    });
    file.map(BufReader::new)
        .map_err(|error| unreadable(path, &error))
}

/// Reads a file whole, up to a limit.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = open(path)?.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > limit {
        return Err(Failure::usage(
            format!("`{}` is larger than {limit} bytes", path.display()),
            "This is not the kind of file the command expects.",
        ));
    }
    Ok(bytes)
}

/// Reads a text file whole.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path, MAX_TEXT_BYTES)?).map_err(|_| {
        Failure::usage(
            format!("`{}` is not UTF-8 text", path.display()),
            "Save it as UTF-8, or name another file.",
        )
    })
}

/// A file that cannot be read, in words.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let why = match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "this account may not read it".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        kind => kind.to_string(),
    };
    Failure::unavailable(
        format!("`{}` cannot be read: {why}", path.display()),
        "Check the path.",
    )
}
