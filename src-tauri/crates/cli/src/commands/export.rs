//! `sar export`: the eDiscovery set. The same command on the same folder goes on where it was stopped.

use std::{
    path::PathBuf,
    sync::Mutex,
    time::{Duration, Instant},
};

use clap::{Args, ValueEnum};
use evidence::format::ExportReportFile;
use services::{
    api::RoleName,
    export::{Approval, ExportRequest, ExportStep, LocalTimes, MAX_AT_ONCE},
};

use crate::{
    desk::DeskArgs,
    failure::Failure,
    output::{Output, count, size},
};

/// Between two lines of progress.
const PACE: Duration = Duration::from_secs(5);

#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ExportArgs {
    /// What to export: clauses joined by AND, or * for every call of the time range
    #[arg(long, value_name = "QUERY")]
    query: String,
    /// First local date and time, such as 2026-03-01T00:00
    #[arg(long, value_name = "TIME", requires_all = ["to", "zone"])]
    from: Option<String>,
    /// Local date and time at which the range ends, exclusive
    #[arg(long, value_name = "TIME", requires_all = ["from", "zone"])]
    to: Option<String>,
    /// Time zone of both, such as Europe/London
    #[arg(long, value_name = "ZONE", requires_all = ["from", "to"])]
    zone: Option<String>,
    /// Folder of the export; a stopped export goes on in it
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Also write a load file for review platforms
    #[arg(long, value_name = "FORMAT")]
    load_file: Option<LoadFile>,
    /// Lay the folder out as a BagIt 1.0 bag
    #[arg(long)]
    bagit: bool,
    /// Take recordings into the set that are not as long as the source says; who approved it, and why
    #[arg(long, value_name = "NAME:REASON", value_parser = approval)]
    approve_corrupted: Option<Approval>,
    /// Go on although a source does not show everything, for this reason
    #[arg(long, value_name = "REASON")]
    accept_partial: Option<String>,
    /// Downloads at the same time, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = at_once)]
    at_once: usize,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    desk: DeskArgs,
}

const AFTER_HELP: &str = "\
Fields: conversationId, participantId, agentId, queueId, phone, customer_id, externalContactId,
each as field:\"value\", and timestamp:[2026-03-01T00:00:00.000Z TO 2026-03-01T23:59:59.999Z].
Example: sar export --query 'phone:\"+447700900123\" AND queueId:\"6f0c\"' --from 2026-03-01T00:00
--to 2026-04-01T00:00 --zone Europe/London --out set";

/// Load files that can be written.
#[derive(Clone, Copy, ValueEnum)]
enum LoadFile {
    /// Concordance
    Dat,
}

fn at_once(text: &str) -> Result<usize, String> {
    let number = text.parse().ok();
    let number = number.filter(|number| (1..=MAX_AT_ONCE).contains(number));
    number.ok_or_else(|| format!("a number from 1 to {MAX_AT_ONCE} is needed"))
}

fn approval(text: &str) -> Result<Approval, String> {
    let parts = text
        .split_once(':')
        .map(|(by, why)| (by.trim(), why.trim()));
    match parts.filter(|(by, why)| !by.is_empty() && !why.is_empty()) {
        Some((by, reason)) => Ok(Approval {
            by: by.to_owned(),
            reason: reason.to_owned(),
        }),
        None => Err("write who approved it, a colon, and why".to_owned()),
    }
}

pub(crate) fn run(args: &ExportArgs, output: &mut Output) -> Result<(), Failure> {
    let request = request(args);
    let report = {
        let progress = Progress::new(output);
        args.desk
            .run_to_safe_point(RoleName::CaseWorker, async |app, cancel| {
                let step = |step| progress.tell(step);
                Ok(services::export::export_recordings(app, &request, &step, cancel).await?)
            })?
    };
    if args.json {
        output.json(&report)?;
    } else {
        print(&report, args, output)?;
    }
    ended(&report)
}

