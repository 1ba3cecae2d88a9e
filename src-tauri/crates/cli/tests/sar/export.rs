//! `sar export` killed in the middle, and on a disk that fills up: what is there is whole, and the same command
//! goes on.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use evidence::{
    export_csv::{CustodyLine, read_custody},
    hashing::sha256,
};

use super::{
    full_disk::may_mount,
    support::{
        Run,
        desk::Desk,
        run,
        served::{Served, pause},
    },
};

/// Recordings of a second each, slow enough that a kill finds some on their way.
const SCENARIO: &str = r#"
rate_limit_per_minute = 0
transcode_ms = 0
bulk = { recordings = 40, seconds = 2 }
[[fault]]
host = "media"
path = "/recordings/*"
action = { kind = "slow", bytes_per_second = 400000 }
"#;

/// Milliseconds after the list was made at which a run is killed.
const KILLED_AFTER_MS: [u64; 5] = [0, 40, 350, 700, 1_100];

struct World {
    desk: Desk,
    _served: Served,
}

impl World {
    fn new() -> Self {
        let desk = Desk::new();
        let scenario = desk.path("scenario.toml");
        fs::write(&scenario, SCENARIO).unwrap();
        let served = Served::start(&["--scenario", scenario.to_str().unwrap()]);
        desk.connect(&served).ok();
        Self {
            desk,
            _served: served,
        }
    }

    fn export(&self, out: &Path) -> Command {
        let out = out.to_str().unwrap();
        let query = "timestamp:[2026-05-01T00:00:00.000Z TO 2026-05-01T23:59:59.999Z]";
        let args = ["export", "--query", query, "--out", out, "--at-once", "4"];
        self.desk.command("ann", &args)
    }

    /// Runs the export until so long after its list is there, and ends it with SIGKILL; whether it was still at work.
    fn killed(&self, out: &Path, after_ms: u64) -> bool {
        let mut command = self.export(out);
        let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let is_listed = lines.any(|line| line.contains("Listed") || line.contains("Going on"));
        assert!(is_listed, "the list is made");
        pause(Duration::from_millis(after_ms));
        let is_at_work = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        is_at_work
    }
}

/// Every file of the set with its bytes.
fn files(set: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(set).unwrap().map(Result::unwrap);
    let files = entries.filter(|it| it.path().is_file());
    let read = |it: fs::DirEntry| {
        let name = it.file_name().into_string().unwrap();
        (name, fs::read(it.path()).unwrap())
    };
    files.map(read).collect()
}

/// Every sidecar names a file that is there with its digest, and no name promises more than there is.
fn assert_whole(set: &Path) -> usize {
    let files = files(set);
    let sidecars = files.iter().filter(|(name, _)| name.ends_with(".sha256"));
    let mut count = 0;
    for (_, line) in sidecars {
        let line = String::from_utf8(line.clone()).unwrap();
        let (digest, name) = line.trim_end().split_once("  ").unwrap();
        assert_eq!(sha256(&files[name]).hex(), digest, "{name}");
        count += 1;
    }
    count
}

fn custody(set: &Path) -> Vec<CustodyLine> {
    read_custody(&fs::read(set.join("chain_of_custody.csv")).unwrap()).unwrap()
}

/// What of a set does not depend on when it was made.
fn lasting(set: &Path) -> Vec<(String, String, String)> {
    let lines = custody(set).into_iter();
    lines
        .map(|it| (it.recording_id, it.file_name, it.sha256.hex()))
        .collect()
}

