//! The vault: originals, transcripts, plans, redacted audio and packages as age files.
//!
//! Each case has its own X25519 identity, sealed by the master key. Files are encrypted while they
//! are written and can be read from any position; no plaintext touches the disk.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    mem,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use age::{secrecy::ExposeSecret, stream::StreamReader, stream::StreamWriter, x25519};

use crate::{StoreError, folder::create_private, keys::MasterKey, output};

/// The name of a file in the vault; random, says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobId(String);

impl BlobId {
    pub(crate) fn from_row(text: String) -> Self {
        Self(text)
    }

    fn random() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for BlobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The files of all cases; clones share it.
#[derive(Clone)]
pub struct Vault {
    dir: Arc<PathBuf>,
    master: MasterKey,
    /// Held while a case's identity is looked up or made: two makers would each seal files that only
    /// one of them could open.
    making: Arc<Mutex<()>>,
}

const IDENTITY: &str = "identity.sealed";
/// Ending of a file that nothing is known to refer to yet.
const PARTIAL: &str = "partial";
/// Ending of a file that stays.
const KEPT: &str = "age";

impl Vault {
    /// Opens the vault. Of the files that were never named, those that a transaction let stay (`kept`) are named
    /// now; the others are what an interrupted write left, and go.
    pub(crate) fn at(
        dir: &Path,
        master: &MasterKey,
        kept: &HashSet<String>,
    ) -> Result<Self, StoreError> {
        create_private(dir)?;
        settle_partial(dir, kept)?;
        Ok(Self {
            dir: Arc::new(dir.to_owned()),
            master: master.clone(),
            making: Arc::new(Mutex::new(())),
        })
    }

    /// Starts a file of a case. It stays once [`Tx::keep`](crate::Tx::keep) was told and has committed.
    ///
    /// # Errors
    /// When the case's folder or identity cannot be written or read.
    pub fn create(&self, case_id: &str) -> Result<BlobWriter, StoreError> {
        let recipient = self.identity(case_id)?.to_public();
        let id = BlobId::random();
        let path = self.path(case_id, &id);
        let partial = path.with_extension(PARTIAL);
        let file = BufWriter::new(File::create_new(&partial)?);
        let encryptor =
            age::Encryptor::with_recipients([&recipient as &dyn age::Recipient].into_iter())
                .map_err(io::Error::other)?;
        let writer = encryptor.wrap_output(file)?;
        Ok(BlobWriter {
            id,
            path,
            partial,
            writer: Some(writer),
        })
    }

    /// Opens a file of a case for reading from any position.
    ///
    /// # Errors
    /// When it is not there, damaged, or of another case.
    pub fn open(&self, case_id: &str, id: &BlobId) -> Result<BlobReader, StoreError> {
        let identity = self.identity(case_id)?;
        let kept = self.path(case_id, id);
        let loose = kept.with_extension(PARTIAL);
        // It may get its name in between.
        let file = or_at(File::open(&kept), || File::open(&loose));
        let file = or_at(file, || File::open(&kept))?;
        open_age(BufReader::new(file), &identity).ok_or_else(|| StoreError::Corrupt {
            what: id.to_string(),
        })
    }

    /// Removes a file of a case; one that is gone already is fine.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn remove(&self, case_id: &str, id: &BlobId) -> Result<(), StoreError> {
        let kept = self.path(case_id, id);
        remove_if_there(&kept.with_extension(PARTIAL))?;
        remove_if_there(&kept)
    }

    /// Deletes a case's identity: none of its files can be read again. A backup that holds the sealed identity
    /// still has what the master key opens; it must end with the case (docs/SECURITY.md).
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn shred(&self, case_id: &str) -> Result<(), StoreError> {
        remove_if_there(&self.case_dir(case_id).join(IDENTITY))
    }

    fn case_dir(&self, case_id: &str) -> PathBuf {
        // Case numbers are made by us; anything else is not a folder name.
        let safe: String = case_id
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        self.dir.join(safe)
    }

    fn path(&self, case_id: &str, id: &BlobId) -> PathBuf {
        self.case_dir(case_id).join(format!("{id}.{KEPT}"))
    }

    fn identity(&self, case_id: &str) -> Result<x25519::Identity, StoreError> {
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let dir = self.case_dir(case_id);
        let path = dir.join(IDENTITY);
        if path.exists() {
            return self.read_identity(&path);
        }
        create_private(&dir)?;
        if fs::read_dir(&dir)?.next().is_some() {
            // Files without an identity: the case was shredded.
            return Err(StoreError::KeyLost);
        }
        let identity = x25519::Identity::generate();
        let text = identity.to_string();
        let sealed = self
            .master
            .seal("vault-identity", text.expose_secret().as_bytes())?;
        output::write_file(&path, |out| out.write_all(&sealed))?;
        Ok(identity)
    }

