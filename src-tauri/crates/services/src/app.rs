//! The running core: store, source, person at the desk, queue.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use connectors::http::Http;
pub use connectors::http::HttpOptions;
use domain::{audit::AuditAction, ids::ActorId, requestor::Actor};
use jiff::Timestamp;
use redaction::learned::Recognizer;
pub use store::KeySource;
use store::{Store, StoreOptions};
use tokio::{sync::broadcast, task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    add_source,
    api::{ApiError, CasePart, ErrorCode, Event, Person, RoleName},
    connect, drill,
    export::ExportDesk,
    live_jobs::LiveJobs,
    reconcile,
    record::{self, Draft},
    review_view::PeakCache,
    run_jobs,
    sources::Sources,
    watch_restorations, witness,
};

/// Where the current time comes from. Tests set it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The clock of the operating system.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that everybody else gets"
)]
pub fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// How to open the core.
pub struct AppOptions {
    /// Folder of database and vault.
    pub data_dir: PathBuf,
    /// Where the master key is.
    pub keys: KeySource,
    /// Folder into which packages and log exports are handed over.
    pub delivery_dir: PathBuf,
    /// Where the time comes from.
    pub clock: Clock,
    /// How many jobs run at once, 1 to 8.
    pub workers: usize,
    /// Pause before the second attempt at a job; before the third it is twice as long.
    pub retry_pause: Duration,
    /// Time limits and retries of the HTTP client.
    pub http: HttpOptions,
    /// How old the last drill of the detector may be before another one is run; `None` where nobody sees
    /// the alarm. // B16
    pub drill_every: Option<Duration>,
    /// A learned recognizer beside the rules, see `services::learned`.
    pub learned: Option<Arc<dyn Recognizer>>,
    /// Pause between two looks at recordings that come out of an archive; `None` where nobody waits.
    pub restoration_look: Option<Duration>,
    /// Folder elsewhere that keeps checkpoints of the log; a database older than those is refused.
    pub witness: Option<PathBuf>,
}

/// The witness folder of this machine, which the variable `SAR_WITNESS` names. It is not a setting of the
/// database: an older database would have an older one.
pub fn witness_folder() -> Option<PathBuf> {
    let named = std::env::var_os("SAR_WITNESS");
    named.filter(|name| !name.is_empty()).map(PathBuf::from)
}

/// A drill takes a moment, and a day is soon enough to hear that detection got worse. // B16
pub const DRILL_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// A restoration takes hours; a recording that is there is noticed soon enough.
pub const RESTORATION_LOOK: Duration = Duration::from_secs(10 * 60);

/// Long enough for a source that restarts, short enough for somebody who waits.
pub const RETRY_PAUSE: Duration = Duration::from_secs(5);

/// Events that may wait for a slow listener; it reads the state again when it misses some.
const EVENT_BUFFER: usize = 1_024;

/// The running core; clones share it.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    clock: Clock,
    opened_at: Instant,
    opened_at_utc: Timestamp,
    http: Http,
    http_options: HttpOptions,
    delivery_dir: PathBuf,
    witness: Option<PathBuf>,
    sources: RwLock<Sources>,
    person: RwLock<Option<Person>>,
    events: broadcast::Sender<Event>,
    cancels: Mutex<HashMap<String, CancellationToken>>,
    live_jobs: LiveJobs,
    /// Held by the job that places or releases legal holds.
    hold_turn: tokio::sync::Mutex<()>,
    /// Held by the sign-in that waits for a browser, and what stops it.
    sign_in_turn: tokio::sync::Mutex<()>,
    sign_in: Mutex<CancellationToken>,
    peaks: PeakCache,
    export_desk: ExportDesk,
    shutdown: CancellationToken,
    queue: Mutex<Option<JoinHandle<()>>>,
    restorations: Mutex<Option<JoinHandle<()>>>,
    drills: Mutex<Option<JoinHandle<()>>>,
    learned: Option<Arc<dyn Recognizer>>,
}

