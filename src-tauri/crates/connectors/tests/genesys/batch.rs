//! Recordings by the hundred, in their original codec.

use connectors::{
    genesys::{BatchId, BatchResult},
    http::Purpose,
    source::FetchError,
};
use domain::ids::{ConversationId, RecordingId};
use sandbox::{ClientRole, FileState, Scenario, scenario::Action};

use super::support::{MemorySink, Rig, connect, demo_range, phone, rig, rig_with};

async fn calls(rig: &Rig) -> Vec<(ConversationId, RecordingId)> {
    let result = rig.search(vec![phone("+447700900876")], demo_range()).await;
    let found = result.found.into_iter();
    found.map(|it| (it.conversation, it.recording)).collect()
}

/// Asks until the batch is finished, as a job does.
async fn finish(rig: &Rig, id: &BatchId) -> connectors::genesys::Batch {
    let mut batch = rig.genesys().batch(id, &rig.cancel).await.unwrap();
    for _ in 0..10 {
        if batch.is_finished {
            break;
        }
        batch = rig.genesys().batch(id, &rig.cancel).await.unwrap();
    }
    assert!(batch.is_finished, "the batch does not end");
    batch
}

async fn submit(rig: &Rig, recordings: &[(ConversationId, RecordingId)]) -> Vec<BatchId> {
    let ids = rig.genesys().submit_batches(recordings, &rig.cancel).await;
    ids.unwrap()
}

#[tokio::test]
async fn a_batch_ends_by_its_state_and_every_recording_has_one_result() {
    let rig = rig().await;
    let mut asked = calls(&rig).await;
    rig.sandbox
        .set_file_state(asked[0].1.as_str(), FileState::Archived);
    asked.push(asked[1].clone());
    let ids = submit(&rig, &asked).await;
    let first = rig.genesys().batch(&ids[0], &rig.cancel).await.unwrap();
    assert!(
        !first.is_finished && first.results.is_empty(),
        "nothing yet, and nothing expected yet, is not the end"
    );
    let batch = finish(&rig, &ids[0]).await;
    assert_eq!(
        batch.results.len(),
        3,
        "the one that came twice counts once"
    );
    let BatchResult::Refused { reason } = &batch.results[&asked[0].1] else {
        panic!("{batch:?}")
    };
    assert!(reason.contains("ARCHIVED"), "{reason}");
    assert_eq!(batch.results[&asked[1].1], BatchResult::Ready);
}

#[tokio::test]
async fn more_than_a_hundred_are_several_batches() {
    let rig = rig().await;
    let one = calls(&rig).await.remove(0);
    let ids = submit(&rig, &vec![one; 201]).await;
    assert_eq!(ids.len(), 3);
    let last = finish(&rig, &ids[2]).await;
    assert_eq!(last.results.len(), 1);
}

#[tokio::test]
async fn a_recording_of_a_batch_arrives_in_its_codec_after_a_restart_too() {
    let rig = rig_with(Scenario::first(1, "/recordings/*", Action::ExpiredUrl)).await;
    let asked = calls(&rig).await;
    let kept = submit(&rig, &asked).await[0].as_str().to_owned();
    let (conversation, recording) = &asked[0];
    let id = BatchId::new(kept);
    let mut sink = MemorySink::default();
    let fetch =
        rig.genesys()
            .fetch_from_batch(&id, (conversation, recording), &mut sink, &rig.cancel);
    assert!(matches!(fetch.await, Err(FetchError::Pending)));
    finish(&rig, &id).await;
    let fetch =
        rig.genesys()
            .fetch_from_batch(&id, (conversation, recording), &mut sink, &rig.cancel);
    let media = fetch.await.unwrap();
    assert_eq!(media.content_type, "audio/wav");
    assert_eq!(media.attempts, 1);
    // WAVE format 7: µ-law, as the trunk made it.
    assert_eq!(sink.bytes[20..22], [7, 0]);
    assert_eq!(media.timeline.pauses.len(), 1);
    assert_eq!(rig.requests(Purpose::SignIn), 1);
}

#[tokio::test]
async fn a_batch_belongs_to_the_client_that_made_it() {
    let rig = rig().await;
    let ids = submit(&rig, &calls(&rig).await).await;
    let urls = rig.sandbox.urls();
    let other = ClientRole::WithLegalHold.credentials();
    let (source, _) = connect(&urls.api_url, &urls.login_url, other, &rig.clock);
    let genesys = source.genesys().unwrap();
    let error = genesys.batch(&ids[0], &rig.cancel).await.unwrap_err();
    assert!(
        error.to_string().contains("of the client that made"),
        "{error}"
    );
}
