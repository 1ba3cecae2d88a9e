//! One recording arrives whole, or with the reason why not.

use std::time::{Duration, Instant};

use connectors::{
    http::Purpose,
    source::{FetchError, MediaRequest},
};
use domain::{ids::RecordingId, recording::MediaFormat};
use sandbox::{
    Scenario,
    scenario::{Action, Fault, RetryAfterForm},
};

use super::support::{MemorySink, demo_range, phone, rig, rig_with};

/// The path of a file on the media host.
const FILE: &str = "/recordings/*";

/// Bytes per frame: two channels of 16 bits.
const FRAME_BYTES: usize = 4;

/// Frames of `call-03`, as the corpus has them.
const CALL_03_FRAMES: usize = 811_536;

fn status(status: u16) -> Action {
    Action::Status {
        status,
        retry_after_s: None,
        retry_after_form: RetryAfterForm::Seconds,
    }
}

fn is_whole(sink: &MemorySink) -> bool {
    sink.bytes.starts_with(b"RIFF") && sink.bytes.len() == 44 + CALL_03_FRAMES * FRAME_BYTES
}

// S2-22, S2-23, S2-50
#[tokio::test]
async fn a_recording_arrives_whole_with_its_time_line() {
    let rig = rig().await;
    let (media, sink) = rig.fetch("call-03").await;
    let media = media.unwrap();
    assert!(is_whole(&sink), "{}", sink.bytes.len());
    assert_eq!(media.size_bytes, sink.bytes.len() as u64);
    assert_eq!(media.content_type, "audio/wav");
    assert_eq!(media.reported_duration_ms, Some(101_442));
    assert_eq!(media.attempts, 1);
    assert_eq!(media.already_redacted, None);
    assert!(media.host.starts_with("127.0.0.1:"));
    let pauses: Vec<_> = media
        .timeline
        .pauses
        .iter()
        .map(|it| (it.start_ms, it.duration_ms))
        .collect();
    assert_eq!(pauses, [(64_527, 24_500)]);
}

#[tokio::test]
async fn every_format_arrives_with_its_type() {
    let rig = rig().await;
    for (format, content_type, magic) in [
        (MediaFormat::WavUlaw, "audio/wav", b"RIFF".as_slice()),
        (MediaFormat::Mp3, "audio/mpeg", b"".as_slice()),
        (
            MediaFormat::WebmOpus,
            "audio/webm",
            b"\x1a\x45\xdf\xa3".as_slice(),
        ),
    ] {
        let request = MediaRequest {
            format,
            ..rig.request("call-03").await
        };
        let mut sink = MemorySink::default();
        let media = rig
            .source
            .fetch_media(&request, &mut sink, &rig.cancel)
            .await
            .unwrap();
        assert_eq!(media.content_type, content_type);
        assert!(sink.bytes.starts_with(magic), "{format:?}");
    }
}

#[tokio::test]
async fn purged_and_archived_recordings_have_their_own_end() {
    let rig = rig().await;
    assert!(matches!(
        rig.fetch("Deleted").await.0,
        Err(FetchError::Purged)
    ));
    assert!(matches!(
        rig.fetch("Archived").await.0,
        Err(FetchError::Archived)
    ));
    let unknown = RecordingId::new("00000000-0000-0000-0000-000000000000").unwrap();
    let request = MediaRequest {
        recording: unknown,
        ..rig.request("call-03").await
    };
    let media = rig
        .source
        .fetch_media(&request, &mut MemorySink::default(), &rig.cancel)
        .await;
    assert!(matches!(media, Err(FetchError::Purged)));
}

// S2-45
#[tokio::test]
async fn a_recording_that_goes_after_it_was_listed_is_purged() {
    for path in ["/api/v2/conversations/*/recordings/*", FILE] {
        let rig = rig_with(Scenario::always(path, status(404))).await;
        assert!(
            matches!(rig.fetch("call-03").await.0, Err(FetchError::Purged)),
            "{path}"
        );
    }
}

