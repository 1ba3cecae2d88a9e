//! Hands the package over and closes the case. // S0-54, S0-59, S0-68

use std::io;

use domain::{
    audit::AuditAction,
    case::CaseStep,
    delivery::{PassphraseChannel, expiry},
    digest::Sha256Digest,
};
use evidence::hashing::HashingWriter;
use jiff::{Timestamp, tz::TimeZone};
use store::rows::{CaseRow, DeliveryRow, PackageRow};
use tokio::task::spawn_blocking;

use crate::{
    advance::count,
    api::{
        ApiError, CasePart, CaseRef, DeliverReq, DeliveryView, Empty, ErrorCode, PackageList,
        PackageRowView, PackageView, PassphraseView,
    },
    app::App,
    audit::case_entries,
    errors::{integrity, require_step},
    get_case::load_case,
    jobs, legal_hold,
    letter::days_since,
    open_case::human,
    record::{self, Draft},
    verify_identity::require_verified,
};

/// Hands the sealed package over into the delivery folder, records the offer of 24 hours, forgets the
/// passphrase, and closes the case.
///
/// The package is hashed again on the way out; a file that changed since sealing is refused.
///
/// # Errors
/// When nothing is sealed, the digest does not match, or the folder cannot be written.
pub async fn deliver_package(app: &App, request: DeliverReq) -> Result<DeliveryView, ApiError> {
    let worker = app.deciding_person()?;
    let channel = PassphraseChannel::from_name(&request.passphrase_by)
        .ok_or_else(|| ApiError::invalid("Passphrase by", "choose a way other than the file's"))?;
    let case = load_case(app, &request.case_id).await?;
    require_verified(app, &case).await?;
    require_step(&case, &[CaseStep::Deliver])?;
    let package = app.store().package(&case.id).await?;
    let package = package.ok_or_else(|| {
        ApiError::new(
            ErrorCode::WrongStep,
            "There is no sealed package",
            "Seal it first.",
        )
    })?;

    let mut tx = app.store().begin().await?;
    let entry = Draft::new(AuditAction::DeliverIntent, human(&worker))
        .case(&case)
        .file(parse(&package.sha256)?);
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;

    let location = app.delivery_dir().join(&package.file_name);
    if let Err(error) = write_out(app, &package, &location).await {
        refuse(app, &case, &error).await?;
        return Err(error);
    }
    let now = app.now();
    let delivery = DeliveryRow {
        case_id: case.id.clone(),
        channel: "file".to_owned(),
        target: location.display().to_string(),
        passphrase_by: channel.name().to_owned(),
        package_sha256: package.sha256.clone(),
        delivered_at_utc: now,
        expires_at_utc: expiry(now),
    };
    keep(app, case, &delivery, &worker).await?;
    Ok(view(&delivery))
}

/// Copies the package out of the vault and compares its digest with the one on record. // S0-59
async fn write_out(
    app: &App,
    package: &PackageRow,
    location: &std::path::Path,
) -> Result<(), ApiError> {
    let expected = parse(&package.sha256)?;
    let vault = app.store().vault().clone();
    let (case_id, blob) = (package.case_id.clone(), package.blob.clone());
    let location = location.to_owned();
    let written = spawn_blocking(move || {
        let mut sealed = vault.open(&case_id, &blob)?;
        // Hashed before a single byte leaves: a package that changed is never handed over.
        let mut hash = HashingWriter::new(io::sink());
        io::copy(&mut sealed, &mut hash)?;
        let (_, digest, _) = hash.finish();
        if digest == expected {
            let mut sealed = vault.open(&case_id, &blob)?;
            store::output::write_file(&location, |out| io::copy(&mut sealed, out).map(|_| ()))?;
        }
        Ok::<_, store::StoreError>(digest)
    })
    .await
    .map_err(|error| ApiError::internal("Handing the package over", &error))?;
    let digest = written?;
    if digest == expected {
        return Ok(());
    }
    Err(integrity(
        "The sealed package",
        &Changed { expected, digest },
    ))
}

#[derive(Debug, thiserror::Error)]
#[error("it changed after sealing: expected {expected}, found {digest}")]
struct Changed {
    expected: Sha256Digest,
    digest: Sha256Digest,
}

fn parse(digest: &str) -> Result<Sha256Digest, ApiError> {
    Sha256Digest::parse(digest).map_err(|error| integrity("The digest of the package", &error))
}

async fn refuse(app: &App, case: &CaseRow, error: &ApiError) -> Result<(), ApiError> {
    let code = format!("{:?}", error.code);
    let entry = Draft::new(AuditAction::DeliveryRefused, app.service())
        .case(case)
        .detail("code", code);
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, entry).await?;
    Ok(tx.commit().await?)
}

