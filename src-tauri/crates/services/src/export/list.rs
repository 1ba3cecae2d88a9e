//! From the query to the list: asked day by day, checked against the whole query, in a total order, and
//! on the disk before anything is downloaded. // S2-18, S3-43

use std::collections::BTreeMap;

use domain::{
    search::{Coverage, FoundParticipant, FoundRecording, SourceResult},
    sensitive::PersonalData,
    time_range::TimeRange,
};
use evidence::{
    export_names::{Named, stems},
    format::{
        ExcludedRecording, ExportBatch, ExportManifestFile, ExportParticipant, ListedRecording,
        format_time, list_digest,
    },
};
use futures_util::{FutureExt, StreamExt, stream};
use jiff::{Timestamp, tz::TimeZone};
use tokio_util::sync::CancellationToken;

use super::{ExportStep, request::Asked, sources::Asking};
use crate::api::{ApiError, ErrorCode};

/// Days that are searched at the same time: a search is mostly waiting, and the limiter sets the pace.
const SEARCHES_AT_ONCE: usize = 4;

/// What the searches gave.
#[derive(Default)]
struct Gathered {
    batches: Vec<ExportBatch>,
    excluded: Vec<ExcludedRecording>,
    found: BTreeMap<Key, FoundRecording>,
}

/// The total order of a list. // S2-10
type Key = (Timestamp, String, String, String);

/// Who wants the list, and what for.
pub(super) struct Order {
    pub(super) by: String,
    pub(super) at_utc: Timestamp,
    pub(super) accept_partial: Option<String>,
}

/// Searches every source for every day.
///
/// # Errors
/// When a source does not show everything and nobody accepted that, or the work was stopped.
pub(super) async fn list(
    asked: &Asked,
    sources: &[Asking],
    order: Order,
    step: &(impl Fn(ExportStep) + Sync),
    cancel: &CancellationToken,
) -> Result<ExportManifestFile, ApiError> {
    let days = days(asked.range);
    let mut gathered = Gathered::default();
    let total = (days.len() * sources.len()) as u64;
    let pairs = sources.iter();
    let pairs = pairs.flat_map(|asking| days.iter().map(move |day| (asking, *day)));
    // Boxed: the compiler cannot prove a stream of unnamed futures `Send` for every lifetime.
    let searches = pairs.map(|(asking, day)| {
        let criteria = asked.criteria(day);
        async move { (day, asking.source.search(&criteria, cancel).await) }.boxed()
    });
    let mut answers = stream::iter(searches.collect::<Vec<_>>()).buffered(SEARCHES_AT_ONCE);
    step(ExportStep::Searching { done: 0, total });
    while let Some((day, answer)) = answers.next().await {
        if cancel.is_cancelled() {
            return Err(stopped());
        }
        gathered.take(asked, day, answer);
        let done = gathered.batches.len() as u64;
        step(ExportStep::Searching { done, total });
    }
    require_complete(&gathered.batches, order.accept_partial.as_deref())?;
    Ok(written(asked, sources, order, gathered))
}

pub(super) fn stopped() -> ApiError {
    ApiError::new(
        ErrorCode::Cancelled,
        "The export was stopped",
        "What was downloaded is kept. The same command goes on from here.",
    )
}

/// Splits a range at UTC midnights. // S3-43
fn days(range: TimeRange) -> Vec<TimeRange> {
    let mut days = Vec::new();
    let mut start_utc = range.start_utc;
    while start_utc < range.end_utc {
        let date = start_utc.to_zoned(TimeZone::UTC).date();
        let midnight = date.tomorrow().ok();
        let midnight = midnight.and_then(|it| it.to_zoned(TimeZone::UTC).ok());
        let end_utc = midnight.map_or(range.end_utc, |it| it.timestamp().min(range.end_utc));
        days.push(TimeRange { start_utc, end_utc });
        start_utc = end_utc;
    }
    days
}

impl Gathered {
    fn take(&mut self, asked: &Asked, day: TimeRange, answer: SourceResult) {
        self.batches.push(batch(day, &answer));
        for found in answer.found {
            let key = key(&found);
            match asked.query.mismatch(&found) {
                None => {
                    self.found.insert(key, found);
                }
                Some(reason) => self.exclude(&found, reason),
            }
        }
    }

    fn exclude(&mut self, found: &FoundRecording, reason: String) {
        let excluded = ExcludedRecording {
            source: found.source.to_string(),
            conversation_id: found.conversation.to_string(),
            recording_id: found.recording.to_string(),
            reason,
        };
        // A call over midnight is in the answers of two days.
        if !self.excluded.contains(&excluded) {
            self.excluded.push(excluded);
        }
    }
}

fn key(found: &FoundRecording) -> Key {
    (
        found.start_utc,
        found.source.to_string(),
        found.conversation.to_string(),
        found.recording.to_string(),
    )
}

fn batch(day: TimeRange, answer: &SourceResult) -> ExportBatch {
    let (coverage, reason) = match &answer.coverage {
        Coverage::Complete => ("complete", None),
        Coverage::Partial { reason } => ("partial", Some(reason.clone())),
        Coverage::Failed { reason } => ("failed", Some(reason.clone())),
    };
    ExportBatch {
        source: answer.source.to_string(),
        from_utc: format_time(day.start_utc),
        until_utc: format_time(day.end_utc),
        coverage: coverage.to_owned(),
        reason,
        complete_until_utc: answer.index_complete_until_utc.map(format_time),
        found: answer.found.len() as u64,
        requests: answer
            .queries
            .iter()
            .map(|it| it.reveal().clone())
            .collect(),
    }
}

