//! What the recorders hold.

use jiff::{SignedDuration, Timestamp};

use crate::corpus::{Conversation, Corpus};

/// A call of an old recorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacyCall {
    /// Which recorder has it: `avaya`, `cisco` or `bucket`.
    pub recorder: &'static str,
    /// Its id there.
    pub id: String,
    /// The id of the call, which is not the recording's. // S1-11, S1-19
    pub call_id: String,
    /// Start.
    pub start_utc: Timestamp,
    /// End.
    pub end_utc: Timestamp,
    /// Number of the outside party in E.164 form.
    pub number: String,
    /// The organization's customer number, if the recorder kept it.
    pub customer_id: Option<&'static str>,
    /// Codec as the recorder names it.
    pub codec: &'static str,
    /// Whether its sound was deleted.
    pub is_deleted: bool,
    /// The dialogue that is heard.
    pub stem: &'static str,
}

const AMELIA: &str = "+447700900123";
const AMELIA_MOBILE: &str = "+447700900876";
const PRIYA: &str = "+447700900345";

/// Calls of all recorders.
pub(crate) fn all() -> Vec<LegacyCall> {
    let mut calls = vec![
        avaya("8923", "2023-10-27T14:30:00Z", AMELIA, "call-10"),
        // The last hour of summer time comes twice on the recorder's clock.
        avaya("8931", "2023-10-29T00:30:00Z", AMELIA, "call-08"),
        LegacyCall {
            codec: "G.729",
            ..avaya("8940", "2023-11-02T10:00:00Z", AMELIA, "call-07")
        },
        LegacyCall {
            codec: "G.723.1",
            ..avaya("8941", "2023-11-03T10:00:00Z", AMELIA, "call-07")
        },
        LegacyCall {
            is_deleted: true,
            ..avaya("8950", "2023-11-10T09:00:00Z", AMELIA, "call-10")
        },
        avaya("8960", "2023-11-12T09:00:00Z", PRIYA, "call-14"),
        cisco("7001", "2024-05-06T08:15:00Z", AMELIA_MOBILE, "call-09"),
        cisco("7002", "2024-05-07T08:15:00Z", PRIYA, "call-15"),
        cisco("7003", "2024-06-01T12:00:00Z", AMELIA_MOBILE, "call-06"),
        exported("5501", "2022-01-11T10:00:00Z", AMELIA, "call-10"),
        exported("5502", "2022-01-12T10:00:00Z", PRIYA, "call-15"),
        exported("5503", "2022-02-01T10:00:00Z", AMELIA, "call-06"),
    ];
    // Migrated, and still here; the second one the platform has deleted since. // S1-13, S1-22
    calls.extend(migrated("9101", "call-02"));
    calls.extend(migrated("9102", "call-11"));
    calls
}

fn avaya(number: &str, start: &str, party: &str, stem: &'static str) -> LegacyCall {
    LegacyCall {
        recorder: "avaya",
        id: format!("avaya_{number}"),
        call_id: format!("{start}-{number}"),
        customer_id: (party == AMELIA).then_some("CUST-104882"),
        codec: "G.711 A-law",
        ..call(start, party, stem)
    }
}

fn cisco(number: &str, start: &str, party: &str, stem: &'static str) -> LegacyCall {
    LegacyCall {
        recorder: "cisco",
        id: format!("0f{number}b2c4e1"),
        call_id: format!("{number}@cucm-1"),
        customer_id: None,
        codec: "G.711 u-law",
        ..call(start, party, stem)
    }
}

fn exported(number: &str, start: &str, party: &str, stem: &'static str) -> LegacyCall {
    LegacyCall {
        recorder: "bucket",
        id: format!("rec-{number}"),
        call_id: format!("conv-{number}"),
        codec: "G.711 u-law",
        ..call(start, party, stem)
    }
}

fn call(start: &str, party: &str, stem: &'static str) -> LegacyCall {
    let start_utc: Timestamp = start.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let length_ms = conversation(stem)
        .and_then(|it| it.recordings.first())
        .map_or(0, crate::corpus::Recording::duration_ms);
    LegacyCall {
        recorder: "",
        id: String::new(),
        call_id: String::new(),
        start_utc,
        end_utc: start_utc + SignedDuration::from_millis(length_ms as i64),
        number: party.to_owned(),
        customer_id: None,
        codec: "",
        is_deleted: false,
        stem,
    }
}

/// The recorder's copy of a call that the platform has.
fn migrated(number: &str, stem: &'static str) -> Option<LegacyCall> {
    let platform = conversation(stem)?;
    let start = format!("{:.0}", platform.start);
    // The platform has no sound of the deleted call; the recorder plays another dialogue.
    let heard = if stem == "call-11" { "call-10" } else { stem };
    Some(LegacyCall {
        end_utc: platform.end,
        stem: heard,
        ..avaya(number, &start, AMELIA, stem)
    })
}

pub(super) fn conversation(stem: &str) -> Option<&'static Conversation> {
    Corpus::get()
        .conversations
        .iter()
        .find(|it| it.stem == stem)
}
