//! What is asked of an export, made sure of before any source is asked.

use std::path::PathBuf;

use domain::{search::SearchCriteria, time_range::TimeRange};
use evidence::format::{ExportQuery, format_time};

use super::query::{Query, clause_of};
use crate::{
    api::{ApiError, ErrorCode},
    search,
};

/// An export as a person orders it.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// The query to the letter.
    pub query: String,
    /// The local time range; may be left out when the query has a `timestamp`.
    pub local: Option<LocalTimes>,
    /// The folder; the same folder goes on with the same export.
    pub out: PathBuf,
    /// Whether to write a Concordance load file. // B19
    pub load_file: bool,
    /// Whether to lay the folder out as a BagIt bag.
    pub bag: bool,
    /// Who approved that corrupted recordings are in the set, and why. // S2-51
    pub approval: Option<Approval>,
    /// Why to go on although a source does not show everything.
    pub accept_partial: Option<String>,
    /// The folder of an earlier export of the same query, to be compared with. // B9
    pub compare: Option<PathBuf>,
    /// Downloads at the same time, 1 to [`MAX_AT_ONCE`].
    pub at_once: usize,
}

/// Most downloads at the same time. // S2-48
pub const MAX_AT_ONCE: usize = 100;

/// A range as a person types it.
#[derive(Debug, Clone)]
pub struct LocalTimes {
    /// First local date and time, `2026-03-01T00:00`.
    pub from: String,
    /// Local date and time at which the range ends, exclusive.
    pub until: String,
    /// IANA name of the zone.
    pub zone: String,
}

/// Who stands for it, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Approval {
    /// The person, such as legal counsel.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A request that can be carried out.
pub(super) struct Asked {
    pub(super) query: Query,
    pub(super) range: TimeRange,
    /// As it is written into the list.
    pub(super) written: ExportQuery,
}

impl Asked {
    /// Reads query and range.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn new(request: &ExportRequest) -> Result<Self, ApiError> {
        let invalid = |why: String| ApiError::invalid("Query", why);
        let query = Query::parse(&request.query).map_err(invalid)?;
        let local = request.local.as_ref();
        let resolved = local
            .map(|it| search::resolve(&it.from, &it.until, &it.zone))
            .transpose()?;
        let named = query.range.as_ref().map(|(range, _)| *range);
        let options = resolved.as_ref().map(|it| it.range);
        let range = both(named, options)?;
        Ok(Self {
            written: ExportQuery {
                text: request.query.clone(),
                used: used(&request.query, &query, range),
                from: local.map(|it| it.from.clone()),
                until: local.map(|it| it.until.clone()),
                zone: local.map(|it| it.zone.clone()),
                from_utc: format_time(range.start_utc),
                until_utc: format_time(range.end_utc),
                notices: resolved.map(|it| it.notices).unwrap_or_default(),
            },
            query,
            range,
        })
    }

    /// What a source is asked for one day.
    pub(super) fn criteria(&self, day: TimeRange) -> SearchCriteria {
        SearchCriteria {
            identifiers: self.query.asked_identifiers(),
            range: day,
            agent_id: self.query.agent_id.clone(),
            queue_id: self.query.queue_id.clone(),
        }
    }
}

/// What lies in both ranges.
fn both(named: Option<TimeRange>, options: Option<TimeRange>) -> Result<TimeRange, ApiError> {
    let range = match (named, options) {
        (Some(named), Some(options)) => TimeRange {
            start_utc: named.start_utc.max(options.start_utc),
            end_utc: named.end_utc.min(options.end_utc),
        },
        (Some(range), None) | (None, Some(range)) => range,
        (None, None) => {
            return Err(ApiError::new(
                ErrorCode::InvalidInput,
                "The export has no time range",
                "Add from, to and zone, or a clause timestamp:[… TO …] to the query.",
            ));
        }
    };
    if range.start_utc >= range.end_utc {
        let why = "the range of the options and that of the query have nothing in common";
        return Err(ApiError::invalid("Time range", why));
    }
    Ok(range)
}

/// The query that needs no options: its own time range replaced by the one that was searched, or added.
fn used(text: &str, query: &Query, range: TimeRange) -> String {
    let clause = clause_of(range);
    match &query.range {
        Some((named, _)) if *named == range => text.to_owned(),
        Some((_, place)) => {
            let (before, after) = (text.get(..place.start), text.get(place.end..));
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            format!("{before}{clause}{after}")
        }
        None if text.trim() == "*" => clause,
        None => format!("{} AND {clause}", text.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str, local: Option<(&str, &str)>) -> Result<Asked, ApiError> {
        Asked::new(&ExportRequest {
            query: query.to_owned(),
            local: local.map(|(from, until)| LocalTimes {
                from: from.to_owned(),
                until: until.to_owned(),
                zone: "Europe/Berlin".to_owned(),
            }),
            out: PathBuf::new(),
            load_file: false,
            bag: false,
            approval: None,
            accept_partial: None,
            compare: None,
            at_once: 1,
        })
    }

    #[test]
    fn the_query_used_finds_the_same_without_options() {
        let day = Some(("2026-03-01T00:00", "2026-03-02T00:00"));
        let clause = "timestamp:[2026-02-28T23:00:00.000Z TO 2026-03-01T22:59:59.999Z]";
        for (query, used) in [
            ("*", clause.to_owned()),
            (r#"queueId:"q""#, format!(r#"queueId:"q" AND {clause}"#)),
            (
                r#"timestamp:[2026-01-01T00:00:00Z TO 2027-01-01T00:00:00Z] AND queueId:"q""#,
                format!(r#"{clause} AND queueId:"q""#),
            ),
        ] {
            let first = asked(query, day).unwrap();
            assert_eq!(first.written.used, used);
            assert_eq!(first.written.text, query);
            let again = asked(&used, None).unwrap();
            assert_eq!((again.range, again.written.used), (first.range, used));
        }
    }

    #[test]
    fn a_range_is_needed_and_not_an_empty_one() {
        assert!(asked("*", None).is_err());
        let other = "timestamp:[2026-01-01T00:00:00Z TO 2026-01-02T00:00:00Z]";
        assert!(asked(other, Some(("2026-03-01T00:00", "2026-03-02T00:00"))).is_err());
    }
}
