//! A large recording through the gateway, with little memory.
#![cfg(target_os = "linux")]

use std::{fs, io::Write, path::Path};

use serde_json::json;

use super::support::gateway::Gateway;

const AMELIA: &str = "+447700900123";
const TENANT: &str = "household";

/// A large file of silence, most of which is no disk.
fn large(dir: &Path, bytes: u64) {
    let path = dir.join("share/large.wav");
    let mut file = fs::File::create(path).unwrap();
    let length = u32::try_from(bytes - 8).unwrap().to_le_bytes();
    let data = u32::try_from(bytes - 44).unwrap().to_le_bytes();
    let format = b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data";
    file.write_all(&[b"RIFF".as_slice(), &length, format, &data].concat())
        .unwrap();
    file.set_len(bytes).unwrap();
    let about = json!({"begin": "2021-03-01T09:00:00Z", "who": [AMELIA]});
    fs::write(dir.join("share/large.json"), about.to_string()).unwrap();
}

/// Most memory that the process ever had, in MiB.
fn peak_mib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|it| it.starts_with("VmHWM:")).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024
}

// S1-15
#[test]
fn a_large_file_is_fetched_and_streamed_with_little_memory() {
    const SIZE: u64 = 200 << 20;
    let gateway = Gateway::start();
    large(gateway.dir.path(), SIZE);
    let token = gateway.token("tool", TENANT, &[]);
    // The passphrase is stretched with 64 MiB at the start, so this is the measure of everything before.
    let before = peak_mib(gateway.child.id());
    let job = gateway.wait(&gateway.retrieve("large", &token), &token);
    assert_eq!(job["status"], 200, "{job}");
    let media = gateway.open("GET", job["media_endpoint"].as_str().unwrap(), &token, None);
    assert_eq!(media.count(), Some(SIZE));
    let after = peak_mib(gateway.child.id());
    assert!(
        after < before + 64,
        "{before} MiB before, {after} MiB after"
    );
}