    fn read_identity(&self, path: &Path) -> Result<x25519::Identity, StoreError> {
        let corrupt = || StoreError::Corrupt {
            what: IDENTITY.to_owned(),
        };
        let opened = self
            .master
            .open("vault-identity", &fs::read(path)?)
            .ok_or_else(corrupt)?;
        let text = std::str::from_utf8(&opened).map_err(|_| corrupt())?;
        text.parse().map_err(|_| corrupt())
    }
}

fn open_age(file: BufReader<File>, identity: &x25519::Identity) -> Option<BlobReader> {
    let decryptor = age::Decryptor::new_buffered(file).ok()?;
    let reader = decryptor
        .decrypt(std::iter::once(identity as &dyn age::Identity))
        .ok()?;
    Some(BlobReader(reader))
}

fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Another place for what is not at the first.
fn or_at(first: io::Result<File>, other: impl FnOnce() -> io::Result<File>) -> io::Result<File> {
    match first {
        Err(error) if error.kind() == io::ErrorKind::NotFound => other(),
        first => first,
    }
}

/// Names or removes the files that a process left without a name.
fn settle_partial(dir: &Path, kept: &HashSet<String>) -> Result<(), StoreError> {
    for case in fs::read_dir(dir)? {
        let case = case?.path();
        for file in fs::read_dir(&case).into_iter().flatten().flatten() {
            let path = file.path();
            if path.extension().is_none_or(|it| it != PARTIAL) {
                continue;
            }
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            match kept.contains(name.as_ref()) {
                true => output::rename(&path, &path.with_extension(KEPT))?,
                false => fs::remove_file(&path)?,
            }
        }
    }
    Ok(())
}

/// Writes a file of the vault, encrypting. Dropped unfinished, it leaves nothing.
pub struct BlobWriter {
    id: BlobId,
    path: PathBuf,
    partial: PathBuf,
    writer: Option<StreamWriter<BufWriter<File>>>,
}

impl BlobWriter {
    /// Seals the file: last block written, flushed to the disk. It can be read, and does not stay yet.
    ///
    /// # Errors
    /// When the disk refuses; nothing stays then.
    pub fn finish(mut self) -> Result<LooseBlob, StoreError> {
        let writer = self.writer.take().ok_or(StoreError::Interrupted)?;
        let mut file = writer.finish()?;
        file.flush()?;
        file.get_ref().sync_all()?;
        Ok(LooseBlob {
            id: self.id.clone(),
            path: self.path.clone(),
            now_at: mem::take(&mut self.partial),
        })
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer
            .as_mut()
            .ok_or(io::ErrorKind::BrokenPipe)?
            .write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer
            .as_mut()
            .ok_or(io::ErrorKind::BrokenPipe)?
            .flush()
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        remove_if_named(&self.partial);
    }
}

/// A sealed file that nothing refers to yet; [`Tx::keep`](crate::Tx::keep) makes it stay. Dropped, it is
/// gone; after a kill the next start keeps it if a transaction did, and removes it otherwise.
#[must_use]
#[derive(Debug)]
pub struct LooseBlob {
    id: BlobId,
    path: PathBuf,
    /// Where it lies now; empty once it stays.
    now_at: PathBuf,
}

impl LooseBlob {
    /// Its name, for reading it.
    pub const fn id(&self) -> &BlobId {
        &self.id
    }

    /// Makes sure that the file is found after a power cut. Its content is on the disk already.
    pub(crate) fn settle(&self) -> Result<(), StoreError> {
        Ok(output::sync_folder(&self.now_at)?)
    }

    /// Lets it stay where it is: the next start knows what becomes of it.
    pub(crate) fn leave(mut self) {
        self.now_at = PathBuf::new();
    }

    /// Lets it stay under the name where it is looked for first.
    pub(crate) fn stay(mut self) {
        let now_at = mem::take(&mut self.now_at);
        if let Err(error) = output::rename(&now_at, &self.path) {
            // It is found where it is, and the next start names it.
            tracing::warn!(%error, "a file of the vault keeps its first name for now");
        }
    }
}

impl Drop for LooseBlob {
    fn drop(&mut self) {
        remove_if_named(&self.now_at);
    }
}

/// Removes a file, unless it was given away. A partial one that cannot be removed now, the next start removes.
fn remove_if_named(path: &Path) {
    if !path.as_os_str().is_empty() {
        let _ = fs::remove_file(path);
    }
}

/// Reads a file of the vault from any position, decrypting.
pub struct BlobReader(StreamReader<BufReader<File>>);

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}
