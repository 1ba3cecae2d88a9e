//! The eDiscovery export: every recording that a query finds, as files with digests, metadata and a chain
//! of custody that anybody can check offline. // S2
//!
//! 1. `request`, `query`: what is asked, read in one way only.
//! 2. `sources`, `list`: asked day by day; the list is on the disk before anything is downloaded.
//! 3. `download`, `inspect`: some recordings at the same time, each ending in exactly one state.
//! 4. `journal`: what became of each, so that a killed export goes on without a second copy.
//! 5. `finish`: chain of custody, exceptions, report, load file, bag.
//! 6. `routes`, `completeness`, `compare`: what a second way through the sources shows, and what is different
//!    from an earlier export. // B9
//! 7. `at_desk`: the same from the window.
//! 8. `upload`: the finished set into a bucket. // S2-40
//!
//! Originals leave the encrypted vault here, in the clear and at a person's order: the folder is private to
//! the account, and the audit log says who ordered what.

mod at_desk;
mod compare;
mod completeness;
mod download;
mod finish;
mod inspect;
mod journal;
mod layout;
mod list;
mod query;
mod request;
mod routes;
mod sources;
mod upload;

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicU64},
};

pub(crate) use at_desk::ExportDesk;
pub use at_desk::{cancel_export, get_export, start_export};
use domain::{audit::AuditAction, ids::ActorId, requestor::Actor};
use evidence::{
    format::{
        ChangesFile, CompletenessFile, ExportCounts, ExportManifestFile, ExportReportFile,
        PackageFile, list_digest,
    },
    hashing::sha256,
};
pub use request::{Approval, ExportRequest, LocalTimes, MAX_AT_ONCE};
use store::{ExportFolder, StoreError};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
pub use upload::{UploadRequest, Uploaded, upload_export};

use self::{
    compare::Export,
    download::Downloads,
    finish::{Finished, Written},
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
    /// The sources are asked a second time in another way.
    Recounting,
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

/// What an export ended with.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The counts.
    pub report: ExportReportFile,
    /// What a second way through the sources shows.
    pub completeness: CompletenessFile,
    /// What is different from the earlier export, if one was named.
    pub changes: Option<ChangesFile>,
}

/// One run of an export.
struct Run<'a> {
    app: &'a App,
    request: &'a ExportRequest,
    asked: Asked,
    folder: Arc<ExportFolder>,
    layout: Layout,
    earlier: Option<Arc<Export>>,
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
) -> Result<Exported, ApiError> {
    let worker = app.deciding_person()?;
    let asked = Asked::new(request)?;
    let earlier = request.compare.as_deref().map(Export::read).transpose()?;
    if let Some(earlier) = &earlier {
        earlier.require_query(&asked.written.used)?;
    }
    let run = Run {
        app,
        request,
        asked,
        earlier: earlier.map(Arc::new),
        folder: open(&request.out).await?,
        layout: Layout::of(request.bag),
    };
    let kept = run.kept_list()?;
    append(app, &[], run.started(&worker, kept.is_some())).await?;
    let sources = sources::sources(app, cancel).await?;
    let outcome = async {
        let manifest = match kept {
            Some(manifest) => manifest,
            None => run.list(&worker, &sources, step, cancel).await?,
        };
        run.carry_out(&sources, manifest, step, cancel).await
    };
    let outcome = outcome.await;
    append(app, &sources, run.ended(&outcome)).await?;
    Ok(outcome?.exported)
}

/// What the audit log says of it. The query names people; the log has its digest.
impl Run<'_> {
    fn draft(&self, action: AuditAction, actor: Actor) -> Draft {
        let query = sha256(&self.asked.written.used);
        Draft::new(action, actor).detail("queryDigest", query)
    }

    fn started(&self, worker: &ActorId, goes_on: bool) -> Draft {
        let approval = self.request.approval.as_ref();
        self.draft(AuditAction::ExportStarted, human(worker))
            .detail("goesOn", goes_on)
            .detail("approvedBy", approval.map_or("", |it| &it.by))
            .detail("approvalDigest", digest_of(approval.map(|it| &it.reason)))
            .detail(
                "partialDigest",
                digest_of(self.request.accept_partial.as_ref()),
            )
    }

    fn listed(&self, manifest: &ExportManifestFile) -> Draft {
        self.draft(AuditAction::ExportListed, self.app.service())
            .file(sha256(manifest.to_bytes()))
            .detail("found", manifest.recordings.len())
            .detail("excluded", manifest.excluded.len())
    }

    fn ended(&self, outcome: &Result<Written, ApiError>) -> Draft {
        match outcome {
            Ok(written) => counted(
                self.draft(AuditAction::ExportFinished, self.app.service()),
                written,
            ),
            Err(error) => self
                .draft(AuditAction::ExportStopped, self.app.service())
                .detail("why", error.code.name()),
        }
    }
}

