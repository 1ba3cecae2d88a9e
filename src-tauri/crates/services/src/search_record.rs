//! A search as it is kept in the encrypted database: what was asked, what each source answered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    ids::{CommunicationId, ConversationId, IdError, RecordingId},
    recording::MediaState,
    search::{Coverage, FoundRecording, SourceResult},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    place_record::{OrphanRecord, SearchedPlaceRecord},
    search_beyond::Beyond,
};

/// One search of a case.
#[derive(Serialize, Deserialize)]
pub(crate) struct SearchRecord {
    /// What was typed. // S0-86
    pub(crate) local: LocalRecord,
    /// The bounds that were asked for.
    pub(crate) start_utc: Timestamp,
    pub(crate) end_utc: Timestamp,
    pub(crate) notices: Vec<String>,
    pub(crate) sources: Vec<SourceRecord>,
}

/// What was typed, with its zone.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LocalRecord {
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) zone: String,
    pub(crate) agent_id: Option<String>,
    pub(crate) queue_id: Option<String>,
}

/// The answer of one source.
#[derive(Serialize, Deserialize)]
pub(crate) struct SourceRecord {
    pub(crate) source: String,
    /// Whose recordings these are; a retrieval from another organization is refused.
    #[serde(default)]
    pub(crate) organization_id: String,
    pub(crate) coverage: CoverageRecord,
    pub(crate) index_complete_until_utc: Option<Timestamp>,
    pub(crate) divisions: Vec<String>,
    /// The exact requests; they hold the identifiers. Those of the searches go into the package, to
    /// the person they are about. // S2-09
    pub(crate) queries: Vec<String>,
    pub(crate) found: Vec<FoundRecord>,
    /// Where else was looked. // S0-40
    #[serde(default)]
    pub(crate) places: Vec<SearchedPlaceRecord>,
    /// Recordings of the range that no conversation leads to.
    #[serde(default)]
    pub(crate) orphans: Vec<OrphanRecord>,
}

/// How much of the source was seen.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum CoverageRecord {
    Complete,
    Partial { reason: String },
    Failed { reason: String },
}

/// One found recording.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FoundRecord {
    pub(crate) source: String,
    pub(crate) conversation: String,
    pub(crate) recording: String,
    pub(crate) communication: Option<String>,
    pub(crate) start_utc: Timestamp,
    pub(crate) end_utc: Option<Timestamp>,
    pub(crate) agents: Vec<String>,
    pub(crate) queues: Vec<String>,
    pub(crate) media_state: String,
    pub(crate) region: Option<String>,
    pub(crate) matched_by: Vec<String>,
    /// The recording of the same call that is fetched instead, where another source has it too. // S1-22
    #[serde(default)]
    pub(crate) same_as: Option<PlaceRecord>,
    /// Recordings of other sources that may be of the same call: a person decides.
    #[serde(default)]
    pub(crate) maybe_same_as: Vec<PlaceRecord>,
}

/// What the answers of several sources have in common.
#[derive(Default)]
pub(crate) struct Overlaps {
    /// For each recording that another source has too and is not the one to fetch: that other one.
    pub(crate) same_as: HashMap<PlaceRecord, PlaceRecord>,
    /// For each recording: those of other sources that may be of the same call.
    pub(crate) maybe: HashMap<PlaceRecord, Vec<PlaceRecord>>,
}

/// Where a source has a call.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct PlaceRecord {
    source: String,
    conversation: String,
    recording: String,
}

impl PlaceRecord {
    pub(crate) fn of(found: &FoundRecording) -> Self {
        Self {
            source: found.source.to_string(),
            conversation: found.conversation.to_string(),
            recording: found.recording.to_string(),
        }
    }
}

impl FoundRecord {
    fn place(&self) -> PlaceRecord {
        PlaceRecord {
            source: self.source.clone(),
            conversation: self.conversation.clone(),
            recording: self.recording.clone(),
        }
    }
}

impl SearchRecord {
    /// All found calls by start, each once; the position in this list names them in a freeze.
    pub(crate) fn found(&self) -> Vec<&FoundRecord> {
        let recordings = self.sources.iter().flat_map(|source| &source.found);
        let mut found: Vec<_> = recordings.filter(|it| it.same_as.is_none()).collect();
        found.sort_by(|a, b| {
            (a.start_utc, &a.conversation, &a.recording).cmp(&(
                b.start_utc,
                &b.conversation,
                &b.recording,
            ))
        });
        found
    }

    /// A recording without a conversation, as a call; `None` when it is not listed, or nobody knows its time.
    pub(crate) fn orphan(&self, source: &str, id: &str) -> Option<FoundRecord> {
        let listed = self.sources.iter().find(|it| it.source == source)?;
        let orphan = listed.orphans.iter().find(|it| it.id == id)?;
        orphan.as_call(source)
    }

