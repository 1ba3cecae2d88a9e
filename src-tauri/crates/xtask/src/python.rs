//! Python packages that we did not write, with which tests check our interfaces: an environment of their own.

use crate::report::Verdict;
use crate::{process, workspace};
use anyhow::Context;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Every package with its version and reason.
const PACKAGES: &str = include_str!("../python-tools.txt");
/// The list that the environment was made from.
const STAMP: &str = ".installed-from";

/// Installs the packages into `target/tools/python` unless they are there.
///
/// Without a connection to PyPI nothing is claimed: the tests that need a package say that they were not
/// performed.
pub(crate) fn install() -> Verdict {
    let stamp = dir().join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == PACKAGES) {
        return Verdict::Passed;
    }
    let outcome = make().and_then(|()| {
        File::create(stamp)
            .and_then(|mut stamp| stamp.write_all(PACKAGES.as_bytes()))
            .context("the mark that the Python packages are installed could not be written")
    });
    match outcome {
        Ok(()) => Verdict::Passed,
        Err(error) => Verdict::NotPerformed(format!(
            "the Python packages could not be installed: {error:#}"
        )),
    }
}

fn make() -> anyhow::Result<()> {
    let words = ["-m", "venv", "--clear"];
    process::run(Command::new("python3").args(words).arg(dir()))?;
    let list = workspace::root().join("src-tauri/crates/xtask/python-tools.txt");
    let words = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    let mut install = Command::new(python());
    install.args(words).arg("--requirement").arg(list);
    process::run(install.stdin(Stdio::null()))
}

fn dir() -> PathBuf {
    workspace::tools_dir().join("python")
}

/// The Python of the environment, whether it is there or not.
pub(crate) fn python() -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    let file = format!("python{}", std::env::consts::EXE_SUFFIX);
    dir().join(folder).join(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_has_one_version() {
        let packages = PACKAGES.lines().filter(|line| !line.starts_with('#'));
        for line in packages {
            assert!(line.contains("=="), "{line}");
        }
    }
}
