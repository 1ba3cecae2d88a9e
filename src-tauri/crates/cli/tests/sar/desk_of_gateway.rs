//! A desk whose only source is the gateway: a call comes with its words, so that detection finds what is in it.

use std::fs;

use serde_json::{Value, json};

use super::support::{desk::Desk, gateway::Gateway};

impl Desk {
    /// Connects the gateway, and nothing else.
    fn connect_gateway(&self, gateway: &Gateway) {
        let login = gateway.register("desk", "household", &[]);
        let (settings, secret) = (self.path("gateway.toml"), self.path("gateway-secret"));
        let text = format!(
            "kind = \"gateway\"\nid = \"all\"\nurl = \"{}\"\nclient_id = \"{}\"\n",
            gateway.url, login.id
        );
        fs::write(&settings, text).unwrap();
        fs::write(&secret, login.secret).unwrap();
        let (settings, secret) = (settings.to_str().unwrap(), secret.to_str().unwrap());
        self.sar("ann", &["source", "add", settings, "--secret-file", secret])
            .ok();
    }

    /// A frozen case about the sample person with one call; gives its number.
    fn frozen_case(&self) -> String {
        let subject = sandbox::demo_subject();
        let request = json!({
            "name": subject.name, "phones": subject.phones, "law": "uk_gdpr",
            "received_on": "2026-04-13", "received_by": "letter",
        });
        let file = self.path("request.json");
        fs::write(&file, request.to_string()).unwrap();
        let made = self
            .case(&["new", "--request", file.to_str().unwrap()])
            .ok()
            .json();
        let case = made["case_id"].as_str().unwrap().to_owned();
        for check in ["call-back", "document-seen"] {
            self.case(&["verify", &case, "--check", check]).ok();
        }
        let range = [
            "--from",
            subject.from_local,
            "--to",
            subject.to_local,
            "--zone",
            subject.zone,
        ];
        let found = self
            .case(&[&["search", case.as_str()], range.as_slice()].concat())
            .ok()
            .json();
        let found = found["found"].as_array().unwrap();
        let keep = found
            .iter()
            .position(|it| it["media_state"] == "available")
            .unwrap();
        let left_out = (0..found.len()).filter(|it| *it != keep);
        let left_out = left_out.map(|it| format!("{it}=outside-the-request:tested elsewhere"));
        let mut freeze = vec!["freeze".to_owned(), case.clone()];
        freeze.extend(left_out.flat_map(|it| ["--exclude".to_owned(), it]));
        let freeze: Vec<&str> = freeze.iter().map(String::as_str).collect();
        self.case(&freeze).ok();
        case
    }
}

// S0-40, S1-23, S2-50
#[test]
fn a_call_through_the_gateway_has_its_transcript_its_length_and_its_detections() {
    let (desk, mut gateway) = (Desk::new(), Gateway::start());
    desk.connect_gateway(&gateway);
    let case = desk.frozen_case();
    let call = desk.case(&["retrieve", &case]).ok().json_lines().remove(0);
    assert_eq!(call["end_state"], "retrieved", "{call}");
    assert_eq!(call["has_transcript"], true, "{call}");
    assert!(call["spans"].as_u64().unwrap() > 0, "{call}");
    let log = gateway.stop_and_read_log();
    let read = log
        .iter()
        .find(|it| it["action"] == "GATEWAY_TRANSCRIPT_READ");
    let read = read.expect("it is on record");
    assert_eq!(
        (&read["actorId"], &read["details"]["source"]),
        (&json!("desk"), &json!("cloud"))
    );
    // What was said is in no log.
    assert!(
        read["details"]["words"]
            .as_str()
            .unwrap()
            .parse::<u32>()
            .unwrap()
            > 20
    );
}

// S1-26
#[test]
fn the_words_of_a_call_are_for_its_tenant_and_say_how_long_the_sound_is() {
    let gateway = Gateway::start();
    let (own, other) = (
        gateway.token("own", "household", &[]),
        gateway.token("other", "other", &[]),
    );
    let found = gateway.search("+447700900123", &own);
    let is_there = |it: &&Value| it["origin"] == "GENESYS_CLOUD" && it["mediaState"] == "available";
    let id = found.iter().find(is_there).unwrap()["id"].as_str().unwrap();
    let path = format!("/api/v2/recordings/{id}/transcript");
    let words = gateway.get(&path, &own).json();
    let media = gateway.get(&format!("/api/v2/recordings/{id}/media"), &own);
    assert_eq!(
        words["duration_ms"].to_string(),
        media.header("x-recording-duration-ms")
    );
    let first = &words["words"][0];
    assert!(
        first["end_ms"].as_u64() > first["start_ms"].as_u64(),
        "{first}"
    );
    assert_eq!(
        gateway.get(&path, &other).json()["code"],
        "recording_not_found"
    );
    let narrow = gateway.token("narrow", "household", &["recordings.read"]);
    assert_eq!(gateway.get(&path, &narrow).status, 403);
    // An old recorder has sound alone.
    let none = gateway.get("/api/v2/recordings/avaya_8923/transcript", &own);
    assert_eq!(none.json()["code"], "transcript_not_found");
}
