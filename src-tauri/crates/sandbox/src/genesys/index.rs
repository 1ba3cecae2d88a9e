//! The index of conversations: what it shows, and when.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::Value;

use super::{
    analytics::Body,
    answer::Refusal,
    detail::{Attributes, detail},
    filter,
};
use crate::{corpus::Conversation, state::Organization};

/// In a running organization the job's data lags by some hours.
const JOB_LAG: SignedDuration = SignedDuration::from_hours(3);

/// What an interval selects.
#[derive(Clone, Copy)]
pub(super) enum Selects {
    /// Conversations with activity during the interval.
    Activity,
    /// Conversations that started on a UTC day the interval touches.
    StartDay,
}

/// A job has every call that ended before this.
pub(super) fn available_until(organization: &Organization) -> Timestamp {
    let lagged = organization.now_utc() - JOB_LAG;
    match organization.index_lag_s {
        Some(_) => lagged,
        // The corpus is always in reach, whatever the clock says.
        None => lagged.max(after_all(organization)),
    }
}

/// The query shows every call that ended before this.
pub(super) fn shown_until(organization: &Organization) -> Timestamp {
    let now_utc = organization.now_utc();
    match organization.index_lag_s {
        Some(lag_s) => now_utc - SignedDuration::from_secs(i64::from(lag_s)),
        None => now_utc.max(after_all(organization)),
    }
}

fn after_all(organization: &Organization) -> Timestamp {
    let ends = organization.conversations().map(|it| it.end);
    let last = ends.max().unwrap_or(Timestamp::UNIX_EPOCH);
    last + SignedDuration::from_hours(24)
}

// Genesys: at most 7 days without a filter and 31 with one (help page, checked 2026-07).
pub(super) fn check_reach(body: &Body) -> Result<(), Refusal> {
    let (from, to) = interval(&body.interval)?;
    let filtered = !(body.segment_filters.is_empty() && body.conversation_filters.is_empty());
    let days = if filtered { 31 } else { 7 };
    if to.duration_since(from) > SignedDuration::from_hours(24 * days) {
        return Err(Refusal::bad_request(
            "bad.request",
            format!("The interval must not be longer than {days} days"),
        ));
    }
    Ok(())
}

/// The conversations of a query among those that ended before `until_utc`.
pub(super) fn matching(
    organization: &Organization,
    body: &Body,
    selects: Selects,
    attributes: Attributes,
    until_utc: Timestamp,
) -> Result<Vec<Value>, Refusal> {
    let (from, to) = interval(&body.interval)?;
    filter::check(&body.conversation_filters, filter::Kind::Conversation)?;
    filter::check(&body.segment_filters, filter::Kind::Segment)?;
    let mut found: Vec<Value> = organization
        .conversations()
        .filter(|conversation| conversation.end <= until_utc)
        .filter(|conversation| selected(conversation, from, to, selects))
        .map(|conversation| detail(conversation, attributes))
        .filter(|detail| filter::matches(&body.conversation_filters, &body.segment_filters, detail))
        .collect();
    if body.order.as_deref() == Some("desc") {
        found.reverse();
    }
    Ok(found)
}

fn interval(text: &str) -> Result<(Timestamp, Timestamp), Refusal> {
    let parsed = text
        .split_once('/')
        .and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    match parsed {
        Some((from, to)) if from < to => Ok((from, to)),
        _ => Err(Refusal::bad_request(
            "invalid.date",
            "The interval must be two ISO-8601 moments, the earlier first, separated by `/`",
        )),
    }
}

fn selected(conversation: &Conversation, from: Timestamp, to: Timestamp, selects: Selects) -> bool {
    match selects {
        Selects::Activity => conversation.start < to && conversation.end > from,
        Selects::StartDay => {
            let day = |moment: Timestamp| moment.to_zoned(TimeZone::UTC).date();
            let last = to - SignedDuration::from_millis(1);
            (day(from)..=day(last)).contains(&day(conversation.start))
        }
    }
}
