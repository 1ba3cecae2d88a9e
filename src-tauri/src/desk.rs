//! The running core behind the window, and the built-in organization.

use std::time::Duration;

use domain::sensitive::Secret;
use sandbox::{Sandbox, SandboxOptions};
use services::{
    api::{ApiError, Empty, ErrorCode, Event, Person, SignInReq, SourceReport},
    app::{App, AppOptions, DRILL_EVERY, HttpOptions, RESTORATION_LOOK, RETRY_PAUSE, system_clock},
    learned::LearnedOptions,
};
use tauri::AppHandle;
use tokio::{
    sync::{Mutex, OnceCell},
    time::timeout,
};

use crate::{
    events,
    settings::{Place, Settings},
};

/// Jobs that run at once on one desk; more would compete with the person at it.
const WORKERS: usize = 2;

/// How long closing may take before the process ends anyway; jobs resume at the next start.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// What the commands work on. The core opens at the first command, so that the window is there before
/// it and can say what is wrong, and a start that failed is tried again by the next command.
pub(crate) struct Desk {
    window: AppHandle,
    settings: Settings,
    core: Mutex<Option<Core>>,
    sandbox: OnceCell<Sandbox>,
}

/// An open core, and which cases it holds.
struct Core {
    app: App,
    holds_samples: bool,
}

impl Desk {
    pub(crate) fn new(window: AppHandle, settings: Settings) -> Self {
        Self {
            window,
            settings,
            core: Mutex::new(None),
            sandbox: OnceCell::new(),
        }
    }

    /// The core; opens it when that has not happened yet.
    ///
    /// # Errors
    /// When the keys, the database or the vault cannot be opened.
    pub(crate) async fn core(&self) -> Result<App, ApiError> {
        let mut open = self.core.lock().await;
        if let Some(core) = &*open {
            return Ok(core.app.clone());
        }
        let core = self.open_first().await?;
        Ok(open.insert(core).app.clone())
    }

    async fn open_first(&self) -> Result<Core, ApiError> {
        if self.settings.connects_sandbox {
            return Ok(self.open_samples(None).await?.0);
        }
        self.open_own(None).await
    }

    /// Opens the sample cases with the built-in organization; connects it again when they are open.
    /// Whoever is at the desk stays there. Own cases are closed until the samples are left.
    ///
    /// # Errors
    /// When no port is free, the folder of the samples cannot be opened, or the core refuses the connection.
    pub(crate) async fn start_sandbox(&self) -> Result<SourceReport, ApiError> {
        let mut open = self.core.lock().await;
        if let Some(core) = open.as_ref().filter(|core| core.holds_samples) {
            return self.connect_sandbox(&core.app).await;
        }
        let (samples, report) = self.open_samples(person_at(open.as_ref()).await?).await?;
        if let Some(own) = open.replace(samples) {
            close(own.app).await;
        }
        Ok(report)
    }

    /// Closes the sample cases and opens the own ones. Whoever is at the desk stays there.
    ///
    /// # Errors
    /// When the own cases cannot be opened; the samples stay open then.
    pub(crate) async fn leave_sandbox(&self) -> Result<(), ApiError> {
        let mut open = self.core.lock().await;
        if open.as_ref().is_some_and(|core| !core.holds_samples) {
            return Ok(());
        }
        let own = self.open_own(person_at(open.as_ref()).await?).await?;
        if let Some(samples) = open.replace(own) {
            close(samples.app).await;
        }
        events::send(&self.window, &Event::StatusChanged);
        Ok(())
    }

    async fn open_own(&self, person: Option<Person>) -> Result<Core, ApiError> {
        let app = open(&self.settings.own).await?;
        if let Err(error) = seat(&app, person).await {
            close(app).await;
            return Err(error);
        }
        events::forward(&self.window, app.events());
        let holds_samples = false;
        Ok(Core { app, holds_samples })
    }

    async fn open_samples(&self, person: Option<Person>) -> Result<(Core, SourceReport), ApiError> {
        let app = open(&self.settings.sample).await?;
        match self.prepare_samples(&app, person).await {
            Ok(report) => {
                events::forward(&self.window, app.events());
                let holds_samples = true;
                Ok((Core { app, holds_samples }, report))
            }
            Err(error) => {
                // Gives the data folder back, so that the next try can open it.
                close(app).await;
                Err(error)
            }
        }
    }

    async fn prepare_samples(
        &self,
        app: &App,
        person: Option<Person>,
    ) -> Result<SourceReport, ApiError> {
        seat(app, person).await?;
        self.connect_sandbox(app).await
    }

    async fn connect_sandbox(&self, app: &App) -> Result<SourceReport, ApiError> {
        let start = || Sandbox::start(SandboxOptions::default());
        let sandbox = self.sandbox.get_or_try_init(start).await.map_err(|error| {
            ApiError::new(
                ErrorCode::SourceUnavailable,
                format!("The built-in organization did not start: {error}"),
                "Close other copies of SAR Portal, then try again.",
            )
        })?;
        let (urls, client) = (sandbox.urls(), sandbox.credentials());
        let secret = Secret::new(client.client_secret.to_owned());
        services::connect_sandbox(
            app,
            &urls.api_url,
            &urls.login_url,
            &urls.media_url,
            client.client_id,
            secret,
        )
        .await
    }

    /// Lets running jobs reach a safe point and closes the database.
    pub(crate) async fn close(&self) {
        if let Some(core) = self.core.lock().await.take() {
            close(core.app).await;
        }
    }
}

async fn open(place: &Place) -> Result<App, ApiError> {
    App::open(AppOptions {
        data_dir: place.data_dir.clone(),
        keys: place.keys.clone(),
        delivery_dir: place.delivery_dir.clone(),
        clock: system_clock(),
        workers: WORKERS,
        retry_pause: RETRY_PAUSE,
        drill_every: Some(DRILL_EVERY),
        learned: services::learned::load(LearnedOptions::from_env().as_ref())?,
        restoration_look: Some(RESTORATION_LOOK),
        http: HttpOptions::default(),
    })
    .await
}

/// Who sits at the desk of these cases.
async fn person_at(core: Option<&Core>) -> Result<Option<Person>, ApiError> {
    match core {
        Some(core) => Ok(services::get_status(&core.app, Empty {}).await?.person),
        None => Ok(None),
    }
}

/// Signs somebody in who sat at the desk of the other cases.
async fn seat(app: &App, person: Option<Person>) -> Result<(), ApiError> {
    if let Some(Person { id, role }) = person {
        let request = SignInReq {
            person_id: id,
            role,
        };
        services::sign_in(app, request).await?;
    }
    Ok(())
}

async fn close(app: App) {
    if timeout(CLOSE_LIMIT, app.close()).await.is_err() {
        tracing::warn!(
            "jobs were still running after {CLOSE_LIMIT:?}; they resume at the next start"
        );
    }
}
