//! A subject access request from received to delivered.

use std::{collections::HashMap, fs::File, io::Cursor, process::Command};

use domain::{
    detection::SpanDecision,
    entity::{EntityKind, Owner},
    policy::Policy,
    sensitive::Secret,
};
use evidence::open_package::OpenPackage;
use jiff::Timestamp;
use redaction::pcm::PcmReader;
use sandbox::ground_truth::TruthOwner;
use services::api::*;

use super::support::{Desk, call_ref, case_ref};

/// S0-01, S0-02: the whole job, and what the recipient gets.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_from_received_to_delivered() {
    let desk = Desk::new().await;
    let case_id = desk.retrieved_case().await;
    review_knowing_the_truth(&desk, &case_id).await;
    desk.approve_all(&case_id).await;
    let package = desk.seal(&case_id).await;
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
    let again = services::reveal_passphrase(&desk.app, case_ref(&case_id)).await;
    assert_eq!(
        again.err().unwrap().code,
        ErrorCode::NotFound,
        "the passphrase is forgotten"
    );
    assert_counts_add_up(&case.counts);
    assert_seven_zip_accepts(&delivery.location, &words.passphrase);
    assert_delivered_audio_is_right(&desk, &case_id, &delivery.location, &words.passphrase).await;
    let log = services::verify_audit(&desk.app, Empty {}).await.unwrap();
    assert!(log.verified, "{:?}", log.checks);
    desk.app.close().await;
}

/// Reviews like a person with perfect ears: keeps every span that hides nothing which must go.
async fn review_knowing_the_truth(desk: &Desk, case_id: &str) {
    let recordings = recordings_of_calls(desk).await;
    for call in desk.reviewable(case_id).await {
        let hidden = must_go_in(&recordings[&call]);
        let view = services::get_review(&desk.app, call_ref(case_id, call)).await;
        for span in view.unwrap().spans {
            let hides = hidden
                .iter()
                .any(|&(start, end)| start < span.raw_end_ms && span.raw_start_ms < end);
            let decision = match (hides, span.decision.as_str()) {
                (true, "review") => DecisionReq::Redact { reason: None },
                (false, "review" | "redact") if may_keep(&span) => DecisionReq::Keep {
                    reason: "the requestor's own data".to_owned(),
                },
                _ => continue,
            };
            let request = DecideSpanReq {
                case_id: case_id.to_owned(),
                call,
                span_id: span.id,
                decision,
            };
            services::decide_span(&desk.app, request).await.unwrap();
        }
        services::finish_review(&desk.app, call_ref(case_id, call))
            .await
            .unwrap();
    }
}

fn may_keep(span: &SpanView) -> bool {
    let entity = EntityKind::from_name(&span.entity).unwrap();
    !Policy::data_subject_copy().always_removed(entity)
}

