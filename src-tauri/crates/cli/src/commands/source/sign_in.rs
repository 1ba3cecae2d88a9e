//! `sar source sign-in` and `sign-out`: a person connects the organization with a browser.

use clap::Args;
use services::{
    api::{ApiError, Empty, SignInSourceReq},
    app::App,
};

use crate::{commands::case::connect::require_connected, failure::Failure, output::Output};

#[derive(Args)]
pub(crate) struct SignInArgs {
    /// Genesys Cloud region by its domain, such as mypurecloud.de
    #[arg(long, value_name = "DOMAIN", required_unless_present = "api_url", conflicts_with_all = ["api_url", "login_url"])]
    region: Option<String>,
    /// Address of the API, for the sample organization
    #[arg(long, value_name = "URL", requires = "login_url")]
    api_url: Option<String>,
    /// Address of the login, for the sample organization
    #[arg(long, value_name = "URL", requires = "api_url")]
    login_url: Option<String>,
    /// Further host that recordings come from, such as s3.eu-west-2.amazonaws.com; may be repeated
    #[arg(long, value_name = "HOST")]
    media_host: Vec<String>,
    /// Id of an OAuth client for persons (code authorization with PKCE), see docs/formats/sources.md
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// Port of the redirect address that is registered with the client [default: 28147]
    #[arg(long, value_name = "N")]
    redirect_port: Option<u16>,
    /// Print the address to open, and open no browser
    #[arg(long)]
    no_browser: bool,
    /// Connect although you may do more than needed, for this reason
    #[arg(long, value_name = "REASON")]
    accept_excess: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct SignOutArgs {}

pub(super) async fn sign_in(
    app: &App,
    args: &SignInArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    let request = SignInSourceReq {
        region: args.region.clone(),
        api_url: args.api_url.clone(),
        login_url: args.login_url.clone(),
        media_hosts: Some(args.media_host.clone()),
        client_id: args.client_id.clone(),
        redirect_port: args.redirect_port,
        accept_excess_reason: args.accept_excess.clone(),
    };
    let tell = |link: &str| {
        show(link, args, output);
        Ok::<_, ApiError>(())
    };
    let report = services::sign_in_source(app, request, tell).await?;
    if args.json {
        output.json(&report)?;
    } else if report.connected {
        output.line(format_args!(
            "Connected {}, {}",
            report.organization, report.region
        ))?;
    }
    require_connected(&report)
}

/// Says what to open, whether a browser opens or not: this may be a machine without one.
fn show(link: &str, args: &SignInArgs, output: &mut Output) {
    output.note("Sign in with a browser on this computer within five minutes:");
    output.note(link);
    if !args.no_browser && open::that_detached(link).is_err() {
        output.note("No browser could be opened; open the address yourself.");
    }
}

pub(super) async fn sign_out(app: &App, output: &mut Output) -> Result<(), Failure> {
    services::sign_out_source(app, Empty {}).await?;
    output.line("Signed out. The organization is not connected any more.")
}
