//! One file: streamed, counted, resumed only when it is still the same file.
//!
//! Nothing but a byte range is added to the headers of the caller; a presigned address has none, so no token can
//! leak to it. // S1-41

use std::time::Duration;

use domain::recording::MediaFormat;
use reqwest::{
    Method, Response, StatusCode,
    header::{self, HeaderMap, HeaderValue},
};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    http::{
        ByteRange, Failure, Http, HttpError, Outgoing, Purpose, Retries, check_status, host_of,
        unless_cancelled,
    },
    source::{FetchError, MediaSink},
};

/// Longest recording that is fetched; ten hours of stereo PCM at 16 kHz stay below it.
const MAX_MEDIA_BYTES: u64 = 4 << 30;

/// Longest single attempt: a server that trickles does not hold a job forever.
const MAX_ATTEMPT: Duration = Duration::from_secs(2 * 60 * 60);

/// A download that may take several attempts and several addresses.
pub(crate) struct Download<'a> {
    http: &'a Http,
    cancel: &'a CancellationToken,
    /// What storage that does not name the type must be giving; `None` takes its word only.
    format: Option<MediaFormat>,
    /// Who asks, for sources that want to know.
    headers: HeaderMap,
    /// Whether the caller looks at the bytes itself.
    any_type: bool,
    retries: Retries<'a>,
    /// Bytes in the sink.
    received: u64,
    /// Which file they came from; `None` when it cannot be told.
    version: Option<Version>,
}

/// What makes two answers the same file.
#[derive(Clone, PartialEq, Eq)]
struct Version {
    etag: HeaderValue,
    /// Unknown while the file comes in chunks; a part of it says how long the whole is.
    total: Option<u64>,
}

/// How a run ended.
pub(crate) enum Outcome {
    Complete(Arrived),
    AddressEnded,
    /// The host begins to get it and has nothing yet.
    Accepted,
}

/// What arrived.
pub(crate) struct Arrived {
    pub(crate) content_type: String,
    pub(crate) size_bytes: u64,
    pub(crate) attempts: u32,
    pub(crate) host: String,
    /// Of the last answer.
    pub(crate) headers: HeaderMap,
}

/// Why an attempt did not bring the file.
enum Problem {
    AddressEnded,
    Accepted,
    /// The sink wants to go on at this byte.
    Further(u64),
    /// The connection failed or broke.
    Broken(Failure),
    /// All bytes came, and they are not the file.
    Wrong(String),
    Final(FetchError),
}

impl<'a> Download<'a> {
    pub(crate) fn new(
        http: &'a Http,
        format: Option<MediaFormat>,
        cancel: &'a CancellationToken,
    ) -> Self {
        let retries = http.retries(cancel);
        Self {
            http,
            cancel,
            format,
            headers: HeaderMap::new(),
            any_type: false,
            retries,
            received: 0,
            version: None,
        }
    }

