//! The running core behind the window, and the built-in organization.

use std::time::Duration;

use domain::sensitive::Secret;
use sandbox::{Sandbox, SandboxOptions};
use services::{
    api::{ApiError, ErrorCode, SourceReport},
    app::{App, AppOptions, HttpOptions, RETRY_PAUSE, system_clock},
};
use tauri::AppHandle;
use tokio::{sync::OnceCell, time::timeout};

use crate::{events, settings::Settings};

/// Jobs that run at once on one desk; more would compete with the person at it.
const WORKERS: usize = 2;

/// How long closing may take before the process ends anyway; jobs resume at the next start.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// What the commands work on. The core opens at the first command, so that the window is there before
/// it and can say what is wrong, and a start that failed is tried again by the next command.
pub(crate) struct Desk {
    window: AppHandle,
    settings: Settings,
    core: OnceCell<App>,
    sandbox: OnceCell<Sandbox>,
}

impl Desk {
    pub(crate) fn new(window: AppHandle, settings: Settings) -> Self {
        Self {
            window,
            settings,
            core: OnceCell::new(),
            sandbox: OnceCell::new(),
        }
    }

    /// The core; opens it when that has not happened yet.
    ///
    /// # Errors
    /// When the keys, the database or the vault cannot be opened.
    pub(crate) async fn core(&self) -> Result<&App, ApiError> {
        self.core.get_or_try_init(|| self.open()).await
    }

    async fn open(&self) -> Result<App, ApiError> {
        let app = App::open(AppOptions {
            data_dir: self.settings.data_dir.clone(),
            keys: self.settings.keys.clone(),
            delivery_dir: self.settings.delivery_dir.clone(),
            clock: system_clock(),
            workers: WORKERS,
            retry_pause: RETRY_PAUSE,
            http: HttpOptions::default(),
        })
        .await?;
        if self.settings.connects_sandbox
            && let Err(error) = self.connect_sandbox(&app).await
        {
            // Gives the data folder back, so that the next try can open it.
            app.close().await;
            return Err(error);
        }
        events::forward(&self.window, app.events());
        Ok(app)
    }

    /// Starts the built-in organization and connects it; connects it again when it already runs.
    ///
    /// # Errors
    /// When no port is free or the core refuses the connection.
    pub(crate) async fn start_sandbox(&self) -> Result<SourceReport, ApiError> {
        self.connect_sandbox(self.core().await?).await
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
        let Some(app) = self.core.get() else { return };
        if timeout(CLOSE_LIMIT, app.clone().close()).await.is_err() {
            tracing::warn!(
                "jobs were still running after {CLOSE_LIMIT:?}; they resume at the next start"
            );
        }
    }
}
