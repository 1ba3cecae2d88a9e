//! Runs `benches/sequential_download.py` where `cargo xtask bench` says it is.

use std::{
    env, fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use sandbox::Bulk;
use serde::Deserialize;

use super::Login;
use crate::{failure::Failure, files::unwritable};

/// Set by `cargo xtask bench`: the Python with `requests`, and the script.
const PYTHON: &str = "SAR_BENCH_PYTHON";
const SCRIPT: &str = "SAR_BENCH_SEQUENTIAL_DOWNLOAD";

#[derive(Deserialize)]
struct Took {
    seconds: f64,
}

/// Seconds for the first `count` recordings; `None` when there is no Python to compare with.
pub(super) fn seconds(login: &Login, count: u32, folder: &Path) -> Result<Option<f64>, Failure> {
    let (Some(python), Some(script)) = (env::var_os(PYTHON), env::var_os(SCRIPT)) else {
        return Ok(None);
    };
    let out = folder.join("sequential");
    fs::create_dir_all(&out).map_err(|error| unwritable(&out, error.kind()))?;
    let mut command = Command::new(python);
    command
        .arg(script)
        .args([&login.api_url, &login.login_url])
        .args([&login.client_id, &login.client_secret])
        .arg(&out);
    let ids: String = (0..count)
        .map(|number| {
            format!(
                "{} {}\n",
                Bulk::conversation_id(number),
                Bulk::recording_id(number)
            )
        })
        .collect();
    let answer = run(command, ids.as_bytes()).map_err(|why| failed(&why))?;
    let took: Took = serde_json::from_slice(&answer).map_err(|why| failed(&why.to_string()))?;
    fs::remove_dir_all(&out).map_err(|error| unwritable(&out, error.kind()))?;
    Ok(Some(took.seconds))
}

fn run(mut command: Command, input: &[u8]) -> Result<Vec<u8>, String> {
    let spawned = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut process = spawned.map_err(|error| error.kind().to_string())?;
    if let Some(mut stdin) = process.stdin.take() {
        stdin
            .write_all(input)
            .map_err(|error| error.kind().to_string())?;
    }
    let output = process
        .wait_with_output()
        .map_err(|error| error.kind().to_string())?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().last().unwrap_or("no reason").to_owned())
}

fn failed(why: &str) -> Failure {
    Failure::unavailable(
        format!("The sequential download in Python could not be measured: {why}"),
        "Run `cargo xtask setup`, then `cargo xtask bench retrieve`.",
    )
}
