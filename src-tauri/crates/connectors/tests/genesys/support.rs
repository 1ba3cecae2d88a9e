//! A connector on a sandbox, with a clock that tests set and waits that are short.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use connectors::{
    genesys::{Genesys, GenesysConfig, Polling},
    http::{BreakerPolicy, EgressEntry, Http, HttpOptions, IndexRetry, Purpose, RetryPolicy},
    limiter::Pace,
    source::{FetchError, FetchedMedia, MediaRequest, MediaSink, Source},
};
use domain::{
    ids::SourceId,
    recording::MediaFormat,
    search::{FoundRecording, Identifier, SearchCriteria, SourceResult},
    sensitive::{PersonalData, Secret},
    time_range::TimeRange,
};
use jiff::Timestamp;
use sandbox::{ClientRole, Credentials, Sandbox, SandboxOptions, Scenario};
use tokio_util::sync::CancellationToken;

/// A clock that stands still until a test moves it.
#[derive(Clone)]
pub(crate) struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    pub(crate) fn at(text: &str) -> Self {
        Self(Arc::new(AtomicI64::new(instant(text).as_second())))
    }

    pub(crate) fn advance_s(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn read(&self) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
        let seconds = self.0.clone();
        Arc::new(move || Timestamp::from_second(seconds.load(Ordering::SeqCst)).unwrap())
    }
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) struct Rig {
    pub(crate) sandbox: Sandbox,
    pub(crate) source: Source,
    pub(crate) http: Http,
    pub(crate) clock: ManualClock,
    pub(crate) cancel: CancellationToken,
}

/// A sandbox without faults, asked by the client it is made for.
pub(crate) async fn rig() -> Rig {
    rig_with(Scenario::default()).await
}

pub(crate) async fn rig_with(scenario: Scenario) -> Rig {
    rig_as(ClientRole::Standard.credentials(), scenario).await
}

pub(crate) async fn rig_as(credentials: Credentials, scenario: Scenario) -> Rig {
    let options = SandboxOptions {
        scenario,
        ..Default::default()
    };
    rig_on(credentials, options, "2026-05-01T12:00:00Z").await
}

/// A sandbox at a given time.
pub(crate) async fn rig_on(credentials: Credentials, options: SandboxOptions, now: &str) -> Rig {
    let clock = ManualClock::at(now);
    let options = SandboxOptions {
        clock: clock.read(),
        transcode_ms: 40,
        ..options
    };
    let sandbox = Sandbox::start(options).await.unwrap();
    let (api, login) = (&sandbox.urls().api_url, &sandbox.urls().login_url);
    let (source, http) = connect(api, login, credentials, &clock);
    Rig {
        sandbox,
        source,
        http,
        clock,
        cancel: CancellationToken::new(),
    }
}

pub(crate) fn connect(
    api_url: &str,
    login_url: &str,
    credentials: Credentials,
    clock: &ManualClock,
) -> (Source, Http) {
    connect_over(quick_http(), api_url, login_url, credentials, clock)
}

pub(crate) fn connect_over(
    options: HttpOptions,
    api_url: &str,
    login_url: &str,
    credentials: Credentials,
    clock: &ManualClock,
) -> (Source, Http) {
    let http = Http::new(options).unwrap();
    let config = GenesysConfig {
        source_id: SourceId::new("sandbox").unwrap(),
        api_url: api_url.to_owned(),
        login_url: login_url.to_owned(),
        client_id: credentials.client_id.to_owned(),
        client_secret: Secret::new(credentials.client_secret.to_owned()),
        pace: Pace {
            per_second: 1_000.0,
            max_per_second: 1_000.0,
            burst: 1_000,
        },
        polling: Polling {
            min: Duration::from_millis(10),
            max: Duration::from_millis(100),
            media_budget: Duration::from_secs(20),
            search_budget: Duration::from_secs(20),
        },
        ..GenesysConfig::default()
    };
    let genesys = Genesys::new(config, http.clone(), clock.read()).unwrap();
    (Source::Genesys(genesys), http)
}

pub(crate) fn quick_http() -> HttpOptions {
    HttpOptions {
        read_timeout: Duration::from_secs(5),
        retry: RetryPolicy {
            max_attempts: 4,
            base: Duration::from_millis(5),
            cap: Duration::from_millis(50),
            max_retry_after: Duration::from_secs(5),
            breaker: BreakerPolicy::default(),
            index: IndexRetry {
                retries: 5,
                base: Duration::from_millis(2),
            },
        },
        ..HttpOptions::default()
    }
}

