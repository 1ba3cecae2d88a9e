//! `sar audit`: checks, lists, proves or exports the audit log.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use evidence::{
    log,
    merkle::leaf_hash,
    time_token::{MAX_ANSWER_BYTES, TimeRoots},
    verify_log::{self, Anchor, Given},
};
use serde::Serialize;
use services::{
    api::{AuditEntryView, Empty, ListAuditReq, RoleName},
    app::App,
};

use crate::{
    desk::DeskArgs, failure::Failure, files, input, log_folder::LogFolder, output::Output,
    report::Report,
};

/// Entries asked for at once.
const PAGE: u32 = 500;

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Check an exported log folder, or the log of this installation
    Verify(VerifyArgs),
    /// List entries, newest first
    List(ListArgs),
    /// Write an entry with the proof that it is part of the log
    Prove(ProveArgs),
    /// Check such a proof; packages carry one too
    CheckProof(CheckProofArgs),
    /// Write the log as files that others can check
    Export(ExportArgs),
    /// Show the key that signs the log of this installation, to tell auditors
    Key(ExportArgs),
    /// Let a new key sign the log from now on; both keys sign the entry that says so
    RotateKey(ExportArgs),
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// Exported log folder; without it the log of this installation
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Trust only this signer: a file with the key of the log, got another way than the folder
    #[arg(long, value_name = "FILE", requires = "folder")]
    key: Option<PathBuf>,
    /// Compare with checkpoints that were kept elsewhere: a folder with `.checkpoint` and `.tsr` files
    #[arg(long, value_name = "DIR", requires = "folder")]
    anchors: Option<PathBuf>,
    /// Trust this time authority: a PEM file with its root certificate
    #[arg(long, value_name = "FILE", requires = "folder")]
    time_authority: Option<PathBuf>,
    #[command(flatten)]
    desk: DeskArgs,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct ListArgs {
    /// Only entries of this case
    #[arg(long, value_name = "CASE")]
    case: Option<String>,
    /// Only what belongs to this correlation id: request, search, redaction, delivery
    #[arg(long, value_name = "ID")]
    correlation: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
    #[command(flatten)]
    desk: DeskArgs,
    /// Print one JSON object a line: the entries exactly as signed
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct ProveArgs {
    /// Number of the entry, from 0
    #[arg(value_name = "ENTRY")]
    seq: u64,
    /// Folder for entry.json and entry.tlog-proof
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    desk: DeskArgs,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct CheckProofArgs {
    /// Entry, such as proof/entry.json of an opened package
    #[arg(long, value_name = "FILE")]
    entry: PathBuf,
    /// Proof, such as proof/delivery.tlog-proof
    #[arg(long, value_name = "FILE")]
    proof: PathBuf,
    /// Key of the log, as its owner gave it; proof/log.vkey of a package whose signer was checked
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    desk: DeskArgs,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: AuditCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        AuditCommand::Verify(args) => verify(&args, output),
        AuditCommand::List(args) => args.desk.run(RoleName::Auditor, async |app| {
            list(app, &args, output).await
        }),
        AuditCommand::Prove(args) => args.desk.run(RoleName::Auditor, async |app| {
            prove(app, &args, output).await
        }),
        AuditCommand::CheckProof(args) => check_proof(&args, output),
        AuditCommand::Export(args) => args.desk.run(RoleName::Auditor, async |app| {
            export(app, args.json, output).await
        }),
        AuditCommand::Key(args) => args.desk.run(RoleName::Auditor, async |app| {
            key(app, args.json, output).await
        }),
        AuditCommand::RotateKey(args) => args.desk.run(RoleName::CaseWorker, async |app| {
            let verifier_key = services::rotate_log_key(app, Empty {}).await?;
            print_key(verifier_key, args.json, output)
        }),
    }
}

fn verify(args: &VerifyArgs, output: &mut Output) -> Result<(), Failure> {
    if let Some(folder) = &args.folder {
        let key = args.key.as_deref().map(input::read_text).transpose()?;
        let subject = format!("The audit log in `{}`", folder.display());
        let anchors = args.anchors.as_deref().map(anchors_in).transpose()?;
        let roots = args.time_authority.as_deref().map(time_roots).transpose()?;
        let given = Given {
            vkey: key.as_deref(),
            anchors: anchors.unwrap_or_default(),
            time_roots: roots.as_ref(),
        };
        return check_folder(folder, &given)?.print(output, args.json, &subject);
    }
    args.desk.run(RoleName::Auditor, async |app| {
        let report = Report::from(services::verify_audit(app, Empty {}).await?);
        report.print(output, args.json, "The audit log of this installation")
    })
}

/// The checkpoints in a folder, each with its time token where there is one.
fn anchors_in(folder: &Path) -> Result<Vec<Anchor>, Failure> {
    let unreadable = |error: io::Error| input::unreadable(folder, &error);
    let mut anchors = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_none_or(|it| it != "checkpoint") {
            continue;
        }
        let token = path.with_extension("tsr");
        let token = token.exists().then_some(token);
        anchors.push(Anchor {
            name: path.display().to_string(),
            checkpoint: input::read_text(&path)?,
            token: token
                .map(|path| input::read(&path, MAX_ANSWER_BYTES as u64))
                .transpose()?,
        });
    }
    if anchors.is_empty() {
        return Err(Failure::usage(
            format!("There is no checkpoint in `{}`", folder.display()),
            "Name the folder that keeps them, such as that of SAR_WITNESS.",
        ));
    }
    Ok(anchors)
}

