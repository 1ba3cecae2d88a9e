//! The folder of a demo: package, passphrase, audit log, and the hidden data of the sample case.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use services::{PublicKeys, app::KeySource};

use crate::{
    failure::Failure,
    files::{self, unwritable},
    secret,
};

/// Data folder of the sample case, and beside it the passphrase of its key.
const HIDDEN: &str = ".sample-data";
const STORE: &str = "store";
const KEY_FILE: &str = "passphrase-of-sample-data.txt";

/// The folder of a demo.
pub(super) struct DemoFolder {
    pub(super) path: PathBuf,
    /// Whether nothing was done in it before.
    pub(super) is_new: bool,
}

impl DemoFolder {
    /// Takes a new or empty folder, or one in which a demo began.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let folder = Self {
            path: path.to_owned(),
            is_new: !path.join(HIDDEN).is_dir(),
        };
        if folder.is_new && !is_empty(path)? {
            return Err(Failure::usage(
                format!("`{}` holds other files", path.display()),
                "Name a new folder with --out; nothing was changed.",
            ));
        }
        let unwritable = |error: io::Error| unwritable(path, error.kind());
        create_private(&path.join(HIDDEN)).map_err(unwritable)?;
        folder.ensure_key().map_err(unwritable)?;
        Ok(folder)
    }

    pub(super) fn data_dir(&self) -> PathBuf {
        self.path.join(HIDDEN).join(STORE)
    }

    pub(super) fn key_file(&self) -> PathBuf {
        self.path.join(HIDDEN).join(KEY_FILE)
    }

    /// Where the passphrase of the package is written; with real data it never lies beside the package.
    pub(super) fn passphrase_file(&self) -> PathBuf {
        self.path.join("passphrase.txt")
    }

    /// Writes the public keys beside what they sign: with them the checks can be tried as a recipient
    /// makes them who got the keys another way.
    pub(super) fn write_keys(&self, keys: &PublicKeys) -> Result<(), Failure> {
        let write =
            |name: &str, key: &str| files::write_text(&self.path.join(name), &format!("{key}\n"));
        write("signer.pub", &keys.package_key)?;
        write("log.vkey", &keys.log_key)
    }

    /// A passphrase works on machines without a keyring, such as a build server.
    pub(super) fn keys(&self) -> Result<KeySource, Failure> {
        Ok(KeySource::Passphrase(secret::first_line(&self.key_file())?))
    }

    /// Draws the passphrase of the sample data once.
    fn ensure_key(&self) -> io::Result<()> {
        let path = self.key_file();
        // Only a whole line counts: a process killed in between leaves an empty file and no data yet.
        if fs::read_to_string(&path).is_ok_and(|text| text.ends_with('\n')) {
            return Ok(());
        }
        let words = evidence::package::passphrase(getrandom::fill).map_err(io::Error::other)?;
        let mut file = create_private_file(&path)?;
        writeln!(file, "{}", words.reveal())?;
        file.sync_all()
    }
}

fn is_empty(path: &Path) -> Result<bool, Failure> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(unwritable(path, error.kind())),
    }
}

fn create_private(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn create_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}
