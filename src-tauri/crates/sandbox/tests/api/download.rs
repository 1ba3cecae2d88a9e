use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::Timestamp;
use sandbox::{ClientRole, SandboxOptions};
use serde_json::json;

use crate::client::{Session, send};

#[tokio::test]
async fn a_recording_is_202_first_and_then_has_a_link() {
    let session = Session::start(SandboxOptions {
        transcode_ms: 150,
        ..SandboxOptions::default()
    })
    .await;
    let (conversation, recording) = Session::ids("call-01");
    let path = format!(
        "/api/v2/conversations/{conversation}/recordings/{recording}?formatId=WAV&download=true"
    );
    let first = session.get(&path).await;
    assert_eq!(
        (
            first.status,
            first.json()["estimatedTranscodeTimeMs"].as_u64()
        ),
        (202, Some(150))
    );
    assert!(first.json().get("mediaUris").is_none());
    let ready = session.get_when_ready(&path).await.json();
    let media = send(
        "GET",
        ready["mediaUris"]["S"]["mediaUri"].as_str().unwrap(),
        &[],
        "",
    )
    .await
    .unwrap();
    assert_eq!(
        media.body.len() as u64,
        ready["outputSizeInBytes"].as_u64().unwrap()
    );
    let seconds = (media.body.len() - 44) as u64 / 4 / 8;
    assert_eq!(seconds, ready["outputDurationMs"].as_u64().unwrap());
}

#[tokio::test]
async fn every_format_has_its_header_and_content_type() {
    let session = Session::start(SandboxOptions {
        transcode_ms: 0,
        ..SandboxOptions::default()
    })
    .await;
    let (conversation, recording) = Session::ids("call-10");
    for (format, content_type, at, magic) in [
        ("WAV", "audio/wav", 20, &[1, 0, 2, 0, 0x40, 0x1f, 0, 0][..]),
        ("WAV_ULAW", "audio/wav", 20, &[7, 0, 2, 0, 0x40, 0x1f, 0, 0]),
        ("NONE", "audio/wav", 20, &[7, 0, 2, 0, 0x40, 0x1f, 0, 0]),
        ("WEBM", "audio/webm", 0, &[0x1a, 0x45, 0xdf, 0xa3]),
        ("OGG_OPUS", "audio/ogg; codecs=opus", 0, b"OggS"),
        ("MP3", "audio/mpeg", 0, &[0xff, 0xe3]),
    ] {
        let link = session.media_uri(&conversation, &recording, format).await;
        let media = send("GET", &link, &[], "").await.unwrap();
        assert_eq!(
            (media.status, media.header("content-type")),
            (200, Some(content_type)),
            "{format}"
        );
        assert_eq!(&media.body[at..at + magic.len()], magic, "{format}");
    }
    let path = format!("/api/v2/conversations/{conversation}/recordings/{recording}?formatId=FLAC");
    assert_eq!(session.get(&path).await.status, 400);
}

#[tokio::test]
async fn without_download_each_channel_is_a_file_of_its_own() {
    let session = Session::start(SandboxOptions {
        transcode_ms: 0,
        ..SandboxOptions::default()
    })
    .await;
    let (conversation, recording) = Session::ids("call-10");
    let path = format!("/api/v2/conversations/{conversation}/recordings/{recording}?formatId=WAV");
    let uris = session.get_when_ready(&path).await.json()["mediaUris"].clone();
    let whole = session.media_uri(&conversation, &recording, "WAV").await;
    let whole = send("GET", &whole, &[], "").await.unwrap().body;
    for channel in 0..2 {
        let link = uris[channel.to_string()]["mediaUri"].as_str().unwrap();
        let mono = send("GET", link, &[], "").await.unwrap().body;
        let expected: Vec<u8> = whole[44..]
            .chunks(4)
            .flat_map(|frame| frame[channel * 2..channel * 2 + 2].to_vec())
            .collect();
        assert!(mono[44..] == expected, "channel {channel}");
    }
}

#[tokio::test]
async fn a_link_expires_is_bound_to_its_path_and_refuses_a_token() {
    let now_s = Arc::new(AtomicI64::new(1_780_000_000));
    let shared = Arc::clone(&now_s);
    let clock = Arc::new(move || Timestamp::from_second(shared.load(Ordering::Relaxed)).unwrap());
    let session = Session::start(SandboxOptions {
        clock,
        transcode_ms: 0,
        ..SandboxOptions::default()
    })
    .await;
    let (conversation, recording) = Session::ids("call-10");
    let link = session.media_uri(&conversation, &recording, "MP3").await;
    let with_token = send("GET", &link, &[("Authorization", "Bearer x")], "")
        .await
        .unwrap();
    assert_eq!(
        (
            with_token.status,
            with_token.text().contains("InvalidArgument")
        ),
        (400, true)
    );
    let other = link.replace("S.mp3", "S.wav");
    assert!(
        send("GET", &other, &[], "")
            .await
            .unwrap()
            .text()
            .contains("SignatureDoesNotMatch")
    );
    now_s.fetch_add(3600, Ordering::Relaxed);
    assert_eq!(send("GET", &link, &[], "").await.unwrap().status, 200);
    now_s.fetch_add(1, Ordering::Relaxed);
    let late = send("GET", &link, &[], "").await.unwrap();
    assert_eq!(
        (late.status, late.header("content-type")),
        (403, Some("application/xml"))
    );
    assert!(late.text().contains("Request has expired"));
}

