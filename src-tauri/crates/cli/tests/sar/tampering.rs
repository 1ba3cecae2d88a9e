//! Changing any byte of what was delivered makes a check fail that names the part.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::support::{Run, command, finished_demo, names, run, sar};

fn verify(package: &Path) -> Run {
    sar([
        Path::new("package"),
        "verify".as_ref(),
        "--json".as_ref(),
        package,
        "--passphrase-file".as_ref(),
        &finished_demo().passphrase_file(),
    ])
}

/// Changes one bit of a file, or changes it back.
fn flip(path: &Path, at: u64) {
    let mut file = File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[byte[0] ^ 0x10]).unwrap();
}

fn copy_of_package(dir: &Path) -> PathBuf {
    let copy = dir.join("copy.zip");
    fs::copy(finished_demo().package(), &copy).unwrap();
    copy
}

/// S0-80: the container, the content and the directory at its end.
#[test]
fn any_changed_byte_of_a_package_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let package = copy_of_package(dir.path());
    verify(&package).ok();
    let size = fs::metadata(&package).unwrap().len();
    let spread = (0..12).map(|step| size / 13 * step + 997 * step);
    let edges = [
        0,
        4,
        30,
        60,
        size - 1,
        size - 12,
        size - 22,
        size - 200,
        size - 3_000,
    ];
    for at in edges.into_iter().chain(spread) {
        flip(&package, at);
        let run = verify(&package).fails(1, &["is not verified"]);
        let report = run.json();
        let checks = report["checks"].as_array().unwrap();
        let failed = checks.iter().find(|check| check["outcome"] == "failed");
        let part = failed.and_then(|check| check["part"].as_str());
        assert!(
            part.is_some_and(|part| !part.is_empty()),
            "byte {at}: {report}"
        );
        flip(&package, at);
    }
    verify(&package).ok();
}

#[test]
fn a_cut_package_or_another_passphrase_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let package = copy_of_package(dir.path());
    let wrong = dir.path().join("wrong.txt");
    fs::write(&wrong, "seven-other-words\n").unwrap();
    let mut other = command();
    other
        .args(["package", "verify"])
        .arg(&package)
        .env("SAR_PASSPHRASE_FILE", &wrong);
    run(&mut other).fails(1, &["does not open with this passphrase"]);
    let size = fs::metadata(&package).unwrap().len();
    File::options()
        .write(true)
        .open(&package)
        .unwrap()
        .set_len(size / 2)
        .unwrap();
    verify(&package).fails(1, &["is not verified"]);
}

#[test]
fn a_package_opens_into_an_empty_folder_only() {
    let demo = finished_demo();
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("opened");
    let open = || {
        sar([
            Path::new("package"),
            "open".as_ref(),
            &demo.package(),
            "--passphrase-file".as_ref(),
            &demo.passphrase_file(),
            "--out".as_ref(),
            &out,
        ])
    };
    open().ok();
    assert!(
        out.join("data/recordings/0001.wav").is_file(),
        "{:?}",
        names(&out)
    );
    assert!(
        names(&out).iter().all(|name| !name.starts_with('.')),
        "{:?}",
        names(&out)
    );
    open().fails(2, &["not an empty folder"]);
    check_proof(&out.join("proof")).ok();
    fs::write(out.join("proof/entry.json"), "{}").unwrap();
    check_proof(&out.join("proof")).fails(1, &["does not hold"]);
}

/// The proof in a package holds without the package.
fn check_proof(folder: &Path) -> Run {
    let mut check = command();
    check.args(["audit", "check-proof"]);
    for (flag, name) in [
        ("--entry", "entry.json"),
        ("--proof", "delivery.tlog-proof"),
        ("--key", "log.vkey"),
    ] {
        check.arg(flag).arg(folder.join(name));
    }
    run(&mut check)
}

#[test]
fn a_changed_package_is_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    let package = copy_of_package(dir.path());
    let size = fs::metadata(&package).unwrap().len();
    flip(&package, size / 2);
    let out = dir.path().join("opened");
    let run = sar([
        Path::new("package"),
        "open".as_ref(),
        &package,
        "--passphrase-file".as_ref(),
        &finished_demo().passphrase_file(),
        "--out".as_ref(),
        &out,
    ]);
    run.fails(1, &["is not verified"]);
    assert!(!out.exists(), "nothing was copied out");
}

#[test]
fn any_changed_byte_of_an_exported_log_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    copy_folder(&finished_demo().out.join("audit-log"), &log);
    let verify = || {
        sar([
            Path::new("audit"),
            "verify".as_ref(),
            "--json".as_ref(),
            &log,
        ])
    };
    verify().ok();
    for file in files(&log) {
        let size = fs::metadata(&file).unwrap().len();
        for at in [0, 1, size / 3, size / 2, size - 2, size - 1] {
            flip(&file, at);
            let run = verify().fails(1, &["is not verified"]);
            assert!(
                run.stdout.contains("\"part\":"),
                "{}, byte {at}: {run:?}",
                file.display()
            );
            flip(&file, at);
        }
    }
    fs::write(log.join("note.txt"), "x").unwrap();
    verify().fails(1, &["note.txt"]);
    fs::remove_file(log.join("note.txt")).unwrap();
    fs::remove_file(log.join("checkpoint")).unwrap();
    verify().fails(1, &["checkpoint"]);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn copy_folder(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
}
