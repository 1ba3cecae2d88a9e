//! The one retry policy. Callers do not loop.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use reqwest::{Response, StatusCode, header, header::HeaderMap};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    address::host_of,
    breaker::BreakerPolicy,
    error::{Cancelled, HttpError, innermost},
    pause,
};

/// A source of random numbers.
pub type Random = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Random numbers of the operating system.
pub fn system_random() -> Random {
    // Without randomness the waits are still right, only no longer spread.
    Arc::new(|| getrandom::u64().unwrap_or(u64::MAX / 2))
}

/// When and how often to try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first one included.
    pub max_attempts: u32,
    /// Wait before the second attempt; doubles from there.
    pub base: Duration,
    /// Longest wait of our own choice, for a host to come back as well.
    pub cap: Duration,
    /// Longest wait a host may ask for.
    pub max_retry_after: Duration,
    /// When a host that keeps failing is left alone.
    pub breaker: BreakerPolicy,
    /// Asking again for calls that the index of a source does not show yet.
    pub index: IndexRetry,
}

/// How often a search of the last minutes is asked again. // S0-42
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexRetry {
    /// Times it is asked again; zero never.
    pub retries: u32,
    /// Wait before it is asked again for the first time; doubles from there.
    pub base: Duration,
}

impl Default for IndexRetry {
    fn default() -> Self {
        Self {
            retries: 5,
            base: Duration::from_secs(15),
        }
    }
}

impl IndexRetry {
    /// The wait after so many answers. Never shortened at random: together the waits must cover the lag. // S0-43
    pub(crate) fn wait(&self, answers: u32) -> Option<Duration> {
        let doublings = answers.saturating_sub(1).min(30);
        (answers <= self.retries).then(|| self.base.saturating_mul(1 << doublings))
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 6,
            base: Duration::from_secs(1),
            cap: Duration::from_secs(30),
            // Genesys: the SDKs wait for `Retry-After` up to 180 s (API reference, checked 2026-08).
            max_retry_after: Duration::from_secs(180),
            breaker: BreakerPolicy::default(),
            index: IndexRetry::default(),
        }
    }
}

impl RetryPolicy {
    /// The same policy with our own waits `factor` times shorter; waits that a host asks for stay. For tests.
    #[must_use]
    pub fn sped_up(self, factor: u32) -> Self {
        let factor = factor.max(1);
        Self {
            base: self.base / factor,
            cap: self.cap / factor,
            breaker: BreakerPolicy {
                rest: self.breaker.rest / factor,
                max_rest: self.breaker.max_rest / factor,
                ..self.breaker
            },
            index: IndexRetry {
                base: self.index.base / factor,
                ..self.index
            },
            ..self
        }
    }

    /// The wait after `attempts` failed attempts: doubling, capped, half of it random.
    fn backoff(&self, attempts: u32, random: u64) -> Duration {
        let doublings = attempts.saturating_sub(1).min(30);
        let full = self.base.saturating_mul(1 << doublings).min(self.cap);
        let share = (random >> 11) as f64 / (1_u64 << 53) as f64;
        full.mul_f64(0.5 + share / 2.0)
    }
}

/// A failed attempt, and whether another one makes sense.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: HttpError,
    again: Again,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    Never,
    Soon,
    /// The host asked for this wait.
    After(Duration),
    /// The host is left alone for that long.
    Rested(Duration),
}

impl Failure {
    pub(crate) fn never(error: HttpError) -> Self {
        Self {
            error,
            again: Again::Never,
        }
    }

    pub(crate) fn soon(error: HttpError) -> Self {
        Self {
            error,
            again: Again::Soon,
        }
    }

    /// The host failed so often that it is left alone for now.
    pub(super) fn resting(url: &Url, wait: Duration) -> Self {
        let error = HttpError::Resting {
            host: host_of(url),
            wait_s: wait.as_secs().max(1),
            attempts: 0,
        };
        Self {
            error,
            again: Again::Rested(wait),
        }
    }

