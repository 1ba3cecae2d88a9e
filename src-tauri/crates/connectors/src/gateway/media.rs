//! One recording: asked for, waited for when its source is slow, streamed. // S1-46, S1-47

use domain::recording::MediaFormat;
use jiff::Timestamp;
use reqwest::{
    Method,
    header::{self, HeaderMap},
};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    Gateway,
    answer::{About, ErrorBody, Job},
    call::{accept, parse},
};
use crate::{
    download::{Arrived, Download, Outcome},
    http::{Answer, Purpose, pause},
    legacy::Sniffing,
    source::{AudioTimeline, FetchError, FetchedMedia, MediaRequest, MediaSink},
};

/// Times that a finished job may turn out to have nothing, such as right before its time is over.
const MAX_ROUNDS: u32 = 3;
/// Length of the sound by the word of its source, in milliseconds.
const DURATION: &str = "x-recording-duration-ms";

impl Gateway {
    pub(crate) async fn fetch_media(
        &self,
        request: &MediaRequest,
        sink: &mut impl MediaSink,
        cancel: &CancellationToken,
    ) -> Result<FetchedMedia, FetchError> {
        let id = request.recording.as_str();
        let address = self.address(&["api", "v2", "recordings", id])?;
        let about: About = self
            .look("description of a recording", &address, cancel)
            .await?;
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
            Err(FetchError::Purged) => {
                let reason = "the gateway had nothing at its address".to_owned();
                Err(self.explained(url, reason, cancel).await)
            }
            Err(error) => Err(error),
        }
    }

    async fn explained(&self, url: &Url, reason: String, cancel: &CancellationToken) -> FetchError {
        let asked = self
            .send(Method::GET, url.clone(), None, Purpose::Media, cancel)
            .await;
        match asked.ok().filter(|it| !it.status.is_success()) {
            Some(answer) => refused(&answer),
            None => FetchError::Unavailable {
                reason,
                retry: true,
            },
        }
    }

    /// Reads a JSON answer about a recording that is fetched.
    async fn look<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        url: &Url,
        cancel: &CancellationToken,
    ) -> Result<T, FetchError> {
        let answer = self
            .send(Method::GET, url.clone(), None, Purpose::Metadata, cancel)
            .await?;
        if matches!(answer.status.as_u16(), 404 | 410) {
            return Err(refused(&answer));
        }
        Ok(parse(operation, &accept(operation, answer)?)?)
    }

    /// Waits until the retrieval behind an address is over.
    async fn wait(&self, url: &Url, cancel: &CancellationToken) -> Result<(), FetchError> {
        let polling = self.config.polling;
        let give_up_at = Instant::now() + polling.media_budget;
        // The body would be the whole recording when it is there by now.
        let answer = self
            .send(Method::HEAD, url.clone(), None, Purpose::Media, cancel)
            .await?;
        if answer.status.as_u16() != 202 {
            // It is there by now, or the next try says why not.
            return Ok(());
        }
        let place = answer.headers.get(header::LOCATION);
        let id = place.and_then(|it| it.to_str().ok()?.rsplit('/').next());
        let id = id.ok_or_else(unreadable)?;
        let place = self.address(&["api", "v1", "recordings", "status", id])?;
        let mut job: Job = self.look("state of a retrieval", &place, cancel).await?;
        while job.status == 202 {
            if Instant::now() > give_up_at {
                return Err(FetchError::Unavailable {
                    reason: "the source behind the gateway did not deliver in time".to_owned(),
                    retry: true,
                });
            }
            pause(polling.min, cancel).await?;
            job = self.look("state of a retrieval", &place, cancel).await?;
        }
        let status = job.status;
        job.error
            .map_or(Ok(()), |error| Err(refusal(status, error)))
    }
}

fn unreadable() -> FetchError {
    FetchError::Unavailable {
        reason: "the gateway's answer cannot be read".to_owned(),
        retry: false,
    }
}

/// What a refusal means. Words that are not the gateway's, such as a proxy's, say nothing about the recording.
fn refused(answer: &Answer) -> FetchError {
    let status = answer.status.as_u16();
    match serde_json::from_slice::<ErrorBody>(&answer.body) {
        Ok(error) if !error.code.is_empty() => refusal(status, error),
        _ => FetchError::Unavailable {
            reason: format!(
                "status {status} came without the gateway's reason; check its address and the proxy in front of it"
            ),
            retry: !matches!(status, 404 | 410),
        },
    }
}

