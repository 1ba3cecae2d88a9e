//! Two recorders that have nothing in common, found and fetched by configuration alone.

use connectors::{
    overlap,
    source::{FetchError, Source},
};
use domain::{
    ids::ConversationId,
    recording::MediaState,
    search::{Coverage, Identifier},
    sensitive::PersonalData,
};
use sandbox::{
    LegacyOptions, LegacyRecorders, Scenario,
    scenario::{Action, RetryAfterForm},
};
use tokio_util::sync::CancellationToken;

use super::support::{
    AMELIA, AMELIA_MOBILE, avaya, avaya_source, cisco_source, fetch, ids, phone, rest, search,
    years,
};

async fn recorders(scenario: Scenario) -> LegacyRecorders {
    let options = LegacyOptions {
        scenario,
        answers_after_ms: 5,
        ..LegacyOptions::default()
    };
    LegacyRecorders::start(options).await.unwrap()
}

#[tokio::test]
async fn a_recorder_with_pages_and_local_times_finds_every_call_of_a_number() {
    let recorders = recorders(Scenario::default()).await;
    let source = avaya_source(&recorders);
    let result = search(&source, vec![phone(AMELIA)], years(2023, 2024)).await;
    assert_eq!(result.coverage, Coverage::Complete);
    let expected = [
        "avaya_8923",
        "avaya_8931",
        "avaya_8940",
        "avaya_8941",
        "avaya_8950",
    ];
    assert_eq!(ids(&result), expected);
    let first = &result.found[0];
    assert_eq!(first.conversation.as_str(), "2023-10-27T14:30:00Z-8923");
    assert_eq!(first.start_utc.to_string(), "2023-10-27T14:30:00Z");
    assert_eq!(first.matched_by, ["phone"]);
    // 01:30 comes twice that night; the first one is meant.
    assert_eq!(
        result.found[1].start_utc.to_string(),
        "2023-10-29T00:30:00Z"
    );
    assert_eq!(result.found[4].media_state, MediaState::Deleted);
    let asked = result.queries.iter().map(|it| it.reveal());
    assert_eq!(
        asked
            .filter(|it| it.contains("number=447700900123"))
            .count(),
        3
    );
    assert!(!format!("{result:?}").contains("7700900123"));
}

#[tokio::test]
async fn a_recorder_with_a_cursor_and_no_search_by_number_is_matched_on_our_side() {
    let recorders = recorders(Scenario::default()).await;
    let source = cisco_source(&recorders);
    let result = search(&source, vec![phone(AMELIA_MOBILE)], years(2024, 2025)).await;
    assert_eq!(result.coverage, Coverage::Complete);
    assert_eq!(ids(&result), ["0f7001b2c4e1", "0f7003b2c4e1"]);
    assert_eq!(result.queries.len(), 2, "three sessions are two parts");
    let nobody = search(&source, vec![phone("+15550000000")], years(2024, 2025)).await;
    assert_eq!(
        (nobody.found.len(), nobody.coverage),
        (0, Coverage::Complete)
    );
}

#[tokio::test]
async fn customer_numbers_and_named_calls_are_found_too() {
    let recorders = recorders(Scenario::default()).await;
    let source = avaya_source(&recorders);
    let customer = Identifier::CustomerId(PersonalData::new("CUST-104882".to_owned()));
    let result = search(&source, vec![customer], years(2023, 2024)).await;
    assert_eq!(result.found.len(), 5);
    let named = ConversationId::new("2023-10-27T14:30:00Z-8923").unwrap();
    let named = Identifier::Conversation(named);
    let result = search(&source, vec![named], years(2023, 2024)).await;
    assert_eq!(ids(&result), ["avaya_8923"]);
}

#[tokio::test]
async fn sound_arrives_whole_in_its_own_codec_and_under_its_true_type() {
    let recorders = recorders(Scenario::default()).await;
    for (source, number, range, tag) in [
        (avaya_source(&recorders), AMELIA, years(2023, 2024), 6),
        (
            cisco_source(&recorders),
            AMELIA_MOBILE,
            years(2024, 2025),
            7,
        ),
    ] {
        let found = search(&source, vec![phone(number)], range).await.found;
        let (media, bytes) = fetch(&source, &found[0]).await;
        let media = media.unwrap();
        assert_eq!(media.content_type, "audio/wav");
        assert_eq!(media.size_bytes, bytes.len() as u64);
        // WAVE format tags: 6 is A-law, 7 µ-law.
        assert_eq!((&bytes[..4], bytes[20]), (b"RIFF".as_slice(), tag));
        let frames = (bytes.len() - 58) as u64 / 2;
        let reported_ms = media.reported_duration_ms.unwrap();
        assert!(reported_ms.abs_diff(frames / 8) <= 2, "{reported_ms}");
    }
}

