//! From identifiers to recordings: one search for each, read page by page. // S0-33…S0-39

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ids::{ConversationId, RecordingId},
    search::{Coverage, FoundRecording, Identifier, SearchCriteria, SourceResult},
    sensitive::PersonalData,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    Gateway,
    answer::{CoverageOf, Found, Page, media_state},
};
use crate::{http::Purpose, source::SourceError};

const SEARCH: &str = "search of the gateway";
/// S0-38
const PAGE_SIZE: u32 = 100;
/// A million recordings; the gateway gives up long before.
const MAX_PAGES: u64 = 10_000;

/// What was seen so far.
#[derive(Default)]
struct Seen {
    found: BTreeMap<RecordingId, FoundRecording>,
    queries: Vec<PersonalData<String>>,
    gaps: BTreeSet<String>,
    answers: u32,
    complete_until: Option<Timestamp>,
}

impl Gateway {
    pub(crate) async fn search(
        &self,
        criteria: &SearchCriteria,
        cancel: &CancellationToken,
    ) -> SourceResult {
        let mut seen = Seen::default();
        for identifier in &criteria.identifiers {
            if let Err(error) = self.see(&mut seen, criteria, identifier, cancel).await {
                seen.gaps.insert(format!("the search stopped: {error}"));
                break;
            }
        }
        let reason = seen.gaps.into_iter().collect::<Vec<_>>().join("; ");
        let mut found: Vec<_> = seen.found.into_values().collect();
        found.sort_by_key(|it| (it.start_utc, it.recording.clone()));
        SourceResult {
            source: self.id().clone(),
            found,
            coverage: match (reason.is_empty(), seen.answers) {
                (true, _) => Coverage::Complete,
                (false, 0) => Coverage::Failed { reason },
                (false, _) => Coverage::Partial { reason },
            },
            queries: seen.queries,
            index_complete_until_utc: seen.complete_until,
            divisions: Vec::new(),
        }
    }

    async fn see(
        &self,
        seen: &mut Seen,
        criteria: &SearchCriteria,
        identifier: &Identifier,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let url = self.address(&["api", "v2", "recordings", "recordings", "search"])?;
        let Some(mut body) = body(criteria, identifier) else {
            let gap = "a gateway is asked about somebody, never for every call";
            seen.gaps.insert(gap.to_owned());
            return Ok(());
        };
        seen.queries
            .push(PersonalData::new(format!("POST {} {body}", url.path())));
        let mut places = BTreeSet::new();
        let mut received = 0;
        for _ in 0..MAX_PAGES {
            let page: Page = self
                .ask(SEARCH, url.clone(), &body, Purpose::Search, cancel)
                .await?;
            received += page.recordings.len() as u64;
            if body["after"].is_null() {
                page.coverage.iter().for_each(|it| seen.cover(it));
            }
            for entry in &page.recordings {
                seen.keep(self, entry, identifier.kind());
            }
            let Some(after) = page.after else {
                // S0-39
                if page.total.is_some_and(|total| total != received) {
                    seen.gaps
                        .insert("the gateway announced another number than it gave".to_owned());
                }
                seen.answers += 1;
                return Ok(());
            };
            // S0-35
            if !places.insert(after.clone()) {
                return Err(SourceError::RepeatedPage { operation: SEARCH });
            }
            // S0-34
            body["after"] = after.into();
        }
        Err(SourceError::Limit {
            operation: SEARCH,
            what: "pages",
            limit: MAX_PAGES,
        })
    }
}

impl Seen {
    fn cover(&mut self, coverage: &CoverageOf) {
        if coverage.state != "complete" {
            let reason = coverage.reason.as_deref().unwrap_or("it does not say why");
            self.gaps.insert(format!(
                "`{}` behind the gateway: {reason}",
                coverage.source
            ));
        }
        self.complete_until = match (self.complete_until, coverage.index_complete_until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    /// A recording that two identifiers find is one recording.
    fn keep(&mut self, gateway: &Gateway, entry: &Found, kind: &'static str) {
        let ids = RecordingId::new(entry.id.clone()).ok();
        let ids = ids.zip(ConversationId::new(entry.conversation_id.clone()).ok());
        let Some((recording, conversation)) = ids else {
            self.gaps
                .insert("an entry of the gateway has no usable id".to_owned());
            return;
        };
        let found = self
            .found
            .entry(recording.clone())
            .or_insert_with(|| FoundRecording {
                source: gateway.id().clone(),
                conversation,
                recording,
                communication: None,
                start_utc: entry.start_time,
                end_utc: entry.end_time,
                agents: entry
                    .agents
                    .iter()
                    .cloned()
                    .map(PersonalData::new)
                    .collect(),
                participants: Vec::new(),
                queues: entry.queues.clone(),
                media_state: media_state(&entry.media_state),
                retention_ends_utc: entry.retention_expiry,
                region: entry.region.clone(),
                matched_by: Vec::new(),
            });
        if !found.matched_by.contains(&kind) {
            found.matched_by.push(kind);
        }
    }
}

/// What the gateway is asked; `None` for what it cannot be asked.
fn body(criteria: &SearchCriteria, identifier: &Identifier) -> Option<Value> {
    let (field, value) = match identifier {
        Identifier::Phone(number) => ("callFrom", number.reveal().as_str()),
        Identifier::CustomerId(id) => ("customerId", id.reveal().as_str()),
        Identifier::ExternalContact(id) => ("externalContactId", id.reveal().as_str()),
        Identifier::Conversation(id) => ("conversationId", id.as_str()),
        Identifier::Anyone => return None,
    };
    let clause = |field: &str, value: &str| json!({"field": field, "op": "EQUALS", "value": value});
    let mut clauses = vec![clause(field, value)];
    clauses.extend(criteria.agent_id.as_ref().map(|id| clause("agentId", id)));
    clauses.extend(criteria.queue_id.as_ref().map(|id| clause("queueId", id)));
    Some(json!({
        "pageSize": PAGE_SIZE,
        "after": null,
        "query": {
            "dateRange": {
                "startDate": format!("{:.3}", criteria.range.start_utc),
                "endDate": format!("{:.3}", criteria.range.end_utc),
            },
            "filter": {"type": "AND", "clauses": clauses},
        },
        "orderDirection": "ASC",
    }))
}
