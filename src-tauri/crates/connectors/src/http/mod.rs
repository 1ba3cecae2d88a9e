//! The one HTTP client: addresses, timeouts, retries, and the ledger of what left this machine.
//!
//! - `address`: which addresses may be asked, and addresses that can be printed.
//! - `retry`: the one retry policy.
//! - `breaker`: hosts that keep failing are left alone for a while.
//! - `hosts`: which hosts a source may reach. // B8
//! - `ledger`: who was told how much, and what for. // B8
//! - this file: sending one request, and sending it until the policy says enough.

mod address;
mod breaker;
mod error;
mod hosts;
mod ledger;
mod retry;

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use domain::sensitive::Secret;
use reqwest::{Method, Response, StatusCode, header, header::HeaderMap};
use tokio_util::sync::CancellationToken;
use url::Url;

pub(crate) use address::host_of;
pub use address::{PrintableUrl, check_address, is_loopback};
pub use breaker::BreakerPolicy;
pub use error::{Cancelled, HttpError};
pub use hosts::KnownHosts;
pub use ledger::{EgressEntry, EgressLedger, Purpose};
pub(crate) use retry::{Failure, Retries, check_status};
pub use retry::{IndexRetry, Random, RetryPolicy, system_random};

use self::breaker::Breakers;
use crate::limiter::{Limiter, Reported};

/// Largest answer that is read into memory; a full page of conversations stays far below it.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// How the client is built.
#[derive(Clone)]
pub struct HttpOptions {
    /// Sent with every request.
    pub user_agent: String,
    /// Time to reach a host.
    pub connect_timeout: Duration,
    /// Longest silence while waiting for an answer or for its next part.
    pub read_timeout: Duration,
    /// Longest whole answer that is read into memory; media downloads have their own limit.
    pub answer_timeout: Duration,
    /// When and how often to try again.
    pub retry: RetryPolicy,
    /// A proxy for `https` addresses. The environment is not asked, so that it cannot reroute tokens.
    pub proxy: Option<Url>,
    /// Certificate and key in PEM form, for hosts that ask the client for one.
    pub client_certificate: Option<Secret<Vec<u8>>>,
    /// Where random numbers come from; tests set it.
    pub random: Random,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            user_agent: concat!("sar-portal/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            answer_timeout: Duration::from_secs(120),
            retry: RetryPolicy::default(),
            proxy: None,
            client_certificate: None,
            random: system_random(),
        }
    }
}

/// The client; clones share connections and ledger.
#[derive(Clone)]
pub struct Http {
    inner: Arc<Inner>,
    ledger: EgressLedger,
    /// The hosts this handle may reach; `None` before it belongs to a source.
    hosts: Option<Arc<KnownHosts>>,
}

struct Inner {
    client: reqwest::Client,
    options: HttpOptions,
    breakers: Breakers,
}

/// A request that can be sent again as it is.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    pub(crate) purpose: Purpose,
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Waits, unless cancelled first.
pub(crate) async fn pause(wait: Duration, cancel: &CancellationToken) -> Result<(), Cancelled> {
    tokio::select! {
        () = cancel.cancelled() => Err(Cancelled),
        () = tokio::time::sleep(wait) => Ok(()),
    }
}

/// Waits for a future, unless cancelled first.
pub(crate) async fn unless_cancelled<T>(
    cancel: &CancellationToken,
    future: impl Future<Output = T>,
) -> Result<T, Cancelled> {
    tokio::select! {
        () = cancel.cancelled() => Err(Cancelled),
        done = future => Ok(done),
    }
}