    /// The recordings of the same call in other sources, in the order of the sources. // S1-22
    pub(crate) fn also_at<'a>(
        &'a self,
        found: &FoundRecord,
    ) -> impl Iterator<Item = &'a FoundRecord> {
        let place = found.place();
        let recordings = self.sources.iter().flat_map(|source| &source.found);
        recordings.filter(move |it| it.same_as.as_ref() == Some(&place))
    }

    /// For each position in the list: those of calls that may be the same, whichever of them says so.
    pub(crate) fn questions(&self) -> BTreeMap<usize, BTreeSet<usize>> {
        let list = self.found();
        let places = list.iter().enumerate();
        let positions: HashMap<_, _> = places.map(|(index, it)| (it.place(), index)).collect();
        let mut questions = BTreeMap::<usize, BTreeSet<usize>>::new();
        for (index, found) in list.iter().enumerate() {
            let others = found.maybe_same_as.iter();
            for &other in others.filter_map(|place| positions.get(place)) {
                questions.entry(index).or_default().insert(other);
                questions.entry(other).or_default().insert(index);
            }
        }
        questions
    }

    /// The coverage of each source, for the log.
    pub(crate) fn coverage_names(&self) -> String {
        let names: Vec<_> = self.sources.iter().map(|it| it.coverage.name()).collect();
        names.join(" ")
    }

    /// The organization of each source, for the log.
    pub(crate) fn organization_ids(&self) -> String {
        let ids: Vec<_> = self
            .sources
            .iter()
            .map(|it| it.organization_id.as_str())
            .collect();
        ids.join(" ")
    }

    /// Where else was looked, and what came of it, for the log.
    pub(crate) fn places_in_short(&self) -> String {
        let places = self.sources.iter().flat_map(|it| &it.places);
        let places: Vec<_> = places.map(SearchedPlaceRecord::in_short).collect();
        places.join(" ")
    }

    /// In how many places nobody could look for further calls.
    pub(crate) fn limitations(&self) -> usize {
        let places = self.sources.iter().flat_map(|it| &it.places);
        places.filter(|it| it.is_limitation()).count()
    }

    /// Whether every source was seen completely.
    pub(crate) fn is_complete(&self) -> bool {
        self.sources
            .iter()
            .all(|source| matches!(source.coverage, CoverageRecord::Complete))
    }
}

impl SearchRecord {
    /// From when calls may be missing because the index of a source lags, if that is in the range.
    pub(crate) fn unsettled_from(&self) -> Option<Timestamp> {
        let known = self
            .sources
            .iter()
            .filter_map(|it| it.index_complete_until_utc);
        known.min().filter(|until| *until < self.end_utc)
    }
}

impl CoverageRecord {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial { .. } => "partial",
            Self::Failed { .. } => "failed",
        }
    }

    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Complete => None,
            Self::Partial { reason } | Self::Failed { reason } => Some(reason),
        }
    }
}

impl SourceRecord {
    /// The answer of the source of an organization, with what the other answers have of the same calls.
    pub(crate) fn new(
        result: SourceResult,
        organization_id: &str,
        beyond: Beyond,
        overlaps: &Overlaps,
    ) -> Self {
        let record = |found: FoundRecording| {
            let place = PlaceRecord::of(&found);
            FoundRecord {
                same_as: overlaps.same_as.get(&place).cloned(),
                maybe_same_as: overlaps.maybe.get(&place).cloned().unwrap_or_default(),
                ..FoundRecord::from(found)
            }
        };
        Self {
            source: result.source.to_string(),
            organization_id: organization_id.to_owned(),
            coverage: match result.coverage {
                Coverage::Complete => CoverageRecord::Complete,
                Coverage::Partial { reason } => CoverageRecord::Partial { reason },
                Coverage::Failed { reason } => CoverageRecord::Failed { reason },
            },
            index_complete_until_utc: result.index_complete_until_utc,
            divisions: result.divisions,
            queries: result
                .queries
                .into_iter()
                .map(|query| query.into_inner())
                .collect(),
            found: result.found.into_iter().map(record).collect(),
            places: beyond.places.into_iter().map(Into::into).collect(),
            orphans: beyond.orphans.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<FoundRecording> for FoundRecord {
    fn from(found: FoundRecording) -> Self {
        Self {
            source: found.source.to_string(),
            conversation: found.conversation.to_string(),
            recording: found.recording.to_string(),
            communication: found.communication.map(|id| id.to_string()),
            start_utc: found.start_utc,
            end_utc: found.end_utc,
            agents: found
                .agents
                .into_iter()
                .map(|name| name.into_inner())
                .collect(),
            queues: found.queues,
            media_state: state_name(found.media_state).to_owned(),
            region: found.region,
            matched_by: found.matched_by.into_iter().map(str::to_owned).collect(),
            same_as: None,
            maybe_same_as: Vec::new(),
        }
    }
}

pub(crate) const fn state_name(state: MediaState) -> &'static str {
    match state {
        MediaState::Available => "available",
        MediaState::Pending => "pending",
        MediaState::Archived => "archived",
        MediaState::Deleted => "deleted",
        MediaState::Faulty => "faulty",
    }
}

/// The ids of a recording as domain types.
pub(crate) struct RecordingIds {
    pub(crate) conversation: ConversationId,
    pub(crate) recording: RecordingId,
    pub(crate) communication: Option<CommunicationId>,
}

impl RecordingIds {
    pub(crate) fn new(
        conversation: &str,
        recording: &str,
        communication: Option<&str>,
    ) -> Result<Self, IdError> {
        Ok(Self {
            conversation: ConversationId::new(conversation)?,
            recording: RecordingId::new(recording)?,
            communication: communication.map(CommunicationId::new).transpose()?,
        })
    }
}
