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
        let mut text = Text::default();
        self.count_requests(&mut text);
        self.count_retrievals(&mut text);
        self.count_walks(&mut text);
        let places = [(String::new(), places)];
        text.put("mapped_places", "gauge", "Places in the mapping.", &places);
        let streams: Vec<_> = streams
            .iter()
            .map(|(tenant, count)| (format!("{{tenant=\"{tenant}\"}}"), *count as u64))
            .collect();
        text.put("streams", "gauge", "Streams now, by tenant.", &streams);
        text.0
    }

    fn count_requests(&self, text: &mut Text) {
        let answers: Vec<_> = lock(&self.answers)
            .iter()
            .map(|((route, status), count)| {
                (format!("{{route=\"{route}\",status=\"{status}\"}}"), *count)
            })
            .collect();
        let help = "Answers by route and status.";
        text.put("answers_total", "counter", help, &answers);
        let help = "References that the mapping did not know.";
        text.count("fallbacks_total", help, &self.fallbacks);
        let help = "Requests for what belongs to another tenant.";
        text.count("denied_total", help, &self.denied);
    }

    fn count_retrievals(&self, text: &mut Text) {
        let help = "Bytes of recordings handed over.";
        text.count("streamed_bytes_total", help, &self.streamed_bytes);
        let help = "Retrievals from slow sources.";
        text.count("jobs_started_total", help, &self.jobs_started);
        let help = "Retrievals that failed.";
        text.count("jobs_failed_total", help, &self.jobs_failed);
    }

    fn count_walks(&self, text: &mut Text) {
        let [walks, new_places, seen_until] = self.walk_lines();
        let help = "Walks of a source by the sync, by how they ended.";
        text.put("sync_walks_total", "counter", help, &walks);
        let help = "Places that the sync found and the mapping did not know.";
        text.put("sync_new_places_total", "counter", help, &new_places);
        let help = "Until when the sync has seen every call of a source, in seconds since 1970.";
        text.put("sync_seen_until_seconds", "gauge", help, &seen_until);
    }
}

/// Lines as Prometheus reads them.
#[derive(Default)]
struct Text(String);

impl Text {
    fn put(&mut self, name: &str, kind: &str, help: &str, lines: &[(String, u64)]) {
        // Writing into a String cannot fail.
        let _ = writeln!(self.0, "# HELP sar_gateway_{name} {help}");
        let _ = writeln!(self.0, "# TYPE sar_gateway_{name} {kind}");
        for (labels, value) in lines {
            let _ = writeln!(self.0, "sar_gateway_{name}{labels} {value}");
        }
    }

    fn count(&mut self, name: &str, help: &str, counter: &AtomicU64) {
        let line = [(String::new(), counter.load(Ordering::Relaxed))];
        self.put(name, "counter", help, &line);
    }
}
