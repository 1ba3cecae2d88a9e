//! `sar evaluate`: the figures that scripts read.

use std::io::Write;

use super::support::sar;

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
