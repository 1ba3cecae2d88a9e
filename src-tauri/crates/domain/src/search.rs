//! What was asked of the sources, and what they answered.

use jiff::Timestamp;

use crate::{
    ids::{CommunicationId, ConversationId, RecordingId, SourceId},
    recording::MediaState,
    sensitive::PersonalData,
    time_range::TimeRange,
};

/// One identifier of the data subject to search by. // S0-25, S3-34
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identifier {
    /// A phone number in E.164 form.
    Phone(PersonalData<String>),
    /// The organization's customer number, kept as the participant attribute `customer_id`. // S3-35
    CustomerId(PersonalData<String>),
    /// An external contact of the source.
    ExternalContact(PersonalData<String>),
    /// A conversation named by the requestor.
    Conversation(ConversationId),
    /// Whoever it was: every call of the range. Only a bulk export asks for it; a request of a person
    /// is always about somebody. // S2-13
    Anyone,
}

impl Identifier {
    /// The stable name of the kind, for logs and files.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Phone(_) => "phone",
            Self::CustomerId(_) => "customer_id",
            Self::ExternalContact(_) => "external_contact",
            Self::Conversation(_) => "conversation",
            Self::Anyone => "anyone",
        }
    }
}

/// What is searched for, in our terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchCriteria {
    /// Any one of these must match.
    pub identifiers: Vec<Identifier>,
    /// The calls must touch this range.
    pub range: TimeRange,
    /// Only calls handled by this agent, by the source's user id.
    pub agent_id: Option<String>,
    /// Only calls that passed this queue, by the source's queue id.
    pub queue_id: Option<String>,
}

/// Somebody on a call, as the source describes them. // S2-31
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundParticipant {
    /// `customer`, `agent`, or another purpose that the source names.
    pub role: String,
    /// Id of the person in the source: a user id, or that of an external contact.
    pub id: Option<String>,
    /// Id of this part in this conversation.
    pub participant_id: Option<String>,
    /// Name.
    pub name: Option<PersonalData<String>>,
    /// Numbers and addresses that the source gives with this part, as it writes them; with an agent it
    /// names the other end too.
    pub addresses: Vec<PersonalData<String>>,
}

/// A recording that a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundRecording {
    /// Which source has it.
    pub source: SourceId,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// Its id within the conversation.
    pub recording: RecordingId,
    /// The leg it records; the key of its transcript.
    pub communication: Option<CommunicationId>,
    /// Start of the audio, or of the conversation when the source says no more.
    pub start_utc: Timestamp,
    /// End of the audio, or of the conversation.
    pub end_utc: Option<Timestamp>,
    /// Names of the agents on the call, as the source gives them.
    pub agents: Vec<PersonalData<String>>,
    /// Everybody on the call, as far as the source tells. // S2-31
    pub participants: Vec<FoundParticipant>,
    /// Queue ids the call passed.
    pub queues: Vec<String>,
    /// Whether the source still has the media.
    pub media_state: MediaState,
    /// When the source deletes it, where it says so. // S1-32
    pub retention_ends_utc: Option<Timestamp>,
    /// Where the media is stored, such as `eu-central-1`.
    pub region: Option<String>,
    /// Which kinds of identifier matched.
    pub matched_by: Vec<&'static str>,
}

/// How much of a source a search has seen. // S0-40
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// Everything asked for was answered.
    Complete,
    /// Part of it was answered.
    Partial {
        /// What is missing and why.
        reason: String,
    },
    /// Nothing was answered.
    Failed {
        /// Why.
        reason: String,
    },
}

/// The answer of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceResult {
    /// The source.
    pub source: SourceId,
    /// What it found, each recording once.
    pub found: Vec<FoundRecording>,
    /// How much was seen.
    pub coverage: Coverage,
    /// The exact requests sent, identifiers included; sealed with the case. // S2-09
    pub queries: Vec<PersonalData<String>>,
    /// Calls after this instant may be missing from the source's index. // S0-26, S0-41
    pub index_complete_until_utc: Option<Timestamp>,
    /// Divisions the credentials can see, by name; others were not searched.
    pub divisions: Vec<String>,
}
