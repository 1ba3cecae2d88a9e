//! Looks into the audit log, checks it, writes it out for others to check.

use std::collections::BTreeMap;

use domain::audit::AuditAction;
use evidence::{
    log, merkle,
    report::{Outcome, Report},
    verify_log,
};
use serde::Deserialize;
use store::rows::CallRow;
use tokio::task::spawn_blocking;

use crate::{
    api::{
        ApiError, AuditEntryView, AuditPage, CheckView, Empty, ErrorCode, ExportedFolder,
        ListAuditReq, ReportView,
    },
    app::App,
    open_case::human,
    record::{self, ORIGIN, broken_log},
};

/// Entries read from the database at once.
const CHUNK: u32 = 1_000;

/// Entries searched backwards for those of one case.
const SEARCHED: u64 = 20_000;

/// Largest page of the log.
const MAX_PAGE: u32 = 500;

/// The parts of an entry that screens show. The format itself belongs to `evidence`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    seq: u64,
    timestamp: String,
    action: String,
    actor_kind: String,
    actor_id: String,
    correlation_id: String,
    case_id: Option<String>,
    redaction_job_id: Option<String>,
    recording_id: Option<String>,
    file_hash: Option<String>,
    #[serde(default)]
    details: BTreeMap<String, String>,
}

/// An entry of one case, for its activity list.
pub(crate) struct CaseEntry {
    pub(crate) at_utc: String,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) call: Option<u32>,
}

/// A page of the log, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_audit(app: &App, request: ListAuditReq) -> Result<AuditPage, ApiError> {
    let head = app.store().log_head().await?;
    let log_size = head.as_ref().map_or(0, |head| head.size);
    let before = request.before_seq.unwrap_or(log_size).min(log_size);
    let limit = request.limit.clamp(1, MAX_PAGE) as usize;
    let (case, correlation) = (&request.case_id, &request.correlation_id);
    let wanted = |shown: &Shown| {
        (case.is_none() || shown.case_id == *case)
            && (correlation.is_none() || correlation.as_ref() == Some(&shown.correlation_id))
    };
    let found = newest(app, before, limit, wanted).await?;
    Ok(AuditPage {
        next_before_seq: Some(found.searched_from).filter(|seq| *seq > 0),
        entries: found
            .entries
            .into_iter()
            .map(|(shown, leaf)| entry_view(shown, &leaf))
            .collect(),
        log_size,
        checkpoint: head.map(|head| head.checkpoint).unwrap_or_default(),
    })
}

/// The newest entries of one case.
pub(crate) async fn entries_of_case(
    app: &App,
    case_id: &str,
    limit: u32,
) -> Result<Vec<CaseEntry>, ApiError> {
    let size = app.store().log_head().await?.map_or(0, |head| head.size);
    let wanted = |shown: &Shown| shown.case_id.as_deref() == Some(case_id);
    let found = newest(app, size, limit as usize, wanted).await?;
    Ok(found
        .entries
        .into_iter()
        .map(|(shown, _)| CaseEntry {
            call: shown
                .details
                .get("call")
                .and_then(|number| number.parse().ok()),
            at_utc: shown.timestamp,
            actor: shown.actor_id,
            action: shown.action,
        })
        .collect())
}

/// What a walk through the log found.
struct Found {
    /// The wanted entries, newest first.
    entries: Vec<(Shown, Vec<u8>)>,
    /// Every wanted entry from here on is among them; older ones were not looked at.
    searched_from: u64,
}

/// Walks back from `before` until `limit` wanted entries or [`SEARCHED`] entries were seen.
async fn newest(
    app: &App,
    before: u64,
    limit: usize,
    wanted: impl Fn(&Shown) -> bool,
) -> Result<Found, ApiError> {
    let mut entries = Vec::new();
    let mut end = before;
    while end > 0 && entries.len() < limit && before - end < SEARCHED {
        let start = end.saturating_sub(u64::from(CHUNK));
        let count = u32::try_from(end - start).unwrap_or(CHUNK);
        let leaves = app.store().log_leaves(start, count).await?;
        if leaves.is_empty() {
            break;
        }
        for leaf in leaves.into_iter().rev() {
            if entries.len() == limit {
                break;
            }
            let shown: Shown = serde_json::from_slice(&leaf).map_err(|e| broken_log(&e))?;
            end = shown.seq;
            if wanted(&shown) {
                entries.push((shown, leaf));
            }
        }
    }
    Ok(Found {
        entries,
        searched_from: end,
    })
}

fn entry_view(shown: Shown, leaf: &[u8]) -> AuditEntryView {
    AuditEntryView {
        seq: shown.seq,
        at_utc: shown.timestamp,
        actor_kind: shown.actor_kind,
        actor: shown.actor_id,
        action: shown.action,
        case_id: shown.case_id,
        recording_id: shown.recording_id,
        file_hash: shown.file_hash,
        leaf_hash: merkle::leaf_hash(leaf).to_string(),
        json: String::from_utf8_lossy(leaf).into_owned(),
    }
}

/// The first `size` entries of the log.
pub(crate) async fn all_leaves(app: &App, size: u64) -> Result<Vec<Vec<u8>>, ApiError> {
    let mut leaves = Vec::new();
    while (leaves.len() as u64) < size {
        let chunk = app.store().log_leaves(leaves.len() as u64, CHUNK).await?;
        if chunk.is_empty() {
            break;
        }
        leaves.extend(chunk);
    }
    leaves.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    Ok(leaves)
}

