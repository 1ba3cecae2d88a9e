//! `sar export`: the eDiscovery set. The same command on the same folder goes on where it was stopped.

use std::{
    path::PathBuf,
    sync::Mutex,
    time::{Duration, Instant},
};

use clap::{Args, ValueEnum};
use evidence::format::{ChangesFile, CompletenessFile, ExportReportFile};
use services::{
    api::RoleName,
    export::{
        Approval, ExportRequest, ExportStep, Exported, LocalTimes, MAX_AT_ONCE, UploadRequest,
        Uploaded, export_recordings, upload_export,
    },
};

use crate::{
    desk::DeskArgs,
    failure::Failure,
    input,
    output::{Output, count, size},
    secret,
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
    /// Folder of an earlier export of the same query; says what is different from it
    #[arg(long, value_name = "DIR")]
    compare: Option<PathBuf>,
    /// Copy the finished set into the bucket that this TOML file describes, see docs/formats/export.md
    #[arg(long, value_name = "FILE", requires = "upload_secret_file")]
    upload: Option<PathBuf>,
    /// File with the two lines of the access key of the bucket
    #[arg(long, value_name = "FILE", requires = "upload")]
    upload_secret_file: Option<PathBuf>,
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
each as field:\"value\"; timestamp:[2026-03-01T00:00:00.000Z TO 2026-03-01T23:59:59.999Z],
or date:2026-03-01..2026-03-31 for whole days in UTC.
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
    let upload = upload(args)?;
    let (exported, uploaded) = {
        let progress = Progress::new(output);
        args.desk
            .run_to_safe_point(RoleName::CaseWorker, async |app, cancel| {
                let step = |step| progress.tell(step);
                let exported = export_recordings(app, &request, &step, cancel).await?;
                let is_whole = exported.report.counts.unavailable == 0;
                let uploaded = match upload.as_ref().filter(|_| is_whole) {
                    None => None,
                    Some(upload) => {
                        let step = |done, total| progress.tell_copied(done, total);
                        Some(upload_export(app, upload, &step, cancel).await?)
                    }
                };
                Ok((exported, uploaded))
            })?
    };
    if args.json {
        output.json(&exported.report)?;
    } else {
        print(&exported, args, output)?;
    }
    if let Some(uploaded) = &uploaded {
        output.note(copied(uploaded));
    }
    ended(&exported.report)
}

/// Where to copy the set, read before anything is asked.
fn upload(args: &ExportArgs) -> Result<Option<UploadRequest>, Failure> {
    let (Some(settings), Some(secret)) = (&args.upload, &args.upload_secret_file) else {
        return Ok(None);
    };
    let (settings, secret) = (input::read_text(settings)?, secret::whole(secret)?);
    let request = UploadRequest::new(args.out.clone(), &settings, secret);
    Ok(Some(request?))
}

fn copied(uploaded: &Uploaded) -> String {
    let files = count(uploaded.files, "file");
    let lock = match uploaded.locked_until_utc {
        Some(until) => format!("locked until {until}"),
        None => "not locked".to_owned(),
    };
    format!(
        "In the bucket: {files}, {} sent by this run, encrypted with {}, {lock}",
        uploaded.sent, uploaded.encryption
    )
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
        compare: args.compare.clone(),
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

    fn tell_copied(&self, done: u64, total: u64) {
        let Ok(mut told) = self.inner.lock() else {
            return;
        };
        if told.at.is_none_or(|at| at.elapsed() >= PACE) {
            let told = &mut *told;
            told.output
                .note(format_args!("In the bucket: {done} of {total} files"));
            told.at = Some(Instant::now());
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
            ExportStep::Recounting
            | ExportStep::Searching { .. }
            | ExportStep::Downloading { .. } => {}
        }
    }
}

fn print(exported: &Exported, args: &ExportArgs, output: &mut Output) -> Result<(), Failure> {
    let report = &exported.report;
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
    let rows = shown.map(|(name, number, why)| vec![name.to_owned(), number.to_string(), why]);
    let rows: Vec<_> = rows.chain(compared(exported.changes.as_ref())).collect();
    output.table(&rows)?;
    output.line(second_way(&exported.completeness))?;
    output.line(args.out.display())
}

/// What is different from the earlier export.
fn compared(changes: Option<&ChangesFile>) -> Vec<Vec<String>> {
    let Some(changes) = changes else {
        return Vec::new();
    };
    let counts = changes.counts;
    let rows = [
        ("Added", counts.added),
        ("Removed", counts.removed),
        ("Changed", counts.changed),
    ];
    let since = format!(
        "since {}; changes.json has each",
        changes.earlier.listed_at_utc
    );
    rows.map(|(name, number)| vec![name.to_owned(), number.to_string(), since.clone()])
        .to_vec()
}

/// Whether a second way through the sources shows the same calls. // B9
fn second_way(told: &CompletenessFile) -> String {
    let open = told.differences.iter().filter(|it| !it.explained).count();
    match told.verdict.as_str() {
        "agree" => "A second way through every source shows the same calls".to_owned(),
        "differ" => format!(
            "Not complete: a second way shows {}; completeness.json names each",
            count(open as u64, "difference")
        ),
        _ => {
            "No second way through every source was possible; completeness.json says why".to_owned()
        }
    }
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
