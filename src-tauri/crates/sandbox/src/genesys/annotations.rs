//! Pauses that were cut out of a recording.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use super::{Org, answer::Refusal, guard::Caller, recordings};
use crate::corpus::{Conversation, Recording};

/// `GET …/recordings/{recordingId}/annotations`.
pub(crate) async fn list(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path((conversation, recording)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&["recording:annotation:view"])?;
    let (conversation, recording) = recordings::find(&organization, &conversation, &recording)?;
    Ok(Json(json!(of(conversation, recording))))
}

/// `Annotation` of every pause. All pauses of a recording share one id.
pub(crate) fn of(conversation: &Conversation, recording: &Recording) -> Vec<Value> {
    let base = format!(
        "/api/v2/conversations/{}/recordings/{}/annotations",
        conversation.id, recording.id
    );
    recording
        .pauses
        .iter()
        .map(|pause| {
            json!({
                "id": pause.id,
                "name": "Pause",
                "type": "Pause",
                "reason": pause.reason,
                "location": pause.audio_ms,
                "durationMs": pause.duration_ms,
                "absoluteLocation": pause.audio_ms,
                "absoluteDurationMs": pause.duration_ms,
                "recordingLocation": pause.audio_ms,
                "recordingDurationMs": pause.duration_ms,
                "realtimeLocation": pause.wall_ms,
                "selfUri": format!("{base}/{}", pause.id),
            })
        })
        .collect()
}
