//! Cases: list, open, detail, identity.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::CaseRiskView;

/// Which cases to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CaseViewName {
    /// Cases of the person at the desk.
    Mine,
    /// Due within seven days or late.
    DueSoon,
    /// Waiting for a second person.
    ToApprove,
    /// Everything that is not closed.
    Open,
    /// Closed ones.
    Closed,
}

/// Asks for a page of cases, ordered by due date.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListCasesReq {
    /// Which ones.
    pub view: CaseViewName,
    /// Part of a case number, the initials or the owner; empty for all.
    pub text: String,
    /// How many to skip.
    pub offset: u32,
    /// At most this many, 1 to 200.
    pub limit: u32,
}

/// A page of cases.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CaseList {
    /// The cases, earliest due date first.
    pub cases: Vec<CaseSummary>,
    /// How many match in all.
    pub total: u32,
}

/// One row of the case list. Shows initials, never the name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CaseSummary {
    /// Case number.
    pub case_id: String,
    /// Initials of the data subject.
    pub initials: String,
    /// `eu_gdpr`, `uk_gdpr` or `ccpa`.
    pub law: String,
    /// `access`, `portability`, `rectification` or `erasure`.
    pub request_type: String,
    /// Stable name of the step.
    pub step: String,
    /// The earlier of legal and internal due date, `2026-04-30`.
    pub due_on: String,
    /// Days until then, negative when late.
    pub days_left: i32,
    /// Number of calls on the frozen list.
    pub calls: u32,
    /// Who works on it.
    pub owner: String,
}

/// Asks for the due date before a case is opened.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PreviewDeadlineReq {
    /// `eu_gdpr`, `uk_gdpr` or `ccpa`.
    pub law: String,
    /// Date of receipt, `2026-03-30`.
    pub received_on: String,
}

/// Due dates and the rule in words.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DeadlineView {
    /// Last day in time.
    pub legal: String,
    /// Day the house aims at.
    pub internal: String,
    /// How the legal date was found.
    pub rule: String,
    /// Days until the earlier one, negative when late.
    pub days_left: i32,
}

/// Opens a case.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OpenCaseReq {
    /// Full name of the data subject.
    pub name: String,
    /// Phone numbers in any common form, with country code or with `phone_region`.
    pub phones: Vec<String>,
    /// Country of national phone numbers, such as `GB`.
    pub phone_region: String,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Customer numbers.
    pub customer_ids: Vec<String>,
    /// Who acts for the data subject, if somebody does.
    pub representative: Option<RepresentativeReq>,
    /// `eu_gdpr`, `uk_gdpr` or `ccpa`.
    pub law: String,
    /// Date of receipt, `2026-03-30`.
    pub received_on: String,
    /// How it came: `email`, `letter`, `phone`, `form`, `in_person`.
    pub received_by: String,
    /// `low`, `normal` or `high`.
    pub risk_tier: String,
    /// What they ask for, in their words.
    pub note: String,
    /// Whether the source is to delete nothing of this case before it closes.
    #[serde(default)]
    pub legal_hold: bool,
    /// `access`, `portability`, `rectification` or `erasure`; `access` when left out. // S3-33
    #[serde(default)]
    pub request_type: String,
}

impl std::fmt::Debug for OpenCaseReq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenCaseReq")
            .field("law", &self.law)
            .finish_non_exhaustive()
    }
}

/// Somebody acting for the data subject. // R-21
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RepresentativeReq {
    /// Their name.
    pub name: String,
    /// What shows the authority.
    pub authority: String,
}

/// Everything the case screens show, masked.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CaseDetail {
    /// Case number.
    pub case_id: String,
    /// Initials of the data subject.
    pub initials: String,
    /// `eu_gdpr`, `uk_gdpr` or `ccpa`.
    pub law: String,
    /// `access`, `portability`, `rectification` or `erasure`.
    pub request_type: String,
    /// The provision the request rests on, such as `Art. 15 GDPR`.
    pub provision: String,
    /// Stable name of the step.
    pub step: String,
    /// The clock.
    pub deadline: DeadlineView,
    /// Date of receipt.
    pub received_on: String,
    /// How it came.
    pub received_by: String,
    /// Who works on it.
    pub owner: String,
    /// Whether somebody acts for the data subject.
    pub has_representative: bool,
    /// The identifiers, masked.
    pub identifiers: Vec<MaskedIdentifier>,
    /// `low`, `normal` or `high`.
    pub risk_tier: String,
    /// How many different checks must pass.
    pub checks_needed: u32,
    /// Checks so far.
    pub checks: Vec<IdentityCheckView>,
    /// Whether enough passed.
    pub verified: bool,
    /// Calls by end state and review state.
    pub counts: CaseCounts,
    /// What was probably missed in the calls together; absent before detection.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub risk: Option<CaseRiskView>,
    /// Days from the receipt until the answer went out; absent while the case is open. // S0-03
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub turnaround_days: Option<u32>,
    /// The legal hold, where the case asked for one.
    pub legal_hold: Option<LegalHoldView>,
    /// How the case may end without a package, as things stand.
    pub may_close_as: Vec<String>,
    /// How it ended, where nothing was handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub closing: Option<ClosingView>,
    /// What to do next: the name of a screen, `identity`, `search`, `calls`, `review`, `package`; `close`, or `closed`.
    pub next_action: String,
    /// What happened, newest first, at most 50.
    pub activity: Vec<ActivityView>,
}

