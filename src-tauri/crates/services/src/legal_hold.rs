//! Legal hold: while a case is open, its source deletes nothing that the searches of the case found.
//!
//! A person asks for it when the case is opened. Each search places it on what it found, closing the case
//! releases it. The intent is on record before the source is asked, the end after; the job asks for whatever is
//! intended and not settled, so that a restart or a second attempt does no harm.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use connectors::{genesys::Hold, source::SourceError};
use domain::{audit::AuditAction, ids::ConversationId, requestor::Actor};
use store::{
    LegalHoldRow, Tx,
    rows::{CaseRow, QueuedJob},
};

use crate::{
    advance::as_u32,
    api::{
        ApiError, CasePart, CaseRef, ErrorCode, Event, HoldFailureView, JobStarted, LegalHoldView,
    },
    app::App,
    connect::SOURCE_ID,
    get_case::load_case,
    jobs::{self, JobContext, JobError},
    locked,
    open_case::human,
    record::{self, Draft},
    search_record::SearchRecord,
    source_for_job::source_for_job,
    sources::Connected,
};

/// The job that asks the sources.
pub(crate) const JOB: &str = "hold";

const NO_HOLD: &str = "this source knows no legal hold";
const REFUSED: &str = "the source did not accept it; it may have deleted the conversation already";

/// The states of a recording, by what was asked last.
struct States {
    /// Stable name of what is asked.
    what: &'static str,
    intended: &'static str,
    done: &'static str,
    failed: &'static str,
}

const PLACE: States = States {
    what: "place",
    intended: "placing",
    done: "placed",
    failed: "not_placed",
};

const RELEASE: States = States {
    what: "release",
    intended: "releasing",
    done: "released",
    failed: "not_released",
};

/// Another open case still needs the hold; its end releases it.
const KEPT: &str = "kept";

impl States {
    const fn of(hold: Hold) -> &'static Self {
        match hold {
            Hold::Place => &PLACE,
            Hold::Release => &RELEASE,
        }
    }
}

/// Puts what a search found under hold, where the case asks for it, in the transaction that keeps the search.
///
/// # Errors
/// When the log or the database refuses.
pub(crate) async fn intend_placing(
    app: &App,
    tx: &mut Tx,
    case: &CaseRow,
    actor: Actor,
    search: &SearchRecord,
) -> Result<(), ApiError> {
    if !case.legal_hold {
        return Ok(());
    }
    let placed: BTreeSet<_> = tx
        .legal_holds(&case.id)
        .await?
        .into_iter()
        .filter(|row| row.state == PLACE.done)
        .map(|row| (row.source, row.conversation, row.recording))
        .collect();
    let found = search.sources.iter().flat_map(|source| &source.found);
    let places = found.map(|it| {
        (
            it.source.clone(),
            it.conversation.clone(),
            it.recording.clone(),
        )
    });
    let rows = places.filter(|it| !placed.contains(it));
    let rows = rows.map(|(source, conversation, recording)| LegalHoldRow {
        case_id: case.id.clone(),
        source,
        conversation,
        recording,
        state: String::new(),
        reason: None,
    });
    intend(app, tx, case, actor, &PLACE, rows.collect()).await?;
    Ok(())
}

/// Lifts every hold of a case, in the transaction that closes it.
///
/// # Errors
/// When the log or the database refuses.
pub(crate) async fn intend_release(
    app: &App,
    tx: &mut Tx,
    case: &CaseRow,
    actor: Actor,
) -> Result<(), ApiError> {
    let mut rows = tx.legal_holds(&case.id).await?;
    rows.retain(|row| row.state == PLACE.done || row.state == PLACE.intended);
    intend(app, tx, case, actor, &RELEASE, rows).await?;
    Ok(())
}

/// Writes the intent and queues the job; gives how many recordings it is about.
async fn intend(
    app: &App,
    tx: &mut Tx,
    case: &CaseRow,
    actor: Actor,
    states: &States,
    rows: Vec<LegalHoldRow>,
) -> Result<usize, ApiError> {
    if rows.is_empty() {
        return Ok(0);
    }
    for row in &rows {
        let row = LegalHoldRow {
            state: states.intended.to_owned(),
            reason: None,
            ..row.clone()
        };
        tx.put_legal_hold(&row).await?;
    }
    let entry = Draft::new(AuditAction::LegalHoldAsked, actor)
        .case(case)
        .detail("what", states.what)
        .detail("recordings", rows.len());
    record::append(app, tx, entry).await?;
    let job = jobs::job(JOB, &case.id, None, "{}".to_owned());
    tx.enqueue(&job, app.now().as_millisecond()).await?;
    Ok(rows.len())
}

