//! The pace that one organization allows: a token bucket, corrected by what the source reports.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::http::{Cancelled, pause};

/// How many requests may be sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Requests a second, on average, until the source says what it allows.
    pub per_second: f64,
    /// Never more a second than this, whatever the source allows: others may share its limit.
    pub max_per_second: f64,
    /// Requests that may be sent at once after a rest.
    pub burst: u32,
}

/// What a source says about the current window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    /// Requests counted in the window.
    pub count: u32,
    /// Requests allowed in the window.
    pub allowed: u32,
    /// Time until the window ends.
    pub reset: Duration,
}

/// Share of the allowance after which the pace is lowered.
const BUSY_SHARE: f64 = 0.8;

/// Share of the allowance that is used at most when nobody else asks.
const OWN_SHARE: f64 = 0.9;

/// Length of the window that an allowance is for, and how long a lower one outweighs a higher one:
/// some resources have their own, lower limit.
// Genesys: limits are per minute (API reference section 3.2, checked 2026-08).
const WINDOW: Duration = Duration::from_secs(60);

/// The limiter of one organization; clones share it.
#[derive(Clone)]
pub struct Limiter {
    bucket: Arc<Mutex<Bucket>>,
}

impl Limiter {
    /// Starts with a full bucket.
    pub fn new(pace: Pace) -> Self {
        Self {
            bucket: Arc::new(Mutex::new(Bucket::new(pace, Instant::now()))),
        }
    }

    /// Waits until one more request may be sent.
    ///
    /// # Errors
    /// When cancelled meanwhile.
    pub async fn acquire(&self, cancel: &CancellationToken) -> Result<(), Cancelled> {
        loop {
            let wait = self.bucket().take(Instant::now());
            match wait {
                None => return Ok(()),
                Some(wait) => pause(wait, cancel).await?,
            }
        }
    }

    /// Takes over what the source reported.
    pub fn observe(&self, reported: Reported) {
        self.bucket().observe(reported, Instant::now());
    }

    /// Lets nobody through for `wait`: the source asked for it.
    pub fn hold(&self, wait: Duration) {
        self.bucket().hold(wait, Instant::now());
    }

    fn bucket(&self) -> std::sync::MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The arithmetic, without a clock.
struct Bucket {
    pace: Pace,
    tokens: f64,
    filled_at: Instant,
    held_until: Option<Instant>,
    /// The pace that the source allows, and since when.
    stated: Option<(f64, Instant)>,
    /// A lower pace, and until when it holds.
    lowered: Option<(f64, Instant)>,
}

impl Bucket {
    fn new(pace: Pace, now: Instant) -> Self {
        // Below one request in 1,000 s nothing would ever end; above that the numbers stay finite.
        let max_per_second = pace.max_per_second.max(0.001);
        let per_second = pace.per_second.clamp(0.001, max_per_second);
        let pace = Pace {
            per_second,
            max_per_second,
            burst: pace.burst.max(1),
        };
        let tokens = f64::from(pace.burst);
        Self {
            pace,
            tokens,
            filled_at: now,
            held_until: None,
            stated: None,
            lowered: None,
        }
    }

    /// Takes one token, or says how long to wait before asking again.
    fn take(&mut self, now: Instant) -> Option<Duration> {
        if let Some(until) = self.held_until.filter(|until| *until > now) {
            return Some(until - now);
        }
        self.refill(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return None;
        }
        Some(Duration::from_secs_f64(
            (1.0 - self.tokens) / self.rate(now),
        ))
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        let tokens = self.tokens + passed * self.rate(now);
        self.tokens = tokens.min(f64::from(self.pace.burst));
        self.filled_at = now;
    }

    fn rate(&self, now: Instant) -> f64 {
        let usual = self.stated.map_or(self.pace.per_second, |(rate, _)| rate);
        match self.lowered {
            Some((rate, until)) if until > now => rate.min(usual),
            _ => usual,
        }
    }

