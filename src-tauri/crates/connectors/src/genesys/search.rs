//! From identifiers to recordings: searches, our own check of every hit, the recordings of each. // S0-25, S0-40

use domain::{
    search::{FoundRecording, SearchCriteria, SourceResult},
    time_range::TimeRange,
};
use futures_util::{FutureExt, StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    Genesys, conversations, found, health, job,
    lag::{IndexRetries, settled_until},
    matching,
    model::{Conversation, Recording},
    query::{self, Asked, Filter, Page},
    seen::{Origin, Seen},
};
use crate::source::SourceError;

/// How far the job may lag when the source does not say; longer than any lag that was reported.
const UNSTATED_LAG: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Conversations whose recordings are listed at the same time; the limiter sets the pace.
const LISTINGS_AT_ONCE: usize = 4;

impl Genesys {
    pub(crate) async fn search(
        &self,
        criteria: &SearchCriteria,
        cancel: &CancellationToken,
    ) -> SourceResult {
        let now = self.now();
        let asked = Asked {
            criteria,
            home: self.config.home.as_ref(),
        };
        let mut seen = Seen::new(asked, now);
        if let Err(error) = self.see(&mut seen, criteria, now, cancel).await {
            seen.gap(format!("the search stopped: {error}"));
        }
        let hits = seen.take_hits();
        let found = self.list(&mut seen, hits, now, cancel).await;
        seen.into_result(self, found)
    }

    /// Runs all searches. Only an error that would meet every other request too ends them.
    async fn see(
        &self,
        seen: &mut Seen<'_>,
        criteria: &SearchCriteria,
        now: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let range = TimeRange {
            end_utc: criteria.range.end_utc.min(now),
            ..criteria.range
        };
        let filters = query::filters(&criteria.identifiers);
        if filters.is_empty() {
            seen.gap("there is no identifier to search by".to_owned());
            return Ok(());
        }
        self.see_divisions(seen, cancel).await?;
        let available_utc = self.available_until(now, cancel).await?;
        let lived_utc = self.platform_clock.earlier(now);
        seen.complete_until_utc = Some(complete_until(&filters, available_utc, range, lived_utc));
        if range.start_utc >= range.end_utc {
            // Nothing has happened in a range that has not begun.
            seen.answers += 1;
            return Ok(());
        }
        for &filter in &filters {
            self.see_history(seen, filter, range, cancel).await?;
        }
        let tail = TimeRange {
            start_utc: range.start_utc.max(available_utc),
            ..range
        };
        if tail.start_utc < tail.end_utc {
            self.see_tails(seen, &filters, tail, now, cancel).await?;
        }
        Ok(())
    }

    /// Asks for the last days, and asks again while the index may lag: when no call is found, or fewer than
    /// announced. // S0-42
    async fn see_tails(
        &self,
        seen: &mut Seen<'_>,
        filters: &[Filter],
        tail: TimeRange,
        now: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let mut retries = IndexRetries::new(self.http.index_retry(), tail.end_utc, now);
        let known_gaps = seen.gaps_so_far();
        loop {
            seen.forget_gaps_after(known_gaps);
            for &filter in filters {
                self.see_tail(seen, filter, tail, cancel).await?;
            }
            let is_partial = seen.gaps_so_far() > known_gaps;
            let is_empty = seen.is_empty() && query::shows_recent(&seen.asked.criteria.identifiers);
            if !(is_partial || is_empty) || !retries.wait(cancel).await? {
                return Ok(());
            }
        }
    }

    /// Which divisions are searched; a search without that knowledge is still worth having.
    async fn see_divisions(
        &self,
        seen: &mut Seen<'_>,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        match self.grants(cancel).await {
            Ok(subject) => seen.divisions = health::divisions(&subject),
            Err(error @ (SourceError::Cancelled | SourceError::SignIn(_))) => return Err(error),
            Err(error) => seen.gap(format!("the searched divisions are not known: {error}")),
        }
        Ok(())
    }

    /// Until when a job's answer is complete.
    pub(super) async fn available_until(
        &self,
        now: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Timestamp, SourceError> {
        let stated = match self.availability(cancel).await {
            Err(error @ (SourceError::Cancelled | SourceError::SignIn(_))) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "the source does not say until when its history is complete");
                None
            }
            Ok(stated) => stated,
        };
        Ok(stated.unwrap_or_else(|| now.saturating_sub(UNSTATED_LAG).unwrap_or(now)))
    }

    async fn see_tail(
        &self,
        seen: &mut Seen<'_>,
        filter: Filter,
        tail: TimeRange,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let asked = seen.asked;
        for chunk in query::chunks(query::whole_days(tail)) {
            let first = Page {
                size: job::PAGE_SIZE,
                number: 1,
            };
            let body = query::page_body(asked, filter, chunk, first);
            seen.asked_once(&conversations::QUERY, &body);
            let mut each_page = |page| seen.look_at(page, filter, Origin::Query);
            match self
                .query_all(asked, filter, chunk, &mut each_page, cancel)
                .await
            {
                Ok(counted) => {
                    seen.answers += 1;
                    seen.reconcile(chunk, &counted);
                }
                Err(error) => seen.gap_in(chunk, error)?,
            }
        }
        Ok(())
    }

    /// Lists the recordings of every hit.
    async fn list(
        &self,
        seen: &mut Seen<'_>,
        hits: Vec<Conversation>,
        now: Timestamp,
        cancel: &CancellationToken,
    ) -> Vec<FoundRecording> {
        for hit in &hits {
            seen.asked(&found::LIST, &[&hit.conversation_id], None);
        }
        // Boxed: the compiler cannot prove a stream of unnamed futures `Send` for every lifetime.
        let listings = hits.into_iter().map(|hit| {
            async move {
                let recordings = self.settled_recordings(&hit, now, cancel).await;
                (hit, recordings)
            }
            .boxed()
        });
        let listed: Vec<_> = stream::iter(listings.collect::<Vec<_>>())
            .buffered(LISTINGS_AT_ONCE)
            .collect()
            .await;
        let mut recordings = Vec::new();
        let mut failed = Vec::new();
        for (hit, listing) in listed {
            match listing {
                Ok(listing) => recordings.extend(self.found(seen, &hit, listing)),
                Err(error) => failed.push(error.to_string()),
            }
        }
        if let Some(first) = failed.first() {
            let count = failed.len();
            seen.gap(format!(
                "the recordings of {count} calls could not be listed: {first}"
            ));
        }
        found::each_once(recordings)
    }

    fn found(
        &self,
        seen: &mut Seen<'_>,
        hit: &Conversation,
        listing: Vec<Value>,
    ) -> Vec<FoundRecording> {
        let matched_by = matching::matched_by(hit, seen.asked);
        let mut found = Vec::new();
        for value in listing {
            let recording = serde_json::from_value::<Recording>(value).unwrap_or_default();
            if found::is_audio(&recording) {
                match found::found(self.id(), hit, &matched_by, &recording) {
                    Some(recording) => found.push(recording),
                    None => seen.unreadable += 1,
                }
            }
        }
        found
    }
}

/// Until when nothing can be missing.
fn complete_until(
    filters: &[Filter],
    available_utc: Timestamp,
    range: TimeRange,
    now: Timestamp,
) -> Timestamp {
    let settled_utc = settled_until(now);
    // Genesys: attributes come only from a job (API reference section 4.3, trap 4, checked 2026-08).
    let needs_job = filters.contains(&Filter::EveryCall) && available_utc < range.end_utc;
    if needs_job {
        available_utc.min(settled_utc)
    } else {
        settled_utc
    }
}
