//! The gateway does what `/openapi.json` says, and nothing else, whatever is sent: schemathesis, which we did not
//! write, makes the requests. `cargo xtask setup` installs it; where it is absent, this says that it was not performed.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::support::gateway::Gateway;

/// Requests made up for an address, beside those at the edges of every field.
const EXAMPLES: &str = "15";
/// The same requests at every run.
const SEED: &str = "1";
/// Rules between fields, such as an end after its start, cannot be written in a schema; a request that breaks one
/// is rightly refused.
const NOT_ASKED: &str = "positive_data_acceptance";

/// The schemathesis that the set-up installed.
fn schemathesis() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3)?;
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    let tools = root.join("target/tools/python").join(folder);
    let program = tools.join(format!("schemathesis{}", std::env::consts::EXE_SUFFIX));
    program.is_file().then_some(program)
}

fn run(program: &Path, gateway: &Gateway, token: &str, more: &[&str]) {
    let output = Command::new(program)
        // Its own files stay out of the project.
        .current_dir(gateway.dir.path())
        .arg("run")
        .arg(format!("{}/openapi.json", gateway.url))
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--phases", "examples,coverage,fuzzing", "--no-color"])
        .args(["--max-examples", EXAMPLES, "--seed", SEED])
        .args(["--exclude-checks", NOT_ASKED, "--continue-on-failure"])
        .args(more)
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains(" passed"), "{said}");
}

#[test]
fn every_answer_is_as_described() {
    let Some(program) = schemathesis() else {
        eprintln!("NOT PERFORMED: schemathesis is absent; `cargo xtask setup` installs it");
        return;
    };
    let gateway = Gateway::start();
    let token = gateway.token("other", "other", &[]);
    run(&program, &gateway, &token, &[]);
    // In front of every kind of source. A search of the platform takes minutes by itself, so it is not made up here.
    let token = gateway.token("tool", "household", &[]);
    let searches = [
        "--exclude-path",
        "/api/v2/search/recordings",
        "--exclude-path",
        "/api/v2/recordings/recordings/search",
    ];
    run(&program, &gateway, &token, &searches);
}
