//! `bench`: the benchmarks, built the way they ship.

use crate::setup::{self, Purpose};
use crate::{process, workspace};

/// Runs all benchmarks or the one called `name`.
pub(crate) fn run(name: Option<&str>) -> anyhow::Result<()> {
    setup::run(Purpose::Bench)?;
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
    process::run(workspace::cargo(&words).args(name))
}
