//! Finds personal data in one call and plans what happens to it.

use std::io::{Read, Seek};

use domain::{
    audit::AuditAction,
    detection::{Detection, SpanDecision},
    entity::{EntityKind, Owner},
    ids::SpanId,
    plan::{RedactionPlan, RedactionSpan, RedactionStyle, SpanOrigin},
    policy::Policy,
    transcript::Transcript,
};
use redaction::{
    detect::ENGINE,
    detector::Detector,
    fit::{self, FitReport, MIN_ACTIVE_SHARE},
    keys::{self, key_presses},
    knowledge::CaseKnowledge,
    learned::LearnedError,
    pcm::PcmReader,
    plan_file::PlanFile,
    planning::{AudioShape, plan, unplaced},
    residual_risk::{Basis, Evidence, RecallTable, unrecognized_speech},
};
use serde::{Deserialize, Serialize};
use store::rows::{CallRow, CaseRow, OriginalRow, QueuedJob};
use tokio::task::spawn_blocking;

use crate::{
    advance::{advance, as_u32},
    api::{ApiError, CasePart},
    app::App,
    corrections,
    errors::{integrity, learned_failed},
    get_case::load_case,
    jobs::{JobContext, JobError},
    knowledge::knowledge,
    locked,
    open_case::to_json,
    record::{self, Draft},
    residual,
    retrieve::load_call,
    sealed_bytes::{open_bytes, seal_bytes},
    transcript_record::TranscriptRecord,
};

/// What the fit check of a call found, as it is kept.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct FitRecord {
    /// Party on each channel: `customer`, `agent`, `mixed` or `unknown`.
    pub(crate) parties: Vec<String>,
    /// What does not fit, in words.
    pub(crate) warnings: Vec<String>,
    /// Found items that have no place in the audio.
    #[serde(default)]
    pub(crate) unplaced: u32,
}

/// The job: detects and plans one call.
pub(crate) async fn run(app: &App, context: &JobContext, job: &QueuedJob) -> Result<(), JobError> {
    let case = load_case(app, &job.case_id).await?;
    let call = load_call(app, job).await?;
    let Some(original) = call.original.clone().filter(|_| call.plan_blob.is_none()) else {
        // Planned by an earlier run, or there is nothing to plan.
        return Ok(());
    };
    let missing = || "There is no transcript".to_owned();
    let transcript = transcript(app, &call).await?;
    let transcript =
        transcript.ok_or_else(|| call.transcript_missing.clone().unwrap_or_else(missing));
    let knowledge = knowledge(&case, &call)?;
    let policy = policy_of(&case);
    let detector = corrections::detector(app).await?;
    let vault = app.store().vault().clone();
    let (case_id, blob) = (case.id.clone(), original.blob.clone());
    let planned = spawn_blocking(move || {
        let audio = vault.open(&case_id, &blob)?;
        let context = Context {
            knowledge: &knowledge,
            detector: &detector,
            policy: &policy,
        };
        Ok::<_, store::StoreError>(plan_call(transcript, &context, &original, audio))
    })
    .await
    .map_err(|error| ApiError::internal("Detecting personal data", &error))?
    .map_err(|error| integrity("The original of a call", &error))?
    .map_err(|error| learned_failed(&error))?;
    context.check_cancelled()?;
    Ok(keep(app, &call, planned).await?)
}

/// The policy of a case, by its law.
pub(crate) fn policy_of(case: &CaseRow) -> Policy {
    match case.law.as_str() {
        "ccpa" => Policy::from_name("ccpa").unwrap_or_else(Policy::data_subject_copy),
        _ => Policy::data_subject_copy(),
    }
}

/// The transcript of a call, if it has one.
pub(crate) async fn transcript(app: &App, call: &CallRow) -> Result<Option<Transcript>, ApiError> {
    let Some(blob) = &call.transcript_blob else {
        return Ok(None);
    };
    let bytes = open_bytes(app, &call.case_id, blob).await?;
    let record: TranscriptRecord =
        serde_json::from_slice(&bytes).map_err(|error| integrity("The transcript", &error))?;
    Ok(Some(record.into()))
}

