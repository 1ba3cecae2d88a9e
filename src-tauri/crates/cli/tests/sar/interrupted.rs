//! A demo killed at any moment goes on with the same command: nothing is lost, nothing is doubled.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use super::support::{
    demo_command, log_entries, names, packages, run, sar, served::pause, seven_zip_accepts,
};

/// After the n-th line with this beginning, so many milliseconds later. Deterministic, and spread over
/// every step: right after a line is printed, and in the middle of what comes next.
const KILLS: [(&str, usize, u64); 20] = [
    ("", 1, 0),
    ("", 1, 120),
    ("Source", 1, 0),
    ("Case", 1, 0),
    ("Identity", 1, 3),
    ("Case", 1, 700),
    ("Search", 1, 0),
    ("Freeze", 1, 0),
    ("Retrieve", 1, 0),
    ("Case", 1, 900),
    ("Retrieve", 2, 150),
    ("Retrieve", 2, 1_900),
    ("Case", 1, 2_300),
    ("Detect", 1, 0),
    ("Review", 1, 0),
    ("Review", 3, 5),
    ("Approve", 1, 400),
    ("Redact", 1, 300),
    ("Seal", 1, 0),
    ("Deliver", 1, 0),
];

/// A running demo and its lines as they come.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(world: &Path, out: &Path) -> Self {
        let mut command = demo_command(world, out);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// Waits for the n-th line that begins so; false when the demo ends before.
    fn reaches(&self, beginning: &str, nth: usize) -> bool {
        let is_it = |line: &String| line.starts_with(beginning);
        self.lines.iter().filter(is_it).nth(nth - 1).is_some()
    }

    fn kill(mut self) {
        // On Unix this is SIGKILL: no handler runs.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// S0-62: the promise of the durable queue, with the real process.
#[test]
fn a_demo_killed_at_twenty_moments_ends_like_any_other() {
    let world = tempfile::tempdir().unwrap();
    let out = world.path().join("out");
    let mut killed = 0;
    for (beginning, nth, later_ms) in KILLS {
        let running = Running::start(world.path(), &out);
        if running.reaches(beginning, nth) {
            pause(Duration::from_millis(later_ms));
            killed += 1;
        }
        running.kill();
    }
    // A step that was over already does not print its line again.
    assert!(killed >= 12, "only {killed} kills hit");
    let last = run(&mut demo_command(world.path(), &out)).ok();
    assert_complete(&out, last.stdout.lines().last().unwrap());
}

fn assert_complete(out: &Path, last_line: &str) {
    let packages = packages(out);
    assert_eq!(packages.len(), 1, "{packages:?}");
    assert_eq!(Path::new(last_line), packages[0]);
    let rest: Vec<_> = names(out)
        .into_iter()
        .filter(|name| !name.ends_with(".zip"))
        .collect();
    assert_eq!(
        rest,
        [".sample-data", "audit-log", "passphrase.txt"],
        "nothing half-written"
    );
    let passphrase_file = out.join("passphrase.txt");
    let passphrase = std::fs::read_to_string(&passphrase_file).unwrap();
    assert!(seven_zip_accepts(&packages[0], passphrase.trim_end()));
    sar([
        Path::new("package"),
        "verify".as_ref(),
        &packages[0],
        "--passphrase-file".as_ref(),
        &passphrase_file,
    ])
    .ok();
    sar([
        Path::new("audit"),
        "verify".as_ref(),
        &out.join("audit-log"),
    ])
    .ok();
    assert_log_complete(out);
}

fn assert_log_complete(out: &Path) {
    let mut actions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in log_entries(out) {
        let recording = entry["recordingId"].as_str().unwrap_or_default().to_owned();
        actions
            .entry(entry["action"].as_str().unwrap().to_owned())
            .or_default()
            .push(recording);
    }
    for once in [
        "LOG_STARTED",
        "CASE_OPENED",
        "LIST_FROZEN",
        "PACKAGE_SEALED",
        "PACKAGE_DELIVERED",
        "CASE_CLOSED",
    ] {
        assert_eq!(actions[once].len(), 1, "{once}: {actions:?}");
    }
    let mut retrieved = actions["RECORDING_RETRIEVED"].clone();
    retrieved.sort();
    assert!(retrieved.len() >= 2);
    for once in [
        "DETECTION_DONE",
        "REVIEW_FINISHED",
        "CALL_APPROVED",
        "RECORDING_REDACTED",
        "RECORDING_DELIVERED",
    ] {
        let mut recordings = actions[once].clone();
        recordings.sort();
        assert_eq!(recordings, retrieved, "{once}: once a call");
    }
    retrieved.dedup();
    assert_eq!(
        retrieved.len(),
        actions["RECORDING_RETRIEVED"].len(),
        "no call twice"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_cleanly_and_says_so() {
    let world = tempfile::tempdir().unwrap();
    let out = world.path().join("out");
    let mut command = demo_command(world.path(), &out);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        lines
            .by_ref()
            .any(|line| line.unwrap().starts_with("Freeze"))
    );
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    drop(lines);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    let message = String::from_utf8(ended.stderr).unwrap();
    assert!(
        message.contains("Stopped") && message.contains("goes on from here"),
        "{message}"
    );
}
