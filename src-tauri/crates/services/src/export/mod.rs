//! The eDiscovery export: every recording that a query finds, as files with digests, metadata and a chain
//! of custody that anybody can check offline. // S2
//!
//! 1. `request`, `query`: what is asked, read in one way only.
//! 2. `sources`, `list`: asked day by day; the list is on the disk before anything is downloaded.
//! 3. `download`, `inspect`: some recordings at the same time, each ending in exactly one state.
//! 4. `journal`: what became of each, so that a killed export goes on without a second copy.
//! 5. `finish`: chain of custody, exceptions, report, load file, bag.
//!
//! Originals leave the encrypted vault here, in the clear and at a person's order: the folder is private to
//! the account, and the audit log says who ordered what.

mod download;
mod finish;
mod inspect;
mod journal;
mod layout;
mod list;
mod query;
mod request;
mod sources;

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicU64},
};

use domain::audit::AuditAction;
use evidence::{
    format::{ExportCounts, ExportManifestFile, ExportReportFile, PackageFile},
    hashing::sha256,
};
pub use request::{Approval, ExportRequest, LocalTimes, MAX_AT_ONCE};
use store::{ExportFolder, StoreError};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use self::{
    download::Downloads,
    finish::{Finished, Written},
    journal::Journal,
    layout::{Layout, MANIFEST},
    list::Order,
    request::Asked,
    sources::Asking,
};
use crate::{
    api::{ApiError, ErrorCode},
    app::App,
    open_case::human,
    record::{self, Draft},
};

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportStep {
    /// Days are searched.
    Searching {
        /// Searches that were answered.
        done: u64,
        /// Searches in all.
        total: u64,
    },
    /// The list is on the disk.
    Listed {
        /// Recordings in it.
        found: u64,
        /// Those that an earlier run brought to their end.
        done: u64,
    },
    /// Recordings are downloaded.
    Downloading {
        /// Recordings that came to their end.
        done: u64,
        /// Recordings of the list.
        total: u64,
        /// Bytes downloaded by this run.
        bytes: u64,
    },
}

/// What the downloads of one run need to know.
struct Run<'a> {
    app: &'a App,
    folder: Arc<ExportFolder>,
    layout: Layout,
    approval: Option<Approval>,
    at_once: usize,
}

/// Exports everything that a query finds into a folder, or goes on with an export that was stopped.
///
/// `step` is told how far it is. A cancelled export keeps what it has.
///
/// # Errors
/// When the request is wrong, the folder holds something else, no source answers, or the disk is full.
pub async fn export_recordings(
    app: &App,
    request: &ExportRequest,
    step: &(impl Fn(ExportStep) + Sync),
    cancel: &CancellationToken,
) -> Result<ExportReportFile, ApiError> {
    let worker = app.deciding_person()?;
    let asked = Asked::new(request)?;
    let layout = Layout::of(request.bag);
    let folder = open(&request.out).await?;
    let kept = manifest_of(&folder, layout, &asked)?;
    let query = sha256(&asked.written.used);
    let draft = |action, actor| Draft::new(action, actor).detail("queryDigest", query);
    let started = draft(AuditAction::ExportStarted, human(&worker))
        .detail("goesOn", kept.is_some())
        .detail(
            "approvedBy",
            request.approval.as_ref().map_or("", |it| &it.by),
        )
        .detail(
            "approvalDigest",
            digest_of(request.approval.as_ref().map(|it| &it.reason)),
        )
        .detail("partialDigest", digest_of(request.accept_partial.as_ref()));
    append(app, &[], started).await?;
    let sources = sources::sources(app, cancel).await?;
    let run = Run {
        app,
        folder,
        layout,
        approval: request.approval.clone(),
        at_once: request.at_once.clamp(1, MAX_AT_ONCE),
    };
    let order = Order {
        by: worker.to_string(),
        at_utc: app.now(),
        accept_partial: request.accept_partial.clone(),
    };
    let outcome = async {
        let manifest = match kept {
            Some(manifest) => manifest,
            None => {
                let manifest = list::list(&asked, &sources, order, step, cancel).await?;
                keep_list(&run, &manifest).await?;
                let listed = draft(AuditAction::ExportListed, app.service())
                    .file(sha256(manifest.to_bytes()))
                    .detail("found", manifest.recordings.len())
                    .detail("excluded", manifest.excluded.len());
                append(app, &[], listed).await?;
                manifest
            }
        };
        carry_out(&run, request, &sources, manifest, step, cancel).await
    };
    let ended = match &outcome.await {
        Ok(written) => {
            let entry = draft(AuditAction::ExportFinished, app.service());
            append(app, &sources, counted(entry, written)).await?;
            Ok(written.report.clone())
        }
        Err(error) => {
            let entry = draft(AuditAction::ExportStopped, app.service());
            append(app, &sources, entry.detail("why", error.code.name())).await?;
            Err(error.clone())
        }
    };
    ended
}

