//! One recording: its state, the wait for transcoding, the download, and what the source says about it.

use domain::recording::{MediaFormat, MediaState};
use reqwest::{Method, StatusCode};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    Genesys,
    api::{Arguments, Operation, parse},
    found::media_state,
    model::{Annotation, Recording},
    orphans::{MEDIA, is_orphan},
    permissions::Permissions,
};
use crate::{
    download::{Download, Outcome},
    http::{Purpose, is_loopback, pause},
    link::MediaLink,
    source::{
        AudioTimeline, FetchError, FetchedMedia, MediaRequest, MediaSink, Pause, SourceError,
    },
};

// Genesys: state of one recording, starts no transcoding (API reference section 5.1, checked 2026-08).
pub(super) const METADATA: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/conversations/{}/recordingmetadata/{}",
    name: "GET /api/v2/conversations/{conversationId}/recordingmetadata/{recordingId}",
    permission: "recording:recording:view",
    purpose: Purpose::Metadata,
};

// Genesys: 202 until transcoded, then 200 with `mediaUris` (API reference section 5.2, checked 2026-08).
pub(super) const RECORDING: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/conversations/{}/recordings/{}",
    name: "GET /api/v2/conversations/{conversationId}/recordings/{recordingId}",
    permission: "recording:recording:view",
    purpose: Purpose::Metadata,
};

/// Fresh addresses asked for when one has ended; each is good for minutes.
pub(super) const MAX_RENEWALS: u32 = 3;

/// Answers that promise media and give none, before we stop believing them.
const MAX_EMPTY_ANSWERS: u32 = 5;

/// Clocks and rounding make the parts differ from the whole by up to this much.
const SAME_LENGTH_MS: u64 = 1_500;

/// A recording whose media can be downloaded now.
pub(super) struct Ready {
    pub(super) recording: Recording,
    url: Url,
}

impl Genesys {
    pub(crate) async fn fetch_media(
        &self,
        request: &MediaRequest,
        sink: &mut impl MediaSink,
        cancel: &CancellationToken,
    ) -> Result<FetchedMedia, FetchError> {
        let metadata = self.metadata(request, cancel).await?;
        refuse_unavailable(&metadata)?;
        let already_redacted = self.already_redacted(cancel).await;
        let mut download = Download::new(&self.http, Some(request.format), cancel);
        for _ in 0..=MAX_RENEWALS {
            let ready = self.transcoded(request, cancel).await?;
            let size = ready
                .recording
                .output_size_in_bytes
                .filter(|size| *size > 0);
            if let Some(duration_ms) = ready.recording.output_duration_ms {
                sink.lasts(duration_ms);
            }
            match download.run(&ready.url, size, sink).await? {
                Outcome::Complete(arrived) => {
                    return Ok(FetchedMedia {
                        content_type: arrived.content_type,
                        size_bytes: arrived.size_bytes,
                        reported_duration_ms: ready.recording.output_duration_ms,
                        attempts: arrived.attempts,
                        timeline: timeline(&ready.recording, &metadata)?,
                        already_redacted,
                        host: arrived.host,
                        link: Some(MediaLink::of(&ready.url)),
                    });
                }
                // Genesys: 403 from storage means a new address, not a new token (API reference pitfall 4, checked 2026-08).
                Outcome::AddressEnded | Outcome::Accepted => {
                    tracing::debug!("a media address ended; asking for another")
                }
            }
        }
        Err(FetchError::addresses_ended())
    }

    /// Where the audio starts, what was cut out of it and how long it is, without the audio.
    pub(crate) async fn timeline(
        &self,
        request: &MediaRequest,
        cancel: &CancellationToken,
    ) -> Result<AudioTimeline, FetchError> {
        let metadata = self.metadata(request, cancel).await?;
        refuse_unavailable(&metadata)?;
        let ready = self.transcoded(request, cancel).await?;
        timeline(&ready.recording, &metadata)
    }

