//! What the review screen shows: spans, transcript, waveform. Hidden text stays in the core.

use std::{
    collections::VecDeque,
    io::{Read, Seek},
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    audit::AuditAction, ids::SpanId, plan::RedactionSpan, policy::Policy, transcript::Transcript,
};
use redaction::{
    pcm::PcmReader,
    peaks::{self, Peaks},
};
use store::rows::CallRow;
use tokio::task::spawn_blocking;

use crate::{
    advance::as_u32,
    api::{
        ApiError, CallRef, ChannelView, ErrorCode, PeaksReq, PeaksView, RevealedText, ReviewView,
        RoleName, SpanRef, SpanView, TranscriptView,
    },
    app::App,
    calls::fit_of,
    detect::{policy_of, transcript},
    errors::integrity,
    get_case::{deadline, load_case},
    open_case::{days_left, human},
    record::{self, Draft},
    residual,
    retrieve::read_call,
    review::{self, Review},
    review_transcript,
    search::{self, local_text, zone_of},
};

/// Points of one tile of the waveform.
const TILE_POINTS: usize = 4_096;

/// Everything the review screen needs for one call, masked.
///
/// # Errors
/// When there is no such call, or it has not been searched for personal data yet.
pub async fn get_review(app: &App, request: CallRef) -> Result<ReviewView, ApiError> {
    let case = load_case(app, &request.case_id).await?;
    let call = read_call(app, &case.id, request.call).await?;
    let review = review::load(app, &call).await?;
    let original = call.original.as_ref().ok_or_else(|| not_retrieved(&call))?;
    let record = search::latest(app, &case.id).await?;
    let zone = zone_of(record.as_ref())?;
    let fit = fit_of(&call);
    let transcript = transcript(app, &call).await?;
    let policy = policy_of(&case);
    let due = deadline(&case)?.internal;
    let calls = app.store().calls(&case.id).await?;
    Ok(ReviewView {
        case_id: case.id.clone(),
        call: call.number,
        calls: calls
            .iter()
            .filter(|it| it.plan_blob.is_some())
            .map(|it| it.number)
            .collect(),
        start_local: local_text(call.start_utc, &zone),
        zone: record.map_or_else(|| "UTC".to_owned(), |it| it.local.zone),
        duration_ms: original.duration_ms,
        sample_rate_hz: original.sample_rate_hz,
        channels: fit
            .parties
            .iter()
            .map(|it| ChannelView { party: it.clone() })
            .collect(),
        spans: review
            .plan
            .spans
            .iter()
            .map(|span| span_view(span, &review, &policy))
            .collect(),
        transcript: transcript
            .as_ref()
            .map(|it| review_transcript::masked(it, &review.plan, &fit.parties))
            .unwrap_or_default(),
        review_state: call.review_state.clone(),
        reviewed_by: call.reviewed_by.clone(),
        approved_by: call.approved_by.clone(),
        returned_note: call.returned_note.clone(),
        can_undo: review.can_undo && call.review_state == "open",
        unplaced: review.unplaced,
        warnings: fit.warnings,
        risk: residual::view(&call),
        may_hear_original: may_hear_original(app),
        due_on: due.to_string(),
        days_left: days_left(app, due),
    })
}

pub(crate) fn not_retrieved(call: &CallRow) -> ApiError {
    ApiError::new(
        ErrorCode::WrongStep,
        format!("Call {} is not in custody", call.number),
        "Retrieve it first.",
    )
}

/// Those who decide may hear originals; auditors hear redacted audio only.
pub(crate) fn may_hear_original(app: &App) -> bool {
    app.person().is_some_and(|person| match person.role {
        RoleName::CaseWorker | RoleName::Approver => true,
        RoleName::Auditor => false,
    })
}

fn span_view(span: &RedactionSpan, review: &Review, policy: &Policy) -> SpanView {
    let decided = review.decided.get(span.id.as_str());
    SpanView {
        id: span.id.to_string(),
        start_ms: span.start_ms,
        end_ms: span.end_ms,
        raw_start_ms: span.raw_start_ms,
        raw_end_ms: span.raw_end_ms,
        channel: span.channel,
        spoken_on: span.spoken_on,
        entity: span.entity.name().to_owned(),
        score: span.score,
        threshold: policy.threshold(span.entity).auto,
        owner: span.owner.name().to_owned(),
        decision: span.decision.name().to_owned(),
        recognizer: span.recognizer.clone(),
        explanation: span.explanation.clone(),
        decided_by: decided.map_or_else(|| "policy".to_owned(), |(by, _)| by.clone()),
        reason: decided.and_then(|(_, reason)| reason.clone()),
        origin: match span.origin {
            domain::plan::SpanOrigin::Detected => "detected".to_owned(),
            domain::plan::SpanOrigin::Manual => "manual".to_owned(),
        },
    }
}

/// The words under one span, for the person who decides on it.
///
/// # Errors
/// When there is no such span, or the person may not decide.
pub async fn reveal_span(app: &App, request: SpanRef) -> Result<RevealedText, ApiError> {
    app.deciding_person()?;
    let call = read_call(app, &request.case_id, request.call).await?;
    let review = review::load(app, &call).await?;
    let id =
        SpanId::new(request.span_id.as_str()).map_err(|error| ApiError::invalid("Span", error))?;
    let span = review
        .plan
        .span(&id)
        .ok_or_else(|| ApiError::not_found("span", &id))?;
    let Some(transcript) = transcript(app, &call).await? else {
        return Ok(RevealedText {
            text: String::new(),
        });
    };
    Ok(RevealedText {
        text: words_under(span, &transcript),
    })
}

