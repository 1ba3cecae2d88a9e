//! A desk that has the gateway as its only source finds the same calls and gets the same bytes as one that asks
//! the sources itself.

use std::io;

use bytes::Bytes;
use connectors::source::{FetchError, MediaRequest, MediaSink, Source};
use domain::{
    ids::{ConversationId, RecordingId},
    recording::{MediaFormat, MediaState},
    search::{Coverage, Identifier, SearchCriteria, SourceResult},
    sensitive::{PersonalData, Secret},
    time_range::TimeRange,
};
use serde_json::{Value, json};
use services::{
    app::{HttpOptions, system_clock},
    source_config::build_source,
};
use tokio_util::sync::CancellationToken;

use super::support::gateway::Gateway;

const AMELIA: &str = "+447700900123";

/// Keeps what arrives in memory.
#[derive(Default)]
struct MemorySink(Vec<u8>);

impl MediaSink for MemorySink {
    async fn restart(&mut self) -> io::Result<()> {
        self.0.clear();
        Ok(())
    }

    async fn write(&mut self, chunk: Bytes) -> io::Result<()> {
        self.0.extend_from_slice(&chunk);
        Ok(())
    }
}

fn source(description: Value, secret: &str) -> Source {
    let description = serde_json::from_value(description).unwrap();
    let secret = Secret::new(secret.to_owned());
    let (http, clock) = (HttpOptions::default(), system_clock());
    build_source(description, &secret, &http, &clock).unwrap()
}

fn through(gateway: &Gateway) -> Source {
    let login = gateway.register("desk", "household", &[]);
    let description =
        json!({"kind": "gateway", "id": "all", "url": gateway.url, "client_id": login.id});
    source(description, &login.secret)
}

pub(super) fn platform(gateway: &Gateway) -> Source {
    let (urls, login) = (gateway.sandbox.urls(), gateway.sandbox.credentials());
    let media = urls.media_url.trim_start_matches("http://");
    let description = json!({
        "kind": "genesys", "id": "cloud", "api_url": urls.api_url, "login_url": urls.login_url,
        "media_hosts": [media], "client_id": login.client_id,
        "home": {"calling_code": "44", "trunk_prefix": "0"},
    });
    source(description, login.client_secret)
}

pub(super) async fn search(source: &Source) -> SourceResult {
    let criteria = SearchCriteria {
        identifiers: vec![Identifier::Phone(PersonalData::new(AMELIA.to_owned()))],
        range: TimeRange {
            start_utc: "2026-03-01T00:00:00Z".parse().unwrap(),
            end_utc: "2026-04-11T00:00:00Z".parse().unwrap(),
        },
        agent_id: None,
        queue_id: None,
    };
    source.search(&criteria, &CancellationToken::new()).await
}

async fn fetch(
    source: &Source,
    conversation: &ConversationId,
    recording: &RecordingId,
) -> Result<Vec<u8>, FetchError> {
    let request = MediaRequest {
        conversation: conversation.clone(),
        recording: recording.clone(),
        communication: None,
        format: MediaFormat::Wav,
    };
    let mut sink = MemorySink::default();
    source
        .fetch_media(&request, &mut sink, &CancellationToken::new())
        .await?;
    Ok(sink.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_and_bytes_are_the_same_as_without_it() {
    let gateway = tokio::task::spawn_blocking(Gateway::start).await.unwrap();
    let (direct, through) = (platform(&gateway), through(&gateway));
    let (through, ledger) = through.counted();
    let (own, same) = (search(&direct).await, search(&through).await);
    assert_eq!(same.coverage, Coverage::Complete);
    let available = own
        .found
        .iter()
        .filter(|it| it.media_state == MediaState::Available);
    let mut compared = 0;
    for found in available {
        let other = same
            .found
            .iter()
            .find(|it| it.conversation == found.conversation && it.start_utc == found.start_utc)
            .expect("the gateway finds it too");
        assert_eq!(
            (other.end_utc, &other.queues),
            (found.end_utc, &found.queues)
        );
        let bytes = fetch(&direct, &found.conversation, &found.recording)
            .await
            .unwrap();
        let again = fetch(&through, &other.conversation, &other.recording)
            .await
            .unwrap();
        assert!(bytes == again, "{} and {} bytes", bytes.len(), again.len());
        compared += 1;
        if compared == 2 {
            break;
        }
    }
    assert_eq!(compared, 2);
    // S1-41
    let hosts: Vec<_> = ledger.entries().into_iter().map(|it| it.host).collect();
    let own_host = gateway.url.trim_start_matches("http://");
    assert!(hosts.iter().all(|host| host == own_host), "{hosts:?}");
    tokio::task::spawn_blocking(move || drop(gateway))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_sources_are_waited_for_and_refusals_keep_their_meaning() {
    let gateway = tokio::task::spawn_blocking(Gateway::start).await.unwrap();
    let through = through(&gateway);
    let cancel = CancellationToken::new();
    for (name, expected) in [("avaya_8923", None), ("avaya_8940", Some("G.729"))] {
        let places = through.locate(name, &cancel).await.unwrap();
        let fetched = fetch(&through, &places[0].conversation, &places[0].recording).await;
        match expected {
            None => assert!(fetched.unwrap().starts_with(b"RIFF")),
            Some(codec) => {
                let Err(FetchError::Unsupported { what }) = fetched else {
                    panic!("{fetched:?}");
                };
                assert_eq!(what, codec);
            }
        }
    }
    assert_eq!(through.locate("no-such-call", &cancel).await.unwrap(), []);
    let stranger = json!({"kind": "gateway", "id": "all", "url": gateway.url, "client_id": "desk"});
    let refused = source(stranger, "wrong").health(&cancel).await.unwrap_err();
    assert!(refused.to_string().contains("invalid_client"), "{refused}");
    tokio::task::spawn_blocking(move || drop(gateway))
        .await
        .unwrap();
}
