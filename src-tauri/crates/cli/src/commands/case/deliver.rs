//! `sar case deliver`: hands the sealed package over.

use clap::{Args, ValueEnum};
use services::{api::DeliverReq, app::App};

use super::words;
use crate::{
    failure::Failure,
    output::{Output, second},
};

#[derive(Args)]
pub(crate) struct DeliverArgs {
    /// Case number
    #[arg(value_name = "CASE")]
    case: String,
    /// How the passphrase goes: another way than the file
    #[arg(long, value_enum)]
    passphrase_by: Channel,
    /// Print the delivery as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Channel {
    Phone,
    Sms,
    Post,
    InPerson,
}

impl Channel {
    const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Sms => "sms",
            Self::Post => "post",
            Self::InPerson => "in_person",
        }
    }
}

pub(super) async fn run(app: &App, args: &DeliverArgs, output: &mut Output) -> Result<(), Failure> {
    let request = DeliverReq {
        case_id: args.case.clone(),
        passphrase_by: args.passphrase_by.name().to_owned(),
    };
    let delivery = services::deliver_package(app, request).await?;
    if args.json {
        return output.json(&delivery);
    }
    output.line(format_args!(
        "Delivered. The offer ends {}. Give the passphrase by {}.",
        second(&delivery.expires_at_utc),
        words(&delivery.passphrase_by)
    ))?;
    output.line(&delivery.location)
}
