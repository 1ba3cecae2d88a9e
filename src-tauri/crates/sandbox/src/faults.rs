//! Makes the scenario's faults happen, around all three hosts.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    body::{self, Body},
    extract::{ConnectInfo, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use serde_json::Value;

use crate::{
    connection::Connection,
    genesys, media,
    scenario::{Action, Fault, FaultHost, RetryAfterForm, Scenario, fits},
    state::Organization,
};

/// Answers are small; nothing the sandbox serves comes near this.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
/// A slow body arrives in this many pieces per second.
const SLOW_STEPS_PER_SECOND: u64 = 10;

pub(crate) use crate::scenario::FaultHost as Host;

/// Tells the transcript handler that its times are to be wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TranscriptShift(pub(crate) i64);

/// The faults of the scenario with how often each was matched.
pub(crate) struct Faults {
    faults: Vec<(Fault, AtomicU64)>,
    organization: Arc<Organization>,
}

impl Faults {
    pub(crate) fn new(scenario: Scenario, organization: Arc<Organization>) -> Self {
        let faults = scenario
            .faults
            .into_iter()
            .map(|fault| (fault, AtomicU64::new(0)))
            .collect();
        Self {
            faults,
            organization,
        }
    }

    /// Counts the request on every fault it matches and returns the first that is due.
    fn due(&self, host: FaultHost, request: &Request) -> Option<&Action> {
        let mut due = None;
        for (fault, count) in &self.faults {
            let matches = fault.host.is_none_or(|wanted| wanted == host)
                && fault
                    .method
                    .as_deref()
                    .is_none_or(|method| method == request.method().as_str())
                && fits(&fault.path, request.uri().path());
            if matches && fault.is_due(count.fetch_add(1, Ordering::Relaxed) + 1) {
                due = due.or(Some(&fault.action));
            }
        }
        due
    }
}

/// Puts the faults around a host.
pub(crate) fn layer(router: Router, host: Host, faults: Arc<Faults>) -> Router {
    if faults.faults.is_empty() {
        return router;
    }
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let faults = Arc::clone(&faults);
        async move { happen(&faults, host, request, next).await }
    }))
}

async fn happen(faults: &Faults, host: Host, mut request: Request, next: Next) -> Response {
    let Some(action) = faults.due(host, &request) else {
        return next.run(request).await;
    };
    let organization = &faults.organization;
    match *action {
        Action::Status {
            status,
            retry_after_s,
            retry_after_form,
        } => {
            let mut response = refused(host, status).await;
            if let Some(seconds) = retry_after_s {
                let now_utc = organization.now_utc().into();
                ask_to_wait(response.headers_mut(), now_utc, seconds, retry_after_form);
            }
            response
        }
        Action::Redirect { ref location } => {
            (StatusCode::FOUND, [(header::LOCATION, location.as_str())]).into_response()
        }
        Action::Reset => {
            if let Some(ConnectInfo(connection)) =
                request.extensions().get::<ConnectInfo<Connection>>()
            {
                connection.reset();
            }
            StatusCode::OK.into_response()
        }
        Action::ExpiredUrl => media::expired(),
        Action::ExpireToken => expire_token(organization, request.headers()).await,
        Action::Delay { ms } => {
            wait(organization, Duration::from_millis(ms)).await;
            next.run(request).await
        }
        Action::IgnoreIfRange => {
            request.headers_mut().remove(header::IF_RANGE);
            next.run(request).await
        }
        Action::ShiftTranscript { by_ms } => {
            request.extensions_mut().insert(TranscriptShift(by_ms));
            next.run(request).await
        }
        Action::Truncate { .. }
        | Action::ShortBody { .. }
        | Action::WrongContentLength { .. }
        | Action::OldVersion { .. }
        | Action::EmptyBody
        | Action::OtherBytes { .. }
        | Action::LoseEntry { .. }
        | Action::Slow { .. } => spoil(action, next.run(request).await, organization).await,
    }
}

/// What happens to the body of a normal answer.
async fn spoil(action: &Action, response: Response, organization: &Arc<Organization>) -> Response {
    match *action {
        Action::LoseEntry { ref list, at } => {
            with_body(response, |bytes| {
                let fewer = without_entry(&bytes, list, at);
                (fewer.len() as u64, fewer.into())
            })
            .await
        }
        Action::Truncate { after_bytes } => {
            with_body(response, |bytes| {
                (bytes.len() as u64, broken(bytes, after_bytes))
            })
            .await
        }
        Action::ShortBody { missing_bytes } => {
            let kept = |bytes: &Bytes| (bytes.len() as u64).saturating_sub(missing_bytes);
            with_body(response, |bytes| cut(&bytes, kept(&bytes))).await
        }
        Action::WrongContentLength { add } => {
            with_body(response, |bytes| misdeclared(bytes, add)).await
        }
        Action::OldVersion { after_bytes } => old_version(response, after_bytes).await,
        Action::EmptyBody => with_body(response, |_| (0, Body::empty())).await,
        Action::OtherBytes { after_bytes } => {
            with_body(response, |bytes| {
                let other = flipped(&bytes, after_bytes);
                (bytes.len() as u64, other.into())
            })
            .await
        }
        Action::Slow { bytes_per_second } => {
            let organization = Arc::clone(organization);
            with_body(response, |bytes| {
                let length = bytes.len() as u64;
                (length, slow(bytes, bytes_per_second, organization))
            })
            .await
        }
        Action::Status { .. }
        | Action::Redirect { .. }
        | Action::Reset
        | Action::ExpiredUrl
        | Action::ExpireToken
        | Action::Delay { .. }
        | Action::IgnoreIfRange
        | Action::ShiftTranscript { .. } => response,
    }
}

