//! Writes audit entries: in the same transaction as the change they describe.

use std::collections::BTreeMap;

use connectors::link::MediaLink;
use domain::{
    audit::AuditAction,
    digest::Sha256Digest,
    ids::{CaseId, CorrelationId, JobId, RecordingId},
    requestor::Actor,
};
use evidence::log::{self, EntryDraft, Head, LogKey};
use jiff::Timestamp;
use store::{
    Tx,
    rows::{CallRow, CaseRow, LogHeadRow},
};

use crate::{api::ApiError, app::App, connect::SOURCE_ID};

/// An entry to be written. Holds no personal data: names and numbers stay in the encrypted database.
pub(crate) struct Draft {
    action: AuditAction,
    actor: Actor,
    case: Option<(String, String)>,
    correlation_id: Option<String>,
    recording_id: Option<String>,
    job_id: Option<String>,
    link: Option<(String, Sha256Digest)>,
    file_hash: Option<Sha256Digest>,
    at_utc: Option<Timestamp>,
    expires_at_utc: Option<Timestamp>,
    details: BTreeMap<String, String>,
}

impl Draft {
    pub(crate) fn new(action: AuditAction, actor: Actor) -> Self {
        Self {
            action,
            actor,
            case: None,
            correlation_id: None,
            recording_id: None,
            job_id: None,
            link: None,
            file_hash: None,
            at_utc: None,
            expires_at_utc: None,
            details: BTreeMap::new(),
        }
    }

    /// Joins the entry to its case. // S0-67
    pub(crate) fn case(mut self, case: &CaseRow) -> Self {
        self.case = Some((case.id.clone(), case.correlation_id.clone()));
        self
    }

    /// Joins the entry to a request that belongs to no case.
    pub(crate) fn correlation(mut self, id: &str) -> Self {
        self.correlation_id = Some(id.to_owned());
        self
    }

    /// Names a recording that belongs to no case.
    pub(crate) fn recording(mut self, id: &str) -> Self {
        self.recording_id = Some(id.to_owned());
        self
    }

    /// Names the call by its number and the id of its recording. Archives make ids of file names, and file
    /// names of numbers of people: of those the log has the archive and the number on the list. // S0-64
    pub(crate) fn call(mut self, call: &CallRow) -> Self {
        self.recording_id = Some(if call.source == SOURCE_ID {
            call.recording.clone()
        } else {
            format!("{}#{}", call.source, call.number)
        });
        self.detail("call", call.number)
    }

    pub(crate) fn job(mut self, id: &str) -> Self {
        self.job_id = Some(id.to_owned());
        self
    }

    /// Where the file came from: the place, and the digest of the link that worked. // S0-72
    pub(crate) fn link(mut self, link: &MediaLink) -> Self {
        self.link = Some((link.place.clone(), link.digest));
        match link.expires_at_utc {
            Some(at) => self.detail("linkExpiresAt", at),
            None => self,
        }
    }

    pub(crate) fn file(mut self, digest: Sha256Digest) -> Self {
        self.file_hash = Some(digest);
        self
    }

    /// When it happened and when the offer ends, which lie exactly 24 hours apart. // S0-69
    pub(crate) fn offered(mut self, at_utc: Timestamp, expires_at_utc: Timestamp) -> Self {
        self.at_utc = Some(at_utc);
        self.expires_at_utc = Some(expires_at_utc);
        self
    }

    pub(crate) fn detail(mut self, key: &str, value: impl ToString) -> Self {
        self.details.insert(key.to_owned(), value.to_string());
        self
    }
}

/// Origin line of this installation's checkpoints (C2SP tlog-checkpoint).
pub(crate) const ORIGIN: &str = "sar-portal/audit";

/// How often the key of the log was changed. In the database, so that it changes with the entry that says so.
const GENERATION: &str = "audit.key_generation";

/// Appends an entry and signs the new checkpoint. Returns the entry's position.
///
/// # Errors
/// When the entry is too large or the database fails; the transaction is then not committed.
pub(crate) async fn append(app: &App, tx: &mut Tx, draft: Draft) -> Result<u64, ApiError> {
    let head = log_head(tx).await?;
    let key = log_key(app, generation(tx.setting(GENERATION).await?)?);
    write(tx, &head, entry(app, draft)?, &key).await
}

