//! One file a command.

pub(crate) mod audit;
pub(crate) mod bench;
pub(crate) mod case;
pub(crate) mod corrections;
pub(crate) mod demo;
pub(crate) mod detect;
pub(crate) mod drill;
pub(crate) mod evaluate;
pub(crate) mod export;
pub(crate) mod gateway;
mod known;
pub(crate) mod package;
mod presidio;
pub(crate) mod redact;
pub(crate) mod sandbox;
pub(crate) mod serve;
pub(crate) mod source;
pub(crate) mod verify_redaction;

use crate::{args::Command, failure::Failure, output::Output};

/// Runs a command.
pub(crate) fn run(command: Command, output: &mut Output) -> Result<(), Failure> {
    match command {
        Command::Demo(args) => demo::run(&args, output),
        Command::Sandbox(args) => sandbox::run(&args, output),
        Command::Detect(args) => detect::run(&args, output),
        Command::Evaluate(args) => evaluate::run(&args, output),
        Command::Redact(args) => redact::run(args, output),
        Command::VerifyRedaction(args) => verify_redaction::run(&args, output),
        Command::Case(command) => case::run(command, output),
        Command::Source(command) => source::run(command, output),
        Command::Package(command) => package::run(command, output),
        Command::Export(args) => export::run(&args, output),
        Command::Audit(command) => audit::run(command, output),
        Command::Serve(args) => serve::run(&args, output),
        Command::Gateway(command) => gateway::run(command, output),
        Command::Corrections(command) => corrections::run(command, output),
        Command::Drill(args) => drill::run(&args, output),
        Command::Bench(args) => bench::run(&args, output),
    }
}
