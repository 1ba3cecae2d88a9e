//! What the audit log says about the gateway: who asked, for which recording, and how it ended. // S1-26
//!
//! References are not written down: callers can put a customer's number into one. Our own id is.

use connectors::http::EgressLedger;
use domain::{audit::AuditAction, digest::Sha256Digest};

use super::{Gateway, error::GatewayError, internal, part::Part, stream::Sent, tokens::Caller};
use crate::{
    api::ApiError,
    egress::Egress,
    record::{self, Draft},
};

/// Writes one entry.
pub(super) async fn write(gateway: &Gateway, entry: Draft) -> Result<(), ApiError> {
    let mut tx = gateway.app().store().begin().await?;
    record::append(gateway.app(), &mut tx, entry).await?;
    Ok(tx.commit().await?)
}

/// The beginning of an entry about a request.
pub(super) fn entry(action: AuditAction, caller: &Caller, correlation: &str) -> Draft {
    Draft::new(action, caller.actor())
        .correlation(correlation)
        .detail("tenant", &caller.tenant)
}

/// Writes a refusal that an auditor wants to see. `why` is a fixed word.
pub(super) async fn denied(
    gateway: &Gateway,
    caller: &Caller,
    why: &str,
    correlation: &str,
) -> Result<(), GatewayError> {
    gateway.inner.metrics.denied();
    let entry = entry(AuditAction::GatewayDenied, caller, correlation).detail("reason", why);
    write(gateway, entry).await.map_err(internal)
}

/// Writes what a request let out, if anything.
pub(super) async fn egress(gateway: &Gateway, egress: &Egress) -> Result<(), GatewayError> {
    let done: Result<(), ApiError> = egress.close(gateway.app(), Ok(())).await;
    done.map_err(internal)
}

/// Traffic that goes on record however the request ends: its caller can hang up, and its time can be over. // B8
pub(super) struct OnRecord {
    gateway: Gateway,
    egress: Vec<Egress>,
    /// What the log says when nobody waits for the answer any more.
    given_up: Option<Draft>,
}

impl OnRecord {
    /// Before the first byte goes out.
    pub(super) fn new<'l>(
        gateway: &Gateway,
        ledgers: impl IntoIterator<Item = &'l EgressLedger>,
    ) -> Self {
        let of_gateway = |ledger: &EgressLedger| Egress::of_gateway(ledger.clone());
        Self {
            gateway: gateway.clone(),
            egress: ledgers.into_iter().map(of_gateway).collect(),
            given_up: None,
        }
    }

    /// What is written when the request ends before its answer.
    pub(super) fn given_up(&mut self, entry: Draft) {
        self.given_up = Some(entry);
    }

    /// Gives what is to be written to whoever writes it now.
    pub(super) fn take(mut self) -> Vec<Egress> {
        self.given_up = None;
        std::mem::take(&mut self.egress)
    }
}

impl Drop for OnRecord {
    fn drop(&mut self) {
        if let Some(entry) = self.given_up.take() {
            let gateway = self.gateway.clone();
            self.gateway.inner.tasks.spawn(async move {
                if write(&gateway, entry).await.is_err() {
                    tracing::error!("a search that was given up could not be written to the log");
                }
            });
        }
        for lines in std::mem::take(&mut self.egress) {
            let gateway = self.gateway.clone();
            self.gateway.inner.tasks.spawn(async move {
                if egress(&gateway, &lines).await.is_err() {
                    tracing::error!("the traffic of a request could not be written to the log");
                }
            });
        }
    }
}

/// How a retrieval ended.
pub(super) enum End<'e> {
    /// Every byte was handed over, or is in the cache.
    Whole { sha256: Sha256Digest, bytes: u64 },
    /// Every byte of a part was.
    Part { part: Part },
    /// Not every byte was, and why.
    Broken { why: &'e str },
}

impl<'e> End<'e> {
    pub(super) fn of(sent: &'e Result<Sent, String>) -> Self {
        match sent {
            Ok(Sent {
                part: Some(part), ..
            }) => Self::Part { part: *part },
            Ok(sent) => Self::Whole {
                sha256: sent.sha256,
                bytes: sent.bytes,
            },
            Err(why) => Self::Broken { why },
        }
    }
}

/// Writes the end of a retrieval, with the traffic it caused.
pub(super) async fn ended(
    gateway: &Gateway,
    start: Draft,
    end: End<'_>,
    egress: &Egress,
) -> Result<(), ApiError> {
    let entry = match end {
        End::Whole { sha256, bytes } => start
            .file(sha256)
            .detail("outcome", "complete")
            .detail("bytes", bytes),
        End::Part { part } => start
            .detail("outcome", "part")
            .detail("range", part.content_range())
            .detail("bytes", part.length()),
        End::Broken { why } => start.detail("outcome", why),
    };
    let mut tx = gateway.app().store().begin().await?;
    record::append(gateway.app(), &mut tx, entry).await?;
    egress.append(gateway.app(), &mut tx).await?;
    Ok(tx.commit().await?)
}
