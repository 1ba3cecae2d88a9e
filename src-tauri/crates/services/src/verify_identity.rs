//! Records identity checks. Search is blocked until enough passed. // S0-01

use domain::{
    audit::AuditAction,
    case::CaseStep,
    ids::ActorId,
    verification::{CheckMethod, IdentityCheck, RiskTier, Verification},
};
use store::rows::{CaseRow, IdentityCheckRow};

use crate::{
    api::{ApiError, CasePart, Done, IdentityCheckReq},
    app::App,
    errors::require_step,
    get_case::load_case,
    open_case::human,
    record::{self, Draft},
};

/// Records one check and moves the case on once enough different checks passed.
///
/// # Errors
/// When the case is past its identity checks, the method is unknown, or nobody is signed in.
pub async fn record_identity_check(app: &App, request: IdentityCheckReq) -> Result<Done, ApiError> {
    let worker = app.deciding_person()?;
    let method = CheckMethod::from_name(&request.method)
        .ok_or_else(|| ApiError::invalid("Check", "this way of checking is unknown"))?;
    let mut case = load_case(app, &request.case_id).await?;
    require_step(
        &case,
        &[CaseStep::New, CaseStep::Identity, CaseStep::Search],
    )?;

    let check = IdentityCheckRow {
        case_id: case.id.clone(),
        method: method.name().to_owned(),
        passed: request.passed,
        checked_by: worker.to_string(),
        checked_at_utc: app.now(),
    };
    let mut tx = app.store().begin().await?;
    tx.insert_identity_check(&check).await?;
    let verified = verification(&case, &tx.identity_checks(&case.id).await?)?.is_verified();
    let step = if verified {
        CaseStep::Search
    } else {
        CaseStep::Identity
    };
    if case.step != step.name() {
        step.name().clone_into(&mut case.step);
        tx.update_case_step(&case.id, step.name()).await?;
    }
    let entry = Draft::new(AuditAction::IdentityChecked, human(&worker))
        .case(&case)
        .detail("method", method.name())
        .detail("passed", request.passed)
        .detail("verified", verified);
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Case, None);
    Ok(Done {})
}

/// The checks of a case as the rule sees them.
pub(crate) fn verification(
    case: &CaseRow,
    rows: &[IdentityCheckRow],
) -> Result<Verification, ApiError> {
    let tier = RiskTier::from_name(&case.risk_tier).unwrap_or(RiskTier::High);
    let checks = rows.iter().map(check).collect::<Result<Vec<_>, _>>()?;
    Ok(Verification { tier, checks })
}

fn check(row: &IdentityCheckRow) -> Result<IdentityCheck, ApiError> {
    let broken = |what: &str| ApiError::invalid(what, "the stored check is not readable");
    Ok(IdentityCheck {
        method: CheckMethod::from_name(&row.method).ok_or_else(|| broken("Check"))?,
        passed: row.passed,
        checked_by: ActorId::new(row.checked_by.clone()).map_err(|_| broken("Checked by"))?,
        checked_at_utc: row.checked_at_utc,
    })
}

/// Stops whatever needs a verified requestor. Every path past `Identity` calls this. // S0-01
pub(crate) async fn require_verified(app: &App, case: &CaseRow) -> Result<(), ApiError> {
    let checks = app.store().identity_checks(&case.id).await?;
    if verification(case, &checks)?.is_verified() {
        return Ok(());
    }
    Err(domain::case::StepError::NotVerified.into())
}
