//! The mapping follows the sources by itself, whatever happens to the process meanwhile.

use std::{fs, path::Path};

use sandbox::{LegacyOptions, SandboxOptions};
use serde_json::json;

use super::{
    support::gateway::Gateway,
    through_gateway::{platform, search},
};

const TENANT: &str = "household";
/// A month of the spring that the pretend organization remembers.
const SINCE: &str = "2026-03-08T00:00:00Z";
const UNTIL: &str = "2026-03-29T00:00:00Z";
const FALLBACKS: &str = "sar_gateway_fallbacks_total";

fn start(overlap: &str) -> Gateway {
    let sync = format!("[sync]\nevery = \"1s\"\noverlap = \"{overlap}\"\nsince = \"{SINCE}\"\n");
    Gateway::configured(SandboxOptions::default(), LegacyOptions::default(), &sync)
}

fn of(metric: &str, source: &str, more: &str) -> String {
    format!("sar_gateway_sync_{metric}{{tenant=\"household\",source=\"{source}\"{more}}}")
}

fn instant(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// Recordings of the platform in the month, by the ids that only the mapping can find them by.
fn recordings_of_the_platform(gateway: &Gateway) -> Vec<String> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let found = runtime.block_on(async { search(&platform(gateway)).await });
    let month = instant(SINCE)..instant(UNTIL);
    let found = found.found.into_iter();
    let found = found.filter(|it| month.contains(&it.start_utc));
    found.map(|it| it.recording.to_string()).collect()
}

// S1-12, S1-42
#[test]
fn recordings_that_nobody_searched_for_are_known_and_a_kill_in_the_middle_loses_none() {
    let mut gateway = start("1h");
    let seen_until = of("seen_until_seconds", "cloud", "");
    // In the middle: one interval is seen, and the others are not.
    gateway.wait_for(&seen_until, instant(SINCE).as_second() as u64 + 1);
    gateway.kill();
    gateway.start_again();
    gateway.wait_for(&seen_until, instant(UNTIL).as_second() as u64);
    let token = gateway.token("tool", TENANT, &[]);
    let recordings = recordings_of_the_platform(&gateway);
    assert!(recordings.len() > 2, "{recordings:?}");
    for recording in recordings {
        let about = gateway.get(&format!("/api/v2/recordings/{recording}"), &token);
        assert_eq!(about.status, 200, "{:?}", about.json());
    }
    assert_eq!(gateway.metric(FALLBACKS), 0);
    let log = gateway.stop_and_read_log();
    let walk = log
        .iter()
        .find(|it| it["action"] == "MAPPING_SYNCED" && it["details"]["source"] == "cloud");
    let walk = &walk.expect("each walk is on record")["details"];
    let from = instant(walk["from"].as_str().unwrap());
    assert!(
        from > instant(SINCE),
        "it goes on where it was killed: {walk}"
    );
    assert_eq!(
        (&walk["tenant"], &walk["outcome"]),
        (&json!(TENANT), &json!("incomplete"))
    );
}

/// A file that appears in the folder, of a call that was a while ago.
fn appears(dir: &Path, name: &str, ago_h: i64) {
    let begin = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(ago_h);
    let about = json!({"begin": begin.to_string(), "who": ["+442079460000"]});
    fs::write(
        dir.join(format!("share/{name}.wav")),
        b"RIFF\0\0\0\0WAVEfmt ",
    )
    .unwrap();
    fs::write(dir.join(format!("share/{name}.json")), about.to_string()).unwrap();
}

// S1-42, S1-44
#[test]
fn a_call_that_appears_late_is_seen_and_an_absence_removes_nothing() {
    let gateway = start("744h");
    let walks = of("walks_total", "share", ",outcome=\"complete\"");
    gateway.wait_for(&walks, 1);
    appears(gateway.dir.path(), "late", 24 * 20);
    gateway.wait_for(&of("new_places_total", "share", ""), 1);
    let share = gateway.dir.path().join("share");
    fs::remove_dir_all(&share).unwrap();
    fs::create_dir(&share).unwrap();
    gateway.wait_for(&walks, gateway.metric(&walks) + 2);
    let token = gateway.token("tool", TENANT, &[]);
    let about = gateway.get("/api/v2/recordings/late", &token);
    assert_eq!((about.status, gateway.metric(FALLBACKS)), (200, 0));
}
