//! An export that is run again: after a stop, after its end, after somebody touched it.

use std::{
    fs,
    sync::atomic::{AtomicU64, Ordering},
};

use services::{
    api::ErrorCode,
    export::{ExportStep, export_recordings},
};
use tokio_util::sync::CancellationToken;

use super::{
    super::support::Desk, assert_sound, custody, export, files, report_of, request, write,
};

/// A stopped export goes on: nothing is lost, nothing is downloaded twice, no time is renewed.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_export_goes_on_without_a_second_copy() {
    let desk = Desk::new().await;
    let mut request = request(&desk, "*");
    request.at_once = 1;
    // Long enough for more than two recordings.
    if let Some(local) = &mut request.local {
        local.until = "2026-03-20T00:00".to_owned();
    }
    let cancel = CancellationToken::new();
    let stop_after_two = |step| {
        if matches!(step, ExportStep::Downloading { done: 2, .. }) {
            cancel.cancel();
        }
    };
    let stopped = export_recordings(&desk.app, &request, &stop_after_two, &cancel).await;
    assert_eq!(stopped.unwrap_err().code, ErrorCode::Cancelled);
    let before = files(&request.out);
    assert!(before.len() > 1 && !before.contains_key("chain_of_custody.csv"));

    let downloaded = AtomicU64::new(0);
    let count = |step| {
        if matches!(step, ExportStep::Downloading { .. }) {
            downloaded.fetch_add(1, Ordering::Relaxed);
        }
    };
    let go_on = CancellationToken::new();
    let report = export_recordings(&desk.app, &request, &count, &go_on).await;
    let report = report.unwrap().report;
    assert_eq!(downloaded.into_inner(), report.counts.found - 2);
    assert_sound(&request.out, &report);
    let after = files(&request.out);
    for (name, bytes) in &before {
        assert_eq!(after.get(name), Some(bytes), "{name}");
    }
    desk.app.close().await;
}

/// The same command on a finished export changes no byte and asks for no recording.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_is_byte_identical() {
    let desk = Desk::new().await;
    let mut request = request(&desk, "*");
    // The whole range of the sandbox has an archived recording too, which every run asks for again.
    request.load_file = true;
    let first = export(&desk, &request).await.unwrap();
    let before = files(&request.out);
    let second = export(&desk, &request).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(before, files(&request.out));
    desk.app.close().await;
}

/// Who touches the set afterwards is found out, and what is lost comes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_stops_the_export_and_a_lost_one_comes_back() {
    let desk = Desk::new().await;
    let request = request(&desk, "*");
    let report = export(&desk, &request).await.unwrap();
    let name = custody(&request.out).remove(0).file_name;
    fs::remove_file(request.out.join(&name)).unwrap();
    assert_eq!(export(&desk, &request).await.unwrap().counts, report.counts);
    assert_sound(&request.out, &report_of(&request.out));

    let mut bytes = fs::read(request.out.join(&name)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    write(&request.out.join(&name), &bytes);
    let refused = export(&desk, &request).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::IntegrityFailure);
    assert!(refused.message.contains(&name), "{refused}");
    desk.app.close().await;
}
