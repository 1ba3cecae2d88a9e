//! From identifiers to recordings: searches, our own check of every hit, the recordings of each. // S0-25, S0-40

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    search::{Coverage, FoundRecording, SearchCriteria, SourceResult},
    sensitive::PersonalData,
    time_range::TimeRange,
};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    Genesys,
    api::Operation,
    conversations, found, health, job, matching,
    model::{Conversation, Recording},
    query::{self, Filter, Page},
};
use crate::source::SourceError;

/// Calls younger than this may not be in the index yet. // S0-41
const INDEX_LAG: SignedDuration = SignedDuration::from_secs(300);

/// How far the job may lag when the source does not say; longer than any lag that was reported.
const UNSTATED_LAG: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Conversations whose recordings are listed at the same time; the limiter sets the pace.
const LISTINGS_AT_ONCE: usize = 4;

/// What a search has seen so far.
#[derive(Default)]
struct Seen {
    /// Each conversation once, by id.
    conversations: BTreeMap<String, Conversation>,
    /// Ids that only the query knew, whose answer has no attributes.
    without_attributes: BTreeSet<String>,
    queries: Vec<PersonalData<String>>,
    gaps: Vec<String>,
    unreadable: u64,
    answers: u32,
    complete_until_utc: Option<Timestamp>,
    divisions: Vec<String>,
}

impl Genesys {
    pub(crate) async fn search(
        &self,
        criteria: &SearchCriteria,
        cancel: &CancellationToken,
    ) -> SourceResult {
        let mut seen = Seen::default();
        let now = self.now();
        if let Err(error) = self.see(&mut seen, criteria, now, cancel).await {
            seen.gaps.push(format!("the search stopped: {error}"));
        }
        let hits = seen.take_hits(criteria, now);
        let found = self.list(&mut seen, hits, criteria, cancel).await;
        seen.into_result(self, found)
    }