struct Planned {
    plan: RedactionPlan,
    detections: usize,
    fit: FitRecord,
    /// Where missed items are expected; nothing for audio that cannot be read.
    risk: Option<Basis>,
}

/// What a call is detected with.
struct Context<'a> {
    knowledge: &'a CaseKnowledge,
    detector: &'a Detector,
    policy: &'a Policy,
}

/// Pure planning: from transcript, knowledge and audio to spans.
///
/// Without a transcript that fits the audio the whole call waits for a person: silence about a call
/// nobody has heard is not a result. Fails closed.
fn plan_call(
    transcript: Result<Transcript, String>,
    context: &Context<'_>,
    original: &OriginalRow,
    audio: impl Read + Seek,
) -> Result<Planned, LearnedError> {
    let &Context {
        knowledge,
        detector,
        policy,
    } = context;
    let shape = AudioShape {
        duration_ms: original.duration_ms,
        channels: original.channels,
    };
    let mut audio = match PcmReader::open(audio) {
        Ok(audio) => audio,
        Err(error) => return Ok(unheard(policy, shape, error.to_string())),
    };
    let transcript = match transcript {
        Ok(transcript) if transcript.words.is_empty() => {
            Err("The transcript has no words".to_owned())
        }
        other => other,
    };
    let read = transcript.and_then(|transcript| {
        let report = fit::check_fit(&transcript, &mut audio).map_err(|error| error.to_string())?;
        let keyed = key_presses(&mut audio).map_err(|error| error.to_string())?;
        Ok((transcript, report, keys::detections(&keyed)))
    });
    let (transcript, report, keyed) = match read {
        Ok(read) => read,
        Err(why) => {
            let risk = risk(None, &[], policy, &mut audio);
            return Ok(Planned {
                risk,
                ..unheard(policy, shape, why)
            });
        }
    };
    let said = detector.detect(&transcript, knowledge)?;
    let risk = risk(Some(&transcript), &said, policy, &mut audio);
    let detections = [said, keyed].concat();
    let missing = unplaced(&detections, &transcript, policy, shape).len();
    let mut planned = plan(
        &detections,
        &transcript,
        policy,
        shape,
        RedactionStyle::Noise,
    );
    planned.engine = detector.engine(&planned.engine);
    if !report.fits() {
        planned.spans.push(whole_call(shape.duration_ms, &report));
        planned
            .spans
            .sort_by_key(|span| (span.start_ms, span.end_ms));
    }
    Ok(Planned {
        plan: planned,
        detections: detections.len(),
        fit: FitRecord {
            parties: parties(&report, original.channels),
            warnings: warnings(&report),
            unplaced: as_u32(missing),
        },
        risk,
    })
}

/// Where missed items are expected, by what was measured on the held-back calls. // B4
fn risk(
    transcript: Option<&Transcript>,
    detections: &[Detection],
    policy: &Policy,
    audio: &mut PcmReader<impl Read + Seek>,
) -> Option<Basis> {
    let unrecognized = unrecognized_speech(transcript, audio).ok()?;
    let evidence = Evidence {
        transcript,
        detections,
        policy,
        unrecognized: &unrecognized,
    };
    Some(Basis::new(&evidence, RecallTable::committed()))
}

fn unheard(policy: &Policy, shape: AudioShape, why: String) -> Planned {
    let span = whole_call_span(
        shape.duration_ms,
        "nobody and nothing has listened to this call",
    );
    Planned {
        plan: RedactionPlan {
            policy: policy.name.to_owned(),
            style: RedactionStyle::Noise,
            duration_ms: shape.duration_ms,
            spans: vec![span],
            engine: ENGINE.to_owned(),
        },
        detections: 0,
        fit: FitRecord {
            parties: vec!["unknown".to_owned(); shape.channels.into()],
            warnings: vec![
                why,
                "Listen to the whole call and mark what must go".to_owned(),
            ],
            unplaced: 0,
        },
        risk: None,
    }
}

fn whole_call(duration_ms: u64, report: &FitReport) -> RedactionSpan {
    let mut span = whole_call_span(duration_ms, "the transcript does not fit the audio");
    span.explanation.extend(warnings(report));
    span
}

