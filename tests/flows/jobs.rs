//! Background work that is interrupted, fails and is tried again: no job is ever left behind.

use std::{path::Path, time::Duration};

use sandbox::{
    SandboxOptions,
    scenario::{Action, RetryAfterForm, Scenario},
};
use services::api::*;
use store::{Store, StoreOptions};

use super::support::{Desk, case_ref, keys, open_app};

/// A case whose list is frozen.
async fn frozen(scenario: Scenario) -> (Desk, String) {
    let desk = Desk::with(SandboxOptions {
        scenario,
        ..SandboxOptions::default()
    })
    .await;
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    desk.freeze(&case_id).await;
    (desk, case_id)
}

async fn jobs(desk: &Desk, case_id: &str, kind: &str) -> Vec<JobView> {
    let list = services::list_jobs(&desk.app, case_ref(case_id)).await;
    let mut jobs = list.unwrap().jobs;
    jobs.retain(|job| job.kind == kind);
    jobs
}

async fn start(desk: &Desk, case_id: &str) -> u32 {
    let started = services::start_retrieval(&desk.app, case_ref(case_id)).await;
    started.unwrap().jobs
}

async fn until_running(desk: &Desk, case_id: &str) {
    let mut now = Vec::new();
    for _ in 0..1_000 {
        now = jobs(desk, case_id, "retrieve").await;
        if now.iter().any(|job| job.state == "running") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    unreachable!("no job runs: {now:?}");
}

/// S0-10: whoever closes the app often loses no job: a close is no attempt.
#[tokio::test(flavor = "multi_thread")]
async fn four_closes_use_up_no_attempt() {
    let slow = Scenario::always("/recordings/*", Action::Delay { ms: 1_000 });
    let (mut desk, case_id) = frozen(slow).await;
    let started = start(&desk, &case_id).await;
    for _ in 0..4 {
        until_running(&desk, &case_id).await;
        let Desk { app, sandbox, dir } = desk;
        app.close().await;
        given_back(dir.path(), &case_id).await;
        let app = open_app(dir.path().to_owned()).await;
        desk = Desk { app, sandbox, dir };
        desk.connect().await;
        desk.sign_in("ann", RoleName::CaseWorker).await;
    }
    desk.idle(&case_id).await;
    let retrievals = jobs(&desk, &case_id, "retrieve").await;
    assert_eq!(retrievals.len(), started as usize, "no job was added");
    for job in &retrievals {
        assert_eq!((job.state.as_str(), job.attempts), ("done", 1), "{job:?}");
    }
    desk.app.close().await;
}

/// Looks into the closed store: what was running waits, as if it had never started.
async fn given_back(dir: &Path, case_id: &str) {
    let store = Store::open(StoreOptions {
        data_dir: dir.join("data"),
        keys: keys(),
        retry_pause: Duration::ZERO,
    });
    let store = store.await.unwrap();
    let jobs = store.jobs(case_id).await.unwrap();
    let waiting = || jobs.iter().filter(|job| job.state == "waiting");
    assert!(waiting().count() > 0, "it was closed too late: {jobs:?}");
    assert!(waiting().all(|job| job.attempts == 0), "{jobs:?}");
    assert!(jobs.iter().all(|job| job.state != "running"), "{jobs:?}");
    store.close().await;
}

/// What failed and was done later is not shown as failed any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_successful_retry_clears_the_failure() {
    retried_after_a_refusal_of("/api/v2/conversations/*/recordings/*").await;
}

/// A refusal is no missing transcript: the call is not kept without it.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_transcript_stops_the_call_until_it_is_permitted() {
    retried_after_a_refusal_of("*transcripturl").await;
}

async fn retried_after_a_refusal_of(path: &str) {
    let refusal = Action::Status {
        status: 403,
        retry_after_s: None,
        retry_after_form: RetryAfterForm::Seconds,
    };
    let (desk, case_id) = frozen(Scenario::first(1, path, refusal)).await;
    start(&desk, &case_id).await;
    desk.idle(&case_id).await;
    let failed = |jobs: &[JobView]| jobs.iter().filter(|job| job.state == "failed").count();
    let before = jobs(&desk, &case_id, "retrieve").await;
    assert_eq!(failed(&before), 1, "{before:?}");
    let reason = before.iter().find_map(|job| job.code);
    assert_eq!(reason, Some(ErrorCode::SourceUnavailable));

    let again = services::retry_jobs(&desk.app, case_ref(&case_id)).await;
    assert_eq!(again.unwrap().jobs, 1);
    desk.idle(&case_id).await;
    let after = jobs(&desk, &case_id, "retrieve").await;
    assert_eq!(failed(&after), 0, "{after:?}");
    assert_eq!(
        after.iter().filter(|job| job.state == "superseded").count(),
        1,
        "{after:?}"
    );
    let calls = services::list_calls(&desk.app, case_ref(&case_id)).await;
    let calls = calls.unwrap().calls;
    assert!(calls.iter().all(|it| it.end_state != "pending"));
    desk.app.close().await;
}
