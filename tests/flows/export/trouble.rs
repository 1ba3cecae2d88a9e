//! What trouble leaves of an export.

use std::fs;

use sandbox::scenario::{Action, RetryAfterForm, Scenario};
use services::export::Approval;

use super::{assert_sound, desk_under, export, request};

pub(super) fn status(status: u16, retry_after_s: Option<u64>) -> Action {
    Action::Status {
        status,
        retry_after_s,
        retry_after_form: RetryAfterForm::Seconds,
    }
}

/// S2-23, S2-30, S2-45, S2-46, S2-49: passing trouble heals, a purged recording is counted, the batch goes on.
#[tokio::test(flavor = "multi_thread")]
async fn trouble_heals_or_is_counted() {
    let api = "/api/v2/conversations/*/recordings/*";
    let media = "/recordings/*";
    let short = Action::ShortBody {
        missing_bytes: 1_000,
    };
    for (name, scenario, purged) in [
        ("limits", Scenario::first(2, api, status(429, Some(1))), 0),
        ("short bodies", Scenario::first(2, media, short), 0),
        (
            "lying length",
            Scenario::first(1, media, Action::WrongContentLength { add: 512 }),
            0,
        ),
        (
            "broken body",
            Scenario::first(
                2,
                media,
                Action::Truncate {
                    after_bytes: 40_000,
                },
            ),
            0,
        ),
        ("gone", Scenario::first(1, api, status(404, None)), 1),
    ] {
        let desk = desk_under(scenario).await;
        let request = request(&desk, "*");
        let report = export(&desk, &request).await.unwrap();
        assert_sound(&request.out, &report);
        assert_eq!(report.counts.purged, purged, "{name}: {report:?}");
        assert_eq!(
            report.counts.retrieved + purged,
            report.counts.found,
            "{name}: {report:?}"
        );
        desk.app.close().await;
    }
}

/// S2-50, S2-51: what is not the recording stays out of the set, with the reason.
#[tokio::test(flavor = "multi_thread")]
async fn a_corrupted_recording_is_left_out_and_named() {
    let every_empty = Scenario::always("/recordings/*", Action::EmptyBody);
    let desk = desk_under(every_empty).await;
    let mut request = request(&desk, "*");
    for approval in [None, Some("J. Roe")] {
        // An approval takes in what plays; nothing plays here.
        request.approval = approval.map(|by| Approval {
            by: by.to_owned(),
            reason: "agreed".to_owned(),
        });
        let report = export(&desk, &request).await.unwrap();
        assert_eq!(report.counts.corrupted, report.counts.found, "{report:?}");
        assert_sound(&request.out, &report);
        let exceptions = fs::read_to_string(request.out.join("exceptions.csv")).unwrap();
        let rows = exceptions
            .lines()
            .filter(|line| line.contains(",Corrupted,"));
        assert_eq!(rows.count() as u64, report.counts.found);
    }
    desk.app.close().await;
}
