//! The query of an export: a small part of the Lucene syntax, read in one way only. // S2-09, S2-13
//!
//! ```text
//! query     = "*" | clause *(" AND " clause)
//! clause    = field ":" quoted | "timestamp:[" instant " TO " instant "]" | "date:" day ".." day
//! field     = "conversationId" | "participantId" | "agentId" | "queueId"
//!           | "phone" | "customer_id" | "externalContactId"
//! ```
//!
//! Whatever else Lucene knows is refused by name: a query that means something else to its next reader is
//! no evidence.

use domain::{
    ids::ConversationId,
    search::{FoundRecording, Identifier},
    sensitive::PersonalData,
    time_range::TimeRange,
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Query {
    /// All of these must match.
    pub(super) identifiers: Vec<Identifier>,
    pub(super) agent_id: Option<String>,
    pub(super) queue_id: Option<String>,
    /// Somebody on the call, by the id of the person or of the part in the conversation.
    participant_id: Option<String>,
    /// The range of the clause `timestamp` or `date`, and where the clause stands in the text.
    pub(super) range: Option<(TimeRange, std::ops::Range<usize>)>,
}

/// Every field, as it is written.
const FIELDS: &str = "conversationId, participantId, agentId, queueId, phone, customer_id, externalContactId, timestamp, date";

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.trim() == "*" {
            return Ok(Self::default());
        }
        let mut query = Self::default();
        let mut rest = Rest { text, at: 0 };
        let mut fields = Vec::new();
        loop {
            let start = rest.skip_blanks();
            let field = rest.field()?;
            if fields.contains(&field) {
                return Err(format!(
                    "`{field}` stands in it twice; run one export for each value"
                ));
            }
            fields.push(field);
            query.clause(field, &mut rest, start)?;
            rest.skip_blanks();
            if rest.remaining().is_empty() {
                return Ok(query);
            }
            rest.and()?;
        }
    }

    fn clause(&mut self, field: &str, rest: &mut Rest<'_>, start: usize) -> Result<(), String> {
        if matches!(field, "timestamp" | "date") {
            if self.range.is_some() {
                return Err("it has both `timestamp` and `date`; one says the range".to_owned());
            }
            let range = match field {
                "date" => rest.days()?,
                _ => rest.range()?,
            };
            self.range = Some((range, start..rest.at));
            return Ok(());
        }
        let value = rest.quoted(field)?;
        let hidden = PersonalData::new(value.clone());
        match field {
            "conversationId" => {
                let id = ConversationId::new(value).map_err(|error| error.to_string())?;
                self.identifiers.push(Identifier::Conversation(id));
            }
            "phone" if !is_e164(&value) => {
                return Err(
                    "`phone` needs a number with its country code, such as \"+15551234567\""
                        .to_owned(),
                );
            }
            "phone" => self.identifiers.push(Identifier::Phone(hidden)),
            "customer_id" => self.identifiers.push(Identifier::CustomerId(hidden)),
            "externalContactId" => self.identifiers.push(Identifier::ExternalContact(hidden)),
            "participantId" => self.participant_id = Some(value),
            "agentId" => self.agent_id = Some(value),
            "queueId" => self.queue_id = Some(value),
            other => return Err(format!("it has no field `{other}`; there are {FIELDS}")),
        }
        Ok(())
    }

    /// What the sources are asked by: everybody's calls when the query names nobody.
    pub(super) fn asked_identifiers(&self) -> Vec<Identifier> {
        if self.identifiers.is_empty() {
            vec![Identifier::Anyone]
        } else {
            self.identifiers.clone()
        }
    }

    /// Why a recording that a source returned does not fit the whole query; `None` when it does.
    ///
    /// Sources answer with whatever fits one of the identifiers; a query means all of them.
    pub(super) fn mismatch(&self, found: &FoundRecording) -> Option<String> {
        let mut kinds = self.identifiers.iter().map(Identifier::kind);
        if let Some(kind) = kinds.find(|kind| !found.matched_by.contains(kind)) {
            return Some(format!("the source does not show that it fits `{kind}`"));
        }
        let wanted = self.participant_id.as_ref()?;
        let is_there = found
            .participants
            .iter()
            .any(|it| it.id.as_ref() == Some(wanted) || it.participant_id.as_ref() == Some(wanted));
        (!is_there).then(|| "the participant is not on the call".to_owned())
    }
}