fn words_under(span: &RedactionSpan, transcript: &Transcript) -> String {
    let inside = |word: &&domain::transcript::Word| {
        word.start_ms < span.raw_end_ms && word.end_ms > span.raw_start_ms
    };
    let words: Vec<&str> = if span.words.is_empty() {
        transcript
            .words
            .iter()
            .filter(inside)
            .map(|word| word.text.reveal().as_str())
            .collect()
    } else {
        let listed = span
            .words
            .iter()
            .filter_map(|&index| transcript.words.get(index));
        listed.map(|word| word.text.reveal().as_str()).collect()
    };
    words.join(" ")
}

/// The whole transcript in the clear; asking for it is on record, the content is not.
///
/// # Errors
/// When there is no such call, or the person may not decide.
pub async fn reveal_transcript(app: &App, request: CallRef) -> Result<TranscriptView, ApiError> {
    let worker = app.deciding_person()?;
    let case = load_case(app, &request.case_id).await?;
    let call = read_call(app, &case.id, request.call).await?;
    let entry = Draft::new(AuditAction::TextRevealed, human(&worker))
        .case(&case)
        .call(&call)
        .detail("what", "transcript");
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    let Some(transcript) = transcript(app, &call).await? else {
        return Ok(TranscriptView::default());
    };
    let mut nothing = review::load(app, &call).await?.plan;
    nothing.spans.clear();
    Ok(review_transcript::masked(
        &transcript,
        &nothing,
        &fit_of(&call).parties,
    ))
}

/// Waveforms that stay in memory; one 3-hour stereo call has about 12 MB.
const CACHED_CALLS: usize = 4;

/// The waveforms of the calls looked at last.
#[derive(Default)]
pub(crate) struct PeakCache {
    recent: Mutex<VecDeque<(String, Arc<Pyramid>)>>,
}

impl PeakCache {
    fn get(&self, key: &str) -> Option<Arc<Pyramid>> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, pyramid)| pyramid.clone())
    }

    fn put(&self, key: String, pyramid: Arc<Pyramid>) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.push_front((key, pyramid));
        recent.truncate(CACHED_CALLS);
    }
}

/// The waveform at every zoom level, finest first.
pub(crate) struct Pyramid(Vec<Peaks>);

/// Points a second at the finest level.
const FINEST: u32 = 200;

/// Points that are joined into one at the next level.
const LEVEL_FACTOR: u32 = 4;

impl Pyramid {
    fn new(audio: impl Read + Seek) -> std::io::Result<Self> {
        let mut reader = PcmReader::open(audio).map_err(std::io::Error::other)?;
        let mut levels = vec![peaks::peaks(&mut reader, FINEST)?];
        while let Some(last) = levels.last().filter(|level| points(level) > TILE_POINTS) {
            levels.push(last.coarser(LEVEL_FACTOR));
        }
        Ok(Self(levels))
    }
}

fn points(peaks: &Peaks) -> usize {
    peaks.channels.first().map_or(0, Vec::len)
}

/// A stretch of the waveform of the original.
///
/// # Errors
/// When the call is not in custody, the level or tile does not exist, or the person may not see it.
pub async fn get_peaks(app: &App, request: PeaksReq) -> Result<PeaksView, ApiError> {
    // The envelope of the original tells digits apart (audio reference 4.3), so auditors get none.
    app.deciding_person()?;
    let call = read_call(app, &request.case_id, request.call).await?;
    let pyramid = pyramid(app, &call).await?;
    let level = pyramid
        .0
        .get(usize::from(request.level))
        .ok_or_else(|| ApiError::invalid("Zoom level", "it does not exist"))?;
    let first = (request.tile as usize).saturating_mul(TILE_POINTS);
    Ok(PeaksView {
        points_per_second: f64::from(level.sample_rate_hz) / f64::from(level.frames_per_point),
        points_total: as_u32(points(level)),
        first_point: as_u32(first),
        channels: level
            .channels
            .iter()
            .map(|points| tile(points, first))
            .collect(),
    })
}

fn tile(points: &[(i8, i8)], first: usize) -> String {
    let end = points.len().min(first.saturating_add(TILE_POINTS));
    let part = points.get(first..end).unwrap_or_default();
    let bytes: Vec<u8> = part
        .iter()
        .flat_map(|&(low, high)| [low.cast_unsigned(), high.cast_unsigned()])
        .collect();
    STANDARD.encode(bytes)
}

async fn pyramid(app: &App, call: &CallRow) -> Result<Arc<Pyramid>, ApiError> {
    let original = call.original.as_ref().ok_or_else(|| not_retrieved(call))?;
    let key = original.blob.to_string();
    if let Some(cached) = app.peaks().get(&key) {
        return Ok(cached);
    }
    let (vault, case_id) = (app.store().vault().clone(), call.case_id.clone());
    let blob = original.blob.clone();
    let made = spawn_blocking(move || {
        Pyramid::new(vault.open(&case_id, &blob).map_err(std::io::Error::other)?)
    })
    .await
    .map_err(|error| ApiError::internal("Drawing the waveform", &error))?
    .map_err(|error| integrity("The original of a call", &error))?;
    let made = Arc::new(made);
    app.peaks().put(key, made.clone());
    Ok(made)
}
