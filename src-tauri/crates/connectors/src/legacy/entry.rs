//! One recording of an old source, in our terms, and whether it is the data subject's.

use domain::{
    ids::{ConversationId, RecordingId, SourceId},
    recording::MediaState,
    search::{FoundParticipant, FoundRecording, Identifier, SearchCriteria},
    sensitive::PersonalData,
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::fields::{self, FieldMap};
use crate::{
    locate::Place,
    numbers::{self, HomeNumbering},
};

/// A recording as its source describes it.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) recording: RecordingId,
    pub(super) call: ConversationId,
    pub(super) start_utc: Timestamp,
    pub(super) end_utc: Option<Timestamp>,
    numbers: Vec<String>,
    customer: Option<String>,
    agents: Vec<String>,
    queues: Vec<String>,
    pub(super) codec: Option<String>,
    /// Address or file name of the sound.
    pub(super) media: Option<String>,
    pub(super) size_bytes: Option<u64>,
    is_deleted: bool,
}

impl Entry {
    /// Reads a recording; `None` when it has no usable id or start.
    pub(super) fn read(value: &Value, map: &FieldMap, zone: &TimeZone) -> Option<Self> {
        let recording = fields::text(value, &map.recording)?;
        Self::read_as(value, map, zone, &recording)
    }

    /// The same under an id of our own.
    pub(super) fn read_as(
        value: &Value,
        map: &FieldMap,
        zone: &TimeZone,
        recording: &str,
    ) -> Option<Self> {
        let one = |pointer: &Option<String>| {
            let pointer = pointer.as_ref()?;
            fields::text(value, pointer)
        };
        let all = |pointers: &[String]| {
            let texts = pointers.iter().flat_map(|it| fields::texts(value, it));
            texts.collect::<Vec<_>>()
        };
        let start_utc = fields::time(value, &map.start, zone)?;
        let end = map
            .end
            .as_ref()
            .and_then(|it| fields::time(value, it, zone));
        let length = map.duration.as_ref().and_then(|it| it.read(value));
        let call = one(&map.call).unwrap_or_else(|| recording.to_owned());
        Some(Self {
            call: ConversationId::new(call).ok()?,
            recording: RecordingId::new(recording).ok()?,
            start_utc,
            end_utc: end.or_else(|| start_utc.checked_add(length?).ok()),
            numbers: all(&map.numbers),
            customer: one(&map.customer),
            agents: all(&map.agents),
            queues: one(&map.queue).into_iter().collect(),
            codec: one(&map.codec),
            media: one(&map.media),
            size_bytes: map
                .size_bytes
                .as_ref()
                .and_then(|it| fields::whole(value, it)),
            is_deleted: map
                .deleted
                .as_ref()
                .is_some_and(|it| fields::says_yes(value, it)),
        })
    }

    /// Length of the call as the source says it, in milliseconds.
    pub(super) fn duration_ms(&self) -> Option<u64> {
        let length = self.end_utc?.as_millisecond() - self.start_utc.as_millisecond();
        u64::try_from(length).ok().filter(|length| *length > 0)
    }

    /// The recording as found, when it is one of the data subject's in the range. // S0-87
    pub(super) fn found(
        &self,
        source: &SourceId,
        criteria: &SearchCriteria,
        home: Option<&HomeNumbering>,
    ) -> Option<FoundRecording> {
        let end_utc = self.end_utc.unwrap_or(self.start_utc).max(self.start_utc);
        let in_range = criteria.range.touches(self.start_utc, end_utc);
        let matched_by = self.matched_by(criteria, home);
        (in_range && !matched_by.is_empty() && self.passed_desk(criteria)).then(|| FoundRecording {
            source: source.clone(),
            conversation: self.call.clone(),
            recording: self.recording.clone(),
            communication: None,
            start_utc: self.start_utc,
            end_utc: self.end_utc,
            agents: self.agents.iter().cloned().map(PersonalData::new).collect(),
            participants: self.participants(),
            queues: self.queues.clone(),
            media_state: self.media_state(),
            retention_ends_utc: None,
            region: None,
            matched_by,
        })
    }

    /// Where it is.
    pub(super) fn place(&self, source: &SourceId) -> Place {
        Place {
            source: source.clone(),
            conversation: self.call.clone(),
            recording: self.recording.clone(),
            start_utc: Some(self.start_utc),
            end_utc: self.end_utc,
            media_state: self.media_state(),
            retention_ends_utc: None,
        }
    }

    /// Numbers and agents; an old source seldom says which belongs to whom.
    fn participants(&self) -> Vec<FoundParticipant> {
        let agent = |name: &String| FoundParticipant {
            role: "agent".to_owned(),
            id: Some(name.clone()),
            name: Some(PersonalData::new(name.clone())),
            ..FoundParticipant::default()
        };
        let number = |number: &String| FoundParticipant {
            role: "party".to_owned(),
            addresses: vec![PersonalData::new(number.clone())],
            ..FoundParticipant::default()
        };
        let numbers = self.numbers.iter().map(number);
        numbers.chain(self.agents.iter().map(agent)).collect()
    }

    fn media_state(&self) -> MediaState {
        if self.is_deleted {
            MediaState::Deleted
        } else {
            MediaState::Available
        }
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    fn matched_by(
        &self,
        criteria: &SearchCriteria,
        home: Option<&HomeNumbering>,
    ) -> Vec<&'static str> {
        let identifiers = criteria.identifiers.iter();
        let fitting = identifiers.filter(|it| self.fits(it, home));
        let mut kinds: Vec<_> = fitting.map(Identifier::kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    fn fits(&self, identifier: &Identifier, home: Option<&HomeNumbering>) -> bool {
        match identifier {
            Identifier::Phone(number) => {
                let wanted = numbers::digit_forms(number.reveal(), home);
                self.numbers
                    .iter()
                    .any(|it| wanted.contains(&numbers::bare(it)))
            }
            Identifier::CustomerId(id) => self.customer.as_ref() == Some(id.reveal()),
            Identifier::Conversation(id) => self.call == *id,
            // Contacts are a notion of the platform that came after.
            Identifier::ExternalContact(_) => false,
            Identifier::Anyone => true,
        }
    }

    fn passed_desk(&self, criteria: &SearchCriteria) -> bool {
        let has = |list: &[String], wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| list.contains(wanted))
        };
        has(&self.agents, &criteria.agent_id) && has(&self.queues, &criteria.queue_id)
    }
}
