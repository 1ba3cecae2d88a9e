//! `sar sandbox`: serves the built-in sample organization until stopped.

use std::path::PathBuf;

use ::sandbox::{Sandbox, SandboxError, SandboxOptions, Scenario};
use clap::Args;
use serde::Serialize;

use crate::{failure::Failure, input, interrupt, output::Output};

#[derive(Args)]
pub(crate) struct SandboxArgs {
    /// First of three ports in a row (login, API, media) [default: free ones]
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Faults to inject, as TOML
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Print the connection as one line of JSON first
    #[arg(long)]
    json: bool,
}

/// How to connect. The login opens only this pretend organization; it is no secret.
#[derive(Serialize)]
struct Connection<'a> {
    api_url: &'a str,
    login_url: &'a str,
    media_url: &'a str,
    client_id: &'a str,
    client_secret: &'a str,
    region: &'a str,
    interval: &'a str,
}

pub(crate) fn run(args: &SandboxArgs, output: &mut Output) -> Result<(), Failure> {
    let options = SandboxOptions {
        base_port: args.port,
        scenario: scenario(args)?,
        ..SandboxOptions::default()
    };
    interrupt::runtime()?.block_on(async {
        let sandbox = Sandbox::start(options)
            .await
            .map_err(|error| not_started(&error))?;
        let told_to_stop = interrupt::told_to_stop();
        print_connection(&sandbox, args.json, output)?;
        told_to_stop.await;
        sandbox.stop().await;
        output.note("Stopped. Nothing was kept.");
        Ok(())
    })
}

fn scenario(args: &SandboxArgs) -> Result<Scenario, Failure> {
    let Some(path) = &args.scenario else {
        return Ok(Scenario::default());
    };
    Scenario::from_toml(&input::read_text(path)?).map_err(|error| {
        let hint = "The README of the crate `sandbox` lists every key.";
        Failure::usage(format!("`{}`: {error}", path.display()), hint)
    })
}

/// A sandbox that does not start, in words.
pub(super) fn not_started(error: &SandboxError) -> Failure {
    Failure::unavailable(error.to_string(), "Without --port free ports are taken.")
}

fn print_connection(sandbox: &Sandbox, json: bool, output: &mut Output) -> Result<(), Failure> {
    let (urls, credentials) = (sandbox.urls(), sandbox.credentials());
    let connection = Connection {
        api_url: &urls.api_url,
        login_url: &urls.login_url,
        media_url: &urls.media_url,
        client_id: credentials.client_id,
        client_secret: credentials.client_secret,
        region: sandbox.region(),
        interval: sandbox.interval(),
    };
    if json {
        return output.json(&connection);
    }
    let rows = [
        ("API", connection.api_url),
        ("Login", connection.login_url),
        ("Client id", connection.client_id),
        ("Client secret", connection.client_secret),
        ("Region", connection.region),
        ("Interval", connection.interval),
    ];
    output.table(&rows.map(|(name, value)| vec![name.to_owned(), value.to_owned()]))?;
    output.note("Serving the sample organization. Ctrl-C stops it.");
    Ok(())
}
