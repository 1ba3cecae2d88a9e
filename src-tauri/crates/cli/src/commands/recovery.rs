//! `sar recovery`: the key of the data folder on paper, and back from there.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::sensitive::Secret;
use services::api::RoleName;

use crate::{desk::DeskArgs, failure::Failure, input, output::Output};

#[derive(Subcommand)]
pub(crate) enum RecoveryCommand {
    /// Show the recovery key, to be kept on paper; showing it is on record
    Show(ShowArgs),
    /// Put the key back into the keyring, or behind a passphrase
    Restore(RestoreArgs),
}

#[derive(Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    desk: DeskArgs,
}

#[derive(Args)]
pub(crate) struct RestoreArgs {
    /// File with the recovery key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    desk: DeskArgs,
}

pub(crate) fn run(command: RecoveryCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        RecoveryCommand::Show(args) => args.desk.run(RoleName::CaseWorker, async |app| {
            let key = services::reveal_recovery_key(app).await?;
            output.line(key.reveal())
        }),
        RecoveryCommand::Restore(args) => restore(&args, output),
    }
}

fn restore(args: &RestoreArgs, output: &mut Output) -> Result<(), Failure> {
    let written = input::read_text(&args.key)?;
    let (keys, data_dir) = args.desk.keys_and_folder()?;
    services::restore_key(&keys, &data_dir, &Secret::new(written))?;
    output.line(
        "The key is back. Open the cases as usual, then destroy the file with the recovery key.",
    )
}
