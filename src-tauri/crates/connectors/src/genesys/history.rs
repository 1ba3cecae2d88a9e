//! A range of years: a job for each part that the source accepts, several at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::time_range::TimeRange;
use futures_util::{FutureExt, StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{
    Genesys, job,
    query::{self, Filter},
    seen::{Origin, Seen},
};
use crate::source::SourceError;

/// Jobs that the source works on at the same time: its waits overlap, and the limiter of the organization
/// still sets the pace of every request. Each job reads a page at a time, so this bounds memory too.
const JOBS_AT_ONCE: usize = 4;

impl Genesys {
    /// Searches the history of a range. Parts are started and accounted for in the order of time, whichever
    /// ends first, so that the same search always gives the same record. // S2-09
    pub(super) async fn see_history(
        &self,
        seen: &mut Seen<'_>,
        filter: Filter,
        range: TimeRange,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let shared = Mutex::new(seen);
        // Boxed: the compiler cannot prove a stream of unnamed futures `Send` for every lifetime.
        let parts = query::chunks(range).into_iter().map(|chunk| {
            let part = self.see_part(&shared, filter, chunk, cancel);
            part.map(move |outcome| (chunk, outcome)).boxed()
        });
        let mut parts = stream::iter(parts.collect::<Vec<_>>()).buffered(JOBS_AT_ONCE);
        while let Some((chunk, outcome)) = parts.next().await {
            match outcome {
                Ok(()) => look(&shared).answers += 1,
                // An error that would meet every other part ends those that still run.
                Err(error) => look(&shared).gap_in(chunk, error)?,
            }
        }
        Ok(())
    }

    async fn see_part(
        &self,
        seen: &Mutex<&mut Seen<'_>>,
        filter: Filter,
        chunk: TimeRange,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let body = query::job_body(look(seen).asked, filter, chunk);
        look(seen).asked(&job::CREATE, &[], Some(&body));
        let mut each_page = |page| look(seen).look_at(page, filter, Origin::Job);
        self.run_job(&body, &mut each_page, cancel).await
    }
}

/// Held for as long as a page is looked at, never while waiting.
fn look<'a, S>(seen: &'a Mutex<S>) -> MutexGuard<'a, S> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
