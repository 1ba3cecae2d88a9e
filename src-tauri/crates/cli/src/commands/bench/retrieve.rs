//! `sar bench retrieve`: how fast recordings come, at the organization's rate limit and without one, beside
//! the design document's own Python, and how much memory that takes.

mod baseline;
mod memory;
mod organization;

use std::{env, fs, path::PathBuf, process};

use domain::sensitive::Secret;
use evidence::hashing::HashingWriter;
use sandbox::{Bulk, Sandbox, SandboxOptions, Scenario};
use services::{
    MeasureReq, Measured,
    app::{App, AppOptions, HttpOptions, KeySource, system_clock},
};

use self::{memory::Watch, organization::Organization};
use super::Value;
use crate::{commands::sandbox::not_started, failure::Failure, files::unwritable, output::Output};

/// Seconds of each recording: 256 kB of PCM.
const SECONDS: u32 = 8;
/// 2 GB of PCM.
const LONG_SECONDS: u32 = 62_500;
/// Requests a minute, as the sandbox has it by default.
const LIMIT_PER_MINUTE: u32 = 3_000;
/// More than any organization allows.
const NO_LIMIT_PER_SECOND: f64 = 1e6;
/// Fetched at the same time; a request waits for the pace most of the time.
const PARALLEL: usize = 16;
/// The baseline is sequential: its pace shows in this many.
const BASELINE_RECORDINGS: u32 = 1_000;
/// With so few, memory is what the program itself takes.
const FEW: u32 = 100;

/// Measures everything with `recordings` recordings.
pub(super) async fn values(recordings: u32, output: &mut Output) -> Result<Vec<Value>, Failure> {
    let bench = Bench::open().await?;
    let measured = bench.all(recordings, output).await;
    bench.close().await?;
    measured
}

/// The core in a folder of its own.
struct Bench {
    app: App,
    folder: PathBuf,
}

impl Bench {
    async fn open() -> Result<Self, Failure> {
        let folder = env::temp_dir().join(format!("sar-bench-{}", process::id()));
        let app = App::open(AppOptions {
            data_dir: folder.join("data"),
            keys: KeySource::Passphrase(Secret::new("measured, not kept".to_owned())),
            delivery_dir: folder.clone(),
            clock: system_clock(),
            workers: 1,
            retry_pause: services::app::RETRY_PAUSE,
            drill_every: None,
            learned: None,
            restoration_look: None,
            http: HttpOptions::default(),
        })
        .await?;
        Ok(Self { app, folder })
    }

    async fn close(self) -> Result<(), Failure> {
        self.app.close().await;
        fs::remove_dir_all(&self.folder).map_err(|error| unwritable(&self.folder, error.kind()))
    }

    async fn all(&self, recordings: u32, output: &mut Output) -> Result<Vec<Value>, Failure> {
        output.note("Without a limit, beside the sequential download in Python");
        let mut values = self.unlimited(recordings).await?;
        output.note("One file of 2 GB");
        values.push(self.long().await?);
        output.note("At the rate limit; this takes minutes");
        values.extend(self.limited(recordings).await?);
        Ok(values)
    }

    /// Throughput and memory; the organization is a process of its own.
    async fn unlimited(&self, recordings: u32) -> Result<Vec<Value>, Failure> {
        let bulk = Bulk {
            recordings,
            seconds: SECONDS,
        };
        let organization = Organization::start(bulk, &self.folder)?;
        // The first run opens connections and threads, which then stay.
        let few = FEW.min(recordings);
        self.retrieve(organization.login(), bulk, few).await?;
        let watch = Watch::start();
        self.retrieve(organization.login(), bulk, few).await?;
        let few = watch.peak_mb();
        let watch = Watch::start();
        let ours = self
            .retrieve(organization.login(), bulk, recordings)
            .await?;
        let many = watch.peak_mb();
        let speed = f64::from(recordings) / ours.elapsed.as_secs_f64();
        let mut values = vec![
            value("sealed, no limit", speed, "recordings/s"),
            value(
                "sealed, no limit",
                ours.bytes as f64 / 1e6 / ours.elapsed.as_secs_f64(),
                "MB/s",
            ),
            value("memory, 100 recordings", few, "MB"),
            value("memory, all recordings", many, "MB"),
        ];
        let compared = BASELINE_RECORDINGS.min(recordings);
        values.extend(self.compared(&organization, bulk, compared).await?);
        Ok(values)
    }

    /// The same work in the clear, before and after the other one: what else runs here disturbs both.
    async fn compared(
        &self,
        organization: &Organization,
        bulk: Bulk,
        count: u32,
    ) -> Result<Vec<Value>, Failure> {
        let first = self.in_the_clear(organization, bulk, count).await?;
        let Some(python) = baseline::seconds(organization.login(), count, &self.folder)? else {
            return Ok(Vec::new());
        };
        let second = self.in_the_clear(organization, bulk, count).await?;
        let ours = (first + second) / 2.0;
        let a_second = |seconds| f64::from(count) / seconds;
        Ok(vec![
            value("in the clear, no limit", a_second(ours), "recordings/s"),
            value("the design's Python", a_second(python), "recordings/s"),
            value("times the design's Python", python / ours, "x"),
        ])
    }

