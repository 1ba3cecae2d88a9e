//! Search and freeze.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks what a local range means in UTC. // S0-83
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PreviewRangeReq {
    /// First local date and time inside, `2026-03-01T00:00`.
    pub start: String,
    /// First local date and time after.
    pub end: String,
    /// IANA zone, `Europe/Berlin`.
    pub zone: String,
}

/// The UTC bounds of a local range.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RangeView {
    /// First instant inside.
    pub start_utc: String,
    /// First instant after.
    pub end_utc: String,
    /// Clock changes that touch a bound.
    pub notices: Vec<String>,
}

/// Searches every connected source for the case's identifiers.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SearchReq {
    /// Case number.
    pub case_id: String,
    /// First local date and time inside.
    pub start: String,
    /// First local date and time after.
    pub end: String,
    /// IANA zone.
    pub zone: String,
    /// Only this agent, by the source's user id. // S0-25
    pub agent_id: Option<String>,
    /// Only this queue, by the source's queue id. // S0-25
    pub queue_id: Option<String>,
}

/// The latest search of a case.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SearchView {
    /// `none`, `running`, `done` or `failed`.
    pub state: String,
    /// Why it failed, in words.
    pub failure: Option<String>,
    /// What was typed.
    pub start: String,
    /// What was typed.
    pub end: String,
    /// What was typed.
    pub zone: String,
    /// The bounds, once resolved.
    pub range: Option<RangeView>,
    /// When it ran.
    pub ran_at_utc: Option<String>,
    /// Each source's coverage.
    pub sources: Vec<SourceCoverageView>,
    /// What was found, by start.
    pub found: Vec<FoundCallView>,
    /// Whether the list is frozen.
    pub frozen: Option<FrozenView>,
}

/// How much of a source was seen. // S0-40
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SourceCoverageView {
    /// The source.
    pub source: String,
    /// `complete`, `partial` or `failed`.
    pub coverage: String,
    /// Why it is not complete.
    pub reason: Option<String>,
    /// How many it found.
    pub found: u32,
    /// Calls after this instant may be missing.
    pub index_complete_until_utc: Option<String>,
    /// Divisions that were searched.
    pub divisions: Vec<String>,
    /// How many requests were sent.
    pub queries: u32,
    /// Where else was looked: contacts to search by, recordings without a conversation.
    pub places: Vec<SearchedPlaceView>,
    /// Recordings of the range that no conversation leads to; only their sound tells whose they are.
    pub orphans: Vec<OrphanView>,
}

/// A place that was looked into beside the calls themselves.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SearchedPlaceView {
    /// `data_subjects`, `external_contacts` or `orphans`.
    pub place: String,
    /// `searched`, `cut`, `not_permitted` or `failed`.
    pub outcome: String,
    /// How many entries fit.
    pub found: u32,
    /// The missing permission, or why it failed.
    pub reason: Option<String>,
}

/// A recording without a conversation.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OrphanView {
    /// Its id in the source.
    pub id: String,
    /// When it was made, RFC 3339 in UTC.
    pub created_utc: Option<String>,
    /// Why it has none, in the words of the source.
    pub status: String,
    /// `available`, `pending`, `archived`, `deleted` or `faulty`.
    pub media_state: String,
}

/// One found recording.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FoundCallView {
    /// Position in the result, from 0; names the recording in [`FreezeReq`].
    pub index: u32,
    /// The source.
    pub source: String,
    /// Other sources that have the same call. // S1-22
    pub also_at: Vec<String>,
    /// Positions of calls of other sources that may be the same: a person decides, and excludes one.
    pub maybe_same_as: Vec<u32>,
    /// Start, RFC 3339 in UTC.
    pub start_utc: String,
    /// Start in the zone of the search, `2026-03-03 09:12`.
    pub start_local: String,
    /// Length in milliseconds, as far as known.
    pub duration_ms: Option<u64>,
    /// Kinds of identifier that matched.
    pub matched_by: Vec<String>,
    /// Names of the agents.
    pub agents: Vec<String>,
    /// Where the media is stored.
    pub region: Option<String>,
    /// `available`, `pending`, `archived`, `deleted` or `faulty`.
    pub media_state: String,
}

/// Freezes the list; it cannot change afterwards. // S2-18
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FreezeReq {
    /// Case number.
    pub case_id: String,
    /// Recordings left out, each on a ground.
    pub excluded: Vec<Exclusion>,
    /// Recordings without a conversation that belong to the requestor all the same, as a person has found.
    pub orphans: Vec<OrphanRef>,
    /// Why the list is frozen although a source was not seen completely.
    pub partial_reason: Option<String>,
}

/// Names a recording without a conversation.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OrphanRef {
    /// The source that lists it.
    pub source: String,
    /// Its id there.
    pub id: String,
}

/// A recording that is left out.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// Its position in the search result.
    pub index: u32,
    /// What the requestor is told.
    pub ground: ExclusionGround,
    /// What the case remembers about it; the requestor is not told.
    pub note: Option<String>,
}

/// Why a recording is left out. A closed list: free words could tell the requestor about somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExclusionGround {
    /// Somebody else's call, such as one from a shared number.
    NotTheRequestor,
    /// A call of the requestor that was not asked for.
    OutsideTheRequest,
    /// Disclosing it would harm others, whatever is removed from it (GDPR Art. 15(4)).
    RightsOfOthers,
    /// Communication with lawyers.
    LegalPrivilege,
    /// The same call as another one of the list.
    Duplicate,
}

/// A frozen list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FrozenView {
    /// When.
    pub frozen_at_utc: String,
    /// By whom.
    pub by: String,
    /// Number of recordings on it.
    pub calls: u32,
    /// Number of recordings left out.
    pub excluded: u32,
    /// Digest of the list.
    pub digest: String,
}
