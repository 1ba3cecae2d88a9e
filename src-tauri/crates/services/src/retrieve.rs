//! Brings originals into custody: one job a call, each ending in exactly one end state. // B14
//!
//! One recording: metadata → media with limits and retries → hashed and encrypted while streaming →
//! length and duration checked → transcript → one transaction with the custody data and the entry.

use std::collections::BTreeSet;

use connectors::source::{AudioTimeline, FetchError, FetchedMedia, MediaRequest, SourceError};
use domain::{
    audit::AuditAction,
    case::CaseStep,
    recording::{EndState, MediaFormat},
    transcript::Transcript,
};
use serde::{Deserialize, Serialize};
use store::{
    LooseBlob, Tx,
    rows::{CallRow, CaseRow, OriginalRow, QueuedJob},
};
use tokio::task::spawn_blocking;

use crate::{
    advance::{advance, as_u32},
    api::{ApiError, CasePart, CaseRef, ErrorCode, JobStarted},
    app::App,
    call_places::{Ended, Missed, at_each_place, hope, missed_at},
    close_case,
    errors::require_step,
    get_case::load_case,
    jobs::{self, JobContext, JobError},
    locked,
    media::{self, Inspected, Refused},
    open_case::{human, to_json},
    record::{self, Draft},
    sealed_bytes::seal_bytes,
    search_record::RecordingIds,
    sink::{Sealed, VaultSink},
    source_for_job::{ensure_same_organization, source_for_job},
    sources::{Connected, require_source, require_sources},
    transcript_record::{TranscriptRecord, origin_name},
    verify_identity::require_verified,
};

/// The format asked of the source: linear PCM is redacted bit-exactly outside the spans.
const FORMAT: MediaFormat = MediaFormat::Wav;

/// Queues the retrieval of every call that has no end state yet.
///
/// # Errors
/// When the list is not frozen, the requestor is not verified, or a source of the list is not connected.
pub async fn start_retrieval(app: &App, request: CaseRef) -> Result<JobStarted, ApiError> {
    let worker = app.deciding_person()?;
    let case = load_case(app, &request.case_id).await?;
    require_verified(app, &case).await?;
    require_step(&case, &[CaseStep::Retrieve])?;
    close_case::require_copy(&case)?;
    let calls = app.store().calls(&case.id).await?;
    check_sources(app, &case, &calls).await?;
    let waiting = queued_calls(app, &case.id).await?;
    let jobs: Vec<_> = calls
        .iter()
        .filter(|call| !waiting.contains(&call.number))
        .filter_map(|call| jobs::missing_job(&case.id, call))
        .collect();
    let mut tx = app.store().begin().await?;
    for job in &jobs {
        tx.enqueue(job, app.now().as_millisecond()).await?;
    }
    let entry = Draft::new(AuditAction::RetrievalStarted, human(&worker))
        .case(&case)
        .detail("calls", jobs.len());
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Jobs, None);
    Ok(JobStarted {
        jobs: as_u32(jobs.len()),
    })
}

/// Every source that has a missing call must be the one that was searched. One that is not connected any
/// more stops its own calls, not the others.
async fn check_sources(app: &App, case: &CaseRow, calls: &[CallRow]) -> Result<(), ApiError> {
    let sources = require_sources(app)?;
    let missing = calls.iter().filter(|call| call.end_state.is_none());
    let ids: BTreeSet<_> = missing.map(|call| call.source.as_str()).collect();
    for connected in ids.into_iter().filter_map(|id| sources.get(id)) {
        ensure_same_organization(app, case, connected).await?;
    }
    Ok(())
}

/// Calls whose job waits or runs already.
pub(crate) async fn queued_calls(app: &App, case_id: &str) -> Result<Vec<u32>, ApiError> {
    let jobs = app.store().jobs(case_id).await?;
    let open = jobs
        .iter()
        .filter(|job| matches!(job.state.as_str(), "waiting" | "running"));
    Ok(open.filter_map(|job| job.call).collect())
}

/// Gives calls that could not be had another chance, unless a person went on without them.
pub(crate) async fn forget_missing(tx: &mut Tx, case: &CaseRow) -> Result<(), ApiError> {
    for mut call in tx.calls(&case.id).await? {
        let state = call.end_state.as_ref().map(|(name, _)| name.as_str());
        let may_change = matches!(state, Some("unavailable" | "corrupted" | "unsupported"));
        if may_change && call.missing_accepted.is_none() {
            call.end_state = None;
            tx.update_call(&call).await?;
        }
    }
    Ok(())
}