    /// What the source knows about a recording.
    pub(super) async fn metadata(
        &self,
        request: &MediaRequest,
        cancel: &CancellationToken,
    ) -> Result<Recording, SourceError> {
        if is_orphan(&request.conversation) {
            return self.orphan_metadata(&request.recording, cancel).await;
        }
        let ids = [request.conversation.as_str(), request.recording.as_str()];
        self.read(
            &METADATA,
            Arguments {
                ids: &ids,
                ..Arguments::default()
            },
            cancel,
        )
        .await
    }

    /// Waits until the recording is there in the wanted format.
    async fn transcoded(
        &self,
        request: &MediaRequest,
        cancel: &CancellationToken,
    ) -> Result<Ready, FetchError> {
        let polling = self.config.polling;
        let give_up_at = Instant::now() + polling.media_budget;
        let mut empty_answers = 0;
        loop {
            let (status, recording) = self.ask_for(request, cancel).await?;
            if let Some(url) = self.media_url(&recording)? {
                return Ok(Ready { recording, url });
            }
            refuse_unavailable(&recording)?;
            empty_answers += u32::from(status != StatusCode::ACCEPTED);
            let estimated_ms = recording.estimated_transcode_time_ms.unwrap_or(0);
            let wait = std::time::Duration::from_millis(estimated_ms);
            let wait = wait.max(polling.min).min(polling.max);
            if empty_answers >= MAX_EMPTY_ANSWERS || Instant::now() + wait > give_up_at {
                let reason = "it was not transcoded in time".to_owned();
                return Err(FetchError::Unavailable {
                    reason,
                    retry: true,
                });
            }
            pause(wait, cancel).await?;
        }
    }

    async fn ask_for(
        &self,
        request: &MediaRequest,
        cancel: &CancellationToken,
    ) -> Result<(StatusCode, Recording), FetchError> {
        let query = [
            ("formatId", format_id(request.format)),
            ("download", "true"),
        ];
        let ids = [request.conversation.as_str(), request.recording.as_str()];
        let (operation, ids) = match is_orphan(&request.conversation) {
            true => (&MEDIA, &ids[1..]),
            false => (&RECORDING, &ids[..]),
        };
        let arguments = Arguments {
            ids,
            query: &query,
            body: None,
        };
        let answer = self.call(operation, arguments, cancel).await?;
        // Genesys: a 202 may have no body (API reference pitfall 1, checked 2026-08).
        let recording = match answer.body.is_empty() {
            true => Recording::default(),
            false => parse(operation, &answer.body)?,
        };
        Ok((answer.status, recording))
    }

    /// The address of the one file; the address itself is a secret.
    // Genesys: `S` is one file, `0` and `1` are channels (API reference section 5.2, checked 2026-08).
    fn media_url(&self, recording: &Recording) -> Result<Option<Url>, FetchError> {
        let Some(results) = recording.media_uris.as_ref() else {
            return Ok(None);
        };
        let with_uri: Vec<_> = results
            .iter()
            .filter_map(|(key, it)| Some((key, it.media_uri.as_ref()?)))
            .collect();
        let single = with_uri
            .iter()
            .find(|(key, _)| *key == "S")
            .or(match with_uri.as_slice() {
                [one] => Some(one),
                _ => None,
            });
        match (single, with_uri.len()) {
            (Some((_, uri)), _) => self.checked_url(uri).map(Some),
            (None, 0) => Ok(None),
            (None, count) => Err(FetchError::Unsupported {
                what: format!("{count} separate media files"),
            }),
        }
    }

    /// Refuses hosts that are not the source's, and plain text when the API itself is not local. // S1-41
    pub(super) fn checked_url(&self, uri: &str) -> Result<Url, FetchError> {
        let refused = |reason: &str| FetchError::Unavailable {
            reason: reason.to_owned(),
            retry: false,
        };
        let url = Url::parse(uri).map_err(|_| refused("its media address is malformed"))?;
        self.http.check(&url)?;
        if is_loopback(&url) && !is_loopback(&self.api_url) {
            return Err(refused("its media address points to this machine"));
        }
        Ok(url)
    }

    /// `Some(false)` when the credentials see the original; else the organization's settings decide, which we cannot see.
    async fn already_redacted(&self, cancel: &CancellationToken) -> Option<bool> {
        let cached = self.sees_unredacted.get().copied();
        let sees_unredacted = match cached {
            Some(sees) => sees,
            None => {
                let subject = self.grants(cancel).await.ok()?;
                *self
                    .sees_unredacted
                    .get_or_init(|| Permissions::of(&subject).sees_unredacted())
            }
        };
        sees_unredacted.then_some(false)
    }
}