impl Http {
    /// Builds the client: TLS by rustls with ring and the certificates of the operating system,
    /// redirects never followed, no proxy from the environment.
    ///
    /// # Errors
    /// When the operating system has no usable certificates, or an option is unusable.
    pub fn new(options: HttpOptions) -> Result<Self, HttpError> {
        // Fails when another part of the process installed one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(&options.user_agent)
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy();
        if let Some(proxy) = &options.proxy {
            let proxy = reqwest::Proxy::https(proxy.clone()).map_err(|e| HttpError::setup(&e))?;
            builder = builder.proxy(proxy);
        }
        if let Some(pem) = &options.client_certificate {
            let identity = reqwest::Identity::from_pem(pem.reveal());
            builder = builder.identity(identity.map_err(|error| HttpError::setup(&error))?);
        }
        let client = builder.build().map_err(|error| HttpError::setup(&error))?;
        let inner = Inner {
            client,
            breakers: Breakers::new(options.retry.breaker),
            options,
        };
        Ok(Self {
            inner: Arc::new(inner),
            ledger: EgressLedger::default(),
            hosts: None,
        })
    }

    /// The same client, for these hosts only. // B8
    #[must_use]
    pub fn only(&self, hosts: KnownHosts) -> Self {
        Self {
            hosts: Some(Arc::new(hosts)),
            ..self.clone()
        }
    }

    /// The same client with a ledger of its own beside the one of all requests. // B8
    #[must_use]
    pub fn counted(&self) -> (Self, EgressLedger) {
        let ledger = self.ledger.part();
        let http = Self {
            ledger: ledger.clone(),
            ..self.clone()
        };
        (http, ledger)
    }

    /// What left this machine and what came back, by host and purpose. // B8
    pub fn egress(&self) -> Vec<EgressEntry> {
        self.ledger.entries()
    }

    pub(crate) fn ledger(&self) -> &EgressLedger {
        &self.ledger
    }

    /// Refuses addresses that may not be asked, before anything is sent.
    pub(crate) fn check(&self, url: &Url) -> Result<(), HttpError> {
        check_address(url)?;
        self.hosts.as_ref().map_or(Ok(()), |hosts| hosts.check(url))
    }

    /// How often a search of the last minutes is asked again. // S0-42
    pub(crate) fn index_retry(&self) -> IndexRetry {
        self.inner.options.retry.index
    }

    /// A fresh count of attempts.
    pub(crate) fn retries<'a>(&'a self, cancel: &'a CancellationToken) -> Retries<'a> {
        Retries::new(
            &self.inner.options.retry,
            &self.inner.options.random,
            cancel,
        )
    }

    /// Sends a request until there is an answer that another attempt would not change.
    ///
    /// # Errors
    /// When the policy gives up, the address is not allowed, or the caller cancels.
    pub(crate) async fn send(
        &self,
        outgoing: &Outgoing,
        limiter: Option<&Limiter>,
        cancel: &CancellationToken,
    ) -> Result<Answer, HttpError> {
        let mut retries = self.retries(cancel);
        loop {
            if let Some(limiter) = limiter {
                limiter.acquire(cancel).await?;
            }
            let attempt = unless_cancelled(cancel, self.answer(outgoing, limiter)).await?;
            match attempt {
                Ok(answer) => return Ok(answer),
                Err(failure) => {
                    self.hold_back(limiter, &failure);
                    retries.wait_or_give_up(failure).await?;
                }
            }
        }
    }

    async fn answer(
        &self,
        outgoing: &Outgoing,
        limiter: Option<&Limiter>,
    ) -> Result<Answer, Failure> {
        let reading = async {
            let mut response = self.open(outgoing).await?;
            if let (Some(limiter), Some(reported)) = (limiter, reported(response.headers())) {
                limiter.observe(reported);
            }
            check_status(&response)?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = self.whole_body(&mut response, outgoing.purpose).await?;
            Ok(Answer {
                status,
                headers,
                body,
            })
        };
        let limit = self.inner.options.answer_timeout;
        match tokio::time::timeout(limit, reading).await {
            Ok(done) => done,
            Err(_) => Err(Failure::timed_out(&outgoing.url)),
        }
    }

    /// One task was told to wait, so all tasks of the organization wait; never longer than we believe.
    fn hold_back(&self, limiter: Option<&Limiter>, failure: &Failure) {
        if let (Some(limiter), Some(wait)) = (limiter, failure.rate_limit_wait()) {
            limiter.hold(wait.min(self.inner.options.retry.max_retry_after));
        }
    }

