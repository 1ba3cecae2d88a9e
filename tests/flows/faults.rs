//! Trouble at the source: each fault is healed, or ends in a state that the case accounts for.

use std::{fs, path::Path};

use sandbox::{
    SandboxOptions,
    scenario::{Action, RetryAfterForm, Scenario},
};
use services::api::*;

use super::support::{Desk, case_ref, open_app};

async fn retrieve_under(scenario: Scenario) -> (Desk, CallList) {
    let desk = Desk::with(SandboxOptions {
        scenario,
        ..SandboxOptions::default()
    })
    .await;
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    desk.freeze(&case_id).await;
    let calls = desk.retrieve(&case_id).await;
    assert_nothing_else_in_custody(&desk, &case_id, &calls);
    (desk, calls)
}

/// Original, transcript, plan and expected misses of every retrieved call, and nothing that trouble left behind.
pub(super) fn assert_nothing_else_in_custody(desk: &Desk, case_id: &str, calls: &CallList) {
    let retrieved = calls.calls.iter().filter(|it| it.end_state == "retrieved");
    let expected: usize = retrieved.map(|it| 3 + usize::from(it.has_transcript)).sum();
    let folder = desk.dir.path().join("data/vault").join(case_id);
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name());
    let (sealed, rest): (Vec<_>, Vec<_>) =
        names.partition(|name| Path::new(name).extension().is_some_and(|it| it == "age"));
    assert_eq!(sealed.len(), expected, "{sealed:?}");
    assert_eq!(rest.len(), 1, "the identity of the case only: {rest:?}");
}

fn states(calls: &CallList) -> Vec<&str> {
    calls
        .calls
        .iter()
        .map(|call| call.end_state.as_str())
        .collect()
}

fn status(status: u16, retry_after_s: Option<u64>) -> Action {
    Action::Status {
        status,
        retry_after_s,
        retry_after_form: RetryAfterForm::Seconds,
    }
}

/// S2-30, S2-49, S2-23: limits, server errors, resets and short bodies heal by themselves.
#[tokio::test(flavor = "multi_thread")]
async fn passing_trouble_heals() {
    let api = "/api/v2/conversations/*";
    let media = "/recordings/*";
    let short = Action::ShortBody {
        missing_bytes: 1_000,
    };
    let scenarios = [
        ("a busy afternoon", Scenario::rough_day()),
        ("limits", Scenario::first(2, api, status(429, Some(1)))),
        ("server errors", Scenario::first(2, api, status(503, None))),
        ("resets", Scenario::first(2, media, Action::Reset)),
        ("short bodies", Scenario::first(2, media, short)),
        (
            "expired links",
            Scenario::first(2, media, Action::ExpiredUrl),
        ),
        (
            "expired tokens",
            Scenario::first(1, api, Action::ExpireToken),
        ),
    ];
    for (name, scenario) in scenarios {
        let (desk, calls) = retrieve_under(scenario).await;
        let purged = states(&calls)
            .iter()
            .filter(|state| **state == "purged")
            .count();
        let retrieved = states(&calls)
            .iter()
            .filter(|state| **state == "retrieved")
            .count();
        assert_eq!(
            retrieved + purged,
            calls.calls.len(),
            "{name}: {:?}",
            states(&calls)
        );
        assert!(retrieved >= 2, "{name}");
        desk.app.close().await;
    }
}

/// S2-45, S0-88: a recording that is gone after the listing is purged, and the others go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_purged_recording_is_recorded_and_the_batch_continues() {
    let (desk, calls) = retrieve_under(Scenario::first(
        1,
        "/api/v2/conversations/*/recordings/*",
        status(404, None),
    ))
    .await;
    assert!(states(&calls).contains(&"purged"), "{:?}", states(&calls));
    assert!(
        states(&calls).contains(&"retrieved"),
        "{:?}",
        states(&calls)
    );
    desk.app.close().await;
}

/// S0-71: an empty recording is never retrieved, so it can never be delivered.
#[tokio::test(flavor = "multi_thread")]
async fn an_empty_recording_is_corrupted() {
    let one = &sandbox::ground_truth().recordings[0].recording_id;
    let path = format!("/recordings/*{one}*");
    let (desk, calls) = retrieve_under(Scenario::always(&path, Action::EmptyBody)).await;
    let corrupted = states(&calls)
        .iter()
        .filter(|state| **state == "corrupted")
        .count();
    assert_eq!(corrupted, 1, "{:?}", states(&calls));
    assert!(states(&calls).contains(&"retrieved"), "the others go on");
    desk.app.close().await;
}

/// S1-34: what is no audio, or audio that is broken inside, is never taken for a recording.
#[tokio::test(flavor = "multi_thread")]
async fn unreadable_audio_is_named_and_the_batch_continues() {
    let one = &sandbox::ground_truth().recordings[0].recording_id;
    let path = format!("/recordings/*{one}*");
    for (after_bytes, expected) in [(0, "unsupported"), (12, "corrupted")] {
        let other = Action::OtherBytes { after_bytes };
        let (desk, calls) = retrieve_under(Scenario::always(&path, other)).await;
        let states = states(&calls);
        let count = |wanted| states.iter().filter(|state| **state == wanted).count();
        assert_eq!(count(expected), 1, "{states:?}");
        assert_eq!(count("pending"), 0, "every call has an end: {states:?}");
        assert!(count("retrieved") > 1, "the others go on: {states:?}");
        desk.app.close().await;
    }
}

