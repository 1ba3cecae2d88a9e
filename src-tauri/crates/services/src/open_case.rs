//! Opens a case and starts the legal clock.

use domain::{
    audit::AuditAction,
    case::CaseStep,
    law::{self, Deadline, Law},
    request_type::RequestType,
    sensitive::PersonalData,
    verification::RiskTier,
};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use store::rows::CaseRow;

use crate::{
    api::{ApiError, CaseDetail, CasePart, CaseRef, DeadlineView, OpenCaseReq, PreviewDeadlineReq},
    app::App,
    get_case::get_case,
    phone,
    record::{self, Draft},
};

/// Longest free text accepted on a form, in characters.
const MAX_TEXT: usize = 2_000;

/// Most identifiers of one kind; a search asks for each.
const MAX_IDENTIFIERS: usize = 20;

/// How a request can arrive.
const CHANNELS: [&str; 5] = ["email", "letter", "phone", "form", "in_person"];

/// The requestor as kept in the encrypted database.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RequestorRecord {
    pub(crate) name: String,
    pub(crate) phones: Vec<String>,
    pub(crate) emails: Vec<String>,
    pub(crate) customer_ids: Vec<String>,
    pub(crate) representative: Option<RepresentativeRecord>,
    pub(crate) note: String,
}

/// Somebody acting for the data subject, as kept in the encrypted database.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RepresentativeRecord {
    pub(crate) name: String,
    pub(crate) authority: String,
}

impl RequestorRecord {
    /// Reads the record of a case.
    pub(crate) fn of(case: &CaseRow) -> Result<Self, ApiError> {
        serde_json::from_str(case.requestor_json.reveal())
            .map_err(|error| ApiError::internal("Reading the requestor of the case", &error))
    }
}

/// The due date of a request, before a case is opened.
///
/// # Errors
/// When the law or the date is unknown.
pub async fn preview_deadline(
    app: &App,
    request: PreviewDeadlineReq,
) -> Result<DeadlineView, ApiError> {
    let law = parse_law(&request.law)?;
    let received = parse_date(&request.received_on)?;
    Ok(deadline_view(app, &law::deadline(law, received, &[])))
}

/// Opens a case: writes it and its first entry, and returns it.
///
/// # Errors
/// When a field is missing or wrong, or nobody is signed in.
pub async fn open_case(app: &App, request: OpenCaseReq) -> Result<CaseDetail, ApiError> {
    let worker = app.deciding_person()?;
    let law = parse_law(&request.law)?;
    let received = parse_received(app, &request.received_on)?;
    let tier = RiskTier::from_name(&request.risk_tier)
        .ok_or_else(|| ApiError::invalid("Risk", "it is `low`, `normal` or `high`"))?;
    if !CHANNELS.contains(&request.received_by.as_str()) {
        return Err(ApiError::invalid(
            "Received by",
            format!("it is one of {CHANNELS:?}"),
        ));
    }
    let kind = parse_request_type(&request.request_type)?;
    let requestor = requestor(&request)?;
    let deadline = law::deadline(law, received, &[]);

    let mut tx = app.store().begin().await?;
    let number = tx.next_case_number(received_year(app)).await?;
    let row = CaseRow {
        id: format!("SAR-{}-{number:06}", received_year(app)),
        correlation_id: uuid::Uuid::new_v4().to_string(),
        law: law.name().to_owned(),
        received_on: received.to_string(),
        received_by: request.received_by,
        step: CaseStep::Identity.name().to_owned(),
        owner: worker.to_string(),
        initials: PersonalData::new(requestor.name.clone()).initials(),
        requestor_json: PersonalData::new(to_json(&requestor)?),
        risk_tier: tier.name().to_owned(),
        created_at_utc: app.now(),
        due_on: deadline.legal.to_string(),
        internal_due_on: deadline.internal.to_string(),
        due_rule: deadline.rule,
        calls_total: 0,
        note: String::new(),
        legal_hold: request.legal_hold,
        request_type: kind.name().to_owned(),
    };
    tx.insert_case(&row).await?;
    let entry = Draft::new(AuditAction::CaseOpened, human(&worker))
        .case(&row)
        .detail("requestType", kind.name())
        .detail("law", law.name())
        .detail("receivedOn", received)
        .detail("dueOn", &row.due_on)
        .detail("legalHold", row.legal_hold);
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&row.id, CasePart::Case, None);
    get_case(app, CaseRef { case_id: row.id }).await
}

