//! The case list: what is due, what is mine.

use domain::case::CaseStep;
use jiff::{ToSpan, civil::Date};
use store::rows::{CaseFilter, CaseRow};

use crate::{
    api::{ApiError, CaseList, CaseSummary, CaseViewName, ListCasesReq},
    app::App,
    open_case::{days_left, today},
};

/// Largest page of cases.
const MAX_PAGE: u32 = 200;

/// Cases due within this many days are "due soon".
const SOON_DAYS: i32 = 7;

/// Lists cases, earliest due date first. Filtering is done by the database.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_cases(app: &App, request: ListCasesReq) -> Result<CaseList, ApiError> {
    let mut filter = CaseFilter {
        text: request.text.trim().to_owned(),
        limit: request.limit.clamp(1, MAX_PAGE),
        offset: request.offset,
        ..CaseFilter::default()
    };
    narrow(app, request.view, &mut filter);
    let (rows, total) = app.store().cases(&filter).await?;
    let cases = rows.iter().map(|row| summary(app, row)).collect();
    Ok(CaseList { cases, total })
}

fn narrow(app: &App, view: CaseViewName, filter: &mut CaseFilter) {
    let closed = CaseStep::Closed.name().to_owned();
    match view {
        CaseViewName::Closed => filter.step = Some(closed),
        CaseViewName::ToApprove => filter.step = Some(CaseStep::SecondReview.name().to_owned()),
        CaseViewName::Open => filter.except_step = Some(closed),
        CaseViewName::Mine => {
            filter.except_step = Some(closed);
            filter.owner = app.person().map(|person| person.id);
        }
        CaseViewName::DueSoon => {
            filter.except_step = Some(closed);
            filter.due_until = Some(today(app).saturating_add(SOON_DAYS.days()).to_string());
        }
    }
}

fn summary(app: &App, row: &CaseRow) -> CaseSummary {
    CaseSummary {
        case_id: row.id.clone(),
        initials: row.initials.clone(),
        law: row.law.clone(),
        request_type: row.request_type.clone(),
        step: row.step.clone(),
        due_on: row.internal_due_on.clone(),
        days_left: row
            .internal_due_on
            .parse::<Date>()
            .map_or(0, |due| days_left(app, due)),
        calls: row.calls_total,
        owner: row.owner.clone(),
    }
}
