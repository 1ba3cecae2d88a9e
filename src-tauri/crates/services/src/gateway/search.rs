//! Searches over every source of a tenant, in pages that do not move while they are read. // S0-33…S0-36, S2-17…S2-19

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use connectors::{
    locate::Place,
    overlap::{Located, each_call_once},
};
use domain::{
    audit::AuditAction,
    search::{Coverage, FoundRecording, SourceResult},
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{
    Gateway,
    clients::Scope,
    error::{Code, GatewayError},
    internal,
    journal::{self, OnRecord},
    lock,
    mapped::{Origin, state_name},
    query::{Direction, Wanted},
    sync::is_near,
    tokens::Caller,
};
use crate::{
    api::ApiError,
    record::{self, Draft},
};

/// Searches of the platform run as jobs that take minutes; nobody waits longer.
const SEARCH_BUDGET: Duration = Duration::from_secs(5 * 60);
/// How long a list can be read on.
const LIST_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// Lists kept at a time; the oldest goes first.
const MAX_LISTS: usize = 64;
/// Recordings of one search; more than one person's calls of many years.
const MAX_HITS: usize = 50_000;

/// One page. // S0-33
#[derive(Debug, Clone)]
pub struct Page {
    /// The recordings.
    pub recordings: Vec<FoundView>,
    /// How many there are in all. // S0-39
    pub total: usize,
    /// The place of the next page; nothing on the last. // S0-35
    pub after: Option<String>,
    /// What every source has seen. // S0-40
    pub coverage: Vec<CoverageView>,
}

/// A recording as found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the fields are named after those of the domain"
)]
pub struct FoundView {
    /// Our id; good in every request.
    pub id: String,
    pub conversation_id: String,
    pub recording_id: String,
    pub source: String,
    pub origin: Origin,
    pub media_type: &'static str,
    pub media_state: &'static str,
    pub start_time: String,
    pub end_time: Option<String>,
    /// When the source deletes it, where it says so. // S1-32
    pub retention_expiry: Option<String>,
    pub region: Option<String>,
    pub agents: Vec<String>,
    pub queues: Vec<String>,
    pub matched_by: Vec<&'static str>,
    /// Other systems that have the same call. // S1-22
    pub also_at: Vec<OtherPlace>,
}

/// Another place of the same call.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the fields are named after those of the domain"
)]
pub struct OtherPlace {
    pub conversation_id: String,
    pub recording_id: String,
    pub source: String,
}

/// How much a source has seen.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CoverageView {
    /// The source.
    pub source: String,
    /// `complete`, `partial` or `failed`.
    pub state: &'static str,
    /// What is missing and why.
    pub reason: Option<String>,
    /// Calls after this instant may be missing. // S0-41
    pub index_complete_until: Option<String>,
}

/// Lists that are being read.
#[derive(Default)]
pub(super) struct SearchBook(Mutex<HashMap<String, List>>);

#[derive(Clone)]
struct List {
    client: String,
    tenant: String,
    digest: String,
    recordings: Arc<Vec<FoundView>>,
    coverage: Vec<CoverageView>,
    ends_at_utc: Timestamp,
}

impl SearchBook {
    fn keep(&self, id: String, list: List, now: Timestamp) {
        let mut lists = lock(&self.0);
        lists.retain(|_, it| it.ends_at_utc > now);
        while lists.len() >= MAX_LISTS {
            let oldest = lists.iter().min_by_key(|(_, it)| it.ends_at_utc);
            let Some(oldest) = oldest.map(|(id, _)| id.clone()) else {
                break;
            };
            lists.remove(&oldest);
        }
        lists.insert(id, list);
    }

    fn find(&self, id: &str, now: Timestamp) -> Option<List> {
        lock(&self.0)
            .get(id)
            .filter(|it| it.ends_at_utc > now)
            .cloned()
    }
}

