//! Retrievals from slow sources: a job at once, its media in the encrypted cache. // S1-45…S1-47, S0-89

use std::{io, time::Duration};

use bytes::{Bytes, BytesMut};
use connectors::source::{FetchError, MediaSink};
use domain::audit::AuditAction;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::{GatewayJobRow, MappingRow};

use super::{
    Gateway,
    cached::{Brought, CACHE, failure},
    clients::Scope,
    error::{Code, GatewayError},
    internal, journal,
    mapped::MappedCall,
    reference::Reference,
    retrieve::{self, Ask, Format},
    stream::content_type,
    tokens::Caller,
};
use crate::{
    api::ApiError,
    egress::Egress,
    record,
    sink::{Sealed, VaultSink},
};

/// Retrievals of one tenant that may wait: beyond it something calls in a loop.
const MAX_WAITING_JOBS: usize = 500;
/// Longest retrieval, the wait for its turn not counted.
const JOB_BUDGET: Duration = Duration::from_secs(2 * 60 * 60);
/// How long a failure is remembered: a caller that polls learns of it, one that asks later tries again.
const FAILURE_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// Times that all known places turn out to be gone before that is believed.
const MAX_ROUNDS: usize = 3;
/// Bytes that tell what a file is.
const LOOKED_AT: usize = 4_096;

/// A retrieval as its caller sees it. // S1-46
#[derive(Debug, Clone, Serialize)]
pub struct JobView {
    /// 202 while it runs, 200 when the media is there, else the status of its error.
    pub status: u16,
    /// In words.
    pub message: String,
    /// Its id.
    pub job_id: String,
    /// Where to ask again.
    pub poll_endpoint: String,
    /// Where the media is, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_endpoint: Option<String>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<GatewayError>,
}

impl Gateway {
    /// A retrieval by its id; those of other tenants do not exist. // S1-47
    ///
    /// # Errors
    /// When there is none.
    pub async fn job(
        &self,
        caller: &Caller,
        id: &str,
        correlation: &str,
    ) -> Result<JobView, GatewayError> {
        caller.may(Scope::Media)?;
        let job = self.app().store().gateway_job(id).await.map_err(internal)?;
        match job {
            Some(job) if job.tenant == caller.tenant => Ok(self.job_view(&job)),
            Some(_) => {
                journal::denied(self, caller, "another_tenant", correlation).await?;
                Err(GatewayError::new(Code::JobNotFound))
            }
            None => Err(GatewayError::new(Code::JobNotFound)),
        }
    }

    pub(super) fn job_view(&self, job: &GatewayJobRow) -> JobView {
        let error = failure(job);
        let is_done = job.state == "done";
        let call = job.call.as_deref().filter(|_| is_done);
        let (status, message) = match &error {
            Some(error) => (error.code.status(), "Retrieval failed"),
            None if is_done => (200, "Retrieval finished"),
            None => (202, "Retrieval initiated"),
        };
        JobView {
            status,
            message: message.to_owned(),
            poll_endpoint: format!("/api/v1/recordings/status/{}", job.id),
            job_id: job.id.clone(),
            media_endpoint: call
                .map(|id| format!("/api/v2/recordings/{id}/media?format={}", job.format)),
            expires_at: job.expires_at_utc.map(|at| format!("{at:.0}")),
            error,
        }
    }

    /// Starts a retrieval, or gives the one that runs already for the same reference.
    pub(super) async fn start_job(
        &self,
        caller: &Caller,
        ask: &Ask,
    ) -> Result<JobView, GatewayError> {
        let _starting = self.inner.starting.lock().await;
        let store = self.app().store();
        let (reference, format) = (ask.reference.as_str(), ask.format.name());
        let same = store.latest_gateway_job(&caller.tenant, reference, format, self.now());
        if let Some(job) = same
            .await
            .map_err(internal)?
            .filter(|it| it.state == "running")
        {
            return Ok(self.job_view(&job));
        }
        let running = store.gateway_jobs_in("running").await.map_err(internal)?;
        let of_tenant = running.iter().filter(|it| it.tenant == caller.tenant);
        if of_tenant.count() >= MAX_WAITING_JOBS {
            return Err(GatewayError::new(Code::TooManyRequests));
        }
        let job = GatewayJobRow {
            id: format!("job-{}", uuid::Uuid::new_v4().simple()),
            tenant: caller.tenant.clone(),
            client: caller.client.clone(),
            reference: reference.to_owned(),
            format: format.to_owned(),
            state: "running".to_owned(),
            call: None,
            failure_json: None,
            result_json: None,
            blob: None,
            created_at_utc: self.now(),
            finished_at_utc: None,
            expires_at_utc: None,
        };
        let entry = journal::entry(
            AuditAction::GatewayRetrievalStarted,
            caller,
            &ask.correlation,
        );
        let notes = ask.notes.iter();
        let entry = notes.fold(entry, |entry, (name, text)| entry.detail(name, text));
        let mut tx = store.begin().await.map_err(internal)?;
        tx.put_gateway_job(&job).await.map_err(internal)?;
        let recorded = record::append(self.app(), &mut tx, entry.job(&job.id)).await;
        recorded.map_err(internal)?;
        tx.commit().await.map_err(internal)?;
        self.inner.metrics.job_started();
        self.run_job(job.clone());
        Ok(self.job_view(&job))
    }

