//! The gateway as a program sees it: over HTTP, in front of one platform, two recorders, a bucket and a folder.

use std::fs;

use sandbox::{FileState, LegacyOptions, SandboxOptions, Scenario, scenario::Action};
use serde_json::{Value, json};

use super::support::{
    gateway::{Gateway, retrieval},
    http::{Reply, open},
    sar,
};

const AMELIA: &str = "+447700900123";
const TENANT: &str = "household";
const RETRIEVE: &str = "/api/v1/recordings/retrieve";
/// A call that the platform and the Avaya-like recorder both have.
const IN_BOTH: &str = "avaya_9101";
/// One that only the recorder has.
const OLD: &str = "avaya_8923";

/// Media of the platform, whatever its address.
const MEDIA: &str = "/*";

fn on_media(action: Action) -> SandboxOptions {
    let mut scenario = Scenario::always(MEDIA, action);
    scenario.faults[0].host = Some(sandbox::scenario::FaultHost::Media);
    SandboxOptions {
        scenario,
        ..SandboxOptions::default()
    }
}

/// The recording that is in both systems, by our id.
fn in_both(gateway: &Gateway, token: &str) -> Value {
    let found = gateway.search(AMELIA, token);
    let is_it = |it: &&Value| it["alsoAt"].to_string().contains(IN_BOTH);
    found.iter().find(is_it).expect("the call is found").clone()
}

fn id(found: &Value) -> &str {
    found["id"].as_str().unwrap()
}

