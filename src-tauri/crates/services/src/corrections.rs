//! Correction memory: what reviewers correct is found, asked about or called by its name the next time. // B17
//!
//! A correction is learned when a review is finished, from what stands then. Its words are sealed in the
//! vault of the case they were said in; they are opened for a detection and for nothing else.

use domain::{
    audit::AuditAction,
    entity::{EntityKind, Owner},
    plan::{RedactionSpan, SpanOrigin},
    sensitive::PersonalData,
    transcript::Transcript,
};
use evidence::hashing::sha256;
use redaction::{
    corrections::{Correction, Corrections, MAX_ENTRIES, Ruling, occurrences, phrase},
    detector::Detector,
};
use serde::{Deserialize, Serialize};
use store::{CorrectionRow, LooseBlob, Tx, rows::CallRow};

use crate::{
    api::{
        ApiError, CorrectionList, CorrectionRef, CorrectionView, Done, Event, ListCorrectionsReq,
    },
    app::App,
    detect,
    errors::integrity,
    open_case::{human, to_json},
    record::{self, Draft},
    review::Review,
    sealed_bytes::{open_bytes, seal_bytes},
    transcript_record::TranscriptRecord,
};

/// A span that is kept for this reason was no personal data.
const NOT_PERSONAL: &str = "not_personal_data";
/// Words on either side that are kept as an example.
const CONTEXT_WORDS: usize = 20;
/// A single word that is said more often in one call is an ordinary one.
const ORDINARY: usize = 2;
/// Hexadecimal digits of the digest that plans name.
const DIGEST_CHARS: usize = 16;

/// The sealed part of a correction.
#[derive(Serialize, Deserialize)]
struct CorrectionRecord {
    version: u8,
    phrase: String,
    is_agent: bool,
    /// What was said around it, to try it again.
    example: TranscriptRecord,
}

const VERSION: u8 = 1;

/// A correction with an example in which it must hold.
pub(crate) struct Example {
    pub(crate) correction: Correction,
    pub(crate) transcript: Transcript,
}

/// What a finished review teaches.
pub(crate) struct Lesson {
    row: CorrectionRow,
    blob: LooseBlob,
}

/// Prepares what a review teaches; nothing is kept before [`learn`].
pub(crate) async fn lessons(
    app: &App,
    call: &CallRow,
    review: &Review,
    by: &str,
) -> Result<Vec<Lesson>, ApiError> {
    let Some(transcript) = detect::transcript(app, call).await? else {
        return Ok(Vec::new());
    };
    let mut lessons = Vec::new();
    for span in &review.plan.spans {
        let Some((ruling, words)) = taught(span, review, &transcript) else {
            continue;
        };
        let record = CorrectionRecord {
            version: VERSION,
            phrase: words.0,
            is_agent: span.owner == Owner::Agent,
            example: (&around(&transcript, &words.1)).into(),
        };
        let bytes = to_json(&record)?.into_bytes();
        let blob = seal_bytes(app, &call.case_id, bytes).await?;
        let row = CorrectionRow {
            id: uuid::Uuid::new_v4().simple().to_string(),
            case_id: call.case_id.clone(),
            call: call.number,
            span: span.id.to_string(),
            ruling: ruling.name().to_owned(),
            entity: span.entity.name().to_owned(),
            blob: blob.id().clone(),
            by: by.to_owned(),
            at_utc: app.now(),
        };
        lessons.push(Lesson { row, blob });
    }
    Ok(lessons)
}

/// What a span teaches, if anything: the phrase and the places of its words.
fn taught(
    span: &RedactionSpan,
    review: &Review,
    transcript: &Transcript,
) -> Option<(Ruling, (String, Vec<usize>))> {
    let decided = review.decided.get(span.id.as_str());
    let reason = decided.and_then(|(_, reason)| reason.as_deref());
    let ruling = match span.origin {
        SpanOrigin::Manual if span.is_replaced() => Ruling::Marked,
        SpanOrigin::Detected if !span.is_replaced() && reason == Some(NOT_PERSONAL) => Ruling::Kept,
        SpanOrigin::Detected if review.retyped.contains(span.id.as_str()) => Ruling::Marked,
        SpanOrigin::Manual | SpanOrigin::Detected => return None,
    };
    let places = words_of(span, transcript);
    let words = places.iter().filter_map(|&at| transcript.words.get(at));
    let said = phrase(words)?;
    let is_single = places.len() == 1;
    if is_single && occurrences(transcript, &said) > ORDINARY {
        return None;
    }
    Some((ruling, (said.reveal().clone(), places)))
}

/// The words of a span; of one marked by hand those whose middle lies in it, of the side that says most.
fn words_of(span: &RedactionSpan, transcript: &Transcript) -> Vec<usize> {
    if !span.words.is_empty() {
        return span.words.clone();
    }
    let all = transcript.words.iter().enumerate();
    let inside: Vec<_> = all
        .filter(|(_, word)| {
            let middle = word.start_ms.midpoint(word.end_ms);
            (span.raw_start_ms..span.raw_end_ms).contains(&middle)
        })
        .collect();
    let on = |channel| inside.iter().filter(move |it| it.1.channel == channel);
    let channels = inside.iter().map(|it| it.1.channel);
    let Some(most) = channels.max_by_key(|&channel| on(channel).count()) else {
        return Vec::new();
    };
    on(most).map(|it| it.0).collect()
}