    /// Goes on with what the last run of the program left.
    pub(super) async fn take_up_jobs(&self) -> Result<(), ApiError> {
        for job in self.app().store().gateway_jobs_in("running").await? {
            self.run_job(job);
        }
        Ok(())
    }

    fn run_job(&self, job: GatewayJobRow) {
        let gateway = self.clone();
        self.inner.tasks.spawn(async move {
            let stop = gateway.inner.stop.clone();
            let slot = tokio::select! {
                () = stop.cancelled() => return,
                slot = gateway.inner.job_slots.take(&job.tenant) => slot,
            };
            let Some(_slot) = slot else { return };
            let fetching = gateway.fetch_job(&job);
            let ended = tokio::time::timeout(JOB_BUDGET, fetching).await;
            let ended = ended.unwrap_or_else(|_| {
                let error = Box::new(GatewayError::new(Code::SourceUnavailable));
                Err(Failed { call: None, error })
            });
            if stop.is_cancelled() && ended.is_err() {
                // It goes on at the next start.
                return;
            }
            if let Err(error) = gateway.end_job(job, ended).await {
                tracing::error!(%error, "the end of a retrieval could not be recorded");
            }
        });
    }

    /// Asks one place after another until one gives the recording.
    async fn fetch_job(&self, job: &GatewayJobRow) -> Result<Done, Failed> {
        let caller = Caller {
            client: job.client.clone(),
            tenant: job.tenant.clone(),
            scopes: vec![Scope::Media],
        };
        let lost = |error| Failed {
            call: None,
            error: Box::new(error),
        };
        let reference = Reference::new(&job.reference).map_err(lost)?;
        let format = Format::from_name(&job.format).unwrap_or_default();
        for _ in 0..MAX_ROUNDS {
            let stop = &self.inner.stop;
            let call = self
                .resolve(&caller, &reference, &job.id, stop)
                .await
                .map_err(lost)?;
            let mut failed = None;
            for row in call
                .places
                .iter()
                .filter(|it| it.missing_since_utc.is_none())
            {
                match self.fetch_place(row, format).await {
                    Ok(fetched) => {
                        let (row, call) = (row.clone(), call.clone());
                        return Ok(Done { call, row, fetched });
                    }
                    Err(FetchError::Purged) => {
                        let marked = self.mark_missing(row).await;
                        marked.map_err(|error| lost(internal(error)))?;
                    }
                    Err(error) => failed = Some(Box::new(GatewayError::from(&error))),
                }
            }
            if let Some(error) = failed {
                let call = Some(call.id);
                return Err(Failed { call, error });
            }
        }
        Err(lost(GatewayError::new(Code::RecordingGone)))
    }

    async fn fetch_place(&self, row: &MappingRow, format: Format) -> Result<Fetched, FetchError> {
        let source = self
            .source(&row.tenant, &row.source)
            .ok_or(FetchError::Purged)?;
        let (source, ledger) = source.source.counted();
        let vault = self.app().store().vault().clone();
        let mut sink = PeekSink {
            first: BytesMut::new(),
            inner: VaultSink::new(vault, CACHE, |_| {}),
        };
        let stop = &self.inner.stop;
        let fetched = retrieve::fetch(&source, row, format, &mut sink, stop).await;
        let fetched = fetched.and_then(|media| content_type(&sink.first).map(|_| media));
        let egress = Egress::of_gateway(ledger);
        match fetched {
            Ok(media) => {
                let sealed = sink.inner.finish().await.map_err(FetchError::Sink)?;
                Ok(Fetched {
                    sealed,
                    duration_ms: media.reported_duration_ms,
                    egress,
                })
            }
            Err(error) => {
                tracing::info!(source = %source.id(), %error, "a place did not give the recording");
                // What went wrong with the log is logged; what went wrong with the recording counts.
                let _ = journal::egress(self, &egress).await;
                Err(error)
            }
        }
    }