    /// Runs all searches. Only an error that would meet every other request too ends them.
    async fn see(
        &self,
        seen: &mut Seen,
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
            seen.gaps
                .push("there is no identifier to search by".to_owned());
            return Ok(());
        }
        seen.divisions = health::divisions(&self.grants(cancel).await?);
        let available = self.availability(cancel).await?;
        let available_utc =
            available.unwrap_or_else(|| now.saturating_sub(UNSTATED_LAG).unwrap_or(now));
        seen.complete_until_utc = complete_until(&filters, available_utc, range, now);
        if range.start_utc >= range.end_utc {
            // Nothing has happened in a range that has not begun.
            seen.answers += 1;
            return Ok(());
        }
        for &filter in &filters {
            self.see_history(seen, criteria, filter, range, cancel)
                .await?;
            let tail = TimeRange {
                start_utc: range.start_utc.max(available_utc),
                ..range
            };
            if tail.start_utc < tail.end_utc {
                self.see_tail(seen, criteria, filter, tail, cancel).await?;
            }
        }
        Ok(())
    }

    async fn see_history(
        &self,
        seen: &mut Seen,
        criteria: &SearchCriteria,
        filter: Filter,
        range: TimeRange,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        for chunk in query::chunks(range) {
            let body = query::job_body(criteria, filter, chunk);
            seen.asked(&job::CREATE, &[], Some(&body));
            match self.run_job(&body, cancel).await {
                Ok(conversations) => {
                    seen.answers += 1;
                    seen.absorb(conversations);
                }
                Err(error) => seen.gap_in(chunk, error)?,
            }
        }
        Ok(())
    }

    async fn see_tail(
        &self,
        seen: &mut Seen,
        criteria: &SearchCriteria,
        filter: Filter,
        tail: TimeRange,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        for chunk in query::chunks(query::whole_days(tail)) {
            let first = Page {
                size: job::PAGE_SIZE,
                number: 1,
            };
            let body = query::page_body(criteria, filter, chunk, first);
            seen.asked(&conversations::QUERY, &[], Some(&body));
            match self.query_all(criteria, filter, chunk, cancel).await {
                Ok(queried) => {
                    seen.answers += 1;
                    seen.reconcile(chunk, &queried);
                    let ids = seen.absorb(queried.conversations);
                    seen.without_attributes.extend(ids);
                }
                Err(error) => seen.gap_in(chunk, error)?,
            }
        }
        Ok(())
    }

    /// Lists the recordings of every hit.
    async fn list(
        &self,
        seen: &mut Seen,
        hits: Vec<Conversation>,
        criteria: &SearchCriteria,
        cancel: &CancellationToken,
    ) -> Vec<FoundRecording> {
        for hit in &hits {
            seen.asked(&found::LIST, &[&hit.conversation_id], None);
        }
        let listed: Vec<_> = stream::iter(hits)
            .map(|hit| async move {
                let recordings = self.recordings(&hit.conversation_id, cancel).await;
                (hit, recordings)
            })
            .buffered(LISTINGS_AT_ONCE)
            .collect()
            .await;
        let mut recordings = Vec::new();
        let mut failed = Vec::new();
        for (hit, listing) in listed {
            match listing {
                Ok(listing) => recordings.extend(self.found(seen, &hit, &listing, criteria)),
                Err(error) => failed.push(error.to_string()),
            }
        }
        if let Some(first) = failed.first() {
            let count = failed.len();
            seen.gaps.push(format!(
                "the recordings of {count} calls could not be listed: {first}"
            ));
        }
        found::each_once(recordings)
    }

    fn found(
        &self,
        seen: &mut Seen,
        hit: &Conversation,
        listing: &[Value],
        criteria: &SearchCriteria,
    ) -> Vec<FoundRecording> {
        let matched_by = matching::matched_by(hit, criteria);
        let mut found = Vec::new();
        for value in listing {
            let recording = serde_json::from_value::<Recording>(value.clone()).unwrap_or_default();
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
) -> Option<Timestamp> {
    let settled_utc = now.saturating_sub(INDEX_LAG).unwrap_or(now);
    // Genesys: attributes come only from a job (API reference section 4.3, trap 4, checked 2026-08).
    let needs_job = filters.contains(&Filter::EveryCall) && available_utc < range.end_utc;
    Some(if needs_job {
        available_utc.min(settled_utc)
    } else {
        settled_utc
    })
}

impl Seen {
    /// Keeps the exact request. // S2-09
    fn asked(&mut self, operation: &Operation, ids: &[&str], body: Option<&Value>) {
        let path = ids.iter().fold(operation.path.to_owned(), |path, id| {
            path.replacen("{}", id, 1)
        });
        let body = body.map(|body| format!(" {body}")).unwrap_or_default();
        self.queries.push(PersonalData::new(format!(
            "{} {path}{body}",
            operation.method
        )));
    }

    /// Takes over conversations and gives the ids of those not known before.
    fn absorb(&mut self, conversations: Vec<Value>) -> Vec<String> {
        let mut added = Vec::new();
        for value in conversations {
            match serde_json::from_value::<Conversation>(value) {
                Ok(conversation) => {
                    let id = conversation.conversation_id.clone();
                    if !self.conversations.contains_key(&id) {
                        self.conversations.insert(id.clone(), conversation);
                        added.push(id);
                    }
                }
                Err(_) => self.unreadable += 1,
            }
        }
        added
    }

    /// Fewer conversations than announced means that some were dropped silently. // S0-39
    fn reconcile(&mut self, chunk: TimeRange, queried: &conversations::Queried) {
        let id = |value: &Value| value.get("conversationId").map(Value::to_string);
        let ids: BTreeSet<_> = queried.conversations.iter().filter_map(id).collect();
        let received = ids.len() as u64;
        if let Some(total) = queried.total.filter(|total| *total > received) {
            self.gaps.push(format!(
                "from {} the source announced {total} calls and gave {received}",
                chunk.start_utc
            ));
        }
    }

    /// Notes a part that was not seen; gives back an error that would meet every other request too.
    fn gap_in(&mut self, chunk: TimeRange, error: SourceError) -> Result<(), SourceError> {
        match error {
            SourceError::Cancelled | SourceError::SignIn(_) | SourceError::NotPermitted { .. } => {
                Err(error)
            }
            SourceError::Http(_)
            | SourceError::NotFound { .. }
            | SourceError::Refused { .. }
            | SourceError::Unreadable { .. }
            | SourceError::RepeatedPage { .. }
            | SourceError::Limit { .. }
            | SourceError::SearchJob { .. } => {
                let (start, end) = (chunk.start_utc, chunk.end_utc);
                self.gaps
                    .push(format!("{start} to {end} was not searched: {error}"));
                Ok(())
            }
        }
    }

    /// The conversations that are the data subject's, by our own check.
    fn take_hits(&mut self, criteria: &SearchCriteria, now: Timestamp) -> Vec<Conversation> {
        let conversations = std::mem::take(&mut self.conversations);
        let every_call = query::filters(&criteria.identifiers).contains(&Filter::EveryCall);
        let (mut unproven, mut unchecked) = (0_u32, 0_u32);
        let mut hits = Vec::new();
        for (id, conversation) in conversations {
            if !matching::in_range(&conversation, criteria.range, now) {
                continue;
            }
            let is_hit = !matching::matched_by(&conversation, criteria).is_empty();
            if !is_hit && every_call {
                let bare = !matching::has_attributes(&conversation);
                unchecked += u32::from(bare && self.without_attributes.contains(&id));
            } else if !is_hit {
                unproven += 1;
            } else if matching::has_voice(&conversation)
                && matching::passed_desk(&conversation, criteria)
            {
                hits.push(conversation);
            }
        }
        self.note_counts(unproven, unchecked);
        hits
    }

    fn note_counts(&mut self, unproven: u32, unchecked: u32) {
        if unproven > 0 {
            self.gaps.push(format!(
                "{unproven} calls that the source returned do not show the identifier and were left out; check them by hand"
            ));
        }
        if unchecked > 0 {
            self.gaps.push(format!(
                "{unchecked} recent calls carry no customer number yet; search again after a day"
            ));
        }
    }

    fn into_result(mut self, genesys: &Genesys, found: Vec<FoundRecording>) -> SourceResult {
        if self.unreadable > 0 {
            self.gaps.push(format!(
                "{} entries of the answer could not be read",
                self.unreadable
            ));
        }
        let reason = self.gaps.join("; ");
        let coverage = match (self.gaps.is_empty(), self.answers) {
            (true, _) => Coverage::Complete,
            (false, 0) => Coverage::Failed { reason },
            (false, _) => Coverage::Partial { reason },
        };
        SourceResult {
            source: genesys.id().clone(),
            found,
            coverage,
            queries: self.queries,
            index_complete_until_utc: self.complete_until_utc,
            divisions: self.divisions,
        }
    }
}