/// Asks again for every hold that was not placed or not released.
///
/// # Errors
/// When nobody is signed in, there is no such case, or nothing is left to ask for.
pub async fn retry_hold(app: &App, request: CaseRef) -> Result<JobStarted, ApiError> {
    let worker = app.deciding_person()?;
    let mut tx = app.store().begin().await?;
    let case = locked::case(&mut tx, &request.case_id).await?;
    let rows = tx.legal_holds(&case.id).await?;
    let mut asked = 0;
    for states in [&PLACE, &RELEASE] {
        let open = |row: &&LegalHoldRow| row.state == states.failed || row.state == states.intended;
        let rows = rows.iter().filter(open).cloned().collect();
        asked += intend(app, &mut tx, &case, human(&worker), states, rows).await?;
    }
    if asked == 0 {
        return Err(ApiError::new(
            ErrorCode::WrongStep,
            "No legal hold of this case is open",
            "There is nothing to do.",
        ));
    }
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Jobs, None);
    app.emit(Event::StatusChanged);
    Ok(JobStarted { jobs: 1 })
}

/// The job: asks the sources for whatever is intended and not settled.
pub(crate) async fn run(app: &App, context: &JobContext, job: &QueuedJob) -> Result<(), JobError> {
    let case = load_case(app, &job.case_id).await?;
    // One at a time over all cases: whether another case needs a hold must not change while it is lifted.
    let _turn = app.hold_turn().await;
    for hold in [Hold::Place, Hold::Release] {
        let mut rows = app.store().legal_holds(&case.id).await?;
        rows.retain(|row| row.state == States::of(hold).intended);
        let mut by_source = BTreeMap::<String, Vec<LegalHoldRow>>::new();
        for row in rows {
            by_source.entry(row.source.clone()).or_default().push(row);
        }
        for (source, rows) in by_source {
            context.check_cancelled()?;
            let work = Work {
                app,
                case: &case,
                states: States::of(hold),
            };
            let rows = match hold {
                Hold::Place => rows,
                Hold::Release => work.keep_what_others_need(rows).await?,
            };
            work.ask(context, job, hold, &source, rows).await?;
        }
    }
    app.emit_case(&case.id, CasePart::Case, None);
    Ok(())
}

/// One direction of a case.
struct Work<'a> {
    app: &'a App,
    case: &'a CaseRow,
    states: &'static States,
}

