//! The asynchronous search job: create, wait, read its pages.

use std::{collections::HashSet, time::Duration};

use reqwest::Method;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    Genesys,
    api::{Arguments, Operation, parse},
    model::{Availability, ConversationPage, JobCreated, JobStatus},
};
use crate::{
    http::{Purpose, pause},
    source::SourceError,
};

const PERMISSION: &str = "analytics:conversationDetail:view";

// Genesys: data before this date is complete (API reference section 4.4, step 1, checked 2026-08).
const AVAILABILITY: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/analytics/conversations/details/jobs/availability",
    name: "GET /api/v2/analytics/conversations/details/jobs/availability",
    permission: PERMISSION,
    purpose: Purpose::Search,
};

// Genesys: answers 202 with a job id; a second job does no harm (API reference section 4.4, step 2, checked 2026-08).
pub(super) const CREATE: Operation = Operation {
    method: Method::POST,
    path: "/api/v2/analytics/conversations/details/jobs",
    name: "POST /api/v2/analytics/conversations/details/jobs",
    permission: PERMISSION,
    purpose: Purpose::Search,
};

// Genesys: answers 200 or 202 (API reference section 4.4, step 3, checked 2026-08).
const STATUS: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/analytics/conversations/details/jobs/{}",
    name: "GET /api/v2/analytics/conversations/details/jobs/{jobId}",
    permission: PERMISSION,
    purpose: Purpose::Search,
};

// Genesys: the last page has no cursor (API reference section 4.4, step 4, checked 2026-08).
pub(super) const RESULTS: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/analytics/conversations/details/jobs/{}/results",
    name: "GET /api/v2/analytics/conversations/details/jobs/{jobId}/results",
    permission: PERMISSION,
    purpose: Purpose::Search,
};

// Genesys: removes the job's results (API reference section 4.4, step 5, checked 2026-08).
const DELETE: Operation = Operation {
    method: Method::DELETE,
    path: "/api/v2/analytics/conversations/details/jobs/{}",
    name: "DELETE /api/v2/analytics/conversations/details/jobs/{jobId}",
    permission: PERMISSION,
    purpose: Purpose::Search,
};

/// Conversations asked for in one page. // S0-38
pub(super) const PAGE_SIZE: u32 = 100;

/// Pages read of one search: a million conversations, far above any month of one organization's calls with a filter.
pub(super) const MAX_PAGES: u32 = 10_000;

impl Genesys {
    /// Until when the job's answer is complete.
    pub(super) async fn availability(
        &self,
        cancel: &CancellationToken,
    ) -> Result<Option<jiff::Timestamp>, SourceError> {
        let answer: Availability = self
            .read(&AVAILABILITY, Arguments::default(), cancel)
            .await?;
        Ok(answer.data_availability_date)
    }

    /// Runs one job and hands over its conversations page by page, as they came.
    pub(super) async fn run_job(
        &self,
        body: &Value,
        each_page: &mut (dyn FnMut(Vec<Value>) + Send),
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let arguments = Arguments {
            body: Some(body),
            ..Arguments::default()
        };
        let job: JobCreated = self.read(&CREATE, arguments, cancel).await?;
        let read = match self.wait_for(&job.job_id, cancel).await {
            Ok(()) => self.results(&job.job_id, each_page, cancel).await,
            Err(error) => Err(error),
        };
        self.clean_up(&job.job_id, cancel).await;
        read
    }

    async fn wait_for(&self, job_id: &str, cancel: &CancellationToken) -> Result<(), SourceError> {
        let polling = self.config.polling;
        let give_up_at = Instant::now() + polling.search_budget;
        let mut wait = polling.min.min(Duration::from_secs(1));
        loop {
            let arguments = Arguments {
                ids: &[job_id],
                ..Arguments::default()
            };
            let answer = self.call(&STATUS, arguments, cancel).await?;
            let state = job_state(&answer.body)?;
            match state.as_str() {
                "FULFILLED" => return Ok(()),
                "FAILED" | "CANCELLED" | "EXPIRED" => {
                    return Err(SourceError::SearchJob { state });
                }
                // QUEUED, PENDING, and whatever is invented next.
                _ if Instant::now() + wait > give_up_at => {
                    let state = format!("{state} after {} s", polling.search_budget.as_secs());
                    return Err(SourceError::SearchJob { state });
                }
                _ => pause(wait, cancel).await?,
            }
            wait = (wait * 2).min(polling.max);
        }
    }

    async fn results(
        &self,
        job_id: &str,
        each_page: &mut (dyn FnMut(Vec<Value>) + Send),
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let mut seen = HashSet::new();
        let mut cursor: Option<String> = None;
        let mut size = PAGE_SIZE;
        for _ in 0..MAX_PAGES {
            let page = self
                .results_page(job_id, &mut size, cursor.as_deref(), cancel)
                .await?;
            each_page(page.conversations.unwrap_or_default());
            // Cursors are opaque: passed back as they came. // S0-34
            let Some(next) = page.cursor.filter(|it| !it.is_empty()) else {
                return Ok(());
            };
            // S0-35
            if !seen.insert(next.clone()) {
                return Err(SourceError::RepeatedPage {
                    operation: RESULTS.name,
                });
            }
            cursor = Some(next);
        }
        let limit = u64::from(MAX_PAGES);
        Err(SourceError::Limit {
            operation: RESULTS.name,
            what: "pages",
            limit,
        })
    }

    /// Reads a page; asks for a smaller one when the source cannot build it.
    async fn results_page(
        &self,
        job_id: &str,
        size: &mut u32,
        cursor: Option<&str>,
        cancel: &CancellationToken,
    ) -> Result<ConversationPage, SourceError> {
        loop {
            let size_text = size.to_string();
            let mut query = vec![("pageSize", size_text.as_str())];
            query.extend(cursor.map(|cursor| ("cursor", cursor)));
            let arguments = Arguments {
                ids: &[job_id],
                query: &query,
                body: None,
            };
            match self.read(&RESULTS, arguments, cancel).await {
                Err(SourceError::Refused { code, .. }) if *size > 1 && is_too_large(&code) => {
                    *size /= 2;
                }
                page => return page,
            }
        }
    }

    /// Leaves no copy of the answer on the platform. It would expire by itself, so a failure is no failure.
    async fn clean_up(&self, job_id: &str, cancel: &CancellationToken) {
        let arguments = Arguments {
            ids: &[job_id],
            ..Arguments::default()
        };
        if let Err(error) = self.call(&DELETE, arguments, cancel).await {
            tracing::debug!(%error, "the search job was not removed");
        }
    }
}

/// A 202 may come without a body, and means that the job still runs.
fn job_state(body: &[u8]) -> Result<String, SourceError> {
    if body.is_empty() {
        return Ok("PENDING".to_owned());
    }
    let status: JobStatus = parse(&STATUS, body)?;
    Ok(status.state.unwrap_or_else(|| "PENDING".to_owned()))
}

// Genesys: `response.entity.too.large`: reduce the page size (API reference section 3.1, checked 2026-08).
fn is_too_large(code: &str) -> bool {
    matches!(code, "response.entity.too.large" | "payload.too.large")
}
