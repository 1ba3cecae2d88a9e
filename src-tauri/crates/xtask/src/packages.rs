//! System packages: which there are, which are missing, how they are installed.

use crate::process;
use crate::workspace;
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
                "age",
                "ffmpeg",
                "openssh-client",
                "openssl",
                "p7zip-full",
                "sox",
                "strace",
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
    install(&missing)
}

fn names(groups: &[Group]) -> Vec<&'static str> {
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

fn install(missing: &[&'static str]) -> anyhow::Result<()> {
    let by_hand = format!(
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
        missing.join(" ")
    );
    let Some(privilege) = Privilege::find() else {
        bail!(
            "these Debian packages are missing and only root may install them: {}\nhint: run\n  {by_hand}",
            missing.join(", ")
        );
    };
    process::say(&format!("Installing {}", missing.join(", ")));
    apt_get(privilege, &["update", "-q"], &[])
        .and_then(|()| {
            apt_get(privilege, &["install", "-q", "-y", "--no-install-recommends"], missing)
        })
        .with_context(|| {
            format!("these Debian packages could not be installed: {}\nhint: check the network and the apt sources, then run\n  {by_hand}\nreason", missing.join(", "))
        })
}

/// How this process may install packages.
#[derive(Debug, Clone, Copy)]
enum Privilege {
    Root,
    Sudo,
}

impl Privilege {
    fn find() -> Option<Self> {
        if process::answer(Command::new("id").arg("-u"))? == "0" {
            return Some(Self::Root);
        }
        // `-n` never asks for a password: a question nobody sees would hang the build.
        process::answer(Command::new("sudo").args(["-n", "true"])).map(|_| Self::Sudo)
    }
}

fn apt_get(privilege: Privilege, words: &[&str], packages: &[&str]) -> anyhow::Result<()> {
    let mut command = match privilege {
        Privilege::Root => workspace::command("env"),
        Privilege::Sudo => {
            let mut sudo = workspace::command("sudo");
            sudo.args(["-n", "env"]);
            sudo
        }
    };
    // Another apt-get may hold the lock, for instance unattended upgrades.
    command
        .args([
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-o",
            "DPkg::Lock::Timeout=300",
        ])
        .args(words)
        .args(packages)
        .stdin(Stdio::null());
    process::run(&mut command)
}

/// Elsewhere nothing is installed: the programs and libraries we look for are named instead.
fn explain(names: &[&str]) -> anyhow::Result<()> {
    let missing: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !is_present(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "this system has no apt-get, so nothing was installed; missing, by their Debian names: {}\n\
         hint: install the same libraries and programs with your package manager; for the web view see \
         https://v2.tauri.app/start/prerequisites/",
        missing.join(", ")
    )
}

/// Looks for what the package would bring.
fn is_present(name: &str) -> bool {
    match probe(name) {
        Probe::Library(module) => has_library(module),
        Probe::Program(program) => is_on_path(program),
        Probe::Linux(program) => !cfg!(target_os = "linux") || is_on_path(program),
        Probe::PartOfSystem => true,
    }
}

/// A sign by which a package is recognized where dpkg does not exist.
#[derive(Debug, PartialEq, Eq)]
enum Probe {
    /// A pkg-config module, needed on Linux only: other systems bring their own web view and sound.
    Library(&'static str),
    Program(&'static str),
    /// A program that only Linux needs.
    Linux(&'static str),
    PartOfSystem,
}

fn probe(name: &str) -> Probe {
    match name {
        "libwebkit2gtk-4.1-dev" => Probe::Library("webkit2gtk-4.1"),
        "libasound2-dev" => Probe::Library("alsa"),
        "gcc" => Probe::Program("cc"),
        "make" => Probe::Program("make"),
        "perl" => Probe::Program("perl"),
        "pkg-config" => Probe::Linux("pkg-config"),
        "dbus" => Probe::Linux("dbus-run-session"),
        "gnome-keyring" => Probe::Linux("gnome-keyring-daemon"),
        "libsecret-tools" => Probe::Linux("secret-tool"),
        "webkit2gtk-driver" => Probe::Linux("WebKitWebDriver"),
        "xauth" => Probe::Linux("xauth"),
        "xvfb" => Probe::Linux("xvfb-run"),
        "strace" => Probe::Linux("strace"),
        "age" => Probe::Program("age"),
        "ffmpeg" => Probe::Program("ffmpeg"),
        "openssh-client" => Probe::Program("ssh-keygen"),
        "openssl" => Probe::Program("openssl"),
        "p7zip-full" => Probe::Program("7z"),
        "sox" => Probe::Program("sox"),
        "librsvg2-bin" => Probe::Program("rsvg-convert"),
        _ => Probe::PartOfSystem,
    }
}

fn has_library(module: &str) -> bool {
    !cfg!(target_os = "linux")
        || process::answer(Command::new("pkg-config").args(["--exists", module])).is_some()
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).any(|folder| folder.join(&file).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Group; 5] = [
        Group::Compile,
        Group::Window,
        Group::WindowTests,
        Group::OutsideTools,
        Group::Icons,
    ];

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
        let names = names(&ALL);
        let distinct: HashSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }

    #[test]
    fn every_package_but_the_c_library_can_be_recognized_without_dpkg() {
        for name in names(&ALL) {
            let part_of_system = probe(name) == Probe::PartOfSystem;
            assert_eq!(part_of_system, name == "libc6-dev", "{name}");
        }
    }

    #[test]
    fn a_program_is_found_on_the_path_and_an_invented_one_is_not() {
        assert!(is_on_path("cargo"));
        assert!(!is_on_path("sar-portal-no-such-program"));
    }
}