    /// Says who asks. Only for addresses on the host that the credentials are for.
    pub(crate) fn signed_in(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// Takes any content type; the caller looks at the bytes.
    pub(crate) fn any_type(mut self) -> Self {
        self.any_type = true;
        self
    }

    /// Downloads from one address, as often as the policy allows.
    pub(crate) async fn run(
        &mut self,
        url: &Url,
        expected_size: Option<u64>,
        sink: &mut impl MediaSink,
    ) -> Result<Outcome, FetchError> {
        loop {
            let attempt = self.attempt(url, expected_size, sink);
            let problem = match tokio::time::timeout(MAX_ATTEMPT, attempt).await {
                Ok(Ok(arrived)) => return Ok(Outcome::Complete(arrived)),
                Ok(Err(problem)) => problem,
                Err(_) => Problem::Broken(Failure::timed_out(url)),
            };
            match problem {
                Problem::AddressEnded => return Ok(Outcome::AddressEnded),
                Problem::Accepted => return Ok(Outcome::Accepted),
                // Always forward, so this ends.
                Problem::Further(at) => {
                    self.received = at;
                    sink.moved_to(at);
                }
                Problem::Final(error) => return Err(error),
                Problem::Broken(failure) => self.again_after_break(failure, sink).await?,
                Problem::Wrong(reason) => self.again_after_wrong(url, reason, sink).await?,
            }
        }
    }

    async fn again_after_break(
        &mut self,
        failure: Failure,
        sink: &mut impl MediaSink,
    ) -> Result<(), FetchError> {
        let (received, total) = (self.received, self.total());
        if self.version.is_none() {
            self.start_over(sink).await?;
        }
        let attempts = self.retries.attempts();
        match self.retries.wait_or_give_up(failure).await {
            Ok(()) => Ok(()),
            // S2-23
            Err(HttpError::Unreachable { .. } | HttpError::TimedOut { .. }) if received > 0 => {
                let total = total
                    .map(|total| format!(" of {total}"))
                    .unwrap_or_default();
                let reason = format!("only {received}{total} bytes came in {attempts} attempts");
                // The way there is broken, which says nothing about the file.
                Err(FetchError::Unavailable {
                    reason,
                    retry: true,
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn again_after_wrong(
        &mut self,
        url: &Url,
        reason: String,
        sink: &mut impl MediaSink,
    ) -> Result<(), FetchError> {
        self.start_over(sink).await?;
        let host = host_of(url);
        let failure = Failure::soon(HttpError::Unreachable {
            host,
            reason: reason.clone(),
            attempts: 0,
        });
        match self.retries.wait_or_give_up(failure).await {
            Ok(()) => Ok(()),
            Err(HttpError::Cancelled) => Err(FetchError::Cancelled),
            Err(_) => Err(FetchError::Corrupted { reason }),
        }
    }

    async fn start_over(&mut self, sink: &mut impl MediaSink) -> Result<(), FetchError> {
        self.version = None;
        if self.received > 0 {
            self.received = 0;
            sink.restart().await.map_err(FetchError::Sink)?;
        }
        Ok(())
    }

    async fn attempt(
        &mut self,
        url: &Url,
        expected_size: Option<u64>,
        sink: &mut impl MediaSink,
    ) -> Result<Arrived, Problem> {
        let outgoing = self.outgoing(url);
        let opening = self.http.open(&outgoing);
        let mut response = unless_cancelled(self.cancel, opening).await??;
        check_status(&response)?;
        self.check_answer(&response, sink).await?;
        if let Some(bytes) = self.total().or(expected_size) {
            sink.expect(bytes);
        }
        let content_type = if self.any_type {
            "application/octet-stream"
        } else {
            content_type(response.headers(), self.format)?
        };
        let headers = response.headers().clone();
        self.stream(url, &mut response, sink).await?;
        self.check_size(expected_size)?;
        Ok(Arrived {
            content_type: content_type.to_owned(),
            size_bytes: self.received,
            attempts: self.retries.attempts(),
            host: host_of(url),
            headers,
        })
    }

    fn outgoing(&self, url: &Url) -> Outgoing {
        let mut headers = self.headers.clone();
        if let Some(range) = self.missing_range() {
            range.add_to(&mut headers);
        }
        Outgoing {
            method: Method::GET,
            url: url.clone(),
            headers,
            body: None,
            purpose: Purpose::Media,
        }
    }

    fn missing_range(&self) -> Option<ByteRange> {
        let version = self.version.as_ref().filter(|_| self.received > 0)?;
        Some(ByteRange {
            from: self.received,
            etag: version.etag.clone(),
        })
    }

    /// Makes sure that the next byte of the answer is the next byte of the sink.
    async fn check_answer(
        &mut self,
        response: &Response,
        sink: &mut impl MediaSink,
    ) -> Result<(), Problem> {
        match response.status() {
            StatusCode::OK => {
                self.start_over(sink).await?;
                self.version = version(response.headers());
                self.identify(sink);
                Ok(())
            }
            StatusCode::PARTIAL_CONTENT if self.continues(response.headers()) => Ok(()),
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => Err(Problem::Wrong(
                "the storage does not continue the same file".to_owned(),
            )),
            StatusCode::FORBIDDEN => Err(Problem::AddressEnded),
            StatusCode::ACCEPTED => Err(Problem::Accepted),
            // S2-45
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(Problem::Final(FetchError::Purged)),
            status => {
                let reason = format!("the storage answered with status {}", status.as_u16());
                Err(Problem::Final(FetchError::Unavailable {
                    reason,
                    retry: false,
                }))
            }
        }
    }

    /// Whether a part is the rest of the same file.
    fn continues(&mut self, headers: &HeaderMap) -> bool {
        let Some(version) = &mut self.version else {
            return false;
        };
        // RFC 9110, 15.3.7: a part carries the ETag that the whole would have had.
        let same_file = headers.get(header::ETAG) == Some(&version.etag);
        let Some(total) = rest_from(headers, self.received).filter(|_| same_file) else {
            return false;
        };
        *version.total.get_or_insert(total) == total
    }

    fn total(&self) -> Option<u64> {
        self.version.as_ref()?.total
    }

    /// Tells the sink which file it is, when any part of it can be asked for.
    fn identify(&self, sink: &mut impl MediaSink) {
        let known = self.version.as_ref();
        if let Some((version, total)) = known.and_then(|it| Some((it, it.total?))) {
            sink.identified(&String::from_utf8_lossy(version.etag.as_bytes()), total);
        }
    }

    async fn stream(
        &mut self,
        url: &Url,
        response: &mut Response,
        sink: &mut impl MediaSink,
    ) -> Result<(), Problem> {
        loop {
            let chunk = unless_cancelled(self.cancel, response.chunk()).await?;
            let chunk = chunk.map_err(|error| Failure::transport(url, &error))?;
            let Some(chunk) = chunk else { return Ok(()) };
            let length = chunk.len();
            self.http.ledger().received(url, Purpose::Media, length);
            sink.write(chunk)
                .await
                .map_err(|error| Problem::Final(FetchError::Sink(error)))?;
            self.received += length as u64;
            if let Some(at) = sink.wants().filter(|at| *at > self.received)
                && self.total().is_some_and(|total| at < total)
            {
                return Err(Problem::Further(at));
            }
            if self.received > MAX_MEDIA_BYTES {
                let reason = format!("it is larger than {MAX_MEDIA_BYTES} bytes");
                return Err(Problem::Final(FetchError::Unavailable {
                    reason,
                    retry: false,
                }));
            }
        }
    }

    /// Compares what came with what both the storage and the source announced. // S0-71, S2-23
    fn check_size(&self, expected_size: Option<u64>) -> Result<(), Problem> {
        if self.received == 0 {
            return Err(Problem::Wrong("the file is empty".to_owned()));
        }
        for size in [self.total(), expected_size].into_iter().flatten() {
            if size != self.received {
                let received = self.received;
                return Err(Problem::Wrong(format!(
                    "{received} bytes came instead of {size}"
                )));
            }
        }
        Ok(())
    }
}

/// A file can be continued only with a strong ETag. One that comes in chunks ends when it says so.
fn version(headers: &HeaderMap) -> Option<Version> {
    let etag = headers.get(header::ETAG)?.clone();
    if etag.as_bytes().starts_with(b"W/") {
        return None;
    }
    let length = headers.get(header::CONTENT_LENGTH);
    let total = length
        .map(|it| it.to_str().ok()?.parse().ok())
        .unwrap_or_default();
    let is_usable = length.is_none() || total.is_some_and(|total: u64| total > 0);
    is_usable.then_some(Version { etag, total })
}

/// The length of the file, when the part of an answer is everything from a byte on.
fn rest_from(headers: &HeaderMap, from: u64) -> Option<u64> {
    let range = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let total = range.rsplit_once('/')?.1.parse::<u64>().ok()?;
    let wanted = format!("bytes {from}-{}/{total}", total.checked_sub(1)?);
    (range == wanted).then_some(total)
}

/// Content type from our list, without parameters. Storage often says nothing; then the format asked for counts.
fn content_type(headers: &HeaderMap, format: Option<MediaFormat>) -> Result<&'static str, Problem> {
    let text = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let name = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match name.as_str() {
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => Ok("audio/wav"),
        "audio/mpeg" | "audio/mp3" => Ok("audio/mpeg"),
        "audio/ogg" | "application/ogg" | "audio/opus" => Ok("audio/ogg"),
        "audio/webm" | "video/webm" => Ok("audio/webm"),
        "" | "application/octet-stream" | "binary/octet-stream" => {
            Ok(format.map_or("application/octet-stream", expected_type))
        }
        other if other.starts_with("audio/") => Err(Problem::Final(FetchError::Unsupported {
            what: other.trim_start_matches("audio/").to_owned(),
        })),
        _ => Err(Problem::Wrong(
            "the storage answered with something that is not audio".to_owned(),
        )),
    }
}

fn expected_type(format: MediaFormat) -> &'static str {
    match format {
        MediaFormat::Wav | MediaFormat::WavUlaw => "audio/wav",
        MediaFormat::Mp3 => "audio/mpeg",
        MediaFormat::WebmOpus => "audio/webm",
        MediaFormat::OggOpus => "audio/ogg",
    }
}

impl From<crate::http::Cancelled> for Problem {
    fn from(cancelled: crate::http::Cancelled) -> Self {
        Self::Final(cancelled.into())
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::Broken(failure)
    }
}

impl From<FetchError> for Problem {
    fn from(error: FetchError) -> Self {
        Self::Final(error)
    }
}
