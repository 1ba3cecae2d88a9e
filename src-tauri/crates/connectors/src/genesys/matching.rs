//! Whether a conversation is one of the data subject's, decided on our side.

use std::collections::BTreeSet;

use domain::{
    search::{Identifier, SearchCriteria},
    time_range::TimeRange,
};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    model::{Conversation, Participant, Session},
    query::Asked,
};
use crate::numbers::{self, HomeNumbering};

/// The participant attribute that holds the organization's customer number. // S3-35
const CUSTOMER_ATTRIBUTE: &str = "customer_id";

/// The kinds of identifier that fit, each once; empty when none does.
pub(super) fn matched_by(conversation: &Conversation, asked: Asked<'_>) -> Vec<&'static str> {
    let identifiers = asked.criteria.identifiers.iter();
    let fitting = identifiers.filter(|it| fits(conversation, it, asked.home));
    let mut kinds: Vec<_> = fitting.map(Identifier::kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Whether the conversation was active in the range; one without an end still runs. // S0-87
pub(super) fn in_range(conversation: &Conversation, range: TimeRange, now: Timestamp) -> bool {
    let start_utc = conversation.conversation_start;
    let end_utc = conversation.conversation_end.unwrap_or(now).max(start_utc);
    range.touches(start_utc, end_utc)
}

/// Whether agent and queue fit, where they were asked for.
pub(super) fn passed_desk(conversation: &Conversation, criteria: &SearchCriteria) -> bool {
    let agent = criteria.agent_id.as_ref().is_none_or(|wanted| {
        conversation
            .participants
            .iter()
            .any(|it| it.user_id.as_ref() == Some(wanted))
    });
    let queue = criteria
        .queue_id
        .as_ref()
        .is_none_or(|wanted| queues(conversation).any(|queue| queue == wanted));
    agent && queue
}

/// Whether anybody spoke: chats and e-mails have no call recording.
pub(super) fn has_voice(conversation: &Conversation) -> bool {
    // Genesys: `voice`, and `callback` whose call is another session (API reference section 4.3, checked 2026-08).
    sessions(conversation).any(|session| session.media_type.as_deref() == Some("voice"))
}

/// Queue ids in the order they were passed, repeated ones included.
pub(super) fn queues(conversation: &Conversation) -> impl Iterator<Item = &String> {
    sessions(conversation)
        .flat_map(|it| &it.segments)
        .filter_map(|it| it.queue_id.as_ref())
}

pub(super) fn sessions(conversation: &Conversation) -> impl Iterator<Item = &Session> {
    conversation
        .participants
        .iter()
        .flat_map(|participant| &participant.sessions)
}

fn fits(
    conversation: &Conversation,
    identifier: &Identifier,
    home: Option<&HomeNumbering>,
) -> bool {
    let any = |fits: &dyn Fn(&Participant) -> bool| conversation.participants.iter().any(fits);
    match identifier {
        Identifier::Phone(number) => {
            let wanted = numbers::digit_forms(number.reveal(), home);
            sessions(conversation).any(|session| has_number(session, &wanted))
        }
        Identifier::CustomerId(id) => any(&|it| attribute(it).as_deref() == Some(id.reveal())),
        Identifier::ExternalContact(id) => {
            any(&|it| it.external_contact_id.as_ref() == Some(id.reveal()))
        }
        Identifier::Conversation(id) => conversation.conversation_id == id.as_str(),
        Identifier::Anyone => true,
    }
}

fn attribute(participant: &Participant) -> Option<String> {
    match participant.attributes.as_ref()?.get(CUSTOMER_ATTRIBUTE)? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The numbers and addresses of the outside end of a participant's sessions, each once.
pub(super) fn numbers(participant: &Participant) -> BTreeSet<String> {
    let texts = |session: &Session| {
        let single = [&session.address_other, &session.remote, &session.ani];
        let single = single.into_iter().flatten().cloned();
        single
            .chain(session.callback_numbers.clone())
            .collect::<Vec<_>>()
    };
    participant.sessions.iter().flat_map(texts).collect()
}

fn has_number(session: &Session, wanted: &[String]) -> bool {
    let single = [
        &session.ani,
        &session.dnis,
        &session.session_dnis,
        &session.address_from,
        &session.address_to,
        &session.address_self,
        &session.address_other,
        &session.remote,
    ];
    let several = session.callback_numbers.iter();
    single
        .into_iter()
        .flatten()
        .chain(several)
        .any(|text| wanted.contains(&numbers::bare(text)))
}

#[cfg(test)]
mod tests {
    use domain::sensitive::PersonalData;
    use serde_json::json;

    use super::*;

    fn conversation(participants: Value) -> Conversation {
        serde_json::from_value(json!({
            "conversationId": "c-1",
            "conversationStart": "2026-03-01T23:58:00.000Z",
            "conversationEnd": "2026-03-02T00:03:00.000Z",
            "participants": participants,
        }))
        .unwrap()
    }

    fn phone(number: &str) -> Identifier {
        Identifier::Phone(PersonalData::new(number.to_owned()))
    }

    #[test]
    fn a_number_is_found_in_every_spelling_and_no_other_number_is() {
        for text in [
            "tel:+15551234567",
            "+15551234567",
            "sip:+15551234567@edge.example",
            "tel:+1-555-123-4567",
        ] {
            let call = conversation(json!([{"sessions": [{"remote": text}]}]));
            assert!(fits(&call, &phone("+15551234567"), None), "{text}");
        }
        for text in [
            "tel:+155512345678",
            "tel:+5551234567",
            "sip:agent15551234567@edge",
            "",
        ] {
            let call = conversation(json!([{"sessions": [{"ani": text}]}]));
            assert!(!fits(&call, &phone("+15551234567"), None), "{text}");
        }
    }

    #[test]
    fn a_customer_number_is_read_from_any_participant() {
        let call = conversation(json!([
            {"purpose": "agent", "attributes": {}},
            {"purpose": "customer", "attributes": {"customer_id": "C-1"}},
        ]));
        let customer = |id: &str| Identifier::CustomerId(PersonalData::new(id.to_owned()));
        assert!(fits(&call, &customer("C-1"), None));
        assert!(!fits(&call, &customer("C-10"), None));
    }

    // S0-87
    #[test]
    fn a_call_over_midnight_belongs_to_both_days() {
        let call = conversation(json!([]));
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let day = |start: &str, end: &str| TimeRange {
            start_utc: at(start),
            end_utc: at(end),
        };
        let now = at("2026-03-10T00:00:00Z");
        assert!(in_range(
            &call,
            day("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"),
            now
        ));
        assert!(in_range(
            &call,
            day("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"),
            now
        ));
        assert!(!in_range(
            &call,
            day("2026-03-02T00:03:00Z", "2026-03-03T00:00:00Z"),
            now
        ));
    }
}
