//! `fuzz`: LLVM's libFuzzer over the parsers of bytes from outside, on the stable compiler.
//!
//! The counters that guide it are compiler flags; cargo-fuzz sets the same ones, and needs a nightly
//! compiler only for sanitizers, which add nothing where `unsafe` is forbidden.

use crate::setup::{self, Purpose};
use crate::{process, workspace};
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the caller asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FuzzOptions {
    /// One target, or all of them.
    pub(crate) target: Option<String>,
    /// How long each target runs.
    pub(crate) seconds: u32,
}

impl Default for FuzzOptions {
    fn default() -> Self {
        Self {
            target: None,
            seconds: 600,
        }
    }
}

/// Edges, comparisons and the table of places: what libFuzzer looks at.
const COUNTERS: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    --cfg fuzzing";

/// Naming the system keeps the counters out of build scripts.
fn system() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// Memory one input may take, in megabytes, and time, in seconds; beyond is a failure.
const LIMITS: [&str; 3] = ["-rss_limit_mb=256", "-timeout=10", "-max_len=65536"];

/// How far one target goes.
#[derive(Debug, Clone, Copy)]
enum Effort {
    /// Looks for new inputs this long, by chance.
    Seconds(u32),
    /// As many inputs, the same each time: what every test run has.
    Inputs(u32),
}

impl Effort {
    fn words(self) -> Vec<String> {
        match self {
            Self::Seconds(seconds) => vec![format!("-max_total_time={seconds}")],
            Self::Inputs(inputs) => vec![format!("-runs={inputs}"), "-seed=1".to_owned()],
        }
    }
}

/// Inputs of each target in every test run.
const SHORT_RUN: Effort = Effort::Inputs(2_000);

/// Prepares the machine and runs the targets that were asked for.
pub(crate) fn run(options: &FuzzOptions) -> anyhow::Result<()> {
    setup::run(Purpose::Bench)?;
    run_targets(options.target.as_deref(), Effort::Seconds(options.seconds))
}

/// A short run of every target, which gives the same result each time.
pub(crate) fn run_short() -> anyhow::Result<()> {
    run_targets(None, SHORT_RUN)
}

/// Builds the runner and runs the targets one after the other; all run even when one fails.
fn run_targets(only: Option<&str>, effort: Effort) -> anyhow::Result<()> {
    build()?;
    let targets = targets(only)?;
    let failed: Vec<String> = targets
        .into_iter()
        .filter(|target| run_one(target, effort).is_err())
        .collect();
    if !failed.is_empty() {
        bail!(
            "failed: {}; the inputs are in {}",
            failed.join(", "),
            findings().display()
        );
    }
    Ok(())
}

fn build() -> anyhow::Result<()> {
    let words = ["build", "--package", "fuzz", "--features", "libfuzzer"];
    let mut command = workspace::cargo(&words);
    command.args(["--profile", "fuzz", "--target", &system(), "--target-dir"]);
    process::run(command.arg(target_dir()).env("RUSTFLAGS", COUNTERS))
}

fn target_dir() -> PathBuf {
    workspace::root().join("target/fuzz")
}

/// Where inputs that fail are left.
fn findings() -> PathBuf {
    target_dir().join("findings")
}

fn corpus() -> PathBuf {
    workspace::root().join("src-tauri/crates/fuzz/corpus")
}

/// The targets are the folders of the corpus; a test of the crate keeps the two alike.
fn targets(only: Option<&str>) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(corpus()).context("the corpus cannot be read")? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    match only {
        None => Ok(names),
        Some(name) if names.iter().any(|it| it == name) => Ok(vec![name.to_owned()]),
        Some(name) => bail!("no target `{name}`; there are {}", names.join(", ")),
    }
}

/// New inputs go to the build results; a person decides which become part of the corpus.
fn run_one(target: &str, effort: Effort) -> anyhow::Result<()> {
    let found = found(target, effort)?;
    std::fs::create_dir_all(findings())?;
    let prefix = format!("-artifact_prefix={}/{target}-", findings().display());
    let mut command = runner(target);
    command
        .args(LIMITS)
        .args(["-print_final_stats=1", "-verbosity=0"]);
    command.args(effort.words()).arg(prefix);
    command.arg(found).arg(corpus().join(target));
    process::run_as(&format!("fuzz {target}"), &mut command)
}

/// Where new inputs are kept; a run that must be the same each time starts without any.
fn found(target: &str, effort: Effort) -> anyhow::Result<PathBuf> {
    let kind = match effort {
        Effort::Seconds(_) => "corpus",
        Effort::Inputs(_) => "short",
    };
    let folder = target_dir().join(kind).join(target);
    if matches!(effort, Effort::Inputs(_)) && folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn runner(target: &str) -> Command {
    let program: &Path = &target_dir().join(system()).join("fuzz/fuzz");
    let mut command = Command::new(program);
    command.env("SAR_FUZZ_TARGET", target);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_of_the_corpus_is_a_target() {
        let all = targets(None).expect("the corpus is there");
        assert!(all.contains(&"transcript".to_owned()), "{all:?}");
        assert_eq!(targets(Some("package")).expect("a target"), ["package"]);
    }

    #[test]
    fn an_unknown_target_is_named_with_the_known_ones() {
        let error = targets(Some("pakage")).expect_err("misspelled").to_string();
        assert!(
            error.contains("`pakage`") && error.contains("package"),
            "{error}"
        );
    }
}
