//! Finds every call of the data subject, and says how. // S0-25, S0-40

use domain::{
    audit::AuditAction,
    case::CaseStep,
    ids::ActorId,
    search::{Identifier, SearchCriteria},
    sensitive::PersonalData,
    time_range::{LocalRange, ResolvedRange},
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};
use store::rows::{CaseRow, FrozenRow, QueuedJob, SearchRow};

use crate::{
    advance::as_u32,
    api::{
        ApiError, CasePart, CaseRef, Event, FoundCallView, FrozenView, JobStarted, PreviewRangeReq,
        RangeView, SearchReq, SearchView, SourceCoverageView,
    },
    app::App,
    errors::require_step,
    get_case::load_case,
    jobs::{self, JobContext, JobError},
    legal_hold,
    open_case::{RequestorRecord, human, to_json},
    place_record::{OrphanRecord, SearchedPlaceRecord},
    record::{self, Draft},
    search_record::{FoundRecord, LocalRecord, SearchRecord, SourceRecord},
    search_sources::{Answers, ask_all},
    sources::require_sources,
    verify_identity::require_verified,
};

/// What the queue carries for a search.
#[derive(Serialize, Deserialize)]
struct SearchPayload {
    local: LocalRecord,
    asked_by: String,
}

/// What a local range means in UTC.
///
/// # Errors
/// When a bound is not a local date and time, the zone is unknown, or the range is empty.
pub async fn preview_range(_app: &App, request: PreviewRangeReq) -> Result<RangeView, ApiError> {
    let resolved = resolve(&request.start, &request.end, &request.zone)?;
    Ok(range_view(
        resolved.range.start_utc,
        resolved.range.end_utc,
        resolved.notices,
    ))
}

/// Queues a search of every connected source. Blocked until the requestor is verified. // S0-01
///
/// # Errors
/// When the range is wrong, the requestor is not verified, the list is frozen, or no source is connected.
pub async fn search_recordings(app: &App, request: SearchReq) -> Result<JobStarted, ApiError> {
    let worker = app.deciding_person()?;
    let case = load_case(app, &request.case_id).await?;
    require_verified(app, &case).await?;
    require_step(&case, &[CaseStep::Search])?;
    require_sources(app)?;
    resolve(&request.start, &request.end, &request.zone)?;
    let local = LocalRecord {
        start: request.start,
        end: request.end,
        zone: request.zone,
        agent_id: request.agent_id,
        queue_id: request.queue_id,
    };
    let payload = SearchPayload {
        local,
        asked_by: worker.to_string(),
    };
    let job = jobs::job("search", &case.id, None, to_json(&payload)?);
    let entry = Draft::new(AuditAction::SearchStarted, human(&worker))
        .case(&case)
        .detail("localStart", &payload.local.start)
        .detail("localEnd", &payload.local.end)
        .detail("zone", &payload.local.zone);
    let mut tx = app.store().begin().await?;
    tx.enqueue(&job, app.now().as_millisecond()).await?;
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Jobs, None);
    app.emit(Event::StatusChanged);
    Ok(JobStarted { jobs: 1 })
}

/// The job: asks the sources, keeps the answer, records what was asked, or that nothing came of it.
pub(crate) async fn run(app: &App, context: &JobContext, job: &QueuedJob) -> Result<(), JobError> {
    let outcome = search(app, context, job).await;
    if let Err(error) = &outcome {
        record_stop(app, job, error).await?;
    }
    outcome
}

/// A search that was stopped or failed leaves a trace. One that goes on at the next start does not end here.
async fn record_stop(app: &App, job: &QueuedJob, error: &JobError) -> Result<(), JobError> {
    let why = match error {
        JobError::Cancelled if app.shutdown_token().is_cancelled() => return Ok(()),
        JobError::Cancelled => "cancelled".to_owned(),
        JobError::Failed(error) => error.code.name().to_owned(),
    };
    let case = load_case(app, &job.case_id).await?;
    let entry = Draft::new(AuditAction::SearchStopped, app.service())
        .case(&case)
        .detail("why", why);
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, entry).await?;
    Ok(tx.commit().await?)
}

