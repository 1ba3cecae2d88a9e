//! Legal hold: retention must not delete what a request is about.

use domain::ids::ConversationId;
use reqwest::Method;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    Genesys,
    api::{Arguments, Operation, parse},
    model::HoldFailures,
};
use crate::{http::Purpose, source::SourceError};

// Genesys: 204, or 200 with the conversations that failed (API reference section 5.7, checked 2026-08).
const fn protect(permission: &'static str) -> Operation {
    Operation {
        method: Method::PUT,
        path: "/api/v2/recordings/deletionprotection",
        name: "PUT /api/v2/recordings/deletionprotection",
        permission,
        purpose: Purpose::Metadata,
    }
}

const PLACE: Operation = protect("recording:deletionProtection:apply");
const RELEASE: Operation = protect("recording:deletionProtection:revoke");

/// Conversations of one request.
// Genesys: at most 100 (API reference section 5.7, checked 2026-08).
const MAX_CONVERSATIONS: usize = 100;

/// What to do with the protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Nothing of these conversations is deleted. Placed at intake.
    Place,
    /// Retention goes on. Released when the case is closed.
    Release,
}

impl Genesys {
    /// Places or releases the hold, and gives the conversations for which it failed.
    ///
    /// # Errors
    /// When the source cannot be asked, or the permission is missing.
    pub async fn hold(
        &self,
        hold: Hold,
        conversations: &[ConversationId],
        cancel: &CancellationToken,
    ) -> Result<Vec<ConversationId>, SourceError> {
        let mut failed = Vec::new();
        let mut parts: Vec<_> = conversations.chunks(MAX_CONVERSATIONS).rev().collect();
        while let Some(part) = parts.pop() {
            match self.hold_part(hold, part, cancel).await {
                Ok(failures) => failed.extend(failures),
                // Genesys: one unknown conversation fails the whole request (API reference section 3.1, checked
                // 2026-08); halving finds it.
                Err(SourceError::NotFound { .. }) if part.len() > 1 => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
                Err(SourceError::NotFound { .. }) => failed.extend_from_slice(part),
                Err(error) => return Err(error),
            }
        }
        Ok(failed)
    }

    async fn hold_part(
        &self,
        hold: Hold,
        part: &[ConversationId],
        cancel: &CancellationToken,
    ) -> Result<Vec<ConversationId>, SourceError> {
        let (operation, protect) = match hold {
            Hold::Place => (&PLACE, "true"),
            Hold::Release => (&RELEASE, "false"),
        };
        let ids: Vec<_> = part.iter().map(ConversationId::as_str).collect();
        let body = json!({ "conversationIds": ids });
        let arguments = Arguments {
            ids: &[],
            query: &[("protect", protect)],
            body: Some(&body),
        };
        let answer = self.call(operation, arguments, cancel).await?;
        if answer.body.is_empty() {
            return Ok(Vec::new());
        }
        let failures: HoldFailures = parse(operation, &answer.body)?;
        let is_failed = |id: &&ConversationId| failures.name(id.as_str());
        Ok(part.iter().filter(is_failed).cloned().collect())
    }
}
