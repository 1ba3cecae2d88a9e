//! What an operator sees: counts by tenant, and nothing that names a person, a client or a recording.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;

use super::{lock, walk::Walk};

/// Counters since the start.
#[derive(Default)]
pub(super) struct Metrics {
    answers: Mutex<BTreeMap<(String, u16), u64>>,
    fallbacks: AtomicU64,
    denied: AtomicU64,
    streamed_bytes: AtomicU64,
    jobs_started: AtomicU64,
    jobs_failed: AtomicU64,
    /// By tenant and source.
    walks: Mutex<BTreeMap<(String, String), Walks>>,
}

/// The walks of one source.
#[derive(Default)]
struct Walks {
    complete: u64,
    incomplete: u64,
    new_places: u64,
    /// Up to where everything was seen, in seconds since 1970.
    seen_until: u64,
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

    pub(super) fn walked(&self, tenant: &str, source: &str, walk: &Walk) {
        let mut walks = lock(&self.walks);
        let walks = walks
            .entry((tenant.to_owned(), source.to_owned()))
            .or_default();
        if walk.is_complete {
            walks.complete += 1;
        } else {
            walks.incomplete += 1;
        }
    }

    /// An interval of a walk, with the places that were new in it.
    pub(super) fn walked_until(&self, tenant: &str, source: &str, until: Timestamp, new: usize) {
        let mut walks = lock(&self.walks);
        let walks = walks
            .entry((tenant.to_owned(), source.to_owned()))
            .or_default();
        walks.new_places += new as u64;
        let seen = u64::try_from(until.as_second()).unwrap_or_default();
        walks.seen_until = walks.seen_until.max(seen);
    }

    /// The lines about walks: how they ended, what they found, and how far they are.
    fn walk_lines(&self) -> [Vec<(String, u64)>; 3] {
        let mut lines = [Vec::new(), Vec::new(), Vec::new()];
        for ((tenant, source), walks) in lock(&self.walks).iter() {
            let of = format!("tenant=\"{tenant}\",source=\"{source}\"");
            for (outcome, count) in [
                ("complete", walks.complete),
                ("incomplete", walks.incomplete),
            ] {
                lines[0].push((format!("{{{of},outcome=\"{outcome}\"}}"), count));
            }
            lines[1].push((format!("{{{of}}}"), walks.new_places));
            lines[2].push((format!("{{{of}}}"), walks.seen_until));
        }
        lines
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
        let [walks, new_places, seen_until] = self.walk_lines();
        put(
            "sync_walks_total",
            "counter",
            "Walks of a source by the sync, by how they ended.",
            &walks,
        );
        put(
            "sync_new_places_total",
            "counter",
            "Places that the sync found and the mapping did not know.",
            &new_places,
        );
        put(
            "sync_seen_until_seconds",
            "gauge",
            "Until when the sync has seen every call of a source, in seconds since 1970.",
            &seen_until,
        );
        let streams: Vec<_> = streams
            .iter()
            .map(|(tenant, count)| (format!("{{tenant=\"{tenant}\"}}"), *count as u64))
            .collect();
        put("streams", "gauge", "Streams now, by tenant.", &streams);
        text
    }
}
