//! The periodic sync: walks what every source has, interval by interval, so that the mapping knows a call before
//! somebody asks for it. // S1-42
//!
//! Invariants:
//!
//! - Everything before the cursor of a source was seen completely, at least once.
//! - The cursor moves after what was seen is written, and never back: a kill loses at most one interval, which is
//!   walked again.
//! - A walk adds and refreshes. What it does not see stays as it is known: a source can be wrong for an hour. // S1-44

use connectors::{locate::Place, source::Source};
use domain::{
    audit::AuditAction,
    search::{Coverage, Identifier, SearchCriteria, SourceResult},
    time_range::TimeRange,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{Gateway, TenantSource, sync::place_id};
use crate::{
    api::ApiError,
    egress::Egress,
    record::{self, Draft},
};

/// Longest interval of one question: the platform answers a week without a job.
const INTERVAL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The last minutes are left for the next walk: calls are still being written, and the platform's index lags. // S0-41
const SETTLES_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// How far back the first walk begins when nobody says.
const FIRST_WALK: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Places written at a time; other writers wait so long.
const BATCH: usize = 500;

/// Times between two walks.
const EVERY: std::ops::RangeInclusive<SignedDuration> =
    SignedDuration::from_secs(1)..=SignedDuration::from_hours(24);
/// Longest overlap.
const MAX_OVERLAP: SignedDuration = SignedDuration::from_hours(31 * 24);

/// What an operator writes about the sync.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncConfig {
    /// Between two walks of a source, such as `15m`.
    pub every: String,
    /// How much of what was seen is walked again, for calls that appear late.
    #[serde(default = "two_hours")]
    pub overlap: String,
    /// Where the first walk begins.
    pub since: Option<Timestamp>,
}

fn two_hours() -> String {
    "2h".to_owned()
}

impl SyncConfig {
    pub(super) fn rules(&self) -> Result<Rules, ApiError> {
        let span = |key: &str, text: &str| {
            let span = text.parse::<SignedDuration>();
            span.map_err(|_| {
                let why = format!("`{text}` is no length of time, such as `15m` or `2h`");
                ApiError::invalid(&format!("sync.{key}"), why)
            })
        };
        let rules = Rules {
            every: span("every", &self.every)?,
            overlap: span("overlap", &self.overlap)?,
            since: self.since,
        };
        if !EVERY.contains(&rules.every) {
            return Err(ApiError::invalid("sync.every", "it must be 1s to 24h"));
        }
        if !(SignedDuration::ZERO..=MAX_OVERLAP).contains(&rules.overlap) {
            return Err(ApiError::invalid(
                "sync.overlap",
                "it must be 0s to 31 days",
            ));
        }
        Ok(rules)
    }
}

/// How sources are walked.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) every: SignedDuration,
    pub(super) overlap: SignedDuration,
    pub(super) since: Option<Timestamp>,
}

/// One walk of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Walk {
    pub(super) from: Timestamp,
    /// Up to where everything was seen.
    pub(super) to: Timestamp,
    pub(super) found: usize,
    /// Of those, places that the mapping did not know.
    pub(super) new: usize,
    pub(super) is_complete: bool,
}

impl Walk {
    pub(super) const fn outcome(&self) -> &'static str {
        if self.is_complete {
            "complete"
        } else {
            "incomplete"
        }
    }
}

impl Gateway {
    /// Walks every source from now on, each at its own pace.
    pub(super) fn walk_regularly(&self, rules: &Rules) {
        for (tenant, sources) in &self.inner.tenants {
            let sources = sources.iter().enumerate();
            for (number, _) in sources.filter(|(_, it)| can_be_walked(&it.source)) {
                let walker = Walker {
                    gateway: self.clone(),
                    tenant: tenant.clone(),
                    number,
                    rules: rules.clone(),
                };
                self.inner.tasks.spawn(walker.run());
            }
        }
    }

    /// Walks one source from its cursor to now.
    pub(super) async fn walk(
        &self,
        tenant: &str,
        source: &TenantSource,
        rules: &Rules,
    ) -> Result<Walk, ApiError> {
        let until = self.now().saturating_sub(SETTLES_AFTER);
        let until = until.unwrap_or(Timestamp::MIN);
        let cursor = self.cursor(tenant, source.source.id().as_str()).await?;
        let from = match cursor {
            Some(seen) => seen.saturating_sub(rules.overlap),
            None => rules
                .since
                .map_or_else(|| until.saturating_sub(FIRST_WALK), Ok),
        };
        let from = from.unwrap_or(Timestamp::MIN).min(until);
        let mut walk = Walk {
            from,
            to: from,
            found: 0,
            new: 0,
            is_complete: true,
        };
        while walk.to < until && walk.is_complete {
            let end = walk.to.saturating_add(INTERVAL).unwrap_or(until).min(until);
            let range = TimeRange {
                start_utc: walk.to,
                end_utc: end,
            };
            self.walk_interval(tenant, source, range, cursor, &mut walk)
                .await?;
            if self.inner.stop.is_cancelled() {
                walk.is_complete = false;
            }
        }
        self.record_walk(tenant, source, &walk).await?;
        Ok(walk)
    }

