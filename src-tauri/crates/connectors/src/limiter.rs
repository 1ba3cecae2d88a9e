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

/// Share of the allowance that stays unused: requests on their way are not in the source's count yet.
const RESERVE: f64 = 0.01;

/// Length of the window that an allowance is for, and how long a lower one outweighs a higher one:
/// some resources have their own, lower limit.
// Genesys: limits are per minute (API reference section 3.2, checked 2026-08).
const WINDOW: Duration = Duration::from_secs(60);

/// Ends of a window that differ by no more are the same one: the source says whole seconds.
const SAME_END: Duration = Duration::from_secs(2);

/// How soon somebody who waits for the first answer of a window looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

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
    /// What is known of the source's window; `None` until it says something.
    window: Option<Window>,
}

/// A stretch of time with an allowance, as the source counts it.
#[derive(Clone, Copy)]
struct Window {
    allowed: u32,
    /// Since when the source says this allowance.
    stated_at: Instant,
    /// Requests in this window: ours, or all that the source has counted when that is more.
    spent: u32,
    ends_at: Instant,
    /// Since when it is only our clock that says this window has begun; `None` when the source said so.
    supposed_since: Option<Instant>,
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
            window: None,
        }
    }

    /// Takes one token, or says how long to wait before asking again.
    fn take(&mut self, now: Instant) -> Option<Duration> {
        if let Some(until) = self.held_until.filter(|until| *until > now) {
            return Some(until - now);
        }
        self.refill(now);
        if let Some(wait) = self.window.and_then(|window| window.closed_for(now)) {
            return Some(wait);
        }
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            if let Some(window) = &mut self.window {
                window.spent = window.spent.saturating_add(1);
            }
            return None;
        }
        Some(Duration::from_secs_f64(
            (1.0 - self.tokens) / self.rate(now),
        ))
    }

    fn refill(&mut self, now: Instant) {
        self.window = self.window.map(|window| window.at(now));
        let passed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        let tokens = self.tokens + passed * self.rate(now);
        self.tokens = tokens.min(f64::from(self.pace.burst));
        self.filled_at = now;
    }

    /// What is left of the window, spread over the rest of it: whoever else asks is in the count too.
    fn rate(&self, now: Instant) -> f64 {
        let rate = self.window.map_or(self.pace.per_second, |window| {
            let rest = window.ends_at.saturating_duration_since(now);
            window.left() / rest.as_secs_f64().max(1.0)
        });
        rate.clamp(0.001, self.pace.max_per_second)
    }

    fn observe(&mut self, reported: Reported, now: Instant) {
        if reported.allowed == 0 {
            return;
        }
        self.refill(now);
        let window = Window::reported(reported, now);
        self.window = match self.window {
            // Another resource with an allowance of its own; the lowest of several counts.
            Some(known) if known.outweighs(&window, now) => Some(known),
            Some(known) if known.is_same(&window) => Some(Window {
                spent: known.spent.max(window.spent),
                // Whole seconds, rounded up: the earliest of many comes close to the true end.
                ends_at: known.ends_at.min(window.ends_at),
                ..window
            }),
            _ => Some(window),
        };
        if reported.count >= reported.allowed {
            self.hold(reported.reset, now);
        }
    }

    fn hold(&mut self, wait: Duration, now: Instant) {
        let until = now + wait;
        self.held_until = Some(self.held_until.map_or(until, |old| old.max(until)));
        // Whoever waited does not rush in together when the hold ends.
        self.tokens = self.tokens.min(1.0);
    }
}

impl Window {
    fn reported(reported: Reported, now: Instant) -> Self {
        Self {
            allowed: reported.allowed,
            stated_at: now,
            spent: reported.count,
            // Where seconds are rounded down, none left may still be one.
            ends_at: now + reported.reset.clamp(Duration::from_secs(1), WINDOW),
            supposed_since: None,
        }
    }

    /// The window that is open now: after the end of one, the next.
    fn at(self, now: Instant) -> Self {
        if now < self.ends_at {
            return self;
        }
        Self {
            spent: 0,
            ends_at: now + WINDOW,
            supposed_since: Some(now),
            ..self
        }
    }

    /// Requests that may still be sent in it.
    fn left(&self) -> f64 {
        // Of a tiny allowance one request is left to use.
        let usable = (f64::from(self.allowed) - self.reserve()).max(1.0);
        (usable - f64::from(self.spent)).max(0.0)
    }

    fn reserve(&self) -> f64 {
        (f64::from(self.allowed) * RESERVE).max(1.0)
    }

    /// How long nobody is let through; `None` when somebody is.
    ///
    /// Clocks differ: a window that only we believe in gets what the last one had in reserve, until an answer
    /// says more or does not come.
    fn closed_for(&self, now: Instant) -> Option<Duration> {
        if self.left() < 1.0 {
            return Some(self.ends_at - now);
        }
        let believed_at = self.supposed_since? + SAME_END;
        let tried = f64::from(self.spent) + 1.0 > self.reserve();
        (tried && now < believed_at).then(|| (believed_at - now).min(LOOK_AGAIN))
    }

    fn outweighs(&self, other: &Self, now: Instant) -> bool {
        self.allowed < other.allowed && now < self.stated_at + WINDOW
    }

