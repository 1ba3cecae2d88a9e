//! Recordings in a folder: an export that was handed over, or a share of the old recorder.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use domain::{
    ids::SourceId,
    search::{SearchCriteria, SourceResult},
};
use jiff::tz::TimeZone;
use serde::Deserialize;
use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;

use super::{
    entry::Entry,
    fields::FieldMap,
    settings::LegacyConfigError,
    sidecar::{self, ENDING, MAX_SIDECAR_BYTES, MAX_SIDECARS, Reading, Sidecars},
    sniff::Sniffing,
};
use crate::{
    http::unless_cancelled,
    locate::Place,
    source::{
        AudioTimeline, FetchError, FetchedMedia, MediaRequest, MediaSink, SourceError, SourceHealth,
    },
};

/// Bytes that are handed on at once.
const CHUNK_BYTES: usize = 64 << 10;

/// Folders within folders that are gone through.
const MAX_DEPTH: usize = 16;

const LIST: &str = "list of the folder";
const READ: &str = "description of a recording";

/// A folder of recordings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderSettings {
    /// The id of this source in cases and logs.
    pub id: String,
    /// Where it is.
    pub path: PathBuf,
    /// Zone of times without one, as an IANA name.
    pub zone: Option<String>,
    /// Where in a description things are.
    pub fields: FieldMap,
}

/// One folder.
#[derive(Clone)]
pub struct Folder {
    id: SourceId,
    path: PathBuf,
    zone: TimeZone,
    fields: FieldMap,
}

impl Folder {
    /// Checks the settings; reads nothing yet.
    ///
    /// # Errors
    /// When the id or the zone is none.
    pub fn new(settings: FolderSettings) -> Result<Self, LegacyConfigError> {
        let zone = settings.zone.as_deref().unwrap_or("UTC");
        Ok(Self {
            id: SourceId::new(settings.id)?,
            path: settings.path,
            zone: TimeZone::get(zone).map_err(|_| LegacyConfigError::Zone)?,
            fields: settings.fields,
        })
    }

    /// The configured id.
    pub fn id(&self) -> &SourceId {
        &self.id
    }

    pub(crate) async fn health(&self) -> Result<SourceHealth, SourceError> {
        let read = tokio::fs::read_dir(&self.path).await;
        read.map(drop).map_err(|error| unreadable(LIST, &error))?;
        Ok(sidecar::health(
            &self.id,
            "folder",
            &[&self.path.to_string_lossy()],
        ))
    }

    pub(crate) async fn search(
        &self,
        criteria: &SearchCriteria,
        cancel: &CancellationToken,
    ) -> SourceResult {
        let mut sidecars = Sidecars::default();
        if let Err(error) = self.see(&mut sidecars, criteria, cancel).await {
            sidecars.gaps.push(format!("the search stopped: {error}"));
        }
        sidecars.into_result(self.id.clone(), format!("every *{ENDING} of the folder"))
    }

    async fn see(
        &self,
        sidecars: &mut Sidecars,
        criteria: &SearchCriteria,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let root = self.path.clone();
        let walking = tokio::task::spawn_blocking(move || walk(&root));
        let walked = unless_cancelled(cancel, walking).await?;
        let places = walked
            .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
            .map_err(|error| unreadable(LIST, &error))?;
        if places.len() >= MAX_SIDECARS {
            sidecars.gaps.push(format!(
                "only the first {MAX_SIDECARS} descriptions were read"
            ));
        }
        for place in places {
            let path = self.path.join(format!("{place}{ENDING}"));
            let bytes = unless_cancelled(cancel, read_small(&path)).await?;
            self.reading()
                .look_at(sidecars, criteria, &place, bytes.ok().as_deref());
        }
        sidecars.answers += 1;
        Ok(())
    }