/// The words around these, as a transcript of their own.
fn around(transcript: &Transcript, places: &[usize]) -> Transcript {
    let first = places
        .first()
        .map_or(0, |at| at.saturating_sub(CONTEXT_WORDS));
    let last = places.last().map_or(0, |at| at + CONTEXT_WORDS + 1);
    let words = transcript
        .words
        .get(first..last.min(transcript.words.len()));
    let words = words.unwrap_or_default().to_vec();
    Transcript::new(words, transcript.language.clone(), transcript.origin)
}

/// Keeps what a review teaches, instead of what an earlier review of the call did. Returns what is to be
/// removed from the vault after the commit.
pub(crate) async fn learn(
    tx: &mut Tx,
    call: &CallRow,
    lessons: Vec<Lesson>,
) -> Result<Vec<CorrectionRow>, ApiError> {
    let unlearned = tx.take_corrections(&call.case_id, call.number).await?;
    for lesson in lessons {
        tx.keep(lesson.blob);
        tx.insert_correction(&lesson.row).await?;
    }
    Ok(unlearned)
}

/// Removes the words of corrections that are gone from the list.
pub(crate) fn forget(app: &App, rows: &[CorrectionRow]) -> Result<(), ApiError> {
    for row in rows {
        app.store().vault().remove(&row.case_id, &row.blob)?;
    }
    Ok(())
}

/// The detector of this desk, with everything that reviewers corrected.
pub(crate) async fn detector(app: &App) -> Result<Detector, ApiError> {
    Ok(with_examples(app).await?.0)
}

/// The detector, and the examples that it must hold.
pub(crate) async fn with_examples(app: &App) -> Result<(Detector, Vec<Example>), ApiError> {
    let limit = u32::try_from(MAX_ENTRIES).unwrap_or(u32::MAX);
    let mut examples = Vec::new();
    for row in app.store().corrections(limit).await? {
        // Shredded with its case: what cannot be opened any more is not known any more.
        if let Ok(example) = open(app, &row).await {
            examples.push(example);
        }
    }
    let corrections: Vec<_> = examples.iter().map(|it| it.correction.clone()).collect();
    let digest = digest(app, &corrections);
    let detector = Detector {
        corrections: Corrections::new(corrections, &digest),
        learned: app.learned(),
    };
    Ok((detector, examples))
}

async fn open(app: &App, row: &CorrectionRow) -> Result<Example, ApiError> {
    let bytes = open_bytes(app, &row.case_id, &row.blob).await?;
    let record: CorrectionRecord =
        serde_json::from_slice(&bytes).map_err(|error| integrity("A correction", &error))?;
    let ruling = Ruling::from_name(&row.ruling);
    let entity = EntityKind::from_name(&row.entity);
    let (Some(ruling), Some(entity), VERSION) = (ruling, entity, record.version) else {
        return Err(ApiError::invalid("Correction", "a newer version wrote it"));
    };
    Ok(Example {
        correction: Correction {
            ruling,
            entity,
            is_agent: record.is_agent,
            phrase: PersonalData::new(record.phrase),
        },
        transcript: record.example.into(),
    })
}

/// Keyed, because a digest of a name alone could be guessed.
fn digest(app: &App, corrections: &[Correction]) -> String {
    let mut lines: Vec<String> = corrections
        .iter()
        .map(|it| {
            let (ruling, entity) = (it.ruling.name(), it.entity.name());
            format!("{ruling} {entity} {} {}", it.is_agent, it.phrase.reveal())
        })
        .collect();
    lines.sort();
    let key = app.store().secret("corrections-digest");
    let mut bytes = key.reveal().to_vec();
    bytes.extend(lines.join("\n").into_bytes());
    let mut hex = sha256(bytes).hex();
    hex.truncate(DIGEST_CHARS);
    hex
}

/// The corrections of this desk; showing the words is on record.
///
/// # Errors
/// When the words are asked for and nobody who decides is signed in, or the database fails.
pub async fn list_corrections(
    app: &App,
    request: ListCorrectionsReq,
) -> Result<CorrectionList, ApiError> {
    if request.reveal {
        let worker = app.deciding_person()?;
        let entry = Draft::new(AuditAction::TextRevealed, human(&worker));
        let mut tx = app.store().begin().await?;
        record::append(app, &mut tx, entry.detail("what", "corrections")).await?;
        tx.commit().await?;
    }
    let limit = u32::try_from(MAX_ENTRIES).unwrap_or(u32::MAX);
    let mut corrections = Vec::new();
    for row in app.store().corrections(limit).await? {
        let words = match request.reveal {
            true => open(app, &row).await.ok(),
            false => None,
        };
        corrections.push(CorrectionView {
            words: words.map(|it| it.correction.phrase.reveal().clone()),
            id: row.id,
            case_id: row.case_id,
            call: row.call,
            ruling: row.ruling,
            entity: row.entity,
            by: row.by,
            at_utc: row.at_utc.to_string(),
        });
    }
    let version = detector(app).await?.corrections.version().to_owned();
    Ok(CorrectionList {
        corrections,
        version,
    })
}

/// Forgets a correction; plans that were made with it stay as they are.
///
/// # Errors
/// When there is none, or nobody who decides is signed in.
pub async fn remove_correction(app: &App, request: CorrectionRef) -> Result<Done, ApiError> {
    let worker = app.deciding_person()?;
    let mut tx = app.store().begin().await?;
    let row = tx.take_correction(&request.id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("correction", &request.id))?;
    let entry = Draft::new(AuditAction::CorrectionRemoved, human(&worker))
        .detail("caseId", &row.case_id)
        .detail("call", row.call)
        .detail("span", &row.span)
        .detail("ruling", &row.ruling)
        .detail("entity", &row.entity);
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    forget(app, &[row])?;
    app.emit(Event::StatusChanged);
    Ok(Done {})
}
