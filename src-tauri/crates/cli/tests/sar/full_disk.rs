//! A disk that fills up at any step: the message says so, nothing half-written stays, and the same
//! command goes on once there is room.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use super::support::{demo_command, finished_demo, names, packages, run, sar, seven_zip_accepts};

/// Room for everything.
const ENOUGH_KB: u32 = 300_000;

/// Mounts a small disk, runs the demo on it, makes room, runs it again, and copies what came out.
const SCRIPT: &str = r#"
sar=$1; world=$2; size=$3; enough=$4
demo() {
    "$sar" demo --out "$world/disk/out" >"$world/$1.out" 2>"$world/$1.err"
    echo $? >"$world/$1.code"
}
mount -t tmpfs -o "size=${size}k" tmpfs "$world/disk" || exit 1
demo first
ls "$world/disk/out" >"$world/left"
mount -o "remount,size=${enough}k" "$world/disk" || exit 1
demo second
cp -a "$world/disk/out" "$world/out" || exit 1
"#;

/// Whether this system lets a test mount a disk of its own; some containers do not.
pub(crate) fn may_mount(world: &Path) -> bool {
    let mut probe = Command::new("unshare");
    probe
        .args([
            "--map-root-user",
            "--mount",
            "mount",
            "-t",
            "tmpfs",
            "tmpfs",
        ])
        .arg(world);
    // `unshare` is part of util-linux, which `cargo xtask setup` installs.
    probe.status().unwrap().success()
}

/// Runs the script in a world of its own.
fn fill(world: &Path, size_kb: u32) {
    fs::create_dir_all(world.join("disk")).unwrap();
    let program = demo_command(world, Path::new("unused"));
    let mut command = Command::new("unshare");
    command
        .args(["--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"])
        .arg(program.get_program())
        .arg(world)
        .arg(size_kb.to_string())
        .arg(ENOUGH_KB.to_string())
        .current_dir(world.join("cwd"));
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    assert!(command.status().unwrap().success(), "{size_kb}");
}

fn text(world: &Path, name: &str) -> String {
    fs::read_to_string(world.join(name)).unwrap()
}

fn assert_said_clearly(world: &Path, size_kb: u32) {
    let message = text(world, "first.err");
    assert_eq!(
        text(world, "first.code").trim(),
        "3",
        "{size_kb}: {message}"
    );
    assert!(
        message.starts_with("sar: ") && message.contains("the disk is full"),
        "{size_kb}: {message}"
    );
    assert!(message.contains("Make room"), "{size_kb}: {message}");
    assert_eq!(message.lines().count(), 2, "{size_kb}: {message}");
    for trace in ["ZipWriter", "Error", "panicked", "Os {", "code:"] {
        assert!(!message.contains(trace), "{size_kb}: {message}");
    }
    assert!(
        !text(world, "left").contains(".zip"),
        "{size_kb}: a package is whole or not there"
    );
}

/// How many files the vault holds.
fn sealed_files(out: &Path) -> usize {
    let folders = fs::read_dir(out.join(".sample-data/store/vault")).unwrap();
    let files = folders.flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap());
    files.count()
}

fn assert_finished(world: &Path, size_kb: u32) {
    let message = text(world, "second.err");
    assert_eq!(
        text(world, "second.code").trim(),
        "0",
        "{size_kb}: {message}"
    );
    let out = world.join("out");
    let packages = packages(&out);
    assert_eq!(packages.len(), 1, "{size_kb}: {packages:?}");
    let rest: Vec<_> = names(&out)
        .into_iter()
        .filter(|name| !name.ends_with(".zip"))
        .collect();
    let expected = [
        ".sample-data",
        "audit-log",
        "log.vkey",
        "passphrase.txt",
        "signer.pub",
    ];
    assert_eq!(rest, expected);
    let undisturbed = sealed_files(&finished_demo().out);
    assert_eq!(
        sealed_files(&out),
        undisturbed,
        "{size_kb}: nothing stays of what failed"
    );
    let passphrase = text(&out, "passphrase.txt");
    assert!(seven_zip_accepts(&packages[0], passphrase.trim_end()));
    sar([
        "audit".as_ref(),
        "verify".as_ref(),
        out.join("audit-log").as_os_str(),
    ])
    .ok();
}

#[expect(clippy::print_stderr, reason = "a test that was not performed says so")]
fn fills_up(size_kb: u32) {
    let world = tempfile::tempdir().unwrap();
    if !may_mount(world.path()) {
        eprintln!("not performed: this system does not let a test mount a disk of its own");
        return;
    }
    fill(world.path(), size_kb);
    assert_said_clearly(world.path(), size_kb);
    assert_finished(world.path(), size_kb);
}

#[test]
fn a_disk_that_fills_up_with_the_database_is_named() {
    fills_up(1_000);
}

#[test]
fn a_disk_that_fills_up_with_originals_is_named() {
    fills_up(10_000);
}

#[test]
fn a_disk_that_fills_up_with_redacted_calls_is_named() {
    fills_up(30_000);
}

#[test]
fn a_disk_that_fills_up_with_the_package_is_named() {
    fills_up(70_000);
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_is_full_is_named() {
    let world = tempfile::tempdir().unwrap();
    let mut command = demo_command(world.path(), &world.path().join("out"));
    let full = File::options().write(true).open("/dev/full").unwrap();
    let ended = command.stdout(full).output().unwrap();
    let message = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(3), "{message}");
    assert!(
        message.contains("The output could not be written"),
        "{message}"
    );
    // The same command goes on.
    run(&mut demo_command(world.path(), &world.path().join("out"))).ok();
}
