//! The export from the window: ordered, watched, stopped, gone on with.

use std::time::Duration;

use services::api::*;

use super::super::support::Desk;

fn order(name: &str) -> StartExportReq {
    StartExportReq {
        name: name.to_owned(),
        query: "*".to_owned(),
        start: super::DAYS.0.to_owned(),
        end: super::DAYS.1.to_owned(),
        zone: "Europe/London".to_owned(),
        load_file: false,
        bag: true,
        partial_reason: None,
    }
}

/// The view once the export has ended.
async fn ended(desk: &Desk) -> ExportView {
    let mut events = desk.app.events();
    let waiting = async {
        loop {
            let view = services::get_export(&desk.app, Empty {}).await.unwrap();
            if view.state != "running" {
                return view;
            }
            // Missed events are fine: the view is read again after the next one.
            let _ = events.recv().await;
        }
    };
    let patience = Duration::from_secs(120);
    tokio::time::timeout(patience, waiting)
        .await
        .expect("the export ends")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_ordered_watched_and_gone_on_with() {
    let desk = Desk::new().await;
    let first = services::get_export(&desk.app, Empty {}).await.unwrap();
    assert_eq!(first.request, None);
    services::start_export(&desk.app, order("case-7"))
        .await
        .unwrap();
    let twice = services::start_export(&desk.app, order("case-8")).await;
    assert_eq!(twice.unwrap_err().code, ErrorCode::InvalidInput);
    services::cancel_export(&desk.app, Empty {}).await.unwrap();
    let stopped = ended(&desk).await;
    assert_eq!((stopped.state.as_str(), stopped.error), ("stopped", None));
    let again = stopped.request.unwrap();
    services::start_export(&desk.app, again).await.unwrap();
    let finished = ended(&desk).await;
    assert_eq!(finished.state, "finished", "{:?}", finished.error);
    let result = finished.result.unwrap();
    assert!(
        result.found > 0 && result.retrieved == result.found,
        "{result:?}"
    );
    assert_eq!(result.completeness, "agree");
    let folder = std::path::PathBuf::from(finished.folder.unwrap());
    assert!(folder.join("data/chain_of_custody.csv").exists());
    desk.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_in_the_view_and_a_wrong_order_is_not_begun() {
    let desk = Desk::unconnected().await;
    for name in ["", "../outside", "a/b", "a b"] {
        let refused = services::start_export(&desk.app, order(name))
            .await
            .unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidInput, "{name}");
    }
    services::start_export(&desk.app, order("case-7"))
        .await
        .unwrap();
    let failed = ended(&desk).await;
    assert_eq!(failed.state, "failed");
    assert!(failed.error.is_some());
    desk.sign_in("eve", RoleName::Auditor).await;
    let refused = services::start_export(&desk.app, order("case-7"))
        .await
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotPermitted);
    desk.app.close().await;
}