fn time_roots(path: &Path) -> Result<TimeRoots, Failure> {
    TimeRoots::from_pem(input::read_text(path)?.as_bytes()).map_err(|error| {
        Failure::usage(
            format!("`{}` is {error}", path.display()),
            "Ask the operator of the time authority for its root certificate.",
        )
    })
}

/// Checks an exported log; needs nothing but the folder and what is known from elsewhere.
pub(super) fn check_folder(folder: &Path, given: &Given<'_>) -> Result<Report, Failure> {
    if !folder.is_dir() {
        return Err(Failure::unavailable(
            format!("`{}` is not a folder", folder.display()),
            "Name the folder that `sar audit export` wrote.",
        ));
    }
    let files = LogFolder(folder.to_owned());
    Ok(Report::from(&verify_log::verify_with(&files, given)))
}

async fn list(app: &App, args: &ListArgs, output: &mut Output) -> Result<(), Failure> {
    let mut before_seq = None;
    let mut left = args.limit;
    while left > 0 {
        let limit = left.min(PAGE);
        let request = ListAuditReq {
            before_seq,
            limit,
            case_id: args.case.clone(),
            correlation_id: args.correlation.clone(),
        };
        let page = services::list_audit(app, request).await?;
        left -= u32::try_from(page.entries.len()).unwrap_or(left);
        print_entries(&page.entries, args.json, output)?;
        // A page may be empty: a stretch of the log without a wanted entry.
        before_seq = page.next_before_seq;
        if before_seq.is_none() {
            break;
        }
    }
    Ok(())
}

fn print_entries(
    entries: &[AuditEntryView],
    json: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    if json {
        return entries
            .iter()
            .try_for_each(|entry| output.line(&entry.json));
    }
    let rows: Vec<_> = entries.iter().map(entry_row).collect();
    output.table(&rows)
}

fn entry_row(entry: &AuditEntryView) -> Vec<String> {
    vec![
        entry.seq.to_string(),
        entry.at_utc.clone(),
        entry.action.clone(),
        entry.actor.clone(),
        entry.case_id.clone().unwrap_or_default(),
    ]
}

