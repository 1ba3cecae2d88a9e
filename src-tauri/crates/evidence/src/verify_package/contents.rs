//! What lies in a package: names, digests, and the text of the files that the checks look into.

use std::{
    collections::BTreeMap,
    io::{self, Read, Seek},
};

use domain::digest::Sha256Digest;

use super::finding;
use crate::{
    bag::Oxum,
    hashing::HashingWriter,
    names::{PAYLOAD, recording_name},
    open_package::{OpenError, OpenPackage},
    report::Finding,
};

/// All text that is kept for the checks, in bytes; real packages have a few megabytes.
const MAX_TEXT_BYTES: u64 = 256 << 20;

/// One file of the package.
pub(super) struct File {
    pub(super) digest: Sha256Digest,
    pub(super) size: u64,
    /// `None` for recordings, which are only hashed.
    text: Option<Vec<u8>>,
}

/// All files of the package, read once.
pub(super) struct Contents {
    files: BTreeMap<String, File>,
}

impl Contents {
    /// Reads and authenticates every file.
    pub(super) fn read(package: &mut OpenPackage<impl Read + Seek>) -> Result<Self, Finding> {
        let mut files = BTreeMap::new();
        let mut failed: Vec<OpenError> = Vec::new();
        let mut room = MAX_TEXT_BYTES;
        for (path, size) in package.files().to_vec() {
            let keep = recording_name(&path).is_none();
            match read_file(package, &path, keep && size <= room) {
                Ok(file) => {
                    room -= file.text.as_ref().map_or(0, |_| size);
                    files.insert(path, file);
                }
                Err(error) => failed.push(error),
            }
        }
        let wrong = |it: &OpenError| matches!(it, OpenError::Passphrase(_));
        // The two check bytes let one wrong passphrase in 65,536 pass for a single file.
        if files.is_empty() && failed.iter().any(wrong) {
            return Err(Finding::new("passphrase", "it does not open the package"));
        }
        let count = failed.len();
        match failed.into_iter().next().map(finding) {
            None => Ok(Self { files }),
            Some(first) if count == 1 => Err(first),
            Some(first) => {
                let reason = format!("{}; {} more files cannot be read", first.reason, count - 1);
                Err(Finding::new(first.part, reason))
            }
        }
    }

    /// The file at `path`.
    pub(super) fn file(&self, path: &str) -> Result<&File, Finding> {
        self.files
            .get(path)
            .ok_or_else(|| Finding::new(path, "the file is missing"))
    }

    /// The content of the file at `path`.
    pub(super) fn bytes(&self, path: &str) -> Result<&[u8], Finding> {
        let text = self.file(path)?.text.as_deref();
        text.ok_or_else(|| Finding::new(path, "the file is too large to be looked into"))
    }

    /// The content of the file at `path` as text.
    pub(super) fn text(&self, path: &str) -> Result<&str, Finding> {
        std::str::from_utf8(self.bytes(path)?)
            .map_err(|_| Finding::new(path, "the file is not UTF-8 text"))
    }

    /// All files whose names begin with `prefix`.
    pub(super) fn below<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a File)> {
        let all = self.files.iter().map(|(path, file)| (path.as_str(), file));
        all.filter(move |(path, _)| path.starts_with(prefix))
    }

    /// The delivered recordings: their bare names and files.
    pub(super) fn recordings(&self) -> BTreeMap<&str, &File> {
        self.below(PAYLOAD)
            .filter_map(|(path, file)| Some((recording_name(path)?, file)))
            .collect()
    }

    /// Size of the payload.
    pub(super) fn oxum(&self) -> Oxum {
        self.below(PAYLOAD)
            .fold(Oxum::default(), |sum, (_, file)| Oxum {
                bytes: sum.bytes + file.size,
                files: sum.files + 1,
            })
    }
}

fn read_file(
    package: &mut OpenPackage<impl Read + Seek>,
    path: &str,
    keep: bool,
) -> Result<File, OpenError> {
    if keep {
        let mut hashed = HashingWriter::new(Vec::new());
        package.copy(path, &mut hashed)?;
        let (text, digest, size) = hashed.finish();
        return Ok(File {
            digest,
            size,
            text: Some(text),
        });
    }
    let mut hashed = HashingWriter::new(io::sink());
    package.copy(path, &mut hashed)?;
    let (_, digest, size) = hashed.finish();
    Ok(File {
        digest,
        size,
        text: None,
    })
}