    /// Whether the host itself failed, rather than refusing or asking to wait.
    pub(super) fn is_of_host(&self) -> bool {
        matches!(
            self.error,
            HttpError::Unreachable { .. } | HttpError::TimedOut { .. } | HttpError::Server { .. }
        )
    }

    pub(crate) fn timed_out(url: &Url) -> Self {
        Self::soon(HttpError::TimedOut {
            host: host_of(url),
            attempts: 0,
        })
    }

    /// Connection errors, resets, cut bodies and silence; broken TLS is final.
    pub(crate) fn transport(url: &Url, error: &reqwest::Error) -> Self {
        let host = host_of(url);
        if error.is_timeout() {
            return Self::timed_out(url);
        }
        if is_tls(error) {
            return Self::never(HttpError::Tls {
                host,
                reason: innermost(error),
            });
        }
        let reason = innermost(error);
        let unreachable = HttpError::Unreachable {
            host,
            reason,
            attempts: 0,
        };
        if error.is_builder() {
            Self::never(unreachable)
        } else {
            Self::soon(unreachable)
        }
    }

    /// How long the host asked everybody to wait.
    pub(crate) fn rate_limit_wait(&self) -> Option<Duration> {
        match (&self.error, self.again) {
            (HttpError::RateLimited { .. }, Again::After(wait)) => Some(wait + POLITENESS),
            _ => None,
        }
    }
}

fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(current) = cause {
        let inside = current
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if current.is::<rustls::Error>() || inside.is_some_and(|it| it.is::<rustls::Error>()) {
            return true;
        }
        cause = current.source();
    }
    false
}

/// Sorts out the answers that another attempt may change: 408, 429, and 5xx except 501.
pub(crate) fn check_status(response: &Response) -> Result<(), Failure> {
    let status = response.status();
    let transient = status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED;
    let limited = status == StatusCode::TOO_MANY_REQUESTS;
    if !transient && !limited && status != StatusCode::REQUEST_TIMEOUT {
        return Ok(());
    }
    let after = retry_after(response.headers());
    let host = host_of(response.url());
    let error = if limited {
        let wait_s = after.map_or(0, |wait| wait.as_secs());
        HttpError::RateLimited {
            host,
            wait_s,
            attempts: 0,
        }
    } else {
        HttpError::Server {
            host,
            status: status.as_u16(),
            attempts: 0,
        }
    };
    let again = after.map_or(Again::Soon, Again::After);
    Err(Failure { error, again })
}

/// Reads `Retry-After` in both of its forms: seconds, or a date, which is compared with the host's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let wanted = http_date(text)?;
    let now = http_date(headers.get(header::DATE)?.to_str().ok()?)?;
    let wait_ms = wanted.as_millisecond() - now.as_millisecond();
    Some(Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0)))
}

fn http_date(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()
}

/// Added to a wait that a host asked for: its clock and ours do not tick together.
const POLITENESS: Duration = Duration::from_millis(50);

/// Counts the attempts of one piece of work.
pub(crate) struct Retries<'a> {
    policy: &'a RetryPolicy,
    random: &'a Random,
    cancel: &'a CancellationToken,
    failed: u32,
}

impl<'a> Retries<'a> {
    pub(super) fn new(
        policy: &'a RetryPolicy,
        random: &'a Random,
        cancel: &'a CancellationToken,
    ) -> Self {
        Self {
            policy,
            random,
            cancel,
            failed: 0,
        }
    }

