use std::time::Duration;

use sandbox::{
    SandboxOptions, ground_truth,
    ground_truth::{RecordingTruth, TruthOwner},
};
use serde_json::Value;

use crate::client::{Session, send};

/// RMS of the line noise is 33; quiet speech is far above.
const SPEECH_RMS: f64 = 200.0;

/// Both channels of a recording as the media host serves them.
async fn samples(session: &Session, conversation: &str, recording: &str) -> [Vec<i16>; 2] {
    let link = session.media_uri(conversation, recording, "WAV").await;
    let wav = send("GET", &link, &[], "").await.unwrap().body;
    let channel = |at: usize| {
        wav[44..]
            .chunks(4)
            .map(|frame| i16::from_le_bytes([frame[at], frame[at + 1]]))
            .collect()
    };
    [channel(0), channel(2)]
}

/// No waiting for transcodes.
fn quick() -> SandboxOptions {
    SandboxOptions {
        transcode_ms: 0,
        ..SandboxOptions::default()
    }
}

/// The recording's answer and its transcript file, if it has one.
async fn transcript(session: &Session, truth: &RecordingTruth) -> Option<(Value, Value)> {
    let (conversation, recording) = (&truth.conversation_id, &truth.recording_id);
    let path = format!(
        "/api/v2/conversations/{conversation}/recordings/{recording}?formatId=MP3&download=true"
    );
    let recording = session.get_when_ready(&path).await.json();
    let communication = recording["sessionId"].as_str().unwrap();
    let path = format!(
        "/api/v2/speechandtextanalytics/conversations/{conversation}/communications/{communication}/transcripturl"
    );
    let url = session.get(&path).await.json()["url"].as_str()?.to_owned();
    Some((recording, send("GET", &url, &[], "").await.unwrap().json()))
}

fn rms(samples: &[i16]) -> f64 {
    let sum: f64 = samples
        .iter()
        .map(|&sample| f64::from(sample).powi(2))
        .sum();
    (sum / samples.len().max(1) as f64).sqrt()
}

fn window(samples: &[i16], from_ms: u64, to_ms: u64) -> &[i16] {
    let at = |ms: u64| (ms as usize * 8).min(samples.len());
    &samples[at(from_ms)..at(to_ms)]
}

#[tokio::test]
async fn every_item_lies_on_speech_and_begins_and_ends_where_it_says() {
    let session = Session::start(quick()).await;
    let (mut edges, mut sharp) = (0, 0);
    for truth in &ground_truth().recordings {
        let channels = samples(&session, &truth.conversation_id, &truth.recording_id).await;
        for item in &truth.items {
            let channel = &channels[usize::from(item.channel)];
            assert!(
                rms(window(channel, item.start_ms, item.end_ms)) > SPEECH_RMS,
                "{} {item:?}",
                truth.stem
            );
            // Where a silence adjoins the item, sound begins or ends within 40 ms of the stated time.
            for (outside, inside) in [
                (
                    (
                        item.start_ms.saturating_sub(140),
                        item.start_ms.saturating_sub(40),
                    ),
                    (item.start_ms, item.start_ms + 80),
                ),
                (
                    (item.end_ms + 40, item.end_ms + 140),
                    (item.end_ms - 80, item.end_ms),
                ),
            ] {
                if rms(window(channel, outside.0, outside.1)) < 60.0 {
                    edges += 1;
                    sharp += usize::from(rms(window(channel, inside.0, inside.1)) > 100.0);
                }
            }
        }
    }
    assert!(edges > 100, "{edges} edges adjoin silence");
    assert!(
        sharp * 100 >= edges * 97,
        "{sharp} of {edges} edges are where they are said to be"
    );
}

#[tokio::test]
async fn transcript_words_lie_on_speech_after_pauses_are_taken_out() {
    let session = Session::start(quick()).await;
    let (mut words, mut silent) = (0, 0);
    for truth in &ground_truth().recordings {
        let Some((recording, file)) = transcript(&session, truth).await else {
            continue;
        };
        let channels = samples(&session, &truth.conversation_id, &truth.recording_id).await;
        let start_ms = recording["startTime"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .unwrap()
            .as_millisecond();
        let pauses = recording["annotations"].as_array().unwrap();
        for phrase in file["transcripts"][0]["phrases"].as_array().unwrap() {
            let channel = &channels[usize::from(phrase["participantPurpose"] == "internal")];
            for word in phrase["words"].as_array().unwrap() {
                let wall_ms = word["startTimeMs"].as_i64().unwrap() - start_ms;
                let cut_ms: i64 = pauses
                    .iter()
                    .filter(|pause| pause["realtimeLocation"].as_i64().unwrap() <= wall_ms)
                    .map(|pause| pause["durationMs"].as_i64().unwrap())
                    .sum();
                let from_ms = (wall_ms - cut_ms) as u64;
                let to_ms = from_ms + word["duration"]["milliseconds"].as_u64().unwrap();
                words += 1;
                silent += usize::from(rms(window(channel, from_ms, to_ms)) < 150.0);
            }
        }
    }
    assert!(words > 2500, "{words}");
    assert!(silent <= 3, "{silent} of {words} words lie on silence");
}

#[tokio::test]
async fn the_silent_side_of_a_conversation_is_line_noise_and_not_digital_silence() {
    let session = Session::start(quick()).await;
    let (conversation, recording) = Session::ids("call-01");
    for channel in samples(&session, &conversation, &recording).await {
        let noise = rms(window(&channel, 100, 700));
        assert!((5.0..80.0).contains(&noise), "{noise}");
    }
}

#[tokio::test]
async fn the_mp3_and_the_opus_file_hold_the_same_call() {
    let session = Session::start(quick()).await;
    for truth in &ground_truth().recordings {
        let path = format!(
            "/api/v2/conversations/{}/recordings/{}?formatId=MP3&download=true",
            truth.conversation_id, truth.recording_id
        );
        let recording = session.get_when_ready(&path).await.json();
        let duration = Duration::from_millis(recording["outputDurationMs"].as_u64().unwrap());
        assert!(
            (60..240).contains(&duration.as_secs()),
            "{} {duration:?}",
            truth.stem
        );
        // 16 kb/s constant rate.
        let mp3_ms = recording["outputSizeInBytes"].as_u64().unwrap() / 2;
        assert!(
            mp3_ms.abs_diff(duration.as_millis() as u64) < 400,
            "{}",
            truth.stem
        );
    }
}

#[test]
fn the_truth_covers_every_kind_and_owner_the_demo_needs() {
    let items = || {
        ground_truth()
            .recordings
            .iter()
            .flat_map(|truth| &truth.items)
    };
    for entity in [
        "PERSON_NAME",
        "PHONE_NUMBER",
        "CREDIT_CARD",
        "CARD_EXPIRY",
        "CVV",
        "SSN",
        "NATIONAL_INSURANCE",
        "DATE_OF_BIRTH",
        "ADDRESS",
        "EMAIL",
        "ACCOUNT_NUMBER",
        "BANK_ROUTING",
        "PIN",
    ] {
        assert!(items().any(|item| item.entity == entity), "{entity}");
    }
    for owner in [
        TruthOwner::Requestor,
        TruthOwner::Agent,
        TruthOwner::ThirdParty,
    ] {
        assert!(
            items().filter(|item| item.owner == owner).count() >= 15,
            "{owner:?}"
        );
    }
    assert!(items().all(|item| item.start_ms < item.end_ms && item.channel < 2));
}
