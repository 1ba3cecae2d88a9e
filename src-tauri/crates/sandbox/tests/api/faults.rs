use std::time::{Duration, Instant};

use sandbox::{
    Scenario,
    scenario::{Action, RetryAfterForm},
};

use crate::client::{Answer, Session, send};

/// The MP3 of a call fetched under a fault on the media host.
async fn media_under(action: Action) -> (std::io::Result<Answer>, usize) {
    let session = Session::with(Scenario::first(1, "/recordings/*", action)).await;
    let (conversation, recording) = Session::ids("call-10");
    let link = session.media_uri(&conversation, &recording, "MP3").await;
    let spoiled = send("GET", &link, &[], "").await;
    let whole = send("GET", &link, &[], "").await.unwrap();
    assert_eq!(
        whole.header("content-length"),
        Some(whole.body.len().to_string().as_str()),
        "the second time is normal"
    );
    (spoiled, whole.body.len())
}

#[tokio::test]
async fn a_status_comes_with_retry_after_in_either_form() {
    for (form, is_date) in [
        (RetryAfterForm::Seconds, false),
        (RetryAfterForm::HttpDate, true),
    ] {
        let action = Action::Status {
            status: 429,
            retry_after_s: Some(7),
            retry_after_form: form,
        };
        let session = Session::with(Scenario::first(1, "/api/v2/tokens/me", action)).await;
        let refused = session.get("/api/v2/tokens/me").await;
        assert_eq!(refused.status, 429);
        assert!(refused.header("inin-correlation-id").is_some());
        assert_eq!(
            refused.header("retry-after").unwrap().ends_with("GMT"),
            is_date
        );
        assert_eq!(session.get("/api/v2/tokens/me").await.status, 200);
    }
}

#[tokio::test]
async fn a_reset_breaks_the_connection_before_any_answer() {
    let session = Session::with(Scenario::first(1, "/api/v2/tokens/me", Action::Reset)).await;
    let error = session.try_get("/api/v2/tokens/me").await.err().unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(session.get("/api/v2/tokens/me").await.status, 200);
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_its_length() {
    let (spoiled, whole) = media_under(Action::Truncate { after_bytes: 5000 }).await;
    let spoiled = spoiled.unwrap();
    assert_eq!(
        spoiled.header("content-length"),
        Some(whole.to_string().as_str())
    );
    assert_eq!(spoiled.body.len(), 5000);
}

#[tokio::test]
async fn a_short_body_is_consistent_and_incomplete() {
    let (spoiled, whole) = media_under(Action::ShortBody { missing_bytes: 100 }).await;
    let spoiled = spoiled.unwrap();
    assert_eq!(spoiled.body.len(), whole - 100);
    assert_eq!(
        spoiled.header("content-length"),
        Some((whole - 100).to_string().as_str())
    );
}

#[tokio::test]
async fn a_wrong_content_length_promises_more_or_less() {
    let (more, whole) = media_under(Action::WrongContentLength { add: 50 }).await;
    let more = more.unwrap();
    assert_eq!(
        (more.header("content-length"), more.body.len()),
        (Some((whole + 50).to_string().as_str()), whole)
    );
    let (less, whole) = media_under(Action::WrongContentLength { add: -50 }).await;
    assert_eq!(less.unwrap().body.len(), whole - 50);
}

#[tokio::test]
async fn an_empty_body_is_a_zero_length_recording() {
    let (spoiled, _) = media_under(Action::EmptyBody).await;
    let spoiled = spoiled.unwrap();
    assert_eq!(
        (
            spoiled.status,
            spoiled.body.len(),
            spoiled.header("content-length")
        ),
        (200, 0, Some("0"))
    );
}

#[tokio::test]
async fn an_expired_link_is_403_as_storage_says_it() {
    let (spoiled, _) = media_under(Action::ExpiredUrl).await;
    let spoiled = spoiled.unwrap();
    assert_eq!(
        (
            spoiled.status,
            spoiled.text().contains("Request has expired")
        ),
        (403, true)
    );
}

#[tokio::test]
async fn slow_and_delayed_answers_take_their_time() {
    for action in [
        Action::Slow {
            bytes_per_second: 500_000,
        },
        Action::Delay { ms: 250 },
    ] {
        let began = Instant::now();
        let (spoiled, whole) = media_under(action).await;
        assert_eq!(spoiled.unwrap().body.len(), whole);
        assert!(began.elapsed() > Duration::from_millis(200));
    }
}

#[tokio::test]
async fn a_token_can_end_in_the_middle() {
    let session = Session::with(Scenario::first(
        1,
        "/api/v2/recording/settings",
        Action::ExpireToken,
    ))
    .await;
    assert_eq!(session.get("/api/v2/tokens/me").await.status, 200);
    let ended = session.get("/api/v2/recording/settings").await;
    assert_eq!(
        (ended.status, ended.json()["code"].as_str()),
        (401, Some("bad.credentials"))
    );
    assert_eq!(
        session.get("/api/v2/tokens/me").await.status,
        401,
        "the old token stays invalid"
    );
    let token = crate::client::sign_in(&session.sandbox, sandbox::ClientRole::Standard).await;
    let session = Session { token, ..session };
    assert_eq!(session.get("/api/v2/recording/settings").await.status, 200);
}

#[tokio::test]
async fn a_transcript_can_be_missing_or_not_fit_its_audio() {
    let scenario = r#"
        [[fault]]
        host = "api"
        method = "GET"
        path = "/api/v2/speechandtextanalytics/*/transcripturl"
        nth = 2
        action = { kind = "status", status = 404 }
        [[fault]]
        path = "/transcripts/*"
        nth = 2
        action = { kind = "shift_transcript", by_ms = 3600000 }
    "#;
    let session = Session::with(Scenario::from_toml(scenario).unwrap()).await;
    let (conversation, recording) = Session::ids("call-10");
    let metadata = session
        .get(&format!(
            "/api/v2/conversations/{conversation}/recordingmetadata/{recording}"
        ))
        .await
        .json();
    let path = format!(
        "/api/v2/speechandtextanalytics/conversations/{conversation}/communications/{}/transcripturl",
        metadata["sessionId"].as_str().unwrap()
    );
    let url = session.get(&path).await.json()["url"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(session.get(&path).await.status, 404);
    let first_word = |file: Answer| {
        file.json()["transcripts"][0]["phrases"][0]["words"][0]["startTimeMs"]
            .as_i64()
            .unwrap()
    };
    let fits = first_word(send("GET", &url, &[], "").await.unwrap());
    let shifted = first_word(send("GET", &url, &[], "").await.unwrap());
    assert_eq!(shifted - fits, 3_600_000);
}

#[tokio::test]
async fn the_rough_day_can_be_survived() {
    let session = Session::with(Scenario::rough_day()).await;
    let (conversation, _) = Session::ids("call-10");
    let path = format!("/api/v2/conversations/{conversation}/recordingmetadata");
    assert_eq!(session.get(&path).await.status, 429);
    assert_eq!(session.get(&path).await.status, 200);
}
