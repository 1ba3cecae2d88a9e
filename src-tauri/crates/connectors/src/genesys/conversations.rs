//! The synchronous query: the last days, which a job does not promise yet.

use domain::{search::SearchCriteria, time_range::TimeRange};
use reqwest::Method;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    Genesys,
    api::{Arguments, Operation},
    job::{MAX_PAGES, PAGE_SIZE},
    model::ConversationPage,
    query::{self, Filter, Page},
};
use crate::{http::Purpose, source::SourceError};

// Genesys: pages by number, no next link; stop at `totalHits` or an empty page (API reference section 4.3, checked 2026-08).
pub(super) const QUERY: Operation = Operation {
    method: Method::POST,
    path: "/api/v2/analytics/conversations/details/query",
    name: "POST /api/v2/analytics/conversations/details/query",
    permission: "analytics:conversationDetail:view",
    purpose: Purpose::Search,
};

/// Conversations as they came, and how many the source says there are.
pub(super) struct Queried {
    pub(super) conversations: Vec<Value>,
    pub(super) total: Option<u64>,
}

impl Genesys {
    /// Reads all pages of one query.
    pub(super) async fn query_all(
        &self,
        criteria: &SearchCriteria,
        filter: Filter,
        chunk: TimeRange,
        cancel: &CancellationToken,
    ) -> Result<Queried, SourceError> {
        let mut queried = Queried {
            conversations: Vec::new(),
            total: None,
        };
        for number in 1..=MAX_PAGES {
            let page = Page {
                size: PAGE_SIZE,
                number,
            };
            let body = query::page_body(criteria, filter, chunk, page);
            let arguments = Arguments {
                body: Some(&body),
                ..Arguments::default()
            };
            let answer: ConversationPage = self.read(&QUERY, arguments, cancel).await?;
            let conversations = answer.conversations.unwrap_or_default();
            queried.total = answer.total_hits.or(queried.total);
            let is_last = conversations.is_empty();
            queried.conversations.extend(conversations);
            let read = u64::from(number) * u64::from(PAGE_SIZE);
            if is_last || queried.total.is_some_and(|total| read >= total) {
                return Ok(queried);
            }
        }
        let limit = u64::from(MAX_PAGES);
        Err(SourceError::Limit {
            operation: QUERY.name,
            what: "pages",
            limit,
        })
    }
}
