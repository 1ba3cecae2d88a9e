//! Opens a package: lists its files and reads them, without writing anything to disk.

use std::{
    collections::HashMap,
    io::{self, Read, Seek, Write},
};

use domain::sensitive::Secret;
use zeroize::Zeroizing;
use zip::{ZipArchive, result::ZipError};

use crate::{package::zip_form, report::Finding};

/// Why a package or a file in it cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Not a package, or its container was changed.
    #[error("not a sound package: {part}: {reason}", part = .0.part, reason = .0.reason)]
    Container(Finding),
    /// There is no such file.
    #[error("the package has no file `{0}`")]
    NoFile(String),
    /// The passphrase is another one.
    #[error("the passphrase does not open `{0}`")]
    Passphrase(String),
    /// The content was changed, or cut.
    #[error("`{0}` was modified: its authentication code does not fit")]
    Modified(String),
    /// More than the caller wants to hold in memory.
    #[error("`{path}` has {bytes} bytes, at most {limit} are read")]
    TooLong {
        /// The file.
        path: String,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The copy could not be written.
    #[error("`{path}` cannot be copied out: {source}")]
    Output {
        /// The file.
        path: String,
        /// The cause.
        source: io::Error,
    },
}

/// A package whose container is sound. Its content is checked as it is read.
pub struct OpenPackage<R> {
    archive: ZipArchive<R>,
    files: Vec<(String, u64)>,
    // Position of each name in `files`, which is also its number in the archive.
    places: HashMap<String, usize>,
    passphrase: Zeroizing<String>,
}

impl<R: Read + Seek> OpenPackage<R> {
    /// Opens a package. The passphrase is tried when the first file is read.
    ///
    /// # Errors
    /// When the container is not exactly as packages are written.
    pub fn new(mut zip: R, passphrase: &Secret<String>) -> Result<Self, OpenError> {
        let entries = zip_form::read(&mut zip).map_err(OpenError::Container)?;
        let archive = ZipArchive::new(zip).map_err(|_| {
            OpenError::Container(Finding::new("central directory", "it cannot be read"))
        })?;
        let files: Vec<(String, u64)> = entries
            .into_iter()
            .map(|it| (it.name, u64::from(it.size)))
            .collect();
        let places = files
            .iter()
            .enumerate()
            .map(|(at, (name, _))| (name.clone(), at))
            .collect();
        let passphrase = Zeroizing::new(passphrase.reveal().clone());
        Ok(Self {
            archive,
            files,
            places,
            passphrase,
        })
    }

    /// Names and sizes of the files, in order.
    pub fn files(&self) -> &[(String, u64)] {
        &self.files
    }

    /// Reads one file whole.
    ///
    /// # Errors
    /// When it is missing, longer than `limit`, modified, or the passphrase is another one.
    pub fn read(&mut self, path: &str, limit: u64) -> Result<Vec<u8>, OpenError> {
        let (_, bytes) = self.find(path)?;
        if bytes > limit {
            return Err(OpenError::TooLong {
                path: path.to_owned(),
                bytes,
                limit,
            });
        }
        let mut content = Vec::new();
        self.copy(path, &mut content)?;
        Ok(content)
    }

    /// Copies one file out. What was written before an error is not authenticated: discard it.
    ///
    /// # Errors
    /// When it is missing, modified, the passphrase is another one, or `out` fails.
    pub fn copy(&mut self, path: &str, out: &mut dyn Write) -> Result<u64, OpenError> {
        let (index, size) = self.find(path)?;
        let modified = || OpenError::Modified(path.to_owned());
        let mut entry = match self
            .archive
            .by_index_decrypt(index, self.passphrase.as_bytes())
        {
            Ok(entry) => entry,
            Err(ZipError::InvalidPassword) => return Err(OpenError::Passphrase(path.to_owned())),
            Err(_) => return Err(modified()),
        };
        let mut copied = 0;
        let mut chunk = vec![0; 64 << 10];
        // Reading to the end checks the authentication code.
        loop {
            let read = entry.read(&mut chunk).map_err(|_| modified())?;
            let Some(part) = chunk.get(..read).filter(|part| !part.is_empty()) else {
                break;
            };
            out.write_all(part).map_err(|source| OpenError::Output {
                path: path.to_owned(),
                source,
            })?;
            copied += read as u64;
        }
        if copied == size {
            Ok(copied)
        } else {
            Err(modified())
        }
    }

    /// Number in the archive, and size.
    fn find(&self, path: &str) -> Result<(usize, u64), OpenError> {
        let file = self
            .places
            .get(path)
            .and_then(|at| Some((*at, self.files.get(*at)?.1)));
        file.ok_or_else(|| OpenError::NoFile(path.to_owned()))
    }
}
