//! `sar bench`: measures on this machine, on sample data.

mod detect;
mod faults;
mod redaction;
mod retrieve;

use std::{env, fs, path::Path, process, time::Instant};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::demo::{self, DemoArgs};
use crate::{failure::Failure, files::unwritable, interrupt, output::Output};

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// What to measure; `demo` is the whole main job on sample data, `retrieve` how fast recordings come, `detect`
    /// how fast transcripts are searched, `redaction` how fast calls are redacted, `faults` whether the main job ends as it should whatever happens
    #[arg(value_enum, value_name = "NAME", default_value = "demo")]
    name: Name,
    /// How many recordings `retrieve` fetches
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    recordings: u32,
    /// How often `faults` does the main job; a thousand take hours
    #[arg(long, value_name = "N", default_value_t = 20)]
    rounds: u32,
    /// The first seed of `faults`
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Rounds of `faults` at the same time
    #[arg(long, value_name = "N", default_value_t = 4)]
    at_once: usize,
    /// Length of the call that `redaction` redacts; another one is three times as long
    #[arg(long, value_name = "N", default_value_t = 60)]
    minutes: u32,
    /// Print one JSON object a value
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    Demo,
    Retrieve,
    Detect,
    Redaction,
    Faults,
}

/// One measured value.
#[derive(Serialize)]
struct Value {
    bench: &'static str,
    name: &'static str,
    value: f64,
    unit: &'static str,
}

pub(crate) fn run(args: &BenchArgs, output: &mut Output) -> Result<(), Failure> {
    let values = match args.name {
        Name::Demo => demo_values()?,
        Name::Detect => detect::values(output)?,
        Name::Redaction => redaction::values(args.minutes.clamp(1, 240).into(), output)?,
        Name::Faults => {
            let campaign = faults::Campaign {
                rounds: args.rounds,
                seed: args.seed,
                at_once: args.at_once,
            };
            interrupt::runtime()?.block_on(faults::values(&campaign, output))?
        }
        Name::Retrieve => {
            interrupt::runtime()?.block_on(retrieve::values(args.recordings.max(1), output))?
        }
    };
    if args.json {
        return values.iter().try_for_each(|value| output.json(value));
    }
    let row = |value: &Value| {
        // Counts are whole; of measures, three figures say enough.
        let decimals = match value.value {
            whole if whole.fract() == 0.0 => 0,
            small if small < 1.0 => 3,
            small if small < 10.0 => 2,
            _ => 1,
        };
        let number = format!("{:.decimals$}", value.value);
        vec![value.name.to_owned(), format!("{number} {}", value.unit)]
    };
    output.table(&values.iter().map(row).collect::<Vec<_>>())
}

/// Runs a demo in a folder of its own and removes it again.
fn demo_values() -> Result<Vec<Value>, Failure> {
    let folder = env::temp_dir().join(format!("sar-bench-{}", process::id()));
    let start = Instant::now();
    let outcome = demo::deliver(
        &DemoArgs {
            out: folder.clone(),
            faults: None,
        },
        &mut Output::silent(),
    );
    let seconds = start.elapsed().as_secs_f64();
    let data_bytes = folder_bytes(&folder);
    let removed = fs::remove_dir_all(&folder);
    let delivered = outcome?;
    removed.map_err(|error| unwritable(&folder, error.kind()))?;
    let value = |name, value, unit| Value {
        bench: "demo",
        name,
        value,
        unit,
    };
    let mut values = vec![
        value("wall time", seconds, "s"),
        value("calls", f64::from(delivered.calls), "delivered"),
        value("package", delivered.package_bytes as f64 / 1e6, "MB"),
        value("whole folder", data_bytes as f64 / 1e6, "MB"),
        value("audit log", delivered.log_entries as f64, "entries"),
    ];
    values.extend(peak_memory_mb().map(|mb| value("peak memory", mb, "MB")));
    Ok(values)
}

fn folder_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => folder_bytes(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    };
    entries.map(bytes).sum()
}

/// Largest resident size of this process so far; only Linux says it in a file.
fn peak_memory_mb() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1_024.0 / 1e6)
}
