//! A host that fails again and again is left alone for a while, then asked by one task before all others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// When a host is left alone, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Failed attempts in a row, of all tasks together, after which the host is left alone.
    pub failures: u32,
    /// Different paths among them: one object that cannot be had says nothing about the others.
    pub paths: usize,
    /// For how long; doubles each time the host fails the task that looks whether it is back.
    pub rest: Duration,
    /// Longest rest.
    pub max_rest: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            // Above the attempts of one request, so that one broken request does not stop all others.
            failures: 12,
            paths: 3,
            rest: Duration::from_secs(10),
            max_rest: Duration::from_secs(120),
        }
    }
}

/// One breaker for each host; clones share them.
#[derive(Clone)]
pub(super) struct Breakers {
    policy: BreakerPolicy,
    hosts: Arc<Mutex<HashMap<String, Breaker>>>,
}

/// Leave to send one request. Whoever drops it without a report says nothing about the host.
pub(super) struct Pass {
    breakers: Breakers,
    host: String,
    path: String,
    is_probe: bool,
}

impl Breakers {
    pub(super) fn new(policy: BreakerPolicy) -> Self {
        Self {
            policy,
            hosts: Arc::default(),
        }
    }

    /// Leave to ask a host, or how long to wait before asking for leave again.
    pub(super) fn admit(&self, host: &str, path: &str) -> Result<Pass, Duration> {
        let mut hosts = self.hosts();
        // Invariant: only hosts whose last answer was a failure are kept, so the list stays short.
        let is_probe = match hosts.get_mut(host) {
            Some(breaker) => breaker.admit(Instant::now())? == Admitted::Probe,
            None => false,
        };
        Ok(Pass {
            breakers: self.clone(),
            host: host.to_owned(),
            path: path.to_owned(),
            is_probe,
        })
    }

    fn hosts(&self) -> MutexGuard<'_, HashMap<String, Breaker>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// The host answered like a host that works.
    pub(super) fn worked(self) {
        self.breakers.hosts().remove(&self.host);
    }

    /// The host did not answer, or with a failure of its own.
    pub(super) fn failed(self) {
        let mut hosts = self.breakers.hosts();
        let breaker = hosts.entry(self.host.clone()).or_default();
        breaker.note(&self.path, &self.breakers.policy);
        breaker.failed(self.is_probe, &self.breakers.policy, Instant::now());
    }
}

impl Drop for Pass {
    /// A probe that was cancelled frees its place, so that another task can probe.
    fn drop(&mut self) {
        if self.is_probe
            && let Some(breaker) = self.breakers.hosts().get_mut(&self.host)
        {
            breaker.is_probed = false;
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Admitted {
    AsUsual,
    Probe,
}

/// How long the others wait while one task probes.
const PROBE_WAIT: Duration = Duration::from_secs(1);

/// The arithmetic, without a clock.
#[derive(Default)]
struct Breaker {
    /// Failures in a row.
    failures: u32,
    /// Different paths among them, as many as matter.
    paths: Vec<String>,
    /// Since when and how long the host rests; `None` while it is asked as usual.
    resting: Option<(Instant, Duration)>,
    is_probed: bool,
}

impl Breaker {
    fn admit(&mut self, now: Instant) -> Result<Admitted, Duration> {
        let Some((since, rest)) = self.resting else {
            return Ok(Admitted::AsUsual);
        };
        let left = rest.saturating_sub(now.saturating_duration_since(since));
        if !left.is_zero() {
            return Err(left);
        }
        if self.is_probed {
            return Err(PROBE_WAIT.min(rest));
        }
        self.is_probed = true;
        Ok(Admitted::Probe)
    }

    fn note(&mut self, path: &str, policy: &BreakerPolicy) {
        if self.paths.len() < policy.paths && !self.paths.iter().any(|known| known == path) {
            self.paths.push(path.to_owned());
        }
    }

    fn failed(&mut self, is_probe: bool, policy: &BreakerPolicy, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.resting = match self.resting {
            Some((_, rest)) if is_probe => {
                let longer = rest.saturating_mul(2).min(policy.max_rest.max(policy.rest));
                Some((now, longer))
            }
            // Requests that were on their way when the rest began do not make it longer.
            Some(resting) => Some(resting),
            None if self.failures >= policy.failures.max(1) && self.paths.len() >= policy.paths => {
                Some((now, policy.rest))
            }
            None => None,
        };
        self.is_probed &= !is_probe;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: BreakerPolicy = BreakerPolicy {
        failures: 3,
        paths: 2,
        rest: Duration::from_secs(10),
        max_rest: Duration::from_secs(25),
    };

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn resting(start: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for path in ["/a", "/a", "/b"] {
            assert_eq!(breaker.admit(start), Ok(Admitted::AsUsual));
            breaker.note(path, &POLICY);
            breaker.failed(false, &POLICY, start);
        }
        breaker
    }

    #[test]
    fn a_host_that_fails_in_a_row_rests_and_is_probed_by_one() {
        let start = Instant::now();
        let mut breaker = resting(start);
        assert_eq!(breaker.admit(start + seconds(4)), Err(seconds(6)));
        let over = start + seconds(10);
        assert_eq!(breaker.admit(over), Ok(Admitted::Probe));
        assert_eq!(breaker.admit(over), Err(PROBE_WAIT), "one probe at a time");
    }

    #[test]
    fn one_object_that_fails_forever_does_not_stop_the_others() {
        let breakers = Breakers::new(POLICY);
        for _ in 0..100 {
            breakers.admit("host", "/bad").map(Pass::failed).unwrap();
        }
        assert!(breakers.admit("host", "/good").is_ok());
    }

    #[test]
    fn a_failed_probe_doubles_the_rest_up_to_the_longest() {
        let mut now = Instant::now();
        let mut breaker = resting(now);
        for rest in [10, 20, 25, 25] {
            now += seconds(rest);
            assert_eq!(breaker.admit(now), Ok(Admitted::Probe), "{rest}");
            breaker.failed(true, &POLICY, now);
            assert!(breaker.admit(now).is_err());
        }
    }

    #[test]
    fn late_failures_do_not_make_the_rest_longer() {
        let start = Instant::now();
        let mut breaker = resting(start);
        breaker.failed(false, &POLICY, start + seconds(9));
        assert_eq!(breaker.admit(start + seconds(10)), Ok(Admitted::Probe));
    }

    #[test]
    fn an_answer_ends_the_rest_and_a_cancelled_probe_frees_its_place() {
        let breakers = Breakers::new(BreakerPolicy {
            rest: Duration::ZERO,
            ..POLICY
        });
        let ask = || breakers.admit("host", "/a");
        for path in ["/a", "/b", "/c"] {
            breakers.admit("host", path).map(Pass::failed).unwrap();
        }
        let probe = ask().unwrap();
        assert!(ask().is_err());
        drop(probe);
        let probe = ask().unwrap();
        assert!(probe.is_probe);
        probe.worked();
        let usual = ask().unwrap();
        assert!(!usual.is_probe);
        usual.failed();
        assert!(
            ask().is_ok_and(|pass| !pass.is_probe),
            "counting starts over"
        );
        assert!(breakers.admit("another host", "/a").is_ok());
    }
}
