//! A host that keeps failing is left alone, and used again as soon as it answers.

use std::time::Duration;

use connectors::{
    http::{BreakerPolicy, Purpose, RetryPolicy},
    source::{FetchError, FetchedMedia},
};
use sandbox::{
    Scenario,
    scenario::{Action, RetryAfterForm},
};

use super::support::{MemorySink, Rig, quick_http, rig_over};

const FILE: &str = "/recordings/*";
const UNAVAILABLE: Action = Action::Status {
    status: 503,
    retry_after_s: None,
    retry_after_form: RetryAfterForm::Seconds,
};

fn policy(max_attempts: u32, rest: Duration) -> RetryPolicy {
    RetryPolicy {
        max_attempts,
        cap: Duration::from_secs(1),
        breaker: BreakerPolicy {
            failures: 3,
            paths: 1,
            rest,
            max_rest: rest * 4,
        },
        ..quick_http().retry
    }
}

/// Fetches the same recording four times at once.
async fn fetch_four(rig: &Rig) -> Vec<Result<FetchedMedia, FetchError>> {
    let request = rig.request("call-03").await;
    let one = || async {
        let mut sink = MemorySink::default();
        rig.source
            .fetch_media(&request, &mut sink, &rig.cancel)
            .await
    };
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    vec![a, b, c, d]
}

#[tokio::test]
async fn a_host_that_is_down_is_not_hammered() {
    let long = Duration::from_secs(3_600);
    let rig = rig_over(policy(4, long), Scenario::always(FILE, UNAVAILABLE)).await;
    for media in fetch_four(&rig).await {
        let error = media.unwrap_err();
        assert!(
            matches!(error, FetchError::Unavailable { retry: true, .. }),
            "{error:?}"
        );
    }
    // Without the breaker four attempts of four tasks make sixteen; up to four are on their way when it opens.
    let asked = rig.requests(Purpose::Media);
    assert!((3..=6).contains(&asked), "{asked}");
    assert!(
        rig.requests(Purpose::Metadata) > 8,
        "the other host is asked as usual"
    );
}

#[tokio::test]
async fn a_host_that_comes_back_is_found_by_a_probe_and_loses_nothing() {
    let short = Duration::from_millis(20);
    let rig = rig_over(policy(40, short), Scenario::first(9, FILE, UNAVAILABLE)).await;
    for media in fetch_four(&rig).await {
        assert_eq!(media.unwrap().reported_duration_ms, Some(101_442));
    }
    assert_eq!(
        rig.requests(Purpose::Media),
        9 + 4,
        "nothing was fetched twice"
    );
}

/// A recording that cannot be had is one recording. // B14
#[tokio::test]
async fn one_object_that_fails_forever_leaves_the_others_alone() {
    let mut policy = policy(4, Duration::from_secs(3_600));
    policy.breaker.paths = 2;
    let bad = &sandbox::ground_truth().recordings[0];
    let scenario = Scenario::always(&format!("/recordings/{}/*", bad.recording_id), UNAVAILABLE);
    let rig = rig_over(policy, scenario).await;
    for _ in 0..2 {
        let (media, _) = rig.fetch(&bad.stem).await;
        assert!(matches!(
            media,
            Err(FetchError::Unavailable { retry: true, .. })
        ));
    }
    let other = if bad.stem == "call-03" {
        "call-06"
    } else {
        "call-03"
    };
    rig.fetch(other).await.0.unwrap();
}