impl Gateway {
    /// The first page of a search, or the one at `after`.
    ///
    /// # Errors
    /// Every refusal that `/openapi.json` lists for the route.
    pub async fn search(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        after: Option<&str>,
        page_size: usize,
        correlation: &str,
    ) -> Result<Page, GatewayError> {
        caller.may(Scope::Search)?;
        if let Some(after) = after {
            return self.next_page(caller, wanted, after, page_size);
        }
        let slot = self.inner.search_slots.try_take(&caller.tenant);
        let _slot = slot.ok_or_else(|| GatewayError::new(Code::TooManyRequests))?;
        let list = self.run_search(caller, wanted, correlation).await?;
        let id = uuid::Uuid::new_v4().simple().to_string();
        let page = page(&id, &list, 0, page_size);
        if page.after.is_some() {
            self.inner.searches.keep(id, list, self.now());
        }
        Ok(page)
    }

    fn next_page(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        after: &str,
        page_size: usize,
    ) -> Result<Page, GatewayError> {
        let unknown = || GatewayError::new(Code::InvalidCursor);
        let (id, from) = after.split_once('.').ok_or_else(unknown)?;
        let from: usize = from.parse().map_err(|_| unknown())?;
        let list = self
            .inner
            .searches
            .find(id, self.now())
            .ok_or_else(unknown)?;
        let is_same = list.client == caller.client
            && list.tenant == caller.tenant
            && list.digest == wanted.digest;
        if !is_same || from == 0 || from >= list.recordings.len() {
            return Err(unknown());
        }
        Ok(page(id, &list, from, page_size))
    }

    async fn run_search(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        correlation: &str,
    ) -> Result<List, GatewayError> {
        let cancel = self.inner.stop.child_token();
        let _ends_with_the_request = cancel.clone().drop_guard();
        let sources = self.sources(&caller.tenant).iter();
        let counted: Vec<_> = sources.map(|it| it.source.counted()).collect();
        let mut on_record = OnRecord::new(self, counted.iter().map(|(_, ledger)| ledger));
        on_record.given_up(asked(caller, wanted, correlation).detail("outcome", "unanswered"));
        let searches = counted
            .iter()
            .map(|(source, _)| source.search(&wanted.criteria, &cancel));
        let answers = tokio::time::timeout(SEARCH_BUDGET, join_all(searches)).await;
        let results = answers.map_err(|_| GatewayError::new(Code::SourceUnavailable))?;
        let failed = |it: &SourceResult| matches!(it.coverage, Coverage::Failed { .. });
        let calls = each_call_once(&results);
        if calls.len() > MAX_HITS {
            let why = "it finds too many recordings; narrow the range";
            return Err(GatewayError::because(Code::InvalidRequest, why));
        }
        let ids = self
            .record_search(caller, wanted, &calls, &results, on_record, correlation)
            .await;
        let ids = ids.map_err(internal)?;
        if calls.is_empty() && results.iter().any(failed) {
            return Err(GatewayError::new(Code::SourceUnavailable));
        }
        let mut recordings: Vec<_> = calls
            .iter()
            .zip(ids)
            .map(|it| self.found(caller, it))
            .collect();
        if wanted.direction == Direction::Desc {
            recordings.reverse();
        }
        let life = self.now().saturating_add(LIST_LIFE);
        Ok(List {
            client: caller.client.clone(),
            tenant: caller.tenant.clone(),
            digest: wanted.digest.clone(),
            recordings: Arc::new(recordings),
            coverage: results.iter().map(coverage).collect(),
            ends_at_utc: life.unwrap_or(Timestamp::MAX),
        })
    }

    /// What was seen goes to the mapping, what was asked to the log. Gives our ids of the calls. // S1-12, S2-09
    async fn record_search(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        calls: &[Located],
        results: &[SourceResult],
        on_record: OnRecord,
        correlation: &str,
    ) -> Result<Vec<String>, ApiError> {
        let mut tx = self.app().store().begin().await?;
        let mut ids = Vec::new();
        for call in calls {
            let (sure, unsure): (Vec<_>, Vec<_>) = call
                .places()
                .partition(|place| is_surely(place, &call.chosen, results));
            let places: Vec<_> = sure.into_iter().map(Place::from).collect();
            let places: Vec<_> = places.iter().collect();
            ids.push(self.put_call(&mut tx, &caller.tenant, &places).await?);
            for place in unsure.into_iter().map(Place::from) {
                self.put_call(&mut tx, &caller.tenant, &[&place]).await?;
            }
        }
        let partial = results
            .iter()
            .filter(|it| it.coverage != Coverage::Complete);
        let partial: Vec<_> = partial.map(|it| it.source.to_string()).collect();
        let entry = asked(caller, wanted, correlation)
            .detail("outcome", "answered")
            .detail("found", calls.len())
            .detail("notComplete", partial.join(" "));
        record::append(self.app(), &mut tx, entry).await?;
        for egress in on_record.take() {
            egress.append(self.app(), &mut tx).await?;
        }
        tx.commit().await?;
        Ok(ids)
    }

