//! Faults by lot, and the core killed and started again among them: in the end everything is there once, with the
//! right bytes. `cargo xtask bench faults` does the same a thousand times with processes. // B14

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use domain::sensitive::Secret;
use evidence::hashing::sha256;
use sandbox::{Lot, Sandbox, SandboxOptions, Scenario, ground_truth, planted_media};
use services::api::*;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{
    faults::assert_nothing_else_in_custody,
    support::{Desk, case_ref, try_open_app},
};

/// More take minutes; `cargo xtask bench faults` has them.
const SEEDS: std::ops::Range<u64> = 0..2;
/// How often a person tries again before giving up.
const TRIES: usize = 8;
/// How long a killed core may hold its folder.
const LETS_GO: Duration = Duration::from_secs(20);

/// Everything there once, with the right bytes, whatever happened on the way.
#[test]
fn whatever_happens_everything_is_there_once_with_the_right_bytes() {
    let undisturbed = Round::start(Scenario::default()).run(&mut Lot::new(0), 0);
    assert!(undisturbed.retrieved.len() >= 8, "{undisturbed:?}");
    for seed in SEEDS {
        let mut lot = Lot::new(seed ^ 0x5eed);
        let kills = 1 + lot.below(3);
        let outcome = Round::start(Scenario::drawn(seed)).run(&mut lot, kills);
        assert_eq!(
            outcome,
            undisturbed,
            "seed {seed}: {:?}",
            Scenario::drawn(seed)
        );
    }
}

/// What a case ends with.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    /// Digests of what was retrieved, in order; each once.
    retrieved: Vec<String>,
    /// End states of the others.
    others: Vec<String>,
}

/// The organization lives through the whole round, the core as long as it is let.
struct Round {
    outside: Runtime,
    sandbox: Sandbox,
    dir: TempDir,
}

impl Round {
    fn start(scenario: Scenario) -> Self {
        let outside = Runtime::new().unwrap();
        let options = SandboxOptions {
            scenario,
            ..SandboxOptions::default()
        };
        let sandbox = outside.block_on(Sandbox::start(options)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        Self {
            outside,
            sandbox,
            dir,
        }
    }

    fn run(self, lot: &mut Lot, kills: u64) -> Outcome {
        let Self {
            outside,
            sandbox,
            dir,
        } = self;
        let (mut core, mut desk) = opened(sandbox, dir);
        let case_id = core.block_on(frozen(&desk));
        core.block_on(begin(&desk, &case_id));
        for _ in 0..kills {
            let life = Duration::from_millis(lot.below(1_500));
            core.block_on(async { tokio::time::sleep(life).await });
            (core, desk) = killed_and_opened(core, desk);
            core.block_on(begin(&desk, &case_id));
        }
        let outcome = core.block_on(ended(&desk, &case_id));
        let Desk { app, sandbox, dir } = desk;
        core.block_on(app.close());
        outside.block_on(sandbox.stop());
        drop(dir);
        outcome
    }
}

/// A core of its own, connected.
fn opened(sandbox: Sandbox, dir: TempDir) -> (Runtime, Desk) {
    let core = Runtime::new().unwrap();
    let started = Instant::now();
    let app = loop {
        match core.block_on(try_open_app(dir.path().to_owned())) {
            Ok(app) => break app,
            Err(error) => assert!(started.elapsed() < LETS_GO, "{error:?}"),
        }
    };
    let desk = Desk { app, sandbox, dir };
    core.block_on(async {
        connect(&desk).await;
        desk.sign_in("ann", RoleName::CaseWorker).await;
    });
    (core, desk)
}

/// Signing in may meet a fault too.
async fn connect(desk: &Desk) {
    let (urls, login) = (desk.sandbox.urls(), desk.sandbox.credentials());
    let mut refused = None;
    for _ in 0..TRIES {
        let secret = Secret::new(login.client_secret.to_owned());
        let connected = services::connect_sandbox(
            &desk.app,
            &urls.api_url,
            &urls.login_url,
            &urls.media_url,
            login.client_id,
            secret,
        );
        match connected.await {
            Ok(_) => return,
            Err(error) => refused = Some(error),
        }
    }
    unreachable!("never connected: {refused:?}");
}

/// Every task ends where it stands, as after a power cut; nobody is told.
fn killed_and_opened(core: Runtime, desk: Desk) -> (Runtime, Desk) {
    let Desk { app, sandbox, dir } = desk;
    core.shutdown_timeout(LETS_GO);
    drop(app);
    opened(sandbox, dir)
}

async fn frozen(desk: &Desk) -> String {
    let case_id = desk.verified_case().await;
    for _ in 0..TRIES {
        let found = desk.search(&case_id).await;
        let complete = found.sources.iter().all(|it| it.coverage == "complete");
        if found.state == "done" && complete {
            desk.freeze(&case_id).await;
            return case_id;
        }
    }
    unreachable!("the search never saw everything");
}

/// What a person does who comes back: retrieve what is missing, retry what failed.
async fn begin(desk: &Desk, case_id: &str) {
    // Either has nothing to do at times, and says so.
    let _ = services::retry_jobs(&desk.app, case_ref(case_id)).await;
    let _ = services::start_retrieval(&desk.app, case_ref(case_id)).await;
}

async fn ended(desk: &Desk, case_id: &str) -> Outcome {
    for _ in 0..TRIES {
        desk.idle(case_id).await;
        let open = |call: &CallView| !matches!(call.end_state.as_str(), "retrieved" | "purged");
        let calls = services::list_calls(&desk.app, case_ref(case_id))
            .await
            .unwrap();
        if !calls.calls.iter().any(open) {
            break;
        }
        begin(desk, case_id).await;
    }
    desk.idle(case_id).await;
    let calls = services::list_calls(&desk.app, case_ref(case_id))
        .await
        .unwrap();
    assert_nothing_else_in_custody(desk, case_id, &calls);
    let log = services::verify_audit(&desk.app, Empty {}).await.unwrap();
    assert!(log.verified, "{log:?}");
    outcome(&calls)
}

fn outcome(calls: &CallList) -> Outcome {
    let planted = planted();
    let (retrieved, others): (Vec<_>, Vec<_>) = calls
        .calls
        .iter()
        .partition(|call| call.end_state == "retrieved");
    let digests: Vec<_> = retrieved
        .iter()
        .map(|call| call.sha256.clone().unwrap())
        .collect();
    assert!(
        digests.iter().all(|digest| planted.contains(digest)),
        "wrong bytes: {calls:?}"
    );
    let distinct: BTreeSet<_> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len(), "something twice: {calls:?}");
    Outcome {
        retrieved: digests,
        others: others.iter().map(|call| call.end_state.clone()).collect(),
    }
}

/// Digests of everything that there is to retrieve.
fn planted() -> BTreeSet<String> {
    let files = ground_truth().recordings.iter();
    let files = files.filter_map(|it| planted_media(&it.recording_id, "WAV"));
    files.map(|bytes| sha256(&bytes).to_string()).collect()
}
