//! What the shells exchange with the core: every command once, its request and its answer.
//!
//! The desktop makes window commands of this list, a test makes the TypeScript bindings of it
//! (`ui/src/bindings/api.ts`). A command that exists in one place and not in another does not compile.

mod audit;
mod calls;
mod cases;
mod corrections;
mod delivery;
mod error;
mod events;
mod export;
mod jobs;
mod playback;
mod review;
mod search;
mod status;

pub use audit::*;
pub use calls::*;
pub use cases::*;
pub use corrections::*;
pub use delivery::*;
pub use error::*;
pub use events::*;
pub use export::*;
pub use jobs::*;
pub use playback::*;
pub use review::*;
pub use search::*;
pub use status::*;

/// Calls `$callback!` with the list of all commands: `name(Request) -> Answer`.
///
/// Each command is a function `services::name(&App, Request) -> Result<Answer, ApiError>`.
#[macro_export]
macro_rules! with_commands {
    ($callback:ident) => {
        $callback! {
            get_status(Empty) -> Status,
            sign_in(SignInReq) -> Status,
            connect_source(ConnectSourceReq) -> SourceReport,
            cancel_sign_in(Empty) -> Done,
            sign_out_source(Empty) -> Done,
            add_source(AddSourceReq) -> SourceReport,
            remove_source(SourceRef) -> Done,
            list_cases(ListCasesReq) -> CaseList,
            preview_deadline(PreviewDeadlineReq) -> DeadlineView,
            open_case(OpenCaseReq) -> CaseDetail,
            get_case(CaseRef) -> CaseDetail,
            reveal_requestor(CaseRef) -> RequestorView,
            record_identity_check(IdentityCheckReq) -> Done,
            preview_range(PreviewRangeReq) -> RangeView,
            search_recordings(SearchReq) -> JobStarted,
            get_search(CaseRef) -> SearchView,
            freeze_list(FreezeReq) -> Done,
            start_retrieval(CaseRef) -> JobStarted,
            list_calls(CaseRef) -> CallList,
            list_jobs(CaseRef) -> JobList,
            cancel_jobs(CaseRef) -> Done,
            retry_jobs(CaseRef) -> JobStarted,
            retry_hold(CaseRef) -> JobStarted,
            get_review(CallRef) -> ReviewView,
            get_peaks(PeaksReq) -> PeaksView,
            reveal_span(SpanRef) -> RevealedText,
            reveal_transcript(CallRef) -> TranscriptView,
            decide_span(DecideSpanReq) -> Done,
            accept_missing_call(AcceptMissingReq) -> Done,
            close_case(CloseCaseReq) -> CaseDetail,
            restore_call(CallRef) -> Done,
            add_span(AddSpanReq) -> Done,
            undo_decision(CallRef) -> Done,
            list_corrections(ListCorrectionsReq) -> CorrectionList,
            remove_correction(CorrectionRef) -> Done,
            run_drill(Empty) -> DrillView,
            finish_review(CallRef) -> Done,
            approve_call(CallRef) -> Done,
            return_call(ReturnCallReq) -> Done,
            preflight_package(CaseRef) -> Preflight,
            seal_package(SealReq) -> JobStarted,
            get_package(CaseRef) -> PackageView,
            list_packages(Empty) -> PackageList,
            reveal_passphrase(CaseRef) -> PassphraseView,
            deliver_package(DeliverReq) -> DeliveryView,
            verify_package(CaseRef) -> ReportView,
            list_audit(ListAuditReq) -> AuditPage,
            verify_audit(Empty) -> ReportView,
            export_audit(Empty) -> ExportedFolder,
            start_export(StartExportReq) -> Done,
            get_export(Empty) -> ExportView,
            cancel_export(Empty) -> Done,
        }
    };
}

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A request without fields.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// An answer without fields: it was done, and an event says what changed.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct Done {}

/// Names a case.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CaseRef {
    /// Case number, `SAR-2026-000417`.
    pub case_id: String,
}

/// Names a call of a case.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CallRef {
    /// Case number.
    pub case_id: String,
    /// Number of the call within the case, from 1.
    pub call: u32,
}

/// Names a span of a call.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SpanRef {
    /// Case number.
    pub case_id: String,
    /// Number of the call within the case, from 1.
    pub call: u32,
    /// Id of the span within the call's plan.
    pub span_id: String,
}
