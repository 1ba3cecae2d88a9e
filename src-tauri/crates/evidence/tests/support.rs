//! A small log and a small package, the same each time except for the salts of the ZIP.

use std::{collections::BTreeMap, io::Cursor};

use domain::{
    audit::AuditAction,
    delivery,
    digest::Sha256Digest,
    ids::{ActorId, CaseId, CorrelationId, JobId, RecordingId},
    requestor::Actor,
    sensitive::Secret,
};
use evidence::{
    custody_csv::{self, CustodyRow, STATUS_OK},
    format::{
        Call, CallsFile, PackageFile, RecordingFile, RedactedFile, RedactionLogFile, SpanRecord,
    },
    hashing::sha256,
    log::{self, Appended, EntryDraft, Head, LogKey, append, sign_checkpoint},
    package::{CALLS, CUSTODY, PackageInfo, PackageSummary, PackageWriter, REDACTION_LOG},
    report::Report,
    sshsig::PackageKey,
};
use jiff::Timestamp;

pub(crate) const ORIGIN: &str = "example.org/sar-portal/audit/1";
pub(crate) const CASE: &str = "SAR-2026-000417";

pub(crate) fn log_key() -> LogKey {
    LogKey::from_seed([7; 32])
}

pub(crate) fn vkey() -> String {
    log_key().vkey(ORIGIN).unwrap()
}

pub(crate) fn package_key() -> PackageKey {
    PackageKey::from_seed([9; 32])
}

pub(crate) fn passphrase() -> Secret<String> {
    Secret::new("unmixed-plywood-gallon-reuse-thigh-ocean-frown".to_owned())
}

pub(crate) fn at(second: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T09:30:00.123Z".parse().unwrap();
    start + jiff::SignedDuration::from_secs(second)
}

pub(crate) fn draft(seq: u64, action: AuditAction) -> EntryDraft {
    let actor = Actor::Human(ActorId::new("case-worker-1").unwrap());
    let correlation = CorrelationId::new("c-417").unwrap();
    EntryDraft {
        case_id: Some(CaseId::new(CASE).unwrap()),
        requestor_id: Some("subject-1".to_owned()),
        ..EntryDraft::new(at(seq as i64), correlation, actor, action)
    }
}

/// A delivery entry with everything that S0-68 asks for.
pub(crate) fn delivery_draft(seq: u64, file_hash: Sha256Digest) -> EntryDraft {
    EntryDraft {
        recording_id: Some(RecordingId::new("rec-1").unwrap()),
        redaction_job_id: Some(JobId::new("job-1").unwrap()),
        download_url: Some("https://media.example.org/sar/0001.wav".to_owned()),
        url_hash: Some(sha256("https://media.example.org/sar/0001.wav?signature=x")),
        file_hash: Some(file_hash),
        expires_at_utc: Some(delivery::expiry(at(seq as i64))),
        ..draft(seq, AuditAction::RecordingDelivered)
    }
}

/// A log in memory.
#[derive(Default, Clone)]
pub(crate) struct Log {
    pub(crate) head: Head,
    pub(crate) leaves: Vec<Vec<u8>>,
    pub(crate) hashes: Vec<Sha256Digest>,
    /// Seed of the key that signs, unless it is the first one.
    pub(crate) key: Option<[u8; 32]>,
}

/// A log in a folder, by path.
pub(crate) type Folder = BTreeMap<String, Vec<u8>>;

/// The entry by which a key takes over from another one.
pub(crate) fn rotation_draft(head: &Head, old: &LogKey, new: &LogKey) -> EntryDraft {
    let base = draft(head.size(), AuditAction::LogKeyRotated);
    log::rotation(base, head, ORIGIN, old, new).unwrap()
}

impl Log {
    pub(crate) fn with_entries(count: u64) -> Self {
        let mut log = Self::default();
        for seq in 0..count {
            log.append(draft(seq, AuditAction::SpanDecided));
        }
        log
    }

    pub(crate) fn append(&mut self, draft: EntryDraft) -> Appended {
        let appended = append(&self.head, draft).unwrap();
        self.head = appended.head.clone();
        self.leaves.push(appended.leaf.clone());
        self.hashes.push(appended.leaf_hash);
        appended
    }

