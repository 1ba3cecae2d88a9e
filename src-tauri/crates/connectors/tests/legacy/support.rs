//! Old recorders as an operator configures them.

use std::{io, time::Duration};

use bytes::Bytes;
use connectors::{
    http::{Http, HttpOptions, RetryPolicy},
    legacy::{LegacyRest, RestSettings},
    source::{FetchError, FetchedMedia, MediaRequest, MediaSink, Source},
};
use domain::{
    recording::MediaFormat,
    search::{FoundRecording, Identifier, SearchCriteria, SourceResult},
    sensitive::{PersonalData, Secret},
    time_range::TimeRange,
};
use sandbox::LegacyRecorders;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub(crate) const AMELIA: &str = "+447700900123";
pub(crate) const AMELIA_MOBILE: &str = "+447700900876";

/// Keeps what arrives in memory.
#[derive(Default)]
pub(crate) struct MemorySink(pub(crate) Vec<u8>);

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

/// The Avaya-like recorder: pages of two, local times, a number in the question.
pub(crate) fn avaya(endpoint: &str) -> Value {
    json!({
        "id": "old-avaya",
        "provider": "avaya_aura",
        "api_endpoint": format!("{endpoint}/api"),
        "auth_type": "basic",
        "username": LegacyRecorders::AVAYA_ACCOUNT.0,
        "timeout_ms": 5000,
        "max_retries": 3,
        "requests_per_second": 1000.0,
        "zone": "Europe/London",
        "search": {
            "call": {
                "path": "/calls",
                "query": {"from": "{from}", "to": "{to}", "number": "{number}", "page": "{page}", "size": "{limit}"},
            },
            "paging": {"kind": "page", "first": 1, "size": 2, "total": "/total"},
        },
        "media": {"describe": {"path": "/calls/{recording}"}, "path": "/calls/{recording}/audio"},
        "fields": {
            "entries": "/calls",
            "recording": "/id",
            "call": "/ucid",
            "start": "/startLocal",
            "duration": {"at": "/lengthS", "unit": "seconds"},
            "numbers": ["/otherParty", "/extension"],
            "home": {"calling_code": "44", "trunk_prefix": "0"},
            "customer": "/customer",
            "agents": ["/agent"],
            "queue": "/skill",
            "codec": "/codec",
            "deleted": "/deletedOn",
        },
    })
}

/// The Cisco-like recorder: a body, a cursor, milliseconds, and an address in the description.
pub(crate) fn cisco(endpoint: &str) -> Value {
    json!({
        "id": "old-cisco",
        "provider": "cisco_ucm",
        "api_endpoint": endpoint,
        "auth_type": "bearer",
        "requests_per_second": 1000.0,
        "search": {
            "call": {
                "method": "POST",
                "path": "/ora/queryService/query/getSessions",
                "body": {"startFrom": "{from}", "startTo": "{to}", "limit": "{limit}", "cursor": "{cursor}"},
            },
            "epoch_ms": true,
            "paging": {"kind": "cursor", "size": 2, "next": "/nextCursor"},
        },
        "media": {
            "describe": {
                "path": "/ora/queryService/query/getSessionBySessionId",
                "query": {"value": "{recording}"},
            },
        },
        "fields": {
            "entries": "/sessions",
            "recording": "/sessionId",
            "call": "/ccid",
            "start": "/sessionStartDate",
            "duration": {"at": "/sessionDuration", "unit": "milliseconds"},
            "numbers": ["/tracks/*/participants/*/deviceRef"],
            "media": "/urls/wavUrl",
        },
    })
}

pub(crate) fn quick() -> HttpOptions {
    HttpOptions {
        retry: RetryPolicy::default().sped_up(200),
        ..HttpOptions::default()
    }
}

pub(crate) fn rest(settings: Value, secret: &str) -> Source {
    let settings: RestSettings = serde_json::from_value(settings).unwrap();
    let secret = Secret::new(secret.to_owned());
    let http = Http::new(settings.http_options(quick(), &secret)).unwrap();
    Source::Rest(LegacyRest::new(settings, &secret, http).unwrap())
}

pub(crate) fn avaya_source(recorders: &LegacyRecorders) -> Source {
    rest(
        avaya(&recorders.urls().avaya),
        LegacyRecorders::AVAYA_ACCOUNT.1,
    )
}

pub(crate) fn cisco_source(recorders: &LegacyRecorders) -> Source {
    rest(cisco(&recorders.urls().cisco), LegacyRecorders::CISCO_TOKEN)
}

pub(crate) fn phone(number: &str) -> Identifier {
    Identifier::Phone(PersonalData::new(number.to_owned()))
}

pub(crate) fn years(from: i16, to: i16) -> TimeRange {
    let start = |year| format!("{year}-01-01T00:00:00Z").parse().unwrap();
    TimeRange {
        start_utc: start(from),
        end_utc: start(to),
    }
}

pub(crate) async fn search(
    source: &Source,
    identifiers: Vec<Identifier>,
    range: TimeRange,
) -> SourceResult {
    let criteria = SearchCriteria {
        identifiers,
        range,
        agent_id: None,
        queue_id: None,
    };
    let limit = Duration::from_secs(60);
    let cancel = CancellationToken::new();
    let searching = source.search(&criteria, &cancel);
    tokio::time::timeout(limit, searching).await.unwrap()
}

pub(crate) fn ids(result: &SourceResult) -> Vec<&str> {
    let ids = result.found.iter().map(|it| it.recording.as_str());
    ids.collect()
}

pub(crate) async fn fetch(
    source: &Source,
    found: &FoundRecording,
) -> (Result<FetchedMedia, FetchError>, Vec<u8>) {
    let request = MediaRequest {
        conversation: found.conversation.clone(),
        recording: found.recording.clone(),
        communication: None,
        format: MediaFormat::Wav,
    };
    let mut sink = MemorySink::default();
    let media = source
        .fetch_media(&request, &mut sink, &CancellationToken::new())
        .await;
    (media, sink.0)
}
