//! Recordings of a conversation: metadata, and media in a chosen format.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Org, annotations, answer::Refusal, detail::utc, guard::Caller};
use crate::{
    audio::{Format, Part},
    corpus::{Conversation, Corpus, Recording},
    organization,
    state::{MEDIA_URL_TTL_MIN, Organization},
};

/// Any of these lets a client see recordings.
pub(crate) const VIEW: [&str; 4] = [
    "recording:recording:view",
    "recording:recordingSegment:view",
    "recording:snippetRecording:view",
    "recording:screenRecording:view",
];

/// Query parameters of the recording calls.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wanted {
    format_id: Option<String>,
    media_formats: Option<String>,
    #[serde(default)]
    download: bool,
}

/// How far a transcode is.
enum Transcode {
    Running,
    Done,
}

/// `GET …/recordingmetadata`: cheap, starts no transcoding.
pub(crate) async fn metadata_list(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path(conversation): Path<String>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&VIEW)?;
    let conversation = find_conversation(&organization, &conversation)?;
    let list: Vec<_> = conversation
        .recordings
        .iter()
        .map(|recording| metadata_of(&organization, conversation, recording))
        .collect();
    Ok(Json(json!(list)))
}

/// `GET …/recordingmetadata/{recordingId}`.
pub(crate) async fn metadata(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path((conversation, recording)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&VIEW)?;
    let (conversation, recording) = find(&organization, &conversation, &recording)?;
    organization.advance_restoration(&recording.id);
    Ok(Json(metadata_of(&organization, conversation, recording)))
}

/// `GET …/recordings/{recordingId}`: 202 while it transcodes, then 200 with links.
pub(crate) async fn one(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path((conversation, recording)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    may_view(&caller)?;
    let (conversation, recording) = find(&organization, &conversation, &recording)?;
    let mut body = recording_of(&organization, conversation, recording, &caller);
    if !organization.has_media(recording) {
        return Ok(Json(body).into_response());
    }
    let format = format(&wanted)?;
    if matches!(
        transcode(&organization, &recording.id, format),
        Transcode::Running
    ) {
        body["estimatedTranscodeTimeMs"] = organization.transcode_ms.into();
        return Ok((StatusCode::ACCEPTED, Json(body)).into_response());
    }
    add_media(&mut body, &organization, recording, format, &wanted).await;
    Ok(Json(body).into_response())
}

/// The media of an orphan: that of a recording of the corpus, at the time when the orphan was made.
pub(super) async fn orphan_media(
    organization: &Arc<Organization>,
    number: u32,
    mut body: Value,
    wanted: &Wanted,
) -> Result<Response, Refusal> {
    let playable = Corpus::get()
        .conversations
        .iter()
        .flat_map(|it| &it.recordings);
    let mut playable = playable.filter(|recording| organization.has_media(recording));
    let Some(recording) = playable.nth(number as usize % 4) else {
        return Err(Refusal::not_found("not.found", "The media was not found."));
    };
    let format = format(wanted)?;
    let id = body["id"].as_str().unwrap_or_default().to_owned();
    if matches!(transcode(organization, &id, format), Transcode::Running) {
        body["estimatedTranscodeTimeMs"] = organization.transcode_ms.into();
        return Ok((StatusCode::ACCEPTED, Json(body)).into_response());
    }
    let start = body["creationTime"].clone();
    add_media(&mut body, organization, recording, format, wanted).await;
    body["startTime"] = start.clone();
    body["originalRecordingStartTime"] = start;
    if let Some(body) = body.as_object_mut() {
        body.remove("endTime");
    }
    Ok(Json(body).into_response())
}

/// `GET …/recordings`: starts transcoding of all; 202 with an empty body until every one is ready.
pub(crate) async fn list(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
    Path(conversation): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    may_view(&caller)?;
    let format = format(&wanted)?;
    let conversation = find_conversation(&organization, &conversation)?;
    let available = || {
        conversation
            .recordings
            .iter()
            .filter(|recording| organization.has_media(recording))
    };
    let running = available()
        .filter(|recording| {
            matches!(
                transcode(&organization, &recording.id, format),
                Transcode::Running
            )
        })
        .count();
    if running > 0 {
        return Ok(StatusCode::ACCEPTED.into_response());
    }
    let mut bodies = Vec::new();
    for recording in &conversation.recordings {
        let mut body = recording_of(&organization, conversation, recording, &caller);
        if organization.has_media(recording) {
            add_media(&mut body, &organization, recording, format, &wanted).await;
        }
        bodies.push(body);
    }
    Ok(Json(bodies).into_response())
}

/// The per-call code of the definition for missing permission on recordings.
fn may_view(caller: &Caller) -> Result<(), Refusal> {
    caller.need_any(&VIEW).map_err(|refusal| Refusal {
        code: "recording.recording.view.permission.check.failed",
        ..refusal
    })
}

/// `mediaFormats` overrides `formatId`; without either the platform makes WebM.
fn format(wanted: &Wanted) -> Result<Format, Refusal> {
    let first = wanted
        .media_formats
        .as_deref()
        .and_then(|list| list.split(',').next());
    let id = first.or(wanted.format_id.as_deref()).unwrap_or("WEBM");
    Format::from_id(id).ok_or_else(|| {
        Refusal::bad_request(
            "invalid.query.param.value",
            "The value of formatId is not a supported format",
        )
    })
}

pub(crate) fn find_conversation(
    organization: &Organization,
    id: &str,
) -> Result<&'static Conversation, Refusal> {
    if uuid::Uuid::try_parse(id).is_err() {
        return Err(Refusal::bad_request(
            "quality.query.invalid.conversation",
            "The conversation id is not valid.",
        ));
    }
    organization.conversation(id).ok_or_else(|| {
        Refusal::not_found("conversation.not.found", "The conversation was not found.")
    })
}

