//! The folder of an eDiscovery export: files for others, in the clear, written so that a kill at any
//! moment leaves nothing that looks finished and is not.
//!
//! A file appears whole or not at all. Beside the files lies a hidden folder of our own with a journal:
//! one line for each recording that came to its end, flushed to the disk before the next step. What the
//! journal does not know is done again.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    StoreError,
    folder::{self, FolderLock},
    output,
};

/// Our own folder in the export; not part of the set.
const OWN: &str = ".sar-export";

/// One line a recording.
const JOURNAL: &str = "journal.jsonl";

/// Where the files of a bag lie.
const PAYLOAD: &str = "data";

/// Ending of files that are being written.
const PARTIAL: &str = ".partial";

/// Files that this process has started.
static STARTED: AtomicU64 = AtomicU64::new(1);

/// An export folder that is open; one process at a time has it.
pub struct ExportFolder {
    root: PathBuf,
    journal: Mutex<File>,
    _lock: FolderLock,
}

impl ExportFolder {
    /// Opens the folder of an export, or makes one. What an earlier run left half-written is removed.
    ///
    /// # Errors
    /// When the folder holds anything else, another process has it, or it cannot be written.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let own = root.join(OWN);
        if !own.exists() && !is_empty(root)? {
            return Err(StoreError::Exists {
                path: root.to_owned(),
            });
        }
        folder::create_private(root)?;
        folder::create_private(&own)?;
        let lock = FolderLock::take(&own)?;
        for folder in [root.to_owned(), root.join(PAYLOAD), own.clone()] {
            remove_partials(&folder)?;
        }
        let journal = own.join(JOURNAL);
        cut_torn_line(&journal)?;
        let journal = OpenOptions::new().create(true).append(true).open(journal)?;
        Ok(Self {
            root: root.to_owned(),
            journal: Mutex::new(journal),
            _lock: lock,
        })
    }

    /// The lines of the journal, oldest first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn journal(&self) -> Result<Vec<String>, StoreError> {
        let text = fs::read_to_string(self.root.join(OWN).join(JOURNAL))?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Appends a line to the journal; it is on the disk afterwards.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&self, line: &str) -> Result<(), StoreError> {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        // One write, so that only its end can be missing after a power cut.
        journal.write_all(format!("{line}\n").as_bytes())?;
        Ok(journal.sync_data()?)
    }

    /// A small file; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.root.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A file to read through; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_file(&self, name: &str) -> Result<Option<File>, StoreError> {
        match File::open(self.root.join(name)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a small file. One that has this content already is not touched.
    ///
    /// # Errors
    /// When it cannot be written; nothing half-written stays.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        if self.read(name)?.as_deref() == Some(bytes) {
            return Ok(());
        }
        output::write_file(&self.root.join(name), |out| out.write_all(bytes))
    }

    /// A small file of our own, which is not part of the set; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read_own(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(&format!("{OWN}/{name}"))
    }

    /// Writes a small file of our own.
    ///
    /// # Errors
    /// When it cannot be written; nothing half-written stays.
    pub fn write_own(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(&format!("{OWN}/{name}"), bytes)
    }

    /// Removes a file if it is there.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        match fs::remove_file(self.root.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Starts a file that has no name yet.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn start(&self) -> Result<PartialFile, StoreError> {
        // A file of a stopped run may be removed while the next one writes: they share no name.
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let path = self.root.join(format!(".{number}{PARTIAL}"));
        let file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(&path)?;
        Ok(PartialFile {
            file: Some(BufWriter::new(file)),
            path,
        })
    }
}

fn is_empty(root: &Path) -> Result<bool, StoreError> {
    match fs::read_dir(root) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error.into()),
    }
}

fn remove_partials(folder: &Path) -> Result<(), StoreError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(PARTIAL) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A line without its end was being written when the process died; what it said is done again.
fn cut_torn_line(journal: &Path) -> Result<(), StoreError> {
    let mut bytes = Vec::new();
    match File::open(journal) {
        Ok(mut file) => file.read_to_end(&mut bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n');
    let whole = whole.map_or(0, |end| end as u64 + 1);
    if whole < bytes.len() as u64 {
        let file = OpenOptions::new().write(true).open(journal)?;
        file.set_len(whole)?;
        file.sync_all()?;
    }
    Ok(())
}

/// A file that is being written; it disappears unless it is kept.
pub struct PartialFile {
    file: Option<BufWriter<File>>,
    path: PathBuf,
}

impl PartialFile {
    /// Flushes it to the disk and gives it for reading.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(&mut self) -> io::Result<File> {
        if let Some(file) = &mut self.file {
            file.flush()?;
            file.get_ref().sync_all()?;
        }
        File::open(&self.path)
    }

    /// Gives it its name, as [`PartialFile::finish`] left it.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn keep(mut self, folder: &ExportFolder, name: &str) -> Result<(), StoreError> {
        self.finish()?;
        let place = folder.root.join(name);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        output::rename(&self.path, &place)?;
        self.file = None;
        Ok(())
    }
}

impl Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // What stays is removed at the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(root: &Path) -> Vec<String> {
        let entries = fs::read_dir(root).unwrap();
        let mut names: Vec<_> = entries
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != OWN)
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("export");
        let folder = ExportFolder::open(&root).unwrap();
        let mut dropped = folder.start().unwrap();
        dropped.write_all(b"half").unwrap();
        drop(dropped);
        assert!(names(&root).is_empty());
        let mut kept = folder.start().unwrap();
        kept.write_all(b"whole").unwrap();
        kept.keep(&folder, "a.wav").unwrap();
        assert_eq!(names(&root), ["a.wav"]);
        assert_eq!(
            folder.read("a.wav").unwrap().as_deref(),
            Some(&b"whole"[..])
        );
    }

    #[test]
    fn after_a_kill_half_files_and_half_lines_are_gone() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let folder = ExportFolder::open(root).unwrap();
        folder.note("one").unwrap();
        folder.note("two").unwrap();
        drop(folder);
        let write = |name: &str, text: &str| {
            let mut file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(root.join(name))
                .unwrap();
            file.write_all(text.as_bytes()).unwrap();
        };
        write(".7.partial", "half");
        fs::create_dir(root.join(PAYLOAD)).unwrap();
        write("data/.a.json.partial", "half");
        write(".sar-export/journal.jsonl", "thr");
        let folder = ExportFolder::open(root).unwrap();
        assert_eq!(folder.journal().unwrap(), ["one", "two"]);
        assert_eq!(names(root), [PAYLOAD]);
        assert!(names(&root.join(PAYLOAD)).is_empty());
        folder.note("three").unwrap();
        assert_eq!(folder.journal().unwrap(), ["one", "two", "three"]);
    }

    #[test]
    fn a_folder_with_other_things_is_left_alone_and_one_in_use_is_locked() {
        let dir = tempfile::tempdir().unwrap();
        File::create(dir.path().join("letter.txt")).unwrap();
        let refused = ExportFolder::open(dir.path()).err();
        assert!(matches!(refused, Some(StoreError::Exists { .. })));
        let root = dir.path().join("export");
        let _held = ExportFolder::open(&root).unwrap();
        assert!(matches!(
            ExportFolder::open(&root).err(),
            Some(StoreError::Locked)
        ));
    }
}
