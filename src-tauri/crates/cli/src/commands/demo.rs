//! `sar demo`: the whole main job against the built-in sample organization, headless.
//!
//! It does what two people do in the window, through the same functions, and can be stopped at any
//! moment: the same command goes on where the last one ended.

mod check;
mod folder;
mod steps;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use domain::sensitive::Secret;
use sandbox::{Sandbox, SandboxOptions, Scenario};
use services::{
    api::{CaseViewName, SourceReport},
    app::{App, AppOptions, HttpOptions, system_clock},
};

use self::{folder::DemoFolder, steps::Demo};
use super::sandbox::not_started;
use crate::{failure::Failure, interrupt, output::Output};

/// Jobs at once: the sample organization and the core share this machine.
const WORKERS: usize = 2;

/// The sample organization heals at once; nobody should wait for it.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Folder for package, passphrase and audit log; a stopped demo goes on in it
    #[arg(long, value_name = "DIR", default_value = "sar-demo")]
    pub(crate) out: PathBuf,
    /// Faults drawn by this seed; for `sar bench faults`
    #[arg(long, value_name = "SEED", hide = true)]
    pub(crate) faults: Option<u64>,
}

/// Where the one case of a demo may be listed.
pub(crate) const VIEWS: [CaseViewName; 2] = [CaseViewName::Open, CaseViewName::Closed];

/// The core of a demo that has ended, for looking into.
pub(crate) struct Opened {
    pub(crate) app: App,
    pub(crate) data_dir: PathBuf,
}

impl Opened {
    pub(crate) async fn open(out: &Path) -> Result<Self, Failure> {
        let folder = DemoFolder::open(out)?;
        Ok(Self {
            app: open(&folder).await?,
            data_dir: folder.data_dir(),
        })
    }
}

/// What a demo ends with.
pub(crate) struct Delivered {
    /// The package.
    pub(crate) package: PathBuf,
    /// Its size.
    pub(crate) package_bytes: u64,
    /// Entries of the audit log.
    pub(crate) log_entries: u64,
    /// Calls in the package.
    pub(crate) calls: u32,
}

pub(crate) fn run(args: &DemoArgs, output: &mut Output) -> Result<(), Failure> {
    let delivered = deliver(args, output)?;
    output.line(delivered.package.display())
}

/// Runs the demo in its folder.
pub(crate) fn deliver(args: &DemoArgs, output: &mut Output) -> Result<Delivered, Failure> {
    let folder = DemoFolder::open(&args.out)?;
    if folder.is_new {
        output.line(format_args!(
            "Sample data only. Its key lies beside it in {}; real cases use the keyring.",
            folder.key_file().display()
        ))?;
    }
    interrupt::runtime()?.block_on(async {
        let scenario = args
            .faults
            .map(|seed| Scenario::drawn(seed).healing_alone());
        let sandbox = Sandbox::start(SandboxOptions {
            scenario: scenario.unwrap_or_default(),
            ..SandboxOptions::default()
        })
        .await;
        let sandbox = sandbox.map_err(|error| not_started(&error))?;
        let outcome = interrupt::or_stopped(on_sandbox(&folder, &sandbox, output)).await;
        sandbox.stop().await;
        outcome
    })
}

async fn on_sandbox(
    folder: &DemoFolder,
    sandbox: &Sandbox,
    output: &mut Output,
) -> Result<Delivered, Failure> {
    let app = open(folder).await?;
    let outcome = interrupt::or_stopped(async {
        let source = connect(&app, sandbox).await?;
        let mut demo = Demo {
            app: &app,
            folder,
            output,
        };
        demo.say(
            "Source",
            format_args!("{}, {}", source.organization, permissions(&source)),
        )?;
        demo.run().await
    })
    .await;
    app.close().await;
    outcome
}

async fn open(folder: &DemoFolder) -> Result<App, Failure> {
    let app = App::open(AppOptions {
        data_dir: folder.data_dir(),
        keys: folder.keys()?,
        delivery_dir: folder.path.clone(),
        clock: system_clock(),
        workers: WORKERS,
        retry_pause: RETRY_PAUSE,
        http: HttpOptions::default(),
        drill_every: None,
        learned: None,
        restoration_look: None,
    });
    Ok(app.await?)
}

/// Connects the sample organization; its ports are new at every start.
async fn connect(app: &App, sandbox: &Sandbox) -> Result<SourceReport, Failure> {
    let (urls, login) = (sandbox.urls(), sandbox.credentials());
    let secret = Secret::new(login.client_secret.to_owned());
    let report = services::connect_sandbox(
        app,
        &urls.api_url,
        &urls.login_url,
        &urls.media_url,
        login.client_id,
        secret,
    )
    .await?;
    Ok(report)
}

fn permissions(source: &SourceReport) -> String {
    format!(
        "{} permissions granted, {} missing, {} too many",
        source.granted.len(),
        source.missing.len(),
        source.excess.len()
    )
}
