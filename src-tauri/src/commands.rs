//! One adapter a command, from the list every shell shares.
//!
//! A command of the list without a function in `services` does not compile, and every adapter is
//! registered by the macro that makes it. What the page may call of them: `capabilities/main.json`.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use services::api::*;
use tauri::{AppHandle, State, ipc::Invoke};

use crate::{
    desk::Desk,
    events,
    playback::{Sound, Stretch},
};

macro_rules! adapters {
    ($($name:ident($request:ident) -> $answer:ident),* $(,)?) => {
        $(
            #[tauri::command]
            async fn $name(desk: State<'_, Desk>, request: $request) -> Result<$answer, ApiError> {
                guarded(stringify!($name), async { services::$name(&desk.core().await?, request).await }).await
            }
        )*

        fn shared_handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($name),*]
        }
    };
}

macro_rules! desktop_adapters {
    ($($name:ident($request:ident) -> $answer:ident),* $(,)?) => {
        $(
            #[tauri::command]
            async fn $name(app: AppHandle, request: $request) -> Result<$answer, ApiError> {
                guarded(stringify!($name), on_desktop::$name(&app, request)).await
            }
        )*

        /// Commands that only a desktop can carry out.
        const DESKTOP_COMMANDS: &[&str] = &[$(stringify!($name)),*];

        fn desktop_handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($name),*]
        }
    };
}

services::with_commands!(adapters);
services::with_desktop_commands!(desktop_adapters);

/// Answers every command of the window.
pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    let (shared, desktop) = (shared_handler(), desktop_handler());
    move |invoke| {
        if DESKTOP_COMMANDS.contains(&invoke.message.command()) {
            desktop(invoke)
        } else {
            shared(invoke)
        }
    }
}

/// Runs a command; a panic in it is a bug that must not take the window with it.
async fn guarded<T>(
    command: &'static str,
    run: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    // The core guards its own state with transactions; nothing half-changed is seen afterwards.
    AssertUnwindSafe(run)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            tracing::error!(command, "a command panicked");
            Err(ApiError::new(
                ErrorCode::Internal,
                "The command stopped because of a bug",
                "Try again. If it stays, send the diagnostics to support.",
            ))
        })
}

/// The commands that need sound, a browser or the built-in organization.
mod on_desktop {
    use tauri::Manager as _;

    use super::*;

    pub(super) async fn start_sandbox(
        app: &AppHandle,
        _request: Empty,
    ) -> Result<SourceReport, ApiError> {
        app.state::<Desk>().start_sandbox().await
    }

    pub(super) async fn leave_sandbox(app: &AppHandle, _request: Empty) -> Result<Done, ApiError> {
        app.state::<Sound>().stop().await;
        app.state::<Desk>().leave_sandbox().await?;
        Ok(Done {})
    }

    /// The page asks for the sign-in at a region; which address the browser opens is not its choice.
    pub(super) async fn sign_in_source(
        app: &AppHandle,
        request: SignInSourceReq,
    ) -> Result<SourceReport, ApiError> {
        if request.api_url.is_some() || request.login_url.is_some() {
            return Err(ApiError::new(
                ErrorCode::NotPermitted,
                "The window signs in at a region only",
                "Sign in at another address on the command line: sar source sign-in.",
            ));
        }
        let core = app.state::<Desk>().core().await?;
        services::sign_in_source(&core, request, open_browser).await
    }

    fn open_browser(link: &str) -> Result<(), ApiError> {
        open::that_detached(link).map_err(|error| {
            tracing::warn!(kind = ?error.kind(), "no browser could be opened");
            ApiError::new(
                ErrorCode::SignInFailed,
                "No browser could be opened on this computer",
                "Set a default browser, or sign in on the command line: sar source sign-in.",
            )
        })
    }

    pub(super) async fn play_audio(app: &AppHandle, request: PlayReq) -> Result<Done, ApiError> {
        let stretch = Stretch::new(&request)?;
        let (desk, sound) = (app.state::<Desk>(), app.state::<Sound>());
        let preview = services::open_preview(&desk.core().await?, &request).await?;
        let window = app.clone();
        let report = move |position_ms: u64, playing: bool| {
            let case_id = request.case_id.clone();
            let call = request.call;
            if !playing {
                note_listened(&window, &request, position_ms);
            }
            events::send(
                &window,
                &Event::Playback {
                    case_id,
                    call,
                    position_ms,
                    playing,
                },
            );
        };
        sound.play(preview, stretch, report).await?;
        Ok(Done {})
    }

    /// What was heard counts for the expected misses; one side alone leaves the other unheard. // B4
    fn note_listened(app: &AppHandle, request: &PlayReq, until_ms: u64) {
        if request.channel.is_some() {
            return;
        }
        let heard = (request.from_ms, until_ms.min(request.to_ms));
        // On the thread of the playback, which somebody waits for.
        let noted = tauri::async_runtime::block_on(async {
            let core = app.state::<Desk>().core().await?;
            services::note_listened(&core, &request.case_id, request.call, heard).await
        });
        if let Err(error) = noted {
            // An auditor may listen, and it counts for nothing.
            tracing::info!(%error, "what was heard was not noted");
        }
    }

    pub(super) async fn stop_audio(app: &AppHandle, _request: Empty) -> Result<Done, ApiError> {
        app.state::<Sound>().stop().await;
        Ok(Done {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_answer() {
        async fn broken() -> Result<Done, ApiError> {
            panic!("index 7 of 3")
        }
        let error = guarded("broken", broken()).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Internal);
        assert!(
            !error.message.contains("index 7"),
            "details go to the log only"
        );
    }
}