// Genesys: `formatId` (API reference section 5.2, checked 2026-08).
fn format_id(format: MediaFormat) -> &'static str {
    match format {
        MediaFormat::Wav => "WAV",
        MediaFormat::WavUlaw => "WAV_ULAW",
        MediaFormat::Mp3 => "MP3",
        MediaFormat::WebmOpus => "WEBM",
        MediaFormat::OggOpus => "OGG_OPUS",
    }
}

fn refuse_unavailable(recording: &Recording) -> Result<(), FetchError> {
    match media_state(recording.file_state.as_deref()) {
        MediaState::Available => Ok(()),
        MediaState::Pending => Err(FetchError::Pending),
        MediaState::Archived => Err(FetchError::Archived),
        MediaState::Deleted => Err(FetchError::Purged),
        MediaState::Faulty => {
            let reason = recording.recording_error_status.clone();
            Err(FetchError::Faulty {
                reason: reason.unwrap_or_else(|| "ERROR".to_owned()),
            })
        }
    }
}

/// Where the audio starts, and what was cut out.
pub(super) fn timeline(
    recording: &Recording,
    metadata: &Recording,
) -> Result<AudioTimeline, FetchError> {
    let end_utc = recording.end_time.or(metadata.end_time);
    let start_utc = recording
        .start_time
        .or(metadata.start_time)
        .or(recording.creation_time);
    let Some(start_utc) = start_utc else {
        return Err(FetchError::Faulty {
            reason: "it has no start time".to_owned(),
        });
    };
    let line = AudioTimeline::new(start_utc, pauses(&recording.annotations));
    // Audio as long as the call was not cut, whatever the annotations say.
    let span_ms = end_utc.map(|end| end.as_millisecond() - start_utc.as_millisecond());
    let span_ms = span_ms.and_then(|span| u64::try_from(span).ok());
    let is_uncut = span_ms
        .zip(recording.output_duration_ms)
        .is_some_and(|(span, audio)| {
            span.abs_diff(audio) < SAME_LENGTH_MS.min(line.paused_ms() / 2)
        });
    let line = if is_uncut {
        AudioTimeline::new(start_utc, Vec::new())
    } else {
        line
    };
    Ok(line.lasting(recording.output_duration_ms))
}

