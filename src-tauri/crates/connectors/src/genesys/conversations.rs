//! The synchronous query: the last days, which a job does not promise yet.

use std::collections::HashSet;

use domain::time_range::TimeRange;
use reqwest::Method;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    Genesys,
    api::{Arguments, Operation},
    job::{MAX_PAGES, PAGE_SIZE},
    model::ConversationPage,
    query::{self, Asked, Filter, Page},
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

/// How many conversations came, against how many the source announced.
pub(super) struct Counted {
    pub(super) received: u64,
    pub(super) announced: Option<u64>,
}

impl Genesys {
    /// Reads all pages of one query and hands over their conversations as they came.
    pub(super) async fn query_all(
        &self,
        asked: Asked<'_>,
        filter: Filter,
        chunk: TimeRange,
        each_page: &mut (dyn FnMut(Vec<Value>) + Send),
        cancel: &CancellationToken,
    ) -> Result<Counted, SourceError> {
        // A page of a live index can repeat what the one before had.
        let mut ids = HashSet::new();
        // When calls leave the index between two pages, others move to places that were read already: the
        // largest number counts, so that a call lost that way is missed. // S0-39
        let mut announced = None;
        for number in 1..=MAX_PAGES {
            let page = Page {
                size: PAGE_SIZE,
                number,
            };
            let body = query::page_body(asked, filter, chunk, page);
            let arguments = Arguments {
                body: Some(&body),
                ..Arguments::default()
            };
            let answer: ConversationPage = self.read(&QUERY, arguments, cancel).await?;
            let conversations = answer.conversations.unwrap_or_default();
            announced = announced.max(answer.total_hits);
            let is_last = conversations.is_empty();
            ids.extend(
                conversations
                    .iter()
                    .filter_map(|it| it["conversationId"].as_str().map(str::to_owned)),
            );
            each_page(conversations);
            let read = u64::from(number) * u64::from(PAGE_SIZE);
            if is_last || announced.is_some_and(|announced| read >= announced) {
                return Ok(Counted {
                    received: ids.len() as u64,
                    announced,
                });
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
