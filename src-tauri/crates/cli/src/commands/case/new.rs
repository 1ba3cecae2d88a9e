//! `sar case new`: opens a case from a request file, so that no personal data is in a command line.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use services::{
    api::{OpenCaseReq, RepresentativeReq},
    app::App,
};

use super::show;
use crate::{failure::Failure, input, output::Output};

#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct NewArgs {
    /// Request as JSON
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
    /// Print the case as JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLE: &str = r#"A request file:
  {
    "name": "Full name",
    "phones": ["+44 20 7946 0000"],
    "emails": [],
    "customer_ids": [],
    "law": "uk_gdpr",                 eu_gdpr, uk_gdpr or ccpa
    "received_on": "2026-03-30",
    "received_by": "email",           email, letter, phone, form or in_person
    "risk_tier": "normal"             low, normal or high
  }
It may also hold "request_type" (access, portability, rectification or erasure; access when left out),
"phone_region" (such as "GB", for numbers without country code), "note",
"representative": {"name": ..., "authority": ...} and "legal_hold": true, which keeps the source from
deleting what the searches of the case find until the case is closed."#;

/// A request as a person writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestFile {
    name: String,
    #[serde(default)]
    phones: Vec<String>,
    #[serde(default)]
    phone_region: String,
    #[serde(default)]
    emails: Vec<String>,
    #[serde(default)]
    customer_ids: Vec<String>,
    representative: Option<RepresentativeReq>,
    law: String,
    received_on: String,
    received_by: String,
    #[serde(default = "normal")]
    risk_tier: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    legal_hold: bool,
    #[serde(default)]
    request_type: String,
}

fn normal() -> String {
    "normal".to_owned()
}

impl From<RequestFile> for OpenCaseReq {
    fn from(file: RequestFile) -> Self {
        Self {
            name: file.name,
            phones: file.phones,
            phone_region: file.phone_region,
            emails: file.emails,
            customer_ids: file.customer_ids,
            representative: file.representative,
            law: file.law,
            received_on: file.received_on,
            received_by: file.received_by,
            risk_tier: file.risk_tier,
            note: file.note,
            legal_hold: file.legal_hold,
            request_type: file.request_type,
        }
    }
}

pub(super) async fn run(app: &App, args: &NewArgs, output: &mut Output) -> Result<(), Failure> {
    let text = input::read_text(&args.request)?;
    let file: RequestFile = serde_json::from_str(&text).map_err(|error| {
        // The error's own text may quote the file.
        let (line, column) = (error.line(), error.column());
        Failure::usage(
            format!(
                "`{}` is not valid: line {line}, column {column}",
                args.request.display()
            ),
            "`sar case new --help` shows an example.",
        )
    })?;
    let case = services::open_case(app, file.into()).await?;
    show::print(&case, args.json, output)
}