/// Where a recording says what the policy removes, in milliseconds.
fn must_go_in(recording: &str) -> Vec<(u64, u64)> {
    let truth = sandbox::ground_truth().recording(recording).unwrap();
    let items = truth.items.iter().filter(|item| {
        let entity = EntityKind::from_name(&item.entity).unwrap();
        must_go(entity, owner(item.owner))
    });
    items.map(|item| (item.start_ms, item.end_ms)).collect()
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
    let passphrase = Secret::new(passphrase.to_owned());
    let mut package = OpenPackage::new(File::open(zip).unwrap(), &passphrase).unwrap();
    let recordings = recordings_of_calls(desk).await;
    let (mut removed, mut kept, mut replaced_ms, mut hidden_ms) = (0, 0, 0, 0);
    for call in desk.reviewable(case_id).await {
        let path = format!("data/recordings/{call:04}.wav");
        let bytes = package.read(&path, 1 << 30).unwrap();
        let mut delivered = PcmReader::open(Cursor::new(bytes)).unwrap();
        let play = PlayReq {
            case_id: case_id.to_owned(),
            call,
            from_ms: 0,
            to_ms: 1,
            mode: PlayMode::Original,
            channel: None,
            speed: 1.0,
        };
        let mut original = services::open_preview(&desk.app, &play).await.unwrap();
        assert_eq!(
            delivered.info().frames,
            original.frames,
            "the length is unchanged to the sample"
        );
        let rate = u64::from(original.sample_rate_hz);
        let before = read_all(original.frames, |start, len| {
            original.read(start, len).unwrap()
        });
        let after = read_all(original.frames, |start, len| {
            delivered.read_frames(start, len).unwrap()
        });
        let truth = sandbox::ground_truth()
            .recording(&recordings[&call])
            .unwrap();
        for item in &truth.items {
            let entity = EntityKind::from_name(&item.entity).unwrap();
            if must_go(entity, owner(item.owner)) {
                removed += 1;
                assert!(
                    is_gone(&before, &after, item.start_ms, item.end_ms, rate),
                    "{} of {:?} at {} ms of call {call} ({}) is audible",
                    item.entity,
                    item.owner,
                    item.start_ms,
                    truth.stem
                );
            } else if is_same(&before, &after, item.start_ms, item.end_ms, rate) {
                kept += 1;
            }
        }
        let changed = before.iter().zip(&after).filter(|(a, b)| a != b).count() as u64;
        replaced_ms += changed / 2 * 1_000 / rate;
        hidden_ms += length(must_go_in(&recordings[&call]));
        assert_untouched_outside(desk, case_id, call, &before, &after, rate).await;
    }
    assert!(removed >= 10, "the sandbox has enough to remove: {removed}");
    assert!(kept >= 50, "own data stays as it was: {kept} items");
    assert!(
        replaced_ms <= 2 * hidden_ms,
        "{replaced_ms} ms are replaced for {hidden_ms} ms that must go"
    );
}

fn read_all(frames: u64, mut read: impl FnMut(u64, usize) -> Vec<i16>) -> Vec<i16> {
    let mut samples = Vec::new();
    for start in (0..frames).step_by(1 << 16) {
        samples.extend(read(start, 1 << 16));
    }
    samples
}

/// The source's recording id of each call, as the log has it.
async fn recordings_of_calls(desk: &Desk) -> HashMap<u32, String> {
    let retrieved = desk
        .log()
        .await
        .into_iter()
        .filter(|it| it.action == "RECORDING_RETRIEVED");
    retrieved
        .map(|entry| {
            let json: serde_json::Value = serde_json::from_str(&entry.json).unwrap();
            assert_keeps_no_usable_link(&json);
            let call = json["details"]["call"].as_str().unwrap().parse().unwrap();
            (call, entry.recording_id.unwrap())
        })
        .collect()
}

/// Where it came from and until when, and nothing that would fetch it again. // S0-64, S0-72
fn assert_keeps_no_usable_link(entry: &serde_json::Value) {
    let place = entry["downloadUrl"].as_str().unwrap();
    assert!(
        place.starts_with("http://127.0.0.1:") && !place.contains('?'),
        "{place}"
    );
    assert!(entry["urlHash"].as_str().unwrap().starts_with("sha256:"));
    let ends: Timestamp = entry["details"]["linkExpiresAt"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let at: Timestamp = entry["timestamp"].as_str().unwrap().parse().unwrap();
    assert!(ends > at, "the link still worked when it was used");
    assert!(!entry.to_string().contains("Signature"));
}

fn owner(owner: TruthOwner) -> Owner {
    match owner {
        TruthOwner::Requestor => Owner::Requestor,
        TruthOwner::Agent => Owner::Agent,
        TruthOwner::ThirdParty => Owner::ThirdParty,
    }
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

/// Every sample is the original's.
fn is_same(before: &[i16], after: &[i16], start_ms: u64, end_ms: u64, rate: u64) -> bool {
    let range = (start_ms * rate / 1_000 * 2) as usize..(end_ms * rate / 1_000 * 2) as usize;
    before[range.clone()] == after[range]
}

/// Length of the union of ranges.
fn length(mut ranges: Vec<(u64, u64)>) -> u64 {
    ranges.sort_unstable();
    let (mut total, mut reached) = (0, 0);
    for (start, end) in ranges {
        total += end.saturating_sub(start.max(reached));
        reached = reached.max(end);
    }
    total
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
        start: subject.from_local.to_owned(),
        end: subject.to_local.to_owned(),
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
