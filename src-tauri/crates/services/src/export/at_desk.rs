//! The export of a desk: started, watched and stopped from the window, one at a time.

use std::{
    panic::AssertUnwindSafe,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use evidence::{
    export_csv::read_exceptions,
    format::{ExportCounts, ExportReportFile},
};
use futures_util::FutureExt;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    ExportRequest, ExportStep, Exported, LocalTimes, export_recordings, finish::EXCEPTIONS,
    layout::Layout, request::Asked,
};
use crate::{
    api::{
        ApiError, Done, Empty, ErrorCode, Event, ExportException, ExportProgress, ExportResult,
        ExportView, StartExportReq,
    },
    app::App,
};

/// Downloads at the same time; the desk has other work for the line too.
const AT_ONCE: usize = 8;
/// Longest name of a folder.
const MAX_NAME: usize = 60;
/// Recordings that the window names; the table in the folder has all.
const EXCEPTIONS_SHOWN: usize = 50;
/// Progress is told ten times a second at most.
const PACE: Duration = Duration::from_millis(100);

/// The export that a desk runs or ran last.
#[derive(Default)]
pub(crate) struct ExportDesk(Mutex<State>);

#[derive(Default)]
struct State {
    view: ExportView,
    cancel: CancellationToken,
    task: Option<JoinHandle<()>>,
    told_at: Option<Instant>,
}

impl ExportDesk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The running work, for whoever waits until it has reached a safe point.
    pub(crate) fn take_task(&self) -> Option<JoinHandle<()>> {
        self.state().task.take()
    }
}

/// Starts an export into a folder of the delivery folder, or goes on with it.
///
/// # Errors
/// When one runs already, or the order is wrong; what goes wrong later is in the view.
pub async fn start_export(app: &App, request: StartExportReq) -> Result<Done, ApiError> {
    app.deciding_person()?;
    let order = order(app, &request)?;
    Asked::new(&order)?;
    let cancel = app.shutdown_token().child_token();
    {
        let mut state = app.export_desk().state();
        if state.view.state == "running" {
            return Err(ApiError::new(
                ErrorCode::InvalidInput,
                "An export is running already",
                "Wait until it has ended, or stop it.",
            ));
        }
        state.view = ExportView {
            state: "running".to_owned(),
            folder: Some(order.out.display().to_string()),
            request: Some(request),
            ..ExportView::default()
        };
        state.cancel = cancel.clone();
        let running = run(app.clone(), order, cancel);
        state.task = Some(tokio::spawn(running));
    }
    app.emit(Event::ExportChanged);
    Ok(Done {})
}

/// The export that runs or ran last.
///
/// # Errors
/// Never; the window asks every command the same way.
pub async fn get_export(app: &App, _: Empty) -> Result<ExportView, ApiError> {
    Ok(app.export_desk().state().view.clone())
}

/// Stops the export. What is there stays, and the same order goes on.
///
/// # Errors
/// When an auditor asks for it.
pub async fn cancel_export(app: &App, _: Empty) -> Result<Done, ApiError> {
    app.deciding_person()?;
    app.export_desk().state().cancel.cancel();
    Ok(Done {})
}

/// The page names no paths: a folder is a plain name in the delivery folder.
fn order(app: &App, request: &StartExportReq) -> Result<ExportRequest, ApiError> {
    let name = request.name.trim();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(is_plain) {
        let why = format!("it needs 1 to {MAX_NAME} letters, digits, `-` and `_`");
        return Err(ApiError::invalid("Name", why));
    }
    let reason = request.partial_reason.as_deref().map(str::trim);
    Ok(ExportRequest {
        query: request.query.clone(),
        local: Some(LocalTimes {
            from: request.start.clone(),
            until: request.end.clone(),
            zone: request.zone.clone(),
        }),
        out: app.delivery_dir().join(name),
        load_file: request.load_file,
        bag: request.bag,
        approval: None,
        accept_partial: reason.filter(|it| !it.is_empty()).map(str::to_owned),
        compare: None,
        at_once: AT_ONCE,
    })
}

async fn run(app: App, order: ExportRequest, cancel: CancellationToken) {
    let telling = app.clone();
    let step = move |step| tell(&telling, step);
    let work = export_recordings(&app, &order, &step, &cancel);
    let outcome = AssertUnwindSafe(work).catch_unwind().await;
    let outcome = outcome.unwrap_or_else(|_| Err(unexpected()));
    let (state, result, error) = match outcome {
        Ok(exported) => ("finished", Some(result(&order, &exported)), None),
        Err(error) if error.code == ErrorCode::Cancelled => ("stopped", None, None),
        Err(error) => ("failed", None, Some(error)),
    };
    {
        let mut desk = app.export_desk().state();
        desk.view.state = state.to_owned();
        desk.view.progress = None;
        desk.view.result = result;
        desk.view.error = error;
    }
    app.emit(Event::ExportChanged);
}

/// A panic is a bug, and the end of this export only.
fn unexpected() -> ApiError {
    ApiError::new(
        ErrorCode::Internal,
        "The export stopped unexpectedly",
        "Try again. If it stays, send the diagnostics to support.",
    )
}

fn tell(app: &App, step: ExportStep) {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let (phase, done, total, bytes) = match step {
        ExportStep::Searching { done, total } => ("searching", done, total, 0),
        ExportStep::Recounting => ("recounting", 0, 0, 0),
        ExportStep::Listed { found, done } => ("downloading", done, found, 0),
        ExportStep::Downloading { done, total, bytes } => ("downloading", done, total, bytes),
    };
    let progress = ExportProgress {
        phase: phase.to_owned(),
        done: small(done),
        total: small(total),
        bytes,
    };
    let is_due = {
        let mut state = app.export_desk().state();
        let is_new = state
            .view
            .progress
            .as_ref()
            .is_none_or(|it| it.phase != phase);
        state.view.progress = Some(progress);
        let is_due = is_new || state.told_at.is_none_or(|at| at.elapsed() >= PACE);
        if is_due {
            state.told_at = Some(Instant::now());
        }
        is_due
    };
    if is_due {
        app.emit(Event::ExportChanged);
    }
}

fn result(order: &ExportRequest, exported: &Exported) -> ExportResult {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let ExportReportFile {
        counts,
        excluded,
        bytes,
        ..
    } = exported.report;
    let ExportCounts {
        found,
        retrieved,
        purged,
        corrupted,
        unsupported,
        unavailable,
    } = counts;
    let folder = order.out.join(Layout::of(order.bag).path(EXCEPTIONS));
    ExportResult {
        found: small(found),
        retrieved: small(retrieved),
        purged: small(purged),
        corrupted: small(corrupted),
        unsupported: small(unsupported),
        unavailable: small(unavailable),
        excluded: small(excluded),
        bytes,
        completeness: exported.completeness.verdict.clone(),
        statement: exported.completeness.statement.clone(),
        exceptions: exceptions(folder),
        exceptions_total: small(found - retrieved),
    }
}

/// The first lines of the table in the folder; a folder that vanished since shows none.
fn exceptions(table: PathBuf) -> Vec<ExportException> {
    let bytes = std::fs::read(table).unwrap_or_default();
    let lines = read_exceptions(&bytes).unwrap_or_default().into_iter();
    let shown = lines.map(|it| ExportException {
        recording_id: it.recording_id,
        source: it.source,
        status: it.status,
        reason: it.reason,
    });
    shown.take(EXCEPTIONS_SHOWN).collect()
}