impl App {
    /// Opens the store, starts the log if it is new, and starts working on queued jobs.
    ///
    /// # Errors
    /// When the keys, the database or the vault cannot be opened.
    pub async fn open(options: AppOptions) -> Result<Self, ApiError> {
        let store = Store::open(StoreOptions {
            data_dir: options.data_dir,
            keys: options.keys,
            retry_pause: options.retry_pause,
        })
        .await?;
        let http = Http::new(options.http.clone())
            .map_err(|error| ApiError::internal("Starting the HTTP client", &error))?;
        let app = Self {
            inner: Arc::new(Inner {
                store,
                opened_at_utc: (options.clock)(),
                clock: options.clock,
                opened_at: Instant::now(),
                http,
                http_options: options.http,
                delivery_dir: options.delivery_dir,
                witness: options.witness,
                sources: RwLock::new(Sources::default()),
                person: RwLock::new(None),
                events: broadcast::channel(EVENT_BUFFER).0,
                cancels: Mutex::new(HashMap::new()),
                live_jobs: LiveJobs::default(),
                hold_turn: tokio::sync::Mutex::default(),
                sign_in_turn: tokio::sync::Mutex::default(),
                sign_in: Mutex::default(),
                peaks: PeakCache::default(),
                export_desk: ExportDesk::default(),
                shutdown: CancellationToken::new(),
                queue: Mutex::new(None),
                restorations: Mutex::new(None),
                drills: Mutex::new(None),
                learned: options.learned,
            }),
        };
        app.start_records().await?;
        connect::reconnect(&app).await?;
        add_source::reconnect(&app).await?;
        app.start_queue(options.workers.clamp(1, 8));
        if let Some(pause) = options.restoration_look {
            let watching = tokio::spawn(watch_restorations::watch(app.clone(), pause));
            *lock(&app.inner.restorations) = Some(watching);
        }
        if let Some(every) = options.drill_every {
            let watching = tokio::spawn(drill::watch(app.clone(), every));
            *lock(&app.inner.drills) = Some(watching);
        }
        Ok(app)
    }

    /// Checks that the log is the newest one, starts it if it is new, and records what a crash left open.
    /// A store whose log is refused is closed again.
    async fn start_records(&self) -> Result<(), ApiError> {
        let started = async {
            witness::guard(self).await?;
            self.start_log().await?;
            reconcile::run(self).await?;
            witness::tell(self).await
        };
        let outcome = started.await;
        if outcome.is_err() {
            self.store().clone().close().await;
        }
        outcome
    }

    async fn start_log(&self) -> Result<(), ApiError> {
        if self.store().log_head().await?.is_some() {
            return Ok(());
        }
        let mut tx = self.store().begin().await?;
        record::append(
            self,
            &mut tx,
            Draft::new(AuditAction::LogStarted, self.service()),
        )
        .await?;
        Ok(tx.commit().await?)
    }

    fn start_queue(&self, workers: usize) {
        let app = self.clone();
        let shutdown = self.inner.shutdown.clone();
        let worker = format!("desk-{}", uuid::Uuid::new_v4());
        let task = tokio::spawn(async move {
            let store = app.store().clone();
            let troubled = app.clone();
            let trouble = move |error| run_jobs::queue_trouble(&troubled, error);
            let handler = move |job| run_jobs::handle(app.clone(), job);
            store
                .run_queue(&worker, workers, handler, trouble, shutdown)
                .await;
        });
        *lock(&self.inner.queue) = Some(task);
    }

    /// Stops taking work, waits for running jobs to reach a safe point, closes the store.
    pub async fn close(self) {
        self.inner.shutdown.cancel();
        for token in lock(&self.inner.cancels).values() {
            token.cancel();
        }
        let queue = lock(&self.inner.queue).take();
        let restorations = lock(&self.inner.restorations).take();
        let drills = lock(&self.inner.drills).take();
        let export = self.export_desk().take_task();
        let tasks = queue.into_iter().chain(restorations).chain(drills);
        for task in tasks.chain(export) {
            // The task ends by itself; a panic in it was logged where it happened.
            let _ = task.await;
        }
        if let Err(error) = witness::tell(&self).await {
            // The next start tells the witness.
            tracing::warn!(%error, "the witness could not be told the newest checkpoint");
        }
        self.store().clone().close().await;
    }

