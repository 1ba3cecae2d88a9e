//! The gateway in front of a folder.

mod walks;

use std::path::Path;

use connectors::http::HttpOptions;
use domain::{
    search::{Identifier, SearchCriteria},
    sensitive::{PersonalData, Secret},
    time_range::TimeRange,
};
use serde_json::json;
use store::KeySource;
use tempfile::TempDir;

use super::{
    clients::{self, Scope},
    query::{Direction, Wanted},
    tokens::Caller,
    *,
};
use crate::app::{RETRY_PAUSE, system_clock};

const TENANT: &str = "household";
const HOTLINE: &str = "+442079460000";

/// A gateway and the folder that holds all its files.
struct Opened {
    gateway: Gateway,
    dir: TempDir,
}

async fn opened() -> Opened {
    let dir = TempDir::new().unwrap();
    let share = dir.path().join("share");
    let old = dir.path().join("old");
    std::fs::create_dir(&share).unwrap();
    std::fs::create_dir(&old).unwrap();
    let config = format!(
        "data_dir = '{}'
        [[tenant]]
        id = 'household'
        [[source]]
        tenant = 'household'
        kind = 'folder'
        id = 'share'
        path = '{}'
        [source.fields]
        start = '/begin'
        end = '/end'
        call = '/call'
        numbers = ['/who/*']
        [[source]]
        tenant = 'household'
        kind = 'folder'
        id = 'old'
        path = '{}'
        [source.fields]
        start = '/begin'
        end = '/end'
        numbers = ['/who/*']",
        data(dir.path()).display(),
        share.display(),
        old.display(),
    );
    let options = AppOptions {
        data_dir: data(dir.path()),
        keys: KeySource::Passphrase(Secret::new("of a test".to_owned())),
        delivery_dir: dir.path().to_owned(),
        clock: system_clock(),
        workers: 1,
        retry_pause: RETRY_PAUSE,
        http: HttpOptions::default(),
        drill_every: None,
        learned: None,
        restoration_look: None,
        witness: None,
    };
    let config = GatewayConfig::from_toml(&config).unwrap();
    let gateway = Gateway::open(config, options).await.unwrap();
    Opened { gateway, dir }
}

fn data(dir: &Path) -> std::path::PathBuf {
    dir.join("data")
}

impl Opened {
    /// A recording of a conversation, by the name of its file and the minute of its start.
    fn put(&self, name: &str, call: &str, minute: u32) {
        self.put_into("share", name, call, minute);
    }

    fn put_into(&self, folder: &str, name: &str, call: &str, minute: u32) {
        let about = json!({
            "call": call,
            "who": [HOTLINE],
            "begin": format!("2026-03-01T09:{minute:02}:00Z"),
            "end": format!("2026-03-01T09:{:02}:00Z", minute + 1),
        });
        let share = self.dir.path().join(folder);
        let write = |ending: &str, bytes: &[u8]| {
            let file = std::fs::File::create(share.join(format!("{name}.{ending}")));
            std::io::Write::write_all(&mut file.unwrap(), bytes).unwrap();
        };
        write("wav", b"RIFF\0\0\0\0WAVEfmt ");
        write("json", about.to_string().as_bytes());
    }

    /// Removes a recording, and says so as a failed retrieval does.
    async fn purge(&self, name: &str) {
        let share = self.dir.path().join("share");
        for ending in ["wav", "json"] {
            std::fs::remove_file(share.join(format!("{name}.{ending}"))).unwrap();
        }
        let rows = self.gateway.app().store().mapped(TENANT, name).await;
        let rows = rows.unwrap();
        let row = rows.iter().find(|it| it.recording_id == name).unwrap();
        self.gateway.mark_missing(row).await.unwrap();
    }

    /// Our id of what a name means, and the recording behind it; else the code of the refusal.
    async fn about(&self, name: &str) -> Result<(String, String), Code> {
        let found = self.gateway.recording(&caller(), name, "test").await;
        let view = serde_json::to_value(found.map_err(|error| error.code)?).unwrap();
        let text = |pointer: &str| view.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        Ok((text("/id"), text("/locations/0/recording_id")))
    }
}

/// Every recording of the hotline, and how many places the mapping knows of its call.
async fn searched(it: &Opened) -> Vec<(String, usize)> {
    let (caller, wanted) = (caller(), wanted());
    let page = it.gateway.search(&caller, &wanted, None, 100, "test").await;
    let mut found = Vec::new();
    for view in page.unwrap().recordings {
        let rows = it.gateway.app().store().mapped(TENANT, &view.id).await;
        found.push((view.recording_id, rows.unwrap().len()));
    }
    found
}

/// A search for the hotline.
fn wanted() -> Wanted {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    Wanted {
        criteria: SearchCriteria {
            identifiers: vec![Identifier::Phone(PersonalData::new(HOTLINE.to_owned()))],
            range: TimeRange {
                start_utc: at("2026-03-01T00:00:00Z"),
                end_utc: at("2026-03-02T00:00:00Z"),
            },
            agent_id: None,
            queue_id: None,
        },
        direction: Direction::Asc,
        digest: String::new(),
    }
}

/// Entries of the log about searches.
async fn searches_on_record(it: &Opened) -> Vec<String> {
    let leaves = it.gateway.app().store().log_leaves(0, 1_000).await;
    let entries = leaves.unwrap().into_iter();
    let entries = entries.map(|it| String::from_utf8(it).unwrap());
    entries
        .filter(|it| it.contains("GATEWAY_SEARCHED"))
        .collect()
}

