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

/// When a run is killed: so many milliseconds after its n-th line, or after a line of that step.
#[derive(Debug, Clone, Copy)]
enum Kill {
    Line(usize, u64),
    Step(&'static str, u64),
}

/// Deterministic, and spread over every step: right after a line is printed, and in the middle of what
/// comes next. A run that goes on prints `Source` and `Case` first, so the third line is news.
const KILLS: [Kill; 24] = [
    Kill::Line(1, 0),
    Kill::Line(1, 0),
    Kill::Line(1, 120),
    Kill::Line(2, 0),
    Kill::Line(3, 2),
    Kill::Line(2, 700),
    Kill::Line(3, 0),
    Kill::Step("Freeze", 0),
    Kill::Line(3, 0),
    Kill::Line(2, 900),
    Kill::Line(3, 150),
    Kill::Line(4, 1_900),
    Kill::Line(2, 2_300),
    Kill::Step("Detect", 0),
    Kill::Line(3, 0),
    Kill::Line(4, 3),
    Kill::Step("Approve", 0),
    Kill::Line(2, 250),
    Kill::Step("Redact", 300),
    Kill::Step("Seal", 0),
    Kill::Step("Deliver", 0),
    Kill::Line(2, 100),
    Kill::Line(3, 0),
    Kill::Line(7, 0),
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

    /// Waits for the moment; false when the demo ends before.
    fn reaches(&self, kill: Kill) -> bool {
        let (reached, later_ms) = match kill {
            Kill::Line(nth, later_ms) => (self.lines.iter().nth(nth - 1).is_some(), later_ms),
            Kill::Step(name, later_ms) => (
                self.lines.iter().any(|line| line.starts_with(name)),
                later_ms,
            ),
        };
        pause(Duration::from_millis(if reached { later_ms } else { 0 }));
        reached
    }

    fn kill(mut self) {
        // On Unix this is SIGKILL: no handler runs.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// S0-62: the promise of the durable queue, with the real process.
#[test]
fn a_demo_killed_at_many_moments_ends_like_any_other() {
    let world = tempfile::tempdir().unwrap();
    let out = world.path().join("out");
    let mut missed = Vec::new();
    for kill in KILLS {
        let running = Running::start(world.path(), &out);
        if !running.reaches(kill) {
            missed.push(kill);
        }
        running.kill();
    }
    // A step that was over when the run before it was killed does not print its line again.
    assert!(
        KILLS.len() - missed.len() >= 18,
        "these kills missed: {missed:?}"
    );
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
        [
            ".sample-data",
            "audit-log",
            "log.vkey",
            "passphrase.txt",
            "signer.pub"
        ],
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
