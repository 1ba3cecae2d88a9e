//! What callers search for: the filter of `POST …/search`, and the text of `GET …/search/recordings?q=`. // S0-28, S2-14

use domain::{
    ids::ConversationId,
    search::{Identifier, SearchCriteria},
    sensitive::PersonalData,
    time_range::TimeRange,
};
use evidence::hashing::sha256;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::error::{Code, GatewayError};

/// Longest text of a query.
const MAX_TEXT: usize = 2_000;

/// The body of `POST /api/v2/recordings/recordings/search`. // S0-28
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchReq {
    /// Recordings of a page, 1 to 100. // S0-38
    #[serde(default = "a_page")]
    pub page_size: u32,
    /// The place in the list, as the page before gave it. // S0-34
    #[serde(default)]
    pub after: Option<String>,
    /// What is searched for.
    pub query: QueryReq,
    /// Only `dateCreated`.
    #[serde(default)]
    pub order_by: OrderBy,
    /// Latest first, unless said otherwise. // S0-30
    #[serde(default)]
    pub order_direction: Direction,
}

const fn a_page() -> u32 {
    25
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum OrderBy {
    /// The start of the recording.
    #[default]
    #[serde(rename = "dateCreated")]
    DateCreated,
}

/// The direction of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Direction {
    /// Earliest first.
    Asc,
    /// Latest first.
    #[default]
    Desc,
}

/// Dates and filter.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueryReq {
    /// From when to when.
    pub date_range: DateRange,
    /// Which calls.
    pub filter: Filter,
}

/// A half-open range of instants. // X-13
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DateRange {
    /// First instant inside.
    pub start_date: Timestamp,
    /// First instant after.
    pub end_date: Timestamp,
}

/// Clauses that must all hold. // S0-29
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only `AND`.
    pub r#type: And,
    /// The clauses; exactly one names the person or the call.
    pub clauses: Vec<Clause>,
}

/// How clauses are put together.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum And {
    /// All must hold.
    #[serde(rename = "AND")]
    And,
}

/// One condition.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Of what.
    pub field: Field,
    /// Only `EQUALS`.
    pub op: Equals,
    /// Equal to what.
    pub value: String,
}

/// The one comparison.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Equals {
    /// The same.
    #[serde(rename = "EQUALS")]
    Equals,
}

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// A number on either side of the call, in E.164 form.
    CallFrom,
    /// The organization's customer number.
    CustomerId,
    /// An external contact of the platform.
    ExternalContactId,
    /// A call.
    ConversationId,
    /// A number, or else a customer number. // S2-13
    ParticipantId,
    /// An agent.
    AgentId,
    /// A queue.
    QueueId,
    /// Only `voice`.
    MediaType,
}

/// A checked search.
pub struct Wanted {
    pub(super) criteria: SearchCriteria,
    pub(super) direction: Direction,
    /// Tells two searches apart without keeping their words.
    pub(super) digest: String,
}

impl Wanted {
    /// Checks the body of a request.
    ///
    /// # Errors
    /// What cannot be searched for.
    pub fn from_body(request: &SearchReq) -> Result<Self, GatewayError> {
        let range = TimeRange {
            start_utc: request.query.date_range.start_date,
            end_utc: request.query.date_range.end_date,
        };
        let clauses = request.query.filter.clauses.iter();
        let clauses = clauses.map(|it| (it.field, it.value.as_str()));
        Self::new(range, clauses, request.order_direction)
    }

    /// Checks a text such as `timestamp:[2023-10-01T00:00:00.000Z TO 2023-10-01T23:59:59.999Z] AND participantId:"+44…"`.
    ///
    /// # Errors
    /// What cannot be understood or searched for.
    pub fn from_text(text: &str) -> Result<Self, GatewayError> {
        if text.len() > MAX_TEXT {
            return Err(invalid("the query is too long"));
        }
        let mut range = None;
        let mut clauses = Vec::new();
        for term in text.split(" AND ") {
            let (name, value) = term
                .trim()
                .split_once(':')
                .ok_or_else(|| invalid("every term of `q` is `field:value`"))?;
            if name == "timestamp" {
                range = Some(inclusive(value)?);
            } else {
                let field = serde_json::from_value(name.into());
                let field = field.map_err(|_| invalid("`q` has a field that is not known"))?;
                let quoted = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                clauses.push((field, quoted.unwrap_or(value)));
            }
        }
        let range = range.ok_or_else(|| invalid("`q` needs `timestamp:[… TO …]`"))?;
        Self::new(range, clauses.into_iter(), Direction::Asc)
    }

