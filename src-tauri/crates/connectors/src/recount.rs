//! A second way to the same calls, which finds out what the first one lost. // B9
//!
//! It is worth something only where it takes another path through the source. Where there is none, that is
//! said instead of a number that would always agree.

use domain::{
    ids::ConversationId,
    search::{Coverage, SearchCriteria, SourceResult},
    sensitive::PersonalData,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

use crate::source::Source;

/// What the second way shows.
#[derive(Debug)]
pub struct Recount {
    /// Which way it took, in words.
    pub route: &'static str,
    /// The exact requests sent.
    pub requests: Vec<PersonalData<String>>,
    /// What it saw, or why it saw nothing.
    pub outcome: Result<Recounted, String>,
}

/// Calls that the second way shows.
#[derive(Debug)]
pub struct Recounted {
    /// Each call once.
    pub calls: Vec<RecountedCall>,
    /// Calls that began from here on were not looked for; `None` when the whole range was.
    pub until_utc: Option<Timestamp>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecountedCall {
    /// The conversation.
    pub conversation: ConversationId,
    /// When it began.
    pub start_utc: Timestamp,
    /// Ids of the queues that it passed, each once.
    pub queues: Vec<String>,
    /// Whether it was recorded; `None` when this way does not tell.
    pub is_recorded: Option<bool>,
}

/// A range that is no longer is searched in one piece anyway.
const ONE_DAY: SignedDuration = SignedDuration::from_hours(24);

impl Source {
    /// Asks for the same calls in another way than [`Source::search`].
    pub async fn recount(&self, criteria: &SearchCriteria, cancel: &CancellationToken) -> Recount {
        match self {
            Self::Genesys(genesys) => genesys.recount(criteria, cancel).await,
            Self::Folder(_) | Self::S3(_) => Recount {
                route: "none",
                requests: Vec::new(),
                outcome: Err(
                    "an archive of files has one list, that of its descriptions, and the search has read it"
                        .to_owned(),
                ),
            },
            Self::Rest(_) | Self::Gateway(_) => self.in_one_piece(criteria, cancel).await,
        }
    }

    /// One search over the whole range: other pages than those of its days.
    async fn in_one_piece(&self, criteria: &SearchCriteria, cancel: &CancellationToken) -> Recount {
        let route = "one search over the whole range, instead of one a day";
        let range = criteria.range;
        if range.end_utc.duration_since(range.start_utc) <= ONE_DAY {
            let why = "the range is one day, so that a second search would be the first one again";
            return Recount {
                route,
                requests: Vec::new(),
                outcome: Err(why.to_owned()),
            };
        }
        let answer = self.search(criteria, cancel).await;
        let requests = answer.queries.clone();
        Recount {
            route,
            requests,
            outcome: calls(answer),
        }
    }
}

fn calls(answer: SourceResult) -> Result<Recounted, String> {
    match answer.coverage {
        Coverage::Complete => {}
        Coverage::Partial { reason } | Coverage::Failed { reason } => return Err(reason),
    }
    let mut calls = BTreeMap::new();
    for found in answer.found {
        let call = calls
            .entry(found.conversation.to_string())
            .or_insert_with(|| RecountedCall {
                conversation: found.conversation,
                start_utc: found.start_utc,
                queues: Vec::new(),
                is_recorded: Some(true),
            });
        call.start_utc = call.start_utc.min(found.start_utc);
        for queue in found.queues {
            if !call.queues.contains(&queue) {
                call.queues.push(queue);
            }
        }
    }
    Ok(Recounted {
        calls: calls.into_values().collect(),
        until_utc: None,
    })
}
