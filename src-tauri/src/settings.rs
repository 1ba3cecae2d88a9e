//! Folders and keys, from environment and flags.
//!
//! A secret never comes in a flag or a variable, where other programs can read it: the variables name a
//! file or an open file descriptor that holds it.

use std::{
    env,
    ffi::OsString,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use domain::sensitive::Secret;
use services::app::KeySource;
use tauri::{Runtime, path::PathResolver};

/// Folder of database and vault; without it the operating system's place for application data.
const DATA_DIR: &str = "SAR_DATA_DIR";
/// Folder packages are handed over in; without it a folder in the person's documents.
const DELIVERY_DIR: &str = "SAR_DELIVERY_DIR";
/// A file whose first line is the passphrase; used instead of the keyring.
const PASSPHRASE_FILE: &str = "SAR_PASSPHRASE_FILE";
/// An inherited file descriptor that holds the passphrase; used instead of the keyring.
const PASSPHRASE_FD: &str = "SAR_PASSPHRASE_FD";

/// Starts the built-in organization and connects it.
const SANDBOX_FLAG: &str = "--sandbox";

/// A development build must not touch the keys of the installed one.
const KEYRING_SERVICE: &str = if cfg!(debug_assertions) {
    "sar-portal-dev"
} else {
    "sar-portal"
};

/// Longer than anybody types; a larger file is not a passphrase.
const PASSPHRASE_MAX_BYTES: u64 = 4_096;

/// How this desk is started.
pub(crate) struct Settings {
    /// Where the cases of the organization lie.
    pub(crate) own: Place,
    /// Where sample cases lie, if the person asks for them: never beside real ones, under a key of their own.
    pub(crate) sample: Place,
    pub(crate) connects_sandbox: bool,
}

/// Folders and keys of one set of cases.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) data_dir: PathBuf,
    pub(crate) delivery_dir: PathBuf,
    pub(crate) keys: KeySource,
}

/// Where the operating system keeps such things.
struct Places {
    data: PathBuf,
    documents: PathBuf,
}

impl Settings {
    /// Reads environment and flags of this process.
    ///
    /// # Errors
    /// When a flag is unknown, or the passphrase cannot be read.
    pub(crate) fn read<R: Runtime>(paths: &PathResolver<R>) -> anyhow::Result<Self> {
        let data = paths
            .app_local_data_dir()
            .context("There is no folder for application data")?;
        let documents = paths.document_dir().unwrap_or_else(|_| data.clone());
        Self::from(
            env::args_os().skip(1),
            |name| env::var_os(name),
            Places { data, documents },
        )
    }

    fn from(
        flags: impl Iterator<Item = OsString>,
        variable: impl Fn(&str) -> Option<OsString>,
        places: Places,
    ) -> anyhow::Result<Self> {
        let folder = |name: &str| {
            variable(name)
                .filter(|it| !it.is_empty())
                .map(PathBuf::from)
        };
        let connects_sandbox = connects_sandbox(flags)?;
        let passphrase = passphrase_of(folder(PASSPHRASE_FILE), variable(PASSPHRASE_FD))?;
        let place = |kind: &str| Place {
            data_dir: places.data.join(kind),
            delivery_dir: places.documents.join("SAR Portal").join(kind),
            keys: passphrase.clone().unwrap_or_else(|| KeySource::Keyring {
                namespace: format!("{KEYRING_SERVICE}-{kind}"),
            }),
        };
        let (mut own, mut sample) = (place("desk"), place("sample"));
        if let Some(named) = folder(DATA_DIR) {
            (own.data_dir, sample.data_dir) = (named.clone(), named.join("sample"));
        }
        if let Some(named) = folder(DELIVERY_DIR) {
            (own.delivery_dir, sample.delivery_dir) = (named.clone(), named.join("sample"));
        }
        Ok(Self {
            own,
            sample,
            connects_sandbox,
        })
    }
}

fn connects_sandbox(flags: impl Iterator<Item = OsString>) -> anyhow::Result<bool> {
    let mut found = false;
    for flag in flags {
        if flag != SANDBOX_FLAG {
            bail!(
                "`{}` is unknown; the only flag is `{SANDBOX_FLAG}`",
                flag.display()
            );
        }
        found = true;
    }
    Ok(found)
}