    fn new<'c>(
        range: TimeRange,
        clauses: impl Iterator<Item = (Field, &'c str)>,
        direction: Direction,
    ) -> Result<Self, GatewayError> {
        // S0-32
        if range.start_utc >= range.end_utc {
            return Err(invalid("the end of the range is not after its start"));
        }
        let mut criteria = SearchCriteria {
            identifiers: Vec::new(),
            range,
            agent_id: None,
            queue_id: None,
        };
        let mut words = format!("{}/{}/{direction:?}", range.start_utc, range.end_utc);
        for (field, value) in clauses {
            let value = value.trim();
            if value.is_empty() || value.len() > 256 || value.chars().any(char::is_control) {
                return Err(invalid("a clause has no usable value"));
            }
            words.push_str(&format!("/{field:?}:{}:{value}", value.len()));
            add(&mut criteria, field, value)?;
        }
        if criteria.identifiers.len() != 1 {
            return Err(invalid(
                "exactly one clause names the person or the call: `callFrom`, `customerId`, \
                 `externalContactId`, `conversationId` or `participantId`",
            ));
        }
        Ok(Self {
            criteria,
            direction,
            digest: sha256(words).to_string(),
        })
    }
}

fn add(criteria: &mut SearchCriteria, field: Field, value: &str) -> Result<(), GatewayError> {
    let personal = || PersonalData::new(value.to_owned());
    let identifier = match field {
        Field::CallFrom => Identifier::Phone(phone(value)?),
        Field::ParticipantId => match phone(value) {
            Ok(number) => Identifier::Phone(number),
            Err(_) => Identifier::CustomerId(personal()),
        },
        Field::CustomerId => Identifier::CustomerId(personal()),
        Field::ExternalContactId => Identifier::ExternalContact(personal()),
        Field::ConversationId => {
            let id = ConversationId::new(value);
            Identifier::Conversation(id.map_err(|_| invalid("`conversationId` is none"))?)
        }
        Field::AgentId => return set(&mut criteria.agent_id, value),
        Field::QueueId => return set(&mut criteria.queue_id, value),
        Field::MediaType if value == "voice" => return Ok(()),
        Field::MediaType => return Err(invalid("`mediaType` can only be `voice`")),
    };
    criteria.identifiers.push(identifier);
    Ok(())
}

fn set(place: &mut Option<String>, value: &str) -> Result<(), GatewayError> {
    match place.replace(value.to_owned()) {
        None => Ok(()),
        Some(_) => Err(invalid("a field is named twice")),
    }
}

/// E.164: a plus sign and up to fifteen digits.
fn phone(text: &str) -> Result<PersonalData<String>, GatewayError> {
    let digits = text.strip_prefix('+').unwrap_or_default();
    if (6..=15).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit()) {
        return Ok(PersonalData::new(text.to_owned()));
    }
    Err(invalid(
        "a number is written as `+` and 6 to 15 digits; in an address the plus sign is `%2B`",
    ))
}

/// `[A TO B]` includes both ends, to the millisecond. // S2-14, X-13
fn inclusive(value: &str) -> Result<TimeRange, GatewayError> {
    let inner = value.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let ends = inner.and_then(|it| it.split_once(" TO "));
    let ends =
        ends.and_then(|(start, end)| Some((start.trim().parse().ok()?, end.trim().parse().ok()?)));
    let (start_utc, last): (Timestamp, Timestamp) =
        ends.ok_or_else(|| invalid("`timestamp` is `[2023-10-01T00:00:00.000Z TO …]`"))?;
    let end_utc = last
        .saturating_add(SignedDuration::from_millis(1))
        .unwrap_or(last);
    Ok(TimeRange { start_utc, end_utc })
}

fn invalid(why: &str) -> GatewayError {
    GatewayError::because(Code::InvalidRequest, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: &str = "timestamp:[2023-10-01T00:00:00.000Z TO 2023-10-01T23:59:59.999Z]";

    // S2-14, X-13
    #[test]
    fn both_ends_of_a_text_range_are_inside() {
        let wanted =
            Wanted::from_text(&format!("{DAY} AND participantId:\"+15551234567\"")).unwrap();
        let end = wanted.criteria.range.end_utc;
        assert_eq!(end, "2023-10-02T00:00:00Z".parse().unwrap());
        assert_eq!(wanted.criteria.identifiers[0].kind(), "phone");
    }

    #[test]
    fn texts_that_mean_nothing_are_refused() {
        for bad in [
            "",
            "hello",
            DAY,
            "participantId:\"+15551234567\"",
            &format!("{DAY} AND callFrom:\" 15551234567\""),
            &format!("{DAY} AND shoeSize:\"44\""),
            &format!("{DAY} AND conversationId:\"a\" AND customerId:\"b\""),
            "timestamp:[2023-10-02T00:00:00Z TO 2023-10-01T00:00:00Z] AND customerId:\"b\"",
        ] {
            assert!(Wanted::from_text(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn another_question_has_another_digest() {
        let digest = |id: &str| {
            Wanted::from_text(&format!("{DAY} AND customerId:\"{id}\""))
                .unwrap()
                .digest
        };
        assert_eq!(digest("a"), digest("a"));
        assert_ne!(digest("a"), digest("b"));
    }
}
