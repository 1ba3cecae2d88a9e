//! Programs that we did not write, with which our files are made and checked.

use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
};

/// Whether all these programs are here; says so when one is not, because the test then shows nothing.
pub fn have(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| !is_here(program));
    if let Some(program) = missing {
        eprintln!("not performed: `{program}` is not installed; `cargo xtask setup` installs it");
    }
    missing.is_none()
}

fn is_here(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Runs a program in a folder; the test fails when the program does.
pub fn run(folder: &Path, command: &str) -> Vec<u8> {
    let mut words = command.split_whitespace();
    let output = Command::new(words.next().unwrap())
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{command}`: {errors}");
    output.stdout
}

/// What ffmpeg hears in a file: interleaved samples.
pub fn heard_by_ffmpeg(folder: &Path, file: &str) -> Vec<i16> {
    let command = format!("ffmpeg -v error -i {file} -f s16le -");
    samples(&run(folder, &command))
}

/// Samples of raw little-endian bytes.
pub fn samples(bytes: &[u8]) -> Vec<i16> {
    let pairs = bytes.chunks_exact(2);
    pairs
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

/// Writes a file for a program to read.
pub fn put(folder: &Path, name: &str, bytes: &[u8]) {
    File::create(folder.join(name))
        .unwrap()
        .write_all(bytes)
        .unwrap();
}

/// Reads a file that a program wrote.
pub fn get(folder: &Path, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    File::open(folder.join(name))
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}
