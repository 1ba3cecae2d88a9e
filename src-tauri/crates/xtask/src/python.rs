//! Python packages that we did not write, with which tests check our interfaces: environments of their own.

use crate::report::Verdict;
use crate::{process, workspace};
use anyhow::Context;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A list of packages, and the environment that is made from it.
#[derive(Clone, Copy)]
pub(crate) struct Environment {
    /// Folder below `target/tools`.
    folder: &'static str,
    /// The list, below this crate.
    file: &'static str,
    /// Every package with its version and reason.
    packages: &'static str,
}

/// What tests and benchmarks check our interfaces with.
pub(crate) const TOOLS: Environment = Environment {
    folder: "python",
    file: "python-tools.txt",
    packages: include_str!("../python-tools.txt"),
};

/// The detector that ours is compared with; too large for every machine.
pub(crate) const PRESIDIO: Environment = Environment {
    folder: "presidio",
    file: "presidio.txt",
    packages: include_str!("../presidio.txt"),
};

/// The library that runs learned recognizers.
pub(crate) const LEARNED: Environment = Environment {
    folder: "learned",
    file: "learned.txt",
    packages: include_str!("../learned.txt"),
};

/// The list that the environment was made from.
const STAMP: &str = ".installed-from";

impl Environment {
    /// Installs the packages below `target/tools` unless they are there.
    ///
    /// Without a connection to PyPI nothing is claimed: what needs a package says that it was not
    /// performed.
    pub(crate) fn install(self) -> Verdict {
        let stamp = self.dir().join(STAMP);
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == self.packages) {
            return Verdict::Passed;
        }
        let outcome = self.make().and_then(|()| {
            File::create(stamp)
                .and_then(|mut stamp| stamp.write_all(self.packages.as_bytes()))
                .context("the mark that the Python packages are installed could not be written")
        });
        match outcome {
            Ok(()) => Verdict::Passed,
            Err(error) => Verdict::NotPerformed(format!(
                "the Python packages of {} could not be installed: {error:#}",
                self.file
            )),
        }
    }

    fn make(self) -> anyhow::Result<()> {
        let words = ["-m", "venv", "--clear"];
        process::run(Command::new("python3").args(words).arg(self.dir()))?;
        let folder = workspace::root().join("src-tauri/crates/xtask");
        let words = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ];
        let mut install = Command::new(self.python());
        install.args(words).arg(folder.join(self.file));
        process::run(install.stdin(Stdio::null()))
    }

    /// The first file below the environment whose name begins so.
    pub(crate) fn find(self, name: &str) -> Option<PathBuf> {
        let mut folders = vec![self.dir()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path);
                } else if entry.file_name().to_string_lossy().starts_with(name) {
                    return Some(path);
                }
            }
        }
        None
    }

    fn dir(self) -> PathBuf {
        workspace::tools_dir().join(self.folder)
    }

    /// The Python of the environment, whether it is there or not.
    pub(crate) fn python(self) -> PathBuf {
        let folder = if cfg!(windows) { "Scripts" } else { "bin" };
        let file = format!("python{}", std::env::consts::EXE_SUFFIX);
        self.dir().join(folder).join(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_has_one_version() {
        for packages in [TOOLS.packages, PRESIDIO.packages, LEARNED.packages] {
            for line in packages.lines().filter(|line| !line.starts_with('#')) {
                assert!(line.contains("=="), "{line}");
            }
        }
    }
}