/// The clause for a range, as this program writes it: both ends inside, milliseconds. // S2-14, X-13
pub(super) fn clause_of(range: TimeRange) -> String {
    let last = range.end_utc.saturating_sub(SignedDuration::from_millis(1));
    let last = last.unwrap_or(range.end_utc);
    format!("timestamp:[{:.3} TO {last:.3}]", range.start_utc)
}

fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// What is still to be read.
struct Rest<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    fn remaining(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) -> usize {
        let rest = self.remaining();
        self.at += rest.len() - rest.trim_start().len();
        self.at
    }

    fn field(&mut self) -> Result<&'a str, String> {
        let rest = self.remaining();
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let name = rest.find(|letter| !is_letter(letter)).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(name);
        if name.is_empty() || !behind.starts_with(':') {
            return Err(unexpected(rest));
        }
        if !FIELDS.split(", ").any(|field| field == name) {
            return Err(format!("it has no field `{name}`; there are {FIELDS}"));
        }
        self.at += name.len() + 1;
        Ok(name)
    }

    /// A value in quotes; a backslash stands before a quote or a backslash in it.
    fn quoted(&mut self, field: &str) -> Result<String, String> {
        let rest = self.remaining();
        let Some(inside) = rest.strip_prefix('"') else {
            return Err(format!(
                "the value of `{field}` needs quotes: {field}:\"…\""
            ));
        };
        let mut value = String::new();
        let mut letters = inside.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' if value.is_empty() => return Err(format!("the value of `{field}` is empty")),
                '"' => {
                    self.at += at + 2;
                    return Ok(value);
                }
                '\\' => match letters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                    _ => return Err(format!("the value of `{field}` has a lone backslash")),
                },
                '*' | '?' => {
                    return Err(format!("`{field}` has a wildcard; name the whole value"));
                }
                _ => value.push(letter),
            }
        }
        Err(format!("the value of `{field}` has no closing quote"))
    }

    fn range(&mut self) -> Result<TimeRange, String> {
        const FORM: &str =
            "`timestamp` is written [2026-03-01T00:00:00.000Z TO 2026-03-01T23:59:59.999Z]";
        let rest = self.remaining();
        let inside = rest.strip_prefix('[').and_then(|it| it.split_once(']'));
        let (inside, _) = inside.ok_or(FORM)?;
        let (start, last) = inside.split_once(" TO ").ok_or(FORM)?;
        let instant = |text: &str| text.trim().parse::<Timestamp>().map_err(|_| FORM);
        let (start_utc, last) = (instant(start)?, instant(last)?);
        // Both ends are inside and the clock of the sources ticks in milliseconds. // S2-14
        let end_utc = last.checked_add(SignedDuration::from_millis(1));
        let end_utc = end_utc.map_err(|_| FORM)?;
        if last < start_utc {
            return Err("`timestamp` ends before it starts".to_owned());
        }
        self.at += inside.len() + 2;
        Ok(TimeRange { start_utc, end_utc })
    }

    /// Whole days in UTC, the last one inside. // S3-24
    fn days(&mut self) -> Result<TimeRange, String> {
        const FORM: &str = "`date` is written 2026-03-01..2026-03-31";
        let rest = self.remaining();
        let written = rest.split_whitespace().next().unwrap_or_default();
        let (first, last) = written.split_once("..").ok_or(FORM)?;
        let day = |text: &str| text.parse::<Date>().map_err(|_| FORM);
        let (first, last) = (day(first)?, day(last)?);
        if last < first {
            return Err("`date` ends before it starts".to_owned());
        }
        let midnight = |day: Date| day.to_zoned(TimeZone::UTC).map(|it| it.timestamp());
        let start_utc = midnight(first).map_err(|_| FORM)?;
        let end_utc = last.tomorrow().and_then(midnight).map_err(|_| FORM)?;
        self.at += written.len();
        Ok(TimeRange { start_utc, end_utc })
    }

    fn and(&mut self) -> Result<(), String> {
        let rest = self.remaining();
        match rest.strip_prefix("AND") {
            Some(behind) if behind.starts_with(char::is_whitespace) => {
                self.at += 3;
                Ok(())
            }
            _ => Err(unexpected(rest)),
        }
    }
}

