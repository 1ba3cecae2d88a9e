//! `bench` and `evaluate`: what is measured, built the way it ships, beside what it is compared with.

use crate::report::Verdict;
use crate::setup::{self, Purpose};
use crate::{process, python, workspace};
use std::process::Command;

/// The corpus that `evaluate` measures unless it is told another one.
const CORPUS: &str = "src-tauri/crates/redaction/corpus/calls.jsonl";
/// Tells `sar` where Presidio is installed.
const PRESIDIO_PYTHON: &str = "SAR_PRESIDIO_PYTHON";

/// Runs `sar bench` with these words.
pub(crate) fn run(bench: &[String]) -> anyhow::Result<()> {
    setup::run(Purpose::Bench)?;
    let mut command = sar("bench");
    installed(python::TOOLS);
    if python::TOOLS.python().is_file() {
        let script = workspace::root().join("benches/sequential_download.py");
        command
            .env("SAR_BENCH_PYTHON", python::TOOLS.python())
            .env("SAR_BENCH_SEQUENTIAL_DOWNLOAD", script);
    }
    if bench.first().is_some_and(|name| name == "detect") {
        with_presidio(&mut command);
    }
    process::run(command.args(bench))
}

/// Runs `sar evaluate` with Presidio beside it; on the calls that no rule was made with unless a set is named.
pub(crate) fn evaluate(words: &[String]) -> anyhow::Result<()> {
    setup::run(Purpose::Bench)?;
    let mut command = sar("evaluate");
    with_presidio(&mut command);
    let names_a_set = |word: &String| word.starts_with("--calls") || word.starts_with("--text");
    if !words.iter().any(names_a_set) {
        let corpus = workspace::root().join(CORPUS);
        command.arg("--calls").arg(corpus);
        command.args(["--split", "held-back"]);
    }
    process::run(command.args(["--compare", "presidio"]).args(words))
}

fn sar(name: &str) -> Command {
    let words = ["run", "--release", "--package", "cli", "--bin", "sar", "--"];
    let mut command = workspace::cargo(&words);
    command.arg(name);
    command
}

fn with_presidio(command: &mut Command) {
    installed(python::PRESIDIO);
    command.env(PRESIDIO_PYTHON, python::PRESIDIO.python());
}

fn installed(environment: python::Environment) {
    if let Verdict::NotPerformed(reason) = environment.install() {
        process::say(&format!("not performed: {reason}"));
    }
}