/// A JSON answer without one entry of a list; anything else stays as it is.
fn without_entry(bytes: &Bytes, list: &str, at: usize) -> Bytes {
    let Ok(mut answer) = serde_json::from_slice::<Value>(bytes) else {
        return bytes.clone();
    };
    let entries = if list.is_empty() {
        answer.as_array_mut()
    } else {
        answer[list].as_array_mut()
    };
    if let Some(entries) = entries.filter(|it| at < it.len()) {
        entries.remove(at);
    }
    answer.to_string().into()
}

async fn old_version(response: Response, after_bytes: u64) -> Response {
    let old = |bytes: Bytes| (bytes.len() as u64, broken(flipped(&bytes, 0), after_bytes));
    let mut response = with_body(response, old).await;
    let etag = HeaderValue::from_static("\"before-it-was-replaced\"");
    response.headers_mut().insert(header::ETAG, etag);
    response
}

/// The same number of bytes; those behind the first ones are not the same.
fn flipped(bytes: &Bytes, after_bytes: u64) -> Bytes {
    let numbered = (0_u64..).zip(bytes);
    numbered
        .map(|(at, byte)| if at < after_bytes { *byte } else { !byte })
        .collect()
}

/// Waits, but not longer than the sandbox lives.
async fn wait(organization: &Organization, duration: Duration) {
    tokio::select! {
        () = tokio::time::sleep(duration) => {}
        () = organization.stopping.cancelled() => {}
    }
}

/// `Retry-After`, and the `Date` that its second form is compared with.
fn ask_to_wait(headers: &mut HeaderMap, now_utc: SystemTime, seconds: u64, form: RetryAfterForm) {
    let date = |at: SystemTime| HeaderValue::from_str(&httpdate::fmt_http_date(at)).ok();
    let text = match form {
        RetryAfterForm::Seconds => Some(HeaderValue::from(seconds)),
        RetryAfterForm::HttpDate => date(now_utc + Duration::from_secs(seconds)),
    };
    for (name, value) in [(header::RETRY_AFTER, text), (header::DATE, date(now_utc))] {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
}

/// The status with the error body this host would send.
async fn refused(host: Host, status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match host {
        FaultHost::Media => media::error(
            status,
            "InjectedFault",
            status.canonical_reason().unwrap_or("Error"),
        ),
        FaultHost::Login | FaultHost::Api => genesys::refused(status).await,
        FaultHost::Legacy => status.into_response(),
    }
}

async fn expire_token(organization: &Organization, headers: &HeaderMap) -> Response {
    if let Some(access_token) = genesys::bearer(headers) {
        organization.memory().tokens.remove(&access_token);
    }
    genesys::identified(genesys::unauthorized("bad.credentials")).await
}

/// A normal answer with another body and the length it declares.
async fn with_body(response: Response, spoil: impl FnOnce(Bytes) -> (u64, Body)) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = body::to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let (declared, body) = spoil(bytes);
    parts
        .headers
        .insert(header::CONTENT_LENGTH, declared.into());
    Response::from_parts(parts, body)
}

/// Promises more than comes and breaks off, or fewer bytes than the object has: a client that
/// trusts the length sees a shorter file.
fn misdeclared(bytes: Bytes, add: i64) -> (u64, Body) {
    let total = bytes.len() as u64;
    let declared = total.saturating_add_signed(add);
    if add > 0 {
        (declared, broken(bytes, total))
    } else {
        cut(&bytes, declared)
    }
}

fn cut(bytes: &Bytes, length: u64) -> (u64, Body) {
    let kept = bytes.slice(..bytes.len().min(length as usize));
    (kept.len() as u64, Body::from(kept))
}

/// So many bytes, then the connection breaks.
fn broken(bytes: Bytes, after_bytes: u64) -> Body {
    let kept = bytes.slice(..bytes.len().min(after_bytes as usize));
    let end = Err(io::Error::from(io::ErrorKind::ConnectionAborted));
    // An error in the first poll would drop the head as well; a turn of the loop sends it.
    let pieces = stream::iter([Ok(kept)]);
    Body::from_stream(stream::StreamExt::chain(
        pieces,
        stream::once(async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            end
        }),
    ))
}

fn slow(bytes: Bytes, bytes_per_second: u64, organization: Arc<Organization>) -> Body {
    let step = (bytes_per_second.div_ceil(SLOW_STEPS_PER_SECOND)).max(1) as usize;
    let pause = Duration::from_secs_f64(step as f64 / bytes_per_second as f64);
    Body::from_stream(pieces(bytes, step, pause, organization))
}

fn pieces(
    bytes: Bytes,
    step: usize,
    pause: Duration,
    organization: Arc<Organization>,
) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(
        (bytes, organization),
        move |(mut rest, organization)| async move {
            if rest.is_empty() {
                return None;
            }
            wait(&organization, pause).await;
            if organization.stopping.is_cancelled() {
                return Some((
                    Err(io::ErrorKind::ConnectionAborted.into()),
                    (Bytes::new(), organization),
                ));
            }
            let piece = rest.split_to(step.min(rest.len()));
            Some((Ok(piece), (rest, organization)))
        },
    )
}
