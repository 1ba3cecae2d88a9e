//! Copies a finished export into a bucket: every file once, in the clear as it is handed over, encrypted by the
//! store. A copy that was stopped goes on, because what lies there is looked at first. // S2-40…S2-44

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use connectors::bucket::{self, Bucket, BucketSettings, Stored, ToStore, UploadError};
use domain::{audit::AuditAction, sensitive::Secret};
use evidence::hashing::{HashingReader, sha256};
use futures_util::{FutureExt, StreamExt, stream};
use jiff::Timestamp;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::{finish::REPORT, layout::Layout, open};
use crate::{
    api::{ApiError, ErrorCode},
    app::App,
    egress::Egress,
    open_case::human,
    record::{self, Draft},
};

/// Files that are copied at the same time; each may hold one part in memory.
const FILES_AT_ONCE: usize = 4;

/// A set to be copied.
#[derive(Debug, Clone)]
pub struct UploadRequest {
    /// The folder of a finished export.
    pub folder: PathBuf,
    /// Where to.
    pub bucket: BucketSettings,
    /// Id of the access key and the key, a line each, and perhaps a session token.
    pub secret: Secret<String>,
}

impl UploadRequest {
    /// Reads where to copy a folder from the text of a settings file.
    ///
    /// # Errors
    /// Which key cannot be used, and why.
    pub fn new(folder: PathBuf, settings: &str, secret: Secret<String>) -> Result<Self, ApiError> {
        let bucket = toml::from_str(settings)
            // The message quotes the line; no line holds a secret.
            .map_err(|error| ApiError::invalid("bucket", error.to_string().trim_end()))?;
        Ok(Self {
            folder,
            bucket,
            secret,
        })
    }
}

/// What lies in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// All files of the set.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that this run sent; the others lay there already.
    pub sent: u64,
    /// How the store encrypts them.
    pub encryption: String,
    /// Until when none of them can be changed, if they are locked.
    pub locked_until_utc: Option<Timestamp>,
}

/// Copies a finished set into a bucket. `step` is told how many files are done, and of how many.
///
/// # Errors
/// When the set is not finished or was changed, the bucket refuses a file, or holds another one under its name.
pub async fn upload_export(
    app: &App,
    request: &UploadRequest,
    step: &(impl Fn(u64, u64) + Sync),
    cancel: &CancellationToken,
) -> Result<Uploaded, ApiError> {
    let worker = app.deciding_person()?;
    let keys = bucket::keys(&request.secret).ok_or_else(|| {
        ApiError::invalid(
            "secret",
            "it needs the id of the access key and the key, a line each",
        )
    })?;
    let (http, ledger) = app.http().counted();
    let bucket = Bucket::new(&request.bucket, &keys, &http)
        .map_err(|error| ApiError::invalid("bucket", error))?;
    // Held until the end: nobody exports into the folder meanwhile.
    let (_folder, set) = set(&request.folder).await?;
    let copying = Copying {
        bucket: &bucket,
        cancel: cancel.child_token(),
        done: AtomicU64::new(0),
        total: set.len() as u64,
        step,
    };
    let outcome = copying.all(&set).await;
    let entry = entry(
        request,
        &outcome,
        Draft::new(AuditAction::ExportUploaded, human(&worker)),
    );
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, entry).await?;
    Egress::of_work(ledger, "export")
        .append(app, &mut tx)
        .await?;
    tx.commit().await?;
    outcome
}

/// The log names the bucket; a prefix may name a person, so it has the digest.
fn entry(request: &UploadRequest, outcome: &Result<Uploaded, ApiError>, draft: Draft) -> Draft {
    let entry = draft
        .detail("bucket", &request.bucket.bucket)
        .detail("prefixDigest", sha256(&request.bucket.prefix));
    match outcome {
        Err(error) => entry.detail("outcome", error.code.name()),
        Ok(done) => entry
            .detail("outcome", "complete")
            .detail("files", done.files)
            .detail("sent", done.sent)
            .detail("bytes", done.bytes)
            .detail("encryption", &done.encryption)
            .detail(
                "lockedUntilUtc",
                done.locked_until_utc
                    .map(|it| it.to_string())
                    .unwrap_or_default(),
            ),
    }
}

/// A file of the set.
struct SetFile {
    path: PathBuf,
    to_store: ToStore,
}

