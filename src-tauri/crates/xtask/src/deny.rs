//! cargo-deny: licenses, bans, sources and known vulnerabilities of the dependencies.

use crate::report::Verdict;
use crate::{process, workspace};
use anyhow::Context;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Pinned, so that a new release cannot change what `check` says.
const VERSION: &str = "0.20.2";

/// Builds the pinned version into `target/tools` unless it is there or on PATH.
pub(crate) fn install() -> anyhow::Result<()> {
    if found().is_some() {
        return Ok(());
    }
    process::say(&format!(
        "Building cargo-deny {VERSION}; this takes one to two minutes, once"
    ));
    // A debug build without symbols is ready in a quarter of the time and fast enough here.
    let mut command = workspace::cargo(&["install", "--locked", "--debug", "cargo-deny"]);
    command
        .args(["--version", VERSION, "--root"])
        .arg(workspace::tools_dir())
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .stdin(Stdio::null());
    process::run(&mut command)
        .context("cargo-deny could not be installed; hint: check the connection to crates.io")
}

/// Licenses, bans and sources: needs nothing but the crates themselves.
pub(crate) fn check_tree() -> anyhow::Result<()> {
    let words = [
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ];
    process::run(&mut command(&words)?)
}

/// Known vulnerabilities; without a connection to the advisory database nothing is claimed.
pub(crate) fn check_advisories() -> Verdict {
    let outcome = command(&["fetch", "db"]).and_then(|mut fetch| process::run(&mut fetch));
    if outcome.is_err() {
        return Verdict::NotPerformed(
            "the advisory database on github.com is out of reach".to_owned(),
        );
    }
    let outcome = command(&["check", "advisories"]).and_then(|mut check| process::run(&mut check));
    Verdict::of(outcome)
}

fn command(words: &[&str]) -> anyhow::Result<Command> {
    let program = found().context("cargo-deny is not installed; hint: run `cargo xtask check`")?;
    let mut command = Command::new(program);
    command
        .current_dir(workspace::root())
        .arg("--workspace")
        .args(words)
        .stdin(Stdio::null());
    Ok(command)
}

/// The program with the pinned version: ours first, then one on PATH.
fn found() -> Option<PathBuf> {
    let file = format!("cargo-deny{}", std::env::consts::EXE_SUFFIX);
    let ours = workspace::tools_dir().join("bin").join(file);
    [ours, PathBuf::from("cargo-deny")]
        .into_iter()
        .find(|program| {
            process::answer(Command::new(program).arg("--version"))
                .is_some_and(|answer| is_pinned(&answer))
        })
}

fn is_pinned(answer: &str) -> bool {
    answer.split_whitespace().nth(1) == Some(VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pinned_version_is_used() {
        assert!(is_pinned(&format!("cargo-deny {VERSION}")));
        assert!(!is_pinned("cargo-deny 0.1.0"));
        assert!(!is_pinned(""));
    }
}
