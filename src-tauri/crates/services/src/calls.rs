//! The calls of a frozen list and how far each is.

use store::rows::{CallRow, JobRow};

use crate::{
    api::{ApiError, CallList, CallView, CaseRef},
    app::App,
    detect::FitRecord,
    get_case::load_case,
    search::{self, local_text, zone_of},
};

/// All calls of a case by number.
///
/// # Errors
/// When there is no such case.
pub async fn list_calls(app: &App, request: CaseRef) -> Result<CallList, ApiError> {
    let case = load_case(app, &request.case_id).await?;
    let zone = zone_of(search::latest(app, &case.id).await?.as_ref())?;
    let jobs = app.store().jobs(&case.id).await?;
    let calls = app.store().calls(&case.id).await?;
    let views = calls.iter().map(|call| {
        let loaded = running_job(call, &jobs).and_then(|job| app.live_jobs().progress_of(&job.id));
        let loaded = loaded.map(|progress| progress.bytes);
        CallView {
            loaded_bytes: loaded,
            ..view(call, &jobs, local_text(call.start_utc, &zone))
        }
    });
    Ok(CallList {
        calls: views.collect(),
    })
}

fn view(call: &CallRow, jobs: &[JobRow], start_local: String) -> CallView {
    let (end_state, end_detail) = match &call.end_state {
        Some((name, detail)) => (name.clone(), detail.clone()),
        None => ("pending".to_owned(), None),
    };
    let original = call.original.as_ref();
    CallView {
        call: call.number,
        source: call.source.clone(),
        start_utc: call.start_utc.to_string(),
        start_local,
        duration_ms: original
            .map(|it| it.duration_ms)
            .or_else(|| reported_ms(call)),
        end_state,
        end_detail,
        stage: stage(call, jobs).to_owned(),
        missing: call.missing_accepted.is_none() && is_missing(call, jobs),
        missing_accepted: call.missing_accepted.as_ref().map(|(_, why)| why.clone()),
        sha256: original.map(|it| it.sha256.clone()),
        size_bytes: original.map(|it| it.size_bytes),
        content_type: original.map(|it| it.content_type.clone()),
        spans: call.total_spans,
        open_spans: call.open_spans,
        reviewed_by: call.reviewed_by.clone(),
        approved_by: call.approved_by.clone(),
        returned_note: call.returned_note.clone(),
        has_transcript: call.transcript_blob.is_some(),
        warnings: fit_of(call).warnings,
        loaded_bytes: None,
        in_archive: call.in_archive,
        restoration_asked_at_utc: call
            .restoration_asked
            .as_ref()
            .map(|(_, at_utc)| at_utc.to_string()),
    }
}

/// Whether a call cannot be had: the source says so, or its retrieval failed or was stopped.
pub(crate) fn is_missing(call: &CallRow, jobs: &[JobRow]) -> bool {
    match call.end_state.as_ref().map(|(name, _)| name.as_str()) {
        Some(state) => matches!(state, "unavailable" | "corrupted" | "unsupported"),
        None => failed_retrieval(call, jobs).is_some(),
    }
}

/// The latest retrieval of a call, if it failed or was stopped.
pub(crate) fn failed_retrieval<'a>(call: &CallRow, jobs: &'a [JobRow]) -> Option<&'a JobRow> {
    jobs.iter()
        .filter(|job| job.kind == "retrieve" && job.call == Some(call.number))
        .max_by_key(|job| job.created_at_utc)
        .filter(|job| matches!(job.state.as_str(), "failed" | "cancelled"))
}

fn reported_ms(call: &CallRow) -> Option<u64> {
    call.end_utc
        .and_then(|end| search::length_ms(call.start_utc, end))
}

/// The fit record of a call; empty before detection.
pub(crate) fn fit_of(call: &CallRow) -> FitRecord {
    let json = call.fit_json.as_deref().unwrap_or("{}");
    serde_json::from_str(json).unwrap_or_default()
}

fn running_job<'a>(call: &CallRow, jobs: &'a [JobRow]) -> Option<&'a JobRow> {
    jobs.iter()
        .find(|job| job.call == Some(call.number) && job.state == "running")
}

fn stage(call: &CallRow, jobs: &[JobRow]) -> &'static str {
    match running_job(call, jobs).map(|job| job.kind.as_str()) {
        Some("retrieve") => return "downloading",
        Some("detect") => return "detecting",
        Some("redact") => return "redacting",
        _ => {}
    }
    if call.end_state.is_none() {
        return "waiting";
    }
    match call.review_state.as_str() {
        "open" => "to_review",
        "finished" => "to_approve",
        "approved" if call.redacted.is_some() => "redacted",
        "approved" => "approved",
        _ if call.original.is_some() => "stored",
        _ => "ended",
    }
}
