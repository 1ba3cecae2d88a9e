//! The audit log: append-only entries in an RFC 6962 tree, signed as C2SP checkpoints. // S0-65
//!
//! Nothing here keeps state: the caller stores the [`Head`] and the leaves, in one transaction with
//! the change they record. `docs/formats/audit-log.md` describes the files byte by byte.

mod checkpoint;
mod export;
mod head;
mod key;
mod proof;
mod rotation;
pub(crate) mod tiles;
mod witness;

use std::collections::BTreeMap;

use domain::{
    audit::AuditAction,
    digest::Sha256Digest,
    ids::{CaseId, CorrelationId, JobId, RecordingId},
    requestor::Actor,
};
use jiff::Timestamp;

use crate::{
    format::{Entry, EntryError},
    merkle::leaf_hash,
};

pub use checkpoint::{Checkpoint, open_checkpoint, sign_checkpoint};
pub(crate) use export::{ANCHORS, CHECKPOINT, VKEY};
pub use export::{Export, export};
pub use head::Head;
pub use key::LogKey;
pub(crate) use key::TrustedKey;
pub use proof::{InclusionProof, inclusion_proof, verify_proof};
pub(crate) use rotation::Rotation;
pub use rotation::rotation;
pub use witness::{growth_request, verify_growth};

/// Longest entry, in bytes: entry bundles carry 16-bit lengths. // C2SP tlog-tiles
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// Why the audit log refused something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The entry breaks a rule of its format.
    #[error("the audit entry cannot be appended: {0}")]
    Entry(#[from] EntryError),
    /// The entry does not fit into an entry bundle.
    #[error(
        "the audit entry has {bytes} bytes, at most {MAX_ENTRY_BYTES} are possible; shorten its details"
    )]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The stored head is damaged.
    #[error("the stored head of the audit log is damaged; restore the database from a backup")]
    Head,
    /// The name of the log cannot be used.
    #[error(
        "`{0}` cannot name an audit log: it must not be empty nor have spaces, plus signs or control characters"
    )]
    Origin(String),
    /// Not a checkpoint.
    #[error("not a checkpoint: {0}")]
    Checkpoint(&'static str),
    /// Not a verifier key.
    #[error("not a log key of the form `name+id+base64`")]
    VerifierKey,
    /// The signature is missing or wrong.
    #[error("the checkpoint is not signed by the log key `{name}`")]
    Signature {
        /// Name of the key that was expected.
        name: String,
    },
    /// The entries are not those that were signed.
    #[error(
        "the {entries} audit entries do not have the root that the checkpoint of {size} entries signs; run `sar audit verify`"
    )]
    NotSigned {
        /// Number of entries given.
        entries: u64,
        /// Number of entries in the checkpoint.
        size: u64,
    },
    /// The log has fewer entries than it had.
    #[error(
        "the audit log has {size} entries, an earlier checkpoint signs {earlier}: it was rolled back or cut"
    )]
    Shrunk {
        /// Number of entries now.
        size: u64,
        /// Number of entries before.
        earlier: u64,
    },
    /// The log does not continue an earlier checkpoint.
    #[error(
        "the audit log of {size} entries does not continue the one of {earlier}: it was forked"
    )]
    NotGrown {
        /// Number of entries now.
        size: u64,
        /// Number of entries before.
        earlier: u64,
    },
    /// There is no such entry.
    #[error("the audit log has no entry {seq}; it has {size}")]
    NoEntry {
        /// The number asked for.
        seq: u64,
        /// Number of entries.
        size: u64,
    },
    /// Not an inclusion proof.
    #[error("not an inclusion proof: {0}")]
    Proof(&'static str),
    /// The proof is well-formed and wrong.
    #[error("entry {seq} is not part of the log that the checkpoint signs")]
    NotIncluded {
        /// The number that the proof claims.
        seq: u64,
    },
}

/// What the caller knows about an entry before it has a place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryDraft {
    /// When it happened.
    pub timestamp_utc: Timestamp,
    /// Ties the steps of one request together. // S0-67
    pub correlation_id: CorrelationId,
    /// The case, if there is one.
    pub case_id: Option<CaseId>,
    /// Pseudonym of the requestor; never a name, number or address.
    pub requestor_id: Option<String>,
    /// Who acted.
    pub actor: Actor,
    /// What was done.
    pub action: AuditAction,
    /// To which recording.
    pub recording_id: Option<RecordingId>,
    /// By which redaction job.
    pub redaction_job_id: Option<JobId>,
    /// Where a file was offered, without query, fragment and credentials. // S0-72
    pub download_url: Option<String>,
    /// Digest of the full link.
    pub url_hash: Option<Sha256Digest>,
    /// Digest of the file.
    pub file_hash: Option<Sha256Digest>,
    /// When the offer ends.
    pub expires_at_utc: Option<Timestamp>,
    /// More facts, by name; no personal data.
    pub details: BTreeMap<String, String>,
}

impl EntryDraft {
    /// A draft with the fields that every entry has; the others are empty.
    pub fn new(at_utc: Timestamp, id: CorrelationId, actor: Actor, action: AuditAction) -> Self {
        Self {
            timestamp_utc: at_utc,
            correlation_id: id,
            case_id: None,
            requestor_id: None,
            actor,
            action,
            recording_id: None,
            redaction_job_id: None,
            download_url: None,
            url_hash: None,
            file_hash: None,
            expires_at_utc: None,
            details: BTreeMap::new(),
        }
    }
}

/// An entry that has its place: store the leaf and the head, then sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Position of the entry, from 0.
    pub seq: u64,
    /// Its exact bytes.
    pub leaf: Vec<u8>,
    /// Its hash in the tree.
    pub leaf_hash: Sha256Digest,
    /// The head after it.
    pub head: Head,
    /// The root after it.
    pub root: Sha256Digest,
}

/// Appends an entry.
///
/// # Errors
/// When a field breaks its rule or the entry is longer than [`MAX_ENTRY_BYTES`].
pub fn append(head: &Head, draft: EntryDraft) -> Result<Appended, LogError> {
    let seq = head.size();
    let leaf = entry(head, draft).to_bytes()?;
    if leaf.len() > MAX_ENTRY_BYTES {
        return Err(LogError::TooLong { bytes: leaf.len() });
    }
    let leaf_hash = leaf_hash(&leaf);
    let head = head.with(leaf_hash);
    let root = head.root();
    Ok(Appended {
        seq,
        leaf,
        leaf_hash,
        head,
        root,
    })
}

fn entry(head: &Head, draft: EntryDraft) -> Entry {
    use crate::format::format_time;
    Entry {
        v: Entry::VERSION,
        seq: head.size(),
        timestamp: format_time(draft.timestamp_utc),
        correlation_id: draft.correlation_id.to_string(),
        case_id: draft.case_id.map(|id| id.to_string()),
        requestor_id: draft.requestor_id,
        actor_kind: draft.actor.kind().to_owned(),
        actor_id: draft.actor.id().to_string(),
        action: draft.action.name().to_owned(),
        recording_id: draft.recording_id.map(|id| id.to_string()),
        redaction_job_id: draft.redaction_job_id.map(|id| id.to_string()),
        download_url: draft.download_url,
        url_hash: draft.url_hash.map(|digest| digest.to_string()),
        file_hash: draft.file_hash.map(|digest| digest.to_string()),
        expires_at: draft.expires_at_utc.map(format_time),
        siem_ingested: false,
        details: draft.details,
        prev: head.last_leaf_hash().map(|hash| hash.hex()),
    }
}
