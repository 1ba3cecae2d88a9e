//! Both meanings of an interval, long ranges in parts, and numbers as the organization writes them.

use connectors::genesys::{Genesys, GenesysConfig, HomeNumbering};
use domain::search::{Coverage, SearchCriteria};
use sandbox::{ClientRole, SandboxOptions};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    scripted::{Script, call, organization},
    support::{Rig, phone, range, rig_on, stem, stems},
};

/// A running organization: the job lags three hours behind, the query a minute.
async fn live(now: &str) -> Rig {
    let options = SandboxOptions {
        index_lag_s: Some(60),
        ..Default::default()
    };
    rig_on(ClientRole::Standard.credentials(), options, now).await
}

#[tokio::test]
async fn history_and_the_last_hours_are_put_together_without_repetition() {
    // call-09 ended at 22:42 and is in the query only; call-06 of March is in the job.
    let rig = live("2026-04-10T23:00:00Z").await;
    let bounds = range("2026-03-20T00:00:00Z", "2026-04-10T23:00:00Z");
    let result = rig.search(vec![phone("+447700900876")], bounds).await;
    assert_eq!(stems(&result), ["call-06", "call-09"]);
    assert_eq!(result.coverage, Coverage::Complete);
    // Both ways see the call now.
    let rig = live("2026-04-11T01:50:00Z").await;
    let result = rig.search(vec![phone("+447700900876")], bounds).await;
    assert_eq!(stems(&result), ["call-06", "call-09"]);
}

/// The query selects by the day a call began, so a night's call is found only where the day before is asked too.
#[tokio::test]
async fn a_call_over_midnight_is_found_from_either_side_by_the_query() {
    let over_midnight = json!({
        "conversationId": "night",
        "conversationStart": "2026-03-01T23:58:00.000Z",
        "conversationEnd": "2026-03-02T00:03:00.000Z",
        "participants": [{"sessions": [{"mediaType": "voice", "ani": "+1555"}]}],
    });
    let script = Script {
        recent: vec![over_midnight],
        ..Script::default()
    };
    let (source, _) = organization(script).await;
    for (start, end, found) in [
        ("2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z", 1),
        ("2026-03-02T00:01:00Z", "2026-03-02T12:00:00Z", 1),
        ("2026-03-02T00:03:00Z", "2026-03-02T12:00:00Z", 0),
    ] {
        let criteria = SearchCriteria {
            identifiers: vec![phone("+1555")],
            range: range(start, end),
            agent_id: None,
            queue_id: None,
        };
        let result = source.search(&criteria, &CancellationToken::new()).await;
        assert_eq!(result.found.len(), found, "{start}");
        assert_eq!(result.coverage, Coverage::Complete);
        let mut queries = result.queries.iter().map(|it| it.reveal());
        let query = queries.rfind(|it| it.contains("details/query"));
        let day_before = if start.contains("03-01") {
            "2026-02-28T00:00:00.000Z/"
        } else {
            "2026-03-01T00:00:00.000Z/"
        };
        assert!(query.unwrap().contains(day_before), "{query:?}");
    }
}

/// A call in two parts of a long range comes twice from the source and once from us.
#[tokio::test]
async fn each_call_of_a_year_is_found_once() {
    let rig = live("2026-06-01T00:00:00Z").await;
    let year = range("2025-06-01T00:00:00Z", "2026-05-31T00:00:00Z");
    let result = rig.search(vec![phone("+447700900123")], year).await;
    let mut found = stems(&result);
    assert_eq!(found.len(), 6, "{found:?}");
    found.dedup();
    assert_eq!(found.len(), 6);
    let jobs = result.queries.iter().map(|it| it.reveal());
    assert_eq!(jobs.filter(|it| it.starts_with("POST")).count(), 12);
    assert!(result.found.iter().all(|it| !stem(it).is_empty()));
}

#[tokio::test]
async fn several_recordings_of_a_call_are_all_found_and_screens_are_not() {
    let history = vec![call("c-1", "2026-02-28T10:00:00.000Z", "tel:+1555")];
    let recordings = json!([
        {"id": "trunk", "media": "audio", "mediaSubtype": "Trunk", "fileState": "AVAILABLE"},
        {"id": "station", "media": "audio", "mediaSubtype": "Station", "fileState": "AVAILABLE"},
        {"id": "consult", "media": "audio", "mediaSubtype": "Consult", "fileState": "ARCHIVED"},
        {"id": "trunk", "media": "audio", "mediaSubtype": "Trunk", "fileState": "AVAILABLE"},
        {"id": "screen", "media": "screen", "mediaSubtype": "Screen", "fileState": "AVAILABLE"},
        {"id": "mail", "media": "email", "fileState": "AVAILABLE"},
    ]);
    let script = Script {
        history,
        recordings: Some(recordings),
        ..Script::default()
    };
    let (source, _) = organization(script).await;
    let criteria = SearchCriteria {
        identifiers: vec![phone("+1555")],
        range: range("2026-02-20T00:00:00Z", "2026-03-01T00:00:00Z"),
        agent_id: None,
        queue_id: None,
    };
    let result = source.search(&criteria, &CancellationToken::new()).await;
    let found = result.found.iter().map(|it| it.recording.as_str());
    assert_eq!(found.collect::<Vec<_>>(), ["consult", "station", "trunk"]);
}

#[tokio::test]
async fn a_number_written_as_at_home_is_found_where_home_is_known() {
    for (home, found) in [(None, 0), (Some(("44", "0")), 1)] {
        let script = Script {
            history: vec![call("c-1", "2026-02-28T10:00:00.000Z", "tel:07700900123")],
            ..Script::default()
        };
        let (url, _script) = super::scripted::serve(script).await;
        let rig = live("2026-04-10T23:00:00Z").await;
        let config = GenesysConfig {
            api_url: url.clone(),
            login_url: url,
            home: home.map(|(code, prefix)| HomeNumbering {
                calling_code: code.to_owned(),
                trunk_prefix: prefix.to_owned(),
            }),
            ..GenesysConfig::default()
        };
        let genesys = Genesys::new(config, rig.http.clone(), rig.clock.read()).unwrap();
        let criteria = SearchCriteria {
            identifiers: vec![phone("+447700900123")],
            range: range("2026-02-20T00:00:00Z", "2026-03-01T00:00:00Z"),
            agent_id: None,
            queue_id: None,
        };
        let source = connectors::source::Source::Genesys(genesys);
        let result = source.search(&criteria, &rig.cancel).await;
        assert_eq!(result.found.len(), found);
        let asks = result
            .queries
            .iter()
            .any(|it| it.reveal().contains("tel:07700900123"));
        assert_eq!(asks, home.is_some());
    }
}
