//! The help of every command, as committed: a changed flag is a changed contract.
//!
//! `SAR_UPDATE_SNAPSHOTS=1 cargo test -p cli help` writes the file anew.

use std::{env, fs, path::Path};

use super::support::sar;

const COMMANDS: [&str; 58] = [
    "",
    "demo",
    "sandbox",
    "detect",
    "evaluate",
    "redact",
    "verify-redaction",
    "case",
    "case connect",
    "case new",
    "case list",
    "case show",
    "case verify",
    "case search",
    "case freeze",
    "case retrieve",
    "case leave-out",
    "case restore",
    "case hold",
    "case detect",
    "case review",
    "case approve",
    "case package",
    "case deliver",
    "case close",
    "source",
    "source add",
    "source list",
    "source remove",
    "source sign-in",
    "source sign-out",
    "export",
    "package",
    "package build",
    "package verify",
    "package open",
    "package key",
    "audit",
    "audit verify",
    "audit list",
    "audit export",
    "audit key",
    "audit rotate-key",
    "recovery",
    "recovery show",
    "recovery restore",
    "corrections",
    "corrections list",
    "corrections remove",
    "drill",
    "serve",
    "gateway",
    "gateway client",
    "gateway client add",
    "gateway client list",
    "gateway client remove",
    "gateway import",
    "gateway secret",
];

#[test]
fn the_help_is_as_committed() {
    let mut help = String::new();
    for command in COMMANDS
        .iter()
        .chain(&["audit prove", "audit check-proof", "bench"])
    {
        let run = sar(command.split_whitespace().chain(["--help"])).ok();
        assert!(run.stderr.is_empty(), "{run:?}");
        help += &format!("$ sar {command} --help\n{}\n", run.stdout);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/help.txt");
    if env::var_os("SAR_UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &help).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let changed = help.lines().zip(committed.lines()).find(|(a, b)| a != b);
    assert!(
        help == committed,
        "the help changed, first at {changed:?}; see the head of this file"
    );
}

#[test]
fn every_listed_command_is_covered_here() {
    let overview = sar(["--help"]).ok().stdout;
    let section = overview.split("Commands:").nth(1).unwrap();
    for line in section.lines().skip(1).take_while(|line| !line.is_empty()) {
        let name = line.split_whitespace().next().unwrap();
        let known = COMMANDS.contains(&name) || ["bench", "help"].contains(&name);
        assert!(known, "`{name}` has no committed help");
    }
}
