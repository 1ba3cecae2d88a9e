//! One case, masked, with its clock, its counts and what happened.

use domain::{audit::AuditAction, case::CaseStep, law::Deadline, verification::RiskTier};
use jiff::{Timestamp, civil::Date};
use store::rows::{CaseRow, IdentityCheckRow};

use crate::{
    advance,
    api::{
        ActivityView, ApiError, CaseDetail, CaseRef, IdentityCheckView, MaskedIdentifier,
        RequestorView,
    },
    app::App,
    audit, close_case,
    deliver::turnaround_days,
    legal_hold,
    open_case::{RequestorRecord, deadline_view, human},
    record::{self, Draft},
    residual,
    verify_identity::verification,
};

/// Entries of the activity list.
const ACTIVITY: u32 = 50;

/// How many last characters of an identifier are shown.
const SHOWN: usize = 4;

/// Reads a case.
pub(crate) async fn load_case(app: &App, id: &str) -> Result<CaseRow, ApiError> {
    app.store()
        .case(id)
        .await?
        .ok_or_else(|| ApiError::not_found("case", id))
}

/// Everything the case screens show; names and numbers stay masked.
///
/// # Errors
/// When there is no such case.
pub async fn get_case(app: &App, request: CaseRef) -> Result<CaseDetail, ApiError> {
    let case = load_case(app, &request.case_id).await?;
    let checks = app.store().identity_checks(&case.id).await?;
    let verification = verification(&case, &checks)?;
    let requestor = RequestorRecord::of(&case)?;
    let calls = app.store().calls(&case.id).await?;
    let mut counts = advance::count(&calls);
    // Calls left out of the frozen list were found too. // B14
    let withheld = app
        .store()
        .frozen(&case.id)
        .await?
        .map_or(0, |it| it.excluded);
    counts.found += withheld;
    counts.withheld += withheld;
    let answered_at = answered_at(app, &case.id).await?;
    let closing = close_case::closing(app, &case.id).await?;
    let activity = activity(app, &case).await?;
    let legal_hold = legal_hold::view(app, &case).await?;
    Ok(CaseDetail {
        initials: case.initials.clone(),
        law: case.law.clone(),
        deadline: deadline_view(app, &deadline(&case)?),
        received_on: case.received_on.clone(),
        received_by: case.received_by.clone(),
        owner: case.owner.clone(),
        has_representative: requestor.representative.is_some(),
        identifiers: identifiers(&requestor),
        risk_tier: case.risk_tier.clone(),
        checks_needed: advance::as_u32(tier(&case).checks_needed()),
        checks: checks.iter().map(check_view).collect(),
        risk: residual::of_case(&calls),
        verified: verification.is_verified(),
        turnaround_days: answered_at
            .or(closing.as_ref().map(|it| it.at_utc))
            .and_then(|at| turnaround_days(&case.received_on, at)),
        provision: close_case::provision(&case).to_owned(),
        may_close_as: close_case::outcomes(&case),
        closing: closing.map(close_case::view),
        legal_hold,
        next_action: next_action(&case).to_owned(),
        request_type: case.request_type,
        step: case.step,
        case_id: case.id,
        counts,
        activity,
    })
}

/// The requestor in the clear. Asking for it is on record, the content is not.
///
/// # Errors
/// When there is no such case or nobody is signed in.
pub async fn reveal_requestor(app: &App, request: CaseRef) -> Result<RequestorView, ApiError> {
    let worker = app.deciding_person()?;
    let case = load_case(app, &request.case_id).await?;
    let requestor = RequestorRecord::of(&case)?;
    let mut tx = app.store().begin().await?;
    let entry = Draft::new(AuditAction::TextRevealed, human(&worker))
        .case(&case)
        .detail("what", "requestor");
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    Ok(RequestorView {
        name: requestor.name,
        phones: requestor.phones,
        emails: requestor.emails,
        customer_ids: requestor.customer_ids,
        representative: requestor.representative.map(|it| it.name),
        note: requestor.note,
    })
}

fn tier(case: &CaseRow) -> RiskTier {
    RiskTier::from_name(&case.risk_tier).unwrap_or(RiskTier::High)
}

/// The clock as it was computed when the case was opened.
pub(crate) fn deadline(case: &CaseRow) -> Result<Deadline, ApiError> {
    let date = |text: &str| {
        text.parse::<Date>()
            .map_err(|error| ApiError::internal("Reading the due date", &error))
    };
    Ok(Deadline {
        legal: date(&case.due_on)?,
        internal: date(&case.internal_due_on)?,
        rule: case.due_rule.clone(),
    })
}

/// When the answer went out, if one did.
async fn answered_at(app: &App, case_id: &str) -> Result<Option<Timestamp>, ApiError> {
    let delivery = app.store().delivery(case_id).await?;
    Ok(delivery.map(|it| it.delivered_at_utc))
}

fn next_action(case: &CaseRow) -> &'static str {
    let step = CaseStep::from_name(&case.step);
    match step {
        Some(step) if is_for_the_source(case, step) => "close",
        Some(CaseStep::New | CaseStep::Identity) | None => "identity",
        Some(CaseStep::Search) => "search",
        Some(CaseStep::Retrieve) => "calls",
        Some(CaseStep::Review | CaseStep::SecondReview) => "review",
        Some(CaseStep::Deliver) => "package",
        Some(CaseStep::Closed) => "closed",
    }
}

/// Where the answer is not a copy, the frozen list is what somebody works from at the source. // S3-33
fn is_for_the_source(case: &CaseRow, step: CaseStep) -> bool {
    let is_frozen = step > CaseStep::Search && step < CaseStep::Closed;
    is_frozen && !close_case::request_type(case).is_answered_by_copy()
}

fn check_view(row: &IdentityCheckRow) -> IdentityCheckView {
    IdentityCheckView {
        method: row.method.clone(),
        passed: row.passed,
        checked_by: row.checked_by.clone(),
        checked_at_utc: row.checked_at_utc.to_string(),
    }
}

fn identifiers(requestor: &RequestorRecord) -> Vec<MaskedIdentifier> {
    let masked = |kind: &str, texts: &[String]| {
        texts
            .iter()
            .map(|text| MaskedIdentifier {
                kind: kind.to_owned(),
                masked: mask(text),
            })
            .collect::<Vec<_>>()
    };
    let mut all = masked("phone", &requestor.phones);
    all.extend(masked("email", &requestor.emails));
    all.extend(masked("customer_id", &requestor.customer_ids));
    all
}

/// The last characters of an identifier; short ones are hidden completely.
fn mask(text: &str) -> String {
    let count = text.chars().count();
    if count <= SHOWN + 2 {
        return "······".to_owned();
    }
    let tail: String = text.chars().skip(count - SHOWN).collect();
    format!("···{tail}")
}

async fn activity(app: &App, case: &CaseRow) -> Result<Vec<ActivityView>, ApiError> {
    let entries = audit::entries_of_case(app, &case.id, ACTIVITY).await?;
    Ok(entries
        .into_iter()
        .map(|entry| ActivityView {
            at_utc: entry.at_utc,
            actor: entry.actor,
            action: entry.action,
            call: entry.call,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_show_their_last_characters_only() {
        assert_eq!(mask("+447700900123"), "···0123");
        assert_eq!(mask("123456"), "······");
    }
}