    fn is_same(&self, other: &Self) -> bool {
        let apart = self.ends_at.max(other.ends_at) - self.ends_at.min(other.ends_at);
        self.allowed == other.allowed && apart <= SAME_END
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

    fn reported(count: u32, allowed: u32, reset_s: f64) -> Reported {
        Reported {
            count,
            allowed,
            reset: seconds(reset_s),
        }
    }

    #[test]
    fn what_is_left_of_a_window_is_spread_over_the_rest_of_it() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PACE, start);
        bucket.observe(reported(257, 300, 20.0), start);
        assert_eq!(bucket.rate(start), 2.0, "297 may be used, 257 are");
        assert!((0..3).all(|_| bucket.take(start).is_none()), "the burst");
        assert!(bucket.take(start).is_some());
        let next = start + seconds(20.0);
        assert!((0..3).all(|_| bucket.take(next).is_none()), "the reserve");
        assert_eq!(bucket.take(next), Some(LOOK_AGAIN));
        assert_eq!(bucket.take(next + SAME_END), None);
    }

    #[test]
    fn a_window_that_is_used_up_is_waited_for() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PACE, start);
        bucket.observe(reported(297, 300, 20.0), start);
        assert_eq!(bucket.take(start + seconds(5.0)), Some(seconds(15.0)));
        assert_eq!(bucket.take(start + seconds(20.0)), None);
    }

    #[test]
    fn an_allowance_that_is_exceeded_holds_and_none_says_nothing() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PACE, start);
        bucket.observe(reported(10, 0, 20.0), start);
        assert_eq!(bucket.rate(start), PACE.per_second);
        bucket.observe(reported(300, 300, 20.0), start);
        assert_eq!(bucket.take(start), Some(seconds(20.0)));
    }

    #[test]
    fn the_pace_follows_what_the_source_allows_up_to_our_own_limit() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PACE, start);
        bucket.observe(reported(1, 3_000, 60.0), start);
        assert_eq!(bucket.rate(start), 10.0);
        bucket.observe(reported(3, 300, 60.0), start);
        assert_eq!(bucket.rate(start), 294.0 / 60.0);
        bucket.observe(reported(1, 3_000, 60.0), start + seconds(1.0));
        assert!(
            bucket.rate(start + seconds(1.0)) < 5.0,
            "a lower limit outweighs a higher one for a window"
        );
        bucket.observe(reported(1, 3_000, 60.0), start + seconds(60.0));
        assert_eq!(bucket.rate(start + seconds(60.0)), 10.0);
    }

    #[test]
    fn answers_out_of_order_never_give_back_what_was_spent() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PACE, start);
        bucket.observe(reported(100, 300, 30.0), start);
        bucket.observe(reported(90, 300, 31.0), start);
        assert!((bucket.rate(start) - 197.0 / 30.0).abs() < 1e-9);
    }

    #[test]
    fn a_window_that_began_sooner_or_later_than_thought_is_taken_over() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PACE, start);
        bucket.observe(reported(296, 300, 20.0), start);
        bucket.observe(reported(1, 300, 60.0), start + seconds(19.0));
        assert!(bucket.rate(start + seconds(19.0)) > 4.9, "it has ended");
        let ours = start + seconds(79.0);
        assert_eq!(bucket.take(ours), None, "by our clock the next one began");
        bucket.observe(reported(297, 300, 3.0), ours);
        assert_eq!(bucket.take(ours), Some(seconds(3.0)), "it had not");
    }

    /// A source that counts in fixed windows, asked as often as the limiter lets: nothing is refused, and nearly
    /// all that is allowed is used. // S2-29
    #[test]
    fn the_allowance_is_used_and_never_exceeded() {
        for (allowed, others_per_second, rounds_up) in [
            (180, 0, true),
            (300, 0, true),
            (300, 0, false),
            (300, 2, true),
            (3_000, 0, true),
            (3_000, 0, false),
            (6_000, 10, true),
        ] {
            let simulated = simulate(allowed, others_per_second, rounds_up);
            assert_eq!(simulated.refused, 0, "of {allowed}, {rounds_up}");
            let share = f64::from(simulated.admitted) / f64::from(allowed * SIMULATED_WINDOWS);
            assert!(share >= 0.98, "{share} of {allowed}, {rounds_up}");
        }
    }

    const SIMULATED_WINDOWS: u32 = 5;

    struct Simulated {
        admitted: u32,
        refused: u32,
    }

    /// Answers take 70 ms; the window begins with the first request after the last one's end.
    fn simulate(allowed: u32, others_per_second: u32, rounds_up: bool) -> Simulated {
        let start = Instant::now();
        let pace = Pace {
            per_second: 4.5,
            max_per_second: 1_000.0,
            burst: 30,
        };
        let mut bucket = Bucket::new(pace, start);
        let mut simulated = Simulated {
            admitted: 0,
            refused: 0,
        };
        let (mut began_ms, mut count) = (0_u64, 0_u32);
        let mut on_the_way = std::collections::VecDeque::new();
        for ms in 0..u64::from(SIMULATED_WINDOWS) * 60_000 {
            let now = start + Duration::from_millis(ms);
            if ms >= began_ms + 60_000 {
                (began_ms, count) = (ms, 0);
            }
            if others_per_second > 0 && ms.is_multiple_of(u64::from(1_000 / others_per_second)) {
                count += 1;
                simulated.admitted += 1;
            }
            while on_the_way.front().is_some_and(|(at, _)| *at <= ms) {
                let (_, reported) = on_the_way.pop_front().unwrap();
                bucket.observe(reported, now);
            }
            while bucket.take(now).is_none() {
                count += 1;
                simulated.admitted += u32::from(count <= allowed);
                simulated.refused += u32::from(count > allowed);
                let left_ms = began_ms + 60_000 - ms;
                let reset_s = (left_ms + if rounds_up { 999 } else { 0 }) / 1_000;
                let reset_s = reset_s as f64;
                on_the_way.push_back((ms + 70, reported(count, allowed, reset_s)));
            }
        }
        simulated
    }
}