    pub(crate) fn signer(&self) -> LogKey {
        self.key.map_or_else(log_key, LogKey::from_seed)
    }

    pub(crate) fn checkpoint(&self) -> String {
        sign_checkpoint(ORIGIN, &self.head, &self.signer()).unwrap()
    }

    pub(crate) fn folder(&self) -> Folder {
        let vkey = self.signer().vkey(ORIGIN).unwrap();
        log::export(ORIGIN, &vkey, &self.leaves, &self.checkpoint())
            .collect::<Result<_, _>>()
            .unwrap()
    }
}

/// Files of a folder made of any leaves, with tiles that fit them and a checkpoint that may not.
pub(crate) fn folder_of(leaves: &[Vec<u8>], checkpoint: &str) -> BTreeMap<String, Vec<u8>> {
    let mut head = evidence::merkle::Frontier::default();
    for leaf in leaves {
        head.push(evidence::merkle::leaf_hash(leaf));
    }
    let stored = stored_head(leaves, &head);
    let own = sign_checkpoint(ORIGIN, &stored, &log_key()).unwrap();
    let mut files: BTreeMap<String, Vec<u8>> = log::export(ORIGIN, &vkey(), leaves, &own)
        .collect::<Result<_, _>>()
        .unwrap();
    files.insert("checkpoint".to_owned(), checkpoint.as_bytes().to_vec());
    files
}

fn stored_head(leaves: &[Vec<u8>], frontier: &evidence::merkle::Frontier) -> Head {
    let mut bytes = vec![1];
    bytes.extend(frontier.size().to_be_bytes());
    if let Some(last) = leaves.last() {
        bytes.extend(evidence::merkle::leaf_hash(last).as_bytes());
    }
    frontier
        .nodes()
        .iter()
        .for_each(|hash| bytes.extend(hash.as_bytes()));
    Head::from_bytes(&bytes).unwrap()
}

/// Which parts of the small package are made otherwise than they should be.
pub(crate) type Change<'a> = &'a dyn Fn(&mut BTreeMap<String, Vec<u8>>);

pub(crate) struct Sealed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) summary: PackageSummary,
}

