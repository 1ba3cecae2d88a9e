//! The platform's clock beside ours: a wrong clock here must not promise what nobody has seen yet.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{self, HeaderMap};

/// `Date` has whole seconds, and the answer travels.
const ROUNDING_MS: i64 = 2_000;

/// How far the platform's clock is from ours, by the `Date` of its last answer; clones share it.
#[derive(Clone, Default)]
pub(super) struct PlatformClock {
    ahead_ms: Arc<AtomicI64>,
}

impl PlatformClock {
    /// Takes note of an answer that came at `now`.
    pub(super) fn note(&self, headers: &HeaderMap, now: Timestamp) {
        let date = headers.get(header::DATE).and_then(|it| it.to_str().ok());
        let date = date.and_then(|it| httpdate::parse_http_date(it).ok());
        if let Some(date) = date.and_then(|it| Timestamp::try_from(it).ok()) {
            let ahead_ms = date.as_millisecond() - now.as_millisecond();
            self.ahead_ms.store(ahead_ms, Ordering::Relaxed);
        }
    }

    /// The earlier of our time and the platform's: what it has not lived through yet, no search has seen.
    pub(super) fn earlier(&self, now: Timestamp) -> Timestamp {
        let ahead_ms = self.ahead_ms.load(Ordering::Relaxed);
        if ahead_ms >= -ROUNDING_MS {
            return now;
        }
        now.saturating_add(SignedDuration::from_millis(ahead_ms))
            .unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn earlier(date: &'static str, now: &str) -> String {
        let clock = PlatformClock::default();
        let now = now.parse().unwrap();
        let date = header::HeaderValue::from_static(date);
        clock.note(&HeaderMap::from_iter([(header::DATE, date)]), now);
        clock.earlier(now).to_string()
    }

    #[test]
    fn of_two_clocks_the_earlier_one_counts() {
        let date = "Fri, 01 May 2026 10:00:00 GMT";
        let (ten, noon) = ("2026-05-01T10:00:00Z", "2026-05-01T12:00:00Z");
        assert_eq!(earlier(date, noon), ten, "ours is ahead");
        assert_eq!(
            earlier(date, "2026-05-01T08:00:00Z"),
            "2026-05-01T08:00:00Z"
        );
        assert_eq!(
            earlier(date, "2026-05-01T10:00:01Z"),
            "2026-05-01T10:00:01Z"
        );
        assert_eq!(earlier("yesterday", noon), noon, "no date is no clock");
    }
}
