use sandbox::SandboxOptions;
use serde_json::Value;

use crate::client::{Session, send};

/// The recording's answer and its transcript file.
async fn transcript(session: &Session, stem: &str) -> (Value, Value) {
    let (conversation, recording) = Session::ids(stem);
    let path = format!(
        "/api/v2/conversations/{conversation}/recordings/{recording}?formatId=MP3&download=true"
    );
    let recording = session.get_when_ready(&path).await.json();
    let communication = recording["sessionId"].as_str().unwrap();
    let url = session
        .get(&format!("/api/v2/speechandtextanalytics/conversations/{conversation}/communications/{communication}/transcripturl"))
        .await;
    assert_eq!(url.status, 200, "{}", url.text());
    let file = send("GET", url.json()["url"].as_str().unwrap(), &[], "")
        .await
        .unwrap();
    (recording, file.json())
}

fn words(file: &Value) -> Vec<(String, i64)> {
    let phrases = file["transcripts"][0]["phrases"].as_array().unwrap();
    phrases
        .iter()
        .flat_map(|phrase| phrase["words"].as_array().unwrap())
        .map(|word| {
            (
                word["word"].as_str().unwrap().to_owned(),
                word["startTimeMs"].as_i64().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn times_are_wall_clock_and_pauses_have_to_be_taken_out() {
    let session = Session::start(SandboxOptions {
        transcode_ms: 0,
        ..SandboxOptions::default()
    })
    .await;
    let (recording, file) = transcript(&session, "call-03").await;
    let start: jiff::Timestamp = recording["startTime"].as_str().unwrap().parse().unwrap();
    let pause = &recording["annotations"][0];
    assert_eq!(
        (pause["reason"].as_str(), pause["durationMs"].as_i64()),
        (Some("SecurePause"), Some(24_500))
    );
    assert!(file["conversationStartTime"].as_i64().unwrap() < start.as_millisecond());
    assert_eq!(file["startTime"].as_i64(), Some(start.as_millisecond()));
    // The last word, moved back by the pause, lies inside the audio; not moved back, outside it.
    let last_ms = words(&file).last().unwrap().1 - start.as_millisecond();
    let audio_ms = recording["outputDurationMs"].as_i64().unwrap();
    assert!(
        last_ms > audio_ms && last_ms - 24_500 < audio_ms,
        "{last_ms} {audio_ms}"
    );
    let end: jiff::Timestamp = recording["endTime"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        end.duration_since(start).as_millis() as i64,
        audio_ms + 24_500
    );
}

#[tokio::test]
async fn a_misheard_digit_is_in_the_transcript_and_not_in_the_truth() {
    let session = Session::start(SandboxOptions {
        transcode_ms: 0,
        ..SandboxOptions::default()
    })
    .await;
    let (_, file) = transcript(&session, "call-08").await;
    let text: Vec<_> = words(&file).into_iter().map(|(word, _)| word).collect();
    assert!(text.join(" ").contains("oh nine one oh, 5100"));
    let (_, recording) = Session::ids("call-08");
    let truth = sandbox::ground_truth().recording(&recording).unwrap();
    assert!(
        truth
            .items
            .iter()
            .any(|item| item.entity == "CREDIT_CARD" && item.words.starts_with("oh five one oh"))
    );
}

#[tokio::test]
async fn a_call_without_a_transcript_is_404_and_one_with_a_poor_line_is_unsure() {
    let session = Session::start(SandboxOptions {
        transcode_ms: 0,
        ..SandboxOptions::default()
    })
    .await;
    let (conversation, recording) = Session::ids("call-15");
    let metadata = session
        .get(&format!(
            "/api/v2/conversations/{conversation}/recordingmetadata/{recording}"
        ))
        .await
        .json();
    let communication = metadata["sessionId"].as_str().unwrap();
    let path = format!(
        "/api/v2/speechandtextanalytics/conversations/{conversation}/communications/{communication}/transcripturl"
    );
    let missing = session.get(&path).await;
    assert_eq!(
        (missing.status, missing.json()["code"].as_str()),
        (404, Some("resource.not.found"))
    );
    let (_, file) = transcript(&session, "call-07").await;
    let all: Vec<f64> = file["transcripts"][0]["phrases"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|phrase| phrase["words"].as_array().unwrap())
        .map(|word| word["confidence"].as_f64().unwrap())
        .collect();
    let unsure = all.iter().filter(|&&confidence| confidence < 0.6).count();
    assert!(unsure * 10 > all.len(), "{unsure} of {}", all.len());
}
