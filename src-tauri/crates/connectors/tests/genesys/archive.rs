//! Every state of a media file, and the way out of the archive.

use connectors::{
    genesys::Restoration,
    source::{FetchError, MediaRequest},
};
use domain::recording::MediaState;
use sandbox::{ClientRole, FileState, Scenario};

use super::support::{MemorySink, Rig, demo_range, instant, phone, rig, rig_as};

async fn archive_rig() -> Rig {
    rig_as(ClientRole::WithArchive.credentials(), Scenario::default()).await
}

async fn fetch(rig: &Rig, request: &MediaRequest) -> Result<u64, FetchError> {
    let mut sink = MemorySink::default();
    let media = rig.source.fetch_media(request, &mut sink, &rig.cancel);
    media.await.map(|media| media.size_bytes)
}

#[tokio::test]
async fn every_state_is_shown_in_the_search_and_has_one_end() {
    let rig = rig().await;
    let request = rig.request("call-03").await;
    let id = request.recording.as_str();
    for (state, shown) in [
        (FileState::Available, MediaState::Available),
        (FileState::Restored, MediaState::Available),
        (FileState::Archived, MediaState::Archived),
        (FileState::Restoring, MediaState::Archived),
        (FileState::Uploading, MediaState::Pending),
        (FileState::Deleted, MediaState::Deleted),
        (FileState::Error, MediaState::Faulty),
    ] {
        rig.sandbox.set_file_state(id, state);
        let result = rig.search(vec![phone("+447700900876")], demo_range()).await;
        let found = result.found.iter().find(|it| it.recording.as_str() == id);
        assert_eq!(found.unwrap().media_state, shown, "{state:?}");
        let end = fetch(&rig, &request).await;
        let fits = match shown {
            MediaState::Available => end.is_ok(),
            MediaState::Archived => matches!(end, Err(FetchError::Archived)),
            MediaState::Pending => matches!(end, Err(FetchError::Pending)),
            MediaState::Deleted => matches!(end, Err(FetchError::Purged)),
            MediaState::Faulty => matches!(end, Err(FetchError::Faulty { .. })),
        };
        assert!(fits, "{state:?} {end:?}");
    }
}

#[tokio::test]
async fn an_archived_recording_is_restored_once_and_fetched() {
    let rig = archive_rig().await;
    let request = rig.request("call-03").await;
    let (conversation, recording) = (&request.conversation, &request.recording);
    rig.sandbox
        .set_file_state(recording.as_str(), FileState::Archived);
    assert!(matches!(
        fetch(&rig, &request).await,
        Err(FetchError::Archived)
    ));
    let genesys = rig.genesys();
    let until = instant("2026-05-08T12:00:00Z");
    let asked = genesys.restore(conversation, recording, until, &rig.cancel);
    assert_eq!(asked.await.unwrap(), Restoration::Restoring);
    // Whoever asks again after a restart changes nothing.
    let again = genesys.restore(conversation, recording, until, &rig.cancel);
    assert_eq!(again.await.unwrap(), Restoration::Restoring);
    let state = genesys.restoration(conversation, recording, &rig.cancel);
    let expires_utc = Some(until);
    assert_eq!(state.await.unwrap(), Restoration::Restored { expires_utc });
    fetch(&rig, &request).await.unwrap();
    // After that date it is archived again.
    rig.clock.advance_s(8 * 86_400);
    genesys
        .restoration(conversation, recording, &rig.cancel)
        .await
        .unwrap();
    let end = fetch(&rig, &request).await;
    assert!(matches!(end, Err(FetchError::Archived)), "{end:?}");
}

#[tokio::test]
async fn what_needs_no_restoration_is_left_alone_and_a_missing_permission_is_named() {
    let rig = rig().await;
    let request = rig.request("call-03").await;
    let (conversation, recording) = (&request.conversation, &request.recording);
    let until = instant("2026-05-08T12:00:00Z");
    let restore = || {
        rig.genesys()
            .restore(conversation, recording, until, &rig.cancel)
    };
    assert_eq!(restore().await.unwrap(), Restoration::Available);
    rig.sandbox
        .set_file_state(recording.as_str(), FileState::Deleted);
    assert_eq!(restore().await.unwrap(), Restoration::Purged);
    rig.sandbox
        .set_file_state(recording.as_str(), FileState::Archived);
    let error = restore().await.unwrap_err().to_string();
    assert!(error.contains("recording:recording:restore"), "{error}");
}
