//! Transcripts: where they are, and the files themselves.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Org, answer::Refusal, guard::Caller, recordings};
use crate::{
    corpus::{Conversation, Corpus, Phrase, Recording, Transcript, Word},
    organization,
    state::{Organization, TRANSCRIPT_URL_TTL_MIN},
};

/// `GET …/communications/{communicationId}/transcripturl`.
pub(crate) async fn url(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path((conversation, communication)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    caller.need_all(&[
        "recording:recording:view",
        "speechAndTextAnalytics:data:view",
    ])?;
    let (conversation, recording) = transcribed(&organization, &conversation, &communication)?;
    Ok(Json(
        json!({ "url": link(&organization, conversation, recording) }),
    ))
}

/// `GET …/communications/{communicationId}/transcripturls`.
pub(crate) async fn urls(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path((conversation, communication)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&[
        "recording:recording:view",
        "recording:recordingSegment:view",
    ])?;
    let (conversation, recording) = transcribed(&organization, &conversation, &communication)?;
    Ok(Json(json!({
        "conversation": { "id": conversation.id },
        "communicationId": communication,
        "urls": [{
            "recording": { "id": recording.id },
            "url": link(&organization, conversation, recording),
        }],
    })))
}

fn transcribed(
    organization: &Organization,
    conversation: &str,
    communication: &str,
) -> Result<(&'static Conversation, &'static Recording), Refusal> {
    let conversation = recordings::find_conversation(organization, conversation)?;
    conversation
        .recordings
        .iter()
        .find(|recording| recording.session_id == communication && recording.transcript.is_some())
        .map(|recording| (conversation, recording))
        .ok_or_else(|| Refusal::not_found("resource.not.found", "URL is not available."))
}

fn link(organization: &Organization, conversation: &Conversation, recording: &Recording) -> String {
    let path = format!(
        "/transcripts/{}/{}.json",
        conversation.id, recording.session_id
    );
    organization.media_link(&path, TRANSCRIPT_URL_TTL_MIN)
}

/// The transcript file of a communication, moved by `shift_ms` (0 unless a fault says otherwise).
pub(crate) fn file(communication: &str, shift_ms: i64) -> Option<Value> {
    let found = Corpus::get().conversations.iter().find_map(|conversation| {
        let is_it = |recording: &&Recording| recording.session_id == communication;
        Some((conversation, conversation.recordings.iter().find(is_it)?))
    });
    let (conversation, recording) = found?;
    let transcript = recording.transcript.as_ref()?;
    let clock = WallClock {
        recording,
        shift_ms,
    };
    let length_ms = recording.end.duration_since(recording.start).as_millis() as u64;
    Some(json!({
        "organizationId": organization::ORGANIZATION_ID,
        "conversationId": conversation.id,
        "communicationId": communication,
        "mediaType": "call",
        "conversationStartTime": conversation.start.as_millisecond(),
        "startTime": recording.start.as_millisecond(),
        "duration": millis(length_ms),
        "participants": participants(conversation),
        "transcripts": [body(transcript, recording, &clock, length_ms)],
        "uri": format!("/api/v2/speechandtextanalytics/conversations/{}/communications/{communication}", conversation.id),
    }))
}

fn body(
    transcript: &Transcript,
    recording: &Recording,
    clock: &WallClock<'_>,
    length_ms: u64,
) -> Value {
    let phrases: Vec<_> = transcript
        .phrases
        .iter()
        .enumerate()
        .map(|(index, phrase)| phrase_json(index, phrase, clock))
        .collect();
    json!({
        "transcriptId": transcript.id,
        "language": "en-gb",
        "programId": null,
        "engineId": "r2d2",
        "startTime": recording.start.as_millisecond(),
        "duration": millis(length_ms),
        "phrases": phrases,
        "analytics": { "sentiment": [], "topics": [], "acoustics": [] },
    })
}

fn participants(conversation: &Conversation) -> Value {
    let agent = Corpus::get().agent(&conversation.agent);
    let times = |mut participant: Value| {
        participant["initialDirection"] = conversation.direction.as_str().into();
        participant["ani"] = conversation.ani.as_str().into();
        participant["dnis"] = conversation.dnis.as_str().into();
        participant["divisionId"] = organization::DIVISION_ID.into();
        participant["startTimeMs"] = conversation.answered.as_millisecond().into();
        participant["endTimeMs"] = conversation.end.as_millisecond().into();
        participant
    };
    json!([
        times(json!({ "participantPurpose": "external" })),
        times(json!({
            "participantPurpose": "internal",
            "userId": agent.map(|agent| agent.id.as_str()),
            "queueId": Corpus::get().queue_id(&conversation.queue),
        })),
    ])
}

fn phrase_json(index: usize, Phrase(channel, words): &Phrase, clock: &WallClock<'_>) -> Value {
    let start_ms = words.first().map_or(0, |word| word.1);
    let end_ms = words.last().map_or(start_ms, |word| word.1 + word.2);
    let confidence = words.iter().map(|word| word.3).sum::<f64>() / words.len().max(1) as f64;
    let text: Vec<_> = words.iter().map(|word| word.0.as_str()).collect();
    json!({
        "phraseIndex": index,
        "participantPurpose": if *channel == 0 { "external" } else { "internal" },
        "text": text.join(" "),
        "stability": 1.0,
        "confidence": round(confidence),
        "offset": millis(clock.offset_ms(start_ms)),
        "startTimeMs": clock.at(start_ms),
        "duration": millis(end_ms - start_ms),
        "words": words.iter().map(|word| word_json(word, clock)).collect::<Vec<_>>(),
        "type": "phrase",
    })
}

fn word_json(Word(text, start_ms, length_ms, confidence): &Word, clock: &WallClock<'_>) -> Value {
    json!({
        "word": text,
        "confidence": round(*confidence),
        "offset": millis(clock.offset_ms(*start_ms)),
        "startTimeMs": clock.at(*start_ms),
        "duration": millis(*length_ms),
    })
}

/// Transcript times are wall-clock: pauses that the audio lacks are in them.
struct WallClock<'a> {
    recording: &'a Recording,
    shift_ms: i64,
}

impl WallClock<'_> {
    /// Milliseconds since the recorder started, with pauses left in.
    fn offset_ms(&self, audio_ms: u64) -> u64 {
        let before = self
            .recording
            .pauses
            .iter()
            .filter(|pause| pause.audio_ms <= audio_ms);
        let offset = audio_ms + before.map(|pause| pause.duration_ms).sum::<u64>();
        offset.saturating_add_signed(self.shift_ms)
    }

    /// Epoch milliseconds.
    fn at(&self, audio_ms: u64) -> i64 {
        let start: Timestamp = self.recording.start;
        start.as_millisecond() + self.offset_ms(audio_ms) as i64
    }
}

fn millis(value: u64) -> Value {
    json!({ "milliseconds": value })
}

fn round(confidence: f64) -> f64 {
    (confidence * 1000.0).round() / 1000.0
}