fn whole_call_span(duration_ms: u64, why: &str) -> RedactionSpan {
    RedactionSpan {
        id: SpanId::new("whole-call").expect("a fixed id is valid"),
        start_ms: 0,
        end_ms: duration_ms,
        raw_start_ms: 0,
        raw_end_ms: duration_ms,
        channel: None,
        spoken_on: None,
        entity: EntityKind::Other,
        score: 0.0,
        recognizer: "coverage".to_owned(),
        owner: Owner::Unknown,
        decision: SpanDecision::Review,
        explanation: vec![why.to_owned()],
        words: Vec::new(),
        origin: SpanOrigin::Detected,
    }
}

/// What a person must know about a transcript that does not fit. // audio reference 11.7
fn warnings(report: &FitReport) -> Vec<String> {
    let mut warnings = Vec::new();
    if report.words_beyond_end > 0 {
        warnings.push(format!(
            "{} words are beyond the end of the audio",
            report.words_beyond_end
        ));
    }
    if report.rhythm.is_another_call() {
        warnings.push(
            "The words do not go with the speech: is it the transcript of another call?".to_owned(),
        );
    } else if report.rhythm.is_shifted() {
        let shift_ms = report.rhythm.best_shift_ms;
        warnings.push(format!(
            "The times of the words are off by {} ms",
            -shift_ms
        ));
    }
    if report.mapping.is_swapped() {
        warnings.push("The transcript has the channels the other way round".to_owned());
    }
    if report.active_share <= MIN_ACTIVE_SHARE {
        let percent = (report.active_share * 100.0).round();
        warnings.push(format!(
            "Only {percent} % of the words fall on speech in the audio"
        ));
    }
    warnings
}

/// Who is on each channel, as the audio says; metadata and vendor order are hints only.
fn parties(report: &FitReport, channels: u16) -> Vec<String> {
    (0..channels)
        .map(|channel| {
            let channel = u8::try_from(channel).ok();
            let known = report.channels_known() && channel.is_some();
            if channels == 1 {
                "mixed"
            } else if known && report.mapping.external == channel {
                "customer"
            } else if known && report.mapping.internal == channel {
                "agent"
            } else {
                "unknown"
            }
            .to_owned()
        })
        .collect()
}

async fn keep(app: &App, call: &CallRow, planned: Planned) -> Result<(), ApiError> {
    let file = PlanFile {
        plan: planned.plan,
        ranges: Vec::new(),
        delivered: None,
    };
    let blob = seal_bytes(app, &call.case_id, file.to_json().into_bytes()).await?;
    let risk_blob = match &planned.risk {
        Some(risk) => Some(seal_bytes(app, &call.case_id, risk.to_json().into_bytes()).await?),
        None => None,
    };
    let mut tx = app.store().begin().await?;
    let mut case = locked::case(&mut tx, &call.case_id).await?;
    let mut call = locked::call(&mut tx, &case.id, call.number).await?;
    if call.plan_blob.is_some() {
        // Another run was faster; decisions may rest on its plan.
        return Ok(());
    }
    call.plan_blob = Some(tx.keep(blob));
    call.risk_blob = risk_blob.map(|blob| tx.keep(blob));
    residual::follow(&mut call, planned.risk.as_ref(), &file.plan)?;
    call.fit_json = Some(to_json(&planned.fit)?);
    call.total_spans = as_u32(file.plan.spans.len());
    call.open_spans = as_u32(file.plan.open_spans().count());
    call.review_state = "open".to_owned();
    let entry = Draft::new(AuditAction::DetectionDone, app.service())
        .case(&case)
        .call(&call)
        .detail("engine", &file.plan.engine)
        .detail("policy", &file.plan.policy)
        .detail("detections", planned.detections)
        .detail("spans", call.total_spans)
        .detail("toReview", call.open_spans)
        .detail("unplaced", planned.fit.unplaced);
    tx.update_call(&call).await?;
    advance(&mut tx, &mut case).await?;
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Calls, Some(call.number));
    app.emit_case(&case.id, CasePart::Review, Some(call.number));
    app.emit_case(&case.id, CasePart::Case, None);
    Ok(())
}