/// The job: retrieves one call.
pub(crate) async fn run(app: &App, context: &JobContext, job: &QueuedJob) -> Result<(), JobError> {
    let case = load_case(app, &job.case_id).await?;
    require_verified(app, &case).await?;
    let call = load_call(app, job).await?;
    if call.end_state.is_some() {
        // Done by an earlier run of this job.
        return Ok(());
    }
    retrieve_anywhere(app, context, job, &case, &call).await
}

/// Asks the places of the call in turn, before it is called lost. // S1-22, S1-44
async fn retrieve_anywhere(
    app: &App,
    context: &JobContext,
    job: &QueuedJob,
    case: &CaseRow,
    call: &CallRow,
) -> Result<(), JobError> {
    let mut missed = Vec::new();
    let mut away = None;
    for place in at_each_place(call) {
        match retrieve_at(app, context, job, case, &place, &missed).await {
            Ok(None) => return Ok(()),
            Ok(Some(it)) => missed.push(it),
            // Another place may have it; this one is tried again when none has.
            Err(JobError::Failed(error)) if error.code == ErrorCode::SourceUnavailable => {
                away.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    match away {
        Some(error) => Err(error.into()),
        None => Ok(give_up(app, call, &missed).await?),
    }
}

/// Asks one place; `None` when the call came from there.
async fn retrieve_at(
    app: &App,
    context: &JobContext,
    job: &QueuedJob,
    case: &CaseRow,
    place: &CallRow,
    missed: &[Missed],
) -> Result<Option<Missed>, JobError> {
    let connected = require_source(app, &place.source)?;
    let connected = source_for_job(app, case, job, connected, &context.cancel).await?;
    let outcome = retrieve(app, context, &connected, case, place, missed).await;
    let ended = connected.egress.close(app, outcome).await?;
    Ok(ended.map(|ended| Missed {
        source: place.source.clone(),
        client_id: connected.client_id,
        ended,
    }))
}

/// Brings the call into custody from one place, or says which end it has there.
async fn retrieve(
    app: &App,
    context: &JobContext,
    connected: &Connected,
    case: &CaseRow,
    call: &CallRow,
    missed: &[Missed],
) -> Result<Option<Ended>, JobError> {
    let request = media_request(call)?;
    match fetch(app, context, connected, &request, case).await? {
        Ok(arrived) => {
            keep(app, context, connected, &request, call, arrived, missed).await?;
            Ok(None)
        }
        Err(ended) => Ok(Some(ended)),
    }
}

pub(crate) async fn load_call(app: &App, job: &QueuedJob) -> Result<CallRow, ApiError> {
    let number = job.call.unwrap_or(0);
    read_call(app, &job.case_id, number).await
}

/// Reads a call of a case.
pub(crate) async fn read_call(app: &App, case_id: &str, number: u32) -> Result<CallRow, ApiError> {
    let call = app.store().call(case_id, number).await?;
    call.ok_or_else(|| ApiError::not_found("call", format!("{case_id}/{number}")))
}

pub(crate) fn media_request(call: &CallRow) -> Result<MediaRequest, ApiError> {
    let communication = call.communication.as_deref();
    let ids = RecordingIds::new(&call.conversation, &call.recording, communication)
        .map_err(|error| ApiError::internal("Reading the ids of a call", &error))?;
    Ok(MediaRequest {
        conversation: ids.conversation,
        recording: ids.recording,
        communication: ids.communication,
        format: FORMAT,
    })
}

/// What arrived and was sealed.
struct Arrived {
    media: FetchedMedia,
    sealed: Sealed,
    inspected: Inspected,
}

/// Loads, seals and inspects. The inner error is the end state of a recording that cannot be had.
async fn fetch(
    app: &App,
    context: &JobContext,
    connected: &Connected,
    request: &MediaRequest,
    case: &CaseRow,
) -> Result<Result<Arrived, Ended>, JobError> {
    let vault = app.store().vault().clone();
    let progress = context.progress();
    let mut sink = VaultSink::new(vault.clone(), &case.id, progress);
    let fetched = connected
        .source
        .fetch_media(request, &mut sink, &context.cancel)
        .await;
    let media = match fetched {
        Ok(media) => media,
        Err(error) => return end_state(error),
    };
    let sealed = sink
        .finish()
        .await
        .map_err(|error| ApiError::from_io("Storing a call", &error))?;
    let reported_ms = media.reported_duration_ms;
    let (blob, case_id) = (sealed.file.id().clone(), case.id.clone());
    let checked = spawn_blocking(move || {
        let mut audio = vault.open(&case_id, &blob)?;
        Ok::<_, store::StoreError>(media::inspect(&mut audio, reported_ms))
    })
    .await
    .map_err(|error| ApiError::internal("Checking a call", &error))?
    .map_err(ApiError::from)?;
    match checked {
        Ok(inspected) => Ok(Ok(Arrived {
            media,
            sealed,
            inspected,
        })),
        Err(Refused::Ended(end_state)) => Ok(Err(end_state.into())),
        Err(Refused::Unread(error)) => Err(ApiError::from_io("Checking a call", &error).into()),
    }
}

/// Which failures are an outcome of the recording, and which stop the job.
fn end_state(error: FetchError) -> Result<Result<Arrived, Ended>, JobError> {
    let text = error.to_string();
    let in_archive = matches!(error, FetchError::Archived);
    let unavailable = |reason: String| {
        Ok(Err(Ended {
            end_state: EndState::Unavailable { reason },
            in_archive,
        }))
    };
    match error {
        FetchError::Purged => Ok(Err(EndState::Purged.into())),
        FetchError::Corrupted { reason } => Ok(Err(EndState::Corrupted { reason }.into())),
        FetchError::Unsupported { what } => Ok(Err(EndState::Unsupported { codec: what }.into())),
        // Passing trouble is no property of the recording: the job fails and is tried again.
        FetchError::Pending | FetchError::Unavailable { retry: true, .. } => Err(ApiError::new(
            ErrorCode::SourceUnavailable,
            text,
            "Retry when the source is there again, or go on without the call and say why.",
        )
        .retryable()
        .into()),
        FetchError::Archived | FetchError::Faulty { .. } | FetchError::Unavailable { .. } => {
            unavailable(text)
        }
        FetchError::NotPermitted { .. } | FetchError::SignIn(_) => Err(ApiError::new(
            ErrorCode::SourceUnavailable,
            text,
            "Check the credentials and roles of the source, then retry.",
        )
        .into()),
        FetchError::Cancelled => Err(JobError::Cancelled),
        FetchError::Sink(error) => Err(ApiError::from_io("Storing a call", &error).into()),
    }
}

/// Keeps the original, its transcript and its custody data, and queues the detection.
async fn keep(
    app: &App,
    context: &JobContext,
    connected: &Connected,
    request: &MediaRequest,
    place: &CallRow,
    arrived: Arrived,
    missed: &[Missed],
) -> Result<(), JobError> {
    let timeline = &arrived.media.timeline;
    let transcript = transcript(context, connected, request, timeline).await?;
    context.check_cancelled()?;
    let sealed = match &transcript {
        Ok(transcript) => Some(seal_transcript(app, &place.case_id, transcript).await?),
        Err(_) => None,
    };
    let mut tx = app.store().begin().await?;
    let Some((mut case, mut call)) = still_missing(&mut tx, place).await? else {
        return Ok(());
    };
    call = CallRow {
        source: place.source.clone(),
        conversation: place.conversation.clone(),
        recording: place.recording.clone(),
        communication: place.communication.clone(),
        also_at: place.also_at.clone(),
        ..call
    };
    call.transcript_origin = match &transcript {
        Ok(transcript) => Some(origin_name(transcript.origin).to_owned()),
        Err(_) => None,
    };
    call.transcript_missing = transcript.as_ref().err().cloned();
    call.transcript_blob = sealed.map(|blob| tx.keep(blob));
    call.timeline_json = Some(to_json(&TimelineRecord::from(timeline))?);
    let entry = retrieved_entry(app, &case, &call, &arrived).detail("missedAt", missed_at(missed));
    call.original = Some(original_row(&mut tx, arrived));
    call.end_state = Some((EndState::Retrieved.name().to_owned(), None));
    call.end_state_at_utc = Some(app.now());
    call.exporter = Some(connected.client_id.clone());
    (call.in_archive, call.restoration_asked) = (false, None);
    tx.update_call(&call).await?;
    let detect = jobs::job("detect", &case.id, Some(call.number), "{}".to_owned());
    tx.enqueue(&detect, app.now().as_millisecond()).await?;
    advance(&mut tx, &mut case).await?;
    record::append(app, &mut tx, entry).await?;
    connected.egress.append(app, &mut tx).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Calls, Some(call.number));
    Ok(())
}

fn retrieved_entry(app: &App, case: &CaseRow, call: &CallRow, arrived: &Arrived) -> Draft {
    let entry = Draft::new(AuditAction::RecordingRetrieved, app.service());
    let entry = match &arrived.media.link {
        Some(link) => entry.link(link),
        None => entry,
    };
    entry
        .case(case)
        .call(call)
        .file(arrived.sealed.sha256)
        .detail("bytes", arrived.sealed.size_bytes)
        .detail("durationMs", arrived.inspected.duration_ms)
        .detail("host", &arrived.media.host)
        .detail("attempts", arrived.media.attempts)
        .detail("headerWarnings", arrived.inspected.warnings.len())
        .detail("transcript", call.transcript_blob.is_some())
}

/// The case and the call, if nobody recorded an end of the call meanwhile.
async fn still_missing(
    tx: &mut Tx,
    call: &CallRow,
) -> Result<Option<(CaseRow, CallRow)>, ApiError> {
    let case = locked::case(tx, &call.case_id).await?;
    let call = locked::call(tx, &call.case_id, call.number).await?;
    Ok(call.end_state.is_none().then_some((case, call)))
}

/// The transcript of the source, or why there is none. A recording without one is no reason to lose
/// the original: the call then waits for a person as a whole.
async fn transcript(
    context: &JobContext,
    connected: &Connected,
    request: &MediaRequest,
    timeline: &AudioTimeline,
) -> Result<Result<Transcript, String>, JobError> {
    let cancel = &context.cancel;
    match connected.source.transcript(request, timeline, cancel).await {
        Ok(Some(transcript)) => Ok(Ok(transcript)),
        Ok(None) | Err(SourceError::NotFound { .. }) => {
            Ok(Err("The source has no transcript".to_owned()))
        }
        Err(SourceError::Cancelled) => Err(JobError::Cancelled),
        // The source is away or refuses: another attempt or a granted permission may get it.
        Err(
            error @ (SourceError::Http(_)
            | SourceError::SignIn(_)
            | SourceError::NotPermitted { .. }),
        ) => Err(ApiError::from(error).into()),
        Err(error) => {
            tracing::warn!(%error, "no transcript");
            Ok(Err(format!("The transcript cannot be used: {error}")))
        }
    }
}

fn original_row(tx: &mut Tx, arrived: Arrived) -> OriginalRow {
    OriginalRow {
        sha256: arrived.sealed.sha256.to_string(),
        size_bytes: arrived.sealed.size_bytes,
        duration_ms: arrived.inspected.duration_ms,
        sample_rate_hz: arrived.inspected.sample_rate_hz,
        channels: arrived.inspected.channels,
        content_type: arrived.media.content_type,
        blob: tx.keep(arrived.sealed.file),
    }
}

async fn seal_transcript(
    app: &App,
    case_id: &str,
    transcript: &Transcript,
) -> Result<LooseBlob, ApiError> {
    let json = to_json(&TranscriptRecord::from(transcript))?;
    seal_bytes(app, case_id, json.into_bytes()).await
}

/// Records that no place has the recording, and goes on. The place that leaves most hope gives the reason,
/// the preferred one among equals. // S2-45
async fn give_up(app: &App, call: &CallRow, missed: &[Missed]) -> Result<(), ApiError> {
    let Some(preferred) = missed.iter().rev().max_by_key(|it| hope(it)) else {
        return Ok(());
    };
    let mut tx = app.store().begin().await?;
    let Some((mut case, mut call)) = still_missing(&mut tx, call).await? else {
        return Ok(());
    };
    let end_state = &preferred.ended.end_state;
    let detail = end_state.detail().map(str::to_owned);
    call.end_state = Some((end_state.name().to_owned(), detail));
    call.end_state_at_utc = Some(app.now());
    call.exporter = Some(preferred.client_id.clone());
    call.in_archive = missed.iter().any(|it| it.ended.in_archive);
    tx.update_call(&call).await?;
    advance(&mut tx, &mut case).await?;
    let entry = Draft::new(AuditAction::RecordingNotRetrieved, app.service())
        .case(&case)
        .call(&call)
        .detail("endState", end_state.name())
        .detail("missedAt", missed_at(missed));
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Calls, Some(call.number));
    Ok(())
}

/// Where the audio starts on the wall clock, and which pauses were cut out of it.
#[derive(Serialize, Deserialize)]
struct TimelineRecord {
    start_utc: jiff::Timestamp,
    pauses: Vec<(u64, u64)>,
}

impl From<&AudioTimeline> for TimelineRecord {
    fn from(timeline: &AudioTimeline) -> Self {
        Self {
            start_utc: timeline.start_utc,
            pauses: timeline
                .pauses
                .iter()
                .map(|it| (it.start_ms, it.duration_ms))
                .collect(),
        }
    }
}