    async fn end_job(
        &self,
        job: GatewayJobRow,
        ended: Result<Done, Failed>,
    ) -> Result<(), ApiError> {
        let now = self.now();
        let after = |life| Some(now.saturating_add(life).unwrap_or(Timestamp::MAX));
        let caller = Caller {
            client: job.client.clone(),
            tenant: job.tenant.clone(),
            scopes: Vec::new(),
        };
        let entry =
            journal::entry(AuditAction::GatewayRetrievalEnded, &caller, &job.id).job(&job.id);
        let job = GatewayJobRow {
            finished_at_utc: Some(now),
            ..job
        };
        match ended {
            Ok(done) => {
                self.keep(job, done, entry, after(self.inner.cache_life))
                    .await
            }
            Err(failed) => {
                self.inner.metrics.job_failed();
                let why = serde_json::to_value(failed.error.code).unwrap_or_default();
                let why = why.as_str().unwrap_or_default().to_owned();
                let job = GatewayJobRow {
                    state: "failed".to_owned(),
                    call: failed.call,
                    failure_json: serde_json::to_string(&failed.error).ok(),
                    expires_at_utc: after(FAILURE_LIFE),
                    ..job
                };
                let mut tx = self.app().store().begin().await?;
                tx.put_gateway_job(&job).await?;
                record::append(self.app(), &mut tx, entry.detail("outcome", why)).await?;
                Ok(tx.commit().await?)
            }
        }
    }

    async fn keep(
        &self,
        job: GatewayJobRow,
        done: Done,
        entry: record::Draft,
        expires_at_utc: Option<Timestamp>,
    ) -> Result<(), ApiError> {
        let Done { call, row, fetched } = done;
        let Fetched {
            sealed,
            duration_ms,
            egress,
        } = fetched;
        let brought = Brought {
            source: row.source.clone(),
            recording_id: row.recording_id,
            size_bytes: sealed.size_bytes,
            sha256: sealed.sha256.to_string(),
            duration_ms,
        };
        let mut tx = self.app().store().begin().await?;
        let blob = tx.keep(sealed.file);
        let result_json = serde_json::to_string(&brought);
        let result_json =
            result_json.map_err(|error| ApiError::internal("Keeping media", &error))?;
        tx.put_gateway_job(&GatewayJobRow {
            state: "done".to_owned(),
            call: Some(call.id.clone()),
            result_json: Some(result_json),
            blob: Some(blob),
            expires_at_utc,
            ..job
        })
        .await?;
        let entry = entry.recording(&call.id).file(sealed.sha256);
        let entry = entry
            .detail("source", row.source)
            .detail("sourceSystem", row.source_system);
        let entry = entry
            .detail("outcome", "complete")
            .detail("bytes", sealed.size_bytes);
        record::append(self.app(), &mut tx, entry).await?;
        egress.append(self.app(), &mut tx).await?;
        Ok(tx.commit().await?)
    }
}

struct Done {
    call: MappedCall,
    row: MappingRow,
    fetched: Fetched,
}

/// What one place gave.
struct Fetched {
    sealed: Sealed,
    /// By the word of the source.
    duration_ms: Option<u64>,
    egress: Egress,
}

struct Failed {
    call: Option<String>,
    error: Box<GatewayError>,
}

/// Keeps a copy of the first bytes, which tell what the file is.
struct PeekSink {
    first: BytesMut,
    inner: VaultSink,
}

impl MediaSink for PeekSink {
    async fn restart(&mut self) -> io::Result<()> {
        self.first.clear();
        self.inner.restart().await
    }

    async fn write(&mut self, chunk: Bytes) -> io::Result<()> {
        let missing = LOOKED_AT.saturating_sub(self.first.len()).min(chunk.len());
        self.first.extend_from_slice(&chunk[..missing]);
        self.inner.write(chunk).await
    }
}