    async fn walk_interval(
        &self,
        tenant: &str,
        source: &TenantSource,
        range: TimeRange,
        cursor: Option<Timestamp>,
        walk: &mut Walk,
    ) -> Result<(), ApiError> {
        let Some(_slot) = self.inner.search_slots.take(tenant).await else {
            walk.is_complete = false;
            return Ok(());
        };
        let (counted, ledger) = source.source.counted();
        let egress = Egress::of_gateway(ledger);
        let criteria = SearchCriteria {
            identifiers: vec![Identifier::Anyone],
            range,
            agent_id: None,
            queue_id: None,
        };
        let result = counted.search(&criteria, &self.inner.stop).await;
        let is_complete = match &result.coverage {
            Coverage::Complete => true,
            Coverage::Partial { reason } | Coverage::Failed { reason } => {
                tracing::warn!(source = %result.source, %reason, "a source was not walked completely");
                false
            }
        };
        let moved = is_complete && cursor.is_none_or(|cursor| range.end_utc > cursor);
        let cursor = moved.then_some(range.end_utc);
        let kept = self.keep_seen(tenant, &result, cursor).await;
        let new = egress.close(self.app(), kept).await?;
        walk.new += new;
        walk.found += result.found.len();
        walk.is_complete = is_complete;
        if is_complete {
            walk.to = range.end_utc;
        }
        let name = source.source.id().as_str();
        self.inner.metrics.walked_until(tenant, name, walk.to, new);
        Ok(())
    }

    /// Writes what was seen, and last that it was. Gives the number of places that were not known.
    async fn keep_seen(
        &self,
        tenant: &str,
        result: &SourceResult,
        cursor: Option<Timestamp>,
    ) -> Result<usize, ApiError> {
        let mut new = 0;
        for batch in result.found.chunks(BATCH) {
            let mut tx = self.app().store().begin().await?;
            for place in batch.iter().map(Place::from) {
                let id = place_id(tenant, &place);
                new += usize::from(tx.mapped(tenant, &id).await?.is_empty());
                self.put_call(&mut tx, tenant, &[&place]).await?;
            }
            tx.commit().await?;
        }
        if let Some(cursor) = cursor {
            let mut tx = self.app().store().begin().await?;
            let key = cursor_key(tenant, result.source.as_str());
            tx.put_setting(&key, &cursor.to_string()).await?;
            tx.commit().await?;
        }
        Ok(new)
    }

    /// Before this instant everything was seen.
    pub(super) async fn cursor(
        &self,
        tenant: &str,
        source: &str,
    ) -> Result<Option<Timestamp>, ApiError> {
        let key = cursor_key(tenant, source);
        let kept = self.app().store().setting(&key).await?;
        // What cannot be read is walked again.
        Ok(kept.and_then(|it| it.parse().ok()))
    }

    async fn record_walk(
        &self,
        tenant: &str,
        source: &TenantSource,
        walk: &Walk,
    ) -> Result<(), ApiError> {
        let name = source.source.id();
        self.inner.metrics.walked(tenant, name.as_str(), walk);
        let entry = Draft::new(AuditAction::MappingSynced, self.app().service())
            .detail("tenant", tenant)
            .detail("source", name)
            .detail("from", walk.from)
            .detail("to", walk.to)
            .detail("found", walk.found)
            .detail("new", walk.new)
            .detail("outcome", walk.outcome());
        let mut tx = self.app().store().begin().await?;
        record::append(self.app(), &mut tx, entry).await?;
        Ok(tx.commit().await?)
    }
}

fn cursor_key(tenant: &str, source: &str) -> String {
    format!("gateway.sync.{tenant}/{source}")
}

/// Walks one source again and again.
struct Walker {
    gateway: Gateway,
    tenant: String,
    /// Its place among the sources of the tenant.
    number: usize,
    rules: Rules,
}

impl Walker {
    async fn run(self) {
        let Some(source) = self.gateway.sources(&self.tenant).get(self.number) else {
            return;
        };
        let pause = self.rules.every.unsigned_abs();
        loop {
            if let Err(error) = self.gateway.walk(&self.tenant, source, &self.rules).await {
                let name = source.source.id();
                tracing::error!(source = %name, error = %error.message, "a walk could not be kept");
            }
            tokio::select! {
                () = self.gateway.inner.stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

/// Whether a source can say what it has when nobody is asked about. A gateway cannot; the one behind it walks.
fn can_be_walked(source: &Source) -> bool {
    !matches!(source, Source::Gateway(_))
}