pub(crate) fn find(
    organization: &Organization,
    conversation: &str,
    recording: &str,
) -> Result<(&'static Conversation, &'static Recording), Refusal> {
    let conversation = find_conversation(organization, conversation)?;
    let found = conversation
        .recordings
        .iter()
        .find(|candidate| candidate.id == recording);
    let recording =
        found.ok_or_else(|| Refusal::not_found("not.found", "The recording was not found."))?;
    Ok((conversation, recording))
}

/// Starts a transcode at the first request and says whether it has finished.
fn transcode(organization: &Organization, recording_id: &str, format: Format) -> Transcode {
    let ready_after = Duration::from_millis(organization.transcode_ms);
    let key = (recording_id.to_owned(), format);
    let ready_at = *organization
        .memory()
        .transcodes
        .entry(key)
        .or_insert_with(|| Instant::now() + ready_after);
    if Instant::now() < ready_at {
        Transcode::Running
    } else {
        Transcode::Done
    }
}

/// `RecordingMetadata`. `startTime` is null for audio.
fn metadata_of(
    organization: &Organization,
    conversation: &Conversation,
    recording: &Recording,
) -> Value {
    let mut body = common(organization, conversation, recording, "recordingmetadata");
    body["region"] = organization::REGION.into();
    // Metadata has bookmarks only, and there are none; pauses come with the recording itself.
    body["annotations"] = json!([]);
    body
}

/// `Recording` without media.
pub(super) fn recording_of(
    organization: &Organization,
    conversation: &Conversation,
    recording: &Recording,
    caller: &Caller,
) -> Value {
    let mut body = common(organization, conversation, recording, "recordings");
    body["creationTime"] = utc(recording.start).into();
    body["recordingFileRole"] = "CUSTOMER_EXPERIENCE".into();
    if caller.may("recording:annotation:view") {
        body["annotations"] = json!(annotations::of(conversation, recording));
    }
    body
}

fn common(
    organization: &Organization,
    conversation: &Conversation,
    recording: &Recording,
    path: &str,
) -> Value {
    let (state, restored_until) = organization.file_state(recording);
    let mut body = json!({
        "id": recording.id,
        "conversationId": conversation.id,
        "sessionId": recording.session_id,
        "media": "audio",
        "mediaSubtype": "Trunk",
        "fileState": state,
        "selfUri": format!("/api/v2/conversations/{}/{path}/{}", conversation.id, recording.id),
    });
    if let Some(date) = restored_until {
        body["restoreExpirationTime"] = utc(date).into();
    }
    if let Some(date) = recording.delete_date {
        body["deleteDate"] = utc(date).into();
    }
    if let Some(date) = recording.archive_date {
        body["archiveDate"] = utc(date).into();
        body["archiveMedium"] = "CLOUDARCHIVE".into();
    }
    body
}

/// Times, size and links, which only playable media have.
async fn add_media(
    body: &mut Value,
    organization: &Arc<Organization>,
    recording: &'static Recording,
    format: Format,
    wanted: &Wanted,
) {
    let bytes = file_bytes(organization, recording, format).await;
    body["startTime"] = utc(recording.start).into();
    body["endTime"] = utc(recording.end).into();
    body["originalRecordingStartTime"] = utc(recording.start).into();
    body["actualTranscodeTimeMs"] = organization.transcode_ms.into();
    body["outputDurationMs"] = recording.duration_ms().into();
    body["outputSizeInBytes"] = bytes.into();
    body["mediaUris"] = media_uris(organization, recording, format, wanted);
}

async fn file_bytes(
    organization: &Arc<Organization>,
    recording: &'static Recording,
    format: Format,
) -> u64 {
    if let Some(made) = organization.bulk_file(&recording.id, format) {
        return made.len();
    }
    let shared = Arc::clone(organization);
    let length = move || {
        let file = shared.library.file(&recording.id, format, Part::Stereo);
        file.map_or(0, |file| file.len() as u64)
    };
    tokio::task::spawn_blocking(length).await.unwrap_or(0)
}

/// `"S"` is one file with both channels; for playback each channel has its own, `"0"` and `"1"`.
fn media_uris(
    organization: &Organization,
    recording: &Recording,
    format: Format,
    wanted: &Wanted,
) -> Value {
    let link = |part: &str| {
        let path = format!("/recordings/{}/{part}.{}", recording.id, format.suffix());
        json!({ "mediaUri": organization.media_link(&path, MEDIA_URL_TTL_MIN) })
    };
    // The sandbox has no encoders, so compressed files are not split.
    if wanted.download || matches!(format, Format::Webm | Format::OggOpus | Format::Mp3) {
        json!({ "S": link("S") })
    } else {
        json!({ "0": link("0"), "1": link("1") })
    }
}
