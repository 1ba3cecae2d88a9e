//! Bringing a recording out of the archive.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{Org, answer::Refusal, guard::Caller, recordings};

/// The part of a `Recording` that may be changed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Changed {
    archive_date: Option<Timestamp>,
}

/// `PUT …/recordings/{recordingId}`: a later archive date restores an archived recording until then.
pub(crate) async fn put(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path((conversation, recording)): Path<(String, String)>,
    Json(changed): Json<Changed>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&["recording:recording:restore"])?;
    let (conversation, recording) = recordings::find(&organization, &conversation, &recording)?;
    let (state, _) = organization.file_state(recording);
    let until_utc = changed
        .archive_date
        .filter(|until| *until > organization.now_utc() && state == "ARCHIVED");
    let Some(until_utc) = until_utc else {
        return Err(Refusal::bad_request(
            "recording.not.archivable",
            "The recording is not archived, or the date is not in the future.",
        ));
    };
    organization.restore(&recording.id, until_utc);
    let body = recordings::recording_of(&organization, conversation, recording, &caller);
    Ok(Json(body))
}