    fn observe(&mut self, reported: Reported, now: Instant) {
        let Reported {
            count,
            allowed,
            reset,
        } = reported;
        if allowed == 0 {
            return;
        }
        self.refill(now);
        self.state(allowed, now);
        if count >= allowed {
            self.hold(reset, now);
        }
        let share = f64::from(count) / f64::from(allowed);
        if share < BUSY_SHARE || reset.is_zero() {
            return;
        }
        let left = f64::from(allowed.saturating_sub(count));
        self.tokens = self.tokens.min(left);
        let rate = (left / reset.as_secs_f64()).max(0.001);
        self.lowered = Some((rate, now + reset));
    }

    /// Takes over what the source allows; for a window the lowest of several counts.
    fn state(&mut self, allowed: u32, now: Instant) {
        let rate = f64::from(allowed) / WINDOW.as_secs_f64() * OWN_SHARE;
        let rate = rate.min(self.pace.max_per_second);
        let keeps = |(lower, since): (f64, Instant)| lower < rate && now < since + WINDOW;
        if !self.stated.is_some_and(keeps) {
            self.stated = Some((rate, now));
        }
    }

    fn hold(&mut self, wait: Duration, now: Instant) {
        let until = now + wait;
        self.held_until = Some(self.held_until.map_or(until, |old| old.max(until)));
        // Whoever waited does not rush in together when the hold ends.
        self.tokens = self.tokens.min(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        per_second: 2.0,
        max_per_second: 10.0,
        burst: 3,
    };

    fn seconds(count: f64) -> Duration {
        Duration::from_secs_f64(count)
    }

    #[test]
    fn a_burst_is_followed_by_the_average_pace() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PACE, start);
        assert!((0..3).all(|_| bucket.take(start).is_none()));
        assert_eq!(bucket.take(start), Some(seconds(0.5)));
        assert_eq!(bucket.take(start + seconds(0.5)), None);
        assert!(bucket.take(start + seconds(0.6)).is_some());
    }

    #[test]
    fn a_rest_fills_the_bucket_only_up_to_the_burst() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PACE, start);
        let later = start + seconds(3_600.0);
        assert!((0..3).all(|_| bucket.take(later).is_none()));
        assert!(bucket.take(later).is_some());
    }

    #[test]
    fn a_hold_stops_everybody_until_it_ends() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PACE, start);
        bucket.hold(seconds(42.0), start);
        bucket.hold(seconds(5.0), start);
        assert_eq!(bucket.take(start + seconds(2.0)), Some(seconds(40.0)));
        assert_eq!(bucket.take(start + seconds(42.0)), None);
    }

    #[test]
    fn a_busy_window_lowers_the_pace_until_it_ends() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PACE, start);
        bucket.observe(
            Reported {
                count: 298,
                allowed: 300,
                reset: seconds(20.0),
            },
            start,
        );
        assert!((0..2).all(|_| bucket.take(start).is_none()));
        assert_eq!(bucket.take(start), Some(seconds(10.0)));
        bucket.filled_at = start + seconds(20.0);
        assert_eq!(bucket.rate(start + seconds(20.0)), 4.5);
    }

    #[test]
    fn a_used_up_window_holds_and_a_quiet_one_changes_nothing() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PACE, start);
        bucket.observe(
            Reported {
                count: 10,
                allowed: 300,
                reset: seconds(20.0),
            },
            start,
        );
        bucket.observe(
            Reported {
                count: 10,
                allowed: 0,
                reset: seconds(20.0),
            },
            start,
        );
        assert_eq!(bucket.take(start), None);
        bucket.observe(
            Reported {
                count: 300,
                allowed: 300,
                reset: seconds(20.0),
            },
            start,
        );
        assert_eq!(bucket.take(start), Some(seconds(20.0)));
    }

    #[test]
    fn the_pace_follows_what_the_source_allows_up_to_our_own_limit() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PACE, start);
        let allows = |allowed| Reported {
            count: 1,
            allowed,
            reset: seconds(60.0),
        };
        bucket.observe(allows(3_000), start);
        assert_eq!(bucket.rate(start), 10.0);
        bucket.observe(allows(300), start);
        assert_eq!(bucket.rate(start), 4.5);
        bucket.observe(allows(3_000), start + seconds(59.0));
        assert_eq!(
            bucket.rate(start),
            4.5,
            "a lower limit outweighs a higher one for a window"
        );
        bucket.observe(allows(3_000), start + seconds(60.0));
        assert_eq!(bucket.rate(start), 10.0);
    }
}
