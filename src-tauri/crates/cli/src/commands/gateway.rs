//! `sar gateway`: who may ask the gateway, and secrets in its keyring.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;
use services::{
    app::system_clock,
    gateway::{
        Scope,
        clients::{self, Client},
        config::GatewayConfig,
        import_mapping, keep_secret,
    },
};

use crate::{failure::Failure, gateway_data, input, interrupt, output::Output, secret};

#[derive(Subcommand)]
pub(crate) enum GatewayCommand {
    /// Register, list or remove programs that may ask the gateway
    #[command(subcommand)]
    Client(ClientCommand),
    /// Take over entries of the mapping database from a migration; the gateway must not run
    Import(ImportArgs),
    /// Keep the secret of a source where the gateway's keys are; the gateway must not run
    Secret(SecretArgs),
}

#[derive(Subcommand)]
pub(crate) enum ClientCommand {
    /// Register a program and print its secret, once
    Add(AddArgs),
    /// List the registered programs
    List(ListArgs),
    /// Take a program's access away, its tokens included
    Remove(RemoveArgs),
}

#[derive(Args)]
pub(crate) struct AddArgs {
    /// Name of the program
    id: String,
    /// Whose recordings it may see
    #[arg(long)]
    tenant: String,
    /// What it may do: recordings.search, recordings.read, recordings.media [default: all]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Args)]
pub(crate) struct RemoveArgs {
    /// Name of the program
    id: String,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Args)]
pub(crate) struct ImportArgs {
    /// Entries, one JSON object a line (docs/gateway.md)
    entries: PathBuf,
    /// The source in which these recordings lie, by its id in the configuration
    #[arg(long, value_name = "ID")]
    source: String,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Args)]
pub(crate) struct SecretArgs {
    /// The name that `secret = { keyring = "NAME" }` uses
    name: String,
    /// File that holds the secret
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Args)]
pub(crate) struct PlaceArgs {
    /// Configuration of the gateway
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Registered<'a> {
    client_id: &'a str,
    client_secret: &'a str,
}

pub(crate) fn run(command: GatewayCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        GatewayCommand::Client(ClientCommand::Add(args)) => add(&args, output),
        GatewayCommand::Client(ClientCommand::List(args)) => list(&args, output),
        GatewayCommand::Client(ClientCommand::Remove(args)) => {
            let config = gateway_data::read_config(&args.place.config)?;
            clients::remove(&config.data_dir, &args.id)?;
            output.note(format!("`{}` has no access any more.", args.id));
            Ok(())
        }
        GatewayCommand::Import(args) => import(&args, output),
        GatewayCommand::Secret(args) => keep(&args, output),
    }
}

fn add(args: &AddArgs, output: &mut Output) -> Result<(), Failure> {
    let config = gateway_data::read_config(&args.place.config)?;
    require_tenant(&config, &args.tenant)?;
    let scopes = if args.scopes.is_empty() {
        Scope::ALL.to_vec()
    } else {
        args.scopes
            .iter()
            .map(|it| scope(it))
            .collect::<Result<_, _>>()?
    };
    let now = system_clock()();
    let secret = clients::register(&config.data_dir, &args.id, &args.tenant, &scopes, now)?;
    if args.place.json {
        return output.json(&Registered {
            client_id: &args.id,
            client_secret: secret.reveal(),
        });
    }
    output.line(secret.reveal())?;
    output.note("This secret is shown once; the gateway keeps only its digest.");
    Ok(())
}

fn require_tenant(config: &GatewayConfig, tenant: &str) -> Result<(), Failure> {
    if config.tenants.iter().any(|it| it.id == tenant) {
        return Ok(());
    }
    Err(Failure::usage(
        format!("The configuration has no tenant `{tenant}`"),
        "Name one of its `[[tenant]]` entries.",
    ))
}

fn scope(name: &str) -> Result<Scope, Failure> {
    Scope::from_name(name).ok_or_else(|| {
        let names = Scope::ALL.map(Scope::name).join(", ");
        Failure::usage(
            format!("There is no scope `{name}`"),
            format!("Scopes are {names}."),
        )
    })
}

fn list(args: &ListArgs, output: &mut Output) -> Result<(), Failure> {
    let config = gateway_data::read_config(&args.place.config)?;
    let names = |client: &Client| {
        client
            .scopes
            .iter()
            .map(|it| it.name())
            .collect::<Vec<_>>()
            .join(" ")
    };
    for client in clients::list(&config.data_dir)? {
        if args.place.json {
            output.json(&serde_json::json!({
                "client_id": client.id, "tenant": client.tenant,
                "scope": names(&client), "registered_at": client.registered_at,
            }))?;
        } else {
            let (id, tenant) = (&client.id, &client.tenant);
            output.line(format!(
                "{id}  {tenant}  {}  {}",
                client.registered_at,
                names(&client)
            ))?;
        }
    }
    Ok(())
}

fn import(args: &ImportArgs, output: &mut Output) -> Result<(), Failure> {
    let config = gateway_data::read_config(&args.place.config)?;
    let options = gateway_data::options(&config)?;
    let lines = input::read(&args.entries, input::MAX_TEXT_BYTES)?;
    let lines = String::from_utf8(lines).map_err(|_| {
        Failure::usage(
            format!("`{}` is not text", args.entries.display()),
            "Write one JSON object a line, in UTF-8.",
        )
    })?;
    let importing = import_mapping(&config, options, &args.source, &lines);
    let written = interrupt::runtime()?.block_on(importing)?;
    if args.place.json {
        return output.json(&serde_json::json!({ "written": written }));
    }
    output.line(format!("{written} entries are in the mapping."))
}

fn keep(args: &SecretArgs, output: &mut Output) -> Result<(), Failure> {
    let config = gateway_data::read_config(&args.place.config)?;
    let secret = secret::whole(&args.secret_file)?;
    let options = gateway_data::options(&config)?;
    interrupt::runtime()?.block_on(keep_secret(options, &args.name, &secret))?;
    output.note(format!("The secret `{}` is kept.", args.name));
    Ok(())
}
