//! `sar evaluate`: the figures that scripts read.

use std::io::Write;

use super::support::{command, run, sar};

const CALL: &str = r#"{"id":"a","split":"held_back","style":"spoken","language":"en-GB","errors":false,"turns":[["A","what is your phone number",[100,50,50,50,50,50]],["C","oh seven seven double oh nine hundred one two three",[1000,90,90,90,90,90,90,90,90,90,90]]],"items":[["PHONE_NUMBER","requestor","C",1000,1900]]}"#;

fn file(content: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file
}

#[test]
fn one_object_a_group_with_recall_and_interval() {
    let set = file(CALL);
    let path = set.path().to_str().unwrap();
    let lines = sar(["evaluate", "--calls", path, "--json"])
        .ok()
        .json_lines();
    let all = lines.iter().find(|line| line["group"] == "all").unwrap();
    assert_eq!((&all["items"], &all["recall"]), (&1.into(), &1.0.into()));
    assert!(
        all["recall_low"].as_f64().unwrap() < 1.0,
        "one item says little"
    );
    let groups: Vec<_> = lines
        .iter()
        .filter_map(|line| line["group"].as_str())
        .collect();
    assert!(
        groups.contains(&"PHONE_NUMBER") && groups.contains(&"style spoken"),
        "{groups:?}"
    );
    let none = sar([
        "evaluate",
        "--calls",
        path,
        "--split",
        "development",
        "--json",
    ])
    .ok()
    .json_lines();
    assert_eq!(none.last().unwrap()["items"], 0);
}

#[test]
fn a_bad_line_is_named_and_not_quoted() {
    let set = file(&format!(
        "{CALL}\n{}\n",
        CALL.replace("PHONE_NUMBER", "PHONE")
    ));
    let run = sar(["evaluate", "--calls", set.path().to_str().unwrap()]);
    let failed = run.fails(2, &["line 2", "unknown kind"]);
    assert!(!failed.stderr.contains("double"), "{failed:?}");
}

/// A comparison that could not be made is said, for people and for programs, and our own figures are there.
#[test]
fn without_presidio_the_comparison_is_not_performed() {
    let set = file(CALL);
    let path = set.path().to_str().unwrap();
    let compared = |json: &[&str]| {
        let mut command = command();
        command
            .args(["evaluate", "--calls", path, "--compare", "presidio"])
            .args(json)
            .env("SAR_PRESIDIO_PYTHON", "/nowhere/python");
        run(&mut command).ok()
    };
    let text = compared(&[]).stdout;
    assert!(text.contains("not performed: Presidio"), "{text}");
    let lines = compared(&["--json"]).json_lines();
    let last = lines.last().unwrap();
    assert_eq!(last["detector"], "presidio");
    assert!(last["not_performed"].as_str().unwrap().contains("Presidio"));
    let all = lines.iter().find(|line| line["group"] == "all").unwrap();
    assert_eq!(
        (&all["detector"], &all["recall"]),
        (&"sar".into(), &1.0.into())
    );
}

// B4
#[test]
fn predictions_of_missed_items_are_measured_and_their_table_is_written() {
    let calls: String = (0..6)
        .map(|at| CALL.replace(r#""id":"a""#, &format!(r#""id":"{at}""#)) + "\n")
        .collect();
    let set = file(&calls);
    let path = set.path().to_str().unwrap();
    let measured = sar(["evaluate", "--calls", path, "--calibration", "--json"]);
    let lines = measured.ok().json_lines();
    let all = lines.iter().find(|line| line["group"] == "all").unwrap();
    assert_eq!(all["calls"], 30, "each call at five qualities");
    let dir = tempfile::tempdir().unwrap();
    let table = dir.path().join("recall.json");
    let table = table.to_str().unwrap();
    sar(["evaluate", "--calls", path, "--recall-table", table]).ok();
    let written: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(table).unwrap()).unwrap();
    assert_eq!(written["calls"], 6);
}
