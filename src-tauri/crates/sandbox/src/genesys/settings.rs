//! Settings of the organization, and legal hold.

use axum::{
    Extension, Json,
    extract::{Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Org, answer::Refusal, guard::Caller};
use crate::state::{MEDIA_URL_TTL_MIN, Organization};

/// Genesys: at most a hundred conversations per request (definition of 2026-07-19).
const MAX_CONVERSATIONS: usize = 100;

/// `GET /api/v2/recording/settings`.
pub(crate) async fn recording() -> Json<Value> {
    Json(json!({
        "maxSimultaneousStreams": 1,
        "maxConfigurableScreenRecordingStreams": 1,
        "regionalRecordingStorageEnabled": true,
        "recordingPlaybackUrlTtl": MEDIA_URL_TTL_MIN,
        "recordingBatchDownloadUrlTtl": MEDIA_URL_TTL_MIN,
        "stopRecordingWhenOnlyExternalParticipants": false,
    }))
}

/// `GET /api/v2/routing/settings/transcription`.
pub(crate) async fn transcription(
    Extension(caller): Extension<Caller>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&["routing:transcriptionSettings:view"])?;
    Ok(Json(json!({
        "transcription": "EnabledGlobally",
        "transcriptionConfidenceThreshold": 50,
        "lowLatencyTranscriptionEnabled": false,
        "contentSearchEnabled": true,
        "pciDssRedactionEnabled": false,
        "piiRedactionEnabled": false,
    })))
}

/// `ConversationDeletionProtectionQuery`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Conversations {
    conversation_ids: Vec<String>,
}

/// Whether to place or to lift the hold.
#[derive(Debug, Deserialize)]
pub(crate) struct Protect {
    #[serde(default = "place")]
    protect: bool,
}

const fn place() -> bool {
    true
}

/// `PUT /api/v2/recordings/deletionprotection`.
pub(crate) async fn hold(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Query(Protect { protect }): Query<Protect>,
    Json(body): Json<Conversations>,
) -> Result<StatusCode, Refusal> {
    let action = if protect { "apply" } else { "revoke" };
    caller.need_any(&[&format!("recording:deletionProtection:{action}")])?;
    check(&organization, &body)?;
    let mut memory = organization.memory();
    for id in body.conversation_ids {
        if protect {
            memory.holds.insert(id);
        } else {
            memory.holds.remove(&id);
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v2/recordings/deletionprotection`: which of these are under hold.
pub(crate) async fn held(
    State(organization): Org,
    Json(body): Json<Conversations>,
) -> Result<Json<Value>, Refusal> {
    check(&organization, &body)?;
    let memory = organization.memory();
    let held = body
        .conversation_ids
        .iter()
        .filter(|id| memory.holds.contains(*id));
    let list: Vec<_> = held
        .map(|id| json!({ "id": id, "selfUri": format!("/api/v2/conversations/{id}") }))
        .collect();
    Ok(Json(json!(list)))
}

fn check(organization: &Organization, body: &Conversations) -> Result<(), Refusal> {
    if body.conversation_ids.len() > MAX_CONVERSATIONS {
        return Err(Refusal::bad_request(
            "constraint.validation",
            "At most 100 conversations are allowed",
        ));
    }
    if body
        .conversation_ids
        .iter()
        .any(|id| organization.conversation(id).is_none())
    {
        return Err(Refusal::not_found(
            "recording.conversation.not.found",
            "A conversation was not found.",
        ));
    }
    Ok(())
}