// S1-34
#[tokio::test]
async fn a_codec_that_cannot_be_processed_is_named_and_never_called_wav() {
    let recorders = recorders(Scenario::default()).await;
    let source = avaya_source(&recorders);
    let found = search(&source, vec![phone(AMELIA)], years(2023, 2024))
        .await
        .found;
    for (place, codec) in [(2, "G.729"), (3, "G.723.1")] {
        let error = fetch(&source, &found[place]).await.0.unwrap_err();
        let FetchError::Unsupported { what } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(what, codec);
    }
    let deleted = fetch(&source, &found[4]).await.0;
    assert!(matches!(deleted, Err(FetchError::Purged)), "{deleted:?}");
}

#[tokio::test]
async fn trouble_that_passes_is_healed_and_lasting_trouble_is_said() {
    let unavailable = Action::Status {
        status: 503,
        retry_after_s: None,
        retry_after_form: RetryAfterForm::Seconds,
    };
    let cut = Action::Truncate {
        after_bytes: 100_000,
    };
    let passing = Scenario::first(2, "/api/calls", unavailable.clone()).and(Scenario::first(
        1,
        "/api/calls/*/audio",
        cut,
    ));
    let healed = recorders(passing).await;
    let source = avaya_source(&healed);
    let result = search(&source, vec![phone(AMELIA)], years(2023, 2024)).await;
    assert_eq!(result.coverage, Coverage::Complete);
    let (media, bytes) = fetch(&source, &result.found[0]).await;
    assert_eq!(media.unwrap().size_bytes, bytes.len() as u64);
    let lasting = recorders(Scenario::always("/api/calls", unavailable)).await;
    let result = search(
        &avaya_source(&lasting),
        vec![phone(AMELIA)],
        years(2023, 2024),
    )
    .await;
    assert!(matches!(result.coverage, Coverage::Failed { .. }));
}

// S1-45
#[tokio::test]
async fn a_recorder_that_thinks_too_long_is_a_gap_and_a_slow_one_is_waited_for() {
    let options = LegacyOptions {
        answers_after_ms: 300,
        ..LegacyOptions::default()
    };
    let slow = LegacyRecorders::start(options).await.unwrap();
    let mut settings = avaya(&slow.urls().avaya);
    settings["max_retries"] = 1.into();
    let password = LegacyRecorders::AVAYA_ACCOUNT.1;
    let patient = rest(settings.clone(), password);
    let result = search(&patient, vec![phone(AMELIA)], years(2026, 2027)).await;
    assert_eq!(result.found.len(), 2);
    settings["timeout_ms"] = 20.into();
    let hasty = search(
        &rest(settings, password),
        vec![phone(AMELIA)],
        years(2026, 2027),
    )
    .await;
    let Coverage::Failed { reason } = hasty.coverage else {
        panic!("{:?}", hasty.coverage)
    };
    assert!(
        reason.contains("did not answer in time in 2 attempts"),
        "{reason}"
    );
}

/// A call in both is one result, and one that only the old recorder still has is not lost. // S1-13, S1-22, S1-44
#[tokio::test]
async fn calls_that_the_platform_has_too_are_one_result() {
    let recorders = recorders(Scenario::default()).await;
    let old = avaya_source(&recorders);
    let range = years(2026, 2027);
    let result = search(&old, vec![phone(AMELIA)], range).await;
    assert_eq!(ids(&result), ["avaya_9101", "avaya_9102"]);
    let platform = platform_result(&result);
    let calls = overlap::each_call_once(&[platform, result.clone()]);
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].chosen.source.as_str(), "platform");
    assert_eq!(calls[0].also_at[0].recording.as_str(), "avaya_9101");
    assert_eq!(calls[1].chosen.recording.as_str(), "avaya_9102");
    fetch(&old, &calls[1].chosen).await.0.unwrap();
}

/// What the platform answers for the same two calls: one available, one deleted since.
fn platform_result(old: &domain::search::SourceResult) -> domain::search::SourceResult {
    let source = domain::ids::SourceId::new("platform").unwrap();
    let mut platform = old.clone();
    platform.source = source.clone();
    for (number, found) in platform.found.iter_mut().enumerate() {
        found.source = source.clone();
        found.conversation = ConversationId::new(format!("c-{number}")).unwrap();
    }
    platform.found[1].media_state = MediaState::Deleted;
    platform
}

#[tokio::test]
async fn a_recorder_that_answers_says_so_and_one_that_refuses_is_named() {
    let recorders = recorders(Scenario::default()).await;
    let cancel = CancellationToken::new();
    let health = |source: Source| {
        let cancel = cancel.clone();
        async move { source.health(&cancel).await }
    };
    let healthy = health(avaya_source(&recorders)).await.unwrap();
    assert_eq!(healthy.organization, "avaya_aura");
    health(cisco_source(&recorders)).await.unwrap();
    let wrong = rest(avaya(&recorders.urls().avaya), "wrong");
    let error = health(wrong).await.unwrap_err().to_string();
    assert!(
        error.contains("status 401") && !error.contains("wrong\""),
        "{error}"
    );
}