pub(crate) fn human(id: &domain::ids::ActorId) -> domain::requestor::Actor {
    domain::requestor::Actor::Human(id.clone())
}

fn requestor(request: &OpenCaseReq) -> Result<RequestorRecord, ApiError> {
    let name = required("Name", &request.name)?;
    let phones = request
        .phones
        .iter()
        .filter(|phone| !phone.trim().is_empty())
        .map(|phone| phone::to_e164(phone, &request.phone_region))
        .collect::<Result<Vec<_>, _>>()?;
    let customer_ids = texts("Customer number", &request.customer_ids)?;
    if phones.is_empty() && customer_ids.is_empty() {
        return Err(ApiError::invalid(
            "Phone",
            "give at least one phone number or customer number, or no call can be found",
        ));
    }
    let representative = request
        .representative
        .as_ref()
        .map(|it| {
            Ok::<_, ApiError>(RepresentativeRecord {
                name: required("Representative", &it.name)?,
                authority: required("Authority", &it.authority)?,
            })
        })
        .transpose()?;
    Ok(RequestorRecord {
        name,
        phones: limited("Phone", phones)?,
        emails: texts("Email", &request.emails)?,
        customer_ids,
        representative,
        note: request.note.chars().take(MAX_TEXT).collect(),
    })
}

pub(crate) fn required(field: &str, text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ApiError::invalid(field, "it is empty"));
    }
    if text.chars().count() > MAX_TEXT {
        return Err(ApiError::invalid(
            field,
            format!("it is longer than {MAX_TEXT} characters"),
        ));
    }
    Ok(text.to_owned())
}

fn texts(field: &str, texts: &[String]) -> Result<Vec<String>, ApiError> {
    let filled = texts.iter().filter(|text| !text.trim().is_empty());
    let texts = filled
        .map(|text| required(field, text))
        .collect::<Result<Vec<_>, _>>()?;
    limited(field, texts)
}

fn limited(field: &str, texts: Vec<String>) -> Result<Vec<String>, ApiError> {
    if texts.len() > MAX_IDENTIFIERS {
        return Err(ApiError::invalid(
            field,
            format!("give at most {MAX_IDENTIFIERS}"),
        ));
    }
    Ok(texts)
}

pub(crate) fn parse_law(name: &str) -> Result<Law, ApiError> {
    Law::from_name(name)
        .ok_or_else(|| ApiError::invalid("Law", "it is `eu_gdpr`, `uk_gdpr` or `ccpa`"))
}

/// What is asked for; without a word it is a copy.
fn parse_request_type(name: &str) -> Result<RequestType, ApiError> {
    let names = || RequestType::ALL.map(RequestType::name).join(", ");
    match name {
        "" => Ok(RequestType::Access),
        name => RequestType::from_name(name)
            .ok_or_else(|| ApiError::invalid("Request type", format!("it is one of {}", names()))),
    }
}

fn parse_date(text: &str) -> Result<Date, ApiError> {
    text.parse()
        .map_err(|_| ApiError::invalid("Received", "write the date as `2026-03-30`"))
}

/// A request is not received in the future, nor longer ago than a register is kept.
fn parse_received(app: &App, text: &str) -> Result<Date, ApiError> {
    let received = parse_date(text)?;
    let today = today(app);
    if received > today.saturating_add(1.day()) {
        return Err(ApiError::invalid("Received", "the date is in the future"));
    }
    if received < today.saturating_sub(5.years()) {
        return Err(ApiError::invalid(
            "Received",
            "the date is more than five years ago",
        ));
    }
    Ok(received)
}

/// Today, as the UTC calendar has it; deadlines are shown in days and a day's difference warns early.
pub(crate) fn today(app: &App) -> Date {
    app.now().to_zoned(TimeZone::UTC).date()
}

fn received_year(app: &App) -> i16 {
    today(app).year()
}

pub(crate) fn deadline_view(app: &App, deadline: &Deadline) -> DeadlineView {
    DeadlineView {
        legal: deadline.legal.to_string(),
        internal: deadline.internal.to_string(),
        rule: deadline.rule.clone(),
        days_left: days_left(app, deadline.internal),
    }
}

/// Whole days from today until `due`, negative when late.
pub(crate) fn days_left(app: &App, due: Date) -> i32 {
    today(app).until(due).map_or(0, |span| span.get_days())
}

pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| ApiError::internal("Writing a record", &error))
}