/// Fails closed: a call whose transcript does not fit waits for a person as a whole.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_a_fitting_transcript_waits_as_a_whole() {
    let missing = Scenario::always("*transcripturl", status(404, None));
    let shifted = Scenario::always("/transcripts/*", Action::ShiftTranscript { by_ms: 60_000 });
    for (name, scenario) in [("missing", missing), ("shifted", shifted)] {
        let (desk, calls) = retrieve_under(scenario).await;
        let waiting = calls.calls.iter().find(|call| !call.warnings.is_empty());
        let waiting = waiting.unwrap_or_else(|| panic!("{name}: no call has a warning"));
        assert!(waiting.open_spans >= 1, "{name}");
        desk.app.close().await;
    }
}

/// Closing in the middle and opening again finishes: nothing is lost, nothing is doubled.
#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_after_a_restart() {
    let desk = Desk::new().await;
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    desk.freeze(&case_id).await;
    services::start_retrieval(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    let Desk { app, sandbox, dir } = desk;
    app.close().await;

    let app = open_app(dir.path().to_owned()).await;
    let desk = Desk { app, sandbox, dir };
    desk.sign_in("ann", RoleName::CaseWorker).await;
    desk.connect().await;
    desk.retrieve(&case_id).await;
    let calls = services::list_calls(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    assert!(
        states(&calls).iter().all(|state| *state != "pending"),
        "{:?}",
        states(&calls)
    );
    let log = desk.log().await;
    let retrieved = log
        .iter()
        .filter(|entry| entry.action == "RECORDING_RETRIEVED")
        .count();
    let in_custody = states(&calls)
        .iter()
        .filter(|state| **state == "retrieved")
        .count();
    assert_eq!(retrieved, in_custody, "each call is in the log once");
    desk.app.close().await;
}

/// A cancelled case stops at a safe point and goes on when asked.
#[tokio::test(flavor = "multi_thread")]
async fn cancelled_work_goes_on_when_asked() {
    let scenario = Scenario::always(
        "/recordings/*",
        Action::Slow {
            bytes_per_second: 1_000_000,
        },
    );
    let desk = Desk::with(SandboxOptions {
        scenario,
        ..SandboxOptions::default()
    })
    .await;
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    desk.freeze(&case_id).await;
    services::start_retrieval(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    services::cancel_jobs(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    desk.idle(&case_id).await;
    let calls = services::list_calls(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    assert!(states(&calls).contains(&"pending"), "{:?}", states(&calls));
    services::retry_jobs(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    desk.idle(&case_id).await;
    let calls = services::list_calls(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    assert!(!states(&calls).contains(&"pending"), "{:?}", states(&calls));
    desk.app.close().await;
}

/// S2-45, B14: a source that is away is no property of a recording. The call waits; it is tried again,
/// or a person says why the case goes on without it.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cannot_be_had_is_left_out_with_a_reason_only() {
    let recordings = &sandbox::ground_truth().recordings;
    let path = format!("/recordings/*{}*", recordings[0].recording_id);
    let desk = Desk::with(SandboxOptions {
        scenario: Scenario::always(&path, status(503, None)),
        ..SandboxOptions::default()
    })
    .await;
    let case_id = desk.retrieved_case().await;
    let calls = services::list_calls(&desk.app, case_ref(&case_id)).await;
    let calls = calls.unwrap();
    let missing: Vec<_> = calls
        .calls
        .iter()
        .filter(|call| call.end_state == "pending")
        .collect();
    let [missing] = missing[..] else {
        panic!("one call waits: {:?}", states(&calls));
    };
    let go_on = async |call: u32, reason: &str| {
        let request = AcceptMissingReq {
            case_id: case_id.clone(),
            call,
            reason: reason.to_owned(),
        };
        services::accept_missing_call(&desk.app, request).await
    };
    let error = go_on(missing.call, "  ").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidInput);
    let present = desk.reviewable(&case_id).await[0];
    let error = go_on(present, "not needed").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::WrongStep);
    go_on(missing.call, "the source is gone").await.unwrap();
    let call = desk.call(&case_id, missing.call).await;
    assert_eq!(call.end_state, "unavailable");
    desk.review_all(&case_id).await;
    desk.approve_all(&case_id).await;
    let package = desk.seal(&case_id).await;
    let jobs = services::list_jobs(&desk.app, case_ref(&case_id)).await;
    assert_eq!(package.failure, None, "{jobs:?}");
    let error = services::retry_jobs(&desk.app, case_ref(&case_id)).await;
    assert_eq!(error.unwrap_err().code, ErrorCode::WrongStep);
    desk.app.close().await;
}
