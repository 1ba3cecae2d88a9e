//! What an operator sees: counts by tenant, and nothing that names a person, a client or a recording.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use super::lock;

/// Counters since the start.
#[derive(Default)]
pub(super) struct Metrics {
    answers: Mutex<BTreeMap<(String, u16), u64>>,
    fallbacks: AtomicU64,
    denied: AtomicU64,
    streamed_bytes: AtomicU64,
    jobs_started: AtomicU64,
    jobs_failed: AtomicU64,
}

impl Metrics {
    pub(super) fn answered(&self, route: &str, status: u16) {
        *lock(&self.answers)
            .entry((route.to_owned(), status))
            .or_default() += 1;
    }

    pub(super) fn fell_back(&self) {
        self.fallbacks.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn denied(&self) {
        self.denied.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn streamed(&self, bytes: u64) {
        self.streamed_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn job_started(&self) {
        self.jobs_started.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn job_failed(&self) {
        self.jobs_failed.fetch_add(1, Ordering::Relaxed);
    }

    /// Prometheus text format, version 0.0.4.
    pub(super) fn text(&self, places: u64, streams: &[(String, usize)]) -> String {
        let mut text = String::new();
        let mut put = |name: &str, kind: &str, help: &str, lines: &[(String, u64)]| {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "# HELP sar_gateway_{name} {help}");
            let _ = writeln!(text, "# TYPE sar_gateway_{name} {kind}");
            for (labels, value) in lines {
                let _ = writeln!(text, "sar_gateway_{name}{labels} {value}");
            }
        };
        let answers: Vec<_> = lock(&self.answers)
            .iter()
            .map(|((route, status), count)| {
                (format!("{{route=\"{route}\",status=\"{status}\"}}"), *count)
            })
            .collect();
        put(
            "answers_total",
            "counter",
            "Answers by route and status.",
            &answers,
        );
        let one = |value: u64| [(String::new(), value)];
        let counted = |counter: &AtomicU64| one(counter.load(Ordering::Relaxed));
        let (fallbacks, denied) = (counted(&self.fallbacks), counted(&self.denied));
        put(
            "fallbacks_total",
            "counter",
            "References that the mapping did not know.",
            &fallbacks,
        );
        put(
            "denied_total",
            "counter",
            "Requests for what belongs to another tenant.",
            &denied,
        );
        let bytes = counted(&self.streamed_bytes);
        put(
            "streamed_bytes_total",
            "counter",
            "Bytes of recordings handed over.",
            &bytes,
        );
        let (started, failed) = (counted(&self.jobs_started), counted(&self.jobs_failed));
        put(
            "jobs_started_total",
            "counter",
            "Retrievals from slow sources.",
            &started,
        );
        put(
            "jobs_failed_total",
            "counter",
            "Retrievals that failed.",
            &failed,
        );
        put(
            "mapped_places",
            "gauge",
            "Places in the mapping.",
            &one(places),
        );
        let streams: Vec<_> = streams
            .iter()
            .map(|(tenant, count)| (format!("{{tenant=\"{tenant}\"}}"), *count as u64))
            .collect();
        put("streams", "gauge", "Streams now, by tenant.", &streams);
        text
    }
}