/// The same sandbox and clock, asked by a client with other waits.
pub(crate) async fn rig_over(retry: RetryPolicy, scenario: Scenario) -> Rig {
    let rig = rig_with(scenario).await;
    let options = HttpOptions {
        retry,
        ..quick_http()
    };
    let (api, login) = (&rig.sandbox.urls().api_url, &rig.sandbox.urls().login_url);
    let credentials = ClientRole::Standard.credentials();
    let (source, http) = connect_over(options, api, login, credentials, &rig.clock);
    Rig {
        source,
        http,
        ..rig
    }
}

/// Keeps what arrives in memory and counts restarts.
#[derive(Default)]
pub(crate) struct MemorySink {
    pub(crate) bytes: Vec<u8>,
    pub(crate) restarts: u32,
    pub(crate) fails: bool,
    pub(crate) cancels: Option<CancellationToken>,
}

impl MediaSink for MemorySink {
    async fn restart(&mut self) -> io::Result<()> {
        self.bytes.clear();
        self.restarts += 1;
        Ok(())
    }

    async fn write(&mut self, chunk: Bytes) -> io::Result<()> {
        if self.fails {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.bytes.extend_from_slice(&chunk);
        if let Some(cancel) = &self.cancels {
            cancel.cancel();
        }
        Ok(())
    }
}

pub(crate) fn phone(number: &str) -> Identifier {
    Identifier::Phone(PersonalData::new(number.to_owned()))
}

pub(crate) fn customer(id: &str) -> Identifier {
    Identifier::CustomerId(PersonalData::new(id.to_owned()))
}

/// The range of the demo's request.
pub(crate) fn demo_range() -> TimeRange {
    range("2026-03-01T00:00:00Z", "2026-04-10T23:00:00Z")
}

pub(crate) fn range(start: &str, end: &str) -> TimeRange {
    TimeRange {
        start_utc: instant(start),
        end_utc: instant(end),
    }
}

/// The name of the dialogue behind a recording; recordings without audio have none.
pub(crate) fn stem(found: &FoundRecording) -> String {
    let truth = sandbox::ground_truth().recording(found.recording.as_str());
    truth.map_or_else(
        || format!("{:?}", found.media_state),
        |truth| truth.stem.clone(),
    )
}

pub(crate) fn stems(result: &SourceResult) -> Vec<String> {
    result.found.iter().map(stem).collect()
}

impl Rig {
    pub(crate) fn genesys(&self) -> &Genesys {
        self.source.genesys().unwrap()
    }

    pub(crate) async fn search(
        &self,
        identifiers: Vec<Identifier>,
        range: TimeRange,
    ) -> SourceResult {
        let criteria = SearchCriteria {
            identifiers,
            range,
            agent_id: None,
            queue_id: None,
        };
        self.source.search(&criteria, &self.cancel).await
    }

    /// A request for the recording of a dialogue.
    pub(crate) async fn request(&self, wanted: &str) -> MediaRequest {
        let all = vec![
            phone("+447700900123"),
            phone("+447700900876"),
            phone("+447700900345"),
        ];
        let result = self.search(all, demo_range()).await;
        let found = result
            .found
            .into_iter()
            .find(|found| stem(found) == wanted)
            .unwrap();
        MediaRequest {
            conversation: found.conversation,
            recording: found.recording,
            communication: found.communication,
            format: MediaFormat::Wav,
        }
    }

    pub(crate) async fn fetch(
        &self,
        wanted: &str,
    ) -> (Result<FetchedMedia, FetchError>, MemorySink) {
        let request = self.request(wanted).await;
        let mut sink = MemorySink::default();
        let media = self
            .source
            .fetch_media(&request, &mut sink, &self.cancel)
            .await;
        (media, sink)
    }

    pub(crate) fn requests(&self, purpose: Purpose) -> u64 {
        let entries = self.http.egress();
        let of_purpose = |entry: &&EgressEntry| entry.purpose == purpose;
        entries
            .iter()
            .filter(of_purpose)
            .map(|entry| entry.requests)
            .sum()
    }
}
