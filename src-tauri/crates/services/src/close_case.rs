//! Ends a case that nothing is handed over for: carried out at the source, refused, withdrawn, or asked by
//! somebody who could not be identified. // S3-33, R-06

use domain::{
    audit::AuditAction, case::CaseStep, closing::ClosingOutcome, law::Law,
    request_type::RequestType, sensitive::PersonalData,
};
use evidence::hashing::sha256;
use store::{
    ClosingRow,
    rows::{CaseRow, JobRow},
};

use crate::{
    api::{ApiError, CaseDetail, CasePart, CaseRef, CloseCaseReq, ClosingView, ErrorCode},
    app::App,
    deliver::turnaround_days,
    get_case::get_case,
    legal_hold, locked,
    open_case::{human, required},
    record::{self, Draft},
};

/// Closes a case without a package. The statement is kept with the case; the log has its digest.
///
/// # Errors
/// When the case may not end so from where it is, work on it still runs, the statement is empty, or nobody is
/// signed in.
pub async fn close_case(app: &App, request: CloseCaseReq) -> Result<CaseDetail, ApiError> {
    let worker = app.deciding_person()?;
    let outcome = outcome(&request.outcome)?;
    let statement = required("Statement", &request.statement)?;
    let jobs = app.store().jobs(&request.case_id).await?;
    let mut tx = app.store().begin().await?;
    let mut case = locked::case(&mut tx, &request.case_id).await?;
    check_open(&case, outcome)?;
    check_idle(&case, &jobs)?;
    let closing = ClosingRow {
        case_id: case.id.clone(),
        outcome: outcome.name().to_owned(),
        statement: PersonalData::new(statement),
        by: worker.to_string(),
        at_utc: app.now(),
    };
    tx.insert_closing(&closing).await?;
    tx.forget_passphrase(&case.id).await?;
    CaseStep::Closed.name().clone_into(&mut case.step);
    tx.update_case_step(&case.id, &case.step).await?;
    let entry = Draft::new(AuditAction::CaseClosed, human(&worker))
        .case(&case)
        .detail("outcome", outcome.name())
        .detail("statementDigest", sha256(closing.statement.reveal()));
    let days = turnaround_days(&case.received_on, closing.at_utc);
    let entry = days
        .into_iter()
        .fold(entry, |entry, days| entry.detail("turnaroundDays", days));
    record::append(app, &mut tx, entry).await?;
    legal_hold::intend_release(app, &mut tx, &case, human(&worker)).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Case, None);
    get_case(app, CaseRef { case_id: case.id }).await
}

/// The type of request of a case. A name this version does not know counts as access, which does the most.
pub(crate) fn request_type(case: &CaseRow) -> RequestType {
    RequestType::from_name(&case.request_type).unwrap_or(RequestType::Access)
}

/// The provision a request rests on, as a letter quotes it.
pub(crate) fn provision(case: &CaseRow) -> &'static str {
    let law = Law::from_name(&case.law).unwrap_or(Law::EuGdpr);
    request_type(case).provision(law)
}

/// Refuses to make copies for a request that none answers.
///
/// # Errors
/// When the case is about rectification or erasure.
pub(crate) fn require_copy(case: &CaseRow) -> Result<(), ApiError> {
    if request_type(case).is_answered_by_copy() {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::WrongStep,
        format!(
            "Case `{}` is a request for {}: no copies are made for it",
            case.id, case.request_type
        ),
        "Do what is asked in the recording system, for the calls on the frozen list; then close the case and say what was done.",
    ))
}

/// The ways in which a case may end without a package, as things stand.
pub(crate) fn outcomes(case: &CaseRow) -> Vec<String> {
    let Some(step) = CaseStep::from_name(&case.step) else {
        return Vec::new();
    };
    let all = ClosingOutcome::ALL.into_iter();
    all.filter(|outcome| outcome.is_open_to(request_type(case), step))
        .map(|outcome| outcome.name().to_owned())
        .collect()
}

/// How the case ended, if nothing was handed over.
pub(crate) async fn closing(app: &App, case_id: &str) -> Result<Option<ClosingRow>, ApiError> {
    Ok(app.store().closing(case_id).await?)
}

pub(crate) fn view(row: ClosingRow) -> ClosingView {
    ClosingView {
        outcome: row.outcome,
        statement: row.statement.into_inner(),
        by: row.by,
        at_utc: row.at_utc.to_string(),
    }
}

fn outcome(name: &str) -> Result<ClosingOutcome, ApiError> {
    ClosingOutcome::from_name(name).ok_or_else(|| {
        let names = ClosingOutcome::ALL.map(ClosingOutcome::name).join(", ");
        ApiError::invalid("Outcome", format!("it is one of {names}"))
    })
}

fn check_open(case: &CaseRow, outcome: ClosingOutcome) -> Result<(), ApiError> {
    let open = outcomes(case);
    if open.iter().any(|name| name == outcome.name()) {
        return Ok(());
    }
    let instead = match open.as_slice() {
        [] => "it has ended already".to_owned(),
        open => format!("as it stands it may end as {}", open.join(", ")),
    };
    Err(ApiError::new(
        ErrorCode::WrongStep,
        format!(
            "Case `{}`, a request for {} in the step `{}`, cannot end as `{}`: {instead}",
            case.id,
            case.request_type,
            case.step,
            outcome.name()
        ),
        "Choose an outcome that fits, or take the case further first.",
    ))
}

/// Nothing may still be fetched or sealed for a case that has ended.
fn check_idle(case: &CaseRow, jobs: &[JobRow]) -> Result<(), ApiError> {
    let at_work = |job: &&JobRow| matches!(job.state.as_str(), "waiting" | "running");
    let running = jobs.iter().filter(at_work);
    match running.filter(|job| job.kind != legal_hold::JOB).count() {
        0 => Ok(()),
        _ => Err(ApiError::new(
            ErrorCode::WrongStep,
            format!("Work on case `{}` still runs", case.id),
            "Stop it or wait until it has ended, then close the case.",
        )),
    }
}
