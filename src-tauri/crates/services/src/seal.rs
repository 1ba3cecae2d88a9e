//! Seals the package of a case, then checks it as the recipient would. Fails closed. // S0-57, S0-59

use std::io::{Cursor, Read, Write};

use domain::{
    audit::AuditAction, case::CaseStep, digest::Sha256Digest, ids::CaseId, sensitive::Secret,
};
use evidence::{
    format::{PackageFile, RedactedFile, RedactionLogFile},
    hashing::sha256,
    log, merkle,
    package::{self, PackageInfo, PackageSummary, PackageWriter},
    sshsig::PackageKey,
    verify_package,
};
use redaction::{plan_file::PlanFile, transcript_view};
use store::{
    BlobId, BlobWriter, LooseBlob, Vault,
    rows::{CallRow, CaseRow, PackageRow, QueuedJob},
};
use tokio::task::spawn_blocking;

use crate::{
    api::{ApiError, CasePart, CaseRef, ErrorCode, JobStarted, ReportView, SealReq},
    app::App,
    audit::{all_leaves, case_entries, report_view},
    close_case,
    detect::transcript,
    errors::{integrity, require_step},
    frozen_record::{self, FrozenRecord},
    get_case::load_case,
    jobs::{self, JobContext, JobError},
    letter::Letter,
    open_case::{to_json, today},
    package_files as files,
    preflight::require_ready,
    progress::Progress,
    record::{self, Draft, broken_log, log_vkey},
    review,
    search::zone_of,
};

/// One call with all that its files are made of.
struct PackedCall {
    row: CallRow,
    redacted: Option<PackedAudio>,
    schedule: Option<RedactedFile>,
    texts: Vec<(String, Vec<u8>)>,
}

/// The redacted audio of a call, with what is on record of it.
struct PackedAudio {
    blob: BlobId,
    digest: Sha256Digest,
    size_bytes: u64,
}

/// Queues the sealing of a case.
///
/// # Errors
/// When the preflight has a failed check, the case is in another step, or nobody is signed in.
pub async fn seal_package(app: &App, request: SealReq) -> Result<JobStarted, ApiError> {
    let worker = app.deciding_person()?;
    let case = load_case(app, &request.case_id).await?;
    require_step(&case, &[CaseStep::Deliver])?;
    close_case::require_copy(&case)?;
    require_ready(app, &case).await?;
    if app.store().package(&case.id).await?.is_some() || is_sealing(app, &case.id).await? {
        return Ok(JobStarted { jobs: 0 });
    }
    let job = jobs::job("seal", &case.id, None, to_json(&worker.to_string())?);
    jobs::enqueue(app, vec![job]).await
}

/// Whether the sealing waits or runs already: asking twice makes one package.
async fn is_sealing(app: &App, case_id: &str) -> Result<bool, ApiError> {
    let job = jobs::latest_of_kind(app, case_id, "seal").await?;
    Ok(job.is_some_and(|job| matches!(job.state.as_str(), "waiting" | "running")))
}

/// The job: writes, verifies and records the package.
pub(crate) async fn run(app: &App, context: &JobContext, job: &QueuedJob) -> Result<(), JobError> {
    let case = load_case(app, &job.case_id).await?;
    if app.store().package(&case.id).await?.is_some() {
        // Sealed by an earlier run of this job.
        return Ok(());
    }
    require_ready(app, &case).await?;
    let frozen = frozen_record::load(app, &case.id).await?;
    let mut rows = app.store().calls(&case.id).await?;
    let packed = approved_files(&rows);
    rows.extend(frozen.withheld(&case.id, rows.len())?);
    let mut calls = Vec::with_capacity(rows.len());
    for row in rows.iter().cloned() {
        context.check_cancelled()?;
        calls.push(pack_call(app, row).await?);
    }
    let common = common_files(app, &case, &frozen, &rows, &calls).await?;
    let info = info(app, &case)?;
    let vault = app.store().vault().clone();
    let progress = context.progress();
    let payload = blocking(move || write_payload(&vault, info, &calls, &common, progress)).await?;
    let proof = intent(app, &case, payload.writer.manifest_digest()).await?;
    let (vault, key) = (app.store().vault().clone(), package_key(app));
    let case_id = case.id.clone();
    let sealed = blocking(move || finish(&vault, &case_id, &key, payload, proof)).await?;
    keep(app, &case, &packed, sealed, jobs::payload(job)?).await?;
    Ok(())
}