impl Work<'_> {
    /// Settles what another case still holds, and gives the rest.
    async fn keep_what_others_need(
        &self,
        rows: Vec<LegalHoldRow>,
    ) -> Result<Vec<LegalHoldRow>, JobError> {
        let mut tx = self.app.store().begin().await?;
        let (mut free, mut needed) = (Vec::new(), Vec::new());
        for row in rows {
            let holding = [PLACE.intended, PLACE.done];
            match tx.is_held_for_another(&row, holding).await? {
                true => needed.push(row),
                false => free.push(row),
            }
        }
        for row in self.still_intended(&mut tx, needed).await? {
            self.end(&mut tx, row, KEPT, None).await?;
        }
        tx.commit().await?;
        Ok(free)
    }

    async fn ask(
        &self,
        context: &JobContext,
        job: &QueuedJob,
        hold: Hold,
        source: &str,
        rows: Vec<LegalHoldRow>,
    ) -> Result<(), JobError> {
        if rows.is_empty() {
            return Ok(());
        }
        let Some(connected) = self.app.sources().get(source).cloned() else {
            return Err(not_connected(source).into());
        };
        if connected.source.genesys().is_none() {
            return self.settle(rows, |_| Some(NO_HOLD.to_owned()), None).await;
        }
        let cancel = &context.cancel;
        let connected = source_for_job(self.app, self.case, job, connected, cancel).await?;
        let conversations = conversations(&rows)?;
        let genesys = connected.source.genesys().expect("it was one a moment ago");
        match genesys.hold(hold, &conversations, cancel).await {
            Ok(failed) => {
                let is_failed = |row: &LegalHoldRow| {
                    let id = row.conversation.as_str();
                    failed
                        .iter()
                        .any(|it| it.as_str() == id)
                        .then(|| REFUSED.to_owned())
                };
                self.settle(rows, is_failed, Some(&connected)).await
            }
            Err(error @ SourceError::NotPermitted { .. }) => {
                let why = |_: &LegalHoldRow| Some(error.to_string());
                self.settle(rows, why, Some(&connected)).await
            }
            Err(error) => {
                let failed = Err(JobError::from(ApiError::from(error)));
                connected.egress.close(self.app, failed).await
            }
        }
    }

    /// Writes what became of each recording; `why` says what kept one back.
    async fn settle(
        &self,
        rows: Vec<LegalHoldRow>,
        why: impl Fn(&LegalHoldRow) -> Option<String>,
        asked: Option<&Connected>,
    ) -> Result<(), JobError> {
        let mut tx = self.app.store().begin().await?;
        for row in self.still_intended(&mut tx, rows).await? {
            let reason = why(&row);
            let end = match reason {
                Some(_) => self.states.failed,
                None => self.states.done,
            };
            self.end(&mut tx, row, end, reason).await?;
        }
        if let Some(connected) = asked {
            connected.egress.append(self.app, &mut tx).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Without what changed meanwhile: a case that was closed asks for the opposite now.
    async fn still_intended(
        &self,
        tx: &mut Tx,
        mut rows: Vec<LegalHoldRow>,
    ) -> Result<Vec<LegalHoldRow>, JobError> {
        let current = tx.legal_holds(&self.case.id).await?;
        let current: HashSet<_> = current.into_iter().collect();
        rows.retain(|row| current.contains(row));
        Ok(rows)
    }

    /// One recording. Archives make ids of file names, which may name people: of those the log has the archive.
    async fn end(
        &self,
        tx: &mut Tx,
        row: LegalHoldRow,
        end: &str,
        reason: Option<String>,
    ) -> Result<(), JobError> {
        let id = match row.source.as_str() {
            SOURCE_ID => &row.recording,
            archive => archive,
        };
        let entry = Draft::new(AuditAction::LegalHoldEnded, self.app.service())
            .case(self.case)
            .recording(id)
            .detail("what", self.states.what)
            .detail("end", end);
        record::append(self.app, tx, entry).await?;
        let row = LegalHoldRow {
            state: end.to_owned(),
            reason,
            ..row
        };
        Ok(tx.put_legal_hold(&row).await?)
    }
}

fn conversations(rows: &[LegalHoldRow]) -> Result<Vec<ConversationId>, ApiError> {
    let ids: BTreeSet<_> = rows.iter().map(|row| row.conversation.as_str()).collect();
    let ids = ids.into_iter().map(ConversationId::new);
    ids.collect::<Result<_, _>>()
        .map_err(|error| ApiError::internal("Reading a held conversation", &error))
}

fn not_connected(source: &str) -> ApiError {
    ApiError::new(
        ErrorCode::SourceUnavailable,
        format!("The legal hold could not be changed: the source `{source}` is not connected"),
        "Connect it again under Settings, then try the hold again on the case.",
    )
}

/// How the hold of a case stands; `None` for a case that did not ask for one.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn view(app: &App, case: &CaseRow) -> Result<Option<LegalHoldView>, ApiError> {
    if !case.legal_hold {
        return Ok(None);
    }
    let rows = app.store().legal_holds(&case.id).await?;
    let count = |states: &[&str]| {
        let fitting = rows
            .iter()
            .filter(|row| states.contains(&row.state.as_str()));
        as_u32(fitting.count())
    };
    let failed = |states: &States| {
        let failed = rows.iter().filter(|row| row.state == states.failed);
        let view = |row: &LegalHoldRow| HoldFailureView {
            what: states.what.to_owned(),
            source: row.source.clone(),
            recording: row.recording.clone(),
            reason: row.reason.clone().unwrap_or_default(),
        };
        failed.map(view).collect::<Vec<_>>()
    };
    Ok(Some(LegalHoldView {
        waiting: count(&[PLACE.intended, RELEASE.intended]),
        placed: count(&[PLACE.done]),
        released: count(&[RELEASE.done]),
        kept: count(&[KEPT]),
        failed: [failed(&PLACE), failed(&RELEASE)].concat(),
    }))
}
