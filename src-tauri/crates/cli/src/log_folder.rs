//! An exported audit log on disk, as the verifier reads it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use evidence::verify_log::LogFiles;

/// Entries of a log are small; a file beyond this is not part of one.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// A folder with an exported log.
pub(crate) struct LogFolder(pub(crate) PathBuf);

impl LogFiles for LogFolder {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let path = self.0.join(path);
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(found) if found.len() > MAX_FILE_BYTES => Err(io::ErrorKind::FileTooLarge.into()),
            Ok(_) => fs::read(path).map(Some),
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut files = Vec::new();
        let mut open = vec![PathBuf::new()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(self.0.join(&folder))? {
                let entry = entry?;
                let path = folder.join(entry.file_name());
                if entry.file_type()?.is_dir() {
                    open.push(path);
                } else {
                    files.push(with_slashes(&path));
                }
            }
        }
        files.sort();
        Ok(files)
    }
}

fn with_slashes(path: &Path) -> String {
    let parts = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    parts.collect::<Vec<_>>().join("/")
}
