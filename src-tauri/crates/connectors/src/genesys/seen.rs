//! What a search has seen so far: hits, what was asked, and what is missing.

use std::collections::{BTreeMap, HashSet};

use domain::{
    search::{Coverage, FoundRecording, SourceResult},
    sensitive::PersonalData,
    time_range::TimeRange,
};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    Genesys,
    api::{Arguments, Operation, written},
    conversations::Counted,
    matching,
    model::Conversation,
    query::{Asked, Filter},
};
use crate::source::SourceError;

/// Where a conversation came from; only a job's answer has attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Job,
    Query,
}

/// What a search has seen so far. Only hits are kept: a month of all calls does not fit into memory.
pub(super) struct Seen<'a> {
    pub(super) asked: Asked<'a>,
    now: Timestamp,
    /// Ids of everything that was looked at, so that each conversation counts once.
    ids: HashSet<String>,
    hits: BTreeMap<String, Conversation>,
    queries: Vec<PersonalData<String>>,
    gaps: Vec<String>,
    /// Searches that were answered.
    pub(super) answers: u32,
    pub(super) complete_until_utc: Option<Timestamp>,
    pub(super) divisions: Vec<String>,
    pub(super) unreadable: u64,
    /// Returned for an identifier that they do not show.
    unproven: u64,
    /// Too recent to carry a customer number.
    unchecked: u64,
}

impl<'a> Seen<'a> {
    pub(super) fn new(asked: Asked<'a>, now: Timestamp) -> Self {
        Self {
            asked,
            now,
            ids: HashSet::new(),
            hits: BTreeMap::new(),
            queries: Vec::new(),
            gaps: Vec::new(),
            answers: 0,
            complete_until_utc: None,
            divisions: Vec::new(),
            unreadable: 0,
            unproven: 0,
            unchecked: 0,
        }
    }

    /// Keeps the exact request. // S2-09
    pub(super) fn asked(&mut self, operation: &Operation, ids: &[&str], body: Option<&Value>) {
        self.queries.push(request(operation, ids, body));
    }

    /// Keeps a request that may be sent again as it is.
    pub(super) fn asked_once(&mut self, operation: &Operation, body: &Value) {
        let request = request(operation, &[], Some(body));
        if !self.queries.contains(&request) {
            self.queries.push(request);
        }
    }

    /// Notes that something is missing.
    pub(super) fn gap(&mut self, gap: String) {
        self.gaps.push(gap);
    }

    /// How much is missing so far.
    pub(super) fn gaps_so_far(&self) -> usize {
        self.gaps.len()
    }

    /// Forgets what was missing in an answer that a later one replaces.
    pub(super) fn forget_gaps_after(&mut self, count: usize) {
        self.gaps.truncate(count);
    }

    /// Whether no call of the data subject was seen.
    pub(super) fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// Looks at a page of conversations and keeps those of the data subject.
    pub(super) fn look_at(&mut self, page: Vec<Value>, filter: Filter, origin: Origin) {
        for value in page {
            match serde_json::from_value::<Conversation>(value) {
                Ok(conversation) => self.look_at_one(conversation, filter, origin),
                Err(_) => self.unreadable += 1,
            }
        }
    }

    fn look_at_one(&mut self, conversation: Conversation, filter: Filter, origin: Origin) {
        let is_new = self.ids.insert(conversation.conversation_id.clone());
        if !is_new || !matching::in_range(&conversation, self.asked.criteria.range, self.now) {
            return;
        }
        if !matching::matched_by(&conversation, self.asked).is_empty() {
            if matching::has_voice(&conversation)
                && matching::passed_desk(&conversation, self.asked.criteria)
            {
                self.hits
                    .insert(conversation.conversation_id.clone(), conversation);
            }
            return;
        }
        match (filter, origin) {
            (Filter::EveryCall, Origin::Query) => self.unchecked += 1,
            (Filter::EveryCall, Origin::Job) => {}
            (Filter::Parties | Filter::Named, _) => self.unproven += 1,
        }
    }

    /// Fewer conversations than announced means that some were dropped silently. // S0-39
    pub(super) fn reconcile(&mut self, chunk: TimeRange, counted: &Counted) {
        let received = counted.received;
        if let Some(announced) = counted.announced.filter(|announced| *announced > received) {
            let start = chunk.start_utc;
            self.gap(format!(
                "from {start} the source announced {announced} calls and gave {received}"
            ));
        }
    }

    /// Notes a part that was not seen; gives back an error that would meet every other request too.
    pub(super) fn gap_in(
        &mut self,
        chunk: TimeRange,
        error: SourceError,
    ) -> Result<(), SourceError> {
        match error {
            SourceError::Cancelled
            | SourceError::SignIn(_)
            | SourceError::NotPermitted { .. }
            | SourceError::Unencrypted { .. } => Err(error),
            SourceError::Http(_)
            | SourceError::NotFound { .. }
            | SourceError::Refused { .. }
            | SourceError::Unreadable { .. }
            | SourceError::RepeatedPage { .. }
            | SourceError::Limit { .. }
            | SourceError::SearchJob { .. } => {
                let (start, end) = (chunk.start_utc, chunk.end_utc);
                self.gap(format!("{start} to {end} was not searched: {error}"));
                Ok(())
            }
        }
    }

    /// The conversations of the data subject, by our own check.
    pub(super) fn take_hits(&mut self) -> Vec<Conversation> {
        std::mem::take(&mut self.hits).into_values().collect()
    }

    pub(super) fn into_result(
        mut self,
        genesys: &Genesys,
        found: Vec<FoundRecording>,
    ) -> SourceResult {
        self.note_counts();
        let reason = self.gaps.join("; ");
        let coverage = match (self.gaps.is_empty(), self.answers) {
            (true, _) => Coverage::Complete,
            (false, 0) => Coverage::Failed { reason },
            (false, _) => Coverage::Partial { reason },
        };
        SourceResult {
            source: genesys.id().clone(),
            found,
            coverage,
            queries: self.queries,
            index_complete_until_utc: self.complete_until_utc,
            divisions: self.divisions,
        }
    }

    fn note_counts(&mut self) {
        let Self {
            unproven,
            unchecked,
            unreadable,
            ..
        } = *self;
        if unproven > 0 {
            self.gap(format!(
                "{unproven} calls that the source returned do not show the identifier and were left out; check them by hand"
            ));
        }
        if unchecked > 0 {
            self.gap(format!(
                "{unchecked} recent calls carry no customer number yet; search again after a day"
            ));
        }
        if unreadable > 0 {
            self.gap(format!(
                "{unreadable} entries of the answer could not be read"
            ));
        }
    }
}

pub(super) fn request(
    operation: &Operation,
    ids: &[&str],
    body: Option<&Value>,
) -> PersonalData<String> {
    let arguments = Arguments {
        ids,
        body,
        ..Arguments::default()
    };
    written(operation, &arguments)
}
