//! The last minutes, which the index may not show yet: asking again until it has caught up. // S0-41…S0-43

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::{Genesys, model::Conversation};
use crate::{
    http::{Cancelled, IndexRetry, pause},
    source::SourceError,
};

/// Calls younger than this may not be in the index yet. // S0-41
const INDEX_LAG: SignedDuration = SignedDuration::from_secs(300);

/// Until when the index shows every call.
pub(super) fn settled_until(now: Timestamp) -> Timestamp {
    now.saturating_sub(INDEX_LAG).unwrap_or(now)
}

/// Counts the answers to one question.
pub(super) struct IndexRetries {
    policy: IndexRetry,
    answers: u32,
    /// Whether what was asked for reaches into the last minutes.
    is_recent: bool,
}

impl IndexRetries {
    /// For a question about calls up to `until_utc`.
    pub(super) fn new(policy: IndexRetry, until_utc: Timestamp, now: Timestamp) -> Self {
        Self {
            policy,
            answers: 0,
            is_recent: until_utc > settled_until(now),
        }
    }

    /// Waits after an answer that may not be the last word, and says whether to ask again.
    ///
    /// # Errors
    /// When cancelled meanwhile.
    pub(super) async fn wait(&mut self, cancel: &CancellationToken) -> Result<bool, Cancelled> {
        self.answers += 1;
        let wait = self.policy.wait(self.answers).filter(|_| self.is_recent);
        let Some(wait) = wait else { return Ok(false) };
        tracing::debug!(
            again = self.answers,
            ?wait,
            "the index may lag; asking again"
        );
        pause(wait, cancel).await?;
        Ok(true)
    }
}

impl Genesys {
    /// The recordings of a hit. A call that has just ended may be in the index before its recordings are listed.
    // Genesys: `recordingmetadata` may lag after the call ends (API reference pitfall 13, checked 2026-08).
    pub(super) async fn settled_recordings(
        &self,
        hit: &Conversation,
        now: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Vec<serde_json::Value>, SourceError> {
        let ended_utc = hit.conversation_end.unwrap_or(now);
        let mut retries = IndexRetries::new(self.http.index_retry(), ended_utc, now);
        loop {
            let listed = self.recordings(&hit.conversation_id, cancel).await?;
            if !listed.is_empty() || !retries.wait(cancel).await? {
                return Ok(listed);
            }
        }
    }
}