/// The passphrase that takes the place of the keyring, if one is given.
fn passphrase_of(file: Option<PathBuf>, fd: Option<OsString>) -> anyhow::Result<Option<KeySource>> {
    let descriptor = fd.filter(|fd| !fd.is_empty());
    let path = match (file, descriptor) {
        (Some(_), Some(_)) => bail!("Set `{PASSPHRASE_FILE}` or `{PASSPHRASE_FD}`, not both"),
        (None, None) => return Ok(None),
        (Some(file), None) => file,
        (None, Some(fd)) => descriptor_path(&fd)?,
    };
    Ok(Some(KeySource::Passphrase(passphrase(&path)?)))
}

/// The system's name for a descriptor that this process inherited.
fn descriptor_path(fd: &OsString) -> anyhow::Result<PathBuf> {
    let number = fd.to_str().and_then(|text| text.parse::<u32>().ok());
    let number = number.with_context(|| format!("`{PASSPHRASE_FD}` is not a number"))?;
    if cfg!(unix) {
        return Ok(PathBuf::from(format!("/dev/fd/{number}")));
    }
    bail!("`{PASSPHRASE_FD}` cannot be used on this system; use `{PASSPHRASE_FILE}`")
}

fn passphrase(path: &Path) -> anyhow::Result<Secret<String>> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(PASSPHRASE_MAX_BYTES).read_to_string(&mut text))
        .with_context(|| format!("The passphrase could not be read from `{}`", path.display()))?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        bail!(
            "`{}` holds no passphrase; its first line is empty",
            path.display()
        );
    }
    Ok(Secret::new(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn read(flags: &[&str], variables: &[(&str, &str)]) -> anyhow::Result<Settings> {
        let places = Places {
            data: "/data".into(),
            documents: "/documents".into(),
        };
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        };
        Settings::from(flags.iter().map(OsString::from), variable, places)
    }

    #[test]
    fn sample_cases_have_their_own_folders_and_key() {
        let settings = read(&[], &[]).unwrap();
        assert!(!settings.connects_sandbox && read(&["--sandbox"], &[]).unwrap().connects_sandbox);
        let (own, sample) = (settings.own, settings.sample);
        assert_ne!(own.data_dir, sample.data_dir);
        assert_ne!(own.delivery_dir, sample.delivery_dir);
        let namespace = |keys| match keys {
            KeySource::Keyring { namespace } => namespace,
            KeySource::Passphrase(_) => panic!("without variables the keyring is used"),
        };
        assert_ne!(namespace(own.keys), namespace(sample.keys));
    }

    #[test]
    fn the_environment_chooses_folders() {
        let variables = [(DATA_DIR, "/private/data"), (DELIVERY_DIR, "/private/out")];
        let Settings { own, sample, .. } = read(&["--sandbox"], &variables).unwrap();
        assert_eq!(own.data_dir, Path::new("/private/data"));
        assert_eq!(own.delivery_dir, Path::new("/private/out"));
        assert_eq!(sample.data_dir, Path::new("/private/data/sample"));
        assert_eq!(sample.delivery_dir, Path::new("/private/out/sample"));
    }

    #[test]
    fn a_passphrase_file_replaces_the_keyring() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "correct horse").unwrap();
        let path = file.path().to_str().unwrap();
        let settings = read(&[], &[(PASSPHRASE_FILE, path)]).unwrap();
        assert!(matches!(settings.own.keys, KeySource::Passphrase(_)));
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let message = |flags: &[&str], variables: &[(&str, &str)]| {
            format!("{:#}", read(flags, variables).err().expect("it is refused"))
        };
        assert!(message(&["--help"], &[]).contains("`--sandbox`"));
        assert!(message(&[], &[(PASSPHRASE_FILE, "/no/such/file")]).contains("/no/such/file"));
        assert!(message(&[], &[(PASSPHRASE_FD, "three")]).contains("not a number"));
        assert!(
            message(&[], &[(PASSPHRASE_FD, "3"), (PASSPHRASE_FILE, "/x")]).contains("not both")
        );
        let empty = tempfile::NamedTempFile::new().unwrap();
        let path = empty.path().to_str().unwrap();
        assert!(message(&[], &[(PASSPHRASE_FILE, path)]).contains("no passphrase"));
    }
}