    fn found(&self, caller: &Caller, (call, id): (&Located, String)) -> FoundView {
        let chosen = &call.chosen;
        let kind = self
            .source(&caller.tenant, chosen.source.as_str())
            .map(|it| &it.kind);
        let is_platform = kind.is_some_and(|kind| kind.system == super::GENESYS);
        FoundView {
            id,
            conversation_id: chosen.conversation.to_string(),
            recording_id: chosen.recording.to_string(),
            source: chosen.source.to_string(),
            origin: if is_platform {
                Origin::GenesysCloud
            } else {
                Origin::LegacyArchive
            },
            media_type: "voice",
            media_state: state_name(chosen.media_state),
            start_time: format!("{:.3}", chosen.start_utc),
            end_time: chosen.end_utc.map(|at| format!("{at:.3}")),
            retention_expiry: chosen.retention_ends_utc.map(|at| format!("{at:.0}")),
            region: chosen.region.clone(),
            agents: chosen.agents.iter().map(|it| it.reveal().clone()).collect(),
            queues: chosen.queues.clone(),
            matched_by: chosen.matched_by.clone(),
            also_at: call.also_at.iter().map(other).collect(),
        }
    }
}

/// What was asked, in kinds and times.
fn asked(caller: &Caller, wanted: &Wanted, correlation: &str) -> Draft {
    let criteria = &wanted.criteria;
    let kinds: Vec<_> = criteria.identifiers.iter().map(|it| it.kind()).collect();
    journal::entry(AuditAction::GatewaySearched, caller, correlation)
        .detail("identifiers", kinds.join(" "))
        .detail("from", criteria.range.start_utc)
        .detail("to", criteria.range.end_utc)
}

/// Whether two recordings are of one call beyond doubt, so that the mapping may say so for good.
///
/// A number can be of many people, such as a hotline, and then calls happen at the same time. Equal times say that
/// two recordings are one call only where no source has another one at that time.
fn is_surely(place: &FoundRecording, chosen: &FoundRecording, results: &[SourceResult]) -> bool {
    if std::ptr::eq(place, chosen) {
        return true;
    }
    let has_one = |result: &SourceResult| {
        let at_once = |it: &&FoundRecording| is_at_once(it, chosen) || is_at_once(it, place);
        result.found.iter().filter(at_once).count() <= 1
    };
    let has_same_id =
        place.conversation == chosen.conversation || place.recording == chosen.recording;
    is_at_once(place, chosen) && (has_same_id || results.iter().all(has_one))
}

fn is_at_once(a: &FoundRecording, b: &FoundRecording) -> bool {
    is_near((a.start_utc, b.start_utc)) && a.end_utc.zip(b.end_utc).is_some_and(is_near)
}

fn other(found: &FoundRecording) -> OtherPlace {
    OtherPlace {
        conversation_id: found.conversation.to_string(),
        recording_id: found.recording.to_string(),
        source: found.source.to_string(),
    }
}

fn coverage(result: &SourceResult) -> CoverageView {
    let (state, reason) = match &result.coverage {
        Coverage::Complete => ("complete", None),
        Coverage::Partial { reason } => ("partial", Some(reason.clone())),
        Coverage::Failed { reason } => ("failed", Some(reason.clone())),
    };
    CoverageView {
        source: result.source.to_string(),
        state,
        reason,
        index_complete_until: result.index_complete_until_utc.map(|at| format!("{at:.3}")),
    }
}

fn page(id: &str, list: &List, from: usize, size: usize) -> Page {
    let total = list.recordings.len();
    let end = from.saturating_add(size).min(total);
    Page {
        recordings: list.recordings.get(from..end).unwrap_or_default().to_vec(),
        total,
        after: (end < total).then(|| format!("{id}.{end}")),
        coverage: list.coverage.clone(),
    }
}
