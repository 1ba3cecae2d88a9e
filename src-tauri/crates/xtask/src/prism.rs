//! Prism, with which the contract test holds our requests and the sandbox's answers against a published definition.

use crate::report::Verdict;
use crate::{process, ui, workspace};
use anyhow::Context;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

/// The last version that was tried.
const PACKAGE: &str = "@stoplight/prism-cli@5.14.2";
/// The version that is installed.
const STAMP: &str = ".installed";

/// Installs Prism below `target/tools` unless it is there. Without a connection to npm nothing is claimed: the contract
/// test says that it was not performed.
pub(crate) fn install() -> Verdict {
    let stamp = dir().join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == PACKAGE) {
        return Verdict::Passed;
    }
    let outcome = make().and_then(|()| {
        File::create(stamp)
            .and_then(|mut stamp| stamp.write_all(PACKAGE.as_bytes()))
            .context("the mark that Prism is installed could not be written")
    });
    match outcome {
        Ok(()) => Verdict::Passed,
        Err(error) => Verdict::NotPerformed(format!("Prism could not be installed: {error:#}")),
    }
}

fn make() -> anyhow::Result<()> {
    fs::create_dir_all(dir()).context("the folder of Prism could not be made")?;
    let mut install = ui::npm(&["install", "--no-audit", "--no-fund", "--prefix"]);
    process::run(install.arg(dir()).arg(PACKAGE).stdin(Stdio::null()))
}

fn dir() -> PathBuf {
    workspace::tools_dir().join("prism")
}