/// Lets a new key sign from now on; the entry that says so is signed by both. Returns the new public key.
///
/// # Errors
/// When the database fails; the old key then goes on signing.
pub(crate) async fn rotate_key(app: &App, actor: Actor) -> Result<String, ApiError> {
    let mut tx = app.store().begin().await?;
    let head = log_head(&mut tx).await?;
    let old = generation(tx.setting(GENERATION).await?)?;
    let (old_key, new_key) = (log_key(app, old), log_key(app, old + 1));
    let draft = entry(app, Draft::new(AuditAction::LogKeyRotated, actor))?;
    let draft = log::rotation(draft, &head, ORIGIN, &old_key, &new_key);
    let draft = draft.map_err(|error| broken_log(&error))?;
    tx.put_setting(GENERATION, &(old + 1).to_string()).await?;
    write(&mut tx, &head, draft, &new_key).await?;
    tx.commit().await?;
    new_key.vkey(ORIGIN).map_err(|error| broken_log(&error))
}

async fn log_head(tx: &mut Tx) -> Result<Head, ApiError> {
    match tx.log_head().await? {
        Some(row) => Head::from_bytes(&row.head).map_err(|error| broken_log(&error)),
        None => Ok(Head::default()),
    }
}

async fn write(tx: &mut Tx, head: &Head, draft: EntryDraft, key: &LogKey) -> Result<u64, ApiError> {
    let appended = log::append(head, draft).map_err(|e| broken_log(&e))?;
    let checkpoint = log::sign_checkpoint(ORIGIN, &appended.head, key);
    tx.append_log(appended.seq, &appended.leaf, *appended.leaf_hash.as_bytes())
        .await?;
    tx.set_log_head(&LogHeadRow {
        size: appended.head.size(),
        head: appended.head.to_bytes(),
        checkpoint: checkpoint.map_err(|e| broken_log(&e))?,
    })
    .await?;
    Ok(appended.seq)
}

fn entry(app: &App, draft: Draft) -> Result<EntryDraft, ApiError> {
    let (case_id, correlation_id) = draft.case.unzip();
    let (download_url, url_hash) = draft.link.unzip();
    let at_utc = draft.at_utc.unwrap_or_else(|| app.now());
    let correlation = correlation_id.or(draft.correlation_id);
    let correlation = correlation.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let correlation = CorrelationId::new(correlation).map_err(|e| broken_log(&e))?;
    let fixed = EntryDraft::new(at_utc, correlation, draft.actor, draft.action);
    Ok(EntryDraft {
        // A pseudonym: it says which request, never who.
        requestor_id: case_id.as_ref().map(|id| format!("subject-of-{id}")),
        case_id: case_id
            .map(CaseId::new)
            .transpose()
            .map_err(|e| broken_log(&e))?,
        recording_id: draft
            .recording_id
            .map(RecordingId::new)
            .transpose()
            .map_err(|e| broken_log(&e))?,
        redaction_job_id: draft
            .job_id
            .map(JobId::new)
            .transpose()
            .map_err(|e| broken_log(&e))?,
        download_url,
        url_hash,
        file_hash: draft.file_hash,
        expires_at_utc: draft.expires_at_utc,
        details: draft.details,
        ..fixed
    })
}

/// How often the key was changed; never, where nothing was kept.
fn generation(setting: Option<String>) -> Result<u32, ApiError> {
    let changes = setting.map_or(Ok(0), |text| text.parse());
    // Signing with another key than the log says would break it for good.
    changes.map_err(|error| broken_log(&error))
}

/// The key that signs this installation's checkpoints after so many changes.
fn log_key(app: &App, generation: u32) -> LogKey {
    let purpose = match generation {
        0 => "audit-log-key".to_owned(),
        changes => format!("audit-log-key/{changes}"),
    };
    LogKey::from_seed(*app.store().secret(&purpose).reveal())
}

/// The public key of this installation's log (C2SP signed-note vkey).
pub(crate) async fn log_vkey(app: &App) -> Result<String, ApiError> {
    let newest = log_vkeys(app).await?.into_iter().next();
    newest.ok_or_else(|| ApiError::not_found("key", "audit log"))
}

/// The public keys that ever signed this log, newest first.
pub(crate) async fn log_vkeys(app: &App) -> Result<Vec<String>, ApiError> {
    let newest = generation(app.store().setting(GENERATION).await?)?;
    (0..=newest)
        .rev()
        .map(|it| log_key(app, it).vkey(ORIGIN).map_err(|e| broken_log(&e)))
        .collect()
}

pub(crate) fn broken_log(error: &dyn std::error::Error) -> ApiError {
    ApiError::internal("Writing the audit log", error)
}
