//! `sar detect` on small committed transcripts: the fields that scripts read.

use serde_json::Value;

use super::support::{data, sar};

fn detect(args: &[&str]) -> Vec<Value> {
    sar(["detect"].iter().chain(args)).ok().json_lines()
}

fn path(name: &str) -> String {
    data(name).to_str().unwrap().to_owned()
}

fn of<'a>(found: &'a [Value], entity: &str) -> &'a Value {
    let line = found.iter().find(|line| line["entity"] == entity);
    line.unwrap_or_else(|| panic!("{entity} is missing: {found:?}"))
}

#[test]
fn a_plain_transcript_gives_one_object_a_detection() {
    let found = detect(&["--transcript", &path("plain.json"), "--json"]);
    let card = of(&found, "CREDIT_CARD");
    let mut keys: Vec<_> = card.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    let expected = [
        "channel",
        "decision",
        "end_ms",
        "entity",
        "owner",
        "recognizer",
        "score",
        "start_ms",
    ];
    assert_eq!(keys, expected);
    assert_eq!(card["decision"], "redact", "card data goes whoever owns it");
    assert_eq!(card["channel"], 0);
    // The digits are spoken from 4.0 to 12.0 seconds.
    let (start, end) = (
        card["start_ms"].as_u64().unwrap(),
        card["end_ms"].as_u64().unwrap(),
    );
    assert!(
        (3_500..=4_100).contains(&start) && (11_800..=12_200).contains(&end),
        "{card}"
    );
}

#[test]
fn the_source_s_own_form_gives_the_same() {
    let plain = detect(&["--transcript", &path("plain.json"), "--json"]);
    let genesys = detect(&["--transcript", &path("genesys.json"), "--json"]);
    let card = |found: &[Value]| {
        let card = of(found, "CREDIT_CARD");
        (card["start_ms"].clone(), card["end_ms"].clone())
    };
    assert_eq!(card(&plain), card(&genesys));
}

#[test]
fn known_values_say_whose_a_number_is() {
    let transcript = path("plain.json");
    let phone = |args: &[&str]| {
        let mut all = vec!["--transcript", &transcript, "--json"];
        all.extend(args);
        of(&detect(&all), "PHONE_NUMBER").clone()
    };
    let known = path("known.json");
    let mine = phone(&["--case", &known]);
    assert_eq!(
        (&mine["owner"], &mine["decision"]),
        (&"requestor".into(), &"keep".into())
    );
    let shared = phone(&["--case", &known, "--policy", "third_party_copy"]);
    assert_eq!(shared["decision"], "redact");
    let discovery = phone(&["--case", &known, "--policy", "ediscovery"]);
    assert_eq!(discovery["decision"], Value::Null);
}

#[test]
fn people_get_columns() {
    let run = sar(["detect", "--transcript", &path("plain.json")]).ok();
    let header = run.stdout.lines().next().unwrap();
    let columns: Vec<_> = header.split_whitespace().collect();
    assert_eq!(
        columns,
        [
            "time",
            "channel",
            "decision",
            "entity",
            "owner",
            "score",
            "recognizer"
        ]
    );
    let at = header.find("entity").unwrap();
    for line in run.stdout.lines().skip(1) {
        assert_ne!(&line[at..=at], " ", "columns line up: {line}");
    }
    for spoken in ["4929", "four nine", "900123", "marcus"] {
        assert!(!run.stdout.to_lowercase().contains(spoken), "{run:?}");
    }
}

#[test]
fn texts_give_offsets_in_characters() {
    let found = detect(&["--text", &path("texts.jsonl"), "--json"]);
    assert_eq!(found.len(), 3, "every text has its line");
    assert_eq!(found[0]["id"], "a");
    let text: Vec<char> = "Grüße! My e-mail is j.smith@example.com, thanks"
        .chars()
        .collect();
    let span = of(found[0]["spans"].as_array().unwrap(), "EMAIL");
    let (start, end) = (
        span["start"].as_u64().unwrap(),
        span["end"].as_u64().unwrap(),
    );
    let cut: String = text[start as usize..end as usize].iter().collect();
    assert_eq!(cut, "j.smith@example.com");
    assert_eq!(found[1]["id"], 2, "an id may be a number");
    assert_eq!(found[1]["spans"], serde_json::json!([]));
}

#[test]
fn a_bad_line_is_named_and_not_quoted() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("bad.jsonl");
    std::fs::write(
        &file,
        "{\"id\":1,\"text\":\"ok\"}\n{\"id\":2,\"txt\":\"secret words\"}\n",
    )
    .unwrap();
    let run = sar(["detect", "--text", file.to_str().unwrap(), "--json"]);
    let run = run.fails(2, &["line 2"]);
    assert!(!run.stderr.contains("secret"), "{run:?}");
    assert_eq!(run.json_lines().len(), 1, "what was read before is there");
}