fn counted(entry: Draft, written: &Written) -> Draft {
    let ExportCounts {
        found,
        retrieved,
        purged,
        corrupted,
        unsupported,
        unavailable,
    } = written.report.counts;
    entry
        .file(written.custody_digest)
        .detail("found", found)
        .detail("retrieved", retrieved)
        .detail("purged", purged)
        .detail("corrupted", corrupted)
        .detail("corruptedApproved", written.report.corrupted_approved)
        .detail("unsupported", unsupported)
        .detail("unavailable", unavailable)
        .detail("bytes", written.report.bytes)
}

/// Free text stays out of the log, which leaves the house; its digest is enough to prove it.
fn digest_of(text: Option<&String>) -> String {
    text.map(|it| sha256(it).to_string()).unwrap_or_default()
}

async fn append(app: &App, sources: &[Asking], entry: Draft) -> Result<(), ApiError> {
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, entry).await?;
    for asking in sources {
        asking.egress.append(app, &mut tx).await?;
    }
    Ok(tx.commit().await?)
}

async fn open(out: &Path) -> Result<Arc<ExportFolder>, ApiError> {
    let path = out.to_owned();
    let opened = spawn_blocking(move || ExportFolder::open(&path)).await;
    let opened = opened.map_err(|error| ApiError::internal("Opening the folder", &error))?;
    opened.map(Arc::new).map_err(|error| match error {
        StoreError::Exists { path } => ApiError::new(
            ErrorCode::InvalidInput,
            format!("`{}` holds other files and no export", path.display()),
            "Name a folder that is empty or not there yet.",
        ),
        StoreError::Locked => ApiError::new(
            ErrorCode::NotPermitted,
            format!("Another program is exporting into `{}`", out.display()),
            "Wait until it has ended, or name another folder.",
        ),
        other => other.into(),
    })
}

/// The list of an export that was begun in this folder, if it is the same export.
fn manifest_of(
    folder: &ExportFolder,
    layout: Layout,
    asked: &Asked,
) -> Result<Option<ExportManifestFile>, ApiError> {
    let another = |what: &str| {
        ApiError::new(
            ErrorCode::InvalidInput,
            format!("The folder holds an export {what}"),
            "Name another folder, or repeat the command that began it.",
        )
    };
    if layout.is_other_used(folder)? {
        return Err(another("in another layout: with or without --bagit"));
    }
    let Some(bytes) = folder.read(&layout.path(MANIFEST))? else {
        return Ok(None);
    };
    let manifest = ExportManifestFile::from_bytes(&bytes).map_err(|error| {
        ApiError::new(
            ErrorCode::IntegrityFailure,
            format!("`{MANIFEST}` in the folder cannot be used: {error}"),
            "Nothing was overwritten. Export into a new folder.",
        )
    })?;
    let intact =
        manifest.list_hash == evidence::format::list_digest(&manifest.recordings).to_string();
    if !intact {
        return Err(ApiError::new(
            ErrorCode::IntegrityFailure,
            format!("`{MANIFEST}` in the folder was changed: the digest of its list differs"),
            "Nothing was overwritten. Export into a new folder.",
        ));
    }
    if manifest.query != asked.written {
        return Err(another("of another query or time range"));
    }
    Ok(Some(manifest))
}

/// Invariant: nothing is downloaded that is not on a list on the disk. // S2-18
async fn keep_list(run: &Run<'_>, manifest: &ExportManifestFile) -> Result<(), ApiError> {
    let (folder, path) = (run.folder.clone(), run.layout.path(MANIFEST));
    let bytes = manifest.to_bytes();
    spawn_blocking(move || folder.write(&path, &bytes))
        .await
        .map_err(|error| ApiError::internal("Writing the list", &error))?
        .map_err(ApiError::from)
}

async fn carry_out(
    run: &Run<'_>,
    request: &ExportRequest,
    sources: &[Asking],
    manifest: ExportManifestFile,
    step: &(impl Fn(ExportStep) + Sync),
    cancel: &CancellationToken,
) -> Result<Written, ApiError> {
    let mut journal = read_journal(run).await?;
    let open: Vec<_> =
        journal::open(&journal, &manifest.recordings, run.approval.as_ref()).collect();
    let total = manifest.recordings.len() as u64;
    let done = total - open.len() as u64;
    step(ExportStep::Listed { found: total, done });
    let downloads = Downloads {
        run,
        sources,
        known: &journal,
        step,
        cancel: cancel.child_token(),
        done: AtomicU64::new(done),
        bytes: AtomicU64::new(0),
        total,
    };
    let ended = downloads.all(&open).await?;
    journal.extend(ended.into_iter().map(|it| (it.number, it)));
    let (folder, layout, load_file) = (run.folder.clone(), run.layout, request.load_file);
    let finish = move || {
        Finished {
            folder: &folder,
            layout,
            manifest: &manifest,
            journal: &journal,
            load_file,
        }
        .write()
    };
    spawn_blocking(finish)
        .await
        .map_err(|error| ApiError::internal("Writing the chain of custody", &error))?
}

async fn read_journal(run: &Run<'_>) -> Result<Journal, ApiError> {
    let (folder, layout) = (run.folder.clone(), run.layout);
    spawn_blocking(move || journal::read(&folder, layout))
        .await
        .map_err(|error| ApiError::internal("Reading the journal of the export", &error))?
}
