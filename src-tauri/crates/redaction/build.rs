//! Tells the crate the digest of its rules and name lists, so that every plan can name them exactly.
//!
//! The digest is SHA-256 over each file of `src/detect`, `src/detect.rs` and `data`, in order of their names:
//! name, line feed, length of the content, line feed, content. Line ends count as one line feed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

const RULES: [&str; 3] = ["data", "src/detect", "src/detect.rs"];

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for path in RULES {
        println!("cargo::rerun-if-changed={path}");
        add(Path::new(path), &mut files)?;
    }
    let mut named: Vec<(String, PathBuf)> = files.into_iter().map(|it| (name(&it), it)).collect();
    named.sort();
    let mut digest = Sha256::new();
    for (name, path) in named {
        let text = fs::read_to_string(path)?.replace("\r\n", "\n");
        digest.update(format!("{name}\n{}\n{text}", text.len()));
    }
    let digest: String = digest
        .finalize()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    println!("cargo::rustc-env=DETECTOR_RULES_SHA256={digest}");
    Ok(())
}

/// Every file below a path.
fn add(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        add(&entry?.path(), files)?;
    }
    Ok(())
}

/// The path with slashes on every system.
fn name(path: &Path) -> String {
    let parts = path.components().map(|it| it.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}
