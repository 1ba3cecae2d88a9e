//! The recordings of a conversation, in our terms.

use std::collections::BTreeSet;

use domain::{
    ids::{CommunicationId, ConversationId, RecordingId, SourceId},
    recording::MediaState,
    search::{FoundParticipant, FoundRecording},
    sensitive::PersonalData,
};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    Genesys,
    api::{Arguments, Operation},
    matching,
    model::{Conversation, Participant, Recording},
};
use crate::{
    http::Purpose,
    locate::{Place, none_if_absent},
    source::SourceError,
};

// Genesys: lists recordings without starting a transcoding (API reference section 5.1, checked 2026-08).
pub(super) const LIST: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/conversations/{}/recordingmetadata",
    name: "GET /api/v2/conversations/{conversationId}/recordingmetadata",
    permission: "recording:recording:view",
    purpose: Purpose::Metadata,
};

impl Genesys {
    /// What the source lists for a conversation, entries as they came.
    pub(super) async fn recordings(
        &self,
        conversation: &str,
        cancel: &CancellationToken,
    ) -> Result<Vec<Value>, SourceError> {
        let arguments = Arguments {
            ids: &[conversation],
            ..Arguments::default()
        };
        let answer = self.call(&LIST, arguments, cancel).await?;
        if answer.body.is_empty() {
            return Ok(Vec::new());
        }
        super::api::parse(&LIST, &answer.body)
    }
}

impl Genesys {
    /// The recordings of the conversation with this id.
    pub(crate) async fn locate(
        &self,
        reference: &str,
        cancel: &CancellationToken,
    ) -> Result<Vec<Place>, SourceError> {
        let Ok(conversation) = ConversationId::new(reference) else {
            return Ok(Vec::new());
        };
        let listing = none_if_absent(self.recordings(reference, cancel).await)?;
        let recordings = listing.into_iter().flatten();
        let recordings = recordings.filter_map(|it| serde_json::from_value(it).ok());
        let audio = recordings.filter(|it: &Recording| is_audio(it));
        let place = |recording: Recording| {
            Some(Place {
                source: self.id().clone(),
                conversation: conversation.clone(),
                recording: RecordingId::new(recording.id?).ok()?,
                start_utc: recording.start_time,
                end_utc: recording.end_time,
                media_state: media_state(recording.file_state.as_deref()),
                retention_ends_utc: recording.delete_date,
            })
        };
        Ok(audio.filter_map(place).collect())
    }
}

/// Whether it is a call recording; an unknown medium is kept, so that nothing is lost.
// Genesys: `media` is audio, chat, email, message or screen (API reference section 5.1, checked 2026-08).
pub(super) fn is_audio(recording: &Recording) -> bool {
    !matches!(
        recording.media.as_deref(),
        Some("chat" | "email" | "message" | "screen")
    )
}

/// Whether the media can be had.
// Genesys: `fileState` (API reference section 5.1, checked 2026-08).
pub(super) fn media_state(file_state: Option<&str>) -> MediaState {
    match file_state {
        Some("UPLOADING") => MediaState::Pending,
        Some("ARCHIVED" | "RESTORING") => MediaState::Archived,
        Some("DELETED") => MediaState::Deleted,
        Some("ERROR") => MediaState::Faulty,
        // AVAILABLE, RESTORED, and whatever is invented next: asking for it tells.
        _ => MediaState::Available,
    }
}

/// Puts a recording together; `None` when it has no usable id.
pub(super) fn found(
    source: &SourceId,
    conversation: &Conversation,
    matched_by: &[&'static str],
    recording: &Recording,
) -> Option<FoundRecording> {
    let leg = leg(conversation, recording.session_id.as_deref());
    // Genesys: `startTime` is null for audio here; the leg says when it began (API reference pitfall 13, checked 2026-08).
    let start_utc = recording
        .start_time
        .or(leg.0)
        .unwrap_or(conversation.conversation_start);
    let end_utc = recording
        .end_time
        .or(leg.1)
        .or(conversation.conversation_end);
    Some(FoundRecording {
        source: source.clone(),
        conversation: ConversationId::new(conversation.conversation_id.clone()).ok()?,
        recording: RecordingId::new(recording.id.clone()?).ok()?,
        communication: recording
            .session_id
            .clone()
            .and_then(|id| CommunicationId::new(id).ok()),
        start_utc,
        end_utc,
        agents: agents(conversation),
        participants: participants(conversation),
        queues: queues(conversation),
        media_state: media_state(recording.file_state.as_deref()),
        // Genesys: `deleteDate` is when the recording will be, or was, deleted (API reference section 5.1, checked 2026-08).
        retention_ends_utc: recording.delete_date,
        region: recording.region.clone(),
        matched_by: matched_by.to_vec(),
    })
}

/// Sorts by time and keeps each recording once.
pub(super) fn each_once(mut found: Vec<FoundRecording>) -> Vec<FoundRecording> {
    let key = |it: &FoundRecording| (it.start_utc, it.conversation.clone(), it.recording.clone());
    found.sort_by_key(key);
    let mut seen = BTreeSet::new();
    found.retain(|it| seen.insert((it.conversation.clone(), it.recording.clone())));
    found
}

/// First and last instant of the leg that was recorded.
fn leg(
    conversation: &Conversation,
    session_id: Option<&str>,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let of_leg = |id: Option<&str>| id.is_some() && id == session_id;
    let segments: Vec<_> = matching::sessions(conversation)
        .filter(|session| of_leg(session.session_id.as_deref()))
        .flat_map(|session| &session.segments)
        .collect();
    let start = segments.iter().filter_map(|it| it.segment_start).min();
    let end = segments.iter().filter_map(|it| it.segment_end).max();
    (start, end)
}

// Genesys: people of the organization have the purpose `agent` or `user` (API reference section 4.4, checked 2026-08).
fn agents(conversation: &Conversation) -> Vec<PersonalData<String>> {
    let is_agent = |purpose: Option<&str>| matches!(purpose, Some("agent" | "user"));
    let agents = conversation
        .participants
        .iter()
        .filter(|it| is_agent(it.purpose.as_deref()));
    let names: BTreeSet<_> = agents
        .filter_map(|it| it.participant_name.clone())
        .collect();
    names.into_iter().map(PersonalData::new).collect()
}

/// Everybody on the call, machines such as menus and queues included. // S2-31
fn participants(conversation: &Conversation) -> Vec<FoundParticipant> {
    let participant = |it: &Participant| FoundParticipant {
        role: it.purpose.clone().unwrap_or_else(|| "unknown".to_owned()),
        id: it
            .user_id
            .clone()
            .or_else(|| it.external_contact_id.clone()),
        participant_id: it.participant_id.clone(),
        name: it.participant_name.clone().map(PersonalData::new),
        addresses: matching::numbers(it)
            .into_iter()
            .map(PersonalData::new)
            .collect(),
    };
    conversation.participants.iter().map(participant).collect()
}

fn queues(conversation: &Conversation) -> Vec<String> {
    let mut queues = Vec::new();
    for queue in matching::queues(conversation) {
        if !queues.contains(queue) {
            queues.push(queue.clone());
        }
    }
    queues
}
