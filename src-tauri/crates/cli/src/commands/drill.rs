//! `sar drill`: planted calls through the live configuration of a desk; an alarm is a failed check. // B16

use clap::Args;
use services::api::{DrillView, Empty, RoleName};

use crate::{
    desk::DeskArgs,
    failure::Failure,
    output::{Output, count},
};

#[derive(Args)]
pub(crate) struct DrillArgs {
    #[command(flatten)]
    desk: DeskArgs,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &DrillArgs, output: &mut Output) -> Result<(), Failure> {
    let found = args.desk.run(RoleName::Auditor, async |app| {
        Ok(services::run_drill(app, Empty {}).await?)
    })?;
    if args.json {
        output.json(&found)?;
    } else {
        print(&found, output)?;
    }
    if found.alarms.is_empty() {
        return Ok(());
    }
    Err(Failure::failed_check(
        format!("The drill raised an alarm: {}", found.alarms.join("; ")),
        "See `sar corrections list`, and take out what should not have been learned. Until then review every call.",
    ))
}

fn print(found: &DrillView, output: &mut Output) -> Result<(), Failure> {
    let mut rows = vec![["kind", "planted", "found"].map(str::to_owned).to_vec()];
    let row = |name: &str, items: u32, found: u32| {
        vec![name.to_owned(), items.to_string(), found.to_string()]
    };
    let kinds = found.kinds.iter();
    rows.extend(kinds.map(|it| row(&it.entity, it.items, it.found)));
    rows.push(row("all", found.items, found.found));
    output.table(&rows)?;
    output.line(format_args!(
        "{} with {}, by {}; {} of this desk tried again",
        count(found.calls, "planted call"),
        count(found.items, "item"),
        found.engine,
        count(found.corrections, "correction"),
    ))
}