fn request(args: &ExportArgs) -> ExportRequest {
    let local = (args.from.clone(), args.to.clone(), args.zone.clone());
    let local = match local {
        (Some(from), Some(until), Some(zone)) => Some(LocalTimes { from, until, zone }),
        _ => None,
    };
    ExportRequest {
        query: args.query.clone(),
        local,
        out: args.out.clone(),
        load_file: args.load_file.is_some(),
        bag: args.bagit,
        approval: args.approve_corrupted.clone(),
        accept_partial: args.accept_partial.clone(),
        at_once: args.at_once,
    }
}

/// Lines on stderr, not more often than somebody reads.
struct Progress<'a> {
    inner: Mutex<Told<'a>>,
}

struct Told<'a> {
    output: &'a mut Output,
    at: Option<Instant>,
}

impl<'a> Progress<'a> {
    fn new(output: &'a mut Output) -> Self {
        Self {
            inner: Mutex::new(Told { output, at: None }),
        }
    }

    fn tell(&self, step: ExportStep) {
        let Ok(mut told) = self.inner.lock() else {
            return;
        };
        let is_due = told.at.is_none_or(|at| at.elapsed() >= PACE);
        match step {
            ExportStep::Listed { found, done } => {
                let found = count(found, "recording");
                told.output.note(match done {
                    0 => format!("Listed {found}; the list is kept"),
                    done => format!("Going on: {done} of {found} are done"),
                });
                told.at = Some(Instant::now());
            }
            ExportStep::Searching { done, total } if is_due => {
                told.output
                    .note(format_args!("Searching: {done} of {total} days"));
                told.at = Some(Instant::now());
            }
            ExportStep::Downloading { done, total, bytes } if is_due => {
                let bytes = size(bytes);
                told.output
                    .note(format_args!("Done: {done} of {total}, {bytes} downloaded"));
                told.at = Some(Instant::now());
            }
            ExportStep::Searching { .. } | ExportStep::Downloading { .. } => {}
        }
    }
}

fn print(report: &ExportReportFile, args: &ExportArgs, output: &mut Output) -> Result<(), Failure> {
    let counts = report.counts;
    let rows = [
        ("Found", counts.found, String::new()),
        ("Retrieved", counts.retrieved, size(report.bytes)),
        (
            "Purged",
            counts.purged,
            "the source no longer has them".to_owned(),
        ),
        ("Corrupted", counts.corrupted, corrupted(report)),
        (
            "Unsupported",
            counts.unsupported,
            "not in a form that can be checked".to_owned(),
        ),
        (
            "Unavailable",
            counts.unavailable,
            "the same command tries again".to_owned(),
        ),
        (
            "Excluded",
            report.excluded,
            "returned by a source, but not what the query asks".to_owned(),
        ),
    ];
    let shown = rows
        .into_iter()
        .filter(|(name, number, _)| *number > 0 || *name == "Found");
    let rows: Vec<_> = shown
        .map(|(name, number, why)| vec![name.to_owned(), number.to_string(), why])
        .collect();
    output.table(&rows)?;
    output.line(args.out.display())
}

fn corrupted(report: &ExportReportFile) -> String {
    match report.corrupted_approved {
        0 => "left out of the set; --approve-corrupted takes in those that play".to_owned(),
        approved => format!("{approved} of them in the set by approval"),
    }
}

/// A set with gaps that another run may close is not what was asked for.
fn ended(report: &ExportReportFile) -> Result<(), Failure> {
    match report.counts.unavailable {
        0 => Ok(()),
        missing => Err(Failure::unavailable(
            format!("{} could not be downloaded", count(missing, "recording")),
            "exceptions.csv says why. Run the same command again; it tries only these.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // S2-51
    #[test]
    fn an_approval_has_a_name_and_a_reason() {
        let given = approval("J. Roe: the end is missing, the rest is agreed").unwrap();
        assert_eq!(given.by, "J. Roe");
        assert_eq!(given.reason, "the end is missing, the rest is agreed");
        for bad in ["J. Roe", "J. Roe:", ": because", " : "] {
            assert!(approval(bad).is_err(), "{bad}");
        }
    }

    // S2-48
    #[test]
    fn no_more_than_a_hundred_at_once() {
        assert_eq!(at_once("100"), Ok(100));
        for bad in ["0", "101", "-1", "many"] {
            assert!(at_once(bad).is_err(), "{bad}");
        }
    }
}
