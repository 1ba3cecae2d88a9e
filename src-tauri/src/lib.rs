//! The desktop shell: one window, a thin adapter for each command, and the sound device.
//!
//! It is *not* the place for rules: every command is a function of `services`, and a second shell (the
//! command line, the gateway) calls the same one. Nothing here opens a file of a case or speaks to a
//! source.
//!
//! Modules in reading order:
//!
//! - `settings`: folders and keys from environment and flags
//! - `desk`: the running core behind the window, and the built-in organization
//! - `commands`: one adapter a command, from the list every shell shares
//! - `events`: what the core reports, forwarded to the page
//! - `window`: the one window and what it may not do
//! - `playback`: audio for listening; the only place that opens a sound device
//!
//! Invariants:
//!
//! - The page has no file, network, shell or dialog access: only the commands its capability names.
//! - The page never navigates away and never opens another window.
//! - A start that fails (no keyring, a wrong passphrase) is shown in the window and can be tried again.

mod commands;
mod desk;
mod events;
mod playback;
mod settings;
mod window;

use anyhow::Context as _;
use services::process::CoreDumps;
use tauri::{AppHandle, Manager as _, RunEvent};
use tracing_subscriber::EnvFilter;

use crate::{desk::Desk, playback::Sound, settings::Settings};

/// Opens the window and stays until it is closed.
///
/// # Errors
/// When a setting cannot be used or the web view cannot start.
pub fn run() -> anyhow::Result<()> {
    start_log();
    if let Err(error) = services::process::deny_core_dumps(CoreDumps::NoFile) {
        tracing::warn!(%error, "a crash may write the memory of this program to a file");
    }
    let app = tauri::Builder::default()
        .invoke_handler(commands::handler())
        .build(tauri::generate_context!("tauri.conf.json"))
        .context("The window could not be prepared")?;
    // Not in a setup hook: an error there is a panic, here it is a sentence.
    set_up(app.handle())?;
    app.run(|app, event| {
        if let RunEvent::Exit = event {
            shut_down(app);
        }
    });
    Ok(())
}

/// Messages go to stderr; `SAR_LOG` chooses how much, such as `SAR_LOG=info`.
fn start_log() {
    let filter = EnvFilter::try_from_env("SAR_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

fn set_up(app: &AppHandle) -> anyhow::Result<()> {
    let settings = Settings::read(app.path()).context("SAR Portal could not start")?;
    app.manage(Desk::new(app.clone(), settings));
    app.manage(Sound::default());
    window::open(app).context("The window could not be opened")
}

/// Silences the sound, lets running jobs reach a safe point and closes the database.
fn shut_down(app: &AppHandle) {
    tauri::async_runtime::block_on(async {
        app.state::<Sound>().stop().await;
        app.state::<Desk>().close().await;
    });
}
