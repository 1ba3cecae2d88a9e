//! `sar verify-redaction`: checks a redacted recording against its original and its plan.

use std::path::PathBuf;

use clap::Args;
use redaction::verify;

use super::redact::read_plan;
use crate::{
    failure::Failure,
    input,
    output::Output,
    recording::{self, DecoderArgs},
    report::Report,
};

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// Recording before redaction
    #[arg(long, value_name = "A")]
    original: PathBuf,
    /// Recording after redaction
    #[arg(long, value_name = "B")]
    redacted: PathBuf,
    /// Plan that was written with the redacted recording
    #[arg(long, value_name = "PLAN.json")]
    plan: PathBuf,
    #[command(flatten)]
    decoder: DecoderArgs,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &VerifyArgs, output: &mut Output) -> Result<(), Failure> {
    let file = read_plan(&args.plan)?;
    let mut original = recording::open(&args.original, &args.decoder)?.bytes;
    let mut redacted = input::open(&args.redacted)?;
    let report = verify::verify(&mut original, &mut redacted, &file.plan, &file.ranges);
    let subject = format!("The redacted recording `{}`", args.redacted.display());
    Report::from(&report).print(output, args.json, &subject)
}