async fn search(app: &App, context: &JobContext, job: &QueuedJob) -> Result<(), JobError> {
    let payload: SearchPayload = jobs::payload(job)?;
    let case = load_case(app, &job.case_id).await?;
    require_verified(app, &case).await?;
    if case.step != CaseStep::Search.name() {
        // The list was frozen meanwhile; a frozen list does not change.
        return Ok(());
    }
    let local = &payload.local;
    let resolved = resolve(&local.start, &local.end, &local.zone)?;
    let criteria = criteria(&case, local, &resolved)?;
    let mut answers = ask_all(app, context, &case, job, &criteria).await?;
    let record = SearchRecord {
        local: local.clone(),
        start_utc: resolved.range.start_utc,
        end_utc: resolved.range.end_utc,
        notices: resolved.notices,
        sources: std::mem::take(&mut answers.records),
    };
    let kept = match context.check_cancelled() {
        Ok(()) => keep(app, &case, &payload, &criteria, &record, &answers).await,
        Err(cancelled) => Err(cancelled),
    };
    answers.close(app, kept).await?;
    app.emit_case(&case.id, CasePart::Search, None);
    Ok(())
}

async fn keep(
    app: &App,
    case: &CaseRow,
    payload: &SearchPayload,
    criteria: &SearchCriteria,
    record: &SearchRecord,
    answers: &Answers,
) -> Result<(), JobError> {
    let worker = ActorId::new(payload.asked_by.clone())
        .map_err(|error| ApiError::internal("Reading who asked for a search", &error))?;
    let queries: Vec<_> = record
        .sources
        .iter()
        .flat_map(|source| &source.queries)
        .collect();
    let queries_digest = evidence::hashing::sha256(to_json(&queries)?.as_bytes());
    let kinds: Vec<_> = criteria.identifiers.iter().map(Identifier::kind).collect();
    let mut tx = app.store().begin().await?;
    tx.insert_search(&SearchRow {
        case_id: case.id.clone(),
        seq: 0,
        criteria_json: PersonalData::new(to_json(&record.local)?),
        result_json: PersonalData::new(to_json(record)?),
        ran_at_utc: app.now(),
        by: payload.asked_by.clone(),
    })
    .await?;
    // The identifiers stay in the sealed case; the log holds a digest of the exact requests. // S0-64
    let entry = Draft::new(AuditAction::SearchRun, human(&worker))
        .case(case)
        .file(queries_digest)
        .detail("localStart", &record.local.start)
        .detail("localEnd", &record.local.end)
        .detail("zone", &record.local.zone)
        .detail("startUtc", record.start_utc)
        .detail("endUtc", record.end_utc)
        .detail("identifiers", kinds.join(" "))
        .detail("requests", queries.len())
        .detail("organizationId", record.organization_ids())
        .detail("coverage", record.coverage_names())
        .detail("places", record.places_in_short())
        .detail("limitations", record.limitations())
        .detail("found", record.found().len());
    record::append(app, &mut tx, entry).await?;
    answers.append(app, &mut tx).await?;
    legal_hold::intend_placing(app, &mut tx, case, human(&worker), record).await?;
    Ok(tx.commit().await?)
}

fn criteria(
    case: &CaseRow,
    local: &LocalRecord,
    resolved: &ResolvedRange,
) -> Result<SearchCriteria, ApiError> {
    let requestor = RequestorRecord::of(case)?;
    let phones = requestor
        .phones
        .into_iter()
        .map(|it| Identifier::Phone(PersonalData::new(it)));
    let customers = requestor
        .customer_ids
        .into_iter()
        .map(|it| Identifier::CustomerId(PersonalData::new(it)));
    Ok(SearchCriteria {
        identifiers: phones.chain(customers).collect(),
        range: resolved.range,
        agent_id: local.agent_id.clone(),
        queue_id: local.queue_id.clone(),
    })
}

pub(crate) fn resolve(start: &str, end: &str, zone: &str) -> Result<ResolvedRange, ApiError> {
    let local = |field: &str, text: &str| {
        text.parse::<DateTime>()
            .map_err(|_| ApiError::invalid(field, "write it as `2026-03-01T00:00`"))
    };
    let range = LocalRange {
        start: local("From", start)?,
        end: local("To", end)?,
        zone: zone.to_owned(),
    };
    range
        .resolve()
        .map_err(|error| ApiError::invalid("Time range", error))
}

fn range_view(start_utc: Timestamp, end_utc: Timestamp, notices: Vec<String>) -> RangeView {
    RangeView {
        start_utc: start_utc.to_string(),
        end_utc: end_utc.to_string(),
        notices,
    }
}

/// The latest search of a case.
pub(crate) async fn latest(app: &App, case_id: &str) -> Result<Option<SearchRecord>, ApiError> {
    let Some(row) = app.store().latest_search(case_id).await? else {
        return Ok(None);
    };
    serde_json::from_str(row.result_json.reveal())
        .map(Some)
        .map_err(|error| ApiError::internal("Reading the search", &error))
}

