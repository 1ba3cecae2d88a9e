//! `sar`: the same core as the desktop app, without a window.
//!
//! For automation, batches and checks: scripts depend on its calls, so what a command prints and how it
//! exits is a contract. Data goes to stdout (with `--json` as JSON, one object a line for streams),
//! messages go to stderr. Exit codes: 0 success, 1 a check failed, 2 wrong usage, 3 a source or resource
//! is unavailable, 130 interrupted.
//!
//! It is *not* a place for rules: the steps of a case are functions of `services`, the checks are those
//! of `evidence` and `redaction`.
//!
//! Modules in reading order:
//!
//! - `args`: the commands, one line each; `commands`: one file a command
//! - `output`, `report`, `failure`: what is printed, and how a command ends
//! - `desk`: opens the core for one command; `wait`: waits for its jobs
//! - `gateway`: HTTP in front of `services::gateway`; `gateway_data`: its configuration and folder
//! - `secret`, `input`, `files`, `log_folder`: passphrases, files in and out, exported logs

mod args;
mod commands;
mod desk;
mod failure;
mod files;
mod gateway;
mod gateway_data;
mod input;
mod interrupt;
mod log_folder;
mod output;
mod recording;
mod report;
mod secret;
mod wait;

use std::process::ExitCode;

use clap::Parser;
use services::process::{CoreDumps, deny_core_dumps};
use tracing_subscriber::EnvFilter;

use crate::{args::Args, output::Output};

fn main() -> ExitCode {
    let args = Args::parse();
    start_log();
    if let Err(error) = deny_core_dumps(CoreDumps::Closed) {
        tracing::warn!(%error, "a crash may write the memory of this program to a file");
    }
    let mut output = Output::standard();
    let outcome = commands::run(args.command, &mut output);
    output.finish(outcome)
}

/// Log lines go to stderr; `SAR_LOG` chooses how many, such as `SAR_LOG=info`. Silent without it: what a
/// person must know is a message of the command.
fn start_log() {
    let filter = EnvFilter::try_from_env("SAR_LOG").unwrap_or_else(|_| EnvFilter::new("off"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