/// Ends a case that nothing is handed over for.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CloseCaseReq {
    /// Case number.
    pub case_id: String,
    /// `carried_out`, `refused`, `withdrawn` or `not_identified`.
    pub outcome: String,
    /// The reasons, or what was done where; kept with the case.
    pub statement: String,
}

impl std::fmt::Debug for CloseCaseReq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloseCaseReq")
            .field("case_id", &self.case_id)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

/// How a case ended that nothing was handed over for.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct ClosingView {
    /// `carried_out`, `refused`, `withdrawn` or `not_identified`.
    pub outcome: String,
    /// The reasons, or what was done.
    pub statement: String,
    /// Who closed it.
    pub by: String,
    /// When, RFC 3339 in UTC.
    pub at_utc: String,
}

impl std::fmt::Debug for ClosingView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClosingView")
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

/// How the legal hold of a case stands, in recordings.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LegalHoldView {
    /// Asked for and not answered yet.
    pub waiting: u32,
    /// Under hold.
    pub placed: u32,
    /// Released when the case closed.
    pub released: u32,
    /// Still under hold for another case.
    pub kept: u32,
    /// Those that could not be placed or released.
    pub failed: Vec<HoldFailureView>,
}

/// A recording whose hold could not be changed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HoldFailureView {
    /// `place` or `release`.
    pub what: String,
    /// The source.
    pub source: String,
    /// The recording there.
    pub recording: String,
    /// Why.
    pub reason: String,
}

/// An identifier as lists show it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MaskedIdentifier {
    /// `phone`, `email` or `customer_id`.
    pub kind: String,
    /// Such as `···4567`.
    pub masked: String,
}

/// One identity check.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct IdentityCheckView {
    /// Stable name of the method.
    pub method: String,
    /// Whether it passed.
    pub passed: bool,
    /// Who checked.
    pub checked_by: String,
    /// When, RFC 3339 in UTC.
    pub checked_at_utc: String,
}

/// Records a check.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct IdentityCheckReq {
    /// Case number.
    pub case_id: String,
    /// `account_details`, `call_back`, `one_time_code` or `document_seen`.
    pub method: String,
    /// Whether it passed.
    pub passed: bool,
}

/// Calls of a case, counted. The end states sum up to `found`. // B14
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CaseCounts {
    /// On the frozen list.
    pub found: u32,
    /// In custody.
    pub retrieved: u32,
    /// No longer at the source.
    pub purged: u32,
    /// What arrived was not the recording.
    pub corrupted: u32,
    /// A codec this version cannot check.
    pub unsupported: u32,
    /// Not disclosed, on a legal ground.
    pub withheld: u32,
    /// The same call as another one.
    pub duplicate: u32,
    /// Could not be had within the limits.
    pub unavailable: u32,
    /// Without an end state yet.
    pub pending: u32,
    /// Detection is done and the review is open.
    pub to_review: u32,
    /// Reviewed, waiting for a second person.
    pub to_approve: u32,
    /// Approved.
    pub approved: u32,
    /// Spans that wait for a decision.
    pub open_spans: u32,
}

/// One line of the activity list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ActivityView {
    /// When, RFC 3339 in UTC.
    pub at_utc: String,
    /// Who.
    pub actor: String,
    /// Stable name of the action.
    pub action: String,
    /// Number of the call, if it is about one.
    pub call: Option<u32>,
}

/// The requestor in the clear; asking for it is on record.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct RequestorView {
    /// Full name.
    pub name: String,
    /// Phone numbers in E.164 form.
    pub phones: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Customer numbers.
    pub customer_ids: Vec<String>,
    /// Name of the representative, if any.
    pub representative: Option<String>,
    /// What they ask for.
    pub note: String,
}
