//! `sar demo`: the whole main job, and what is in its folder afterwards.

use std::{collections::BTreeMap, path::Path};

use super::support::{
    FinishedDemo, demo_command, finished_demo, log_entries, names, run, sar, seven_zip_accepts,
};

#[test]
fn it_ends_with_a_package_that_others_can_check() {
    let demo = finished_demo();
    assert_eq!(demo.run.code, 0, "{}", demo.run.stderr);
    let last = demo.run.stdout.lines().last().unwrap();
    assert_eq!(
        Path::new(last),
        demo.package(),
        "the last line is the package"
    );
    let expected = [
        ".sample-data",
        &file_name(demo),
        "audit-log",
        "log.vkey",
        "passphrase.txt",
        "signer.pub",
    ]
    .map(str::to_owned);
    assert_eq!(names(&demo.out), expected);
    assert!(seven_zip_accepts(&demo.package(), &demo.passphrase()));
    assert!(!seven_zip_accepts(&demo.package(), "wrong"));
    verify_package(demo).ok();
    sar([
        Path::new("audit"),
        "verify".as_ref(),
        &demo.out.join("audit-log"),
        "--key".as_ref(),
        &demo.out.join("log.vkey"),
    ])
    .ok();
}

fn file_name(demo: &FinishedDemo) -> String {
    demo.package()
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned()
}

fn verify_package(demo: &FinishedDemo) -> super::support::Run {
    sar([
        Path::new("package"),
        "verify".as_ref(),
        &demo.package(),
        "--passphrase-file".as_ref(),
        &demo.passphrase_file(),
        "--key".as_ref(),
        &demo.out.join("signer.pub"),
    ])
}

#[test]
fn every_step_is_printed_in_order() {
    let stdout = &finished_demo().run.stdout;
    let mut rest = stdout.as_str();
    for step in [
        "Source", "Case", "Identity", "Search", "Freeze", "Retrieve", "Detect", "Review",
        "Approve", "Redact", "Seal", "Deliver", "Check", "Calls", "Package",
    ] {
        let at = rest.find(&format!("\n{step} "));
        rest = &rest[at.unwrap_or_else(|| panic!("`{step}` is missing:\n{stdout}"))..];
    }
    assert!(
        stdout.contains("2026-03-01T00:00:00Z to 2026-04-10T23:00:00Z"),
        "UTC bounds are said"
    );
    assert!(
        stdout.contains("sample data only"),
        "where the passphrase lies is said"
    );
    assert!(
        stdout.contains("Art. 12(3)"),
        "the rule behind the due date is said"
    );
}

/// B14, S0-68: one entry for each thing that happened.
#[test]
fn the_log_has_every_step_once() {
    let mut actions: BTreeMap<String, usize> = BTreeMap::new();
    for entry in log_entries(&finished_demo().out) {
        *actions
            .entry(entry["action"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    for action in [
        "LOG_STARTED",
        "CASE_OPENED",
        "SEARCH_RUN",
        "LIST_FROZEN",
        "PACKAGE_SEALED",
        "PACKAGE_DELIVERED",
        "CASE_CLOSED",
    ] {
        assert_eq!(actions[action], 1, "{action}: {actions:?}");
    }
    let calls = actions["RECORDING_RETRIEVED"];
    assert!(calls >= 2);
    for action in [
        "DETECTION_DONE",
        "REVIEW_FINISHED",
        "CALL_APPROVED",
        "RECORDING_REDACTED",
        "RECORDING_DELIVERED",
    ] {
        assert_eq!(actions[action], calls, "{action}: {actions:?}");
    }
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let world = tempfile::tempdir().unwrap();
    let out = world.path().join("documents");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("letter.txt"), "mine").unwrap();
    run(&mut demo_command(world.path(), &out)).fails(2, &["holds other files"]);
    assert_eq!(names(&out), ["letter.txt"]);
}

#[cfg(unix)]
#[test]
fn passphrases_are_for_this_account_only() {
    use std::os::unix::fs::PermissionsExt;
    let demo = finished_demo();
    let hidden = demo.out.join(".sample-data");
    for (path, mode) in [
        (demo.passphrase_file(), 0o600),
        (hidden.join("passphrase-of-sample-data.txt"), 0o600),
        (hidden, 0o700),
    ] {
        let found = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{}", path.display());
    }
}
