//! `sar case verify`: records an identity check of the requestor.

use clap::{Args, ValueEnum};
use services::{api::IdentityCheckReq, app::App};

use super::{case_ref, show};
use crate::{failure::Failure, output::Output};

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// Case number
    #[arg(value_name = "CASE")]
    case: String,
    /// How it was checked; different ways count
    #[arg(long, value_enum)]
    check: Method,
    /// The check did not pass
    #[arg(long)]
    failed: bool,
    /// Print the case as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Method {
    /// Details that only the customer knows
    AccountDetails,
    /// Called back on the number on file
    CallBack,
    /// A code sent to the contact on file
    OneTimeCode,
    /// A document was seen, not kept
    DocumentSeen,
}

impl Method {
    const fn name(self) -> &'static str {
        match self {
            Self::AccountDetails => "account_details",
            Self::CallBack => "call_back",
            Self::OneTimeCode => "one_time_code",
            Self::DocumentSeen => "document_seen",
        }
    }
}

pub(super) async fn run(app: &App, args: &VerifyArgs, output: &mut Output) -> Result<(), Failure> {
    let request = IdentityCheckReq {
        case_id: args.case.clone(),
        method: args.check.name().to_owned(),
        passed: !args.failed,
    };
    services::record_identity_check(app, request).await?;
    let case = services::get_case(app, case_ref(&args.case)).await?;
    show::print(&case, args.json, output)
}