#[tokio::test]
async fn trouble_that_passes_is_healed() {
    for action in [
        Action::Reset,
        status(503),
        status(500),
        Action::Truncate {
            after_bytes: 40_000,
        },
        Action::ShortBody {
            missing_bytes: 1_000,
        },
        Action::WrongContentLength { add: 1_000 },
        Action::WrongContentLength { add: -1_000 },
        Action::EmptyBody,
    ] {
        let rig = rig_with(Scenario::first(2, FILE, action.clone())).await;
        let (media, sink) = rig.fetch("call-03").await;
        assert_eq!(media.unwrap().attempts, 3, "{action:?}");
        assert!(is_whole(&sink), "{action:?}: {}", sink.bytes.len());
    }
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_stopped() {
    let cut = Action::Truncate {
        after_bytes: 1_000_000,
    };
    let rig = rig_with(Scenario::first(1, FILE, cut)).await;
    let (media, sink) = rig.fetch("call-03").await;
    assert_eq!(media.unwrap().attempts, 2);
    assert!(is_whole(&sink));
    assert_eq!(sink.restarts, 0);
    let received: u64 = rig
        .http
        .egress()
        .iter()
        .filter(|it| it.purpose == Purpose::Media)
        .map(|it| it.received_bytes)
        .sum();
    assert!(
        received < sink.bytes.len() as u64 + 10_000,
        "nothing was fetched twice: {received}"
    );
}

// A part of another version must never be appended to what came before.
#[tokio::test]
async fn a_file_that_was_replaced_in_the_middle_is_fetched_from_the_start() {
    let fault = |nth, action| Fault {
        nth: Some(nth),
        ..Fault::new(FILE, action)
    };
    let old = Action::OldVersion {
        after_bytes: 500_000,
    };
    for (faults, attempts) in [
        (vec![fault(1, old.clone())], 2),
        (vec![fault(1, old), fault(2, Action::IgnoreIfRange)], 3),
    ] {
        let rig = rig_with(Scenario {
            faults,
            ..Scenario::default()
        })
        .await;
        let (media, sink) = rig.fetch("call-03").await;
        assert_eq!(media.unwrap().attempts, attempts);
        assert!(is_whole(&sink));
        assert_eq!(sink.restarts, 1);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Action::Redirect {
        location: "http://127.0.0.1:9/elsewhere".to_owned(),
    };
    for path in [FILE, "/api/v2/conversations/*/recordings/*"] {
        let rig = rig_with(Scenario::always(path, elsewhere.clone())).await;
        let error = rig.fetch("call-03").await.0.unwrap_err();
        assert!(
            matches!(error, FetchError::Unavailable { retry: false, .. }),
            "{error:?}"
        );
        let hosts: Vec<_> = rig.http.egress().into_iter().map(|it| it.host).collect();
        assert!(!hosts.iter().any(|it| it.ends_with(":9")), "{hosts:?}");
    }
}

// S0-71: a length that promises more is a cut file, one that promises less hides the rest; neither is taken.
#[tokio::test]
async fn a_lying_content_length_is_never_taken_for_the_recording() {
    for add in [2, -2, 1_000_000, -1_000_000] {
        let lie = Action::WrongContentLength { add };
        let rig = rig_with(Scenario::always(FILE, lie)).await;
        let (media, _) = rig.fetch("call-03").await;
        let refused = matches!(
            media,
            Err(FetchError::Corrupted { .. } | FetchError::Unavailable { .. })
        );
        assert!(refused, "{add}: {media:?}");
    }
}

// S0-71, S2-23
#[tokio::test]
async fn what_stays_wrong_is_corrupted_and_never_accepted() {
    for action in [
        Action::EmptyBody,
        Action::ShortBody { missing_bytes: 2 },
        Action::WrongContentLength { add: -2 },
    ] {
        let rig = rig_with(Scenario::always(FILE, action.clone())).await;
        let (media, sink) = rig.fetch("call-03").await;
        assert!(
            matches!(media, Err(FetchError::Corrupted { .. })),
            "{action:?} {media:?}"
        );
        assert!(sink.bytes.is_empty(), "{action:?}");
    }
}

#[tokio::test]
async fn what_stays_broken_is_reported_after_the_last_attempt() {
    for action in [Action::Reset, status(503)] {
        let rig = rig_with(Scenario::always(FILE, action)).await;
        let error = rig.fetch("call-03").await.0.unwrap_err();
        assert!(
            matches!(error, FetchError::Unavailable { retry: true, .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("4 attempts"), "{error}");
    }
}

#[tokio::test]
async fn an_ended_address_is_renewed_without_a_new_token() {
    let rig = rig_with(Scenario::first(2, FILE, Action::ExpiredUrl)).await;
    let (media, sink) = rig.fetch("call-03").await;
    media.unwrap();
    assert!(is_whole(&sink));
    assert_eq!(rig.requests(Purpose::SignIn), 1);
    let rig = rig_with(Scenario::always(FILE, Action::ExpiredUrl)).await;
    let error = rig.fetch("call-03").await.0.unwrap_err();
    assert!(
        matches!(error, FetchError::Unavailable { retry: true, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_address_that_ends_in_the_middle_is_renewed_and_continued() {
    let scenario = Scenario {
        faults: vec![
            Fault {
                nth: Some(1),
                ..Fault::new(
                    FILE,
                    Action::Truncate {
                        after_bytes: 500_000,
                    },
                )
            },
            Fault {
                nth: Some(2),
                ..Fault::new(FILE, Action::ExpiredUrl)
            },
        ],
        ..Scenario::default()
    };
    let rig = rig_with(scenario).await;
    let (media, sink) = rig.fetch("call-03").await;
    media.unwrap();
    assert!(is_whole(&sink));
    assert_eq!(sink.restarts, 0);
}

// S0-19
#[tokio::test]
async fn a_token_that_ends_in_the_middle_does_not_end_the_work() {
    let path = "/api/v2/conversations/*/recordings/*";
    let rig = rig_with(Scenario::first(1, path, Action::ExpireToken)).await;
    rig.fetch("call-03").await.0.unwrap();
    assert_eq!(rig.requests(Purpose::SignIn), 2);
}

#[tokio::test]
async fn a_full_disk_stops_at_once() {
    let rig = rig().await;
    let request = rig.request("call-03").await;
    let mut sink = MemorySink {
        fails: true,
        ..MemorySink::default()
    };
    let media = rig
        .source
        .fetch_media(&request, &mut sink, &rig.cancel)
        .await;
    assert!(matches!(media, Err(FetchError::Sink(_))), "{media:?}");
    assert_eq!(rig.requests(Purpose::Media), 1);
}

#[tokio::test]
async fn a_slow_download_stops_when_cancelled() {
    let rig = rig_with(Scenario::always(
        FILE,
        Action::Slow {
            bytes_per_second: 10_000,
        },
    ))
    .await;
    let request = rig.request("call-03").await;
    let mut sink = MemorySink {
        cancels: Some(rig.cancel.clone()),
        ..MemorySink::default()
    };
    let began = Instant::now();
    let media = rig
        .source
        .fetch_media(&request, &mut sink, &rig.cancel)
        .await;
    assert!(matches!(media, Err(FetchError::Cancelled)), "{media:?}");
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "the file would take five minutes"
    );
}

#[tokio::test]
async fn a_limit_is_waited_for_in_either_form() {
    for form in [RetryAfterForm::Seconds, RetryAfterForm::HttpDate] {
        let limited = Action::Status {
            status: 429,
            retry_after_s: Some(1),
            retry_after_form: form,
        };
        let path = "/api/v2/conversations/*/recordings/*";
        let rig = rig_with(Scenario::first(1, path, limited)).await;
        let request = rig.request("call-03").await;
        let began = Instant::now();
        rig.source
            .fetch_media(&request, &mut MemorySink::default(), &rig.cancel)
            .await
            .unwrap();
        assert!(began.elapsed() >= Duration::from_secs(1), "{form:?}");
    }
}

#[tokio::test]
async fn errors_carry_no_address_and_no_number() {
    let rig = rig_with(Scenario::always(FILE, Action::Reset)).await;
    let error = rig.fetch("call-03").await.0.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains("X-Amz") && !text.contains('?'), "{text}");
    let rig = rig_with(Scenario::always("/api/v2/analytics/*", Action::Reset)).await;
    let result = rig.search(vec![phone("+447700900123")], demo_range()).await;
    assert!(!format!("{:?}", result.coverage).contains("447700900123"));
}
