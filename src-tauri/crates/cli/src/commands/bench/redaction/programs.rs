//! The programs that are measured beside ours, and the time that anything takes.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use crate::failure::Failure;

/// What `/proc` counts in: a hundredth of a second on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds that something took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    /// On processors, in this thread and in programs that it waited for.
    pub(super) cpu: f64,
    pub(super) wall: f64,
}

impl Took {
    pub(super) fn times(work: &mut dyn FnMut() -> Result<(), Failure>) -> Result<Self, Failure> {
        let (start, before) = (Instant::now(), processor_seconds());
        work()?;
        let wall = start.elapsed().as_secs_f64();
        let spent = processor_seconds().zip(before);
        let cpu = spent.map_or(wall, |(end, start)| end - start);
        Ok(Self { cpu, wall })
    }

    /// The least of both: other work on the machine only ever adds.
    pub(super) fn least(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.min(other.cpu),
            wall: self.wall.min(other.wall),
        }
    }
}

/// This thread and the programs that were waited for; only Linux says both in files.
fn processor_seconds() -> Option<f64> {
    let own = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let own: u64 = own.split_whitespace().next()?.parse().ok()?;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in parentheses and may hold anything; 13 fields follow before these.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut waited = fields.split_whitespace().skip(13);
    let mut ticks = || waited.next()?.parse::<f64>().ok();
    Some(own as f64 / 1e9 + (ticks()? + ticks()?) / TICKS_PER_SECOND)
}

/// Whether a program can be started by its name.
pub(super) fn is_here(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&path).any(|folder| folder.join(&file).is_file())
}

/// Runs a program in a folder to its end.
pub(super) fn run(folder: &Path, program: &str, words: &[&str]) -> Result<(), Failure> {
    let output = Command::new(program)
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(program, &error.kind().to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(program, said.lines().last().unwrap_or("no reason")))
}

fn failed(program: &str, why: &str) -> Failure {
    Failure::unavailable(
        format!("`{program}` could not be measured: {why}"),
        "Run `cargo xtask setup`, then `cargo xtask bench redaction`.",
    )
}