/// A complete package of one recording and one purged call.
pub(crate) fn package() -> Sealed {
    package_with(&|_| (), ProofOf::ThisPackage)
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum ProofOf {
    ThisPackage,
    AnotherPackage,
    Nothing,
}

pub(crate) fn package_with(change: Change<'_>, proof: ProofOf) -> Sealed {
    package_by(change, proof, &package_key(), &log_key())
}

/// The same package made anew by somebody else, with keys of their own for all that is signed.
pub(crate) fn forged_package() -> Sealed {
    let change: Change<'_> = &|files| drop(files.insert("data/letter.html".into(), b"x".to_vec()));
    let (key, log) = (PackageKey::from_seed([1; 32]), LogKey::from_seed([8; 32]));
    package_by(change, ProofOf::ThisPackage, &key, &log)
}

fn package_by(change: Change<'_>, proof: ProofOf, key: &PackageKey, log: &LogKey) -> Sealed {
    let mut writer = PackageWriter::new(Vec::new(), &passphrase(), info()).unwrap();
    let mut payload = payload();
    change(&mut payload);
    for (path, content) in &payload {
        writer.add(path, &mut content.as_slice()).unwrap();
    }
    let digest = match proof {
        ProofOf::AnotherPackage => sha256("another"),
        ProofOf::ThisPackage | ProofOf::Nothing => writer.manifest_digest(),
    };
    let proofs = if proof == ProofOf::Nothing {
        Vec::new()
    } else {
        proof_files(digest, log)
    };
    let (bytes, summary) = writer.finish(key, proofs).unwrap();
    Sealed { bytes, summary }
}

fn proof_files(manifest: Sha256Digest, key: &LogKey) -> Vec<(String, Vec<u8>)> {
    let mut log = Log::with_entries(2);
    let mut sealed = draft(2, AuditAction::PackageSealed);
    sealed.file_hash = Some(manifest);
    let entry = log.append(sealed);
    let checkpoint = sign_checkpoint(ORIGIN, &log.head, key).unwrap();
    let proof = log::inclusion_proof(&log.hashes, entry.seq, &checkpoint).unwrap();
    evidence::package::log_proof_files(&entry.leaf, &proof, &key.vkey(ORIGIN).unwrap())
}

pub(crate) fn info() -> PackageInfo {
    PackageInfo {
        case_id: CaseId::new(CASE).unwrap(),
        organization: "Example Ltd".to_owned(),
        bagging_date: jiff::civil::date(2026, 11, 21),
        software: "SAR Portal 0.1.0".to_owned(),
    }
}

/// A WAV file of a few samples.
pub(crate) fn wav() -> Vec<u8> {
    let mut bytes =
        b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0"
            .to_vec();
    bytes.extend(b"data\x08\0\0\0\x01\0\x02\0\x03\0\x04\0");
    bytes
}

/// Payload of the small package; the sidecar comes by itself.
pub(crate) fn payload() -> BTreeMap<String, Vec<u8>> {
    let file = "0001.wav";
    BTreeMap::from([
        (CUSTODY.to_owned(), custody_csv::write(&custody_rows())),
        (
            CALLS.to_owned(),
            CallsFile::new(vec![
                call(1, "retrieved", Some(file)),
                call(2, "purged", None),
            ])
            .to_bytes(),
        ),
        (REDACTION_LOG.to_owned(), redaction_log(file).to_bytes()),
        (format!("data/recordings/{file}"), wav()),
        (
            "data/recordings/0001.json".to_owned(),
            metadata(file).to_bytes(),
        ),
    ])
}

pub(crate) fn custody_rows() -> Vec<CustodyRow> {
    let delivered = CustodyRow {
        recording_id: "rec-1".into(),
        file: Some(("0001.wav".into(), sha256(wav()))),
        download_timestamp: "2026-11-21T09:30:00.123Z".into(),
        query: format!("data/search.json, source genesys-eu, {}", sha256("search")),
        exporter: "oauth-client-7".into(),
        source: "genesys-eu".into(),
        status: STATUS_OK.into(),
        log_index: 1,
    };
    let purged = CustodyRow {
        recording_id: "=rec-2".into(),
        file: None,
        status: "Purged".into(),
        log_index: 2,
        ..delivered.clone()
    };
    vec![delivered, purged]
}

fn call(number: u32, end_state: &str, file: Option<&str>) -> Call {
    Call {
        number,
        source: "genesys-eu".into(),
        conversation_id: format!("conv-{number}"),
        recording_id: format!("rec-{number}"),
        start_time: Some("2026-10-01T10:00:00.000Z".into()),
        duration_ms: Some(1),
        end_state: end_state.into(),
        detail: None,
        file: file.map(str::to_owned),
    }
}

fn metadata(file: &str) -> RecordingFile {
    RecordingFile {
        v: 1,
        number: 1,
        file: file.into(),
        file_hash: sha256(wav()).to_string(),
        original_hash: sha256("as received").to_string(),
        source: "genesys-eu".into(),
        conversation_id: "conv-1".into(),
        recording_id: "rec-1".into(),
        start_time: None,
        end_time: None,
        duration_ms: 1_000,
        sample_rate_hz: 8_000,
        channels: 1,
        participants: Vec::new(),
        queues: Vec::new(),
        tags: Vec::new(),
    }
}

fn redaction_log(file: &str) -> RedactionLogFile {
    let span = SpanRecord {
        number: 1,
        start_ms: 100,
        length_ms: 400,
        channel: None,
        category: "PERSON_NAME".into(),
        decision: "redact".into(),
        method: Some("noise".into()),
        seed: Some("00112233".into()),
        confidence: 0.91,
        reviewer: None,
        reason: Some("other_person".into()),
    };
    let recording = RedactedFile {
        file: file.into(),
        policy: "data_subject_copy".into(),
        engine: "rules 1".into(),
        duration_ms: 1_000,
        spans: vec![span],
    };
    RedactionLogFile {
        v: 1,
        recordings: vec![recording],
    }
}

pub(crate) fn verify(bytes: &[u8]) -> Report {
    evidence::verify_package::verify(
        Cursor::new(bytes),
        &passphrase(),
        Some(&package_key().public()),
    )
}

/// The names of the failed checks with the parts they blame.
pub(crate) fn blamed(report: &Report) -> Vec<(&'static str, &str)> {
    report
        .failed()
        .map(|check| (check.name, check.part.as_deref().unwrap_or_default()))
        .collect()
}