/// Records that a package will be sealed over this custody file, and proves that entry. // S0-80
async fn intent(
    app: &App,
    case: &CaseRow,
    manifest: Sha256Digest,
) -> Result<Vec<(String, Vec<u8>)>, ApiError> {
    let mut tx = app.store().begin().await?;
    let entry = Draft::new(AuditAction::PackageIntent, app.service())
        .case(case)
        .file(manifest);
    let seq = record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    let head = app.store().log_head().await?;
    let head = head.ok_or_else(|| ApiError::not_found("audit log entry", seq))?;
    let leaves = all_leaves(app, head.size).await?;
    let vkey = log_vkey(app).await?;
    blocking(move || {
        let hashes: Vec<_> = leaves.iter().map(|leaf| merkle::leaf_hash(leaf)).collect();
        let proof = log::inclusion_proof(&hashes, seq, &head.checkpoint);
        let proof = proof.map_err(|error| broken_log(&error))?;
        let entry = usize::try_from(seq)
            .ok()
            .and_then(|index| leaves.get(index));
        let entry = entry.ok_or_else(|| ApiError::not_found("audit log entry", seq))?;
        Ok(package::log_proof_files(entry, &proof, &vkey))
    })
    .await
}

/// Runs work that blocks on a thread of its own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    spawn_blocking(work)
        .await
        .map_err(|error| ApiError::internal("Sealing the package", &error))?
}

/// What the package says about itself.
fn info(app: &App, case: &CaseRow) -> Result<PackageInfo, ApiError> {
    let organization = app
        .sources()
        .iter()
        .next()
        .map(|it| it.view.organization.clone());
    Ok(PackageInfo {
        case_id: CaseId::new(case.id.as_str())
            .map_err(|error| ApiError::internal("Naming the package", &error))?,
        organization: organization
            .filter(|name| !name.is_empty())
            .unwrap_or("SAR Portal".into()),
        bagging_date: today(app),
        software: concat!("SAR Portal ", env!("CARGO_PKG_VERSION")).to_owned(),
    })
}

/// The texts of one call. Reading them needs the database, so it happens before the writing thread.
async fn pack_call(app: &App, row: CallRow) -> Result<PackedCall, ApiError> {
    let Some(redacted) = row.redacted.clone() else {
        return Ok(PackedCall {
            row,
            redacted: None,
            schedule: None,
            texts: Vec::new(),
        });
    };
    let digest = Sha256Digest::parse(&redacted.sha256)
        .map_err(|error| integrity("The digest of a redacted call", &error))?;
    let review = review::load(app, &row).await?;
    let rendered = PlanFile::from_json(&redacted.plan_json)
        .map_err(|error| integrity("The rendered plan of a call", &error))?;
    let is_decided = |span: &str| review.decided.contains_key(span);
    let stem = files::stem(&row);
    let rate = row
        .original
        .as_ref()
        .map_or(0, |original| original.sample_rate_hz);
    let schedule = files::redacted_file(&row, &rendered, rate, is_decided);
    let mut texts = vec![(
        format!("data/recordings/{stem}.json"),
        files::recording_file(&row, digest)?.to_bytes(),
    )];
    if let Some(transcript) = transcript(app, &row).await? {
        let view = transcript_view::redact_transcript(&transcript, &rendered.plan);
        let html = files::transcript_html(&row, &view);
        texts.push((format!("data/transcripts/{stem}.html"), html.into_bytes()));
        let captions = transcript_view::to_vtt(&view);
        texts.push((
            format!("data/transcripts/{stem}.vtt"),
            captions.into_bytes(),
        ));
    }
    Ok(PackedCall {
        row,
        redacted: Some(PackedAudio {
            blob: redacted.blob,
            digest,
            size_bytes: redacted.size_bytes,
        }),
        schedule: Some(schedule),
        texts,
    })
}

/// The files that are about all calls together.
async fn common_files(
    app: &App,
    case: &CaseRow,
    frozen: &FrozenRecord,
    rows: &[CallRow],
    packed: &[PackedCall],
) -> Result<Vec<(String, Vec<u8>)>, ApiError> {
    let recordings: Vec<RedactedFile> = packed
        .iter()
        .filter_map(|call| call.schedule.clone())
        .collect();
    let search = files::search_file(&frozen.search).to_bytes();
    let entries = case_entries(app, &case.id).await?;
    let custody = files::custody(rows, &entries, sha256(&search))?;
    let letter = Letter {
        case,
        search: &frozen.search,
        calls: rows,
        schedule: &recordings,
        zone: &zone_of(Some(&frozen.search))?,
        today: today(app),
    };
    let (letter, calls) = (letter.html().into_bytes(), files::calls_file(rows));
    let schedule = RedactionLogFile { v: 1, recordings };
    let named = [
        ("data/calls.json", calls.to_bytes()),
        ("data/redaction/redaction-log.json", schedule.to_bytes()),
        ("data/chain_of_custody.csv", custody),
        (files::SEARCH, search),
        ("data/letter.html", letter),
        ("data/readme.txt", files::README.as_bytes().to_vec()),
    ];
    Ok(named.map(|(path, bytes)| (path.to_owned(), bytes)).into())
}

