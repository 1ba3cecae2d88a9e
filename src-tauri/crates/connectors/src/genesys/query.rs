//! The bodies of searches. The same criteria always give the same bytes. // S2-09

use domain::{
    search::{Identifier, SearchCriteria},
    time_range::TimeRange,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::numbers::{self, HomeNumbering};

/// Longest interval of one search.
// Genesys: 31 days with a filter (API reference section 4.3, checked 2026-08).
const MAX_DAYS: i64 = 31;

/// Fields of a segment that may hold the number of the data subject.
// Genesys: search all of them when in doubt (API reference section 3, checked 2026-08).
const NUMBER_DIMENSIONS: [&str; 6] = [
    "ani",
    "dnis",
    "addressFrom",
    "addressTo",
    "callbackNumber",
    "remote",
];

/// What is asked for, and how numbers are written where it is asked.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) criteria: &'a SearchCriteria,
    pub(super) home: Option<&'a HomeNumbering>,
}

/// What one search asks the source to filter by; the rest is matched on our side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// Calls with one of the numbers or external contacts.
    Parties,
    /// The conversations that were named.
    Named,
    /// Every call: asked for as such, or because attributes cannot be filtered by, only read from the answer.
    EveryCall,
}

/// The searches that together see everything asked for, as few as possible.
pub(super) fn filters(identifiers: &[Identifier]) -> Vec<Filter> {
    let has = |wanted: fn(&Identifier) -> bool| identifiers.iter().any(wanted);
    if has(|it| matches!(it, Identifier::CustomerId(_) | Identifier::Anyone)) {
        return vec![Filter::EveryCall];
    }
    let mut filters = Vec::new();
    if has(|it| matches!(it, Identifier::Phone(_) | Identifier::ExternalContact(_))) {
        filters.push(Filter::Parties);
    }
    if has(|it| matches!(it, Identifier::Conversation(_))) {
        filters.push(Filter::Named);
    }
    filters
}

/// Whether the last days can show a hit at all: the query, unlike the job, has no attributes.
pub(super) fn shows_recent(identifiers: &[Identifier]) -> bool {
    !identifiers
        .iter()
        .all(|it| matches!(it, Identifier::CustomerId(_)))
}

/// Splits a range into parts that the source accepts.
pub(super) fn chunks(range: TimeRange) -> Vec<TimeRange> {
    pieces(range, SignedDuration::from_hours(MAX_DAYS * 24))
}

/// Splits a range into parts of a length; the last one may be shorter.
pub(super) fn pieces(range: TimeRange, step: SignedDuration) -> Vec<TimeRange> {
    let mut chunks = Vec::new();
    let mut start_utc = range.start_utc;
    while start_utc < range.end_utc {
        let end_utc = start_utc
            .saturating_add(step)
            .unwrap_or(Timestamp::MAX)
            .min(range.end_utc);
        chunks.push(TimeRange { start_utc, end_utc });
        start_utc = end_utc;
    }
    chunks
}

/// Widens a range to whole UTC days and one more at the start: the query selects by the day a call began.
// Genesys: start-day matching of `details/query` (API reference section 4.3, trap 1, checked 2026-08).
pub(super) fn whole_days(range: TimeRange) -> TimeRange {
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let midnight = |date: jiff::civil::Date| {
        date.to_zoned(TimeZone::UTC)
            .map_or(range.start_utc, |zoned| zoned.timestamp())
    };
    let before = day(range.start_utc)
        .yesterday()
        .unwrap_or_else(|_| day(range.start_utc));
    TimeRange {
        start_utc: midnight(before),
        end_utc: range.end_utc,
    }
}

/// `AsyncConversationQuery`: conversations with activity in the interval.
pub(super) fn job_body(asked: Asked<'_>, filter: Filter, chunk: TimeRange) -> Value {
    let (list, filters) = filter_list(asked, filter);
    json!({
        "interval": interval(chunk),
        "order": "asc",
        "orderBy": "conversationStart",
        list: filters,
    })
}

/// `ConversationQuery`: the same, one page of it, at once.
pub(super) fn page_body(asked: Asked<'_>, filter: Filter, chunk: TimeRange, page: Page) -> Value {
    let mut body = job_body(asked, filter, chunk);
    body["paging"] = json!({"pageSize": page.size, "pageNumber": page.number});
    body
}

/// A page of a query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) size: u32,
    /// Counts from 1.
    pub(super) number: u32,
}

