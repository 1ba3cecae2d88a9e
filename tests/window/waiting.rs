//! Waits that end: a condition is looked at until it holds or patience runs out.

use std::time::{Duration, Instant};

/// Between two looks; short against everything that is waited for.
const POLL: Duration = Duration::from_millis(50);

/// For what the window does by itself.
pub(crate) const SOON: Duration = Duration::from_secs(20);
/// For jobs: search, retrieval, detection, rendering, sealing.
pub(crate) const JOB: Duration = Duration::from_secs(180);

/// The first answer of `look`; nothing when there is none in time.
pub(crate) async fn within<T>(
    patience: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < patience {
        if let Some(found) = look().await {
            return Some(found);
        }
        tokio::time::sleep(POLL).await;
    }
    None
}
