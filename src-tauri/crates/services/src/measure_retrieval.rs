//! Measures how fast a source gives its recordings, on the way that a case gets them: fetched, sealed, inspected.
//!
//! Nothing is kept and nothing is recorded: it works on the recordings of the built-in organization only.

mod file_sink;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use connectors::{
    genesys::{Genesys, GenesysConfig},
    limiter::Pace,
    source::{MediaRequest, Source},
};
use domain::{digest::Sha256Digest, recording::MediaFormat, sensitive::Secret};
use tokio::{
    task::{JoinSet, spawn_blocking},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use self::file_sink::FileSink;
use crate::{
    api::{ApiError, ErrorCode},
    app::App,
    media,
    search_record::RecordingIds,
    sink::VaultSink,
    source_setting::local_host,
};

/// The part of the vault that a measurement uses.
const CASE: &str = "measurement";

/// What to retrieve, and how.
pub struct MeasureReq {
    /// Platform API host, on this machine.
    pub api_url: String,
    /// Login host, on this machine.
    pub login_url: String,
    /// Storage host, on this machine.
    pub media_url: String,
    /// OAuth client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret<String>,
    /// Conversation and recording ids.
    pub recordings: Vec<(String, String)>,
    /// Recordings fetched at the same time.
    pub parallel: usize,
    /// Writes files in the clear into this folder instead of sealing them, as scripts do.
    pub in_the_clear: Option<PathBuf>,
    /// Requests a second that are never exceeded, whatever the organization allows.
    pub max_per_second: f64,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// SHA-256 of each recording, in the order asked for.
    pub digests: Vec<Sha256Digest>,
    /// Bytes of all recordings.
    pub bytes: u64,
    /// From the first request to the last file.
    pub elapsed: Duration,
}

/// Retrieves every recording once, checks it and lets it go.
///
/// # Errors
/// When the organization is not on this machine, or a recording cannot be had.
pub async fn measure_retrieval(app: &App, request: MeasureReq) -> Result<Measured, ApiError> {
    let source = Arc::new(source(app, &request)?);
    let recordings = Arc::new(request.recordings);
    let in_the_clear = request.in_the_clear.map(Arc::new);
    let next = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..request.parallel.max(1) {
        let (app, source) = (app.clone(), Arc::clone(&source));
        let (recordings, next) = (Arc::clone(&recordings), Arc::clone(&next));
        let folder = in_the_clear.clone();
        workers.spawn(async move {
            let folder = folder.as_ref().map(|folder| folder.as_path());
            let to = To { app: &app, folder };
            work(to, &source, &recordings, &next).await
        });
    }
    let mut fetched = Vec::with_capacity(recordings.len());
    while let Some(ended) = workers.join_next().await {
        let mine = ended.map_err(|error| ApiError::internal("Measuring", &error))?;
        fetched.extend(mine?);
    }
    fetched.sort_by_key(|one| one.index);
    Ok(Measured {
        bytes: fetched.iter().map(|one| one.bytes).sum(),
        digests: fetched.into_iter().map(|one| one.sha256).collect(),
        elapsed: start.elapsed(),
    })
}

fn source(app: &App, request: &MeasureReq) -> Result<Source, ApiError> {
    local_host(&request.api_url)?;
    local_host(&request.login_url)?;
    let usual = GenesysConfig::default();
    let config = GenesysConfig {
        api_url: request.api_url.clone(),
        login_url: request.login_url.clone(),
        media_hosts: vec![local_host(&request.media_url)?],
        client_id: request.client_id.clone(),
        client_secret: request.client_secret.clone(),
        pace: Pace {
            max_per_second: request.max_per_second,
            ..usual.pace
        },
        ..usual
    };
    Genesys::new(config, app.http().clone(), app.clock())
        .map(Source::Genesys)
        .map_err(|error| ApiError::invalid("Address", error))
}

/// Where recordings go.
#[derive(Clone, Copy)]
struct To<'a> {
    app: &'a App,
    /// `None` is the vault.
    folder: Option<&'a Path>,
}

struct Fetched {
    index: usize,
    sha256: Sha256Digest,
    bytes: u64,
}

/// Takes the next recording until there is none.
async fn work(
    to: To<'_>,
    source: &Source,
    recordings: &[(String, String)],
    next: &AtomicUsize,
) -> Result<Vec<Fetched>, ApiError> {
    let mut mine = Vec::new();
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some((conversation, recording)) = recordings.get(index) else {
            return Ok(mine);
        };
        let ids = RecordingIds::new(conversation, recording, None)
            .map_err(|error| ApiError::internal("Reading the ids of a recording", &error))?;
        let request = MediaRequest {
            conversation: ids.conversation,
            recording: ids.recording,
            communication: ids.communication,
            format: MediaFormat::Wav,
        };
        let (sha256, bytes) = match to.folder {
            Some(folder) => write_file(folder, source, &request).await?,
            None => seal(to.app, source, &request).await?,
        };
        mine.push(Fetched {
            index,
            sha256,
            bytes,
        });
    }
}

async fn write_file(
    folder: &Path,
    source: &Source,
    request: &MediaRequest,
) -> Result<(Sha256Digest, u64), ApiError> {
    let name = format!("{}.wav", request.recording.as_str());
    let mut sink = FileSink::new(folder.join(name));
    let cancel = CancellationToken::new();
    source
        .fetch_media(request, &mut sink, &cancel)
        .await
        .map_err(|error| failed(&error.to_string()))?;
    let written = sink.finish().await;
    written.map_err(|error| ApiError::from_io("Writing a recording", &error))
}

async fn seal(
    app: &App,
    source: &Source,
    request: &MediaRequest,
) -> Result<(Sha256Digest, u64), ApiError> {
    let vault = app.store().vault().clone();
    let mut sink = VaultSink::new(vault.clone(), CASE, |_| {});
    let cancel = CancellationToken::new();
    let media = source
        .fetch_media(request, &mut sink, &cancel)
        .await
        .map_err(|error| failed(&error.to_string()))?;
    let sealed = sink
        .finish()
        .await
        .map_err(|error| ApiError::from_io("Storing a recording", &error))?;
    let blob = sealed.file.id().clone();
    let inspected = spawn_blocking(move || {
        let mut audio = vault.open(CASE, &blob)?;
        Ok::<_, store::StoreError>(media::inspect(&mut audio, media.reported_duration_ms).is_ok())
    })
    .await
    .map_err(|error| ApiError::internal("Checking a recording", &error))??;
    if !inspected {
        return Err(failed("it is not the audio that was announced"));
    }
    Ok((sealed.sha256, sealed.size_bytes))
}

fn failed(reason: &str) -> ApiError {
    ApiError::new(
        ErrorCode::SourceUnavailable,
        format!("A recording of the measurement could not be retrieved: {reason}"),
        "Run the measurement again on an idle machine.",
    )
}
