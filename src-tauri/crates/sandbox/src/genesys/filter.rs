//! Filters of conversation queries, evaluated over the same JSON that is answered.

use serde::Deserialize;
use serde_json::Value;

use super::answer::Refusal;

/// Segment dimensions the sandbox can match; asking for another is refused rather than ignored.
const SEGMENT: [&str; 18] = [
    "ani",
    "dnis",
    "sessionDnis",
    "addressFrom",
    "addressTo",
    "remote",
    "callbackNumber",
    "mediaType",
    "externalContactId",
    "direction",
    "queueId",
    "userId",
    "purpose",
    "participantName",
    "recording",
    "segmentType",
    "disconnectType",
    "provider",
];
const CONVERSATION: [&str; 4] = [
    "conversationId",
    "divisionId",
    "originatingDirection",
    "externalTag",
];

/// Which list of the query a filter stands in.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Segment,
    Conversation,
}

/// A filter or one of its clauses: predicates and clauses joined by `and` or `or`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    #[serde(rename = "type")]
    join: Join,
    #[serde(default)]
    predicates: Vec<Predicate>,
    #[serde(default)]
    clauses: Vec<Filter>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Join {
    And,
    Or,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Predicate {
    #[serde(rename = "type")]
    kind: Option<String>,
    dimension: Option<String>,
    #[serde(default)]
    operator: Operator,
    value: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Operator {
    #[default]
    Matches,
    Exists,
    NotExists,
}

/// Refuses what the definition, or this organization, does not know.
pub(crate) fn check(filters: &[Filter], kind: Kind) -> Result<(), Refusal> {
    for filter in filters {
        if filter.predicates.is_empty() && filter.clauses.is_empty() {
            return Err(Refusal::bad_request(
                "bad.request",
                "A filter must have predicates or clauses",
            ));
        }
        check(&filter.clauses, kind)?;
        filter
            .predicates
            .iter()
            .try_for_each(|predicate| check_predicate(predicate, kind))?;
    }
    Ok(())
}

fn check_predicate(predicate: &Predicate, kind: Kind) -> Result<(), Refusal> {
    let known: &[&str] = match kind {
        Kind::Segment => &SEGMENT,
        Kind::Conversation => &CONVERSATION,
    };
    let is_dimension = predicate
        .kind
        .as_deref()
        .is_none_or(|kind| kind == "dimension");
    match predicate.dimension.as_deref() {
        Some(dimension) if is_dimension && known.contains(&dimension) => {}
        _ => {
            return Err(Refusal::bad_request(
                "invalid.value",
                format!("A predicate must name one of these dimensions: {known:?}"),
            ));
        }
    }
    if matches!(predicate.operator, Operator::Matches) && predicate.value.is_none() {
        return Err(Refusal::bad_request(
            "constraint.validation",
            "The operator `matches` needs a value",
        ));
    }
    Ok(())
}

/// Whether a conversation passes all filters. A segment filter passes when one segment does.
pub(crate) fn matches(
    conversation_filters: &[Filter],
    segment_filters: &[Filter],
    detail: &Value,
) -> bool {
    let rows = rows(detail);
    conversation_filters
        .iter()
        .all(|filter| passes(filter, &[detail]))
        && segment_filters
            .iter()
            .all(|filter| rows.iter().any(|row| passes(filter, row)))
}

/// Every segment with the session and participant it belongs to.
fn rows(detail: &Value) -> Vec<[&Value; 3]> {
    let mut rows = Vec::new();
    for participant in detail["participants"].as_array().into_iter().flatten() {
        for session in participant["sessions"].as_array().into_iter().flatten() {
            rows.extend(
                session["segments"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|segment| [segment, session, participant]),
            );
        }
    }
    rows
}

fn passes(filter: &Filter, levels: &[&Value]) -> bool {
    let mut results = filter
        .predicates
        .iter()
        .map(|predicate| holds(predicate, levels))
        .chain(filter.clauses.iter().map(|clause| passes(clause, levels)));
    match filter.join {
        Join::And => results.all(|result| result),
        Join::Or => results.any(|result| result),
    }
}

fn holds(predicate: &Predicate, levels: &[&Value]) -> bool {
    let field = match predicate.dimension.as_deref() {
        Some("divisionId") => "divisionIds",
        Some("callbackNumber") => "callbackNumbers",
        Some(dimension) => dimension,
        None => return false,
    };
    let found = levels
        .iter()
        .map(|level| &level[field])
        .find(|value| !value.is_null());
    match predicate.operator {
        Operator::Exists => found.is_some(),
        Operator::NotExists => found.is_none(),
        Operator::Matches => found
            .zip(predicate.value.as_deref())
            .is_some_and(|(found, asked)| equals(found, asked)),
    }
}

fn equals(found: &Value, asked: &str) -> bool {
    match found {
        Value::String(text) => text.eq_ignore_ascii_case(asked),
        Value::Bool(flag) => asked.eq_ignore_ascii_case(if *flag { "true" } else { "false" }),
        Value::Array(values) => values.iter().any(|value| equals(value, asked)),
        _ => false,
    }
}
