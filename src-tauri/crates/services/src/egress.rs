//! What a job let out, in the audit log: which host was told how much, and what for. // B8

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use connectors::http::{EgressEntry, EgressLedger};
use domain::audit::AuditAction;
use store::{
    Tx,
    rows::{CaseRow, QueuedJob},
};

use crate::{
    api::ApiError,
    app::App,
    record::{self, Draft},
};

/// The ledger of one piece of work; clones share it.
#[derive(Clone, Default)]
pub(crate) struct Egress {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    ledger: EgressLedger,
    /// `search`, `retrieve`, `restore`, `connect`, `gateway` or `export`.
    work: String,
    case: Option<CaseRow>,
    call: Option<u32>,
    /// Whether a transaction took the lines with it.
    appended: AtomicBool,
}

impl Egress {
    /// For the connection of a source.
    pub(crate) fn of_connection(ledger: EgressLedger) -> Self {
        Self::new(Inner {
            ledger,
            work: "connect".to_owned(),
            ..Inner::default()
        })
    }

    /// For one request to the gateway.
    pub(crate) fn of_gateway(ledger: EgressLedger) -> Self {
        Self::new(Inner {
            ledger,
            work: "gateway".to_owned(),
            ..Inner::default()
        })
    }

    /// For a job of a case.
    pub(crate) fn of_job(ledger: EgressLedger, case: &CaseRow, job: &QueuedJob) -> Self {
        Self::new(Inner {
            ledger,
            work: job.kind.clone(),
            case: Some(case.clone()),
            call: job.call,
            ..Inner::default()
        })
    }

    /// For asking after recordings in the archive of a source.
    pub(crate) fn of_restoration(ledger: EgressLedger) -> Self {
        Self::new(Inner {
            ledger,
            work: "restore".to_owned(),
            ..Inner::default()
        })
    }

    /// For work that is about no case, such as an export.
    pub(crate) fn of_work(ledger: EgressLedger, work: &str) -> Self {
        Self::new(Inner {
            ledger,
            work: work.to_owned(),
            ..Inner::default()
        })
    }

    fn new(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Appends one entry for each host and purpose, in the transaction of the work itself.
    ///
    /// # Errors
    /// When the log or the database refuses.
    pub(crate) async fn append(&self, app: &App, tx: &mut Tx) -> Result<(), ApiError> {
        for line in self.inner.ledger.entries() {
            record::append(app, tx, self.draft(app, &line)).await?;
        }
        self.inner.appended.store(true, Ordering::Release);
        Ok(())
    }

    /// Writes the lines of work that failed or had nothing to write, and passes its outcome on.
    ///
    /// # Errors
    /// That of the outcome, or that the log refuses.
    pub(crate) async fn close<T, E: From<ApiError>>(
        &self,
        app: &App,
        outcome: Result<T, E>,
    ) -> Result<T, E> {
        let is_written = outcome.is_ok() && self.inner.appended.load(Ordering::Acquire);
        if is_written || self.inner.ledger.entries().is_empty() {
            return outcome;
        }
        let written = self.write(app).await;
        let value = outcome?;
        written?;
        Ok(value)
    }

    /// Writes the lines of work that failed; work that goes on writes them later.
    ///
    /// # Errors
    /// That of the outcome.
    pub(crate) async fn close_failed<T, E: From<ApiError>>(
        &self,
        app: &App,
        outcome: Result<T, E>,
    ) -> Result<T, E> {
        match outcome {
            Ok(value) => Ok(value),
            failed => self.close(app, failed).await,
        }
    }

    async fn write(&self, app: &App) -> Result<(), ApiError> {
        let mut tx = app.store().begin().await?;
        self.append(app, &mut tx).await?;
        Ok(tx.commit().await?)
    }

    fn draft(&self, app: &App, line: &EgressEntry) -> Draft {
        let Inner {
            work, case, call, ..
        } = self.inner.as_ref();
        let mut draft = Draft::new(AuditAction::Egress, app.service())
            .detail("work", work)
            .detail("host", &line.host)
            .detail("purpose", line.purpose.name())
            .detail("requests", line.requests)
            .detail("sentBytes", line.sent_bytes)
            .detail("receivedBytes", line.received_bytes);
        if let Some(case) = case {
            draft = draft.case(case);
        }
        match call {
            Some(call) => draft.detail("call", call),
            None => draft,
        }
    }
}