// S1-26
#[tokio::test]
async fn a_search_is_on_record_however_it_ends_and_nobody_s_number_is() {
    let it = opened().await;
    it.put("cloud", "a", 0);
    searched(&it).await;
    let (caller, wanted) = (caller(), wanted());
    let search = it.gateway.search(&caller, &wanted, None, 100, "test");
    // The caller hangs up before the sources have answered.
    assert!(tokio::time::timeout(Duration::ZERO, search).await.is_err());
    it.gateway.inner.tasks.close();
    it.gateway.inner.stop.cancel();
    it.gateway.inner.tasks.wait().await;
    let entries = searches_on_record(&it).await;
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert!(entries[0].contains("answered") && !entries[0].contains("unanswered"));
    assert!(entries[1].contains("unanswered"), "{entries:?}");
    assert!(entries.iter().all(|it| !it.contains(&HOTLINE[1..])));
    it.gateway.close().await;
}

// S1-22
#[tokio::test]
async fn recordings_of_one_time_become_one_call_only_where_no_other_call_was_then() {
    let it = opened().await;
    it.put("cloud", "a", 0);
    it.put_into("old", "tape", "b", 0);
    assert_eq!(searched(&it).await, [("cloud".to_owned(), 2)]);
    it.gateway.close().await;
    let it = opened().await;
    it.put("cloud", "a", 0);
    it.put_into("old", "tape-1", "b", 0);
    it.put_into("old", "tape-2", "c", 0);
    let known = searched(&it).await;
    assert!(known.iter().all(|(_, places)| *places == 1), "{known:?}");
    assert_eq!(it.about("tape-1").await.unwrap().1, "tape-1");
    it.gateway.close().await;
}

fn caller() -> Caller {
    Caller {
        client: "tool".to_owned(),
        tenant: TENANT.to_owned(),
        scopes: Scope::ALL.to_vec(),
    }
}

// S1-13, S1-42, S1-44
#[tokio::test]
async fn a_purged_recording_is_not_answered_with_another_of_its_conversation() {
    let it = opened().await;
    it.put("leg-a", "talk", 0);
    it.put("leg-b", "talk", 10);
    let (id, _) = it.about("leg-a").await.unwrap();
    it.purge("leg-a").await;
    for name in ["leg-a", id.as_str()] {
        assert_eq!(it.about(name).await, Err(Code::RecordingGone), "{name}");
    }
    // Under its own name and that of the conversation the other one is there, and is itself.
    let (other, recording) = it.about("leg-b").await.unwrap();
    assert_eq!(recording, "leg-b");
    assert_ne!(other, id);
    assert_eq!(it.about("talk").await.unwrap(), (other, recording));
    it.gateway.close().await;
}

// S1-42, S1-44
#[tokio::test]
async fn a_recording_that_moved_is_found_by_its_times_when_they_fit_one_only() {
    let it = opened().await;
    it.put("old", "talk", 0);
    let (id, _) = it.about("old").await.unwrap();
    it.put("new", "talk", 0);
    it.purge("old").await;
    assert_eq!(it.about(&id).await, Ok((id.clone(), "new".to_owned())));
    it.gateway.close().await;
    let it = opened().await;
    it.put("old", "talk", 0);
    let (id, _) = it.about("old").await.unwrap();
    it.put("one", "talk", 0);
    it.put("two", "talk", 0);
    it.purge("old").await;
    assert_eq!(it.about(&id).await, Err(Code::RecordingGone));
    it.gateway.close().await;
}

// S1-24, S1-27
#[tokio::test]
async fn a_client_that_is_registered_anew_loses_its_tokens_and_the_log_says_that_it_changed() {
    let it = opened().await;
    let data = data(it.dir.path());
    let register = |tenant: &str, scopes: &[Scope]| {
        clients::register(&data, "tool", tenant, scopes, Timestamp::UNIX_EPOCH).unwrap()
    };
    let known = || async { it.gateway.app().store().setting("gateway.clients").await };
    let secret = register(TENANT, &Scope::ALL);
    let old = it.gateway.grant("tool", secret.reveal(), None).await;
    let old = old.unwrap().token;
    assert_eq!(it.gateway.caller(&old).await.unwrap(), caller());
    let before = known().await.unwrap();
    clients::remove(&data, "tool").unwrap();
    let secret = register(TENANT, &Scope::ALL);
    let refused = it.gateway.caller(&old).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidToken);
    assert_ne!(known().await.unwrap(), before);
    let new = it.gateway.grant("tool", secret.reveal(), None).await;
    assert!(it.gateway.caller(&new.unwrap().token).await.is_ok());
    it.gateway.close().await;
}

// S1-24
#[tokio::test]
async fn a_token_covers_no_more_than_its_client_has_now() {
    let it = opened().await;
    let data = data(it.dir.path());
    let secret =
        clients::register(&data, "tool", TENANT, &Scope::ALL, Timestamp::UNIX_EPOCH).unwrap();
    let token = it.gateway.grant("tool", secret.reveal(), None).await;
    let token = token.unwrap().token;
    let change = |from: &str, to: &str| {
        let path = data.join("gateway-clients.json");
        let text = std::fs::read_to_string(&path).unwrap().replace(from, to);
        let mut file = std::fs::File::create(path).unwrap();
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    };
    change("\"recordings.read\",", "");
    let scopes = it.gateway.caller(&token).await.unwrap().scopes;
    assert_eq!(scopes, [Scope::Search, Scope::Media]);
    change(TENANT, "another");
    let refused = it.gateway.caller(&token).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidToken);
    it.gateway.close().await;
}
