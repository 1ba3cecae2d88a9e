//! Opens the core for one command, with a person at the desk, and closes it again.

use std::{
    env,
    path::{Path, PathBuf},
};

use clap::Args;
use services::{
    api::{RoleName, SignInReq},
    app::{App, AppOptions, HttpOptions, KeySource, RETRY_PAUSE, system_clock},
    learned::LearnedOptions,
};

use tokio_util::sync::CancellationToken;

use crate::{failure::Failure, interrupt, secret};

/// Folder name of the app in the system's place for application data; the desktop uses the same.
const APP_FOLDER: &str = "org.sarportal.desktop";

/// A development build must not touch the keys of the installed one.
const KEYRING_SERVICE: &str = if cfg!(debug_assertions) {
    "sar-portal-dev-desk"
} else {
    "sar-portal-desk"
};

/// Jobs at once: two downloads keep a line busy, and audio work takes a core each.
const WORKERS: usize = 2;

/// Which data, and who works on it.
#[derive(Args)]
pub(crate) struct DeskArgs {
    /// Folder of the cases [default: the one the desktop app uses]
    #[arg(long, value_name = "DIR", env = "SAR_DATA_DIR", hide_env_values = true)]
    data_dir: Option<PathBuf>,
    /// Folder that packages and logs are handed over in [default: the current one]
    #[arg(
        long,
        value_name = "DIR",
        env = "SAR_DELIVERY_DIR",
        hide_env_values = true
    )]
    delivery_dir: Option<PathBuf>,
    /// File with the passphrase of the data, instead of the keyring [env: SAR_PASSPHRASE_FILE]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Who acts; every decision is recorded with this name [default: the name of this account]
    #[arg(
        long = "as",
        value_name = "PERSON",
        env = "SAR_PERSON",
        hide_env_values = true
    )]
    person: Option<String>,
}

impl DeskArgs {
    /// Opens the core, does the work as a person with this role, and lets running jobs reach a safe point.
    pub(crate) fn run<T>(
        &self,
        role: RoleName,
        work: impl AsyncFnOnce(&App) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let options = self.options()?;
        let person = self.person(role)?;
        interrupt::runtime()?.block_on(async {
            let app = App::open(options).await?;
            let outcome = interrupt::or_stopped(async {
                if let Some(person) = person {
                    sign_in(&app, &person, role).await?;
                }
                work(&app).await
            })
            .await;
            app.close().await;
            outcome
        })
    }

    /// The same for work that stops by itself when Ctrl-C cancels its token, and records that it did.
    pub(crate) fn run_to_safe_point<T>(
        &self,
        role: RoleName,
        work: impl AsyncFnOnce(&App, &CancellationToken) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let options = self.options()?;
        let person = self.person(role)?;
        interrupt::runtime()?.block_on(async {
            let app = App::open(options).await?;
            let outcome = interrupt::cancelling(async |cancel| {
                if let Some(person) = person {
                    sign_in(&app, &person, role).await?;
                }
                work(&app, cancel).await
            })
            .await;
            app.close().await;
            outcome
        })
    }

    fn options(&self) -> Result<AppOptions, Failure> {
        let keys = match secret::passphrase(self.passphrase_file.as_deref())? {
            Some(passphrase) => KeySource::Passphrase(passphrase),
            None => KeySource::Keyring {
                namespace: KEYRING_SERVICE.to_owned(),
            },
        };
        let data_dir = self.data_dir.clone().or_else(default_data_dir);
        Ok(AppOptions {
            data_dir: data_dir.ok_or_else(|| {
                Failure::usage(
                    "There is no folder for application data on this account",
                    "Name one: --data-dir DIR.",
                )
            })?,
            keys,
            delivery_dir: self
                .delivery_dir
                .clone()
                .unwrap_or_else(|| Path::new(".").to_owned()),
            clock: system_clock(),
            workers: WORKERS,
            retry_pause: RETRY_PAUSE,
            http: HttpOptions::default(),
            drill_every: None,
            learned: services::learned::load(LearnedOptions::from_env().as_ref())?,
            restoration_look: None,
        })
    }

    /// Who acts. Somebody who only looks needs no name.
    fn person(&self, role: RoleName) -> Result<Option<String>, Failure> {
        let account = |name: &&str| env::var(name).ok().filter(|it| !it.is_empty());
        let account = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(account);
        let person = self.person.clone().or_else(account);
        if person.is_none() && role != RoleName::Auditor {
            return Err(Failure::usage(
                "This account has no name, so nobody would be on record",
                "Name the person who acts: --as PERSON.",
            ));
        }
        Ok(person)
    }
}

/// Says who is at the desk.
pub(crate) async fn sign_in(app: &App, person: &str, role: RoleName) -> Result<(), Failure> {
    services::sign_in(
        app,
        SignInReq {
            person_id: person.to_owned(),
            role,
        },
    )
    .await?;
    Ok(())
}

/// Where the desktop app keeps the cases of this account.
fn default_data_dir() -> Option<PathBuf> {
    let folder = |name: &str| {
        env::var_os(name)
            .filter(|it| !it.is_empty())
            .map(PathBuf::from)
    };
    let base = if cfg!(target_os = "windows") {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")))
    };
    base.map(|base| base.join(APP_FOLDER).join("desk"))
}
