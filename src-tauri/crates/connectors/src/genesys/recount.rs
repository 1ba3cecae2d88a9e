//! The second way through Genesys Cloud: the synchronous query, which reads another index than the job and says
//! of a call whether it was recorded, without asking for its recordings. // B9

use std::collections::BTreeMap;

use domain::{
    ids::ConversationId,
    search::{Identifier, SearchCriteria},
    sensitive::PersonalData,
    time_range::TimeRange,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    Genesys, conversations, job, matching,
    model::Conversation,
    query::{self, Asked, Filter, Page},
    seen,
};
use crate::recount::{Recount, Recounted, RecountedCall};

const ROUTE: &str =
    "POST /api/v2/analytics/conversations/details/query, with the mark of a recording that it has";

/// Every call of an organization is asked for in pieces of this length, so that their pages stay within reach.
const EVERYBODYS_PIECE: SignedDuration = SignedDuration::from_hours(24);

/// What was seen so far.
struct Seeing<'a> {
    asked: Asked<'a>,
    range: TimeRange,
    now: Timestamp,
    calls: BTreeMap<String, RecountedCall>,
    unreadable: u64,
}

impl Genesys {
    pub(crate) async fn recount(
        &self,
        criteria: &SearchCriteria,
        cancel: &CancellationToken,
    ) -> Recount {
        let mut requests = Vec::new();
        let outcome = self.recounted(criteria, &mut requests, cancel).await;
        Recount {
            route: ROUTE,
            requests,
            outcome,
        }
    }

    async fn recounted(
        &self,
        criteria: &SearchCriteria,
        requests: &mut Vec<PersonalData<String>>,
        cancel: &CancellationToken,
    ) -> Result<Recounted, String> {
        let mut identifiers = criteria.identifiers.iter();
        if identifiers.any(|it| matches!(it, Identifier::CustomerId(_))) {
            return Err(
                "this query has no attributes, so it cannot tell a customer number".to_owned(),
            );
        }
        let now = self.now();
        let available_utc = self.available_until(now, cancel).await;
        let available_utc = available_utc.map_err(|error| error.to_string())?;
        let asked_until = criteria.range.end_utc.min(now);
        let range = TimeRange {
            end_utc: asked_until.min(available_utc),
            ..criteria.range
        };
        if range.start_utc >= range.end_utc {
            return Err(
                "the calls are too recent for the job, so the list comes from this query itself"
                    .to_owned(),
            );
        }
        let asked = Asked {
            criteria,
            home: self.config.home.as_ref(),
        };
        let mut seeing = Seeing {
            asked,
            range,
            now,
            calls: BTreeMap::new(),
            unreadable: 0,
        };
        for filter in query::filters(&criteria.identifiers) {
            for piece in pieces(filter, range) {
                self.see_piece(&mut seeing, filter, piece, requests, cancel)
                    .await?;
            }
        }
        seeing.end((range.end_utc < asked_until).then_some(range.end_utc))
    }

    async fn see_piece(
        &self,
        seeing: &mut Seeing<'_>,
        filter: Filter,
        piece: TimeRange,
        requests: &mut Vec<PersonalData<String>>,
        cancel: &CancellationToken,
    ) -> Result<(), String> {
        let asked = seeing.asked;
        let first = Page {
            size: job::PAGE_SIZE,
            number: 1,
        };
        let body = query::page_body(asked, filter, piece, first);
        requests.push(seen::request(&conversations::QUERY, &[], Some(&body)));
        let mut each_page = |page: Vec<Value>| seeing.look_at(page);
        let counted = self.query_all(asked, filter, piece, &mut each_page, cancel);
        let counted = counted.await.map_err(|error| error.to_string())?;
        let received = counted.received;
        match counted.announced {
            Some(announced) if announced > received => Err(format!(
                "from {} it announced {announced} calls and gave {received}",
                piece.start_utc
            )),
            _ => Ok(()),
        }
    }
}

fn pieces(filter: Filter, range: TimeRange) -> Vec<TimeRange> {
    let whole = query::whole_days(range);
    match filter {
        Filter::EveryCall => query::pieces(whole, EVERYBODYS_PIECE),
        Filter::Parties | Filter::Named => query::chunks(whole),
    }
}

impl Seeing<'_> {
    fn look_at(&mut self, page: Vec<Value>) {
        for value in page {
            match serde_json::from_value::<Conversation>(value) {
                Ok(conversation) => self.look_at_one(&conversation),
                Err(_) => self.unreadable += 1,
            }
        }
    }

    fn look_at_one(&mut self, conversation: &Conversation) {
        let fits = matching::in_range(conversation, self.range, self.now)
            && !matching::matched_by(conversation, self.asked).is_empty()
            && matching::has_voice(conversation)
            && matching::passed_desk(conversation, self.asked.criteria);
        let Ok(id) = ConversationId::new(conversation.conversation_id.clone()) else {
            self.unreadable += 1;
            return;
        };
        if fits {
            let call = call(id, conversation);
            self.calls.insert(call.conversation.to_string(), call);
        }
    }

    fn end(self, until_utc: Option<Timestamp>) -> Result<Recounted, String> {
        if self.unreadable > 0 {
            let unreadable = self.unreadable;
            return Err(format!(
                "{unreadable} entries of its answer could not be read"
            ));
        }
        Ok(Recounted {
            calls: self.calls.into_values().collect(),
            until_utc,
        })
    }
}

fn call(conversation: ConversationId, detail: &Conversation) -> RecountedCall {
    let mut queues: Vec<_> = matching::queues(detail).cloned().collect();
    queues.sort_unstable();
    queues.dedup();
    // Genesys: `recording` says that an audio recording was started (definition, checked 2026-11).
    let marks: Vec<_> = matching::sessions(detail)
        .filter_map(|session| session.recording)
        .collect();
    RecountedCall {
        conversation,
        start_utc: detail.conversation_start,
        queues,
        is_recorded: (!marks.is_empty()).then(|| marks.contains(&true)),
    }
}
