//! A subject access request from received to delivered.

use std::{collections::HashMap, fs::File, io::Cursor, process::Command};

use domain::{
    detection::SpanDecision,
    entity::{EntityKind, Owner},
    policy::Policy,
    sensitive::Secret,
};
use evidence::verify_package;
use redaction::pcm::PcmReader;
use services::api::*;

use super::support::{Desk, call_ref, case_ref};

/// S0-01, S0-02: the whole job, and what the recipient gets.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_from_received_to_delivered() {
    let desk = Desk::new().await;
    let (case_id, package) = desk.sealed_case().await;
    assert_eq!(package.state, "sealed", "{:?}", package.failure);
    let words = services::reveal_passphrase(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    let request = DeliverReq {
        case_id: case_id.clone(),
        passphrase_by: "phone".to_owned(),
    };
    let delivery = services::deliver_package(&desk.app, request).await.unwrap();

    let case = services::get_case(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    assert_eq!(case.step, "closed");
    assert_counts_add_up(&case.counts);
    assert_seven_zip_accepts(&delivery.location, &words.passphrase);
    assert_delivered_audio_is_right(&desk, &case_id, &delivery.location, &words.passphrase).await;
    let log = services::verify_audit(&desk.app, Empty {}).await.unwrap();
    assert!(log.verified, "{:?}", log.checks);
    desk.app.close().await;
}

/// B14: Retrieved + Purged + Corrupted + Unsupported + Withheld + Duplicate + Unavailable = Found.
fn assert_counts_add_up(counts: &CaseCounts) {
    let ended = counts.retrieved
        + counts.purged
        + counts.corrupted
        + counts.unsupported
        + counts.withheld
        + counts.duplicate
        + counts.unavailable;
    assert_eq!(ended, counts.found, "{counts:?}");
    assert!(counts.retrieved >= 2, "{counts:?}");
}

fn assert_seven_zip_accepts(zip: &str, passphrase: &str) {
    let test = |password: &str| {
        let output = Command::new("7z")
            .args(["t", &format!("-p{password}"), zip])
            .output();
        output
            .expect("7z is installed by `cargo xtask setup`")
            .status
            .success()
    };
    assert!(test(passphrase), "7-Zip accepts the package");
    assert!(!test("wrong"), "7-Zip refuses another passphrase");
}

/// Compares the delivered samples with the ground truth: what the policy removes is gone, and what is
/// outside every span is untouched.
async fn assert_delivered_audio_is_right(desk: &Desk, case_id: &str, zip: &str, passphrase: &str) {
    let mut package = verify_package::open(
        File::open(zip).unwrap(),
        &Secret::new(passphrase.to_owned()),
    )
    .unwrap();
    let truth: HashMap<_, _> = sandbox::ground_truth()
        .recordings
        .iter()
        .map(|it| (it.recording.clone(), it))
        .collect();
    let custody = desk.log().await;
    let mut removed = 0;
    for call in desk.reviewable(case_id).await {
        let path = format!("data/recordings/{call:04}.wav");
        let mut delivered = PcmReader::open(Cursor::new(package.read(&path).unwrap())).unwrap();
        let recording = custody
            .iter()
            .find(|entry| {
                entry.action == "RECORDING_RETRIEVED"
                    && entry.json.contains(&format!("\"call\":\"{call}\""))
            })
            .and_then(|entry| entry.recording_id.clone())
            .unwrap();
        let truth = truth[&recording];
        let mut original =
            PcmReader::open(Cursor::new(sandbox::original_wav(&recording).unwrap())).unwrap();
        let frames = original.info().frames;
        assert_eq!(
            delivered.info().frames,
            frames,
            "the length is unchanged to the sample"
        );
        let before = original.read_frames(0, frames as usize).unwrap();
        let after = delivered.read_frames(0, frames as usize).unwrap();
        let rate = u64::from(original.info().sample_rate_hz);
        for item in &truth.items {
            let gone = is_gone(&before, &after, item.start_ms, item.end_ms, rate);
            if must_go(item.entity, item.owner) {
                removed += 1;
                assert!(
                    gone,
                    "{} of {:?} in call {call} is audible",
                    item.entity.name(),
                    item.owner
                );
            }
        }
        assert_untouched_outside(desk, case_id, call, &before, &after, rate).await;
    }
    assert!(removed >= 10, "the sandbox has enough to remove: {removed}");
}

fn must_go(entity: EntityKind, owner: Owner) -> bool {
    Policy::data_subject_copy().ruling(entity, owner) == SpanDecision::Redact
}

/// Every sample of both channels was replaced: less than one in twenty is equal by chance.
fn is_gone(before: &[i16], after: &[i16], start_ms: u64, end_ms: u64, rate: u64) -> bool {
    let range = (start_ms * rate / 1_000 * 2) as usize..(end_ms * rate / 1_000 * 2) as usize;
    let (before, after) = (&before[range.clone()], &after[range]);
    let equal = before.iter().zip(after).filter(|(a, b)| a == b).count();
    equal * 20 < before.len().max(1)
}

async fn assert_untouched_outside(
    desk: &Desk,
    case_id: &str,
    call: u32,
    before: &[i16],
    after: &[i16],
    rate: u64,
) {
    let review = services::get_review(&desk.app, call_ref(case_id, call))
        .await
        .unwrap();
    /// Fades lie strictly outside a span and are this long at most.
    const FADE_MS: u64 = 20;
    let spans: Vec<_> = review
        .spans
        .iter()
        .filter(|span| span.decision != "keep")
        .map(|span| (span.start_ms.saturating_sub(FADE_MS), span.end_ms + FADE_MS))
        .collect();
    for (index, (a, b)) in before.iter().zip(after).enumerate() {
        let ms = index as u64 / 2 * 1_000 / rate;
        let inside = spans.iter().any(|&(start, end)| start <= ms && ms <= end);
        assert!(
            inside || a == b,
            "sample {index} at {ms} ms of call {call} changed"
        );
    }
}

/// S0-01: nothing is searched before the requestor is verified.
#[tokio::test(flavor = "multi_thread")]
async fn an_unverified_requestor_blocks_the_search() {
    let desk = Desk::new().await;
    let case = services::open_case(&desk.app, super::support::demo_request())
        .await
        .unwrap();
    let subject = sandbox::demo_subject();
    let request = SearchReq {
        case_id: case.case_id.clone(),
        start: subject.start.to_owned(),
        end: subject.end.to_owned(),
        zone: subject.zone.to_owned(),
        agent_id: None,
        queue_id: None,
    };
    let error = services::search_recordings(&desk.app, request)
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::RequestorNotVerified);
    desk.app.close().await;
}

/// B13: the person who reviewed a call cannot approve it, whatever the role.
#[tokio::test(flavor = "multi_thread")]
async fn the_reviewer_cannot_approve() {
    let desk = Desk::new().await;
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    desk.freeze(&case_id).await;
    desk.retrieve(&case_id).await;
    desk.review_all(&case_id).await;
    let call = desk.reviewable(&case_id).await[0];
    let as_worker = services::approve_call(&desk.app, call_ref(&case_id, call))
        .await
        .unwrap_err();
    assert_eq!(as_worker.code, ErrorCode::NotPermitted);
    desk.sign_in("ann", RoleName::Approver).await;
    let as_herself = services::approve_call(&desk.app, call_ref(&case_id, call))
        .await
        .unwrap_err();
    assert_eq!(as_herself.code, ErrorCode::NotPermitted);
    let seal = services::seal_package(
        &desk.app,
        SealReq {
            case_id: case_id.clone(),
        },
    )
    .await;
    assert!(seal.is_err(), "nothing is sealed before approval");
    desk.app.close().await;
}