/// The pauses, on the wall clock.
// Genesys: `realtimeLocation` is before pauses are removed, `absoluteLocation` after (API reference section 5.6, checked 2026-08).
fn pauses(annotations: &[Annotation]) -> Vec<Pause> {
    let is_pause = |it: &&Annotation| {
        it.reason.is_some()
            || it
                .kind
                .as_deref()
                .is_some_and(|kind| kind.eq_ignore_ascii_case("pause"))
    };
    let mut found: Vec<_> = annotations.iter().filter(is_pause).collect();
    found.sort_by_key(|it| it.realtime_location.or(it.absolute_location));
    let mut pauses: Vec<Pause> = Vec::new();
    for annotation in found {
        let cut_before: u64 = pauses.iter().map(|pause| pause.duration_ms).sum();
        let from_audio = annotation
            .absolute_location
            .map(|at| at.saturating_add(cut_before));
        let start_ms = annotation.realtime_location.or(from_audio);
        if let (Some(start_ms), Some(duration_ms)) = (start_ms, annotation.duration_ms) {
            pauses.push(Pause {
                start_ms,
                duration_ms,
            });
        }
    }
    pauses
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        genesys::GenesysConfig,
        http::{Http, HttpOptions},
    };

    fn recording(annotations: serde_json::Value, end: &str, audio_ms: u64) -> Recording {
        serde_json::from_value(json!({
            "startTime": "2026-03-01T10:00:00.000Z", "endTime": end,
            "outputDurationMs": audio_ms, "annotations": annotations,
        }))
        .unwrap()
    }

    fn pairs(line: &AudioTimeline) -> Vec<(u64, u64)> {
        line.pauses
            .iter()
            .map(|it| (it.start_ms, it.duration_ms))
            .collect()
    }

    #[test]
    fn pauses_come_from_either_kind_of_place() {
        let annotations = json!([
            {"type": "bookmark", "durationMs": 1, "realtimeLocation": 1},
            {"type": "Pause", "durationMs": 5_000, "realtimeLocation": 20_000, "absoluteLocation": 20_000},
            {"reason": "SecurePause", "durationMs": 2_000, "absoluteLocation": 40_000},
        ]);
        let recording = recording(annotations, "2026-03-01T10:01:00Z", 53_000);
        let line = timeline(&recording, &Recording::default()).unwrap();
        assert_eq!(pairs(&line), [(20_000, 5_000), (45_000, 2_000)]);
    }

    #[test]
    fn audio_as_long_as_the_call_was_not_cut() {
        let annotations =
            json!([{"type": "Pause", "durationMs": 5_000, "realtimeLocation": 20_000}]);
        let recording = recording(annotations, "2026-03-01T10:01:00Z", 60_020);
        assert!(
            timeline(&recording, &Recording::default())
                .unwrap()
                .pauses
                .is_empty()
        );
    }

    #[test]
    fn states_decide_before_anything_is_fetched() {
        let state = |text: &str| Recording {
            file_state: Some(text.to_owned()),
            ..Recording::default()
        };
        assert!(matches!(
            refuse_unavailable(&state("DELETED")),
            Err(FetchError::Purged)
        ));
        assert!(matches!(
            refuse_unavailable(&state("ARCHIVED")),
            Err(FetchError::Archived)
        ));
        assert!(matches!(
            refuse_unavailable(&state("UPLOADING")),
            Err(FetchError::Pending)
        ));
        assert!(matches!(
            refuse_unavailable(&state("ERROR")),
            Err(FetchError::Faulty { .. })
        ));
        assert!(refuse_unavailable(&state("RESTORED")).is_ok());
        assert!(refuse_unavailable(&state("NEW_STATE")).is_ok());
    }

    fn genesys(api_url: &str, media_hosts: &[&str]) -> Genesys {
        let config = GenesysConfig {
            api_url: api_url.to_owned(),
            login_url: "https://login.mypurecloud.de".to_owned(),
            media_hosts: media_hosts.iter().map(|&host| host.to_owned()).collect(),
            ..GenesysConfig::default()
        };
        let http = Http::new(HttpOptions::default()).unwrap();
        Genesys::new(
            config,
            http,
            std::sync::Arc::new(|| jiff::Timestamp::UNIX_EPOCH),
        )
        .unwrap()
    }

    // S1-41
    #[test]
    fn media_comes_only_from_allowed_hosts() {
        let cloud = genesys("https://api.mypurecloud.de", &[]);
        let allows = |genesys: &Genesys, uri: &str| genesys.checked_url(uri).is_ok();
        assert!(allows(
            &cloud,
            "https://bucket.s3.eu-central-1.amazonaws.com/a?X-Amz-Signature=s"
        ));
        for bad in [
            "http://bucket.amazonaws.com/a",
            "https://notamazonaws.com/a",
            "https://amazonaws.com.example.org/a",
            "http://127.0.0.1/a",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!allows(&cloud, bad), "{bad}");
        }
        let elsewhere = "https://bucket.s3.eu-west-2.amazonaws.com/a";
        assert!(!allows(&cloud, elsewhere), "another region's storage");
        let regional = genesys(
            "https://api.mypurecloud.de",
            &["s3.eu-west-2.amazonaws.com"],
        );
        assert!(allows(&regional, elsewhere));
        let gateway = genesys("https://genesys.example.org", &["media.example.org"]);
        assert!(allows(&gateway, "https://media.example.org/a"));
        assert!(!allows(
            &gateway,
            "https://bucket.s3.eu-central-1.amazonaws.com/a"
        ));
        assert!(!allows(&gateway, "http://127.0.0.1:9000/a"));
        assert!(allows(
            &genesys("http://127.0.0.1:8000", &[]),
            "http://127.0.0.1:9000/a"
        ));
    }
}
