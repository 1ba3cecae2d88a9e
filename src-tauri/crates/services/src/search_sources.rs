//! Asks every connected source, and puts what they have of the same call together. // S1-01, S1-22, S0-40

use connectors::overlap::each_call_once;
use domain::{
    ids::SourceId,
    search::{Coverage, SearchCriteria, SourceResult},
    sensitive::PersonalData,
};
use futures_util::future::join_all;
use store::{
    Tx,
    rows::{CaseRow, QueuedJob},
};

use crate::{
    api::{ApiError, ConnectedSource},
    app::App,
    egress::Egress,
    jobs::JobContext,
    open_case::RequestorRecord,
    search_beyond::{self, Beyond},
    search_record::{Overlaps, PlaceRecord, SourceRecord},
    source_for_job::source_for_job,
    sources::{Connected, require_sources},
};

/// What the sources answered, and what asking them let out.
pub(crate) struct Answers {
    pub(crate) records: Vec<SourceRecord>,
    egress: Vec<Egress>,
}

/// The answer of one source.
struct Answer {
    result: SourceResult,
    beyond: Beyond,
    organization_id: String,
    egress: Option<Egress>,
}

/// Asks all connected sources at once. One that cannot be asked is a gap of the result; it is an error
/// when none can.
///
/// # Errors
/// That of the first source when no source could be asked.
pub(crate) async fn ask_all(
    app: &App,
    context: &JobContext,
    case: &CaseRow,
    job: &QueuedJob,
    criteria: &SearchCriteria,
) -> Result<Answers, ApiError> {
    let sources = require_sources(app)?;
    let asking = sources.iter().map(|connected| async move {
        let answer = ask(app, context, case, job, criteria, connected).await;
        (connected, answer)
    });
    let asked = join_all(asking).await;
    if asked.iter().all(|(_, answer)| answer.is_err()) {
        let first = asked.into_iter().find_map(|(_, answer)| answer.err());
        return Err(first.expect("at least one source is connected"));
    }
    let answers = asked.into_iter().map(|(connected, answer)| {
        answer.unwrap_or_else(|error| Answer {
            result: not_asked(connected.source.id().clone(), error.message),
            beyond: Beyond::default(),
            organization_id: connected.organization_id.clone(),
            egress: None,
        })
    });
    let broken = sources.broken().filter_map(not_usable);
    Ok(Answers::of(answers.chain(broken).collect()))
}

/// A source that was connected and cannot be asked is a gap, not an absence.
fn not_usable(broken: &ConnectedSource) -> Option<Answer> {
    let source = SourceId::new(broken.id.as_str()).ok()?;
    let why = broken.trouble.clone().unwrap_or_default();
    Some(Answer {
        result: not_asked(source, why),
        beyond: Beyond::default(),
        organization_id: String::new(),
        egress: None,
    })
}

async fn ask(
    app: &App,
    context: &JobContext,
    case: &CaseRow,
    job: &QueuedJob,
    criteria: &SearchCriteria,
    connected: &Connected,
) -> Result<Answer, ApiError> {
    let cancel = &context.cancel;
    let connected = source_for_job(app, case, job, connected.clone(), cancel).await?;
    let beyond = match connected.source.genesys() {
        Some(genesys) => {
            let emails = RequestorRecord::of(case)?.emails;
            let emails: Vec<_> = emails.into_iter().map(PersonalData::new).collect();
            search_beyond::look(genesys, criteria, &emails, cancel).await
        }
        None => Beyond::default(),
    };
    let criteria = beyond.extended(criteria);
    let result = connected.source.search(&criteria, cancel).await;
    Ok(Answer {
        result: beyond.added_to(result),
        beyond,
        organization_id: connected.organization_id,
        egress: Some(connected.egress),
    })
}

fn not_asked(source: SourceId, reason: String) -> SourceResult {
    SourceResult {
        source,
        found: Vec::new(),
        coverage: Coverage::Failed { reason },
        queries: Vec::<PersonalData<String>>::new(),
        index_complete_until_utc: None,
        divisions: Vec::new(),
    }
}

impl Answers {
    fn of(answers: Vec<Answer>) -> Self {
        let egress = answers.iter().filter_map(|it| it.egress.clone()).collect();
        let (results, others): (Vec<_>, Vec<_>) = answers
            .into_iter()
            .map(|it| (it.result, (it.organization_id, it.beyond)))
            .unzip();
        let overlaps = overlaps(&results);
        let record = |(result, (organization, beyond)): (_, (String, _))| {
            SourceRecord::new(result, &organization, beyond, &overlaps)
        };
        Self {
            records: results.into_iter().zip(others).map(record).collect(),
            egress,
        }
    }

    /// Appends what asking let out, in the transaction that keeps the answers.
    ///
    /// # Errors
    /// When the log or the database refuses.
    pub(crate) async fn append(&self, app: &App, tx: &mut Tx) -> Result<(), ApiError> {
        for egress in &self.egress {
            egress.append(app, tx).await?;
        }
        Ok(())
    }

    /// Writes what asking let out when nothing was kept, and passes the outcome on.
    ///
    /// # Errors
    /// That of the outcome, or that the log refuses.
    pub(crate) async fn close<T, E: From<ApiError>>(
        &self,
        app: &App,
        mut outcome: Result<T, E>,
    ) -> Result<T, E> {
        for egress in &self.egress {
            outcome = egress.close(app, outcome).await;
        }
        outcome
    }
}

/// What the answers have in common.
fn overlaps(results: &[SourceResult]) -> Overlaps {
    let mut overlaps = Overlaps::default();
    for call in each_call_once(results) {
        let chosen = PlaceRecord::of(&call.chosen);
        let maybe: Vec<_> = call.maybe.iter().map(PlaceRecord::of).collect();
        if !maybe.is_empty() {
            overlaps.maybe.insert(chosen.clone(), maybe);
        }
        let others = call.also_at.iter().map(PlaceRecord::of);
        overlaps
            .same_as
            .extend(others.map(|other| (other, chosen.clone())));
    }
    overlaps
}