fn refusal(status: u16, error: ErrorBody) -> FetchError {
    match error.code.as_str() {
        // The one answer that is final. // S2-45
        "recording_gone" if status == 410 => FetchError::Purged,
        "recording_not_found" => FetchError::Unavailable {
            reason: "the gateway knows no such recording for this client; check that the client is registered for \
                     the tenant of the recording"
                .to_owned(),
            retry: false,
        },
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
        // The times of a call are not the length of its audio; the source behind the gateway may say it.
        reported_duration_ms: number(&arrived.headers, DURATION),
        attempts: arrived.attempts,
        timeline: AudioTimeline::new(start_utc, Vec::new()),
        already_redacted: None,
        host: arrived.host.clone(),
        link: None,
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

pub(super) const fn format_name(format: MediaFormat) -> &'static str {
    match format {
        MediaFormat::Wav | MediaFormat::WavUlaw => "wav",
        MediaFormat::Mp3 => "mp3",
        MediaFormat::OggOpus => "ogg",
        MediaFormat::WebmOpus => "webm",
    }
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use axum::{Json, Router, http::StatusCode, response::IntoResponse, routing::post};
    use bytes::Bytes;
    use domain::{
        ids::{ConversationId, RecordingId, SourceId},
        sensitive::Secret,
    };
    use serde_json::json;

    use super::*;
    use crate::{
        gateway::GatewayConfig,
        genesys::Polling,
        http::{Http, HttpOptions},
    };

    struct Nowhere;

    impl MediaSink for Nowhere {
        async fn restart(&mut self) -> io::Result<()> {
            Ok(())
        }

        async fn write(&mut self, _chunk: Bytes) -> io::Result<()> {
            Ok(())
        }
    }

    /// A gateway that describes recordings, or does not, and answers for their media with this status and body.
    async fn gateway(describes: bool, status: StatusCode, body: &'static str) -> Gateway {
        let token = json!({"access_token": "t", "token_type": "bearer", "expires_in": 3600});
        let about = json!({"id": "r", "media_state": "available", "locations": []});
        let answer = move |url: axum::http::Uri| async move {
            if describes && !url.path().ends_with("/media") {
                return Json(about).into_response();
            }
            (status, body).into_response()
        };
        let router = Router::new()
            .route("/oauth/token", post(move || async { Json(token) }))
            .fallback(answer);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = GatewayConfig {
            source_id: SourceId::new("all").unwrap(),
            url,
            client_id: "desk".to_owned(),
            client_secret: Secret::new("secret".to_owned()),
            polling: Polling::default(),
        };
        let http = Http::new(HttpOptions::default()).unwrap();
        Gateway::new(config, &http, Arc::new(|| Timestamp::UNIX_EPOCH)).unwrap()
    }

    // S2-45
    #[tokio::test]
    async fn only_the_gateways_own_word_that_a_recording_is_gone_is_final() {
        let gone = r#"{"code": "recording_gone"}"#;
        let unknown = r#"{"code": "recording_not_found"}"#;
        let request = MediaRequest {
            conversation: ConversationId::new("c").unwrap(),
            recording: RecordingId::new("r").unwrap(),
            communication: None,
            format: MediaFormat::Wav,
        };
        for (status, body, is_final) in [
            (410, gone, true),
            (404, gone, false),
            (404, unknown, false),
            (410, "<html>", false),
            (404, "<html>no such host</html>", false),
            (404, r#"{"code": "no_such_route"}"#, false),
        ] {
            for describes in [true, false] {
                let status = StatusCode::from_u16(status).unwrap();
                let gateway = gateway(describes, status, body).await;
                let fetched = gateway
                    .fetch_media(&request, &mut Nowhere, &CancellationToken::new())
                    .await;
                let error = fetched.unwrap_err();
                let is_expected = match &error {
                    FetchError::Purged => is_final,
                    FetchError::Unavailable { retry, .. } => !is_final && !retry,
                    _ => false,
                };
                assert!(is_expected, "{status} {body} {describes}: {error:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_proxys_404_does_not_say_that_a_recording_is_elsewhere() {
        let cancel = CancellationToken::new();
        let known = gateway(
            false,
            StatusCode::NOT_FOUND,
            r#"{"code": "recording_not_found"}"#,
        );
        assert_eq!(known.await.locate("r", &cancel).await.unwrap(), []);
        let proxy = gateway(false, StatusCode::NOT_FOUND, "<html>").await;
        assert!(proxy.locate("r", &cancel).await.is_err());
    }

    #[tokio::test]
    async fn two_clients_of_one_gateway_are_two_organizations() {
        let gateway = gateway(true, StatusCode::OK, "").await;
        let health = gateway.health(&CancellationToken::new()).await.unwrap();
        assert!(health.organization_id.ends_with("/desk"), "{health:?}");
    }
}
