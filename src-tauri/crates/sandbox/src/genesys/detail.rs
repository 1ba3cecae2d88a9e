//! `AnalyticsConversation` as the analytics calls answer it.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    corpus::{Conversation, Corpus},
    organization,
};

/// Wrap-up after a call takes this long.
const WRAP_UP: SignedDuration = SignedDuration::from_secs(20);

/// Participant attributes are in a job's answer only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attributes {
    Included,
    LeftOut,
}

/// `AnalyticsConversation`.
pub(crate) fn detail(conversation: &Conversation, attributes: Attributes) -> Value {
    let mut customer = customer(conversation);
    if attributes == Attributes::Included {
        customer["attributes"] = json!(conversation.attributes);
    }
    json!({
        "conversationId": conversation.id,
        "conversationStart": utc(conversation.start),
        "conversationEnd": utc(conversation.end),
        "originatingDirection": conversation.direction,
        "divisionIds": [organization::DIVISION_ID],
        "mediaStatsMinConversationMos": 4.71,
        "participants": [customer, agent(conversation)],
    })
}

/// The outside party, whose session the recording and the transcript belong to.
fn customer(conversation: &Conversation) -> Value {
    let session_id = conversation
        .recordings
        .first()
        .map(|recording| recording.session_id.as_str());
    let mut participant = json!({
        "participantId": conversation.customer_participant_id,
        "participantName": "Mobile Caller",
        "purpose": "customer",
        "sessions": [session(conversation, session_id, json!([
            segment("ivr", conversation.start, conversation.answered),
            segment("interact", conversation.answered, conversation.end),
        ]))],
    });
    let known = Corpus::get().customer(&conversation.customer);
    // A withheld number is not matched with a contact.
    if let Some(contact) = known.filter(|_| conversation.remote.starts_with("tel:")) {
        participant["externalContactId"] = contact.external_contact_id.as_str().into();
    }
    participant
}

fn agent(conversation: &Conversation) -> Value {
    let agent = Corpus::get().agent(&conversation.agent);
    let queue_id = Corpus::get().queue_id(&conversation.queue);
    let mut talk = segment("interact", conversation.answered, conversation.end);
    talk["queueId"] = json!(queue_id);
    let wrapped = conversation.end + WRAP_UP;
    let mut wrapup = segment("wrapup", conversation.end, wrapped);
    wrapup["queueId"] = json!(queue_id);
    json!({
        "participantId": conversation.agent_participant_id,
        "participantName": agent.map(|agent| agent.name.as_str()),
        "userId": agent.map(|agent| agent.id.as_str()),
        "purpose": "agent",
        "sessions": [session(conversation, Some(&conversation.agent_session_id), json!([talk, wrapup]))],
    })
}

fn session(conversation: &Conversation, id: Option<&str>, segments: Value) -> Value {
    json!({
        "sessionId": id,
        "mediaType": "voice",
        "direction": conversation.direction,
        "ani": conversation.ani,
        "dnis": conversation.dnis,
        "sessionDnis": conversation.dnis,
        "remote": conversation.remote,
        "provider": "Edge",
        "recording": true,
        "segments": segments,
    })
}

fn segment(kind: &str, from: Timestamp, to: Timestamp) -> Value {
    json!({
        "segmentType": kind,
        "segmentStart": utc(from),
        "segmentEnd": utc(to),
        "conference": false,
        "disconnectType": if kind == "ivr" { "transfer" } else { "client" },
    })
}

/// `yyyy-MM-ddTHH:mm:ss.SSSZ`.
pub(crate) fn utc(moment: Timestamp) -> String {
    format!("{moment:.3}")
}