    /// Attempts begun so far, the running one included.
    pub(crate) fn attempts(&self) -> u32 {
        self.failed + 1
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    /// The failure itself, when another attempt makes no sense or there were enough.
    pub(crate) async fn wait_or_give_up(&mut self, failure: Failure) -> Result<(), HttpError> {
        self.failed += 1;
        let wait = self.next_wait(failure.again);
        let Some(wait) = wait else {
            return Err(failure.error.after(self.failed));
        };
        tracing::debug!(error = %failure.error, attempt = self.failed, ?wait, "trying again");
        pause(wait, self.cancel)
            .await
            .map_err(|Cancelled| HttpError::Cancelled)
    }

    fn next_wait(&self, again: Again) -> Option<Duration> {
        if self.failed >= self.policy.max_attempts {
            return None;
        }
        match again {
            Again::Never => None,
            Again::Soon => Some(self.policy.backoff(self.failed, (self.random)())),
            Again::After(wait) if wait > self.policy.max_retry_after => None,
            Again::After(wait) => Some(wait + POLITENESS),
            // A host that stays away makes the rests longer than this, and then everybody is told at once.
            Again::Rested(wait) if wait > self.policy.cap => None,
            Again::Rested(wait) => Some(wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn waits_double_up_to_the_cap_and_are_spread() {
        let policy = RetryPolicy::default();
        let longest: Vec<_> = (1..8)
            .map(|attempts| policy.backoff(attempts, u64::MAX).as_secs_f64().round())
            .collect();
        assert_eq!(longest, [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]);
        assert_eq!(policy.backoff(3, 0), Duration::from_secs(2));
        assert_eq!(policy.backoff(u32::MAX, 0), Duration::from_secs(15));
    }

    // S0-42, S0-43
    #[test]
    fn the_waits_for_the_index_cover_its_lag() {
        let index = IndexRetry::default();
        let waits: Vec<_> = (1..8).map_while(|answers| index.wait(answers)).collect();
        let seconds: Vec<_> = waits.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [15, 30, 60, 120, 240]);
        assert!(waits.iter().sum::<Duration>() > Duration::from_secs(300));
    }

    #[test]
    fn a_sped_up_policy_shortens_only_our_own_waits() {
        let policy = RetryPolicy::default().sped_up(1_000);
        assert_eq!(policy.base, Duration::from_millis(1));
        assert_eq!(policy.cap, Duration::from_millis(30));
        assert_eq!(policy.index.base, Duration::from_millis(15));
        assert_eq!(policy.max_retry_after, Duration::from_secs(180));
        assert_eq!(policy.max_attempts, RetryPolicy::default().max_attempts);
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let seconds = headers(&[(header::RETRY_AFTER, "42")]);
        assert_eq!(retry_after(&seconds), Some(Duration::from_secs(42)));
        let date = headers(&[
            (header::DATE, "Sun, 01 Mar 2026 10:00:00 GMT"),
            (header::RETRY_AFTER, "Sun, 01 Mar 2026 10:00:30 GMT"),
        ]);
        assert_eq!(retry_after(&date), Some(Duration::from_secs(30)));
        let past = headers(&[
            (header::DATE, "Sun, 01 Mar 2026 10:00:00 GMT"),
            (header::RETRY_AFTER, "Sun, 01 Mar 2026 09:00:00 GMT"),
        ]);
        assert_eq!(retry_after(&past), Some(Duration::ZERO));
        for odd in ["", "soon", "-1", "1.5"] {
            assert_eq!(
                retry_after(&headers(&[(header::RETRY_AFTER, odd)])),
                None,
                "{odd}"
            );
        }
    }

    #[test]
    fn attempts_end() {
        let (policy, random, cancel) = (
            RetryPolicy::default(),
            system_random(),
            CancellationToken::new(),
        );
        let mut retries = Retries::new(&policy, &random, &cancel);
        assert_eq!(retries.next_wait(Again::Never), None);
        assert_eq!(
            retries.next_wait(Again::After(Duration::from_secs(181))),
            None
        );
        assert!(
            retries
                .next_wait(Again::After(Duration::from_secs(180)))
                .is_some()
        );
        assert!(retries.next_wait(Again::Rested(policy.cap)).is_some());
        let long = policy.cap + Duration::from_millis(1);
        assert_eq!(retries.next_wait(Again::Rested(long)), None);
        retries.failed = policy.max_attempts;
        assert_eq!(retries.next_wait(Again::Soon), None);
    }
}