// S1-02, S1-22, S1-31, S1-32
#[test]
fn a_call_in_both_systems_is_one_result_and_streams_from_the_platform() {
    let gateway = Gateway::start();
    let token = gateway.token("tool", TENANT, &[]);
    let found = in_both(&gateway, &token);
    assert_eq!(found["origin"], "GENESYS_CLOUD");
    let about = gateway
        .get(&format!("/api/v2/recordings/{}", id(&found)), &token)
        .json();
    let systems: Vec<_> = about["locations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["source_system"])
        .collect();
    assert_eq!(systems, ["genesys_cloud", "avaya_aura"]);
    // By any of its names: ours, the recorder's, the platform's.
    for name in [id(&found), IN_BOTH, found["recordingId"].as_str().unwrap()] {
        let reply = gateway.retrieve(name, &token);
        assert_eq!(
            reply.status,
            200,
            "{name} {}",
            String::from_utf8_lossy(&reply.body)
        );
        assert_eq!(reply.header("content-type"), "audio/wav");
        assert_eq!(reply.header("x-recording-origin"), "GENESYS_CLOUD");
        // No end is known: the platform does not tell one.
        assert_eq!(reply.header("x-retention-status"), "UNKNOWN");
        assert_eq!(reply.header("transfer-encoding"), "chunked");
        assert!(!reply.header("x-recording-metadata").is_empty());
        assert!(reply.is_whole && reply.body.starts_with(b"RIFF"));
    }
}

// S1-34, S1-45, S1-46, S1-47
#[test]
fn old_recorders_answer_through_a_job_and_never_under_a_wrong_name() {
    let legacy = LegacyOptions {
        answers_after_ms: 300,
        ..LegacyOptions::default()
    };
    let gateway = Gateway::with(SandboxOptions::default(), legacy);
    let token = gateway.token("tool", TENANT, &[]);
    let accepted = gateway.retrieve(OLD, &token);
    let body = accepted.json();
    assert_eq!(
        (&body["status"], &body["message"]),
        (&json!(202), &json!("Retrieval initiated"))
    );
    let job = gateway.wait(&accepted, &token);
    assert_eq!(job["status"], 200, "{job}");
    let media = gateway.get(job["media_endpoint"].as_str().unwrap(), &token);
    assert_eq!(
        (media.status, media.header("x-recording-origin")),
        (200, "LEGACY_ARCHIVE")
    );
    assert!(media.is_whole && media.body.starts_with(b"RIFF"));
    // By the id of the call, which has colons, and from the cache now. // S1-19, S0-89
    let again = gateway.retrieve("2023-10-27T14:30:00Z-8923", &token);
    assert_eq!((again.status, again.body), (200, media.body));
    // A G.729 file that its recorder calls WAV.
    let failed = gateway.wait(&gateway.retrieve("avaya_8940", &token), &token);
    assert_eq!(
        (&failed["status"], &failed["error"]["codec"]),
        (&json!(415), &json!("G.729"))
    );
    let again = gateway.retrieve("avaya_8940", &token);
    assert_eq!(
        (again.status, again.json()["codec"].clone()),
        (415, json!("G.729"))
    );
}

// S1-13, S1-42, S1-44
#[test]
fn a_stale_mapping_is_repaired_and_a_lost_recording_is_called_lost_only_then() {
    let mut gateway = Gateway::start();
    let token = gateway.token("tool", TENANT, &[]);
    let found = in_both(&gateway, &token);
    let recording = found["recordingId"].as_str().unwrap();
    gateway
        .sandbox
        .set_file_state(recording, FileState::Deleted);
    let job = gateway.wait(&gateway.retrieve(id(&found), &token), &token);
    assert_eq!(job["status"], 200, "{job}");
    let media = gateway.get(job["media_endpoint"].as_str().unwrap(), &token);
    assert_eq!(media.header("x-recording-origin"), "LEGACY_ARCHIVE");
    // The recorder deleted this one, and nobody else has it.
    let lost = gateway.wait(&gateway.retrieve("avaya_8950", &token), &token);
    assert_eq!(lost["error"]["code"], "recording_gone", "{lost}");
    let log = gateway.stop_and_read_log();
    assert!(log.iter().any(|it| it["action"] == "MAPPING_REPAIRED"));
}

// S1-12, S1-17, S1-18, S1-20, S1-32
#[test]
fn what_a_migration_knows_is_taken_over_with_its_retention() {
    let mut gateway = Gateway::start();
    gateway.stop();
    let entry = json!({
        "call_id": "2023-10-27T14:30:00Z-8923",
        "source_system": "avaya_aura",
        "recording_id": "avaya_8923",
        "legacy_archive_id": "tape_17/8923",
        "customer_provided_id": "ORDER-2023-0815",
        "storage_location": "LEGACY_RECORDER",
        "retention_expiry": "2025-10-27T14:30:00Z",
        "encryption_status": "AES_256",
    });
    gateway.import("old-avaya", &format!("{entry}\n")).ok();
    gateway
        .import("old-avaya", "{\"call_id\": 1}")
        .fails(2, &["line 1"]);
    gateway
        .import("no-such-source", "")
        .fails(2, &["no-such-source"]);
    gateway.start_again();
    let token = gateway.token("tool", TENANT, &[]);
    let about = gateway
        .get("/api/v2/recordings/ORDER-2023-0815", &token)
        .json();
    assert_eq!(about["retention_status"], "EXPIRED", "{about}");
    let kept = &about["locations"][0];
    for name in [
        "call_id",
        "source_system",
        "recording_id",
        "legacy_archive_id",
        "storage_location",
        "encryption_status",
    ] {
        assert_eq!(kept[name], entry[name], "{name}");
    }
    let job = gateway.wait(&gateway.retrieve("tape_17/8923", &token), &token);
    let media = gateway.get(job["media_endpoint"].as_str().unwrap(), &token);
    assert_eq!(
        (media.status, media.header("x-retention-status")),
        (200, "EXPIRED")
    );
}

// S1-32
#[test]
fn the_end_of_retention_is_the_day_on_which_the_platform_deletes() {
    let gateway = Gateway::start();
    let token = gateway.token("tool", TENANT, &[]);
    let found = gateway.search(AMELIA, &token);
    // Some are listed under the place of a recorder that has the call too.
    let also = found.iter().flat_map(|it| it["alsoAt"].as_array().unwrap());
    let names = found
        .iter()
        .chain(also)
        .map(|it| it["recordingId"].as_str().unwrap());
    let places = names.flat_map(|name| {
        let about = gateway.get(&format!("/api/v2/recordings/{name}"), &token);
        about.json()["locations"].as_array().unwrap().clone()
    });
    let of_platform: Vec<_> = places
        .filter(|it| it["source_system"] == "genesys_cloud")
        .map(|it| it["retention_expiry"].clone())
        .collect();
    assert!(
        of_platform.contains(&json!("2026-04-15T00:00:00Z")),
        "{of_platform:?}"
    );
    assert!(of_platform.contains(&Value::Null), "{of_platform:?}");
}

// S1-26
#[test]
fn a_recording_of_another_tenant_does_not_exist_and_the_attempt_is_recorded() {
    let mut gateway = Gateway::start();
    let own = gateway.token("own", TENANT, &[]);
    let other = gateway.token("other", "other", &[]);
    let found = in_both(&gateway, &own);
    for reply in [
        gateway.retrieve(id(&found), &other),
        gateway.get(&format!("/api/v2/recordings/{}", id(&found)), &other),
        gateway.get(&format!("/api/v2/recordings/{}/media", id(&found)), &other),
    ] {
        let unknown = gateway.retrieve("no-such-recording", &other).json();
        assert_eq!(
            (reply.status, &reply.json()["code"]),
            (404, &unknown["code"])
        );
        assert_eq!(reply.json()["message"], unknown["message"]);
    }
    let accepted = gateway.retrieve(OLD, &own).json();
    let job = gateway.get(accepted["poll_endpoint"].as_str().unwrap(), &other);
    assert_eq!(job.status, 404);
    let log = gateway.stop_and_read_log();
    let denied = log.iter().filter(|it| it["action"] == "GATEWAY_DENIED");
    let denied: Vec<_> = denied.filter(|it| it["actorId"] == "other").collect();
    assert_eq!(denied.len(), 4, "{log:?}");
    let started = log
        .iter()
        .find(|it| it["details"]["requestId"] == "audit_req_9928374");
    assert!(started.is_some(), "{log:?}");
}

/// A refusal is JSON with a code, an id to quote, and nothing of what was sent.
fn is_refused(reply: &Reply, status: u16, code: &str) {
    let body = reply.json();
    assert_eq!(
        (reply.status, body["code"].as_str()),
        (status, Some(code)),
        "{body}"
    );
    assert_eq!(body["correlation_id"], reply.header("x-correlation-id"));
    assert!(!body.to_string().contains("Müller"), "{body}");
}

#[test]
fn every_refusal_is_json_with_a_code_and_an_id_to_quote() {
    let gateway = Gateway::start();
    let token = gateway.token("tool", TENANT, &[]);
    let narrow = gateway.token("narrow", TENANT, &["recordings.read"]);
    let after = json!({"after": "00.1", "query": {
    "dateRange": {"startDate": "2023-01-01T00:00:00Z", "endDate": "2023-02-01T00:00:00Z"},
    "filter": {"type": "AND", "clauses": [
        {"field": "callFrom", "op": "EQUALS", "value": AMELIA},
    ]}}});
    let search = "/api/v2/recordings/recordings/search";
    let get = |path: &str| gateway.get(path, &token);
    is_refused(
        &gateway.retrieve("no-such-recording", &token),
        404,
        "recording_not_found",
    );
    is_refused(&gateway.retrieve("", &token), 400, "invalid_request");
    is_refused(&gateway.retrieve(OLD, "wrong"), 401, "invalid_token");
    is_refused(&gateway.retrieve(OLD, &narrow), 403, "insufficient_scope");
    is_refused(&gateway.post(search, &token, &after), 400, "invalid_cursor");
    is_refused(
        &get("/api/v2/search/recordings?q=hello"),
        400,
        "invalid_request",
    );
    is_refused(
        &get("/api/v2/recordings/x/media?format=flac"),
        400,
        "invalid_request",
    );
    is_refused(
        &get("/api/v1/recordings/status/job-1"),
        404,
        "job_not_found",
    );
    is_refused(&get("/api/v3/anything"), 404, "no_such_route");
    is_refused(&get(RETRIEVE), 405, "method_not_allowed");
}

#[test]
fn bodies_that_cannot_be_read_are_refused_without_repeating_them() {
    let gateway = Gateway::start();
    let token = gateway.token("tool", TENANT, &[]);
    let kind = ("Content-Type", "application/json");
    let bearer = format!("Bearer {token}");
    let signed = ("Authorization", bearer.as_str());
    let url = format!("{}{RETRIEVE}", gateway.url);
    let raw = |headers: &[(&str, &str)], body: &[u8]| open("POST", &url, headers, body).finish();
    is_refused(&raw(&[kind], b"{}"), 401, "invalid_token");
    is_refused(&raw(&[kind, signed], b"{"), 400, "invalid_request");
    is_refused(&raw(&[signed], b"{}"), 415, "unsupported_media_type");
    is_refused(
        &raw(&[kind, signed], &vec![b' '; 100_000]),
        413,
        "body_too_large",
    );
    let mut extra = retrieval("x");
    extra["surprise"] = json!(1);
    is_refused(
        &gateway.post(RETRIEVE, &token, &extra),
        400,
        "invalid_request",
    );
    let mut odd = retrieval("x");
    odd["caller_id"] = json!("Anna Müller");
    is_refused(
        &gateway.post(RETRIEVE, &token, &odd),
        400,
        "invalid_request",
    );
}

// S0-34, S0-36, S2-14, S2-19
#[test]
fn both_searches_give_every_recording_once_whatever_the_page() {
    let gateway = Gateway::start();
    let token = gateway.token("tool", TENANT, &[]);
    let mut ids: Vec<_> = gateway
        .search(AMELIA, &token)
        .iter()
        .map(|it| id(it).to_owned())
        .collect();
    assert!(ids.len() > 3, "{ids:?}");
    let q = "timestamp%3A%5B2026-03-01T00%3A00%3A00.000Z%20TO%202026-04-10T23%3A59%3A59.999Z%5D%20AND%20participantId%3A%22%2B447700900123%22";
    let mut next = Some(format!("/api/v2/search/recordings?q={q}&pageSize=2"));
    let mut paged = Vec::new();
    while let Some(path) = next {
        let page = gateway.get(&path, &token).json();
        let elements = page["elements"]
            .as_array()
            .unwrap_or_else(|| panic!("{page}"));
        paged.extend(elements.iter().map(|it| id(it).to_owned()));
        next = page["nextPageUri"].as_str().map(str::to_owned);
    }
    ids.sort();
    paged.sort();
    assert_eq!(ids, paged);
}

#[test]
fn a_source_that_dies_in_the_middle_cuts_the_connection() {
    let gateway = Gateway::with(
        on_media(Action::Truncate {
            after_bytes: 60_000,
        }),
        LegacyOptions::default(),
    );
    let token = gateway.token("tool", TENANT, &[]);
    let found = in_both(&gateway, &token);
    let path = format!("/api/v2/recordings/{}/media", id(&found));
    let reply = gateway.get(&path, &token);
    assert_eq!(reply.status, 200);
    assert!(
        !reply.is_whole,
        "{} bytes came and seemed whole",
        reply.body.len()
    );
}

#[test]
fn a_stream_that_runs_ends_well_when_the_gateway_is_told_to_stop() {
    let mut gateway = Gateway::with(
        on_media(Action::Slow {
            bytes_per_second: 400_000,
        }),
        LegacyOptions::default(),
    );
    let token = gateway.token("tool", TENANT, &[]);
    let found = in_both(&gateway, &token);
    let stream = gateway.open(
        "GET",
        &format!("/api/v2/recordings/{}/media", id(&found)),
        &token,
        None,
    );
    gateway.terminate();
    let reply = stream.finish();
    assert!(reply.is_whole && reply.body.starts_with(b"RIFF"));
    assert_eq!(gateway.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_program_that_was_removed_is_out_at_once() {
    let gateway = Gateway::start();
    let token = gateway.token("tool", TENANT, &[]);
    assert_eq!(
        gateway.get("/api/v1/recordings/status/x", &token).status,
        404
    );
    let config = gateway.dir.path().join("gateway.toml");
    sar([
        "gateway",
        "client",
        "remove",
        "tool",
        "--config",
        config.to_str().unwrap(),
    ])
    .ok();
    assert_eq!(
        gateway.get("/api/v1/recordings/status/x", &token).status,
        401
    );
}

#[test]
fn operators_see_health_and_counts_but_no_names() {
    let gateway = Gateway::start();
    let token = gateway.token("tool", TENANT, &[]);
    gateway.retrieve("2023-10-27T14:30:00Z-8923", &token);
    for path in ["/healthz", "/readyz", "/openapi.json"] {
        assert_eq!(gateway.get(path, "").status, 200, "{path}");
    }
    let metrics = gateway.get("/metrics", "");
    let text = String::from_utf8(metrics.body).unwrap();
    assert!(
        text.contains(
            "sar_gateway_answers_total{route=\"/api/v1/recordings/retrieve\",status=\"202\"} 1"
        ),
        "{text}"
    );
    assert!(!text.contains("8923") && !text.contains("tool"), "{text}");
}

/// Every address of the description is served, and says who may not come in.
#[test]
fn the_description_names_every_address() {
    let gateway = Gateway::start();
    let description = gateway.get("/openapi.json", "").json();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let path = path.replace("{id}", "x").replace("{job}", "x");
            let reply = gateway
                .open(&method.to_uppercase(), &path, "wrong", Some(&json!({})))
                .finish();
            let documented = operation["responses"].as_object().unwrap();
            assert!(
                documented.contains_key(&reply.status.to_string()),
                "{method} {path}: {}",
                reply.status
            );
            assert_ne!(reply.status, 404, "{path}");
        }
    }
}

#[test]
fn a_configuration_that_cannot_work_is_refused_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gateway.toml");
    for (text, part) in [
        ("lisen = 1", "lisen"),
        ("data_dir = \"x\"", "source"),
        (
            "listen = \"0.0.0.0:1\"\ndata_dir = \"x\"",
            "plain_http_reason",
        ),
    ] {
        fs::write(&path, text).unwrap();
        sar(["serve", "--config", path.to_str().unwrap()]).fails(2, &[part]);
    }
    sar(["serve", "--config", "no-such-file"]).fails(3, &["no-such-file"]);
}
