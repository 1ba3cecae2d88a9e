//! System packages: which there are and which are missing.

use crate::{apt, probe, process};
use anyhow::{Context, bail};
use std::collections::HashSet;
use std::process::{Command, Stdio};

/// Debian package names by what they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// A C tool chain; `perl` and `make` build the OpenSSL inside SQLCipher.
    Compile,
    /// The web view and the sound library of the desktop window.
    Window,
    /// A display, a browser driver and a keyring, all private to a test run.
    WindowTests,
    /// Programs we did not write, with which tests and benchmarks check our files.
    OutsideTools,
    /// Renders `icons/*.svg`.
    Icons,
}

/// Every group, for tests over the whole list.
#[cfg(test)]
pub(crate) const ALL_GROUPS: [Group; 5] = [
    Group::Compile,
    Group::Window,
    Group::WindowTests,
    Group::OutsideTools,
    Group::Icons,
];

impl Group {
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Compile => &["gcc", "libc6-dev", "make", "perl", "pkg-config"],
            Self::Window => &["libasound2-dev", "libwebkit2gtk-4.1-dev"],
            Self::WindowTests => &[
                "dbus",
                "gnome-keyring",
                "libsecret-tools",
                "webkit2gtk-driver",
                "xauth",
                "xvfb",
            ],
            Self::OutsideTools => &[
                "7zip",
                "age",
                "ffmpeg",
                "flac",
                "flite",
                "g++",
                "golang-go",
                "golang-golang-x-mod-dev",
                "libarchive-tools",
                "mpg123",
                "openssh-client",
                "openssl",
                "opus-tools",
                "p7zip-full",
                "python3-venv",
                "sox",
                "strace",
                "util-linux",
            ],
            Self::Icons => &["librsvg2-bin"],
        }
    }
}

/// Makes sure that the packages of these groups are there; asks apt-get only for missing ones.
pub(crate) fn ensure(groups: &[Group]) -> anyhow::Result<()> {
    let names = names(groups);
    if !is_debian() {
        return explain(&names);
    }
    let missing = missing(&names)?;
    if missing.is_empty() {
        return Ok(());
    }
    apt::install(&missing)
}

pub(crate) fn names(groups: &[Group]) -> Vec<&'static str> {
    let mut names: Vec<_> = groups
        .iter()
        .flat_map(|group| group.names())
        .copied()
        .collect();
    names.sort_unstable();
    names
}

fn is_debian() -> bool {
    process::answer(Command::new("dpkg-query").arg("--version")).is_some()
        && process::answer(Command::new("apt-get").arg("--version")).is_some()
}

fn missing(names: &[&'static str]) -> anyhow::Result<Vec<&'static str>> {
    // dpkg-query exits with 1 when it does not know one of the names, so only its output counts.
    let output = Command::new("dpkg-query")
        .args(["-W", "-f=${Package} ${db:Status-Status}\n"])
        .args(names)
        .stdin(Stdio::null())
        .output()
        .context("asking dpkg-query which packages are installed")?;
    let listing = String::from_utf8_lossy(&output.stdout);
    Ok(absent(names, &installed(&listing)))
}

/// Reads `name status` lines; only the status `installed` counts, not `config-files`.
fn installed(listing: &str) -> HashSet<&str> {
    listing
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, status)| status.trim() == "installed")
        .map(|(name, _)| name)
        .collect()
}

fn absent(names: &[&'static str], installed: &HashSet<&str>) -> Vec<&'static str> {
    let is_absent = |name: &&&'static str| !installed.contains(**name);
    names.iter().filter(is_absent).copied().collect()
}

/// Elsewhere nothing is installed: the programs and libraries we look for are named instead.
fn explain(names: &[&str]) -> anyhow::Result<()> {
    let missing: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !probe::is_present(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "this system has no apt-get, so nothing was installed; missing, by their Debian names: {}\n\
         hint: install the same libraries and programs with your package manager; for the web view \
         see https://v2.tauri.app/start/prerequisites/",
        missing.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_installed_packages_count() {
        let listing = "gcc installed\nxvfb config-files\nsox not-installed\nage installed\n";
        let found = installed(listing);
        assert_eq!(
            absent(&["age", "gcc", "sox", "strace", "xvfb"], &found),
            ["sox", "strace", "xvfb"]
        );
    }

    #[test]
    fn an_empty_answer_means_that_everything_is_missing() {
        let names = names(&[Group::Compile]);
        assert_eq!(absent(&names, &installed("")), names);
    }

    #[test]
    fn no_package_is_named_twice() {
        let names = names(&ALL_GROUPS);
        let distinct: HashSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }
}
