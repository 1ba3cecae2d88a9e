//! `sar serve`: the gateway, until it is told to stop.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::{failure::Failure, gateway, gateway_data, interrupt, output::Output};

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// File that says where to listen, whose recordings these are, and where they lie (docs/gateway.md)
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Print where it listens as one JSON line
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Listening {
    url: String,
}

pub(crate) fn run(args: &ServeArgs, output: &mut Output) -> Result<(), Failure> {
    let config = gateway_data::read_config(&args.config)?;
    let options = gateway_data::options(&config)?;
    interrupt::runtime()?.block_on(gateway::serve(config, options, |address| {
        let url = format!("http://{address}");
        if args.json {
            return output.json(&Listening { url });
        }
        output.line(format!("Listening at {url}"))?;
        output.note("Ctrl-C stops it; streams that run may end first.");
        Ok(())
    }))
}