    async fn in_the_clear(
        &self,
        organization: &Organization,
        bulk: Bulk,
        count: u32,
    ) -> Result<f64, Failure> {
        let folder = self.folder.join("in-the-clear");
        fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, error.kind()))?;
        let to = Some(folder.clone());
        let measured = self
            .retrieve_to(to, organization.login(), bulk, count)
            .await?;
        fs::remove_dir_all(&folder).map_err(|error| unwritable(&folder, error.kind()))?;
        Ok(measured.elapsed.as_secs_f64())
    }

    async fn long(&self) -> Result<Value, Failure> {
        let bulk = Bulk {
            recordings: 1,
            seconds: LONG_SECONDS,
        };
        let organization = Organization::start(bulk, &self.folder)?;
        let watch = Watch::start();
        self.retrieve(organization.login(), bulk, 1).await?;
        Ok(value("memory, one file of 2 GB", watch.peak_mb(), "MB"))
    }

    /// Share of the allowed rate, and how often it was exceeded.
    async fn limited(&self, recordings: u32) -> Result<Vec<Value>, Failure> {
        let bulk = Bulk {
            recordings,
            seconds: SECONDS,
        };
        let sandbox = Sandbox::start(SandboxOptions {
            scenario: Scenario {
                bulk: Some(bulk),
                rate_limit_per_minute: Some(LIMIT_PER_MINUTE),
                transcode_ms: Some(0),
                ..Scenario::default()
            },
            ..SandboxOptions::default()
        })
        .await
        .map_err(|error| not_started(&error))?;
        let login = Login::of(&sandbox);
        let measured = self.retrieve(&login, bulk, recordings).await?;
        let (admitted, refused) = sandbox.paced_requests();
        sandbox.stop().await;
        let allowed = f64::from(LIMIT_PER_MINUTE) / 60.0 * measured.elapsed.as_secs_f64();
        let minutes = measured.elapsed.as_secs_f64() / 60.0;
        Ok(vec![
            value("time at the limit", minutes, "min"),
            value("requests at the limit", admitted as f64, "requests"),
            value(
                "share of the allowed rate",
                admitted as f64 / allowed * 100.0,
                "%",
            ),
            value("answers 429", refused as f64, "answers"),
        ])
    }

    async fn retrieve(&self, login: &Login, bulk: Bulk, count: u32) -> Result<Measured, Failure> {
        self.retrieve_to(None, login, bulk, count).await
    }

    /// Retrieves the first `count`, and compares every digest with what was planted.
    async fn retrieve_to(
        &self,
        in_the_clear: Option<PathBuf>,
        login: &Login,
        bulk: Bulk,
        count: u32,
    ) -> Result<Measured, Failure> {
        let ids = |number| (Bulk::conversation_id(number), Bulk::recording_id(number));
        let request = MeasureReq {
            api_url: login.api_url.clone(),
            login_url: login.login_url.clone(),
            media_url: login.media_url.clone(),
            client_id: login.client_id.clone(),
            client_secret: Secret::new(login.client_secret.clone()),
            recordings: (0..count).map(ids).collect(),
            in_the_clear,
            parallel: PARALLEL,
            max_per_second: NO_LIMIT_PER_SECOND,
        };
        let measured = services::measure_retrieval(&self.app, request).await?;
        for (number, digest) in (0..count).zip(&measured.digests) {
            let mut planted = HashingWriter::new(std::io::sink());
            let hashed = bulk
                .pcm(number)
                .try_for_each(|piece| std::io::Write::write_all(&mut planted, &piece));
            if hashed.is_err() || planted.finish().1 != *digest {
                return Err(Failure::failed_check(
                    format!("Recording {number} of the measurement is not what was planted"),
                    "Report it to support: wrong bytes were taken for right ones.",
                ));
            }
        }
        Ok(measured)
    }
}

/// How to reach an organization.
struct Login {
    api_url: String,
    login_url: String,
    media_url: String,
    client_id: String,
    client_secret: String,
}

impl Login {
    fn of(sandbox: &Sandbox) -> Self {
        let (urls, login) = (sandbox.urls(), sandbox.credentials());
        Self {
            api_url: urls.api_url.clone(),
            login_url: urls.login_url.clone(),
            media_url: urls.media_url.clone(),
            client_id: login.client_id.to_owned(),
            client_secret: login.client_secret.to_owned(),
        }
    }
}

fn value(name: &'static str, value: f64, unit: &'static str) -> Value {
    Value {
        bench: "retrieve",
        name,
        value,
        unit,
    }
}
