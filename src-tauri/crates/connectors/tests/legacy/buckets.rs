//! A bucket with the export of a recorder that is gone.

use connectors::{
    http::{EgressEntry, Http, Purpose},
    legacy::{S3Archive, S3Keys, S3Settings},
    source::{FetchError, Source, SourceError},
};
use domain::{search::Coverage, sensitive::Secret};
use sandbox::{LegacyOptions, LegacyRecorders, Scenario, scenario::Action};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::support::{AMELIA, fetch, ids, phone, quick, search, years};

async fn bucket(scenario: Scenario) -> LegacyRecorders {
    let options = LegacyOptions {
        scenario,
        ..LegacyOptions::default()
    };
    LegacyRecorders::start(options).await.unwrap()
}

fn archive(recorders: &LegacyRecorders, key_id: &str) -> (Source, Http) {
    with_reason(recorders, key_id, None)
}

fn with_reason(
    recorders: &LegacyRecorders,
    key_id: &str,
    unencrypted_reason: Option<&str>,
) -> (Source, Http) {
    let settings = json!({
        "unencrypted_reason": unencrypted_reason,
        "id": "old-export",
        "bucket": "call-archive",
        "prefix": "export",
        "region": "eu-west-2",
        "endpoint": recorders.urls().bucket,
        "fields": {
            "call": "/conversationId",
            "start": "/startTime",
            "end": "/endTime",
            "numbers": ["/parties/*/address"],
        },
    });
    let settings: S3Settings = serde_json::from_value(settings).unwrap();
    let keys = S3Keys {
        access_key_id: key_id.to_owned(),
        secret_access_key: Secret::new(LegacyRecorders::BUCKET_KEY.1.to_owned()),
        session_token: None,
    };
    let http = Http::new(quick()).unwrap();
    let archive = S3Archive::new(settings, &keys, http.clone()).unwrap();
    (Source::S3(archive), http)
}

#[tokio::test]
async fn recordings_are_found_over_all_parts_of_the_list_and_fetched() {
    let recorders = bucket(Scenario::default()).await;
    let (source, http) = archive(&recorders, LegacyRecorders::BUCKET_KEY.0);
    let health = source.health(&CancellationToken::new()).await.unwrap();
    assert_eq!(
        (health.organization.as_str(), health.region.as_str()),
        ("call-archive", "eu-west-2")
    );
    assert_eq!(health.encryption_at_rest.as_deref(), Some("AES256"));
    let result = search(&source, vec![phone(AMELIA)], years(2022, 2023)).await;
    assert_eq!(result.coverage, Coverage::Complete);
    let expected = [
        "export/year=2022/month=01/day=11/conversation_id=conv-5501/rec-5501_metadata",
        "export/year=2022/month=02/day=01/conversation_id=conv-5503/rec-5503_metadata",
    ];
    assert_eq!(ids(&result), expected);
    assert_eq!(result.found[0].conversation.as_str(), "conv-5501");
    let (media, bytes) = fetch(&source, &result.found[0]).await;
    let media = media.unwrap();
    assert_eq!(media.content_type, "audio/wav");
    assert_eq!((media.size_bytes, bytes[20]), (bytes.len() as u64, 7));
    // All of it went over our client, so all of it is in the ledger. // B8
    let media_requests = |it: &&EgressEntry| it.purpose == Purpose::Media && it.requests > 0;
    assert_eq!(http.egress().iter().filter(media_requests).count(), 1);
}

#[tokio::test]
async fn a_broken_object_is_continued_and_a_missing_one_is_purged() {
    let cut = Action::Truncate {
        after_bytes: 200_000,
    };
    let recorders = bucket(Scenario::first(1, "/call-archive/*.wav", cut)).await;
    let (source, _) = archive(&recorders, LegacyRecorders::BUCKET_KEY.0);
    let result = search(&source, vec![phone(AMELIA)], years(2022, 2023)).await;
    let (media, bytes) = fetch(&source, &result.found[0]).await;
    let media = media.unwrap();
    assert_eq!((media.size_bytes, media.attempts), (bytes.len() as u64, 2));
    let gone = Action::Status {
        status: 404,
        retry_after_s: None,
        retry_after_form: sandbox::scenario::RetryAfterForm::Seconds,
    };
    let recorders = bucket(Scenario::always("/call-archive/*.wav", gone)).await;
    let (source, _) = archive(&recorders, LegacyRecorders::BUCKET_KEY.0);
    let result = search(&source, vec![phone(AMELIA)], years(2022, 2023)).await;
    let media = fetch(&source, &result.found[0]).await.0;
    assert!(matches!(media, Err(FetchError::Purged)), "{media:?}");
}

#[tokio::test]
async fn a_key_that_does_not_open_the_bucket_is_a_missing_permission() {
    let recorders = bucket(Scenario::default()).await;
    let (source, _) = archive(&recorders, "AKIAOTHER");
    let error = source.health(&CancellationToken::new()).await.unwrap_err();
    assert!(error.to_string().contains("s3:ListBucket"), "{error}");
    let result = search(&source, vec![phone(AMELIA)], years(2022, 2023)).await;
    assert!(matches!(result.coverage, Coverage::Failed { .. }));
    assert!(!format!("{result:?}{error:?}").contains("sandbox-bucket"));
}

#[tokio::test]
async fn a_bucket_that_does_not_encrypt_is_refused_without_a_reason() {
    // S1-10
    let options = LegacyOptions {
        is_bucket_in_the_clear: true,
        ..LegacyOptions::default()
    };
    let recorders = LegacyRecorders::start(options).await.unwrap();
    let key_id = LegacyRecorders::BUCKET_KEY.0;
    for reason in [None, Some(" ")] {
        let (source, _) = with_reason(&recorders, key_id, reason);
        let refused = source.health(&CancellationToken::new()).await.unwrap_err();
        assert_eq!(
            refused,
            SourceError::Unencrypted {
                bucket: "call-archive".to_owned()
            }
        );
    }
    let (source, _) = with_reason(&recorders, key_id, Some("its disks are encrypted"));
    let health = source.health(&CancellationToken::new()).await.unwrap();
    assert_eq!(health.encryption_at_rest, None);
}