pub(crate) fn package_key(app: &App) -> PackageKey {
    PackageKey::from_seed(*app.store().secret("package-key").reveal())
}

struct SealedPackage {
    blob: LooseBlob,
    summary: PackageSummary,
    passphrase: Secret<String>,
}

/// A package whose payload is written; manifest, proofs and signature are not.
struct Payload {
    writer: PackageWriter<BlobWriter>,
    passphrase: Secret<String>,
}

/// One file of the package: text in memory, or audio in the vault with the digest on record.
enum Content<'a> {
    Text(&'a [u8]),
    Audio(&'a PackedAudio),
}

fn write_payload(
    vault: &Vault,
    info: PackageInfo,
    calls: &[PackedCall],
    common: &[(String, Vec<u8>)],
    progress: impl Fn(Progress),
) -> Result<Payload, ApiError> {
    let passphrase = package::passphrase(getrandom::fill)
        .map_err(|error| ApiError::internal("Drawing the passphrase", &error))?;
    let case_id = info.case_id.to_string();
    let out = vault.create(&case_id)?;
    let mut writer =
        PackageWriter::new(out, &passphrase, info).map_err(|error| package_error(&error))?;
    let audio = calls.iter().filter_map(|call| call.redacted.as_ref());
    let mut done = Progress {
        bytes: 0,
        bytes_total: audio.map(|file| file.size_bytes).sum(),
    };
    for (path, content) in &contents(calls, common) {
        add(vault, &case_id, &mut writer, path, content)?;
        if let Content::Audio(audio) = content {
            done.bytes += audio.size_bytes;
            progress(done);
        }
    }
    Ok(Payload { writer, passphrase })
}

/// Adds proofs, manifest and signature, then opens the finished package with the recipient's checks.
fn finish(
    vault: &Vault,
    case_id: &str,
    key: &PackageKey,
    payload: Payload,
    proof: Vec<(String, Vec<u8>)>,
) -> Result<SealedPackage, ApiError> {
    let (out, summary) = payload
        .writer
        .finish(key, proof)
        .map_err(|error| package_error(&error))?;
    let blob = out.finish()?;
    require_verified_package(vault, case_id, blob.id(), &payload.passphrase, key)?;
    Ok(SealedPackage {
        blob,
        summary,
        passphrase: payload.passphrase,
    })
}

/// All files by path, so that the order in the package is fixed. // B15
fn contents<'a>(
    calls: &'a [PackedCall],
    common: &'a [(String, Vec<u8>)],
) -> Vec<(String, Content<'a>)> {
    let mut all: Vec<(String, Content<'a>)> = Vec::new();
    let texts = calls.iter().flat_map(|call| &call.texts).chain(common);
    all.extend(texts.map(|(path, bytes)| (path.clone(), Content::Text(bytes.as_slice()))));
    for call in calls {
        if let Some(audio) = &call.redacted {
            let path = format!("data/recordings/{}", files::audio_name(&call.row));
            all.push((path, Content::Audio(audio)));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// Adds a file. Audio whose bytes do not match the digest on record stops the sealing. // S0-57, S0-59
fn add<W: Write>(
    vault: &Vault,
    case_id: &str,
    writer: &mut PackageWriter<W>,
    path: &str,
    content: &Content<'_>,
) -> Result<(), ApiError> {
    match content {
        Content::Text(bytes) => {
            let mut reader: Box<dyn Read> = Box::new(Cursor::new(*bytes));
            writer
                .add(path, &mut reader)
                .map_err(|error| package_error(&error))?;
        }
        Content::Audio(audio) => {
            let expected = audio.digest;
            let mut reader = vault.open(case_id, &audio.blob)?;
            let digest = writer
                .add(path, &mut reader)
                .map_err(|error| package_error(&error))?;
            if digest != expected {
                return Err(ApiError::new(
                    ErrorCode::IntegrityFailure,
                    format!(
                        "`{path}` changed after it was redacted: expected {expected}, found {digest}"
                    ),
                    "Do not deliver it. Return the call to its reviewer to render it again.",
                ));
            }
        }
    }
    Ok(())
}

fn package_error(error: &(dyn std::error::Error + 'static)) -> ApiError {
    ApiError::new(
        ErrorCode::IntegrityFailure,
        format!("The package could not be written: {error}"),
        "Nothing was released. Retry, and report it to support if it stays.",
    )
    .unless_disk_full("Sealing the package", error)
}

/// Opens the finished package with the recipient's own checks.
fn require_verified_package(
    vault: &Vault,
    case_id: &str,
    blob: &BlobId,
    passphrase: &Secret<String>,
    key: &PackageKey,
) -> Result<(), ApiError> {
    let sealed = vault.open(case_id, blob)?;
    let report = verify_package::verify(sealed, passphrase, Some(&key.public()));
    if report.verified() {
        return Ok(());
    }
    let view = report_view(&report);
    let failed: Vec<_> = view
        .checks
        .iter()
        .filter(|check| check.outcome != "passed")
        .map(|check| format!("{}: {}", check.name, check.detail))
        .collect();
    Err(ApiError::new(
        ErrorCode::IntegrityFailure,
        format!(
            "The sealed package failed its checks: {}",
            failed.join("; ")
        ),
        "Nothing was released. Retry, and report it to support if it stays.",
    ))
}

/// The file of each call that a second person approved, by number.
fn approved_files(calls: &[CallRow]) -> Vec<(u32, Option<String>)> {
    let file = |call: &CallRow| {
        let approved = call
            .redacted
            .as_ref()
            .filter(|_| call.review_state == "approved");
        (call.number, approved.map(|file| file.sha256.clone()))
    };
    calls.iter().map(file).collect()
}

/// Records the package. One that is not recorded does not stay in the vault either.
async fn keep(
    app: &App,
    case: &CaseRow,
    packed: &[(u32, Option<String>)],
    sealed: SealedPackage,
    sealed_by: String,
) -> Result<(), ApiError> {
    let name: String = uuid::Uuid::new_v4()
        .simple()
        .to_string()
        .chars()
        .take(10)
        .collect();
    let mut tx = app.store().begin().await?;
    if approved_files(&tx.calls(&case.id).await?) != packed {
        return Err(ApiError::new(
            ErrorCode::WrongStep,
            "A call changed while the package was written; the package was thrown away",
            "Finish the call, then seal again.",
        ));
    }
    let row = PackageRow {
        case_id: case.id.clone(),
        blob: tx.keep(sealed.blob),
        file_name: format!("SAR-{name}.zip"),
        sha256: sealed.summary.package_digest.to_string(),
        size_bytes: sealed.summary.package_bytes,
        manifest_sha256: sealed.summary.manifest_digest.to_string(),
        passphrase: Some(sealed.passphrase),
        sealed_at_utc: app.now(),
        sealed_by,
    };
    let entry = Draft::new(AuditAction::PackageSealed, app.service())
        .case(case)
        .file(sealed.summary.package_digest)
        .detail("manifest", sealed.summary.manifest_digest)
        .detail("signer", &sealed.summary.signer)
        .detail("files", sealed.summary.files.len())
        .detail("bytes", sealed.summary.package_bytes);
    tx.insert_package(&row).await?;
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Package, None);
    Ok(())
}

/// Checks the sealed package of a case again, as the recipient would.
///
/// # Errors
/// When there is no package, or its passphrase was handed over and is no longer kept.
pub async fn verify_package(app: &App, request: CaseRef) -> Result<ReportView, ApiError> {
    let row = app.store().package(&request.case_id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("package of case", &request.case_id))?;
    let Some(passphrase) = row.passphrase else {
        return Err(ApiError::new(
            ErrorCode::NotFound,
            "The passphrase of this package is no longer kept here",
            "Check the delivered file with `sar package verify` and the passphrase.",
        ));
    };
    let key = package_key(app).public();
    let vault = app.store().vault().clone();
    let report = spawn_blocking(move || {
        let sealed = vault.open(&row.case_id, &row.blob)?;
        Ok::<_, store::StoreError>(verify_package::verify(sealed, &passphrase, Some(&key)))
    })
    .await
    .map_err(|error| ApiError::internal("Checking the package", &error))?
    .map_err(|error| integrity("The package", &error))?;
    Ok(report_view(&report))
}