fn counted(entry: Draft, written: &Written) -> Draft {
    let ExportCounts {
        found,
        retrieved,
        purged,
        corrupted,
        unsupported,
        unavailable,
    } = written.exported.report.counts;
    entry
        .file(written.custody_digest)
        .detail("found", found)
        .detail("retrieved", retrieved)
        .detail("purged", purged)
        .detail("corrupted", corrupted)
        .detail(
            "corruptedApproved",
            written.exported.report.corrupted_approved,
        )
        .detail("unsupported", unsupported)
        .detail("unavailable", unavailable)
        .detail("bytes", written.exported.report.bytes)
        .detail("completeness", &written.exported.completeness.verdict)
        .detail("completenessDigest", written.completeness_digest)
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

impl Run<'_> {
    /// The list of an export that was begun in this folder, if it is the same export.
    fn kept_list(&self) -> Result<Option<ExportManifestFile>, ApiError> {
        if self.layout.is_other_used(&self.folder)? {
            return Err(another("in another layout: with or without --bagit"));
        }
        let Some(bytes) = self.folder.read(&self.layout.path(MANIFEST))? else {
            return Ok(None);
        };
        let manifest = ExportManifestFile::from_bytes(&bytes)
            .map_err(|error| unusable(format!("cannot be used: {error}")))?;
        if manifest.list_hash != list_digest(&manifest.recordings).to_string() {
            return Err(unusable(
                "was changed: the digest of its list differs".to_owned(),
            ));
        }
        if manifest.query != self.asked.written {
            return Err(another("of another query or time range"));
        }
        Ok(Some(manifest))
    }

    /// Invariant: nothing is downloaded that is not on a list on the disk. // S2-18
    async fn list(
        &self,
        worker: &ActorId,
        sources: &[Asking],
        step: &(impl Fn(ExportStep) + Sync),
        cancel: &CancellationToken,
    ) -> Result<ExportManifestFile, ApiError> {
        let order = Order {
            by: worker.to_string(),
            at_utc: self.app.now(),
            accept_partial: self.request.accept_partial.clone(),
        };
        let manifest = list::list(&self.asked, sources, order, step, cancel).await?;
        step(ExportStep::Recounting);
        let routes = routes::ask(&self.asked, sources, cancel).await?;
        self.on_disk(move |folder| routes::keep(folder, &routes))
            .await?;
        let (path, bytes) = (self.layout.path(MANIFEST), manifest.to_bytes());
        self.on_disk(move |folder| Ok(folder.write(&path, &bytes)?))
            .await?;
        append(self.app, &[], self.listed(&manifest)).await?;
        Ok(manifest)
    }

    async fn carry_out(
        &self,
        sources: &[Asking],
        manifest: ExportManifestFile,
        step: &(impl Fn(ExportStep) + Sync),
        cancel: &CancellationToken,
    ) -> Result<Written, ApiError> {
        let (layout, load_file) = (self.layout, self.request.load_file);
        let mut journal = self
            .on_disk(move |folder| journal::read(folder, layout))
            .await?;
        let approval = self.request.approval.as_ref();
        let open: Vec<_> = journal::open(&journal, &manifest.recordings, approval).collect();
        let total = manifest.recordings.len() as u64;
        let done = total - open.len() as u64;
        step(ExportStep::Listed { found: total, done });
        let downloads = Downloads {
            run: self,
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
        let earlier = self.earlier.clone();
        let finish = move |folder: &ExportFolder| {
            let finished = Finished {
                folder,
                layout,
                manifest: &manifest,
                journal: &journal,
                routes: &routes::kept(folder)?,
                earlier: earlier.as_deref(),
                load_file,
            };
            finished.write()
        };
        self.on_disk(finish).await
    }

    /// Work on the folder, off the threads that wait for the network.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ExportFolder) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let folder = self.folder.clone();
        spawn_blocking(move || work(&folder))
            .await
            .map_err(|error| ApiError::internal("Working on the folder of the export", &error))?
    }
}

fn another(what: &str) -> ApiError {
    ApiError::new(
        ErrorCode::InvalidInput,
        format!("The folder holds an export {what}"),
        "Name another folder, or repeat the command that began it.",
    )
}

fn unusable(why: String) -> ApiError {
    ApiError::new(
        ErrorCode::IntegrityFailure,
        format!("`{MANIFEST}` in the folder {why}"),
        "Nothing was overwritten. Export into a new folder.",
    )
}
