//! `sar case connect`: connects the source of recordings.

use std::path::PathBuf;

use clap::Args;
use services::{
    api::{ConnectSourceReq, SourceReport},
    app::App,
};

use crate::{failure::Failure, output::Output, secret};

#[derive(Args)]
pub(crate) struct ConnectArgs {
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
    /// OAuth client id
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// File with the OAuth client secret in its first line
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// Connect although the client may do more than needed, for this reason
    #[arg(long, value_name = "REASON")]
    accept_excess: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(app: &App, args: &ConnectArgs, output: &mut Output) -> Result<(), Failure> {
    let request = ConnectSourceReq {
        region: args.region.clone(),
        api_url: args.api_url.clone(),
        login_url: args.login_url.clone(),
        media_hosts: Some(args.media_host.clone()),
        client_id: args.client_id.clone(),
        client_secret: secret::first_line(&args.secret_file)?.into_inner(),
        accept_excess_reason: args.accept_excess.clone(),
    };
    let report = services::connect_source(app, request).await?;
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

pub(in crate::commands) fn require_connected(report: &SourceReport) -> Result<(), Failure> {
    if report.connected {
        return Ok(());
    }
    if !report.missing.is_empty() {
        return Err(Failure::failed_check(
            format!(
                "The client may not do what is needed: {}",
                report.missing.join(", ")
            ),
            "Ask the administrator to add these permissions to its role.",
        ));
    }
    Err(Failure::failed_check(
        format!(
            "The client may do more than needed: {}",
            report.excess.join(", ")
        ),
        "Use a client with fewer permissions, or give a reason: --accept-excess REASON.",
    ))
}