/// S2-24: killed again and again, it ends as one that was not, with each recording once.
#[test]
fn a_killed_export_ends_like_one_that_was_not() {
    let world = World::new();
    let (killed, undisturbed) = (world.desk.path("killed"), world.desk.path("undisturbed"));
    let mut at_work = 0;
    for after_ms in KILLED_AFTER_MS {
        at_work += usize::from(world.killed(&killed, after_ms));
        assert!(!killed.join("chain_of_custody.csv").exists() || at_work == 0);
        assert_whole(&killed);
    }
    assert!(at_work >= 3, "the kills find it at work");
    let so_far: Vec<_> = files(&killed)
        .into_iter()
        .filter(|(name, _)| name.ends_with(".json"))
        .collect();
    let report = run(&mut world.export(&killed)).ok().json();
    assert_eq!(report["counts"]["retrieved"], 40, "{report}");
    assert_eq!(assert_whole(&killed), 40);
    for (name, bytes) in so_far {
        // What a killed run had finished was not downloaded again.
        assert!(
            files(&killed)[&name] == bytes || !name.starts_with("b01c"),
            "{name}"
        );
    }
    run(&mut world.export(&undisturbed)).ok();
    assert_eq!(lasting(&killed), lasting(&undisturbed));
    let names = |set: &Path| files(set).into_keys().collect::<Vec<_>>();
    assert_eq!(names(&killed), names(&undisturbed));
    let before = files(&killed);
    run(&mut world.export(&killed)).ok();
    assert_eq!(before, files(&killed), "a later run changes no byte");
}

/// Mounts a small disk, exports onto it, looks, makes room, exports again, and copies what came out.
const SCRIPT: &str = r#"
world=$1; size=$2; shift 2
mount -t tmpfs -o "size=${size}k" tmpfs "$world/disk" || exit 1
"$@" >"$world/first.out" 2>"$world/first.err"; echo $? >"$world/first.code"
cp -a "$world/disk/set" "$world/left"
mount -o "remount,size=300000k" "$world/disk" || exit 1
"$@" >"$world/second.out" 2>"$world/second.err"; echo $? >"$world/second.code"
cp -a "$world/disk/set" "$world/set" || exit 1
"#;

#[expect(clippy::print_stderr, reason = "a test that was not performed says so")]
fn fills_up(size_kb: u32) {
    let world = World::new();
    let root = world.desk.path("world");
    fs::create_dir_all(root.join("disk")).unwrap();
    if !may_mount(&root.join("disk")) {
        eprintln!("not performed: this system does not let a test mount a disk of its own");
        return;
    }
    let export = world.export(&root.join("disk/set"));
    let mut command = Command::new("unshare");
    command
        .args(["--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"])
        .arg(&root)
        .arg(size_kb.to_string())
        .arg(export.get_program())
        .args(export.get_args());
    for (name, value) in export.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    assert!(command.status().unwrap().success(), "{size_kb}");
    let text = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let ended = |name: &str| Run {
        code: text(&format!("{name}.code")).trim().parse().unwrap(),
        stdout: text(&format!("{name}.out")),
        // Progress comes before the error.
        stderr: text(&format!("{name}.err"))
            .lines()
            .filter(|it| it.starts_with("sar: "))
            .collect(),
    };
    ended("first").fails(3, &["the disk is full"]);
    let left = root.join("left");
    for name in ["chain_of_custody.csv", "report.json", "exceptions.csv"] {
        assert!(
            !left.join(name).exists(),
            "{size_kb}: {name} speaks of a finished set"
        );
    }
    assert!(
        !files(&left).keys().any(|name| name.ends_with(".partial")),
        "{size_kb}"
    );
    let before = assert_whole(&left);
    let report = ended("second").ok().json();
    assert_eq!(report["counts"]["retrieved"], 40, "{size_kb}: {report}");
    assert_eq!(assert_whole(&root.join("set")), 40);
    // What was whole stayed.
    let (left, set) = (files(&left), files(&root.join("set")));
    let kept = left
        .iter()
        .filter(|(name, bytes)| name.ends_with(".sha256") && set[*name] == **bytes);
    assert_eq!(kept.count(), before);
}

#[test]
fn a_disk_that_fills_up_with_recordings_is_named_and_the_export_goes_on() {
    fills_up(900);
}

#[test]
fn a_disk_without_room_for_the_list_is_named() {
    fills_up(24);
}