/// The files of a finished set, the report last: while it is missing in the bucket, the copy is not whole.
async fn set(root: &Path) -> Result<(std::sync::Arc<store::ExportFolder>, Vec<SetFile>), ApiError> {
    let unfinished = || {
        ApiError::new(
            ErrorCode::InvalidInput,
            format!("`{}` holds no finished export", root.display()),
            "Run the export to its end first; the same command goes on with it.",
        )
    };
    if !root.exists() {
        return Err(unfinished());
    }
    let folder = open(root).await?;
    let read = folder.clone();
    let at = root.to_owned();
    let files = spawn_blocking(move || {
        let layout = if Layout::Flat.is_other_used(&read)? {
            Layout::Bag
        } else {
            Layout::Flat
        };
        let report = layout.path(REPORT);
        if read.read(&report)?.is_none() {
            return Ok(None);
        }
        // Every file that was downloaded is read again: a changed one is not copied.
        super::journal::read(&read, layout)?;
        let mut files = BTreeMap::new();
        collect(&at, "", &mut files)
            .map_err(|error| ApiError::from_io("Reading the folder of the export", &error))?;
        let last = files.remove(&report);
        Ok::<_, ApiError>(Some(files.into_values().chain(last).collect()))
    });
    let files = files
        .await
        .map_err(|error| ApiError::internal("Reading the folder of the export", &error))??;
    Ok((folder, files.ok_or_else(unfinished)?))
}

/// Every file below a folder with its digest; our own and half-written ones have a dot before their name.
fn collect(root: &Path, below: &str, files: &mut BTreeMap<String, SetFile>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{below}{name}");
        if entry.file_type()?.is_dir() {
            collect(root, &format!("{name}/"), files)?;
            continue;
        }
        let mut reader = HashingReader::new(File::open(entry.path())?);
        io::copy(&mut reader, &mut io::sink())?;
        let (sha256, size_bytes) = reader.finish();
        let to_store = ToStore {
            name: name.clone(),
            size_bytes,
            sha256,
        };
        files.insert(
            name,
            SetFile {
                path: entry.path(),
                to_store,
            },
        );
    }
    Ok(())
}

/// What the copies of one run share.
struct Copying<'a, S> {
    bucket: &'a Bucket,
    cancel: CancellationToken,
    done: AtomicU64,
    total: u64,
    step: &'a S,
}

impl<S: Fn(u64, u64) + Sync> Copying<'_, S> {
    /// All but the last at the same time, then the last.
    async fn all(&self, set: &[SetFile]) -> Result<Uploaded, ApiError> {
        let (last, others) = set.split_last().expect("a finished set has a report");
        // Boxed: the compiler cannot prove a stream of unnamed futures `Send` for every lifetime.
        let each = others.iter().map(|file| self.one(file).boxed());
        let mut each = stream::iter(each.collect::<Vec<_>>()).buffer_unordered(FILES_AT_ONCE);
        let (mut copied, mut trouble) = (Vec::new(), None);
        while let Some(outcome) = each.next().await {
            match outcome {
                Ok(one) => copied.push(one),
                Err(error) => {
                    self.cancel.cancel();
                    trouble.get_or_insert(error);
                }
            }
        }
        if let Some(error) = trouble {
            return Err(error);
        }
        copied.push(self.one(last).await?);
        let until = copied.iter().map(|(stored, _)| stored.locked_until_utc);
        let until: Option<Vec<_>> = until.collect();
        let (stored, _) = copied.last().expect("the report was copied");
        Ok(Uploaded {
            files: copied.len() as u64,
            bytes: copied.iter().map(|(stored, _)| stored.size_bytes).sum(),
            sent: copied.iter().filter(|(_, sent)| *sent).count() as u64,
            encryption: stored.encryption.clone().unwrap_or_default(),
            locked_until_utc: until.and_then(|it| it.into_iter().min()),
        })
    }

    async fn one(&self, file: &SetFile) -> Result<(Stored, bool), ApiError> {
        let content = tokio::fs::File::open(&file.path).await;
        let mut content = content.map_err(|error| told(UploadError::Read(error)))?;
        let put = self.bucket.put(&file.to_store, &mut content, &self.cancel);
        let stored = put.await.map_err(told)?;
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.step)(done, self.total);
        Ok(stored)
    }
}

fn told(error: UploadError) -> ApiError {
    let message = error.to_string();
    let (code, hint) = match error {
        UploadError::Read(error) => return ApiError::from_io("Copying the export", &error),
        UploadError::Cancelled => {
            let hint = "What lies in the bucket stays there. The same command goes on from here.";
            return ApiError::new(ErrorCode::Cancelled, "The copy was stopped", hint);
        }
        UploadError::Http(_) | UploadError::Refused { .. } => (
            ErrorCode::SourceUnavailable,
            "Run the same command again; it sends what is missing.",
        ),
        UploadError::Denied => (
            ErrorCode::NotPermitted,
            "Ask whoever runs the bucket, then run the same command again.",
        ),
        UploadError::Taken { .. } | UploadError::Different { .. } => (
            ErrorCode::IntegrityFailure,
            "Nothing was replaced. Choose another prefix, or find out whose object it is.",
        ),
        UploadError::Encryption { .. } => (
            ErrorCode::NotPermitted,
            "Give the bucket a default encryption, or name the KMS key that it uses. The object stays until you remove it.",
        ),
        UploadError::NotLocked { .. } => (
            ErrorCode::NotPermitted,
            "Switch Object Lock with a default retention on for the bucket, or leave `object_lock` out.",
        ),
        UploadError::Name { .. } => (ErrorCode::InvalidInput, "Choose another prefix."),
    };
    ApiError::new(code, message, hint)
}