/// A list with holes is no evidence of what there was, unless somebody stands for it.
fn require_complete(batches: &[ExportBatch], accepted: Option<&str>) -> Result<(), ApiError> {
    let mut holes = batches.iter().filter(|it| it.coverage != "complete");
    let Some(first) = holes.next() else {
        return Ok(());
    };
    let reason = first.reason.clone().unwrap_or_default();
    let (source, day, others) = (&first.source, &first.from_utc, holes.count());
    let message = format!(
        "The search of `{source}` from {day} is {}: {reason}{}",
        first.coverage,
        if others == 0 {
            String::new()
        } else {
            format!("; {others} other days are not complete")
        },
    );
    let nothing_seen = batches.iter().all(|it| it.coverage == "failed");
    match accepted {
        Some(_) if !nothing_seen => Ok(()),
        _ if nothing_seen => Err(ApiError::new(
            ErrorCode::SourceUnavailable,
            message,
            "Nothing was listed. Try again when the source answers.",
        )),
        _ => Err(ApiError::new(
            ErrorCode::IntegrityFailure,
            message,
            "Nothing was listed. Try again, or go on with what was found and say why: --accept-partial REASON.",
        )),
    }
}

fn written(
    asked: &Asked,
    sources: &[Asking],
    order: Order,
    gathered: Gathered,
) -> ExportManifestFile {
    let recordings = listed(gathered.found.into_values().collect());
    let mut excluded = gathered.excluded;
    excluded.sort_by_key(|it| {
        let ids = (it.conversation_id.clone(), it.recording_id.clone());
        (it.source.clone(), ids)
    });
    let is_partial = gathered.batches.iter().any(|it| it.coverage != "complete");
    ExportManifestFile {
        v: 1,
        listed_at_utc: format_time(order.at_utc),
        ordered_by: order.by,
        query: asked.written.clone(),
        sources: sources.iter().map(|it| it.written.clone()).collect(),
        batches: gathered.batches,
        partial_accepted: order.accept_partial.filter(|_| is_partial),
        excluded,
        list_hash: list_digest(&recordings).to_string(),
        recordings,
    }
}

fn listed(found: Vec<FoundRecording>) -> Vec<ListedRecording> {
    let ids: Vec<_> = found
        .iter()
        .map(|it| Named {
            source: it.source.as_str(),
            conversation: it.conversation.as_str(),
            recording: it.recording.as_str(),
        })
        .collect();
    let stems = stems(&ids);
    let numbered = (1..).zip(stems).zip(&found);
    numbered
        .map(|((number, stem), found)| listed_one(number, stem, found))
        .collect()
}

fn listed_one(number: u64, stem: String, found: &FoundRecording) -> ListedRecording {
    ListedRecording {
        number,
        stem,
        source: found.source.to_string(),
        conversation_id: found.conversation.to_string(),
        recording_id: found.recording.to_string(),
        communication_id: found.communication.as_ref().map(ToString::to_string),
        start_timestamp: format_time(found.start_utc),
        end_timestamp: found.end_utc.map(format_time),
        participants: found.participants.iter().map(participant).collect(),
        agents: revealed(&found.agents),
        queues: found.queues.clone(),
        region: found.region.clone(),
        matched_by: found.matched_by.iter().map(|it| (*it).to_owned()).collect(),
    }
}

fn participant(found: &FoundParticipant) -> ExportParticipant {
    ExportParticipant {
        role: found.role.clone(),
        id: found.id.clone(),
        participant_id: found.participant_id.clone(),
        name: found.name.as_ref().map(|it| it.reveal().clone()),
        addresses: revealed(&found.addresses),
    }
}

fn revealed(texts: &[PersonalData<String>]) -> Vec<String> {
    texts.iter().map(|it| it.reveal().clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: &str, end: &str) -> TimeRange {
        TimeRange {
            start_utc: start.parse().unwrap(),
            end_utc: end.parse().unwrap(),
        }
    }

    // S3-43
    #[test]
    fn a_range_is_asked_day_by_day_and_nothing_lies_between() {
        let whole = range("2026-02-27T23:00:00Z", "2026-03-02T01:30:00Z");
        let days = days(whole);
        assert_eq!(days.len(), 4);
        assert_eq!(days.first().unwrap().start_utc, whole.start_utc);
        assert_eq!(days.last().unwrap().end_utc, whole.end_utc);
        for pair in days.windows(2) {
            assert_eq!(pair[0].end_utc, pair[1].start_utc);
            assert!(pair[0].end_utc.to_string().ends_with("T00:00:00Z"));
        }
    }

    #[test]
    fn a_list_with_holes_needs_a_reason_and_one_of_nothing_has_none() {
        let batch = |coverage: &str| ExportBatch {
            source: "s".into(),
            from_utc: String::new(),
            until_utc: String::new(),
            coverage: coverage.into(),
            reason: Some("a page is missing".into()),
            complete_until_utc: None,
            found: 0,
            requests: vec![],
        };
        let partial = [batch("complete"), batch("partial")];
        assert!(require_complete(&partial[..1], None).is_ok());
        assert!(require_complete(&partial, None).is_err());
        assert!(require_complete(&partial, Some("urgent")).is_ok());
        assert!(require_complete(&[batch("failed")], Some("urgent")).is_err());
    }
}