fn filter_list(asked: Asked<'_>, filter: Filter) -> (&'static str, Value) {
    let identifiers = &asked.criteria.identifiers;
    match filter {
        Filter::Parties => {
            let predicates = identifiers.iter();
            let predicates = predicates.flat_map(|it| party_predicates(it, asked.home));
            ("segmentFilters", any_of(predicates.collect()))
        }
        Filter::Named => {
            let named = identifiers.iter().filter_map(|it| match it {
                Identifier::Conversation(id) => Some(matches("conversationId", id.as_str())),
                Identifier::Phone(_)
                | Identifier::CustomerId(_)
                | Identifier::ExternalContact(_)
                | Identifier::Anyone => None,
            });
            ("conversationFilters", any_of(named.collect()))
        }
        Filter::EveryCall => (
            "segmentFilters",
            any_of(vec![matches("mediaType", "voice")]),
        ),
    }
}

fn party_predicates(identifier: &Identifier, home: Option<&HomeNumbering>) -> Vec<Value> {
    match identifier {
        Identifier::Phone(number) => {
            let forms = numbers::asked_forms(number.reveal(), home);
            let pairs = forms
                .iter()
                .flat_map(|form| NUMBER_DIMENSIONS.map(|field| matches(field, form)));
            pairs.collect()
        }
        // Genesys: `externalContactId` is a dimension of segments (API reference section 4.3, checked 2026-08).
        Identifier::ExternalContact(id) => vec![matches("externalContactId", id.reveal())],
        Identifier::CustomerId(_) | Identifier::Conversation(_) | Identifier::Anyone => Vec::new(),
    }
}

fn any_of(predicates: Vec<Value>) -> Value {
    json!([{"type": "or", "predicates": predicates}])
}

fn matches(dimension: &str, value: &str) -> Value {
    json!({"type": "dimension", "dimension": dimension, "operator": "matches", "value": value})
}

// Genesys: `start/end`, ISO 8601 UTC with milliseconds (API reference section 3, checked 2026-08). // S0-31
fn interval(range: TimeRange) -> String {
    format!("{:.3}/{:.3}", range.start_utc, range.end_utc)
}

#[cfg(test)]
mod tests {
    use domain::{ids::ConversationId, sensitive::PersonalData};

    use super::*;

    fn range(start: &str, end: &str) -> TimeRange {
        TimeRange {
            start_utc: start.parse().unwrap(),
            end_utc: end.parse().unwrap(),
        }
    }

    fn criteria(identifiers: Vec<Identifier>) -> SearchCriteria {
        let range = range("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z");
        SearchCriteria {
            identifiers,
            range,
            agent_id: None,
            queue_id: None,
        }
    }

    fn hidden(text: &str) -> PersonalData<String> {
        PersonalData::new(text.to_owned())
    }

    #[test]
    fn long_ranges_are_split_without_gap_or_overlap() {
        let whole = range("2026-01-01T00:00:00Z", "2026-12-31T23:00:00Z");
        let chunks = chunks(whole);
        assert_eq!(chunks.len(), 12);
        assert_eq!(chunks[0].start_utc, whole.start_utc);
        assert_eq!(chunks[11].end_utc, whole.end_utc);
        assert!(
            chunks
                .windows(2)
                .all(|pair| pair[0].end_utc == pair[1].start_utc)
        );
    }

    #[test]
    fn a_query_sees_calls_that_began_the_day_before() {
        let wide = whole_days(range("2026-03-01T00:00:00Z", "2026-03-01T10:00:00Z"));
        assert_eq!(wide, range("2026-02-28T00:00:00Z", "2026-03-01T10:00:00Z"));
    }

    #[test]
    fn a_number_is_looked_for_in_every_field_and_form() {
        let criteria = criteria(vec![Identifier::Phone(hidden("+15551234567"))]);
        let asked = Asked {
            criteria: &criteria,
            home: None,
        };
        let body = job_body(
            asked,
            Filter::Parties,
            range("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"),
        );
        assert_eq!(
            body["interval"],
            "2026-03-01T00:00:00.000Z/2026-03-02T00:00:00.000Z"
        );
        let predicates = body["segmentFilters"][0]["predicates"].as_array().unwrap();
        assert_eq!(predicates.len(), 3 * NUMBER_DIMENSIONS.len());
        assert!(predicates.contains(&matches("ani", "tel:+15551234567")));
        assert!(predicates.contains(&matches("callbackNumber", "+15551234567")));
    }

    #[test]
    fn the_fewest_searches_that_see_everything_are_made() {
        let phone = Identifier::Phone(hidden("+1"));
        let customer = Identifier::CustomerId(hidden("C-1"));
        let named = Identifier::Conversation(ConversationId::new("c").unwrap());
        assert_eq!(filters(std::slice::from_ref(&phone)), [Filter::Parties]);
        assert_eq!(
            filters(&[phone.clone(), named.clone()]),
            [Filter::Parties, Filter::Named]
        );
        assert_eq!(filters(&[phone, named, customer]), [Filter::EveryCall]);
        assert!(filters(&[]).is_empty());
    }
}
