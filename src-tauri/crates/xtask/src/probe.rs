//! Recognizing what is installed where there is no dpkg, by the programs and libraries themselves.

use crate::process;
use std::process::Command;

/// Looks for what the package would bring.
pub(crate) fn is_present(name: &str) -> bool {
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
        "util-linux" => Probe::Linux("unshare"),
        "7zip" => Probe::Program("7zz"),
        "age" => Probe::Program("age"),
        "ffmpeg" => Probe::Program("ffmpeg"),
        // libFuzzer is C++.
        "g++" => Probe::Program("c++"),
        "golang-go" => Probe::Program("go"),
        // Source files in a folder that only Debian has; without it the test says what it did not perform.
        "golang-golang-x-mod-dev" => Probe::Linux("go"),
        "libarchive-tools" => Probe::Program("bsdtar"),
        "flac" => Probe::Program("flac"),
        "flite" => Probe::Program("flite"),
        "mpg123" => Probe::Program("mpg123"),
        "opus-tools" => Probe::Program("opusdec"),
        "openssh-client" => Probe::Program("ssh-keygen"),
        "openssl" => Probe::Program("openssl"),
        "p7zip-full" => Probe::Program("7z"),
        "python3-venv" => Probe::Program("python3"),
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
    use crate::packages::{ALL_GROUPS, names};

    #[test]
    fn every_package_but_the_c_library_can_be_recognized_without_dpkg() {
        for name in names(&ALL_GROUPS) {
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
