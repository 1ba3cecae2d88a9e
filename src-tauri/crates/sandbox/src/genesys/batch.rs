//! Batch download in the original codec.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Org, answer::Refusal, guard::Caller, recordings};
use crate::{
    audio::Format,
    state::{Batch, MEDIA_URL_TTL_MIN, Organization},
};

const MAX_ITEMS: usize = 100;

/// `BatchDownloadJobSubmission`. There is no format parameter.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Submission {
    batch_download_request_list: Vec<Request>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    conversation_id: String,
    recording_id: Option<String>,
}

/// `POST /api/v2/recording/batchrequests`.
pub(crate) async fn submit(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    body: Result<Json<Submission>, axum::extract::rejection::JsonRejection>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&recordings::VIEW)?;
    let Json(body) = body
        .map_err(|error| Refusal::bad_request("batch.download.bad.request", error.body_text()))?;
    let asked = body.batch_download_request_list;
    if asked.is_empty() {
        return Err(Refusal::bad_request(
            "batch.download.bad.request",
            "The batch is empty.",
        ));
    }
    if asked.len() > MAX_ITEMS {
        return Err(Refusal::bad_request(
            "batch.download.too.many.items",
            "Too many items in the batch request, max 100 allowed.",
        ));
    }
    let batch = Batch {
        role: caller.role,
        recordings: asked
            .iter()
            .flat_map(|request| expand(&organization, request))
            .collect(),
        polls: 0,
    };
    let id = uuid::Uuid::new_v4().to_string();
    organization.memory().batches.insert(id.clone(), batch);
    Ok(Json(
        json!({ "id": id, "selfUri": format!("/api/v2/recording/batchrequests/{id}") }),
    ))
}

/// `GET /api/v2/recording/batchrequests/{jobId}`: one more result with each poll.
pub(crate) async fn status(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let (role, recordings, done) = advance(&organization, &id)?;
    if role != caller.role {
        return Err(Refusal::forbidden(
            "batch.download.permission.denied",
            "Only user that initiated the job can request results",
        ));
    }
    let results: Vec<_> = recordings
        .iter()
        .take(done)
        .map(|item| result(&organization, item))
        .collect();
    let errors = results
        .iter()
        .filter(|result| result.get("errorMsg").is_some())
        .count();
    let completed = done >= recordings.len();
    Ok(Json(json!({
        "id": id,
        "jobId": id,
        "status": if completed { "Completed" } else { "InProgress" },
        "expectedResultCount": recordings.len(),
        "resultCount": results.len(),
        "errorCount": errors,
        "results": results,
        "selfUri": format!("/api/v2/recording/batchrequests/{id}"),
    })))
}

type Progress = (crate::ClientRole, Vec<(String, String)>, usize);

/// The first poll finds nothing ready, each later one a third of the batch more.
fn advance(organization: &Organization, id: &str) -> Result<Progress, Refusal> {
    let mut memory = organization.memory();
    let batch = memory.batches.get_mut(id).ok_or_else(|| {
        Refusal::not_found(
            "batch.download.job.not.found",
            "The batch job was not found.",
        )
    })?;
    let step = batch.recordings.len().div_ceil(3).max(1);
    let done = step
        .saturating_mul(batch.polls as usize)
        .min(batch.recordings.len());
    batch.polls = batch.polls.saturating_add(1);
    Ok((batch.role, batch.recordings.clone(), done))
}

/// Without a recording id, all recordings of the conversation.
fn expand(organization: &Organization, request: &Request) -> Vec<(String, String)> {
    let conversation_id = &request.conversation_id;
    match &request.recording_id {
        Some(recording_id) => vec![(conversation_id.clone(), recording_id.clone())],
        None => organization
            .conversation(conversation_id)
            .map(|conversation| conversation.recordings.as_slice())
            .unwrap_or_default()
            .iter()
            .map(|recording| (conversation_id.clone(), recording.id.clone()))
            .collect(),
    }
}

/// A link or a reason, never both.
fn result(
    organization: &Organization,
    (conversation_id, recording_id): &(String, String),
) -> Value {
    let base = json!({ "conversationId": conversation_id, "recordingId": recording_id });
    let mut result = base;
    match recordings::find(organization, conversation_id, recording_id) {
        Ok((_, recording)) if organization.has_media(recording) => {
            let format = Format::WavUlaw;
            let path = format!("/recordings/{recording_id}/S.{}", format.suffix());
            result["resultUrl"] = organization.media_link(&path, MEDIA_URL_TTL_MIN).into();
            result["contentType"] = "audio/wav; codecs=7".into();
        }
        Ok((_, recording)) => {
            result["errorMsg"] = format!(
                "Recording is not available: {}",
                organization.file_state(recording).0
            )
            .into();
        }
        Err(refusal) => result["errorMsg"] = refusal.message.into(),
    }
    result
}