/// Where the log says what became of the calls of a case.
#[derive(Default)]
pub(crate) struct CaseEntries {
    /// For each call, the entry of its retrieval.
    calls: BTreeMap<u32, u64>,
    /// The entry of the freeze, which is where calls were left out.
    frozen: Option<u64>,
    /// For each call, the job that redacted what is delivered.
    redaction_jobs: BTreeMap<u32, String>,
}

impl CaseEntries {
    /// The entry that says what became of a call.
    pub(crate) fn of(&self, call: &CallRow) -> Option<u64> {
        let state = call.end_state.as_ref().map(|(name, _)| name.as_str());
        let listed = self.calls.get(&call.number).copied();
        listed.or(self.frozen.filter(|_| state == Some("withheld")))
    }

    /// The job that redacted a call. // S0-68
    pub(crate) fn redaction_job(&self, call: u32) -> Option<&str> {
        self.redaction_jobs.get(&call).map(String::as_str)
    }

    fn take(&mut self, shown: Shown) {
        if shown.action == AuditAction::ListFrozen.name() {
            self.frozen = Some(shown.seq);
        }
        let call = shown.details.get("call");
        let Some(call) = call.and_then(|number| number.parse().ok()) else {
            return;
        };
        let is = |action: AuditAction| action.name() == shown.action;
        let outcomes = [
            AuditAction::RecordingRetrieved,
            AuditAction::RecordingNotRetrieved,
            AuditAction::CallMissingAccepted,
        ];
        if outcomes.into_iter().any(is) {
            self.calls.insert(call, shown.seq);
        } else if is(AuditAction::RecordingRedacted) {
            self.redaction_jobs
                .extend(shown.redaction_job_id.map(|job| (call, job)));
        }
    }
}

/// Finds in the log what became of the calls of a case.
pub(crate) async fn case_entries(app: &App, case_id: &str) -> Result<CaseEntries, ApiError> {
    let size = app.store().log_head().await?.map_or(0, |head| head.size);
    let mut entries = CaseEntries::default();
    for leaf in all_leaves(app, size).await? {
        let shown: Shown = serde_json::from_slice(&leaf).map_err(|e| broken_log(&e))?;
        if shown.case_id.as_deref() == Some(case_id) {
            entries.take(shown);
        }
    }
    Ok(entries)
}

/// Every file of the exported log, by path.
pub(crate) async fn log_files(app: &App) -> Result<BTreeMap<String, Vec<u8>>, ApiError> {
    let Some(head) = app.store().log_head().await? else {
        return Ok(BTreeMap::new());
    };
    let leaves = all_leaves(app, head.size).await?;
    let vkey = record::log_vkey(app).await?;
    let files = spawn_blocking(move || {
        let files = log::export(ORIGIN, &vkey, &leaves, &head.checkpoint);
        files.collect::<Result<BTreeMap<_, _>, log::LogError>>()
    })
    .await
    .map_err(|error| ApiError::internal("Writing out the audit log", &error))?;
    files.map_err(|error| broken_log(&error))
}

/// Checks the whole log of this installation.
///
/// # Errors
/// When the database cannot be read; a broken log is a failed check, not an error.
pub async fn verify_audit(app: &App, _request: Empty) -> Result<ReportView, ApiError> {
    let files = log_files(app).await?;
    let vkey = record::log_vkey(app).await?;
    let report = spawn_blocking(move || verify_log::verify(&files, Some(&vkey)))
        .await
        .map_err(|error| ApiError::internal("Checking the audit log", &error))?;
    Ok(report_view(&report))
}

/// Lets a new key sign the log from now on. Returns its public half, to be told to auditors.
///
/// # Errors
/// When nobody who may decide is at the desk, or the database refuses.
pub async fn rotate_log_key(app: &App, _request: Empty) -> Result<String, ApiError> {
    let worker = app.deciding_person()?;
    record::rotate_key(app, human(&worker)).await
}

/// Writes the log as files that others can check, into the delivery folder.
///
/// # Errors
/// When the folder cannot be written.
pub async fn export_audit(app: &App, _request: Empty) -> Result<ExportedFolder, ApiError> {
    let files = log_files(app).await?;
    let folder = app.delivery_dir().join("audit-log");
    let (target, count) = (folder.clone(), files.len());
    spawn_blocking(move || store::output::replace_folder(&target, &files))
        .await
        .map_err(|error| ApiError::internal("Writing out the audit log", &error))??;
    if count == 0 {
        return Err(ApiError::new(
            ErrorCode::NotFound,
            "The audit log is empty",
            "Open a case.",
        ));
    }
    Ok(ExportedFolder {
        location: folder.display().to_string(),
        files: crate::advance::as_u32(count),
    })
}

/// A report as the screens show it.
pub(crate) fn report_view(report: &Report) -> ReportView {
    let checks = report.checks.iter().map(|check| {
        let (outcome, detail) = match &check.outcome {
            Outcome::Passed => ("passed", check.detail.clone()),
            Outcome::Failed { reason } => ("failed", reason.clone()),
            Outcome::NotPerformed { reason } => ("not_performed", reason.clone()),
        };
        let detail = match &check.part {
            Some(part) => format!("{part}: {detail}"),
            None => detail,
        };
        CheckView {
            name: check.name.to_owned(),
            outcome: outcome.to_owned(),
            detail,
        }
    });
    ReportView {
        verified: report.verified(),
        checks: checks.collect(),
    }
}