    fn reading(&self) -> Reading<'_> {
        Reading {
            source: &self.id,
            fields: &self.fields,
            zone: &self.zone,
        }
    }

    pub(crate) async fn fetch_media(
        &self,
        request: &MediaRequest,
        sink: &mut impl MediaSink,
        cancel: &CancellationToken,
    ) -> Result<FetchedMedia, FetchError> {
        let entry = self.described(request).await?;
        let mut file = self.open(request, &entry).await?;
        let mut sniffing = Sniffing::new(sink);
        let mut size_bytes = 0;
        loop {
            let mut chunk = Vec::with_capacity(CHUNK_BYTES);
            let mut part = (&mut file).take(CHUNK_BYTES as u64);
            let read = unless_cancelled(cancel, part.read_to_end(&mut chunk)).await?;
            let read = read.map_err(|error| unavailable(&error))?;
            if read == 0 {
                break;
            }
            size_bytes += read as u64;
            let written = sniffing.write(Bytes::from(chunk)).await;
            written.map_err(FetchError::Sink)?;
        }
        if size_bytes == 0 || entry.size_bytes.is_some_and(|size| size != size_bytes) {
            let reason = format!("the file has {size_bytes} bytes");
            return Err(FetchError::Corrupted { reason });
        }
        let seen = sniffing.finish(entry.codec.as_deref()).await?;
        let duration_ms = entry.duration_ms();
        Ok(FetchedMedia {
            content_type: seen.content_type().unwrap_or_default().to_owned(),
            size_bytes,
            reported_duration_ms: duration_ms,
            attempts: 1,
            timeline: AudioTimeline::new(entry.start_utc, Vec::new()).lasting(duration_ms),
            already_redacted: None,
            host: "this machine".to_owned(),
            link: None,
        })
    }

    /// The recording of this id; `None` when there is none.
    pub(crate) async fn locate(&self, reference: &str) -> Result<Option<Place>, SourceError> {
        if !sidecar::is_inside(reference) {
            return Ok(None);
        }
        let read = read_small(&self.path.join(format!("{reference}{ENDING}"))).await;
        let bytes = match read {
            Ok(bytes) => bytes,
            // A name that no file can have is the name of none.
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(unreadable(READ, &error)),
        };
        let entry = self.reading().entry(reference, &bytes);
        Ok(entry.map(|entry| entry.place(&self.id)))
    }

    async fn described(&self, request: &MediaRequest) -> Result<Entry, FetchError> {
        let place = request.recording.as_str();
        if !sidecar::is_inside(place) {
            return Err(SourceError::NotFound { operation: READ }.into());
        }
        let bytes = read_small(&self.path.join(format!("{place}{ENDING}"))).await;
        let bytes = bytes.map_err(|error| FetchError::from(unreadable(READ, &error)))?;
        let entry = self.reading().entry(place, &bytes);
        entry.ok_or_else(|| FetchError::Faulty {
            reason: "its description cannot be read".to_owned(),
        })
    }

    /// Opens the sound, which must lie in the folder whatever the description or a link says.
    async fn open(
        &self,
        request: &MediaRequest,
        entry: &Entry,
    ) -> Result<tokio::fs::File, FetchError> {
        let root = tokio::fs::canonicalize(&self.path).await;
        let root = root.map_err(|error| unavailable(&error))?;
        let places = sidecar::sound_places(&request.recording, entry);
        for place in places.iter().filter(|place| sidecar::is_inside(place)) {
            let path = tokio::fs::canonicalize(self.path.join(place)).await;
            let Some(path) = path.ok().filter(|path| path.starts_with(&root)) else {
                continue;
            };
            let opened = tokio::fs::File::open(path).await;
            return opened.map_err(|error| unavailable(&error));
        }
        // S2-45
        Err(FetchError::Purged)
    }
}

/// Places of all descriptions below the root, in order, with `/` between parts on every system.
fn walk(root: &Path) -> io::Result<Vec<String>> {
    let mut places = Vec::new();
    let mut folders = vec![(root.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            // A link is not followed: it may lead anywhere.
            let kind = entry.file_type()?;
            if kind.is_dir() && depth < MAX_DEPTH {
                folders.push((entry.path(), format!("{prefix}{name}/"), depth + 1));
            } else if kind.is_file()
                && places.len() < MAX_SIDECARS
                && let Some(stem) = name.strip_suffix(ENDING)
            {
                places.push(format!("{prefix}{stem}"));
            }
        }
    }
    places.sort_unstable();
    Ok(places)
}

async fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    let path = path.to_owned();
    let read = move || {
        let mut bytes = Vec::new();
        fs::File::open(path)?
            .take(MAX_SIDECAR_BYTES)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    tokio::task::spawn_blocking(read)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}

fn is_absent(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, IsADirectory, NotADirectory, NotFound};
    matches!(
        error.kind(),
        NotFound | NotADirectory | IsADirectory | InvalidFilename
    )
}

fn unreadable(operation: &'static str, error: &io::Error) -> SourceError {
    match error.kind() {
        io::ErrorKind::NotFound => SourceError::NotFound { operation },
        kind => SourceError::Unreadable {
            operation,
            reason: kind.to_string(),
        },
    }
}

fn unavailable(error: &io::Error) -> FetchError {
    FetchError::Unavailable {
        reason: error.kind().to_string(),
        retry: true,
    }
}
