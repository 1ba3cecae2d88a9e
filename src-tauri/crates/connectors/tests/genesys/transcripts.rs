//! Transcripts lie on the audio, pauses cut out.

use connectors::source::SourceError;
use domain::transcript::{Speaker, TranscriptOrigin};
use sandbox::{Scenario, scenario::Action};

use super::support::{MemorySink, Rig, rig, rig_with};

/// Start of a word against where it is really spoken; the recognizer of the corpus is not exact.
const TOLERANCE_MS: u64 = 250;

async fn transcript_of(
    rig: &Rig,
    stem: &str,
) -> Result<Option<domain::transcript::Transcript>, SourceError> {
    let request = rig.request(stem).await;
    let media = rig
        .source
        .fetch_media(&request, &mut MemorySink::default(), &rig.cancel)
        .await;
    rig.source
        .transcript(&request, &media.unwrap().timeline, &rig.cancel)
        .await
}

#[tokio::test]
async fn words_after_a_pause_are_where_they_are_heard() {
    let rig = rig().await;
    for stem in ["call-01", "call-03", "call-09"] {
        let transcript = transcript_of(&rig, stem).await.unwrap().unwrap();
        assert_eq!(transcript.origin, TranscriptOrigin::SourceSystem);
        let truth = sandbox::ground_truth();
        let items = &truth
            .recordings
            .iter()
            .find(|it| it.stem == stem)
            .unwrap()
            .items;
        assert!(!items.is_empty());
        for item in items {
            let heard = transcript.words.iter().any(|word| {
                word.start_ms.abs_diff(item.start_ms) <= TOLERANCE_MS
                    && word.channel == Some(item.channel)
            });
            assert!(heard, "{stem}: no word at {} ms", item.start_ms);
        }
        let last = items.iter().map(|item| item.end_ms).max().unwrap();
        assert!(transcript.end_ms() >= last, "{stem}");
        assert!(
            transcript
                .words
                .iter()
                .all(|word| word.speaker != Speaker::Unknown)
        );
    }
}

#[tokio::test]
async fn a_call_without_transcript_has_none() {
    let rig = rig().await;
    assert_eq!(transcript_of(&rig, "call-15").await.unwrap(), None);
}

#[tokio::test]
async fn the_leg_is_looked_up_when_the_caller_does_not_know_it() {
    let rig = rig().await;
    let mut request = rig.request("call-01").await;
    request.communication = None;
    let media = rig
        .source
        .fetch_media(&request, &mut MemorySink::default(), &rig.cancel)
        .await;
    let timeline = media.unwrap().timeline;
    let transcript = rig
        .source
        .transcript(&request, &timeline, &rig.cancel)
        .await
        .unwrap();
    assert!(transcript.is_some());
}

#[tokio::test]
async fn an_ended_address_is_renewed() {
    let rig = rig_with(Scenario::first(1, "/transcripts/*", Action::ExpiredUrl)).await;
    assert!(transcript_of(&rig, "call-01").await.unwrap().is_some());
}

#[tokio::test]
async fn a_transcript_of_another_time_does_not_fit() {
    let shift = Action::ShiftTranscript { by_ms: 3_600_000 };
    let rig = rig_with(Scenario::always("/transcripts/*", shift)).await;
    let error = transcript_of(&rig, "call-01").await.unwrap_err();
    assert!(error.to_string().contains("does not fit"), "{error}");
}

#[tokio::test]
async fn a_cut_transcript_is_fetched_again() {
    let cut = Action::Truncate { after_bytes: 300 };
    let rig = rig_with(Scenario::first(2, "/transcripts/*", cut)).await;
    assert!(transcript_of(&rig, "call-01").await.unwrap().is_some());
}