/// The latest search of a case, with the frozen list if there is one.
///
/// # Errors
/// When there is no such case.
pub async fn get_search(app: &App, request: CaseRef) -> Result<SearchView, ApiError> {
    let case = load_case(app, &request.case_id).await?;
    let record = latest(app, &case.id).await?;
    let ran_at = app
        .store()
        .latest_search(&case.id)
        .await?
        .map(|row| row.ran_at_utc.to_string());
    let frozen = app.store().frozen(&case.id).await?;
    let (state, failure) = state(app, &case.id, record.is_some()).await?;
    let local = record.as_ref().map(|it| it.local.clone());
    let zone = zone_of(record.as_ref())?;
    Ok(SearchView {
        state,
        failure,
        start: local
            .as_ref()
            .map(|it| it.start.clone())
            .unwrap_or_default(),
        end: local.as_ref().map(|it| it.end.clone()).unwrap_or_default(),
        zone: local.map(|it| it.zone).unwrap_or_default(),
        range: record
            .as_ref()
            .map(|it| range_view(it.start_utc, it.end_utc, it.notices.clone())),
        ran_at_utc: ran_at,
        sources: record
            .iter()
            .flat_map(|it| &it.sources)
            .map(coverage_view)
            .collect(),
        found: record
            .iter()
            .flat_map(|it| found_views(it, &zone))
            .collect(),
        frozen: frozen.as_ref().map(frozen_view),
    })
}

async fn state(
    app: &App,
    case_id: &str,
    has_record: bool,
) -> Result<(String, Option<String>), ApiError> {
    let last = jobs::latest_of_kind(app, case_id, "search").await?;
    let (state, failure) = match last.as_ref().map(|job| job.state.as_str()) {
        Some("waiting" | "running") => ("running", None),
        Some("failed") => ("failed", last.and_then(|job| job.message)),
        _ if has_record => ("done", None),
        _ => ("none", None),
    };
    Ok((state.to_owned(), failure))
}

/// The zone of a search; UTC before the first one.
pub(crate) fn zone_of(record: Option<&SearchRecord>) -> Result<TimeZone, ApiError> {
    let Some(record) = record else {
        return Ok(TimeZone::UTC);
    };
    TimeZone::get(&record.local.zone)
        .map_err(|error| ApiError::internal("Reading the time zone of the search", &error))
}

/// `2026-03-03 09:12` in the given zone.
pub(crate) fn local_text(at_utc: Timestamp, zone: &TimeZone) -> String {
    at_utc
        .to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

fn coverage_view(source: &SourceRecord) -> SourceCoverageView {
    SourceCoverageView {
        source: source.source.clone(),
        coverage: source.coverage.name().to_owned(),
        reason: source.coverage.reason().map(str::to_owned),
        found: as_u32(source.found.len()),
        index_complete_until_utc: source.index_complete_until_utc.map(|at| at.to_string()),
        divisions: source.divisions.clone(),
        queries: as_u32(source.queries.len()),
        places: source
            .places
            .iter()
            .map(SearchedPlaceRecord::view)
            .collect(),
        orphans: source.orphans.iter().map(OrphanRecord::view).collect(),
    }
}

fn found_views(record: &SearchRecord, zone: &TimeZone) -> Vec<FoundCallView> {
    let found = record.found();
    let questions = record.questions();
    let others = |index: u32| {
        let others = questions.get(&(index as usize)).into_iter().flatten();
        others.copied().map(as_u32).collect()
    };
    found
        .iter()
        .zip(0..)
        .map(|(found, index)| FoundCallView {
            also_at: record.also_at(found).map(|it| it.source.clone()).collect(),
            maybe_same_as: others(index),
            ..found_view(index, found, zone)
        })
        .collect()
}

fn found_view(index: u32, found: &FoundRecord, zone: &TimeZone) -> FoundCallView {
    FoundCallView {
        index,
        source: found.source.clone(),
        also_at: Vec::new(),
        maybe_same_as: Vec::new(),
        start_utc: found.start_utc.to_string(),
        start_local: local_text(found.start_utc, zone),
        duration_ms: found
            .end_utc
            .and_then(|end| length_ms(found.start_utc, end)),
        matched_by: found.matched_by.clone(),
        agents: found.agents.clone(),
        region: found.region.clone(),
        media_state: found.media_state.clone(),
    }
}

pub(crate) fn length_ms(start_utc: Timestamp, end_utc: Timestamp) -> Option<u64> {
    u64::try_from(end_utc.as_millisecond() - start_utc.as_millisecond()).ok()
}

fn frozen_view(row: &FrozenRow) -> FrozenView {
    FrozenView {
        frozen_at_utc: row.frozen_at_utc.to_string(),
        by: row.by.clone(),
        calls: row.calls,
        excluded: row.excluded,
        digest: row.digest.clone(),
    }
}
