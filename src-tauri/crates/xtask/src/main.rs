//! `cargo xtask`: set-up, demo, test, check, bench, evaluate, fuzz, icons.
//!
//! This program only decides which commands to run and in which surroundings; the work is done by
//! cargo, npm and apt-get, whose output goes straight to the terminal. It is not for anything that
//! belongs to the product: that is `sar` (crate `cli`).
//!
//! Reading order:
//! - [`args`] – the command line
//! - [`setup`] – what a machine needs: [`packages`] ([`apt`], [`probe`]), [`ui`] and [`mod@prism`] (npm), [`mod@python`]
//!   (PyPI), [`deny`]
//! - [`demo`], [`mod@test`], [`check`], [`mod@bench`], [`fuzz`], [`icons`] – one verb each
//! - [`session`] – a private keyring and display, so that tests never touch the developer's own
//! - [`report`] – the table of parts, verdicts and times that ends `check` and `test`
//! - [`process`], [`workspace`] – running commands, finding paths
//!
//! Invariant: a part that was not carried out is printed as "not performed" with its reason, never
//! as passed.

mod apt;
mod args;
mod bench;
mod check;
mod demo;
mod deny;
mod fuzz;
mod icons;
mod packages;
mod prism;
mod probe;
mod process;
mod python;
mod report;
mod session;
mod setup;
mod test;
mod ui;
mod workspace;

use args::Task;
use std::process::ExitCode;

/// Exit code for a command line nobody understands, the same as `sar` uses.
const BAD_USAGE: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match Task::parse(&words) {
        Ok(task) => exit_code(run(&task)),
        Err(problem) => {
            process::say(&format!("error: {problem}\n\n{}", args::USAGE));
            ExitCode::from(BAD_USAGE)
        }
    }
}

fn run(task: &Task) -> anyhow::Result<()> {
    match task {
        Task::Help => process::print(args::USAGE),
        Task::Setup => setup::everything()?,
        Task::Demo(options) => demo::run(options)?,
        Task::Test => test::run()?,
        Task::Check => check::run()?,
        Task::Bench { words } => bench::run(words)?,
        Task::Fuzz(options) => fuzz::run(options)?,
        Task::Evaluate { words } => bench::evaluate(words)?,
        Task::Icons => icons::run()?,
    }
    Ok(())
}

fn exit_code(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            process::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
