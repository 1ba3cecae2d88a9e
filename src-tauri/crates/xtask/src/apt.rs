//! apt-get: installing what dpkg does not list.

use crate::{process, workspace};
use anyhow::{Context, bail};
use std::process::{Command, Stdio};

/// Installs Debian packages, as root or through `sudo`; where neither works, says what to type.
pub(crate) fn install(missing: &[&'static str]) -> anyhow::Result<()> {
    let list = missing.join(", ");
    let by_hand = by_hand(missing);
    let Some(privilege) = Privilege::find() else {
        bail!(
            "these Debian packages are missing, and only root may install them: {list}\n\
             hint: run\n  {by_hand}"
        );
    };
    process::say(&format!("Installing {list}"));
    update_and_install(privilege, missing).with_context(|| {
        format!(
            "these Debian packages could not be installed: {list}\n\
             hint: check the network and the apt sources, then run\n  {by_hand}\n\
             reason"
        )
    })
}

fn by_hand(missing: &[&str]) -> String {
    format!(
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
        missing.join(" ")
    )
}

fn update_and_install(privilege: Privilege, missing: &[&str]) -> anyhow::Result<()> {
    // Without fresh lists apt-get asks for versions that the mirror has replaced.
    apt_get(privilege, &["update", "-q"])?;
    let install = ["install", "-q", "-y", "--no-install-recommends"];
    apt_get(privilege, &[&install[..], missing].concat())
}

/// How this process may install packages.
#[derive(Debug, Clone, Copy)]
enum Privilege {
    Root,
    Sudo,
}

impl Privilege {
    fn find() -> Option<Self> {
        if process::answer(Command::new("id").arg("-u"))? == "0" {
            return Some(Self::Root);
        }
        // `-n` never asks for a password: a question nobody sees would hang the build.
        process::answer(Command::new("sudo").args(["-n", "true"])).map(|_| Self::Sudo)
    }
}

fn apt_get(privilege: Privilege, words: &[&str]) -> anyhow::Result<()> {
    let mut command = match privilege {
        Privilege::Root => workspace::command("env"),
        Privilege::Sudo => {
            let mut sudo = workspace::command("sudo");
            sudo.args(["-n", "env"]);
            sudo
        }
    };
    // Another apt-get may hold the lock, for instance unattended upgrades.
    command
        .args([
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-o",
            "DPkg::Lock::Timeout=300",
        ])
        .args(words)
        .stdin(Stdio::null());
    process::run(&mut command)
}