    /// Listens to what changes.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn http(&self) -> &Http {
        &self.inner.http
    }

    /// Time limits and retries of clients that a source needs for itself.
    pub(crate) fn http_options(&self) -> &HttpOptions {
        &self.inner.http_options
    }

    pub(crate) fn clock(&self) -> Clock {
        self.inner.clock.clone()
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.inner.clock)()
    }

    /// When this process opened the core, on the clock of the records.
    pub(crate) fn opened_at_utc(&self) -> Timestamp {
        self.inner.opened_at_utc
    }

    pub(crate) fn opened_at(&self) -> Instant {
        self.inner.opened_at
    }

    pub(crate) fn delivery_dir(&self) -> &std::path::Path {
        &self.inner.delivery_dir
    }

    /// The folder that keeps checkpoints, where there is one.
    pub(crate) fn witness(&self) -> Option<&std::path::Path> {
        self.inner.witness.as_deref()
    }

    pub(crate) fn learned(&self) -> Option<Arc<dyn Recognizer>> {
        self.inner.learned.clone()
    }

    pub(crate) fn peaks(&self) -> &PeakCache {
        &self.inner.peaks
    }

    pub(crate) fn export_desk(&self) -> &ExportDesk {
        &self.inner.export_desk
    }

    pub(crate) fn shutdown_token(&self) -> &CancellationToken {
        &self.inner.shutdown
    }

    /// The account under which jobs act. // S0-13
    pub(crate) fn service(&self) -> Actor {
        Actor::Service(ActorId::new("sar-portal").expect("a fixed id is valid"))
    }

    /// The person at the desk.
    pub(crate) fn person(&self) -> Option<Person> {
        self.inner
            .person
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_person(&self, person: Person) {
        *self
            .inner
            .person
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(person);
    }

    /// The person at the desk, who must be allowed to decide. Auditors only look.
    pub(crate) fn deciding_person(&self) -> Result<ActorId, ApiError> {
        let person = self.person().ok_or_else(not_signed_in)?;
        match person.role {
            RoleName::CaseWorker | RoleName::Approver => {
                ActorId::new(person.id).map_err(|error| ApiError::invalid("person", error))
            }
            RoleName::Auditor => Err(ApiError::new(
                ErrorCode::NotPermitted,
                "An auditor can look and check, but not decide",
                "Sign in as a case worker or approver.",
            )),
        }
    }

    /// The connected sources, in the order in which they are preferred.
    pub(crate) fn sources(&self) -> Sources {
        self.inner
            .sources
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Changes which sources are connected.
    pub(crate) fn change_sources(&self, change: impl FnOnce(&mut Sources)) {
        let mut sources = self
            .inner
            .sources
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        change(&mut sources);
        drop(sources);
        self.emit(Event::StatusChanged);
    }

    /// Tells every shell that something changed.
    pub(crate) fn emit(&self, event: Event) {
        // Nobody listening is fine.
        let _ = self.inner.events.send(event);
    }

    pub(crate) fn emit_case(&self, case_id: &str, what: CasePart, call: Option<u32>) {
        self.emit(Event::CaseChanged {
            case_id: case_id.to_owned(),
            what,
            call,
        });
    }

    pub(crate) fn live_jobs(&self) -> &LiveJobs {
        &self.inner.live_jobs
    }

    /// Waits for the job that changes legal holds now, if there is one.
    pub(crate) async fn hold_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.inner.hold_turn.lock().await
    }

    /// Stops the sign-in that waits for a browser, and waits for its end; gives what stops the next one.
    pub(crate) async fn sign_in_turn(
        &self,
    ) -> (CancellationToken, tokio::sync::MutexGuard<'_, ()>) {
        let cancel = self.inner.shutdown.child_token();
        std::mem::replace(&mut *lock(&self.inner.sign_in), cancel.clone()).cancel();
        (cancel, self.inner.sign_in_turn.lock().await)
    }

    /// Stops the sign-in that waits for a browser, if there is one.
    pub(crate) fn cancel_sign_in(&self) {
        lock(&self.inner.sign_in).cancel();
    }

    /// The token that stops this case's jobs; a fresh one after a cancellation.
    pub(crate) fn cancel_token(&self, case_id: &str) -> CancellationToken {
        let mut cancels = lock(&self.inner.cancels);
        let token = cancels
            .entry(case_id.to_owned())
            .or_insert_with(|| self.inner.shutdown.child_token());
        if token.is_cancelled() && !self.inner.shutdown.is_cancelled() {
            *token = self.inner.shutdown.child_token();
        }
        token.clone()
    }
}

pub(crate) fn not_signed_in() -> ApiError {
    ApiError::new(
        ErrorCode::NotSignedIn,
        "Nobody is signed in at this desk",
        "Say who you are first; every decision is recorded with a name.",
    )
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