    /// Sends once and gives the answer with its body still to be read; a host that keeps failing is not asked.
    pub(crate) async fn open(&self, outgoing: &Outgoing) -> Result<Response, Failure> {
        self.check(&outgoing.url).map_err(Failure::never)?;
        let url = &outgoing.url;
        let admitted = self.inner.breakers.admit(&host_of(url), url.path());
        let pass = admitted.map_err(|wait| Failure::resting(&outgoing.url, wait))?;
        let opened = self.dispatch(outgoing).await;
        match &opened {
            Ok(response) if check_status(response).is_err_and(|it| it.is_of_host()) => {
                pass.failed()
            }
            Ok(_) => pass.worked(),
            Err(failure) if failure.is_of_host() => pass.failed(),
            // A certificate that is not trusted says nothing about the host's health.
            Err(_) => drop(pass),
        }
        opened
    }

    async fn dispatch(&self, outgoing: &Outgoing) -> Result<Response, Failure> {
        tracing::debug!(method = %outgoing.method, url = %PrintableUrl::from(&outgoing.url), "asking");
        self.ledger()
            .request(outgoing, &self.inner.options.user_agent);
        let mut request = self
            .inner
            .client
            .request(outgoing.method.clone(), outgoing.url.clone())
            .headers(outgoing.headers.clone());
        if let Some(body) = &outgoing.body {
            request = request.body(body.clone());
        }
        let response = request
            .send()
            .await
            .map_err(|error| Failure::transport(&outgoing.url, &error))?;
        self.ledger().answer_head(&response, outgoing.purpose);
        Ok(response)
    }

    async fn whole_body(
        &self,
        response: &mut Response,
        purpose: Purpose,
    ) -> Result<Bytes, Failure> {
        let mut body = BytesMut::new();
        let url = response.url().clone();
        loop {
            let chunk = response
                .chunk()
                .await
                .map_err(|e| Failure::transport(&url, &e))?;
            let Some(chunk) = chunk else {
                return Ok(body.freeze());
            };
            self.ledger().received(&url, purpose, chunk.len());
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(Failure::never(HttpError::too_large(&url, MAX_ANSWER_BYTES)));
            }
            body.extend_from_slice(&chunk);
        }
    }

    /// A small file from a presigned address, whole and with retries. Nothing can be added, so no token can
    /// leak. // S1-41
    pub(crate) async fn get_presigned(
        &self,
        url: &Url,
        purpose: Purpose,
        cancel: &CancellationToken,
    ) -> Result<Answer, HttpError> {
        let outgoing = Outgoing {
            method: Method::GET,
            url: url.clone(),
            headers: HeaderMap::new(),
            body: None,
            purpose,
        };
        self.send(&outgoing, None, cancel).await
    }
}

/// The rest of a file whose first bytes are here already.
pub(crate) struct ByteRange {
    /// First byte that is missing.
    pub(crate) from: u64,
    /// The version of the file that the first bytes came from.
    pub(crate) etag: header::HeaderValue,
}

impl ByteRange {
    /// Asks for the rest, or for the whole file when it is another one now.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        headers.insert(header::RANGE, self.range_header());
        headers.insert(header::IF_RANGE, self.etag.clone());
    }

    fn range_header(&self) -> header::HeaderValue {
        header::HeaderValue::from_str(&format!("bytes={}-", self.from))
            .expect("digits and ASCII letters are a valid header value")
    }
}

/// Reads the window of the rate limit.
fn reported(headers: &HeaderMap) -> Option<Reported> {
    // Genesys: `inin-ratelimit-reset` is seconds until the reset, not an instant (API reference, checked 2026-08).
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u32>().ok();
    let reset_s = number("inin-ratelimit-reset")?.min(MAX_WINDOW_S);
    Some(Reported {
        count: number("inin-ratelimit-count")?,
        allowed: number("inin-ratelimit-allowed")?,
        reset: Duration::from_secs(u64::from(reset_s)),
    })
}

/// Longest window that is believed; the documented one is a minute.
const MAX_WINDOW_S: u32 = 180;