/// One entry a recording, one for the package, one for the closed case; all or none. // S0-68
async fn keep(
    app: &App,
    mut case: CaseRow,
    delivery: &DeliveryRow,
    worker: &domain::ids::ActorId,
) -> Result<(), ApiError> {
    let (at_utc, expires) = (delivery.delivered_at_utc, delivery.expires_at_utc);
    let entries = case_entries(app, &case.id).await?;
    let withheld = app
        .store()
        .frozen(&case.id)
        .await?
        .map_or(0, |it| it.excluded);
    let mut tx = app.store().begin().await?;
    let calls = tx.calls(&case.id).await?;
    for call in &calls {
        let Some(redacted) = &call.redacted else {
            continue;
        };
        let job = entries
            .redaction_job(call.number)
            .ok_or_else(|| ApiError::not_found("redaction of call", call.number))?;
        let entry = Draft::new(AuditAction::RecordingDelivered, human(worker))
            .case(&case)
            .call(call)
            .job(job)
            .file(parse(&redacted.sha256)?)
            .offered(at_utc, expires);
        record::append(app, &mut tx, entry).await?;
    }
    tx.insert_delivery(delivery).await?;
    tx.forget_passphrase(&case.id).await?;
    let counts = count(&calls);
    let entry = Draft::new(AuditAction::PackageDelivered, human(worker))
        .case(&case)
        .file(parse(&delivery.package_sha256)?)
        .offered(at_utc, expires)
        .detail("passphraseBy", &delivery.passphrase_by)
        .detail("found", counts.found + withheld)
        .detail("withheld", counts.withheld + withheld)
        .detail("retrieved", counts.retrieved);
    record::append(app, &mut tx, entry).await?;
    CaseStep::Closed.name().clone_into(&mut case.step);
    tx.update_case_step(&case.id, &case.step).await?;
    let mut closed = Draft::new(AuditAction::CaseClosed, human(worker)).case(&case);
    if let Some(days) = turnaround_days(&case.received_on, at_utc) {
        closed = closed.detail("turnaroundDays", days);
    }
    record::append(app, &mut tx, closed).await?;
    legal_hold::intend_release(app, &mut tx, &case, human(worker)).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Package, None);
    app.emit_case(&case.id, CasePart::Case, None);
    Ok(())
}

/// Days from the receipt of a request until its answer went out. // S0-03
pub(crate) fn turnaround_days(received_on: &str, closed_at_utc: Timestamp) -> Option<u32> {
    let closed = closed_at_utc.to_zoned(TimeZone::UTC).date();
    days_since(received_on, closed).and_then(|days| u32::try_from(days).ok())
}

fn view(row: &DeliveryRow) -> DeliveryView {
    DeliveryView {
        location: row.target.clone(),
        passphrase_by: row.passphrase_by.clone(),
        delivered_at_utc: row.delivered_at_utc.to_string(),
        expires_at_utc: row.expires_at_utc.to_string(),
        sha256: row.package_sha256.clone(),
    }
}

/// The package of a case and its delivery.
///
/// # Errors
/// When the database cannot be read.
pub async fn get_package(app: &App, request: CaseRef) -> Result<PackageView, ApiError> {
    let package = app.store().package(&request.case_id).await?;
    let delivery = app.store().delivery(&request.case_id).await?;
    let job = jobs::latest_of_kind(app, &request.case_id, "seal").await?;
    let job_state = job.as_ref().map(|job| job.state.as_str());
    let state = match (&package, &delivery, job_state) {
        (Some(_), Some(_), _) => "delivered",
        (Some(_), None, _) => "sealed",
        (None, _, Some("waiting" | "running")) => "sealing",
        (None, _, Some("failed")) => "failed",
        (None, _, _) => "none",
    };
    let failure = (state == "failed")
        .then(|| job.and_then(|job| job.message))
        .flatten();
    Ok(PackageView {
        state: state.to_owned(),
        failure,
        file_name: package.as_ref().map(|it| it.file_name.clone()),
        sha256: package.as_ref().map(|it| it.sha256.clone()),
        size_bytes: package.as_ref().map(|it| it.size_bytes),
        sealed_at_utc: package.as_ref().map(|it| it.sealed_at_utc.to_string()),
        passphrase_available: package.as_ref().is_some_and(|it| it.passphrase.is_some()),
        delivery: delivery.as_ref().map(view),
    })
}

/// Packages of all cases, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_packages(app: &App, _request: Empty) -> Result<PackageList, ApiError> {
    let mut packages = Vec::new();
    for case_id in app.store().cases_with_package().await? {
        let package = get_package(
            app,
            CaseRef {
                case_id: case_id.clone(),
            },
        )
        .await?;
        packages.push(PackageRowView { case_id, package });
    }
    Ok(PackageList { packages })
}

/// Shows the passphrase of a sealed package. Asking for it is on record, the words are not.
///
/// # Errors
/// When nothing is sealed, or the passphrase is no longer kept.
pub async fn reveal_passphrase(app: &App, request: CaseRef) -> Result<PassphraseView, ApiError> {
    let worker = app.deciding_person()?;
    let case = load_case(app, &request.case_id).await?;
    let package = app.store().package(&case.id).await?;
    let passphrase = package.and_then(|row| row.passphrase).ok_or_else(|| {
        ApiError::new(
            ErrorCode::NotFound,
            "There is no passphrase to show",
            "Seal a package first; its passphrase is shown before it is delivered.",
        )
    })?;
    let entry = Draft::new(AuditAction::TextRevealed, human(&worker))
        .case(&case)
        .detail("what", "passphrase");
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    Ok(PassphraseView {
        passphrase: passphrase.into_inner(),
    })
}
