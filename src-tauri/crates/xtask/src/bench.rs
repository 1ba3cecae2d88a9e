//! `bench`: the benchmarks, built the way they ship.

use crate::report::Verdict;
use crate::setup::{self, Purpose};
use crate::{process, python, workspace};

/// Runs `sar bench` with these words.
pub(crate) fn run(bench: &[String]) -> anyhow::Result<()> {
    setup::run(Purpose::Bench)?;
    if let Verdict::NotPerformed(reason) = python::install() {
        process::say(&format!("no comparison with Python: {reason}"));
    }
    let words = [
        "run",
        "--release",
        "--package",
        "cli",
        "--bin",
        "sar",
        "--",
        "bench",
    ];
    let mut command = workspace::cargo(&words);
    if python::python().is_file() {
        let script = workspace::root().join("benches/sequential_download.py");
        command
            .env("SAR_BENCH_PYTHON", python::python())
            .env("SAR_BENCH_SEQUENTIAL_DOWNLOAD", script);
    }
    process::run(command.args(bench))
}