/// Names what stands where it cannot, without the values, which may name people.
fn unexpected(rest: &str) -> String {
    let word = rest.split([' ', ':', '"', '(']).next().unwrap_or_default();
    match word {
        "OR" | "NOT" | "TO" => {
            format!("`{word}` is not part of the language; join clauses with AND")
        }
        "" if rest.is_empty() => {
            "it ends where a clause is expected; `*` means every call".to_owned()
        }
        _ => "a clause is expected, such as queueId:\"…\", and AND between two of them".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_the_guide_is_read() {
        let text = r#"timestamp:[2023-10-01T00:00:00.000Z TO 2023-10-01T23:59:59.999Z] AND participantId:"5f4d""#;
        let query = Query::parse(text).unwrap();
        let (range, place) = query.range.clone().unwrap();
        assert_eq!(range.end_utc.to_string(), "2023-10-02T00:00:00Z");
        assert_eq!(clause_of(range), text.get(place).unwrap());
        assert_eq!(query.participant_id.as_deref(), Some("5f4d"));
        assert_eq!(query.asked_identifiers(), [Identifier::Anyone]);
    }

    #[test]
    fn days_are_whole_and_in_utc() {
        // S3-24
        let query = Query::parse(r#"date:2023-10-01..2023-10-31 AND queueId:"q""#).unwrap();
        let (range, place) = query.range.unwrap();
        let clause = "timestamp:[2023-10-01T00:00:00.000Z TO 2023-10-31T23:59:59.999Z]";
        assert_eq!((clause_of(range), place), (clause.to_owned(), 0..27));
        assert_eq!(query.queue_id.as_deref(), Some("q"));
    }

    #[test]
    fn values_are_taken_to_the_letter() {
        let query = Query::parse(r#"queueId:"a \"b\" \\ AND c"  AND  agentId:"x""#).unwrap();
        assert_eq!(query.queue_id.as_deref(), Some(r#"a "b" \ AND c"#));
        assert_eq!(query.agent_id.as_deref(), Some("x"));
        assert_eq!(Query::parse(" * ").unwrap(), Query::default());
    }

    #[test]
    fn whatever_else_lucene_knows_is_refused_by_name() {
        for (text, why) in [
            (r#"name:"x""#, "no field `name`"),
            (r#"queueId:"a" OR queueId:"b""#, "`OR` is not part"),
            (r#"NOT queueId:"a""#, "`NOT` is not part"),
            (r#"queueId:"a" queueId:"b""#, "a clause is expected"),
            (r#"queueId:"a" AND queueId:"b""#, "twice"),
            (r#"queueId:"a" AND "#, "it ends"),
            ("queueId:a", "needs quotes"),
            (r#"queueId:"a*""#, "wildcard"),
            (r#"queueId:""#, "no closing quote"),
            (r#"queueId:"""#, "is empty"),
            (r#"queueId:"a\n""#, "lone backslash"),
            (r#"phone:"5559876""#, "country code"),
            (r#"(queueId:"a")"#, "a clause is expected"),
            ("timestamp:[* TO *]", "is written"),
            (
                "timestamp:{2026-03-01T00:00:00Z TO 2026-03-02T00:00:00Z}",
                "is written",
            ),
            (
                "timestamp:[2026-03-02T00:00:00Z TO 2026-03-01T00:00:00Z]",
                "ends before",
            ),
            ("date:2026-03-01", "is written"),
            ("date:2026-02-30..2026-03-01", "is written"),
            ("date:2026-03-02..2026-03-01", "ends before"),
            (
                "date:2026-03-01..2026-03-02 AND timestamp:[2026-03-01T00:00:00Z TO 2026-03-02T00:00:00Z]",
                "both `timestamp` and `date`",
            ),
            ("", "it ends"),
        ] {
            let refused = Query::parse(text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
            assert!(!refused.contains("5559876"), "{refused}");
        }
    }
}
