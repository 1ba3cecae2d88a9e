//! The vendor's own SDK against the sandbox: what it reads is what was planted.
//!
//! `drive.py` signs in, searches, downloads and reads a transcript with the official Python SDK, which knows
//! only the published definition. `cargo xtask setup` installs the SDK; where it is absent, this says that it
//! was not performed.

#[cfg(test)]
mod planted;

#[cfg(test)]
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

#[cfg(test)]
use sandbox::{Sandbox, SandboxOptions};
#[cfg(test)]
use serde_json::Value;

/// Importing the SDK alone takes some seconds.
#[cfg(test)]
const WITHIN: Duration = Duration::from_secs(120);

#[cfg(test)]
#[tokio::test]
async fn the_official_sdk_reads_what_was_planted() {
    let Some(python) = python() else {
        not_performed("the official Python SDK is absent");
        return;
    };
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let read = drive(&python, &sandbox).await;
    assert_eq!(read["lost"], serde_json::json!([]), "fields the SDK lost");
    planted::signed_in(&read, &sandbox);
    planted::found(&read);
    planted::listed(&read, &sandbox);
    planted::batched(&read, &sandbox);
    planted::one(&read, &sandbox);
    planted::transcribed(&read);
    planted::refused(&read);
    sandbox.stop().await;
}

/// The Python that the set-up gave the SDK to.
#[cfg(test)]
fn python() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3)?;
    let tools = root.join("target/tools/python");
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    let python = tools
        .join(folder)
        .join(format!("python{}", std::env::consts::EXE_SUFFIX));
    let mut asked = std::process::Command::new(&python);
    let find =
        "import importlib.util as u, sys; sys.exit(not u.find_spec('PureCloudPlatformClientV2'))";
    let found = asked.args(["-c", find]).status();
    found.is_ok_and(|status| status.success()).then_some(python)
}

#[cfg(test)]
fn not_performed(why: &str) {
    eprintln!("NOT PERFORMED: {why}; `cargo xtask setup` installs it");
}

#[cfg(test)]
async fn drive(python: &Path, sandbox: &Sandbox) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk/drive.py");
    // The SDK reads a configuration file of the person who runs it; here there is none.
    let home = std::env::temp_dir();
    let (urls, login) = (sandbox.urls(), sandbox.credentials());
    let mut command = tokio::process::Command::new(python);
    command
        .arg(script)
        .args([&urls.api_url, &urls.login_url])
        .args([login.client_id, login.client_secret, sandbox.interval()])
        .env("HOME", &home)
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let ended = tokio::time::timeout(WITHIN, command.output()).await;
    let output = ended.expect("the SDK did not end in time").unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}