#[tokio::test]
async fn a_download_can_be_resumed() {
    let session = Session::start(SandboxOptions {
        transcode_ms: 0,
        ..SandboxOptions::default()
    })
    .await;
    let (conversation, recording) = Session::ids("call-10");
    let link = session.media_uri(&conversation, &recording, "MP3").await;
    let whole = send("GET", &link, &[], "").await.unwrap();
    let etag = whole.header("etag").unwrap();
    let rest = send(
        "GET",
        &link,
        &[("Range", "bytes=1000-"), ("If-Range", etag)],
        "",
    )
    .await
    .unwrap();
    assert_eq!(rest.status, 206);
    let expected = format!("bytes 1000-{}/{}", whole.body.len() - 1, whole.body.len());
    assert_eq!(rest.header("content-range"), Some(expected.as_str()));
    assert!(rest.body == whole.body[1000..]);
    let changed = send(
        "GET",
        &link,
        &[("Range", "bytes=1000-"), ("If-Range", "\"old\"")],
        "",
    )
    .await
    .unwrap();
    assert_eq!(
        (changed.status, changed.body.len()),
        (200, whole.body.len())
    );
}

#[tokio::test]
async fn deleted_and_archived_recordings_are_listed_without_media() {
    let session = Session::start(SandboxOptions {
        transcode_ms: 0,
        ..SandboxOptions::default()
    })
    .await;
    let all = session
        .search(&json!({ "interval": sandbox::demo_subject().interval }))
        .await;
    let mut states = Vec::new();
    for conversation in &all {
        let id = conversation["conversationId"].as_str().unwrap();
        let list = session
            .get(&format!("/api/v2/conversations/{id}/recordingmetadata"))
            .await
            .json();
        let metadata = &list[0];
        assert_eq!(metadata["region"], "eu-west-2");
        assert!(
            metadata.get("startTime").is_none(),
            "metadata of audio has no start"
        );
        let state = metadata["fileState"].as_str().unwrap();
        if state != "AVAILABLE" {
            let path = format!(
                "/api/v2/conversations/{id}/recordings/{}",
                metadata["id"].as_str().unwrap()
            );
            let recording = session.get(&path).await;
            assert_eq!(
                (recording.status, recording.json().get("mediaUris")),
                (200, None)
            );
            assert!(metadata["deleteDate"].is_string() || metadata["archiveDate"].is_string());
            states.push(state.to_owned());
        }
    }
    states.sort();
    assert_eq!(states, ["ARCHIVED", "DELETED"]);
}

#[tokio::test]
async fn the_list_call_is_202_with_an_empty_body_until_all_are_ready() {
    let session = Session::start(SandboxOptions {
        transcode_ms: 100,
        ..SandboxOptions::default()
    })
    .await;
    let (conversation, recording) = Session::ids("call-02");
    let path =
        format!("/api/v2/conversations/{conversation}/recordings?formatId=WAV_ULAW&download=true");
    let first = session.get(&path).await;
    assert_eq!(
        (first.status, first.body.len(), first.header("content-type")),
        (202, 0, None)
    );
    assert_eq!(
        session.get_when_ready(&path).await.json()[0]["id"],
        recording.as_str()
    );
}

#[tokio::test]
async fn a_batch_gives_originals_and_says_what_it_cannot_give() {
    let session = Session::start(SandboxOptions {
        transcode_ms: 0,
        ..SandboxOptions::default()
    })
    .await;
    let all = session
        .search(&json!({ "interval": sandbox::demo_subject().interval }))
        .await;
    let wanted: Vec<_> = all
        .iter()
        .map(|found| json!({ "conversationId": found["conversationId"] }))
        .collect();
    let body = json!({ "batchDownloadRequestList": wanted });
    let id = session
        .post("/api/v2/recording/batchrequests", &body)
        .await
        .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/api/v2/recording/batchrequests/{id}");
    let mut result = session.get(&path).await.json();
    assert_eq!(
        (&result["status"], &result["resultCount"]),
        (&json!("InProgress"), &json!(0))
    );
    while result["status"] != "Completed" {
        result = session.get(&path).await.json();
    }
    assert_eq!(result["resultCount"], wanted.len());
    assert_eq!(result["errorCount"], 2);
    let link = result["results"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|r| r["resultUrl"].as_str())
        .unwrap()
        .to_owned();
    assert_eq!(send("GET", &link, &[], "").await.unwrap().status, 200);
    let token = crate::client::sign_in(&session.sandbox, ClientRole::OverPrivileged).await;
    let session = Session { token, ..session };
    assert_eq!(
        session.get(&path).await.json()["code"],
        "batch.download.permission.denied"
    );
    let many: Vec<_> = std::iter::repeat_n(wanted[0].clone(), 101).collect();
    let too_many = session
        .post(
            "/api/v2/recording/batchrequests",
            &json!({ "batchDownloadRequestList": many }),
        )
        .await;
    assert_eq!(too_many.json()["code"], "batch.download.too.many.items");
}

#[tokio::test]
async fn a_hold_needs_its_permission_and_is_remembered() {
    let path = "/api/v2/recordings/deletionprotection";
    let (conversation, _) = Session::ids("call-01");
    let body = json!({ "conversationIds": [conversation] });
    let session = Session::start(SandboxOptions::default()).await;
    assert_eq!(
        session
            .call("PUT", &format!("{path}?protect=true"), &body.to_string())
            .await
            .unwrap()
            .status,
        403
    );
    let session = Session::start_as(SandboxOptions::default(), ClientRole::WithLegalHold).await;
    assert_eq!(session.post(path, &body).await.json(), json!([]));
    let placed = session
        .call("PUT", &format!("{path}?protect=true"), &body.to_string())
        .await
        .unwrap();
    assert_eq!((placed.status, placed.header("content-type")), (204, None));
    assert_eq!(
        session.post(path, &body).await.json()[0]["id"],
        conversation.as_str()
    );
}
