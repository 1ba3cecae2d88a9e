//! `demo`: the app on the built-in sandbox organization.

use crate::args::DemoOptions;
use crate::setup::{self, Purpose};
use crate::{process, ui, workspace};
use anyhow::Context;
use std::path::Path;

/// Opens the window, or runs the whole case on the command line where no window can be shown.
pub(crate) fn run(options: &DemoOptions) -> anyhow::Result<()> {
    if options.headless || options.out.is_some() || !has_display() {
        return headless(options.out.as_deref());
    }
    setup::run(Purpose::WindowDemo)?;
    ui::build_if_stale()?;
    process::run(&mut workspace::cargo(&[
        "run",
        "--package",
        "sar-portal",
        "--",
        "--sandbox",
    ]))
}

fn headless(out: Option<&Path>) -> anyhow::Result<()> {
    setup::run(Purpose::HeadlessDemo)?;
    let mut command = workspace::cargo(&["run", "--package", "cli", "--bin", "sar", "--", "demo"]);
    if let Some(folder) = out {
        // The command runs at the top folder, the caller may stand elsewhere.
        let folder = std::path::absolute(folder).context("the folder given with `--out`")?;
        command.arg("--out").arg(folder);
    }
    process::run(&mut command)
}

fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}
