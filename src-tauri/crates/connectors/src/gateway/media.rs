//! One recording: asked for, waited for when its source is slow, streamed. // S1-46, S1-47

use domain::recording::MediaFormat;
use jiff::Timestamp;
use reqwest::Method;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    Gateway,
    answer::{About, ErrorBody, Job},
};
use crate::{
    download::{Arrived, Download, Outcome},
    http::{Purpose, pause},
    legacy::Sniffing,
    source::{AudioTimeline, FetchError, FetchedMedia, MediaRequest, MediaSink},
};

/// Times that a finished job may turn out to have nothing, such as right before its time is over.
const MAX_ROUNDS: u32 = 3;

impl Gateway {
    pub(crate) async fn fetch_media(
        &self,
        request: &MediaRequest,
        sink: &mut impl MediaSink,
        cancel: &CancellationToken,
    ) -> Result<FetchedMedia, FetchError> {
        let id = request.recording.as_str();
        let about = self.about(id, cancel).await?;
        let mut url = self.address(&["api", "v2", "recordings", id, "media"])?;
        url.query_pairs_mut()
            .append_pair("format", format_name(request.format));
        for _ in 0..MAX_ROUNDS {
            let mut sniffing = Sniffing::new(sink);
            if let Some(arrived) = self.try_once(&url, &mut sniffing, cancel).await? {
                let seen = sniffing.finish(None).await?;
                return Ok(fetched(
                    &about,
                    &arrived,
                    seen.content_type().unwrap_or_default(),
                ));
            }
            self.wait(&url, cancel).await?;
        }
        Err(FetchError::Unavailable {
            reason: "the gateway never had it when it was asked for".to_owned(),
            retry: true,
        })
    }

    /// Downloads; `None` when it takes longer.
    async fn try_once(
        &self,
        url: &Url,
        sink: &mut impl MediaSink,
        cancel: &CancellationToken,
    ) -> Result<Option<Arrived>, FetchError> {
        let headers = self.signed_in(cancel).await?;
        let mut download = Download::new(&self.http, None, cancel)
            .signed_in(headers)
            .any_type();
        match download.run(url, None, sink).await {
            Ok(Outcome::Complete(arrived)) => Ok(Some(arrived)),
            Ok(Outcome::Accepted) => Ok(None),
            Ok(Outcome::AddressEnded) => Err(FetchError::NotPermitted {
                reason: "the gateway refuses the sound of the recording (status 403)".to_owned(),
            }),
            // A refusal has words, which a download does not read.
            Err(FetchError::Unavailable {
                reason,
                retry: false,
            }) => Err(self.explained(url, reason, cancel).await),
            Err(error) => Err(error),
        }
    }

    async fn explained(&self, url: &Url, reason: String, cancel: &CancellationToken) -> FetchError {
        let asked = self
            .send(Method::GET, url.clone(), None, Purpose::Media, cancel)
            .await;
        let body = asked.ok().filter(|it| !it.status.is_success());
        let error = body.and_then(|it| serde_json::from_slice::<ErrorBody>(&it.body).ok());
        match error {
            Some(error) => refusal(error),
            None => FetchError::Unavailable {
                reason,
                retry: true,
            },
        }
    }

    /// Waits until the retrieval behind an address is over.
    async fn wait(&self, url: &Url, cancel: &CancellationToken) -> Result<(), FetchError> {
        let polling = self.config.polling;
        let give_up_at = Instant::now() + polling.media_budget;
        let answer = self
            .send(Method::GET, url.clone(), None, Purpose::Media, cancel)
            .await?;
        if answer.status.as_u16() != 202 {
            // It is there by now, or the next try says why not.
            return Ok(());
        }
        let mut job: Job = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        let place = self.address(&["api", "v1", "recordings", "status", &job.job_id])?;
        while job.status == 202 {
            if Instant::now() > give_up_at {
                return Err(FetchError::Unavailable {
                    reason: "the source behind the gateway did not deliver in time".to_owned(),
                    retry: true,
                });
            }
            pause(polling.min, cancel).await?;
            job = self
                .read(
                    "state of a retrieval",
                    place.clone(),
                    Purpose::Metadata,
                    cancel,
                )
                .await?;
        }
        job.error.map_or(Ok(()), |error| Err(refusal(error)))
    }
}

fn unreadable() -> FetchError {
    FetchError::Unavailable {
        reason: "the gateway's answer cannot be read".to_owned(),
        retry: false,
    }
}

fn refusal(error: ErrorBody) -> FetchError {
    match error.code.as_str() {
        "recording_not_found" | "recording_gone" => FetchError::Purged,
        "unsupported_codec" => FetchError::Unsupported {
            what: error.codec.unwrap_or_else(|| "an unknown codec".to_owned()),
        },
        "recording_damaged" => FetchError::Corrupted {
            reason: "what its source sends is not the recording".to_owned(),
        },
        "recording_not_ready" => FetchError::Pending,
        code => FetchError::Unavailable {
            reason: format!("the gateway refuses it ({code})"),
            retry: matches!(
                code,
                "source_unavailable" | "too_many_requests" | "internal"
            ),
        },
    }
}

fn fetched(about: &About, arrived: &Arrived, content_type: &str) -> FetchedMedia {
    let start_utc = about.start_time.unwrap_or(Timestamp::UNIX_EPOCH);
    FetchedMedia {
        content_type: content_type.to_owned(),
        size_bytes: arrived.size_bytes,
        // The times of a call are not the length of its audio.
        reported_duration_ms: None,
        attempts: arrived.attempts,
        timeline: AudioTimeline::new(start_utc, Vec::new()),
        already_redacted: None,
        host: arrived.host.clone(),
        link: None,
    }
}

const fn format_name(format: MediaFormat) -> &'static str {
    match format {
        MediaFormat::Wav | MediaFormat::WavUlaw => "wav",
        MediaFormat::Mp3 => "mp3",
        MediaFormat::OggOpus => "ogg",
        MediaFormat::WebmOpus => "webm",
    }
}