/// Every entry of the log, oldest first, and the checkpoint over them.
async fn whole_log(app: &App) -> Result<(Vec<AuditEntryView>, String), Failure> {
    let (mut entries, mut before_seq) = (Vec::new(), None);
    loop {
        let request = ListAuditReq {
            before_seq,
            limit: PAGE,
            case_id: None,
            correlation_id: None,
        };
        let page = services::list_audit(app, request).await?;
        before_seq = page.next_before_seq;
        entries.extend(page.entries);
        if before_seq.is_none() {
            entries.reverse();
            return Ok((entries, page.checkpoint));
        }
    }
}

/// Where the proof is, as scripts read it.
#[derive(Serialize)]
struct ProofFiles {
    seq: u64,
    log_size: usize,
    entry: String,
    proof: String,
}

async fn prove(app: &App, args: &ProveArgs, output: &mut Output) -> Result<(), Failure> {
    let (entries, checkpoint) = whole_log(app).await?;
    let chosen = usize::try_from(args.seq)
        .ok()
        .and_then(|seq| entries.get(seq));
    let chosen = chosen.ok_or_else(|| {
        let size = entries.len();
        Failure::usage(
            format!("The log has no entry {}", args.seq),
            format!("It has {size} entries, from 0."),
        )
    })?;
    let hashes: Vec<_> = entries
        .iter()
        .map(|entry| leaf_hash(entry.json.as_bytes()))
        .collect();
    let proof = log::inclusion_proof(&hashes, args.seq, &checkpoint).map_err(|error| {
        let hint = "Check the whole log: sar audit verify.";
        Failure::failed_check(format!("The entry cannot be proven: {error}"), hint)
    })?;
    let (entry_path, proof_path) = (
        args.out.join("entry.json"),
        args.out.join("entry.tlog-proof"),
    );
    files::write_text(&entry_path, &chosen.json)?;
    files::write_text(&proof_path, &proof)?;
    let files = ProofFiles {
        seq: args.seq,
        log_size: entries.len(),
        entry: entry_path.display().to_string(),
        proof: proof_path.display().to_string(),
    };
    if args.json {
        return output.json(&files);
    }
    output.line(&files.entry)?;
    output.line(&files.proof)
}

/// A good proof, as scripts read it.
#[derive(Serialize)]
struct ProofLine {
    verified: bool,
    seq: u64,
    log_size: u64,
    root: String,
}

fn check_proof(args: &CheckProofArgs, output: &mut Output) -> Result<(), Failure> {
    let entry = input::read(&args.entry, input::MAX_TEXT_BYTES)?;
    let proof = input::read_text(&args.proof)?;
    let key = input::read_text(&args.key)?;
    let proven = log::verify_proof(&entry, &proof, key.trim_end()).map_err(|error| {
        Failure::failed_check(
            format!("The proof does not hold: {error}"),
            "Compare entry, proof and key with those the sender has.",
        )
    })?;
    let line = ProofLine {
        verified: true,
        seq: proven.seq,
        log_size: proven.checkpoint.size,
        root: proven.checkpoint.root.to_string(),
    };
    if args.json {
        return output.json(&line);
    }
    output.line(format_args!(
        "The proof holds under the key {}: entry {} of a log of {} entries with the root {}.",
        key.trim_end(),
        line.seq,
        line.log_size,
        line.root
    ))
}

/// The key as scripts read it.
#[derive(Serialize)]
struct KeyLine {
    verifier_key: String,
}

async fn key(app: &App, json: bool, output: &mut Output) -> Result<(), Failure> {
    print_key(services::public_keys(app).await?.log_key, json, output)
}

fn print_key(verifier_key: String, json: bool, output: &mut Output) -> Result<(), Failure> {
    if json {
        return output.json(&KeyLine { verifier_key });
    }
    output.line(verifier_key)
}

#[derive(Serialize)]
struct ExportLine {
    folder: String,
    files: u32,
}

async fn export(app: &App, json: bool, output: &mut Output) -> Result<(), Failure> {
    let exported = services::export_audit(app, Empty {}).await?;
    let line = ExportLine {
        folder: exported.location,
        files: exported.files,
    };
    if json {
        return output.json(&line);
    }
    output.line(format_args!("{} files in {}", line.files, line.folder))
}
