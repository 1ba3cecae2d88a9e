//! How much memory this process takes while something runs.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinHandle;

const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Looks at the resident size until it is asked for the largest.
pub(super) struct Watch {
    peak_kib: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Watch {
    pub(super) fn start() -> Self {
        let peak_kib = Arc::new(AtomicU64::new(0));
        let peak = Arc::clone(&peak_kib);
        let task = tokio::spawn(async move {
            loop {
                peak.fetch_max(resident_kib().unwrap_or(0), Ordering::Relaxed);
                tokio::time::sleep(LOOK_EVERY).await;
            }
        });
        Self { peak_kib, task }
    }

    /// The largest size seen; 0 where the system does not tell.
    pub(super) fn peak_mb(self) -> f64 {
        self.task.abort();
        self.peak_kib.load(Ordering::Relaxed) as f64 * 1_024.0 / 1e6
    }
}

/// Only Linux says it in a file.
fn resident_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
