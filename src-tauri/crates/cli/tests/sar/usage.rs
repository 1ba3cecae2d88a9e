//! Wrong calls: exit code 2 and a message; missing things: exit code 3.

use std::fs;

use super::support::{command, data, run, sar};

/// A call that cannot be understood says so on stderr, and prints no data.
#[test]
fn wrong_usage_exits_with_2() {
    let transcript = data("plain.json");
    let transcript = transcript.to_str().unwrap();
    let not_json = data("texts.jsonl");
    let not_json = not_json.to_str().unwrap();
    for (args, part) in [
        (vec![], "Usage"),
        (vec!["fly"], "unrecognized subcommand"),
        (vec!["serve"], "--config"),
        (vec!["transcribe"], "unrecognized subcommand"),
        (vec!["detect"], "required"),
        (
            vec!["detect", "--transcript", transcript, "--text", transcript],
            "cannot be used with",
        ),
        (
            vec!["detect", "--transcript", transcript, "--policy", "x"],
            "the policies are",
        ),
        (vec!["detect", "--transcript", not_json], "cannot be used"),
        (vec!["detect", "--text", transcript], "line 1"),
        (
            vec!["redact", "--audio", "a.wav", "--out", "b.wav"],
            "required",
        ),
        (vec!["package", "verify", "x.zip"], "--passphrase-file"),
        (
            vec!["package", "verify", "x.zip", "--passphrase", "words"],
            "unexpected argument",
        ),
        (
            vec!["case", "connect", "--client-id", "x", "--secret-file", "y"],
            "--region",
        ),
        (
            vec!["case", "review", "SAR-1", "--call", "1", "--keep", "s001"],
            "--reason",
        ),
        (vec!["sandbox", "--port", "99999"], "99999"),
    ] {
        let run = sar(&args);
        assert_eq!(run.code, 2, "{args:?}: {run:?}");
        assert!(run.stderr.contains(part), "{args:?}: {run:?}");
        assert!(run.stdout.is_empty(), "{args:?}: {run:?}");
    }
}

#[test]
fn what_is_not_there_exits_with_3() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing");
    let missing = missing.to_str().unwrap();
    for args in [
        vec!["detect", "--transcript", missing],
        vec!["detect", "--text", missing],
        vec!["audit", "verify", missing],
        vec!["package", "verify", missing, "--passphrase-file", missing],
        vec!["sandbox", "--scenario", missing],
    ] {
        sar(&args).fails(3, &[missing, "\n  "]);
    }
    let folder = dir.path().to_str().unwrap();
    sar(["detect", "--transcript", folder]).fails(3, &["it is a folder"]);
}

/// Without a keyring a case cannot be opened, and the message names the way out.
#[test]
fn without_a_keyring_the_passphrase_option_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut list = command();
    list.args(["case", "list", "--data-dir"])
        .arg(dir.path().join("data"));
    run(&mut list).fails(3, &["keyring", "--passphrase-file FILE"]);
}

#[test]
fn a_wrong_or_empty_passphrase_file_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let (good, wrong, empty) = (
        dir.path().join("good"),
        dir.path().join("wrong"),
        dir.path().join("empty"),
    );
    fs::write(&good, "correct horse battery staple\n").unwrap();
    fs::write(&wrong, "another\n").unwrap();
    fs::write(&empty, "\n").unwrap();
    let list = |file| {
        let mut list = command();
        list.args(["case", "list", "--data-dir"])
            .arg(dir.path().join("data"));
        run(list.env("SAR_PASSPHRASE_FILE", file))
    };
    list(&good).ok();
    list(&wrong).fails(3, &["passphrase is wrong"]);
    list(&empty).fails(2, &["first line is empty"]);
    list(&good).ok();
}

#[test]
fn a_scenario_with_an_unknown_key_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("scenario.toml");
    fs::write(
        &file,
        "[[fault]]\npath = \"/\"\nonce = true\naction = { kind = \"reset\" }",
    )
    .unwrap();
    sar(["sandbox", "--scenario", file.to_str().unwrap()]).fails(2, &["once"]);
}
